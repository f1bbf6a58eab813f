//! A client that is wrong in one way.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE, HeaderValue, SET_COOKIE};
use http::{Request, Response};
use jackfield::adapter::hyper::{HyperClient, HyperOptions};
use jackfield::port::{HttpClient, HttpError, HttpErrorKind, HttpLimits, HttpResponse, Sent};
use jackfield::security::EgressPolicy;
use tokio::time::Instant;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flaw {
    None,
    AddsCredentials,
    AdmitsAll,
    BodiesAreText,
    BodiesGoMissing,
    CutsInSilence,
    FollowsRedirects,
    ForgetsNetworks,
    ForgetsPorts,
    HalfIsEnough,
    IsLate,
    JudgesTheAdmitted,
    KeepsCookies,
    KeepsOldPolicy,
    LimitIsBeyond,
    ReadsToTheEnd,
    SaysMaybe,
    SaysNothingWasSent,
    SharesAdmitted,
    StatusIsAnError,
    TrustsOldConnections,
    UrlsAreConnected,
}

#[derive(Debug)]
pub(super) struct FlawedClient {
    admitted: Mutex<BTreeSet<String>>,
    cookie: Mutex<Option<HeaderValue>>,
    flaw: Flaw,
    inner: HyperClient,
    policies: Mutex<BTreeMap<String, Arc<EgressPolicy>>>,
    used: Mutex<Option<Instant>>,
}

impl FlawedClient {
    pub(super) fn new(flaw: Flaw) -> Self {
        Self {
            admitted: Mutex::default(),
            cookie: Mutex::default(),
            flaw,
            inner: HyperClient::new(HyperOptions::default()).unwrap(),
            policies: Mutex::default(),
            used: Mutex::default(),
        }
    }

    fn bend(&self, request: &mut Request<Bytes>, limits: &mut HttpLimits) {
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let mut settings = limits.egress.settings().clone();
        match self.flaw {
            Flaw::AddsCredentials if authority.contains('@') => {
                request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Basic dXNlcjp3b3Jk"));
            }
            Flaw::AdmitsAll => limits.host_admitted = true,
            Flaw::BodiesGoMissing => *request.body_mut() = Bytes::new(),
            Flaw::ForgetsNetworks => {
                settings.allowed_internal.clear();
                limits.egress = Arc::new(EgressPolicy::new(&settings));
            }
            Flaw::ForgetsPorts => {
                settings.allowed_ports.clear();
                limits.egress = Arc::new(EgressPolicy::new(&settings));
            }
            Flaw::IsLate => limits.deadline += Duration::from_secs(3),
            Flaw::JudgesTheAdmitted if authority.starts_with("localhost") => limits.host_admitted = false,
            Flaw::KeepsCookies => {
                let cookie = self.cookie.lock().unwrap().clone();
                request.headers_mut().extend(cookie.map(|cookie| (COOKIE, cookie)));
            }
            Flaw::KeepsOldPolicy => {
                let kept = self.policies.lock().unwrap().get(&authority).cloned();
                limits.egress = kept.unwrap_or_else(|| limits.egress.clone());
            }
            Flaw::ReadsToTheEnd => limits.body_bytes = 16 * 1024 * 1024,
            Flaw::SharesAdmitted => limits.host_admitted |= self.admitted.lock().unwrap().contains(&authority),
            _ => {}
        }
    }

    fn remember(&self, authority: &str, limits: &HttpLimits, response: &HttpResponse) {
        *self.cookie.lock().unwrap() = response.head.headers.get(SET_COOKIE).cloned();
        *self.used.lock().unwrap() = Some(Instant::now());
        self.policies.lock().unwrap().insert(authority.to_owned(), limits.egress.clone());
        if limits.host_admitted {
            self.admitted.lock().unwrap().insert(authority.to_owned());
        }
    }

    fn twist(&self, mut response: HttpResponse, limit: usize) -> Result<HttpResponse, HttpError> {
        let broken = || Err(HttpError::new(HttpErrorKind::Protocol, Sent::Maybe, "flawed"));
        match self.flaw {
            Flaw::BodiesAreText => {
                response.body = String::from_utf8_lossy(&response.body).into_owned().into();
            }
            Flaw::CutsInSilence => response.truncated = false,
            Flaw::LimitIsBeyond => response.truncated |= response.body.len() >= limit,
            Flaw::ReadsToTheEnd if response.truncated => return broken(),
            Flaw::ReadsToTheEnd => {
                response.truncated = response.body.len() > limit;
                response.body.truncate(limit);
            }
            Flaw::StatusIsAnError if response.head.status.is_server_error() => return broken(),
            _ => {}
        }
        Ok(response)
    }

    fn blame(&self, error: HttpError) -> Result<HttpResponse, HttpError> {
        let cause = error.source().and_then(|cause| cause.downcast_ref::<hyper::Error>());
        let in_body = cause.is_some_and(|cause| !cause.is_parse() && !cause.is_incomplete_message());
        let (kind, sent) = match self.flaw {
            Flaw::HalfIsEnough if in_body => {
                let (head, ()) = Response::new(()).into_parts();
                return Ok(HttpResponse { body: Bytes::from_static(b"half"), head, truncated: false });
            }
            Flaw::SaysMaybe => (error.kind(), Sent::Maybe),
            Flaw::SaysNothingWasSent => (error.kind(), Sent::No),
            Flaw::UrlsAreConnected if error.kind() == HttpErrorKind::Url => (HttpErrorKind::Connect, error.sent()),
            _ => (error.kind(), error.sent()),
        };
        Err(HttpError::new(kind, sent, error))
    }
}

#[async_trait]
impl HttpClient for FlawedClient {
    async fn send(&self, mut request: Request<Bytes>, mut limits: HttpLimits) -> Result<HttpResponse, HttpError> {
        let limit = limits.body_bytes;
        let idle = self.used.lock().unwrap().map(|used| used.elapsed());
        if self.flaw == Flaw::TrustsOldConnections && idle > Some(Duration::from_millis(40)) {
            return Err(HttpError::new(HttpErrorKind::Protocol, Sent::Maybe, "it was dead"));
        }
        self.bend(&mut request, &mut limits);
        let authority = request.uri().authority().map(ToString::to_string).unwrap_or_default();
        let answered = self.inner.send(request.clone(), limits.clone()).await;
        if self.flaw == Flaw::FollowsRedirects
            && answered.as_ref().is_ok_and(|response| response.head.status.is_redirection())
        {
            let _ = self.inner.send(request, limits.clone()).await;
        }
        let response = match answered {
            Ok(response) => response,
            Err(error) => return self.blame(error),
        };
        self.remember(&authority, &limits, &response);
        self.twist(response, limit)
    }
}
