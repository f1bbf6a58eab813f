//! Calls to integrations: the policy of the settings, redirects, one deadline (OUT-200, OUT-204, OUT-208, OUT-228,
//! OUT-231).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::header::{AUTHORIZATION, HeaderValue, USER_AGENT};

use super::{Engine, Ports, State};
use crate::delivery::FailureClass;
use crate::port::{Clock, HttpClient, HttpError, HttpErrorKind, HttpLimits, HttpResponse, Observation, Sent};
use crate::security::EgressPolicy;
use crate::security::callback_url::CallbackUrl;
use crate::security::redirect::{Caller, Hop, Redirect};

/// An answer to a call.
#[derive(Debug)]
pub(super) struct Answered {
    /// Whether it is a redirect that leads where this call does not follow: the final answer, to be logged as a
    /// [redirect](FailureClass::Redirect).
    pub(super) is_unfollowed: bool,
    /// Status, headers and body.
    pub(super) response: HttpResponse,
}

/// No answer came of a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Unanswered {
    /// What kind of failure it was.
    pub(super) class: FailureClass,
    /// What happened, for a log and for administrators: no path, no query, no credential. It may tell addresses inside
    /// (OUT-313).
    pub(super) detail: String,
    /// Whether the other side may have got something.
    pub(super) sent: Sent,
}

impl Engine {
    /// Calls an integration at an address as it was given, with the method, headers and body of `request`, whose own
    /// address is not looked at.
    ///
    /// All of it, redirects included, has to be done within
    /// [`integration_timeout`](super::Settings::integration_timeout).
    pub(super) async fn call_out(
        &self,
        state: &State,
        url: &str,
        request: Request<Bytes>,
        caller: Caller,
    ) -> Result<Answered, Unanswered> {
        let Ports { clock, http, .. } = &self.shared.ports;
        let (egress, timeout) = (&state.egress, state.settings.integration_timeout);
        Outbound { clock: &**clock, egress, http: &**http, timeout }.call(url, request, caller).await
    }
}

impl Engine {
    /// Tells the observer what is dangerous or a mistake in the settings of calls.
    pub(super) fn doubt_egress(&self, state: &State) {
        let doubt = |setting, detail: &str| self.observer().observe(&Observation::DoubtfulSetting { setting, detail });
        if state.egress.is_insecure() {
            let detail = "certificates are not verified: whoever sits on the way can read and change every call";
            doubt("EnableInsecureOutgoingConnections", detail);
        }
        for inert in state.egress.inert_entries() {
            doubt("AllowedUntrustedInternalConnections", &inert.to_string());
        }
    }
}

/// What a call needs.
struct Outbound<'a> {
    clock: &'a dyn Clock,
    egress: &'a Arc<EgressPolicy>,
    http: &'a dyn HttpClient,
    timeout: Duration,
}

impl Outbound<'_> {
    async fn call(&self, url: &str, request: Request<Bytes>, caller: Caller) -> Result<Answered, Unanswered> {
        let began = self.clock.monotonic();
        let mut hop = first(url, request)?;
        let mut sent = Sent::No;
        loop {
            let limits = HttpLimits {
                body_bytes: BODY_BYTES,
                deadline: self.time_left(began).ok_or_else(|| late(sent))?,
                egress: Arc::clone(self.egress),
                host_admitted: self.egress.admits_host(hop.host()),
            };
            let answered = self.http.send(hop.request().clone(), limits).await;
            let response = answered.map_err(|error| Unanswered::of(&error, sent))?;
            // Whoever answered the first request has got it.
            sent = Sent::Maybe;
            match hop.after(&response.head, caller, self.egress.settings()) {
                Redirect::Final => return Ok(Answered { is_unfollowed: false, response }),
                Redirect::Follow(next) => hop = *next,
                Redirect::Refused(refused) => {
                    return Err(Unanswered { class: FailureClass::Redirect, detail: refused.to_string(), sent });
                }
                Redirect::Unfollowed => return Ok(Answered { is_unfollowed: true, response }),
            }
        }
    }

    /// What is left of the time for a call.
    fn time_left(&self, began: Duration) -> Option<Duration> {
        let spent = self.clock.monotonic().saturating_sub(began);
        self.timeout.checked_sub(spent).filter(|left| !left.is_zero())
    }
}

impl Unanswered {
    fn of(error: &HttpError, sent_before: Sent) -> Self {
        let class = match error.kind() {
            HttpErrorKind::Blocked => FailureClass::Blocked,
            HttpErrorKind::Connect => FailureClass::Connect,
            HttpErrorKind::Dns => FailureClass::Dns,
            HttpErrorKind::Protocol => FailureClass::Protocol,
            HttpErrorKind::Timeout => FailureClass::Timeout,
            HttpErrorKind::Tls => FailureClass::Tls,
            HttpErrorKind::Url => FailureClass::Url,
        };
        let sent = if sent_before == Sent::Maybe { sent_before } else { error.sent() };
        Self { class, detail: error.to_string(), sent }
    }
}

/// The first request of a call.
fn first(url: &str, mut request: Request<Bytes>) -> Result<Hop, Unanswered> {
    let unusable = |detail: String| Unanswered { class: FailureClass::Url, detail, sent: Sent::No };
    let target = CallbackUrl::parse(url).map_err(|error| unusable(error.to_string()))?;
    *request.uri_mut() = target.uri().map_err(|error| unusable(error.to_string()))?;
    let headers = request.headers_mut();
    headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    if !headers.contains_key(AUTHORIZATION)
        && let Some(credentials) = target.authorization()
    {
        headers.insert(AUTHORIZATION, credentials);
    }
    Ok(Hop::first(request, &target.host_text()))
}

fn late(sent: Sent) -> Unanswered {
    let detail = "there was no time left for a redirect".to_owned();
    Unanswered { class: FailureClass::Timeout, detail, sent }
}

/// What a call says it comes from.
const AGENT: &str = "Mattermost-Bot/1.1";

/// The longest answer that is read.
const BODY_BYTES: usize = 1024 * 1024;

#[cfg(test)]
mod tests;
