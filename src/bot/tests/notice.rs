//! What people are told.

use super::{bot, id};
use crate::bot::notice::{Orphans, assigned, welcome};
use crate::post::Destination;

#[test]
fn a_new_bot_asks_its_owner_to_add_it() {
    let draft = welcome(&bot(2), id(1));
    assert_eq!((draft.destination, draft.user_id), (Destination::Direct(id(2), id(1)), id(2)));
    assert_eq!((draft.post_type.as_str(), draft.set_online), ("add_bot_teams_channels", true));
    assert_eq!(draft.props.entries.get("from_bot"), Some(&"true".into()));
    assert!(draft.message.contains("add me"), "{}", draft.message);
}

#[test]
fn a_new_owner_hears_of_it() {
    let draft = assigned(&bot(2), id(3));
    assert_eq!((draft.destination, draft.user_id), (Destination::Direct(id(2), id(3)), id(2)));
    assert_eq!((draft.post_type.as_str(), draft.set_online), ("system_generic", false));
    assert_eq!(draft.props.entries.get("from_bot"), Some(&"true".into()));
    assert_eq!(draft.message, "You are now the owner of the bot @robot.");
}

fn orphans(count: usize) -> Orphans {
    let mut orphans = Orphans::default();
    (0..count).for_each(|number| orphans.push(&format!("b{number}")));
    orphans
}

/// BOT-53.
#[test]
fn administrators_read_the_names_of_up_to_ten_bots() {
    let draft = orphans(2).tell(id(5), id(6), "ann", true);
    assert_eq!((draft.destination, draft.user_id), (Destination::Direct(id(5), id(6)), id(5)));
    assert_eq!(draft.post_type, "system_generic");
    assert_eq!(draft.props.entries.get("from_bot"), Some(&"true".into()));
    let want = "@ann was deactivated. The bots of theirs that were enabled have been disabled:\n\n- @b0\n- @b1";
    assert_eq!((draft.message.as_str(), draft.props.attachments.len()), (want, 0));
    let ten = orphans(10).tell(id(5), id(6), "ann", false);
    assert!(ten.message.starts_with("@ann was deactivated. Bots of theirs are still enabled:\n\n- @b0\n"));
    assert!(ten.message.ends_with("- @b9") && ten.props.attachments.is_empty());
}

/// B26.
#[test]
fn of_more_than_ten_bots_all_names_are_attached() {
    let draft = orphans(11).tell(id(5), id(6), "ann", true);
    assert!(draft.message.contains("disabled (the first 10):\n\n- @b0\n"), "{}", draft.message);
    assert!(draft.message.ends_with("- @b9"));
    let [attachment] = draft.props.attachments.as_slice() else { panic!("{draft:?}") };
    assert_eq!(attachment.title, "All 11 bots");
    assert!(attachment.text.starts_with("- @b0\n") && attachment.text.ends_with("- @b10\n"), "{attachment:?}");
    let many = orphans(1_003);
    assert_eq!((many.count, many.names.len()), (1_003, 1_000));
    let text = &many.tell(id(5), id(6), "ann", true).props.attachments[0].text;
    assert!(text.ends_with("- @b999\nand 3 more\n"));
    let thousand = orphans(1_000).tell(id(5), id(6), "ann", true);
    assert!(thousand.props.attachments[0].text.ends_with("- @b999\n"));
}

#[test]
fn without_a_bot_of_the_system_the_administrator_is_told_by_themself() {
    let draft = orphans(1).tell(id(6), id(6), "ann", true);
    assert_eq!(draft.destination, Destination::Direct(id(6), id(6)));
    assert!(draft.props.entries.is_empty());
}
