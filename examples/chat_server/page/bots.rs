//! `/t/{team}/integrations/bots`: bot accounts, by hand.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::bot::{Bot, BotError};
use jackfield::engine::{BotRange, Failed};
use jackfield::id::UserId;
use jackfield::port::Permission;

use super::bot_form::{self, Draft, Rights};
use super::bot_page::{self, bot_path, list_path};
use super::field::Problem;
use super::html::Html;
use super::integrations::{page, refuse};
use super::seen;
use super::sidebar::Here;
use super::upload::Upload;
use super::visit::{Sent, Visit};
use crate::errors::Failure;
use crate::routes::account_care::give_roles;
use crate::routes::members::join_team;
use crate::routes::pictures;
use crate::tables::accounts;
use crate::tables::teams::Team;

/// `GET /t/{team}/integrations/bots`: one's own, and those of others for who may see them.
pub(crate) async fn list(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let range = BotRange { include_deleted: true, limit: MOST, only_orphaned: false, skip: 0 };
    let found = match visit.server.api.engine().bots(&visit.caller, range).await {
        Ok(found) => found,
        Err(failed) => return refused(&visit, &team, failed),
    };
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Bot Accounts</h1><a class=\"button primary\"");
    out.attribute("href", &format!("{}/add", list_path(&team)))
        .raw(">Add a bot account</a></div><div class=\"sheet\">");
    out.raw(
        "<p class=\"lead\">A bot is an account for a program: it reads, writes and answers with a token instead of ",
    );
    out.raw("a password. Bots made for Mattermost work here as they are.</p>");
    out.raw_if(found.is_empty(), "<p class=\"empty\">There are no bots yet.</p>").raw("<ul class=\"hooks\">");
    for bot in &found {
        draw_item(&mut out, &visit, &team, bot)?;
    }
    out.raw("</ul>").raw_if(found.len() >= MOST, "<p class=\"cut\">There may be more, which the API lists.</p>");
    out.raw("</div>");
    page(&visit, &team, Here::Bots, TITLE, &out, StatusCode::OK)
}

/// `GET /t/{team}/integrations/bots/add`
pub(crate) async fn add(visit: Visit, Path(team): Path<String>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let app = &visit.server.app;
    if !app.may(visit.user(), Permission::CREATE_BOT.as_str(), jackfield::port::Scope::System)? {
        return refused(&visit, &team, Failed::Refused(BotError::Forbidden(Permission::CREATE_BOT)));
    }
    if !app.settings.now().flag("ServiceSettings", "EnableBotAccountCreation") {
        return refused(&visit, &team, Failed::Refused(BotError::CreationDisabled));
    }
    let rights = Rights::load(&visit, &team)?;
    show_add(&visit, &team, rights, &Draft { joins: true, ..Draft::default() }, None)
}

/// `POST /t/{team}/integrations/bots`
pub(crate) async fn create(Path(team): Path<String>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let (draft, rights) = (Draft::read(&sent), Rights::load(visit, &team)?);
    if let Some(problem) = rights.check(&draft) {
        return show_add(visit, &team, rights, &draft, Some(&problem));
    }
    let bot = match visit.server.api.engine().create_bot(&visit.caller, draft.request()).await {
        Ok(bot) => bot,
        Err(Failed::Refused(error)) => return show_add(visit, &team, rights, &draft, Some(&Problem::from(&error))),
        Err(Failed::Fault(fault)) => return Err(fault.into()),
    };
    let server = &visit.server;
    if draft.is_admin {
        give_roles(&server.app, &server.api, bot.user_id, role(true)).await?;
    }
    if draft.joins {
        join_team(&server.app, team.id, bot.user_id).await?;
    }
    Ok(Redirect::to(&bot_path(&team, &bot)).into_response())
}

/// `GET /t/{team}/integrations/bots/{bot}`
pub(crate) async fn show(visit: Visit, Path((team, bot)): Path<(String, String)>) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    match find(&visit, &bot).await {
        Ok(bot) => bot_page::show(&visit, &team, &bot, bot_page::Shown::default()).await,
        Err(failed) => refused(&visit, &team, failed),
    }
}

/// `POST /t/{team}/integrations/bots/{bot}`
pub(crate) async fn update(Path((team, bot)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let bot = match find(visit, &bot).await {
        Ok(bot) => bot,
        Err(failed) => return refused(visit, &team, failed),
    };
    let (draft, rights) = (Draft::read(&sent), Rights::load(visit, &team)?);
    let was_admin = bot_page::is_administrator(visit, bot.user_id)?;
    let problem = match rights.check(&draft) {
        Some(problem) => problem,
        None => match visit.server.api.engine().patch_bot(&visit.caller, bot.user_id, draft.request()).await {
            Ok(bot) => {
                if rights.roles && was_admin != draft.is_admin {
                    give_roles(&visit.server.app, &visit.server.api, bot.user_id, role(draft.is_admin)).await?;
                }
                return Ok(Redirect::to(&bot_path(&team, &bot)).into_response());
            }
            Err(Failed::Refused(error)) => Problem::from(&error),
            Err(Failed::Fault(fault)) => return Err(fault.into()),
        },
    };
    let shown = bot_page::Shown { draft: Some(draft), problem: Some(problem), ..bot_page::Shown::default() };
    bot_page::show(visit, &team, &bot, shown).await
}

/// `POST /t/{team}/integrations/bots/{bot}/enable`
pub(crate) async fn enable(Path((team, bot)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    switch(&team, &bot, &sent, true).await
}

/// `POST /t/{team}/integrations/bots/{bot}/disable`
pub(crate) async fn disable(Path((team, bot)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    switch(&team, &bot, &sent, false).await
}

/// `POST /t/{team}/integrations/bots/{bot}/icon`: another picture, or the default one where none was chosen.
pub(crate) async fn icon(Path((team, bot)): Path<(String, String)>, upload: Upload) -> Result<Response, Failure> {
    let visit = &upload.visit;
    let team = seen::team(visit, &team)?;
    let bot = match find(visit, &bot).await {
        Ok(bot) => bot,
        Err(failed) => return refused(visit, &team, failed),
    };
    let server = &visit.server;
    if !server.api.engine().may_set_picture(&visit.caller, bot.user_id).await? {
        return refused(visit, &team, Failed::Refused(BotError::Forbidden(Permission::MANAGE_BOTS)));
    }
    match upload.picture {
        Some(picture) => pictures::keep(&server.app, bot.user_id, picture).await?,
        None => pictures::forget(&server.app, bot.user_id).await?,
    }
    Ok(Redirect::to(&bot_path(&team, &bot)).into_response())
}

/// Finds a bot that the visitor may see.
pub(crate) async fn find(visit: &Visit, bot: &str) -> Result<Bot, Failed<BotError>> {
    let id = UserId::parse(bot).map_err(|_| Failed::Refused(BotError::NotFound))?;
    visit.server.api.engine().bot(&visit.caller, id, true).await
}

/// A page that says why there is nothing to see.
pub(crate) fn refused(visit: &Visit, team: &Team, failed: Failed<BotError>) -> Result<Response, Failure> {
    match failed {
        Failed::Fault(fault) => Err(fault.into()),
        Failed::Refused(error) => refuse(visit, team, Here::Bots, TITLE, &Problem::from(&error)),
    }
}

async fn switch(team: &str, bot: &str, sent: &Sent, on: bool) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, team)?;
    let engine = visit.server.api.engine();
    let switched = match find(visit, bot).await {
        Ok(bot) if on => engine.enable_bot(&visit.caller, bot.user_id).await,
        Ok(bot) => engine.disable_bot(&visit.caller, bot.user_id).await,
        Err(failed) => Err(failed),
    };
    match switched {
        Ok(bot) => Ok(Redirect::to(&bot_path(&team, &bot)).into_response()),
        Err(failed) => refused(visit, &team, failed),
    }
}

fn show_add(
    visit: &Visit,
    team: &Team,
    rights: Rights,
    draft: &Draft,
    problem: Option<&Problem>,
) -> Result<Response, Failure> {
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1>Add a bot account</h1></div><div class=\"sheet\">");
    bot_form::draw(&mut out, visit, rights, draft, problem, (&list_path(team), "Add", true));
    out.raw("</div>");
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    page(visit, team, Here::Bots, "Add a bot account", &out, status)
}

fn draw_item(out: &mut Html, visit: &Visit, team: &Team, bot: &Bot) -> Result<(), Failure> {
    out.raw("<li class=\"hook bot\">");
    bot_page::draw_icon(out, visit, bot)?;
    out.raw("<div><h2><a").attribute("href", &bot_path(team, bot)).raw("><bdi>").text(bot_page::title(bot));
    out.raw("</bdi></a> <span class=\"tag\">BOT</span>");
    out.raw_if(bot.is_disabled(), " <span class=\"tag off\">DISABLED</span>").raw("</h2>");
    if !bot.description.is_empty() {
        out.raw("<p dir=\"auto\">").text(&bot.description).raw("</p>");
    }
    out.raw("<p class=\"note\">@<bdi>").text(&bot.username).raw("</bdi> · owned by <bdi>");
    out.text(&owner(visit, bot)?).raw("</bdi></p></div></li>");
    Ok(())
}

/// What the owner of a bot is called: a user, or the name of an extension.
fn owner(visit: &Visit, bot: &Bot) -> Result<String, Failure> {
    let Ok(id) = UserId::parse(&bot.owner_id) else { return Ok(bot.owner_id.clone()) };
    let found = visit.server.app.store.read(|connection| Ok(accounts::find(connection, id)?))?;
    Ok(found.map_or_else(|| bot.owner_id.clone(), |account| account.username))
}

fn role(is_admin: bool) -> String {
    if is_admin { "system_user system_admin" } else { "system_user" }.to_owned()
}

/// How many are listed.
const MOST: usize = 200;
const TITLE: &str = "Bot Accounts";
