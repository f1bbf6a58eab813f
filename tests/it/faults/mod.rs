//! What hosts and disks do wrong: one request pays for it, the others and the next ones do not.

mod moody;
mod readonly;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{env, fs, process};

use jackfield::adapter::memory::MemoryStorage;
use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage};
use jackfield::api::Api;
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::incoming::Rate;
use jackfield::port::{Storage, StorageError};
use jackfield::security::MasterKey;
use rusqlite::Connection;
use serde_json::json;

use crate::crash::{Client, Server, Site as Running, program};
use crate::host::{Site, hook_object, json_call};
use moody::{Mood, Moody};

#[tokio::test]
async fn a_port_that_panics_or_never_answers_harms_one_request() {
    for mood in [Mood::Panic, Mood::Hang] {
        let (mut site, mut stuck) = (Site::new().await, Vec::new());
        let moody = Arc::new(Moody::new(site.host.clone()));
        let ports = Ports::new(Arc::new(MemoryStorage::default()), moody.clone(), moody.clone());
        site.api = Api::new(Engine::start(ports, Settings::default()).await.unwrap());
        let hook = site.hook_by("admin", hook_object(site.secret)).await;
        let body = json!({ "text": "moody: @ann ~ops @here", "channel": "#dev" }).to_string();
        for steps in 0.. {
            *moody.mood.lock().unwrap() = Some((steps, mood));
            let (asking, hook_of_task, body) = (site.clone(), hook.clone(), body.clone());
            let mut task = tokio::spawn(async move { asking.call(&hook_of_task, body).await });
            let ended = tokio::select! {
                permit = moody.hangs.acquire() => {
                    permit.unwrap().forget();
                    None
                }
                ended = &mut task => Some(ended),
            };
            match ended {
                None => stuck.push(task),
                Some(Err(error)) => panic!("the panic of a port came through: {error}"),
                Some(Ok(answer)) if answer.status == 500 => {
                    assert!(matches!(mood, Mood::Panic), "{answer:?}");
                    assert_eq!(answer.id(), "jackfield.port.panicked");
                }
                Some(Ok(answer)) => {
                    assert_eq!(answer.status, 200);
                    assert!(steps > 4, "{mood:?} {steps}");
                    break;
                }
            }
            assert_eq!(site.say(&hook, "calm").await.brief(), (200, "ok".into()), "{mood:?} {steps}");
            assert_eq!(site.manage("admin", "GET", &format!("/{hook}"), "").await.status, 200, "{mood:?} {steps}");
            site.configure(|settings| settings.overrides.icon = steps % 2 == 0);
        }
        *moody.mood.lock().unwrap() = None;
        site.hook().await;
        let messages = site.messages();
        assert_eq!(messages.iter().filter(|message| message.starts_with("moody")).count(), 1, "{mood:?}");
        assert_eq!(messages.iter().filter(|message| *message == "calm").count(), messages.len() - 1, "{mood:?}");
        stuck.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

/// A server whose hooks are in a file, which goes with it.
struct OnDisk {
    file: PathBuf,
    site: Site,
    storage: Arc<SqliteStorage>,
}

impl OnDisk {
    async fn new(name: &str) -> Self {
        let file = env::temp_dir().join(format!("jackfield-faults-{name}-{}.db", process::id()));
        let mut options = SqliteOptions::default();
        options.busy_timeout = Duration::from_millis(20);
        let storage = Arc::new(SqliteStorage::open(&file, options).unwrap());
        let mut site = Site::new().await;
        let ports = Ports::new(storage.clone() as Arc<dyn Storage>, site.host.clone(), site.host.clone());
        let mut settings = Settings::default();
        settings.keys = vec![MasterKey::new([7; 32])];
        site.api = Api::new(Engine::start(ports, settings).await.unwrap());
        Self { file, site, storage }
    }

    /// Tries to make a hook, and returns the status.
    async fn create(&self) -> u16 {
        let answer = self.site.manage("admin", "POST", "", hook_object(self.site.dev).to_string()).await;
        if answer.status != 201 {
            assert_eq!(answer.brief(), (500, "app.webhooks.save_incoming.app_error".into()));
            assert_eq!(answer.detail(), "", "what the disk said stays here");
        }
        answer.status
    }

    async fn count(&self) -> u64 {
        let list = self.site.manage("admin", "GET", "?include_total_count=1", "").await;
        list.json()["total_count"].as_u64().unwrap()
    }
}

impl Drop for OnDisk {
    fn drop(&mut self) {
        for end in ["db", "db-wal", "db-shm"] {
            let _ = fs::remove_file(self.file.with_extension(end));
        }
    }
}

#[tokio::test]
async fn while_somebody_locks_the_file_hooks_work_and_changes_are_a_500() {
    let disk = OnDisk::new("locked").await;
    let hook = disk.site.hook().await;
    let other = Connection::open(&disk.file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(disk.create().await, 500);
    let path = format!("/{hook}");
    let deleted = disk.site.manage("admin", "DELETE", &path, "").await;
    assert_eq!(deleted.brief(), (500, "app.webhooks.delete_incoming.app_error".into()));
    assert_eq!(disk.site.say(&hook, "a").await.brief(), (200, "ok".into()));
    assert_eq!(disk.count().await, 1);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(disk.create().await, 201);
    assert_eq!(disk.site.manage("admin", "DELETE", &path, "").await.status, 200);
    assert_eq!(disk.count().await, 1);
}

#[tokio::test]
async fn on_a_full_disk_a_change_is_a_500_and_works_once_there_is_room() {
    let disk = OnDisk::new("full").await;
    let pages = |most: i64| {
        disk.storage.write(move |connection: &Connection| {
            connection.query_row(&format!("PRAGMA max_page_count = {most}"), [], |_| Ok(()))?;
            Ok::<_, StorageError>(())
        })
    };
    let hook = disk.site.hook().await;
    pages(20).await.unwrap();
    let mut made = 1;
    while disk.create().await == 201 {
        made += 1;
    }
    assert_eq!((disk.count().await, disk.site.say(&hook, "a").await.status), (made, 200));
    pages(100_000).await.unwrap();
    assert_eq!(disk.create().await, 201);
    assert_eq!(disk.count().await, made + 1);
}

/// The whole way through the example server, whose posts are in the file too.
#[test]
fn a_call_that_cannot_be_stored_is_a_500_and_may_be_repeated() {
    let folder = folder("stored");
    let mut server = Server::start(&program(), &folder);
    let address = server.address();
    let (running, mut client) = (Running::set_up(address), Client::connect(address).unwrap());
    let other = Connection::open(folder.join("chat.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = running.send(&mut client, "a", Some("k")).unwrap();
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(!refused.body.contains("lock"), "{refused:?}");
    assert!(!running.messages(&mut client).contains_key("a"));
    other.execute_batch("ROLLBACK").unwrap();
    for _ in 0..2 {
        let answer = running.send(&mut client, "a", Some("k")).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    }
    assert_eq!(running.messages(&mut client).get("a"), Some(&1));
    server.kill();
    fs::remove_dir_all(&folder).unwrap();
}

/// Files that may not grow are a full disk: the server goes on, loses nothing, and stores again when there is room.
#[test]
fn the_example_server_outlives_a_full_disk() {
    let folder = folder("room");
    let mut server = Server::start_limited(&program(), &folder, 2_048);
    let address = server.address();
    let (running, mut client) = (Running::set_up(address), Client::connect(address).unwrap());
    let text = |number: usize| format!("{number} {}", "x".repeat(4_000));
    let mut stored = 0;
    let refused = loop {
        let answer = running.send(&mut client, &text(stored), Some(&format!("key-{stored}"))).unwrap();
        if answer.status != 200 {
            break answer;
        }
        stored += 1;
    };
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(stored > 10, "{stored}");
    assert_eq!(running.messages(&mut client).len(), stored);
    server.lift_limit();
    for number in [stored, stored, stored + 1] {
        let answer = running.send(&mut client, &text(number), Some(&format!("key-{number}"))).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    }
    server.kill();
    let mut server = Server::start(&program(), &folder);
    let messages = running.messages(&mut Client::connect(server.address()).unwrap());
    assert!((0..stored + 2).all(|number| messages.get(&text(number)) == Some(&1)) && messages.len() == stored + 2);
    server.kill();
    fs::remove_dir_all(&folder).unwrap();
}

fn folder(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("jackfield-faults-{name}-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[tokio::test]
async fn a_clock_that_jumps_a_day_and_back_stops_nobody() {
    const DAY: i64 = 24 * 60 * 60 * 1_000;
    let site = Site::with(|settings| settings.incoming.limit_per_hook = Some(Rate { burst: 3, per_second: 1 })).await;
    let hook = site.hook().await;
    let call = || {
        let mut request = json_call(&hook, json!({ "text": "a" }).to_string());
        request.headers_mut().insert("Idempotency-Key", http::HeaderValue::from_static("once"));
        site.send(request)
    };
    for jump in [DAY, -DAY, -DAY, DAY] {
        site.host.world().milliseconds += jump;
        assert_eq!(call().await.status, 200, "{jump}");
        site.host.world().milliseconds += 3_000;
        for _ in 0..3 {
            assert_eq!(call().await.brief(), (200, "ok".into()), "{jump}");
        }
        let renamed = json!({ "id": hook, "channel_id": site.dev, "display_name": jump.to_string() }).to_string();
        assert_eq!(site.manage("admin", "PUT", &format!("/{hook}"), renamed).await.status, 201, "{jump}");
        assert_eq!(site.hook().await.len(), hook.len());
    }
    assert_eq!(site.messages(), ["a"], "the key counts whatever the time is");
}

/// The id of whatever goes wrong with a call.
const GENERAL: &str = "web.incoming_webhook.general.app_error";
