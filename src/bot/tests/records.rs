//! What is stored.

use bytes::Bytes;

use super::{bot, disabled, id};
use crate::bot::{Bot, BotRecord, BotSettings, Deed, Ensured, Pending, Step};
use crate::id::Millis;
use crate::port::BotAccount;
use crate::record::{self, Kind};

fn pending(step: Step, becomes: Option<Bot>) -> Pending {
    Pending { actor: Some(id(9)), becomes, began: Millis(3_000), deed: Deed::Update, nonce: u64::MAX, step }
}

#[test]
fn what_was_written_is_read() {
    let records = [
        BotRecord::settled(bot(2)),
        BotRecord { bot: None, pending: Some(pending(Step::Save { greets: true }, Some(bot(2)))) },
        BotRecord { bot: None, pending: Some(pending(Step::ToBot, Some(bot(2)))) },
        BotRecord { bot: Some(bot(2)), pending: Some(pending(Step::ToUser { system_admin: true }, None)) },
    ];
    for record in records {
        let read = record::decode::<BotRecord>(&record::encode(&record, b"sealed").unwrap()).unwrap();
        assert_eq!((read.kind, &read.sealed[..]), (record, &b"sealed"[..]));
    }
    let ensured = Ensured { user_id: id(2) };
    assert_eq!(record::decode::<Ensured>(&record::encode(&ensured, b"").unwrap()).unwrap().kind, ensured);
    assert!(ensured.index().is_empty());
}

/// A later release reads what this one wrote.
#[test]
fn a_record_looks_as_it_always_did() {
    let want = format!(
        r#"{{"bot":{{"create_at":1000,"delete_at":0,"description":"posts releases","display_name":"Release robot","last_icon_update":0,"owner_id":"{}","update_at":2000,"user_id":"{}","username":"robot"}}}}"#,
        id(1),
        id(2)
    );
    let want = [b"\x01\0\0", want.as_bytes()].concat();
    assert_eq!(record::encode(&BotRecord::settled(bot(2)), b"").unwrap(), Bytes::from(want));
}

#[test]
fn a_record_stands_where_it_is_looked_for() {
    let places = |record: BotRecord| -> Vec<(&'static str, Vec<u8>)> {
        record.index().into_iter().map(|entry| (entry.index.0, entry.value.to_vec())).collect()
    };
    let time = Millis(1_000).to_sortable().to_vec();
    let owner = [&BotRecord::owner_prefix(id(1).as_str())[..], &time].concat();
    let all = vec![
        ("time", time.clone()),
        ("owner", owner.clone()),
        ("enabled_time", time.clone()),
        ("enabled_owner", owner.clone()),
    ];
    assert_eq!(places(BotRecord::settled(bot(2))), all);
    assert_eq!(places(BotRecord::settled(disabled(2))), [("time", time.clone()), ("owner", owner)]);
    let began = ("pending", Millis(3_000).to_sortable().to_vec());
    let new = BotRecord { bot: None, pending: Some(pending(Step::Save { greets: true }, Some(bot(2)))) };
    assert_eq!(places(new), std::slice::from_ref(&began));
    let changing = BotRecord { bot: Some(bot(2)), pending: Some(pending(Step::Save { greets: false }, Some(bot(2)))) };
    assert_eq!(places(changing), [vec![began], all].concat());
}

#[test]
fn owners_of_any_length_are_told_apart() {
    let long = "é".repeat(190);
    let prefixes = ["a", "b", long.as_str(), ""].map(BotRecord::owner_prefix);
    for (place, prefix) in prefixes.iter().enumerate() {
        assert!(!prefixes[..place].contains(prefix) && *prefix != [0; 16] && *prefix != [1; 16]);
    }
}

#[test]
fn the_account_says_what_the_bot_says() {
    let want = BotAccount {
        description: "posts releases".to_owned(),
        disabled: false,
        display_name: "Release robot".to_owned(),
        id: id(2),
        username: "robot".to_owned(),
    };
    assert_eq!(bot(2).account(), want);
    assert_eq!(disabled(2).account(), BotAccount { disabled: true, ..want });
    assert!(disabled(2).is_disabled() && !bot(2).is_disabled());
}

#[test]
fn audits_call_it_by_a_word() {
    use Deed::{Assign, Convert, Create, Delete, Disable, Enable, Update};
    let words = [Assign, Convert, Create, Delete, Disable, Enable, Update].map(Deed::word);
    assert_eq!(words, ["assign", "convert", "create", "delete", "disable", "enable", "update"]);
}

#[test]
fn settings_begin_as_the_reference_has_them() {
    let BotSettings { creation_enabled, disable_when_owner_is_deactivated, refuse_deactivated_owners } =
        BotSettings::default();
    let got = (creation_enabled, disable_when_owner_is_deactivated, refuse_deactivated_owners);
    assert_eq!(got, (false, true, false));
}
