//! Lists that are fetched.

use crate::command::autocomplete::dynamic::Provider;
use crate::command::autocomplete::{Argument, Fetch, Fetched, Input, Item, Node, Role, suggest};

fn tree() -> Node {
    Node::new("x", "", "")
        .with_argument(Argument::new("", Input::fetched("builtin:envs")))
        .with_argument(Argument::new("T", Input::text("h")))
}

fn run(tree: &Node, input: &str, fetched: &Fetched) -> (Vec<String>, Vec<Fetch>) {
    let role = Role { administrator: false, blank_is_everyone: false };
    let suggested = suggest([tree], input, role, fetched);
    (suggested.found.into_iter().map(|it| it.complete).collect(), suggested.missing)
}

fn fetch(url: &str, parsed: &str, user_input: &str) -> Fetch {
    Fetch { url: url.into(), parsed: parsed.into(), user_input: user_input.into() }
}

#[test]
fn what_is_not_fetched_yet_is_missing() {
    let mut fetched = Fetched::default();
    let (_, missing) = run(&tree(), "x p", &fetched);
    assert_eq!(missing, [fetch("builtin:envs", "x ", "x p")]);
    fetched.add(missing[0].clone(), Some(vec![Item::new("prod", "", ""), Item::new("qa", "", "")]));
    assert_eq!(fetched.len(), 1);
    assert_eq!(run(&tree(), "x p", &fetched), (vec!["x prod".to_owned()], vec![]));
    let (_, missing) = run(&tree(), "x prod v", &fetched);
    assert_eq!(missing, [fetch("builtin:envs", "x ", "x prod v")], "asked again for another input");
    fetched.add(missing[0].clone(), Some(vec![Item::new("prod", "", "")]));
    assert_eq!(run(&tree(), "x prod v", &fetched), (vec!["x prod v".to_owned()], vec![]));
}

#[test]
fn what_cannot_be_had_is_passed_over() {
    let mut fetched = Fetched::default();
    fetched.add(fetch("builtin:envs", "x ", "x p"), None);
    assert_eq!(run(&tree(), "x p", &fetched), (vec!["x p".to_owned()], vec![]), "the text takes it");
    fetched.add(fetch("builtin:envs", "x ", "x p"), Some(vec![]));
    assert_eq!(run(&tree(), "x p", &fetched), (vec![], vec![]));
}

#[test]
fn answers_count_with_status_200_alone() {
    for (status, body, want) in [
        (200, r#"[{"Item":"prod"}]"#, &["x prod"][..]),
        (201, r#"[{"Item":"prod"}]"#, &[]),
        (404, r#"[{"Item":"prod"}]"#, &[]),
        (200, "oops", &[]),
    ] {
        let mut fetched = Fetched::default();
        fetched.add_answer(fetch("builtin:envs", "x ", "x p"), status, body.as_bytes());
        assert_eq!(run(&tree(), "x p", &fetched), (want.iter().map(|&it| it.to_owned()).collect(), vec![]), "{body}");
    }
}

#[test]
fn so_many_lists_are_fetched_and_each_once() {
    let mut tree = Node::new("x", "", "");
    for number in 0..9 {
        let url = format!("builtin:{}", number / 2);
        tree.arguments.push(Argument::new("", Input::fetched(url)));
    }
    let (_, missing) = run(&tree, "x ", &Fetched::default());
    let urls: Vec<_> = missing.iter().map(|fetch| fetch.url.as_str()).collect();
    assert_eq!(urls, ["builtin:0", "builtin:1", "builtin:2", "builtin:3"]);
}

#[test]
fn an_address_says_who_provides() {
    for (url, want) in [
        ("builtin:envs", Provider::BuiltIn("envs")),
        ("builtin:envs:a:b", Provider::BuiltIn("envs")),
        ("builtin:", Provider::BuiltIn("")),
        ("/plugins/com.x/list?a=b", Provider::Extension("/plugins/com.x/list?a=b")),
        ("/plugins/../api/v4/users", Provider::Nowhere),
        ("http://a/b", Provider::Address("http://a/b")),
        ("https://a/b", Provider::Address("https://a/b")),
        ("HTTP://a/b", Provider::Nowhere),
        ("plugins/com.x/list", Provider::Nowhere),
        ("/api/v4/users", Provider::Nowhere),
        ("file:///etc/passwd", Provider::Nowhere),
        ("", Provider::Nowhere),
    ] {
        assert_eq!(fetch(url, "", "").provider(), want, "{url}");
    }
}
