//! `/api/v4/bots` and `POST /api/v4/users/{id}/convert_to_bot` (BOT-22 to BOT-48).
//!
//! `/api/v4/bots/{id}/icon` is the host's: it has the pictures (BOT-43, BOT-44).

use http::{Method, StatusCode};

use super::answer::Answer;
use super::error::ApiError;
use super::query::Parameters;
use super::route::{Route, is_id};
use super::{Api, OK, Request};
use crate::bot::wire::{self, BotObject};
use crate::bot::{Bot, BotError, BotRequest, user_patch};
use crate::engine::{BotRange, Caller, Failed};
use crate::id::UserId;

/// Where below `/api/v4/bots`; ids are as the sender wrote them.
#[derive(Debug)]
pub(super) enum BotRoute {
    Assign { bot: String, user: String },
    ConvertToBot(String),
    ConvertToUser(String),
    Create,
    Disable(String),
    Enable(String),
    Get(String),
    List,
    Patch(String),
}

/// Finds the route below `/api/v4`; none for what is no address of bots.
pub(super) fn find(method: &Method, segments: &[&str]) -> Option<Route> {
    let post = |route: BotRoute| {
        if method == Method::POST { Route::Bots(route) } else { Route::UnknownApi(Some("POST")) }
    };
    let found = match segments {
        ["bots"] => match *method {
            Method::GET => Route::Bots(BotRoute::List),
            Method::POST => Route::Bots(BotRoute::Create),
            _ => Route::UnknownApi(Some("GET, POST")),
        },
        ["bots", id] if is_id(id) => match *method {
            Method::GET => Route::Bots(BotRoute::Get((*id).to_owned())),
            Method::PUT => Route::Bots(BotRoute::Patch((*id).to_owned())),
            _ => Route::UnknownApi(Some("GET, PUT")),
        },
        ["bots", id, "enable"] if is_id(id) => post(BotRoute::Enable((*id).to_owned())),
        ["bots", id, "disable"] if is_id(id) => post(BotRoute::Disable((*id).to_owned())),
        ["bots", id, "convert_to_user"] if is_id(id) => post(BotRoute::ConvertToUser((*id).to_owned())),
        ["bots", bot, "assign", user] if is_id(bot) && is_id(user) => {
            post(BotRoute::Assign { bot: (*bot).to_owned(), user: (*user).to_owned() })
        }
        ["users", id, "convert_to_bot"] if is_id(id) => post(BotRoute::ConvertToBot((*id).to_owned())),
        _ => return None,
    };
    Some(found)
}

impl Api {
    pub(super) async fn manage_bots(&self, request: &Request, route: BotRoute) -> Result<Answer, ApiError> {
        let caller = self.session(&request.parts).await?;
        match route {
            BotRoute::Assign { bot, user } => self.assign_bot(&caller, &bot, &user).await,
            BotRoute::ConvertToBot(user) => {
                let failed = ApiError::of_bots("app.bot.createbot.internal_error");
                let id = self::user(&user, &caller)?;
                shown(OK, &self.engine.convert_user_to_bot(&caller, id).await.map_err(failed)?)
            }
            BotRoute::ConvertToUser(id) => self.convert_bot_to_user(request, &caller, &id).await,
            BotRoute::Create => {
                let failed = ApiError::of_bots("app.bot.createbot.internal_error");
                let asked = bot_request(request)?;
                shown(StatusCode::CREATED, &self.engine.create_bot(&caller, asked).await.map_err(failed)?)
            }
            BotRoute::Disable(id) => {
                let failed = ApiError::of_bots("app.bot.patchbot.internal_error");
                shown(OK, &self.engine.disable_bot(&caller, bot_id(&id)?).await.map_err(failed)?)
            }
            BotRoute::Enable(id) => {
                let failed = ApiError::of_bots("app.bot.patchbot.internal_error");
                shown(OK, &self.engine.enable_bot(&caller, bot_id(&id)?).await.map_err(failed)?)
            }
            BotRoute::Get(id) => self.show_bot(request, &caller, &id).await,
            BotRoute::List => self.list_bots(request, &caller).await,
            BotRoute::Patch(id) => {
                let failed = ApiError::of_bots("app.bot.patchbot.internal_error");
                let id = bot_id(&id)?;
                let asked = bot_request(request)?;
                shown(OK, &self.engine.patch_bot(&caller, id, asked).await.map_err(failed)?)
            }
        }
    }

    async fn show_bot(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, ApiError> {
        let failed = ApiError::of_bots("app.bot.getbot.internal_error");
        let include_deleted = Parameters::new(request.parts.uri.query()).flag("include_deleted");
        let bot = self.engine.bot(caller, bot_id(id)?, include_deleted).await.map_err(failed)?;
        Answer::tagged(&request.parts.headers, &wire::tag(&bot), &BotObject::new(&bot))
    }

    async fn list_bots(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = ApiError::of_bots("app.bot.getbots.internal_error");
        let query = Parameters::new(request.parts.uri.query());
        let (skip, limit) = query.page();
        let (include_deleted, only_orphaned) = (query.flag("include_deleted"), query.flag("only_orphaned"));
        let range = BotRange { include_deleted, limit, only_orphaned, skip };
        let bots = self.engine.bots(caller, range).await.map_err(failed)?;
        let objects: Vec<_> = bots.iter().map(BotObject::new).collect();
        Answer::tagged(&request.parts.headers, &wire::list_tag(&bots), &objects)
    }

    /// The user's id is looked at first (BOT-37).
    async fn assign_bot(&self, caller: &Caller, bot: &str, user: &str) -> Result<Answer, ApiError> {
        let failed = ApiError::of_bots("app.bot.patchbot.internal_error");
        let owner = self::user(user, caller)?;
        shown(OK, &self.engine.assign_bot(caller, bot_id(bot)?, owner).await.map_err(failed)?)
    }

    /// Whether there is a bot is looked at before the body (BOT-45).
    async fn convert_bot_to_user(&self, request: &Request, caller: &Caller, id: &str) -> Result<Answer, ApiError> {
        let failed = ApiError::of_bots("app.user.convert_bot_to_user.app_error");
        let id = bot_id(id)?;
        let body = request.body.whole().ok_or(BotError::BodyTooLarge);
        let patch = match body.and_then(user_patch) {
            Ok(patch) => patch,
            Err(error) => {
                self.engine.convertible_bot(caller, id).await.map_err(failed)?;
                return Err(error.into());
            }
        };
        let system_admin = Parameters::new(request.parts.uri.query()).flag("set_system_admin");
        let user = self.engine.convert_bot_to_user(caller, id, patch, system_admin).await.map_err(failed)?;
        Answer::json(OK, &user)
    }
}

impl ApiError {
    /// A failed request that concerns bots; `id` names what could not be done.
    fn of_bots(id: &'static str) -> impl Fn(Failed<BotError>) -> Self {
        move |failed| match failed {
            Failed::Fault(fault) => Self::fault(id, fault),
            Failed::Refused(refused) => refused.into(),
        }
    }
}

impl From<BotError> for ApiError {
    fn from(refused: BotError) -> Self {
        let mut error = Self::new(refused.status(), refused.id().to_owned(), refused.to_string());
        error.inner_id = refused.cause_id().to_owned().into();
        error.detail = refused.detail();
        error
    }
}

fn shown(status: StatusCode, bot: &Bot) -> Result<Answer, ApiError> {
    Answer::json(status, &BotObject::new(bot))
}

fn bot_request(request: &Request) -> Result<BotRequest, ApiError> {
    let body = request.body.whole().ok_or(BotError::BodyTooLarge)?;
    Ok(BotRequest::from_json(body).map_err(BotError::body("bot"))?)
}

/// The id of a bot in a path; `me` is none.
fn bot_id(id: &str) -> Result<UserId, ApiError> {
    UserId::parse(id).map_err(|_| BotError::UrlParameter("bot_user_id").into())
}

/// The id of a user in a path, who may be the caller as `me`.
fn user(id: &str, caller: &Caller) -> Result<UserId, ApiError> {
    if id == "me" {
        return Ok(caller.user_id());
    }
    UserId::parse(id).map_err(|_| BotError::UrlParameter("user_id").into())
}
