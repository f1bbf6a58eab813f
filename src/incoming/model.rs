//! What is remembered about an incoming webhook (INC-100).

use crate::id::{ChannelId, Millis, TeamId, UserId};
use crate::port::{Collection, HookName, Index, IndexEntry};
use crate::post::Origin;
use crate::record::{Kind, Reader, Unreadable, Writer};

/// An incoming webhook, without its id: that is a secret and is kept sealed beside this.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IncomingWebhook {
    /// Where it posts unless the sender says otherwise.
    pub channel_id: ChannelId,
    /// Whether it posts nowhere else.
    pub channel_locked: bool,
    /// When it was made.
    pub create_at: Millis,
    /// What its maker noted, at most 500 characters.
    pub description: String,
    /// Its title, at most 64 characters.
    pub display_name: String,
    /// The picture of its posts, at most 1,024 characters, not checked to be an address.
    pub icon_url: String,
    /// What its posts carry.
    pub(crate) origin: Origin,
    /// When this id ends, after another took its place; none while it is the hook's only id.
    pub(crate) retires_at: Option<Millis>,
    /// The team of its channel.
    pub team_id: TeamId,
    /// When it was last changed.
    pub update_at: Millis,
    /// Who its posts are by.
    pub user_id: UserId,
    /// The sender name of its posts, at most 64 characters of those a user name has.
    pub username: String,
}

impl IncomingWebhook {
    /// All, by time.
    pub(crate) const BY_TIME: Index = Index("time");
    /// By channel, then time.
    pub(crate) const BY_CHANNEL: Index = Index("channel");
    /// By what its posts carry: a hook, and the ids that it had before.
    pub(crate) const BY_ORIGIN: Index = Index("origin");
    /// By owner, then time.
    pub(crate) const BY_OWNER: Index = Index("owner");
    /// By team, then time.
    pub(crate) const BY_TEAM: Index = Index("team");
    /// By team, owner, then time.
    pub(crate) const BY_TEAM_AND_OWNER: Index = Index("team_owner");

    /// Its name in logs: the first bytes of its origin.
    pub(crate) fn log_name(&self) -> HookName {
        HookName(self.origin.0.first_chunk().copied().unwrap_or_default())
    }

    /// Whether the id still opens the hook.
    pub(crate) fn is_live(&self, now: Millis) -> bool {
        self.retires_at.is_none_or(|end| now < end)
    }
}

impl Kind for IncomingWebhook {
    const COLLECTION: Collection = Collection("incoming_webhook");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        let (team, owner, channel) = (self.team_id.as_str(), self.user_id.as_str(), self.channel_id.as_str());
        let at = |index, parts: &[&str]| {
            let time = self.create_at.to_sortable();
            let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).chain([&time[..]]).collect();
            IndexEntry::new(index, parts.concat())
        };
        let origin = IndexEntry::new(Self::BY_ORIGIN, self.origin.0.to_vec());
        if self.retires_at.is_some() {
            // An id that was replaced leads to its hook, and is in no list.
            return vec![origin];
        }
        vec![
            at(Self::BY_TIME, &[]),
            at(Self::BY_CHANNEL, &[channel]),
            origin,
            at(Self::BY_OWNER, &[owner]),
            at(Self::BY_TEAM, &[team]),
            at(Self::BY_TEAM_AND_OWNER, &[team, owner]),
        ]
    }

    fn write(&self, writer: &mut Writer<'_>) {
        for id in [self.channel_id.as_str(), self.team_id.as_str(), self.user_id.as_str()] {
            writer.bytes(id.as_bytes());
        }
        writer.flag(self.channel_locked);
        writer.time(self.create_at);
        writer.time(self.update_at);
        writer.optional(self.retires_at, Writer::time);
        writer.bytes(&self.origin.0);
        for text in [&self.description, &self.display_name, &self.icon_url, &self.username] {
            writer.text(text);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        // In the order of writing, which is not that of the type.
        let (channel_id, team_id, user_id) = (reader.id()?, reader.id()?, reader.id()?);
        Ok(Self {
            channel_id,
            team_id,
            user_id,
            channel_locked: reader.flag()?,
            create_at: reader.time()?,
            update_at: reader.time()?,
            retires_at: reader.optional(Reader::time)?,
            origin: Origin(reader.bytes()?),
            description: reader.text()?,
            display_name: reader.text()?,
            icon_url: reader.text()?,
            username: reader.text()?,
        })
    }
}
