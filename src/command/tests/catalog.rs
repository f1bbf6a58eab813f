//! Which command a word calls, and what is listed and offered.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;

use super::{built_in, command, command_id, indexed, registry, team, trigger, user};
use crate::command::autocomplete::{Fetched, InvalidTree, Node, Role, RoleNeeded, suggest};
use crate::command::catalog::{Callee, Catalog};
use crate::command::index::{CommandIndex, Indexed};
use crate::command::manage::Whose;
use crate::command::registry::{InvalidRegistration, Registry, Standing};
use crate::command::wire::CommandObject;
use crate::command::{Command, CommandSettings, ExecuteError, Line};

fn index(commands: impl IntoIterator<Item = Command>) -> CommandIndex {
    let mut index = CommandIndex::default();
    commands.into_iter().for_each(|command| index.put(indexed(command)));
    index
}

fn catalog<'a>(index: &'a CommandIndex, registry: &'a Registry, settings: &'a CommandSettings) -> Catalog<'a> {
    Catalog { index, registry, settings, team: team(1) }
}

/// What a line calls, in words: the extension, then what comes then.
fn called(catalog: &Catalog<'_>, line: &str) -> (Option<String>, String) {
    let resolved = catalog.resolve(&Line::split(line).unwrap());
    let extension = resolved.extension.map(|entry| entry.command.owner().unwrap_or_default().to_owned());
    let then = match resolved.then {
        Ok(Callee::BuiltIn(entry)) => format!("built-in {}", entry.command.trigger),
        Ok(Callee::Custom(indexed)) => format!("custom {}", indexed.command.trigger),
        Err(error) => error.id().to_owned(),
    };
    (extension, then)
}

const UNKNOWN: &str = "api.command.execute_command.not_found.app_error";
const DISABLED: &str = "api.command.disabled.app_error";

#[test]
fn extensions_come_first_then_the_teams_own_then_built_ins() {
    let index = index([command(1, "weather"), command(2, "me"), Command { team_id: team(2), ..command(3, "far") }]);
    let registry = registry([
        built_in("me"),
        built_in("shrug"),
        built_in("call").of_extension("a", None),
        built_in("call").of_extension("b", None),
        built_in("poll").of_extension("c", Some(team(2))),
        built_in("poll").of_extension("d", Some(team(1))),
        built_in("shrug").of_extension("e", None),
    ]);
    let on = CommandSettings::default();
    let here = catalog(&index, &registry, &on);
    let some = |owner: &str| Some(owner.to_owned());
    for (line, extension, then) in [
        ("/weather Oslo", None, "custom weather"),
        ("/WEATHER", None, "custom weather"),
        ("/me waves", None, "custom me"),
        ("/shrug", some("e"), "built-in shrug"),
        ("/call now", some("a"), UNKNOWN),
        ("/poll", some("d"), UNKNOWN),
        ("/far", None, UNKNOWN),
        ("/weathers", None, UNKNOWN),
        ("/weath", None, UNKNOWN),
        ("/ weather", None, UNKNOWN),
        ("//me", None, UNKNOWN),
    ] {
        assert_eq!(called(&here, line), (extension, then.to_owned()), "{line}");
    }
    let off = CommandSettings { enabled: false, ..CommandSettings::default() };
    let here = catalog(&index, &registry, &off);
    for (line, extension) in [("/weather", None), ("/shrug", some("e")), ("/nothing", None)] {
        assert_eq!(called(&here, line), (extension, DISABLED.to_owned()), "{line}");
    }
    let kept = CommandSettings { built_ins_when_disabled: true, ..off };
    let here = catalog(&index, &registry, &kept);
    for (line, then) in [("/me", "built-in me"), ("/weather", DISABLED), ("/nothing", DISABLED)] {
        assert_eq!(called(&here, line), (None, then.to_owned()), "{line}");
    }
}

#[test]
fn what_is_unknown_says_what() {
    let (index, registry, on) = (CommandIndex::default(), Registry::default(), CommandSettings::default());
    let resolved = catalog(&index, &registry, &on).resolve(&Line::split("/Etc/hosts is gone").unwrap());
    assert_eq!(resolved.then.unwrap_err(), ExecuteError::NotFound { trigger: "etc/hosts".to_owned() });
}

#[test]
fn the_index_follows_every_change() {
    let mut index = CommandIndex::default();
    let words = |index: &CommandIndex, number: u8| -> Vec<String> {
        index.of_team(team(number), "").map(|indexed| indexed.command.trigger.to_string()).collect()
    };
    index.put(indexed(command(1, "one")));
    index.put(indexed(command(2, "two")));
    assert_eq!((words(&index, 1), index.len()), (vec!["one".to_owned(), "two".to_owned()], 2));
    index.put(indexed(command(1, "uno")));
    assert_eq!(words(&index, 1), ["two", "uno"], "renamed");
    assert!(index.find(team(1), "one").is_none());
    assert_eq!(index.get(command_id(1)).unwrap().command.trigger, trigger("uno"));
    index.put(indexed(Command { team_id: team(2), ..command(1, "uno") }));
    assert_eq!((words(&index, 1), words(&index, 2)), (vec!["two".to_owned()], vec!["uno".to_owned()]), "moved");
    assert!(index.remove(command_id(1)) && !index.remove(command_id(1)));
    assert_eq!((words(&index, 2), index.len()), (vec![], 1));
    assert!(index.get(command_id(1)).is_none());
    index.replace_team(
        team(1),
        vec![
            indexed(command(3, "three")),
            indexed(command(4, "four")),
            indexed(Command { team_id: team(2), ..command(5, "stray") }),
        ],
    );
    assert_eq!((words(&index, 1), index.len()), (vec!["four".to_owned(), "three".to_owned()], 2));
    assert!(index.get(command_id(2)).is_none());
    index.replace_team(team(1), Vec::new());
    assert_eq!((words(&index, 1), index.len()), (vec![], 0));
    index.put(indexed(command(6, "same")));
    index.put(indexed(command(7, "same")));
    assert_eq!(index.find(team(1), "same").unwrap().command.id, command_id(7));
    assert_eq!(index.len(), 1, "the later one counts");
}

#[test]
fn the_index_finds_by_the_beginning_of_words() {
    let index =
        index(["zeal", "zebra", "zebra-crossing", "a", "zz"].into_iter().zip(1..).map(|(word, id)| command(id, word)));
    let beginning = |start: &str| -> Vec<String> {
        index.of_team(team(1), start).map(|indexed| indexed.command.trigger.to_string()).collect()
    };
    assert_eq!(beginning("ze"), ["zeal", "zebra", "zebra-crossing"]);
    assert_eq!(beginning("zebra-"), ["zebra-crossing"]);
    assert_eq!(beginning("zy"), [""; 0]);
    assert_eq!(beginning("").len(), 5);
}

#[test]
fn registering_again_replaces() {
    let mut registry = registry([built_in("a"), built_in("a").with_display_name("B")]);
    assert_eq!(registry.built_in("a").unwrap().command.display_name, "B");
    let of = |owner: &str, name: &str| built_in("x").of_extension(owner, None).with_display_name(name);
    for command in [of("one", "1"), of("two", "2"), of("one", "3")] {
        registry.register(command).unwrap();
    }
    let names: Vec<_> = registry.extensions(team(1), "").map(|entry| entry.command.display_name.as_str()).collect();
    assert_eq!(names, ["3", "2"], "in its place");
    let standing = |owner: &str| Standing::Extension { owner: owner.to_owned(), team: None };
    assert!(!registry.unregister("x", &standing("three")), "somebody else's");
    assert!(!registry.unregister("x", &Standing::BuiltIn));
    assert!(!registry.unregister("y", &standing("one")));
    assert!(registry.unregister("x", &standing("one")));
    assert_eq!(registry.extension(team(1), "x").unwrap().command.display_name, "2");
    assert!(registry.unregister("x", &standing("two")) && !registry.unregister("x", &standing("two")));
    assert!(registry.extension(team(1), "x").is_none());
    assert!(registry.reserves("a") && registry.unregister("a", &Standing::BuiltIn) && !registry.reserves("a"));
}

#[test]
fn a_tree_that_is_none_is_not_registered() {
    let mut registry = Registry::default();
    let refused = Err(InvalidRegistration::Tree(InvalidTree::Trigger));
    assert_eq!(registry.register(built_in("a").with_tree(Node::new("A", "", ""))), refused);
    assert_eq!(registry.register(built_in("a").with_tree(Node::new("b", "", ""))), refused);
    assert_eq!(registry.register(built_in("a").with_tree(Node::new("a", "", ""))), Ok(()));
}

fn seen(objects: &[CommandObject<'_>]) -> Vec<String> {
    let word = |object: &Value, name: &str| object[name].as_str().unwrap().to_owned();
    let objects = objects.iter().map(|object| serde_json::to_value(object).unwrap());
    objects.map(|object| format!("{} {}", word(&object, "trigger"), word(&object, "display_name"))).collect()
}

fn many() -> (CommandIndex, Registry) {
    let hidden = |command| Command { auto_complete: false, ..command };
    let theirs = |command| Command { creator_id: user(2), ..command };
    let index = index([
        command(1, "weather"),
        hidden(command(2, "secret")),
        theirs(command(3, "me")),
        theirs(command(4, "poll")),
        hidden(command(5, "shrug")),
        command(6, "status"),
    ]);
    let registry = registry([
        built_in("me"),
        built_in("shrug"),
        built_in("test").hidden(),
        built_in("poll").of_extension("a", None).hidden().with_display_name("A"),
        built_in("poll").of_extension("b", None).with_display_name("B"),
        built_in("far").of_extension("c", Some(team(2))),
        built_in("shrug").of_extension("d", None).with_display_name("D"),
    ]);
    (index, registry)
}

#[test]
fn what_is_offered_is_listed_once_a_word() {
    let (index, registry) = many();
    let on = CommandSettings::default();
    let want = ["poll B", "shrug D", "me Weather", "status Weather", "weather Weather"];
    assert_eq!(seen(&catalog(&index, &registry, &on).offered()), want);
    let off = CommandSettings { enabled: false, ..CommandSettings::default() };
    assert_eq!(seen(&catalog(&index, &registry, &off).offered()), ["poll B", "shrug D", "me me"]);
    let withheld = CommandSettings { not_offered: vec!["status".into(), "me".into(), "poll".into()], ..on };
    assert_eq!(seen(&catalog(&index, &registry, &withheld).offered()), ["shrug D", "weather Weather"]);
}

#[test]
fn what_can_be_run_is_listed_in_the_other_order() {
    let (index, registry) = many();
    let on = CommandSettings::default();
    let here = catalog(&index, &registry, &on);
    let all = ["me me", "shrug shrug", "poll A", "secret Weather", "status Weather", "weather Weather"];
    assert_eq!(seen(&here.runnable(Whose::All, user(1))), all);
    assert_eq!(seen(&here.runnable(Whose::Own, user(2))), ["me me", "shrug shrug", "poll A"]);
    assert_eq!(seen(&here.runnable(Whose::Nobodys, user(1))), ["me me", "shrug shrug", "poll A"]);
    let own: Vec<_> = here.custom(Whose::Own, user(2)).map(|indexed| indexed.command.trigger.to_string()).collect();
    assert_eq!(own, ["me", "poll"]);
}

fn suggested(catalog: &Catalog<'_>, input: &str, administrator: bool) -> Vec<[String; 3]> {
    let suggested = catalog.suggest(input, administrator, &Fetched::default());
    assert_eq!(suggested.missing, []);
    suggested.found.into_iter().map(|one| [one.complete, one.description, one.icon_data]).collect()
}

#[test]
fn suggestions_are_of_what_is_offered_by_word() {
    let (index, registry) = many();
    let on = CommandSettings::default();
    let here = catalog(&index, &registry, &on);
    let words = |input: &str| -> Vec<String> {
        suggested(&here, input, false).into_iter().map(|[complete, ..]| complete).collect()
    };
    for input in ["/", ""] {
        assert_eq!(words(input), ["me", "poll", "shrug", "status", "weather"], "{input:?}");
    }
    assert_eq!(words("/S"), ["shrug", "status"]);
    assert_eq!(words("sh"), ["shrug"]);
    assert_eq!(words("//s"), [""; 0]);
    assert_eq!(words("/shrug "), [""; 0]);
    assert_eq!(words("/secret"), [""; 0]);
    assert_eq!(words("/test"), [""; 0]);
    let described = |input: &str| suggested(&here, input, false)[0][1].clone();
    assert_eq!((described("/me"), described("/poll")), ("Shows the weather".to_owned(), "Built in".to_owned()));
}

#[test]
fn the_tree_of_a_command_is_the_one_that_goes_first() {
    let tree = |word: &str, sub: &str| Node::new(word, "", "").with_sub_command(Node::new(sub, "", sub));
    let mut index = CommandIndex::default();
    for (number, word) in [(1, "a"), (2, "b"), (3, "c")] {
        index.put(Indexed::new(command(number, word), bytes::Bytes::new(), Some(tree("anything", "custom"))));
    }
    let registry = registry([
        built_in("a").with_tree(tree("a", "built-in")),
        built_in("b").with_tree(tree("b", "extension")).of_extension("x", None),
        built_in("bb").with_tree(tree("bb", "extension")).of_extension("x", None),
        built_in("d").with_tree(tree("d", "built-in")),
        built_in("dd").with_tree(tree("dd", "other")),
    ]);
    let on = CommandSettings::default();
    let off = CommandSettings { enabled: false, ..CommandSettings::default() };
    let of = |settings: &CommandSettings, input: &str| -> Vec<String> {
        let found = suggested(&catalog(&index, &registry, settings), input, false);
        found.into_iter().map(|[complete, ..]| complete).collect()
    };
    for (input, want) in [
        ("/a ", "a custom"),
        ("/b ", "b extension"),
        ("/c ", "c custom"),
        ("/d ", "d built-in"),
        ("/C CUST", "C custom"),
    ] {
        assert_eq!(of(&on, input).join("|"), want, "{input:?}");
    }
    for (input, want) in [("/a ", "a built-in"), ("/b ", "b extension"), ("/c ", ""), ("/e ", ""), (" ", "")] {
        assert_eq!(of(&off, input).join("|"), want, "{input:?}");
    }
}

#[test]
fn roles_follow_the_switch() {
    let blank = Node::new("a", "", "").for_role(RoleNeeded::Blank);
    let (index, registry) = (CommandIndex::default(), registry([built_in("a").with_tree(blank)]));
    let reference = CommandSettings::default();
    let everyone = CommandSettings { blank_roles_are_for_everyone: true, ..CommandSettings::default() };
    for (settings, administrator, want) in
        [(&reference, false, 0), (&reference, true, 1), (&everyone, false, 1), (&everyone, true, 1)]
    {
        assert_eq!(suggested(&catalog(&index, &registry, settings), "/a", administrator).len(), want);
    }
}

#[test]
fn the_picture_is_that_of_the_first_command_whose_word_begins_the_line() {
    let tree = Node::new("abc", "", "").with_sub_command(Node::new("sub", "", ""));
    let registry = registry([
        built_in("ab").with_icon("data:ab"),
        built_in("abc").with_tree(tree),
        built_in("abcd").with_icon("data:abcd"),
        built_in("x").hidden().with_icon("data:x"),
        built_in("xy"),
    ]);
    let index = index([command(1, "z"), command(2, "zz")]);
    let icons = |settings: &CommandSettings, input: &str| -> Vec<String> {
        let found = suggested(&catalog(&index, &registry, settings), input, false);
        found.into_iter().map(|[.., icon]| icon).collect()
    };
    let reference = CommandSettings::default();
    assert_eq!(icons(&reference, "/a"), ["data:ab", "data:ab", "data:ab"]);
    assert_eq!(icons(&reference, "/abc s"), ["data:ab"]);
    assert_eq!(icons(&reference, "/ABC s"), [""], "as it was typed");
    assert_eq!(icons(&reference, "/x"), [""], "what is hidden has none");
    assert_eq!(icons(&reference, "/zz"), [""]);
    let exact = CommandSettings { blank_roles_are_for_everyone: true, ..CommandSettings::default() };
    assert_eq!(icons(&exact, "/a"), ["data:ab", "", "data:abcd"]);
    assert_eq!(icons(&exact, "/ABC s"), [""]);
}

#[test]
fn a_large_server_is_searched_by_word() {
    let mut index = CommandIndex::default();
    for number in 0..10_000_u32 {
        let mut id = [0; 16];
        id[..4].copy_from_slice(&number.to_be_bytes());
        let mut one = command(1, &format!("c{number:05}"));
        one.id = crate::id::CommandId::from_random(id);
        one.team_id = team(u8::try_from(number % 10).unwrap());
        index.put(indexed(one));
    }
    let registry = Registry::default();
    let on = CommandSettings::default();
    let here = catalog(&index, &registry, &on);
    assert_eq!((index.len(), here.offered().len()), (10_000, 1_000));
    assert_eq!(called(&here, "/c00771").1, "custom c00771");
    assert_eq!(called(&here, "/c00772").1, UNKNOWN);
    assert_eq!(suggested(&here, "/c000", false).len(), 10);
    let held: Arc<Indexed> = index.find(team(1), "c00001").unwrap().clone();
    assert_eq!(held.root().trigger, "c00001");
}

/// All that is offered, as slow as the table reads: every class, the first of each word, sorted, each tree tried.
fn slow_suggest(catalog: &Catalog<'_>, commands: &[(Command, Option<Node>)], input: &str) -> Vec<String> {
    let mut nodes: Vec<Node> = Vec::new();
    let offered = |word: &str| !catalog.settings.not_offered.iter().any(|other| other == word);
    let mut add = |word: &str, node: Node| {
        if offered(word) && nodes.iter().all(|known| known.trigger != word) {
            nodes.push(node);
        }
    };
    for entry in catalog.registry.extensions(catalog.team, "").filter(|entry| entry.command.auto_complete) {
        add(entry.command.trigger.as_str(), entry.root.clone());
    }
    for (command, tree) in commands.iter().filter(|(command, _)| command.auto_complete && catalog.settings.enabled) {
        add(command.trigger.as_str(), indexed_with(command, tree.as_ref()).root().clone());
    }
    for entry in catalog.registry.built_ins("").filter(|entry| entry.command.auto_complete) {
        add(entry.command.trigger.as_str(), entry.root.clone());
    }
    nodes.sort_by(|one, other| one.trigger.cmp(&other.trigger));
    let role = Role { administrator: false, blank_is_everyone: false };
    let input = input.strip_prefix('/').unwrap_or(input);
    suggest(&nodes, input, role, &Fetched::default()).found.into_iter().map(|one| one.complete).collect()
}

fn indexed_with(command: &Command, tree: Option<&Node>) -> Indexed {
    Indexed::new(command.clone(), bytes::Bytes::new(), tree.cloned())
}

proptest! {
    #[test]
    fn suggests_what_a_search_through_everything_does(
        custom in prop::collection::btree_map("[ab]{1,3}", (any::<bool>(), any::<bool>()), 0..6),
        built_ins in prop::collection::btree_map("[ab]{1,3}", (any::<bool>(), any::<bool>()), 0..6),
        extensions in prop::collection::vec(("[ab]{1,3}", any::<bool>(), any::<bool>()), 0..6),
        enabled in any::<bool>(),
        withheld in prop::collection::vec("[ab]{1,3}", 0..2),
        input in "/?[abAB]{0,3}( [xy]?)?",
    ) {
        let tree = |word: &str, sub: &str| Node::new(word, "", "").with_sub_command(Node::new(sub, "", ""));
        let mut index = CommandIndex::default();
        let mut commands = Vec::new();
        for (number, (word, (auto_complete, has_tree))) in custom.iter().enumerate() {
            let command = Command { auto_complete: *auto_complete, ..command(u8::try_from(number).unwrap(), word) };
            let tree = has_tree.then(|| tree(word, "xc"));
            index.put(indexed_with(&command, tree.as_ref()));
            commands.push((command, tree));
        }
        let mut registry = Registry::default();
        for (word, (auto_complete, has_tree)) in &built_ins {
            let one = if *has_tree { built_in(word).with_tree(tree(word, "xb")) } else { built_in(word) };
            registry.register(if *auto_complete { one } else { one.hidden() }).unwrap();
        }
        for (number, (word, auto_complete, here)) in extensions.iter().enumerate() {
            let one = built_in(word).with_tree(tree(word, "xe"));
            let one = one.of_extension(format!("e{number}"), Some(team(if *here { 1 } else { 2 })));
            registry.register(if *auto_complete { one } else { one.hidden() }).unwrap();
        }
        let settings = CommandSettings { enabled, not_offered: withheld, ..CommandSettings::default() };
        let here = catalog(&index, &registry, &settings);
        let got: Vec<_> =
            suggested(&here, &input, false).into_iter().map(|[complete, ..]| complete).collect();
        prop_assert_eq!(got, slow_suggest(&here, &commands, &input));
    }
}
