use super::*;
use crate::record::{decode, encode};

const NOW: Millis = Millis(1_700_000_000_000);

pub(in crate::delivery) fn sample(phase: Phase) -> DeliveryRecord {
    let new = NewDelivery {
        cause: PostId::from_random([1; 16]),
        create_at: NOW,
        dropped: None,
        feature: "test",
        id: DeliveryId::parse("out_a_b_0").unwrap(),
        mode: Some(Mode::Full),
        target: "https://one.example/hook".to_owned(),
        origin: "https://one.example:443".to_owned(),
        payload: Bytes::from_static(b"payload"),
        source: [b'h'; 26],
    };
    DeliveryRecord::new(new, phase)
}

fn attempt(failure: Option<FailureClass>, status: Option<u16>) -> Attempt {
    Attempt { failure, duration: 1_234_567, start: NOW, status }
}

fn phases() -> Vec<Phase> {
    let mut phases = vec![
        Phase::Ready(NOW),
        Phase::Waiting(Millis(7)),
        Phase::Held(Hold { by: u64::MAX - 1, since: NOW, until: Millis(NOW.0 + 1) }),
    ];
    phases.extend(STATES.map(|state| Phase::Ended { at: NOW, state }));
    phases
}

fn next(record: &DeliveryRecord) -> Vec<u8> {
    let index = record.index();
    index.iter().find(|entry| entry.index == DeliveryRecord::NEXT).unwrap().value.to_vec()
}

#[test]
fn what_was_written_is_read() {
    for phase in phases() {
        let mut record = sample(phase);
        for mode in [None, Some(Mode::Safe), Some(Mode::Off), Some(Mode::Full)] {
            record.mode = mode;
            (record.by_hand, record.tries, record.reason) = (mode.is_none(), 70_000, "why".to_owned());
            record.reply = mode.map(|_| PostId::from_random([9; 16]));
            let read = decode::<DeliveryRecord>(&encode(&record, b"").unwrap()).unwrap().kind;
            assert_eq!(read, record);
        }
        record.attempts = CLASSES.iter().map(|class| attempt(Some(*class), None)).collect();
        record.attempts.push(attempt(None, Some(599)));
        let read = decode::<DeliveryRecord>(&encode(&record, b"").unwrap()).unwrap().kind;
        assert_eq!(read, record);
    }
}

#[test]
fn lanes_and_checkpoints_are_read_as_they_were_written() {
    let open = Open { until: NOW, wait: Duration::from_secs(40) };
    for (due, open) in [(None, None), (Some(NOW), Some(open))] {
        let lane = LaneRecord {
            beyond: u64::MAX,
            due,
            open,
            origin: "https://one.example:443".to_owned(),
            source: [b'h'; 26],
            turn: 1 << 40,
        };
        assert_eq!(decode::<LaneRecord>(&encode(&lane, b"").unwrap()).unwrap().kind, lane);
        let mut want = vec![IndexEntry::new(LaneRecord::SOURCE, vec![b'h'; 26])];
        want.extend(due.map(|due| IndexEntry::new(LaneRecord::DUE, due.to_sortable().to_vec())));
        assert_eq!(lane.index(), want);
    }
    let checkpoint = Checkpoint(NOW);
    assert_eq!(decode::<Checkpoint>(&encode(&checkpoint, b"").unwrap()).unwrap().kind, checkpoint);
    assert_eq!(checkpoint.index(), []);
}

#[test]
fn what_was_not_written_so_is_refused() {
    let body = encode(&sample(Phase::Ready(NOW)), b"").unwrap();
    for length in 0..body.len() {
        assert!(decode::<DeliveryRecord>(&body.slice(..length)).is_err(), "{length}");
    }
    // The phase is the letter before its time, and the mode the byte before that.
    let place = body.windows(9).position(|window| window[0] == b'r' && window[1..] == NOW.0.to_be_bytes()).unwrap();
    for (place, want) in [(place, "a phase is none"), (place - 1, "a number stands for nothing")] {
        let mut body = body.to_vec();
        body[place] = b'~';
        let said = decode::<DeliveryRecord>(&body.into()).unwrap_err().to_string();
        assert_eq!(said, format!("a record is damaged: {want}"));
    }
}

#[test]
fn a_delivery_stands_where_it_is_looked_for() {
    let lane = LaneKey::new(&[b'h'; 26], "https://one.example:443");
    let time = |time: i64| time.to_be_bytes();
    let hold = Phase::Held(Hold { by: 1, since: NOW, until: Millis(9) });
    let ended = Phase::Ended { at: Millis(5), state: State::Dead };
    assert_eq!(next(&sample(Phase::Ready(Millis(7)))), [b"l", &time(7)[..]].concat());
    assert_eq!(next(&sample(hold)), [b"l", &time(9)[..]].concat());
    assert_eq!(next(&sample(Phase::Waiting(Millis(8)))), [b"w", &lane.0[..], &time(8)].concat());
    assert_eq!(next(&sample(ended)), [b"d", &[b'h'; 26][..], &time(5)].concat());
    assert!(next(&sample(hold)).starts_with(LEASES));
    assert!(next(&sample(Phase::Waiting(NOW))).starts_with(&waiting(lane)));
    assert!(next(&sample(ended)).starts_with(&super::ended(&[b'h'; 26])) && ENDED == b"d");
    for phase in phases() {
        let record = sample(phase);
        let place = record.index().into_iter().find(|entry| entry.index == DeliveryRecord::SHOWN).unwrap().value;
        let prefix = shown(&record.source, record.state());
        assert_eq!(place, [&prefix[..], &time(!NOW.0)].concat());
        assert_eq!(prefix.len(), 27);
    }
}

#[test]
fn lists_are_newest_first_and_apart_by_state() {
    let place = |create_at: i64, phase| {
        let mut record = sample(phase);
        record.create_at = Millis(create_at);
        record.index().remove(1).value
    };
    assert!(place(2, Phase::Ready(NOW)) < place(1, Phase::Ready(NOW)));
    assert_eq!(place(2, Phase::Ready(NOW)), place(2, Phase::Waiting(NOW)), "all that is pending is one list");
    let mut prefixes: Vec<_> = STATES.iter().map(|state| shown(&[b'h'; 26], *state)).collect();
    prefixes.dedup();
    assert_eq!(prefixes.len(), STATES.len());
}

#[test]
fn keys_are_in_order_of_time() {
    let id = DeliveryId::parse("z").unwrap();
    assert_eq!(DeliveryRecord::key(Millis(258), &id), b"\0\0\0\0\0\0\x01\x02z");
}

#[test]
fn a_lane_is_a_source_and_an_origin() {
    let lane = |source: u8, origin| LaneKey::new(&[source; 26], origin);
    assert_eq!(lane(1, "a"), lane(1, "a"));
    assert_ne!(lane(1, "a"), lane(2, "a"));
    assert_ne!(lane(1, "a"), lane(1, "b"));
    assert_ne!(lane(1, "a").0, [0; 16]);
    let record = sample(Phase::Ready(NOW));
    assert_eq!(record.lane(), LaneKey::new(&record.source, &record.origin));
}

#[test]
fn what_cannot_be_tried_again_loses_its_payload() {
    for state in STATES {
        let mut record = sample(Phase::Ready(NOW));
        record.by_hand = true;
        record.end(state, "why", NOW);
        let is_kept = !matches!(state, State::Delivered | State::Dropped);
        assert_eq!((!record.payload.is_empty(), record.reason.as_str()), (is_kept, "why"), "{state:?}");
        assert!(!record.by_hand);
        let can_be_tried = matches!(state, State::Dead | State::Failed);
        let before = record.clone();
        assert_eq!(record.retry(Millis(7)), can_be_tried, "{state:?}");
        if can_be_tried {
            assert_eq!((record.phase, record.by_hand, record.tries), (Phase::Ready(Millis(7)), true, 0), "{state:?}");
            assert_eq!(record.reason, "");
        } else {
            assert_eq!(record, before);
        }
    }
    let new = sample(Phase::Ended { at: NOW, state: State::Dropped });
    assert!(new.payload.is_empty());
    let mut again = sample(Phase::Ended { at: NOW, state: State::Dead });
    again.tries = 7;
    assert!(again.retry(NOW) && again.tries == 0);
}

#[test]
fn the_reason_why_it_is_dropped_at_once_is_kept() {
    let mut record = sample(Phase::Ready(NOW));
    assert_eq!(record.reason, "");
    let new = NewDelivery {
        cause: record.cause,
        create_at: NOW,
        dropped: Some("too often".to_owned()),
        feature: "test",
        id: record.id.clone(),
        mode: None,
        target: String::new(),
        origin: String::new(),
        payload: Bytes::new(),
        source: record.source,
    };
    record = DeliveryRecord::new(new, Phase::Ended { at: NOW, state: State::Dropped });
    assert_eq!((record.reason.as_str(), record.state()), ("too often", State::Dropped));
}

#[test]
fn of_very_many_tries_the_last_are_kept() {
    let mut record = sample(Phase::Ready(NOW));
    for status in 0..60 {
        record.log(attempt(None, Some(status)));
    }
    let kept: Vec<u16> = record.attempts.iter().filter_map(|attempt| attempt.status).collect();
    assert_eq!(kept, (10..60).collect::<Vec<u16>>());
}

#[test]
fn it_is_shown_without_what_is_inside() {
    let cases = [
        (Phase::Ready(Millis(5)), Some(5), State::Pending),
        (Phase::Waiting(Millis(6)), Some(6), State::Pending),
        (Phase::Held(Hold { by: 1, since: NOW, until: NOW }), None, State::Pending),
        (Phase::Ended { at: NOW, state: State::Failed }, None, State::Failed),
    ];
    for (phase, due, state) in cases {
        let mut record = sample(phase);
        record.log(attempt(None, Some(200)));
        record.reason = "why".to_owned();
        record.reply = Some(record.cause);
        let want = Delivery {
            attempts: record.attempts.clone(),
            cause: record.cause,
            create_at: NOW,
            due: due.map(Millis),
            id: record.id.clone(),
            reason: "why".to_owned(),
            reply: record.reply,
            state,
            target: "https://one.example/hook".to_owned(),
        };
        assert_eq!(record.shown(), want);
    }
}
