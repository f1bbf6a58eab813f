//! Where secrets are, and where they are not (OUT-111, OUT-343).

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::api::Api;
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::port::{Change, Committed, Found, Key, Query, Record, Storage, StorageError, Write};
use jackfield::security::MasterKey;
use serde_json::json;

use super::{call, hook_with, listed, made, path, shown, site};
use crate::host::Site;

/// Remembers every byte that was to be written.
#[derive(Debug, Default)]
struct Recording {
    inner: MemoryStorage,
    written: Mutex<Vec<u8>>,
}

#[async_trait]
impl Storage for Recording {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError> {
        self.inner.get(key).await
    }

    async fn find(&self, query: &Query) -> Result<Found, StorageError> {
        self.inner.find(query).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        {
            let mut written = self.written.lock().unwrap();
            for change in &changes {
                written.extend_from_slice(&change.key.id);
                if let Write::Put { body, index } = &change.write {
                    written.extend_from_slice(body);
                    index.iter().for_each(|entry| written.extend_from_slice(&entry.value));
                }
            }
        }
        self.inner.commit(changes).await
    }
}

impl Recording {
    fn holds(&self, text: &str) -> bool {
        self.written.lock().unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes())
    }
}

async fn engine(site: &Site, storage: &Arc<Recording>, keys: &[u8]) -> Api {
    let ports = Ports::new(storage.clone(), site.host.clone(), site.host.clone());
    let ports = ports.with_clock(site.host.clone()).with_observer(site.host.clone());
    let mut settings = Settings::default();
    settings.keys = keys.iter().map(|byte| MasterKey::new([*byte; 32])).collect();
    Api::new(Engine::start(ports, settings).await.unwrap())
}

#[tokio::test]
async fn tokens_and_signing_secrets_are_nowhere_in_storage_and_open_after_a_new_key() {
    let mut site = site().await;
    let storage = Arc::new(Recording::default());
    site.api = engine(&site, &storage, &[7]).await;
    let hook = made(&site, "admin", json!({ "token": "ybndrfg8ejkmcpqxot1uwisza3" })).await;
    let mut secrets = vec![hook["token"].as_str().unwrap().to_owned()];
    for _ in 0..2 {
        let made = call(&site, "admin", "POST", &format!("{}/signing_secret", path(&hook)), "").await.json();
        secrets.push(made["secret"].as_str().unwrap().to_owned());
        let made = call(&site, "admin", "POST", &format!("{}/regen_token", path(&hook)), "").await.json();
        secrets.push(made["token"].as_str().unwrap().to_owned());
    }
    let update = hook_with(&site, json!({ "id": hook["id"], "token": "99999999999999999999999999" }));
    assert_eq!(call(&site, "admin", "PUT", &path(&hook), update.to_string()).await.status, 200);
    secrets.push("99999999999999999999999999".to_owned());
    let before = shown(&site, &hook).await;
    for keys in [&[8, 7][..], &[7], &[9, 8, 7]] {
        site.api = engine(&site, &storage, keys).await;
        assert_eq!(shown(&site, &hook).await, before, "{keys:?}");
        assert_eq!(listed(&site, "admin", "").await, std::slice::from_ref(&before));
    }
    assert!(storage.holds(hook["id"].as_str().unwrap()), "the id is no secret");
    for secret in &secrets {
        let secret = secret.trim_start_matches("whsec_");
        assert!(!storage.holds(secret), "{secret}");
        let beginning: String = secret.chars().take(12).collect();
        assert!(!storage.holds(&beginning), "the beginning of {secret}");
    }
    let observed = site.host.world().observed.join("\n");
    assert!(observed.contains("given a new token") && observed.contains("given a signing secret"));
    assert!(secrets.iter().all(|secret| !observed.contains(secret.as_str())));
}

#[tokio::test]
async fn what_is_sealed_for_one_hook_opens_no_other() {
    let mut site = site().await;
    let storage = Arc::new(Recording::default());
    site.api = engine(&site, &storage, &[7]).await;
    let (one, other) = (made(&site, "admin", json!({})).await, made(&site, "admin", super::word(1)).await);
    let key = |hook: &serde_json::Value| {
        Key::new(jackfield::port::Collection("outgoing_webhook"), hook["id"].as_str().unwrap().as_bytes().to_vec())
    };
    let stolen = storage.get(&key(&one)).await.unwrap().unwrap();
    let change = Change {
        expect: jackfield::port::Expect::Any,
        key: key(&other),
        write: Write::Put { body: stolen.body, index: Vec::new() },
    };
    assert_eq!(storage.commit(vec![change]).await.unwrap(), Committed::Applied);
    let answer = call(&site, "admin", "GET", &path(&other), "").await;
    assert_eq!(answer.brief(), (500, super::NOT_FOUND.into()));
    assert!(!String::from_utf8_lossy(&answer.body).contains(one["token"].as_str().unwrap()));
}

#[tokio::test]
async fn nothing_of_a_hook_that_debug_shows_is_secret() {
    let site = site().await;
    let members = json!({ "callback_urls": ["https://u:s3cret@a.example/?k=s3cret"], "description": "s3cret" });
    let hook = made(&site, "admin", members).await;
    let request = jackfield::outgoing::HookRequest::from_json(hook.to_string().as_bytes()).unwrap();
    let token = hook["token"].as_str().unwrap();
    let known = jackfield::engine::KnownOutgoingHook {
        hook: {
            let parts =
                http::Request::get("/").header("Authorization", "Bearer admin").body(()).unwrap().into_parts().0;
            let caller = site.engine().authenticate(&parts).await.unwrap().unwrap();
            let id = hook["id"].as_str().unwrap().parse().unwrap();
            site.engine().outgoing_webhook(&caller, id).await.unwrap().hook
        },
        token: jackfield::id::HookToken::parse(token).unwrap(),
    };
    let shown = format!("{request:?} {known:?} {:#?}", known.hook);
    assert!(shown.contains(hook["id"].as_str().unwrap()));
    for secret in [token, "s3cret", "a.example"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
