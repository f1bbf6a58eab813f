//! What is remembered about an incoming webhook (INC-100).

use serde::{Deserialize, Serialize};

use crate::id::{ChannelId, Millis, TeamId, UserId};
use crate::port::{Collection, HookName, Index, IndexEntry};
use crate::post::Origin;
use crate::record::Kind;

/// An incoming webhook, without its id: that is a secret and is kept sealed beside this.
#[non_exhaustive]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
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
    #[serde(with = "origin")]
    pub(crate) origin: Origin,
    /// When this id ends, after another took its place; none while it is the hook's only id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
            let mut value = parts.concat().into_bytes();
            value.extend_from_slice(&self.create_at.to_sortable());
            IndexEntry::new(index, value)
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
}

/// Sixteen bytes as one number.
mod origin {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Origin;

    pub(super) fn serialize<S: Serializer>(origin: &Origin, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:032x}", u128::from_be_bytes(origin.0)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Origin, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        let number = u128::from_str_radix(text, 16).map_err(serde::de::Error::custom)?;
        Ok(Origin(number.to_be_bytes()))
    }
}
