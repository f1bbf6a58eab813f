//! Calls that are well-formed and aim at what is not there, or not to be had.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::GENERAL;
use crate::host::{Site, hook_object};

/// An error without what differs from request to request.
fn shape(answer: &crate::host::Answer) -> Value {
    let mut error = answer.json();
    error["request_id"] = Value::Null;
    error
}

#[tokio::test]
async fn unknown_malformed_and_deleted_ids_look_alike() {
    let site = Site::new().await;
    let deleted = site.hook().await;
    site.manage("admin", "DELETE", &format!("/{deleted}"), "").await;
    let retired = site.hook().await;
    site.rotate(&retired, 0).await.unwrap();
    let want = site.say(&"x".repeat(26), "a").await;
    assert_eq!(want.brief(), (400, GENERAL.into()));
    for id in [deleted.as_str(), &retired, "a", "0", &"x".repeat(27), &"A".repeat(1_900)] {
        let answer = site.say(id, "a").await;
        assert_eq!((answer.status, shape(&answer)), (400, shape(&want)), "{id}");
        assert!(site.observed().contains("web.incoming_webhook.invalid.app_error"), "{id}");
    }
    for path in ["/hooks/%00", "/hooks/%ff", "/hooks/%2e%2e", "/hooks/a%2fb", "/hooks/%e9"] {
        let answer = site.send(Request::post(path).body(Bytes::new()).unwrap()).await;
        assert_eq!((answer.status, &answer.body[..]), (404, &b"404 page not found\n"[..]), "{path}");
    }
}

#[tokio::test]
async fn channels_that_are_archived_foreign_or_unreadable_take_no_posts() {
    let site = Site::new().await;
    let hook = site.hook_by("admin", json!({ "channel_id": site.dev, "user_id": site.bob })).await;
    let cases = [("attic", 404), ("foreign", 404), ("secret", 403), ("nowhere", 404), ("@nobody", 400)];
    for (channel, status) in cases {
        let answer = site.call(&hook, json!({ "text": "a", "channel": channel }).to_string()).await;
        assert_eq!(answer.brief(), (status, GENERAL.into()), "{channel}");
    }
    assert_eq!(site.host.world().channels.len(), 5);
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn a_disabled_feature_refuses_calls_and_management() {
    let site = Site::with(|settings| settings.incoming.enabled = false).await;
    assert_eq!(site.say("x", "a").await.brief(), (501, GENERAL.into()));
    let answer = site.manage("admin", "POST", "", hook_object(site.dev).to_string()).await;
    assert_eq!(answer.brief(), (501, "api.incoming_webhook.disabled.app_error".into()));
}

#[tokio::test]
async fn hostile_queries_of_a_list_are_read_as_the_default() {
    let site = Site::new().await;
    site.hook().await;
    let cases = [
        "?page=%ff&per_page=%00",
        "?page=1e9&per_page=0x10",
        "?per_page=99999999999999999999",
        "?%zz&a;b=&&&===",
        "?include_total_count=%74rue&include_total_count=false",
    ];
    for query in cases {
        let answer = site.manage("admin", "GET", query, "").await;
        assert_eq!(answer.status, 200, "{query}");
    }
    let beyond = site.manage("admin", "GET", "?page=9223372036854775807&per_page=200", "").await;
    assert_eq!(beyond.json(), json!([]));
    for team in ["%00", "..%2f", "%ff%ff", &"x".repeat(300)] {
        let answer = site.manage("admin", "GET", &format!("?team_id={team}"), "").await;
        assert_eq!((answer.status, answer.json()), (200, json!([])), "{team}");
    }
}
