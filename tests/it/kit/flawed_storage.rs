//! A small storage in memory that can be wrong in one way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::thread;

use async_trait::async_trait;
use bytes::Bytes;
use jackfield::port::{
    Change, Collection, Committed, Entry, Expect, Found, Index, Key, Query, Record, Storage, StorageError,
    StorageErrorKind, Write,
};

/// What is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flaw {
    AnyNeedsARecord,
    BodiesAreCut,
    BodiesAreText,
    CheckIsNotChecked,
    CheckLeavesARecord,
    /// What is only checked may change before the commit is applied.
    ChecksRace,
    CollectionsShareKeys,
    CommitsAreSeenInHalves,
    /// Bodies are equal if their first 8 bytes are.
    ComparesTheBeginning,
    CountsThePage,
    /// Whether a record is there is looked up some time before it is made.
    CreatesRace,
    DeletedIsNotAbsent,
    DeletedKeepsPlaces,
    EmptyCommitConflicts,
    /// The end of a range wraps around when the prefix ends with `0xFF`.
    FindsDeadPrefix,
    ForgetsIndexes,
    IndexesShareValues,
    /// Changes are applied one by one until one conflicts.
    KeepsHalfACommit,
    KeysAreTrimmed,
    LimitZeroIsNone,
    None,
    PagesSkipEqualValues,
    RefusedTakesPlaces,
    ReplacedKeepsPlaces,
    SignedOrder,
    TwiceIsFine,
    /// A body is compared some time before it is replaced.
    UpdatesRace,
    /// A record that takes an index value takes it from another.
    ValuesAreUnique,
}

#[derive(Debug)]
pub(super) struct FlawedStorage {
    flaw: Flaw,
    state: Mutex<State>,
}

type Place = (Collection, Index, Bytes, Bytes);

#[derive(Clone, Debug, Default)]
struct State {
    /// By collection and id.
    bodies: BTreeMap<(Collection, Bytes), Bytes>,
    dead: BTreeSet<Key>,
    places: BTreeSet<Place>,
}

impl FlawedStorage {
    pub(super) fn new(flaw: Flaw) -> Self {
        Self { flaw, state: Mutex::default() }
    }

    /// The same storage after the process has ended and begun again.
    pub(super) fn reopened(&self) -> Self {
        let mut state = self.state.lock().unwrap().clone();
        if self.flaw == Flaw::ForgetsIndexes {
            state.places.clear();
        }
        Self { flaw: self.flaw, state: Mutex::new(state) }
    }

    fn row(&self, key: &Key) -> (Collection, Bytes) {
        let mut id = key.id.clone();
        if self.flaw == Flaw::KeysAreTrimmed && id.len() > 1 && id.ends_with(b" ") {
            id.truncate(id.len() - 1);
        }
        (if self.flaw == Flaw::CollectionsShareKeys { Collection("all") } else { key.collection }, id)
    }

    fn holds(&self, state: &State, Change { expect, key, write }: &Change) -> bool {
        let body = state.bodies.get(&self.row(key));
        match expect {
            _ if self.flaw == Flaw::CheckIsNotChecked && *write == Write::Check => true,
            Expect::Absent if self.flaw == Flaw::DeletedIsNotAbsent && state.dead.contains(key) => false,
            Expect::Absent => body.is_none(),
            Expect::Any if self.flaw == Flaw::AnyNeedsARecord && matches!(write, Write::Put { .. }) => body.is_some(),
            Expect::Any => true,
            Expect::Body(want) if self.flaw == Flaw::ComparesTheBeginning => {
                let start = |body: &Bytes| body.slice(..body.len().min(8));
                body.map(start) == Some(start(want))
            }
            Expect::Body(want) => body == Some(want),
        }
    }

    fn apply(&self, state: &mut State, Change { key, write, .. }: &Change) {
        let row = self.row(key);
        match write {
            Write::Check => {
                if self.flaw == Flaw::CheckLeavesARecord && key.id == "two" {
                    state.bodies.entry(row).or_default();
                }
            }
            Write::Delete => {
                state.bodies.remove(&row);
                state.dead.insert(key.clone());
                if self.flaw != Flaw::DeletedKeepsPlaces {
                    state.places.retain(|place| (place.0, &place.3) != (key.collection, &key.id));
                }
            }
            Write::Put { body, index } => {
                let body = match self.flaw {
                    Flaw::BodiesAreCut => body.slice(..body.len().min(1 << 16)),
                    Flaw::BodiesAreText => String::from_utf8_lossy(body).into_owned().into(),
                    _ => body.clone(),
                };
                state.bodies.insert(row, body);
                if self.flaw != Flaw::ReplacedKeepsPlaces {
                    state.places.retain(|place| (place.0, &place.3) != (key.collection, &key.id));
                }
                for entry in index {
                    let of = if self.flaw == Flaw::IndexesShareValues { Index("all") } else { entry.index };
                    if self.flaw == Flaw::ValuesAreUnique && entry.value == "same" {
                        state.places.retain(|place| (place.1, &place.2) != (of, &entry.value));
                    }
                    state.places.insert((key.collection, of, entry.value.clone(), key.id.clone()));
                }
            }
        }
    }

    /// Whether what this change expects is looked at too early.
    fn is_racy(&self, change: &Change) -> bool {
        match self.flaw {
            Flaw::ChecksRace => change.write == Write::Check,
            Flaw::CreatesRace => change.expect == Expect::Absent && change.write != Write::Check,
            Flaw::UpdatesRace => matches!(change.expect, Expect::Body(_)),
            _ => false,
        }
    }
}

/// Long enough for somebody else to come in between.
fn dawdle() {
    for _ in 0..100 {
        thread::yield_now();
    }
}

#[async_trait]
impl Storage for FlawedStorage {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError> {
        let body = self.state.lock().unwrap().bodies.get(&self.row(key)).cloned();
        Ok(body.map(|body| Record { body, key: key.clone() }))
    }

    async fn find(&self, query: &Query) -> Result<Found, StorageError> {
        let state = self.state.lock().unwrap();
        let index = if self.flaw == Flaw::IndexesShareValues { Index("all") } else { query.index };
        let mut range: Vec<(&Bytes, &Bytes)> = state
            .places
            .iter()
            .filter(|place| place.0 == query.collection && place.1 == index && place.2.starts_with(&query.prefix))
            .map(|place| (&place.2, &place.3))
            .collect();
        if self.flaw == Flaw::FindsDeadPrefix && query.prefix.ends_with(&[0xFF]) {
            range.clear();
        }
        if self.flaw == Flaw::SignedOrder {
            let signed = |bytes: &Bytes| bytes.iter().map(|byte| byte.cast_signed()).collect::<Vec<_>>();
            range.sort_by_key(|(value, id)| (signed(value), (*id).clone()));
        }
        let whole = range.len();
        if let Some((value, id)) = &query.after {
            match self.flaw {
                Flaw::PagesSkipEqualValues => range.retain(|place| place.0 > value),
                _ => range.retain(|place| *place > (value, id)),
            }
        }
        let limit = if self.flaw == Flaw::LimitZeroIsNone && query.limit == 0 { usize::MAX } else { query.limit };
        range.truncate(limit);
        let total = if self.flaw == Flaw::CountsThePage { range.len() } else { whole };
        let entries = range.into_iter().map(|(value, id)| {
            let key = Key { collection: query.collection, id: id.clone() };
            let body = state.bodies.get(&self.row(&key)).cloned().unwrap_or_default();
            Entry { record: Record { body, key }, value: value.clone() }
        });
        Ok(Found { entries: entries.collect(), total: query.count.then_some(total as u64) })
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        let keys: BTreeSet<_> = changes.iter().map(|change| &change.key).collect();
        if keys.len() < changes.len() && self.flaw != Flaw::TwiceIsFine {
            return Err(StorageError::new(StorageErrorKind::Invalid, "one key twice"));
        }
        if changes.is_empty() && self.flaw == Flaw::EmptyCommitConflicts {
            return Ok(Committed::Conflict);
        }
        if changes.iter().any(|change| self.is_racy(change)) {
            let state = self.state.lock().unwrap();
            let hold = changes.iter().filter(|change| self.is_racy(change)).all(|change| self.holds(&state, change));
            drop(state);
            if !hold {
                return Ok(Committed::Conflict);
            }
            dawdle();
        }
        let mut state = self.state.lock().unwrap();
        let holds = |change: &Change| self.is_racy(change) || self.holds(&state, change);
        let met = changes.iter().take_while(|change| holds(change)).count();
        if met < changes.len() {
            if self.flaw == Flaw::KeepsHalfACommit {
                changes.iter().take(met).for_each(|change| self.apply(&mut state, change));
            }
            if self.flaw == Flaw::RefusedTakesPlaces {
                for Change { key, write, .. } in &changes {
                    let Write::Put { index, .. } = write else { continue };
                    for entry in index {
                        state.places.insert((key.collection, entry.index, entry.value.clone(), key.id.clone()));
                    }
                }
            }
            return Ok(Committed::Conflict);
        }
        for change in &changes {
            self.apply(&mut state, change);
            if self.flaw == Flaw::CommitsAreSeenInHalves && matches!(change.write, Write::Put { .. }) {
                drop(state);
                dawdle();
                state = self.state.lock().unwrap();
            }
        }
        Ok(Committed::Applied)
    }
}
