//! Beyond which a token allows nothing, whatever its user may (B3).

use serde::{Deserialize, Serialize};

use crate::id::ChannelId;
use crate::port::{Ask, Scope};

/// What a token is limited to. The default is no limit.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct TokenLimits {
    /// The channels that it may act in, sorted; empty for all.
    #[serde(default, rename = "channel_ids", skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<ChannelId>,
    /// The ids of the permissions that it may use, sorted; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
}

/// What a token that is limited to channels may still ask beyond them: to see the team and the people around.
const AROUND_CHANNELS: [&str; 2] = ["view_members", "view_team"];

impl TokenLimits {
    /// How many channels a token can be limited to.
    pub const MAX_CHANNELS: usize = 100;

    /// Whether there are none.
    #[must_use]
    pub fn is_unlimited(&self) -> bool {
        self.channels.is_empty() && self.scopes.is_empty()
    }

    /// Whether a token with these limits may what is asked, if its user may.
    #[must_use]
    pub fn allows(&self, ask: &Ask) -> bool {
        let permission = ask.permission.as_str();
        let in_scopes = self.scopes.is_empty() || self.scopes.iter().any(|scope| scope == permission);
        let in_channels = self.channels.is_empty()
            || match ask.scope {
                Scope::Channel(id) => self.channels.contains(&id),
                Scope::System | Scope::Team(_) | Scope::User(_) => AROUND_CHANNELS.contains(&permission),
            };
        in_scopes && in_channels
    }

    /// Whether nothing is within these limits that is not within the others.
    pub(crate) fn are_within(&self, others: &Self) -> bool {
        is_within(&self.channels, &others.channels) && is_within(&self.scopes, &others.scopes)
    }
}

/// Whether a list is within another; an empty one stands for everything.
fn is_within<T: PartialEq>(list: &[T], other: &[T]) -> bool {
    other.is_empty() || (!list.is_empty() && list.iter().all(|item| other.contains(item)))
}
