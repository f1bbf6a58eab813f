//! Who may do what.

use crate::bot::BotError::{Forbidden, NotFound};
use crate::bot::rights::{Listed, Rights, may_edit_human};
use crate::port::{Permission, Scope};

fn all(then: impl Fn(Rights)) {
    for bits in 0..16_u8 {
        let bit = |place: u8| bits & (1 << place) != 0;
        then(Rights { manage: bit(0), manage_others: bit(1), read: bit(2), read_others: bit(3) });
    }
}

/// BOT-21, row by row; `None` stands for both.
#[test]
fn managing_a_bot_is_decided_by_the_table() {
    let own = || Err(Forbidden(Permission::MANAGE_BOTS));
    let others = || Err(Forbidden(Permission::MANAGE_OTHERS_BOTS));
    let rows = [
        (true, Some(true), None, None, None, Ok(())),
        (true, Some(false), None, Some(true), None, own()),
        (true, Some(false), None, Some(false), None, Err(NotFound)),
        (false, None, Some(true), None, None, Ok(())),
        (false, None, Some(false), None, Some(true), others()),
        (false, None, Some(false), None, Some(false), Err(NotFound)),
    ];
    for is_owner in [true, false] {
        all(|rights| {
            let is = |want: Option<bool>, has: bool| want.is_none_or(|want| want == has);
            let mut wants = rows.iter().filter(|(owner, manage, manage_others, read, read_others, _)| {
                *owner == is_owner
                    && is(*manage, rights.manage)
                    && is(*manage_others, rights.manage_others)
                    && is(*read, rights.read)
                    && is(*read_others, rights.read_others)
            });
            assert_eq!(rights.manage(is_owner), wants.next().unwrap().5, "{is_owner} {rights:?}");
            assert!(wants.next().is_none());
        });
    }
}

/// BOT-29: never a 403.
#[test]
fn who_may_not_see_a_bot_hears_that_there_is_none() {
    all(|rights| {
        let want = |may: bool| if may { Ok(()) } else { Err(NotFound) };
        assert_eq!(rights.see(true), want(rights.read_others || rights.read), "{rights:?}");
        assert_eq!(rights.see(false), want(rights.read_others), "{rights:?}");
    });
}

/// BOT-30.
#[test]
fn a_list_shows_all_or_ones_own() {
    all(|rights| {
        let want = match (rights.read_others, rights.read) {
            (true, _) => Ok(Listed::All),
            (_, true) => Ok(Listed::Own),
            _ => Err(Forbidden(Permission::READ_BOTS)),
        };
        assert_eq!(rights.list(), want, "{rights:?}");
    });
}

#[test]
fn answers_stand_in_the_order_of_the_questions() {
    let asks = Rights::asks();
    assert!(asks.iter().all(|ask| ask.scope == Scope::System));
    let names = asks.map(|ask| ask.permission.as_str().to_owned());
    assert_eq!(names, ["manage_bots", "manage_others_bots", "read_bots", "read_others_bots"]);
    let none = Rights::default();
    let cases = [
        ([true, false, false, false], Rights { manage: true, ..none }),
        ([false, true, false, false], Rights { manage_others: true, ..none }),
        ([false, false, true, false], Rights { read: true, ..none }),
        ([false, false, false, true], Rights { read_others: true, ..none }),
    ];
    for (granted, want) in cases {
        assert_eq!(Rights::new(&granted), want);
    }
    assert_eq!(Rights::new(&[true; 3]), none);
}

/// BOT-17 #3.
#[test]
fn users_are_edited_by_themselves_by_administrators_and_by_who_may_if_they_are_none() {
    let cases = [
        (false, false, false, None, false),
        (true, false, false, None, true),
        (false, true, false, None, true),
        (false, false, true, None, false),
        (false, false, true, Some(true), false),
        (false, false, true, Some(false), true),
        (false, false, false, Some(false), false),
    ];
    for (is_self, is_admin, edits, target, want) in cases {
        assert_eq!(may_edit_human(is_self, is_admin, edits, target), want, "{is_self} {is_admin} {edits} {target:?}");
    }
}
