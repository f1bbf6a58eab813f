//! What is remembered of commands.

use bytes::Bytes;

use super::{command, command_id, team, trigger};
use crate::command::autocomplete::{Argument, Input, Item, Node, RoleNeeded};
use crate::command::{Claim, Command, CommandTree, Method, TeamGeneration};
use crate::id::Millis;
use crate::port::{Index, IndexEntry};
use crate::record::{Kind, decode, encode};

#[test]
fn a_command_is_kept_as_it_is() {
    for method in [Method::Get, Method::Post] {
        let kept = Command { method, auto_complete: method == Method::Get, ..command(7, "weather") };
        let body = encode(&kept, b"sealed").unwrap();
        let read = decode::<Command>(&body).unwrap();
        assert_eq!((read.kind, &read.sealed[..]), (kept, &b"sealed"[..]));
    }
    assert!(decode::<Command>(&Bytes::from_static(b"\x01\0\0{}")).is_err());
}

#[test]
fn a_command_is_found_by_team_creator_and_time() {
    let kept = command(7, "weather");
    let time = kept.create_at.to_sortable();
    let at = |index: Index, id: &str| IndexEntry::new(index, [id.as_bytes(), &time].concat());
    let want = [
        at(Command::BY_CREATOR, kept.creator_id.as_str()),
        at(Command::BY_TEAM, kept.team_id.as_str()),
        at(Command::BY_TIME, ""),
    ];
    assert_eq!(kept.index(), want);
}

#[test]
fn debug_shows_no_address() {
    let shown = format!("{:?}", command(7, "weather"));
    assert!(shown.contains("weather") && !shown.contains("x.io"), "{shown}");
}

#[test]
fn a_method_is_one_letter() {
    for (letter, want) in [("G", Some(Method::Get)), ("P", Some(Method::Post)), ("p", None), ("POST", None), ("", None)]
    {
        assert_eq!(Method::parse(letter), want, "{letter}");
        assert!(want.is_none_or(|method| method.as_str() == letter));
    }
}

#[test]
fn a_claim_names_its_command_and_is_found_by_team_and_word() {
    let claim = Claim { command_id: command_id(3) };
    let body = encode(&claim, b"").unwrap();
    assert_eq!(decode::<Claim>(&body).unwrap().kind, claim);
    assert_eq!(claim.index(), []);
    let key = Claim::key(team(1), &trigger("a/b"));
    assert_eq!(key, [team(1).as_str().as_bytes(), b"a/b"].concat());
}

#[test]
fn the_generation_of_a_team_counts_on() {
    let first = TeamGeneration::default().next(Millis(5_000));
    assert_eq!(first, TeamGeneration { changed: Millis(5_000), number: 1 });
    let second = first.next(Millis(4_000));
    assert_eq!(second, TeamGeneration { changed: Millis(5_000), number: 2 }, "never back in time");
    assert_eq!(decode::<TeamGeneration>(&encode(&second, b"").unwrap()).unwrap().kind, second);
    let place = IndexEntry::new(TeamGeneration::CHANGED, Millis(5_000).to_sortable().to_vec());
    assert_eq!(second.index(), [place]);
    let last = TeamGeneration { number: u64::MAX, ..second };
    assert_eq!(last.next(Millis(6_000)).number, 0);
}

#[test]
fn a_tree_is_kept_as_it_is() {
    let stages = Input::list(vec![Item::new("prod eu", "live", "P"), Item::default()]);
    let root = Node::new("deploy", "[action]", "Tool")
        .with_sub_command(Node::new("start", "", "").with_argument(Argument::new("Where", stages)))
        .with_sub_command(
            Node::new("more", "", "")
                .for_role(RoleNeeded::Administrator)
                .with_argument(Argument::new("t", Input::text("h")).named("flag").optional())
                .with_argument(Argument::new("d", Input::fetched("builtin:x")).named("list"))
                .with_argument(Argument::new("o", Input::Other("Colour".to_owned())).named("other")),
        );
    let tree = CommandTree { root, team_id: team(2) };
    let body = encode(&tree, b"").unwrap();
    assert_eq!(decode::<CommandTree>(&body).unwrap().kind, tree);
    let place = IndexEntry::new(CommandTree::BY_TEAM, team(2).as_str().as_bytes().to_vec());
    assert_eq!(tree.index(), [place]);
    let damaged = Bytes::from([&body[..29], &[0, 0, 0, 1, b'[']].concat());
    assert_eq!(decode::<CommandTree>(&damaged).unwrap_err().to_string(), "a record is damaged: there is no tree");
}
