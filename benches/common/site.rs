//! An engine on SQLite that makes deliveries.

use std::path::PathBuf;
use std::process::{self, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs};

use http::Request;
use jackfield::adapter::hyper::{HyperClient, HyperOptions};
use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use jackfield::api::{Api, Body};
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::id::{Millis, PostId};
use jackfield::port::PostEvent;
use jackfield::security::MasterKey;

use crate::common_host::Host;

/// An engine, and the file that it keeps records in.
pub(crate) struct Site {
    engine: Engine,
    folder: PathBuf,
    host: Arc<Host>,
    next: AtomicU64,
    patience: Duration,
    storage: Arc<SqliteStorage>,
    worker: std::sync::Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Site {
    /// Starts one on an empty file. A call ends after so long.
    pub(crate) async fn start(synchronous: &str, patience: Duration) -> Self {
        let folder =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("deliveries-{synchronous}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mode = if synchronous == "full" { Synchronous::Full } else { Synchronous::Normal };
        let options = SqliteOptions::default().with_synchronous(mode);
        let storage = Arc::new(SqliteStorage::open(folder.join("records.db"), options).unwrap());
        let host = Arc::new(Host::new());
        let engine = engine(&storage, &host, patience).await;
        Self { engine, folder, host, next: AtomicU64::new(1), patience, storage, worker: std::sync::Mutex::default() }
    }

    /// Lets the worker work.
    pub(crate) fn work(&self) {
        let engine = self.engine.clone();
        let task = tokio::spawn(async move { engine.run(std::future::pending()).await });
        *self.worker.lock().unwrap() = Some(task);
    }

    /// Starts a new engine over what is stored.
    pub(crate) async fn restart(&mut self) {
        self.engine = engine(&self.storage, &self.host, self.patience).await;
    }

    /// Makes a hook for a word.
    pub(crate) async fn make_hook(&self, word: &str, url: &str) {
        let body = format!(
            r#"{{"team_id":"{}","channel_id":"{}","display_name":"Bench","trigger_words":["{word}"],"callback_urls":["{url}"]}}"#,
            self.host.team().id,
            self.host.channel().id
        );
        let request = Request::post("/api/v4/hooks/outgoing").header("Authorization", "Bearer x").body(()).unwrap();
        let made = Api::new(self.engine.clone()).handle(request.into_parts().0, Body::Whole(body.into())).await;
        assert_eq!(made.status(), 201, "{:?}", made.body());
    }

    /// Hands a post in.
    pub(crate) async fn post(&self, message: &str) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut random = [0; 16];
        random[8..].copy_from_slice(&number.to_be_bytes());
        let event = PostEvent::new(
            PostId::from_random(random),
            Millis(i64::try_from(nanos() / 1_000_000).unwrap()),
            message,
            self.host.user(),
            self.host.channel(),
        );
        self.engine.posted(&event.with_team(self.host.team())).await.unwrap();
    }

    /// Waits until what was answered is settled too.
    pub(crate) async fn settled(&self) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.lock().unwrap().take() {
            worker.abort();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn engine(storage: &Arc<SqliteStorage>, host: &Arc<Host>, patience: Duration) -> Engine {
    let mut settings = Settings::default();
    settings.keys = vec![MasterKey::new([7; 32])];
    settings.egress.allowed_internal = "127.0.0.0/8".to_owned();
    settings.integration_timeout = patience;
    // A seat is given back when its call is written down: so many are taken while half as many calls are under way.
    (settings.deliveries.concurrent, settings.deliveries.concurrent_per_lane) = (512, 16);
    let ports = Ports::new(storage.clone(), host.clone(), host.clone())
        .with_http(Arc::new(HyperClient::new(HyperOptions::default()).unwrap()));
    Engine::start(ports, settings).await.unwrap()
}

/// Runs a part of the bench in a process of its own, whose memory is its own.
pub(crate) fn part(name: &str) {
    let status = Command::new(env::current_exe().unwrap()).env("JACKFIELD_BENCH", name).status().unwrap();
    assert!(status.success(), "{name}: {status}");
}

/// CPU time of this process so far, in seconds.
pub(crate) fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap(); // the program's name may hold anything
    let ticks: f64 = fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap()).sum();
    ticks / 100.0 // Linux tells all programs of a hundred ticks a second
}

/// What this process holds in memory, in MiB.
pub(crate) fn memory_mib() -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
}

/// How many files this process may open.
pub(crate) fn open_files() -> usize {
    let limits = fs::read_to_string("/proc/self/limits").unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap_or(usize::MAX)
}

/// The time of day in nanoseconds, which all processes share.
#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
pub(crate) fn nanos() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_nanos()).unwrap()
}

/// Seconds since some moment.
#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
pub(crate) fn seconds() -> f64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}
