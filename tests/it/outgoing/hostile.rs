//! Bodies that no client of ours would send.

use serde_json::{Value, json};

use super::{BODY, call, hook_object, hook_with, listed, made, path, site};

const TEXTS: [&str; 10] = [
    "id",
    "token",
    "creator_id",
    "channel_id",
    "team_id",
    "display_name",
    "description",
    "content_type",
    "username",
    "icon_url",
];
const WORDS: [&str; 4] = ["5", "true", "[]", "{}"];
const LISTS: [&str; 5] = ["\"x\"", "5", "true", "{}", "[1]"];
const WHOLE: [&str; 7] = ["\"1\"", "1.5", "1.0", "true", "[]", "{}", "9223372036854775808"];

#[tokio::test]
async fn every_member_of_a_hook_refuses_every_wrong_type_and_says_where() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let mut places: Vec<(&str, &[&str])> = TEXTS.iter().map(|name| (*name, &WORDS[..])).collect();
    places.extend(["trigger_words", "callback_urls"].map(|name| (name, &LISTS[..])));
    places.extend(["create_at", "update_at", "delete_at", "trigger_when"].map(|name| (name, &WHOLE[..])));
    for (name, wrong) in places {
        for value in wrong {
            for (method, path) in [("POST", String::new()), ("PUT", path(&hook))] {
                let body = hook_object(&site).to_string().replacen('{', &format!("{{\"{name}\":{value},"), 1);
                let answer = call(&site, "admin", method, &path, body.clone()).await;
                assert_eq!(answer.brief(), (400, BODY.into()), "{body}");
                assert!(answer.detail().starts_with(&format!("`/{name}")), "{body}: {}", answer.detail());
                assert!(!site.observed().contains("a.example"), "{}", site.observed());
            }
        }
    }
    assert_eq!(listed(&site, "admin", "").await, [hook]);
}

#[tokio::test]
async fn null_is_what_a_member_is_when_it_is_not_there() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let mut names = TEXTS.to_vec();
    names.extend(["create_at", "update_at", "delete_at", "trigger_when", "trigger_words", "callback_urls"]);
    for name in names {
        let without = |method: &str| {
            let mut body = hook_with(&site, json!({ "channel_id": site.dev, "trigger_words": ["other"] }));
            if method == "PUT" {
                body["id"] = hook["id"].clone();
            }
            body.as_object_mut().unwrap().remove(name);
            body
        };
        for (method, path) in [("POST", String::new()), ("PUT", path(&hook))] {
            let absent = call(&site, "admin", method, &path, without(method).to_string()).await;
            if method == "POST" && absent.status == 201 {
                assert_eq!(call(&site, "admin", "DELETE", &super::path(&absent.json()), "").await.status, 200);
            }
            let mut null = without(method);
            null[name] = Value::Null;
            let null = call(&site, "admin", method, &path, null.to_string()).await;
            assert_eq!(null.status, absent.status, "{method} {name}: {null:?}");
            if absent.status >= 400 {
                assert_eq!(null.id(), absent.id(), "{method} {name}");
            } else if method == "POST" {
                assert_eq!(call(&site, "admin", "DELETE", &super::path(&null.json()), "").await.status, 200);
            }
        }
    }
}

#[tokio::test]
async fn what_is_too_much_is_refused() {
    let site = site().await;
    let many = |count: usize, item: &str| format!("[{}]", vec![item; count].join(","));
    let rule = |name: &str| format!("model.outgoing_hook.is_valid.{name}.app_error");
    let cases = [
        ("trigger_words", many(60_000, "\"a\""), 400, rule("words")),
        ("trigger_words", many(50_000, "null"), 400, rule("words")),
        ("callback_urls", many(2_000, "\"http://a\""), 400, rule("callback")),
        ("trigger_words", "[".repeat(100_000), 400, BODY.to_owned()),
        ("wings", format!("{}{}", "[".repeat(64), "]".repeat(64)), 400, BODY.to_owned()),
        ("wings", format!("{}{}", "{\"a\":".repeat(30_000), "}".repeat(30_000)), 400, BODY.to_owned()),
        ("description", format!("\"{}\"", "x".repeat(299_000)), 400, rule("description")),
        (
            "description",
            format!("\"{}\"", "x".repeat(301_000)),
            413,
            "api.context.request_body_too_large.app_error".to_owned(),
        ),
    ];
    for (name, value, status, id) in cases {
        let body = hook_object(&site).to_string();
        let body = format!("{},\"{name}\":{value}}}", body.strip_suffix('}').unwrap());
        let answer = call(&site, "admin", "POST", "", body).await;
        assert_eq!(answer.brief(), (status, id), "{name}");
    }
    assert!(listed(&site, "admin", "").await.is_empty());
}

#[tokio::test]
async fn strange_characters_are_kept_or_refused_and_never_change() {
    let site = site().await;
    let strange = ["\u{FEFF}", "\u{202E}abc", "👩‍👩‍👧", "a\nb\tc", "\u{1}", "<script>&", "\u{2028}", "\\\"", "\u{FFFD}"];
    for (number, text) in strange.into_iter().enumerate() {
        let members = json!({
            "display_name": text, "description": text, "content_type": text, "username": text, "icon_url": text,
            "trigger_words": [text, number.to_string()],
        });
        let hook = made(&site, "admin", members.clone()).await;
        for (name, value) in members.as_object().unwrap() {
            assert_eq!(&hook[name], value, "{name}");
        }
        assert_eq!(super::shown(&site, &hook).await, hook);
    }
    for (name, id) in [
        ("display_name", "is_valid.display_name"),
        ("description", "is_valid.description"),
        ("content_type", "is_valid.content_type"),
        ("username", "username"),
        ("icon_url", "icon_url"),
    ] {
        let mut body = hook_with(&site, json!({ "trigger_words": ["nul"] }));
        body[name] = json!("a\0b");
        let answer = call(&site, "admin", "POST", "", body.to_string()).await;
        assert_eq!(answer.brief(), (400, format!("model.outgoing_hook.{id}.app_error")), "{name}");
    }
    let broken = [
        &br#"{"team_id":""#[..],
        site.team.as_str().as_bytes(),
        br#"","trigger_words":["a"],"callback_urls":["http://b"],"display_name":"a"#,
        b"\xFF\xC0\"}",
    ]
    .concat();
    let answer = call(&site, "admin", "POST", "", broken).await;
    assert_eq!((answer.status, &answer.json()["display_name"]), (201, &json!("a\u{FFFD}\u{FFFD}")));
}

#[tokio::test]
async fn strange_paths_and_queries_find_nothing() {
    let site = site().await;
    made(&site, "admin", json!({})).await;
    let nothing = "api.context.404.app_error";
    for (path, status, id) in [
        ("/%2e%2e", 404, nothing),
        ("/abc%00", 404, nothing),
        ("/%C3%A9", 404, nothing),
        ("/abc", 400, super::URL_PARAMETER),
        ("/aaaaaaaaaaaaaaaaaaaaaaaaaa", 404, super::NOT_FOUND),
    ] {
        let answer = call(&site, "admin", "GET", path, "").await;
        assert_eq!(answer.brief(), (status, id.into()), "{path}");
    }
    for query in ["?channel_id=%00", "?channel_id=%FF", "?channel_id=-"] {
        assert_eq!(call(&site, "admin", "GET", query, "").await.status, 403, "{query}");
    }
    for query in ["?team_id=%00", "?team_id=%FF", "?team_id=-"] {
        assert!(listed(&site, "admin", query).await.is_empty(), "{query}");
    }
}
