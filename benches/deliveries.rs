//! Deliveries over SQLite and loopback: CPU time of the engine's process for each, beside a bare hyper client; how long
//! fast calls wait while ten thousand receivers hang; and a million that are pending.
//!
//! `cargo bench --bench deliveries`, on Linux, with `ulimit -n` of 20,000 or more; with less, fewer receivers hang, and
//! the bench says so. Receivers are processes of their own: this program again.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::env;
use std::time::Duration;

use common::{bar, median};
use futures_util::future::{join, join_all};
use receiver::Receiver;
use site::{Site, cpu, memory_mib};
use tokio::sync::Semaphore;

#[path = "common/client.rs"]
mod client;
#[path = "common/host.rs"]
mod common_host;
#[path = "common/receiver.rs"]
mod receiver;
#[path = "common/site.rs"]
mod site;

/// How many hooks share the load, so that no lane is the limit: eight calls at once in each.
const HOOKS: usize = 64;
/// How many posts are handed in ahead of what was received.
const AHEAD: usize = 256;
const CALLS: usize = 80 * 256;
const ROUNDS: usize = 5;
const HANGING: usize = 10_000;
const PENDING: usize = 1_000_000;
/// A hook has so many pending at most.
const PENDING_OF_ONE: usize = 100_000;
/// Calls of hanging receivers end after this long, and the next round begins.
const PATIENCE: Duration = Duration::from_secs(14);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match env::var("JACKFIELD_BENCH").as_deref() {
        Ok("receive") => runtime.block_on(receiver::receive()),
        Ok("costs") => runtime.block_on(costs()),
        Ok("hanging") => runtime.block_on(hanging()),
        Ok("pending") => runtime.block_on(pending()),
        _ => ["costs", "hanging", "pending"].into_iter().for_each(site::part),
    }
}

/// What one delivery costs the process that makes it: the post handed in, recorded, called, settled.
async fn costs() {
    let mut receiver = Receiver::start();
    let (normal, full) = (Site::start("normal", PATIENCE).await, Site::start("full", PATIENCE).await);
    for site in [&normal, &full] {
        for hook in 0..HOOKS {
            site.make_hook(&format!("go{hook}"), &receiver.url()).await;
        }
        site.work();
    }
    let (mut ours, mut durable, mut bare) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let one = delivered(&normal, &mut receiver, CALLS).await;
        let other = delivered(&full, &mut receiver, 4_096).await;
        let before = cpu();
        client::call(&receiver.url(), CALLS, 256).await;
        let peer = (cpu() - before) * 1e6 / CALLS as f64;
        receiver.take(CALLS).await;
        if round > 0 {
            ours.push(one);
            durable.push(other);
            bare.push(peer);
        }
    }
    let (ours, durable, bare) = (median(&mut ours), median(&mut durable), median(&mut bare));
    println!("a delivery: {ours:.1} µs CPU with synchronous=normal, {durable:.1} with full; bare client {bare:.1}");
    bar("delivery_cpu", ours, 100.0);
}

/// Delivers so many, and returns the CPU time of each in microseconds.
async fn delivered(site: &Site, receiver: &mut Receiver, count: usize) -> f64 {
    let (before, seats) = (cpu(), Semaphore::new(AHEAD));
    let posters = join_all((0..HOOKS).map(|hook| {
        let seats = &seats;
        async move {
            for number in 0..count / HOOKS {
                seats.acquire().await.unwrap().forget();
                site.post(&format!("go{hook} {number}")).await;
            }
        }
    }));
    let received = async {
        for _ in 0..count {
            receiver.take(1).await;
            seats.add_permits(1);
        }
    };
    join(posters, received).await;
    site.settled().await;
    (cpu() - before) * 1e6 / count as f64
}

/// How long fast calls wait for their receiver, alone and while others hang.
async fn hanging() {
    let (mut fast, slow) = (Receiver::start(), Receiver::start());
    let site = Site::start("normal", PATIENCE).await;
    for hook in 0..HOOKS {
        site.make_hook(&format!("go{hook}"), &fast.url()).await;
    }
    let files = site::open_files();
    let hanging = HANGING.min(files.saturating_sub(2_000));
    if hanging < HANGING {
        println!("scaled down: {files} open files allow {hanging} hanging receivers");
    }
    for number in 0..hanging {
        site.make_hook(&format!("hang{number}"), &slow.hanging_url(number)).await;
    }
    site.work();
    let mut ratios = Vec::new();
    for round in 0..=ROUNDS {
        let quiet = waits(&site, &mut fast).await;
        for number in 0..hanging {
            site.post(&format!("hang{number} {round}")).await;
        }
        let in_flight = slow.hanging_now().await;
        let crowded = waits(&site, &mut fast).await;
        println!("p99 of 1,000 fast calls a second: {quiet:.2} ms alone, {crowded:.2} ms beside {in_flight} that hang");
        if round > 0 {
            ratios.push(crowded / quiet);
        }
        tokio::time::sleep(PATIENCE).await;
    }
    println!("{} MiB with {hanging} calls that hang", memory_mib());
    bar("hanging_p99_ratio", median(&mut ratios), 1.5);
}

/// Hands in a thousand posts a second for some seconds. Returns in milliseconds how long the slowest of a hundred takes
/// from the moment it was due to its receiver.
async fn waits(site: &Site, fast: &mut Receiver) -> f64 {
    const CALLS: usize = 5_000;
    let mut tick = tokio::time::interval(Duration::from_millis(1));
    for number in 0..CALLS {
        tick.tick().await;
        site.post(&format!("go{} {}", number % HOOKS, site::nanos())).await;
    }
    let mut waits = fast.take(CALLS).await;
    waits.sort_by(f64::total_cmp);
    waits[waits.len() * 99 / 100]
}

/// A million deliveries to a receiver that is gone: what a start costs, and how soon others are served.
async fn pending() {
    let mut fast = Receiver::start();
    let mut site = Site::start("normal", PATIENCE).await;
    site.make_hook("go0", &fast.url()).await;
    let hooks = PENDING / PENDING_OF_ONE;
    for hook in 0..hooks {
        site.make_hook(&format!("dead{hook}"), "http://127.0.0.1:1/").await;
    }
    let numbers: Vec<usize> = (0..PENDING).collect();
    for some in numbers.chunks(512) {
        join_all(some.iter().map(async |number| site.post(&format!("dead{} {number}", number % hooks)).await)).await;
    }
    println!("{PENDING} pending: {} MiB before the start", memory_mib());
    let start = site::seconds();
    site.restart().await;
    let started = site::seconds() - start;
    site.work();
    site.post(&format!("go0 {}", site::nanos())).await;
    let waited = fast.take(1).await[0];
    let served = site::seconds() - start;
    tokio::time::sleep(Duration::from_secs(20)).await;
    println!(
        "start {started:.2} s; a fast call is received {waited:.1} ms after its post, {served:.2} s after the start"
    );
    bar("pending_start_s", served, 5.0);
    bar("pending_memory_mib", memory_mib(), 512.0);
}
