//! What stands around the engine in a simulation: receivers, the feature, the host.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::executor::SimClock;
use crate::delivery::{DeliveryId, FailureClass, Mode};
use crate::engine::deliveries::feature::{Answer, Call, Errand, Prepared, Replied};
use crate::engine::error::Fault;
use crate::id::{ChannelId, PostId, TeamId, UserId};
use crate::port::{
    Applied, Ask, Channel, Clock, Credential, Directory, Effect, HttpClient, HttpError, HttpErrorKind, HttpLimits,
    HttpResponse, Observation, Observer, PortError, Post, PostSink, Random, Refused, Sent, Session, Team, User,
};

/// A course of chance that a seed repeats: SplitMix64.
#[derive(Clone, Debug)]
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

/// How a receiver behaves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Manner {
    Answers(u16),
    /// Answers, and what it says is to be posted.
    Replies,
    /// Answers what cannot be used.
    Babbles,
    /// Answers after so many seconds.
    Slow(u64),
    Refuses,
    Resets,
    Hangs,
    /// The client itself never ends the call.
    NeverEnds,
    Panics,
    Forbidden,
    /// 503 with a wish to be left in peace for so many seconds.
    Busy(u64),
}

/// What a call came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    Answered(u16),
    Cut,
    MaybeSent,
    NotSent,
    Forbidden,
}

/// A call that a receiver got, or would have got.
#[derive(Clone, Debug)]
pub(super) struct Called {
    pub(super) began: Duration,
    pub(super) end: End,
    pub(super) id: String,
    pub(super) lane: String,
}

/// The world, as the test changes it and looks at it.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) calls: Vec<Called>,
    /// In how many of a hundred errands the feature stumbles.
    pub(super) clumsiness: u64,
    pub(super) chance: u64,
    pub(super) faults: BTreeMap<String, usize>,
    /// Sources that are gone.
    pub(super) gone: BTreeSet<[u8; 26]>,
    /// Observations that tell more than they may.
    pub(super) leaks: Vec<String>,
    pub(super) manners: BTreeMap<String, Manner>,
    /// Of each delivery the posts that were made.
    pub(super) posts: BTreeMap<String, usize>,
    /// Calls that run, by lane.
    pub(super) running: BTreeMap<String, usize>,
    pub(super) most_running: BTreeMap<String, usize>,
    /// Deliveries that run, with how often at once at most.
    pub(super) twins: BTreeMap<String, usize>,
    pub(super) running_ids: BTreeMap<String, usize>,
}

#[derive(Debug)]
pub(super) struct World {
    pub(super) clock: Arc<SimClock>,
    pub(super) facts: Mutex<Facts>,
    is_loud: bool,
}

thread_local! {
    /// The world of this thread's simulation, for the feature.
    static CURRENT: RefCell<Option<Arc<World>>> = const { RefCell::new(None) };
}

/// The name of the feature that only tests have.
pub(in crate::engine::deliveries) const NAME: &str = "sim";

impl World {
    pub(super) fn enter(seed: u64) -> Arc<Self> {
        let facts = Facts { chance: seed, ..Facts::default() };
        let world = Arc::new(Self {
            clock: Arc::default(),
            facts: Mutex::new(facts),
            is_loud: env::var("JACKFIELD_SEED").is_ok(),
        });
        CURRENT.set(Some(Arc::clone(&world)));
        world
    }

    pub(super) fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap()
    }

    /// Prints what happens, where one seed is looked at.
    pub(super) fn tell(&self, what: &str) {
        if self.is_loud {
            println!("{:>9.3} {what}", self.clock.monotonic().as_secs_f64());
        }
    }

    fn current() -> Arc<Self> {
        CURRENT.with_borrow(|world| Arc::clone(world.as_ref().unwrap()))
    }
}

impl Facts {
    fn chance(&mut self, limit: u64) -> u64 {
        let mut chance = Chance(self.chance);
        let drawn = chance.below(limit);
        self.chance = chance.0;
        drawn
    }

    fn stumbles(&mut self) -> Option<bool> {
        (self.chance(100) < self.clumsiness).then(|| self.chance(2) == 0)
    }
}

/// The payload: a letter for the mode, and the host.
pub(super) fn payload(mode: Mode, host: &str) -> Bytes {
    let letter = match mode {
        Mode::Full => 'f',
        Mode::Off => 'o',
        Mode::Safe => 's',
    };
    format!("{letter}{host}").into()
}

pub(in crate::engine::deliveries) fn prepare(errand: Errand<'_>) -> Result<Prepared, Fault> {
    let world = World::current();
    let mut facts = world.facts();
    match facts.stumbles() {
        Some(true) => {
            drop(facts);
            panic!("the feature panics");
        }
        Some(false) => return Err(PortError::new("the directory is away").into()),
        None => {}
    }
    if facts.gone.contains(errand.source) {
        return Ok(Prepared::Drop("the hook is gone".to_owned()));
    }
    let text = str::from_utf8(errand.payload).unwrap();
    let (mode, host) = text.split_at_checked(1).expect("a finished delivery is not tried");
    let mode = match mode {
        "f" => Mode::Full,
        "o" => Mode::Off,
        _ => Mode::Safe,
    };
    if host == "bad" {
        return Ok(Prepared::Fail(FailureClass::Url, "no address".to_owned()));
    }
    let source = str::from_utf8(errand.source).unwrap();
    let request = http::Request::post("/").header("webhook-id", errand.id.as_str()).header("source", source);
    let request = request.body(Bytes::from_static(b"{}")).unwrap();
    Ok(Prepared::Call(Call { mode: Some(mode), request, url: format!("https://{host}.example/hook?secret") }))
}

pub(in crate::engine::deliveries) fn take_reply(errand: Errand<'_>, answer: Answer<'_>) -> Result<Replied, Fault> {
    let world = World::current();
    let mut facts = world.facts();
    match facts.stumbles() {
        Some(true) => {
            drop(facts);
            panic!("the feature panics");
        }
        Some(false) => return Err(PortError::new("the sink is away").into()),
        None => {}
    }
    match &answer.body[..] {
        b"reply" if errand.is_late => Ok(Replied::NotPosted("too late".to_owned())),
        b"reply" => {
            facts.posts.entry(errand.id.as_str().to_owned()).or_insert(1);
            Ok(Replied::Posted(vec![errand.cause]))
        }
        b"babble" => Ok(Replied::Unusable("no JSON".to_owned())),
        _ => Ok(Replied::Nothing),
    }
}

/// Ends the count of a call that runs, also of one that is cut.
struct Running {
    called: Called,
    world: Arc<World>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut facts = self.world.facts();
        *facts.running.get_mut(&self.called.lane).unwrap() -= 1;
        *facts.running_ids.get_mut(&self.called.id).unwrap() -= 1;
        facts.calls.push(self.called.clone());
        drop(facts);
        self.world.tell(&format!("{:?}", self.called));
    }
}

#[derive(Debug)]
pub(super) struct Network(pub(super) Arc<World>);

#[async_trait]
impl HttpClient for Network {
    async fn send(&self, request: http::Request<Bytes>, limits: HttpLimits) -> Result<HttpResponse, HttpError> {
        let host = request.uri().host().unwrap().trim_end_matches(".example").to_owned();
        let text = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        let (id, lane) = (text("webhook-id"), format!("{} {host}", text("source")));
        let clock = Arc::clone(&self.0.clock);
        let (manner, trip) = {
            let mut facts = self.0.facts();
            let trip = facts.chance(30);
            *facts.running.entry(lane.clone()).or_default() += 1;
            let running = facts.running[&lane];
            let most = facts.most_running.entry(lane.clone()).or_default();
            *most = running.max(*most);
            *facts.running_ids.entry(id.clone()).or_default() += 1;
            let twins = facts.running_ids[&id];
            let most = facts.twins.entry(id.clone()).or_default();
            *most = twins.max(*most);
            (facts.manners.get(&host).copied().unwrap_or(Manner::Answers(200)), trip)
        };
        let called = Called { began: clock.monotonic(), end: End::Cut, id, lane };
        let mut running = Running { called, world: Arc::clone(&self.0) };
        clock.sleep(Duration::from_millis(trip)).await;
        let failed = |kind, sent| Err(HttpError::new(kind, sent, "it failed"));
        let (status, body, after) = match manner {
            Manner::Answers(status) => (status, "", None),
            Manner::Replies => (200, "reply", None),
            Manner::Babbles => (200, "babble", None),
            Manner::Slow(seconds) => {
                clock.sleep(Duration::from_secs(seconds)).await;
                (200, "", None)
            }
            Manner::Busy(seconds) => (503, "", Some(seconds)),
            Manner::Refuses => {
                running.called.end = End::NotSent;
                return failed(HttpErrorKind::Connect, Sent::No);
            }
            Manner::Resets => {
                running.called.end = End::MaybeSent;
                return failed(HttpErrorKind::Protocol, Sent::Maybe);
            }
            Manner::Hangs => {
                clock.sleep(limits.deadline.saturating_sub(Duration::from_millis(trip))).await;
                running.called.end = End::MaybeSent;
                return failed(HttpErrorKind::Timeout, Sent::Maybe);
            }
            Manner::NeverEnds => {
                running.called.end = End::MaybeSent;
                pending().await
            }
            Manner::Panics => {
                running.called.end = End::MaybeSent;
                panic!("the client panics")
            }
            Manner::Forbidden => {
                running.called.end = End::Forbidden;
                return failed(HttpErrorKind::Blocked, Sent::No);
            }
        };
        running.called.end = End::Answered(status);
        let mut response = http::Response::builder().status(status);
        if let Some(after) = after {
            response = response.header("retry-after", after);
        }
        let (head, ()) = response.body(()).unwrap().into_parts();
        Ok(HttpResponse { body: Bytes::from_static(body.as_bytes()), head, truncated: false })
    }
}

impl Observer for World {
    fn observe(&self, observation: &Observation<'_>) {
        let text = format!("{observation:?}");
        self.tell(&text);
        if text.contains("secret") || text.contains("/hook") {
            self.facts().leaks.push(text.clone());
        }
        if let Observation::Fault { .. } = observation {
            *self.facts().faults.entry(text).or_default() += 1;
        }
    }
}

impl Random for World {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        let mut facts = self.facts();
        let mut chance = Chance(facts.chance);
        bytes.iter_mut().for_each(|byte| *byte = chance.next() as u8);
        facts.chance = chance.0;
        Ok(())
    }
}

#[async_trait]
impl Directory for World {
    async fn session(&self, _: &Credential) -> Result<Option<Session>, PortError> {
        Ok(None)
    }

    async fn users(&self, _: &[UserId]) -> Result<Vec<User>, PortError> {
        Ok(Vec::new())
    }

    async fn user_named(&self, _: &str) -> Result<Option<User>, PortError> {
        Ok(None)
    }

    async fn channels(&self, _: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        Ok(Vec::new())
    }

    async fn channels_named(&self, _: Option<TeamId>, _: &[&str]) -> Result<Vec<Channel>, PortError> {
        Ok(Vec::new())
    }

    async fn team(&self, _: TeamId) -> Result<Option<Team>, PortError> {
        Ok(None)
    }

    async fn may(&self, _: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        Ok(vec![false; asks.len()])
    }

    async fn post(&self, _: PostId) -> Result<Option<Post>, PortError> {
        Ok(None)
    }

    async fn members_named(&self, _: ChannelId, _: &[&str]) -> Result<Vec<User>, PortError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl PostSink for World {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        Ok(effects.iter().map(|_| Applied::default()).collect())
    }
}

/// The id of a delivery by its number.
pub(super) fn id(number: u64) -> DeliveryId {
    DeliveryId::parse(&format!("sim_{number:06}")).unwrap()
}
