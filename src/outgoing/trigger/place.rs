//! Where hooks listen, and what listens there.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use super::entry::Entry;
use super::hash::Seed;
use super::lengths::Lengths;
use super::word::Word;
use crate::id::{ChannelId, TeamId};

/// Where hooks listen: in one channel of a team, or in all of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Place {
    pub(super) channel: Option<ChannelId>,
    pub(super) team: TeamId,
}

impl Place {
    pub(super) fn of(entry: &Entry) -> Self {
        Self { channel: entry.channel_id, team: entry.team_id }
    }
}

/// What listens in a place. Lengths stay when hooks go: they then cost a look-up, and no more.
#[derive(Clone, Debug)]
pub(super) struct Listeners {
    /// Set off by every post.
    pub(super) always: Vec<Arc<Entry>>,
    /// The lengths of words that a first word must equal.
    pub(super) equal: Lengths,
    pub(super) patterns: Vec<Hit>,
    pub(super) place: Place,
    /// The lengths of words that a first word must begin with.
    pub(super) prefix: Lengths,
    /// What the hashes of words of this place differ by from those of others.
    pub(super) salt: u64,
}

impl Listeners {
    /// Returns how many bytes of a first word tell what it sets off.
    pub(super) fn reach(&self) -> usize {
        if self.patterns.is_empty() { self.equal.longest().max(self.prefix.longest()) } else { usize::MAX }
    }
}

/// A word of a hook.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) entry: Arc<Entry>,
    /// Which of its words.
    pub(super) number: u32,
}

impl Hit {
    pub(super) fn word(&self) -> Option<&Word> {
        self.entry.words.get(self.number as usize)
    }

    pub(super) fn is_at(&self, place: &Place) -> bool {
        self.entry.team_id == place.team && self.entry.channel_id == place.channel
    }

    pub(super) fn bears(&self, text: &str) -> bool {
        self.word().is_some_and(|word| &*word.text == text)
    }

    /// Whether it is this word of the hook that counts: of all that match, the first in its list (OUT-52).
    pub(super) fn counts(&self, first: &str) -> bool {
        self.entry.position(first) == Some(self.number as usize)
    }
}

/// Places by what they are. Found by one id each, which is not copied.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// A channel is of one team, mostly.
    channels: HashMap<ChannelId, Vec<Listeners>, Seed>,
    seed: Seed,
    teams: HashMap<TeamId, Listeners, Seed>,
}

impl Places {
    pub(super) fn new(seed: Seed) -> Self {
        Self { channels: HashMap::with_hasher(seed), seed, teams: HashMap::with_hasher(seed) }
    }

    /// Returns what listens in a place, which from now on is there.
    pub(super) fn open(&mut self, place: Place) -> &mut Listeners {
        let Self { channels, seed, teams } = self;
        let fresh = || Listeners {
            always: Vec::new(),
            equal: Lengths::default(),
            patterns: Vec::new(),
            place,
            prefix: Lengths::default(),
            salt: seed.hash_one((place.channel, place.team)),
        };
        let Some(channel) = place.channel else { return teams.entry(place.team).or_insert_with(fresh) };
        let of_channel = channels.entry(channel).or_default();
        let known = of_channel.iter().position(|listeners| listeners.place == place);
        let number = known.unwrap_or_else(|| {
            of_channel.push(fresh());
            of_channel.len() - 1
        });
        // INVARIANT: it is there, or was just put there.
        #[expect(clippy::indexing_slicing, reason = "the number of one that is there")]
        &mut of_channel[number]
    }

    /// Returns what listens in every channel of a team.
    #[inline]
    pub(super) fn of_team(&self, team: &TeamId) -> Option<&Listeners> {
        if self.teams.is_empty() { None } else { self.teams.get(team) }
    }

    /// Returns what listens in a channel of a team.
    #[inline]
    pub(super) fn of_channel(&self, team: &TeamId, channel: &ChannelId) -> Option<&Listeners> {
        if self.channels.is_empty() {
            return None;
        }
        self.channels.get(channel)?.iter().find(|listeners| listeners.place.team == *team)
    }

    pub(super) fn at(&self, place: &Place) -> Option<&Listeners> {
        match &place.channel {
            Some(channel) => self.of_channel(&place.team, channel),
            None => self.of_team(&place.team),
        }
    }
}
