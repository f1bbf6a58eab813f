//! `/t/{team}/integrations/bots/{bot}`: one bot, with its tokens.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::bot::Bot;
use jackfield::engine::FreshToken;
use jackfield::id::UserId;

use super::bot_form::{self, Rights};
use super::field::Problem;
use super::html::Html;
use super::integrations::{page, refuse};
use super::sidebar::Here;
use super::tokens::{Deed, Draft, Made, Tokens};
use super::visit::{Sent, Visit};
use super::{bots, frame, seen};
use crate::errors::Failure;
use crate::tables::teams::Team;
use crate::tables::{accounts, channels};

/// What a bot's page has beside the bot.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// What was written into the bot's form.
    pub(crate) draft: Option<bot_form::Draft>,
    /// A token that was just made.
    pub(crate) fresh: Option<FreshToken>,
    /// What was wrong with it.
    pub(crate) problem: Option<Problem>,
    /// What was written into the form of a token, and what was wrong with it.
    pub(crate) token: Option<(Draft, Problem)>,
}

/// `POST /t/{team}/integrations/bots/{bot}/tokens`
pub(crate) async fn create_token(Path((team, bot)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let bot = match bots::find(visit, &bot).await {
        Ok(bot) => bot,
        Err(failed) => return bots::refused(visit, &team, failed),
    };
    match tokens(visit, &team, &bot)?.make(&sent).await? {
        Made::Fresh(fresh) => show(visit, &team, &bot, Shown { fresh: Some(fresh), ..Shown::default() }).await,
        Made::Problem(draft, problem) => {
            show(visit, &team, &bot, Shown { token: Some((draft, problem)), ..Shown::default() }).await
        }
        Made::Spent => Ok(Redirect::to(&bot_path(&team, &bot)).into_response()),
    }
}

/// `GET /t/{team}/integrations/bots/{bot}/tokens/{token}/revoke`: asks first.
pub(crate) async fn ask(
    visit: Visit,
    Path((team, bot, token)): Path<(String, String, String)>,
) -> Result<Response, Failure> {
    let team = seen::team(&visit, &team)?;
    let bot = match bots::find(&visit, &bot).await {
        Ok(bot) => bot,
        Err(failed) => return bots::refused(&visit, &team, failed),
    };
    let tokens = tokens(&visit, &team, &bot)?;
    match tokens.find(&token).await? {
        Ok(token) => {
            let mut out = Html::new();
            tokens.draw_question(&mut out, &token, &bot_path(&team, &bot));
            page(&visit, &team, Here::Bots, "Revoke this token?", &out, StatusCode::OK)
        }
        Err(problem) => refuse(&visit, &team, Here::Bots, "Bot Accounts", &problem),
    }
}

/// `POST /t/{team}/integrations/bots/{bot}/tokens/{token}/{deed}`
pub(crate) async fn change_token(
    Path((team, bot, token, deed)): Path<(String, String, String, String)>,
    sent: Sent,
) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let bot = match bots::find(visit, &bot).await {
        Ok(bot) => bot,
        Err(failed) => return bots::refused(visit, &team, failed),
    };
    match tokens(visit, &team, &bot)?.change(&token, Deed::parse(&deed)?).await? {
        None => Ok(Redirect::to(&bot_path(&team, &bot)).into_response()),
        Some(problem) => refuse(visit, &team, Here::Bots, "Bot Accounts", &problem),
    }
}

/// `POST /t/{team}/integrations/bots/{bot}/tokens/{token}/revoke`
pub(crate) async fn revoke_token(
    Path((team, bot, token)): Path<(String, String, String)>,
    sent: Sent,
) -> Result<Response, Failure> {
    change_token(Path((team, bot, token, "revoke".to_owned())), sent).await
}

/// Shows a bot.
pub(crate) async fn show(visit: &Visit, team: &Team, bot: &Bot, shown: Shown) -> Result<Response, Failure> {
    let path = bot_path(team, bot);
    let mut out = Html::new();
    out.raw("<div class=\"top\"><h1><bdi>").text(title(bot)).raw("</bdi></h1><span class=\"tag\">BOT</span>");
    out.raw_if(bot.is_disabled(), "<span class=\"tag off\">DISABLED</span>");
    let switch = if bot.is_disabled() { "enable" } else { "disable" };
    out.raw("<form method=\"post\"").attribute("action", &format!("{path}/{switch}")).raw(">");
    frame::token(&mut out, visit);
    out.raw(if bot.is_disabled() { "<button>Enable" } else { "<button class=\"danger-link\">Disable" });
    out.raw("</button></form></div><div class=\"sheet\">");
    if bot.is_disabled() {
        out.raw("<p class=\"error\">This bot is disabled: it may do nothing, and its tokens are refused.</p>");
    }
    let tokens = tokens(visit, team, bot)?;
    if let Some(fresh) = &shown.fresh {
        tokens.draw_fresh(&mut out, fresh);
    }
    out.raw("<section aria-labelledby=\"tokens-title\"><h2 id=\"tokens-title\">Tokens</h2>");
    tokens.draw_list(&mut out).await?;
    let (draft, problem) = shown.token.map_or_else(|| (Draft::default(), None), |(draft, wrong)| (draft, Some(wrong)));
    tokens.draw_form(&mut out, &draft, problem.as_ref())?;
    out.raw("</section><section aria-labelledby=\"icon-title\"><h2 id=\"icon-title\">Icon</h2><div class=\"bot\">");
    draw_icon(&mut out, visit, bot)?;
    out.raw("<form method=\"post\" enctype=\"multipart/form-data\"").attribute("action", &format!("{path}/icon"));
    out.raw(">");
    frame::token(&mut out, visit);
    out.raw("<label for=\"image\">A picture, at most 4 MB</label><input type=\"file\" id=\"image\" name=\"image\" ");
    out.raw("accept=\"image/png,image/jpeg,image/gif,image/webp\"><p class=\"hint\">Without a file it gets the ");
    out.raw("default one.</p><button>Set the icon</button></form></div></section>");
    out.raw("<section aria-labelledby=\"edit-title\"><h2 id=\"edit-title\">Change it</h2>");
    let draft = match shown.draft {
        Some(draft) => draft,
        None => bot_form::Draft::new(bot, is_administrator(visit, bot.user_id)?),
    };
    let rights = Rights::load(visit, team)?;
    bot_form::draw(&mut out, visit, rights, &draft, shown.problem.as_ref(), (&path, "Save", false));
    out.raw("</section></div>");
    let status = shown.problem.or(problem).map_or(StatusCode::OK, |problem| problem.status);
    page(visit, team, Here::Bots, title(bot), &out, status)
}

/// Whether an account may do everything.
pub(crate) fn is_administrator(visit: &Visit, id: UserId) -> Result<bool, Failure> {
    let found = visit.server.app.store.read(|connection| Ok(accounts::find(connection, id)?))?;
    Ok(found.is_some_and(|account| account.is_administrator()))
}

/// Draws what a bot looks like.
pub(crate) fn draw_icon(out: &mut Html, visit: &Visit, bot: &Bot) -> Result<(), Failure> {
    let found = visit.server.app.store.read(|connection| Ok(accounts::find(connection, bot.user_id)?))?;
    let version = found.map_or(0, |account| account.picture_at);
    let address = format!("/api/v4/users/{}/image?v={version}", bot.user_id.as_str());
    out.raw("<img class=\"avatar\" alt=\"\" width=\"36\" height=\"36\"").attribute("src", &address).raw(">");
    Ok(())
}

/// What a bot is called.
pub(crate) fn title(bot: &Bot) -> &str {
    let name = bot.display_name.trim();
    if name.is_empty() { &bot.username } else { name }
}

pub(crate) fn list_path(team: &Team) -> String {
    format!("/t/{}/integrations/bots", team.name)
}

pub(crate) fn bot_path(team: &Team, bot: &Bot) -> String {
    format!("{}/{}", list_path(team), bot.user_id.as_str())
}

fn tokens<'a>(visit: &'a Visit, team: &Team, bot: &Bot) -> Result<Tokens<'a>, Failure> {
    let (team_id, id) = (team.id, bot.user_id);
    let own = visit.server.app.store.read(|connection| Ok(channels::of_user(connection, id, Some(team_id))?))?;
    let of_team = |channel: &&channels::Channel| channel.team_id == Some(team_id);
    let everybody = own.iter().filter(of_team).find(|channel| channel.name == "town-square");
    let example = everybody.or_else(|| own.iter().find(of_team)).map(|channel| channel.id.as_str().to_owned());
    Ok(Tokens { example, path: format!("{}/tokens", bot_path(team, bot)), user: id, visit })
}
