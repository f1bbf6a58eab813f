//! How hooks change: with the generations of their teams, in one commit.

use std::collections::{BTreeMap, HashMap};

use super::super::error::Fault;
use super::super::table::{self, Stored};
use super::super::{Engine, State, random};
use crate::id::{OutgoingHookId, TeamId};
use crate::outgoing::secrets::HookSecrets;
use crate::outgoing::{OutgoingWebhook, TeamGeneration};
use crate::port::Change;
use crate::security::NONCE_BYTES;

/// One change of a hook.
#[derive(Debug)]
pub(super) struct Edit {
    /// What it is from now on; none when it is gone.
    after: Option<OutgoingWebhook>,
    change: Change,
    id: OutgoingHookId,
    /// Of which team it was.
    team_before: TeamId,
}

impl Edit {
    /// A new hook.
    pub(super) fn insert(hook: OutgoingWebhook, sealed: &[u8]) -> Result<Self, Fault> {
        let change = table::insert(hook.id.as_str().as_bytes(), &hook, sealed)?;
        Ok(Self { change, id: hook.id, team_before: hook.team_id, after: Some(hook) })
    }

    /// A hook with other members, whose secrets stay.
    pub(super) fn replace(stored: &Stored<OutgoingWebhook>, hook: OutgoingWebhook) -> Result<Self, Fault> {
        let change = stored.replace(&hook)?;
        Ok(Self { change, id: hook.id, team_before: stored.kind.team_id, after: Some(hook) })
    }

    /// A hook with other secrets.
    pub(super) fn reseal(
        stored: &Stored<OutgoingWebhook>,
        hook: OutgoingWebhook,
        sealed: &[u8],
    ) -> Result<Self, Fault> {
        let change = stored.replace_sealed(&hook, sealed)?;
        Ok(Self { change, id: hook.id, team_before: stored.kind.team_id, after: Some(hook) })
    }

    /// A hook that goes.
    pub(super) fn remove(stored: &Stored<OutgoingWebhook>) -> Self {
        let OutgoingWebhook { id, team_id, .. } = stored.kind;
        Self { after: None, change: stored.remove(), id, team_before: team_id }
    }

    fn split(self) -> (Change, ChangedHook) {
        let teams = self.teams().collect();
        (self.change, ChangedHook { after: self.after, id: self.id, teams })
    }

    /// The team that it was of, then the one that it is of.
    fn teams(&self) -> impl Iterator<Item = TeamId> {
        let after = self.after.as_ref().map(|hook| hook.team_id).filter(|team| *team != self.team_before);
        std::iter::once(self.team_before).chain(after)
    }
}

/// What a change that is committed made of a hook.
#[derive(Debug)]
pub(super) struct ChangedHook {
    /// What it is now; none when it is gone.
    pub(super) after: Option<OutgoingWebhook>,
    pub(super) id: OutgoingHookId,
    /// The teams that it was and is of.
    pub(super) teams: Vec<TeamId>,
}

/// How often the hooks of some teams had changed when it was read.
#[derive(Debug, Default)]
pub(super) struct Generations(BTreeMap<TeamId, Option<Stored<TeamGeneration>>>);

impl Generations {
    /// How often the hooks of a team had changed.
    pub(super) fn number(&self, team: TeamId) -> u64 {
        self.0.get(&team).and_then(Option::as_ref).map_or(0, |stored| stored.kind.number)
    }
}

impl Engine {
    /// Reads how often the hooks of a team have changed. What is read of them after this, and then changed with it, is what
    /// the change met.
    pub(super) async fn generation(&self, team: TeamId) -> Result<Generations, Fault> {
        let found = table::get(&self.shared.ports.storage, team.as_str().as_bytes()).await?;
        Ok(Generations([(team, found)].into()))
    }

    /// Makes all these changes or none: not, if one of the hooks, or a team that `met` knows, has changed since it was read.
    pub(super) async fn commit_hooks(&self, met: Generations, edits: Vec<Edit>) -> Result<bool, Fault> {
        let (now, Generations(mut teams)) = (self.now(), met);
        for team in edits.iter().flat_map(Edit::teams) {
            if !teams.contains_key(&team) {
                let Generations(read) = self.generation(team).await?;
                teams.extend(read);
            }
        }
        let mut changes = Vec::with_capacity(teams.len() + edits.len());
        let mut numbers = HashMap::new();
        for (team, known) in &teams {
            let next = known.as_ref().map_or_else(TeamGeneration::default, |known| known.kind).next(now);
            numbers.insert(*team, next.number);
            changes.push(match known {
                Some(known) => known.replace(&next)?,
                None => table::insert(team.as_str().as_bytes(), &next, &[])?,
            });
        }
        let (edits, hooks): (Vec<_>, Vec<_>) = edits.into_iter().map(Edit::split).unzip();
        changes.extend(edits);
        let is_in = self.commit(changes).await?;
        if is_in {
            self.note_hooks_changed(&numbers, &hooks);
        }
        Ok(is_in)
    }

    /// Seals the secrets of a hook for its place.
    pub(super) fn seal_secrets(
        &self,
        state: &State,
        id: OutgoingHookId,
        secrets: &HookSecrets,
    ) -> Result<Vec<u8>, Fault> {
        let nonce = random::<NONCE_BYTES>(&self.shared.ports)?;
        Ok(state.keyring.first().seal(nonce, id.as_str().as_bytes(), &secrets.to_bytes()))
    }
}
