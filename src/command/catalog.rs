//! All commands of a team together: which one a word calls (CMD-29 to CMD-44), and what is listed and offered (CMD-12,
//! CMD-19, CMD-112, CMD-113).

use std::sync::Arc;

use super::autocomplete::{Fetched, Node, Role, Suggested, suggest};
use super::error::ExecuteError;
use super::index::{CommandIndex, Indexed};
use super::line::Line;
use super::manage::Whose;
use super::registry::{Entry, Registry};
use super::settings::CommandSettings;
use super::trigger::lower;
use super::wire::CommandObject;
use crate::id::{TeamId, UserId};

/// All commands of a team.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Catalog<'a> {
    pub(crate) index: &'a CommandIndex,
    pub(crate) registry: &'a Registry,
    pub(crate) settings: &'a CommandSettings,
    pub(crate) team: TeamId,
}

/// Which commands a line calls, one after the other until one handles it.
#[derive(Clone, Debug)]
pub(crate) struct Resolved {
    /// An extension's command, which may leave it to what comes then.
    pub(crate) extension: Option<Arc<Entry>>,
    /// What comes then; an error if nothing does.
    pub(crate) then: Result<Callee, ExecuteError>,
}

/// What runs where no extension does.
#[derive(Clone, Debug)]
pub(crate) enum Callee {
    /// A built-in; it, too, may not handle the line.
    BuiltIn(Arc<Entry>),
    /// A command of the team.
    Custom(Arc<Indexed>),
}

impl<'a> Catalog<'a> {
    /// Finds what a line calls. Reads no storage.
    pub(crate) fn resolve(&self, line: &Line<'_>) -> Resolved {
        let word = &*line.trigger;
        let built_in = || self.registry.built_in(word).cloned().map(Callee::BuiltIn);
        let custom = || self.index.find(self.team, word).cloned().map(Callee::Custom);
        let unknown = || ExecuteError::NotFound { trigger: line.shown_trigger() };
        let then = if self.settings.enabled {
            custom().or_else(built_in).ok_or_else(unknown)
        } else if self.settings.built_ins_when_disabled {
            built_in().ok_or(ExecuteError::Disabled)
        } else {
            Err(ExecuteError::Disabled)
        };
        Resolved { extension: self.registry.extension(self.team, word).cloned(), then }
    }

    /// What is offered while somebody types: extensions' commands, the team's own, built-ins; of one word the first
    /// (CMD-19).
    pub(crate) fn offered(&self) -> Vec<CommandObject<'a>> {
        let registered = |entry: &'a Arc<Entry>| CommandObject::registered(&entry.command);
        let mut objects: Vec<_> = self.offered_extensions("").map(registered).collect();
        objects.extend(self.offered_custom("").map(|indexed| CommandObject::sanitized(&indexed.command)));
        objects.extend(self.offered_built_ins("").map(registered));
        first_of_each(objects)
    }

    /// What can be run: built-ins that are offered, extensions' commands, the team's own; of one word the first (CMD-12).
    pub(crate) fn runnable(&self, whose: Whose, caller: UserId) -> Vec<CommandObject<'a>> {
        let registered = |entry: &'a Arc<Entry>| CommandObject::registered(&entry.command);
        let built_ins = self.registry.built_ins("").filter(|entry| entry.command.auto_complete);
        let mut objects: Vec<_> = built_ins.map(registered).collect();
        objects.extend(self.registry.extensions(self.team, "").map(registered));
        objects.extend(self.custom(whose, caller).map(|indexed| CommandObject::sanitized(&indexed.command)));
        first_of_each(objects)
    }

    /// Returns the team's own commands that a caller may list, by word.
    pub(crate) fn custom(&self, whose: Whose, caller: UserId) -> impl Iterator<Item = &'a Arc<Indexed>> {
        self.index.of_team(self.team, "").filter(move |indexed| match whose {
            Whose::All => true,
            Whose::Nobodys => false,
            Whose::Own => indexed.command.creator_id == caller,
        })
    }

    /// Says what is offered for an input, with or without its slash (CMD-111 to CMD-113).
    pub(crate) fn suggest(&self, input: &str, administrator: bool, fetched: &Fetched) -> Suggested {
        let input = input.strip_prefix('/').unwrap_or(input);
        let role = Role { administrator, blank_is_everyone: self.settings.blank_roles_are_for_everyone };
        let mut suggested = match input.split_once(' ') {
            Some((word, _)) => {
                suggest(self.offered_command(&lower(word)).map(|offered| offered.root), input, role, fetched)
            }
            None => {
                let nodes = self.offered_beginning(&lower(input));
                suggest(nodes.into_iter().map(|offered| offered.root), input, role, fetched)
            }
        };
        if self.registry.has_icons() {
            self.add_icons(&mut suggested);
        }
        suggested
    }

    /// Returns what is offered and begins so, by word.
    fn offered_beginning(&self, start: &str) -> Vec<Offered<'a>> {
        let mut all: Vec<_> = self.offered_extensions(start).map(|entry| Offered::registered(entry)).collect();
        all.extend(self.offered_custom(start).map(|indexed| Offered::custom(indexed)));
        all.extend(self.offered_built_ins(start).map(|entry| Offered::registered(entry)));
        // Stable, so that of one word the first stays in front.
        all.sort_by_key(|offered| offered.trigger);
        all.dedup_by_key(|offered| offered.trigger);
        all
    }

    /// Returns what is offered under exactly this word.
    fn offered_command(&self, word: &str) -> Option<Offered<'a>> {
        let exact = |entry: &&'a Arc<Entry>| entry.command.trigger.as_str() == word;
        let extension = self.offered_extensions(word).take_while(exact).next().map(|entry| Offered::registered(entry));
        let custom = || {
            let mut found = self.offered_custom(word);
            found.next().filter(|indexed| indexed.command.trigger.as_str() == word).map(|one| Offered::custom(one))
        };
        let built_in = || self.offered_built_ins(word).next().filter(exact).map(|entry| Offered::registered(entry));
        extension.or_else(custom).or_else(built_in)
    }

    fn offered_extensions(&self, start: &str) -> impl Iterator<Item = &'a Arc<Entry>> {
        let settings = self.settings;
        self.registry.extensions(self.team, start).filter(|entry| is_offered(settings, entry))
    }

    fn offered_built_ins(&self, start: &str) -> impl Iterator<Item = &'a Arc<Entry>> {
        let settings = self.settings;
        self.registry.built_ins(start).filter(|entry| is_offered(settings, entry))
    }

    fn offered_custom(&self, start: &str) -> impl Iterator<Item = &'a Arc<Indexed>> {
        let settings = self.settings;
        let offered = move |indexed: &&Arc<Indexed>| {
            settings.enabled
                && indexed.command.auto_complete
                && may_be_offered(settings, indexed.command.trigger.as_str())
        };
        self.index.of_team(self.team, start).filter(offered)
    }

    fn add_icons(&self, suggested: &mut Suggested) {
        let mut last: Option<(String, String)> = None;
        for suggestion in &mut suggested.found {
            let word = suggestion.complete.split(' ').next().unwrap_or_default();
            if last.as_ref().is_none_or(|(known, _)| known != word) {
                last = Some((word.to_owned(), self.icon(word)));
            }
            if let Some((_, icon)) = &last {
                suggestion.icon_data.clone_from(icon);
            }
        }
    }

    /// The picture of the first command whose word begins the line, or by the switch of exactly this word (CMD-113).
    fn icon(&self, word: &str) -> String {
        let found = if self.settings.blank_roles_are_for_everyone {
            self.offered_command(&lower(word))
        } else {
            let mut starts = (1..=word.len()).filter_map(|end| word.get(..end));
            starts.find_map(|start| self.offered_command(start))
        };
        found.map(|offered| offered.icon.to_owned()).unwrap_or_default()
    }
}

/// A command that is offered while somebody types.
#[derive(Clone, Copy, Debug)]
struct Offered<'a> {
    icon: &'a str,
    root: &'a Node,
    trigger: &'a str,
}

impl<'a> Offered<'a> {
    fn registered(entry: &'a Entry) -> Self {
        Self { icon: &entry.command.icon_data, root: &entry.root, trigger: entry.command.trigger.as_str() }
    }

    fn custom(indexed: &'a Indexed) -> Self {
        Self { icon: "", root: indexed.root(), trigger: indexed.command.trigger.as_str() }
    }
}

fn is_offered(settings: &CommandSettings, entry: &Entry) -> bool {
    entry.command.auto_complete && may_be_offered(settings, entry.command.trigger.as_str())
}

fn may_be_offered(settings: &CommandSettings, trigger: &str) -> bool {
    !settings.not_offered.iter().any(|word| word == trigger)
}

/// Leaves out each object whose word another before it has.
fn first_of_each(objects: Vec<CommandObject<'_>>) -> Vec<CommandObject<'_>> {
    let mut seen = std::collections::HashSet::new();
    objects.into_iter().filter(|object| seen.insert(object.trigger())).collect()
}
