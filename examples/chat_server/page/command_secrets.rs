//! What the service of a slash command knows it by: its token, and its signature once it has one.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::command::ManageError;
use jackfield::engine::{Failed, KnownCommand};

use super::seen;
use super::signing::Fresh;
use super::slash_commands::{Question, Shown, command_path, find, refused, show_command};
use super::visit::{Sent, Visit};
use crate::errors::Failure;
use crate::tables::teams::Team;

/// `GET /t/{team}/integrations/commands/{command}/token`: asks first.
pub(crate) async fn ask_token(visit: Visit, Path(path): Path<(String, String)>) -> Result<Response, Failure> {
    const QUESTION: Question = Question {
        about: " gets another token. Its service refuses calls until it knows the new one.",
        button: "Make a new token",
        title: "Make a new token?",
    };
    QUESTION.ask(&visit, path).await
}

/// `POST /t/{team}/integrations/commands/{command}/token`
pub(crate) async fn new_token(Path((team, command)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let made = async {
        let known = find(visit, &team, &command).await?;
        visit.server.api.engine().regenerate_command_token(&visit.caller, known.command.id).await?;
        Ok(known)
    };
    back(visit, &team, made.await)
}

/// `POST /t/{team}/integrations/commands/{command}/secret`: makes one, or another.
pub(crate) async fn new_secret(Path((team, command)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let known = match find(visit, &team, &command).await {
        Ok(known) => known,
        Err(failed) => return refused(visit, &team, failed),
    };
    if !visit.server.app.spent_forms.spend(&sent) {
        return Ok(Redirect::to(&command_path(&team, &known)).into_response());
    }
    match visit.server.api.engine().rotate_command_signing(&visit.caller, known.command.id).await {
        Ok(fresh) => show_command(visit, &team, &known, Shown { fresh: Some(Fresh(fresh)), ..Shown::default() }).await,
        Err(failed) => refused(visit, &team, failed),
    }
}

/// `GET /t/{team}/integrations/commands/{command}/secret/stop`: asks first.
pub(crate) async fn ask_stop(visit: Visit, Path(path): Path<(String, String)>) -> Result<Response, Failure> {
    const QUESTION: Question = Question {
        about: " calls without a signature from then on. A service that expects one refuses its calls.",
        button: "Stop signing",
        title: "Stop signing?",
    };
    QUESTION.ask(&visit, path).await
}

/// `POST /t/{team}/integrations/commands/{command}/secret/stop`
pub(crate) async fn stop(Path((team, command)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let stopped = async {
        let known = find(visit, &team, &command).await?;
        visit.server.api.engine().end_command_signing(&visit.caller, known.command.id).await?;
        Ok(known)
    };
    back(visit, &team, stopped.await)
}

/// Back to the command's page.
fn back(visit: &Visit, team: &Team, done: Result<KnownCommand, Failed<ManageError>>) -> Result<Response, Failure> {
    match done {
        Ok(known) => Ok(Redirect::to(&command_path(team, &known)).into_response()),
        Err(failed) => refused(visit, team, failed),
    }
}
