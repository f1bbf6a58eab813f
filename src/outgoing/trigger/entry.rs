//! What the index knows of one hook.

use super::word::{When, Word};
use crate::delivery::Mode;
use crate::id::{ChannelId, Millis, OutgoingHookId, TeamId};

/// What the index knows of one hook: enough to say whether a post sets it off, and where its calls go.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The only channel that it hears; none: every public channel of its team.
    pub(crate) channel_id: Option<ChannelId>,
    /// Which hook.
    pub(crate) id: OutgoingHookId,
    /// What its owner chose about calls that got no answer.
    pub(crate) mode: Option<Mode>,
    /// Where its calls go, in the order of its callback URLs.
    pub(crate) targets: Box<[Target]>,
    /// Whose posts it hears.
    pub(crate) team_id: TeamId,
    /// When it was changed last.
    pub(crate) update_at: Millis,
    pub(super) words: Box<[Word]>,
    trigger_when: i64,
}

/// Where one callback URL leads. Nothing secret but the URL itself.
#[derive(Clone, Eq, PartialEq)]
pub(crate) struct Target {
    /// Scheme, host and port; empty where the URL is none.
    pub(crate) origin: Box<str>,
    /// Origin and path, to be shown.
    pub(crate) shown: Box<str>,
    /// The URL as it was given.
    pub(crate) url: Box<str>,
}

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Target").field(&self.shown).finish()
    }
}

/// What decides when a hook is set off.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trigger<'a> {
    /// `channel_id`; none for all.
    pub(crate) channel_id: Option<ChannelId>,
    /// Whether words between two slashes are regular expressions.
    pub(crate) patterns: bool,
    /// `team_id`.
    pub(crate) team_id: TeamId,
    /// `trigger_when`.
    pub(crate) when: i64,
    /// `trigger_words`.
    pub(crate) words: &'a [String],
}

impl Entry {
    /// The entry of a hook that calls nobody.
    pub(crate) fn new(id: OutgoingHookId, update_at: Millis, trigger: Trigger<'_>) -> Self {
        let Trigger { channel_id, patterns, team_id, when, words } = trigger;
        let words = words.iter().map(|word| Word::new(word, When::from(when), patterns)).collect();
        let (mode, targets) = (None, Box::default());
        Self { channel_id, id, mode, targets, team_id, trigger_when: when, update_at, words }
    }

    /// The same, where it calls.
    pub(crate) fn with_targets(mut self, targets: Box<[Target]>, mode: Option<Mode>) -> Self {
        (self.targets, self.mode) = (targets, mode);
        self
    }

    /// The same where regular expressions are switched on or off; none, if that changes nothing.
    pub(super) fn with_patterns(&self, patterns: bool) -> Option<Self> {
        if !self.words.iter().any(|word| word.depends_on(patterns)) {
            return None;
        }
        let when = When::from(self.trigger_when);
        let words = self.words.iter().map(|word| Word::new(&word.text, when, patterns)).collect();
        Some(Self { words, ..self.clone() })
    }

    /// Whether it says of the same hook what another says.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        let parts =
            |entry: &Self| (entry.id, entry.team_id, entry.channel_id, entry.trigger_when, entry.mode, entry.update_at);
        let is_same =
            |(one, other): (&Word, &Word)| one.text == other.text && one.is_expression() == other.is_expression();
        let have_same_words = self.words.len() == other.words.len() && self.words.iter().zip(&other.words).all(is_same);
        parts(self) == parts(other) && have_same_words && self.targets == other.targets
    }

    /// Whether it calls at an address, byte for byte.
    pub(crate) fn calls(&self, url: &str) -> bool {
        self.targets.iter().any(|target| &*target.url == url)
    }

    /// Returns the trigger words, as they were given.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| &*word.text)
    }

    /// Whether every post in its channel sets it off (OUT-50).
    pub(super) fn hears_all(&self) -> bool {
        self.words.is_empty() && self.channel_id.is_some()
    }

    /// Returns which of its words a first word, which is not empty, sets off: the first one in the order of the list
    /// (OUT-51, OUT-52).
    pub(super) fn position(&self, first: &str) -> Option<usize> {
        self.words.iter().position(|word| word.matches(first))
    }
}
