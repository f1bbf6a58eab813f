//! What Jackfield asks about with every message, kept in memory until something changes: a message then costs the
//! database one read, of its hook.
//!
//! This holds because all changes of the chat server's tables go through [`Store::write`](crate::store::Store::write):
//! no other process may change them while the server runs. Reading them is fine.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jackfield::id::{ChannelId, TeamId, UserId};
use jackfield::port::{Ask, Channel, PortError, Team, User};

/// Answers that were read since the last change.
#[derive(Clone, Debug, Default)]
pub(crate) struct Known(Arc<Mutex<Answers>>);

/// The answers by what was asked. That something is not there is not kept.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    pub(crate) channels: HashMap<ChannelId, Channel>,
    pub(crate) grants: HashMap<(UserId, Ask), bool>,
    pub(crate) teams: HashMap<TeamId, Team>,
    pub(crate) users: HashMap<UserId, User>,
    /// How many changes are under way.
    changing: usize,
    /// How many changes began or ended so far.
    turn: u64,
}

/// A change that is under way: from before its first statement until it is committed or undone, nothing is kept.
#[derive(Debug)]
pub(crate) struct Changing(Known);

impl Known {
    /// Answers questions of one kind from what is known, or else all of them with `read`, which says for each in order
    /// what it found.
    pub(crate) fn answer<K: Clone + Eq + Hash, V: Clone>(
        &self,
        kind: fn(&mut Answers) -> &mut HashMap<K, V>,
        questions: &[K],
        read: impl FnOnce() -> Result<Vec<Option<V>>, PortError>,
    ) -> Result<Vec<V>, PortError> {
        let turn = {
            let mut answers = self.lock();
            let known = kind(&mut answers);
            if let Some(found) = questions.iter().map(|question| known.get(question).cloned()).collect() {
                return Ok(found);
            }
            answers.turn
        };
        let found = read()?;
        let mut answers = self.lock();
        // Else it may be of before a change.
        if answers.turn == turn && answers.changing == 0 {
            let known = kind(&mut answers);
            if known.len() + questions.len() > MOST {
                known.clear();
            }
            let pairs = questions.iter().zip(&found);
            known.extend(pairs.filter_map(|(question, answer)| Some((question.clone(), answer.clone()?))));
        }
        Ok(found.into_iter().flatten().collect())
    }

    /// Begins a change, which ends when what is returned is dropped.
    pub(crate) fn change(&self) -> Changing {
        let mut answers = self.lock();
        answers.forget();
        answers.changing += 1;
        Changing(self.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Answers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers {
    fn forget(&mut self) {
        self.channels.clear();
        self.grants.clear();
        self.teams.clear();
        self.users.clear();
        self.turn += 1;
    }
}

impl Drop for Changing {
    fn drop(&mut self) {
        let mut answers = self.0.lock();
        answers.forget();
        answers.changing -= 1;
    }
}

/// The most answers of a kind, which bounds the memory that askers can fill.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> UserId {
        UserId::from_random([1; 16])
    }

    fn ask(known: &Known, read: impl FnOnce() -> Option<&'static str>) -> Option<String> {
        let read = || Ok(vec![read().map(|name| User::new(ann(), name))]);
        let found = known.answer(|answers| &mut answers.users, &[ann()], read).unwrap();
        found.into_iter().next().map(|user| user.username)
    }

    #[test]
    fn reads_once_until_something_changes() {
        let known = Known::default();
        assert_eq!(ask(&known, || Some("ann")).as_deref(), Some("ann"));
        assert_eq!(ask(&known, || unreachable!()).as_deref(), Some("ann"));
        drop(known.change());
        assert_eq!(ask(&known, || Some("anna")).as_deref(), Some("anna"));
    }

    #[test]
    fn does_not_keep_that_something_is_not_there() {
        let known = Known::default();
        assert_eq!(ask(&known, || None), None);
        assert_eq!(ask(&known, || Some("ann")).as_deref(), Some("ann"));
    }

    #[test]
    fn keeps_nothing_that_was_read_beside_a_change() {
        let known = Known::default();
        let mut changing = None;
        ask(&known, || {
            changing = Some(known.change());
            Some("read before it began")
        });
        ask(&known, || Some("read before it was committed"));
        ask(&known, || {
            changing = None;
            Some("read before it was committed, told after it")
        });
        assert_eq!(ask(&known, || Some("anna")).as_deref(), Some("anna"));
    }
}
