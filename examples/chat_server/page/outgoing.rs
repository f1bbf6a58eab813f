//! `/t/{team}/integrations/outgoing`: outgoing webhooks, by hand.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::engine::{Failed, KnownOutgoingHook, ListedHooks, OutgoingRange};
use jackfield::id::OutgoingHookId;
use jackfield::outgoing::ManageError;
use jackfield::port::{Permission, Scope};

use super::field::Problem;
use super::html::Html;
use super::integrations::{page, refuse};
use super::outgoing_form::{self, Draft};
use super::sidebar::Here;
use super::signing::{self, Fresh};
use super::visit::{Sent, Visit};
use super::{delivery_mode, frame, seen};
use crate::errors::Failure;
use crate::tables::teams::Team;
use crate::tables::{accounts, channels};

/// What a webhook's page has beside the webhook.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// A secret that was just made.
    pub(crate) fresh: Option<Fresh>,
    /// What was written into the form, and what was wrong with it.
    pub(crate) form: Option<(Draft, Problem)>,
}

/// `GET /t/{team}/integrations/outgoing`: one's own, and those of others for who manages them.
pub(crate) async fn list(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let range = OutgoingRange { hooks: ListedHooks::Team(team.id), limit: MOST, skip: 0 };
    let found = match visit.server.api.engine().outgoing_webhooks(&visit.caller, &range).await {
        Ok(found) => found,
        Err(failed) => return refused(&visit, &team, failed),
    };
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Outgoing Webhooks</h1><a class=\"button primary\"");
    out.attribute("href", &format!("{}/add", list_path(&team))).raw(">Add a webhook</a></div><div class=\"sheet\">");
    out.raw(
        "<p class=\"lead\">A webhook calls a service of yours when somebody writes a trigger word, or anything in a ",
    );
    out.raw("channel. What the service answers is posted.</p>");
    out.raw_if(found.is_empty(), "<p class=\"empty\">There are no webhooks yet.</p>").raw("<ul class=\"hooks\">");
    for known in &found {
        draw_item(&mut out, &visit, &team, known)?;
    }
    out.raw("</ul>").raw_if(found.len() >= MOST, "<p class=\"cut\">There may be more, which the API lists.</p>");
    out.raw("</div>");
    page(&visit, &team, Here::OutgoingHooks, TITLE, &out, StatusCode::OK)
}

/// `GET /t/{team}/integrations/outgoing/add`
pub(crate) async fn add(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let permission = Permission::MANAGE_OWN_OUTGOING_WEBHOOKS;
    if !visit.server.app.may(visit.user(), permission.as_str(), Scope::Team(team.id))? {
        return refused(&visit, &team, Failed::Refused(outgoing_form::not_allowed()));
    }
    show_add(&visit, &team, &Draft::default(), None)
}

/// `POST /t/{team}/integrations/outgoing`
pub(crate) async fn create(Path(team): Path<String>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let draft = Draft::read(&sent);
    match visit.server.api.engine().create_outgoing_webhook(&visit.caller, draft.request(&team, None)).await {
        Ok(known) => Ok(Redirect::to(&hook_path(&team, &known)).into_response()),
        Err(Failed::Refused(error)) => show_add(visit, &team, &draft, Some(&Problem::from(&error))),
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// `GET /t/{team}/integrations/outgoing/{hook}`: its token, its signature, and what may be changed.
pub(crate) async fn show(visit: Visit, Path((team, hook)): Path<(String, String)>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    match find(&visit, &team, &hook).await {
        Ok(known) => show_hook(&visit, &team, &known, Shown::default()).await,
        Err(failed) => refused(&visit, &team, failed),
    }
}

/// `POST /t/{team}/integrations/outgoing/{hook}`
pub(crate) async fn update(Path((team, hook)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let known = match find(visit, &team, &hook).await {
        Ok(known) => known,
        Err(failed) => return refused(visit, &team, failed),
    };
    let draft = Draft::read(&sent);
    let request = draft.request(&team, Some(&known));
    match visit.server.api.engine().update_outgoing_webhook(&visit.caller, known.hook.id, request).await {
        Ok(_) => Ok(Redirect::to(&list_path(&team)).into_response()),
        Err(Failed::Refused(error)) => {
            let form = Some((draft, Problem::from(&error)));
            show_hook(visit, &team, &known, Shown { form, ..Shown::default() }).await
        }
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// `GET /t/{team}/integrations/outgoing/{hook}/delete`: asks first.
pub(crate) async fn ask(visit: Visit, Path((team, hook)): Path<(String, String)>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let known = match find(&visit, &team, &hook).await {
        Ok(known) => known,
        Err(failed) => return refused(&visit, &team, failed),
    };
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Delete this webhook?</h1></div><div class=\"sheet\"><p><strong><bdi>");
    out.text(outgoing_form::title(&known))
        .raw("</bdi></strong> calls nobody from then on, and what still waits to be ");
    out.raw("delivered is dropped. Answers that were posted stay.</p><form method=\"post\" class=\"row\">");
    frame::token(&mut out, &visit);
    out.raw("<button class=\"danger\">Delete</button> <a class=\"button\"");
    out.attribute("href", &hook_path(&team, &known)).raw(">Keep it</a></form></div>");
    page(&visit, &team, Here::OutgoingHooks, "Delete this webhook?", &out, StatusCode::OK)
}

/// `POST /t/{team}/integrations/outgoing/{hook}/delete`
pub(crate) async fn delete(Path((team, hook)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let known = match find(visit, &team, &hook).await {
        Ok(known) => known,
        Err(failed) => return refused(visit, &team, failed),
    };
    match visit.server.api.engine().delete_outgoing_webhook(&visit.caller, known.hook.id).await {
        Ok(()) => Ok(Redirect::to(&list_path(&team)).into_response()),
        Err(failed) => refused(visit, &team, failed),
    }
}

/// A webhook of the team that the visitor may manage.
pub(crate) async fn find(visit: &Visit, team: &Team, hook: &str) -> Result<KnownOutgoingHook, Failed<ManageError>> {
    let missing = || Failed::Refused(ManageError::NotFound);
    let id = OutgoingHookId::parse(hook).map_err(|_| missing())?;
    let known = visit.server.api.engine().outgoing_webhook(&visit.caller, id).await?;
    if known.hook.team_id == team.id { Ok(known) } else { Err(missing()) }
}

/// The page of a webhook.
pub(crate) async fn show_hook(
    visit: &Visit,
    team: &Team,
    known: &KnownOutgoingHook,
    shown: Shown,
) -> Result<Response, Failure> {
    let signing = match visit.server.api.engine().outgoing_signing(&visit.caller, known.hook.id).await {
        Ok(signing) => signing,
        Err(failed) => return refused(visit, team, failed),
    };
    let path = hook_path(team, known);
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1><bdi>").text(outgoing_form::title(known)).raw("</bdi></h1><a class=\"button\"");
    out.attribute("href", &format!("{path}/deliveries")).raw(">Deliveries</a><a class=\"button danger-link\"");
    out.attribute("href", &format!("{path}/delete")).raw(">Delete…</a></div><div class=\"sheet\">");
    if let Some(fresh) = &shown.fresh {
        fresh.draw(&mut out);
    }
    signing::draw(&mut out, visit, &path, known.token.expose(), signing)?;
    out.raw("<section aria-labelledby=\"edit-title\"><h2 id=\"edit-title\">Change it</h2>");
    let (draft, problem) = shown.form.map_or_else(|| (Draft::new(known), None), |(draft, why)| (draft, Some(why)));
    outgoing_form::draw(&mut out, visit, team, &draft, problem.as_ref(), (&path, "Save"))?;
    out.raw("</section>");
    delivery_mode::draw(&mut out, visit, team, known);
    out.raw("</div>");
    page(visit, team, Here::OutgoingHooks, outgoing_form::title(known), &out, status(problem.as_ref()))
}

/// A page that says why there is nothing to see.
pub(crate) fn refused(visit: &Visit, team: &Team, failed: Failed<ManageError>) -> Result<Response, Failure> {
    match failed {
        Failed::Fault(fault) => Err(fault.into()),
        Failed::Refused(error) => refuse(visit, team, Here::OutgoingHooks, TITLE, &Problem::from(&error)),
    }
}

/// Where a webhook's page is.
pub(crate) fn hook_path(team: &Team, known: &KnownOutgoingHook) -> String {
    format!("{}/{}", list_path(team), known.hook.id.as_str())
}

fn list_path(team: &Team) -> String {
    format!("/t/{}/integrations/outgoing", team.name)
}

fn show_add(visit: &Visit, team: &Team, draft: &Draft, problem: Option<&Problem>) -> Result<Response, Failure> {
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Add an outgoing webhook</h1></div><div class=\"sheet\">");
    outgoing_form::draw(&mut out, visit, team, draft, problem, (&list_path(team), "Add"))?;
    out.raw("</div>");
    page(visit, team, Here::OutgoingHooks, "Add an outgoing webhook", &out, status(problem))
}

fn draw_item(out: &mut Html, visit: &Visit, team: &Team, known: &KnownOutgoingHook) -> Result<(), Failure> {
    let hook = &known.hook;
    let path = hook_path(team, known);
    let (channel, creator) = visit.server.app.store.read(|connection| {
        let channel = hook.channel_id.map(|id| channels::find(connection, id)).transpose()?;
        Ok((channel, accounts::find(connection, hook.creator_id)?))
    })?;
    out.raw("<li class=\"hook\"><h2><a").attribute("href", &path).raw("><bdi>").text(outgoing_form::title(known));
    out.raw("</bdi></a></h2>");
    if !hook.description.is_empty() {
        out.raw("<p dir=\"auto\">").text(&hook.description).raw("</p>");
    }
    out.raw("<p>");
    if hook.trigger_words.is_empty() {
        out.raw("On every message");
    } else {
        out.raw(if hook.trigger_when == 0 { "On " } else { "On what begins with " });
    }
    for (place, word) in hook.trigger_words.iter().enumerate() {
        out.raw_if(place > 0, ", ").raw("<code dir=\"auto\">").text(word).raw("</code>");
    }
    out.raw(" in ");
    match channel {
        None => out.raw("every public channel"),
        Some(None) => out.raw("a channel that is gone"),
        Some(Some(channel)) => out.raw("<bdi>").text(&channel.display_name).raw("</bdi>"),
    };
    out.raw("</p><p class=\"note\">by <bdi>").text(creator.as_ref().map_or("somebody", |one| &one.username));
    out.raw("</bdi> · <a").attribute("href", &format!("{path}/deliveries")).raw(">Deliveries</a> · <a");
    out.attribute("href", &path).raw(">Edit</a> · <a").attribute("href", &format!("{path}/delete"));
    out.raw(">Delete</a></p></li>");
    Ok(())
}

fn status(problem: Option<&Problem>) -> StatusCode {
    problem.map_or(StatusCode::OK, |problem| problem.status)
}

/// How many are listed.
const MOST: usize = 200;
const TITLE: &str = "Outgoing Webhooks";
