//! Who may, and what is looked at before the record itself (OUT-7 to OUT-21, OUT-27, OUT-29).

use super::super::manage::{self, Claim, Rights};
use super::super::{During, HookRequest, ManageError, OutgoingWebhook};
use super::{channel, creator, hook, request, team, texts};
use crate::id::{ChannelId, TeamId, UserId};
use crate::port::{Ask, Channel, ChannelKind, Permission, Scope};

const OWN: ManageError = ManageError::Forbidden(Permission::MANAGE_OWN_OUTGOING_WEBHOOKS);
const OTHERS: ManageError = ManageError::Forbidden(Permission::MANAGE_OTHERS_OUTGOING_WEBHOOKS);

#[test]
fn rights_are_asked_for_by_name_in_one_scope() {
    for scope in [Scope::System, Scope::Team(team()), Scope::Channel(channel())] {
        let want = ["manage_own_outgoing_webhooks", "manage_others_outgoing_webhooks"];
        assert_eq!(Rights::asks(scope), want.map(|name| Ask::new(Permission::new(name), scope)));
    }
}

#[test]
fn who_made_a_hook_needs_the_permission_all_the_same() {
    let (hook, other) = (hook(), UserId::from_random([9; 16]));
    let cases = [
        ([false, false], creator(), Err(OWN)),
        ([false, true], creator(), Err(OWN)),
        ([true, false], creator(), Ok(())),
        ([true, true], creator(), Ok(())),
        ([false, true], other, Err(OWN)),
        ([true, false], other, Err(OTHERS)),
        ([true, true], other, Ok(())),
    ];
    for (granted, caller, want) in cases {
        let rights = Rights::new(&granted);
        assert_eq!(rights.manage_hook(&hook, caller), want, "{granted:?} {caller}");
        assert_eq!(rights.manage(), if granted[0] { Ok(()) } else { Err(OWN) }, "{granted:?}");
        assert_eq!(rights.sees_others(), granted[1], "{granted:?}");
    }
}

#[test]
fn answers_that_are_missing_are_no() {
    for answers in [&[][..], &[true], &[true, true, true]] {
        assert_eq!(Rights::new(answers), Rights::default(), "{answers:?}");
    }
    assert_eq!(Rights::default().manage(), Err(OWN));
    assert!(!Rights::default().sees_others());
}

#[test]
fn rights_on_no_team_are_asked_nowhere() {
    let known = team();
    let cases = [
        ("", None),
        ("nosuchteam", Some(Scope::System)),
        ("../x", Some(Scope::System)),
        (known.as_str(), Some(Scope::Team(known))),
    ];
    for (id, want) in cases {
        assert_eq!(manage::scope_of_team(id), want, "{id:?}");
    }
}

/// OUT-16.
#[test]
fn naming_a_creator_needs_the_right_over_others_even_for_oneself() {
    let own = Rights::new(&[true, false]);
    let both = Rights::new(&[true, true]);
    let named = |creator_id: &str| HookRequest { creator_id: creator_id.to_owned(), ..request() };
    let id = creator();
    let cases = [
        ("", own, Ok(None)),
        ("", both, Ok(None)),
        (id.as_str(), own, Err(OTHERS)),
        ("alice", own, Err(OTHERS)),
        (id.as_str(), both, Ok(Some(id))),
        ("alice", both, Err(ManageError::UserNotFound)),
    ];
    for (creator_id, rights, want) in cases {
        assert_eq!(manage::creator(&named(creator_id), rights), want, "{creator_id:?} {rights:?}");
    }
}

#[test]
fn switched_off_nothing_is_managed() {
    assert_eq!(manage::enabled(true), Ok(()));
    assert_eq!(manage::enabled(false), Err(ManageError::Disabled));
}

#[test]
fn a_channel_is_none_or_has_an_id() {
    let known = channel();
    let cases = [("", Ok(None)), ("dev", Err(ManageError::ChannelNotFound)), (known.as_str(), Ok(Some(known)))];
    for (id, want) in cases {
        let request = HookRequest { channel_id: id.to_owned(), ..request() };
        assert_eq!(manage::channel_of(&request), want, "{id:?}");
    }
}

/// OUT-18 to OUT-21, and OUT-27 #9 and #10.
#[test]
fn a_hook_hears_public_channels_of_its_team() {
    let of = |kind, team: Option<TeamId>| {
        let mut channel = Channel::new(channel(), kind, "dev");
        channel.team_id = team;
        Some(channel)
    };
    let (own, other) = (Some(team()), Some(TeamId::from_random([8; 16])));
    let mut archived = of(ChannelKind::Public, own);
    archived.as_mut().unwrap().archived = true;
    let not_public = |during| Err(ManageError::ChannelNotPublic(during));
    for during in [During::Create, During::Update] {
        let cases = [
            ("public", of(ChannelKind::Public, own), &[][..], Ok(())),
            ("public, words", of(ChannelKind::Public, own), &["a"], Ok(())),
            ("archived", archived.clone(), &[], Ok(())),
            ("private", of(ChannelKind::Private, own), &["a"], not_public(during)),
            ("private elsewhere", of(ChannelKind::Private, other), &["a"], not_public(during)),
            ("direct", of(ChannelKind::Direct, None), &["a"], not_public(during)),
            ("group", of(ChannelKind::Group, None), &["a"], not_public(during)),
            ("elsewhere", of(ChannelKind::Public, other), &["a"], Err(ManageError::ChannelOfOtherTeam)),
            ("nowhere", of(ChannelKind::Public, None), &["a"], Err(ManageError::ChannelOfOtherTeam)),
            ("none, words", None, &["a"], Ok(())),
            ("none, no words", None, &[], Err(ManageError::NoTrigger(during))),
        ];
        for (name, channel, words, want) in cases {
            let request = HookRequest { trigger_words: texts(words), ..request() };
            let heard = manage::hears(&request, channel.as_ref(), team().as_str(), during);
            assert_eq!(heard, want, "{name} {during:?}");
        }
    }
}

/// OUT-29.
#[test]
fn hooks_collide_by_channel_address_and_word() {
    let (here, u, v) = (Some(channel()), "https://a.example/u", "https://a.example/v");
    let there = Some(ChannelId::from_random([9; 16]));
    type Row<'a> = (&'a str, Option<ChannelId>, &'a [&'a str], &'a [&'a str], bool);
    let cases: [Row<'_>; 10] = [
        ("one of each", here, &["z", "y"], &[v, "https://b.example"], true),
        ("the same", here, &["x", "y"], &[u, v], true),
        ("the first of each", here, &["x"], &[u], true),
        ("another channel", there, &["y"], &[v], false),
        ("no channel", None, &["y"], &[v], false),
        ("another case", here, &["Y"], &[v], false),
        ("another word", here, &["z"], &[v], false),
        ("another address", here, &["y"], &["https://a.example/v?"], false),
        ("no words", here, &[], &[v], false),
        ("no addresses", here, &["y"], &[], false),
    ];
    for (name, channel_id, words, urls, want) in cases {
        let (trigger_words, callback_urls) = (texts(words), texts(urls));
        let request = HookRequest { callback_urls, trigger_words, ..request() };
        let claim = Claim::new(&request, channel_id);
        assert_eq!(claim.collides_with(&hook()), want, "{name}");
        assert_eq!(claim.is_exclusive(), !words.is_empty() && !urls.is_empty(), "{name}");
    }
    let wide = OutgoingWebhook { channel_id: None, ..hook() };
    let request = HookRequest { callback_urls: texts(&[u]), trigger_words: texts(&["x"]), ..request() };
    assert!(Claim::new(&request, None).collides_with(&wide), "two hooks of the whole team");
}
