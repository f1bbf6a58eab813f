//! Hooks by place and word.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use super::entry::Entry;
use super::hash::{AsItIs, Seed};
use super::listen::start;
use super::place::{Hit, Place, Places};
use super::word::When;
use crate::id::OutgoingHookId;

/// Hooks by place and word: one table for the words of all places, those that must equal and those that begin a word, so
/// that no look-up depends on how many there are.
#[derive(Clone, Debug)]
pub(super) struct Table {
    entries: HashMap<OutgoingHookId, Arc<Entry>, Seed>,
    places: Places,
    seed: Seed,
    /// How the longer of the words begin that begin a first word, by the hash of place and beginning.
    starts: HashSet<u64, BuildHasherDefault<AsItIs>>,
    /// By the hash of place, kind and word. What collides shares a row, so each hit is compared with the word.
    words: HashMap<u64, Vec<Hit>, BuildHasherDefault<AsItIs>>,
}

impl Table {
    pub(super) fn new(seed: Seed) -> Self {
        let (entries, places) = (HashMap::with_hasher(seed), Places::new(seed));
        Self { entries, places, seed, starts: HashSet::default(), words: HashMap::default() }
    }

    /// Adds a hook that is not there.
    pub(super) fn insert(&mut self, entry: Arc<Entry>) {
        let seed = &self.seed;
        let listeners = self.places.open(Place::of(&entry));
        let salt = listeners.salt;
        if entry.hears_all() {
            listeners.always.push(entry.clone());
        }
        for (number, word) in (0..).zip(&entry.words) {
            let hit = Hit { entry: entry.clone(), number };
            let Some(when) = word.literal() else {
                listeners.patterns.push(hit);
                continue;
            };
            match when {
                When::Equal => listeners.equal.insert(word.text.len()),
                When::Prefix => {
                    listeners.prefix.insert(word.text.len());
                    self.starts.extend(start(seed, &word.text).map(|start| seed.place(start, salt, START)));
                }
                When::Never => {}
            }
            self.words.entry(row(seed, &word.text, salt, when)).or_default().push(hit);
        }
        self.entries.insert(entry.id, entry);
    }

    /// Takes a hook out.
    pub(super) fn remove(&mut self, id: OutgoingHookId) {
        let Some(entry) = self.entries.remove(&id) else { return };
        let listeners = self.places.open(Place::of(&entry));
        listeners.always.retain(|other| other.id != id);
        listeners.patterns.retain(|hit| hit.entry.id != id);
        for word in &entry.words {
            let Some(when) = word.literal() else { continue };
            let row = row(&self.seed, &word.text, listeners.salt, when);
            if let Some(hits) = self.words.get_mut(&row) {
                hits.retain(|hit| hit.entry.id != id);
                if hits.is_empty() {
                    self.words.remove(&row);
                }
            }
        }
    }

    pub(super) fn get(&self, id: OutgoingHookId) -> Option<&Arc<Entry>> {
        self.entries.get(&id)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.values()
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    pub(super) fn seed(&self) -> &Seed {
        &self.seed
    }

    /// Whether a word of a place that is longer begins so.
    #[inline]
    pub(super) fn has_start(&self, start: u64) -> bool {
        self.starts.contains(&start)
    }

    /// Returns the words of a row, and perhaps others.
    #[inline]
    pub(super) fn hits(&self, row: u64) -> &[Hit] {
        self.words.get(&row).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the hooks of a place that have a trigger word, whenever they compare it.
    pub(super) fn with_word<'a>(&'a self, place: Place, word: &'a str) -> impl Iterator<Item = &'a Arc<Entry>> {
        let listeners = self.places.at(&place).into_iter();
        let hits = listeners.flat_map(move |listeners| {
            let rows = [When::Equal, When::Never, When::Prefix].into_iter();
            let literal = rows.flat_map(move |when| {
                let hits = self.hits(row(&self.seed, word, listeners.salt, when)).iter();
                hits.filter(move |hit| hit.word().is_some_and(|own| own.literal() == Some(when)))
            });
            literal.chain(&listeners.patterns)
        });
        hits.filter(move |hit| hit.is_at(&place) && hit.bears(word)).map(|hit| &hit.entry)
    }
}

/// Where hooks with a word stand that is compared so.
fn row(seed: &Seed, word: &str, salt: u64, when: When) -> u64 {
    let hash = if when == When::Prefix { seed.grown(word) } else { seed.whole(word) };
    seed.place(hash, salt, when as u8)
}

/// What beginnings are hashed for: no kind of comparison has this number.
pub(super) const START: u8 = 7;
