//! A database that can be read and not be written, as on a disk that was mounted anew after an error.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage};
use jackfield::api::Api;
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::port::StorageError;
use rusqlite::Connection;

use super::folder;
use crate::crash::{Client, Server, Site as Running, program};
use crate::host::{Site, hook_object};

#[tokio::test]
async fn while_storage_can_only_be_read_hooks_work_and_changes_are_a_500() {
    let storage = Arc::new(SqliteStorage::open_in_memory(SqliteOptions::default()).unwrap());
    let mut site = Site::new().await;
    let ports = Ports::new(storage.clone(), site.host.clone(), site.host.clone()).with_observer(site.host.clone());
    site.api = Api::new(Engine::start(ports, Settings::default()).await.unwrap());
    let hook = site.hook().await;
    let path = format!("/{hook}");
    let before = site.manage("admin", "GET", "", "").await.body;
    // Of the calls, this one alone keeps something beside its post.
    let upsert = || site.call(&hook, r#"{"text":"upsert","upsert_key":"k"}"#);
    let only_read = |on: bool| {
        // In memory the connection that reads is the one that writes.
        storage.read(|connection| Ok::<_, StorageError>(connection.pragma_update(None, "query_only", on)?)).unwrap();
    };

    only_read(true);
    let object = || hook_object(site.dev).to_string();
    let mut update = hook_object(site.dev);
    update["id"] = hook.as_str().into();
    for (method, path, body, id) in [
        ("POST", "", object(), "app.webhooks.save_incoming.app_error"),
        ("PUT", &path, update.to_string(), "app.webhooks.update_incoming.app_error"),
        ("DELETE", &path, String::new(), "app.webhooks.delete_incoming.app_error"),
    ] {
        let answer = site.manage("admin", method, path, body).await;
        assert_eq!((answer.brief(), answer.detail()), ((500, id.into()), String::new()), "{method}");
        assert!(site.observed().contains("readonly"), "the operator is told: {}", site.observed());
    }
    assert_eq!(site.say(&hook, "a").await.brief(), (200, "ok".into()));
    let refused = upsert().await;
    assert_eq!((refused.brief(), refused.detail()), ((500, super::GENERAL.into()), String::new()));
    assert_eq!((site.manage("admin", "GET", "", "").await.body, site.messages()), (before, vec!["a".to_owned()]));

    only_read(false);
    for _ in 0..2 {
        assert_eq!(upsert().await.brief(), (200, "ok".into()));
    }
    assert_eq!(site.messages(), ["a", "upsert"]);
    assert_eq!(site.manage("admin", "POST", "", object()).await.status, 201);
    assert_eq!(site.manage("admin", "DELETE", &path, "").await.status, 200);
}

/// The whole way through the example server, whose posts are in the file too.
#[test]
fn on_a_file_that_can_only_be_read_the_example_server_reads_and_does_not_start() {
    let folder = folder("readonly");
    let file = folder.join("chat.db");
    let mut server = Server::start(&program(), &folder);
    let address = server.address();
    let (running, mut client) = (Running::set_up(address), Client::connect(address).unwrap());
    assert_eq!(running.send(&mut client, "a", None).unwrap().status, 200);

    allow_writing(&file, false);
    let refused = running.send(&mut client, "b", Some("k")).unwrap();
    assert!(refused.status == 500 && !refused.body.contains("readonly"), "{refused:?}");
    let refused = running.make_hook(&mut client);
    assert!(refused.status == 500 && !refused.body.contains("readonly"), "{refused:?}");
    assert!(refused.body.contains("app.webhooks.save_incoming.app_error"), "{refused:?}");
    assert_eq!(running.messages(&mut client).into_iter().collect::<Vec<_>>(), [("a".to_owned(), 1)]);
    assert_eq!(running.hooks(&mut client), 1);
    server.kill();

    assert_eq!(Server::start(&program(), &folder).first_line(), "");
    let log = std::fs::read_to_string(folder.join("log")).unwrap();
    assert!(log.contains("chat.db` cannot be written"), "{log}");

    allow_writing(&file, true);
    let mut server = Server::start(&program(), &folder);
    let mut client = Client::connect(server.address()).unwrap();
    for _ in 0..2 {
        assert_eq!(running.send(&mut client, "b", Some("k")).unwrap().status, 200);
    }
    let messages = running.messages(&mut client);
    assert!(messages.len() == 2 && messages.values().all(|times| *times == 1), "{messages:?}");
    assert_eq!((running.make_hook(&mut client).status, running.hooks(&mut client)), (201, 2));
    server.kill();
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Writes into the head of the file whether it may be written: a version higher than SQLite knows means that it may
/// not. Permissions would not do, since whoever tests may be root.
fn allow_writing(file: &Path, allow: bool) {
    // What is in the log goes to the file first, so that everybody looks at the file's head again.
    let connection = Connection::open(file).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(connection);
    let version = if allow { 2 } else { 3 };
    OpenOptions::new().write(true).open(file).unwrap().write_all_at(&[version], WRITE_VERSION).unwrap();
}

/// Where the version is in the head of an SQLite file.
const WRITE_VERSION: u64 = 18;
