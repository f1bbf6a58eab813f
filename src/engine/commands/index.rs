//! The index of commands in memory: loaded at the start, changed at once by what changes here, and brought up to what
//! other nodes changed.

use std::collections::HashMap;

use time::Duration;

use super::super::Engine;
use super::super::error::Fault;
use super::super::table::{self, Pages, Stored};
use crate::command::autocomplete::Node;
use crate::command::index::{CommandIndex, Indexed};
use crate::command::{Command, CommandTree, TeamGeneration};
use crate::id::{CommandId, Millis, TeamId};

/// The index, and how far it has followed what is stored.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) index: CommandIndex,
    /// All changes of a team up to this number are in the index.
    teams: HashMap<TeamId, u64>,
}

impl Known {
    fn number(&self, team: TeamId) -> u64 {
        self.teams.get(&team).copied().unwrap_or_default()
    }

    /// Takes what was read as all commands of a team, unless that was overtaken.
    fn adopt(&mut self, team: TeamId, number: u64, mut read: Vec<Indexed>) {
        if self.number(team) >= number {
            return;
        }
        // What is known to have moved on since is not brought back.
        read.retain(|indexed| {
            let known = self.index.get(indexed.command.id);
            known.is_none_or(|known| {
                known.command.team_id == team || known.command.update_at <= indexed.command.update_at
            })
        });
        self.index.replace_team(team, read);
        self.teams.insert(team, number);
    }
}

/// How far the changes of other nodes were looked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Looked {
    newest: Millis,
    times: u32,
}

/// What a change that is committed made of a command.
#[derive(Debug)]
pub(super) struct ChangedCommand {
    /// What it is now; none when it is gone.
    pub(super) after: Option<Indexed>,
    pub(super) id: CommandId,
    /// What number the change has in each of its teams.
    pub(super) numbers: Vec<(TeamId, u64)>,
}

impl Engine {
    /// Reads all commands into the index.
    pub(in crate::engine) async fn load_commands(&self) -> Result<(), Fault> {
        // How far each team has come is read first: what changes after that is found as a change.
        let teams = self.command_generations(None).await?;
        let mut trees = self.read_trees(&[]).await?;
        let mut pages = Pages::new::<Command>(Command::BY_TIME, &[]);
        loop {
            let page = pages.next::<Command>(&self.shared.ports.storage).await?;
            if page.is_empty() {
                break;
            }
            let mut known = self.shared.commands.change();
            page.into_iter().for_each(|stored| known.index.put(indexed(stored, &mut trees)));
        }
        let mut known = self.shared.commands.change();
        known.teams.extend(teams.iter().map(|(team, generation)| (*team, generation.number)));
        drop(known);
        self.note_newest_commands(&teams);
        Ok(())
    }

    /// Puts a change that was just committed into the index. What was changed meanwhile elsewhere is read.
    pub(super) async fn note_command_changed(&self, changed: ChangedCommand) {
        let ChangedCommand { after, id, numbers } = changed;
        let mut behind = Vec::new();
        {
            let mut known = self.shared.commands.change();
            let is_next = |known: &Known, team: TeamId, number: u64| known.number(team) + 1 == number;
            let after_team = after.as_ref().map(|indexed| indexed.command.team_id);
            let mut after = after;
            for (team, number) in numbers {
                if !is_next(&known, team, number) {
                    if known.number(team) < number {
                        behind.push(team);
                    }
                    continue;
                }
                match after.take_if(|_| after_team == Some(team)) {
                    Some(indexed) => known.index.put(indexed),
                    None => {
                        let is_here = known.index.get(id).is_some_and(|own| own.command.team_id == team);
                        if is_here {
                            known.index.remove(id);
                        }
                    }
                }
                known.teams.insert(team, number);
            }
        }
        for team in behind {
            if let Err(fault) = self.reload_commands(team).await {
                // The next look finds that the team is behind.
                self.observe_fault(&fault);
            }
        }
    }

    /// Takes over what other nodes changed. To be called every two seconds: a change is then known after two seconds,
    /// and after a minute from a node whose clock is more than a minute wrong.
    pub(in crate::engine) async fn refresh_commands(&self) -> Result<(), Fault> {
        let commands = &self.shared.commands;
        let since = {
            let mut looked = commands.looked();
            looked.times = looked.times.wrapping_add(1);
            let is_whole_look = looked.times.is_multiple_of(WHOLE_LOOK);
            (!is_whole_look).then(|| looked.newest.min(self.now()).minus(MARGIN))
        };
        let teams = self.command_generations(since).await?;
        let behind: Vec<_> = {
            let known = commands.known();
            let is_behind = |(team, generation): &&(TeamId, TeamGeneration)| known.number(*team) < generation.number;
            teams.iter().filter(is_behind).map(|(team, _)| *team).collect()
        };
        for team in behind {
            self.reload_commands(team).await?;
        }
        self.note_newest_commands(&teams);
        Ok(())
    }

    /// Reads all commands of a team.
    async fn reload_commands(&self, team: TeamId) -> Result<(), Fault> {
        let (storage, id) = (&self.shared.ports.storage, team.as_str().as_bytes());
        // First, so that what was read is at least as new as this number says.
        let number = table::get::<TeamGeneration>(storage, id).await?.map_or(0, |stored| stored.kind.number);
        let mut trees = self.read_trees(id).await?;
        let mut pages = Pages::new::<Command>(Command::BY_TEAM, id);
        let mut read = Vec::new();
        loop {
            let page = pages.next::<Command>(storage).await?;
            if page.is_empty() {
                break;
            }
            read.extend(page.into_iter().map(|stored| indexed(stored, &mut trees)));
        }
        self.shared.commands.change().adopt(team, number, read);
        Ok(())
    }

    /// Reads the trees of a team, or all.
    async fn read_trees(&self, team: &[u8]) -> Result<HashMap<CommandId, Node>, Fault> {
        let mut pages = Pages::new::<CommandTree>(CommandTree::BY_TEAM, team);
        let mut trees = HashMap::new();
        loop {
            let page = pages.next::<CommandTree>(&self.shared.ports.storage).await?;
            if page.is_empty() {
                return Ok(trees);
            }
            let id = |key: &[u8]| CommandId::parse(std::str::from_utf8(key).ok()?).ok();
            trees.extend(page.into_iter().filter_map(|stored| Some((id(&stored.key.id)?, stored.kind.root))));
        }
    }

    /// Reads how far teams have come: those that changed since, or all of them.
    async fn command_generations(&self, since: Option<Millis>) -> Result<Vec<(TeamId, TeamGeneration)>, Fault> {
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

    fn note_newest_commands(&self, teams: &[(TeamId, TeamGeneration)]) {
        let newest = teams.iter().map(|(_, generation)| generation.changed).max().unwrap_or_default();
        let mut looked = self.shared.commands.looked();
        looked.newest = looked.newest.max(newest);
    }
}

fn indexed(stored: Stored<Command>, trees: &mut HashMap<CommandId, Node>) -> Indexed {
    let tree = trees.remove(&stored.kind.id);
    Indexed::new(stored.kind, stored.sealed, tree)
}

/// So much the clocks of two nodes may differ without a change being noticed late.
const MARGIN: Duration = Duration::MINUTE;

/// Each look of so many is at all teams: for nodes whose clocks differ by more.
const WHOLE_LOOK: u32 = 30;
