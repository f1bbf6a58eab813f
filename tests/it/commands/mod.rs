//! Slash commands, from their management to what is answered later.

mod autocomplete;
mod delayed;
mod execute;
mod faults;
mod hostile;
mod manage;
mod races;
mod registered;

use bytes::Bytes;
use http::Request;
use jackfield::engine::Settings;
use jackfield::port::{Permission, Scope};
use serde_json::{Value, json};

use crate::host::{Answer, Site};

const BODY: &str = "api.context.invalid_body_param.app_error";
const DISABLED: &str = "api.command.disabled.app_error";
const DUPLICATE: &str = "api.command.duplicate_trigger.app_error";
const FAILED: &str = "api.command.execute_command.failed.app_error";
const FORBIDDEN: &str = "api.context.permissions.app_error";
const GENERAL: &str = "web.command_webhook.general.app_error";
const GONE: &str = "store.sql_command.save.get.app_error";
const NOT_FOUND: &str = "api.command.execute_command.not_found.app_error";
const POST_FAILED: &str = "api.command.execute_command.create_post_failed.app_error";

/// An id of nothing.
const UNKNOWN: &str = "ybndrfg8ejkmcpqxot1uwisza3";

/// A server on which `ann` manages her own commands in `team`, and she and `bob` are in it and write in `dev`. Services
/// answer JSON.
async fn site() -> Site {
    site_with(|_| {}).await
}

async fn site_with(change: impl FnOnce(&mut Settings)) -> Site {
    let site = Site::with(|settings| {
        settings.site_url = url::Url::parse("https://chat.example/").ok();
        change(settings);
    })
    .await;
    prepare(&site);
    site
}

fn prepare(site: &Site) {
    let mut world = site.host.world();
    world.outside.media = "application/json";
    world.grant(site.ann, Permission::MANAGE_OWN_SLASH_COMMANDS, Scope::Team(site.team));
    for user in [site.ann, site.bob] {
        world.grant(user, Permission::VIEW_TEAM, Scope::Team(site.team));
        for channel in [site.dev, site.attic] {
            world.grant(user, Permission::CREATE_POST, Scope::Channel(channel));
        }
    }
}

/// Sends a request as a user.
async fn send(site: &Site, user: &str, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
    let request = Request::builder().method(method).uri(path).header("Authorization", format!("Bearer {user}"));
    site.send(request.body(body.into()).unwrap()).await
}

/// Sends a request to the management API as a user.
async fn call(site: &Site, user: &str, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
    send(site, user, method, &format!("/api/v4/commands{path}"), body).await
}

/// What a client sends to make a command, with other members.
fn command_with(site: &Site, members: Value) -> Value {
    let mut command =
        json!({ "team_id": site.team, "trigger": "deploy", "method": "P", "url": "https://a.example/in" });
    command.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    command
}

/// Makes a command, and returns it as it was shown.
async fn made(site: &Site, user: &str, members: Value) -> Value {
    let answer = call(site, user, "POST", "", command_with(site, members.clone()).to_string()).await;
    assert_eq!(answer.status, 201, "{members} {answer:?}");
    answer.json()
}

fn path(command: &Value) -> String {
    format!("/{}", command["id"].as_str().unwrap())
}

/// Types a line in `dev`.
async fn typed(site: &Site, user: &str, line: &str) -> Answer {
    let body = json!({ "channel_id": site.dev, "command": line });
    call(site, user, "POST", "/execute", body.to_string()).await
}

/// Says what services answer, one after the other.
fn answers(site: &Site, bodies: &[&str]) {
    let answers = bodies.iter().map(|body| (200, (*body).to_owned()));
    site.host.world().outside.answers.extend(answers);
}

/// The fields of the last request that a service got.
fn fields(site: &Site) -> Vec<(String, String)> {
    let world = site.host.world();
    let request = world.outside.requests.last().unwrap();
    let form = if request.body().is_empty() { request.uri().query().unwrap().as_bytes() } else { request.body() };
    url::form_urlencoded::parse(form).into_owned().collect()
}

fn field(site: &Site, name: &str) -> String {
    fields(site).into_iter().find(|(key, _)| key == name).map(|(_, value)| value).unwrap_or_default()
}

/// The path of the last `response_url`.
fn response_path(site: &Site) -> String {
    field(site, "response_url").strip_prefix("https://chat.example").unwrap().to_owned()
}

/// Answers later, with JSON.
async fn later(site: &Site, path: &str, body: impl Into<Bytes>) -> Answer {
    let request = Request::post(path).header("Content-Type", "application/json");
    site.send(request.body(body.into()).unwrap()).await
}

/// What is shown to one user alone.
fn ephemeral(site: &Site) -> Vec<String> {
    site.host.world().ephemeral.iter().map(|draft| draft.message.clone()).collect()
}
