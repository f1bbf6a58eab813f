//! Personal access tokens through the API (BOT-68 to BOT-97, BOT-100, B1 to B3, B13 to B17).

mod create;
mod faults;
mod limits;
mod manage;
mod races;
mod uses;

use bytes::Bytes;
use http::Request;
use jackfield::id::UserId;
use serde_json::{Value, json};

use crate::host::{Answer, Site};

pub(crate) const EXPIRED: &str = "api.context.session_expired.app_error";
pub(crate) const FORBIDDEN: &str = "api.context.permissions.app_error";
pub(crate) const BODY: &str = "api.context.invalid_body_param.app_error";
pub(crate) const GONE: &str = "app.user_access_token.get_by_user.app_error";

/// A server whose humans may have tokens.
pub(crate) async fn site() -> Site {
    Site::with(|settings| settings.tokens.enabled = true).await
}

/// Sends a request about tokens as whoever `token` is.
pub(crate) async fn call(site: &Site, token: &str, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
    let request = Request::builder().method(method).uri(format!("/api/v4/users/{path}"));
    let request = request.header("Authorization", format!("Bearer {token}"));
    site.send(request.body(body.into()).unwrap()).await
}

/// Makes a token by the admin, and returns the answer.
pub(crate) async fn token_with(site: &Site, user: UserId, body: Value) -> Value {
    let made = call(site, "admin", "POST", &format!("{user}/tokens"), body.to_string()).await;
    assert_eq!(made.status, 200, "{body} {made:?}");
    made.json()
}

/// Makes a plain token by the admin: its id, and its secret.
pub(crate) async fn token(site: &Site, user: UserId) -> (String, String) {
    let made = token_with(site, user, json!({ "description": "ci" })).await;
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

/// Does something to a token as the admin.
pub(crate) async fn change(site: &Site, word: &str, id: &str) -> (u16, String) {
    call(site, "admin", "POST", &format!("tokens/{word}"), json!({ "token_id": id }).to_string()).await.brief()
}

/// Uses a token: whether it opened a session, and the id of the error if not.
pub(crate) async fn used(site: &Site, secret: &str) -> Result<(), String> {
    let request = Request::get("/api/v4/hooks/incoming").header("Authorization", format!("Bearer {secret}"));
    let answer = site.send(request.body(Bytes::new()).unwrap()).await;
    // Who is known may still lack the permission for what is asked here.
    if answer.status == 200 || answer.id() == FORBIDDEN { Ok(()) } else { Err(answer.id()) }
}

/// The audits about tokens since so many observations.
pub(crate) fn audits(site: &Site, since: usize) -> Vec<String> {
    let world = site.host.world();
    world.observed.iter().skip(since).filter(|line| line.starts_with("access token")).cloned().collect()
}
