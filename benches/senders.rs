//! A thousand senders that are slow or greedy, and what they cost the others: how long honest senders of the example
//! server wait for their answer, with and without the crowd, and the memory of the server.
//!
//! `cargo bench --bench senders`, on Linux, with `ulimit -n` above 2,100. It builds the server first.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, process, thread};

use client::Client;
use common::{bar, median};
use crowd::{Kind, Sender};
use server::{Server, program};
use site::Site;

#[path = "../tests/it/crash/client.rs"]
mod client;
#[path = "../tests/it/senders/crowd.rs"]
#[expect(dead_code, reason = "what they are answered is for the test")]
mod crowd;
#[path = "../tests/it/crash/server.rs"]
#[expect(dead_code, reason = "limits are for tests")]
mod server;
#[path = "../tests/it/crash/site.rs"]
#[expect(dead_code, reason = "who writes and is verified is for tests")]
mod site;

const CROWD: usize = 1_000;
const HONEST: usize = 8;
const ROUNDS: usize = 5;
/// How long a round is measured: longer than the server's patience, so that the crowd is cut off and comes again.
const ROUND: Duration = Duration::from_secs(12);
/// How often each honest sender sends.
const EVERY: Duration = Duration::from_millis(20);
/// Ten seconds of a thousand senders with large bodies would be 300 MB.
const MOST_MEMORY: f64 = 160.0;

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-senders-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let mut server = Server::start(&program(), &folder);
    let address = server.address();
    let site = Site::set_up(address);
    honest(address, &site, Duration::from_secs(2)); // warms up
    println!("{} MiB before the crowd comes", server.most_memory());
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let quiet = honest(address, &site, ROUND);
        let (crowded, cut) = crowded(address, &site);
        println!(
            "p99 of {HONEST} honest senders: {quiet:.2} ms alone, {crowded:.2} ms in the crowd; {cut} were cut off"
        );
        ratios.push(crowded / quiet);
    }
    bar("honest_p99_ratio", median(&mut ratios), 2.0);
    bar("senders_memory_mib", server.most_memory() as f64, MOST_MEMORY);
    server.kill();
    fs::remove_dir_all(&folder).unwrap();
}

/// Lets honest senders call the hook at a steady rate, and returns in milliseconds how long the slowest of a hundred
/// waits. Whoever is late sends at once, and what it is late counts.
fn honest(address: SocketAddr, site: &Site, time: Duration) -> f64 {
    let each: Vec<Vec<f64>> = thread::scope(|scope| {
        let senders = (0..HONEST).map(|number| scope.spawn(move || send(address, site, time, number)));
        let senders: Vec<_> = senders.collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    });
    let mut waits = each.concat();
    waits.sort_by(f64::total_cmp);
    waits[waits.len() * 99 / 100]
}

fn send(address: SocketAddr, site: &Site, time: Duration, number: usize) -> Vec<f64> {
    let mut client = Client::connect(address).unwrap();
    let mut due = now() + EVERY / u32::try_from(HONEST).unwrap() * u32::try_from(number).unwrap();
    let (end, mut waits) = (due + time, Vec::new());
    while due < end {
        thread::sleep(due.saturating_duration_since(now()));
        let answer = site.send(&mut client, "Deployed **v1.4**", None).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        waits.push(due.elapsed().as_secs_f64() * 1e3);
        due += EVERY;
    }
    waits
}

/// The same in a crowd, each of which sends once a second, and comes again when it is cut off. Returns how many were.
fn crowded(address: SocketAddr, site: &Site) -> (f64, usize) {
    let kinds = Kind::all(site.hook());
    let (there, over, cut) = (AtomicUsize::new(0), AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut crowd: Vec<Sender> = Vec::new();
            for (place, kind) in (0..CROWD).zip(kinds.iter().cycle()).cycle() {
                if over.load(Ordering::Relaxed) {
                    break;
                }
                let come = || Sender::connect(address, kind.clone());
                match crowd.get_mut(place) {
                    None => crowd.push(come()),
                    Some(sender) => {
                        if !sender.go_on() {
                            cut.fetch_add(1, Ordering::Relaxed);
                            *sender = come();
                        }
                    }
                }
                there.store(crowd.len(), Ordering::Relaxed);
                thread::sleep(Duration::from_micros(900)); // a thousand of these, and what they do, are a second
            }
        });
        while there.load(Ordering::Relaxed) < CROWD {
            thread::sleep(Duration::from_millis(10));
        }
        let wait = honest(address, site, ROUND);
        over.store(true, Ordering::Relaxed);
        (wait, cut.load(Ordering::Relaxed))
    })
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> Instant {
    Instant::now()
}
