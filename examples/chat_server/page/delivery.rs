//! `/t/{team}/integrations/outgoing/{hook}/deliveries/{delivery}`: one call with its attempts, and what can be done
//! about it.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::delivery::{Attempt, Delivery, DeliveryId, FailureClass, State};
use jackfield::engine::{Failed, KnownOutgoingHook};
use jackfield::outgoing::ManageError;

use super::deliveries::{draw_state, draw_top, list_path};
use super::field::Problem;
use super::html::Html;
use super::integrations::page;
use super::outgoing::{find, refused};
use super::sidebar::Here;
use super::visit::{Sent, Visit};
use super::{frame, seen, stamp};
use crate::errors::Failure;
use crate::tables::teams::Team;

/// `GET /t/{team}/integrations/outgoing/{hook}/deliveries/{delivery}`
pub(crate) async fn show(
    visit: Visit,
    Path((team, hook, delivery)): Path<(String, String, String)>,
) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let found = async {
        let known = find(&visit, &team, &hook).await?;
        let id = read_id(&delivery)?;
        let delivery = visit.server.api.engine().outgoing_delivery(&visit.caller, known.hook.id, &id).await?;
        Ok((known, delivery))
    };
    match found.await {
        Ok((known, delivery)) => show_one(&visit, &team, &known, &delivery, None),
        Err(failed) => refused(&visit, &team, failed),
    }
}

/// `POST /t/{team}/integrations/outgoing/{hook}/deliveries/{delivery}/{deed}`: `retry` or `drop`.
pub(crate) async fn act(
    Path((team, hook, delivery, deed)): Path<(String, String, String, String)>,
    sent: Sent,
) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let engine = visit.server.api.engine();
    let done = async {
        let known = find(visit, &team, &hook).await?;
        let id = read_id(&delivery)?;
        let done = match deed.as_str() {
            "drop" => engine.drop_outgoing_delivery(&visit.caller, known.hook.id, &id).await,
            "retry" => engine.retry_outgoing_delivery(&visit.caller, known.hook.id, &id).await,
            _ => Err(Failed::Refused(ManageError::DeliveryNotFound)),
        };
        match done {
            // Somebody, or the next attempt, was faster.
            Err(Failed::Refused(error @ ManageError::DeliveryState)) => {
                let delivery = engine.outgoing_delivery(&visit.caller, known.hook.id, &id).await?;
                Ok((known, Some((delivery, Problem::from(&error)))))
            }
            done => done.map(|()| (known, None)),
        }
    };
    match done.await {
        Ok((known, None)) => Ok(Redirect::to(&format!("{}/{delivery}", list_path(&team, &known))).into_response()),
        Ok((known, Some((delivery, problem)))) => show_one(visit, &team, &known, &delivery, Some(&problem)),
        Err(failed) => refused(visit, &team, failed),
    }
}

fn read_id(text: &str) -> Result<DeliveryId, Failed<ManageError>> {
    DeliveryId::parse(text).map_err(|_| Failed::Refused(ManageError::DeliveryNotFound))
}

fn show_one(
    visit: &Visit,
    team: &Team,
    known: &KnownOutgoingHook,
    delivery: &Delivery,
    problem: Option<&Problem>,
) -> Result<Response, Failure> {
    let list = list_path(team, known);
    let mut out = Html::new();
    draw_top(&mut out, "Delivery", team, known);
    out.raw("<div class=\"sheet wide\"><p><a").attribute("href", &list).raw(">All deliveries</a></p>");
    if let Some(problem) = problem {
        out.raw("<p class=\"error\" role=\"alert\">").text(&problem.words).raw("</p>");
    }
    let own = format!("{list}/{}", delivery.id);
    out.raw("<div id=\"live\"").attribute("data-from", &own).raw("><p class=\"standing\">");
    draw_state(&mut out, delivery.state);
    out.raw(" ").raw(meaning(delivery.state));
    if let Some(due) = delivery.due.filter(|_| delivery.state == State::Pending) {
        out.raw(" The next attempt is made ");
        stamp::draw_exact(&mut out, due.0);
        out.raw(".");
    }
    out.raw("</p>");
    if !delivery.reason.is_empty() {
        out.raw("<p>Why: ").text(&delivery.reason).raw("</p>");
    }
    out.raw("<p class=\"note\">To <bdi>").text(&delivery.target).raw("</bdi> · for <a");
    out.attribute("href", &format!("/t/{}/posts/{}", team.name, delivery.cause.as_str())).raw(">a message</a> of ");
    stamp::draw_exact(&mut out, delivery.create_at.0);
    if let Some(reply) = delivery.reply {
        out.raw(" · <a").attribute("href", &format!("/t/{}/posts/{}", team.name, reply.as_str()));
        out.raw(">its answer</a>");
    }
    out.raw(" · <code>webhook-id: ").text(delivery.id.as_str()).raw("</code></p>");
    draw_attempts(&mut out, &delivery.attempts);
    out.raw("<div class=\"row\">");
    if matches!(delivery.state, State::Dead | State::Failed) {
        draw_deed(&mut out, visit, &format!("{own}/retry"), "Retry now");
    }
    if delivery.state == State::Pending {
        draw_deed(&mut out, visit, &format!("{own}/drop"), "Drop");
    }
    out.raw("</div></div></div>");
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    page(visit, team, Here::OutgoingHooks, "Delivery", &out, status)
}

fn draw_attempts(out: &mut Html, attempts: &[Attempt]) {
    if attempts.is_empty() {
        out.raw("<p class=\"empty\">It was not tried yet.</p>");
        return;
    }
    out.raw(
        "<div class=\"scroll tall\" tabindex=\"0\" role=\"region\" aria-label=\"Attempts\"><table class=\"audit\">",
    );
    out.raw("<thead><tr><th scope=\"col\">Begun</th><th scope=\"col\">Took</th><th scope=\"col\">What came of it</th>");
    out.raw("</tr></thead><tbody>");
    for attempt in attempts {
        out.raw("<tr><td>");
        stamp::draw_exact(out, attempt.start.0);
        out.raw("</td><td>").show(attempt.duration).raw(" ms</td><td>");
        if let Some(status) = attempt.status {
            out.raw("answered with status ").show(status);
        }
        if let Some(failure) = attempt.failure {
            out.raw_if(attempt.status.is_some(), ": ")
                .raw("<span class=\"refused\">")
                .raw(words(failure))
                .raw("</span>");
        }
        out.raw("</td></tr>");
    }
    out.raw("</tbody></table></div>");
}

fn draw_deed(out: &mut Html, visit: &Visit, to: &str, label: &'static str) {
    out.raw("<form method=\"post\"").attribute("action", to).raw(">");
    frame::token(out, visit);
    out.raw("<button>").raw(label).raw("</button></form>");
}

/// What a state means, for people.
fn meaning(state: State) -> &'static str {
    match state {
        State::Dead => "It was tried as long as it was of use, and given up.",
        State::Delivered => "The service answered.",
        State::Dropped => "It was ended before it was delivered.",
        State::Failed => "It is not tried again by itself.",
        State::Pending => "It waits, or is being tried.",
        _ => "",
    }
}

/// What an attempt met, for people.
fn words(failure: FailureClass) -> &'static str {
    match failure {
        FailureClass::Blocked => "the address is not allowed",
        FailureClass::Body => "the answer could not be used",
        FailureClass::Connect => "no connection",
        FailureClass::Dns => "the name has no address",
        FailureClass::Interrupted => "this server stopped during the call",
        FailureClass::Oauth => "no access token was to be had",
        FailureClass::Protocol => "the answer was broken",
        FailureClass::Redirect => "a redirect that is not followed",
        FailureClass::Status => "a status that asks for another try",
        FailureClass::Timeout => "no answer in time",
        FailureClass::Tls => "no secure connection",
        FailureClass::Url => "the address is none",
        _ => "it failed",
    }
}
