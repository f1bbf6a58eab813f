//! What comes of a command where no script runs it: its answer for one alone is a page.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::command::ExecuteRequest;
use jackfield::engine::Failed;
use jackfield::id::PostId;

use super::html::Html;
use super::link::Target;
use super::markdown::{self, Budget};
use super::sidebar::Here;
use super::visit::Visit;
use super::{frame, sidebar};
use crate::errors::Failure;
use crate::tables::channels::Channel;
use crate::tables::teams::Team;

/// Runs a line, and leads to where the command says, to its answer, or back.
pub(crate) async fn run(
    visit: &Visit,
    team: &Team,
    channel: &Channel,
    line: String,
    root: Option<PostId>,
    back: &str,
) -> Result<Response, Failure> {
    let mut request = ExecuteRequest::new(channel.id, line).with_team(team.id);
    if let Some(root) = root {
        request = request.in_thread(root);
    }
    let answer = match visit.server.api.engine().execute_command(&visit.caller, request).await {
        Ok(answer) => answer,
        Err(Failed::Fault(fault)) => return Err(fault.into()),
        Err(Failed::Refused(error)) => {
            return Err(Failure::refused(error.status(), "chat.command.refused", error.to_string()));
        }
    };
    let settings = visit.server.app.settings.now();
    let location = answer.goto_location.as_str();
    let location = location.strip_prefix(settings.text("ServiceSettings", "SiteURL")).unwrap_or(location);
    if let Some(path) = Target::read(location).as_ref().and_then(Target::own_path) {
        return Ok(Redirect::to(path).into_response());
    }
    if answer.text.is_empty() || answer.response_type == "in_channel" {
        return Ok(Redirect::to(back).into_response());
    }
    let mut out = Html::new();
    out.raw(
        "<div class=\"top\"><h1>Only visible to you</h1></div><div class=\"sheet\"><div class=\"body\" dir=\"auto\">",
    );
    markdown::draw(&mut out, &answer.text, &mut Budget::whole());
    out.raw("</div><p class=\"row\"><a class=\"button\"").attribute("href", back).raw(">Back</a></p></div>");
    let menu = sidebar::draw(visit, team, Here::Channel(channel.id))?;
    Ok(frame::page("Only visible to you", visit, team, &menu, &out).with_status(StatusCode::OK))
}
