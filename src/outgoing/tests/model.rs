//! Records as bytes, and their places in indexes.

use super::super::{OutgoingWebhook, TeamGeneration};
use super::{NOW, channel, creator, hook, team};
use crate::delivery::Mode;
use crate::id::Millis;
use crate::port::Index;
use crate::record::{self, Kind};

fn read_again<K: Kind>(kind: &K) -> K {
    record::decode(&record::encode(kind, b"sealed").unwrap()).unwrap().kind
}

#[test]
fn what_was_written_is_read() {
    let bare = OutgoingWebhook {
        callback_urls: Vec::new(),
        channel_id: None,
        content_type: String::new(),
        trigger_when: i64::MIN,
        trigger_words: vec!["é\0".to_owned(), String::new()],
        ..hook()
    };
    for hook in [hook(), bare] {
        for mode in [None, Some(Mode::Full), Some(Mode::Off), Some(Mode::Safe)] {
            let hook = OutgoingWebhook { mode, ..hook.clone() };
            assert!(read_again(&hook) == hook, "{mode:?}");
        }
    }
    let generation = TeamGeneration { changed: NOW, number: 7 };
    assert_eq!(read_again(&generation), generation);
}

/// What is stored is read by later releases: it stays as it is.
#[test]
fn the_bytes_of_a_record_never_change() {
    let hook = OutgoingWebhook { mode: Some(Mode::Off), trigger_when: 1, ..hook() };
    let written = record::encode(&hook, b"").unwrap();
    let (channel, ids) = (channel(), [hook.id.as_str(), hook.team_id.as_str(), hook.creator_id.as_str()].concat());
    let want = [
        &b"\x01\0\0"[..],
        ids.as_bytes(),
        b"\x01",
        channel.as_str().as_bytes(),
        &hook.create_at.0.to_be_bytes(),
        &hook.update_at.0.to_be_bytes(),
        &1_i64.to_be_bytes(),
        b"\x02",
        b"\0\x02\0\0\0\x01x\0\0\0\x01y",
        b"\0\x02\0\0\0\x13https://a.example/u\0\0\0\x13https://a.example/v",
        b"\0\0\0\x10application/json\0\0\0\x03why\0\0\0\x07Deploys\0\0\0\x17https://a.example/i.png\0\0\0\x05robot",
    ];
    assert_eq!(written, want.concat());
    let written = record::encode(&TeamGeneration { changed: Millis(1), number: 2 }, b"").unwrap();
    assert_eq!(&written[..], b"\x01\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0\x01");
}

#[test]
fn a_record_that_is_damaged_is_not_read() {
    let written = record::encode(&hook(), b"").unwrap();
    for end in 0..written.len() {
        assert!(record::decode::<OutgoingWebhook>(&written.slice(..end)).is_err(), "cut at {end}");
    }
    let mode = 3 + 3 * 26 + 27 + 3 * 8;
    let mut wrong = written.to_vec();
    wrong[mode] = 4;
    let refused = record::decode::<OutgoingWebhook>(&wrong.into()).unwrap_err();
    assert_eq!(refused.to_string(), "a record is damaged: there is no such mode");
}

#[test]
fn a_hook_stands_in_every_list_that_shows_it() {
    let at = |parts: &[&str]| [parts.concat().as_bytes(), &NOW.to_sortable()].concat();
    let (channel, team, creator) = (channel(), team(), creator());
    let (channel, team, creator) = (channel.as_str(), team.as_str(), creator.as_str());
    let mut want = vec![
        ("channel", at(&[channel])),
        ("channel_creator", at(&[channel, creator])),
        ("creator", at(&[creator])),
        ("team", at(&[team])),
        ("team_creator", at(&[team, creator])),
        ("time", at(&[])),
    ];
    let places = |hook: &OutgoingWebhook| {
        let mut places: Vec<_> = hook.index().into_iter().map(|entry| (entry.index.0, entry.value.to_vec())).collect();
        places.sort();
        places
    };
    assert_eq!(places(&hook()), want);
    want.drain(..2);
    assert_eq!(places(&OutgoingWebhook { channel_id: None, ..hook() }), want);
}

#[test]
fn a_generation_stands_by_its_time_and_never_goes_back() {
    let first = TeamGeneration::default().next(NOW);
    assert_eq!(first, TeamGeneration { changed: NOW, number: 1 });
    assert_eq!(first.next(Millis(5)), TeamGeneration { changed: NOW, number: 2 });
    let later = Millis(NOW.0 + 1);
    assert_eq!(first.next(later), TeamGeneration { changed: later, number: 2 });
    let last = TeamGeneration { changed: NOW, number: u64::MAX };
    assert_eq!(last.next(NOW).number, 0);
    let places = first.index();
    assert_eq!((places.len(), places[0].index), (1, Index("changed")));
    assert_eq!(places[0].value, NOW.to_sortable().to_vec());
}

#[test]
fn debug_shows_no_text() {
    let shown = format!("{:?}", hook());
    assert!(shown.contains(hook().id.as_str()) && shown.contains(team().as_str()), "{shown}");
    for text in ["a.example", "Deploys", "why", "robot", "\"x\""] {
        assert!(!shown.contains(text), "{shown}");
    }
}
