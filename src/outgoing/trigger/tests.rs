//! The index beside the scan of all hooks that the specification describes.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::hash::Seed;
use super::place::{Listeners, Place};
use super::table::Table;
use super::word::first_word;
use super::{Entry, Trigger, TriggerIndex};
use crate::id::{ChannelId, Millis, OutgoingHookId, TeamId};

/// A hook, small enough to be written down in a table.
#[derive(Clone, Debug, PartialEq)]
struct Hook {
    channel: Option<u8>,
    team: u8,
    when: i64,
    words: Vec<String>,
}

/// A hook of all channels of team 0.
fn wide(when: i64, words: &[&str]) -> Hook {
    Hook { channel: None, team: 0, when, words: words.iter().map(|word| (*word).to_owned()).collect() }
}

/// The same, for one channel.
fn bound(channel: u8, when: i64, words: &[&str]) -> Hook {
    Hook { channel: Some(channel), ..wide(when, words) }
}

fn team(number: u8) -> TeamId {
    TeamId::from_random([number; 16])
}

fn channel(number: u8) -> ChannelId {
    ChannelId::from_random([number; 16])
}

fn id(number: u8) -> OutgoingHookId {
    OutgoingHookId::from_random([number; 16])
}

fn entry(number: u8, hook: &Hook, patterns: bool) -> Arc<Entry> {
    let Hook { team: own, when, .. } = *hook;
    let channel_id = hook.channel.map(channel);
    let trigger = Trigger { channel_id, patterns, team_id: team(own), when, words: &hook.words };
    Arc::new(Entry::new(id(number), Millis(0), trigger))
}

/// OUT-47 to OUT-53 as they are written, word for word.
fn scan(hook: &Hook, patterns: bool, in_team: u8, in_channel: u8, message: &str) -> Option<String> {
    if hook.team != in_team || hook.channel.is_some_and(|own| own != in_channel) {
        return None;
    }
    if hook.words.is_empty() {
        return hook.channel.map(|_| String::new());
    }
    let white = |letter: char| {
        let number = u32::from(letter);
        matches!(number, 0x9..=0xD | 0x20 | 0x85 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000)
    };
    let first = message.split(white).find(|piece| !piece.is_empty())?;
    let matches = |word: &&String| {
        let inner = word.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|inner| !inner.is_empty());
        match (inner.filter(|_| patterns), hook.when) {
            (Some(inner), 0 | 1) => regex::Regex::new(inner).is_ok_and(|pattern| pattern.is_match(first)),
            (None, 0) => first == word.as_str() && !word.is_empty(),
            (None, 1) => first.starts_with(word.as_str()) && !word.is_empty(),
            _ => false,
        }
    };
    hook.words.iter().find(matches).cloned()
}

/// What a post sets off, in the order of the hooks' numbers.
fn found(index: &TriggerIndex, in_team: u8, in_channel: u8, message: &str) -> Vec<(OutgoingHookId, String)> {
    let mut all = Vec::new();
    index.lookup(&team(in_team), &channel(in_channel), message, |entry, word| all.push((entry.id, word.to_owned())));
    all.sort();
    all
}

fn index(hooks: &[Hook], patterns: bool) -> TriggerIndex {
    let mut index = TriggerIndex::default();
    (0..).zip(hooks).for_each(|(number, hook)| index.insert(entry(number, hook, patterns)));
    index
}

/// Makes a new base at once.
fn merge(index: &mut TriggerIndex) {
    let merged = index.merge().run();
    index.adopt(merged);
}

/// The word that a hook alone reports in channel 1 of team 0, from the delta and from the base.
fn word(hook: &Hook, patterns: bool, message: &str) -> Option<String> {
    let mut index = index(std::slice::from_ref(hook), patterns);
    let fresh = found(&index, 0, 1, message);
    merge(&mut index);
    assert_eq!(found(&index, 0, 1, message), fresh, "{hook:?} {message:?}");
    fresh.into_iter().map(|(_, word)| word).next()
}

#[test]
fn the_first_word_ends_where_unicode_has_white_space() {
    let white: String = (0..=u32::from(char::MAX))
        .filter_map(char::from_u32)
        .filter(|it| first_word(&format!("a{it}b"), 100) == "a")
        .collect();
    assert_eq!(
        white,
        "\t\n\u{B}\u{C}\r \u{85}\u{A0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}"
    );
    let cases = [
        ("", ""),
        (" \n", ""),
        ("\n\t ship\nnow", "ship"),
        ("ship\u{200B}", "ship\u{200B}"),
        ("\u{FEFF}a b", "\u{FEFF}a"),
    ];
    for (message, want) in cases {
        assert_eq!(first_word(message, 100), want, "{message:?}");
    }
}

#[test]
fn the_table_of_the_specification_holds() {
    let cases: [(Hook, &str, Option<&str>); 22] = [
        (wide(0, &["ship"]), "ship it", Some("ship")),
        (wide(0, &["ship"]), "Ship it", None),
        (wide(0, &["ship"]), "ship: it", None),
        (wide(0, &["ship"]), "\n\t ship\nnow", Some("ship")),
        (wide(0, &["ship"]), "ship\u{A0}it", Some("ship")),
        (wide(0, &["ship"]), "ship\u{200B}", None),
        (wide(0, &["ship"]), "please ship", None),
        (wide(1, &["ship"]), "ship:it", Some("ship")),
        (wide(1, &["ship"]), "shipping news", Some("ship")),
        (wide(1, &["ship"]), "worship", None),
        (wide(1, &["s", "ship"]), "ship", Some("s")),
        (wide(1, &["ship", "s"]), "ship", Some("ship")),
        (wide(0, &["ship it"]), "ship it", None),
        (wide(1, &["ship it"]), "ship it", None),
        (wide(0, &["#build"]), "#build web", Some("#build")),
        (wide(-1, &["ship"]), "ship", None),
        (wide(2, &["ship"]), "ship", None),
        (bound(1, 0, &[]), "", Some("")),
        (bound(1, 7, &[]), "hello", Some("")),
        (bound(2, 0, &[]), "hello", None),
        (wide(1, &[]), "hello", None),
        (bound(1, 1, &["ship"]), "", None),
    ];
    for (hook, message, want) in cases {
        assert_eq!(word(&hook, false, message).as_deref(), want, "{hook:?} {message:?}");
        assert_eq!(scan(&hook, false, 0, 1, message).as_deref(), want, "the scan: {hook:?} {message:?}");
    }
}

#[test]
fn empty_words_match_nothing_and_are_words_all_the_same() {
    for hook in [wide(0, &[""]), wide(1, &[""]), bound(1, 1, &[""]), bound(1, 0, &["", ""])] {
        for message in ["", " ", "ship"] {
            assert_eq!(word(&hook, false, message), None, "{hook:?} {message:?}");
        }
    }
    assert_eq!(word(&wide(1, &["", "sh"]), false, "ship").as_deref(), Some("sh"));
}

#[test]
fn each_hook_is_found_once_and_with_its_own_word() {
    let hooks = [
        wide(1, &["s"]),
        wide(0, &["ship", "ship"]),
        wide(1, &["x", "sh", "s", "ship"]),
        bound(1, 0, &[]),
        bound(2, 0, &[]),
    ];
    let mut index = index(&hooks, false);
    let mut want =
        vec![(id(0), "s".to_owned()), (id(1), "ship".to_owned()), (id(2), "sh".to_owned()), (id(3), String::new())];
    want.sort();
    assert_eq!(found(&index, 0, 1, "ship"), want);
    merge(&mut index);
    assert_eq!(found(&index, 0, 1, "ship"), want);
    assert_eq!(found(&index, 1, 1, "ship"), []);
}

#[test]
fn words_of_any_length_are_found() {
    for length in [1, 2, 62, 63, 64, 65, 127, 128, 129, 1_022, 5_000] {
        let (own, longer, shorter) = ("w".repeat(length), "w".repeat(length + 1), "w".repeat(length - 1));
        for (when, on_longer) in [(0, None), (1, Some(own.clone()))] {
            let hook = wide(when, &[&own]);
            assert_eq!(word(&hook, false, &own), Some(own.clone()), "{when} {length}");
            assert_eq!(word(&hook, false, &longer), on_longer, "{when} {length}");
            assert_eq!(word(&hook, false, &shorter), None, "{when} {length}");
        }
    }
}

#[test]
fn words_between_slashes_are_regular_expressions_where_that_is_switched_on() {
    let huge = format!("/{}/", "(a{1,500}){1,500}");
    let cases = [
        (wide(0, &[r"/^deploy-\d+$/"]), "deploy-12 now", Some(r"/^deploy-\d+$/")),
        (wide(1, &[r"/^deploy-\d+$/"]), "deploy-12 now", Some(r"/^deploy-\d+$/")),
        (wide(0, &[r"/^deploy-\d+$/"]), "deploy-x", None),
        (wide(2, &["/a/"]), "a", None),
        (wide(0, &["/a/"]), "/a/", Some("/a/")),
        (wide(0, &["/a/"]), "xax", Some("/a/")),
        (wide(0, &["/a/"]), "b a", None),
        (wide(0, &["b", "/a/"]), "a", Some("/a/")),
        (wide(0, &["/a/", "a"]), "a", Some("/a/")),
        (wide(0, &["a", "/a/"]), "a", Some("a")),
        (wide(1, &["/$/"]), "", None),
        (wide(0, &["/(/"]), "/(/", None),
        (wide(0, &["//"]), "//", Some("//")),
        (wide(0, &["/"]), "/", Some("/")),
        (wide(0, &["//"]), "a", None),
        (wide(1, &["/a"]), "/ab", Some("/a")),
        (wide(0, &[&huge]), "aaaa", None),
        (bound(1, 0, &["/é+/"]), "éé", Some("/é+/")),
        (bound(2, 0, &["/é+/"]), "éé", None),
    ];
    for (hook, message, want) in cases {
        assert_eq!(word(&hook, true, message).as_deref(), want, "{hook:?} {message:?}");
    }
    assert_eq!(word(&wide(0, &["/a/"]), false, "/a/").as_deref(), Some("/a/"));
    assert_eq!(word(&wide(0, &["/a/"]), false, "a"), None);
}

#[test]
fn what_was_put_in_comes_back_whole() {
    let hook = bound(3, 1, &["a b", "", "/x/"]);
    let mut index = index(std::slice::from_ref(&hook), true);
    for _ in 0..2 {
        let entry = index.get(id(0)).unwrap();
        assert_eq!(entry.words().collect::<Vec<_>>(), ["a b", "", "/x/"]);
        assert_eq!((entry.channel_id, entry.team_id), (Some(channel(3)), team(0)));
        assert!(index.get(id(1)).is_none());
        merge(&mut index);
    }
}

#[test]
fn an_index_may_be_made_of_all_hooks_at_once() {
    let entries = [(1, wide(0, &["a"])), (2, wide(1, &["a"])), (1, wide(0, &["b"]))];
    let index: TriggerIndex = entries.iter().map(|(number, hook)| entry(*number, hook, false)).collect();
    assert_eq!((index.base_len(), index.is_due()), (2, false));
    assert_eq!(found(&index, 0, 1, "a"), [(id(2), "a".to_owned())]);
    assert_eq!(found(&index, 0, 1, "b"), [(id(1), "b".to_owned())]);
}

#[test]
fn only_as_much_of_a_first_word_is_read_as_the_words_of_a_place_need() {
    let reach = |hooks: &[Hook], patterns: bool| {
        let mut table = Table::new(Seed::random());
        (0..).zip(hooks).for_each(|(number, hook)| table.insert(entry(number, hook, patterns)));
        table.places().at(&Place { channel: None, team: team(0) }).map(Listeners::reach)
    };
    assert_eq!(reach(&[], false), None);
    assert_eq!(reach(&[bound(1, 0, &["ship"])], false), None);
    assert_eq!(reach(&[wide(0, &["ship", "build"]), wide(1, &["a"])], false), Some(5));
    assert_eq!(reach(&[wide(1, &["ship", "build"]), wide(0, &["a"])], false), Some(5));
    assert_eq!(reach(&[wide(2, &["ship"])], false), Some(0));
    assert_eq!(reach(&[wide(0, &["ship", "/a/"])], false), Some(4));
    assert_eq!(reach(&[wide(0, &["ship", "/a/"])], true), Some(usize::MAX));
    assert_eq!(reach(&[wide(0, &["ship", "/(/"])], true), Some(4), "one that never matches");
}

#[test]
fn hooks_without_regular_expressions_stay_as_they_are_when_those_are_switched_on() {
    let words = |number: u8| if number < 100 { "a" } else { "/a/" };
    let entries = (0..101).map(|number| entry(number, &wide(0, &[words(number)]), false));
    let mut index: TriggerIndex = entries.collect();
    let plain = index.get(id(1)).unwrap().clone();
    for patterns in [true, true, false, false] {
        index.set_patterns(patterns);
        assert!(Arc::ptr_eq(index.get(id(1)).unwrap(), &plain));
        assert_eq!(found(&index, 0, 1, "xa").len(), usize::from(patterns));
        assert!(!index.is_due());
    }
}

#[test]
fn an_entry_says_the_same_as_long_as_nothing_changed() {
    let hook = bound(1, 0, &["a", "/b/"]);
    let target = |url: &str| -> Box<[super::Target]> {
        [super::Target { origin: "o".into(), shown: "s".into(), url: url.into() }].into()
    };
    let with = |number: u8, hook: &Hook, patterns: bool| entry(number, hook, patterns).as_ref().clone();
    let one = with(1, &hook, true).with_targets(target("u"), None);
    assert!(one.says_the_same(&one.clone()));
    assert!(one.calls("u") && !one.calls("v"));
    let mut later = one.clone();
    later.update_at = Millis(1);
    let others = [
        with(2, &hook, true).with_targets(target("u"), None),
        with(1, &hook, false).with_targets(target("u"), None),
        with(1, &hook, true).with_targets(target("v"), None),
        with(1, &hook, true).with_targets(target("u"), Some(crate::delivery::Mode::Off)),
        with(1, &Hook { team: 1, ..hook.clone() }, true).with_targets(target("u"), None),
        with(1, &Hook { channel: None, ..hook.clone() }, true).with_targets(target("u"), None),
        with(1, &Hook { when: 1, ..hook.clone() }, true).with_targets(target("u"), None),
        with(1, &bound(1, 0, &["a", "/c/"]), true).with_targets(target("u"), None),
        with(1, &bound(1, 0, &["a"]), true).with_targets(target("u"), None),
        with(1, &bound(1, 0, &["a", "/b/", "c"]), true).with_targets(target("u"), None),
        later,
    ];
    for (number, other) in others.iter().enumerate() {
        assert!(!one.says_the_same(other), "{number}");
    }
}

#[test]
fn hooks_that_share_a_word_in_one_place_are_told() {
    let hooks = [
        wide(0, &["a", "b"]),
        wide(1, &["b"]),
        wide(7, &["b c", "b"]),
        bound(1, 0, &["b"]),
        wide(0, &["/b/", ""]),
        Hook { team: 1, ..wide(0, &["b"]) },
    ];
    let mut index = index(&hooks, true);
    for _ in 0..2 {
        let sharing = |at: Option<u8>, word: &str| {
            let mut ids: Vec<_> = index.with_word(team(0), at.map(channel), word).map(|entry| entry.id).collect();
            ids.sort();
            ids
        };
        let sorted = |numbers: &[u8]| {
            let mut ids: Vec<_> = numbers.iter().copied().map(id).collect();
            ids.sort();
            ids
        };
        assert_eq!(sharing(None, "b"), sorted(&[0, 1, 2]));
        assert_eq!(sharing(Some(1), "b"), sorted(&[3]));
        assert_eq!(sharing(Some(2), "b"), []);
        assert_eq!(sharing(None, "b c"), sorted(&[2]));
        assert_eq!(sharing(None, "/b/"), sorted(&[4]));
        assert_eq!(sharing(None, ""), sorted(&[4]));
        assert_eq!(sharing(None, "c"), []);
        merge(&mut index);
    }
    index.remove(id(1));
    assert!(index.with_word(team(0), None, "b").all(|entry| entry.id != id(1)));
}

#[test]
fn a_new_base_is_due_after_an_eighth_has_changed() {
    let mut index = TriggerIndex::default();
    let hooks: Vec<Hook> = (0..128).map(|_| wide(0, &["a"])).collect();
    for (number, hook) in (0..).zip(&hooks) {
        assert_eq!(index.is_due(), number > 64, "{number}");
        index.insert(entry(number, hook, false));
    }
    merge(&mut index);
    assert_eq!((index.base_len(), index.entries().count()), (128, 128));
    for number in 0..=64 {
        assert!(!index.is_due(), "{number}");
        index.insert(entry(number, &wide(0, &["b"]), false));
    }
    assert!(index.is_due());
    let mut large = TriggerIndex::default();
    for number in 0..800_u16 {
        let mut chance = [9; 16];
        chance[..2].copy_from_slice(&number.to_be_bytes());
        let trigger =
            Trigger { channel_id: None, patterns: false, team_id: team(0), when: 0, words: &["a".to_owned()] };
        large.insert(Arc::new(Entry::new(OutgoingHookId::from_random(chance), Millis(0), trigger)));
    }
    merge(&mut large);
    for number in 0..=100 {
        assert!(!large.is_due(), "{number}");
        large.insert(entry(number, &wide(0, &["b"]), false));
    }
    assert!(large.is_due());
}

#[test]
fn a_base_made_of_an_older_one_is_not_put_in() {
    let mut index = index(&[wide(0, &["a"])], false);
    let late = index.merge();
    index.insert(entry(1, &wide(0, &["a"]), false));
    merge(&mut index);
    index.adopt(late.run());
    assert_eq!(found(&index, 0, 1, "a").len(), 2);
    assert_eq!(index.base_len(), 2);
}

#[test]
fn a_target_shows_nothing_secret() {
    let target = super::Target {
        origin: "https://a:443".into(),
        shown: "https://a/x".into(),
        url: "https://u:p@a/x?key".into(),
    };
    assert_eq!(format!("{target:?}"), r#"Target("https://a/x")"#);
}

/// What may happen to an index.
#[derive(Clone, Debug)]
enum Op {
    Adopt,
    Begin,
    Insert(u8, Hook),
    Patterns(bool),
    Remove(u8),
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ab]{1,4}",
        2 => "[aé/]{0,3}",
        1 => "/[ab^$.]{1,3}/",
        1 => Just("/(/".to_owned()),
        1 => Just("a b".to_owned()),
        1 => Just("a".repeat(64)),
        1 => Just("a".repeat(70)),
    ]
}

fn hooks() -> impl Strategy<Value = Hook> {
    let when = prop_oneof![4 => Just(0), 4 => Just(1), 1 => Just(-1)];
    (proptest::option::of(0..3_u8), 0..2_u8, when, proptest::collection::vec(words(), 0..5))
        .prop_map(|(channel, team, when, words)| Hook { channel, team, when, words })
}

fn ops() -> impl Strategy<Value = Op> {
    prop_oneof![
        6 => (0..12_u8, hooks()).prop_map(|(number, hook)| Op::Insert(number, hook)),
        3 => (0..12_u8).prop_map(Op::Remove),
        1 => Just(Op::Begin),
        1 => Just(Op::Adopt),
        1 => any::<bool>().prop_map(Op::Patterns),
    ]
}

fn messages() -> impl Strategy<Value = String> {
    let white = "[ \n\u{A0}\u{2028}]{0,2}";
    (white, words(), "[ \u{3000}\u{200B}:]?", words())
        .prop_map(|(lead, first, gap, rest)| format!("{lead}{first}{gap}{rest}"))
}

/// Runs the operations on an index and on a list of hooks; after each, both say the same of every message.
fn run(seed: Seed, ops: Vec<Op>, messages: &[String]) -> Result<(), TestCaseError> {
    let (mut index, mut model, mut patterns) = (TriggerIndex::new(seed), BTreeMap::new(), false);
    let mut begun = None;
    for op in ops {
        match op {
            Op::Adopt => begun.take().into_iter().for_each(|begun: super::index::Merge| index.adopt(begun.run())),
            Op::Begin => begun = Some(index.merge()),
            Op::Insert(number, hook) => {
                index.insert(entry(number, &hook, patterns));
                model.insert(number, hook);
            }
            Op::Patterns(on) => {
                patterns = on;
                index.set_patterns(on);
            }
            Op::Remove(number) => {
                index.remove(id(number));
                model.remove(&number);
            }
        }
        for (message, (team, channel)) in messages.iter().flat_map(|it| [(it, (0, 1)), (it, (1, 0)), (it, (0, 7))]) {
            let mut want: Vec<_> = model
                .iter()
                .filter_map(|(number, hook)| Some((id(*number), scan(hook, patterns, team, channel, message)?)))
                .collect();
            want.sort();
            prop_assert_eq!(found(&index, team, channel, message), want, "{:?}", message);
        }
        let mut ids: Vec<_> = index.entries().map(|entry| entry.id).collect();
        ids.sort();
        let mut want: Vec<_> = model.keys().copied().map(id).collect();
        want.sort();
        prop_assert_eq!(ids, want);
        for (number, hook) in &model {
            for word in &hook.words {
                let (team, channel) = (team(hook.team), hook.channel.map(channel));
                prop_assert!(index.with_word(team, channel, word).any(|entry| entry.id == id(*number)), "{:?}", word);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn finds_what_a_scan_of_all_hooks_finds(
        ops in proptest::collection::vec(ops(), 1..40),
        messages in proptest::collection::vec(messages(), 1..5),
    ) {
        run(Seed::random(), ops, &messages)?;
    }

    #[test]
    fn finds_it_too_where_all_words_have_one_hash(
        ops in proptest::collection::vec(ops(), 1..20),
        messages in proptest::collection::vec(messages(), 1..5),
    ) {
        run(Seed::hopeless(), ops, &messages)?;
    }
}
