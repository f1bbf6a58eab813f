//! What the texts of drafts name.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    ANN, BOB, OTHER_TEAM, OWNER, ROBOT, TEAM, archived, channel, channel_id, dev, in_dev, team_id, user, user_id,
};
use crate::incoming::named::{
    check_recipients, is_linkable, link, link_asks, linked_names, linked_team, may_link, recipients_to_check,
};
use crate::incoming::receive::Place;
use crate::incoming::{IncomingSettings, Payload, ReceiveError};
use crate::port::ChannelKind::{Direct, Group, Private, Public};
use crate::port::{Ask, Permission, Scope, Team};
use crate::post::{Attachment, Destination, Field, PostDraft, Priority};

fn draft(text: &str) -> PostDraft {
    PostDraft::new(Destination::Channel(channel_id("dev")), user_id(OWNER), text)
}

/// A draft with a priority, persistent or not.
fn with_priority(persistent: Option<bool>, text: &str) -> PostDraft {
    let mut draft = draft(text);
    draft.priority = Some(Priority { persistent_notifications: persistent, ..Priority::default() });
    draft
}

fn persistent(text: &str) -> PostDraft {
    with_priority(Some(true), text)
}

fn attached(attachment: Attachment) -> PostDraft {
    let mut draft = draft("");
    draft.props.attachments.push(attachment);
    draft
}

fn settings(priority_on_first_post_only: bool) -> IncomingSettings {
    IncomingSettings {
        persistent_notification_max_recipients: 2,
        priority_on_first_post_only,
        ..IncomingSettings::default()
    }
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[test]
fn names_are_looked_up_for_persistent_notifications_alone() {
    let direct = Place::Channel(channel("direct", Direct));
    let (each, first) = (settings(false), settings(true));
    let both = [persistent("@ann"), draft("@bob")];
    assert_eq!(recipients_to_check(&both, &in_dev(), &each), names(&["ann"]));
    assert_eq!(recipients_to_check(&both, &in_dev(), &first), names(&["ann", "bob"]));
    assert_eq!(recipients_to_check(&both, &direct, &first), names(&[]));
    assert_eq!(recipients_to_check(&both, &Place::NewDirect(user_id(BOB)), &first), names(&[]));
    for quiet in [draft("@ann"), with_priority(None, "@ann"), with_priority(Some(false), "@ann")] {
        assert_eq!(recipients_to_check(&[quiet], &in_dev(), &first), names(&[]));
    }
}

#[test]
fn each_persistent_notification_mentions_some_members_and_not_too_many() {
    let members = [user(ANN), user(BOB), user(ROBOT), user(OWNER)];
    let check = |drafts: &[PostDraft], place: &Place, first_only| {
        check_recipients(drafts, place, &members, &settings(first_only))
    };
    let (none, many) = (Err(ReceiveError::NoRecipients), Err(ReceiveError::ManyRecipients));
    let cases = [
        (vec![persistent("@ann")], Ok(()), Ok(())),
        (vec![persistent("@ann @bob")], Ok(()), Ok(())),
        (vec![persistent("@ann @bob @ann @BOB")], Ok(()), Ok(())),
        (vec![persistent("@ann @bob @owner")], many.clone(), many.clone()),
        (vec![persistent("nobody")], none.clone(), none.clone()),
        (vec![persistent("@robot")], none.clone(), none.clone()),
        (vec![persistent("@stranger @here @channel @all")], none.clone(), none.clone()),
        (vec![persistent("@ann @robot @stranger @bob")], Ok(()), Ok(())),
        (vec![draft("nobody")], Ok(()), Ok(())),
        (vec![with_priority(Some(false), "nobody")], Ok(()), Ok(())),
        (vec![persistent("@ann"), persistent("nobody")], none.clone(), Ok(())),
        (vec![persistent("@ann"), draft("nobody")], Ok(()), Ok(())),
        (vec![persistent("nobody"), draft("@ann")], none.clone(), Ok(())),
        (vec![persistent("@ann @bob"), persistent("@owner")], Ok(()), many.clone()),
        (vec![persistent("@ann @bob"), persistent("@bob @ann")], Ok(()), Ok(())),
    ];
    for (drafts, each, first_only) in cases {
        let texts: Vec<_> = drafts.iter().map(|draft| draft.message.as_str()).collect();
        assert_eq!(check(&drafts, &in_dev(), false), each, "{texts:?}");
        assert_eq!(check(&drafts, &in_dev(), true), first_only, "{texts:?}, on the first alone");
        assert_eq!(check(&drafts, &Place::Channel(channel("direct", Direct)), false), Ok(()), "{texts:?}, direct");
        assert_eq!(check(&drafts, &Place::NewDirect(user_id(BOB)), true), Ok(()), "{texts:?}, opened");
    }
    let mut in_attachment = persistent("");
    in_attachment.props.attachments.push(Attachment { pretext: "@ann".into(), ..Attachment::default() });
    assert_eq!(check(&[in_attachment], &in_dev(), false), Ok(()));
}

#[test]
fn links_lead_into_the_channels_team_or_the_one_that_a_prop_names() {
    let mut payload = Payload::default();
    let direct = Place::Channel(channel("direct", Direct));
    let opened = Place::NewDirect(user_id(BOB));
    assert_eq!(linked_team(&payload, &in_dev()), Some(team_id(TEAM)));
    assert_eq!(linked_team(&payload, &direct), None);
    payload.props.insert("current_team_id".into(), OTHER_TEAM.into());
    assert_eq!(linked_team(&payload, &in_dev()), Some(team_id(TEAM)));
    for teamless in [&direct, &opened, &Place::Channel(channel("group", Group))] {
        assert_eq!(linked_team(&payload, teamless), Some(team_id(OTHER_TEAM)), "{teamless:?}");
    }
    for wrong in [json!("no id"), json!(5)] {
        payload.props.insert("current_team_id".into(), wrong);
        assert_eq!(linked_team(&payload, &direct), None);
    }
}

#[test]
fn channels_are_named_in_messages_pretexts_texts_and_values() {
    let text = || "~ops".to_owned();
    let field = |title: &str, value: Option<String>| Field { title: title.to_owned(), value, short: false };
    let with = |attachment: Attachment| linked_names(&[draft("quiet"), attached(attachment)]);
    assert_eq!(linked_names(&[draft("~dev. (~a_b-c), ~dev"), draft("~ops!")]), names(&["dev", "a_b-c", "ops"]));
    assert_eq!(with(Attachment { pretext: text(), ..Attachment::default() }), names(&["ops"]));
    assert_eq!(with(Attachment { text: text(), ..Attachment::default() }), names(&["ops"]));
    assert_eq!(with(Attachment { fields: vec![field("", Some(text()))], ..Attachment::default() }), names(&["ops"]));
    let unread =
        Attachment { title: text(), footer: text(), fields: vec![field("~ops", None)], ..Attachment::default() };
    assert_eq!(with(unread), names(&[]));
}

#[test]
fn at_most_a_thousand_names_are_looked_up() {
    let text = |count: usize| (0..count).map(|number| format!("~c{number} ")).collect::<String>();
    assert_eq!(linked_names(&[draft(&text(1_000))]).len(), 1_000);
    assert_eq!(linked_names(&[draft(&text(1_001)), draft("~other")]).len(), 1_000);
    assert_eq!(linked_names(&[draft(&(text(999) + &text(999))), draft("~other")]).len(), 1_000);
}

#[test]
fn a_link_leads_to_a_live_channel_of_the_team() {
    let cases = [
        (dev(), TEAM, true),
        (channel("ops", Private), TEAM, true),
        (dev(), OTHER_TEAM, false),
        (archived(dev()), TEAM, false),
        (archived(dev()), OTHER_TEAM, false),
        (channel("direct", Direct), TEAM, false),
    ];
    for (channel, team, want) in cases {
        assert_eq!(is_linkable(&channel, team_id(team)), want, "{channel:?} {team}");
    }
}

#[test]
fn a_link_needs_access_to_the_channel() {
    let asks = link_asks(&dev(), team_id(TEAM));
    let want = [
        Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel_id("dev"))),
        Ask::new(Permission::READ_PUBLIC_CHANNEL, Scope::Team(team_id(TEAM))),
    ];
    assert_eq!(asks, want);
    for kind in [Private, Public] {
        let channel = channel("x", kind);
        let public = kind == Public;
        let cases: [(&[bool], bool); 6] = [
            (&[true, true], true),
            (&[true, false], true),
            (&[false, true], public),
            (&[false, false], false),
            (&[true], false),
            (&[], false),
        ];
        for (granted, want) in cases {
            assert_eq!(may_link(&channel, granted), want, "{kind:?} {granted:?}");
        }
    }
}

#[test]
fn each_draft_links_the_channels_that_it_names() {
    let mut drafts = [draft("~dev ~nowhere"), draft("nothing"), draft("~DEV ~ops ~dev")];
    let channels = [dev(), channel("ops", Private)];
    link(&mut drafts, &channels, &Team::new(team_id(TEAM), "core", "Core"));
    let links = |draft: &PostDraft| draft.props.entries.get("channel_mentions").cloned();
    let one = |name: &str, title: &str| {
        let id = channel_id(name);
        json!({ "display_name": title, "id": id, "team_name": "core" })
    };
    let want: [Option<Value>; 3] = [
        Some(json!({ "dev": one("dev", "DEV") })),
        None,
        Some(json!({ "dev": one("dev", "DEV"), "ops": one("ops", "OPS") })),
    ];
    assert_eq!(drafts.each_ref().map(links), want);
}
