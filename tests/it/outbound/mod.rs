//! Calls to the world over hyper: receivers that are broken, slow or hostile, names that lie, policies that change.

mod addresses;
mod answers;
mod http2;
mod pool;
mod receiver;
mod stages;
mod tls;

use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{io, mem};

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use jackfield::adapter::hyper::{HyperClient, HyperOptions, Resolve};
use jackfield::port::{HttpClient, HttpError, HttpErrorKind, HttpLimits, HttpResponse, Sent};
use jackfield::security::{EgressPolicy, EgressSettings};

use receiver::Receiver;

fn client() -> HyperClient {
    HyperClient::new(HyperOptions::default()).unwrap()
}

fn policy(allowed: &str) -> Arc<EgressPolicy> {
    let mut settings = EgressSettings::default();
    settings.allowed_internal = allowed.to_owned();
    Arc::new(EgressPolicy::new(&settings))
}

/// Limits under which loopback addresses may be called.
fn limits() -> HttpLimits {
    let egress = policy("127.0.0.0/8 ::1/128");
    HttpLimits { body_bytes: 1024 * 1024, deadline: Duration::from_secs(20), egress, host_admitted: false }
}

/// The same with little time.
fn hasty() -> HttpLimits {
    HttpLimits { deadline: Duration::from_millis(600), ..limits() }
}

fn post(url: &str) -> Request<Bytes> {
    Request::post(url).body(Bytes::from_static(b"payload")).unwrap()
}

async fn ask(client: &HyperClient, url: &str) -> HttpResponse {
    client.send(post(url), limits()).await.unwrap()
}

fn failed(answered: Result<HttpResponse, HttpError>) -> (HttpErrorKind, Sent) {
    let error = answered.expect_err("an answer came");
    (error.kind(), error.sent())
}

/// A resolver that gives one list after the other, the last one for ever, and remembers what it was asked.
#[derive(Debug, Default)]
struct Names {
    asked: Mutex<Vec<String>>,
    lists: Mutex<Vec<Vec<IpAddr>>>,
}

impl Names {
    fn of(lists: &[&[&str]]) -> Arc<Self> {
        let parse = |list: &&[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
        let mut lists: Vec<Vec<IpAddr>> = lists.iter().map(parse).collect();
        lists.reverse();
        Arc::new(Self { asked: Mutex::default(), lists: Mutex::new(lists) })
    }

    fn client(self: &Arc<Self>) -> HyperClient {
        HyperClient::new(HyperOptions::default().with_resolver(self.clone())).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        mem::take(&mut self.asked.lock().unwrap())
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.lock().unwrap().push(host.to_owned());
        let mut lists = self.lists.lock().unwrap();
        let list = if lists.len() > 1 { lists.pop() } else { lists.last().cloned() };
        list.ok_or_else(|| io::Error::other("there is no such name"))
    }
}
