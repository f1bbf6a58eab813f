//! Bots that are made and changed.

use super::{bot, disabled, id};
use crate::bot::manage::{self, assigned, converted, create, followed, named, patch};
use crate::bot::{Bot, BotError, BotRequest};
use crate::id::Millis;
use crate::port::User;

fn request(username: &str) -> BotRequest {
    BotRequest { username: Some(username.to_owned()), ..BotRequest::default() }
}

/// BOT-8.
#[test]
fn usernames_are_taken_and_refused_as_clients_know_it() {
    use BotError::{Email, Username};
    let (longest, longer) = ("k".repeat(64), "k".repeat(65));
    let cases = [
        ("deploy-bot", None),
        ("7of9", None),
        ("_", None),
        ("-x-", None),
        ("a", None),
        ("a.b", None),
        ("0", None),
        ("z9", None),
        (longest.as_str(), None),
        (longer.as_str(), Some(Username)),
        ("", Some(Username)),
        ("Deploy", Some(Username)),
        ("ops bot", Some(Username)),
        ("söder", Some(Username)),
        ("system", Some(Username)),
        ("all", Some(Username)),
        ("channel", Some(Username)),
        ("matterbot", Some(Username)),
        ("systems", None),
        ("here", None),
        (".hidden", Some(Email)),
        ("dots..dots", Some(Email)),
        ("tail.", Some(Email)),
        ("remote:bot", Some(Username)),
        ("nul\0", Some(Username)),
    ];
    for (name, want) in cases {
        let made = create(request(name), id(2), "owner", Millis(5));
        assert_eq!(made.as_ref().err(), want.as_ref(), "{name:?}");
        assert!(made.is_err() || made.unwrap().username == name, "{name:?}");
    }
    assert_eq!(create(BotRequest::default(), id(2), "owner", Millis(5)), Err(Username), "no name at all");
}

/// BOT-3: what is checked first decides.
#[test]
fn limits_are_counted_in_characters_and_checked_in_order() {
    use BotError::{Description, DisplayName, Email, OwnerId, Username};
    let make = |name: &str, display: usize, description: usize, owner: &str| {
        let request = BotRequest {
            display_name: Some("é".repeat(display)),
            description: Some("é".repeat(description)),
            ..request(name)
        };
        create(request, id(2), owner, Millis(5)).err()
    };
    let (long, longer) = ("é".repeat(190), "é".repeat(191));
    let cases = [
        (make("a", 64, 1_024, "o"), None),
        (make("a", 65, 1_024, "o"), Some(DisplayName)),
        (make("a", 64, 1_025, "o"), Some(Description)),
        (make("a", 0, 0, ""), Some(OwnerId)),
        (make("a", 0, 0, &long), None),
        (make("a", 0, 0, &longer), Some(OwnerId)),
        (make("a.", 0, 0, ""), Some(OwnerId)),
        (make("a.", 0, 1_025, "o"), Some(Description)),
        (make("a.", 65, 1_025, "o"), Some(DisplayName)),
        (make("A", 65, 1_025, ""), Some(Username)),
        (make("a.", 64, 1_024, "o"), Some(Email)),
    ];
    for (row, (got, want)) in cases.into_iter().enumerate() {
        assert_eq!(got, want, "row {row}");
    }
}

#[test]
fn what_a_database_cannot_keep_is_refused() {
    let nul = || Some("a\0b".to_owned());
    let made = create(BotRequest { display_name: nul(), ..request("a") }, id(2), "o", Millis(5));
    assert_eq!(made, Err(BotError::DisplayName));
    let made = create(BotRequest { description: nul(), ..request("a") }, id(2), "o", Millis(5));
    assert_eq!(made, Err(BotError::Description));
    assert_eq!(create(request("a"), id(2), "o\0", Millis(5)), Err(BotError::OwnerId));
    assert_eq!(
        patch(&bot(2), BotRequest { display_name: nul(), ..BotRequest::default() }, Millis(5)),
        Err(BotError::FirstName)
    );
}

/// BOT-5.
#[test]
fn a_new_bot_is_enabled_and_its_times_are_now() {
    let request = BotRequest {
        username: Some("robot".to_owned()),
        display_name: Some("Release robot".to_owned()),
        description: Some("posts releases".to_owned()),
    };
    let want = Bot { create_at: Millis(7), update_at: Millis(7), owner_id: "extension".to_owned(), ..bot(2) };
    assert_eq!(create(request, id(2), "extension", Millis(7)), Ok(want));
}

/// BOT-26.
#[test]
fn a_patch_that_says_nothing_new_changes_nothing() {
    let same = BotRequest {
        username: Some("robot".to_owned()),
        display_name: Some("Release robot".to_owned()),
        description: Some("posts releases".to_owned()),
    };
    for request in [BotRequest::default(), same] {
        assert_eq!(patch(&bot(2), request.clone(), Millis(9_000)), Ok(None), "{request:?}");
    }
}

#[test]
fn a_patch_replaces_what_it_names() {
    let of = |member: usize| {
        let text = |place| (member == place).then(|| "new".to_owned());
        BotRequest { username: text(0), display_name: text(1), description: text(2) }
    };
    let then = Bot { update_at: Millis(9_000), ..bot(2) };
    let wants = [
        Bot { username: "new".to_owned(), ..then.clone() },
        Bot { display_name: "new".to_owned(), ..then.clone() },
        Bot { description: "new".to_owned(), ..then.clone() },
    ];
    for (member, want) in wants.into_iter().enumerate() {
        assert_eq!(patch(&bot(2), of(member), Millis(9_000)), Ok(Some(want)), "member {member}");
    }
    let cleared = BotRequest { display_name: Some(String::new()), ..BotRequest::default() };
    assert_eq!(patch(&bot(2), cleared, Millis(1)).unwrap().unwrap().display_name, "");
}

/// BOT-27 with all of it before anything happens: what the account must be comes first, then what the bot must be.
#[test]
fn a_patch_is_refused_for_the_first_thing_that_is_wrong() {
    use BotError::{Description, Email, FirstName, UserUsername, Username};
    let (display, description) = ("é".repeat(65), "é".repeat(1_025));
    let cases = [
        (Some(""), None, None, UserUsername),
        (Some("ops bot"), Some(&display), Some(&description), UserUsername),
        (Some("Ops Bot"), None, None, UserUsername),
        (Some("System"), None, None, UserUsername),
        (Some(".Foo"), Some(&display), Some(&description), Email),
        (Some("foo."), None, None, Email),
        (Some("fo..o"), None, None, Email),
        (Some("Foo"), Some(&display), Some(&description), FirstName),
        (Some("Foo"), None, Some(&description), Username),
        (Some("\u{212a}elvin"), None, None, Username),
        (Some("foo"), None, Some(&description), Description),
        (None, Some(&display), Some(&description), FirstName),
        (None, None, Some(&description), Description),
    ];
    for (username, display_name, description, want) in cases {
        let request = BotRequest {
            username: username.map(str::to_owned),
            display_name: display_name.cloned(),
            description: description.cloned(),
        };
        assert_eq!(patch(&bot(2), request, Millis(9_000)), Err(want), "{username:?}");
    }
    let fits =
        BotRequest { username: None, display_name: Some("é".repeat(64)), description: Some("é".repeat(1_024)) };
    assert!(patch(&bot(2), fits, Millis(9_000)).is_ok_and(|changed| changed.is_some()));
}

/// B16: a tag that a client has seen is never that of something else.
#[test]
fn each_change_is_later_than_the_one_before_whatever_the_clock_says() {
    let changes: [fn(Millis) -> Bot; 5] = [
        |now| assigned(&bot(2), id(3), now),
        |now| manage::disabled(&bot(2), now),
        |now| manage::enabled(&disabled(2), now),
        |now| {
            let request = BotRequest { description: Some(String::new()), ..BotRequest::default() };
            patch(&bot(2), request, now).unwrap().unwrap()
        },
        |now| followed(&bot(2), &User::new(id(2), "other"), now).unwrap(),
    ];
    for (row, change) in changes.into_iter().enumerate() {
        for (now, want) in [(9_000, 9_000), (2_001, 2_001), (2_000, 2_001), (5, 2_001)] {
            assert_eq!(change(Millis(now)).update_at, Millis(want), "row {row} at {now}");
        }
    }
}

/// BOT-35.
#[test]
fn switching_off_or_on_again_changes_nothing() {
    assert_eq!(manage::disabled(&disabled(2), Millis(9_000)), disabled(2));
    assert_eq!(manage::enabled(&bot(2), Millis(9_000)), bot(2));
    let off = Bot { delete_at: Millis(9_000), update_at: Millis(9_000), ..bot(2) };
    assert_eq!(manage::disabled(&bot(2), Millis(9_000)), off);
    let on = Bot { update_at: Millis(9_000), ..bot(2) };
    assert_eq!(manage::enabled(&off, Millis(5)), Bot { update_at: Millis(9_001), ..on });
}

/// BOT-39.
#[test]
fn a_bot_that_is_given_away_stays_as_it_is() {
    for before in [bot(2), disabled(2)] {
        for owner in [id(1), id(3)] {
            let want = Bot { owner_id: owner.into(), update_at: Millis(9_000), ..before.clone() };
            assert_eq!(assigned(&before, owner, Millis(9_000)), want);
        }
    }
}

/// BOT-48.
#[test]
fn a_user_becomes_a_bot_that_owns_itself() {
    let mut user = User::new(id(2), "person");
    user.first_name = "Per".to_owned();
    let want = Bot {
        create_at: Millis(9),
        delete_at: Millis(0),
        description: String::new(),
        display_name: "Per".to_owned(),
        last_icon_update: Millis(0),
        owner_id: id(2).into(),
        update_at: Millis(9),
        user_id: id(2),
        username: "person".to_owned(),
    };
    assert_eq!(converted(&user, Millis(9)), want);
    assert!(want.is_owned_by(id(2)) && !want.is_owned_by(id(1)));
    user.deactivated = true;
    assert_eq!(converted(&user, Millis(9)), Bot { delete_at: Millis(9), ..want });
}

/// B7, B16.
#[test]
fn a_bot_follows_its_account() {
    let mut account = User::new(id(2), "robot");
    account.first_name = "Release robot".to_owned();
    assert_eq!(followed(&bot(2), &account, Millis(9_000)), None);
    account.deactivated = true;
    assert_eq!(followed(&disabled(2), &account, Millis(9_000)), None);
    let off = Bot { delete_at: Millis(9_000), update_at: Millis(9_000), ..bot(2) };
    assert_eq!(followed(&bot(2), &account, Millis(9_000)), Some(off.clone()));
    account.deactivated = false;
    assert_eq!(followed(&off, &account, Millis(9_500)), Some(Bot { update_at: Millis(9_500), ..bot(2) }));
    account.first_name = "Robot".to_owned();
    let renamed = Bot { display_name: "Robot".to_owned(), ..bot(2) };
    assert_eq!(named(&bot(2), &account), renamed);
    assert_eq!(followed(&bot(2), &account, Millis(9_000)), Some(Bot { update_at: Millis(9_000), ..renamed }));
    account.username = "other".to_owned();
    assert_eq!(named(&bot(2), &account).username, "other");
}
