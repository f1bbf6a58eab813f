//! What a post is like.

use super::*;

#[test]
fn an_answer_is_for_who_ran_it_unless_it_says_otherwise() {
    for (response_type, text, want) in [
        ("", "Rain", "ephemeral"),
        ("ephemeral", "Rain", "ephemeral"),
        ("in_channel", "Rain", "posts"),
        ("in_channel", "", "posts"),
        ("", "", "nothing"),
        ("ephemeral", "", "nothing"),
        ("in-channel", "Rain", "nothing"),
        ("IN_CHANNEL", "Rain", "nothing"),
    ] {
        let [piece] = &pieces(json!({ "response_type": response_type, "text": text }))[..] else { panic!("one") };
        let got = match piece {
            Piece::Ephemeral(_) => "ephemeral",
            Piece::Fails(_) => "fails",
            Piece::Nothing => "nothing",
            Piece::Posts(_) => "posts",
        };
        assert_eq!(got, want, "{response_type:?} {text:?}");
    }
    assert!(matches!(pieces(json!({ "attachments": [{}] }))[..], [Piece::Ephemeral(_)]));
}

#[test]
fn a_post_is_by_who_ran_the_command_and_marked() {
    let got = post(drafted(json!({ "response_type": "in_channel", "text": "Rain" })));
    assert_eq!((got.message.as_str(), got.user_id, got.root_id), ("Rain", ann().id, Some(root())));
    assert_eq!((got.destination, got.post_type.as_str()), (Destination::Channel(channel(1)), ""));
    assert!(got.set_online && got.triggers && got.priority.is_none() && got.origin.is_none());
    assert_eq!(Value::Object(got.props.to_map()), json!({ "from_webhook": "true" }));
    let got = post(drafted(json!({ "text": "Rain" })));
    assert_eq!((got.message.as_str(), got.user_id, got.root_id), ("Rain", ann().id, Some(root())));
    assert!(!got.set_online && !got.triggers && got.post_type.is_empty());
    assert_eq!(Value::Object(got.props.to_map()), json!({ "from_webhook": "true" }));
}

#[test]
fn what_made_a_post_is_told() {
    let in_channel = || json!({ "response_type": "in_channel", "text": "Rain" });
    let bot = User { is_bot: true, ..ann() };
    let got = drafted_with(in_channel(), |facts| facts.user = Box::leak(Box::new(bot.clone())));
    assert_eq!(props(got), json!({ "from_bot": "true", "from_webhook": "true" }));
    let got = drafted_with(in_channel(), |facts| facts.session = Some(SessionKind::OAuth));
    assert_eq!(props(got), json!({ "from_oauth_app": "true", "from_webhook": "true" }));
    let got = drafted_with(in_channel(), |facts| facts.session = Some(SessionKind::Login));
    assert_eq!(props(got), json!({ "from_webhook": "true" }));
    let got = drafted_with(json!({ "text": "Rain" }), |facts| {
        (facts.session, facts.user) = (Some(SessionKind::OAuth), Box::leak(Box::new(bot)));
    });
    assert_eq!(props(got), json!({ "from_webhook": "true" }), "not what one alone sees");
}

#[test]
fn names_and_pictures_are_shown_where_the_settings_let_them() {
    let said = || json!({ "response_type": "in_channel", "text": "a", "username": "Bot", "icon_url": "http://x" });
    let plain = || json!({ "response_type": "in_channel", "text": "a" });
    let of = |value: Value, overrides: Overrides, source: Source<'static>| {
        props(drafted_with(value, |facts| (facts.overrides, facts.source) = (overrides, source)))
    };
    let desk = Source::Custom { icon_url: "http://desk", username: "Desk" };
    let marked = |username: Option<&str>, icon: Option<&str>, webhook: bool| {
        let mut want = Map::new();
        for (name, value) in [("override_username", username), ("override_icon_url", icon)] {
            if let Some(value) = value {
                want.insert(name.to_owned(), json!(value));
            }
        }
        if webhook {
            want.insert("from_webhook".to_owned(), json!("true"));
        }
        Value::Object(want)
    };
    let (username, icon) = (Overrides { icon: false, username: true }, Overrides { icon: true, username: false });
    assert_eq!(of(said(), NO, desk), marked(None, None, true));
    assert_eq!(of(said(), BOTH, CUSTOM), marked(Some("Bot"), Some("http://x"), true));
    assert_eq!(of(said(), BOTH, desk), marked(Some("Desk"), Some("http://desk"), true));
    assert_eq!(of(plain(), BOTH, CUSTOM), marked(None, Some(""), true));
    assert_eq!(of(said(), username, CUSTOM), marked(Some("Bot"), None, true));
    assert_eq!(of(said(), icon, CUSTOM), marked(None, Some("http://x"), true));
    assert_eq!(of(plain(), BOTH, Source::Own), marked(None, Some(""), false), "an empty picture and no mark");
    assert_eq!(of(plain(), NO, Source::Own), json!({}));
    assert_eq!(of(said(), username, Source::Own), marked(Some("Bot"), None, true));
    assert_eq!(of(said(), icon, Source::Own), marked(None, Some("http://x"), true));
}

#[test]
fn a_service_cannot_pretend() {
    let reserved = [
        "from_webhook",
        "from_bot",
        "from_oauth_app",
        "from_plugin",
        "force_notification",
        "silent_notification",
        "override_username",
        "override_icon_url",
        "override_icon_emoji",
        "webhook_display_name",
        "card",
        "attachments",
    ];
    let mut written: Map<_, _> = reserved.iter().map(|&name| (name.to_owned(), json!("x"))).collect();
    written.insert("station".to_owned(), json!({ "mm": [4.5, null] }));
    let value = json!({ "response_type": "in_channel", "text": "a", "props": written });
    let got = drafted(value.clone());
    assert_eq!(got.shown.props.as_ref(), Some(&written), "the client is shown what was sent");
    assert_eq!(props(got), json!({ "from_webhook": "true", "station": { "mm": [4.5, null] } }));
    let own = props(drafted_with(value, |facts| facts.source = Source::Own));
    written.remove("attachments");
    assert_eq!(own, Value::Object(written), "the host's own commands are believed");
}

#[test]
fn attachments_make_the_type_unless_there_is_one() {
    let of = |value: Value| post(drafted(value));
    let got =
        of(json!({ "response_type": "in_channel", "attachments": [{ "text": "a" }], "props": { "attachments": [] } }));
    assert_eq!((got.post_type.as_str(), got.props.attachments.len()), ("slack_attachment", 1));
    let got = of(json!({ "response_type": "in_channel", "attachments": [{ "text": "a" }], "type": "custom_x" }));
    assert_eq!(got.post_type, "custom_x");
    for known in ["me", "reminder", "custom_"] {
        assert_eq!(of(json!({ "response_type": "in_channel", "text": "a", "type": known })).post_type, known);
    }
}

#[test]
fn types_that_posts_may_not_have_fail() {
    let one = |value: Value| pieces(value).remove(0);
    for response_type in ["in_channel", "", "ephemeral", "other"] {
        let value = json!({ "response_type": response_type, "text": "a", "type": "system_generic" });
        assert_eq!(one(value), Piece::Fails(NotPosted::SystemType), "{response_type}");
    }
    for unknown in ["weather", "burn_on_read"] {
        let value = json!({ "response_type": "in_channel", "text": "a", "type": unknown });
        assert_eq!(one(value), Piece::Fails(NotPosted::UnknownType));
    }
    assert!(matches!(one(json!({ "text": "a", "type": "weather" })), Piece::Ephemeral(_)));
}
