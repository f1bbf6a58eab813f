//! Where the parts of an answer go, and what does not fit.

use super::*;

#[test]
fn other_channels_are_for_members() {
    let to = |id: &str, response_type: &str| {
        pieces(json!({ "response_type": response_type, "text": "a", "channel_id": id })).remove(0)
    };
    for response_type in ["in_channel", ""] {
        let there = match to(channel(2).as_str(), response_type) {
            Piece::Posts(posts) => posts[0].clone(),
            Piece::Ephemeral(post) => *post,
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
        assert_eq!(pieces(it.clone()), std::slice::from_ref(&unsound), "{it}");
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
