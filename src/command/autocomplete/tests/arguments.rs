//! What was typed, read by a tree.

use super::deploy;
use crate::command::autocomplete::{Argument, Input, InvalidArguments, Item, Node};

fn shown(tree: &Node, text: &str) -> String {
    match tree.parse_arguments(text) {
        Ok(read) => {
            let named: Vec<_> = read.named.iter().map(|(name, value)| format!("{name}={value}")).collect();
            [read.path.join(","), read.positional.join(","), named.join(","), read.rest].join("|")
        }
        Err(InvalidArguments::Missing(what)) => format!("missing {what}"),
        Err(InvalidArguments::UnknownWord(what)) => format!("unknown {what}"),
    }
}

#[test]
fn what_was_typed_is_read_by_the_tree() {
    for (text, want) in [
        ("start prod", "start|prod||"),
        ("  START   Prod  ", "start|prod||"),
        ("start prod eu", "start|prod eu||"),
        ("start prod x", "start|prod||x"),
        ("start prod --note late", "start|prod|note=late|"),
        ("start --NOTE \"too late\" prod", "start|prod|note=too late|"),
        ("start prod --note late --note later", "start|prod|note=late|--note later"),
        ("start prod --other x", "start|prod||--other x"),
        ("lock \"ann b\" 3", "lock|ann b,3||"),
        ("lock ann 3 4 5", "lock|ann,3||4 5"),
        ("lock \"ann 3", "lock|\"ann,3||"),
        ("lock \"\" 3", "lock|,3||"),
        ("abort", "abort|||"),
        ("abort  now", "abort|||now"),
        ("relay --to ann --level high", "relay||level=high,to=ann|"),
        ("relay", "relay|||"),
        ("", "missing start|lock|abort|relay"),
        ("stop now", "unknown stop"),
        ("start", "missing "),
        ("start qa x", "unknown qa"),
        ("start product", "unknown product"),
        ("lock ann", "missing [hours]"),
        ("relay --level", "missing --level"),
        ("relay --level middle", "unknown middle"),
    ] {
        assert_eq!(shown(&deploy(), text), want, "{text:?}");
    }
}

#[test]
fn a_flag_may_be_required_and_a_list_optional() {
    let list = Input::list(vec![Item::new("a", "", ""), Item::new("A b", "", "")]);
    let tree = Node::new("x", "", "")
        .with_argument(Argument::new("Which", list).optional())
        .with_argument(Argument::new("Why", Input::text("")).named("note"));
    for (text, want) in [
        ("--note x", "||note=x|"),
        ("a --note x", "|a|note=x|"),
        ("a B --note x", "|A b|note=x|"),
        ("a", "missing --note"),
        ("", "missing --note"),
        ("--note", "missing --note"),
    ] {
        assert_eq!(shown(&tree, text), want, "{text:?}");
    }
    let dynamic = Node::new("x", "", "").with_argument(Argument::new("Which one", Input::fetched("builtin:x")));
    assert_eq!((shown(&dynamic, "v w"), shown(&dynamic, "")), ("|v||w".to_owned(), "missing Which one".to_owned()));
}
