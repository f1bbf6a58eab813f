//! U+0000 is refused where it would have to be stored (INC-95).

use serde_json::json;

use super::{DECODE, GENERAL, at};
use crate::host::Site;

#[tokio::test]
async fn in_what_a_payload_stores() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let attachments =
        ["title", "text", "pretext", "fallback", "color", "footer", "ts", "fields/0/title", "fields/0/value"];
    let actions = ["name", "id", "cookie", "options/0/text", "integration/url", "integration/context/a"];
    let mut pointers =
        vec!["/text".to_owned(), "/type".into(), "/channel".into(), "/props/a".into(), "/props/a/0".into()];
    pointers.push("/priority/priority".into());
    pointers.extend(attachments.map(|name| format!("/attachments/0/{name}")));
    pointers.extend(actions.map(|name| format!("/attachments/0/actions/0/{name}")));
    for pointer in pointers {
        let body = at(&pointer, r#""a\u0000b""#);
        let body = if pointer == "/text" { body } else { body.replacen('{', "{\"text\":\"a\",", 1) };
        assert_eq!(site.call(&hook, body.clone()).await.brief(), (400, DECODE.into()), "{body}");
    }
    for body in [r#"{"text":"a","props":{"a\u0000b":1}}"#, r#"{"text":"a","props":{"a":{"\u0000":[]}}}"#] {
        assert_eq!(site.call(&hook, body).await.brief(), (400, DECODE.into()), "{body}");
    }
    assert!(site.posts().is_empty());
    for body in [r#"{"text":"a","unknown":"\u0000"}"#, r#"{"text":"a","\u0000":1}"#, r#"{"text":"a\\u0000"}"#] {
        assert_eq!(site.call(&hook, body).await.status, 200, "{body}");
    }
    assert_eq!(site.messages(), ["a", "a", r"a\u0000"]);
}

#[tokio::test]
async fn in_the_name_of_a_user() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let answer = site.call(&hook, r#"{"text":"a","channel":"@b\u0000b"}"#).await;
    assert_eq!(answer.brief(), (400, GENERAL.into()));
}

#[tokio::test]
async fn in_names_and_icons_only_while_they_are_in_use() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for (name, value) in [("username", "a\0b"), ("icon_url", "a\0b"), ("icon_emoji", "a\0b")] {
        let body = json!({ "text": "a", name: value }).to_string();
        for (is_on, status) in [(false, 200), (true, 400)] {
            site.configure(|settings| {
                (settings.overrides.username, settings.overrides.icon) = (is_on, is_on);
            });
            let answer = site.call(&hook, body.clone()).await;
            assert_eq!(answer.status, status, "{name} {is_on}");
            assert!(is_on == (answer.id() == DECODE), "{name} {answer:?}");
        }
    }
}

#[tokio::test]
async fn in_the_fields_of_a_hook() {
    let site = Site::with(|settings| {
        (settings.overrides.username, settings.overrides.icon) = (true, true);
    })
    .await;
    let hook = site.hook().await;
    let cases = [
        ("display_name", "model.incoming_hook.display_name.app_error"),
        ("description", "model.incoming_hook.description.app_error"),
        ("icon_url", "model.incoming_hook.icon_url.app_error"),
        ("username", "api.incoming_webhook.invalid_username.app_error"),
    ];
    for (name, id) in cases {
        for (method, path, known) in [("POST", String::new(), ""), ("PUT", format!("/{hook}"), hook.as_str())] {
            let body = json!({ "id": known, "channel_id": site.dev, name: "a\0b" }).to_string();
            assert_eq!(site.manage("admin", method, &path, body).await.brief(), (400, id.into()), "{method} {name}");
        }
    }
}
