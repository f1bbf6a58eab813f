//! Changes that meet (OUT-109).

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::api::Api;
use jackfield::engine::{Engine, Notice, Ports, Settings};
use jackfield::port::{Change, Committed, Found, Key, Query, Record, Storage, StorageError};
use serde_json::json;

use super::{call, hook_with, listed, made, path, shown, site, word};
use crate::host::Site;

/// Lets everybody else go first, at every step.
#[derive(Debug, Default)]
struct Polite(MemoryStorage);

#[async_trait]
impl Storage for Polite {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError> {
        tokio::task::yield_now().await;
        self.0.get(key).await
    }

    async fn find(&self, query: &Query) -> Result<Found, StorageError> {
        tokio::task::yield_now().await;
        self.0.find(query).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        tokio::task::yield_now().await;
        self.0.commit(changes).await
    }

    fn is_durable(&self) -> bool {
        false
    }
}

async fn polite() -> Site {
    let mut site = site().await;
    let ports = Ports::new(Arc::new(Polite::default()), site.host.clone(), site.host.clone());
    let ports = ports.with_clock(site.host.clone()).with_observer(site.host.clone());
    site.api = Api::new(Engine::start(ports, Settings::default()).await.unwrap());
    site
}

#[tokio::test]
async fn of_hooks_that_collide_one_is_made() {
    let site = polite().await;
    for round in 0..5 {
        let members =
            json!({ "trigger_words": [round.to_string(), "more"], "callback_urls": [format!("http://{round}")] });
        let body = hook_with(&site, members).to_string();
        let answers = join_all((0..10).map(|_| call(&site, "admin", "POST", "", body.clone()))).await;
        let made = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(made, 1, "{round}");
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert_eq!(answer.brief(), (500, "api.webhook.create_outgoing.intersect.app_error".into()));
        }
        assert_eq!(listed(&site, "admin", "").await.len(), round + 1);
    }
}

#[tokio::test]
async fn hooks_that_do_not_collide_are_all_made() {
    let site = polite().await;
    let bodies: Vec<_> = (0..30).map(|number| hook_with(&site, word(number)).to_string()).collect();
    let answers = join_all(bodies.into_iter().map(|body| call(&site, "admin", "POST", "", body))).await;
    assert!(answers.iter().all(|answer| answer.status == 201), "{answers:?}");
    assert_eq!(listed(&site, "admin", "").await.len(), 30);
}

#[tokio::test]
async fn updates_do_not_make_a_collision_together() {
    let site = polite().await;
    let mut hooks = Vec::new();
    for number in 0..4 {
        hooks.push(made(&site, "admin", word(number)).await);
    }
    let answers = join_all(hooks.iter().map(|hook| {
        let body = hook_with(&site, json!({ "id": hook["id"], "trigger_words": ["same"] })).to_string();
        let path = path(hook);
        let site = &site;
        async move { call(site, "admin", "PUT", &path, body).await }
    }))
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.brief(), (400, "api.webhook.update_outgoing.intersect.app_error".into()));
    }
}

#[tokio::test]
async fn an_update_and_a_new_token_both_count() {
    let site = polite().await;
    for _ in 0..5 {
        let hook = made(&site, "admin", json!({ "channel_id": site.dev })).await;
        let body = hook_with(&site, json!({ "id": hook["id"], "display_name": "changed" })).to_string();
        let (path, regenerate) = (path(&hook), format!("{}/regen_token", path(&hook)));
        let (updated, fresh) =
            tokio::join!(call(&site, "admin", "PUT", &path, body), call(&site, "admin", "POST", &regenerate, ""),);
        assert_eq!((updated.status, fresh.status), (200, 200));
        let after = shown(&site, &hook).await;
        assert_eq!((&after["display_name"], &after["token"]), (&json!("changed"), &fresh.json()["token"]));
        assert_eq!(call(&site, "admin", "DELETE", &path, "").await.status, 200);
    }
}

#[tokio::test]
async fn a_hook_is_deleted_once() {
    let site = polite().await;
    let hook = made(&site, "admin", json!({})).await;
    let path = path(&hook);
    let answers = join_all((0..5).map(|_| call(&site, "admin", "DELETE", &path, ""))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404, 404, 404, 404]);
}

#[tokio::test]
async fn a_channel_that_is_archived_meanwhile_keeps_no_hook_that_was_changed() {
    let site = polite().await;
    let mut hooks = Vec::new();
    for number in 0..5 {
        let mut members = word(number);
        members["channel_id"] = json!(site.dev);
        hooks.push(made(&site, "admin", members).await);
    }
    let changes = join_all(hooks.iter().map(|hook| {
        let path = format!("{}/regen_token", path(hook));
        let site = &site;
        async move { call(site, "admin", "POST", &path, "").await.status }
    }));
    let (statuses, noticed) = tokio::join!(changes, site.engine().notice(Notice::ChannelArchived(site.dev)));
    noticed.unwrap();
    assert!(statuses.iter().all(|status| [200, 404].contains(status)), "{statuses:?}");
    assert!(listed(&site, "admin", "").await.is_empty());
}
