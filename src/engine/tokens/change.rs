//! Changing tokens: off and on, a new secret, the end (BOT-83, BOT-100, INC-130).

use super::FreshToken;
use super::Managed;
use super::held::{Held, NamedToken, told_of};
use super::uses::forgotten;
use crate::engine::authenticate::Caller;
use crate::engine::error::{Failed, Fault};
use crate::engine::table::{self, Pages, Stored};
use crate::engine::{Engine, TRIES, random};
use crate::id::{SessionId, TokenId, TokenSecret, UserId};
use crate::port::{Action, Change, Effect, Outcome};
use crate::security::SecretDigest;
use crate::token::manage::{self, Purpose};
use crate::token::{AccessToken, TokenError, TokenRotation, TokenSettings};

impl Engine {
    /// Switches a token off: whoever uses it is refused from the moment that this returns (BOT-83).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn disable_access_token(&self, caller: &Caller, id: TokenId) -> Managed<()> {
        self.switch_token(caller, NamedToken::One(id), false).await
    }

    /// Switches a token on again (BOT-83).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn enable_access_token(&self, caller: &Caller, id: TokenId) -> Managed<()> {
        self.switch_token(caller, NamedToken::One(id), true).await
    }

    /// Revokes a token for good: whoever uses it is refused from the moment that this returns (BOT-83).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn revoke_access_token(&self, caller: &Caller, id: TokenId) -> Managed<()> {
        self.revoke_token(caller, NamedToken::One(id)).await
    }

    /// Gives a token a new secret, and perhaps another end (BOT-100). The old secret works on for a while if the request
    /// or the settings say so; the one before that ends now.
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn rotate_access_token(
        &self,
        caller: &Caller,
        id: TokenId,
        rotation: TokenRotation,
    ) -> Managed<FreshToken> {
        self.rotate_token(caller, NamedToken::One(id), rotation).await
    }

    pub(crate) async fn switch_token(&self, caller: &Caller, named: NamedToken, is_active: bool) -> Managed<()> {
        let purpose = if is_active { Purpose::Enable } else { Purpose::Disable };
        for _ in 0..TRIES {
            let held = self.held_for(caller, named, purpose).await?;
            let change =
                |stored: &Stored<AccessToken>| stored.replace(&AccessToken { is_active, ..stored.kind.clone() });
            let changes: Result<Vec<_>, _> = held.all().map(change).collect();
            if self.commit_tokens(changes?, &held).await? {
                self.audited::<()>(caller, purpose.word(), told_of(&held), Ok(()))?;
                if !is_active {
                    self.end_session_of(held.current.kind.id).await;
                }
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    pub(crate) async fn revoke_token(&self, caller: &Caller, named: NamedToken) -> Managed<()> {
        for _ in 0..TRIES {
            let held = self.held_for(caller, named, Purpose::Revoke).await?;
            if self.remove_token(&held).await? {
                self.audited::<()>(caller, Purpose::Revoke.word(), told_of(&held), Ok(()))?;
                self.end_session_of(held.current.kind.id).await;
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    pub(crate) async fn rotate_token(
        &self,
        caller: &Caller,
        named: NamedToken,
        rotation: TokenRotation,
    ) -> Managed<FreshToken> {
        let settings = self.with_settings(|settings| settings.tokens.clone());
        for _ in 0..TRIES {
            let held = self.held_for(caller, named, Purpose::Rotate).await?;
            let subject = told_of(&held);
            let made = self.rotated(caller, &held, &rotation, &settings).await;
            let (token, old) = self.audited_refusal(caller, Purpose::Rotate.word(), subject, made)?;
            let secret = TokenSecret::from_random(random(&self.shared.ports)?);
            let digest = SecretDigest::of(secret.expose());
            let mut changes = vec![table::insert(digest.as_bytes(), &token, &[])?];
            changes.push(match &old {
                Some(old) => held.current.replace(old)?,
                None => held.current.remove(),
            });
            changes.extend(held.retired.iter().map(Stored::remove));
            if self.commit_tokens(changes, &held).await? {
                self.audited::<()>(caller, Purpose::Rotate.word(), subject, Ok(()))?;
                if old.is_none() {
                    self.end_session_of(token.id).await;
                }
                return Ok(FreshToken { secret, token });
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    async fn rotated(
        &self,
        caller: &Caller,
        held: &Held,
        rotation: &TokenRotation,
        settings: &TokenSettings,
    ) -> Managed<(AccessToken, Option<AccessToken>)> {
        manage::need_own_session(caller.session().kind).map_err(Failed::Refused)?;
        let account = self.account(held.current.kind.user_id).await?;
        let account = account.ok_or(Failed::Refused(TokenError::NotFound))?;
        self.may_mint(caller, &account).await?;
        let made = manage::rotate(&held.current.kind, rotation, settings, self.now()).map_err(Failed::Refused)?;
        caller.bounds().check(&made.0).map_err(Failed::Refused)?;
        Ok(made)
    }

    /// Removes the tokens of a user who is gone.
    pub(in crate::engine) async fn end_tokens(&self, user: UserId) -> Result<(), Fault> {
        let storage = &self.shared.ports.storage;
        let mut lost = 0;
        while lost < TRIES {
            // What was removed is not found again, so each round begins at the start.
            let mut pages = Pages::new::<AccessToken>(AccessToken::BY_USER, user.as_str().as_bytes());
            let tokens = pages.next::<AccessToken>(storage).await?;
            if tokens.is_empty() {
                return Ok(());
            }
            for token in tokens {
                let Some(held) = self.held(token.kind.id).await? else { continue };
                if self.remove_token(&held).await? {
                    lost = 0;
                    self.audit(None, "revoke", told_of(&held), Outcome::Done);
                    self.end_session_of(token.kind.id).await;
                } else {
                    lost += 1;
                }
            }
        }
        Err(Fault::busy())
    }

    async fn remove_token(&self, held: &Held) -> Result<bool, Fault> {
        let id = held.current.kind.id;
        let mut changes: Vec<_> = held.all().map(Stored::remove).collect();
        changes.push(forgotten(id));
        let removed = self.commit_tokens(changes, held).await?;
        if removed {
            self.shared.tokens.uses.forget(id);
        }
        Ok(removed)
    }

    /// Commits changes of a token. Whatever comes of it, nothing that was read before counts any more.
    async fn commit_tokens(&self, changes: Vec<Change>, held: &Held) -> Result<bool, Fault> {
        let committed = self.commit(changes).await;
        let digests: Vec<_> = held.all().filter_map(|stored| SecretDigest::from_bytes(&stored.key.id)).collect();
        self.shared.tokens.cache.forget(&digests);
        committed
    }

    /// Tells the host that websockets of a token are to be closed. The token is gone by now, so a fault is the
    /// observer's alone.
    pub(super) async fn end_session_of(&self, token: TokenId) {
        let end = Effect::new(Action::EndSession(SessionId::from(token)));
        if let Err(refused) = self.shared.ports.sink.apply(vec![end]).await {
            self.observe_fault(&refused.into());
        }
    }
}
