//! `/t/{team}/integrations/outgoing/{hook}/deliveries`: what became of the calls of a webhook.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use jackfield::delivery::{BreakerFigure, Delivery, LaneFigures, State};
use jackfield::engine::{DeliveryRange, KnownOutgoingHook};

use super::html::Html;
use super::integrations::page;
use super::outgoing::{find, hook_path, refused};
use super::sidebar::Here;
use super::visit::Visit;
use super::{outgoing_form, seen, stamp};
use crate::caller::Params;
use crate::errors::Failure;
use crate::tables::teams::Team;

/// `GET /t/{team}/integrations/outgoing/{hook}/deliveries?state=&page=`: the newest first.
pub(crate) async fn list(
    visit: Visit,
    params: Params,
    Path((team, hook)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let known = match find(&visit, &team, &hook).await {
        Ok(known) => known,
        Err(failed) => return refused(&visit, &team, failed),
    };
    let state = STATES.into_iter().find(|(_, word)| *word == params.text("state"));
    let number: usize = params.text("page").parse().unwrap_or_default();
    let range =
        DeliveryRange { limit: PAGE + 1, skip: number.saturating_mul(PAGE), state: state.map(|(state, _)| state) };
    let engine = visit.server.api.engine();
    let found = match engine.outgoing_deliveries(&visit.caller, known.hook.id, range).await {
        Ok(found) => found,
        Err(failed) => return refused(&visit, &team, failed),
    };
    let lanes = match engine.outgoing_lanes(&visit.caller, known.hook.id).await {
        Ok(lanes) => lanes,
        Err(failed) => return refused(&visit, &team, failed),
    };
    let chosen = state.map_or("", |(_, word)| word);
    let path = list_path(&team, &known);
    let to = |number: usize| format!("{path}?state={chosen}&page={number}");
    let mut out = Html::new();
    draw_top(&mut out, "Deliveries", &team, &known);
    out.raw(
        "<div class=\"sheet wide\"><p class=\"lead\">Every call that a message set off, the newest first. What nobody ",
    );
    out.raw("answered is tried again for a quarter of an hour.</p><nav class=\"filters\" aria-label=\"Which ones\">");
    for (name, word) in [("All", "")].into_iter().chain(FILTERS) {
        let to = if word.is_empty() { path.clone() } else { format!("{path}?state={word}") };
        out.raw("<a").attribute("href", &to).raw_if(word == chosen, " aria-current=\"page\"").raw(">");
        out.raw(name).raw("</a>");
    }
    out.raw("</nav><div id=\"live\"").attribute("data-from", &to(number)).raw(">");
    lanes.iter().for_each(|lane| draw_lane(&mut out, lane));
    draw_table(&mut out, &path, found.get(..PAGE).unwrap_or(&found));
    out.raw("</div>");
    out.raw("<p class=\"row\">");
    if let Some(newer) = number.checked_sub(1) {
        out.raw("<a class=\"button\"").attribute("href", &to(newer)).raw(">Newer</a>");
    }
    if found.len() > PAGE {
        out.raw("<a class=\"button\"").attribute("href", &to(number.saturating_add(1))).raw(">Older</a>");
    }
    out.raw("</p></div>");
    page(&visit, &team, Here::OutgoingHooks, "Deliveries", &out, StatusCode::OK)
}

/// Draws the head of a page about deliveries, with the way back to the webhook.
pub(crate) fn draw_top(out: &mut Html, title: &'static str, team: &Team, known: &KnownOutgoingHook) {
    out.raw("<div class=\"top\"><h1>").raw(title).raw("</h1><p class=\"purpose\">of <a");
    out.attribute("href", &hook_path(team, known)).raw("><bdi>").text(outgoing_form::title(known));
    out.raw("</bdi></a></p><span id=\"connection\" class=\"connection\" role=\"status\"></span></div>");
}

/// Draws how a delivery stands.
pub(crate) fn draw_state(out: &mut Html, state: State) {
    let word = STATES.into_iter().find(|(one, _)| *one == state).map_or("unknown", |(_, word)| word);
    out.raw("<span class=\"tag state\"").attribute("data-state", word).raw(">").raw(word).raw("</span>");
}

/// Where the deliveries of a webhook are.
pub(crate) fn list_path(team: &Team, known: &KnownOutgoingHook) -> String {
    format!("{}/deliveries", hook_path(team, known))
}

fn draw_table(out: &mut Html, path: &str, found: &[Delivery]) {
    if found.is_empty() {
        out.raw("<p class=\"empty\">There are none.</p>");
        return;
    }
    out.raw("<div class=\"scroll tall\" tabindex=\"0\" role=\"region\" aria-label=\"Deliveries\">");
    out.raw("<table class=\"audit calls\"><thead><tr><th scope=\"col\">When</th><th scope=\"col\">To</th>");
    out.raw("<th scope=\"col\">State</th><th scope=\"col\">Attempts</th>");
    out.raw("<th scope=\"col\">Why, and what comes next</th></tr></thead><tbody>");
    for delivery in found {
        draw_row(out, path, delivery);
    }
    out.raw("</tbody></table></div>");
}

fn draw_row(out: &mut Html, path: &str, delivery: &Delivery) {
    out.raw("<tr><td><a").attribute("href", &format!("{path}/{}", delivery.id)).raw(">");
    stamp::draw_exact(out, delivery.create_at.0);
    out.raw("</a></td><td><bdi>").text(&delivery.target).raw("</bdi></td><td>");
    draw_state(out, delivery.state);
    out.raw("</td><td>").show(delivery.attempts.len()).raw("</td><td>");
    out.text(&delivery.reason);
    if let Some(due) = delivery.due.filter(|_| delivery.state == State::Pending) {
        out.raw_if(!delivery.reason.is_empty(), "; ").raw("the next attempt is made ");
        stamp::draw_exact(out, due.0);
    }
    out.raw("</td></tr>");
}

/// Says of an address that calls to it wait, and why.
fn draw_lane(out: &mut Html, lane: &LaneFigures) {
    let rests = lane.breaker != BreakerFigure::Closed;
    if !rests && lane.beyond_limit == 0 {
        return;
    }
    out.raw("<p class=\"error\"><bdi>").text(&lane.origin).raw("</bdi>: ");
    if rests {
        out.raw("nobody answers there, ").show(lane.waiting).raw(" calls wait. ");
    }
    if let Some(at) = lane.retry_at.filter(|_| rests) {
        out.raw("One is tried ");
        stamp::draw_exact(out, at.0);
        out.raw(". ");
    }
    if lane.beyond_limit > 0 {
        out.show(lane.beyond_limit).raw(" more were too many to be kept.");
    }
    out.raw("</p>");
}

const FILTERS: [(&str, &str); 5] = [
    ("Pending", "pending"),
    ("Delivered", "delivered"),
    ("Failed", "failed"),
    ("Dead", "dead"),
    ("Dropped", "dropped"),
];
/// How many are on a page.
const PAGE: usize = 50;
const STATES: [(State, &str); 5] = [
    (State::Dead, "dead"),
    (State::Delivered, "delivered"),
    (State::Dropped, "dropped"),
    (State::Failed, "failed"),
    (State::Pending, "pending"),
];
