//! What a credential opens: a session of the host's, or a personal access token (BOT-84, BOT-85).

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use subtle::ConstantTimeEq;

use super::cache::{KnownToken, Moment, Remembered, Traces};
use crate::engine::authenticate::{AuthError, Caller};
use crate::engine::error::{Failed, Fault};
use crate::engine::table;
use crate::engine::{Engine, State, address_key};
use crate::id::Millis;
use crate::port::{Audit, Credential, CredentialSource, Observation, Outcome, SessionKind, Subject};
use crate::security::{Rate, SecretDigest, TooOften};
use crate::token::{AccessToken, Cause, check_account};

/// Sets failures by address apart from what else is counted by address.
const FAILURES: [u8; 16] = *b"token failures\xFF\xFF";

/// How long the secret of a token is.
const SECRET_BYTES: usize = crate::id::ID_BYTES;

/// Where and when a credential is presented.
pub(in crate::engine) struct Door {
    pub(in crate::engine) address: Option<IpAddr>,
    pub(in crate::engine) now: Millis,
    pub(in crate::engine) source: CredentialSource,
    pub(in crate::engine) state: Arc<State>,
}

/// Why a credential opens nothing, and which token it is, if it is one.
type Closed = (Cause, Option<Arc<KnownToken>>);

impl Engine {
    /// Says whose credential this is: none if it opens nothing. For what is no request, such as the challenge of a
    /// websocket; the source is to be [`CredentialSource::Header`] there.
    ///
    /// One that may not be used as often as that opens nothing either, nor does a token in a query.
    ///
    /// # Errors
    ///
    /// The host's directory or storage failed.
    pub async fn caller(&self, credential: &Credential, address: Option<IpAddr>) -> Result<Option<Caller>, Fault> {
        let door = Door { address, now: self.now(), source: credential.source, state: self.state() };
        let opened = match self.open(&door, credential.expose()).await {
            Ok(Some(caller)) => {
                let is_query = credential.source == CredentialSource::Query;
                if is_query && caller.session().kind != SessionKind::OAuth {
                    return Ok(None);
                }
                self.used(&door, &caller).await.map(|()| Some(caller))
            }
            other => other,
        };
        match opened {
            Ok(caller) => Ok(caller),
            Err(Failed::Fault(fault)) => Err(fault),
            Err(Failed::Refused(_)) => Ok(None),
        }
    }

    /// Finds what a credential opens: a token that is remembered, a session of the host's, a token that is stored.
    pub(in crate::engine) async fn open(&self, door: &Door, token: &str) -> Result<Option<Caller>, Failed<AuthError>> {
        let failures = door.state.settings.tokens.limit_failures_per_address.zip(door.address.map(failures_key));
        if let Some((Rate { burst, per_second }, key)) = failures {
            self.limited(|limits| limits.check(key, burst, per_second, door.now.0)).map_err(too_many)?;
        }
        match self.opened(door, token).await? {
            Ok(caller) => return Ok(Some(caller)),
            Err((cause, token)) => self.audit_use(door.address, token.as_deref(), Err(cause.id())),
        }
        if let Some((Rate { burst, per_second }, key)) = failures {
            self.limited(|limits| limits.take(key, burst, per_second, door.now.0)).map_err(too_many)?;
        }
        Ok(None)
    }

    async fn opened(&self, door: &Door, token: &str) -> Result<Result<Caller, Closed>, Fault> {
        let directory = &self.shared.ports.directory;
        let cache = &self.shared.tokens.cache;
        let digest = (token.len() == SECRET_BYTES).then(|| SecretDigest::of(token));
        if let Some(digest) = &digest {
            let moment = cache.moment();
            let remembered = cache.get(digest, door.now);
            if !matches!(remembered, Remembered::Nothing) {
                let opened = self.open_token(door, digest, moment, remembered).await?;
                if !matches!(opened, Err((Cause::Unknown, _))) {
                    return Ok(opened);
                }
            }
        }
        if let Some(session) = directory.session(&Credential::new(door.source, token)).await? {
            return Ok(Ok(Caller::of_session(door.address, directory, session)));
        }
        match &digest {
            Some(digest) => self.open_token(door, digest, cache.moment(), Remembered::Nothing).await,
            None => Ok(Err((Cause::Unknown, None))),
        }
    }

    /// Finds a token and asks for its account. What changed while the account was asked for is looked at again.
    async fn open_token(
        &self,
        door: &Door,
        digest: &SecretDigest,
        moment: Moment,
        remembered: Remembered,
    ) -> Result<Result<Caller, Closed>, Fault> {
        let cache = &self.shared.tokens.cache;
        let Some(mut token) = self.known_token(door, digest, moment, remembered).await? else {
            return Ok(Err((Cause::Unknown, None)));
        };
        let mut standing = token.standing.check(door.now);
        if standing.is_ok() {
            let account = self.account(token.session.user_id).await?;
            standing = check_account(account.as_ref(), door.state.settings.tokens.enabled);
        }
        let later = cache.moment();
        if standing.is_ok() && later != moment {
            match self.known_token(door, digest, later, cache.get(digest, door.now)).await? {
                Some(again) => token = again,
                None => return Ok(Err((Cause::Unknown, None))),
            }
            standing = token.standing.check(door.now);
        }
        if let Err(cause) = standing {
            if cause == Cause::Expired && !token.traces.ended.swap(true, Ordering::Relaxed) {
                Box::pin(self.end_session_of(token.id)).await;
            }
            return Ok(Err((cause, Some(token))));
        }
        Ok(Ok(Caller::of_token(door.address, &self.shared.ports.directory, token)))
    }

    /// Returns what is remembered of a token since a moment, or what is stored.
    async fn known_token(
        &self,
        door: &Door,
        digest: &SecretDigest,
        moment: Moment,
        remembered: Remembered,
    ) -> Result<Option<Arc<KnownToken>>, Fault> {
        match remembered {
            Remembered::Fresh(token) => Ok(Some(token)),
            // Boxed, so that those who need no storage do not carry what waits for it.
            Remembered::Nothing => Box::pin(self.stored_token(door, digest, moment, Arc::default())).await,
            Remembered::Stale(token) => Box::pin(self.stored_token(door, digest, moment, token.traces.clone())).await,
        }
    }

    async fn stored_token(
        &self,
        door: &Door,
        digest: &SecretDigest,
        moment: Moment,
        traces: Arc<Traces>,
    ) -> Result<Option<Arc<KnownToken>>, Fault> {
        let cache = &self.shared.tokens.cache;
        let stored = table::get::<AccessToken>(&self.shared.ports.storage, digest.as_bytes()).await?;
        // A store that gives out another record opens nothing.
        let stored = stored.filter(|stored| stored.key.id.ct_eq(digest.as_bytes()).into());
        let Some(stored) = stored else {
            cache.drop_gone(digest);
            return Ok(None);
        };
        let token = KnownToken::new(stored.kind, door.now, traces);
        cache.put(moment, *digest, token.clone());
        Ok(Some(token))
    }

    /// Counts, audits and notes the use of a token.
    pub(in crate::engine) async fn used(&self, door: &Door, caller: &Caller) -> Result<(), Failed<AuthError>> {
        let Some(token) = caller.token() else { return Ok(()) };
        if let Some(Rate { burst, per_second }) = door.state.settings.tokens.limit_per_token {
            let taken = self.limited(|limits| limits.take(token.bucket, burst, per_second, door.now.0));
            if let Err(TooOften(retry_after)) = taken {
                let refused = AuthError::TooOften { retry_after };
                self.audit_use(caller.address(), Some(token), Err(refused.id()));
                return Err(Failed::Refused(refused));
            }
        }
        self.audit_use(caller.address(), Some(token), Ok(()));
        if self.shared.tokens.uses.note(token, door.now) {
            Box::pin(self.flush_noted()).await;
        }
        Ok(())
    }

    /// Tells the observer of the use of a token, or of what is none.
    pub(in crate::engine) fn audit_use(
        &self,
        address: Option<IpAddr>,
        token: Option<&KnownToken>,
        outcome: Result<(), &'static str>,
    ) {
        let user_id = token.map(|token| token.session.user_id);
        self.observer().observe(&Observation::Audit(Audit {
            action: "use",
            actor: user_id,
            address,
            outcome: outcome.map_or_else(Outcome::Refused, |()| Outcome::Done),
            subject: Subject::AccessToken { id: token.map(|token| token.id), user_id },
        }));
    }
}

fn failures_key(address: IpAddr) -> [u8; 16] {
    let mut key = address_key(address);
    key.iter_mut().zip(FAILURES).for_each(|(byte, mark)| *byte ^= mark);
    key
}

fn too_many(TooOften(retry_after): TooOften) -> Failed<AuthError> {
    Failed::Refused(AuthError::TooManyFailures { retry_after })
}
