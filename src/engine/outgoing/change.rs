//! How hooks change: with the generations of their teams, in one commit.

use std::collections::BTreeMap;

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
    /// Of which team it was.
    team_before: TeamId,
}

impl Edit {
    /// A new hook.
    pub(super) fn insert(hook: OutgoingWebhook, sealed: &[u8]) -> Result<Self, Fault> {
        let change = table::insert(hook.id.as_str().as_bytes(), &hook, sealed)?;
        Ok(Self { change, team_before: hook.team_id, after: Some(hook) })
    }

    /// A hook with other members, whose secrets stay.
    pub(super) fn replace(stored: &Stored<OutgoingWebhook>, hook: OutgoingWebhook) -> Result<Self, Fault> {
        Ok(Self { change: stored.replace(&hook)?, team_before: stored.kind.team_id, after: Some(hook) })
    }

    /// A hook with other secrets.
    pub(super) fn reseal(
        stored: &Stored<OutgoingWebhook>,
        hook: OutgoingWebhook,
        sealed: &[u8],
    ) -> Result<Self, Fault> {
        let change = stored.replace_sealed(&hook, sealed)?;
        Ok(Self { change, team_before: stored.kind.team_id, after: Some(hook) })
    }

    /// A hook that goes.
    pub(super) fn remove(stored: &Stored<OutgoingWebhook>) -> Self {
        Self { after: None, change: stored.remove(), team_before: stored.kind.team_id }
    }

    fn teams(&self) -> impl Iterator<Item = TeamId> {
        std::iter::once(self.team_before).chain(self.after.as_ref().map(|hook| hook.team_id))
    }
}

/// How often the hooks of some teams had changed when it was read.
#[derive(Debug, Default)]
pub(super) struct Generations(BTreeMap<TeamId, Option<Stored<TeamGeneration>>>);

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
        for (team, known) in &teams {
            changes.push(match known {
                Some(known) => known.replace(&known.kind.next(now))?,
                None => table::insert(team.as_str().as_bytes(), &TeamGeneration::default().next(now), &[])?,
            });
        }
        changes.extend(edits.into_iter().map(|edit| edit.change));
        self.commit(changes).await
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
