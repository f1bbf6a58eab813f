//! What a call of an outgoing webhook costs: made and signed, beside the bare HMAC and form; and sent to a receiver in
//! another process, in CPU time of our client beside that of a bare hyper client.
//!
//! `cargo bench --bench outbound`, on Linux.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::env;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use common::{bar, median};
use http::Request;
use jackfield::adapter::hyper::{HyperClient, HyperOptions};
use jackfield::port::{HttpClient, HttpLimits};
use jackfield::security::{EgressPolicy, EgressSettings};
use receiver::Receiver;
use site::cpu;
use tokio::task::JoinSet;

#[path = "common/calls.rs"]
mod calls;
#[path = "common/client.rs"]
mod client;
#[path = "common/host.rs"]
mod common_host;
#[path = "common/prepare.rs"]
mod prepare;
#[path = "common/receiver.rs"]
#[expect(dead_code, reason = "nobody hangs here")]
mod receiver;
#[path = "common/rounds.rs"]
#[expect(dead_code, reason = "nothing is measured alone")]
mod rounds;

/// The clocks that the receiver, and this bench, go by.
mod site {
    use std::fs;
    use std::time::SystemTime;

    /// CPU time of this process so far, in seconds.
    pub(crate) fn cpu() -> f64 {
        let stat = fs::read_to_string("/proc/self/stat").unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap(); // the program's name may hold anything
        let ticks: f64 = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum();
        ticks / 100.0 // Linux tells all programs of a hundred ticks a second
    }

    /// Nanoseconds since the epoch.
    #[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
    pub(crate) fn nanos() -> u64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        u64::try_from(since.as_nanos()).unwrap()
    }
}

const ROUNDS: usize = 5;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if env::var("JACKFIELD_BENCH").as_deref() == Ok("receive") {
        return runtime.block_on(receiver::receive());
    }
    prepare::prepare_and_sign();
    runtime.block_on(async {
        for (at_once, calls) in [(1, 5_000), (256, 25_600)] {
            compare(at_once, calls).await;
        }
    });
}

/// Lets both clients call in turn; prints microseconds of CPU time for each call.
async fn compare(at_once: usize, calls: usize) {
    let mut receiver = Receiver::start();
    let client = HyperClient::new(HyperOptions::default()).unwrap();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let before = cpu();
        call(&client, &receiver.url(), calls, at_once).await;
        let one = (cpu() - before) * 1e6 / calls as f64;
        receiver.take(calls).await;
        let before = cpu();
        client::call(&receiver.url(), calls, at_once).await;
        let other = (cpu() - before) * 1e6 / calls as f64;
        receiver.take(calls).await;
        if round > 0 {
            ours.push(one);
            bare.push(other);
        }
    }
    let (ours, bare) = (median(&mut ours), median(&mut bare));
    println!("{at_once} at once: {ours:.1} µs CPU a call; bare hyper client {bare:.1}");
    bar(&format!("client_cpu_ratio_{at_once}"), ours / bare, 1.5);
}

async fn call(client: &HyperClient, url: &str, calls: usize, at_once: usize) {
    let mut settings = EgressSettings::default();
    settings.allowed_internal = "127.0.0.0/8".to_owned();
    let limits = HttpLimits {
        body_bytes: 1024 * 1024,
        deadline: Duration::from_secs(30),
        egress: Arc::new(EgressPolicy::new(&settings)),
        host_admitted: false,
    };
    let mut tasks = JoinSet::new();
    for task in 0..at_once {
        let (client, url, limits) = (client.clone(), url.to_owned(), limits.clone());
        tasks.spawn(async move {
            for _ in (task..calls).step_by(at_once) {
                let request = Request::post(&url).header("Content-Type", "application/x-www-form-urlencoded");
                let request = request.body(Bytes::from_static(client::BODY.as_bytes())).unwrap();
                client.send(request, limits.clone()).await.unwrap();
            }
        });
    }
    tasks.join_all().await;
}
