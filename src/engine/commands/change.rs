//! How commands change: with the claims on their words, their trees and the generations of their teams, in one commit.

use super::super::Engine;
use super::super::error::Fault;
use super::super::table::{self, Stored};
use super::index::ChangedCommand;
use crate::command::autocomplete::Node;
use crate::command::index::Indexed;
use crate::command::manage::Claims;
use crate::command::{Claim, Command, CommandTree, TeamGeneration, Trigger};
use crate::id::TeamId;
use crate::port::{Change, Expect, Write};

/// One change of a command.
#[derive(Debug, Default)]
pub(super) struct Edit<'a> {
    /// What it is from now on, and its sealed secrets; none when it is gone.
    pub(super) after: Option<(Command, Vec<u8>)>,
    /// What it was; none when it is new.
    pub(super) before: Option<&'a Stored<Command>>,
    /// What becomes of its tree.
    pub(super) tree: TreeEdit,
}

/// What becomes of the tree of a command that stays.
#[derive(Debug, Default)]
pub(super) enum TreeEdit {
    /// It stays, or there is still none.
    #[default]
    Keep,
    /// There is none from now on.
    Remove,
    /// This is the tree.
    Set(Node),
}

impl<'a> Edit<'a> {
    /// A command with other members, whose secrets stay.
    pub(super) fn replace(before: &'a Stored<Command>, after: Command) -> Self {
        Self { after: Some((after, before.sealed.to_vec())), before: Some(before), tree: TreeEdit::Keep }
    }

    /// A command that goes.
    pub(super) fn remove(before: &'a Stored<Command>) -> Self {
        Self { after: None, before: Some(before), tree: TreeEdit::Remove }
    }

    /// The team that it was of, then the one that it is of.
    fn teams(&self) -> Vec<TeamId> {
        let before = self.before.map(|stored| stored.kind.team_id);
        let after = self.after.as_ref().map(|(command, _)| command.team_id).filter(|team| Some(*team) != before);
        before.into_iter().chain(after).collect()
    }
}

impl Engine {
    /// Makes the change, or not, if the command or another one of its teams has changed since it was read, or somebody
    /// else has its word.
    pub(super) async fn commit_command(&self, edit: Edit<'_>) -> Result<bool, Fault> {
        let (storage, now, teams) = (&self.shared.ports.storage, self.now(), edit.teams());
        let mut changes = Vec::new();
        let mut numbers = Vec::new();
        for team in &teams {
            let id = team.as_str().as_bytes();
            let known = table::get::<TeamGeneration>(storage, id).await?;
            let next = known.as_ref().map_or_else(TeamGeneration::default, |known| known.kind).next(now);
            numbers.push((*team, next.number));
            changes.push(match known {
                Some(known) => known.replace(&next)?,
                None => table::insert(id, &next, &[])?,
            });
        }
        let Edit { after, before, tree } = edit;
        let id = match (before, &after) {
            (Some(before), _) => before.kind.id,
            (None, Some((after, _))) => after.id,
            (None, None) => return Ok(true),
        };
        let key = id.as_str().as_bytes();
        changes.extend(match (before, &after) {
            (Some(before), Some((after, sealed))) => Some(before.replace_sealed(after, sealed)?),
            (Some(before), None) => Some(before.remove()),
            (None, Some((after, sealed))) => Some(table::insert(key, after, sealed)?),
            (None, None) => None,
        });
        let claims = Claims::new(before.map(|stored| &stored.kind), after.as_ref().map(|(command, _)| command));
        if let Some(released) = claims.released {
            // It goes with the command that has it, whose own body this commit expects.
            changes.push(Change { expect: Expect::Any, key: table::key::<Claim>(&released), write: Write::Delete });
        }
        if let Some(taken) = claims.taken {
            changes.push(table::insert(&taken, &Claim { command_id: id }, &[])?);
        }
        let stored_tree = match before {
            Some(_) => table::get::<CommandTree>(storage, key).await?,
            None => None,
        };
        let root = match tree {
            TreeEdit::Keep => stored_tree.as_ref().map(|stored| stored.kind.root.clone()),
            TreeEdit::Remove => None,
            TreeEdit::Set(root) => Some(root),
        };
        let wanted = root.clone().zip(after.as_ref()).map(|(root, (command, _))| {
            let team_id = command.team_id;
            CommandTree { root, team_id }
        });
        changes.extend(match (stored_tree, wanted) {
            (Some(stored), Some(wanted)) if stored.kind != wanted => Some(stored.replace(&wanted)?),
            (Some(stored), None) => Some(stored.remove()),
            (None, Some(wanted)) => Some(table::insert(key, &wanted, &[])?),
            (Some(_), Some(_)) | (None, None) => None,
        });
        let is_in = self.commit(changes).await?;
        if is_in {
            let after = after.map(|(command, sealed)| Indexed::new(command, sealed.into(), root));
            self.note_command_changed(ChangedCommand { after, id, numbers }).await;
        }
        Ok(is_in)
    }

    /// Says whether another command of a team has a word.
    pub(super) async fn is_claimed(&self, team: TeamId, word: &str, own: Option<&Command>) -> Result<bool, Fault> {
        let Ok(trigger) = Trigger::parse(word) else { return Ok(false) };
        let claim = table::get::<Claim>(&self.shared.ports.storage, &Claim::key(team, &trigger)).await;
        let claim =
            claim.map_err(|fault| fault.named("app.command.validatecommandtriggeruniqueness.internal_error"))?;
        Ok(claim.is_some_and(|claim| own.is_none_or(|own| own.id != claim.kind.command_id)))
    }
}
