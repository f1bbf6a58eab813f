//! A handle on the message: `root_id`, `?wait=true`, `PATCH` and `DELETE` of a hook's own posts, and `upsert_key`.

use bytes::Bytes;
use http::Request;
use jackfield::id::PostId;
use jackfield::port::{ChannelKind, RefusedKind};
use serde_json::{Value, json};

use crate::host::{Answer, Site, hook_object, json_call};

const GENERAL: &str = "web.incoming_webhook.general.app_error";
const NOT_FOUND: &str = "jackfield.hook_post.not_found";
const DAY: i64 = 86_400_000;

async fn send(site: &Site, method: &str, path: &str, body: &Value) -> Answer {
    let request = Request::builder().method(method).uri(path).header("Content-Type", "application/json");
    site.send(request.body(Bytes::from(body.to_string())).unwrap()).await
}

async fn patch(site: &Site, hook: &str, post: PostId, body: Value) -> Answer {
    send(site, "PATCH", &format!("/hooks/{hook}/posts/{post}"), &body).await
}

async fn delete(site: &Site, hook: &str, post: PostId) -> Answer {
    send(site, "DELETE", &format!("/hooks/{hook}/posts/{post}"), &Value::Null).await
}

async fn wait(site: &Site, hook: &str, body: Value) -> Value {
    let answer = send(site, "POST", &format!("/hooks/{hook}?wait=true"), &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

async fn upsert(site: &Site, hook: &str, key: &str, text: &str) -> Answer {
    site.call(hook, json!({ "text": text, "upsert_key": key }).to_string()).await
}

/// The messages that are not deleted.
fn live(site: &Site) -> Vec<String> {
    site.posts().into_iter().filter(|post| !post.deleted).map(|post| post.draft.message).collect()
}

#[tokio::test]
async fn who_waits_is_told_where_the_posts_are() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let told = wait(&site, &hook, json!({ "text": "a" })).await;
    let id = site.last().id;
    assert_eq!(told, json!({ "id": id, "ids": [id], "channel_id": site.dev, "root_id": "" }));

    let told = wait(&site, &hook, json!({ "text": "b".repeat(16_384) })).await;
    let ids: Vec<_> = site.posts()[1..].iter().map(|post| post.id).collect();
    assert_eq!((told["id"].clone(), told["ids"].clone()), (json!(ids[0]), json!(ids)));

    let told = wait(&site, &hook, json!({ "text": "c", "channel": "@bob" })).await;
    assert_eq!(told["channel_id"], json!(site.last().channel));
    for query in ["", "?wait=false", "?wait=yes", "?wait="] {
        let answer = site.send(json_call(&format!("{hook}{query}"), r#"{"text":"d"}"#)).await;
        assert_eq!(answer.brief(), (200, "ok".into()), "{query}");
    }
}

#[tokio::test]
async fn a_repeated_call_is_told_of_the_first_posts() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let mut told = Vec::new();
    for text in ["a", "b"] {
        let mut request = json_call(&format!("{hook}?wait=true"), json!({ "text": text }).to_string());
        request.headers_mut().insert("Idempotency-Key", "k".parse().unwrap());
        told.push(site.send(request).await.json());
    }
    assert_eq!((&told[0], live(&site)), (&told[1], vec!["a".to_owned()]));
}

#[tokio::test]
async fn a_root_post_of_the_channel_is_answered_and_nothing_else() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let root = wait(&site, &hook, json!({ "text": "root" })).await["id"].clone();
    let told = wait(&site, &hook, json!({ "text": "reply", "root_id": root })).await;
    assert_eq!((told["root_id"].clone(), json!(site.last().draft.root_id)), (root.clone(), root.clone()));
    let reply = told["id"].clone();
    let elsewhere = wait(&site, &hook, json!({ "text": "elsewhere", "channel": "ops" })).await["id"].clone();
    let gone = wait(&site, &hook, json!({ "text": "gone" })).await["id"].clone();
    site.host.world().posts.last_mut().unwrap().deleted = true;

    let ignored =
        [reply, elsewhere, gone, json!("ybndrfg8ejkmcpqxot1uwisza3"), json!("x"), json!(5), json!([1]), json!({})];
    for root in ignored {
        let told = wait(&site, &hook, json!({ "text": "top", "root_id": root })).await;
        assert_eq!(told["root_id"], "", "{root}");
        assert_eq!(site.last().draft.root_id, None, "{root}");
        let observed = site.host.world().observed.join("\n");
        assert!(observed.contains("names no root post"), "{root}");
        site.host.world().observed.clear();
    }
    let told = wait(&site, &hook, json!({ "text": "in a direct channel", "root_id": root, "channel": "@bob" })).await;
    assert_eq!(told["root_id"], "");
    site.host.world().observed.clear();
    assert_eq!(wait(&site, &hook, json!({ "text": "null", "root_id": null })).await["root_id"], "");
    assert!(!site.host.world().observed.join("\n").contains("names no root post"));
}

#[tokio::test]
async fn every_piece_of_a_long_reply_is_in_the_thread() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let root = wait(&site, &hook, json!({ "text": "root" })).await["id"].clone();
    wait(&site, &hook, json!({ "text": "r".repeat(40_000), "root_id": root })).await;
    let roots: Vec<_> = site.posts()[1..].iter().map(|post| json!(post.draft.root_id)).collect();
    assert_eq!(roots, vec![root; 3]);
}

#[tokio::test]
async fn a_patch_replaces_what_it_names() {
    let site = Site::with(|settings| settings.overrides.username = true).await;
    let hook = site.hook().await;
    let first = json!({
        "text": "firing", "username": "alerts", "props": { "mine": 1, "card": "c" },
        "attachments": [{ "text": "disk" }], "priority": { "priority": "urgent" },
    });
    let told = wait(&site, &hook, first).await;
    let id: PostId = told["id"].as_str().unwrap().parse().unwrap();

    let answer = patch(&site, &hook, id, json!({ "text": "resolved <https://a|b> <!here>" })).await;
    assert_eq!((answer.status, answer.json()), (200, told));
    let post = site.last();
    assert_eq!(post.draft.message, "resolved [b](https://a) @here");
    assert_eq!(post.draft.post_type, "slack_attachment");
    assert_eq!(post.draft.priority.as_ref().unwrap().priority, "urgent");
    assert_eq!(post.props()["attachments"][0]["text"], "disk");
    assert_eq!((post.props()["override_username"].clone(), post.props()["mine"].clone()), (json!("alerts"), json!(1)));

    let props = json!({ "yours": 2, "from_bot": "true", "override_username": "eve", "attachments": [] });
    let answer = patch(&site, &hook, id, json!({ "props": props, "priority": { "priority": "" } })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let post = site.last();
    let names: Vec<_> = post.props().keys().cloned().collect();
    assert_eq!(names, ["attachments", "from_webhook", "override_username", "webhook_display_name", "yours"]);
    assert_eq!(post.props()["override_username"], "alerts");
    assert_eq!(post.draft.priority.as_ref().unwrap().priority, "urgent");

    assert_eq!(patch(&site, &hook, id, json!({ "attachments": [] })).await.status, 200);
    let post = site.last();
    assert_eq!((post.draft.post_type.as_str(), post.props().get("attachments")), ("", None));
    assert_eq!(post.draft.message, "resolved [b](https://a) @here");
    let attachment = json!({ "attachments": [{ "text": "<!all>", "actions": [{ "name": "Ack" }] }], "text": "" });
    assert_eq!(patch(&site, &hook, id, attachment).await.status, 200);
    let post = site.last();
    assert_eq!((post.draft.message.as_str(), post.draft.post_type.as_str()), ("", "slack_attachment"));
    assert_eq!(post.props()["attachments"][0]["text"], "@all");
    assert_eq!(post.props()["attachments"][0]["actions"][0]["id"].as_str().map(str::len), Some(26));
    assert_eq!(site.posts().len(), 1);
}

#[tokio::test]
async fn channels_are_linked_anew_in_a_patch() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let told = wait(&site, &hook, json!({ "text": "~ops" })).await;
    let id: PostId = told["id"].as_str().unwrap().parse().unwrap();
    assert!(site.last().props().contains_key("channel_mentions"));
    patch(&site, &hook, id, json!({ "text": "none" })).await;
    assert!(!site.last().props().contains_key("channel_mentions"));
    patch(&site, &hook, id, json!({ "text": "~dev" })).await;
    assert_eq!(site.last().props()["channel_mentions"]["dev"]["id"], json!(site.dev));
}

/// As when it was made (INC-76).
#[tokio::test]
async fn a_patch_links_no_channels_in_a_direct_channel() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let told = wait(&site, &hook, json!({ "text": "~ops", "channel": "@bob" })).await;
    let id: PostId = told["id"].as_str().unwrap().parse().unwrap();
    assert!(!site.last().props().contains_key("channel_mentions"));
    assert_eq!(patch(&site, &hook, id, json!({ "text": "~dev" })).await.status, 200);
    assert!(!site.last().props().contains_key("channel_mentions"));
}

#[tokio::test]
async fn a_patch_that_says_nothing_or_too_much_changes_nothing() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let told = wait(&site, &hook, json!({ "text": "a" })).await;
    let id: PostId = told["id"].as_str().unwrap().parse().unwrap();
    let cases = [
        (json!({}), 400, GENERAL),
        (json!({ "text": null, "username": "x" }), 400, GENERAL),
        (json!({ "text": "" }), 400, GENERAL),
        (json!({ "text": "x".repeat(16_384) }), 400, "jackfield.hook_post.would_split"),
        (json!({ "props": { "big": "<".repeat(130_000) } }), 400, GENERAL),
        (json!({ "text": 5 }), 400, "web.incoming_webhook.decode.app_error"),
        (json!({ "text": "a\0b" }), 400, "web.incoming_webhook.decode.app_error"),
    ];
    for (body, status, error) in cases {
        let body_start: String = body.to_string().chars().take(60).collect();
        assert_eq!(patch(&site, &hook, id, body).await.brief(), (status, error.to_owned()), "{body_start}");
        assert_eq!(site.messages(), ["a"]);
    }
}

#[tokio::test]
async fn a_deleted_post_is_gone_for_its_hook_too() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let told = wait(&site, &hook, json!({ "text": "a" })).await;
    let id: PostId = told["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(delete(&site, &hook, id).await.brief(), (200, r#"{"status":"OK"}"#.into()));
    assert!(live(&site).is_empty());
    assert_eq!(delete(&site, &hook, id).await.brief(), (404, NOT_FOUND.into()));
    assert_eq!(patch(&site, &hook, id, json!({ "text": "b" })).await.brief(), (404, NOT_FOUND.into()));
}

#[tokio::test]
async fn a_hook_has_a_handle_on_its_own_posts_alone() {
    let site = Site::new().await;
    let (hook, other) = (site.hook().await, site.hook().await);
    let told = wait(&site, &hook, json!({ "text": "a" })).await;
    let id: PostId = told["id"].as_str().unwrap().parse().unwrap();
    for (hook, post) in [
        (other.as_str(), id.to_string()),
        ("ybndrfg8ejkmcpqxot1uwisza3", id.to_string()),
        ("abc", id.to_string()),
        (&hook, "ybndrfg8ejkmcpqxot1uwisza3".into()),
        (&hook, "abc".into()),
    ] {
        for method in ["PATCH", "DELETE"] {
            let answer = send(&site, method, &format!("/hooks/{hook}/posts/{post}"), &json!({ "text": "b" })).await;
            assert_eq!(answer.brief(), (404, NOT_FOUND.into()), "{method} {hook} {post}");
        }
    }
    assert_eq!(live(&site), ["a"]);
    let new = site.rotate(&hook, 1_000).await.unwrap();
    assert_eq!(patch(&site, &new, id, json!({ "text": "b" })).await.status, 200);
    assert_eq!(patch(&site, &hook, id, json!({ "text": "c" })).await.status, 200);
    assert_eq!(live(&site), ["c"]);
}

#[tokio::test]
async fn where_a_hook_may_not_post_it_may_not_edit_either() {
    let site = Site::new().await;
    let hook = site.hook_by("ann", hook_object(site.dev)).await;
    let told = wait(&site, &hook, json!({ "text": "a" })).await;
    let id: PostId = told["id"].as_str().unwrap().parse().unwrap();
    site.host.world().channel(site.dev).kind = ChannelKind::Private;
    site.host.world().grants.retain(|(user, ..)| *user != site.ann);
    site.host.world().members.clear();
    assert_eq!(patch(&site, &hook, id, json!({ "text": "b" })).await.brief(), (403, GENERAL.into()));
    site.host.world().channel(site.dev).archived = true;
    assert_eq!(delete(&site, &hook, id).await.brief(), (404, GENERAL.into()));
    site.configure(|settings| settings.incoming.enabled = false);
    assert_eq!(delete(&site, &hook, id).await.brief(), (501, GENERAL.into()));
    assert_eq!(live(&site), ["a"]);
}

#[tokio::test]
async fn an_upsert_posts_once_and_then_edits() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for text in ["firing", "still firing", "resolved"] {
        assert_eq!(upsert(&site, &hook, "disk", text).await.brief(), (200, "ok".into()), "{text}");
    }
    assert_eq!(live(&site), ["resolved"]);
    upsert(&site, &hook, "cpu", "firing").await;
    upsert(&site, &site.hook().await, "disk", "another hook").await;
    assert_eq!(live(&site), ["resolved", "firing", "another hook"]);
}

#[tokio::test]
async fn an_upsert_replaces_all_but_the_priority() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let body = |text: &str, level: &str, attachments: Value| json!({ "text": text, "upsert_key": "k", "attachments": attachments, "priority": { "priority": level } });
    let one = wait(&site, &hook, body("a", "urgent", json!([{ "text": "x" }]))).await;
    let two = wait(&site, &hook, body("b", "", json!([]))).await;
    assert_eq!(one, two);
    let post = site.last();
    assert_eq!((post.draft.message.as_str(), post.draft.post_type.as_str()), ("b", ""));
    assert_eq!(post.draft.priority.as_ref().unwrap().priority, "urgent");
    assert!(!post.props().contains_key("attachments"));
}

#[tokio::test]
async fn a_key_begins_anew_when_its_post_is_deleted_or_old() {
    let site = Site::new().await;
    let hook = site.hook().await;
    upsert(&site, &hook, "k", "a").await;
    site.host.world().posts.last_mut().unwrap().deleted = true;
    upsert(&site, &hook, "k", "b").await;
    assert_eq!(live(&site), ["b"]);
    site.host.world().milliseconds += 30 * DAY;
    upsert(&site, &hook, "k", "c").await;
    assert_eq!(live(&site), ["c"]);
    site.host.world().milliseconds += 1;
    upsert(&site, &hook, "k", "d").await;
    upsert(&site, &hook, "k", "e").await;
    assert_eq!(live(&site), ["c", "e"]);
    site.configure(|settings| settings.incoming.upsert_lifetime = time::Duration::hours(1));
    site.host.world().milliseconds += 3_600_001;
    upsert(&site, &hook, "k", "f").await;
    assert_eq!(live(&site), ["c", "e", "f"]);
}

#[tokio::test]
async fn a_key_that_was_swept_out_begins_anew() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for round in 0..8 {
        upsert(&site, &hook, "k", &format!("round {round}")).await;
        site.host.world().milliseconds += 31 * DAY;
        for other in 0..10 {
            upsert(&site, &hook, &format!("{round} {other}"), "other").await;
        }
    }
    let rounds: Vec<_> = live(&site).into_iter().filter(|message| message != "other").collect();
    assert_eq!(rounds, (0..8).map(|round| format!("round {round}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn upserts_at_once_make_one_post() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let (one, two, three) =
        tokio::join!(upsert(&site, &hook, "k", "a"), upsert(&site, &hook, "k", "b"), upsert(&site, &hook, "k", "c"));
    assert_eq!((one.status, two.status, three.status, live(&site).len()), (200, 200, 200, 1));
}

/// Whatever call of a port fails first, trying again ends with one post that has the last content.
#[tokio::test]
async fn an_upsert_that_broke_off_is_finished_by_the_next() {
    for calls in 0..12 {
        let site = Site::new().await;
        let hook = site.hook().await;
        site.host.world().broken.after = Some(calls);
        let first = upsert(&site, &hook, "k", "a").await;
        assert!([200, 500].contains(&first.status), "{calls}");
        site.host.world().broken.after = None;
        assert_eq!(upsert(&site, &hook, "k", "b").await.status, 200, "{calls}");
        assert_eq!(live(&site), ["b"], "{calls}");
        assert_eq!(upsert(&site, &hook, "k", "c").await.status, 200, "{calls}");
        assert_eq!(live(&site), ["c"], "{calls}");
    }
}

#[tokio::test]
async fn an_upsert_stays_one_post_and_its_key_short() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let long = upsert(&site, &hook, "k", &"x".repeat(16_384)).await;
    assert_eq!(long.brief(), (400, "jackfield.hook_post.would_split".into()));
    for key in [json!(""), json!("é".repeat(129)), json!(5), json!("a\0")] {
        let answer = site.call(&hook, json!({ "text": "a", "upsert_key": key }).to_string()).await;
        assert_eq!(answer.brief(), (400, "web.incoming_webhook.decode.app_error".into()), "{key}");
        assert!(answer.detail().contains("/upsert_key"), "{key} {}", answer.detail());
    }
    assert!(site.posts().is_empty());
    assert_eq!(upsert(&site, &hook, &"é".repeat(128), "a").await.status, 200);
}

#[tokio::test]
async fn senders_without_a_member_of_their_own_upsert_by_callback_id() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let call = |query: &'static str, id: Value, text: &'static str| {
        let body = json!({ "attachments": [{ "text": text, "callback_id": id }] });
        let (site, path) = (site.clone(), format!("{hook}{query}"));
        async move { site.call(&path, body.to_string()).await.status }
    };
    let texts =
        || -> Vec<Value> { site.posts().iter().map(|post| post.props()["attachments"][0]["text"].clone()).collect() };
    assert_eq!(call("?upsert_by=callback_id", json!("{alertname=\"Disk\"}"), "firing").await, 200);
    assert_eq!(call("?upsert_by=callback_id", json!("{alertname=\"Disk\"}"), "resolved").await, 200);
    assert_eq!(texts(), ["resolved"]);
    for (query, id) in [
        ("", json!("x")),
        ("?upsert_by=other", json!("x")),
        ("?upsert_by=callback_id", json!("")),
        ("?upsert_by=callback_id", json!(7)),
    ] {
        let before = site.posts().len();
        for _ in 0..2 {
            assert_eq!(call(query, id.clone(), "a").await, 200);
        }
        assert_eq!(site.posts().len(), before + 2, "{query} {id}");
    }
}

#[tokio::test]
async fn a_sink_that_fails_is_a_fault() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let told = wait(&site, &hook, json!({ "text": "a" })).await;
    let id: PostId = told["id"].as_str().unwrap().parse().unwrap();
    site.host.world().broken.sink = Some(RefusedKind::Failed);
    assert_eq!(patch(&site, &hook, id, json!({ "text": "b" })).await.brief(), (500, GENERAL.into()));
    assert_eq!(delete(&site, &hook, id).await.brief(), (500, GENERAL.into()));
    assert!(site.observed().contains("fault"), "{}", site.observed());
}

#[tokio::test]
async fn a_post_that_was_made_is_no_500_because_nobody_can_say_where_it_is() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for steps in 0.. {
        site.host.world().broken.after = Some(steps);
        let answer = site.call(&format!("{hook}?wait=1"), r#"{"text":"a"}"#).await;
        let posted = site.posts().len();
        assert_eq!(answer.status == 200, posted == 1, "{steps} {answer:?}");
        if posted == 1 {
            break;
        }
    }
}

#[tokio::test]
async fn an_edit_that_breaks_at_any_step_changes_nothing() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let told = wait(&site, &hook, json!({ "text": "before" })).await;
    let path = format!("/hooks/{hook}/posts/{}", told["id"].as_str().unwrap());
    for (method, body) in [("PATCH", json!({ "text": "after ~ops" })), ("DELETE", Value::Null)] {
        for steps in 0..20 {
            let before = site.last();
            site.host.world().broken.after = Some(steps);
            let answer = send(&site, method, &path, &body).await;
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

#[tokio::test]
async fn the_owner_of_a_hook_that_edits_must_be_there_and_active_where_that_is_asked() {
    let site = Site::new().await;
    let hook = site.hook_by("admin", json!({ "channel_id": site.dev, "user_id": site.bob })).await;
    let told = wait(&site, &hook, json!({ "text": "a" })).await;
    let id: PostId = told["id"].as_str().unwrap().parse().unwrap();
    site.host.world().user(site.bob).deactivated = true;
    assert_eq!(patch(&site, &hook, id, json!({ "text": "b" })).await.status, 200);
    site.configure(|settings| settings.incoming.refuse_inactive_owners = true);
    assert_eq!(patch(&site, &hook, id, json!({ "text": "c" })).await.brief(), (403, GENERAL.into()));
    site.configure(|settings| settings.incoming.refuse_inactive_owners = false);
    let bob = site.bob;
    site.host.world().users.retain(|user| user.id != bob);
    assert_eq!(delete(&site, &hook, id).await.brief(), (403, GENERAL.into()));
    assert_eq!(live(&site), ["b"]);
}
