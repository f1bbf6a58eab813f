//! What breaks on our side: an id for each step, and nothing half-done.

use serde_json::{Value, json};

use super::{call, hook_with, listed, made, path, site};

const BY_TEAM: &str = "app.webhooks.get_outgoing_by_team.app_error";
const GET: &str = "app.webhooks.get_outgoing.app_error";
const SAVE: &str = "app.webhooks.save_outgoing.app_error";
const SESSION: &str = "jackfield.session.lookup";
const UPDATE: &str = "app.webhooks.update_outgoing.app_error";

/// Each route, with the ids of the steps that may fail, in their order; then it is done.
#[tokio::test]
async fn management_that_breaks_at_any_step_changes_nothing_and_names_the_step() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let own = path(&hook);
    let create = json!({ "trigger_words": ["new"], "channel_id": site.dev, "creator_id": site.bob });
    let create = hook_with(&site, create).to_string();
    let update =
        hook_with(&site, json!({ "id": hook["id"], "channel_id": site.dev, "display_name": "new" })).to_string();
    let (user, channel) = ("app.user.get_by_username.app_error", "app.channel.get.find.app_error");
    let (list, delete) = ("app.webhooks.get_outgoing_by_channel.app_error", "app.webhooks.delete_outgoing.app_error");
    let cases: [(&str, String, &str, u16, &[&str]); 12] = [
        ("POST", String::new(), &create, 201, &[SESSION, SAVE, user, channel, BY_TEAM, SAVE]),
        ("GET", String::new(), "", 200, &[SESSION, list, list]),
        ("GET", format!("?team_id={}", site.team), "", 200, &[SESSION, BY_TEAM, BY_TEAM]),
        ("GET", format!("?channel_id={}", site.dev), "", 200, &[SESSION, list, list, list]),
        ("GET", own.clone(), "", 200, &[SESSION, GET, GET]),
        ("PUT", own.clone(), &update, 200, &[SESSION, GET, UPDATE, channel, BY_TEAM, UPDATE]),
        ("POST", format!("{own}/regen_token"), "", 200, &[SESSION, GET, UPDATE, UPDATE, UPDATE]),
        ("GET", format!("{own}/signing_secret"), "", 200, &[SESSION, GET, GET]),
        ("POST", format!("{own}/signing_secret"), "", 200, &[SESSION, GET, UPDATE, UPDATE, UPDATE]),
        ("DELETE", format!("{own}/signing_secret"), "", 200, &[SESSION, GET, UPDATE, UPDATE, UPDATE]),
        ("PUT", format!("{own}/delivery_mode"), r#"{"mode":"full"}"#, 200, &[SESSION, GET, UPDATE, UPDATE, UPDATE]),
        ("DELETE", own.clone(), "", 200, &[SESSION, GET, delete, delete, delete]),
    ];
    for (method, path, body, done, ids) in cases {
        let before = state(&site).await;
        for (step, id) in ids.iter().enumerate() {
            site.host.world().broken.after = Some(step);
            let answer = call(&site, "admin", method, &path, body.to_owned()).await;
            site.host.world().broken.after = None;
            assert_eq!(answer.brief(), (500, (*id).into()), "{method} {path} {step}");
            assert_eq!(answer.detail(), "", "what the port said stays here");
            assert!(site.observed().starts_with("fault: "), "{}", site.observed());
            assert_eq!(state(&site).await, before, "{method} {path} {step}");
        }
        site.host.world().broken.after = Some(ids.len());
        let answer = call(&site, "admin", method, &path, body.to_owned()).await;
        site.host.world().broken.after = None;
        assert_eq!(answer.status, done, "{method} {path}");
    }
}

/// All that the API shows of the hooks.
async fn state(site: &crate::host::Site) -> Vec<Value> {
    let mut shown = listed(site, "admin", "").await;
    for hook in shown.clone() {
        for below in ["signing_secret", "delivery_mode"] {
            shown.push(call(site, "admin", "GET", &format!("{}/{below}", path(&hook)), "").await.json());
        }
    }
    shown
}

/// A record that does not open is a fault of that hook, not of the list's others.
#[tokio::test]
async fn without_the_key_a_hook_is_a_fault_and_tells_nothing() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let token = hook["token"].as_str().unwrap();
    let again = site.restarted(|settings| settings.keys = vec![jackfield::security::MasterKey::new([9; 32])]).await;
    assert!(again.is_err(), "an engine with another key does not start");
    assert!(!site.host.world().observed.iter().any(|line| line.contains(token)));
}
