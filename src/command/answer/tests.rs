use http::{Response, response};
use serde_json::{Map, Value, json};

use super::draft::NotPosted;
use super::{Answer, Drafted, Facts, Piece, Source, draft, read_delayed, read_response};
use crate::command::{DelayedError, ExecuteError};
use crate::id::{ActionId, ChannelId, PostId, UserId};
use crate::port::{SessionKind, User};
use crate::post::{Destination, MAX_MESSAGE_RUNES, Overrides, PostDraft};

const ANN: &str = "annannannannannannannannan";
const JSON: Option<&[u8]> = Some(b"application/json");
const NO: Overrides = Overrides { icon: false, username: false };
const BOTH: Overrides = Overrides { icon: true, username: true };
const CUSTOM: Source<'_> = Source::Custom { icon_url: "", username: "" };

fn channel(number: u8) -> ChannelId {
    ChannelId::from_random([number; 16])
}

fn root() -> PostId {
    PostId::from_random([4; 16])
}

fn ann() -> User {
    User::new(UserId::parse(ANN).unwrap(), "ann")
}

fn answer(value: Value) -> Answer {
    Answer::from_json(value.to_string().as_bytes()).unwrap()
}

/// Drafts for a custom command of ann's, run in channel 1, in a thread; she is in channel 2 too.
fn drafted_with(value: Value, change: impl FnOnce(&mut Facts<'_>)) -> Drafted {
    let user = ann();
    let people = [ann()];
    let joined = [channel(2)];
    let mut facts = Facts {
        channel_id: channel(1),
        joined: &joined,
        overrides: NO,
        people: &people,
        root_id: Some(root()),
        session: None,
        silent: &[],
        source: CUSTOM,
        user: &user,
    };
    change(&mut facts);
    let mut next = 0;
    draft(answer(value), &facts, &mut || {
        next += 1;
        ActionId::from_random([next; 16])
    })
}

fn drafted(value: Value) -> Drafted {
    drafted_with(value, |_| ())
}

fn pieces(value: Value) -> Vec<Piece> {
    drafted(value).pieces
}

/// The one post of the one piece.
fn post(drafted: Drafted) -> PostDraft {
    match <[Piece; 1]>::try_from(drafted.pieces) {
        Ok([Piece::Posts(posts)]) => <[PostDraft; 1]>::try_from(posts).unwrap()[0].clone(),
        Ok([Piece::Ephemeral(post)]) => post,
        other => panic!("{other:?}"),
    }
}

fn props(drafted: Drafted) -> Value {
    Value::Object(post(drafted).props.to_map())
}

fn head(status: u16, content_type: Option<&str>) -> response::Parts {
    let mut response = Response::builder().status(status);
    if let Some(content_type) = content_type {
        response = response.header("content-type", content_type);
    }
    response.body(()).unwrap().into_parts().0
}

#[test]
fn only_json_by_that_exact_name_is_json() {
    let body = br#"{"text":"Rain"}"#;
    for (content_type, is_json) in [
        (Some("application/json"), true),
        (Some("application/json; charset=ISO-8859-1"), true),
        (Some(" application/json ;x"), true),
        (Some("Application/JSON"), false),
        (Some("text/json"), false),
        (Some("application/json+x"), false),
        (Some("text/plain"), false),
        (Some(""), false),
        (None, false),
    ] {
        let read = read_response(&head(200, content_type), body, false, "x").unwrap();
        assert_eq!(read.text == "Rain", is_json, "{content_type:?}");
        assert!(is_json || read == Answer { text: r#"{"text":"Rain"}"#.into(), ..Answer::default() });
    }
}

#[test]
fn only_200_is_an_answer() {
    for (status, shown) in
        [(201, "201 Created"), (204, "204 No Content"), (302, "302 Found"), (404, "404 Not Found"), (599, "599")]
    {
        let want =
            ExecuteError::FailedResponse { body: "go\u{FFFD}ne".into(), status: shown.into(), trigger: "x".into() };
        assert_eq!(read_response(&head(status, Some("text/plain")), b"go\xFFne", false, "x"), Err(want));
    }
}

#[test]
fn json_is_just_one_value_that_is_an_answer() {
    let read = |body: &str| read_response(&head(200, Some("application/json")), body.as_bytes(), false, "x");
    for body in ["null", "{}", "  {}\n ", r#"{"colour":"red","username":null}"#] {
        assert_eq!(read(body), Ok(Answer::default()), "{body}");
    }
    let failed = Err(ExecuteError::Failed { trigger: "x".into() });
    for body in ["", "{", r#"{"text":"#, "Rain", r#"{"text":"Rain"} x"#, "[]", r#""Rain""#, "5", "\u{feff}{}", "{}{}"] {
        assert_eq!(read(body), failed, "{body}");
    }
    let (texts, others) = wrong_types();
    for (name, value) in texts.into_iter().chain(others) {
        assert_eq!(read(&format!(r#"{{"{name}":{value}}}"#)), failed, "{name} {value}");
    }
}

/// Members with values of types that they cannot have.
fn wrong_types() -> (Vec<(&'static str, &'static str)>, Vec<(&'static str, &'static str)>) {
    let names = ["response_type", "text", "username", "channel_id", "icon_url", "type", "goto_location", "trigger_id"];
    let texts = names.into_iter().flat_map(|name| ["5", "true", "[]", "{}"].map(|value| (name, value))).collect();
    let others = vec![
        ("props", "[1]"),
        ("props", r#""x""#),
        ("skip_slack_parsing", r#""true""#),
        ("skip_slack_parsing", "1"),
        ("attachments", "{}"),
        ("attachments", r#"["x"]"#),
        ("attachments", r#"[{"text":5}]"#),
        ("attachments", r#"[{"fields":[{"short":"yes"}]}]"#),
        ("extra_responses", "{}"),
        ("extra_responses", "[5]"),
        ("extra_responses", r#"[{"text":5}]"#),
    ];
    (texts, others)
}

#[test]
fn null_stands_for_nothing_in_every_slot() {
    let names = [
        "response_type",
        "text",
        "username",
        "channel_id",
        "icon_url",
        "type",
        "props",
        "goto_location",
        "trigger_id",
        "skip_slack_parsing",
        "attachments",
        "extra_responses",
    ];
    for name in names {
        assert_eq!(answer(json!({ name: null })), Answer::default(), "{name}");
    }
    let got = answer(json!({ "attachments": [null, { "fields": [null], "actions": [null] }, null],
        "extra_responses": [null, { "attachments": null, "extra_responses": [null] }] }));
    assert_eq!(got.attachments.len(), 1);
    assert!(got.attachments[0].fields.is_empty() && got.attachments[0].actions.is_empty());
    let [extra] = &got.extra_responses.unwrap()[..] else { panic!("nulls are dropped") };
    assert_eq!(extra.extra_responses, Some(vec![]));
    let again = r#"{"props":{"a":1},"props":null,"extra_responses":[{}],"extra_responses":null,"attachments":[{}],
        "attachments":null,"text":"a","TEXT":"b"}"#;
    assert_eq!(Answer::from_json(again.as_bytes()), Ok(Answer { text: "b".into(), ..Answer::default() }));
    let merged = br#"{"props":{"a":1,"b":1},"props":{"b":2}}"#;
    assert_eq!(Value::Object(Answer::from_json(merged).unwrap().props.unwrap()), json!({ "a": 1, "b": 2 }));
}

#[test]
fn a_text_is_taken_as_it_is() {
    let read = |body: &[u8], truncated| read_response(&head(200, None), body, truncated, "x").unwrap().text;
    assert_eq!(read(b"", false), "");
    assert_eq!(read("\u{feff}R\u{e4}in".as_bytes(), false), "\u{feff}Räin");
    assert_eq!(read(b"a\xFF\xFEb\xE2\x82", false), "a\u{FFFD}\u{FFFD}b\u{FFFD}\u{FFFD}");
    assert_eq!(read(b"a\xFFb\xE2\x82", true), "a\u{FFFD}b", "what the limit cut is no character");
    assert_eq!(read(b"ab\xFF", true), "ab\u{FFFD}", "this was none before");
    assert_eq!(read(b"a\xE2\x82b", true), "a\u{FFFD}\u{FFFD}b");
    assert_eq!(read(b"ab", true), "ab");
}

#[test]
fn a_delayed_answer_is_read_in_the_same_way() {
    assert_eq!(read_delayed(JSON, Some(br#"{"text":"a"}"#)).unwrap().text, "a");
    assert_eq!(read_delayed(None, Some(b"payload=%7B%7D")).unwrap().text, "payload=%7B%7D");
    assert_eq!(read_delayed(JSON, Some(b"")), Err(DelayedError::Parse));
    assert_eq!(read_delayed(JSON, Some(b"{} x")), Err(DelayedError::Parse));
    assert_eq!(read_delayed(JSON, None), Err(DelayedError::BodyTooLarge));
    assert_eq!(read_delayed(None, None), Err(DelayedError::Text));
    assert_eq!(read_delayed(Some(b"text/plain"), Some(b"a\xE2\x82")).unwrap().text, "a\u{FFFD}\u{FFFD}");
}

#[test]
fn the_client_is_shown_every_member() {
    let want = json!({
        "response_type": "in_channel", "text": "Rain", "username": "", "channel_id": "", "icon_url": "", "type": "",
        "props": null, "goto_location": "", "trigger_id": "t", "skip_slack_parsing": false, "attachments": null,
        "extra_responses": null,
    });
    let shown = Answer::in_channel("Rain").shown("t");
    assert_eq!(serde_json::to_value(&shown).unwrap(), want);
    let empty =
        serde_json::to_value(answer(json!({ "props": {}, "extra_responses": [], "attachments": [null] }))).unwrap();
    assert_eq!(
        [&empty["props"], &empty["extra_responses"], &empty["attachments"]],
        [&json!({}), &json!([]), &Value::Null]
    );
}

#[test]
fn what_actions_keep_to_themselves_is_not_shown() {
    let action = json!({ "name": "More", "integration": { "url": "http://x", "context": { "a": 1 } } });
    let with = |extra: Value| json!({ "attachments": [{ "actions": [action] }], "extra_responses": extra });
    let value = with(json!([with(json!([with(json!(null))]))]));
    let got = drafted(json!({ "response_type": "in_channel", "text": "", "attachments": value["attachments"],
        "extra_responses": value["extra_responses"] }));
    let [Piece::Posts(posts), Piece::Ephemeral(_)] = &got.pieces[..] else { panic!("{:?}", got.pieces) };
    let kept = &posts[0].props.attachments[0].actions[0];
    assert_eq!(kept.integration.as_ref().unwrap().url, "http://x");
    assert_eq!(kept.id, ActionId::from_random([1; 16]).as_str());
    let shown = serde_json::to_string(&got.shown.shown("t")).unwrap();
    assert!(!shown.contains("integration") && shown.matches("More").count() == 3, "{shown}");
    assert!(shown.contains(&kept.id), "the same id as in the post");
}

#[test]
fn answers_can_be_written_in_code() {
    assert_eq!(Answer::ephemeral("a"), answer(json!({ "response_type": "ephemeral", "text": "a" })));
    assert_eq!(Answer::go_to("/x"), answer(json!({ "goto_location": "/x" })));
    let want = answer(json!({ "response_type": "in_channel", "text": "a", "type": "me", "skip_slack_parsing": true }));
    assert_eq!(Answer::in_channel("a").with_type("me").unparsed(), want);
}

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

#[test]
fn other_channels_are_for_members() {
    let to = |id: &str, response_type: &str| {
        pieces(json!({ "response_type": response_type, "text": "a", "channel_id": id })).remove(0)
    };
    for response_type in ["in_channel", ""] {
        let there = match to(channel(2).as_str(), response_type) {
            Piece::Posts(posts) => posts[0].clone(),
            Piece::Ephemeral(post) => post,
            other => panic!("{other:?}"),
        };
        assert_eq!((there.destination, there.root_id), (Destination::Channel(channel(2)), None));
        for nowhere in [channel(3).as_str(), "nowhere"] {
            assert_eq!(to(nowhere, response_type), Piece::Fails(NotPosted::Channel));
        }
    }
    let Piece::Posts(posts) = to(channel(1).as_str(), "in_channel") else { panic!("here") };
    assert_eq!(posts[0].root_id, Some(root()), "the thread is kept where it is");
}

#[test]
fn parts_are_posted_in_order_whatever_becomes_of_the_others() {
    let got = drafted(json!({
        "response_type": "in_channel", "text": "main", "channel_id": channel(3),
        "extra_responses": [
            { "response_type": "in_channel", "text": "second <a|b>" },
            { "response_type": "in_channel", "text": "third", "type": "system_generic" },
            null,
            { "text": "fourth <!here>" },
            {},
            { "response_type": "in_channel", "text": "last <a|b>", "skip_slack_parsing": true, "props": { "note": 7 },
              "extra_responses": [{ "response_type": "in_channel", "text": "inner <!here>" }] },
        ],
    }));
    let shown = got.pieces.iter().map(|piece| match piece {
        Piece::Posts(posts) => format!("all {}", posts[0].message),
        Piece::Ephemeral(post) => format!("one {}", post.message),
        Piece::Fails(why) => why.to_string(),
        Piece::Nothing => "nothing".to_owned(),
    });
    let want = [
        "the user is no member of the channel",
        "all second [b](a)",
        "`type` must not begin with `system_`",
        "one fourth @here",
        "nothing",
        "all last <a|b>",
    ];
    assert_eq!(shown.collect::<Vec<_>>(), want);
    let texts: Vec<_> = got.shown.extra_responses.iter().flatten().map(|extra| extra.text.as_str()).collect();
    assert_eq!(texts, ["second <a|b>", "third", "fourth @here", "", "last <a|b>"]);
    let inner = &got.shown.extra_responses.as_ref().unwrap()[4].extra_responses.as_ref().unwrap()[0];
    assert_eq!(inner.text, "inner <!here>", "what is within is left as it is");
}

#[test]
fn markup_is_turned_as_the_table_says() {
    let post_text = |text: &str| {
        let text = text.replace("ANN", ANN);
        let got = drafted(json!({ "response_type": "in_channel", "text": text }));
        let shown = got.shown.text.replace(ANN, "ANN");
        (post(got).message.replace(ANN, "ANN"), shown)
    };
    for (text, want, shown) in [
        (
            "<!here> see <https://x.io/a|the doc>",
            "@here see [the doc](https://x.io/a)",
            "@here see <https://x.io/a|the doc>",
        ),
        ("<a|b|c>", "[b|c](a)", "<a|b|c>"),
        ("<https://x.io>", "<https://x.io>", "<https://x.io>"),
        ("<|b> <a|> <!everyone> <#C1>", "<|b> <a|> <!everyone> <#C1>", "<|b> <a|> <!everyone> <#C1>"),
        ("<#C1|ops>", "[ops](#C1)", "<#C1|ops>"),
        ("<<a|b>", "<[b](a)", "<<a|b>"),
        ("<@ANN>", "@ann", "@ann"),
        ("<@ANN|kim> <@zzz>", "[kim](@ANN) <@zzz>", "<@ANN|kim> <@zzz>"),
        ("<a\nb|c\nd>", "[c\nd](a\nb)", "<a\nb|c\nd>"),
        ("<!channel><!all>", "@channel@all", "@channel@all"),
        ("plain", "plain", "plain"),
    ] {
        assert_eq!(post_text(text), (want.to_owned(), shown.to_owned()), "{text}");
    }
}

#[test]
fn attachments_are_turned_member_by_member() {
    let attachment = json!({
        "title": "<!here> <a|b>", "text": "<!here> <a|b>", "pretext": "<!all> <a|b>", "fallback": "<!here> <a|b>",
        "author_name": "<!here>", "footer": "<!here> <a|b>",
        "fields": [{ "title": "<!here>", "value": "<!here> <a|b>" }, { "title": "n", "value": null }],
    });
    for (skip, title, text, pretext) in [
        (false, "@here <a|b>", "@here [b](a)", "@all [b](a)"),
        (true, "<!here> <a|b>", "<!here> [b](a)", "<!all> [b](a)"),
    ] {
        let got = drafted(json!({ "response_type": "in_channel", "text": "<!here> <a|b>", "skip_slack_parsing": skip,
            "attachments": [attachment] }));
        assert_eq!(got.shown.text, if skip { "<!here> <a|b>" } else { "@here <a|b>" });
        let shown = got.shown.attachments.clone();
        let got = post(got);
        assert_eq!(got.message, if skip { "<!here> <a|b>" } else { "@here [b](a)" });
        assert_eq!(got.props.attachments, shown, "shown as posted");
        let it = &shown[0];
        assert_eq!([&*it.title, &*it.text, &*it.pretext], [title, text, pretext]);
        assert_eq!([&*it.fallback, &*it.author_name, &*it.footer], ["<!here> <a|b>", "<!here>", "<!here> <a|b>"]);
        assert_eq!((it.fields[0].title.as_str(), it.fields[0].value.as_deref()), ("<!here>", Some(text)));
        assert_eq!(it.fields[1].value, None);
    }
}

#[test]
fn who_and_where_must_be_known_is_told() {
    let other = "zzzzzzzzzzzzzzzzzzzzzzzzzz";
    let got = answer(json!({
        "text": format!("<@{ANN}> <@{ANN}>"), "channel_id": channel(2),
        "extra_responses": [
            { "attachments": [{ "pretext": format!("<@{other}>") }], "channel_id": channel(1) },
            { "text": format!("<@{other}>"), "skip_slack_parsing": true, "channel_id": "nowhere" },
            { "extra_responses": [{ "text": "<@yyyyyyyyyyyyyyyyyyyyyyyyyy>", "channel_id": channel(9) }] },
        ],
    }));
    assert_eq!(got.people().iter().map(UserId::as_str).collect::<Vec<_>>(), [ANN, other]);
    assert_eq!(got.other_channels(channel(1)), [channel(2)]);
    let in_channel = |text: &str, to: Option<ChannelId>| {
        json!({ "response_type": "in_channel", "text": text,
        "channel_id": to.map(String::from).unwrap_or_default() })
    };
    let got = answer(json!({ "extra_responses": [
        in_channel("@all", Some(channel(2))), in_channel("<!here> x", None), in_channel("@Channel", None),
        in_channel("quiet", Some(channel(3))), { "text": "@all", "channel_id": channel(4) },
        { "response_type": "in_channel", "attachments": [{ "text": "@here" }], "channel_id": channel(5) },
    ] }));
    let mut want = [channel(1), channel(2), channel(5)];
    want.sort_unstable();
    assert_eq!(got.announced_in(channel(1)), want);
}

#[test]
fn who_may_not_notify_all_does_not_and_is_told() {
    let value = || {
        json!({ "response_type": "in_channel", "text": "<!here> @all", "extra_responses": [
        { "response_type": "in_channel", "text": "@all", "channel_id": channel(2) },
        { "response_type": "in_channel", "text": "quiet" }, { "text": "@all" } ] })
    };
    let silent = [channel(1)];
    let got = drafted_with(value(), |facts| facts.silent = Box::leak(Box::new(silent)));
    let is_muted = |piece: &Piece| match piece {
        Piece::Posts(posts) => posts[0].props.entries.contains_key("mentionHighlightDisabled"),
        Piece::Ephemeral(post) => post.props.entries.contains_key("mentionHighlightDisabled"),
        _ => panic!("{piece:?}"),
    };
    assert_eq!(got.pieces.iter().map(is_muted).collect::<Vec<_>>(), [true, false, false, false]);
    let [notice] = &got.notices[..] else { panic!("{:?}", got.notices) };
    assert_eq!((notice.destination, notice.root_id), (Destination::Channel(channel(1)), Some(root())));
    assert!(!notice.message.is_empty() && notice.user_id == ann().id);
    assert!(drafted(value()).notices.is_empty());
}

#[test]
fn long_texts_become_several_posts_or_are_cut() {
    let long = "é".repeat(MAX_MESSAGE_RUNES + 1);
    let Piece::Posts(posts) = pieces(json!({ "response_type": "in_channel", "text": long })).remove(0) else {
        panic!("posts")
    };
    assert_eq!(posts.iter().map(|post| post.message.chars().count()).collect::<Vec<_>>(), [MAX_MESSAGE_RUNES, 1]);
    let alone = post(drafted(json!({ "text": long })));
    assert_eq!(alone.message.chars().count(), MAX_MESSAGE_RUNES);
    let own = drafted_with(json!({ "response_type": "in_channel", "text": long }), |facts| facts.source = Source::Own);
    assert_eq!(own.pieces, [Piece::Fails(NotPosted::TooLarge)]);
    let fits = json!({ "response_type": "in_channel", "text": "é".repeat(MAX_MESSAGE_RUNES) });
    let own = drafted_with(fits, |facts| facts.source = Source::Own);
    assert!(matches!(own.pieces[..], [Piece::Posts(_)]));
    let huge = json!({ "response_type": "in_channel", "text": "", "props": { "a": "x".repeat(800_000) } });
    assert_eq!(pieces(huge), [Piece::Fails(NotPosted::TooLarge)]);
}

#[test]
fn what_cannot_be_kept_is_not_posted() {
    let unsound = Piece::Fails(NotPosted::Unsound);
    let base = json!({ "response_type": "in_channel", "text": "a" });
    for (name, value) in [
        ("text", json!("a\0")),
        ("type", json!("custom_\0")),
        ("username", json!("\0")),
        ("props", json!({ "a": ["\0"] })),
        ("props", json!({ "\0": 1 })),
        ("attachments", json!([{ "text": "\0" }])),
    ] {
        let mut it = base.clone();
        it[name] = value;
        assert_eq!(pieces(it.clone()), [unsound.clone()], "{it}");
        let mut both = base.clone();
        both["extra_responses"] = json!([it, base]);
        let got = pieces(both);
        assert!(matches!(got[..], [Piece::Posts(_), Piece::Fails(NotPosted::Unsound), Piece::Posts(_)]), "{got:?}");
        let mut outer = base.clone();
        outer["extra_responses"] = json!([base]);
        outer[name] = it[name].clone();
        assert!(matches!(pieces(outer)[..], [Piece::Fails(_), Piece::Posts(_)]));
    }
    let text = read_response(&head(200, None), b"a\0", false, "x").unwrap();
    assert!(matches!(drafted(serde_json::to_value(text).unwrap()).pieces[..], [Piece::Fails(NotPosted::Unsound)]));
}
