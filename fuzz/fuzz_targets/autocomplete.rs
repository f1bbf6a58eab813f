//! Trees that somebody writes, and inputs that are completed by them. The first line is the input, the rest the tree.
//!
//! - A tree that was written is read again, and the same.
//! - An administrator is offered what everybody is, and what is offered completes the line.
//! - What is read off the input is in it, or in the tree.

#![no_main]

use jackfield::command::autocomplete::{Node, Suggestion};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut lines = bytes.splitn(2, |byte| *byte == b'\n');
    let input = String::from_utf8_lossy(lines.next().unwrap_or_default());
    let Ok(tree) = Node::from_json(lines.next().unwrap_or_default()) else { return };
    // What is written has every member, so more items than what was read: a long list may then be over the limit.
    if bytes.len() <= 16 * 1024 {
        assert_eq!(Node::from_json(tree.to_json().as_bytes()).as_ref(), Ok(&tree));
    }
    let (valid, small) = (tree.check().is_ok(), tree.check_size().is_ok());
    let mine = tree.suggestions(&input, false);
    let theirs = tree.suggestions(&input, true);
    assert!(mine.len() <= MOST && theirs.len() <= MOST);
    if valid && small && theirs.len() < MOST {
        assert!(mine.iter().all(|one| theirs.contains(one)), "an administrator is offered less");
    }
    for Suggestion { complete, suggestion, .. } in &theirs {
        assert!(complete.contains(suggestion.as_str()) || suggestion.starts_with("--"), "{complete:?} {suggestion:?}");
    }
    if let Ok(read) = tree.parse_arguments(&input) {
        assert!(input.ends_with(&read.rest));
    }
});

/// How many suggestions there are at most.
const MOST: usize = 10_000;
