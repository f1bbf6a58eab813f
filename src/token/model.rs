//! What is remembered about a personal access token (BOT-68, B1, B2).

use serde::{Deserialize, Serialize};

use super::limits::TokenLimits;
use super::standing::Standing;
use crate::id::{Millis, TokenId, UserId};
use crate::port::{Collection, Index, IndexEntry};
use crate::record::{Kind, fields_as_json};

/// A personal access token, without its secret: of that a digest is the record's key.
#[non_exhaustive]
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccessToken {
    /// When it was made.
    pub created_at: Millis,
    /// Who made it.
    pub created_by: UserId,
    /// What its maker noted, 1 to 255 bytes.
    pub description: String,
    /// When it ends; none if never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Millis>,
    /// Names it, and opens nothing.
    pub id: TokenId,
    /// Whether it works.
    pub is_active: bool,
    /// Beyond which it allows nothing.
    #[serde(flatten)]
    pub limits: TokenLimits,
    /// When this secret ends, after another took its place; none while it is the token's newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) retires_at: Option<Millis>,
    /// As whom it acts.
    pub user_id: UserId,
}

impl AccessToken {
    /// By id: a token under its secret, and under the one before.
    pub(crate) const BY_ID: Index = Index("id");
    /// All, by time, then id.
    pub(crate) const BY_TIME: Index = Index("time");
    /// By user, then time, then id.
    pub(crate) const BY_USER: Index = Index("user");

    /// What says whether it works.
    pub(crate) fn standing(&self) -> Standing {
        Standing { expires_at: self.expires_at, is_active: self.is_active, retires_at: self.retires_at }
    }

    /// Its place among others: by time, then id (B15).
    pub(crate) fn place(&self) -> Vec<u8> {
        [&self.created_at.to_sortable()[..], self.id.as_str().as_bytes()].concat()
    }
}

impl Kind for AccessToken {
    const COLLECTION: Collection = Collection("access_token");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        let by_id = IndexEntry::new(Self::BY_ID, self.id.as_str().as_bytes().to_vec());
        if self.retires_at.is_some() {
            // A secret that was replaced leads to its token, and is in no list.
            return vec![by_id];
        }
        let place = self.place();
        let of_user = [self.user_id.as_str().as_bytes(), &place].concat();
        vec![by_id, IndexEntry::new(Self::BY_TIME, place), IndexEntry::new(Self::BY_USER, of_user)]
    }

    fields_as_json!();
}

/// When a token was last used; the key is its id. Coarse, and apart from the token, so that a use never gets into the
/// way of a change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct TokenUse {
    pub(crate) last_used_at: Millis,
}

impl Kind for TokenUse {
    const COLLECTION: Collection = Collection("token_use");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        Vec::new()
    }

    fields_as_json!();
}
