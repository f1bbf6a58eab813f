//! What is offered for an input.

use proptest::prelude::*;

use super::deploy;
use crate::command::autocomplete::{Argument, Fetched, Input, Item, Node, Role, RoleNeeded, suggest};

fn of(root: &Node, administrator: bool, input: &str) -> Vec<String> {
    let role = Role { administrator, blank_is_everyone: false };
    let suggested = suggest([root], input, role, &Fetched::default());
    let shown = suggested.found.into_iter().map(|it| {
        assert_eq!(it.icon_data, "");
        [it.complete, it.suggestion, it.hint, it.description].join("|")
    });
    shown.collect()
}

#[test]
fn suggests_as_the_vectors_say() {
    let tree = deploy();
    let note = "--note||Why";
    let cases: [(&str, &[&str]); 22] = [
        ("DE", &["deploy|deploy|[action]|Release tool"]),
        ("deploy", &["deploy|deploy|[action]|Release tool"]),
        ("deploy ", &["deploy start|start|[env]|Begin a rollout", "deploy relay|relay||Notify"]),
        (
            "Deploy start ",
            &[
                "Deploy start prod|prod|live|P",
                "Deploy start prod eu|prod eu|live eu|E",
                "Deploy start staging|staging||",
            ],
        ),
        ("deploy start prod ", &["deploy start prod --note |@"]),
        ("deploy start prod e", &[]),
        ("deploy start prod eu --", &["deploy start prod eu --note |@"]),
        ("deploy start prod --NO", &["deploy start prod --NOte |@"]),
        ("deploy start prod --note ", &["deploy start prod --note ||[reason]|Why"]),
        ("deploy start prod --NOTE late", &["deploy start prod --note late||[reason]|Why"]),
        ("deploy start prod --note \"a b\" ", &[]),
        ("deploy start qa", &[]),
        ("deploy  start", &[]),
        ("deploy abort", &[]),
        ("deploy lock ", &[]),
        ("nope", &[]),
        ("deploy relay ", &["deploy relay --level |--level||Level", "deploy relay --to |--to||To"]),
        ("deploy relay  ", &["deploy relay  --level |--level||Level", "deploy relay  --to |--to||To"]),
        ("deploy relay --level h", &["deploy relay --level high|high||"]),
        ("deploy relay --level high ", &["deploy relay --level high --to |--to||To"]),
        ("deploy relay --to ann", &["deploy relay --to ann||[who]|To"]),
        ("deploy relay --to ann --", &[]),
    ];
    for (input, want) in cases {
        let want: Vec<_> = want.iter().map(|line| line.replace('@', note)).collect();
        assert_eq!(of(&tree, false, input), want, "{input:?}");
    }
}

#[test]
fn suggests_to_administrators_as_the_vectors_say() {
    let words: Vec<_> =
        of(&deploy(), true, "deploy ").iter().map(|line| line.split('|').next().unwrap().to_owned()).collect();
    assert_eq!(words, ["deploy start", "deploy lock", "deploy abort", "deploy relay"]);
    let lock = |input: &str| of(&deploy(), true, input);
    assert_eq!(lock("deploy lock \"ann b\" 3"), ["deploy lock \"ann b\" 3||[hours]|How long"]);
    assert_eq!(lock("deploy lock ann 3 "), [""; 0]);
    assert_eq!(lock("deploy lock \"ann b"), ["deploy lock \"ann b||[user]|Who"]);
    assert_eq!(lock("deploy lock \"ann b\""), ["deploy lock \"ann b\"||[hours]|How long"]);
    assert_eq!(lock("deploy lock \"\"x"), ["deploy lock \"\"x||[hours]|How long"]);
    assert_eq!(lock("deploy lock  ann"), ["deploy lock  ann||[user]|Who"]);
    assert_eq!(lock("deploy lock ann  3"), ["deploy lock ann  3||[hours]|How long"]);
}

/// A word with one list, then a text.
fn listed(items: &[&str]) -> Node {
    let items = items.iter().map(|item| Item::new(*item, "", "")).collect();
    Node::new("x", "", "")
        .with_argument(Argument::new("", Input::list(items)))
        .with_argument(Argument::new("T", Input::text("h")))
}

#[test]
fn the_longest_entry_is_passed_over() {
    let tree = listed(&["a", "a b", "a b c", "A b", "d"]);
    for (input, want) in [
        ("x ", &["x a|a||", "x a b|a b||", "x a b c|a b c||", "x A b|A b||", "x d|d||"][..]),
        ("x  d", &["x d|d||"]),
        ("x A", &["x a|a||", "x a b|a b||", "x a b c|a b c||", "x A b|A b||"]),
        ("x a ", &["x a ||h|T"]),
        ("x a b", &["x a b||h|T"]),
        ("x a b ", &["x a b ||h|T"]),
        ("x A B C z", &["x A B C z||h|T"]),
        ("x a b c z ", &[]),
        ("x ab", &[]),
        ("x e", &[]),
    ] {
        assert_eq!(of(&tree, false, input), want, "{input:?}");
    }
}

#[test]
fn a_list_may_be_left_out() {
    let places = |items: &[&str]| items.iter().map(|item| Item::new(*item, "", "")).collect();
    let tree = Node::new("x", "", "")
        .with_argument(Argument::new("", Input::list(places(&["a", "b"]))).optional())
        .with_argument(Argument::new("", Input::list(places(&["c", "b"]))))
        .with_argument(Argument::new("T", Input::text("h")).named("t"));
    for (input, want) in [
        ("x ", &["x a|a||", "x b|b||", "x c|c||", "x b|b||"][..]),
        ("x b", &["x b|b||", "x b|b||"]),
        ("x b ", &["x b c|c||", "x b b|b||", "x b --t |--t||T"]),
        ("x a c ", &["x a c --t |--t||T"]),
        ("x c ", &["x c --t |--t||T"]),
        ("x c --t v", &["x c --t v||h|T"]),
        ("x c --T  v", &["x c --t  v||h|T"]),
        ("x c -", &["x c --t |--t||T"]),
        ("x c --x", &[]),
        ("x c x", &[]),
    ] {
        assert_eq!(of(&tree, false, input), want, "{input:?}");
    }
}

#[test]
fn a_required_flag_is_not_passed_without_it() {
    let tree = Node::new("x", "", "")
        .with_argument(Argument::new("A", Input::text("h")).named("aa"))
        .with_argument(Argument::new("B", Input::text("i")).named("bb").optional());
    for (input, want) in [
        ("x ", &["x --aa |--aa||A"][..]),
        ("x --b", &[]),
        ("x --bb v", &[]),
        ("x --aa v ", &["x --aa v --bb |--bb||B"]),
        ("x --aa v --bb w", &["x --aa v --bb w||i|B"]),
        ("x --aa", &["x --aa |--aa||A"]),
        ("x  --aa v", &["x --aa v||h|A"]),
        ("x --aa  v", &["x --aa  v||h|A"]),
    ] {
        assert_eq!(of(&tree, false, input), want, "{input:?}");
    }
}

#[test]
fn a_type_that_is_not_known_suggests_nothing() {
    let other = || Argument::new("", Input::Other("Colour".into()));
    let tree = Node::new("x", "", "").with_argument(other()).with_argument(Argument::new("T", Input::text("h")));
    assert_eq!(of(&tree, false, "x a"), ["x a||h|T"]);
    let tree = Node::new("x", "", "").with_argument(other()).with_argument(other().named("n").optional());
    assert_eq!(of(&tree, false, "x "), ["x --n |--n||"]);
    assert_eq!(of(&tree, false, "x --n a"), [""; 0]);
}

#[test]
fn words_of_the_same_name_all_count() {
    let with = |hint: &str, sub: &str| Node::new("x", hint, "").with_sub_command(Node::new(sub, "", ""));
    let nodes = [with("1", "a"), with("2", "ab").for_role(RoleNeeded::Administrator), with("3", "ac")];
    let role = Role { administrator: false, blank_is_everyone: false };
    let found = |input: &str| -> Vec<String> {
        suggest(&nodes, input, role, &Fetched::default()).found.into_iter().map(|it| it.complete + &it.hint).collect()
    };
    assert_eq!(found(""), ["x1", "x3"]);
    assert_eq!(found("x "), ["x a", "x ac"]);
    assert_eq!(found("x b"), [""; 0]);
}

#[test]
fn roles_decide_what_is_offered() {
    let needed =
        [RoleNeeded::User, RoleNeeded::Blank, RoleNeeded::Administrator, RoleNeeded::Other("team_admin".into())];
    let nodes: Vec<_> = needed
        .into_iter()
        .zip(["u", "b", "a", "o"])
        .map(|(role, word)| Node::new(word, "", "").for_role(role))
        .collect();
    for (administrator, blank_is_everyone, want) in
        [(false, false, "u"), (false, true, "ub"), (true, false, "ubao"), (true, true, "ubao")]
    {
        let role = Role { administrator, blank_is_everyone };
        let found = suggest(&nodes, "", role, &Fetched::default()).found;
        assert_eq!(found.iter().map(|it| it.complete.as_str()).collect::<String>(), want);
    }
}

#[test]
fn letters_that_shrink_when_folded_do_no_harm() {
    let tree = Node::new("x", "", "").with_argument(Argument::new("A", Input::text("h")).named("kk"));
    for input in ["x --\u{212A}", "x --\u{212A}\u{212A} v", "x --İ", "\u{212A}", "x \u{212A} "] {
        assert!(of(&tree, false, input).len() <= 1, "{input:?}");
    }
    let tree = listed(&["k", "\u{212A}\u{212A}", "İ"]);
    for input in ["x \u{212A} z", "x KK z", "x i z", "x İ", "x \u{212A}\u{212A}"] {
        assert!(of(&tree, false, input).len() <= 3, "{input:?}");
    }
}

#[test]
fn many_ways_through_a_tree_are_not_all_gone() {
    let same = || Argument::new("", Input::list(vec![Item::new("a", "", "")])).optional();
    let mut tree = Node::new("x", "", "");
    (0..60).for_each(|_| tree.arguments.push(same()));
    let found = of(&tree, false, &format!("x {}", "a ".repeat(30)));
    assert!((1..=10_000).contains(&found.len()), "{}", found.len());
    let few = of(&tree, false, "x ");
    assert_eq!(few.len(), 60, "what is small is searched wholly");
}

#[test]
fn a_long_list_is_cut() {
    let items: Vec<_> = (0..10_005).map(|number| Item::new(format!("i{number}"), "", "")).collect();
    let tree = Node::new("x", "", "")
        .with_argument(Argument::new("", Input::list(items.clone())).optional())
        .with_argument(Argument::new("", Input::list(items)));
    assert_eq!(of(&tree, false, "x ").len(), 10_000);
    assert_eq!(of(&tree, false, "x i10004").len(), 2);
}

proptest! {
    #[test]
    fn what_is_completed_begins_as_it_was_typed(input in "(deploy|Deploy|x)?[ a-eprtoginvu\"-]{0,24}") {
        for administrator in [false, true] {
            for line in of(&deploy(), administrator, &input) {
                let complete = line.split('|').next().unwrap_or_default().to_lowercase();
                let typed = input.to_lowercase();
                let common = complete.chars().filter(|c| *c != ' ').collect::<String>();
                let typed = typed.chars().filter(|c| *c != ' ').collect::<String>();
                prop_assert!(common.starts_with(&typed), "{} for {}", complete, input);
            }
        }
    }
}
