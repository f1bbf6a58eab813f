//! `/t/{team}/integrations/audit`: what happened last, for administrators of the system.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use jackfield::id::UserId;
use jackfield::port::Scope;

use super::field::Problem;
use super::html::Html;
use super::integrations::{page, refuse};
use super::sidebar::Here;
use super::visit::Visit;
use super::{seen, stamp};
use crate::audit::{Entry, Of};
use crate::errors::Failure;
use crate::tables::accounts;

/// `GET /t/{team}/integrations/audit`
pub(crate) async fn show(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    if !visit.server.app.may(visit.user(), "manage_system", Scope::System)? {
        let words = "Only administrators of the system may look at this.";
        return refuse(&visit, &team, Here::Audit, "Audit", &Problem::new("", StatusCode::FORBIDDEN, words));
    }
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Audit</h1></div><div class=\"sheet wide\"><p class=\"lead\">The last 200 events ");
    out.raw("since the server started, the newest first. All of them are in its log.</p>");
    out.raw("<div class=\"scroll tall\" tabindex=\"0\" role=\"region\" aria-label=\"Events\"><table class=\"audit\"><thead>");
    out.raw("<tr><th scope=\"col\">When</th><th scope=\"col\">Who</th><th scope=\"col\">What</th>");
    out.raw("<th scope=\"col\">From</th><th scope=\"col\">Outcome</th></tr></thead><tbody>");
    let entries = visit.server.app.audit.newest();
    for entry in &entries {
        draw(&mut out, &visit, entry)?;
    }
    out.raw("</tbody></table></div>").raw_if(entries.is_empty(), "<p class=\"empty\">Nothing happened yet.</p>");
    out.raw("</div>");
    page(&visit, &team, Here::Audit, "Audit", &out, StatusCode::OK)
}

fn draw(out: &mut Html, visit: &Visit, entry: &Entry) -> Result<(), Failure> {
    let what = &entry.what;
    out.raw("<tr><td>");
    stamp::draw(out, entry.at);
    out.raw("</td><td><bdi>").text(&name(visit, what.actor)?.unwrap_or_else(|| "–".to_owned()));
    out.raw("</bdi></td><td>").text(&what.action).raw(" ").raw(what.subject.word());
    match what.subject {
        Of::Bot(bot) => {
            out.raw(" <bdi>").text(&name(visit, bot)?.unwrap_or_default()).raw("</bdi>");
        }
        Of::Token { id, user } => {
            if let Some(id) = id {
                out.raw(" <code>").text(id.as_str()).raw("</code>");
            }
            if let Some(user) = name(visit, user)? {
                out.raw(" of <bdi>").text(&user).raw("</bdi>");
            }
        }
        Of::Command | Of::OutgoingWebhook | Of::Server | Of::Webhook => {}
    }
    if entry.times > 1 {
        out.raw(" <span class=\"note\">").show(entry.times).raw(" times</span>");
    }
    if !what.detail.is_empty() {
        out.raw("<p class=\"note\">").text(&what.detail).raw("</p>");
    }
    out.raw("</td><td>").text(&what.address.map_or_else(|| "–".to_owned(), |address| address.to_string()));
    match &what.refused {
        None => out.raw("</td><td>done</td></tr>"),
        Some(id) => out.raw("</td><td><span class=\"refused\">refused</span> <code>").text(id).raw("</code></td></tr>"),
    };
    Ok(())
}

/// What a user is called, or the id of one who is gone.
fn name(visit: &Visit, id: Option<UserId>) -> Result<Option<String>, Failure> {
    let Some(id) = id else { return Ok(None) };
    let account = visit.server.app.store.read(|connection| Ok(accounts::find(connection, id)?))?;
    Ok(Some(account.map_or_else(|| id.as_str().to_owned(), |account| account.username)))
}
