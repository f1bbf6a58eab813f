//! Calls that edit the post of an earlier one: under a key, a hook has one post at a time.

use thiserror::Error;

use crate::id::{Millis, PostId};
use crate::port::{Collection, Index, IndexEntry};
use crate::record::{Kind, Reader, Unreadable, Writer};

/// Names one message of a hook, as a sender calls it: 1 to 128 characters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UpsertKey(String);

/// It has no character, or too many.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("an upsert key has 1 to {} characters", UpsertKey::MAX_CHARS)]
pub struct InvalidUpsertKey;

impl UpsertKey {
    /// The longest key, in characters.
    pub const MAX_CHARS: usize = 128;

    /// Takes a key.
    ///
    /// # Errors
    ///
    /// It is empty or too long.
    pub fn parse(text: &str) -> Result<Self, InvalidUpsertKey> {
        let fits = !text.is_empty() && text.chars().nth(Self::MAX_CHARS).is_none();
        if fits { Ok(Self(text.to_owned())) } else { Err(InvalidUpsertKey) }
    }

    /// Returns the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where else than in `upsert_key` a call may carry its key, if its address says so.
///
/// For senders that cannot write members of their own but have a template for this one.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum UpsertBy {
    /// In `callback_id` of the first attachment, `?upsert_by=callback_id`; cut at [`UpsertKey::MAX_CHARS`] characters
    /// from its end, where templates put what differs. An empty one is no key.
    CallbackId,
}

impl UpsertBy {
    /// Reads the parameter's value; an unknown one asks for nothing.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        (value == "callback_id").then_some(Self::CallbackId)
    }

    /// Returns the key that a text stands for.
    pub(crate) fn key(text: &str) -> Option<UpsertKey> {
        let over = text.chars().count().saturating_sub(UpsertKey::MAX_CHARS);
        let tail: String = text.chars().skip(over).collect();
        UpsertKey::parse(&tail).ok()
    }
}

/// Which post a key stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Upserted {
    /// When the key began to stand for it.
    pub(crate) create_at: Millis,
    /// Random, and so part of the cause of this post alone.
    pub(crate) nonce: u64,
    /// The post; none until it is made.
    pub(crate) post_id: Option<PostId>,
}

impl Upserted {
    /// All, by time.
    pub(crate) const BY_TIME: Index = Index("time");
}

impl Kind for Upserted {
    const COLLECTION: Collection = Collection("incoming_upsert");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        vec![IndexEntry::new(Self::BY_TIME, self.create_at.to_sortable().to_vec())]
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.time(self.create_at);
        writer.bytes(&self.nonce.to_be_bytes());
        writer.optional(self.post_id, |writer, id| writer.bytes(id.as_str().as_bytes()));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        let (create_at, nonce) = (reader.time()?, u64::from_be_bytes(reader.bytes()?));
        Ok(Self { create_at, nonce, post_id: reader.optional(Reader::id)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{decode, encode};

    #[test]
    fn a_key_has_1_to_128_characters() {
        let cases = [("", false), ("a", true), (&"é".repeat(128), true), (&"é".repeat(129), false)];
        for (text, want) in cases {
            assert_eq!(UpsertKey::parse(text).is_ok(), want, "{text:?}");
        }
    }

    #[test]
    fn what_is_remembered_is_read_again() {
        for post_id in [None, Some(PostId::from_random([3; 16]))] {
            let kept = Upserted { create_at: Millis(5), nonce: u64::MAX - 1, post_id };
            assert_eq!(decode::<Upserted>(&encode(&kept, b"").unwrap()).unwrap().kind, kept);
        }
    }

    #[test]
    fn of_a_long_text_the_end_counts() {
        let long = format!("{}end", "é".repeat(200));
        let key = UpsertBy::key(&long).unwrap();
        assert_eq!((key.as_str().chars().count(), key.as_str().ends_with("éend")), (128, true));
        assert_eq!(UpsertBy::key(""), None);
    }
}
