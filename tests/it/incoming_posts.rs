//! What goes beyond the reference server: answers that name the posts, threads, and posts that a hook edits or deletes.

use bytes::Bytes;
use http::Request;
use jackfield::id::PostId;
use serde_json::{Value, json};

use crate::host::{Answer, Site, hook_object};

const UNKNOWN: &str = "jackfield.hook_post.not_found";

async fn say(site: &Site, hook: &str, query: &str, body: Value) -> Answer {
    site.send(Request::post(format!("/hooks/{hook}{query}")).body(Bytes::from(body.to_string())).unwrap()).await
}

async fn change(site: &Site, method: &str, hook: &str, post: &str, body: &str) -> Answer {
    let request = Request::builder().method(method).uri(format!("/hooks/{hook}/posts/{post}"));
    site.send(request.body(Bytes::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn who_waits_is_told_the_posts() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let answer = say(&site, &hook, "?wait=true", json!({ "text": "x".repeat(16_384) })).await;
    let ids: Vec<_> = site.posts().iter().map(|stored| stored.id).collect();
    let want = json!({ "id": ids[0], "ids": ids, "channel_id": site.dev, "root_id": "" });
    assert_eq!((answer.status, answer.header("Content-Type"), answer.json()), (200, "application/json", want));
    for query in ["", "?wait=false", "?wait=", "?wait=yes"] {
        assert_eq!(say(&site, &hook, query, json!({ "text": "a" })).await.brief(), (200, "ok".into()), "{query}");
    }
}

#[tokio::test]
async fn a_root_post_of_the_channel_is_answered_and_nothing_else() {
    let site = Site::new().await;
    let hook = site.hook().await;
    say(&site, &hook, "", json!({ "text": "root" })).await;
    let root = site.last().id;
    let answer = say(&site, &hook, "?wait=1", json!({ "text": "reply", "root_id": root })).await;
    assert_eq!((answer.json()["root_id"].clone(), site.last().draft.root_id), (json!(root), Some(root)));
    let reply = site.last().id;
    say(&site, &hook, "", json!({ "text": "elsewhere", "channel": "ops" })).await;
    let elsewhere = site.last().id;
    say(&site, &hook, "", json!({ "text": "gone" })).await;
    let gone = site.last().id;
    site.host.world().posts.last_mut().unwrap().deleted = true;
    let unknown = PostId::from_random([9; 16]);
    let others =
        [json!(reply), json!(elsewhere), json!(gone), json!(unknown), json!("x"), json!(5), json!({ "a": [] })];
    for other in others {
        let answer = say(&site, &hook, "?wait=1", json!({ "text": "a", "root_id": other })).await;
        assert_eq!((answer.status, answer.json()["root_id"].clone()), (200, json!("")), "{other}");
        assert_eq!(site.last().draft.root_id, None, "{other}");
    }
    let ignored =
        site.host.world().observed.iter().filter(|line| line.contains("`root_id` names no root post")).count();
    assert_eq!(ignored, 7, "{:?}", site.host.world().observed);
}

#[tokio::test]
async fn a_post_that_was_made_is_no_500_because_nobody_can_say_where_it_is() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for steps in 0.. {
        site.host.world().broken.after = Some(steps);
        let answer = say(&site, &hook, "?wait=1", json!({ "text": "a" })).await;
        let posted = site.posts().len();
        assert_eq!(answer.status == 200, posted == 1, "{steps} {answer:?}");
        if posted == 1 {
            break;
        }
    }
}

#[tokio::test]
async fn an_upsert_edits_the_post_of_its_key() {
    let site = Site::new().await;
    let (hook, other) = (site.hook().await, site.hook().await);
    let first = say(&site, &hook, "?wait=1", json!({ "text": "1", "upsert_key": "k" })).await.json();
    let second = say(&site, &hook, "?wait=1", json!({ "text": "2", "upsert_key": "k" })).await.json();
    assert_eq!((&first["id"], site.messages()), (&second["id"], vec!["2".to_owned()]));
    say(&site, &other, "", json!({ "text": "3", "upsert_key": "k" })).await;
    let rotated = site.rotate(&hook, 1_000).await.unwrap();
    say(&site, &rotated, "", json!({ "text": "4", "upsert_key": "k" })).await;
    assert_eq!(site.messages(), ["4", "3"]);
    site.host.world().posts[0].deleted = true;
    say(&site, &hook, "", json!({ "text": "5", "upsert_key": "k" })).await;
    assert_eq!(site.messages(), ["4", "3", "5"], "a post that is gone is made anew");
    let card = |text: &str| json!({ "attachments": [{ "callback_id": "c", "text": text }] });
    say(&site, &hook, "?upsert_by=callback_id", card("a")).await;
    say(&site, &hook, "?upsert_by=callback_id", card("b")).await;
    assert_eq!((site.posts().len(), &site.last().props()["attachments"][0]["text"]), (4, &json!("b")));
}

#[tokio::test]
async fn two_upserts_at_once_make_one_post() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let body = |text: &str| json!({ "text": text, "upsert_key": "k" });
    let (one, two) = tokio::join!(say(&site, &hook, "", body("a")), say(&site, &hook, "", body("b")));
    assert_eq!((one.status, two.status, site.posts().len()), (200, 200, 1));
}

#[tokio::test]
async fn an_upsert_key_has_1_to_128_characters_and_its_text_fits_one_post() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let decode = "web.incoming_webhook.decode.app_error";
    let cases = [
        (json!({ "text": "a", "upsert_key": "é".repeat(128) }), (200, "ok")),
        (json!({ "text": "a", "upsert_key": "é".repeat(129) }), (400, decode)),
        (json!({ "text": "a", "upsert_key": "" }), (400, decode)),
        (json!({ "text": "a", "upsert_key": "a\0" }), (400, decode)),
        (json!({ "text": "x".repeat(16_384), "upsert_key": "k" }), (400, "jackfield.hook_post.would_split")),
    ];
    for (body, (status, id)) in cases {
        assert_eq!(say(&site, &hook, "", body.clone()).await.brief(), (status, id.into()), "{body}");
    }
}

#[tokio::test]
async fn a_hook_edits_and_deletes_its_own_posts() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let made = json!({ "text": "a", "props": { "mine": 1 }, "attachments": [{ "title": "T" }] });
    say(&site, &hook, "", made).await;
    let post = site.last().id.to_string();
    let answer = change(&site, "PATCH", &hook, &post, r#"{"text":"b <https://e|E>"}"#).await;
    assert_eq!((answer.status, answer.json()["id"].clone()), (200, json!(post)));
    let stored = site.last();
    assert_eq!((stored.draft.message.as_str(), &stored.props()["mine"]), ("b [E](https://e)", &json!(1)));
    assert_eq!(stored.props()["attachments"][0]["title"], "T");
    let faked = r#"{"props":{"from_webhook":"no","override_username":"root","webhook_display_name":"x","new":2}}"#;
    assert_eq!(change(&site, "PATCH", &hook, &post, faked).await.status, 200);
    let props = site.last().props();
    assert_eq!(
        (props["from_webhook"].clone(), props["webhook_display_name"].clone()),
        (json!("true"), json!("Deploys"))
    );
    assert_eq!((props["new"].clone(), props.get("mine"), props.get("override_username")), (json!(2), None, None));
    assert_eq!(change(&site, "DELETE", &hook, &post, "").await.brief(), (200, r#"{"status":"OK"}"#.into()));
    assert!(site.last().deleted);
    for method in ["DELETE", "PATCH"] {
        assert_eq!(
            change(&site, method, &hook, &post, r#"{"text":"a"}"#).await.brief(),
            (404, UNKNOWN.into()),
            "{method}"
        );
    }
}

#[tokio::test]
async fn posts_of_others_look_as_if_they_were_not_there() {
    let site = Site::new().await;
    let (hook, other) = (site.hook().await, site.hook_by("admin", hook_object(site.dev)).await);
    say(&site, &hook, "", json!({ "text": "a" })).await;
    let post = site.last().id.to_string();
    let unknown = PostId::from_random([9; 16]).to_string();
    let nobody = "x".repeat(26);
    let cases = [(&other, post.as_str()), (&nobody, &post), (&hook, &unknown), (&hook, "abc"), (&nobody, "abc")];
    for method in ["PATCH", "DELETE"] {
        let mut shapes = Vec::new();
        for (hook, post) in cases {
            let mut error = change(&site, method, hook, post, r#"{"text":"stolen"}"#).await.json();
            error["request_id"] = Value::Null;
            shapes.push(error);
        }
        assert_eq!(shapes[0]["id"], UNKNOWN);
        assert!(shapes.iter().all(|shape| *shape == shapes[0]), "{method} {shapes:?}");
    }
    assert_eq!((site.messages(), site.last().deleted), (vec!["a".to_owned()], false));
}

#[tokio::test]
async fn an_edit_that_breaks_at_any_step_changes_nothing() {
    let site = Site::new().await;
    let hook = site.hook().await;
    say(&site, &hook, "", json!({ "text": "before" })).await;
    let post = site.last().id.to_string();
    for (method, body) in [("PATCH", r#"{"text":"after ~ops"}"#), ("DELETE", "")] {
        for steps in 0..20 {
            let before = site.last();
            site.host.world().broken.after = Some(steps);
            let answer = change(&site, method, &hook, &post, body).await;
            site.host.world().broken.after = None;
            if answer.status == 200 {
                break;
            }
            assert_eq!(answer.status, 500, "{method} {steps}");
            let now = site.last();
            let is_same = (now.draft == before.draft, now.deleted == before.deleted);
            assert_eq!(is_same, (true, true), "{method} {steps}");
        }
    }
    assert_eq!((site.messages(), site.last().deleted), (vec!["after ~ops".to_owned()], true));
}
