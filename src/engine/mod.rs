//! The shell around the rules: it loads, asks, commits and acts, and has no opinion of its own.
//!
//! An [`Engine`] is made of a host's ports and its settings. It spawns nothing: every call runs in the caller's task.

mod authenticate;
mod bots;
mod commands;
mod deliveries;
mod draft;
mod error;
mod hook_posts;
mod incoming;
mod manage;
mod notice;
mod outbound;
mod outgoing;
mod settings;
mod table;
mod tokens;
mod traffic;

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use bytes::Bytes;
use http::HeaderValue;

pub(crate) use self::authenticate::has_credential;
pub use self::authenticate::{AuthError, Caller, PeerAddress};
pub use self::bots::{BotRange, WantedBot};
pub(crate) use self::commands::Typed;
pub use self::commands::{CommandAttempt, CommandCall, CommandHandler, ItemsAsk, KnownCommand};
use self::deliveries::Desk;
pub use self::deliveries::Plan;
pub use self::error::{Failed, Fault, StartError};
pub use self::incoming::{Call, IdempotencyKey, InvalidIdempotencyKey, Posted};
pub use self::manage::{HookList, KnownHook, ListRange, ListedTeam};
pub use self::notice::Notice;
pub use self::outgoing::{
    DeliveryRange, FreshSigningSecret, KnownOutgoingHook, ListedHooks, OutgoingRange, SigningState,
};
pub use self::settings::Settings;
pub(crate) use self::tokens::NamedToken;
use self::tokens::Tokens;
pub use self::tokens::{FreshToken, TokenRange};
use crate::id::{Millis, RequestId, UserId};
use crate::port::{
    Change, Clock, Collection, Committed, Directory, Expect, HttpClient, Key, NoHttpClient, NoObserver, Observation,
    Observer, PostSink, Random, Storage, SystemClock, SystemRandom, User, Write,
};
use crate::security::{Buckets, EgressPolicy, Keyring, MasterKey, NONCE_BYTES};

/// What a host gives the engine to work with.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Ports {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Answers who and what is there.
    pub directory: Arc<dyn Directory>,
    /// Calls the world.
    pub http: Arc<dyn HttpClient>,
    /// Hears what happened.
    pub observer: Arc<dyn Observer>,
    /// Gives random bytes.
    pub random: Arc<dyn Random>,
    /// Makes posts.
    pub sink: Arc<dyn PostSink>,
    /// Keeps records.
    pub storage: Arc<dyn Storage>,
}

impl Ports {
    /// The three that every host has, with the system's clock and chance, nobody listening, and nobody to be called.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>, directory: Arc<dyn Directory>, sink: Arc<dyn PostSink>) -> Self {
        let (clock, random, observer) = (Arc::new(SystemClock), Arc::new(SystemRandom), Arc::new(NoObserver));
        Self { clock, directory, http: Arc::new(NoHttpClient), observer, random, sink, storage }
    }

    /// The same with a listener.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// The same with a client that calls the world: outgoing webhooks need one.
    #[must_use]
    pub fn with_http(mut self, http: Arc<dyn HttpClient>) -> Self {
        self.http = http;
        self
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The same with another source of chance.
    #[must_use]
    pub fn with_random(mut self, random: Arc<dyn Random>) -> Self {
        self.random = random;
        self
    }
}

/// Integrations over a host's ports. Cheap to clone: all clones are one engine.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    /// The sealed value that shows whether a master key is the right one.
    check: Bytes,
    commands: commands::Commands,
    deliveries: Arc<Desk>,
    limits: Mutex<Buckets>,
    outgoing: outgoing::Hooks,
    /// Apart from the other limits, so that a flood of senders makes none of those forget.
    traffic: Mutex<Buckets>,
    ports: Ports,
    /// Ids for requests to come: they are no secrets, and to ask for chance each time would cost a call of the system.
    request_ids: Mutex<Vec<RequestId>>,
    /// The key of a storage in memory whose host gave none.
    spare_key: Option<MasterKey>,
    state: RwLock<Arc<State>>,
    tokens: Tokens,
}

/// What [`Engine::configure`] swaps as a whole.
#[derive(Debug)]
struct State {
    egress: Arc<EgressPolicy>,
    keyring: Keyring,
    settings: Settings,
    /// The value of `X-Version-Id` (API-32).
    version: HeaderValue,
}

/// The release of the reference server that clients take us for.
const PARITY: &str = "11.6.0";

impl State {
    fn new(settings: Settings, spare_key: Option<&MasterKey>) -> Result<Arc<Self>, StartError> {
        let spare = spare_key.map(std::slice::from_ref).unwrap_or_default();
        let keys = if settings.keys.is_empty() { spare } else { &settings.keys };
        let keyring = Keyring::new(keys).ok_or(StartError::NoKey)?;
        let version = format!("{PARITY}.jackfield-{}.{}.false", env!("CARGO_PKG_VERSION"), settings.digest());
        let version = HeaderValue::try_from(version).unwrap_or(HeaderValue::from_static(PARITY));
        let egress = Arc::new(EgressPolicy::new(&settings.egress));
        Ok(Arc::new(Self { egress, keyring, settings, version }))
    }
}

/// Where the check value is.
const CHECK: Collection = Collection("key_check");
const CHECK_PLACE: &[u8] = b"key_check";
const CHECK_VALUE: &[u8] = b"jackfield";

impl Engine {
    /// Starts an engine: checks the master keys against what is stored, writes the check down on first use, and finishes
    /// the changes of bots that a crash interrupted. What cannot be finished now is told to the observer, and is
    /// finished by whoever meets it.
    ///
    /// # Errors
    ///
    /// [`StartError::NoKey`] when durable storage comes without a master key, [`StartError::WrongKey`] when none of the
    /// keys is the one that the storage was used with, [`StartError::Fault`] when a port failed.
    pub async fn start(ports: Ports, settings: Settings) -> Result<Self, StartError> {
        let spare_key = if ports.storage.is_durable() { None } else { Some(MasterKey::new(random(&ports)?)) };
        let state = State::new(settings, spare_key.as_ref())?;
        let key = Key::new(CHECK, CHECK_PLACE);
        let mut check = ports.storage.get(&key).await.map_err(Fault::from)?;
        if check.is_none() {
            let sealed = state.keyring.first().seal(random::<NONCE_BYTES>(&ports)?, CHECK_PLACE, CHECK_VALUE);
            let write = Write::Put { body: sealed.into(), index: Vec::new() };
            let change = Change { expect: Expect::Absent, key: key.clone(), write };
            // Whether this or another node's value is there now, it is the one that counts.
            let (Committed::Applied | Committed::Conflict) =
                ports.storage.commit(vec![change]).await.map_err(Fault::from)?;
            check = ports.storage.get(&key).await.map_err(Fault::from)?;
        }
        let check = check.map(|record| record.body).unwrap_or_default();
        let (limits, request_ids, state_now) = (Mutex::default(), Mutex::default(), RwLock::new(state.clone()));
        let (commands, deliveries, outgoing) =
            (commands::Commands::default(), Arc::default(), outgoing::Hooks::default());
        let (tokens, traffic) = (Tokens::default(), Mutex::default());
        let shared = Shared {
            check,
            commands,
            deliveries,
            limits,
            outgoing,
            ports,
            request_ids,
            spare_key,
            state: state_now,
            tokens,
            traffic,
        };
        let engine = Self { shared: Arc::new(shared) };
        engine.accept(&state)?;
        engine.doubt_egress(&state);
        engine.load_outgoing_hooks().await?;
        engine.load_commands().await?;
        engine.register_own_commands();
        engine.finish_all_bots().await;
        Ok(engine)
    }

    /// Takes new settings, at once and for every request that begins from now on.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start) for the keys; the old settings then stay.
    pub fn configure(&self, settings: Settings) -> Result<(), StartError> {
        let state = State::new(settings, self.shared.spare_key.as_ref())?;
        self.accept(&state)?;
        *self.shared.state.write().unwrap_or_else(PoisonError::into_inner) = state.clone();
        self.doubt_egress(&state);
        self.follow_outgoing_settings();
        Ok(())
    }

    /// Returns the settings that count now.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.state().settings.clone()
    }

    fn accept(&self, state: &State) -> Result<(), StartError> {
        state.keyring.open(CHECK_PLACE, &self.shared.check).map(drop).map_err(|_| StartError::WrongKey)
    }

    fn state(&self) -> Arc<State> {
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads something of the settings; `read` must not ask for them again.
    pub(crate) fn with_settings<T>(&self, read: impl FnOnce(&Settings) -> T) -> T {
        read(&self.shared.state.read().unwrap_or_else(PoisonError::into_inner).settings)
    }

    /// The values of `X-Version-Id` and `Strict-Transport-Security`.
    pub(crate) fn identity(&self) -> (HeaderValue, Option<HeaderValue>) {
        let state = self.state();
        (state.version.clone(), state.settings.strict_transport_security.clone())
    }

    pub(crate) fn observer(&self) -> &dyn Observer {
        &*self.shared.ports.observer
    }

    /// Makes the id of a request.
    ///
    /// # Errors
    ///
    /// There is no chance to be had.
    pub fn request_id(&self) -> Result<RequestId, Fault> {
        let spare = || self.shared.request_ids.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = spare().pop() {
            return Ok(id);
        }
        let mut bytes = [[0; 16]; REQUEST_IDS];
        self.shared.ports.random.fill(bytes.as_flattened_mut())?;
        let [id, others @ ..] = bytes.map(RequestId::from_random);
        spare().extend(others);
        Ok(id)
    }

    /// Tells the observer of something that broke and that nobody is answered about.
    fn observe_fault(&self, fault: &Fault) {
        self.observer().observe(&Observation::Fault { error: fault, request_id: None });
    }

    /// The account of a user.
    async fn account(&self, id: UserId) -> Result<Option<User>, Fault> {
        let found = self.shared.ports.directory.users(&[id]).await?;
        Ok(found.into_iter().find(|user| user.id == id))
    }

    fn now(&self) -> Millis {
        self.shared.ports.clock.millis()
    }

    /// Lets `use_` count with the limits.
    fn limited<T>(&self, use_: impl FnOnce(&mut Buckets) -> T) -> T {
        use_(&mut self.shared.limits.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("ports", &self.shared.ports).finish_non_exhaustive()
    }
}

fn random<const N: usize>(ports: &Ports) -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    ports.random.fill(&mut bytes)?;
    Ok(bytes)
}

/// The bucket of an address.
fn address_key(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(four) => four.to_ipv6_mapped().octets(),
        // Whoever has one address of IPv6 has a whole network of them.
        IpAddr::V6(six) => (u128::from_be_bytes(six.octets()) & !u128::from(u64::MAX)).to_be_bytes(),
    }
}

/// How many ids of requests are made at once.
const REQUEST_IDS: usize = 32;

/// How often a change is tried anew when another was faster.
const TRIES: usize = 5;
