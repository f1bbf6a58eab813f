//! `POST /hooks/{id}`, `/hooks/{id}/posts/{post_id}` and `/api/v4/hooks/incoming` (INC-1 to INC-19, INC-90 to INC-93, INC-110 to INC-119).

use http::{HeaderName, StatusCode};
use serde::Serialize;

use super::answer::Answer;
use super::error::ApiError;
use super::query::Parameters;
use super::route::HookPostRoute;
use super::{Api, OK, Request};
use crate::engine::{
    AuthError, Call, Caller, Failed, IdempotencyKey, KnownHook, ListRange, ListedTeam, Posted, has_credential,
};
use crate::id::{ChannelId, HookId, PostId, TeamId};
use crate::incoming::wire::{CountedHooks, HookObject};
use crate::incoming::{HookRequest, ManageError, Payload, ReceiveError, UpsertBy, decode};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl Api {
    /// Calls a hook. The caller's session, if the request has one, is no credential here.
    pub(super) async fn receive_hook(&self, request: &Request, id: &HookId) -> Result<Answer, ApiError> {
        let mut call = self.call(request).await?;
        let mut payload = self.payload(request)?;
        if let Some(key) = request.parts.headers.get(IDEMPOTENCY_KEY) {
            let key = IdempotencyKey::parse(key.as_bytes()).map_err(|_| ReceiveError::IdempotencyKey);
            call.idempotency_key = Some(key.map_err(|error| self.refused(error))?);
        }
        if request.parts.uri.query().is_some() {
            let query = Parameters::new(request.parts.uri.query());
            call.wait = query.flag("wait");
            call.upsert_by = UpsertBy::parse(query.text("upsert_by"));
        }
        let posted = self.engine.receive(id, &mut payload, &call).await;
        let posted = posted.map_err(|failed| self.receiving(failed))?;
        if call.wait { told(&posted) } else { Ok(Answer::plain_ok()) }
    }

    /// Edits or deletes a post of a hook. A post id that is none names no post.
    pub(super) async fn change_hook_post(
        &self,
        request: &Request,
        hook: &HookId,
        route: HookPostRoute,
    ) -> Result<Answer, ApiError> {
        let post = |id: &str| PostId::parse(id).map_err(|_| self.refused(ReceiveError::UnknownPost));
        let mut call = self.call(request).await?;
        match route {
            HookPostRoute::Delete(id) => {
                let deleted = self.engine.delete_incoming_webhook_post(hook, post(&id)?, &call).await;
                deleted.map_err(|failed| self.receiving(failed))?;
                Ok(Answer::status_ok())
            }
            HookPostRoute::Edit(id) => {
                call.wait = true;
                let patch = self.payload(request)?;
                let edited = self.engine.edit_incoming_webhook_post(hook, post(&id)?, patch, &call).await;
                told(&edited.map_err(|failed| self.receiving(failed))?)
            }
        }
    }

    /// The circumstances of a call.
    async fn call(&self, request: &Request) -> Result<Call, ApiError> {
        let caller = if has_credential(&request.parts) {
            // Boxed, for most calls have none.
            Box::pin(self.engine.authenticate(&request.parts)).await
        } else {
            Ok(None)
        };
        let caller = match caller {
            // No session is needed, so it does not matter which page sent the cookie of one (INC-2), nor how often
            // something was presented that opens none.
            Err(Failed::Refused(AuthError::ForeignPage | AuthError::TooManyFailures { .. })) => None,
            caller => caller.map_err(|failed| self.unauthenticated(failed))?,
        };
        let mut call = Call::new(request.id);
        call.address = self.engine.client_address(&request.parts);
        call.session = caller.map(|caller| caller.session().kind);
        Ok(call)
    }

    fn payload(&self, request: &Request) -> Result<Payload, ApiError> {
        let leniency = self.engine.with_settings(|settings| settings.incoming.leniency);
        decode(&request.parts, request.body.whole(), leniency).map_err(|error| self.refused(error))
    }

    fn receiving(&self, failed: Failed<ReceiveError>) -> ApiError {
        self.engine.with_settings(|settings| ApiError::receiving(failed, &settings.incoming))
    }

    fn refused(&self, error: ReceiveError) -> ApiError {
        self.receiving(Failed::Refused(error))
    }

    pub(super) async fn create_hook(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = ApiError::managing("app.webhooks.save_incoming.app_error");
        let hook = hook_request(request)?;
        let made = self.engine.create_incoming_webhook(caller, hook).await.map_err(failed)?;
        shown(StatusCode::CREATED, &made)
    }

    pub(super) async fn show_hook(&self, id: &HookId, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = ApiError::managing("app.webhooks.get_incoming.app_error");
        let id = well_formed(id)?;
        shown(OK, &self.engine.incoming_webhook(caller, id).await.map_err(failed)?)
    }

    pub(super) async fn update_hook(
        &self,
        request: &Request,
        id: &HookId,
        caller: &Caller,
    ) -> Result<Answer, ApiError> {
        let failed = ApiError::managing("app.webhooks.update_incoming.app_error");
        let id = well_formed(id)?;
        let hook = hook_request(request)?;
        if hook.id.0 != id.expose() {
            return Err(ManageError::BodyParameter("hook_id").into());
        }
        shown(StatusCode::CREATED, &self.engine.update_incoming_webhook(caller, id, hook).await.map_err(failed)?)
    }

    pub(super) async fn delete_hook(&self, id: &HookId, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = ApiError::managing("app.webhooks.delete_incoming.app_error");
        self.engine.delete_incoming_webhook(caller, well_formed(id)?).await.map_err(failed)?;
        Ok(Answer::status_ok())
    }

    pub(super) async fn list_hooks(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = ApiError::managing("app.webhooks.get_incoming_by_user.app_error");
        let query = Parameters::new(request.parts.uri.query());
        let (skip, limit) = query.page();
        let count = query.flag("include_total_count");
        let team = match query.text("team_id") {
            "" => ListedTeam::All,
            id => TeamId::parse(id).map_or(ListedTeam::Impossible, ListedTeam::One),
        };
        let range = ListRange { count, limit, skip, team };
        let list = self.engine.incoming_webhooks(caller, range).await.map_err(failed)?;
        let hooks: Vec<_> = list.hooks.iter().map(|known| HookObject::new(&known.id, &known.hook)).collect();
        match list.total {
            Some(total_count) => Answer::json(OK, &CountedHooks { incoming_webhooks: hooks, total_count }),
            None => Answer::json(OK, &hooks),
        }
    }
}

/// What a sender who waits for it is told of its posts.
fn told(posted: &Posted) -> Result<Answer, ApiError> {
    #[derive(Serialize)]
    struct Told<'a> {
        id: Option<PostId>,
        ids: &'a [PostId],
        channel_id: Option<ChannelId>,
        root_id: &'a str,
    }
    let root_id = posted.root_id.as_ref().map_or("", PostId::as_str);
    let told = Told { id: posted.posts.first().copied(), ids: &posted.posts, channel_id: posted.channel_id, root_id };
    Answer::json(OK, &told)
}

fn shown(status: StatusCode, known: &KnownHook) -> Result<Answer, ApiError> {
    Answer::json(status, &HookObject::new(&known.id, &known.hook))
}

/// An id in a path has the form of every id (API-3).
fn well_formed(id: &HookId) -> Result<HookId, ApiError> {
    if id.is_well_formed() {
        return Ok(id.clone());
    }
    Err(ManageError::UrlParameter("hook_id").into())
}

fn hook_request(request: &Request) -> Result<HookRequest, ApiError> {
    let body = request.body.whole().ok_or(ManageError::BodyTooLarge)?;
    Ok(HookRequest::from_json(body).map_err(ManageError::from)?)
}
