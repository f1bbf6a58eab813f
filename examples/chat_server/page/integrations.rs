//! `/t/{team}/integrations`: what can be plugged in, and the frame of its pages.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use jackfield::port::{Permission, Scope};

use super::field::Problem;
use super::frame;
use super::html::Html;
use super::seen;
use super::sidebar::{self, Here};
use super::visit::Visit;
use crate::errors::Failure;
use crate::tables::teams::Team;

/// `GET /t/{team}/integrations`
pub(crate) async fn front(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Integrations</h1></div><div class=\"sheet\">");
    let kinds = kinds(&visit, &team)?;
    if kinds.is_empty() {
        out.raw("<p class=\"empty\">Your account may have no integrations. Ask an administrator of the team.</p>");
    }
    out.raw("<ul class=\"hooks\">");
    for kind in kinds {
        out.raw("<li class=\"hook\"><h2><a href=\"/t/").text(&team.name).raw(kind.path).raw("\">").raw(kind.name);
        out.raw("</a></h2><p>").raw(kind.about).raw("</p></li>");
    }
    out.raw("</ul></div>");
    page(&visit, &team, Here::Integrations, "Integrations", &out, StatusCode::OK)
}

/// A kind of page under this one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    about: &'static str,
    pub(crate) here: Here,
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) sign: &'static str,
}

/// Those that the visitor may use.
pub(crate) fn kinds(visit: &Visit, team: &Team) -> Result<Vec<Kind>, Failure> {
    let everywhere = |permission: Permission| visit.server.app.may(visit.user(), permission.as_str(), Scope::System);
    let mut found = Vec::new();
    if sidebar::may_integrate(visit, team)? {
        found.push(Kind {
            about: "Addresses that programs send messages to: CI jobs, monitors, scripts.",
            here: Here::Hooks,
            name: "Incoming Webhooks",
            path: "/integrations/incoming",
            sign: "⇥",
        });
    }
    let may_listen = Permission::MANAGE_OWN_OUTGOING_WEBHOOKS;
    if visit.server.app.may(visit.user(), may_listen.as_str(), Scope::Team(team.id))? {
        found.push(Kind {
            about: "Services that hear of messages, by a trigger word or a channel, and may answer.",
            here: Here::OutgoingHooks,
            name: "Outgoing Webhooks",
            path: "/integrations/outgoing",
            sign: "⇤",
        });
    }
    let permission = Permission::MANAGE_OWN_SLASH_COMMANDS;
    if visit.server.app.may(visit.user(), permission.as_str(), Scope::Team(team.id))? {
        found.push(Kind {
            about: "Words behind a slash that call your services: people type them and get an answer.",
            here: Here::Commands,
            name: "Slash Commands",
            path: "/integrations/commands",
            sign: "/",
        });
    }
    let bots = [Permission::READ_BOTS, Permission::READ_OTHERS_BOTS, Permission::CREATE_BOT];
    if bots.map(everywhere).into_iter().collect::<Result<Vec<_>, _>>()?.contains(&true) {
        found.push(Kind {
            about: "Accounts for programs that read and answer, each with tokens of its own.",
            here: Here::Bots,
            name: "Bot Accounts",
            path: "/integrations/bots",
            sign: "⚙",
        });
    }
    if everywhere(Permission::MANAGE_SYSTEM)? {
        found.push(Kind {
            about: "Who made, changed and used what, and what was refused.",
            here: Here::Audit,
            name: "Audit",
            path: "/integrations/audit",
            sign: "☰",
        });
    }
    Ok(found)
}

/// A page with the menu beside it.
pub(crate) fn page(
    visit: &Visit,
    team: &Team,
    here: Here,
    title: &str,
    out: &Html,
    status: StatusCode,
) -> Result<Response, Failure> {
    let menu = sidebar::draw(visit, team, here)?;
    Ok(frame::page(title, visit, team, &menu, out).with_status(status))
}

/// A page that says why there is nothing to see.
pub(crate) fn refuse(
    visit: &Visit,
    team: &Team,
    here: Here,
    title: &'static str,
    problem: &Problem,
) -> Result<Response, Failure> {
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>").raw(title).raw("</h1></div><div class=\"sheet\">");
    out.raw("<p class=\"error\" role=\"alert\">").text(&problem.words).raw("</p></div>");
    page(visit, team, here, title, &out, problem.status)
}
