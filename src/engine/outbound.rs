//! Calls to integrations (OUT-200, OUT-204, OUT-208, OUT-231).

use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, USER_AGENT};
use http::{Request, Uri};
use url::Url;

use super::{Engine, State};
use crate::delivery::FailureClass;
use crate::port::{HttpError, HttpErrorKind, HttpLimits, HttpResponse, Sent};

/// No answer came of a call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Unanswered {
    /// What kind of failure it was.
    pub(super) class: FailureClass,
    /// What happened, for a log and for those who may see deliveries: no query, no credential, no token.
    pub(super) detail: String,
    /// Whether the other side may have got something.
    pub(super) sent: Sent,
}

impl Engine {
    /// Calls an integration at an address as it was given, with the method, headers and body of `request`, whose own
    /// address is not looked at.
    ///
    /// Everything has to be done in [`integration_timeout`](super::Settings::integration_timeout).
    pub(super) async fn call_out(
        &self,
        state: &State,
        url: &str,
        mut request: Request<Bytes>,
    ) -> Result<HttpResponse, Unanswered> {
        let began = self.shared.ports.clock.monotonic();
        let target = Url::parse(url).map_err(|error| unusable(error.to_string()))?;
        let host = target.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let host_admitted = state.egress.admits_host(host);
        request.headers_mut().insert(USER_AGENT, HeaderValue::from_static(AGENT));
        *request.uri_mut() = address(&target)?;
        let limits = HttpLimits {
            body_bytes: BODY_BYTES,
            deadline: self.left(state, began),
            egress: state.egress.clone(),
            host_admitted,
        };
        self.shared.ports.http.send(request, limits).await.map_err(|error| Unanswered::of(&error))
    }

    /// What is left of the time for a call.
    fn left(&self, state: &State, began: Duration) -> Duration {
        let spent = self.shared.ports.clock.monotonic().saturating_sub(began);
        state.settings.integration_timeout.saturating_sub(spent)
    }
}

impl Unanswered {
    fn of(error: &HttpError) -> Self {
        let class = match error.kind() {
            HttpErrorKind::Blocked => FailureClass::Blocked,
            HttpErrorKind::Connect => FailureClass::Connect,
            HttpErrorKind::Dns => FailureClass::Dns,
            HttpErrorKind::Protocol => FailureClass::Protocol,
            HttpErrorKind::Timeout => FailureClass::Timeout,
            HttpErrorKind::Tls => FailureClass::Tls,
            HttpErrorKind::Url => FailureClass::Url,
        };
        Self { class, detail: error.to_string(), sent: error.sent() }
    }
}

/// The address as it is asked for: no credentials, no fragment.
fn address(url: &Url) -> Result<Uri, Unanswered> {
    let mut bare = url.clone();
    bare.set_fragment(None);
    // Both fail only where there is no host, and then there is nothing to take away.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    Uri::try_from(String::from(bare)).map_err(|error| unusable(error.to_string()))
}

fn unusable(detail: String) -> Unanswered {
    Unanswered { class: FailureClass::Url, detail, sent: Sent::No }
}

/// What a call says it comes from.
const AGENT: &str = "Mattermost-Bot/1.1";

/// The longest answer that is read.
const BODY_BYTES: usize = 1024 * 1024;
