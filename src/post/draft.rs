//! A post before it is stored.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::Attachment;
use crate::id::{ChannelId, PostId, UserId};

/// A post that a host is asked to store.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub struct PostDraft {
    /// Where it goes.
    pub destination: Destination,
    /// The text, at most 16,383 characters.
    pub message: String,
    /// Which integration made it; stored with the post and given back by [`Directory::post`](crate::port::Directory::post).
    pub origin: Option<Origin>,
    /// The `type`; empty for an ordinary post.
    pub post_type: String,
    /// How urgent it is, if anybody said.
    pub priority: Option<Priority>,
    /// Everything else that belongs to the post.
    pub props: Props,
    /// The post that this one answers.
    pub root_id: Option<PostId>,
    /// Whether the `posted` event sets the author online.
    pub set_online: bool,
    /// Whether outgoing webhooks may fire; the host hands it on when it reports the post.
    pub triggers: bool,
    /// The author.
    pub user_id: UserId,
}

impl PostDraft {
    /// An ordinary post at top level that triggers nothing and leaves its author's status alone.
    pub fn new(destination: Destination, user_id: UserId, message: impl Into<String>) -> Self {
        Self {
            destination,
            message: message.into(),
            origin: None,
            post_type: String::new(),
            priority: None,
            props: Props::default(),
            root_id: None,
            set_online: false,
            triggers: false,
            user_id,
        }
    }
}

/// Where a post goes.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Destination {
    /// A channel that is there.
    Channel(ChannelId),
    /// The direct channel of these two (or of one with themself), opened by the first one if it is not there.
    Direct(UserId, UserId),
}

/// Says which integration made a post, without telling its secret: 16 bytes, derived and opaque.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Origin(pub [u8; 16]);

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({:032x})", u128::from_be_bytes(self.0))
    }
}

/// How urgent a post is (INC-85 to INC-88).
#[non_exhaustive]
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Priority {
    /// `""` (standard), `important` or `urgent`; at most 32 characters.
    pub priority: String,
    /// Whether readers are asked to confirm.
    pub requested_ack: Option<bool>,
    /// Whether those mentioned are told again and again.
    pub persistent_notifications: Option<bool>,
}

/// Whether an integration may change what its posts show of their sender.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Overrides {
    /// `EnablePostIconOverride`: its picture.
    pub icon: bool,
    /// `EnablePostUsernameOverride`: its name.
    pub username: bool,
}

/// The props of a post: one JSON object, of which the attachments are typed.
///
/// Serializes as that object, with `attachments` in it when there are any.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Props {
    /// The member `attachments`.
    pub attachments: Vec<Attachment>,
    /// All other members.
    pub entries: Map<String, Value>,
}

impl Props {
    /// Returns the object as JSON text, as a host stores it.
    #[must_use]
    pub fn to_json(&self) -> String {
        // INVARIANT: maps with string keys and attachments always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the object.
    #[must_use]
    pub fn to_map(&self) -> Map<String, Value> {
        let mut map = self.entries.clone();
        if !self.attachments.is_empty() {
            let attachments = self.attachments.iter().map(|one| serde_json::to_value(one).unwrap_or_default());
            map.insert("attachments".to_owned(), attachments.collect());
        }
        map
    }
}

impl Serialize for Props {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.attachments.is_empty() {
            map.serialize_entry("attachments", &self.attachments)?;
        }
        for (name, value) in &self.entries {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_draft_is_an_ordinary_post() {
        let (channel, author) = (ChannelId::from_random([1; 16]), UserId::from_random([2; 16]));
        let want = PostDraft {
            destination: Destination::Channel(channel),
            message: "a".to_owned(),
            origin: None,
            post_type: String::new(),
            priority: None,
            props: Props { attachments: Vec::new(), entries: Map::new() },
            root_id: None,
            set_online: false,
            triggers: false,
            user_id: author,
        };
        assert_eq!(PostDraft::new(Destination::Channel(channel), author, "a"), want);
    }

    #[test]
    fn props_are_one_object_with_the_attachments_in_it() {
        let mut props = Props::default();
        assert_eq!((props.to_json().as_str(), props.to_map()), ("{}", Map::new()));
        props.entries.insert("card".to_owned(), json!({ "a": null }));
        assert_eq!(props.to_json(), r#"{"card":{"a":null}}"#);
        props.attachments.push(Attachment { title: "T".to_owned(), ..Attachment::default() });
        props.attachments.push(Attachment::default());
        let whole = Value::Object(props.to_map());
        assert_eq!(serde_json::from_str::<Value>(&props.to_json()).unwrap(), whole);
        assert_eq!(whole["card"], json!({ "a": null }));
        let titles: Vec<_> = whole["attachments"].as_array().unwrap().iter().map(|one| &one["title"]).collect();
        assert_eq!(titles, ["T", ""]);
    }

    #[test]
    fn an_origin_is_shown_as_hex() {
        assert_eq!(format!("{:?}", Origin([0xA; 16])), format!("Origin({})", "0a".repeat(16)));
    }

    #[test]
    fn a_priority_tells_what_nobody_asked_for_as_null() {
        let priority = Priority { priority: "urgent".to_owned(), ..Priority::default() };
        let want = json!({ "priority": "urgent", "requested_ack": null, "persistent_notifications": null });
        assert_eq!(serde_json::to_value(&priority).unwrap(), want);
        assert_eq!(serde_json::from_value::<Priority>(want).unwrap(), priority);
    }
}
