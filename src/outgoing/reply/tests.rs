use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::id::{ActionId, ChannelId, PostId, UserId};
use crate::port::{Channel, ChannelKind, User};
use crate::post::{Destination, MAX_MESSAGE_RUNES, Overrides, PostDraft};

const ANNA: [u8; 16] = [1; 16];
const BEN: [u8; 16] = [2; 16];
const CIBOT: [u8; 16] = [3; 16];
const POST: [u8; 16] = [4; 16];
const ROOT: [u8; 16] = [5; 16];
const CHANNEL: [u8; 16] = [6; 16];

fn user(id: [u8; 16], name: &str) -> User {
    let mut user = User::new(UserId::from_random(id), name);
    user.is_bot = name.ends_with("bot");
    user
}

/// What a test may change of the facts.
struct World {
    channel: Channel,
    creator: Option<User>,
    icon_url: &'static str,
    may_announce: bool,
    overrides: Overrides,
    people: Vec<User>,
    post: Triggering,
    username: &'static str,
}

impl World {
    fn new() -> Self {
        let people = vec![user(ANNA, "anna"), user(BEN, "ben"), user(CIBOT, "cibot")];
        Self {
            channel: Channel::new(ChannelId::from_random(CHANNEL), ChannelKind::Public, "dev"),
            creator: Some(user(ANNA, "anna")),
            icon_url: "",
            may_announce: true,
            overrides: Overrides::default(),
            people,
            post: Triggering { deleted: false, id: PostId::from_random(POST), root_id: None },
            username: "",
        }
    }

    fn overriding(username: &'static str, icon_url: &'static str) -> Self {
        Self { icon_url, overrides: Overrides { icon: true, username: true }, username, ..Self::new() }
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            channel: &self.channel,
            creator: self.creator.as_ref(),
            display_name: "Deploys",
            icon_url: self.icon_url,
            may_announce: self.may_announce,
            overrides: self.overrides,
            people: &self.people,
            post: self.post,
            username: self.username,
        }
    }

    fn try_draft(&self, body: &Value) -> Result<Vec<PostDraft>, NotPosted> {
        let answer = Answer::read(body.to_string().as_bytes(), false).unwrap().unwrap();
        let mut made = 0;
        draft(answer, &self.facts(), &mut || {
            made += 1;
            ActionId::from_random([made; 16])
        })
    }

    fn draft(&self, body: &Value) -> PostDraft {
        let mut drafts = self.try_draft(body).unwrap();
        assert_eq!(drafts.len(), 1, "{body}");
        drafts.remove(0)
    }

    fn props(&self, body: &Value) -> Value {
        Value::Object(self.draft(body).props.entries)
    }
}

fn read(body: &str) -> Result<Option<Answer>, UnusableAnswer> {
    Answer::read(body.as_bytes(), false)
}

/// OUT-75.
#[test]
fn an_answer_asks_for_a_reply_if_it_has_a_text_or_an_attachment() {
    let none = [
        "",
        " \n\t\r ",
        "{}",
        "null",
        "null and more",
        r#"{"text":null}"#,
        r#"{"text":"a","TEXT":null}"#,
        r#"{"props":{"a":1}}"#,
        r#"{"ok":true,"username":"x","goto_location":"https://example.com"}"#,
        r#"{"attachments":[]}"#,
        r#"{"attachments":null}"#,
        r#"{"attachments":[null,null]}"#,
        r#"{"props":{"attachments":[{"text":"a"}]}}"#,
        r#"{"priority":{"priority":"urgent"}}"#,
    ];
    for body in none {
        assert_eq!(read(body), Ok(None), "{body}");
    }
    let texts = [
        (r#"{"text":"hi"}"#, "hi"),
        (r#"{"TEXT":"hi"}"#, "hi"),
        (r#"{"text":"hi"} trailing"#, "hi"),
        (r#"{"text":""}"#, ""),
        (r#"{"text":"a","text":"b"}"#, "b"),
        (r#"{"text":"hi","response_type":null,"props":null,"priority":null,"type":null,"attachments":null}"#, "hi"),
        (r#"{"text":"hi","icon_emoji":7,"channel":[],"extra_responses":{},"skip_slack_parsing":true}"#, "hi"),
    ];
    for (body, want) in texts {
        assert_eq!(read(body).unwrap().unwrap().text.as_deref(), Some(want), "{body}");
    }
    let attached = read(r#"{"attachments":[null,{"text":"a"}]}"#).unwrap().unwrap();
    assert_eq!((attached.text, attached.attachments.len()), (None, 1));
}

/// OUT-73.
#[test]
fn what_is_not_an_answer_makes_no_reply_at_all() {
    let wrong = [
        "ok",
        "<html>hi</html>",
        r#""hi""#,
        "7",
        r#"[{"text":"hi"}]"#,
        r#"{"text":"hi""#,
        r#"{"text":7}"#,
        r#"{"text":"hi","props":[]}"#,
        r#"{"text":"hi","username":1}"#,
        r#"{"text":"hi","icon_url":{}}"#,
        r#"{"text":"hi","response_type":true}"#,
        r#"{"text":"hi","type":1}"#,
        r#"{"text":"hi","attachments":{"text":"a"}}"#,
        r#"{"text":"hi","attachments":[7]}"#,
        r#"{"text":"hi","priority":"urgent"}"#,
        r#"{"text":"hi","priority":{"priority":1}}"#,
        r#"{"text":"a\u0000"}"#,
        r#"{"text":"a","type":"\u0000"}"#,
        r#"{"text":"a","props":{"b":"\u0000"}}"#,
        r#"{"attachments":[{"text":"\u0000"}]}"#,
        r#"{"text":"a","priority":{"priority":"\u0000"}}"#,
        "{\"text\":\"a\nb\"}",
        "\u{feff}{}",
    ];
    for body in wrong {
        assert!(matches!(read(body), Err(UnusableAnswer::Json(_))), "{body}: {:?}", read(body));
    }
    assert_eq!(
        read(r#"{"text":7}"#).unwrap_err().to_string(),
        "the answer cannot be read as JSON: `/text`: expected a string (byte 8)"
    );
}

/// OUT-71.
#[test]
fn an_answer_that_was_cut_counts_if_its_value_is_whole() {
    assert!(Answer::read(br#"{"text":"a"} and so on"#, true).unwrap().is_some());
    for body in [&br#"{"text":"aaaa"#[..], b"   ", b"", b"nul", b"ok"] {
        assert_eq!(Answer::read(body, true), Err(UnusableAnswer::Truncated), "{:?}", String::from_utf8_lossy(body));
    }
}

#[test]
fn a_reply_is_by_the_creator_in_the_channel_of_the_post_and_triggers_nothing() {
    let post = World::new().draft(&json!({ "text": "on its way" }));
    let mut want =
        PostDraft::new(Destination::Channel(ChannelId::from_random(CHANNEL)), UserId::from_random(ANNA), "on its way");
    want.props.entries.insert("from_webhook".to_owned(), json!("true"));
    want.props.entries.insert("webhook_display_name".to_owned(), json!("Deploys"));
    assert_eq!(post, want);
    assert!(!post.triggers && !post.set_online);
    assert_eq!(World::new().draft(&json!({ "text": "" })).message, "");
}

/// OUT-77, OUT-104.
#[test]
fn a_comment_belongs_to_the_thread_of_the_post() {
    let mut world = World::new();
    let root = |world: &World, kind: &str| world.draft(&json!({ "text": "a", "response_type": kind })).root_id;
    assert_eq!(root(&world, "comment"), Some(PostId::from_random(POST)));
    for kind in ["post", "in_channel", "", "ephemeral", "Comment", "comment "] {
        assert_eq!(root(&world, kind), None, "{kind:?}");
    }
    world.post.root_id = Some(PostId::from_random(ROOT));
    assert_eq!(root(&world, "comment"), Some(PostId::from_random(ROOT)));
    assert_eq!(root(&world, "post"), None);
}

/// OUT-122.
#[test]
fn a_comment_on_a_deleted_post_is_not_posted() {
    let mut world = World::new();
    world.post.deleted = true;
    let comment = json!({ "text": "a", "response_type": "comment" });
    assert_eq!(world.try_draft(&comment), Err(NotPosted::PostDeleted));
    assert_eq!(world.draft(&json!({ "text": "a" })).root_id, None);
    world.channel.archived = true;
    assert_eq!(world.draft(&json!({ "text": "a" })).message, "a");
}

/// OUT-84, OUT-85, OUT-86.
#[test]
fn names_and_pictures_are_those_of_the_answer_or_of_the_hook_where_they_may_be() {
    let off = World::new();
    let answer = json!({ "text": "a", "username": "Otto & Co", "icon_url": "javascript:x" });
    let bare = json!({ "from_webhook": "true", "webhook_display_name": "Deploys" });
    assert_eq!(off.props(&answer), bare);
    let shown = |world: &World, answer: &Value| {
        let props = world.props(answer);
        (props.get("override_username").cloned(), props.get("override_icon_url").cloned())
    };
    let hooky = World::overriding("Hooky", "https://example.com/hook.png");
    assert_eq!(shown(&hooky, &answer), (Some(json!("Otto & Co")), Some(json!("javascript:x"))));
    let plain = json!({ "text": "a", "username": "", "icon_url": "" });
    assert_eq!(shown(&hooky, &plain), (Some(json!("Hooky")), Some(json!("https://example.com/hook.png"))));
    assert_eq!(shown(&World::overriding("", ""), &plain), (Some(json!("webhook")), None));
    let mut half = World::overriding("Hooky", "i");
    half.overrides = Overrides { icon: true, username: false };
    assert_eq!(shown(&half, &plain), (None, Some(json!("i"))));
    half.overrides = Overrides { icon: false, username: true };
    assert_eq!(shown(&half, &plain), (Some(json!("Hooky")), None));
}

#[test]
fn a_name_that_no_host_stores_is_refused_only_where_it_is_used() {
    let answer = json!({ "text": "a", "username": "\0", "icon_url": "\0" });
    assert_eq!(World::new().draft(&answer).message, "a");
    let mut world = World::overriding("", "");
    assert_eq!(world.try_draft(&answer), Err(NotPosted::Unsound("username")));
    world.overrides.username = false;
    assert_eq!(world.try_draft(&answer), Err(NotPosted::Unsound("icon_url")));
}

/// OUT-82, OUT-119.
#[test]
fn a_creator_that_is_a_bot_is_shown_as_one() {
    let mut world = World::new();
    world.creator = Some(user(CIBOT, "cibot"));
    assert_eq!(world.props(&json!({ "text": "a" }))["from_bot"], "true");
    world.creator = None;
    assert_eq!(world.try_draft(&json!({ "text": "a" })), Err(NotPosted::CreatorGone));
}

/// OUT-83, OUT-87.
#[test]
fn props_are_kept_but_for_those_that_only_the_server_sets() {
    let written = json!({
        "build": 7, "nested": { "a": [1, null] }, "card": "**more**", "override_username": "Fake",
        "override_icon_url": "https://example.com/f.png", "from_webhook": "false", "webhook_display_name": "Fake",
        "attachments": [{ "text": "no" }], "add_channel_member": { "post_id": "x" }, "force_notification": "true",
        "channel_mentions": {}, "current_team_id": "t",
    });
    let want = json!({
        "build": 7, "nested": { "a": [1, null] }, "card": "**more**", "current_team_id": "t",
        "from_webhook": "true", "webhook_display_name": "Deploys",
    });
    let world = World::new();
    assert_eq!(world.props(&json!({ "text": "re", "props": written })), want);
    let names = world.props(&json!({ "text": "re ~dev", "props": written }));
    assert_eq!(names.get("current_team_id"), None);
    let named = world.props(&json!({ "text": "re", "props": written, "attachments": [{ "text": "~dev" }] }));
    assert_eq!(named.get("current_team_id"), None);
}

#[test]
fn a_reply_is_generated_by_its_author_or_a_bot() {
    let world = World::new();
    let answer =
        |id: [u8; 16]| json!({ "text": "a", "props": { "ai_generated_by": UserId::from_random(id).to_string() } });
    assert_eq!(world.props(&answer(ANNA))["ai_generated_by_username"], "anna");
    assert_eq!(world.props(&answer(CIBOT))["ai_generated_by_username"], "cibot");
    assert_eq!(world.try_draft(&answer(BEN)), Err(NotPosted::AiGeneratedBy));
    assert_eq!(world.props(&answer(ROOT)).get("ai_generated_by"), None);
}

/// OUT-88.
#[test]
fn a_type_is_kept_with_attachments_and_must_be_one() {
    let world = World::new();
    let attached = json!([{ "text": "a" }]);
    let type_of = |answer: Value| world.try_draft(&answer).map(|mut drafts| drafts.remove(0).post_type);
    let cases = [
        (json!({ "text": "a" }), Ok("")),
        (json!({ "attachments": attached }), Ok("slack_attachment")),
        (json!({ "attachments": attached, "type": "" }), Ok("slack_attachment")),
        (json!({ "attachments": attached, "type": "custom_build" }), Ok("custom_build")),
        (json!({ "text": "", "type": "custom_build" }), Ok("custom_build")),
        (json!({ "text": "a", "type": "me" }), Ok("me")),
        (json!({ "text": "a", "type": "build" }), Err(NotPosted::UnknownType)),
        (json!({ "text": "a", "type": "burn_on_read" }), Err(NotPosted::UnknownType)),
        (json!({ "text": "a", "type": "system_join_channel" }), Err(NotPosted::SystemType)),
        (json!({ "attachments": attached, "type": "system_x" }), Err(NotPosted::SystemType)),
    ];
    for (answer, want) in cases {
        assert_eq!(type_of(answer.clone()), want.map(str::to_owned), "{answer}");
    }
}

/// OUT-78, OUT-79.
#[test]
fn markup_is_turned_into_ours() {
    let text = format!(
        "<!here> <!channel> <!all> <@{}> <@nosuchid> see <https://h.example/a|the log> and <https://h.example> and \
         <a|b|c>, x < y || z > w, <mailto:a@h.example|write>",
        UserId::from_random(BEN)
    );
    let want = "@here @channel @all @ben <@nosuchid> see [the log](https://h.example/a) and <https://h.example> and \
                <a|b|c>, x < y || z > w, [write](mailto:a@h.example)";
    let world = World::new();
    let post = world.draft(&json!({ "text": text }));
    assert_eq!(post.message, want);
    let attachment = json!({
        "pretext": "see <https://h.example/a|the log>", "title": "Build <!here> <a|b>", "footer": "<!here>",
        "text": format!("failed for <@{}>", UserId::from_random(BEN)),
        "fields": [{ "title": "Branch", "value": "main", "short": true }, { "title": "Try", "value": 3 }, { "value": "<u|a|b>" }],
    });
    let post = world.draft(&json!({ "attachments": [attachment] }));
    let one = &post.props.attachments[0];
    assert_eq!(one.pretext, "see [the log](https://h.example/a)");
    assert_eq!((&*one.title, &*one.text, &*one.footer), ("Build @here <a|b>", "failed for @ben", "<!here>"));
    let values: Vec<_> = one.fields.iter().map(|field| field.value.as_deref().unwrap()).collect();
    assert_eq!(values, ["main", "3", "[a|b](u)"]);
}

#[test]
fn those_whom_an_answer_names_must_be_known() {
    let ids = [ANNA, BEN, CIBOT, ROOT].map(UserId::from_random);
    let body = json!({
        "text": format!("<@{}> <@{}>", ids[1], ids[1]),
        "attachments": [{ "title": format!("<@{}>", ids[2]) }],
        "props": { "ai_generated_by": ids[3].to_string() },
    });
    let mut want = ids.to_vec();
    want.sort_unstable();
    assert_eq!(read(&body.to_string()).unwrap().unwrap().people(ids[0]), want);
}

#[test]
fn actions_without_an_id_get_one() {
    let body = json!({ "attachments": [{ "actions": [{ "id": "confirm", "name": "Yes" }, { "name": "No" }] }] });
    let post = World::new().draft(&body);
    let ids: Vec<_> = post.props.attachments[0].actions.iter().map(|action| action.id.clone()).collect();
    assert_eq!(ids, ["confirm".to_owned(), ActionId::from_random([1; 16]).to_string()]);
}

/// OUT-80.
#[test]
fn a_long_text_becomes_several_posts_that_have_everything_else_in_common() {
    let body = json!({
        "text": "é".repeat(32_770), "response_type": "comment", "type": "custom_x", "priority": { "priority": "urgent" },
        "attachments": [{ "text": "a" }],
    });
    let drafts = World::new().try_draft(&body).unwrap();
    let lengths: Vec<_> = drafts.iter().map(|draft| draft.message.chars().count()).collect();
    assert_eq!(lengths, [16_383, 16_383, 4]);
    for (place, draft) in drafts.iter().enumerate() {
        assert_eq!(draft.root_id, Some(PostId::from_random(POST)));
        assert_eq!((&*draft.post_type, draft.props.entries.len()), ("custom_x", 2));
        assert_eq!(draft.priority.as_ref().unwrap().priority, "urgent");
        assert_eq!(draft.props.attachments.len(), usize::from(place == 2));
    }
    let wide = json!({ "text": "a", "attachments": [{ "title": "t".repeat(760_000) }] });
    assert_eq!(World::new().try_draft(&wide), Err(NotPosted::TooLarge));
}

/// OUT-89, OUT-123.
#[test]
fn a_priority_needs_a_level_of_any_text() {
    let world = World::new();
    let level = |priority: Value| {
        let drafted = world.try_draft(&json!({ "text": "a", "priority": priority, "response_type": "comment" }));
        drafted.map(|mut drafts| drafts.remove(0).priority.map(|priority| priority.priority))
    };
    assert_eq!(level(json!({ "priority": "important" })), Ok(Some("important".to_owned())));
    assert_eq!(level(json!({ "priority": "" })), Ok(Some(String::new())));
    assert_eq!(level(json!({ "priority": "x".repeat(32) })), Ok(Some("x".repeat(32))));
    assert_eq!(level(json!({ "priority": "é".repeat(33) })), Err(NotPosted::PriorityLength));
    assert_eq!(level(json!({ "priority": null })), Err(NotPosted::NoPriority));
    assert_eq!(level(json!({ "requested_ack": true })), Err(NotPosted::NoPriority));
    assert_eq!(level(json!(null)), Ok(None));
    let post = world.draft(&json!({ "text": "a", "priority": { "priority": "urgent", "requested_ack": true } }));
    assert_eq!(post.priority.unwrap().requested_ack, Some(true));
}

#[test]
fn a_persistent_notification_mentions_some_members_and_not_too_many() {
    let mut world = World::new();
    let members = [user(ANNA, "anna"), user(BEN, "ben"), user(CIBOT, "cibot")];
    let persistent = json!({ "priority": "urgent", "persistent_notifications": true });
    let check = |world: &World, text: &str, priority: &Value| {
        let drafts = world.try_draft(&json!({ "text": text, "priority": priority })).unwrap();
        let names = recipients_to_check(&drafts, &world.channel);
        (names.into_iter().collect::<Vec<_>>().join(" "), check_recipients(&drafts, &world.channel, &members, 1))
    };
    let cases = [
        ("hi @anna @anna", "anna", Ok(())),
        ("hi @anna @ben", "anna ben", Err(NotPosted::ManyRecipients(1))),
        ("hi", "", Err(NotPosted::NoRecipients)),
        ("hi @cibot @nobody", "cibot nobody", Err(NotPosted::NoRecipients)),
    ];
    for (text, names, want) in cases {
        assert_eq!(check(&world, text, &persistent), (names.to_owned(), want), "{text}");
        assert_eq!(check(&world, text, &json!({ "priority": "urgent" })), (String::new(), Ok(())));
        assert_eq!(check(&world, text, &Value::Null), (String::new(), Ok(())));
    }
    let long = format!("@anna {}", "a".repeat(16_383));
    assert_eq!(check(&world, &long, &persistent).1, Err(NotPosted::NoRecipients));
    world.channel.kind = ChannelKind::Direct;
    assert_eq!(check(&world, "hi", &persistent), (String::new(), Ok(())));
}

/// INC-72.
#[test]
fn an_author_who_may_not_announce_is_not_heard_by_everybody() {
    let mut world = World::new();
    world.may_announce = false;
    let loud =
        [json!({ "text": "<!here> a" }), json!({ "text": "@all" }), json!({ "attachments": [{ "text": "@channel" }] })];
    for answer in &loud {
        assert_eq!(world.props(answer)["mentionHighlightDisabled"], true, "{answer}");
        assert!(read(&answer.to_string()).unwrap().unwrap().announces(), "{answer}");
    }
    let quiet = json!({ "text": "a" });
    assert!(!read(&quiet.to_string()).unwrap().unwrap().announces());
    assert_eq!(world.props(&quiet).get("mentionHighlightDisabled"), None);
    world.may_announce = true;
    assert_eq!(world.props(&loud[0]).get("mentionHighlightDisabled"), None);
}

#[test]
fn reasons_are_sentences() {
    let reasons = [
        NotPosted::AiGeneratedBy.to_string(),
        NotPosted::ManyRecipients(5).to_string(),
        NotPosted::PriorityLength.to_string(),
        NotPosted::Unsound("username").to_string(),
        UnusableAnswer::Truncated.to_string(),
    ];
    for reason in reasons {
        assert!(reason.contains(' ') && !reason.ends_with('.') && !reason.contains('\n'), "{reason}");
    }
}

proptest! {
    #[test]
    fn whatever_is_answered_becomes_sound_posts_or_none(
        members in prop::collection::vec((
            prop::sample::select(vec!["text", "response_type", "username", "icon_url", "type", "props", "attachments", "priority"]),
            prop::sample::select(vec![
                "null", "7", "\"\"", "\"comment\"", "\"custom_a\"", "\"system_a\"", "\"<!here> <u|l> ~dev @anna\"", "{}", "[]",
                "[null]", "[{}]", r#"[{"text":"<a|b>","fields":[{"value":[1]}],"actions":[{}]}]"#,
                r#"{"priority":"urgent","persistent_notifications":true}"#, r#"{"a":1,"from_webhook":1,"attachments":[1]}"#,
            ]),
        ), 0..9),
        rest in ".{0,3}",
        deleted in any::<bool>(),
        icon in any::<bool>(),
    ) {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let body = format!("{{{}}}{rest}", members.join(","));
        let Ok(Some(answer)) = read(&body) else { return Ok(()) };
        let mut world = World::overriding("", "i");
        world.overrides.icon = icon;
        world.post.deleted = deleted;
        let comment = answer.is_comment();
        let Ok(drafts) = draft(answer, &world.facts(), &mut || ActionId::from_random([9; 16])) else { return Ok(()) };
        prop_assert!(!drafts.is_empty());
        prop_assert!(!comment || !deleted);
        for draft in drafts {
            prop_assert!(draft.message.chars().count() <= MAX_MESSAGE_RUNES && !draft.triggers);
            prop_assert_eq!(draft.root_id.is_some(), comment);
            prop_assert_eq!(&draft.props.entries["from_webhook"], "true");
            prop_assert!(!draft.props.entries.contains_key("attachments"));
            prop_assert_eq!(draft.props.entries.contains_key("override_icon_url"), icon);
        }
    }
}
