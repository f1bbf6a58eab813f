//! The hook object as it travels (OUT-1, OUT-5, OUT-121).

use super::super::HookRequest;
use super::super::wire::{
    self, DeliveryMode, DeliveryObject, HookObject, LaneObject, SigningObject, SigningSecretObject,
};
use super::{hook, texts};
use crate::delivery::{Attempt, BreakerFigure, Delivery, DeliveryId, FailureClass, LaneFigures, Mode, State};
use crate::id::{HookToken, Millis, PostId};

#[test]
fn a_hook_is_shown_whole_and_in_order() {
    let (hook, token) = (hook(), HookToken::from_random([5; 16]));
    let want = format!(
        "{{\"id\":\"{}\",\"token\":\"{}\",\"create_at\":1700000000000,\"update_at\":1700000000005,\"delete_at\":0,\
         \"creator_id\":\"{}\",\"channel_id\":\"{}\",\"team_id\":\"{}\",\"trigger_words\":[\"x\",\"y\"],\
         \"trigger_when\":1,\"callback_urls\":[\"https://a.example/u\",\"https://a.example/v\"],\
         \"display_name\":\"Deploys\",\"description\":\"why\",\"content_type\":\"application/json\",\
         \"username\":\"robot\",\"icon_url\":\"https://a.example/i.png\"}}",
        hook.id,
        token.expose(),
        hook.creator_id,
        hook.channel_id.unwrap(),
        hook.team_id,
    );
    assert_eq!(serde_json::to_string(&HookObject::new(&hook, &token)).unwrap(), want);
}

#[test]
fn what_is_empty_is_there_all_the_same() {
    let mut hook = hook();
    (hook.channel_id, hook.trigger_words) = (None, Vec::new());
    let token = HookToken::from_random([5; 16]);
    let shown = serde_json::to_value(HookObject::new(&hook, &token)).unwrap();
    assert_eq!((&shown["channel_id"], &shown["trigger_words"]), (&"".into(), &serde_json::json!([])));
}

fn read(body: &str) -> HookRequest {
    HookRequest::from_json(body.as_bytes()).unwrap()
}

#[test]
fn a_request_is_read_member_by_member() {
    let body = r#"{"id":"1","token":"2","creator_id":"3","channel_id":"4","team_id":"5","trigger_words":["6","7"],
        "trigger_when":-8,"callback_urls":["9","10"],"display_name":"11","description":"12","content_type":"13",
        "username":"14","icon_url":"15","create_at":1,"update_at":2,"delete_at":3}"#;
    let want = HookRequest {
        callback_urls: texts(&["9", "10"]),
        channel_id: "4".to_owned(),
        content_type: "13".to_owned(),
        creator_id: "3".to_owned(),
        description: "12".to_owned(),
        display_name: "11".to_owned(),
        icon_url: "15".to_owned(),
        id: "1".to_owned(),
        team_id: "5".to_owned(),
        token: "2".to_owned(),
        trigger_when: -8,
        trigger_words: texts(&["6", "7"]),
        username: "14".to_owned(),
    };
    assert!(read(body) == want);
}

/// OUT-5.
#[test]
fn a_request_is_read_leniently() {
    let named = |name: &str| HookRequest { display_name: name.to_owned(), ..HookRequest::default() };
    let cases = [
        ("null", HookRequest::default()),
        ("{}", HookRequest::default()),
        (r#"{"wings":[{"a":1}],"display_name":"a"} and more"#, named("a")),
        (r#"{"DISPLAY_NAME":"a"}"#, named("a")),
        (r#"{"display_name":"a","Display_Name":"b"}"#, named("b")),
        (r#"{"display_name":null,"trigger_when":null,"create_at":null}"#, HookRequest::default()),
        (r#"{"trigger_words":null,"callback_urls":null}"#, HookRequest::default()),
        (r#"{"trigger_words":["a"],"trigger_words":null}"#, HookRequest::default()),
        (
            r#"{"trigger_words":["a","b"],"trigger_words":["c"]}"#,
            HookRequest { trigger_words: texts(&["c"]), ..HookRequest::default() },
        ),
        (r#"{"trigger_words":[null,"a"]}"#, HookRequest { trigger_words: texts(&["", "a"]), ..HookRequest::default() }),
    ];
    for (body, want) in cases {
        assert!(read(body) == want, "{body}");
    }
}

#[test]
fn a_wrong_type_refuses_the_whole_and_says_where() {
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
    let mut cases: Vec<(&str, &[&str])> = TEXTS.map(|name| (name, &["5", "true", "[]", "{}"][..])).to_vec();
    cases.extend(["trigger_words", "callback_urls"].map(|name| (name, &["\"x\"", "5", "true", "{}"][..])));
    for name in ["trigger_when", "create_at", "update_at", "delete_at"] {
        cases.push((name, &["\"1\"", "0.5", "1.0", "true", "[]", "{}", "9223372036854775808"]));
    }
    for (name, wrong) in cases {
        for value in wrong {
            let body = format!("{{\"{name}\":{value}}}");
            let mistake = HookRequest::from_json(body.as_bytes()).unwrap_err();
            assert_eq!(mistake.pointer(), format!("/{name}"), "{body}");
        }
    }
    for (body, pointer) in [
        (r#"{"trigger_words":["ship",7]}"#, "/trigger_words/1"),
        (r#"{"callback_urls":[["a"]]}"#, "/callback_urls/0"),
        ("[]", ""),
        ("\"x\"", ""),
        ("", ""),
        (r#"{"team_id":"#, "/team_id"),
    ] {
        assert_eq!(HookRequest::from_json(body.as_bytes()).unwrap_err().pointer(), pointer, "{body}");
    }
}

#[test]
fn debug_does_not_leak() {
    let body = r#"{"token":"s3cret","callback_urls":["https://u:s3cret@a"],"description":"s3cret"}"#;
    assert_eq!(format!("{:?}", read(body)), "HookRequest(…)");
}

#[test]
fn a_delivery_mode_has_a_name_or_is_null() {
    let cases = [
        (r#"{"mode":"full"}"#, Some(Some(Mode::Full))),
        (r#"{"mode":"off"}"#, Some(Some(Mode::Off))),
        (r#"{"Mode":"safe"}"#, Some(Some(Mode::Safe))),
        (r#"{"mode":"full","mode":null}"#, Some(None)),
        (r#"{"other":"full"}"#, None),
        ("{}", None),
    ];
    for (body, want) in cases {
        let read = DeliveryMode::from_json(body.as_bytes()).unwrap();
        assert_eq!(read.map(|read| read.mode), want, "{body}");
    }
    for body in [r#"{"mode":"Full"}"#, r#"{"mode":""}"#, r#"{"mode":1}"#, r#"{"mode":["full"]}"#, "null", "[]", ""] {
        assert!(DeliveryMode::from_json(body.as_bytes()).is_err(), "{body}");
    }
    let shown = |mode| serde_json::to_string(&DeliveryMode { mode }).unwrap();
    assert_eq!((shown(Some(Mode::Off)), shown(None)), (r#"{"mode":"off"}"#.to_owned(), r#"{"mode":null}"#.to_owned()));
}

#[test]
fn signing_is_shown_by_its_members() {
    let made = SigningSecretObject { secret: "whsec_a", previous_valid_until: Millis(5) };
    assert_eq!(serde_json::to_string(&made).unwrap(), r#"{"secret":"whsec_a","previous_valid_until":5}"#);
    let state = SigningObject { active: true, previous_valid_until: Millis(0) };
    assert_eq!(serde_json::to_string(&state).unwrap(), r#"{"active":true,"previous_valid_until":0}"#);
}

#[test]
fn a_delivery_is_shown_whole_and_in_order() {
    let (post, reply) = (PostId::from_random([7; 16]), PostId::from_random([8; 16]));
    let hook = hook().id;
    let attempt = |failure, status| Attempt { failure, duration: 12, start: Millis(5), status };
    let mut delivery = Delivery {
        attempts: vec![attempt(Some(FailureClass::Dns), None), attempt(None, Some(200))],
        cause: post,
        create_at: Millis(3),
        due: Some(Millis(9)),
        id: DeliveryId::parse(&format!("out_{post}_{hook}_12")).unwrap(),
        reason: "why".to_owned(),
        reply: Some(reply),
        state: State::Pending,
        target: "http://a/in".to_owned(),
    };
    let want = format!(
        "{{\"id\":\"out_{post}_{hook}_12\",\"hook_id\":\"{hook}\",\"post_id\":\"{post}\",\"position\":12,\
         \"url\":\"http://a/in\",\"state\":\"pending\",\"reason\":\"why\",\"create_at\":3,\
         \"next_attempt_at\":9,\"reply_post_id\":\"{reply}\",\"attempts\":[\
         {{\"start_at\":5,\"duration\":12,\"failure\":\"dns\",\"status\":null}},\
         {{\"start_at\":5,\"duration\":12,\"failure\":null,\"status\":200}}]}}"
    );
    assert_eq!(serde_json::to_string(&DeliveryObject::new(hook, &delivery)).unwrap(), want);
    (delivery.due, delivery.reply, delivery.id) = (None, None, DeliveryId::parse("odd").unwrap());
    let shown = serde_json::to_value(DeliveryObject::new(hook, &delivery)).unwrap();
    assert_eq!((&shown["next_attempt_at"], &shown["reply_post_id"]), (&0.into(), &"".into()));
    assert_eq!(shown["position"], 0);
}

#[test]
fn a_state_is_named_as_it_is_shown() {
    for state in [State::Dead, State::Delivered, State::Dropped, State::Failed, State::Pending] {
        let name = serde_json::to_value(state).unwrap();
        assert_eq!(wire::state_named(name.as_str().unwrap()), Some(state), "{name}");
    }
    for name in ["", "Dead", "done"] {
        assert_eq!(wire::state_named(name), None, "{name:?}");
    }
}

#[test]
fn a_lane_is_shown_by_its_members() {
    let lane = LaneFigures {
        beyond_limit: 4,
        breaker: BreakerFigure::Open,
        in_flight: 2,
        origin: "http://a:80".to_owned(),
        retry_at: Some(Millis(5)),
        waiting: 3,
    };
    let want = r#"{"origin":"http://a:80","waiting":3,"in_flight":2,"breaker":"open","retry_at":5,"beyond_limit":4}"#;
    assert_eq!(serde_json::to_string(&LaneObject::new(&lane)).unwrap(), want);
    let lane = LaneFigures { retry_at: None, ..lane };
    assert_eq!(serde_json::to_value(LaneObject::new(&lane)).unwrap()["retry_at"], 0);
}
