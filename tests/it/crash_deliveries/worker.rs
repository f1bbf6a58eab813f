//! A process that stores posts, tells the engine of each after its own commit, and can be killed.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{env, future};

use http::Request;
use jackfield::adapter::hyper::{HyperClient, HyperOptions};
use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage};
use jackfield::api::{Api, Body};
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::id::Millis;
use jackfield::port::{Clock, Post, SystemClock};
use jackfield::security::MasterKey;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::WORD;
use super::host::Host;

/// The folder with the data; without it nobody wants a worker.
pub(super) const FOLDER: &str = "JACKFIELD_WORKER_FOLDER";
/// Where calls go.
pub(super) const CALLBACK: &str = "JACKFIELD_WORKER_CALLBACK";
/// How many seconds the clock is ahead. Where it is, all leases have run out, and no new posts are written.
pub(super) const AHEAD: &str = "JACKFIELD_WORKER_AHEAD";
/// What it says when all that was missed is handed in; and, where its clock is ahead, nothing more is to be called.
pub(super) const IDLE: &str = "idle";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a process of another test"]
async fn worker() {
    let Ok(folder) = env::var(FOLDER).map(PathBuf::from) else { return };
    let ahead = env::var(AHEAD).unwrap().parse().unwrap();
    let host = Arc::new(Host::open(&folder.join("host.db")));
    let storage = SqliteStorage::open(folder.join("engine.db"), SqliteOptions::default()).unwrap();
    let ports = Ports::new(Arc::new(storage), host.clone(), host.clone())
        .with_clock(Arc::new(Ahead(Duration::from_secs(ahead))))
        .with_http(Arc::new(HyperClient::new(HyperOptions::default()).unwrap()));
    let mut settings = Settings::default();
    settings.egress.allowed_internal = "127.0.0.1".to_owned();
    settings.integration_timeout = Duration::from_secs(3);
    settings.keys = vec![MasterKey::new([7; 32])];
    let engine = Engine::start(ports, settings).await.unwrap();
    let hook = hook(&engine, &host).await;
    println!("\nhook {hook}");

    let running = engine.clone();
    let run = tokio::spawn(async move { running.run(future::pending()).await });
    let checkpoint = engine.posted_checkpoint().await.unwrap();
    let missed = host.since(checkpoint.unwrap_or(Millis(0)));
    let again = async {
        for post in missed.iter().filter(|post| post.message.starts_with(WORD)) {
            hand_in(&engine, &host, post).await;
        }
        let pending = format!("/{hook}/deliveries?state=pending");
        while ahead > 0 && ask(&engine, "GET", &pending, String::new()).await != json!([]) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        println!("{IDLE}");
    };
    let new = async {
        if ahead > 0 {
            return;
        }
        loop {
            let post = host.write(&format!("{WORD} it"));
            hand_in(&engine, &host, &post).await;
            tokio::time::sleep(PACE).await;
        }
    };
    tokio::join!(again, new);
    run.await.unwrap();
}

/// Hands a post in, and says so.
async fn hand_in(engine: &Engine, host: &Host, post: &Post) {
    engine.posted(&host.event(post)).await.unwrap();
    println!("accepted {}", post.id);
}

/// The hook, which is made at the first start.
async fn hook(engine: &Engine, host: &Host) -> String {
    let id = |hook: &Value| hook["id"].as_str().unwrap().to_owned();
    if let Some(hook) = ask(engine, "GET", "", String::new()).await.as_array().unwrap().first() {
        return id(hook);
    }
    let hook = json!({
        "team_id": host.team.id, "channel_id": host.channel.id, "display_name": "calls", "trigger_words": [WORD],
        "callback_urls": [env::var(CALLBACK).unwrap()], "content_type": "application/json",
    });
    let hook = id(&ask(engine, "POST", "", hook.to_string()).await);
    ask(engine, "POST", &format!("/{hook}/signing_secret"), String::new()).await;
    hook
}

/// Asks the management API, and returns the answer to what it did.
async fn ask(engine: &Engine, method: &str, path: &str, body: String) -> Value {
    let request = Request::builder().method(method).uri(format!("/api/v4/hooks/outgoing{path}"));
    let request = request.header("Authorization", "Bearer ann").body(()).unwrap();
    let answer = Api::new(engine.clone()).handle(request.into_parts().0, Body::Whole(body.into())).await;
    assert!(answer.status().is_success(), "{answer:?}");
    serde_json::from_slice(answer.body()).unwrap()
}

/// The system's clock, set ahead.
#[derive(Debug)]
struct Ahead(Duration);

impl Clock for Ahead {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now() + self.0
    }
}

/// How long a worker rests between posts.
const PACE: Duration = Duration::from_millis(10);
