//! What handlers take from a request: who calls, ids, the query and the body.

use std::sync::Arc;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use jackfield::engine;
use jackfield::id::{ChannelId, InvalidId, PostId, TeamId, UserId};
use jackfield::port::{Ask, ChannelKind, Permission, Scope};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::errors::Failure;
use crate::tables::accounts::{self, Account};
use crate::tables::channels::Channel;

/// Somebody with a session.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) account: Account,
    pub(crate) engine: engine::Caller,
}

/// Somebody with or without a session. The envelope has looked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Visitor(pub(crate) Option<engine::Caller>);

/// The query of the address.
#[derive(Clone, Debug)]
pub(crate) struct Params(Vec<(String, String)>);

/// The body, whole.
#[derive(Clone, Debug)]
pub(crate) struct Body(Bytes);

impl Caller {
    /// The user that a path names by id or as `me` (API-4).
    pub(crate) fn user(&self, segment: &str) -> Result<UserId, Failure> {
        if segment == "me" { Ok(self.account.id) } else { path_id(segment, "user_id", UserId::parse) }
    }

    /// Answers whether the caller may do something somewhere: their roles, and what their token is limited to, allow it.
    pub(crate) async fn may(&self, permission: &str, scope: Scope) -> Result<bool, Failure> {
        may(&self.engine, permission, scope).await
    }

    /// Refuses a caller who may not do something somewhere.
    pub(crate) async fn require(&self, permission: &str, scope: Scope) -> Result<(), Failure> {
        require(&self.engine, permission, scope).await
    }

    /// Refuses a caller who may not do something for somebody else; for oneself anybody may.
    pub(crate) async fn require_for(&self, user: UserId, permission: &str) -> Result<(), Failure> {
        if user == self.account.id { Ok(()) } else { self.require(permission, Scope::System).await }
    }

    /// Answers whether the caller may read a channel: its members, and for a public one who may look into the team's
    /// public channels.
    pub(crate) async fn may_read(&self, channel: &Channel) -> Result<bool, Failure> {
        let mut asks = vec![Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel.id))];
        if let (Some(team), ChannelKind::Public) = (channel.team_id, channel.kind) {
            asks.push(Ask::new(Permission::READ_PUBLIC_CHANNEL, Scope::Team(team)));
        }
        Ok(self.engine.may(&asks).await?.contains(&true))
    }
}

/// Answers whether a caller may do something somewhere.
pub(crate) async fn may(caller: &engine::Caller, permission: &str, scope: Scope) -> Result<bool, Failure> {
    Ok(caller.may(&[Ask::new(Permission::new(permission), scope)]).await?.contains(&true))
}

/// Refuses a caller who may not do something somewhere.
pub(crate) async fn require(caller: &engine::Caller, permission: &str, scope: Scope) -> Result<(), Failure> {
    if may(caller, permission, scope).await? { Ok(()) } else { Err(Failure::permission(permission)) }
}

/// The channel that a path names.
pub(crate) fn channel_id(segment: &str) -> Result<ChannelId, Failure> {
    path_id(segment, "channel_id", ChannelId::parse)
}

/// The post that a path names.
pub(crate) fn post_id(segment: &str) -> Result<PostId, Failure> {
    path_id(segment, "post_id", PostId::parse)
}

/// The team that a path names.
pub(crate) fn team_id(segment: &str) -> Result<TeamId, Failure> {
    path_id(segment, "team_id", TeamId::parse)
}

/// What is not letters and digits is no route at all (API-3).
pub(crate) fn path_id<T>(
    segment: &str,
    name: &str,
    parse: impl Fn(&str) -> Result<T, InvalidId>,
) -> Result<T, Failure> {
    if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(Failure::route());
    }
    parse(segment).map_err(|InvalidId| Failure::parameter(name))
}

impl Params {
    /// A parameter, empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A switch that is off unless the query says yes (API-16).
    pub(crate) fn is_on(&self, name: &str) -> bool {
        ["1", "t", "T", "TRUE", "true", "True"].contains(&self.text(name))
    }

    /// A switch that is on unless the query says no.
    pub(crate) fn unless_off(&self, name: &str) -> bool {
        !["0", "f", "F", "FALSE", "false", "False"].contains(&self.text(name))
    }

    /// How many of a list, and after how many others (API-17).
    pub(crate) fn page(&self) -> (i64, i64) {
        let page = self.text("page").parse().unwrap_or(0_i64).max(0);
        let size = self.text("per_page").parse().ok().filter(|size| *size >= 0).unwrap_or(60_i64).min(200);
        (size, page.saturating_mul(size))
    }
}

impl Body {
    /// Reads the first JSON value; a wrong one is the caller's mistake in what `name` says (API-11, API-12).
    pub(crate) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<T, Failure> {
        self.first().ok_or_else(|| Failure::body(name))
    }

    /// Reads a JSON array.
    pub(crate) fn array<T: DeserializeOwned>(&self) -> Result<Vec<T>, Failure> {
        let message = "The body is no list of the right kind.";
        self.first().ok_or_else(|| Failure::refused(StatusCode::BAD_REQUEST, "api.payload.parse.error", message))
    }

    fn first<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::Deserializer::from_slice(&self.0).into_iter().next()?.ok()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    App: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let engine = Visitor::from_request_parts(parts, state).await?.0.ok_or_else(Failure::session)?;
        let app = App::from_ref(state);
        let account = app.store.read(|connection| Ok(accounts::find(connection, engine.user_id())?))?;
        Ok(Self { account: account.ok_or_else(Failure::session)?, engine })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(parts.extensions.get::<Arc<Self>>().map(|visitor| Self::clone(visitor)).unwrap_or_default())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Params {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl<S: Send + Sync> FromRequest<S> for Body
where
    App: FromRef<S>,
{
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let limit = App::from_ref(state).settings.now().body_limit();
        if content_length(request.headers()).is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        to_bytes(request.into_body(), limit).await.map(Self).map_err(|_| too_large())
    }
}

/// The refusal of a body that is over its limit.
pub(crate) fn too_large() -> Failure {
    let message = "The request's body is too large.";
    Failure::refused(StatusCode::PAYLOAD_TOO_LARGE, "api.context.request_body_too_large.app_error", message)
}

/// How long the body is, as far as the request says.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
