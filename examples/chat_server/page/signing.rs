//! What the receivers of an outgoing webhook know it by: its token, and its signature once it has one.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::engine::{Failed, FreshSigningSecret, KnownOutgoingHook, SigningState};
use jackfield::outgoing::ManageError;

use super::html::Html;
use super::integrations::page;
use super::outgoing::{Shown, find, hook_path, refused, show_hook};
use super::sidebar::Here;
use super::visit::{Sent, Visit};
use super::{frame, once, outgoing_form, seen, stamp};
use crate::errors::Failure;
use crate::tables::teams::Team;

/// A signing secret that was just made.
#[derive(Debug)]
pub(crate) struct Fresh(pub(crate) FreshSigningSecret);

impl Fresh {
    /// Draws it, this once.
    pub(crate) fn draw(&self, out: &mut Html) {
        out.raw("<section class=\"fresh\" role=\"status\" aria-labelledby=\"fresh-title\"><h2 id=\"fresh-title\">");
        out.raw("Its signing secret</h2><p>Copy it now: it is never shown again.</p><div class=\"copy\">");
        out.raw("<input readonly id=\"secret\" aria-label=\"Signing secret\"")
            .attribute("value", &self.0.secret.expose());
        out.raw("><button type=\"button\" data-copy=\"secret\">Copy</button></div>");
        if let Some(until) = self.0.previous_valid_until {
            out.raw("<p>Calls are signed with the one before as well until ");
            stamp::draw(out, until.0);
            out.raw(".</p>");
        }
        out.raw("<p class=\"note\">Packages that verify <a href=\"https://www.standardwebhooks.com\" ");
        out.raw("rel=\"noopener noreferrer\" target=\"_blank\">Standard Webhooks</a> take it as it is.</p></section>");
    }
}

/// `GET /t/{team}/integrations/outgoing/{hook}/token`: asks first.
pub(crate) async fn ask_token(visit: Visit, Path(path): Path<(String, String)>) -> Result<Response, Failure> {
    const QUESTION: Question = Question {
        about: " gets another token. Its service refuses what comes until it knows the new one.",
        button: "Make a new token",
        title: "Make a new token?",
    };
    QUESTION.ask(&visit, path).await
}

/// `POST /t/{team}/integrations/outgoing/{hook}/token`
pub(crate) async fn new_token(Path((team, hook)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let made = async {
        let known = find(visit, &team, &hook).await?;
        visit.server.api.engine().regenerate_outgoing_token(&visit.caller, known.hook.id).await
    };
    back(visit, &team, made.await)
}

/// `POST /t/{team}/integrations/outgoing/{hook}/secret`: makes one, or another.
pub(crate) async fn new_secret(Path((team, hook)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let known = match find(visit, &team, &hook).await {
        Ok(known) => known,
        Err(failed) => return refused(visit, &team, failed),
    };
    if !visit.server.app.spent_forms.spend(&sent) {
        return Ok(Redirect::to(&hook_path(&team, &known)).into_response());
    }
    match visit.server.api.engine().rotate_outgoing_signing(&visit.caller, known.hook.id).await {
        Ok(fresh) => show_hook(visit, &team, &known, Shown { fresh: Some(Fresh(fresh)), ..Shown::default() }).await,
        Err(failed) => refused(visit, &team, failed),
    }
}

/// `GET /t/{team}/integrations/outgoing/{hook}/secret/stop`: asks first.
pub(crate) async fn ask_stop(visit: Visit, Path(path): Path<(String, String)>) -> Result<Response, Failure> {
    const QUESTION: Question = Question {
        about: " calls without a signature from then on. A service that expects one refuses its calls.",
        button: "Stop signing",
        title: "Stop signing?",
    };
    QUESTION.ask(&visit, path).await
}

/// `POST /t/{team}/integrations/outgoing/{hook}/secret/stop`
pub(crate) async fn stop(Path((team, hook)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let stopped = async {
        let known = find(visit, &team, &hook).await?;
        visit.server.api.engine().end_outgoing_signing(&visit.caller, known.hook.id).await?;
        Ok(known)
    };
    back(visit, &team, stopped.await)
}

/// Draws the part of a page, below whose path what happens to token and secret is.
pub(crate) fn draw(
    out: &mut Html,
    visit: &Visit,
    path: &str,
    token: &str,
    signing: SigningState,
) -> Result<(), Failure> {
    out.raw(
        "<section aria-labelledby=\"token-title\"><h2 id=\"token-title\">Its token</h2><p>It stands in every call, so ",
    );
    out.raw(
        "that the service knows who calls.</p><div class=\"copy\"><input readonly id=\"token\" aria-label=\"Token\"",
    );
    out.attribute("value", token).raw("><button type=\"button\" data-copy=\"token\">Copy</button></div>");
    out.raw("<p><a").attribute("href", &format!("{path}/token")).raw(">Make a new one…</a></p></section>");
    out.raw("<section aria-labelledby=\"signing-title\"><h2 id=\"signing-title\">Its signature</h2><p>");
    out.raw(if signing.active {
        "Its calls are signed. A new secret does not end the old one at once: for a while calls are signed with both."
    } else {
        "A signature proves that nobody changed a call on its way, and that it is not an old one sent again."
    });
    out.raw("</p><form method=\"post\" class=\"row\"").attribute("action", &format!("{path}/secret")).raw(">");
    frame::token(out, visit);
    once::draw(out)?;
    out.raw("<button>").raw(if signing.active { "Make a new secret" } else { "Sign calls" }).raw("</button>");
    if signing.active {
        out.raw(" <a class=\"button danger-link\"").attribute("href", &format!("{path}/secret/stop"));
        out.raw(">Stop signing…</a>");
    }
    out.raw("</form></section>");
    Ok(())
}

/// What is asked before something is done to a webhook.
struct Question {
    /// What follows its title.
    about: &'static str,
    button: &'static str,
    title: &'static str,
}

impl Question {
    async fn ask(&self, visit: &Visit, (team, hook): (String, String)) -> Result<Response, Failure> {
        let team = seen::team(visit, &team)?;
        let known = match find(visit, &team, &hook).await {
            Ok(known) => known,
            Err(failed) => return refused(visit, &team, failed),
        };
        let mut out = Html::new();
        out.raw("<div class=\"top\"><h1>").raw(self.title).raw("</h1></div><div class=\"sheet\"><p><strong><bdi>");
        out.text(outgoing_form::title(&known)).raw("</bdi></strong>").raw(self.about).raw("</p>");
        out.raw("<form method=\"post\" class=\"row\">");
        frame::token(&mut out, visit);
        out.raw("<button class=\"danger\">").raw(self.button).raw("</button> <a class=\"button\"");
        out.attribute("href", &hook_path(&team, &known)).raw(">Leave it</a></form></div>");
        page(visit, &team, Here::OutgoingHooks, self.title, &out, StatusCode::OK)
    }
}

/// Back to the webhook's page.
fn back(visit: &Visit, team: &Team, done: Result<KnownOutgoingHook, Failed<ManageError>>) -> Result<Response, Failure> {
    match done {
        Ok(known) => Ok(Redirect::to(&hook_path(team, &known)).into_response()),
        Err(failed) => refused(visit, team, failed),
    }
}
