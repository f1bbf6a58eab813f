//! `/t/{team}/integrations/incoming`: incoming webhooks, by hand.

use axum::extract::Path;
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::api::Body;
use jackfield::engine::{Failed, KnownHook, ListRange, ListedTeam};
use jackfield::id::HookId;
use jackfield::incoming::ManageError;
use serde_json::{Value, json};

use super::channel::channel_path;
use super::field::Problem;
use super::frame;
use super::hook_form::{self, Draft};
use super::html::Html;
use super::seen;
use super::sidebar::{self, Here};
use super::visit::{Sent, Visit};
use crate::errors::Failure;
use crate::tables::teams::Team;
use crate::tables::{accounts, channels};

/// `GET /t/{team}/integrations/incoming`: one's own, and those of others for who manages them.
pub(crate) async fn list(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let range = ListRange { count: true, limit: MOST, skip: 0, team: ListedTeam::One(team.id) };
    let found = match visit.server.api.engine().incoming_webhooks(&visit.caller, range).await {
        Ok(found) => found,
        Err(failed) => return refuse(&visit, &team, failed),
    };
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Incoming Webhooks</h1><a class=\"button primary\" href=\"").text(&list_path(&team));
    out.raw(
        "/add\">Add a webhook</a></div><div class=\"sheet\"><p class=\"lead\">Programs send messages to a webhook's ",
    );
    out.raw("address: CI jobs, monitors, scripts. Whoever knows the address may send, so keep it secret.</p>");
    if found.hooks.is_empty() {
        out.raw("<p class=\"empty\">There are no webhooks yet.</p>");
    }
    out.raw("<ul class=\"hooks\">");
    for known in &found.hooks {
        draw_item(&mut out, &visit, &team, known)?;
    }
    out.raw("</ul>");
    let left = found.total.unwrap_or_default().saturating_sub(found.hooks.len() as u64);
    if left > 0 {
        out.raw("<p class=\"cut\">and ").show(left).raw(" more, which the API lists</p>");
    }
    out.raw("</div>");
    page(&visit, &team, "Incoming Webhooks", &out, StatusCode::OK)
}

/// `GET /t/{team}/integrations/incoming/add`
pub(crate) async fn add(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    if !sidebar::may_integrate(&visit, &team)? {
        return refuse(&visit, &team, Failed::Refused(hook_form::not_allowed()));
    }
    show_add(&visit, &team, &Draft::default(), None)
}

/// `POST /t/{team}/integrations/incoming`
pub(crate) async fn create(Path(team): Path<String>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let draft = Draft::read(&sent);
    let made = match hook_form::check(visit, &team, &draft)? {
        Some(problem) => return show_add(visit, &team, &draft, Some(&problem)),
        None => visit.server.api.engine().create_incoming_webhook(&visit.caller, draft.request(&team)).await,
    };
    match made {
        Ok(known) => Ok(Redirect::to(&hook_path(&team, &known)).into_response()),
        Err(Failed::Refused(error)) => show_add(visit, &team, &draft, Some(&Problem::from(&error))),
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// `GET /t/{team}/integrations/incoming/{hook}`: its address, how to try it, and what may be changed.
pub(crate) async fn show(visit: Visit, Path((team, hook)): Path<(String, String)>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    match find(&visit, &hook).await {
        Ok(known) => show_hook(&visit, &team, &known, &Draft::new(&known), None, None),
        Err(failed) => refuse(&visit, &team, failed),
    }
}

/// `POST /t/{team}/integrations/incoming/{hook}`
pub(crate) async fn update(Path((team, hook)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let known = match find(visit, &hook).await {
        Ok(known) => known,
        Err(failed) => return refuse(visit, &team, failed),
    };
    let draft = Draft::read(&sent);
    if let Some(problem) = hook_form::check(visit, &team, &draft)? {
        return show_hook(visit, &team, &known, &draft, Some(&problem), None);
    }
    let engine = visit.server.api.engine();
    match engine.update_incoming_webhook(&visit.caller, HookId::new(&hook), draft.request(&team)).await {
        Ok(_) => Ok(Redirect::to(&list_path(&team)).into_response()),
        Err(Failed::Refused(error)) => show_hook(visit, &team, &known, &draft, Some(&Problem::from(&error)), None),
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// `GET /t/{team}/integrations/incoming/{hook}/delete`: asks first.
pub(crate) async fn ask(visit: Visit, Path((team, hook)): Path<(String, String)>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let known = match find(&visit, &hook).await {
        Ok(known) => known,
        Err(failed) => return refuse(&visit, &team, failed),
    };
    let mut out = Html::new();
    out.raw(
        "<div class=\"top\"><h1>Delete this webhook?</h1></div><div class=\"sheet\"><p>What sends to <strong><bdi>",
    );
    out.text(hook_form::title(&known))
        .raw("</bdi></strong> will fail from then on, and the address never comes back. ");
    out.raw("Messages that it sent stay.</p><form method=\"post\" class=\"row\">");
    frame::token(&mut out, &visit);
    out.raw("<button class=\"danger\">Delete</button> <a class=\"button\" href=\"").text(&hook_path(&team, &known));
    out.raw("\">Keep it</a></form></div>");
    page(&visit, &team, "Delete this webhook?", &out, StatusCode::OK)
}

/// `POST /t/{team}/integrations/incoming/{hook}/delete`
pub(crate) async fn delete(Path((team, hook)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let team = seen::team(&sent.visit, &team)?;
    let engine = sent.visit.server.api.engine();
    match engine.delete_incoming_webhook(&sent.visit.caller, HookId::new(&hook)).await {
        Ok(()) => Ok(Redirect::to(&list_path(&team)).into_response()),
        Err(failed) => refuse(&sent.visit, &team, failed),
    }
}

/// `POST /t/{team}/integrations/incoming/{hook}/try`: sends a sample as any program would, and goes to see it.
pub(crate) async fn try_it(Path((team, hook)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let known = match find(visit, &hook).await {
        Ok(known) => known,
        Err(failed) => return refuse(visit, &team, failed),
    };
    let request = Request::post(format!("/hooks/{hook}")).header(header::CONTENT_TYPE, "application/json").body(());
    let (parts, ()) = request.map_err(Failure::broken)?.into_parts();
    let sample = sample(&visit.account.username).to_string();
    let answer = visit.server.api.handle(parts, Body::Whole(sample.into())).await;
    if !answer.status().is_success() {
        let said: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let why = said.get("message").and_then(Value::as_str).unwrap_or("the server failed");
        let why = format!("The sample was refused with status {}: {why}.", answer.status().as_u16());
        return show_hook(visit, &team, &known, &Draft::new(&known), None, Some(&why));
    }
    let id = known.hook.channel_id;
    let channel = visit.server.app.store.read(|connection| Ok(channels::find(connection, id)?))?;
    let to = channel.map_or_else(|| list_path(&team), |channel| channel_path(&team, &channel));
    Ok(Redirect::to(&to).into_response())
}

/// What the button sends: a little of everything.
fn sample(user: &str) -> Value {
    json!({
        "text": format!("A sample, sent by **{user}** :tada:"),
        "attachments": [{
            "color": "good", "title": "Build 7 passed", "text": "All of `main` is *green*.",
            "fields": [
                {"title": "Branch", "value": "main", "short": true},
                {"title": "Duration", "value": "3 min", "short": true},
            ],
            "footer": "sent from the webhook's page",
        }],
    })
}

async fn find(visit: &Visit, hook: &str) -> Result<KnownHook, Failed<ManageError>> {
    visit.server.api.engine().incoming_webhook(&visit.caller, HookId::new(hook)).await
}

fn show_add(visit: &Visit, team: &Team, draft: &Draft, problem: Option<&Problem>) -> Result<Response, Failure> {
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Add an incoming webhook</h1></div><div class=\"sheet\">");
    hook_form::draw(&mut out, visit, team, draft, problem, (&list_path(team), "Add"))?;
    out.raw("</div>");
    page(visit, team, "Add an incoming webhook", &out, status(problem))
}

fn show_hook(
    visit: &Visit,
    team: &Team,
    known: &KnownHook,
    draft: &Draft,
    problem: Option<&Problem>,
    refused: Option<&str>,
) -> Result<Response, Failure> {
    let path = hook_path(team, known);
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1><bdi>")
        .text(hook_form::title(known))
        .raw("</bdi></h1><a class=\"button danger-link\"");
    out.attribute("href", &format!("{path}/delete")).raw(">Delete…</a></div><div class=\"sheet\">");
    out.raw("<section aria-labelledby=\"address-title\"><h2 id=\"address-title\">Its address</h2>");
    draw_address(&mut out, visit, known, "address");
    out.raw("</section><section aria-labelledby=\"try-title\"><h2 id=\"try-title\">Try it</h2>");
    out.raw("<p>Paste this into a terminal:</p><div class=\"copy\"><pre id=\"curl\" tabindex=\"0\"><code>");
    out.text(&curl(visit, known)).raw("</code></pre><button type=\"button\" data-copy=\"curl\">Copy</button></div>");
    if let Some(why) = refused {
        out.raw("<p class=\"error\" role=\"alert\">").text(why).raw("</p>");
    }
    out.raw("<form method=\"post\" action=\"").text(&path).raw("/try\">");
    frame::token(&mut out, visit);
    out.raw("<button>Send a sample message</button></form></section>");
    out.raw("<section aria-labelledby=\"edit-title\"><h2 id=\"edit-title\">Change it</h2>");
    hook_form::draw(&mut out, visit, team, draft, problem, (&path, "Save"))?;
    out.raw("</section></div>");
    page(visit, team, hook_form::title(known), &out, status(problem))
}

fn draw_item(out: &mut Html, visit: &Visit, team: &Team, known: &KnownHook) -> Result<(), Failure> {
    let hook = &known.hook;
    let (channel, owner) = visit.server.app.store.read(|connection| {
        Ok((channels::find(connection, hook.channel_id)?, accounts::find(connection, hook.user_id)?))
    })?;
    out.raw("<li class=\"hook\"><h2><a href=\"").text(&hook_path(team, known)).raw("\"><bdi>");
    out.text(hook_form::title(known)).raw("</bdi></a></h2>");
    if !hook.description.is_empty() {
        out.raw("<p dir=\"auto\">").text(&hook.description).raw("</p>");
    }
    draw_address(out, visit, known, known.id.expose());
    out.raw("<p class=\"note\">to <bdi>")
        .text(channel.as_ref().map_or("a channel that is gone", |one| &one.display_name));
    out.raw("</bdi>").raw_if(hook.channel_locked, " only").raw(", by <bdi>");
    out.text(owner.as_ref().map_or("somebody", |one| &one.username)).raw("</bdi> · <a href=\"");
    out.text(&hook_path(team, known)).raw("\">Edit</a> · <a href=\"").text(&hook_path(team, known));
    out.raw("/delete\">Delete</a></p></li>");
    Ok(())
}

/// The address in a box of its own, from where it can be taken even without the script.
fn draw_address(out: &mut Html, visit: &Visit, known: &KnownHook, id: &str) {
    out.raw("<div class=\"copy\"><input readonly aria-label=\"Address of the webhook\"").attribute("id", id);
    out.attribute("value", &address(visit, known)).raw("><button type=\"button\"").attribute("data-copy", id);
    out.raw(">Copy</button></div>");
}

fn address(visit: &Visit, known: &KnownHook) -> String {
    format!("{}/hooks/{}", visit.server.app.settings.now().text("ServiceSettings", "SiteURL"), known.id.expose())
}

fn curl(visit: &Visit, known: &KnownHook) -> String {
    let body = "{\"text\": \"Hello, **world** :wave:\"}";
    format!("curl -H 'Content-Type: application/json' -d '{body}' {}", address(visit, known))
}

/// A page that says why there is nothing to see.
fn refuse(visit: &Visit, team: &Team, failed: Failed<ManageError>) -> Result<Response, Failure> {
    let error = match failed {
        Failed::Fault(fault) => return Err(fault.into()),
        Failed::Refused(error) => error,
    };
    let mut out = Html::new();
    out.raw(
        "<div class=\"top\"><h1>Incoming Webhooks</h1></div><div class=\"sheet\"><p class=\"error\" role=\"alert\">",
    );
    out.text(&Problem::from(&error).words).raw("</p></div>");
    page(visit, team, "Incoming Webhooks", &out, error.status())
}

fn page(visit: &Visit, team: &Team, title: &str, out: &Html, status: StatusCode) -> Result<Response, Failure> {
    let menu = sidebar::draw(visit, team, Here::Hooks)?;
    Ok(frame::page(title, visit, team, &menu, out).with_status(status))
}

fn status(problem: Option<&Problem>) -> StatusCode {
    problem.map_or(StatusCode::OK, |problem| problem.status)
}

fn list_path(team: &Team) -> String {
    format!("/t/{}/integrations/incoming", team.name)
}

fn hook_path(team: &Team, known: &KnownHook) -> String {
    format!("{}/{}", list_path(team), known.id.expose())
}

/// How many are listed.
const MOST: usize = 200;
