//! What a post costs that sets no outgoing webhook off, with few and with many hooks; one that does; and how soon a new
//! hook counts.
//!
//! `cargo bench --bench triggers`. Hooks are written into storage, ports answer at once. Beside it: the scan of all hooks
//! of the team that the specification describes.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::hint::black_box;
use std::sync::Arc;

use allocation_counter::measure;
use bytes::Bytes;
use calls::now;
use common::{bar, median};
use common_host::Host;
use hooks::{Hook, MESSAGES, hooks, record};
use http::Request;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::api::{Api, Body};
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::id::{ChannelId, Millis, PostId};
use jackfield::port::{Change, Channel, ChannelKind, Committed, PostEvent, Storage};
use jackfield::security::MasterKey;
use rounds::{alone, alternate};

#[path = "common/calls.rs"]
mod calls;
#[path = "common/host.rs"]
mod common_host;
#[path = "common/outgoing_hooks.rs"]
mod hooks;
#[path = "common/rounds.rs"]
mod rounds;

const COUNTS: [usize; 3] = [10, 1_000, 100_000];

/// An engine over so many hooks.
struct Site {
    engine: Engine,
    hooks: Vec<Hook>,
    host: Arc<Host>,
    last: usize,
    post: PostId,
}

impl Site {
    fn new(count: usize) -> Self {
        let (storage, host) = (Arc::new(MemoryStorage::default()), Arc::new(Host::new()));
        let hooks = hooks(count, host.channel().id);
        let records: Vec<Change> = hooks.iter().map(|hook| record(hook, host.team().id, host.user().id)).collect();
        for changes in records.chunks(1_000) {
            assert_eq!(now(storage.commit(changes.to_vec())).unwrap(), Committed::Applied);
        }
        let mut engine = None;
        let mut settings = Settings::default();
        settings.keys = vec![MasterKey::new([7; 32])];
        let ports = Ports::new(storage, host.clone(), host.clone());
        let held =
            measure(|| engine = Some(now(Engine::start(ports.clone(), settings.clone())).unwrap())).bytes_current;
        println!("{count} hooks: {} bytes each in the index", held / i64::try_from(count).unwrap());
        Self { engine: engine.unwrap(), hooks, host, last: 0, post: PostId::from_random([8; 16]) }
    }

    fn event<'a>(&'a self, message: &'a str) -> PostEvent<'a> {
        let event = PostEvent::new(self.post, Millis(1), message, self.host.user(), self.host.channel());
        event.with_team(self.host.team())
    }

    /// Plans one post that sets nothing off.
    fn miss(&mut self) {
        self.last = (self.last + 1) % MESSAGES.len();
        let plan = self.engine.plan(black_box(&self.event(MESSAGES[self.last]))).unwrap();
        assert!(black_box(plan).is_empty());
    }

    /// The same by looking at each hook.
    fn scan(&mut self) {
        self.last = (self.last + 1) % MESSAGES.len();
        let channel = self.host.channel().id;
        let found: Vec<_> = self.hooks.iter().filter_map(|hook| hook.matches(channel, MESSAGES[self.last])).collect();
        assert!(black_box(found).is_empty());
    }
}

fn main() {
    let mut sites = COUNTS.map(Site::new);
    for (site, count) in sites.iter_mut().zip(COUNTS) {
        let miss = alone(5_000, || site.miss());
        let scan = alone(u32::try_from(200_000 / count).unwrap(), || site.scan());
        println!("nothing matches, {count} hooks: {miss:.1} ns; the scan {scan:.0} ns");
        bar(&format!("trigger_miss_{count}"), miss, 100.0);
        let allocated = MESSAGES
            .iter()
            .map(|message| {
                measure(|| {
                    let _ = black_box(site.engine.plan(&site.event(message)).unwrap());
                })
                .count_total
            })
            .sum::<u64>();
        bar(&format!("trigger_miss_allocations_{count}"), allocated as f64, 0.0);
    }
    let [few, _, many] = &mut sites;
    let (at_many, at_few) = alternate(5_000, || many.miss(), || few.miss());
    println!("nothing matches: {at_few:.1} ns with {} hooks, {at_many:.1} ns with {}", COUNTS[0], COUNTS[2]);

    // Hooks with their own channels and teams, and first words that go on and on.
    let elsewhere = Channel::new(ChannelId::from_random([77; 16]), ChannelKind::Public, "quiet");
    let elsewhere = elsewhere.with_team(many.host.team().id, "Quiet");
    let quiet = alone(5_000, || {
        let mut event = many.event("good morning");
        event.channel = &elsewhere;
        many.engine.plan(black_box(&event)).unwrap()
    });
    println!("nothing matches, in a channel without hooks of its own: {quiet:.1} ns");
    let long = "x".repeat(16_000);
    println!(
        "nothing matches, one word of 16,000 letters: {:.0} ns",
        alone(500, || many.engine.plan(&many.event(&long)).unwrap())
    );

    for (site, count) in sites.iter().zip(COUNTS) {
        let word = site.hooks.iter().find(|hook| hook.when == 0 && hook.channel.is_none()).unwrap().words[0].clone();
        let message = format!("{word} web to production, please");
        assert!(!site.engine.plan(&site.event(&message)).unwrap().is_empty(), "{message}");
        let hit = alone(500, || site.engine.plan(black_box(&site.event(&message))).unwrap());
        println!("one hook of {count} matches: {hit:.0} ns");
    }

    let many = &sites[2];
    let mut times: Vec<f64> = (0..400_u32).map(|number| visible(many, number)).collect();
    let slowest = times.iter().copied().fold(0.0, f64::max);
    println!("a new hook among {} counts after {:.0} µs, at most {slowest:.0} µs", COUNTS[2], median(&mut times));
    bar("trigger_change_visible_ms", median(&mut times) / 1_000.0, 1.0);
}

/// Makes a hook, and says after how many microseconds a post sets it off.
fn visible(site: &Site, number: u32) -> f64 {
    let (word, team) = (format!("fresh{number}"), site.host.team().id);
    let api = Api::new(site.engine.clone());
    let body = format!(
        r#"{{"team_id":"{team}","display_name":"Bench","trigger_words":["{word}"],"callback_urls":["https://{word}.example/"]}}"#
    );
    let request = Request::post("/api/v4/hooks/outgoing").header("Authorization", "Bearer x").body(()).unwrap();
    let (head, body) = (request.into_parts().0, Body::Whole(Bytes::from(body)));
    let began = instant();
    let made = now(api.handle(head, body));
    let plan = site.engine.plan(&site.event(&word)).unwrap();
    let took = began.elapsed();
    assert!(made.status() == 201 && !plan.is_empty(), "{:?}", made.body());
    took.as_secs_f64() * 1e6
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn instant() -> std::time::Instant {
    std::time::Instant::now()
}
