//! The index of hooks in memory: loaded at the start, changed at once by what changes here, and brought up to what other
//! nodes changed.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use time::Duration;

use super::super::error::Fault;
use super::super::table::{Pages, Stored};
use super::super::{Engine, TRIES};
use super::change::ChangedHook;
use crate::id::{Millis, OutgoingHookId, TeamId};
use crate::outgoing::manage::Claim;
use crate::outgoing::trigger::{Entry, Seen, Trigger, TriggerIndex};
use crate::outgoing::{OutgoingSettings, OutgoingWebhook, TeamGeneration, fire};
use crate::security::Buckets;

/// What is known of hooks without asking storage.
#[derive(Default)]
pub(in crate::engine) struct Hooks {
    known: RwLock<Known>,
    /// How often posts that may be a receiver's own set each hook off. Apart from other limits, so that a loop makes
    /// none of those forget.
    loops: Mutex<Buckets>,
    looked: Mutex<Looked>,
}

/// The index, and how far it has followed what is stored.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) index: TriggerIndex,
    seen: Seen,
    /// What the engine's settings say, so that a post is told by one look behind one lock.
    pub(super) settings: OutgoingSettings,
}

/// How far the changes of other nodes were looked for.
#[derive(Clone, Copy, Debug, Default)]
struct Looked {
    newest: Millis,
    times: u32,
}

impl Hooks {
    pub(super) fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn loops(&self) -> MutexGuard<'_, Buckets> {
        self.loops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn looked(&self) -> MutexGuard<'_, Looked> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a new base if it is time; posts are looked up meanwhile as before.
    fn merge(&self) {
        let merge = {
            let known = self.known();
            known.index.is_due().then(|| known.index.merge())
        };
        if let Some(merge) = merge {
            let merged = merge.run();
            self.change().index.adopt(merged);
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

impl Engine {
    /// Reads all hooks into the index.
    pub(in crate::engine) async fn load_outgoing_hooks(&self) -> Result<(), Fault> {
        let hooks = &self.shared.outgoing;
        let settings = self.state().settings.outgoing.clone();
        let patterns = settings.regular_expressions;
        // How far each team has come is read first: what changes after that is found as a change.
        let teams = self.team_generations(None).await?;
        let mut pages = Pages::new::<OutgoingWebhook>(OutgoingWebhook::BY_TIME, &[]);
        let mut entries = Vec::new();
        loop {
            let page = pages.next::<OutgoingWebhook>(&self.shared.ports.storage).await?;
            if page.is_empty() {
                break;
            }
            entries.extend(page.into_iter().map(|hook| Arc::new(entry(&hook.kind, patterns))));
        }
        let index = entries.into_iter().collect();
        {
            let mut known = hooks.change();
            (known.index, known.settings) = (index, settings);
            teams.iter().for_each(|(team, generation)| known.seen.read(*team, generation.number));
        }
        self.note_newest(&teams);
        Ok(())
    }

    /// Puts changes of hooks that were just committed into the index, given what number the change has in each team.
    pub(super) fn note_hooks_changed(&self, numbers: &HashMap<TeamId, u64>, changed: &[ChangedHook]) {
        let hooks = &self.shared.outgoing;
        let patterns = hooks.known().settings.regular_expressions;
        let after = |hook: &ChangedHook| hook.after.as_ref().map(|after| Arc::new(entry(after, patterns)));
        let changed: Vec<_> = changed.iter().map(|hook| (hook, after(hook))).collect();
        {
            let mut known = hooks.change();
            for (hook, after) in changed {
                let number = |team: &TeamId| numbers.get(team).copied().unwrap_or_default();
                // Each team is told, also where another says that it is no news.
                let tell = |team: &TeamId| known.seen.tell(*team, number(team), hook.id);
                let is_news = hook.teams.iter().map(tell).fold(true, |all, one| all & one);
                match after {
                    _ if !is_news => {}
                    Some(after) => known.index.insert(after),
                    None => known.index.remove(hook.id),
                }
            }
            numbers.keys().for_each(|team| known.seen.told(*team));
        }
        hooks.merge();
    }

    /// Whether a hook other than `own` is in the way of a claim on a team that had changed so often when that was read
    /// (OUT-29, OUT-109).
    pub(super) async fn collides(
        &self,
        team: TeamId,
        number: u64,
        claim: &Claim<'_>,
        own: Option<OutgoingHookId>,
    ) -> Result<bool, Fault> {
        if !claim.is_exclusive() {
            return Ok(false);
        }
        let is_whole = || self.shared.outgoing.known().seen.is_whole(team, number);
        for _ in 0..TRIES {
            if is_whole() {
                break;
            }
            self.reload_team(team, number).await?;
        }
        let known = self.shared.outgoing.known();
        if !known.seen.is_whole(team, number) {
            return Err(Fault::busy());
        }
        let calls = |entry: &Entry| claim.callback_urls.iter().any(|url| entry.calls(url));
        let is_taken = |word: &String| {
            let mut sharing = known.index.with_word(team, claim.channel_id, word);
            sharing.any(|entry| Some(entry.id) != own && calls(entry))
        };
        Ok(claim.trigger_words.iter().any(is_taken))
    }

    /// Takes over what other nodes changed. To be called every two seconds: a change is then known after two seconds,
    /// and after a minute from a node whose clock is more than a minute wrong.
    pub(in crate::engine) async fn refresh_outgoing_hooks(&self) -> Result<(), Fault> {
        let hooks = &self.shared.outgoing;
        let since = {
            let mut looked = hooks.looked();
            looked.times = looked.times.wrapping_add(1);
            let is_whole_look = looked.times.is_multiple_of(WHOLE_LOOK);
            (!is_whole_look).then(|| looked.newest.min(self.now()).minus(MARGIN))
        };
        let teams = self.team_generations(since).await?;
        let behind: Vec<_> = {
            let known = hooks.known();
            let is_behind =
                |(team, generation): &&(TeamId, TeamGeneration)| !known.seen.is_whole(*team, generation.number);
            teams.iter().filter(is_behind).copied().collect()
        };
        for (team, generation) in behind {
            self.reload_team(team, generation.number).await?;
        }
        self.note_newest(&teams);
        hooks.merge();
        Ok(())
    }

    /// Takes over what the settings say now.
    pub(in crate::engine) fn follow_outgoing_settings(&self) {
        let hooks = &self.shared.outgoing;
        {
            let mut known = hooks.change();
            // Read behind the lock, so that of two changes the later one stays.
            let settings = self.state().settings.outgoing.clone();
            if known.settings.regular_expressions != settings.regular_expressions {
                known.index.set_patterns(settings.regular_expressions);
            }
            known.settings = settings;
        }
        hooks.merge();
    }

    /// Reads all hooks of a team, which had changed so often before.
    async fn reload_team(&self, team: TeamId, number: u64) -> Result<(), Fault> {
        let hooks = &self.shared.outgoing;
        let patterns = hooks.known().settings.regular_expressions;
        let mut pages = Pages::new::<OutgoingWebhook>(OutgoingWebhook::BY_TEAM, team.as_str().as_bytes());
        let mut read = Vec::new();
        loop {
            let page = pages.next::<OutgoingWebhook>(&self.shared.ports.storage).await?;
            if page.is_empty() {
                break;
            }
            read.extend(page.iter().map(|hook: &Stored<OutgoingWebhook>| entry(&hook.kind, patterns)));
        }
        let ids: HashSet<_> = read.iter().map(|entry| entry.id).collect();
        let mut known = hooks.change();
        if known.settings.regular_expressions != patterns || known.seen.is_whole(team, number) {
            // Overtaken; what is still missing is found by the next look.
            return Ok(());
        }
        let is_gone = |entry: &&Arc<Entry>| entry.team_id == team && !ids.contains(&entry.id);
        let gone: Vec<_> = known.index.entries().filter(is_gone).map(|entry| entry.id).collect();
        for id in gone {
            if !known.seen.is_older(team, number, id) {
                known.index.remove(id);
            }
        }
        for entry in read {
            let is_same = known.index.get(entry.id).is_some_and(|own| own.says_the_same(&entry));
            if !is_same && !known.seen.is_older(team, number, entry.id) {
                known.index.insert(Arc::new(entry));
            }
        }
        known.seen.read(team, number);
        Ok(())
    }

    /// Reads how far teams have come: those that changed since, or all of them.
    async fn team_generations(&self, since: Option<Millis>) -> Result<Vec<(TeamId, TeamGeneration)>, Fault> {
        let mut pages = Pages::new::<TeamGeneration>(TeamGeneration::CHANGED, &[]);
        if let Some(since) = since {
            pages = pages.starting_at(since.to_sortable().to_vec().into());
        }
        let mut teams = Vec::new();
        loop {
            let page = pages.next::<TeamGeneration>(&self.shared.ports.storage).await?;
            if page.is_empty() {
                return Ok(teams);
            }
            let id = |stored: &Stored<TeamGeneration>| TeamId::parse(std::str::from_utf8(&stored.key.id).ok()?).ok();
            teams.extend(page.iter().filter_map(|stored| Some((id(stored)?, stored.kind))));
        }
    }

    fn note_newest(&self, teams: &[(TeamId, TeamGeneration)]) {
        let newest = teams.iter().map(|(_, generation)| generation.changed).max().unwrap_or_default();
        let mut looked = self.shared.outgoing.looked();
        looked.newest = looked.newest.max(newest);
    }
}

/// What the index knows of a hook.
fn entry(hook: &OutgoingWebhook, patterns: bool) -> Entry {
    let OutgoingWebhook { channel_id, team_id, trigger_when: when, trigger_words: words, .. } = hook;
    let trigger = Trigger { channel_id: *channel_id, patterns, team_id: *team_id, when: *when, words };
    Entry::new(hook.id, hook.update_at, trigger).with_targets(fire::targets(&hook.callback_urls), hook.mode)
}

/// So much the clocks of two nodes may differ without a change being noticed late.
const MARGIN: Duration = Duration::MINUTE;

/// Each look of so many is at all teams: for nodes whose clocks differ by more.
const WHOLE_LOOK: u32 = 30;
