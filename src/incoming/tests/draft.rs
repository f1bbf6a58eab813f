//! From a payload to the posts.

use serde_json::{Map, Value, json};

use super::{ANN, BOB, OWNER, ROBOT, channel, channel_id, hook, in_dev, user, user_id};
use crate::id::ActionId;
use crate::incoming::draft::{Facts, draft, notice};
use crate::incoming::receive::{Answers, Place};
use crate::incoming::{IncomingSettings, IncomingWebhook, Payload, PriorityAsked, ReceiveError};
use crate::port::ChannelKind::{Direct, Private};
use crate::port::{Ask, Permission, Scope, SessionKind, User};
use crate::post::{Action, Attachment, Destination, Overrides, PostDraft, Priority};

/// What [`draft`] knows, owned.
struct World {
    asks: Vec<Ask>,
    granted: Vec<bool>,
    hook: IncomingWebhook,
    overrides: Overrides,
    owner: User,
    people: Vec<User>,
    place: Place,
    session: Option<SessionKind>,
    settings: IncomingSettings,
}

impl World {
    fn new() -> Self {
        Self {
            asks: Vec::new(),
            granted: Vec::new(),
            hook: hook(),
            overrides: Overrides::default(),
            owner: user(OWNER),
            people: vec![user(OWNER), user(ANN), user(ROBOT)],
            place: in_dev(),
            session: None,
            settings: IncomingSettings::default(),
        }
    }

    fn overriding(icon: bool, username: bool) -> Self {
        Self { overrides: Overrides { icon, username }, ..Self::new() }
    }

    /// The same after one permission was asked for.
    fn asked(mut self, permission: Permission, granted: &[bool]) -> Self {
        self.asks.push(Ask::new(permission, Scope::System));
        self.granted.extend(granted);
        self
    }

    fn facts(&self) -> Facts<'_> {
        Facts {
            answers: Answers { asks: &self.asks, granted: &self.granted },
            hook: &self.hook,
            overrides: self.overrides,
            owner: &self.owner,
            people: &self.people,
            place: &self.place,
            root_id: None,
            session: self.session,
            settings: &self.settings,
        }
    }

    fn draft(&self, mut payload: Payload) -> Result<Vec<PostDraft>, ReceiveError> {
        let mut minted = 0;
        draft(&mut payload, &self.facts(), &mut || {
            minted += 1;
            ActionId::from_random([minted; 16])
        })
    }

    fn only(&self, payload: Payload) -> PostDraft {
        let mut drafts = self.draft(payload).unwrap();
        assert_eq!(drafts.len(), 1);
        drafts.pop().unwrap()
    }

    fn props(&self, payload: Payload) -> Value {
        Value::Object(self.only(payload).props.entries)
    }
}

fn saying(text: &str) -> Payload {
    Payload { text: text.to_owned(), ..Payload::default() }
}

fn with_props(props: Value) -> Payload {
    let Value::Object(props) = props else { panic!("props are an object") };
    Payload { props, ..saying("a") }
}

fn with_type(post_type: &str) -> Payload {
    Payload { post_type: post_type.to_owned(), ..saying("a") }
}

fn with_priority(level: Option<&str>) -> Payload {
    let priority = PriorityAsked { priority: level.map(str::to_owned), ..PriorityAsked::default() };
    Payload { priority: Some(priority), ..saying("a") }
}

#[test]
fn a_post_is_by_the_owner_and_at_top_level() {
    let post = World::new().only(saying(" a "));
    let mut want = PostDraft::new(Destination::Channel(channel_id("dev")), user_id(OWNER), " a ");
    want.origin = Some(hook().origin);
    want.props.entries = Map::from_iter([
        ("from_webhook".to_owned(), json!("true")),
        ("webhook_display_name".to_owned(), json!("Deploys")),
    ]);
    assert_eq!(post, want);
    assert_eq!((post.root_id, post.set_online, post.triggers), (None, false, false));
    let opened = World { place: Place::NewDirect(user_id(BOB)), ..World::new() }.only(saying("a"));
    assert_eq!(opened.destination, Destination::Direct(user_id(OWNER), user_id(BOB)));
}

#[test]
fn what_the_owner_may_not_do_refuses_the_call_in_order() {
    let cases = [
        (Permission::READ_CHANNEL_CONTENT, ReceiveError::NoAccess),
        (Permission::CREATE_DIRECT_CHANNEL, ReceiveError::DirectRestricted),
        (Permission::VIEW_TEAM, ReceiveError::OwnerInactive),
    ];
    for (permission, want) in cases {
        let asked = |granted: &[bool]| World::new().asked(permission.clone(), granted).draft(saying("a"));
        assert!(asked(&[true]).is_ok(), "{permission:?}");
        assert_eq!(asked(&[false]), Err(want.clone()), "{permission:?}");
        assert_eq!(asked(&[]), Err(want), "{permission:?}, and no answer");
    }
    let both = World::new().asked(Permission::READ_CHANNEL_CONTENT, &[true]).asked(Permission::VIEW_TEAM, &[false]);
    assert_eq!(both.draft(saying("a")), Err(ReceiveError::OwnerInactive), "each answer belongs to its question");
    let access_first = World::new().asked(Permission::READ_CHANNEL_CONTENT, &[false]);
    assert_eq!(access_first.draft(with_priority(None)), Err(ReceiveError::NoAccess));
    let mut both_wrong = with_priority(None);
    both_wrong.post_type = "system_x".into();
    assert_eq!(World::new().draft(both_wrong), Err(ReceiveError::NoPriority));
    let mut large = with_type("unknown");
    large.props.insert("card".into(), "a".repeat(760_000).into());
    assert_eq!(World::new().draft(large.clone()), Err(ReceiveError::TooLarge));
    large.post_type = "system_x".into();
    assert_eq!(World::new().draft(large), Err(ReceiveError::SystemType));
}

#[test]
fn a_type_must_be_one_that_posts_have() {
    for known in ["", "me", "slack_attachment", "reminder", "add_bot_teams_channels", "custom_", "custom_x"] {
        assert_eq!(World::new().only(with_type(known)).post_type, known, "{known}");
    }
    for unknown in ["burn_on_read", "system", "custom", "Me", "x_custom_"] {
        assert_eq!(World::new().draft(with_type(unknown)), Err(ReceiveError::UnknownType), "{unknown}");
    }
    for system in ["system_", "system_join_channel"] {
        assert_eq!(World::new().draft(with_type(system)), Err(ReceiveError::SystemType), "{system}");
    }
    for replaced in ["system_x", "nonsense", "", "custom_x"] {
        let payload = Payload { attachments: vec![Attachment::default()], ..with_type(replaced) };
        assert_eq!(World::new().only(payload).post_type, "slack_attachment", "{replaced}");
    }
}

#[test]
fn a_sender_name_is_the_callers_or_the_hooks_or_webhook() {
    let name = |world: &World, username: &str| {
        world.props(Payload { username: username.to_owned(), ..saying("a") }).get("override_username").cloned()
    };
    let mut world = World::overriding(false, true);
    assert_eq!(name(&world, ""), Some(json!("webhook")));
    assert_eq!(name(&world, "Any Name"), Some(json!("Any Name")));
    world.hook.username = "ci-bot".into();
    assert_eq!(name(&world, ""), Some(json!("ci-bot")));
    assert_eq!(name(&world, "ci"), Some(json!("ci")));
    world.overrides = Overrides { icon: true, username: false };
    assert_eq!(name(&world, "ci"), None);
}

#[test]
fn a_picture_is_the_callers_or_the_hooks() {
    let icons = |world: &World, icon_url: &str, icon_emoji: &str| {
        let payload = Payload { icon_url: icon_url.to_owned(), icon_emoji: icon_emoji.to_owned(), ..saying("a") };
        let props = world.props(payload);
        let text = |name: &str| props.get(name).and_then(Value::as_str).unwrap_or("none").to_owned();
        (text("override_icon_url"), text("override_icon_emoji"))
    };
    let both = |url: &str, emoji: &str| (url.to_owned(), emoji.to_owned());
    let mut world = World::overriding(true, false);
    assert_eq!(icons(&world, "", ""), both("none", "none"));
    assert_eq!(icons(&world, "i", ":e:"), both("i", ":e:"));
    world.hook.icon_url = "hook".into();
    assert_eq!(icons(&world, "", "e"), both("hook", "e"));
    assert_eq!(icons(&world, "i", ""), both("i", "none"));
    world.overrides = Overrides { icon: false, username: true };
    assert_eq!(icons(&world, "i", "e"), both("none", "none"));
    world.overrides.icon = true;
    let prop_wins = Payload { icon_emoji: "field".into(), ..with_props(json!({ "override_icon_emoji": "prop" })) };
    assert_eq!(world.props(prop_wins)["override_icon_emoji"], "prop");
}

#[test]
fn props_of_the_caller_are_kept_except_those_that_only_the_server_sets() {
    let kept = json!({
        "": "", "card": "c", "use_user_icon": "true", "unsafe_links": "true", "nothing": null, "number": 42,
        "fraction": 0.5, "list": [1, { "a": null }], "current_team_id": "x",
    });
    let mut want = kept.clone();
    want["from_webhook"] = json!("true");
    want["webhook_display_name"] = json!("Deploys");
    assert_eq!(World::new().props(with_props(kept)), want);
    let faked = json!({
        "from_webhook": "false", "override_username": "x", "override_icon_url": "x", "override_icon_emoji": "x",
        "webhook_display_name": "x", "attachments": [{ "text": "x" }], "add_channel_member": {},
        "force_notification": "x", "channel_mentions": {}, "from_bot": "true", "from_plugin": "true",
        "from_oauth_app": "true", "previewed_post": "x", "mentionHighlightDisabled": true,
        "disable_group_highlight": true, "ai_generated_by_username": "x",
    });
    let own = json!({ "from_webhook": "true", "webhook_display_name": "Deploys" });
    assert_eq!(World::new().props(with_props(faked)), own);
    let mut unnamed = World::new();
    unnamed.hook.display_name.clear();
    assert_eq!(unnamed.props(saying("a"))["webhook_display_name"], "");
}

#[test]
fn the_team_of_links_is_taken_away_when_a_channel_is_named() {
    let left = |text: &str, attached: &str| {
        let payload = Payload {
            attachments: vec![Attachment { text: attached.to_owned(), ..Attachment::default() }],
            text: text.to_owned(),
            ..with_props(json!({ "current_team_id": "x" }))
        };
        World::new().props(payload).get("current_team_id").is_some()
    };
    assert!(left("dev", "dev"));
    assert!(!left("~dev", ""));
    assert!(!left("", "~dev"));
}

#[test]
fn bots_and_oauth_sessions_are_told() {
    let mut world = World::new();
    let told = |world: &World| {
        let props = world.props(saying("a"));
        (props.get("from_bot").cloned(), props.get("from_oauth_app").cloned())
    };
    assert_eq!(told(&world), (None, None));
    world.owner.is_bot = true;
    assert_eq!(told(&world), (Some(json!("true")), None));
    world.owner.is_bot = false;
    for (session, want) in [
        (SessionKind::Login, None),
        (SessionKind::PersonalAccessToken, None),
        (SessionKind::OAuth, Some(json!("true"))),
    ] {
        world.session = Some(session);
        assert_eq!(told(&world), (None, want), "{session:?}");
    }
}

#[test]
fn a_generating_author_is_the_owner_or_a_bot() {
    let generated = |by: Value| World::new().draft(with_props(json!({ "ai_generated_by": by })));
    for (by, name) in [(OWNER, "owner"), (ROBOT, "robot")] {
        let entries = generated(by.into()).unwrap().pop().unwrap().props.entries;
        assert_eq!((&entries["ai_generated_by"], &entries["ai_generated_by_username"]), (&json!(by), &json!(name)));
    }
    assert_eq!(generated(ANN.into()), Err(ReceiveError::AiGeneratedBy));
    for unknown in [json!(BOB), json!("no id"), json!(5), Value::Null] {
        let entries = generated(unknown.clone()).unwrap().pop().unwrap().props.entries;
        assert!(!entries.keys().any(|key| key.starts_with("ai_")), "{unknown}");
    }
}

#[test]
fn a_sender_in_use_must_be_without_u0000() {
    let nul = || "a\0".to_owned();
    let payloads = [
        ("/username", Payload { username: nul(), ..saying("a") }),
        ("/icon_url", Payload { icon_url: nul(), ..saying("a") }),
        ("/icon_emoji", Payload { icon_emoji: nul(), ..saying("a") }),
    ];
    for (place, payload) in payloads {
        let want = ReceiveError::Decode(format!("`{place}`: expected a text without U+0000"));
        assert_eq!(World::overriding(true, true).draft(payload.clone()), Err(want), "{place}");
        assert!(World::new().draft(payload).is_ok(), "{place}, not in use");
    }
}

#[test]
fn actions_without_an_id_get_one() {
    let action = |id: &str| Action { id: id.to_owned(), ..Action::default() };
    let attachment = |actions| Attachment { actions, ..Attachment::default() };
    let payload = Payload {
        attachments: vec![attachment(vec![action("own"), action("")]), attachment(vec![action("")])],
        ..Payload::default()
    };
    let attachments = World::new().only(payload).props.attachments;
    let ids: Vec<_> = attachments.iter().flat_map(|one| &one.actions).map(|action| action.id.as_str()).collect();
    let minted = |number| String::from(ActionId::from_random([number; 16]));
    assert_eq!(ids, ["own", &minted(1), &minted(2)]);
}

#[test]
fn a_long_text_becomes_several_posts_and_attachments_go_last() {
    let payload = Payload { attachments: vec![Attachment::default()], ..saying(&"本".repeat(16_384)) };
    let drafts = World::new().draft(payload).unwrap();
    let shape: Vec<_> = drafts.iter().map(|one| (one.message.chars().count(), one.props.attachments.len())).collect();
    assert_eq!(shape, [(16_383, 0), (1, 1)]);
    assert!(drafts.iter().all(|one| one.post_type == "slack_attachment" && one.origin == Some(hook().origin)));
    assert_eq!(World::new().draft(saying(&"a".repeat(16_383))).unwrap().len(), 1);
}

#[test]
fn a_priority_names_a_level_of_at_most_32_characters() {
    for level in ["", "important", "urgent", "made up", &"é".repeat(32)] {
        let priority = Priority { priority: level.to_owned(), ..Priority::default() };
        assert_eq!(World::new().only(with_priority(Some(level))).priority, Some(priority), "{level}");
    }
    assert_eq!(World::new().draft(with_priority(None)), Err(ReceiveError::NoPriority));
    assert_eq!(World::new().draft(with_priority(Some(&"a".repeat(33)))), Err(ReceiveError::PriorityLength));
    assert_eq!(World::new().only(saying("a")).priority, None);
    let mut full = with_priority(Some("urgent"));
    let asked = full.priority.as_mut().unwrap();
    (asked.requested_ack, asked.persistent_notifications) = (Some(true), Some(false));
    let priority = World::new().only(full).priority.unwrap();
    assert_eq!((priority.requested_ack, priority.persistent_notifications), (Some(true), Some(false)));
}

#[test]
fn every_part_has_the_priority_unless_only_the_first_shall() {
    for (priority_on_first_post_only, want) in [(false, [true, true, true]), (true, [true, false, false])] {
        let mut world = World::new();
        world.settings.priority_on_first_post_only = priority_on_first_post_only;
        let payload = Payload { text: "a".repeat(40_000), ..with_priority(Some("urgent")) };
        let drafts = world.draft(payload).unwrap();
        let urgent: Vec<_> = drafts.iter().map(|draft| draft.priority.is_some()).collect();
        assert_eq!(urgent, want, "{priority_on_first_post_only}");
    }
}

#[test]
fn an_announcement_without_the_right_notifies_nobody_and_the_owner_is_told() {
    let silenced = |world: &World, payload: Payload| {
        let drafts = world.draft(payload).unwrap();
        let told = notice(&drafts, &world.facts());
        let marks: Vec<_> =
            drafts.iter().map(|one| one.props.entries.get("mentionHighlightDisabled") == Some(&json!(true))).collect();
        assert_eq!(told.is_some(), marks.contains(&true));
        marks
    };
    let refused = World::new().asked(Permission::USE_CHANNEL_MENTIONS, &[false]);
    let granted = World::new().asked(Permission::USE_CHANNEL_MENTIONS, &[true]);
    assert_eq!(silenced(&granted, saying("@here")), [false]);
    assert_eq!(silenced(&World::new(), saying("@here")), [false]);
    assert_eq!(silenced(&refused, saying("@ann")), [false]);
    for text in ["@here", "look @CHANNEL", "@all."] {
        assert_eq!(silenced(&refused, saying(text)), [true], "{text}");
    }
    let attachment = Attachment { text: "@here".into(), ..Attachment::default() };
    assert_eq!(silenced(&refused, Payload { attachments: vec![attachment], ..saying("a") }), [true]);
    let in_second = saying(&format!("{} @here", "a".repeat(16_383)));
    assert_eq!(silenced(&refused, in_second), [false, true]);
}

#[test]
fn the_notice_goes_to_the_owner_where_the_post_goes() {
    let world = World { place: Place::Channel(channel("closed", Private)), ..World::new() };
    let world = world.asked(Permission::USE_CHANNEL_MENTIONS, &[false]);
    let drafts = world.draft(saying("@here")).unwrap();
    let notice = notice(&drafts, &world.facts()).unwrap();
    assert_eq!(notice.destination, Destination::Channel(channel_id("closed")));
    assert_eq!(notice.user_id, user_id(OWNER));
    assert!(notice.message.contains("“Deploys”"), "{}", notice.message);
    let direct = World { place: Place::Channel(channel("direct", Direct)), ..World::new() };
    assert_eq!(direct.only(saying("a")).destination, Destination::Channel(channel_id("direct")));
}
