//! What holds for any input: reading back what was rendered, and never a crash or a 5xx for what a sender wrote.

use bytes::Bytes;
use http::Request;
use jackfield::incoming::{Leniency, Payload};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::host::Site;

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[^\0]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            object(inner).prop_map(Value::from),
        ]
    })
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::btree_map("[^\0]{0,8}", inner, 0..5).prop_map(|members| members.into_iter().collect())
}

fn attachment() -> impl Strategy<Value = Value> {
    let text = || "[^\0]{0,20}";
    let field = (text(), value(), any::<bool>())
        .prop_map(|(title, value, short)| json!({ "title": title, "value": value, "short": short }));
    let action = (text(), any::<bool>(), object(value())).prop_map(
        |(text, flag, context)| json!({ "name": text, "disabled": flag, "integration": { "context": context } }),
    );
    let lists = (proptest::collection::vec(field, 0..4), proptest::collection::vec(action, 0..3));
    (any::<i64>(), text(), text(), value(), lists).prop_map(|(id, title, text, ts, (fields, actions))| {
        json!({ "id": id, "title": title, "text": text, "ts": ts, "fields": fields, "actions": actions })
    })
}

/// A payload as JSON text, written by us.
fn rendered(payload: &Payload) -> String {
    json!({
        "text": payload.text, "username": payload.username, "channel": payload.channel, "type": payload.post_type,
        "icon_url": payload.icon_url, "icon_emoji": payload.icon_emoji, "props": payload.props,
        "attachments": payload.attachments,
    })
    .to_string()
}

/// So many cases; what fails is shown, and nothing is written.
fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_payload_read_and_rendered_is_read_as_the_same(
        text in "[^\0]{0,40}",
        props in object(value()),
        attachments in proptest::collection::vec(attachment(), 0..4),
    ) {
        let body = json!({ "text": text, "props": props, "attachments": attachments }).to_string();
        let first = Payload::from_json(body.as_bytes(), Leniency::default()).unwrap();
        let second = Payload::from_json(rendered(&first).as_bytes(), Leniency::default()).unwrap();
        prop_assert_eq!(first, second);
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn props_as_stored_are_stored_as_the_same(
        props in object(value()),
        attachments in proptest::collection::vec(attachment(), 1..4),
    ) {
        wait(async {
            let site = Site::new().await;
            let hook = site.hook().await;
            let careful = |settings: &mut jackfield::engine::Settings| {
                settings.incoming.leniency.careful_attachment_links = true;
            };
            site.configure(careful);
            let body = json!({ "props": props, "attachments": attachments }).to_string().replace('<', "(");
            prop_assert_eq!(site.call(&hook, body).await.status, 200);
            let first = site.last().draft.props.to_json();
            let stored = site.last().props();
            let body = json!({ "props": stored, "attachments": stored["attachments"] }).to_string();
            prop_assert_eq!(site.call(&hook, body).await.status, 200);
            prop_assert_eq!(site.last().draft.props.to_json(), first);
            Ok(())
        })?;
    }

    #[test]
    fn a_hook_that_is_shown_and_sent_back_is_the_same(
        title in "[^\0]{0,64}",
        description in "[^\0]{0,100}",
        username in "[a-z0-9._-]{0,10}",
        locked in any::<bool>(),
    ) {
        prop_assume!(!["all", "channel", "system", "matterbot"].contains(&username.as_str()));
        wait(async {
            let site = Site::with(|settings| settings.overrides.username = true).await;
            let hook = json!({
                "channel_id": site.dev, "display_name": title, "description": description, "username": username,
                "channel_locked": locked,
            });
            let made = site.manage("admin", "POST", "", hook.to_string()).await;
            prop_assert_eq!(made.status, 201);
            let shown = made.json();
            prop_assert_eq!(&shown["display_name"], &json!(title));
            let path = format!("/{}", shown["id"].as_str().unwrap());
            let again = site.manage("admin", "PUT", &path, made.body.clone()).await;
            prop_assert_eq!((again.status, again.body), (201, made.body));
            Ok(())
        })?;
    }
}

const KINDS: [&str; 4] =
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain; a=\"b\""];

const SAMPLES: [&str; 3] = [
    r##"{"text":"a <b|c> @here ~dev","channel":"#dev","props":{"a":[1,{}]},"priority":{"priority":"urgent"},"attachments":[{"fields":[{"value":1e3,"short":true}],"actions":[{"options":[{}]}]}]}"##,
    "payload=%7B%22text%22%3A%22a%22%2C%22channel%22%3A%22%40bob%22%7D&x=y",
    "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\r\n--x\r\nContent-Disposition: form-data; name=\"attachments.0.text\"\r\n\r\nb\r\n--x--\r\n",
];

/// A sample with some of its bytes replaced, or any bytes.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..6);
    let changed = (0..SAMPLES.len(), changes).prop_map(|(sample, changes)| {
        let mut bytes = SAMPLES[sample].as_bytes().to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        bytes
    });
    prop_oneof![3 => changed, 1 => proptest::collection::vec(any::<u8>(), 0..300)]
}

#[test]
fn no_bytes_crash_a_call_or_are_answered_5xx() {
    let (site, hook) = wait(async {
        let site = Site::with(|settings| settings.incoming.sender_mistakes_are_400 = true).await;
        let hook = site.hook().await;
        (site, hook)
    });
    proptest!(cases(2_000), |(kind in 0..KINDS.len(), body in body())| {
        let request = Request::post(format!("/hooks/{hook}")).header("Content-Type", KINDS[kind]);
        let answer = wait(site.send(request.body(Bytes::from(body)).unwrap()));
        prop_assert!([200, 400, 403, 404].contains(&answer.status), "{answer:?}");
    });
}

#[test]
fn no_bytes_crash_the_management_or_are_answered_5xx() {
    let (site, hook) = wait(async {
        let site = Site::new().await;
        let hook = site.hook().await;
        (site, hook)
    });
    proptest!(cases(500), |(body in body(), path in "[A-Za-z0-9%./_~-]{0,30}", query in "[a-z0-9%&=;+./_~-]{0,30}")| {
        for (method, path) in [("POST", String::new()), ("PUT", format!("/{hook}")), ("GET", format!("?{query}"))] {
            let answer = wait(site.manage("admin", method, &path, body.clone()));
            prop_assert!((200..500).contains(&answer.status), "{answer:?}");
        }
        if let Ok(request) = Request::post(format!("/{path}?{query}")).body(Bytes::from(body)) {
            let answer = wait(site.send(request));
            prop_assert!((200..500).contains(&answer.status), "{answer:?}");
        }
    });
}
