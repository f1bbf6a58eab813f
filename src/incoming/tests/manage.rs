//! Who may do what with hooks, and what becomes of what they wrote.

use super::{ANN, BOB, OTHER_TEAM, OWNER, TEAM, archived, channel, channel_id, dev, hook, team_id, user_id};
use crate::id::Millis;
use crate::incoming::manage::{Rights, Rules, create, may_read, see, stays_in_team, update};
use crate::incoming::wire::{HookRequest, WrittenId};
use crate::incoming::{IncomingWebhook, ManageError, Member};
use crate::port::ChannelKind::{Direct, Group, Private, Public};
use crate::port::{Ask, Channel, Permission, Scope};
use crate::post::{Origin, Overrides};

const OWN: Permission = Permission::MANAGE_OWN_INCOMING_WEBHOOKS;
const OTHERS: Permission = Permission::MANAGE_OTHERS_INCOMING_WEBHOOKS;
const BYPASS: Permission = Permission::BYPASS_INCOMING_WEBHOOK_CHANNEL_LOCK;
const READ: Permission = Permission::READ_CHANNEL_CONTENT;
const READ_PUBLIC: Permission = Permission::READ_PUBLIC_CHANNEL;

/// Exactly these rights.
fn rights(held: &[Permission]) -> Rights {
    let asks = Rights::asks(team_id(TEAM), channel_id("dev"));
    Rights::new(&asks.map(|ask| held.contains(&ask.permission)))
}

fn all_rights() -> Rights {
    Rights::new(&[true; 5])
}

fn rules() -> Rules {
    let overrides = Overrides { icon: true, username: true };
    Rules { enabled: true, now: Millis(5_000), origin: Origin([7; 16]), overrides }
}

fn overriding(icon: bool, username: bool) -> Rules {
    Rules { overrides: Overrides { icon, username }, ..rules() }
}

fn request() -> HookRequest {
    HookRequest { channel_id: channel_id("dev").as_str().to_owned(), ..HookRequest::default() }
}

/// A new hook of ann's.
fn made(
    request: HookRequest,
    channel: &Channel,
    rights: Rights,
    rules: &Rules,
) -> Result<IncomingWebhook, ManageError> {
    create(request, user_id(ANN), channel, rights, None, rules)
}

/// A change by ann to a hook of the owner's.
fn changed(
    request: HookRequest,
    channel: &Channel,
    rights: Rights,
    rules: &Rules,
) -> Result<IncomingWebhook, ManageError> {
    update(request, &hook(), user_id(ANN), channel, rights, rules)
}

#[test]
fn rights_are_asked_in_the_team_and_the_channel() {
    let team = Scope::Team(team_id(TEAM));
    let want = [
        Ask::new(OWN, team),
        Ask::new(OTHERS, team),
        Ask::new(BYPASS, team),
        Ask::new(READ, Scope::Channel(channel_id("dev"))),
        Ask::new(READ_PUBLIC, team),
    ];
    assert_eq!(Rights::asks(team_id(TEAM), channel_id("dev")), want);
    assert!(rights(&[OTHERS]).may_manage_others());
    assert!(!rights(&[OWN, BYPASS, READ, READ_PUBLIC]).may_manage_others());
    for granted in [&[true; 4][..], &[true; 6], &[]] {
        assert_eq!(Rights::new(granted), Rights::default(), "{granted:?}");
    }
}

#[test]
fn a_hook_is_made_as_it_was_asked_for() {
    let request = HookRequest {
        channel_locked: true,
        description: "About".into(),
        display_name: "Title".into(),
        icon_url: "i".into(),
        team_id: OTHER_TEAM.into(),
        username: "ci-bot".into(),
        ..request()
    };
    let want = IncomingWebhook {
        channel_id: channel_id("dev"),
        channel_locked: true,
        create_at: Millis(5_000),
        description: "About".into(),
        display_name: "Title".into(),
        icon_url: "i".into(),
        origin: Origin([7; 16]),
        retires_at: None,
        team_id: team_id(TEAM),
        update_at: Millis(5_000),
        user_id: user_id(ANN),
        username: "ci-bot".into(),
    };
    assert_eq!(made(request, &dev(), all_rights(), &rules()), Ok(want));
}

#[test]
fn making_a_hook_needs_the_right_and_access() {
    let private = channel("dev", Private);
    let cases = [
        (dev(), rights(&[OWN, READ]), Ok(())),
        (dev(), rights(&[OWN, READ_PUBLIC]), Ok(())),
        (dev(), rights(&[OWN]), Err(READ)),
        (dev(), rights(&[OTHERS, BYPASS, READ, READ_PUBLIC]), Err(OWN)),
        (private.clone(), rights(&[OWN, READ]), Ok(())),
        (private, rights(&[OWN, READ_PUBLIC]), Err(READ)),
        (channel("dev", Direct), all_rights(), Err(OWN)),
        (channel("dev", Group), all_rights(), Err(OWN)),
    ];
    for (channel, rights, want) in cases {
        let got = made(request(), &channel, rights, &rules()).map(drop);
        assert_eq!(got, want.map_err(ManageError::Forbidden), "{:?} {rights:?}", channel.kind);
    }
}

#[test]
fn a_hook_for_somebody_else_needs_another_right_and_that_they_exist() {
    let may = rights(&[OWN, OTHERS, READ]);
    let may_not = rights(&[OWN, READ, BYPASS]);
    let bob = Some(user_id(BOB));
    let cases = [
        ("", may_not, None, Ok(user_id(ANN))),
        (ANN, may_not, None, Ok(user_id(ANN))),
        (BOB, may_not, bob, Err(ManageError::Forbidden(OTHERS))),
        (BOB, may, bob, Ok(user_id(BOB))),
        (BOB, may, None, Err(ManageError::UserNotFound)),
        ("no id", may, None, Err(ManageError::UserNotFound)),
    ];
    for (asked, rights, exists, want) in cases {
        let request = HookRequest { user_id: asked.to_owned(), ..request() };
        let got = create(request, user_id(ANN), &dev(), rights, exists, &rules()).map(|hook| hook.user_id);
        assert_eq!(got, want, "{asked:?} {rights:?}");
    }
}

#[test]
fn only_who_may_bypass_the_lock_leaves_a_hook_unlocked() {
    for (asked, bypass, want) in [(false, true, false), (true, true, true), (false, false, true), (true, false, true)] {
        let held = if bypass { all_rights() } else { rights(&[OWN, OTHERS, READ]) };
        let request = HookRequest { channel_locked: asked, ..request() };
        assert_eq!(made(request.clone(), &dev(), held, &rules()).unwrap().channel_locked, want, "{asked} {bypass}");
        assert_eq!(changed(request, &dev(), held, &rules()).unwrap().channel_locked, want, "{asked} {bypass}, update");
    }
}

#[test]
fn making_a_hook_is_refused_in_order() {
    let off = Rules { enabled: false, ..rules() };
    let mut bad = HookRequest {
        display_name: "a".repeat(65),
        id: WrittenId("x".into()),
        user_id: BOB.into(),
        username: "Bad Name".into(),
        ..request()
    };
    let gone = archived(dev());
    assert_eq!(made(bad.clone(), &gone, rights(&[READ]), &off), Err(ManageError::Forbidden(OWN)));
    assert_eq!(made(bad.clone(), &gone, rights(&[OWN]), &off), Err(ManageError::Forbidden(READ)));
    assert_eq!(made(bad.clone(), &gone, all_rights(), &off), Err(ManageError::UserNotFound));
    bad.user_id.clear();
    assert_eq!(made(bad.clone(), &gone, all_rights(), &off), Err(ManageError::Disabled));
    assert_eq!(made(bad.clone(), &gone, all_rights(), &rules()), Err(ManageError::InvalidUsername));
    bad.username.clear();
    assert_eq!(made(bad.clone(), &gone, all_rights(), &rules()), Err(ManageError::HasId));
    bad.id.0.clear();
    let title = Err(ManageError::Invalid(Member::DisplayName));
    assert_eq!(made(bad.clone(), &gone, all_rights(), &rules()), title);
    bad.display_name.clear();
    assert_eq!(made(bad.clone(), &gone, all_rights(), &rules()), Err(ManageError::BodyParameter("channel_id")));
    assert!(made(bad, &dev(), all_rights(), &rules()).is_ok());
}

#[test]
fn a_sender_name_is_one_that_users_have() {
    let name = |name: &str| HookRequest { username: name.to_owned(), ..request() };
    for fine in ["", "a", "ci-bot", "0.x_y-z", &"u".repeat(64), "alls", "channels"] {
        assert_eq!(made(name(fine), &dev(), all_rights(), &rules()).unwrap().username, fine, "{fine:?}");
        assert_eq!(changed(name(fine), &dev(), all_rights(), &rules()).unwrap().username, fine, "{fine:?}, update");
    }
    let long = "u".repeat(65);
    for wrong in ["A", "a b", "é", "a@b", "a/b", "a\0", "all", "channel", "matterbot", "system", &long] {
        let want = Err(ManageError::InvalidUsername);
        assert_eq!(made(name(wrong), &dev(), all_rights(), &rules()), want, "{wrong:?}");
        assert_eq!(changed(name(wrong), &dev(), all_rights(), &rules()), want, "{wrong:?}, update");
        let off = overriding(true, false);
        assert_eq!(made(name(wrong), &dev(), all_rights(), &off).unwrap().username, "", "{wrong:?}, off");
    }
}

#[test]
fn overrides_that_are_off_blank_a_new_hook_and_keep_an_old_one() {
    let mut old = hook();
    (old.icon_url, old.username) = ("old icon".into(), "old-name".into());
    let asked = HookRequest { icon_url: "new icon".into(), username: "new-name".into(), ..request() };
    for (icon, username) in [(false, false), (false, true), (true, false), (true, true)] {
        let pick = |on: bool, new: &'static str, old: &'static str| if on { new } else { old };
        let rules = overriding(icon, username);
        let new = made(asked.clone(), &dev(), all_rights(), &rules).unwrap();
        let want = (pick(icon, "new icon", ""), pick(username, "new-name", ""));
        assert_eq!((new.icon_url.as_str(), new.username.as_str()), want);
        let kept = update(asked.clone(), &old, user_id(ANN), &dev(), all_rights(), &rules).unwrap();
        let want = (pick(icon, "new icon", "old icon"), pick(username, "new-name", "old-name"));
        assert_eq!((kept.icon_url.as_str(), kept.username.as_str()), want);
    }
}

/// Asks for a hook with a text in one of its members.
type With<'a> = &'a dyn Fn(String) -> HookRequest;

#[test]
fn texts_are_measured_in_characters() {
    let title = |text: String| HookRequest { display_name: text, ..request() };
    let about = |text: String| HookRequest { description: text, ..request() };
    let icon = |text: String| HookRequest { icon_url: text, ..request() };
    let cases: [(With<'_>, usize, Member); 3] =
        [(&title, 64, Member::DisplayName), (&about, 500, Member::Description), (&icon, 1_024, Member::IconUrl)];
    for (with, limit, member) in cases {
        assert!(made(with("é".repeat(limit)), &dev(), all_rights(), &rules()).is_ok(), "{member}");
        assert!(changed(with("é".repeat(limit)), &dev(), all_rights(), &rules()).is_ok(), "{member}");
        for wrong in ["a".repeat(limit + 1), "a\0".to_owned()] {
            let want = Err(ManageError::Invalid(member));
            assert_eq!(made(with(wrong.clone()), &dev(), all_rights(), &rules()), want);
            assert_eq!(changed(with(wrong), &dev(), all_rights(), &rules()), want);
        }
    }
    let both = HookRequest { description: "a".repeat(501), icon_url: "a".repeat(1_025), ..title("a".repeat(65)) };
    assert_eq!(made(both, &dev(), all_rights(), &rules()), Err(ManageError::Invalid(Member::DisplayName)));
}

#[test]
fn a_hook_stays_in_its_team() {
    let named = |team: &str| HookRequest { team_id: team.to_owned(), ..request() };
    assert_eq!(stays_in_team(&named(""), &hook()), Ok(()));
    assert_eq!(stays_in_team(&named(TEAM), &hook()), Ok(()));
    assert_eq!(stays_in_team(&named(OTHER_TEAM), &hook()), Err(ManageError::TeamMismatch));
    let elsewhere = dev().with_team(team_id(OTHER_TEAM), "");
    for wrong in [elsewhere, channel("direct", Direct)] {
        let want = Err(ManageError::BodyParameter("channel_id"));
        assert_eq!(changed(request(), &wrong, Rights::default(), &rules()), want, "{wrong:?}");
    }
}

#[test]
fn an_update_replaces_what_can_be_written_and_keeps_the_rest() {
    let mut old = hook();
    (old.description, old.icon_url, old.username) = ("About".into(), "i".into(), "ci".into());
    old.channel_locked = true;
    let empty = update(request(), &old, user_id(ANN), &channel("ops", Public), all_rights(), &rules()).unwrap();
    let want = IncomingWebhook {
        channel_id: channel_id("ops"),
        channel_locked: false,
        display_name: String::new(),
        update_at: Millis(5_000),
        ..hook()
    };
    assert_eq!(empty, want);
    let asked = HookRequest {
        description: "d".into(),
        display_name: "t".into(),
        icon_url: "n".into(),
        id: WrittenId("x".into()),
        user_id: BOB.into(),
        username: "u".into(),
        ..request()
    };
    let full = changed(asked, &dev(), all_rights(), &rules()).unwrap();
    let texts = [full.description, full.display_name, full.icon_url, full.username];
    assert_eq!(texts, ["d", "t", "n", "u"]);
    assert_eq!((full.user_id, full.create_at, full.origin), (user_id(OWNER), Millis(1_000), Origin([9; 16])));
    let behind = Rules { now: Millis(1_500), ..rules() };
    assert_eq!(changed(request(), &dev(), all_rights(), &behind).unwrap().update_at, Millis(2_000));
}

#[test]
fn changing_a_hook_needs_rights_in_order() {
    let private = channel("dev", Private);
    let (owner, ann) = (user_id(OWNER), user_id(ANN));
    let cases = [
        (owner, dev(), rights(&[OWN]), Ok(())),
        (owner, dev(), rights(&[OTHERS, READ]), Err(OWN)),
        (ann, dev(), rights(&[OWN, OTHERS]), Ok(())),
        (ann, dev(), rights(&[OWN, READ]), Err(OTHERS)),
        (owner, private.clone(), rights(&[OWN, READ]), Ok(())),
        (owner, private.clone(), rights(&[OWN, OTHERS, READ_PUBLIC]), Err(READ)),
        (ann, private, rights(&[OWN]), Err(OTHERS)),
    ];
    for (caller, channel, rights, want) in cases {
        let got = update(request(), &hook(), caller, &channel, rights, &rules()).map(drop);
        assert_eq!(got, want.map_err(ManageError::Forbidden), "{caller} {:?} {rights:?}", channel.kind);
    }
    let gone = archived(dev());
    assert_eq!(changed(request(), &gone, all_rights(), &rules()), Err(ManageError::BodyParameter("channel_id")));
    let long = HookRequest { display_name: "a".repeat(65), ..request() };
    assert_eq!(changed(long, &gone, all_rights(), &rules()), Err(ManageError::Invalid(Member::DisplayName)));
}

#[test]
fn seeing_a_hook_needs_rights_in_order() {
    let private = channel("dev", Private);
    let (owner, ann) = (user_id(OWNER), user_id(ANN));
    let cases = [
        (owner, dev(), rights(&[OWN]), Ok(())),
        (owner, dev(), rights(&[OTHERS, READ]), Err(OWN)),
        (ann, dev(), rights(&[OWN, OTHERS]), Ok(())),
        (ann, dev(), rights(&[OWN, READ]), Err(OTHERS)),
        (owner, private.clone(), rights(&[OWN, READ]), Ok(())),
        (owner, private.clone(), rights(&[OWN, OTHERS]), Err(READ)),
        (ann, private, rights(&[OWN]), Err(READ)),
    ];
    for (caller, channel, rights, want) in cases {
        let got = see(&hook(), caller, &channel, rights);
        assert_eq!(got, want.map_err(ManageError::Forbidden), "{caller} {:?} {rights:?}", channel.kind);
    }
}

#[test]
fn hooks_of_public_channels_are_for_everybody_who_may_see_hooks() {
    for kind in [Direct, Group, Private, Public] {
        assert_eq!(may_read(&channel("x", kind), false), kind == Public, "{kind:?}");
        assert!(may_read(&channel("x", kind), true), "{kind:?}");
    }
}

#[test]
fn the_switch_refuses_everything() {
    assert_eq!(rules().enabled(), Ok(()));
    assert_eq!(Rules { enabled: false, ..rules() }.enabled(), Err(ManageError::Disabled));
}
