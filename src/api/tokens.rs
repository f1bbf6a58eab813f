//! Personal access tokens (BOT-68 to BOT-83, BOT-100).

use super::answer::Answer;
use super::error::ApiError;
use super::query::Parameters;
use super::token_route::TokenRoute;
use super::{Api, OK, Request};
use crate::engine::{Caller, Failed, FreshToken, NamedToken, TokenRange};
use crate::id::{TokenId, UserId};
use crate::token::wire::{self, Details, TokenObject};
use crate::token::{AccessToken, TokenError, TokenRequest, TokenRotation};

impl Api {
    pub(super) async fn manage_tokens(&self, request: &Request, route: TokenRoute) -> Result<Answer, ApiError> {
        let caller = self.session(&request.parts).await?;
        match route {
            TokenRoute::All => self.all_tokens(request, &caller).await,
            TokenRoute::Create(user) => self.create_token(request, &user, &caller).await,
            TokenRoute::Disable => self.switch_token(request, &caller, false).await,
            TokenRoute::Enable => self.switch_token(request, &caller, true).await,
            TokenRoute::Get(id) => self.show_token(request, &id, &caller).await,
            TokenRoute::OfUser(user) => self.tokens_of(request, &user, &caller).await,
            TokenRoute::Revoke => self.revoke_token(request, &caller).await,
            TokenRoute::Rotate => self.rotate_token(request, &caller).await,
            TokenRoute::Search => self.search_tokens(request, &caller).await,
        }
    }

    async fn create_token(&self, request: &Request, user: &str, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = failing("app.user_access_token.save.app_error");
        let account = self.engine.account_for_token(caller, user_id(user, caller)?).await.map_err(&failed)?;
        let wanted = TokenRequest::from_json(body(request)?).map_err(TokenError::from)?;
        let made = self.engine.create_token_for(caller, &account, wanted).await.map_err(failed)?;
        self.fresh(request, &made).await
    }

    async fn tokens_of(&self, request: &Request, user: &str, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = failing("app.user_access_token.get_by_user.app_error");
        let user = user_id(user, caller)?;
        let tokens = self.engine.access_tokens_of(caller, user, range(request)).await.map_err(failed)?;
        self.listed(request, &tokens).await
    }

    async fn all_tokens(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = failing("app.user_access_token.get_all.app_error");
        let tokens = self.engine.access_tokens(caller, range(request)).await.map_err(failed)?;
        self.listed(request, &tokens).await
    }

    async fn search_tokens(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = failing("app.user_access_token.search.app_error");
        self.engine.need_system(caller).await.map_err(&failed)?;
        let term = wire::text_member(body(request)?, "term").map_err(TokenError::from)?;
        let tokens = self.engine.search_access_tokens(caller, &term).await.map_err(failed)?;
        self.listed(request, &tokens).await
    }

    async fn show_token(&self, request: &Request, id: &str, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = failing("app.user_access_token.get_by_user.app_error");
        let id = TokenId::parse(id).map_err(|_| TokenError::UrlParameter("token_id"))?;
        let token = self.engine.access_token(caller, id).await.map_err(failed)?;
        let details = self.details(request, &token).await?;
        Answer::json(OK, &TokenObject::new(&token, details))
    }

    async fn switch_token(&self, request: &Request, caller: &Caller, on: bool) -> Result<Answer, ApiError> {
        let failed = failing(if on {
            "app.user_access_token.update_token_enable.app_error"
        } else {
            "app.user_access_token.update_token_disable.app_error"
        });
        self.engine.switch_token(caller, named(request)?, on).await.map_err(failed)?;
        Ok(Answer::status_ok())
    }

    async fn revoke_token(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = failing("app.user_access_token.delete.app_error");
        self.engine.revoke_token(caller, named(request)?).await.map_err(failed)?;
        Ok(Answer::status_ok())
    }

    async fn rotate_token(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = failing("app.user_access_token.save.app_error");
        let (id, rotation) = TokenRotation::from_json(body(request)?).map_err(TokenError::from)?;
        let made = self.engine.rotate_token(caller, NamedToken::new(&id), rotation).await.map_err(failed)?;
        self.fresh(request, &made).await
    }

    async fn fresh(&self, request: &Request, made: &FreshToken) -> Result<Answer, ApiError> {
        let details = self.details(request, &made.token).await?;
        Answer::json(OK, &TokenObject::new(&made.token, details).with_secret(&made.secret))
    }

    async fn listed(&self, request: &Request, tokens: &[AccessToken]) -> Result<Answer, ApiError> {
        let mut shown = Vec::with_capacity(tokens.len());
        for token in tokens {
            shown.push(TokenObject::new(token, self.details(request, token).await?));
        }
        Answer::json(OK, &shown)
    }

    /// What `?details=true` asks for: clients that do not ask see the members that they know.
    async fn details(&self, request: &Request, token: &AccessToken) -> Result<Option<Details>, ApiError> {
        if !Parameters::new(request.parts.uri.query()).flag("details") {
            return Ok(None);
        }
        let failed = |fault| ApiError::fault("app.user_access_token.get_by_user.app_error", fault);
        Ok(Some(Details::new(token, self.engine.last_use(token.id).await.map_err(failed)?)))
    }
}

/// A failed request; `id` names what storage failed to do.
fn failing(id: &'static str) -> impl Fn(Failed<TokenError>) -> ApiError {
    move |failed| match failed {
        Failed::Fault(fault) => ApiError::fault(id, fault),
        Failed::Refused(refused) => refused.into(),
    }
}

/// A user in a path; `me` is the caller (API-4).
fn user_id(text: &str, caller: &Caller) -> Result<UserId, TokenError> {
    if text == "me" {
        return Ok(caller.user_id());
    }
    UserId::parse(text).map_err(|_| TokenError::UrlParameter("user_id"))
}

fn range(request: &Request) -> TokenRange {
    let (skip, limit) = Parameters::new(request.parts.uri.query()).page();
    TokenRange { limit, skip }
}

/// The token that a body names; a body that is no map of texts names none (API-13, A9).
fn named(request: &Request) -> Result<NamedToken, TokenError> {
    Ok(NamedToken::new(&wire::map_member(body(request)?, "token_id")))
}

fn body(request: &Request) -> Result<&[u8], TokenError> {
    request.body.whole().ok_or(TokenError::BodyTooLarge)
}

impl From<TokenError> for ApiError {
    fn from(refused: TokenError) -> Self {
        let mut error = Self::new(refused.status(), refused.id(), refused.to_string());
        error.detail = refused.detail();
        error
    }
}
