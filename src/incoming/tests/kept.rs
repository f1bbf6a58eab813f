//! The hook object on the wire and in storage.

use super::{OWNER, TEAM, channel_id, hook};
use crate::id::{HookId, Millis};
use crate::incoming::IncomingWebhook;
use crate::incoming::wire::{CountedHooks, HookObject, HookRequest, WrittenId};
use crate::port::IndexEntry;
use crate::record::{Kind, decode, encode};

#[test]
fn a_hook_is_shown_with_every_member_in_order() {
    let id = HookId::new("hook111111111111111111111");
    let mut hook = hook();
    hook.channel_locked = true;
    (hook.description, hook.icon_url, hook.username) = ("About".into(), "i".into(), "ci".into());
    let channel = channel_id("dev");
    let want = format!(
        concat!(
            r#"{{"id":"hook111111111111111111111","create_at":1000,"update_at":2000,"delete_at":0,"user_id":"{}","#,
            r#""channel_id":"{}","team_id":"{}","display_name":"Deploys","description":"About","username":"ci","#,
            r#""icon_url":"i","channel_locked":true}}"#
        ),
        OWNER, channel, TEAM
    );
    let shown = HookObject::new(&id, &hook);
    assert_eq!(serde_json::to_string(&shown).unwrap(), want);
    let counted = CountedHooks { incoming_webhooks: vec![shown], total_count: 7 };
    let want = format!(r#"{{"incoming_webhooks":[{want}],"total_count":7}}"#);
    assert_eq!(serde_json::to_string(&counted).unwrap(), want);
}

#[test]
fn a_hook_object_is_read_by_its_keys() {
    let body = r#"{"id":"1","user_id":"2","Channel_ID":"3","team_id":"4","display_name":"5","description":"6",
        "username":"7","icon_url":"8","channel_locked":true,"create_at":1,"update_at":2,"delete_at":3,"else":[]} junk"#;
    let want = HookRequest {
        channel_id: "3".into(),
        channel_locked: true,
        description: "6".into(),
        display_name: "5".into(),
        icon_url: "8".into(),
        id: WrittenId("1".into()),
        team_id: "4".into(),
        user_id: "2".into(),
        username: "7".into(),
    };
    assert_eq!(HookRequest::from_json(body.as_bytes()), Ok(want));
    let nulls = r#"{"id":null,"channel_locked":null,"create_at":null,"update_at":null,"delete_at":null}"#;
    for empty in ["null", "{}", nulls] {
        assert_eq!(HookRequest::from_json(empty.as_bytes()), Ok(HookRequest::default()), "{empty}");
    }
}

#[test]
fn a_wrong_type_refuses_a_hook_object() {
    let texts = ["id", "user_id", "channel_id", "team_id", "display_name", "description", "username", "icon_url"];
    for key in texts.into_iter().chain(["channel_locked"]) {
        assert!(HookRequest::from_json(format!(r#"{{"{key}":5}}"#).as_bytes()).is_err(), "{key}");
    }
    for key in ["create_at", "update_at", "delete_at"] {
        for value in [r#""5""#, "1.5"] {
            assert!(HookRequest::from_json(format!(r#"{{"{key}":{value}}}"#).as_bytes()).is_err(), "{key}: {value}");
        }
    }
    for body in ["", "[]", "\"x\"", "{", "{\"description\":\"a\nb\"}"] {
        assert!(HookRequest::from_json(body.as_bytes()).is_err(), "{body:?}");
    }
}

#[test]
fn what_is_remembered_is_read_again() {
    let texts = ["", "a", "bc", "def"].map(str::to_owned);
    for (retires_at, channel_locked) in [(None, false), (Some(Millis(9_000)), true)] {
        let [description, display_name, icon_url, username] = texts.clone();
        let texts = IncomingWebhook { description, display_name, icon_url, username, ..hook() };
        let hook = IncomingWebhook { retires_at, channel_locked, ..texts };
        let body = encode(&hook, b"sealed").unwrap();
        assert_eq!(decode::<IncomingWebhook>(&body).unwrap().kind, hook);
    }
}

#[test]
fn an_id_ends_at_its_time() {
    let until = |end| IncomingWebhook { retires_at: end, ..hook() };
    assert!(until(None).is_live(Millis(i64::MAX)));
    assert!(until(Some(Millis(100))).is_live(Millis(99)));
    assert!(!until(Some(Millis(100))).is_live(Millis(100)));
}

#[test]
fn a_hook_is_found_by_each_list_that_it_belongs_to() {
    let channel = channel_id("dev");
    let entry = |index, value: String| {
        let mut value = value.into_bytes();
        value.extend_from_slice(&Millis(1_000).to_sortable());
        IndexEntry::new(index, value)
    };
    let by_origin = IndexEntry::new(IncomingWebhook::BY_ORIGIN, hook().origin.0.to_vec());
    let lists = [
        entry(IncomingWebhook::BY_TIME, String::new()),
        entry(IncomingWebhook::BY_TEAM, TEAM.to_owned()),
        entry(IncomingWebhook::BY_TEAM_AND_OWNER, format!("{TEAM}{OWNER}")),
    ];
    let by_channel = entry(IncomingWebhook::BY_CHANNEL, channel.as_str().to_owned());
    let by_owner = entry(IncomingWebhook::BY_OWNER, OWNER.to_owned());
    let current = hook().index();
    assert!(lists.iter().chain([&by_channel, &by_owner, &by_origin]).all(|entry| current.contains(entry)));
    assert_eq!(current.len(), 6);
    let retired = IncomingWebhook { retires_at: Some(Millis(9_000)), ..hook() }.index();
    assert_eq!(retired, [by_origin], "an id that was replaced leads to its hook, and is in no list");
}

#[test]
fn logs_name_a_hook_by_the_start_of_its_origin() {
    assert_eq!(hook().log_name().to_string(), "09090909");
}

#[test]
fn debug_does_not_leak_the_id_that_a_client_wrote() {
    let request = HookRequest::from_json(br#"{"id":"s3cret","channel_id":"c"}"#).unwrap();
    assert!(!format!("{request:?}").contains("s3cret"));
}
