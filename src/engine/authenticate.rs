//! Whose request it is (API-18 to API-22).

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use http::StatusCode;
use http::request::Parts;
use thiserror::Error;

use super::error::{Failed, Fault};
use super::{Engine, State};
use crate::id::UserId;
use crate::port::{Ask, CredentialSource, Directory, Session, SessionKind};
use crate::security::credential;

/// Where a request comes from; an extension of the request that a server's adapter sets, for limits by address and for
/// audits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PeerAddress(pub IpAddr);

/// Whose request it is, and what they may do.
#[derive(Clone)]
pub struct Caller {
    address: Option<IpAddr>,
    directory: Arc<dyn Directory>,
    session: Session,
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
        &self.session
    }

    /// Returns who it is.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.session.user_id
    }

    /// Answers which of these the caller may do, in the order asked. One answer for each question.
    ///
    /// # Errors
    ///
    /// The host's directory failed.
    pub async fn may(&self, asks: &[Ask]) -> Result<Vec<bool>, Fault> {
        ask(&self.directory, self.user_id(), asks).await
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("session", &self.session).finish_non_exhaustive()
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
}

impl AuthError {
    /// Returns the id that clients know.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::ForeignPage => "api.context.session_expired.app_error",
            Self::TokenInQuery => "api.context.token_provided.app_error",
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        StatusCode::UNAUTHORIZED
    }
}

impl Engine {
    /// Says whose request it is: none without a credential, or with one that opens no session. Serves a host's own
    /// routes too.
    ///
    /// A cookie opens the session of a personal access token for GET alone.
    ///
    /// # Errors
    ///
    /// [`AuthError`], or a fault of the host's directory.
    pub async fn authenticate(&self, parts: &Parts) -> Result<Option<Caller>, Failed<AuthError>> {
        let Some(credential) = credential::presented(parts) else { return Ok(None) };
        let directory = &self.shared.ports.directory;
        let Some(session) = directory.session(&credential).await.map_err(Failed::fault)? else { return Ok(None) };
        match credential.source {
            CredentialSource::Query if session.kind != SessionKind::OAuth => {
                return Err(Failed::Refused(AuthError::TokenInQuery));
            }
            CredentialSource::Cookie if parts.method != http::Method::GET => {
                let State { settings, .. } = &*self.state();
                let (strict, site) = (settings.strict_csrf, settings.site_url.as_ref());
                let is_own = credential::is_from_own_page(parts, session.expose_csrf(), strict, site);
                if !is_own || session.kind == SessionKind::PersonalAccessToken {
                    return Err(Failed::Refused(AuthError::ForeignPage));
                }
            }
            _ => {}
        }
        let address = self.client_address(parts);
        Ok(Some(Caller { address, directory: directory.clone(), session }))
    }
}
