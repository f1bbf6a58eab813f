//! What is decided before a post is drafted.

use super::{
    ANN, BOB, OTHER_TEAM, OWNER, TEAM, archived, channel, channel_id, dev, hook, in_dev, team_id, user, user_id,
};
use crate::id::UserId;
use crate::incoming::receive::{Place, Target, admit, enter, people, questions, target, translate};
use crate::incoming::{IncomingSettings, Leniency, Payload, ReceiveError};
use crate::port::ChannelKind::{Direct, Group, Private, Public};
use crate::port::{Ask, Permission, Scope};
use crate::post::{Attachment, Field};

fn settings() -> IncomingSettings {
    IncomingSettings::default()
}

fn saying(text: &str) -> Payload {
    Payload { text: text.to_owned(), ..Payload::default() }
}

/// A payload with the same text in every place where markup is looked for, and in some where it is not.
fn saying_everywhere(text: &str) -> Payload {
    let value = |value: Option<&str>| Field { title: text.to_owned(), value: value.map(str::to_owned), short: false };
    let attachment = Attachment {
        author_name: text.to_owned(),
        fallback: text.to_owned(),
        fields: vec![value(None), value(Some(text))],
        footer: text.to_owned(),
        pretext: text.to_owned(),
        text: text.to_owned(),
        title: text.to_owned(),
        ..Attachment::default()
    };
    Payload { attachments: vec![Attachment::default(), attachment], username: text.to_owned(), ..saying(text) }
}

#[test]
fn the_switch_comes_before_an_empty_call() {
    let attached = Payload { attachments: vec![Attachment::default()], ..Payload::default() };
    let mut props_only = Payload::default();
    props_only.props.insert("attachments".into(), serde_json::json!([{ "text": "a" }]));
    let cases = [
        (true, saying("a"), Ok(())),
        (true, saying(" "), Ok(())),
        (true, attached.clone(), Ok(())),
        (true, Payload { attachments: attached.attachments, ..saying("a") }, Ok(())),
        (true, Payload::default(), Err(ReceiveError::NoText)),
        (true, props_only, Err(ReceiveError::NoText)),
        (false, saying("a"), Err(ReceiveError::Disabled)),
        (false, Payload::default(), Err(ReceiveError::Disabled)),
    ];
    for (enabled, payload, want) in cases {
        assert_eq!(admit(&IncomingSettings { enabled, ..settings() }, &payload), want, "{enabled} {payload:?}");
    }
}

#[test]
fn a_channel_is_named_as_it_is_written() {
    let cases = [
        ("", Target::Own),
        ("dev", Target::Named("dev")),
        ("#dev", Target::Named("dev")),
        ("##dev", Target::Named("#dev")),
        ("Dev", Target::Named("Dev")),
        (" #dev", Target::Named(" #dev")),
        ("#", Target::Named("")),
        ("#@bob", Target::Named("@bob")),
        ("@bob", Target::User("bob".into())),
        ("@BOB", Target::User("bob".into())),
        ("@@bob", Target::User("@bob".into())),
        ("@#bob", Target::User("#bob".into())),
        ("@", Target::User("".into())),
    ];
    for (channel, want) in cases {
        assert_eq!(target(channel), Ok(want), "{channel:?}");
    }
    assert_eq!(target("@b\0ob"), Err(ReceiveError::UnknownUser));
    for channel in ["d\0ev", "#\0"] {
        let detail = "`/channel`: expected a text without U+0000".to_owned();
        assert_eq!(target(channel), Err(ReceiveError::Decode(detail)), "{channel:?}");
    }
}

#[test]
fn the_hooks_own_channel_must_be_there_and_live() {
    assert_eq!(Place::own(Some(dev())), Ok(in_dev()));
    assert_eq!(Place::own(Some(archived(dev()))), Err(ReceiveError::ChannelArchived));
    assert_eq!(Place::own(None), Err(ReceiveError::ChannelGone));
}

#[test]
fn of_channels_of_one_name_the_teams_own_is_meant() {
    let (public, group) = (channel("same", Public), channel("same", Group));
    let cases = [
        (vec![public.clone()], Some(&public)),
        (vec![group.clone()], Some(&group)),
        (vec![group.clone(), public.clone()], Some(&public)),
        (vec![public.clone(), group.clone()], Some(&public)),
        (vec![archived(public.clone()), group.clone()], Some(&group)),
        (vec![archived(public.clone())], None),
        (vec![], None),
    ];
    for (found, want) in cases {
        let want = want.cloned().map(Place::Channel).ok_or(ReceiveError::ChannelNotFound);
        assert_eq!(Place::named(found.clone()), want, "{found:?}");
    }
}

#[test]
fn a_direct_channel_is_used_or_opened() {
    let direct = channel("direct", Direct);
    assert_eq!(Place::direct(user_id(BOB), vec![dev(), direct.clone()]), Place::Channel(direct.clone()));
    assert_eq!(Place::direct(user_id(BOB), vec![dev()]), Place::NewDirect(user_id(BOB)));
    assert_eq!(Place::direct(user_id(BOB), vec![]), Place::NewDirect(user_id(BOB)));
    assert!(Place::Channel(direct).is_direct());
    assert!(Place::NewDirect(user_id(BOB)).is_direct());
    for kind in [Group, Private, Public] {
        assert!(!Place::Channel(channel("x", kind)).is_direct(), "{kind:?}");
    }
}

#[test]
fn the_lock_comes_before_the_owner() {
    let owner = user(OWNER);
    let mut inactive = owner.clone();
    inactive.deactivated = true;
    let elsewhere = Place::Channel(channel("elsewhere", Public));
    let opened = Place::NewDirect(user_id(BOB));
    let cases = [
        (false, false, in_dev(), Some(&owner), Ok(&owner)),
        (false, false, elsewhere.clone(), Some(&owner), Ok(&owner)),
        (false, false, opened.clone(), Some(&owner), Ok(&owner)),
        (true, false, in_dev(), Some(&owner), Ok(&owner)),
        (true, false, elsewhere.clone(), Some(&owner), Err(ReceiveError::Locked)),
        (true, false, opened, Some(&owner), Err(ReceiveError::Locked)),
        (true, true, elsewhere, None, Err(ReceiveError::Locked)),
        (false, false, in_dev(), None, Err(ReceiveError::OwnerMissing)),
        (false, true, in_dev(), None, Err(ReceiveError::OwnerMissing)),
        (false, false, in_dev(), Some(&inactive), Ok(&inactive)),
        (false, true, in_dev(), Some(&inactive), Err(ReceiveError::OwnerInactive)),
        (false, true, in_dev(), Some(&owner), Ok(&owner)),
    ];
    for (channel_locked, refuse_inactive_owners, place, owner, want) in cases {
        let mut hook = hook();
        hook.channel_locked = channel_locked;
        let settings = IncomingSettings { refuse_inactive_owners, ..settings() };
        assert_eq!(enter(&hook, &place, owner, &settings), want, "{channel_locked} {refuse_inactive_owners} {place:?}");
    }
}

#[test]
fn ids_are_gathered_from_the_texts_that_are_translated() {
    let sorted = |ids: &[&str]| {
        let mut ids: Vec<UserId> = ids.iter().map(|id| user_id(id)).collect();
        ids.sort_unstable();
        ids
    };
    let owner = user_id(OWNER);
    assert_eq!(people(&saying("nobody"), owner), [owner]);
    assert_eq!(people(&saying(&format!("<@{BOB}> <@{ANN}> <@{BOB}> <@{OWNER}>")), owner), sorted(&[ANN, BOB, OWNER]));
    let attached = |attachment| Payload { attachments: vec![attachment], ..Payload::default() };
    let text = format!("<@{ANN}>");
    let field = |title: &str, value: &str| Field { title: title.into(), value: Some(value.into()), short: false };
    let seen = [
        Attachment { pretext: text.clone(), ..Attachment::default() },
        Attachment { text: text.clone(), ..Attachment::default() },
        Attachment { title: text.clone(), ..Attachment::default() },
        Attachment { fields: vec![Field::default(), field("", &text)], ..Attachment::default() },
    ];
    for attachment in seen {
        assert_eq!(people(&attached(attachment.clone()), owner), sorted(&[ANN, OWNER]), "{attachment:?}");
    }
    let unseen =
        Attachment { fields: vec![field(&text, "")], footer: text.clone(), fallback: text, ..Attachment::default() };
    assert_eq!(people(&attached(unseen), owner), [owner]);
    let mut generated = saying("a");
    generated.props.insert("ai_generated_by".into(), BOB.into());
    assert_eq!(people(&generated, owner), sorted(&[BOB, OWNER]));
    for wrong in [serde_json::json!("no id"), serde_json::json!(5)] {
        generated.props.insert("ai_generated_by".into(), wrong);
        assert_eq!(people(&generated, owner), [owner]);
    }
}

#[test]
fn markup_is_translated_where_the_table_says() {
    let people = [user(OWNER), user(ANN)];
    let mut payload = saying_everywhere(&format!("<!here> <@{ANN}> <@{BOB}> <a|b>"));
    let whole = payload.text.clone();
    translate(&mut payload, &people, &settings());
    let mentions = format!("@here @ann <@{BOB}> ");
    let (linked, unlinked) = (format!("{mentions}[b](a)"), format!("{mentions}<a|b>"));
    let attachment = &payload.attachments[1];
    assert_eq!(payload.text, linked);
    assert_eq!(attachment.pretext, linked);
    assert_eq!(attachment.text, linked);
    assert_eq!(attachment.title, unlinked);
    assert_eq!(attachment.fields[1].value.as_ref(), Some(&linked));
    assert_eq!(attachment.fields[0].value, None);
    let untouched = [&payload.username, &attachment.fallback, &attachment.author_name, &attachment.footer];
    for text in untouched.into_iter().chain([&attachment.fields[1].title]) {
        assert_eq!(*text, whole);
    }
}

#[test]
fn links_have_a_strict_grammar_in_the_message_and_a_loose_one_in_attachments() {
    let code = "if (a < b || c > d) `<e|f>`";
    let (strict, loose) = ("if (a < b || c > d) `[f](e)`", "if (a [| c ]( b ) d) `[f](e)`");
    let switched = |careful_attachment_links| {
        let others = Leniency { short_fields: true, whole_numbers: true, careful_attachment_links };
        let mut payload = saying_everywhere(code);
        translate(&mut payload, &[], &IncomingSettings { leniency: others, ..settings() });
        let attachment = payload.attachments.pop().unwrap();
        (payload.text, [attachment.pretext, attachment.text, attachment.fields[1].value.clone().unwrap()])
    };
    assert_eq!(switched(false), (strict.to_owned(), [loose; 3].map(str::to_owned)));
    assert_eq!(switched(true), (strict.to_owned(), [code; 3].map(str::to_owned)));
}

#[test]
fn the_owner_is_asked_for_what_the_call_needs() {
    let asks = |place: &Place, payload: &Payload, refuse_inactive_owners| {
        questions(&hook(), place, payload, &IncomingSettings { refuse_inactive_owners, ..settings() })
    };
    let (quiet, loud) = (saying("@ann"), saying("@here"));
    let reads = |name| Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel_id(name)));
    let announces = |name| Ask::new(Permission::USE_CHANNEL_MENTIONS, Scope::Channel(channel_id(name)));
    assert_eq!(asks(&in_dev(), &quiet, false), []);
    assert_eq!(asks(&in_dev(), &loud, false), [announces("dev")]);
    for kind in [Direct, Group, Private] {
        let place = Place::Channel(channel("closed", kind));
        assert_eq!(asks(&place, &quiet, false), [reads("closed")], "{kind:?}");
        assert_eq!(asks(&place, &loud, false), [reads("closed"), announces("closed")], "{kind:?}");
    }
    let opened = Place::NewDirect(user_id(BOB));
    let opens = Ask::new(Permission::CREATE_DIRECT_CHANNEL, Scope::User(user_id(BOB)));
    assert_eq!(asks(&opened, &loud, false), [opens]);
    let in_team = Ask::new(Permission::VIEW_TEAM, Scope::Team(team_id(TEAM)));
    assert_ne!(team_id(TEAM), team_id(OTHER_TEAM));
    assert_eq!(asks(&in_dev(), &quiet, true), [in_team]);
    let attached = Payload { attachments: saying_everywhere("@ALL").attachments, ..saying("quiet") };
    assert_eq!(asks(&in_dev(), &attached, false), [announces("dev")]);
}
