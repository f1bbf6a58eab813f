//! What is remembered about a slash command (CMD-1), and that its trigger is taken (CMD-6).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::autocomplete::Node;
use super::trigger::Trigger;
use crate::id::{CommandId, Millis, TeamId, UserId};
use crate::port::{Collection, Index, IndexEntry};
use crate::record::{Kind, Reader, Unreadable, Writer, fields_as_json};

/// A slash command of a team, without its secrets: those are kept sealed beside this. Its key is its id.
///
/// `Debug` does not show its address, which may hold credentials.
#[non_exhaustive]
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
pub struct Command {
    /// Whether it is offered while somebody types.
    pub auto_complete: bool,
    /// What it does, as shown there; at most 1,024 characters.
    pub auto_complete_desc: String,
    /// What may follow it, as shown there; at most 1,024 characters.
    pub auto_complete_hint: String,
    /// When it was made.
    pub create_at: Millis,
    /// Whose it is.
    pub creator_id: UserId,
    /// What its maker noted, at most 128 bytes.
    pub description: String,
    /// Its title, at most 64 bytes.
    pub display_name: String,
    /// The picture of its posts, at most 1,024 characters, not checked to be an address.
    pub icon_url: String,
    /// Which.
    pub id: CommandId,
    /// How it calls.
    pub method: Method,
    /// Its team.
    pub team_id: TeamId,
    /// The word that calls it: no other command of its team has it.
    pub trigger: Trigger,
    /// When it was last changed.
    pub update_at: Millis,
    /// Where it calls, as it was given; 1 to 1,024 bytes.
    pub url: String,
    /// The sender name of its posts, at most 64 characters.
    pub username: String,
}

impl Command {
    /// By creator, then time.
    pub(crate) const BY_CREATOR: Index = Index("creator");
    /// By team, then time.
    pub(crate) const BY_TEAM: Index = Index("team");
    /// All, by time.
    pub(crate) const BY_TIME: Index = Index("time");
}

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command")
            .field("id", &self.id)
            .field("team_id", &self.team_id)
            .field("creator_id", &self.creator_id)
            .field("trigger", &self.trigger)
            .field("method", &self.method)
            .field("update_at", &self.update_at)
            .finish_non_exhaustive()
    }
}

impl Kind for Command {
    const COLLECTION: Collection = Collection("command");
    const VERSION: u8 = 1;

    fields_as_json!();

    fn index(&self) -> Vec<IndexEntry> {
        let at = |index, parts: &[&str]| {
            let time = self.create_at.to_sortable();
            let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).chain([&time[..]]).collect();
            IndexEntry::new(index, parts.concat())
        };
        vec![
            at(Self::BY_CREATOR, &[self.creator_id.as_str()]),
            at(Self::BY_TEAM, &[self.team_id.as_str()]),
            at(Self::BY_TIME, &[]),
        ]
    }
}

/// How a command calls its service.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub enum Method {
    /// The fields stand in the query.
    #[serde(rename = "G")]
    Get,
    /// The fields are the body.
    #[serde(rename = "P")]
    Post,
}

impl Method {
    /// Takes the letter of the wire.
    #[must_use]
    pub fn parse(letter: &str) -> Option<Self> {
        match letter {
            "G" => Some(Self::Get),
            "P" => Some(Self::Post),
            _ => None,
        }
    }

    /// Returns the letter of the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "G",
            Self::Post => "P",
        }
    }
}

/// Says that a trigger of a team is taken, and by which command. Its key is the team's id and the word.
///
/// It is made, moved and removed in the same commit as its command, under the expectation that nobody else was quicker,
/// so that two commands never share a word.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Claim {
    /// By which command.
    pub(crate) command_id: CommandId,
}

impl Claim {
    /// The key of the claim on a word.
    pub(crate) fn key(team: TeamId, trigger: &Trigger) -> Vec<u8> {
        [team.as_str().as_bytes(), trigger.as_str().as_bytes()].concat()
    }
}

impl Kind for Claim {
    const COLLECTION: Collection = Collection("command_trigger");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        Vec::new()
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(self.command_id.as_str().as_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        Ok(Self { command_id: reader.id()? })
    }
}

/// How often the commands of a team have changed, so that other nodes learn which teams to look at. Its key is the
/// team's id; it changes in the same commit as a command of the team or its tree.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct TeamGeneration {
    /// When it changed last.
    pub(crate) changed: Millis,
    /// How often.
    pub(crate) number: u64,
}

impl TeamGeneration {
    /// By when they changed last.
    pub(crate) const CHANGED: Index = Index("changed");

    /// The generation after this one.
    pub(crate) fn next(self, now: Millis) -> Self {
        Self { changed: now.max(self.changed), number: self.number.wrapping_add(1) }
    }
}

impl Kind for TeamGeneration {
    const COLLECTION: Collection = Collection("command_team");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        vec![IndexEntry::new(Self::CHANGED, self.changed.to_sortable().to_vec())]
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.number.to_be_bytes());
        writer.time(self.changed);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        let number = u64::from_be_bytes(reader.bytes()?);
        Ok(Self { changed: reader.time()?, number })
    }
}

/// The autocomplete tree of a command (CMD-145). Its key is the command's id, and it goes with the command.
///
/// The trigger of its root is the command's, whatever it is then: what stands here in its place counts for nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CommandTree {
    pub(crate) root: Node,
    pub(crate) team_id: TeamId,
}

impl CommandTree {
    /// By team.
    pub(crate) const BY_TEAM: Index = Index("team");
}

impl Kind for CommandTree {
    const COLLECTION: Collection = Collection("command_tree");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        vec![IndexEntry::new(Self::BY_TEAM, self.team_id.as_str().as_bytes().to_vec())]
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(self.team_id.as_str().as_bytes());
        writer.text(&self.root.to_json());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        let team_id = reader.id()?;
        let root = Node::from_json(reader.text()?.as_bytes());
        Ok(Self { team_id, root: root.map_err(|_| Unreadable::Damaged("there is no tree"))? })
    }
}
