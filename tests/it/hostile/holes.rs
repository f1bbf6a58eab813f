//! What the specification calls a hole of the reference server, or what would be one: ways past a lock, into somebody
//! else's channel, into somebody else's name.

use std::sync::Arc;
use std::{env, fs, process};

use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage};
use jackfield::api::Api;
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::security::MasterKey;
use serde_json::json;

use super::{DECODE, GENERAL};
use crate::host::{Site, hook_object};

/// INC-45.
#[tokio::test]
async fn a_locked_hook_opens_no_direct_channel() {
    let site = Site::new().await;
    let locked = site.hook_by("admin", json!({ "channel_id": site.dev, "channel_locked": true })).await;
    let channels = site.host.world().channels.len();
    for user in ["@bob", "@BOB", "@admin"] {
        let answer = site.call(&locked, json!({ "text": "a", "channel": user }).to_string()).await;
        assert_eq!(answer.brief(), (403, GENERAL.into()), "{user}");
    }
    assert_eq!(site.host.world().channels.len(), channels);
    assert_eq!(site.call(&locked, json!({ "text": "a", "channel": "#dev" }).to_string()).await.status, 200);
}

/// INC-42, INC-46.
#[tokio::test]
async fn a_direct_channel_of_others_is_not_reached_by_its_name() {
    let site = Site::new().await;
    let (admins, anns) =
        (site.hook().await, site.hook_by("admin", json!({ "channel_id": site.dev, "user_id": site.ann })).await);
    assert_eq!(site.call(&admins, r#"{"text":"a","channel":"@bob"}"#).await.status, 200);
    let direct = site.last().channel;
    let name = site.host.world().channel(direct).name.clone();
    for channel in [name.clone(), format!("#{name}")] {
        let body = json!({ "text": "b", "channel": channel }).to_string();
        assert_eq!(site.call(&anns, body).await.brief(), (403, GENERAL.into()), "{channel}");
    }
    assert_eq!(site.messages(), ["a"]);
}

/// INC-72.
#[tokio::test]
async fn an_announcement_in_an_attachment_needs_the_permission_too() {
    let site = Site::new().await;
    let hook = site.hook_by("ann", hook_object(site.ops)).await;
    let attachments = [
        json!({ "text": "<!here>" }),
        json!({ "pretext": "@channel" }),
        json!({ "fields": [{ "title": "t", "value": "@ALL" }] }),
    ];
    for attachment in attachments {
        assert_eq!(site.call(&hook, json!({ "attachments": [attachment] }).to_string()).await.status, 200);
        assert_eq!(site.last().props()["mentionHighlightDisabled"], true, "{attachment}");
    }
    let body = json!({ "text": "@here", "attachments": [{ "text": "a" }], "type": "custom_x" });
    assert_eq!(site.call(&hook, body.to_string()).await.status, 200);
    assert_eq!(site.last().props()["mentionHighlightDisabled"], true);
}

/// INC-66.
#[tokio::test]
async fn a_message_cannot_pass_for_one_of_the_system() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for post_type in ["system_add_to_channel", "system_", "System_x", " system_x", "SYSTEM_GENERIC", "ephemeral"] {
        let answer = site.call(&hook, json!({ "text": "a", "type": post_type }).to_string()).await;
        assert!([400, 500].contains(&answer.status) && answer.id() == GENERAL, "{post_type:?} {answer:?}");
    }
    assert!(site.posts().is_empty());
    let body = json!({ "text": "a", "type": "system_x", "attachments": [{}] }).to_string();
    assert_eq!(site.call(&hook, body).await.status, 200);
    assert_eq!(site.last().draft.post_type, "slack_attachment");
}

/// INC-55, INC-57.
#[tokio::test]
async fn numbers_that_fit_nowhere_are_refused() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for body in [
        r#"{"attachments":[{"fields":[{"value":1e400}]}]}"#,
        r#"{"attachments":[{"fields":[{"value":[-1e400]}]}]}"#,
        r#"{"attachments":[{"ts":1e400}]}"#,
        r#"{"text":"a","props":{"a":1e400}}"#,
        r#"{"attachments":[{"id":9223372036854775808}]}"#,
        r#"{"attachments":[{"id":1e3}]}"#,
    ] {
        assert_eq!(site.call(&hook, body).await.brief(), (400, DECODE.into()), "{body}");
    }
    let long = format!(r#"{{"attachments":[{{"fields":[{{"value":1{}}}]}}]}}"#, "0".repeat(200_000));
    assert_eq!(site.call(&hook, long).await.brief(), (400, DECODE.into()));
    let fraction = format!(r#"{{"attachments":[{{"fields":[{{"value":0.{}1}}]}}]}}"#, "0".repeat(200_000));
    assert_eq!(site.call(&hook, fraction).await.status, 200);
    assert_eq!(site.last().props()["attachments"][0]["fields"][0]["value"], "0");
}

/// The id of a hook is its secret: whoever gets hold of the file, or of a copy, cannot call a hook.
#[tokio::test]
async fn the_file_of_the_database_has_no_id_of_a_hook() {
    let folder = env::temp_dir().join(format!("jackfield-holes-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let storage = Arc::new(SqliteStorage::open(folder.join("hooks.db"), SqliteOptions::default()).unwrap());
    let mut site = Site::new().await;
    let mut settings = Settings::default();
    settings.keys = vec![MasterKey::new([7; 32])];
    let ports = Ports::new(storage, site.host.clone(), site.host.clone()).with_clock(site.host.clone());
    site.api = Api::new(Engine::start(ports, settings).await.unwrap());
    let hook = site.hook().await;
    let rotated = site.rotate(&hook, 60_000).await.unwrap();
    for id in [&hook, &rotated] {
        assert_eq!(site.call(id, r#"{"text":"a","upsert_key":"k"}"#).await.status, 200);
    }
    let mut bytes = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        bytes.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("jackfield_"), "the files were read");
    for id in [hook, rotated] {
        assert!(!has(&id));
    }
    drop(site);
    fs::remove_dir_all(&folder).unwrap();
}
