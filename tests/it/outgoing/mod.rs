//! `/api/v4/hooks/outgoing` (OUT-1 to OUT-41).

mod calls;
mod create;
mod deliveries;
mod faults;
mod hostile;
mod list;
mod notices;
mod permissions;
mod races;
mod replies;
mod sealed;
mod signing;
mod told;
mod triggers;
mod update;

use bytes::Bytes;
use http::Request;
use jackfield::port::{Permission, Scope};
use serde_json::{Value, json};

use crate::host::{Answer, Site};

const BODY: &str = "api.context.invalid_body_param.app_error";
const DISABLED: &str = "api.outgoing_webhook.disabled.app_error";
const FORBIDDEN: &str = "api.context.permissions.app_error";
const NO_CHANNEL: &str = "app.channel.get.existing.app_error";
const NOT_FOUND: &str = "app.webhooks.get_outgoing.app_error";
const URL_PARAMETER: &str = "api.context.invalid_url_param.app_error";

/// An id of nothing.
const UNKNOWN: &str = "ybndrfg8ejkmcpqxot1uwisza3";

/// A server on which `ann` manages her own hooks in `team`.
async fn site() -> Site {
    let site = Site::new().await;
    site.host.world().grant(site.ann, Permission::MANAGE_OWN_OUTGOING_WEBHOOKS, Scope::Team(site.team));
    site
}

/// Sends a request to the management API as a user.
async fn call(site: &Site, user: &str, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
    let request = Request::builder().method(method).uri(format!("/api/v4/hooks/outgoing{path}"));
    let request = request.header("Authorization", format!("Bearer {user}"));
    site.send(request.body(body.into()).unwrap()).await
}

/// What a client sends to make a hook of the whole team.
fn hook_object(site: &Site) -> Value {
    json!({ "team_id": site.team, "trigger_words": ["ship"], "callback_urls": ["https://a.example/in"] })
}

/// The same with other members.
fn hook_with(site: &Site, members: Value) -> Value {
    let mut hook = hook_object(site);
    hook.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    hook
}

/// Makes a hook, and returns it as it was shown.
async fn made(site: &Site, user: &str, members: Value) -> Value {
    let answer = call(site, user, "POST", "", hook_with(site, members.clone()).to_string()).await;
    assert_eq!(answer.status, 201, "{members} {answer:?}");
    answer.json()
}

/// A trigger word of its own, for a hook that is to collide with none.
fn word(number: usize) -> Value {
    json!({ "trigger_words": [number.to_string()] })
}

fn path(hook: &Value) -> String {
    format!("/{}", hook["id"].as_str().unwrap())
}

/// Shows a hook as the admin sees it.
async fn shown(site: &Site, hook: &Value) -> Value {
    call(site, "admin", "GET", &path(hook), "").await.json()
}

/// The hooks that a list has.
async fn listed(site: &Site, user: &str, query: &str) -> Vec<Value> {
    let answer = call(site, user, "GET", query, "").await;
    assert_eq!(answer.status, 200, "{user} {query} {answer:?}");
    answer.json().as_array().unwrap().clone()
}
