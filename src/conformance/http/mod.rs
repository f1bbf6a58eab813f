//! Checks for [`HttpClient`], against receivers on loopback addresses.

mod answers;
mod failures;
mod policy;
mod receiver;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ::http::Request;
use async_trait::async_trait;
use bytes::Bytes;

use self::receiver::Receiver;
use super::{Check, Name, Violation};
use crate::port::{Clock, HttpClient, HttpError, HttpErrorKind, HttpLimits, HttpResponse, Sent, SystemClock};
use crate::security::{EgressPolicy, EgressSettings};

pub use self::answers::*;
pub use self::failures::*;
pub use self::policy::*;

/// Makes clients to check.
///
/// A closure `|| async { … }` that returns a client is one. The checks wait for the client in the task that runs them.
#[async_trait]
pub trait HttpFixture: Send + Sync {
    /// Makes a client that has called nobody.
    async fn fresh(&self) -> Arc<dyn HttpClient>;
}

#[async_trait]
impl<C, F, R> HttpFixture for F
where
    C: HttpClient,
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = C> + Send + 'static,
{
    async fn fresh(&self) -> Arc<dyn HttpClient> {
        Arc::new(self().await)
    }
}

/// Gives one test for each check of an [`HttpClient`](crate::port::HttpClient).
///
/// Takes the attribute that makes an `async fn` a test, and an [`HttpFixture`](crate::conformance::HttpFixture), such as
/// a closure that returns a client. It is best called in a module of its own.
#[macro_export]
macro_rules! http_client_conformance {
    ($test:meta, $fixture:expr $(,)?) => {
        $crate::__http_checks! { [$crate::__one_test_per_check!] http, $test, $fixture; }
    };
}

/// Hands the list of the checks to a macro, after what that macro wants to see before it.
#[doc(hidden)]
#[macro_export]
macro_rules! __http_checks {
    ([$($callback:tt)*] $($before:tt)*) => {
        $($callback)* {
            $($before)*
            requests_arrive_as_they_were_given,
            nothing_is_added_to_a_request,
            every_status_is_an_answer,
            redirects_are_not_followed,
            cookies_are_not_kept,
            bodies_are_bytes,
            a_body_at_the_limit_is_whole,
            a_longer_body_is_cut_and_says_so,
            a_body_without_an_end_is_cut,
            a_closed_connection_is_replaced,
            nobody_there_means_that_nothing_was_sent,
            what_was_sent_is_told,
            a_broken_answer_is_none,
            half_a_body_is_no_answer,
            silence_ends_at_the_deadline,
            a_trickle_ends_at_the_deadline,
            what_is_no_address_is_not_called,
            forbidden_addresses_are_not_called,
            names_are_judged_by_their_addresses,
            admitted_hosts_are_not_judged,
            allowed_networks_are_called,
            forbidden_ports_are_not_called,
            connections_do_not_outlive_their_policy,
            admitted_connections_serve_no_other_call,
        }
    };
}

/// Runs every check, and returns what is broken, in the order of the checks.
pub async fn run_http(fixture: impl HttpFixture) -> Vec<Violation> {
    let mut violations = Vec::new();
    macro_rules! run {
        ($($check:ident,)*) => {$(violations.extend($check(&fixture).await.err());)*};
    }
    crate::__http_checks! { [run!] }
    violations
}

/// A client under a check.
struct Subject {
    client: Arc<dyn HttpClient>,
    name: Name,
}

impl Subject {
    async fn fresh(check: &'static str, fixture: &dyn HttpFixture) -> Self {
        Self { client: fixture.fresh().await, name: Name(check) }
    }

    /// What a receiver gives, or why the check cannot be made.
    fn receiver(&self, started: io::Result<Receiver>) -> Result<Receiver, Violation> {
        started.map_err(|error| self.name.violation(format!("there is no receiver to check with: {error}")))
    }

    async fn send(&self, request: Request<Bytes>, limits: HttpLimits) -> Result<HttpResponse, HttpError> {
        self.client.send(request, limits).await
    }

    /// Calls what must answer.
    async fn ask(&self, request: Request<Bytes>, limits: HttpLimits) -> Result<HttpResponse, Violation> {
        self.send(request, limits).await.map_err(|error| self.name.violation(format!("a call failed: {error:?}")))
    }

    async fn get(&self, url: &str) -> Result<HttpResponse, Violation> {
        self.ask(self.request("GET", url, "")?, limits()).await
    }

    fn request(&self, method: &str, url: &str, body: impl Into<Bytes>) -> Result<Request<Bytes>, Violation> {
        let built = Request::builder().method(method).uri(url).body(body.into());
        built.map_err(|error| self.name.violation(format!("there is no such request: {error}")))
    }

    /// A call must fail in a certain way.
    async fn fails(
        &self,
        what: &str,
        request: Request<Bytes>,
        limits: HttpLimits,
        want: (HttpErrorKind, Sent),
    ) -> Check {
        match self.send(request, limits).await {
            Ok(response) => Err(self.name.violation(format!("{what} was answered with {}", response.head.status))),
            Err(error) => self.name.equal(what, &(error.kind(), error.sent()), &want),
        }
    }

    /// A call must end at its deadline.
    async fn is_cut_short(&self, what: &str, receiver: &Receiver) -> Check {
        let deadline = Duration::from_millis(500);
        let (request, limits) = (self.request("POST", &receiver.url("/"), "body")?, limits());
        let began = SystemClock.monotonic();
        let limits = HttpLimits { deadline, ..limits };
        self.fails(what, request, limits, (HttpErrorKind::Timeout, Sent::Maybe)).await?;
        let took = SystemClock.monotonic().saturating_sub(began);
        self.name.ensure(took < deadline + SLACK, format!("{what}: a call of {deadline:?} took {took:?}"))
    }
}

/// How much later than its deadline a call may end on a busy machine.
const SLACK: Duration = Duration::from_secs(2);

/// Limits that let everything pass: the host is admitted, whatever its addresses.
fn limits() -> HttpLimits {
    HttpLimits {
        body_bytes: 1024 * 1024,
        deadline: Duration::from_secs(20),
        egress: policy(|_| {}),
        host_admitted: true,
    }
}

/// A policy that an administrator could make.
fn policy(change: impl FnOnce(&mut EgressSettings)) -> Arc<EgressPolicy> {
    let mut settings = EgressSettings::default();
    change(&mut settings);
    Arc::new(EgressPolicy::new(&settings))
}

/// An answer of HTTP/1.1 after which the connection stays open.
fn answer(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_check_is_in_the_list() {
        macro_rules! names {
            ($($check:ident,)*) => { [$(stringify!($check)),*] };
        }
        let listed = crate::__http_checks! { [names!] };
        let sources = [include_str!("answers.rs"), include_str!("failures.rs"), include_str!("policy.rs")];
        let written = sources.iter().flat_map(|source| source.split("pub async fn ").skip(1));
        let written: Vec<_> = written.filter_map(|rest| rest.split('(').next()).collect();
        assert_eq!(listed.as_slice(), written);
    }
}
