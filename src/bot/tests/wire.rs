//! What travels.

use serde_json::{Value, json};

use super::{bot, disabled, id};
use crate::bot::wire::{BotObject, list_tag, tag};
use crate::bot::{Bot, BotError, BotRequest, user_patch};
use crate::id::Millis;

/// BOT-1, BOT-2: members, their order, and those that are left out when they say nothing.
#[test]
fn a_bot_is_shown_with_the_members_that_say_something() {
    let text = |bot: &Bot| serde_json::to_string(&BotObject::new(bot)).unwrap();
    let full = Bot { last_icon_update: Millis(5), ..disabled(2) };
    let want = format!(
        r#"{{"user_id":"{}","username":"robot","display_name":"Release robot","description":"posts releases","owner_id":"{}","last_icon_update":5,"create_at":1000,"update_at":2000,"delete_at":1500}}"#,
        id(2),
        id(1)
    );
    assert_eq!(text(&full), want);
    let bare = Bot { description: String::new(), display_name: String::new(), ..bot(2) };
    let want = format!(
        r#"{{"user_id":"{}","username":"robot","owner_id":"{}","create_at":1000,"update_at":2000,"delete_at":0}}"#,
        id(2),
        id(1)
    );
    assert_eq!(text(&bare), want);
}

/// BOT-14.
#[test]
fn a_tag_names_the_last_change() {
    assert_eq!(tag(&bot(2)), format!("11.6.0.{}.2000", id(2)));
    assert_eq!(list_tag(&[]), "11.6.0.0.0.0.0");
    let at = |number, time| Bot { update_at: Millis(time), ..bot(number) };
    assert_eq!(list_tag(&[at(2, 5), at(3, 9), at(4, 7)]), format!("11.6.0.{}.9.0.3", id(3)));
    assert_eq!(list_tag(&[at(2, 9), at(3, 9)]), format!("11.6.0.{}.9.0.2", id(2)), "the first of equals");
}

/// BOT-4, API-11.
#[test]
fn three_members_are_read_and_the_others_ignored() {
    let read = |text: &str| BotRequest::from_json(text.as_bytes()).unwrap();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(read("{}"), BotRequest::default());
    let whole = r#"{"user_id":"","Username":"u","display_name":"d","description":"","owner_id":5,"delete_at":[]} rest"#;
    assert_eq!(read(whole), BotRequest { username: some("u"), display_name: some("d"), description: some("") });
    assert_eq!(read(r#"{"username":null,"display_name":null,"description":null}"#), BotRequest::default());
    assert_eq!(read(r#"{"username":"a","USERNAME":"b"}"#).username, some("b"));
    assert_eq!(read(r#"{"username":"a","username":null}"#).username, None);
}

#[test]
fn what_is_no_bot_is_refused() {
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    let texts = [
        "",
        "null",
        "[]",
        "5",
        "\"robot\"",
        "{",
        "{\"username\":\"x",
        "{\"username\":5}",
        "{\"display_name\":{}}",
        "{\"description\":true}",
        "username=formed",
        "\u{feff}{}",
        &deep,
    ];
    for text in texts {
        assert!(BotRequest::from_json(text.as_bytes()).is_err(), "{:?}", text.get(..20));
    }
}

fn patched(text: &Value) -> Result<Value, BotError> {
    user_patch(text.to_string().as_bytes()).map(|patch| Value::Object(patch.expose().clone()))
}

/// BOT-45: nothing that makes an account more than it was gets through.
#[test]
fn of_a_user_patch_only_what_users_say_of_themselves_is_kept() {
    let known = json!({
        "username": "u", "password": "p", "nickname": "n", "first_name": "f", "last_name": "l", "position": "p",
        "email": "e", "locale": "de", "remote_id": "r", "props": { "a": "b" }, "notify_props": { "email": "true" },
        "timezone": { "useAutomaticTimezone": "true" },
    });
    let mut more = known.clone();
    for member in ["id", "roles", "auth_service", "auth_data", "is_bot", "delete_at", "mfa_secret"] {
        more[member] = json!("system_admin");
    }
    assert_eq!(patched(&more), Ok(known));
    let nulls = json!({ "password": "p", "username": null, "props": null, "notify_props": { "email": null } });
    assert_eq!(patched(&nulls), Ok(json!({ "password": "p", "notify_props": { "email": "" } })));
    let twice = br#"{"password":"p","nickname":"n","nickname":null}"#;
    assert_eq!(user_patch(twice).unwrap().expose().len(), 1);
}

#[test]
fn a_user_patch_has_a_password_and_fits() {
    let long = |length: usize| json!({ "password": "p", "nickname": "n".repeat(length) });
    let overhead = long(0).to_string().len();
    assert!(patched(&long(60_000 - overhead)).is_ok());
    let wrong = [
        json!({}),
        json!({ "password": "" }),
        json!({ "password": null }),
        json!({ "password": 5 }),
        json!({ "password": "p", "props": { "a": 5 } }),
        json!({ "password": "p", "props": [] }),
        json!({ "password": "p", "username": [] }),
        json!([]),
        json!(null),
        long(60_001 - overhead),
    ];
    for text in wrong {
        let refused = patched(&text);
        assert!(matches!(refused, Err(BotError::Body { object: "userPatch", .. })), "{refused:?}");
    }
    assert!(user_patch(b"").is_err());
}

#[test]
fn a_refused_patch_does_not_tell_the_password() {
    let refused = patched(&json!({ "password": "hush", "username": 5 }));
    assert!(!format!("{refused:?}").contains("hush"));
    let kept = user_patch(br#"{"password":"hush"}"#);
    assert!(!format!("{kept:?}").contains("hush"));
}
