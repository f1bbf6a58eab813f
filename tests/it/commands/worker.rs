//! What a worker does for commands: takes over what other nodes changed, and forgets tickets that have ended.

use std::future::pending;
use std::sync::Arc;

use jackfield::adapter::memory::MemoryStorage;
use jackfield::api::Api;
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::port::{Collection, Index, Query, Storage};
use jackfield::security::MasterKey;
use serde_json::json;

use super::{answers, call, command_with, made, path, site, typed};
use crate::host::Site;

/// Another node over this storage.
async fn node(site: &Site, storage: &Arc<MemoryStorage>) -> Site {
    let ports = Ports::new(storage.clone(), site.host.clone(), site.host.clone());
    let ports = ports.with_clock(site.host.clone()).with_http(site.host.clone());
    let mut settings = Settings::default();
    settings.keys = vec![MasterKey::new([7; 32])];
    settings.site_url = url::Url::parse("https://chat.example/").ok();
    let mut node = site.clone();
    node.api = Api::new(Engine::start(ports, settings).await.unwrap());
    node
}

/// Runs the worker of a node for one look at what others changed.
async fn looked(site: &Site, mut is_done: impl AsyncFnMut() -> bool) {
    let engine = site.engine().clone();
    let waiting = async {
        while !is_done().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = engine.run(pending()) => {}
        () = waiting => {}
    }
}

#[tokio::test]
async fn what_another_node_changed_is_run_after_the_next_look() {
    let (site, storage) = (site().await, Arc::new(MemoryStorage::default()));
    let (here, there) = (node(&site, &storage).await, node(&site, &storage).await);
    let command = made(&here, "ann", json!({})).await;
    assert_eq!(typed(&there, "bob", "/deploy").await.status, 404, "not looked yet");
    let taken = call(&there, "ann", "POST", "", command_with(&site, json!({})).to_string()).await;
    assert_eq!(taken.brief(), (400, super::DUPLICATE.into()), "but the word is taken at once, on every node");
    answers(&site, &["{}"]);
    looked(&there, async || typed(&there, "bob", "/deploy").await.status == 200).await;
    let body = command_with(&site, json!({ "id": command["id"], "trigger": "ship" })).to_string();
    assert_eq!(call(&there, "ann", "PUT", &path(&command), body).await.status, 200);
    answers(&site, &["{}"]);
    looked(&here, async || typed(&here, "bob", "/ship").await.status == 200).await;
    assert_eq!(typed(&here, "bob", "/deploy").await.status, 404);
    assert_eq!(call(&here, "ann", "DELETE", &path(&command), "").await.status, 200);
    looked(&there, async || typed(&there, "bob", "/ship").await.status == 404).await;
}

async fn tickets(storage: &MemoryStorage) -> usize {
    let (collection, index) = (Collection("command_ticket"), Index("time"));
    let prefix = bytes::Bytes::new();
    let query = Query { after: None, collection, count: false, index, limit: 100, prefix };
    storage.find(&query).await.unwrap().entries.len()
}

#[tokio::test]
async fn tickets_that_have_ended_are_forgotten() {
    let (site, storage) = (site().await, Arc::new(MemoryStorage::default()));
    let site = node(&site, &storage).await;
    made(&site, "ann", json!({})).await;
    for _ in 0..3 {
        answers(&site, &["{}"]);
        assert_eq!(typed(&site, "bob", "/deploy").await.status, 200);
        site.host.world().milliseconds += 1_000_000;
    }
    assert_eq!(tickets(&storage).await, 3);
    looked(&site, async || tickets(&storage).await < 3).await;
    assert_eq!(tickets(&storage).await, 1, "that of the last thousand seconds");
}
