//! The commands of all teams in memory, by their words: finding one reads no storage.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;

use super::autocomplete::Node;
use super::model::Command;
use super::registry::beginning;
use super::trigger::Trigger;
use crate::id::{CommandId, TeamId};

/// A command as it is held in memory.
#[derive(Clone, Debug)]
pub(crate) struct Indexed {
    pub(crate) command: Command,
    /// Its tree, or a plain one.
    root: Node,
    /// Its secrets, as they are sealed beside its record.
    pub(crate) sealed: Bytes,
}

impl Indexed {
    /// A command, and its tree if it has one. The tree's root takes the command's trigger.
    pub(crate) fn new(command: Command, sealed: Bytes, tree: Option<Node>) -> Self {
        let mut root =
            tree.unwrap_or_else(|| Node::new("", &*command.auto_complete_hint, &*command.auto_complete_desc));
        command.trigger.as_str().clone_into(&mut root.trigger);
        Self { command, root, sealed }
    }

    /// What is offered while somebody types it.
    pub(crate) fn root(&self) -> &Node {
        &self.root
    }
}

/// The commands of all teams.
#[derive(Debug, Default)]
pub(crate) struct CommandIndex {
    places: HashMap<CommandId, (TeamId, Trigger)>,
    teams: HashMap<TeamId, BTreeMap<Trigger, Arc<Indexed>>>,
}

impl CommandIndex {
    /// Adds a command, or takes it in the place of what was known of it: its word, its team and all else may be others.
    ///
    /// Of two commands with one word, which cannot come to be, the later one counts.
    pub(crate) fn put(&mut self, indexed: Indexed) {
        let (id, team) = (indexed.command.id, indexed.command.team_id);
        let trigger = indexed.command.trigger.clone();
        self.remove(id);
        self.places.insert(id, (team, trigger.clone()));
        if let Some(other) = self.teams.entry(team).or_default().insert(trigger, Arc::new(indexed)) {
            self.places.remove(&other.command.id);
        }
    }

    /// Forgets a command; says whether it was known.
    pub(crate) fn remove(&mut self, id: CommandId) -> bool {
        let Some((team, trigger)) = self.places.remove(&id) else { return false };
        if let Some(commands) = self.teams.get_mut(&team) {
            commands.remove(&trigger);
            if commands.is_empty() {
                self.teams.remove(&team);
            }
        }
        true
    }

    /// Takes these as all commands of a team.
    pub(crate) fn replace_team(&mut self, team: TeamId, commands: Vec<Indexed>) {
        for indexed in self.teams.remove(&team).unwrap_or_default().into_values() {
            self.places.remove(&indexed.command.id);
        }
        commands.into_iter().filter(|indexed| indexed.command.team_id == team).for_each(|indexed| self.put(indexed));
    }

    /// Returns the command of a team that has exactly this word.
    pub(crate) fn find(&self, team: TeamId, trigger: &str) -> Option<&Arc<Indexed>> {
        self.teams.get(&team)?.get(trigger)
    }

    /// Returns a command by its id.
    pub(crate) fn get(&self, id: CommandId) -> Option<&Arc<Indexed>> {
        let (team, trigger) = self.places.get(&id)?;
        self.find(*team, trigger.as_str())
    }

    /// Returns the commands of a team whose word begins so, by word.
    pub(crate) fn of_team<'a>(&'a self, team: TeamId, start: &str) -> impl Iterator<Item = &'a Arc<Indexed>> {
        let commands = self.teams.get(&team);
        commands.into_iter().flat_map(move |commands| beginning(commands, start)).map(|(_, indexed)| indexed)
    }

    /// How many commands there are.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }
}
