//! What is done about calls of an outgoing webhook that got no answer.

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::delivery::Mode;
use jackfield::engine::KnownOutgoingHook;

use super::field::Field;
use super::frame;
use super::html::Html;
use super::outgoing::{find, hook_path, refused};
use super::seen;
use super::visit::{Sent, Visit};
use crate::errors::Failure;
use crate::tables::teams::Team;

/// `POST /t/{team}/integrations/outgoing/{hook}/mode`
pub(crate) async fn choose(Path((team, hook)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let mode = MODES.into_iter().find(|(_, word, _)| *word == sent.text("mode")).and_then(|(mode, ..)| mode);
    let done = async {
        let known = find(visit, &team, &hook).await?;
        visit.server.api.engine().set_outgoing_delivery_mode(&visit.caller, known.hook.id, mode).await?;
        Ok(known)
    };
    match done.await {
        Ok(known) => Ok(Redirect::to(&hook_path(&team, &known)).into_response()),
        Err(failed) => refused(visit, &team, failed),
    }
}

/// Draws the part of a webhook's page.
pub(crate) fn draw(out: &mut Html, visit: &Visit, team: &Team, known: &KnownOutgoingHook) {
    out.raw("<section aria-labelledby=\"mode-title\"><h2 id=\"mode-title\">When nobody answers</h2>");
    out.raw("<form method=\"post\" class=\"fields\"");
    out.attribute("action", &format!("{}/mode", hook_path(team, known))).raw(">");
    frame::token(out, visit);
    let chosen = MODES.into_iter().find(|(mode, ..)| *mode == known.hook.mode).map_or("", |(_, word, _)| word);
    let options = MODES.into_iter().map(|(_, word, name)| (word, name));
    let hint = "A call that is made again has the same id, so a service can tell that it had it before.";
    Field::new("mode", None).choice(out, "Calls are", hint, options, chosen);
    out.raw("<div class=\"row\"><button>Choose</button></div></form></section>");
}

const MODES: [(Option<Mode>, &str, &str); 4] = [
    (None, "", "made again as the server’s settings say"),
    (Some(Mode::Safe), "safe", "made again if nothing was sent"),
    (Some(Mode::Full), "full", "made again until they are answered well"),
    (Some(Mode::Off), "off", "made once"),
];
