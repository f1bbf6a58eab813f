//! The calls of deliveries: made anew before each attempt, of what was stored and of the hook as it is now.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request};

use super::super::authenticate::ask;
use super::super::deliveries::{Call, Errand, OUTGOING, Prepared};
use super::super::error::Fault;
use super::super::{Engine, State};
use super::signing::OpenedHook;
use crate::delivery::{FailureClass, NewDelivery};
use crate::id::OutgoingHookId;
use crate::outgoing::fire::Firing;
use crate::outgoing::payload::{Format, Payload};
use crate::outgoing::{OutgoingWebhook, fire};
use crate::port::{Ask, Permission, PostEvent, Scope};
use crate::security::callback_url::is_callback_url;
use crate::security::signing::{self, SigningSecret};

impl Engine {
    /// Returns the call that a hook would make now of a post, whether the post sets it off or not, to the callback URL at
    /// a position: with the hook's token and its signatures, so it is a secret. None where no call would be made.
    ///
    /// Nothing is called and nothing recorded: it is for a host that wants to show or test what a receiver gets.
    ///
    /// # Errors
    ///
    /// A port failed, or what is stored cannot be read.
    pub async fn rehearse_outgoing_call(
        &self,
        event: &PostEvent<'_>,
        hook: OutgoingHookId,
        position: usize,
    ) -> Result<Option<Request<Bytes>>, Fault> {
        let entry = self.shared.outgoing.known().index.get(hook).cloned();
        let Some((entry, team)) = entry.zip(event.team) else { return Ok(None) };
        let delivery = Firing::new(event, team, OUTGOING).of(&entry, "", None).nth(position);
        let Some(NewDelivery { cause, create_at, id, payload, source, .. }) = delivery else { return Ok(None) };
        let errand = Errand { cause, create_at, id: &id, is_late: false, payload: &payload, source: &source };
        Ok(match self.prepare_outgoing(&self.state(), errand).await? {
            Prepared::Call(Call { request, .. }) => Some(request),
            Prepared::Drop(_) | Prepared::Fail(..) => None,
        })
    }

    /// Makes the call of a delivery, or says why it is not made any more.
    pub(in crate::engine) async fn prepare_outgoing(
        &self,
        state: &State,
        errand: Errand<'_>,
    ) -> Result<Prepared, Fault> {
        if !state.settings.outgoing.enabled {
            return Ok(dropped("outgoing webhooks are switched off"));
        }
        let opened = match hook_of(errand.source) {
            Some(id) => self.outgoing_hook(id).await?,
            None => None,
        };
        let Some(opened) = opened else { return Ok(dropped("the hook is gone")) };
        let url = fire::position(errand.id).and_then(|position| opened.hook.callback_urls.get(position));
        let Some(url) = url else { return Ok(dropped("the hook no longer has this callback URL")) };
        if let Some(reason) = self.rests(state, &opened.hook).await? {
            return Ok(dropped(reason));
        }
        if !is_callback_url(url) {
            let reason = "the callback URL is none that can be called".to_owned();
            return Ok(Prepared::Fail(FailureClass::Url, reason));
        }
        let request = request(&opened, errand, self.now().0.div_euclid(1_000))?;
        Ok(Prepared::Call(Call { mode: opened.hook.mode, request, url: url.clone() }))
    }

    /// Says why a hook makes no calls for now, if the settings want that (OUT-114, OUT-117).
    async fn rests(&self, state: &State, hook: &OutgoingWebhook) -> Result<Option<&'static str>, Fault> {
        let settings = &state.settings.outgoing;
        if settings.pause_hooks_of_deactivated {
            let creator = self.account(hook.creator_id).await?;
            if creator.is_none_or(|creator| creator.deactivated) {
                return Ok(Some("the hook's creator is deactivated"));
            }
        }
        if let Some(channel) = hook.channel_id.filter(|_| settings.require_channel_access) {
            let asks = [Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel))];
            if ask(&self.shared.ports.directory, hook.creator_id, &asks).await? != [true] {
                return Ok(Some("the hook's creator may not read its channel"));
            }
        }
        Ok(None)
    }
}

/// Writes the call: what was stored, with the token and the signatures of now (OUT-57 to OUT-63, OUT-340).
fn request(opened: &OpenedHook, errand: Errand<'_>, seconds: i64) -> Result<Request<Bytes>, Fault> {
    let format = Format::of(&opened.hook.content_type);
    let body = Payload::from_bytes(errand.payload)?.body(format, opened.token.expose());
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    let signatures = signatures(opened, errand, seconds, request.body())?;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(ACCEPT, HeaderValue::from_static(Format::Json.media_type()));
    headers.extend(signatures.into_iter().flatten());
    Ok(request)
}

fn signatures(
    opened: &OpenedHook,
    errand: Errand<'_>,
    seconds: i64,
    body: &[u8],
) -> Result<Option<[(HeaderName, HeaderValue); 3]>, Fault> {
    let secrets: Vec<&SigningSecret> = opened.signing.iter().collect();
    if secrets.is_empty() {
        return Ok(None);
    }
    Ok(signing::headers(&secrets, errand.id.as_str(), seconds, body).ok())
}

/// Returns which hook a delivery comes from.
pub(super) fn hook_of(source: &[u8; 26]) -> Option<OutgoingHookId> {
    OutgoingHookId::parse(std::str::from_utf8(source).ok()?).ok()
}

fn dropped(reason: &str) -> Prepared {
    Prepared::Drop(reason.to_owned())
}
