//! How hooks are changed and deleted, and given a new token (OUT-27 to OUT-32).

use serde_json::{Value, json};

use super::{
    BODY, DISABLED, FORBIDDEN, NO_CHANNEL, NOT_FOUND, UNKNOWN, URL_PARAMETER, call, hook_with, listed, made, path,
    shown, site,
};
use crate::host::START;

/// The body of an update.
fn update(hook: &Value, members: Value) -> String {
    let mut body = json!({ "id": hook["id"], "trigger_words": ["go"], "callback_urls": ["http://b"] });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    body.to_string()
}

#[tokio::test]
async fn an_update_replaces_everything_but_what_is_the_servers() {
    let site = site().await;
    let all = json!({
        "channel_id": site.dev, "creator_id": site.bob, "trigger_when": 1, "display_name": "D", "description": "why",
        "content_type": "application/json", "username": "robot", "icon_url": "i",
    });
    let hook = made(&site, "admin", all).await;
    site.host.world().milliseconds += 1_000;
    let body = update(&hook, json!({ "creator_id": site.ann, "create_at": 5, "update_at": 6, "delete_at": 7 }));
    let answer = call(&site, "admin", "PUT", &path(&hook), body).await;
    let want = json!({
        "id": hook["id"], "token": hook["token"], "create_at": START, "update_at": START + 1_000, "delete_at": 0,
        "creator_id": site.bob, "channel_id": "", "team_id": site.team, "trigger_words": ["go"], "trigger_when": 0,
        "callback_urls": ["http://b"], "display_name": "", "description": "", "content_type": "", "username": "",
        "icon_url": "",
    });
    assert_eq!((answer.status, answer.json()), (200, want.clone()));
    assert_eq!(shown(&site, &hook).await, want);
    let told = site.host.world().observed.clone();
    assert!(told.iter().any(|line| line.contains("updated") && line.ends_with(&format!("by {}", site.admin))));
}

/// OUT-106, OUT-108.
#[tokio::test]
async fn a_token_stays_unless_another_is_sent() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    for same in [json!({}), json!({ "token": "" }), json!({ "token": null }), json!({ "token": hook["token"] })] {
        let answer = call(&site, "admin", "PUT", &path(&hook), update(&hook, same.clone())).await;
        assert_eq!((answer.status, &answer.json()["token"]), (200, &hook["token"]), "{same}");
    }
    let answer = call(&site, "admin", "PUT", &path(&hook), update(&hook, json!({ "token": UNKNOWN }))).await;
    assert_eq!((answer.status, &answer.json()["token"]), (200, &json!(UNKNOWN)));
    assert_eq!(shown(&site, &hook).await["token"], UNKNOWN);
    let odd = call(&site, "admin", "PUT", &path(&hook), update(&hook, json!({ "token": "A".repeat(26) }))).await;
    let token = odd.json()["token"].clone();
    assert!(token != json!(UNKNOWN) && token != json!("A".repeat(26)), "{token}");
    assert_eq!(shown(&site, &hook).await["token"], token);
}

/// Rows of OUT-27, and OUT-105; each body breaks rows below it too, where it can.
#[tokio::test]
async fn a_refused_update_changes_nothing() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let other = made(&site, "admin", json!({ "trigger_words": ["x"], "callback_urls": ["http://x"] })).await;
    let before = shown(&site, &hook).await;
    let (own, unknown) = (path(&hook), format!("/{UNKNOWN}"));
    let with = |members: Value| update(&hook, members);
    let rule = |name: &str| format!("model.outgoing_hook.is_valid.{name}.app_error");
    let cases = [
        ("a short id", "admin", "/abc", "{".to_owned(), 400, URL_PARAMETER.to_owned()),
        ("no JSON", "admin", &own, "{\"id\":".to_owned(), 400, BODY.to_owned()),
        ("a wrong type", "admin", &own, with(json!({ "trigger_words": "a", "id": "x" })), 400, BODY.to_owned()),
        ("no id", "admin", &own, with(json!({ "id": "" })), 400, BODY.to_owned()),
        ("another id", "admin", &own, with(json!({ "id": UNKNOWN })), 400, BODY.to_owned()),
        ("unknown", "bob", &unknown, with(json!({ "id": UNKNOWN })), 404, NOT_FOUND.to_owned()),
        (
            "another team",
            "bob",
            &own,
            with(json!({ "team_id": site.other_team })),
            400,
            "api.webhook.team_mismatch.app_error".to_owned(),
        ),
        ("without the permission", "bob", &own, with(json!({ "channel_id": UNKNOWN })), 403, FORBIDDEN.to_owned()),
        ("of another", "ann", &own, with(json!({ "channel_id": UNKNOWN })), 403, FORBIDDEN.to_owned()),
        (
            "an unknown channel",
            "admin",
            &own,
            with(json!({ "channel_id": UNKNOWN, "trigger_words": [] })),
            404,
            NO_CHANNEL.to_owned(),
        ),
        (
            "a private channel",
            "admin",
            &own,
            with(json!({ "channel_id": site.secret })),
            403,
            "api.webhook.create_outgoing.not_open.app_error".to_owned(),
        ),
        (
            "a channel elsewhere",
            "admin",
            &own,
            with(json!({ "channel_id": site.foreign })),
            403,
            "api.webhook.create_outgoing.permissions.app_error".to_owned(),
        ),
        (
            "no word",
            "admin",
            &own,
            with(json!({ "trigger_words": [], "token": "x" })),
            500,
            "api.webhook.create_outgoing.triggers.app_error".to_owned(),
        ),
        (
            "a collision",
            "admin",
            &own,
            with(json!({ "trigger_words": ["y", "x"], "callback_urls": ["http://x"], "token": "x" })),
            400,
            "api.webhook.update_outgoing.intersect.app_error".to_owned(),
        ),
        ("a short token", "admin", &own, with(json!({ "token": "x", "trigger_words": [""] })), 400, rule("token")),
        ("an empty word", "admin", &own, with(json!({ "trigger_words": [""] })), 400, rule("trigger_words")),
        ("no address", "admin", &own, with(json!({ "callback_urls": null })), 400, rule("callback")),
        ("a bad address", "admin", &own, with(json!({ "callback_urls": ["/x"] })), 400, rule("url")),
        ("a strange when", "admin", &own, with(json!({ "trigger_when": 7 })), 400, rule("content_type")),
    ];
    for (name, user, path, body, status, want) in cases {
        let answer = call(&site, user, "PUT", path, body).await;
        assert_eq!(answer.brief(), (status, want), "{name}");
        assert_eq!(shown(&site, &hook).await, before, "{name}");
    }
    assert_eq!(shown(&site, &other).await, other);
}

#[tokio::test]
async fn a_hook_is_in_its_own_way_never() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let same = hook_with(&site, json!({ "id": hook["id"], "display_name": "again" }));
    let answer = call(&site, "admin", "PUT", &path(&hook), same.to_string()).await;
    assert_eq!((answer.status, &answer.json()["display_name"]), (200, &json!("again")));
}

/// OUT-31.
#[tokio::test]
async fn a_deleted_hook_is_gone_at_once_and_for_good() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let answer = call(&site, "admin", "DELETE", &path(&hook), "").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &br#"{"status":"OK"}"#[..]));
    let regenerate = format!("{}/regen_token", path(&hook));
    let cases = [
        ("GET", path(&hook), String::new()),
        ("PUT", path(&hook), update(&hook, json!({}))),
        ("DELETE", path(&hook), String::new()),
        ("POST", regenerate, String::new()),
    ];
    for (method, path, body) in cases {
        assert_eq!(call(&site, "admin", method, &path, body).await.brief(), (404, NOT_FOUND.into()), "{method} {path}");
    }
    assert!(listed(&site, "admin", "").await.is_empty());
}

#[tokio::test]
async fn a_new_token_changes_nothing_else_but_the_time() {
    let site = site().await;
    let hook = made(&site, "admin", json!({ "channel_id": site.dev, "display_name": "D" })).await;
    site.host.world().milliseconds += 1_000;
    let answer = call(&site, "admin", "POST", &format!("{}/regen_token", path(&hook)), "no body is read").await;
    let fresh = answer.json()["token"].clone();
    assert!(answer.status == 200 && fresh != hook["token"] && fresh.as_str().unwrap().len() == 26, "{answer:?}");
    let mut want = hook.clone();
    (want["token"], want["update_at"]) = (fresh, json!(START + 1_000));
    assert_eq!(answer.json(), want);
    assert_eq!(shown(&site, &hook).await, want);
}

#[tokio::test]
async fn switched_off_every_route_of_a_hook_answers_501_before_it_looks_for_it() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    site.configure(|settings| settings.outgoing.enabled = false);
    for path in [path(&hook), format!("/{UNKNOWN}")] {
        let regenerate = format!("{path}/regen_token");
        for (method, path) in [("GET", &path), ("DELETE", &path), ("PUT", &path), ("POST", &regenerate)] {
            let id = path.trim_start_matches('/');
            let body = json!({ "id": id, "team_id": site.other_team }).to_string();
            for user in ["admin", "bob"] {
                let answer = call(&site, user, method, path, body.clone()).await;
                assert_eq!(answer.brief(), (501, DISABLED.into()), "{user} {method} {path}");
            }
        }
    }
    site.configure(|settings| settings.outgoing.enabled = true);
    assert_eq!(shown(&site, &hook).await, hook);
}

/// API-30.
#[tokio::test]
async fn what_is_no_route_is_a_404_with_an_error_object() {
    let site = site().await;
    let unknown = format!("/{UNKNOWN}");
    let cases = [
        ("PATCH", unknown.as_str()),
        ("HEAD", ""),
        ("GET", "/"),
        ("GET", "/a-b"),
        ("DELETE", ""),
        ("GET", &format!("{unknown}/regen_token")),
        ("POST", &format!("{unknown}/regen_token/x")),
        ("POST", &format!("{unknown}/regen")),
    ];
    for (method, path) in cases {
        let answer = call(&site, "admin", method, path, "").await;
        assert_eq!(answer.brief(), (404, "api.context.404.app_error".into()), "{method} {path}");
    }
}
