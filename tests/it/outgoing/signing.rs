//! Signing secrets and delivery modes (OUT-342, OUT-343).

use std::time::Duration;

use jackfield::security::SigningSecret;
use serde_json::json;

use super::{BODY, call, hook_with, listed, made, path, shown, site};
use crate::host::START;

const DAY: i64 = 24 * 60 * 60 * 1_000;

#[tokio::test]
async fn a_signing_secret_is_shown_once_and_the_one_before_counts_for_a_day() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let signing = format!("{}/signing_secret", path(&hook));
    let state = async || call(&site, "admin", "GET", &signing, "").await.json();
    assert_eq!(state().await, json!({ "active": false, "previous_valid_until": 0 }));
    let first = call(&site, "admin", "POST", &signing, "").await;
    assert_eq!((first.status, &first.json()["previous_valid_until"]), (200, &json!(0)));
    assert!(SigningSecret::parse(first.json()["secret"].as_str().unwrap()).is_ok());
    assert_eq!(first.json().as_object().unwrap().len(), 2);
    assert_eq!(state().await, json!({ "active": true, "previous_valid_until": 0 }));
    let second = call(&site, "admin", "POST", &signing, "").await.json();
    assert_eq!(second["previous_valid_until"], START + DAY);
    assert_ne!(second["secret"], first.json()["secret"]);
    assert_eq!(state().await, json!({ "active": true, "previous_valid_until": START + DAY }));
    site.host.world().milliseconds += DAY;
    assert_eq!(state().await, json!({ "active": true, "previous_valid_until": 0 }));
    let ended = call(&site, "admin", "DELETE", &signing, "").await;
    assert_eq!((ended.status, &ended.body[..]), (200, &br#"{"status":"OK"}"#[..]));
    assert_eq!(state().await, json!({ "active": false, "previous_valid_until": 0 }));
    assert_eq!(call(&site, "admin", "DELETE", &signing, "").await.status, 200, "there is nothing to end");
    let again = call(&site, "admin", "POST", &signing, "").await.json();
    assert_eq!(again["previous_valid_until"], 0, "what was ended does not come back");
}

#[tokio::test]
async fn the_grace_is_the_settings() {
    let site = site().await;
    for (grace, want) in [(Duration::from_secs(5), START + 5_000), (Duration::ZERO, 0)] {
        site.configure(|settings| settings.outgoing.signing_grace = grace);
        let hook = made(&site, "admin", json!({ "channel_id": site.dev, "trigger_words": [] })).await;
        let signing = format!("{}/signing_secret", path(&hook));
        call(&site, "admin", "POST", &signing, "").await;
        assert_eq!(call(&site, "admin", "POST", &signing, "").await.json()["previous_valid_until"], want, "{grace:?}");
    }
}

#[tokio::test]
async fn what_else_changes_leaves_the_signing_secret_and_the_hook_its_members() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let signing = format!("{}/signing_secret", path(&hook));
    call(&site, "admin", "POST", &signing, "").await;
    assert_eq!(shown(&site, &hook).await, hook, "at the same millisecond");
    let update = hook_with(&site, json!({ "id": hook["id"], "token": "ybndrfg8ejkmcpqxot1uwisza3" })).to_string();
    for (method, below, body) in [
        ("POST", "/regen_token", String::new()),
        ("PUT", "", update),
        ("PUT", "/delivery_mode", json!({ "mode": "full" }).to_string()),
    ] {
        let answer = call(&site, "admin", method, &format!("{}{below}", path(&hook)), body).await;
        assert_eq!(answer.status, 200, "{method} {below}");
        let state = call(&site, "admin", "GET", &signing, "").await.json();
        assert_eq!(state["active"], true, "{method} {below}");
    }
    let members = shown(&site, &hook).await.as_object().unwrap().len();
    assert_eq!(members, 16);
    assert!(listed(&site, "admin", "").await.iter().all(|hook| hook.as_object().unwrap().len() == members));
}

#[tokio::test]
async fn a_delivery_mode_is_chosen_per_hook_and_survives_an_update() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let mode = format!("{}/delivery_mode", path(&hook));
    assert_eq!(call(&site, "admin", "GET", &mode, "").await.json(), json!({ "mode": null }));
    for chosen in [json!("full"), json!("off"), json!("safe"), json!(null), json!("full")] {
        let set = call(&site, "admin", "PUT", &mode, json!({ "mode": chosen }).to_string()).await;
        assert_eq!((set.status, set.json()), (200, json!({ "mode": chosen })));
        assert_eq!(call(&site, "admin", "GET", &mode, "").await.json(), json!({ "mode": chosen }));
    }
    let update = hook_with(&site, json!({ "id": hook["id"] })).to_string();
    assert_eq!(call(&site, "admin", "PUT", &path(&hook), update).await.status, 200);
    for wrong in ["", "null", "{}", "[]", "\"full\"", r#"{"mode":"Full"}"#, r#"{"mode":7}"#, r#"{"mode":""}"#] {
        assert_eq!(call(&site, "admin", "PUT", &mode, wrong).await.brief(), (400, BODY.into()), "{wrong}");
    }
    assert_eq!(call(&site, "admin", "GET", &mode, "").await.json(), json!({ "mode": "full" }));
}
