//! `POST /hooks/{id}` and `/api/v4/hooks/incoming` (INC-1 to INC-19, INC-90 to INC-93, INC-110 to INC-119).

use http::{HeaderName, StatusCode};

use super::answer::Answer;
use super::error::ApiError;
use super::query::Parameters;
use super::{Api, OK, PeerAddress, Request};
use crate::engine::{Call, Caller, Failed, HookList, IdempotencyKey, KnownHook, ListRange};
use crate::id::{HookId, TeamId};
use crate::incoming::wire::{CountedHooks, HookObject};
use crate::incoming::{HookRequest, ManageError, ReceiveError, decode};
use crate::port::{Ask, Permission, Scope};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

impl Api {
    /// Calls a hook. The caller's session, if the request has one, is no credential here.
    pub(super) async fn receive_hook(&self, request: &Request, id: &HookId) -> Result<Answer, ApiError> {
        let companion = self.companion(&request.parts).await?;
        let settings = self.engine.with_settings(|settings| settings.incoming.clone());
        let failed = ApiError::receiving(&settings);
        let refused = |error: ReceiveError| failed(Failed::Refused(error));
        let payload = decode(&request.parts, request.body.whole(), settings.leniency).map_err(refused)?;
        let mut call = Call::new(request.id);
        call.address = request.parts.extensions.get::<PeerAddress>().map(|peer| peer.0);
        call.session = companion.map(|caller| caller.session().kind);
        if let Some(key) = request.parts.headers.get(IDEMPOTENCY_KEY) {
            let key = IdempotencyKey::parse(key.as_bytes()).map_err(|_| refused(ReceiveError::IdempotencyKey))?;
            call.idempotency_key = Some(key);
        }
        self.engine.receive_incoming_webhook(id, payload, &call).await.map_err(&failed)?;
        Ok(Answer::plain_ok())
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
        if hook.id != id.expose() {
            return Err(failed(Failed::Refused(ManageError::BodyParameter("hook_id"))));
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
        let team = query.text("team_id");
        let list = match TeamId::parse(team) {
            // A text that no team can have as its id: a team without hooks, for those who manage all teams.
            Err(_) if !team.is_empty() => {
                let own = Permission::MANAGE_OWN_INCOMING_WEBHOOKS;
                let granted = caller.may(&[Ask::new(own.clone(), Scope::System)]).await;
                match granted.map_err(Failed::Fault).map_err(&failed)?.first() {
                    Some(true) if !self.engine.with_settings(|settings| settings.incoming.enabled) => {
                        return Err(failed(Failed::Refused(ManageError::Disabled)));
                    }
                    Some(true) => HookList { total: count.then_some(0), ..HookList::default() },
                    _ => return Err(failed(Failed::Refused(ManageError::Forbidden(own)))),
                }
            }
            team => {
                let range = ListRange { count, limit, skip, team: team.ok() };
                self.engine.incoming_webhooks(caller, range).await.map_err(failed)?
            }
        };
        let hooks: Vec<_> = list.hooks.iter().map(|known| HookObject::new(&known.id, &known.hook)).collect();
        match list.total {
            Some(total_count) => Answer::json(OK, &CountedHooks { incoming_webhooks: hooks, total_count }),
            None => Answer::json(OK, &hooks),
        }
    }
}

fn shown(status: StatusCode, known: &KnownHook) -> Result<Answer, ApiError> {
    Answer::json(status, &HookObject::new(&known.id, &known.hook))
}

/// An id in a path has the form of every id (API-3).
fn well_formed(id: &HookId) -> Result<HookId, ApiError> {
    if id.is_well_formed() {
        return Ok(id.clone());
    }
    Err(ApiError::managing("")(Failed::Refused(ManageError::UrlParameter("hook_id"))))
}

fn hook_request(request: &Request) -> Result<HookRequest, ApiError> {
    let refused = |error: ManageError| ApiError::managing("")(Failed::Refused(error));
    let body = request.body.whole().ok_or_else(|| refused(ManageError::BodyTooLarge))?;
    HookRequest::from_json(body).map_err(|mistake| refused(mistake.into()))
}
