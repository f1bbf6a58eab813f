//! What is remembered about a bot, and about a change of one that is under way.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::{Millis, UserId};
use crate::port::{BotAccount, Collection, Index, IndexEntry};
use crate::record::{Kind, fields_as_json};

/// A bot (BOT-1).
#[non_exhaustive]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Bot {
    /// When it was made.
    pub create_at: Millis,
    /// When it was disabled; 0 while it is enabled.
    pub delete_at: Millis,
    /// What it is for, at most 1,024 characters.
    pub description: String,
    /// The first name of its account, at most 64 characters. What is stored is how it was seen last.
    pub display_name: String,
    /// When it was last given an icon; 0 for each that is made here (BOT-1).
    pub last_icon_update: Millis,
    /// Whose it is: a user's id, or the name of an extension of 1 to 190 characters.
    pub owner_id: String,
    /// When it was last changed. Each change has a later time than the one before, so that a tag is never stale.
    pub update_at: Millis,
    /// Which account.
    pub user_id: UserId,
    /// The name of its account. What is stored is how it was seen last.
    pub username: String,
}

impl Bot {
    /// Whether it may not act.
    #[must_use]
    pub fn is_disabled(&self) -> bool {
        self.delete_at != Millis(0)
    }

    /// Whether it is this user's.
    #[must_use]
    pub fn is_owned_by(&self, user: UserId) -> bool {
        self.owner_id == user.as_str()
    }

    /// The account that goes with it.
    pub(crate) fn account(&self) -> BotAccount {
        BotAccount {
            description: self.description.clone(),
            disabled: self.is_disabled(),
            display_name: self.display_name.clone(),
            id: self.user_id,
            username: self.username.clone(),
        }
    }
}

/// A bot, and what it is about to become.
///
/// Its account is elsewhere. So a change of both is written down here, then done there, then counts here; whoever finds
/// one that was begun does the rest.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct BotRecord {
    /// None before it is one.
    pub(crate) bot: Option<Bot>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pending: Option<Pending>,
}

/// A change that was begun. A patch that comes with it is sealed beside the record: there is a password in it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Pending {
    /// Who asked for it; none where nobody did.
    pub(crate) actor: Option<UserId>,
    /// What the record will say; none when there will be none.
    pub(crate) becomes: Option<Bot>,
    /// Since when.
    pub(crate) began: Millis,
    /// For the audit.
    pub(crate) deed: Deed,
    /// Random, so that no two changes look alike.
    pub(crate) nonce: u64,
    /// What the host is to do.
    pub(crate) step: Step,
}

/// What is done to a bot, as an audit calls it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    Assign,
    Convert,
    Create,
    Delete,
    Disable,
    Enable,
    Update,
}

impl Deed {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Assign => "assign",
            Self::Convert => "convert",
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Update => "update",
        }
    }
}

/// What the host is to do for a change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Make the account as the bot will be.
    Save {
        /// Whether the bot then tells its owner that it is there (BOT-23).
        greets: bool,
    },
    /// Make a user's account a bot's.
    ToBot,
    /// Make the account a user's, with the sealed patch.
    ToUser {
        /// Whether it becomes a system administrator.
        system_admin: bool,
    },
}

impl BotRecord {
    /// All, by time.
    pub(crate) const BY_TIME: Index = Index("time");
    /// Those that are enabled, by time.
    pub(crate) const ENABLED_BY_TIME: Index = Index("enabled_time");
    /// By owner, then time.
    pub(crate) const BY_OWNER: Index = Index("owner");
    /// Those that are enabled, by owner, then time.
    pub(crate) const ENABLED_BY_OWNER: Index = Index("enabled_owner");
    /// Those with a change under way, by when it began.
    pub(crate) const PENDING: Index = Index("pending");

    /// A record with nothing under way.
    pub(crate) fn settled(bot: Bot) -> Self {
        Self { bot: Some(bot), pending: None }
    }

    /// What values of the indexes by owner begin with. An owner's id may be longer than a value.
    pub(crate) fn owner_prefix(owner: &str) -> [u8; 16] {
        let digest: [u8; 32] = Sha256::digest(owner).into();
        digest.first_chunk().copied().unwrap_or_default()
    }
}

impl Kind for BotRecord {
    const COLLECTION: Collection = Collection("bot");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        let mut entries = Vec::with_capacity(5);
        if let Some(pending) = &self.pending {
            entries.push(IndexEntry::new(Self::PENDING, pending.began.to_sortable().to_vec()));
        }
        let Some(bot) = &self.bot else { return entries };
        let time = bot.create_at.to_sortable();
        let owner = [&Self::owner_prefix(&bot.owner_id)[..], &time].concat();
        entries.push(IndexEntry::new(Self::BY_TIME, time.to_vec()));
        entries.push(IndexEntry::new(Self::BY_OWNER, owner.clone()));
        if !bot.is_disabled() {
            entries.push(IndexEntry::new(Self::ENABLED_BY_TIME, time.to_vec()));
            entries.push(IndexEntry::new(Self::ENABLED_BY_OWNER, owner));
        }
        entries
    }

    fields_as_json!();
}

/// Which bot an extension has (BOT-63); the key is a digest of the extension's name.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Ensured {
    pub(crate) user_id: UserId,
}

impl Kind for Ensured {
    const COLLECTION: Collection = Collection("bot_ensured");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        Vec::new()
    }

    fields_as_json!();
}
