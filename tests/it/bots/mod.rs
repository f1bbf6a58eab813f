//! Bot accounts through the API.

mod conversions;
mod ensured;
mod escalation;
mod faults;
mod lifecycle;
mod list;
mod owners;
mod refused;

use bytes::Bytes;
use http::Request;
use jackfield::id::{SessionId, UserId};
use jackfield::port::{Permission, Scope, Session, SessionKind, User};
use serde_json::{Value, json};

use crate::host::{Answer, Site};

const FORBIDDEN: &str = "api.context.permissions.app_error";
const NO_BOT: &str = "store.sql_bot.get.missing.app_error";
const BODY: &str = "api.context.invalid_body_param.app_error";
const URL: &str = "api.context.invalid_url_param.app_error";
const NO_SESSION: &str = "api.context.session_expired.app_error";
const NO_USER: &str = "app.user.missing_account.const";
const TAKEN: &str = "app.user.save.username_exists.app_error";
/// Well-formed, and nobody's.
const UNKNOWN: &str = "ad96hyy1gtfm38xxyrtwk3hjic";

/// A server whose administrators make bots.
async fn site() -> Site {
    Site::with(|settings| settings.bots.creation_enabled = true).await
}

/// Sends a request to `/api/v4{path}` as a user.
async fn ask(site: &Site, user: &str, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
    let request = Request::builder().method(method).uri(format!("/api/v4{path}"));
    let request = if user.is_empty() { request } else { request.header("Authorization", format!("Bearer {user}")) };
    site.send(request.body(body.into()).unwrap()).await
}

/// Makes a bot of the admin's.
async fn make(site: &Site, username: &str) -> UserId {
    make_by(site, "admin", username).await
}

async fn make_by(site: &Site, user: &str, username: &str) -> UserId {
    let answer = ask(site, user, "POST", "/bots", json!({ "username": username }).to_string()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    UserId::parse(answer.json()["user_id"].as_str().unwrap()).unwrap()
}

async fn post(site: &Site, user: &str, path: &str) -> Answer {
    ask(site, user, "POST", path, "").await
}

async fn show(site: &Site, bot: UserId) -> Value {
    let answer = ask(site, "admin", "GET", &format!("/bots/{bot}?include_deleted=true"), "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// Opens a session of a bot with a token, which is its name.
fn let_in(site: &Site, bot: UserId, token: &str) {
    let session = Session::new(SessionId::from_random([200; 16]), bot, SessionKind::PersonalAccessToken);
    site.host.world().sessions.insert(token.to_owned(), session);
}

fn grant(site: &Site, user: UserId, permissions: &[Permission]) {
    let mut world = site.host.world();
    permissions.iter().for_each(|permission| world.grant(user, permission.clone(), Scope::System));
}

fn account(site: &Site, id: UserId) -> User {
    site.host.world().user(id).clone()
}

/// What was audited, without what it was done to.
fn audits(site: &Site) -> Vec<String> {
    let observed = site.host.world().observed.clone();
    observed.into_iter().filter(|line| line.starts_with("bot")).collect()
}
