//! What the client is shown, and markup.

use super::*;

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
