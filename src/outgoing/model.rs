//! What is remembered about an outgoing webhook (OUT-1), and about the hooks of a team as a whole.

use std::fmt;

use crate::delivery::Mode;
use crate::id::{ChannelId, Millis, OutgoingHookId, TeamId, UserId};
use crate::port::{Collection, Index, IndexEntry};
use crate::record::{Kind, Reader, Unreadable, Writer};

/// An outgoing webhook, without its secrets: those are kept sealed beside this. Its key is its id.
///
/// `Debug` shows none of its texts: callback addresses may hold credentials.
#[non_exhaustive]
#[derive(Clone, Eq, PartialEq)]
pub struct OutgoingWebhook {
    /// Where it calls, at least one address, each as it was given.
    pub callback_urls: Vec<String>,
    /// Whose posts it hears; none for every public channel of the team.
    pub channel_id: Option<ChannelId>,
    /// How it calls: `application/json`, or as a form with anything else. At most 128 bytes.
    pub content_type: String,
    /// When it was made.
    pub create_at: Millis,
    /// Who its answers are by.
    pub creator_id: UserId,
    /// What its maker noted, at most 500 bytes.
    pub description: String,
    /// Its title, at most 64 bytes.
    pub display_name: String,
    /// The picture of its answers, at most 1,024 bytes, not checked to be an address.
    pub icon_url: String,
    /// Which.
    pub id: OutgoingHookId,
    /// What is done about calls that got no answer; none: what the settings say.
    pub mode: Option<Mode>,
    /// Its team.
    pub team_id: TeamId,
    /// 0: the first word is a trigger word; 1: it begins with one. What is negative never matches (OUT-51).
    pub trigger_when: i64,
    /// Its trigger words, in the order in which they are tried.
    pub trigger_words: Vec<String>,
    /// When it was last changed.
    pub update_at: Millis,
    /// The sender name of its answers, at most 64 bytes, not checked to be a user's name.
    pub username: String,
}

impl OutgoingWebhook {
    /// By channel, then time.
    pub(crate) const BY_CHANNEL: Index = Index("channel");
    /// By channel, creator, then time.
    pub(crate) const BY_CHANNEL_AND_CREATOR: Index = Index("channel_creator");
    /// By creator, then time.
    pub(crate) const BY_CREATOR: Index = Index("creator");
    /// By team, then time.
    pub(crate) const BY_TEAM: Index = Index("team");
    /// By team, creator, then time.
    pub(crate) const BY_TEAM_AND_CREATOR: Index = Index("team_creator");
    /// All, by time.
    pub(crate) const BY_TIME: Index = Index("time");
}

impl fmt::Debug for OutgoingWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingWebhook")
            .field("id", &self.id)
            .field("team_id", &self.team_id)
            .field("channel_id", &self.channel_id)
            .field("creator_id", &self.creator_id)
            .field("update_at", &self.update_at)
            .finish_non_exhaustive()
    }
}

impl Kind for OutgoingWebhook {
    const COLLECTION: Collection = Collection("outgoing_webhook");
    const VERSION: u8 = 1;

    /// Those of one time stand in the order of their keys, which are their ids (OUT-110).
    fn index(&self) -> Vec<IndexEntry> {
        let (team, creator) = (self.team_id.as_str(), self.creator_id.as_str());
        let at = |index, parts: &[&str]| {
            let time = self.create_at.to_sortable();
            let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).chain([&time[..]]).collect();
            IndexEntry::new(index, parts.concat())
        };
        let mut entries = vec![
            at(Self::BY_CREATOR, &[creator]),
            at(Self::BY_TEAM, &[team]),
            at(Self::BY_TEAM_AND_CREATOR, &[team, creator]),
            at(Self::BY_TIME, &[]),
        ];
        if let Some(channel) = &self.channel_id {
            entries.push(at(Self::BY_CHANNEL, &[channel.as_str()]));
            entries.push(at(Self::BY_CHANNEL_AND_CREATOR, &[channel.as_str(), creator]));
        }
        entries
    }

    fn write(&self, writer: &mut Writer<'_>) {
        for id in [self.id.as_str(), self.team_id.as_str(), self.creator_id.as_str()] {
            writer.bytes(id.as_bytes());
        }
        writer.optional(self.channel_id, |writer, id| writer.bytes(id.as_str().as_bytes()));
        writer.time(self.create_at);
        writer.time(self.update_at);
        writer.bytes(&self.trigger_when.to_be_bytes());
        writer.bytes(&[match self.mode {
            None => 0,
            Some(Mode::Full) => 1,
            Some(Mode::Off) => 2,
            Some(Mode::Safe) => 3,
        }]);
        for texts in [&self.trigger_words, &self.callback_urls] {
            write_texts(writer, texts);
        }
        for text in [&self.content_type, &self.description, &self.display_name, &self.icon_url, &self.username] {
            writer.text(text);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        // In the order of writing, which is not that of the type.
        let (id, team_id, creator_id) = (reader.id()?, reader.id()?, reader.id()?);
        let channel_id = reader.optional(Reader::id)?;
        let (create_at, update_at) = (reader.time()?, reader.time()?);
        let trigger_when = i64::from_be_bytes(reader.bytes()?);
        let mode = match reader.bytes()? {
            [0] => None,
            [1] => Some(Mode::Full),
            [2] => Some(Mode::Off),
            [3] => Some(Mode::Safe),
            _ => return Err(Unreadable::Damaged("there is no such mode")),
        };
        let (trigger_words, callback_urls) = (read_texts(reader)?, read_texts(reader)?);
        Ok(Self {
            content_type: reader.text()?,
            description: reader.text()?,
            display_name: reader.text()?,
            icon_url: reader.text()?,
            username: reader.text()?,
            callback_urls,
            channel_id,
            create_at,
            creator_id,
            id,
            mode,
            team_id,
            trigger_when,
            trigger_words,
            update_at,
        })
    }
}

/// Writes how many texts there are, then each. A list is bounded long before it has so many (OUT-22).
fn write_texts(writer: &mut Writer<'_>, texts: &[String]) {
    let count = u16::try_from(texts.len()).unwrap_or(u16::MAX);
    writer.bytes(&count.to_be_bytes());
    for text in texts.iter().take(count.into()) {
        writer.text(text);
    }
}

fn read_texts(reader: &mut Reader<'_>) -> Result<Vec<String>, Unreadable> {
    let count = u16::from_be_bytes(reader.bytes()?);
    (0..count).map(|_| reader.text()).collect()
}

/// How often the hooks of a team have changed. Its key is the team's id.
///
/// It changes in the same commit as a hook of the team, so that of two changes that did not know of each other one is
/// tried anew (OUT-109), and other nodes learn which teams to look at.
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
    const COLLECTION: Collection = Collection("outgoing_team");
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
