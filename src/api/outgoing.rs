//! `/api/v4/hooks/outgoing` (OUT-13 to OUT-34).

use http::StatusCode;

use super::answer::Answer;
use super::error::ApiError;
use super::outgoing_route::{DeliveryAction, HookAction, OutgoingRoute};
use super::query::Parameters;
use super::{Api, OK, Request};
use crate::delivery::DeliveryId;
use crate::engine::{Caller, DeliveryRange, Failed, KnownOutgoingHook, ListedHooks, OutgoingRange};
use crate::id::{OutgoingHookId, TeamId};
use crate::outgoing::wire::{
    self, DeliveryMode, DeliveryObject, HookObject, LaneObject, SigningObject, SigningSecretObject,
};
use crate::outgoing::{HookRequest, ManageError};

impl Api {
    pub(super) async fn manage_outgoing(&self, request: &Request, route: OutgoingRoute) -> Result<Answer, ApiError> {
        let caller = self.session(&request.parts).await?;
        let (id, action) = match route {
            OutgoingRoute::Create => return self.create_outgoing(request, &caller).await,
            OutgoingRoute::List => return self.list_outgoing(request, &caller).await,
            OutgoingRoute::Of(id, action) => (id, action),
        };
        let id = OutgoingHookId::parse(&id).map_err(|_| ManageError::UrlParameter("hook_id"))?;
        let reading = ApiError::of_outgoing("app.webhooks.get_outgoing.app_error");
        let changing = ApiError::of_outgoing("app.webhooks.update_outgoing.app_error");
        let engine = &self.engine;
        match action {
            HookAction::Delete => {
                let failed = ApiError::of_outgoing("app.webhooks.delete_outgoing.app_error");
                engine.delete_outgoing_webhook(&caller, id).await.map_err(failed)?;
                Ok(Answer::status_ok())
            }
            HookAction::Deliveries => self.list_deliveries(request, &caller, id).await,
            HookAction::Delivery(delivery, action) => self.one_delivery(&caller, id, &delivery, action).await,
            HookAction::DeliveryMode => {
                let known = engine.outgoing_webhook(&caller, id).await.map_err(reading)?;
                Answer::json(OK, &DeliveryMode { mode: known.hook.mode })
            }
            HookAction::EndSigning => {
                engine.end_outgoing_signing(&caller, id).await.map_err(changing)?;
                Ok(Answer::status_ok())
            }
            HookAction::Get => shown(OK, &engine.outgoing_webhook(&caller, id).await.map_err(reading)?),
            HookAction::Lanes => {
                let failed = ApiError::of_outgoing(DELIVERIES);
                let lanes = engine.outgoing_lanes(&caller, id).await.map_err(failed)?;
                Answer::json(OK, &lanes.iter().map(LaneObject::new).collect::<Vec<_>>())
            }
            HookAction::MakeSigning => {
                let made = engine.rotate_outgoing_signing(&caller, id).await.map_err(changing)?;
                let previous_valid_until = made.previous_valid_until.unwrap_or_default();
                Answer::json(OK, &SigningSecretObject { secret: &made.secret.expose(), previous_valid_until })
            }
            HookAction::RegenerateToken => {
                shown(OK, &engine.regenerate_outgoing_token(&caller, id).await.map_err(changing)?)
            }
            HookAction::SetDeliveryMode => {
                let wanted = DeliveryMode::from_json(body(request)?).map_err(ManageError::from)?;
                let wanted = wanted.ok_or(ManageError::BodyParameter("mode"))?;
                engine.set_outgoing_delivery_mode(&caller, id, wanted.mode).await.map_err(changing)?;
                Answer::json(OK, &wanted)
            }
            HookAction::Signing => {
                let state = engine.outgoing_signing(&caller, id).await.map_err(reading)?;
                let previous_valid_until = state.previous_valid_until.unwrap_or_default();
                Answer::json(OK, &SigningObject { active: state.active, previous_valid_until })
            }
            HookAction::Update => {
                let hook = hook_request(request)?;
                if hook.id != id.as_str() {
                    return Err(ManageError::BodyParameter("hook_id").into());
                }
                shown(OK, &engine.update_outgoing_webhook(&caller, id, hook).await.map_err(changing)?)
            }
        }
    }

    async fn create_outgoing(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = ApiError::of_outgoing("app.webhooks.save_outgoing.app_error");
        let hook = hook_request(request)?;
        shown(StatusCode::CREATED, &self.engine.create_outgoing_webhook(caller, hook).await.map_err(failed)?)
    }

    async fn list_deliveries(
        &self,
        request: &Request,
        caller: &Caller,
        hook: OutgoingHookId,
    ) -> Result<Answer, ApiError> {
        let query = Parameters::new(request.parts.uri.query());
        let (skip, limit) = query.page();
        let state = match query.text("state") {
            "" => None,
            name => Some(wire::state_named(name).ok_or(ManageError::UrlParameter("state"))?),
        };
        let listed = self.engine.outgoing_deliveries(caller, hook, DeliveryRange { limit, skip, state }).await;
        let listed = listed.map_err(ApiError::of_outgoing(DELIVERIES))?;
        Answer::json(OK, &listed.iter().map(|delivery| DeliveryObject::new(hook, delivery)).collect::<Vec<_>>())
    }

    async fn one_delivery(
        &self,
        caller: &Caller,
        hook: OutgoingHookId,
        id: &str,
        action: DeliveryAction,
    ) -> Result<Answer, ApiError> {
        let failed = ApiError::of_outgoing(DELIVERIES);
        let id = DeliveryId::parse(id).map_err(|_| ManageError::UrlParameter("delivery_id"))?;
        match action {
            DeliveryAction::Drop => self.engine.drop_outgoing_delivery(caller, hook, &id).await.map_err(failed)?,
            DeliveryAction::Get => {
                let delivery = self.engine.outgoing_delivery(caller, hook, &id).await.map_err(failed)?;
                return Answer::json(OK, &DeliveryObject::new(hook, &delivery));
            }
            DeliveryAction::Retry => self.engine.retry_outgoing_delivery(caller, hook, &id).await.map_err(failed)?,
        }
        Ok(Answer::status_ok())
    }

    /// A channel wins over a team (OUT-33).
    async fn list_outgoing(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let query = Parameters::new(request.parts.uri.query());
        let (skip, limit) = query.page();
        let of_team = |id: &str| TeamId::parse(id).map_or(ListedHooks::Impossible, ListedHooks::Team);
        let (hooks, id) = match (query.text("channel_id"), query.text("team_id")) {
            ("", "") => (ListedHooks::All, "app.webhooks.get_outgoing_by_channel.app_error"),
            ("", team) => (of_team(team), "app.webhooks.get_outgoing_by_team.app_error"),
            (channel, _) => {
                (ListedHooks::Channel(channel.to_owned()), "app.webhooks.get_outgoing_by_channel.app_error")
            }
        };
        let listed = self.engine.outgoing_webhooks(caller, &OutgoingRange { hooks, limit, skip }).await;
        let listed = listed.map_err(ApiError::of_outgoing(id))?;
        let objects: Vec<_> = listed.iter().map(|known| HookObject::new(&known.hook, &known.token)).collect();
        Answer::json(OK, &objects)
    }
}

impl ApiError {
    /// A failed request that concerns outgoing webhooks; `id` names what storage failed to do, where the step that failed
    /// has no id of its own.
    pub(super) fn of_outgoing(id: &'static str) -> impl Fn(Failed<ManageError>) -> Self {
        move |failed| match failed {
            Failed::Fault(fault) => Self::fault(fault.name().unwrap_or(id), fault),
            Failed::Refused(refused) => refused.into(),
        }
    }
}

impl From<ManageError> for ApiError {
    fn from(refused: ManageError) -> Self {
        let mut error = Self::new(refused.status(), refused.id(), refused.to_string());
        error.detail = refused.detail();
        error
    }
}

/// What storage failed to do with deliveries.
const DELIVERIES: &str = "jackfield.delivery.storage";

fn shown(status: StatusCode, known: &KnownOutgoingHook) -> Result<Answer, ApiError> {
    Answer::json(status, &HookObject::new(&known.hook, &known.token))
}

fn body(request: &Request) -> Result<&[u8], ManageError> {
    request.body.whole().ok_or(ManageError::BodyTooLarge)
}

fn hook_request(request: &Request) -> Result<HookRequest, ApiError> {
    Ok(HookRequest::from_json(body(request)?).map_err(ManageError::from)?)
}
