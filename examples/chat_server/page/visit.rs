//! Who looks at a page, and the forms they send.

use std::net::SocketAddr;

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jackfield::engine::{self, Failed, PeerAddress};
use jackfield::id::UserId;
use jackfield::port::SessionKind;
use subtle::ConstantTimeEq;

use crate::app::Server;
use crate::errors::Failure;
use crate::tables::accounts::{self, Account};

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) account: Account,
    pub(crate) caller: engine::Caller,
    pub(crate) server: Server,
}

/// A form that somebody sent from one of our pages.
#[derive(Debug)]
pub(crate) struct Sent {
    fields: Fields,
    pub(crate) is_from_script: bool,
    pub(crate) visit: Visit,
}

/// What a form holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Visit {
    /// Who it is.
    pub(crate) fn user(&self) -> UserId {
        self.account.id
    }

    /// What every form of this session carries, and no other site knows.
    pub(crate) fn csrf(&self) -> &str {
        self.caller.session().expose_csrf()
    }

    async fn open(server: &Server, parts: &mut Parts) -> Result<Self, Failure> {
        if let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>().copied() {
            parts.extensions.insert(PeerAddress(peer.ip()));
        }
        let caller = server.api.engine().authenticate(parts).await.map_err(|failed| match failed {
            Failed::Fault(fault) => Failure::from(fault),
            Failed::Refused(_) => foreign(),
        })?;
        // Pages are for people: what a token is limited to is asked for by the API alone.
        let caller =
            caller.filter(|caller| caller.session().kind == SessionKind::Login).ok_or_else(Failure::session)?;
        let account = server.app.store.read(|connection| Ok(accounts::find(connection, caller.user_id())?))?;
        Ok(Self { account: account.ok_or_else(Failure::session)?, caller, server: server.clone() })
    }
}

impl Visit {
    /// Opens the session that a form was sent in.
    ///
    /// The engine compares the token of the session with a header, in constant time, and takes nothing else from a form:
    /// a page of another site can neither know the token nor set the header.
    pub(crate) async fn open_form(server: &Server, parts: &mut Parts, csrf: &str) -> Result<Self, Failure> {
        const TOKEN: HeaderName = HeaderName::from_static("x-csrf-token");
        if !parts.headers.contains_key(&TOKEN) {
            parts.headers.insert(TOKEN, HeaderValue::from_str(csrf).map_err(|_| foreign())?);
        }
        parts.headers.remove(header::AUTHORIZATION);
        parts.headers.remove("x-requested-with");
        Self::open(server, parts).await
    }
}

impl FromRequestParts<Server> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Failure> {
        Self::open(server, parts).await
    }
}

impl Sent {
    /// A field without the spaces around it; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields.text(name).trim()
    }

    /// A field as it was written, with line feeds alone between its lines.
    pub(crate) fn lines(&self, name: &str) -> String {
        self.fields.text(name).replace("\r\n", "\n")
    }

    /// Whether a box is checked.
    pub(crate) fn is_checked(&self, name: &str) -> bool {
        !self.fields.text(name).is_empty()
    }
}

impl FromRequest<Server> for Sent {
    type Rejection = Failure;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let body = to_bytes(body, LONGEST_FORM).await.map_err(|_| too_large())?;
        let fields = Fields::read(&body);
        let is_from_script = is_from_script(parts.uri.path(), &parts.headers);
        let visit = Visit::open_form(server, &mut parts, fields.text("csrf")).await?;
        Ok(Self { fields, is_from_script, visit })
    }
}

impl Fields {
    /// Reads a form's body.
    pub(crate) fn read(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// A field; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// Whether two secrets are the same, without telling by the time how much of them is.
pub(crate) fn is_same_secret(one: &str, other: &str) -> bool {
    !one.is_empty() && bool::from(one.as_bytes().ct_eq(other.as_bytes()))
}

/// Whether the script of our pages asks, which puts text into the page that is there.
pub(crate) fn is_from_script(path: &str, headers: &HeaderMap) -> bool {
    path.starts_with("/ui/") || headers.get("x-requested-with").is_some_and(|value| value == "fetch")
}

/// What a form of another site gets.
pub(crate) fn foreign() -> Failure {
    let message = "The form was not sent by a page of this server, or the page was too old. Please try again.";
    Failure::refused(StatusCode::FORBIDDEN, "chat.page.foreign", message)
}

fn too_large() -> Failure {
    Failure::refused(StatusCode::PAYLOAD_TOO_LARGE, "chat.page.too_large", "The form is too large.")
}

/// In bytes: the longest message with every character escaped.
const LONGEST_FORM: usize = 256 * 1024;
