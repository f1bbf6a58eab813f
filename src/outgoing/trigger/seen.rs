//! How far the index has followed the changes of each team's hooks.
//!
//! Each change of a team's hooks has the next number, and is told here by who made it, or found in storage. Changes of
//! this node may be told in another order than they were made in, with changes of other nodes between them.

use std::collections::{BTreeMap, HashMap};

use crate::id::{OutgoingHookId, TeamId};

/// How far the changes of all teams have been followed.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    teams: HashMap<TeamId, Progress>,
}

#[derive(Debug, Default)]
struct Progress {
    /// What was told beyond `whole`, each with the hooks that it changed.
    ahead: BTreeMap<u64, Vec<OutgoingHookId>>,
    /// All changes up to this number are in the index.
    whole: u64,
}

impl Seen {
    /// Whether all changes of a team up to this number are in the index.
    pub(crate) fn is_whole(&self, team: TeamId, number: u64) -> bool {
        self.teams.get(&team).map_or(0, |progress| progress.whole) >= number
    }

    /// Notes a change, and says whether it is news of this hook: not, if a later one was told before.
    pub(crate) fn tell(&mut self, team: TeamId, number: u64, hook: OutgoingHookId) -> bool {
        let progress = self.teams.entry(team).or_default();
        if number <= progress.whole {
            return false;
        }
        let is_news = !progress.has_after(number, hook);
        progress.ahead.entry(number).or_default().push(hook);
        is_news
    }

    /// Notes that all hooks of a change were told.
    pub(crate) fn told(&mut self, team: TeamId) {
        if let Some(progress) = self.teams.get_mut(&team) {
            while let Some(entry) = progress.ahead.first_entry().filter(|entry| *entry.key() == progress.whole + 1) {
                progress.whole = *entry.key();
                entry.remove();
            }
        }
    }

    /// Whether what was read of a hook, when its team had made this many changes, is older than what the index has.
    pub(crate) fn is_older(&self, team: TeamId, number: u64, hook: OutgoingHookId) -> bool {
        self.teams.get(&team).is_some_and(|progress| progress.has_after(number, hook))
    }

    /// Notes that all hooks of a team were read when it had made this many changes.
    pub(crate) fn read(&mut self, team: TeamId, number: u64) {
        let progress = self.teams.entry(team).or_default();
        progress.whole = progress.whole.max(number);
        progress.ahead.retain(|ahead, _| *ahead > progress.whole);
        self.told(team);
    }
}

impl Progress {
    fn has_after(&self, number: u64, hook: OutgoingHookId) -> bool {
        self.ahead.range(number + 1..).any(|(_, hooks)| hooks.contains(&hook))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn team(number: u8) -> TeamId {
        TeamId::from_random([number; 16])
    }

    fn hook(number: u8) -> OutgoingHookId {
        OutgoingHookId::from_random([number; 16])
    }

    fn tell(seen: &mut Seen, number: u64, of: u8) -> bool {
        let is_news = seen.tell(team(1), number, hook(of));
        seen.told(team(1));
        is_news
    }

    #[test]
    fn changes_in_order_are_all_news() {
        let mut seen = Seen::default();
        assert!(seen.is_whole(team(1), 0));
        assert!(!seen.is_whole(team(1), 1));
        for number in 1..5 {
            assert!(tell(&mut seen, number, 1), "{number}");
            assert!(seen.is_whole(team(1), number) && !seen.is_whole(team(1), number + 1), "{number}");
        }
        assert!(!seen.is_whole(team(2), 1));
    }

    #[test]
    fn an_older_change_of_the_same_hook_is_no_news() {
        let mut seen = Seen::default();
        assert!(tell(&mut seen, 3, 1));
        assert!(tell(&mut seen, 2, 2), "another hook");
        assert!(!tell(&mut seen, 1, 1));
        assert!(seen.is_whole(team(1), 3));
        assert!(!tell(&mut seen, 3, 1), "what all have seen is no news");
        assert!(tell(&mut seen, 4, 1));
    }

    #[test]
    fn a_gap_is_closed_by_reading_the_team() {
        let mut seen = Seen::default();
        assert!(tell(&mut seen, 2, 1) && tell(&mut seen, 4, 2) && tell(&mut seen, 5, 3) && tell(&mut seen, 7, 3));
        assert!(!seen.is_whole(team(1), 1));
        assert!(seen.is_older(team(1), 3, hook(2)) && !seen.is_older(team(1), 4, hook(2)));
        assert!(!seen.is_older(team(1), 3, hook(1)) && seen.is_older(team(1), 1, hook(1)));
        assert!(!seen.is_older(team(2), 0, hook(1)));
        seen.read(team(1), 3);
        assert!(seen.is_whole(team(1), 5) && !seen.is_whole(team(1), 6));
        assert!(seen.is_older(team(1), 6, hook(3)));
        seen.read(team(1), 2);
        assert!(seen.is_whole(team(1), 5), "an older reading takes nothing back");
        seen.read(team(1), 9);
        assert!(seen.is_whole(team(1), 9) && !seen.is_older(team(1), 0, hook(3)));
        assert!(tell(&mut seen, 12, 4));
        seen.read(team(1), 12);
        assert!(!seen.is_older(team(1), 11, hook(4)), "what was read is no longer ahead");
    }

    #[test]
    fn a_change_of_several_hooks_is_whole_once_all_are_told() {
        let mut seen = Seen::default();
        assert!(seen.tell(team(1), 1, hook(1)) && seen.tell(team(1), 1, hook(2)));
        assert!(!seen.is_whole(team(1), 1));
        seen.told(team(1));
        assert!(seen.is_whole(team(1), 1));
    }
}
