//! Whose request it is (API-18 to API-22, BOT-84 to BOT-95).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::StatusCode;
use http::request::Parts;
use thiserror::Error;

use super::error::{Failed, Fault};
use super::tokens::{Door, KnownToken};
use super::{Engine, State};
use crate::id::{Millis, TokenId, UserId};
use crate::port::{Ask, CredentialSource, Directory, Session, SessionKind};
use crate::security::credential;
use crate::token::manage::Bounds;

/// Where a request comes from; an extension of the request that a server's adapter sets, for limits by address and for
/// audits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerAddress(pub IpAddr);

/// Whose request it is, and what they may do.
#[derive(Clone)]
pub struct Caller {
    address: Option<IpAddr>,
    directory: Arc<dyn Directory>,
    opened: Opened,
}

/// What a credential opened. Small, because every request hands it around.
#[derive(Clone)]
enum Opened {
    Session(Arc<Session>),
    Token(Arc<KnownToken>),
}

impl Caller {
    /// Returns where the request came from, if the host told ([`PeerAddress`]).
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Returns the session.
    #[must_use]
    pub fn session(&self) -> &Session {
        match &self.opened {
            Opened::Session(session) => session,
            Opened::Token(token) => &token.session,
        }
    }

    /// Returns the personal access token that the request came with, if it is one of the engine's.
    #[must_use]
    pub fn token_id(&self) -> Option<TokenId> {
        self.token().map(|token| token.id)
    }

    /// Whether a personal access token allows less than its user may: to permissions or channels of its own.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.token().is_some_and(|token| token.limits.is_some())
    }

    /// Returns when what the caller came with ends of itself, if it is a personal access token that does.
    #[must_use]
    pub fn ends_at(&self) -> Option<Millis> {
        self.token().and_then(|token| token.standing.ends_at())
    }

    /// Returns who it is.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.session().user_id
    }

    /// What the caller's token holds its makings to.
    pub(super) fn bounds(&self) -> Bounds<'_> {
        Bounds { ends_at: self.ends_at(), limits: self.token().and_then(|token| token.limits.as_ref()) }
    }

    /// Answers which of these the caller may do, in the order asked: what the user may, and the token too, if it is
    /// restricted. One answer for each question.
    ///
    /// # Errors
    ///
    /// The host's directory failed.
    pub async fn may(&self, asks: &[Ask]) -> Result<Vec<bool>, Fault> {
        let mut granted = ask(&self.directory, self.user_id(), asks).await?;
        if let Some(limits) = self.token().and_then(|token| token.limits.as_ref()) {
            granted.iter_mut().zip(asks).for_each(|(granted, ask)| *granted &= limits.allows(ask));
        }
        Ok(granted)
    }

    pub(super) fn of_session(address: Option<IpAddr>, directory: &Arc<dyn Directory>, session: Session) -> Self {
        Self { address, directory: directory.clone(), opened: Opened::Session(Arc::new(session)) }
    }

    pub(super) fn of_token(address: Option<IpAddr>, directory: &Arc<dyn Directory>, token: Arc<KnownToken>) -> Self {
        Self { address, directory: directory.clone(), opened: Opened::Token(token) }
    }

    pub(super) fn token(&self) -> Option<&KnownToken> {
        match &self.opened {
            Opened::Session(_) => None,
            Opened::Token(token) => Some(token),
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("session", self.session()).finish_non_exhaustive()
    }
}

/// Asks a directory; answers that are missing count as "no".
pub(super) async fn ask(directory: &Arc<dyn Directory>, user: UserId, asks: &[Ask]) -> Result<Vec<bool>, Fault> {
    if asks.is_empty() {
        return Ok(Vec::new());
    }
    let mut granted = directory.may(user, asks).await?;
    granted.resize(asks.len(), false);
    Ok(granted)
}

/// Why a request is refused for its credential alone, on any route.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum AuthError {
    /// A cookie authenticated it, and it does not come from our own pages; the cookie is to be removed.
    #[error("the request was not sent by one of our pages")]
    ForeignPage,
    /// A token stands in the query that only a header or a cookie may carry.
    #[error("this token may not stand in an address")]
    TokenInQuery,
    /// Too many credentials that open nothing came from this address.
    #[error("too many credentials from this address opened nothing")]
    TooManyFailures {
        /// How many seconds to wait.
        retry_after: u32,
    },
    /// The token is used too often.
    #[error("the token is used too often")]
    TooOften {
        /// How many seconds to wait.
        retry_after: u32,
    },
}

impl AuthError {
    /// Returns the id that clients know.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::ForeignPage => "api.context.session_expired.app_error",
            Self::TokenInQuery => "api.context.token_provided.app_error",
            Self::TooManyFailures { .. } => "jackfield.tokens.too_many_failures",
            Self::TooOften { .. } => "jackfield.tokens.too_often",
        }
    }

    /// Returns how many seconds to wait, the value of `Retry-After`, where waiting helps.
    #[must_use]
    pub fn retry_after(self) -> Option<u32> {
        match self {
            Self::ForeignPage | Self::TokenInQuery => None,
            Self::TooManyFailures { retry_after } | Self::TooOften { retry_after } => Some(retry_after),
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::ForeignPage | Self::TokenInQuery => StatusCode::UNAUTHORIZED,
            Self::TooManyFailures { .. } | Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
        }
    }
}

impl Engine {
    /// Says whose request it is: none without a credential, or with one that opens no session. Serves a host's own
    /// routes too.
    ///
    /// A cookie opens the session of a personal access token for GET alone. What another node changed about a token is
    /// seen within two seconds, what this one changed at once.
    ///
    /// # Errors
    ///
    /// [`AuthError`], or a fault of the host's directory or of storage.
    pub async fn authenticate(&self, parts: &Parts) -> Result<Option<Caller>, Failed<AuthError>> {
        let Some(presented) = credential::presented(parts) else { return Ok(None) };
        let address = self.client_address(parts);
        let door = Door { address, now: self.now(), source: presented.source, state: self.state() };
        let Some(caller) = self.open(&door, presented.expose()).await? else { return Ok(None) };
        if let Some(refused) = misplaced(&door.state, parts, presented.source, caller.session()) {
            if let Some(token) = caller.token() {
                self.audit_use(address, Some(token), Err(refused.id()));
            }
            return Err(Failed::Refused(refused));
        }
        self.used(&door, &caller).await?;
        Ok(Some(caller))
    }

    /// Whose credential a request presents, whatever may be done with it there; this is no use of it.
    pub(super) async fn recognized(&self, parts: &Parts) -> Option<UserId> {
        let presented = credential::presented(parts)?;
        let address = self.client_address(parts);
        let door = Door { address, now: self.now(), source: presented.source, state: self.state() };
        Some(self.open(&door, presented.expose()).await.ok()??.user_id())
    }
}

/// Whether a request presents a credential at all.
pub(crate) fn has_credential(parts: &Parts) -> bool {
    credential::presented(parts).is_some()
}

/// Why a credential that opens a session counts for nothing where it stands.
fn misplaced(state: &State, parts: &Parts, source: CredentialSource, session: &Session) -> Option<AuthError> {
    match source {
        CredentialSource::Query if session.kind != SessionKind::OAuth => Some(AuthError::TokenInQuery),
        CredentialSource::Cookie if parts.method != http::Method::GET => {
            let (strict, site) = (state.settings.strict_csrf, state.settings.site_url.as_ref());
            let is_own = credential::is_from_own_page(parts, session.expose_csrf(), strict, site);
            (!is_own || session.kind == SessionKind::PersonalAccessToken).then_some(AuthError::ForeignPage)
        }
        _ => None,
    }
}
