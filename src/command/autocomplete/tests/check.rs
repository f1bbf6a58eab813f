//! Which trees are kept.

use super::deploy;
use crate::command::autocomplete::{Argument, Input, InvalidTree, Item, Node, RoleNeeded};

fn word(trigger: &str) -> Node {
    Node::new(trigger, "", "")
}

fn text() -> Argument {
    Argument::new("", Input::text(""))
}

#[test]
fn trees_are_judged_as_the_table_says() {
    use InvalidTree::{ArgumentsAndWords, EmptyItem, FetchUrl, OptionalText, Order, Role, Trigger};
    let list = |items: &[&str]| Input::list(items.iter().map(|item| Item::new(*item, "", "")).collect());
    let cases = [
        (deploy(), Ok(())),
        (word(""), Err(Trigger)),
        (word("Deploy"), Err(Trigger)),
        (word("é b"), Ok(())),
        (word("a").for_role(RoleNeeded::Blank), Ok(())),
        (word("a").for_role(RoleNeeded::Administrator), Ok(())),
        (word("a").for_role(RoleNeeded::Other("team_admin".into())), Err(Role)),
        (word("a").with_argument(text()).with_sub_command(word("b")), Err(ArgumentsAndWords)),
        (word("a").with_argument(text().named("n")).with_argument(text()), Err(Order)),
        (word("a").with_argument(text()).with_argument(text().named("n")).with_argument(text().named("m")), Ok(())),
        (word("a").with_argument(text().optional()), Err(OptionalText)),
        (word("a").with_argument(text().named("n").optional()), Ok(())),
        (word("a").with_argument(Argument::new("", list(&["x"])).optional()), Ok(())),
        (word("a").with_argument(Argument::new("", list(&["x", ""]))), Err(EmptyItem)),
        (word("a").with_argument(Argument::new("", list(&[]))), Ok(())),
        (word("a").with_argument(Argument::new("", Input::fetched("builtin:x"))), Ok(())),
        (word("a").with_argument(Argument::new("", Input::fetched("http://a/%zz"))), Err(FetchUrl)),
        (word("a").with_argument(Argument::new("", Input::Other("x".into())).optional()), Ok(())),
        (word("a").with_sub_command(word("b")).with_sub_command(word("C")), Err(Trigger)),
        (word("A").for_role(RoleNeeded::Other("x".into())), Err(Trigger)),
        (word("a").for_role(RoleNeeded::Other("x".into())).with_sub_command(word("B")), Err(Role)),
    ];
    for (tree, want) in cases {
        assert_eq!(tree.check(), want, "{}", tree.to_json());
    }
}

#[test]
fn addresses_to_fetch_from_can_be_parsed() {
    let of = |url: &str| word("a").with_argument(Argument::new("", Input::fetched(url))).check().is_ok();
    for url in ["", "builtin:x:y", "/plugins/x/y?a=%zz", "http://a/b%20c", "https://a/#%q", "http://a/%2f"] {
        assert!(of(url), "{url:?}");
    }
    for url in [":x", "http://a/\n", "a\tb", "%", "%2", "%2x", "a%%41", "http://a/\u{7f}"] {
        assert!(!of(url), "{url:?}");
    }
}

#[test]
fn trees_are_bounded() {
    let deep = |depth: usize| (1..depth).fold(word("a"), |below, _| word("a").with_sub_command(below));
    assert_eq!((deep(8).check_size(), deep(9).check_size()), (Ok(()), Err(InvalidTree::Depth)));
    let wide = |count: usize| (1..count).fold(word("a"), |tree, _| tree.with_sub_command(word("b")));
    assert_eq!((wide(1_000).check_size(), wide(1_001).check_size()), (Ok(()), Err(InvalidTree::Size)));
    let listed = |items: usize| {
        let items = vec![Item::new("i", "", ""); items];
        let half = items.len() / 2;
        let (one, other) = items.split_at(half);
        word("a").with_sub_command(
            word("b")
                .with_argument(Argument::new("", Input::list(one.to_vec())))
                .with_argument(text())
                .with_argument(Argument::new("", Input::list(other.to_vec()))),
        )
    };
    assert_eq!((listed(998).check_size(), listed(999).check_size()), (Ok(()), Err(InvalidTree::Size)));
}
