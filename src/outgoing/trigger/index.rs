//! The index: a large base that does not change, and a small delta that does.

use std::collections::HashSet;
use std::sync::Arc;

use super::entry::Entry;
use super::hash::Seed;
use super::listen::First;
use super::place::{Listeners, Place};
use super::table::Table;
use super::word::first_word;
use crate::id::{ChannelId, OutgoingHookId, TeamId};

/// Which hooks a post sets off.
///
/// Changes go into the delta, each in the time of its own words. Once [`is_due`](Self::is_due), a new base is made of both
/// by [`merge`](Self::merge), beside the index and without holding it up, and put in by [`adopt`](Self::adopt).
#[derive(Debug)]
pub(crate) struct TriggerIndex {
    base: Arc<Table>,
    /// How often the delta changed.
    changes: usize,
    /// Hooks that are not in `base`, or are other there.
    delta: Table,
    /// Hooks of `base` that are gone, or other now.
    gone: HashSet<OutgoingHookId, Seed>,
    seed: Seed,
}

/// What a new base is made of.
#[derive(Debug)]
pub(crate) struct Merge {
    base: Arc<Table>,
    delta: Vec<Arc<Entry>>,
    gone: HashSet<OutgoingHookId, Seed>,
    seed: Seed,
}

/// A new base.
#[derive(Debug)]
pub(crate) struct Merged {
    base: Table,
    changed: Vec<OutgoingHookId>,
    of: Arc<Table>,
}

impl Default for TriggerIndex {
    fn default() -> Self {
        Self::new(Seed::random())
    }
}

/// All of them are in the base.
impl FromIterator<Arc<Entry>> for TriggerIndex {
    fn from_iter<T: IntoIterator<Item = Arc<Entry>>>(entries: T) -> Self {
        let seed = Seed::random();
        let mut base = Table::new(seed);
        for entry in entries {
            base.remove(entry.id);
            base.insert(entry);
        }
        Self { base: Arc::new(base), ..Self::new(seed) }
    }
}

impl TriggerIndex {
    pub(super) fn new(seed: Seed) -> Self {
        let (base, delta, gone) = (Arc::new(Table::new(seed)), Table::new(seed), HashSet::with_hasher(seed));
        Self { base, changes: 0, delta, gone, seed }
    }

    /// Adds a hook, or replaces what is known of it.
    pub(crate) fn insert(&mut self, entry: Arc<Entry>) {
        self.remove(entry.id);
        self.delta.insert(entry);
    }

    /// Takes a hook out; fine if it is not there.
    pub(crate) fn remove(&mut self, id: OutgoingHookId) {
        self.changes += 1;
        self.delta.remove(id);
        if self.base.get(id).is_some() {
            self.gone.insert(id);
        }
    }

    /// Whether it is time for a new base.
    pub(crate) fn is_due(&self) -> bool {
        self.changes > SMALL.max(self.base.len() / SHARE)
    }

    /// Takes down what a new base is made of.
    pub(crate) fn merge(&self) -> Merge {
        let delta = self.delta.entries().cloned().collect();
        Merge { base: self.base.clone(), delta, gone: self.gone.clone(), seed: self.seed }
    }

    /// Puts a new base in; what changed since it was begun stays changed. Nothing happens if another was put in meanwhile.
    pub(crate) fn adopt(&mut self, merged: Merged) {
        if !Arc::ptr_eq(&self.base, &merged.of) {
            return;
        }
        let mut next = Self { base: Arc::new(merged.base), ..Self::new(self.seed) };
        let touched: HashSet<_> = merged.changed.into_iter().chain(self.changed()).collect();
        for id in touched {
            match (self.get(id), next.base.get(id)) {
                (Some(entry), Some(known)) if Arc::ptr_eq(entry, known) => {}
                (Some(entry), _) => next.insert(entry.clone()),
                (None, Some(_)) => next.remove(id),
                (None, None) => {}
            }
        }
        *self = next;
    }

    /// Switches regular expressions on or off for every hook.
    pub(crate) fn set_patterns(&mut self, patterns: bool) {
        let others: Vec<_> = self.entries().filter_map(|entry| entry.with_patterns(patterns)).collect();
        others.into_iter().for_each(|entry| self.insert(Arc::new(entry)));
    }

    /// Finds the hooks that a post sets off, each once and with its own trigger word (OUT-47 to OUT-54, OUT-101).
    #[inline]
    pub(crate) fn lookup<'a>(
        &'a self,
        team: &TeamId,
        channel: &ChannelId,
        message: &str,
        mut found: impl FnMut(&'a Arc<Entry>, &'a str),
    ) {
        listen(&self.base, team, channel, message, |entry, word| {
            if self.gone.is_empty() || !self.gone.contains(&entry.id) {
                found(entry, word);
            }
        });
        listen(&self.delta, team, channel, message, found);
    }

    /// Returns a hook.
    pub(crate) fn get(&self, id: OutgoingHookId) -> Option<&Arc<Entry>> {
        let in_base = || self.base.get(id).filter(|_| !self.gone.contains(&id));
        self.delta.get(id).or_else(in_base)
    }

    /// Returns all hooks, in no order.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.base.entries().filter(|entry| !self.gone.contains(&entry.id)).chain(self.delta.entries())
    }

    /// Returns the hooks of exactly this channel, or of all channels, that have a trigger word, whenever they compare it:
    /// those that another with this word may collide with (OUT-29). One that has it twice comes twice.
    pub(crate) fn with_word<'a>(
        &'a self,
        team: TeamId,
        channel: Option<ChannelId>,
        word: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Entry>> {
        let place = Place { channel, team };
        let in_base = self.base.with_word(place, word).filter(|entry| !self.gone.contains(&entry.id));
        in_base.chain(self.delta.with_word(place, word))
    }

    #[cfg(test)]
    pub(super) fn base_len(&self) -> usize {
        self.base.len()
    }

    /// Returns which hooks are not as the base has them.
    fn changed(&self) -> impl Iterator<Item = OutgoingHookId> {
        self.gone.iter().copied().chain(self.delta.entries().map(|entry| entry.id))
    }
}

impl Merge {
    /// Makes the new base, in the time that all hooks take.
    pub(crate) fn run(self) -> Merged {
        let Self { base, delta, gone, seed } = self;
        let mut merged = Table::new(seed);
        base.entries().filter(|entry| !gone.contains(&entry.id)).for_each(|entry| merged.insert(entry.clone()));
        let changed = gone.iter().copied().chain(delta.iter().map(|entry| entry.id)).collect();
        delta.into_iter().for_each(|entry| merged.insert(entry));
        Merged { base: merged, changed, of: base }
    }
}

/// Finds what a message sets off in one table.
#[inline]
fn listen<'a>(
    table: &'a Table,
    team: &TeamId,
    channel: &ChannelId,
    message: &str,
    mut found: impl FnMut(&'a Arc<Entry>, &'a str),
) {
    let places = table.places();
    let (wide, own) = (places.of_team(team), places.of_channel(team, channel));
    let both = || wide.into_iter().chain(own);
    if wide.is_none() && own.is_none() {
        return;
    }
    both().flat_map(|listeners| &listeners.always).for_each(|entry| found(entry, ""));
    let reach = both().map(Listeners::reach).max().unwrap_or_default();
    let first = first_word(message, reach);
    if first.is_empty() {
        return;
    }
    both().for_each(|listeners| table.patterns(listeners, first, &mut found));
    let first = First::new(first, table.seed());
    both().for_each(|listeners| table.literals(listeners, &first, &mut found));
}

/// A base is made anew when the delta has seen changes to one hook in so many.
const SHARE: usize = 8;

/// So many changes are never worth a new base.
const SMALL: usize = 64;
