//! A wrong JSON type anywhere refuses the whole body and says where.

use serde_json::Value;

use super::{DECODE, at};
use crate::host::{Site, hook_object};

const WORDS: [&str; 4] = ["5", "true", "[]", "{}"];
const LISTS: [&str; 4] = ["\"x\"", "5", "true", "{}"];
const OBJECTS: [&str; 4] = ["\"x\"", "5", "true", "[]"];
const FLAGS: [&str; 4] = ["\"true\"", "1", "[]", "{}"];
const WHOLE: [&str; 6] = ["\"1\"", "1.5", "1.0", "true", "[]", "{}"];
const SHORT: [&str; 8] = ["null", "0", "1", "\"\"", "\"yes\"", "\" true\"", "[]", "{}"];

/// Every place of a payload, and what may not stand there.
fn places() -> Vec<(String, &'static [&'static str])> {
    let mut places: Vec<(String, &'static [&'static str])> = Vec::new();
    let mut add = |within: &str, names: &[&str], wrong: &'static [&'static str]| {
        places.extend(names.iter().map(|name| (format!("{within}/{name}"), wrong)));
    };
    let (attachment, field, action) = ("/attachments/0", "/attachments/0/fields/0", "/attachments/0/actions/0");
    add("", &["text", "username", "icon_url", "icon_emoji", "channel", "type", "upsert_key"], &WORDS);
    add("", &["props", "priority", "attachments/0"], &OBJECTS);
    add("", &["attachments"], &LISTS);
    add("/priority", &["priority"], &WORDS);
    add("/priority", &["requested_ack", "persistent_notifications"], &FLAGS);
    add(attachment, &["fallback", "color", "pretext", "author_name", "author_link", "author_icon", "title"], &WORDS);
    add(attachment, &["title_link", "text", "image_url", "thumb_url", "footer", "footer_icon"], &WORDS);
    add(attachment, &["id"], &WHOLE);
    add(attachment, &["fields", "actions"], &LISTS);
    add(attachment, &["fields/0", "actions/0"], &OBJECTS);
    add(field, &["title"], &WORDS);
    add(field, &["short"], &SHORT);
    add(action, &["id", "type", "name", "tooltip", "style", "data_source", "default_option", "cookie"], &WORDS);
    add(action, &["disabled"], &FLAGS);
    add(action, &["options"], &LISTS);
    add(action, &["options/0", "integration", "integration/context"], &OBJECTS);
    add(action, &["options/0/text", "options/0/value", "integration/url"], &WORDS);
    places
}

#[tokio::test]
async fn every_member_of_a_payload_refuses_every_wrong_type_and_says_where() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let mut seen = 0;
    for (pointer, wrong) in places() {
        for value in wrong {
            let body = at(&pointer, value).replacen('{', "{\"text\":\"a\",", 1);
            let answer = site.call(&hook, body.clone()).await;
            assert_eq!(answer.brief(), (400, DECODE.into()), "{body}");
            let detail = answer.detail();
            assert!(detail.starts_with(&format!("`{pointer}`: expected ")), "{body}: {detail}");
            assert!(site.observed().contains(&detail), "{body}: {}", site.observed());
            seen += 1;
        }
    }
    assert!(seen > 170 && site.posts().is_empty(), "{seen}");
}

#[tokio::test]
async fn null_leaves_every_member_as_it_was() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for (pointer, _) in places().into_iter().filter(|(pointer, _)| !pointer.ends_with("/short")) {
        if pointer == "/priority/priority" {
            continue;
        }
        // A priority without a level is refused for that, so this one has one.
        let body = at(&pointer, "null").replacen("\"priority\":{", "\"priority\":{\"priority\":\"\",", 1);
        let body = format!("{},\"text\":\"a\"}}", body.strip_suffix('}').unwrap());
        let answer = site.call(&hook, body.clone()).await;
        assert_eq!(answer.brief(), (200, "ok".into()), "{body}");
    }
}

#[tokio::test]
async fn null_in_an_array_is_left_out() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for pointer in ["fields/0", "actions/0", "actions/0/options/0"] {
        let body = at(&format!("/attachments/0/{pointer}"), "null");
        assert_eq!(site.call(&hook, body.clone()).await.status, 200, "{body}");
        let stored = site.last().props()["attachments"].clone();
        assert!(stored.pointer(&format!("/0/{pointer}")).is_none(), "{stored}");
    }
    let body = r#"{"attachments":[null,{"title":"a"},null,{"title":"b"}]}"#;
    assert_eq!(site.call(&hook, body).await.status, 200);
    let stored = site.last().props()["attachments"].clone();
    let titles: Vec<_> = stored.as_array().unwrap().iter().map(|one| one["title"].clone()).collect();
    assert_eq!(titles, ["a", "b"]);
}

#[tokio::test]
async fn every_member_of_a_hook_refuses_every_wrong_type_and_says_where() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let texts = ["id", "user_id", "channel_id", "team_id", "display_name", "description", "username", "icon_url"];
    let mut places: Vec<(&str, &[&str])> = texts.iter().map(|name| (*name, &WORDS[..])).collect();
    places.extend(["create_at", "update_at", "delete_at"].map(|name| (name, &WHOLE[..])));
    places.push(("channel_locked", &FLAGS));
    let mut before: Value = site.manage("admin", "GET", &format!("/{hook}"), "").await.json();
    for (name, wrong) in places {
        for value in wrong {
            for (method, path) in [("POST", String::new()), ("PUT", format!("/{hook}"))] {
                let mut body = hook_object(site.dev);
                body["id"] = if method == "PUT" { hook.as_str().into() } else { "".into() };
                body[name] = serde_json::from_str(value).unwrap();
                let answer = site.manage("admin", method, &path, body.to_string()).await;
                assert_eq!(answer.brief(), (400, "api.context.invalid_body_param.app_error".into()), "{body}");
                let detail = answer.detail();
                assert!(detail.starts_with(&format!("`/{name}`: expected ")), "{body}: {detail}");
            }
        }
    }
    let listed = site.manage("admin", "GET", "", "").await.json();
    assert_eq!(listed, Value::Array(vec![before.take()]));
}
