//! Hooks by place and word.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use super::entry::Entry;
use super::hash::{AsItIs, Rolling, Seed};
use super::lengths::Lengths;
use super::word::When;
use crate::id::{ChannelId, OutgoingHookId, TeamId};

/// Where hooks listen: in one channel of a team, or in all of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) channel: Option<ChannelId>,
    pub(super) team: TeamId,
}

/// A channel is of one team, mostly, so one id tells places apart.
impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.channel {
            Some(channel) => channel.hash(state),
            None => self.team.hash(state),
        }
    }
}

/// Hooks by place and word: one table for the words of all places, those that must equal and those that begin a word, so
/// that no look-up depends on how many there are.
#[derive(Clone, Debug)]
pub(super) struct Table {
    entries: HashMap<OutgoingHookId, Arc<Entry>, Seed>,
    places: HashMap<Place, Listeners, Seed>,
    seed: Seed,
    /// How the longer of the words begin that begin a first word, by the hash of place and beginning.
    starts: HashSet<u64, BuildHasherDefault<AsItIs>>,
    /// By the hash of place, kind and word. What collides shares a row, so each hit is compared with the word.
    words: HashMap<u64, Vec<Hit>, BuildHasherDefault<AsItIs>>,
}

/// What listens in a place. Lengths stay when hooks go: they then cost a look-up, and no more.
#[derive(Clone, Debug, Default)]
pub(super) struct Listeners {
    /// Set off by every post.
    always: Vec<Arc<Entry>>,
    equal: Lengths,
    patterns: Vec<Hit>,
    prefix: Lengths,
    salt: u64,
}

/// A word of a hook.
#[derive(Clone, Debug)]
struct Hit {
    entry: Arc<Entry>,
    place: u32,
}

/// What a word is looked up for.
#[derive(Clone, Copy, Debug)]
struct Probe<'a> {
    first: &'a str,
    length: usize,
    place: Place,
    when: When,
}

impl Table {
    pub(super) fn new(seed: Seed) -> Self {
        let (entries, places) = (HashMap::with_hasher(seed), HashMap::with_hasher(seed));
        Self { entries, places, seed, starts: HashSet::default(), words: HashMap::default() }
    }

    /// Adds a hook that is not there.
    pub(super) fn insert(&mut self, entry: Arc<Entry>) {
        let place = Place { channel: entry.channel_id, team: entry.team_id };
        let salt = self.seed.hash_one(place);
        let listeners = self.places.entry(place).or_insert_with(|| Listeners { salt, ..Listeners::default() });
        if entry.hears_all() {
            listeners.always.push(entry.clone());
        }
        for (number, word) in (0..).zip(&entry.words) {
            let hit = Hit { entry: entry.clone(), place: number };
            let Some(when) = word.literal() else {
                listeners.patterns.push(hit);
                continue;
            };
            match when {
                When::Equal => listeners.equal.insert(word.text.len()),
                When::Prefix => {
                    listeners.prefix.insert(word.text.len());
                    self.starts.extend(self.seed.start(&word.text).map(|start| self.seed.place(start, salt, START)));
                }
                When::Never => {}
            }
            let row = self.seed.row(&word.text, salt, when);
            self.words.entry(row).or_default().push(hit);
        }
        self.entries.insert(entry.id, entry);
    }

    /// Takes a hook out.
    pub(super) fn remove(&mut self, id: OutgoingHookId) -> Option<Arc<Entry>> {
        let entry = self.entries.remove(&id)?;
        let place = Place { channel: entry.channel_id, team: entry.team_id };
        let listeners = self.places.get_mut(&place)?;
        listeners.always.retain(|other| other.id != id);
        listeners.patterns.retain(|hit| hit.entry.id != id);
        for word in &entry.words {
            let Some(when) = word.literal() else { continue };
            let row = self.seed.row(&word.text, listeners.salt, when);
            if let Some(hits) = self.words.get_mut(&row) {
                hits.retain(|hit| hit.entry.id != id);
                if hits.is_empty() {
                    self.words.remove(&row);
                }
            }
        }
        Some(entry)
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

    pub(super) fn listeners(&self, place: Place) -> Option<Listening<'_>> {
        if self.places.is_empty() {
            return None;
        }
        self.places.get(&place).map(|listeners| Listening { listeners, place, table: self })
    }

    /// Returns the hooks of a place that have a trigger word, whenever they compare it.
    pub(super) fn with_word<'a>(&'a self, place: Place, word: &'a str) -> impl Iterator<Item = &'a Arc<Entry>> {
        let salt = self.places.get(&place).map(|listeners| listeners.salt);
        let rows = [When::Equal, When::Never, When::Prefix].into_iter().filter_map(move |when| {
            let row = self.words.get(&self.seed.row(word, salt?, when))?;
            Some((when, row))
        });
        let literal = rows.flat_map(move |(when, hits)| {
            hits.iter().filter(move |hit| hit.word().is_some_and(|own| own.literal() == Some(when)))
        });
        let patterns = self.places.get(&place).into_iter().flat_map(|listeners| &listeners.patterns);
        literal.chain(patterns).filter(move |hit| hit.is_at(place) && hit.bears(word)).map(|hit| &hit.entry)
    }
}

impl Hit {
    fn word(&self) -> Option<&super::word::Word> {
        self.entry.words.get(self.place as usize)
    }

    fn is_at(&self, place: Place) -> bool {
        (Place { channel: self.entry.channel_id, team: self.entry.team_id }) == place
    }

    fn bears(&self, text: &str) -> bool {
        self.word().is_some_and(|word| &*word.text == text)
    }

    /// Whether it is this word of the hook that counts: of all that match, the first in its list (OUT-52).
    fn counts(&self, first: &str) -> bool {
        self.entry.position(first) == Some(self.place as usize)
    }

    fn answers(&self, probe: Probe<'_>) -> bool {
        let is_sought =
            self.word().is_some_and(|word| word.text.len() == probe.length && word.literal() == Some(probe.when));
        is_sought && self.is_at(probe.place) && self.counts(probe.first)
    }
}

/// A first word, which is not empty, with the hashes that all places look it up by.
#[derive(Clone, Copy, Debug)]
pub(super) struct First<'a> {
    /// Of its first byte, its first two, and so on; as many as it has.
    heads: [Rolling; HEAD],
    whole: Rolling,
    word: &'a str,
}

impl<'a> First<'a> {
    pub(super) fn new(word: &'a str, seed: Seed) -> Self {
        let mut heads = [seed.empty(); HEAD];
        let mut hash = seed.empty();
        for (head, byte) in heads.iter_mut().zip(word.bytes()) {
            hash = seed.longer(hash, byte);
            *head = hash;
        }
        Self { heads, whole: seed.whole(word), word }
    }
}

impl Seed {
    /// Where hooks with a word stand that is compared so.
    fn row(&self, word: &str, salt: u64, when: When) -> u64 {
        let hash = if when == When::Prefix { self.grown(word) } else { self.whole(word) };
        self.place(hash, salt, when as u8)
    }

    /// The hash of the beginning of a word that is longer than that.
    fn start(&self, word: &str) -> Option<Rolling> {
        let head = word.as_bytes().first_chunk::<HEAD>().filter(|_| word.len() > HEAD)?;
        Some(head.iter().fold(self.empty(), |hash, byte| self.longer(hash, *byte)))
    }
}

/// So many bytes of a first word are looked up one after another; more only if some word begins with them.
const HEAD: usize = 4;

/// What beginnings are hashed for: no kind of comparison has this number.
const START: u8 = 7;

/// The listeners of a place in a table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Listening<'a> {
    listeners: &'a Listeners,
    place: Place,
    table: &'a Table,
}

impl<'a> Listening<'a> {
    pub(super) fn seed(self) -> Seed {
        self.table.seed
    }

    /// Returns the hooks that every post sets off.
    pub(super) fn always(self) -> impl Iterator<Item = &'a Arc<Entry>> {
        self.listeners.always.iter()
    }

    /// Returns how many bytes of a first word tell what it sets off.
    pub(super) fn reach(self) -> usize {
        let Listeners { equal, patterns, prefix, .. } = self.listeners;
        if patterns.is_empty() { equal.longest().max(prefix.longest()) } else { usize::MAX }
    }

    /// Finds the hooks that a first word sets off by a regular expression.
    pub(super) fn patterns(self, first: &str, found: &mut impl FnMut(&'a Arc<Entry>, &'a str)) {
        for hit in self.listeners.patterns.iter().filter(|hit| hit.counts(first)) {
            self.tell(hit, found);
        }
    }

    /// Finds the hooks that a first word sets off byte by byte.
    #[inline]
    pub(super) fn literals(self, first: &First<'_>, found: &mut impl FnMut(&'a Arc<Entry>, &'a str)) {
        let Listeners { equal, prefix, salt, .. } = self.listeners;
        let (word, seed) = (first.word, self.table.seed);
        if equal.contains(word.len()) {
            self.row(self.probe(word, word.len(), When::Equal), first.whole, found);
        }
        for (length, hash) in (1..).zip(&first.heads).take(word.len()) {
            if prefix.contains(length) {
                self.row(self.probe(word, length, When::Prefix), *hash, found);
            }
        }
        let [.., start] = first.heads;
        let goes_on = word.len() > HEAD && prefix.longest() > HEAD;
        if !goes_on || !self.table.starts.contains(&seed.place(start, *salt, START)) {
            return;
        }
        let mut hash = start;
        for (length, byte) in (1..).zip(word.bytes()).take(prefix.longest()).skip(HEAD) {
            hash = seed.longer(hash, byte);
            if prefix.contains(length) {
                self.row(self.probe(word, length, When::Prefix), hash, found);
            }
        }
    }

    fn probe<'b>(self, first: &'b str, length: usize, when: When) -> Probe<'b> {
        Probe { first, length, place: self.place, when }
    }

    #[inline]
    fn row(self, probe: Probe<'_>, hash: Rolling, found: &mut impl FnMut(&'a Arc<Entry>, &'a str)) {
        let row = self.table.seed.place(hash, self.listeners.salt, probe.when as u8);
        let Some(hits) = self.table.words.get(&row) else { return };
        for hit in hits.iter().filter(|hit| hit.answers(probe)) {
            self.tell(hit, found);
        }
    }

    fn tell(self, hit: &'a Hit, found: &mut impl FnMut(&'a Arc<Entry>, &'a str)) {
        if let Some(word) = hit.word() {
            found(&hit.entry, &word.text);
        }
    }
}
