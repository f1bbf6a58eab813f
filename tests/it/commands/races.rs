//! What happens at once.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::api::Api;
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::port::{Change, Committed, Found, Key, Query, Record, Storage, StorageError};
use serde_json::json;

use super::{DUPLICATE, answers, call, command_with, later, made, path, response_path, site, typed};
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
    let ports = ports.with_clock(site.host.clone()).with_http(site.host.clone());
    let mut settings = Settings::default();
    settings.site_url = url::Url::parse("https://chat.example/").ok();
    site.api = Api::new(Engine::start(ports, settings).await.unwrap());
    site
}

#[tokio::test]
async fn of_commands_that_want_one_word_one_is_made() {
    let site = polite().await;
    for round in 0..5 {
        let body = command_with(&site, json!({ "trigger": format!("w{round}") })).to_string();
        let made = join_all((0..10).map(|_| call(&site, "ann", "POST", "", body.clone()))).await;
        assert_eq!(made.iter().filter(|answer| answer.status == 201).count(), 1, "{round}");
        for answer in made.iter().filter(|answer| answer.status != 201) {
            assert_eq!(answer.brief(), (400, DUPLICATE.into()));
        }
        answers(&site, &["{}"]);
        assert_eq!(typed(&site, "ann", &format!("/w{round}")).await.status, 200);
    }
}

#[tokio::test]
async fn commands_with_words_of_their_own_are_all_made_and_run() {
    let site = polite().await;
    let bodies = (0..30).map(|number| command_with(&site, json!({ "trigger": format!("w{number}") })).to_string());
    let made = join_all(bodies.map(|body| call(&site, "ann", "POST", "", body))).await;
    assert!(made.iter().all(|answer| answer.status == 201), "{made:?}");
    for number in 0..30 {
        answers(&site, &["{}"]);
        assert_eq!(typed(&site, "ann", &format!("/w{number}")).await.status, 200, "{number}");
    }
}

#[tokio::test]
async fn updates_do_not_come_to_one_word_together() {
    let site = polite().await;
    let mut commands = Vec::new();
    for number in 0..4 {
        commands.push(made(&site, "ann", json!({ "trigger": format!("w{number}") })).await);
    }
    let changed = join_all(commands.iter().map(|command| {
        let body = command_with(&site, json!({ "id": command["id"], "trigger": "same" })).to_string();
        let (path, site) = (path(command), &site);
        async move { call(site, "ann", "PUT", &path, body).await }
    }))
    .await;
    assert_eq!(changed.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(changed.iter().all(|answer| answer.status == 200 || answer.id() == DUPLICATE), "{changed:?}");
}

#[tokio::test]
async fn delayed_answers_at_once_take_five_uses_and_make_five_posts() {
    let site = polite().await;
    made(&site, "ann", json!({})).await;
    answers(&site, &["{}"]);
    assert_eq!(typed(&site, "ann", "/deploy").await.status, 200);
    let path = response_path(&site);
    let body = r#"{"response_type":"in_channel","text":"same"}"#;
    let sent = join_all((0..20).map(|_| later(&site, &path, body))).await;
    assert_eq!(sent.iter().filter(|answer| answer.status == 200).count(), 5);
    assert!(sent.iter().all(|answer| [200, 400].contains(&answer.status)), "{sent:?}");
    assert_eq!(site.messages().len(), 5);
}
