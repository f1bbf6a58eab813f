//! How trees are read and written.

use serde_json::{Value, json};

use super::deploy;
use crate::command::autocomplete::decode::items;
use crate::command::autocomplete::{Argument, Input, Item, Node, RoleNeeded};

fn read(value: &Value) -> Option<Node> {
    Node::from_json(value.to_string().as_bytes()).ok()
}

#[test]
fn a_tree_is_written_with_capitalized_names_all_there() {
    let node = Node::new("t", "h", "x").with_argument(Argument::new("w", Input::text("i")));
    let want = json!({
        "Trigger": "t", "Hint": "h", "HelpText": "x", "RoleID": "system_user", "SubCommands": [],
        "Arguments": [
            { "Name": "", "HelpText": "w", "Type": "TextInput", "Required": true, "Data": { "Hint": "i", "Pattern": "" } },
        ],
    });
    assert_eq!(serde_json::from_str::<Value>(&node.to_json()).unwrap(), want);
    let of = |input: Input| {
        let argument = serde_json::to_value(Argument::new("", input).named("n").optional()).unwrap();
        (argument["Type"].clone(), argument["Data"].clone(), argument["Name"].clone(), argument["Required"].clone())
    };
    let list = json!({ "PossibleArguments": [{ "Item": "i", "Hint": "h", "HelpText": "t" }] });
    assert_eq!(of(Input::list(vec![Item::new("i", "h", "t")])), (json!("StaticList"), list, json!("n"), json!(false)));
    assert_eq!(
        of(Input::fetched("builtin:x")),
        (json!("DynamicList"), json!({ "FetchURL": "builtin:x" }), json!("n"), json!(false))
    );
    assert_eq!(of(Input::Other("Colour".into())).0, json!("Colour"));
}

#[test]
fn what_was_written_is_read() {
    let tree = deploy();
    assert_eq!(Node::from_json(tree.to_json().as_bytes()), Ok(tree));
}

#[test]
fn roles_have_the_words_of_the_wire() {
    for (word, role) in [
        ("", RoleNeeded::Blank),
        ("system_admin", RoleNeeded::Administrator),
        ("system_user", RoleNeeded::User),
        ("x", RoleNeeded::Other("x".into())),
    ] {
        assert_eq!((RoleNeeded::new(word), role.as_str()), (role.clone(), word));
    }
}

#[test]
fn of_nodes_everything_may_be_missing() {
    let empty = Node::default();
    assert_eq!(empty.role, RoleNeeded::Blank);
    let nulls = json!({
        "Trigger": null, "Hint": null, "HelpText": null, "RoleID": null, "Arguments": null, "SubCommands": null,
    });
    for value in [json!({}), json!(null), nulls, json!({ "x": 1, "Arguments": [null], "SubCommands": [null] })] {
        assert_eq!(read(&value), Some(empty.clone()), "{value}");
    }
    let folded = json!({ "trigger": "t", "hint": "h", "helptext": "x", "roleid": "system_user", "arguments": [],
        "subcommands": [{ "trigger": "s" }] });
    let sub = Node { trigger: "s".into(), ..Node::default() };
    assert_eq!(read(&folded), Some(Node::new("t", "h", "x").with_sub_command(sub)));
    for value in [
        json!([]),
        json!("x"),
        json!(5),
        json!({ "Trigger": 5 }),
        json!({ "Hint": [] }),
        json!({ "HelpText": 1 }),
        json!({ "RoleID": false }),
        json!({ "Arguments": {} }),
        json!({ "SubCommands": "x" }),
        json!({ "SubCommands": [1] }),
    ] {
        assert_eq!(read(&value), None, "{value}");
    }
}

#[test]
fn of_arguments_everything_is_there() {
    let whole = json!({ "Name": "n", "HelpText": "h", "Type": "TextInput", "Required": false,
        "Data": { "Hint": "i", "Pattern": "p" } });
    let of = |argument: &Value| read(&json!({ "Arguments": [argument] })).map(|node| node.arguments);
    let want = Argument {
        name: "n".into(),
        help_text: "h".into(),
        input: Input::TextInput { hint: "i".into(), pattern: "p".into() },
        required: false,
    };
    assert_eq!(of(&whole), Some(vec![want]));
    for name in ["Name", "HelpText", "Type", "Required", "Data"] {
        let mut missing = whole.clone();
        missing.as_object_mut().unwrap().remove(name);
        assert_eq!(of(&missing), None, "without {name}");
        let mut folded = missing.clone();
        folded[name.to_lowercase()] = whole[name].clone();
        assert_eq!(of(&folded), None, "{name} in small letters");
        let mut wrong = whole.clone();
        wrong[name] = json!(5);
        assert_eq!(of(&wrong), None, "{name} a number");
        wrong[name] = Value::Null;
        assert_eq!(of(&wrong), None, "{name} a null");
    }
    assert_eq!(of(&json!("x")), None);
    assert_eq!(of(&json!([])), None);
}

#[test]
fn data_goes_with_the_type() {
    let of = |kind: &str, data: Value| {
        let argument = json!({ "Name": "", "HelpText": "", "Type": kind, "Required": true, "Data": data });
        read(&json!({ "Arguments": [argument] })).map(|node| node.arguments[0].input.clone())
    };
    let item = json!({ "Item": "i", "Hint": "h", "HelpText": "t" });
    assert_eq!(
        of("TextInput", json!({ "Hint": "h", "Pattern": "p", "x": 1 })),
        Some(Input::TextInput { hint: "h".into(), pattern: "p".into() })
    );
    let list = Input::list(vec![Item::new("i", "h", "t")]);
    assert_eq!(of("StaticList", json!({ "PossibleArguments": [item] })), Some(list));
    assert_eq!(of("StaticList", json!({ "PossibleArguments": [] })), Some(Input::list(vec![])));
    assert_eq!(of("DynamicList", json!({ "FetchURL": "/plugins/x" })), Some(Input::fetched("/plugins/x")));
    for data in [json!({}), json!(5), json!("x"), json!(null)] {
        assert_eq!(of("Colour", data), Some(Input::Other("Colour".into())));
    }
    for (kind, data) in [
        ("TextInput", json!({ "Hint": "h" })),
        ("TextInput", json!({ "Pattern": "h" })),
        ("TextInput", json!({ "Hint": 5, "Pattern": "" })),
        ("TextInput", json!({ "FetchURL": "x" })),
        ("StaticList", json!({})),
        ("StaticList", json!({ "PossibleArguments": {} })),
        ("StaticList", json!({ "PossibleArguments": [null] })),
        ("StaticList", json!({ "PossibleArguments": [{ "Item": "i", "Hint": "h" }] })),
        ("StaticList", json!({ "PossibleArguments": [{ "Item": "i", "HelpText": "h" }] })),
        ("StaticList", json!({ "PossibleArguments": [{ "Hint": "i", "HelpText": "h" }] })),
        ("DynamicList", json!({})),
        ("DynamicList", json!({ "FetchURL": 5 })),
    ] {
        assert_eq!(of(kind, data.clone()), None, "{kind} {data}");
    }
}

#[test]
fn fetched_items_are_read_leniently() {
    let got = items(br#"[{"Item":"a","Hint":"b","HelpText":"c"},null,{"item":"d","hint":null,"x":1}]"#).unwrap();
    assert_eq!(got, [Item::new("a", "b", "c"), Item::new("d", "", "")]);
    assert_eq!((items(b"[]"), items(b"null")), (Some(vec![]), Some(vec![])));
    for body in ["", "{}", "5", "[5]", r#"[{"Item":5}]"#, "[{}"] {
        assert_eq!(items(body.as_bytes()), None, "{body}");
    }
    let many = |count: usize| format!("[{}]", vec!["null"; count].join(","));
    assert!(items(many(20_000).as_bytes()).is_some() && items(many(20_001).as_bytes()).is_none());
}

#[test]
fn nesting_without_end_is_a_mistake() {
    let deep = format!("{}{}", r#"{"SubCommands":["#.repeat(5_000), "]}".repeat(5_000));
    assert!(Node::from_json(deep.as_bytes()).is_err());
}
