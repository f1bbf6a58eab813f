//! What a first word sets off in a place.

use std::sync::Arc;

use super::entry::Entry;
use super::hash::{Rolling, Seed};
use super::place::{Hit, Listeners};
use super::table::{START, Table};
use super::word::When;

/// A first word, which is not empty, with the hashes that every place looks it up by.
#[derive(Clone, Copy, Debug)]
pub(super) struct First<'a> {
    /// Of its first byte, its first two, and so on; the last is repeated.
    heads: [Rolling; HEAD],
    word: &'a str,
}

impl<'a> First<'a> {
    #[inline]
    pub(super) fn new(word: &'a str, seed: &Seed) -> Self {
        let mut hash = seed.empty();
        let mut bytes = word.bytes();
        let heads = std::array::from_fn(|_| {
            hash = bytes.next().map_or(hash, |byte| seed.longer(hash, byte));
            hash
        });
        Self { heads, word }
    }
}

/// The hash of the beginning of a word that is longer than that.
pub(super) fn start(seed: &Seed, word: &str) -> Option<Rolling> {
    let head = word.as_bytes().first_chunk::<HEAD>().filter(|_| word.len() > HEAD)?;
    Some(head.iter().fold(seed.empty(), |hash, byte| seed.longer(hash, *byte)))
}

/// What a word is looked up for.
#[derive(Clone, Copy, Debug)]
struct Probe<'a> {
    first: &'a str,
    length: usize,
    when: When,
}

impl Probe<'_> {
    /// Whether this is a word that was looked up, and the one of its hook that counts.
    fn is_answered_by(self, hit: &Hit, listeners: &Listeners) -> bool {
        let is_sought =
            hit.word().is_some_and(|word| word.text.len() == self.length && word.literal() == Some(self.when));
        is_sought && hit.is_at(&listeners.place) && hit.counts(self.first)
    }
}

impl Table {
    /// Finds the hooks of a place that a first word sets off by a regular expression.
    pub(super) fn patterns<'a>(
        &'a self,
        listeners: &'a Listeners,
        first: &str,
        found: &mut impl FnMut(&'a Arc<Entry>, &'a str),
    ) {
        listeners.patterns.iter().filter(|hit| hit.counts(first)).for_each(|hit| tell(hit, found));
    }

    /// Finds the hooks of a place that a first word sets off byte by byte.
    #[inline]
    pub(super) fn literals<'a>(
        &'a self,
        listeners: &'a Listeners,
        first: &First<'_>,
        found: &mut impl FnMut(&'a Arc<Entry>, &'a str),
    ) {
        let Listeners { equal, prefix, salt, .. } = listeners;
        let (word, seed) = (first.word, self.seed());
        if equal.contains(word.len()) {
            let probe = Probe { first: word, length: word.len(), when: When::Equal };
            self.row(listeners, probe, seed.whole(word), found);
        }
        let longest = prefix.longest().min(word.len());
        let mut begins = |length: usize, hash: Rolling| {
            if prefix.contains(length) {
                self.row(listeners, Probe { first: word, length, when: When::Prefix }, hash, found);
            }
        };
        (1..).zip(first.heads).take(longest).for_each(|(length, hash)| begins(length, hash));
        let [.., mut hash] = first.heads;
        if longest <= HEAD || !self.has_start(seed.place(hash, *salt, START)) {
            return;
        }
        for (length, byte) in (1..).zip(word.bytes()).take(longest).skip(HEAD) {
            hash = seed.longer(hash, byte);
            begins(length, hash);
        }
    }

    #[inline]
    fn row<'a>(
        &'a self,
        listeners: &'a Listeners,
        probe: Probe<'_>,
        hash: Rolling,
        found: &mut impl FnMut(&'a Arc<Entry>, &'a str),
    ) {
        let row = self.seed().place(hash, listeners.salt, probe.when as u8);
        let hits = self.hits(row).iter().filter(|hit| probe.is_answered_by(hit, listeners));
        hits.for_each(|hit| tell(hit, found));
    }
}

fn tell<'a>(hit: &'a Hit, found: &mut impl FnMut(&'a Arc<Entry>, &'a str)) {
    if let Some(word) = hit.word() {
        found(&hit.entry, &word.text);
    }
}

/// So many bytes of a first word are looked up one after another; more only if some word begins with them.
const HEAD: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Millis, OutgoingHookId, TeamId};
    use crate::outgoing::trigger::Trigger;
    use crate::outgoing::trigger::place::Place;

    #[test]
    fn only_words_longer_than_a_head_say_how_they_begin() {
        let seed = Seed::random();
        assert!(start(&seed, "depl").is_none() && start(&seed, "").is_none());
        let begun = start(&seed, "deplo").map(|start| seed.place(start, 1, START));
        assert_eq!(begun, Some(seed.place(seed.grown("depl"), 1, START)));
        let team_id = TeamId::from_random([1; 16]);
        let words = ["deploy", "ship", "é"].map(str::to_owned);
        let trigger = Trigger { channel_id: None, patterns: false, team_id, when: 1, words: &words };
        let mut table = Table::new(seed);
        table.insert(Arc::new(Entry::new(OutgoingHookId::from_random([1; 16]), Millis(0), trigger)));
        let salt = table.places().at(&Place { channel: None, team: team_id }).unwrap().salt;
        let begins = |head: &str| table.has_start(seed.place(seed.grown(head), salt, START));
        assert!(begins("depl"));
        assert!(!begins("ship") && !begins("depo"));
    }
}
