//! Commands that are registered in code: built-ins, and those of a host's extensions (CMD-31, CMD-130).

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use thiserror::Error;

use super::autocomplete::{InvalidTree, Node};
use super::trigger::{InvalidTrigger, Trigger};
use crate::id::TeamId;

/// What is shown of a command that is registered in code, and how it stands to others.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Registered {
    /// Whether it is offered while somebody types.
    pub auto_complete: bool,
    /// What it does, as shown there.
    pub description: String,
    /// Its title.
    pub display_name: String,
    /// What may follow it, as shown there.
    pub hint: String,
    /// Its picture, as a data URL; mostly empty.
    pub icon_data: String,
    /// How it stands to others.
    pub standing: Standing,
    /// What may follow it, word by word; none where hint and description say it all.
    pub tree: Option<Node>,
    /// The word that calls it.
    pub trigger: Trigger,
}

/// How a command that is registered in code stands to others.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// Its word is reserved in every team, and it runs where no other command has the word.
    BuiltIn,
    /// An extension's: it runs before all others, and reserves nothing. Whoever registers first goes first.
    Extension {
        /// Which extension; only it replaces and removes its commands.
        owner: String,
        /// The one team in which it is there; none for every team.
        team: Option<TeamId>,
    },
}

impl Registered {
    /// A built-in command that is offered while somebody types, with the word as its title.
    #[must_use]
    pub fn built_in(trigger: Trigger, hint: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            auto_complete: true,
            description: description.into(),
            display_name: trigger.as_str().to_owned(),
            hint: hint.into(),
            icon_data: String::new(),
            standing: Standing::BuiltIn,
            tree: None,
            trigger,
        }
    }

    /// The same as an extension's command.
    #[must_use]
    pub fn of_extension(mut self, owner: impl Into<String>, team: Option<TeamId>) -> Self {
        self.standing = Standing::Extension { owner: owner.into(), team };
        self
    }

    /// The same under another title.
    #[must_use]
    pub fn with_display_name(mut self, display_name: impl Into<String>) -> Self {
        self.display_name = display_name.into();
        self
    }

    /// The same with a picture, as a data URL.
    #[must_use]
    pub fn with_icon(mut self, icon_data: impl Into<String>) -> Self {
        self.icon_data = icon_data.into();
        self
    }

    /// The same with what may follow it.
    #[must_use]
    pub fn with_tree(mut self, tree: Node) -> Self {
        self.tree = Some(tree);
        self
    }

    /// The same, which is not offered while somebody types.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.auto_complete = false;
        self
    }

    /// The extension whose command it is, if it is one's.
    #[must_use]
    pub fn owner(&self) -> Option<&str> {
        match &self.standing {
            Standing::BuiltIn => None,
            Standing::Extension { owner, .. } => Some(owner),
        }
    }

    /// The one team in which it is there; none for every team.
    #[must_use]
    pub fn team(&self) -> Option<&TeamId> {
        match &self.standing {
            Standing::BuiltIn => None,
            Standing::Extension { team, .. } => team.as_ref(),
        }
    }

    /// The words that may follow it, or just its own.
    fn root(&self) -> Node {
        self.tree.clone().unwrap_or_else(|| Node::new(self.trigger.as_str(), &*self.hint, &*self.description))
    }
}

/// Why a command cannot be registered.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum InvalidRegistration {
    /// Its tree is none.
    #[error("{0}")]
    Tree(#[from] InvalidTree),
    /// Its word is none.
    #[error("{0}")]
    Trigger(#[from] InvalidTrigger),
}

/// A command as it stands in the registry.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Entry {
    pub(crate) command: Registered,
    /// The tree, or a plain one.
    pub(crate) root: Node,
}

/// All commands that are registered in code.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry {
    built_ins: BTreeMap<Trigger, Arc<Entry>>,
    /// In the order of registration.
    extensions: BTreeMap<Trigger, Vec<Arc<Entry>>>,
    /// How many of all have a picture.
    icons: usize,
}

impl Registry {
    /// Adds a command, in place of an earlier one of the same word: a built-in's, or the same extension's in the same
    /// team.
    pub(crate) fn register(&mut self, command: Registered) -> Result<(), InvalidRegistration> {
        if let Some(tree) = &command.tree {
            tree.check()?;
            if tree.trigger != command.trigger.as_str() {
                return Err(InvalidTree::Trigger.into());
            }
        }
        let entry = Arc::new(Entry { root: command.root(), command });
        let trigger = entry.command.trigger.clone();
        match &entry.command.standing {
            Standing::BuiltIn => drop(self.built_ins.insert(trigger, entry)),
            standing @ Standing::Extension { .. } => {
                let all = self.extensions.entry(trigger).or_default();
                match all.iter_mut().find(|one| one.command.standing == *standing) {
                    Some(one) => *one = entry,
                    None => all.push(entry),
                }
            }
        }
        self.count_icons();
        Ok(())
    }

    /// Removes a command with this word and standing; says whether there was one (section 18 row 30).
    pub(crate) fn unregister(&mut self, trigger: &str, standing: &Standing) -> bool {
        let removed = match standing {
            Standing::BuiltIn => self.built_ins.remove(trigger).is_some(),
            Standing::Extension { .. } => {
                let Some(all) = self.extensions.get_mut(trigger) else { return false };
                let before = all.len();
                all.retain(|one| one.command.standing != *standing);
                let removed = all.len() < before;
                if all.is_empty() {
                    self.extensions.remove(trigger);
                }
                removed
            }
        };
        self.count_icons();
        removed
    }

    fn count_icons(&mut self) {
        let all = self.built_ins.values().chain(self.extensions.values().flatten());
        self.icons = all.filter(|entry| !entry.command.icon_data.is_empty()).count();
    }

    /// Whether the word is a built-in's.
    pub(crate) fn reserves(&self, trigger: &str) -> bool {
        self.built_ins.contains_key(trigger)
    }

    /// Whether any command has a picture.
    pub(crate) fn has_icons(&self) -> bool {
        self.icons > 0
    }

    /// Returns the built-in of this word.
    pub(crate) fn built_in(&self, trigger: &str) -> Option<&Arc<Entry>> {
        self.built_ins.get(trigger)
    }

    /// Returns the extension's command of this word that goes first in a team.
    pub(crate) fn extension(&self, team: TeamId, trigger: &str) -> Option<&Arc<Entry>> {
        self.extensions.get(trigger)?.iter().find(|entry| entry.is_in(team))
    }

    /// Returns the built-ins whose word begins so, by word.
    pub(crate) fn built_ins<'a>(&'a self, start: &str) -> impl Iterator<Item = &'a Arc<Entry>> {
        beginning(&self.built_ins, start).map(|(_, entry)| entry)
    }

    /// Returns the extensions' commands of a team whose word begins so, by word; those of one word in their order.
    pub(crate) fn extensions<'a>(&'a self, team: TeamId, start: &str) -> impl Iterator<Item = &'a Arc<Entry>> {
        let all = beginning(&self.extensions, start).flat_map(|(_, all)| all);
        all.filter(move |entry| entry.is_in(team))
    }
}

impl Entry {
    fn is_in(&self, team: TeamId) -> bool {
        self.command.team().is_none_or(|only| *only == team)
    }
}

/// Returns the part of a map whose words begin so, by word.
pub(super) fn beginning<'a, T>(
    map: &'a BTreeMap<Trigger, T>,
    start: &str,
) -> impl Iterator<Item = (&'a Trigger, &'a T)> {
    let range = map.range::<str, _>((Bound::Included(start), Bound::Unbounded));
    range.take_while(move |(trigger, _)| trigger.as_str().starts_with(start))
}
