//! `/t/{team}/integrations/commands`: slash commands, by hand.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::command::ManageError;
use jackfield::engine::{Failed, KnownCommand};
use jackfield::id::CommandId;
use jackfield::port::{Permission, Scope};

use super::command_form::{self, Draft};
use super::field::Problem;
use super::html::Html;
use super::integrations::{page, refuse};
use super::sidebar::Here;
use super::signing::{self, Fresh};
use super::visit::{Sent, Visit};
use super::{frame, seen};
use crate::errors::Failure;
use crate::tables::accounts;
use crate::tables::teams::Team;

/// What a command's page has beside the command.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// A secret that was just made.
    pub(crate) fresh: Option<Fresh>,
    /// What was written into the form, and what was wrong with it.
    pub(crate) form: Option<(Draft, Problem)>,
}

/// `GET /t/{team}/integrations/commands`: one's own, and those of others for who manages them.
pub(crate) async fn list(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let found = match visit.server.api.engine().commands(&visit.caller, team.id).await {
        Ok(found) => found,
        Err(failed) => return refused(&visit, &team, failed),
    };
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Slash Commands</h1><a class=\"button primary\"");
    out.attribute("href", &format!("{}/add", list_path(&team))).raw(">Add a command</a></div><div class=\"sheet\">");
    out.raw(
        "<p class=\"lead\">A command calls a service of yours when somebody types its word behind a slash. What the ",
    );
    out.raw("service answers is for them alone or for the channel, at once or later.</p>");
    out.raw_if(found.is_empty(), "<p class=\"empty\">There are no commands yet.</p>").raw("<ul class=\"hooks\">");
    for known in &found {
        draw_item(&mut out, &visit, &team, known)?;
    }
    out.raw("</ul></div>");
    page(&visit, &team, Here::Commands, TITLE, &out, StatusCode::OK)
}

/// `GET /t/{team}/integrations/commands/add`
pub(crate) async fn add(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let permission = Permission::MANAGE_OWN_SLASH_COMMANDS;
    if !visit.server.app.may(visit.user(), permission.as_str(), Scope::Team(team.id))? {
        return refused(&visit, &team, Failed::Refused(command_form::not_allowed()));
    }
    show_add(&visit, &team, &Draft::fresh(), None)
}

/// `POST /t/{team}/integrations/commands`
pub(crate) async fn create(Path(team): Path<String>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let draft = Draft::read(&sent);
    match visit.server.api.engine().create_command(&visit.caller, draft.request(&team)).await {
        Ok(known) => Ok(Redirect::to(&command_path(&team, &known)).into_response()),
        Err(Failed::Refused(error)) => show_add(visit, &team, &draft, Some(&Problem::from(&error))),
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// `GET /t/{team}/integrations/commands/{command}`: its token, and what may be changed.
pub(crate) async fn show(visit: Visit, Path((team, command)): Path<(String, String)>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    match find(&visit, &team, &command).await {
        Ok(known) => show_command(&visit, &team, &known, Shown::default()).await,
        Err(failed) => refused(&visit, &team, failed),
    }
}

/// `POST /t/{team}/integrations/commands/{command}`
pub(crate) async fn update(Path((team, command)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let known = match find(visit, &team, &command).await {
        Ok(known) => known,
        Err(failed) => return refused(visit, &team, failed),
    };
    let draft = Draft::read(&sent);
    match visit.server.api.engine().update_command(&visit.caller, known.command.id, draft.request(&team)).await {
        Ok(_) => Ok(Redirect::to(&list_path(&team)).into_response()),
        Err(Failed::Refused(error)) => {
            let form = Some((draft, Problem::from(&error)));
            show_command(visit, &team, &known, Shown { form, ..Shown::default() }).await
        }
        Err(Failed::Fault(fault)) => Err(fault.into()),
    }
}

/// `GET /t/{team}/integrations/commands/{command}/delete`: asks first.
pub(crate) async fn ask(visit: Visit, Path(path): Path<(String, String)>) -> Result<Response, Failure> {
    const QUESTION: Question = Question {
        about: " is no command any more. What its service has yet to answer comes too late; answers that were posted stay.",
        button: "Delete",
        title: "Delete this command?",
    };
    QUESTION.ask(&visit, path).await
}

/// `POST /t/{team}/integrations/commands/{command}/delete`
pub(crate) async fn delete(Path((team, command)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let deleted = async {
        let known = find(visit, &team, &command).await?;
        visit.server.api.engine().delete_command(&visit.caller, known.command.id).await
    };
    match deleted.await {
        Ok(()) => Ok(Redirect::to(&list_path(&team)).into_response()),
        Err(failed) => refused(visit, &team, failed),
    }
}

/// What is asked before something is done to a command.
pub(crate) struct Question {
    /// What follows its word.
    pub(crate) about: &'static str,
    pub(crate) button: &'static str,
    pub(crate) title: &'static str,
}

impl Question {
    pub(crate) async fn ask(&self, visit: &Visit, (team, command): (String, String)) -> Result<Response, Failure> {
        let team = seen::team(visit, &team)?;
        let known = match find(visit, &team, &command).await {
            Ok(known) => known,
            Err(failed) => return refused(visit, &team, failed),
        };
        let mut out = Html::new();
        out.raw("<div class=\"top\"><h1>").raw(self.title).raw("</h1></div><div class=\"sheet\"><p><strong><bdi>");
        out.text(&word(&known)).raw("</bdi></strong>").raw(self.about).raw("</p>");
        out.raw("<form method=\"post\" class=\"row\">");
        frame::token(&mut out, visit);
        out.raw("<button class=\"danger\">").raw(self.button).raw("</button> <a class=\"button\"");
        out.attribute("href", &command_path(&team, &known)).raw(">Leave it</a></form></div>");
        page(visit, &team, Here::Commands, self.title, &out, StatusCode::OK)
    }
}

/// A command of the team that the visitor may manage.
pub(crate) async fn find(visit: &Visit, team: &Team, command: &str) -> Result<KnownCommand, Failed<ManageError>> {
    let missing = || Failed::Refused(ManageError::NotFound);
    let id = CommandId::parse(command).map_err(|_| missing())?;
    let known = visit.server.api.engine().command(&visit.caller, id).await?;
    if known.command.team_id == team.id { Ok(known) } else { Err(missing()) }
}

/// The page of a command.
pub(crate) async fn show_command(
    visit: &Visit,
    team: &Team,
    known: &KnownCommand,
    shown: Shown,
) -> Result<Response, Failure> {
    let signing = match visit.server.api.engine().command_signing(&visit.caller, known.command.id).await {
        Ok(signing) => signing,
        Err(failed) => return refused(visit, team, failed),
    };
    let path = command_path(team, known);
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1><bdi>").text(&word(known)).raw("</bdi></h1><a class=\"button danger-link\"");
    out.attribute("href", &format!("{path}/delete")).raw(">Delete…</a></div><div class=\"sheet\">");
    if let Some(fresh) = &shown.fresh {
        fresh.draw(&mut out);
    }
    signing::draw(&mut out, visit, &path, known.token.expose(), signing)?;
    out.raw("<section aria-labelledby=\"edit-title\"><h2 id=\"edit-title\">Change it</h2>");
    let (draft, problem) =
        shown.form.map_or_else(|| (Draft::new(&known.command), None), |(draft, why)| (draft, Some(why)));
    command_form::draw(&mut out, visit, team, &draft, problem.as_ref(), (&path, "Save"));
    out.raw("</section></div>");
    page(visit, team, Here::Commands, &word(known), &out, status(problem.as_ref()))
}

/// A page that says why there is nothing to see.
pub(crate) fn refused(visit: &Visit, team: &Team, failed: Failed<ManageError>) -> Result<Response, Failure> {
    match failed {
        Failed::Fault(fault) => Err(fault.into()),
        Failed::Refused(error) => refuse(visit, team, Here::Commands, TITLE, &Problem::from(&error)),
    }
}

/// What people type.
fn word(known: &KnownCommand) -> String {
    format!("/{}", known.command.trigger.as_str())
}

/// Where a command's page is.
pub(crate) fn command_path(team: &Team, known: &KnownCommand) -> String {
    format!("{}/{}", list_path(team), known.command.id.as_str())
}

fn list_path(team: &Team) -> String {
    format!("/t/{}/integrations/commands", team.name)
}

fn show_add(visit: &Visit, team: &Team, draft: &Draft, problem: Option<&Problem>) -> Result<Response, Failure> {
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Add a slash command</h1></div><div class=\"sheet\">");
    command_form::draw(&mut out, visit, team, draft, problem, (&list_path(team), "Add"));
    out.raw("</div>");
    page(visit, team, Here::Commands, "Add a slash command", &out, status(problem))
}

fn draw_item(out: &mut Html, visit: &Visit, team: &Team, known: &KnownCommand) -> Result<(), Failure> {
    let command = &known.command;
    let path = command_path(team, known);
    let creator = visit.server.app.store.read(|connection| Ok(accounts::find(connection, command.creator_id)?))?;
    out.raw("<li class=\"hook\"><h2><a").attribute("href", &path).raw("><bdi>").text(&word(known)).raw("</bdi></a>");
    if !command.display_name.is_empty() {
        out.raw(" <bdi class=\"note\">").text(&command.display_name).raw("</bdi>");
    }
    out.raw("</h2>");
    if !command.description.is_empty() {
        out.raw("<p dir=\"auto\">").text(&command.description).raw("</p>");
    }
    out.raw("<p>").raw(if command.method.as_str() == "G" { "GET" } else { "POST" }).raw(" <code dir=\"auto\">");
    out.text(&command.url).raw("</code></p><p class=\"note\">by <bdi>");
    out.text(creator.as_ref().map_or("somebody", |one| &one.username)).raw("</bdi> · <a");
    out.attribute("href", &path).raw(">Edit</a> · <a").attribute("href", &format!("{path}/delete"));
    out.raw(">Delete</a></p></li>");
    Ok(())
}

fn status(problem: Option<&Problem>) -> StatusCode {
    problem.map_or(StatusCode::OK, |problem| problem.status)
}

const TITLE: &str = "Slash Commands";
