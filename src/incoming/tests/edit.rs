//! Posts that a hook answers and edits.

use serde_json::{Value, json};

use super::{BOB, OWNER, channel_id, hook, in_dev, user_id};
use crate::id::{Millis, PostId};
use crate::incoming::edit::{one, own, patched};
use crate::incoming::receive::{Place, root};
use crate::incoming::{Leniency, Payload, ReceiveError, UpsertBy};
use crate::port::Post;
use crate::post::{Destination, Origin, Overrides, PostDraft};

fn post_id() -> PostId {
    PostId::from_random([5; 16])
}

/// A post of the hook in its own channel.
fn post(props: Value) -> Post {
    let mut post = Post::new(post_id(), channel_id("dev"), user_id(OWNER), Millis(1), "old");
    post.origin = Some(hook().origin);
    let Value::Object(props) = props else { panic!("props are an object") };
    post.props = props;
    post
}

fn read(json: &str) -> Payload {
    Payload::from_json(json.as_bytes(), Leniency::default()).unwrap()
}

fn patch(post: Post, json: &str) -> Result<PostDraft, ReceiveError> {
    patched(post, read(json), Overrides::default())
}

#[test]
fn only_a_live_root_post_of_the_channel_is_answered() {
    let whole = || post(json!({}));
    assert_eq!(root(Some(whole()), &in_dev()), Some(post_id()));
    assert_eq!(root(None, &in_dev()), None);
    assert_eq!(root(Some(whole()), &Place::NewDirect(user_id(BOB))), None);
    let deleted = Post { deleted: true, ..whole() };
    let reply = Post { root_id: Some(post_id()), ..whole() };
    let elsewhere = Post { channel_id: channel_id("ops"), ..whole() };
    for wrong in [deleted, reply, elsewhere] {
        assert_eq!(root(Some(wrong.clone()), &in_dev()), None, "{wrong:?}");
    }
}

#[test]
fn a_root_is_read_if_it_is_an_id_and_never_refused() {
    let id = post_id();
    let payload = read(&format!(r#"{{"root_id":"{id}"}}"#));
    assert_eq!((payload.root_id, payload.names_root()), (Some(id), true));
    for wrong in ["\"x\"", "5", "{}", "[]"] {
        let payload = read(&format!(r#"{{"text":"a","root_id":{wrong}}}"#));
        assert_eq!((payload.text.as_str(), payload.root_id, payload.names_root()), ("a", None, true), "{wrong}");
    }
    assert!(!read("{}").names_root() && !read(r#"{"root_id":null}"#).names_root());
}

#[test]
fn a_key_comes_from_its_member_or_from_where_the_address_says() {
    let key = |json: &str, by| read(json).take_upsert_key(by).map(|key| key.as_str().to_owned());
    let both = r#"{"upsert_key":"k","attachments":[{"callback_id":"c"},{"callback_id":"d"}]}"#;
    let attached = r#"{"attachments":[null,{"callback_id":"c"},{"callback_id":"d"}]}"#;
    let by = UpsertBy::parse("callback_id");
    assert_eq!((by, UpsertBy::parse("x"), UpsertBy::parse("")), (Some(UpsertBy::CallbackId), None, None));
    assert_eq!(key(both, by), Some("k".to_owned()));
    assert_eq!(key(both, None), Some("k".to_owned()));
    assert_eq!(key(attached, by), Some("c".to_owned()));
    assert_eq!(key(attached, None), None);
    assert_eq!(key(r#"{"attachments":[{"callback_id":5}]}"#, by), None);
    assert_eq!(key(r#"{"attachments":[{"callback_id":"a"}],"attachments":[{}]}"#, by), None);
    assert_eq!(key(r#"{"upsert_key":null}"#, None), None);
    for wrong in ["\"\"", "5", r#""\u0000""#, &format!("\"{}\"", "a".repeat(129))] {
        let json = format!(r#"{{"upsert_key":{wrong}}}"#);
        assert!(Payload::from_json(json.as_bytes(), Leniency::default()).is_err(), "{wrong}");
    }
}

#[test]
fn a_hook_changes_its_own_live_posts_alone() {
    let whole = post(json!({}));
    assert_eq!(own(Some(whole.clone()), &hook()), Ok(whole.clone()));
    let foreign = Post { origin: Some(Origin([1; 16])), ..whole.clone() };
    let by_hand = Post { origin: None, ..whole.clone() };
    let deleted = Post { deleted: true, ..whole };
    for wrong in [Some(foreign), Some(by_hand), Some(deleted), None] {
        assert_eq!(own(wrong.clone(), &hook()), Err(ReceiveError::UnknownPost), "{wrong:?}");
    }
}

#[test]
fn what_is_named_takes_the_place_of_what_was_there() {
    let old = || post(json!({ "card": "c", "from_webhook": "true" }));
    let text = patch(old(), r#"{"text":"new"}"#).unwrap();
    assert_eq!(text.message, "new");
    assert_eq!(Value::Object(text.props.entries), json!({ "card": "c", "from_webhook": "true" }));
    assert_eq!((text.destination, text.user_id), (Destination::Channel(channel_id("dev")), user_id(OWNER)));
    let props = patch(old(), r#"{"props":{"mine":1}}"#).unwrap();
    assert_eq!(props.message, "old");
    assert_eq!(Value::Object(props.props.entries), json!({ "mine": 1, "from_webhook": "true" }));
    let attached = patch(old(), r#"{"attachments":[{"title":"T"}]}"#).unwrap();
    assert_eq!((attached.message.as_str(), attached.props.attachments.len()), ("old", 1));
}

#[test]
fn the_signature_of_a_post_stays() {
    let names = [
        "ai_generated_by",
        "ai_generated_by_username",
        "from_bot",
        "from_oauth_app",
        "from_webhook",
        "override_icon_emoji",
        "override_icon_url",
        "override_username",
        "webhook_display_name",
    ];
    let all = |value: &str| Value::Object(names.iter().map(|name| ((*name).to_owned(), json!(value))).collect());
    let faked = json!({ "props": all("fake") }).to_string();
    for overrides in [Overrides::default(), Overrides { icon: true, username: true }] {
        let kept = patched(post(all("true")), read(&faked), overrides).unwrap();
        assert_eq!(Value::Object(kept.props.entries), all("true"));
        let none = patched(post(json!({})), read(&faked), overrides).unwrap();
        assert_eq!(Value::Object(none.props.entries), json!({}));
    }
}

#[test]
fn what_follows_from_the_text_is_found_anew() {
    let stale = post(json!({ "channel_mentions": {}, "mentionHighlightDisabled": true, "a": 1 }));
    assert_eq!(Value::Object(patch(stale, r#"{"text":"b"}"#).unwrap().props.entries), json!({ "a": 1 }));
}

#[test]
fn an_edit_must_name_something_and_leave_something() {
    let old = || post(json!({}));
    let attached = || Post { post_type: "slack_attachment".into(), ..post(json!({ "attachments": [{}] })) };
    for nothing in ["{}", "null", r#"{"text":null,"props":null,"attachments":null}"#, r#"{"username":"u"}"#] {
        assert_eq!(patch(old(), nothing), Err(ReceiveError::NoText), "{nothing}");
    }
    assert_eq!(patch(old(), r#"{"text":""}"#), Err(ReceiveError::NoText));
    assert_eq!(patch(attached(), r#"{"text":"","attachments":[]}"#), Err(ReceiveError::NoText));
    assert_eq!(patch(attached(), r#"{"text":""}"#).unwrap().message, "");
    assert_eq!(patch(old(), r#"{"text":"","attachments":[{}]}"#).unwrap().message, "");
}

#[test]
fn the_type_follows_the_attachments() {
    let typed = |post_type: &str, props| Post { post_type: post_type.to_owned(), ..post(props) };
    let cases = [
        (typed("custom_x", json!({})), r#"{"text":"a"}"#, "custom_x"),
        (typed("custom_x", json!({})), r#"{"attachments":[{}]}"#, "slack_attachment"),
        (typed("slack_attachment", json!({ "attachments": [{}] })), r#"{"text":"a"}"#, "slack_attachment"),
        (typed("slack_attachment", json!({ "attachments": [{}] })), r#"{"attachments":[]}"#, ""),
        (typed("slack_attachment", json!({ "attachments": [{}] })), r#"{"props":{}}"#, "slack_attachment"),
    ];
    for (old, json, want) in cases {
        assert_eq!(patch(old.clone(), json).unwrap().post_type, want, "{old:?} {json}");
    }
}

#[test]
fn an_edited_post_stays_one() {
    let long = json!({ "text": "a".repeat(16_384) }).to_string();
    assert_eq!(patch(post(json!({})), &long), Err(ReceiveError::WouldSplit));
    let large = json!({ "props": { "card": "a".repeat(760_000) } }).to_string();
    assert_eq!(patch(post(json!({})), &large), Err(ReceiveError::TooLarge));
    assert_eq!(one(Vec::new()), Err(ReceiveError::WouldSplit));
}
