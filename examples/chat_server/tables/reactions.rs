//! Reactions to posts.

use jackfield::id::{ChannelId, PostId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::id;

/// That somebody put an emoji below a post.
#[derive(Clone, Debug)]
pub(crate) struct Reaction {
    pub(crate) channel_id: ChannelId,
    pub(crate) create_at: i64,
    pub(crate) emoji_name: String,
    pub(crate) post_id: PostId,
    pub(crate) user_id: UserId,
}

impl Reaction {
    /// What a client is told.
    pub(crate) fn view(&self) -> Value {
        json!({
            "user_id": self.user_id, "post_id": self.post_id, "emoji_name": self.emoji_name,
            "create_at": self.create_at, "update_at": self.create_at, "delete_at": 0, "remote_id": "",
            "channel_id": self.channel_id,
        })
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            channel_id: id(row, "channel_id")?,
            create_at: row.get("create_at")?,
            emoji_name: row.get("emoji_name")?,
            post_id: id(row, "post_id")?,
            user_id: id(row, "user_id")?,
        })
    }
}

/// Somebody's reaction to a post with this emoji.
pub(crate) fn find(
    connection: &Connection,
    post: PostId,
    user: UserId,
    emoji: &str,
) -> rusqlite::Result<Option<Reaction>> {
    let sql = "SELECT * FROM reactions WHERE post_id = ? AND user_id = ? AND emoji_name = ?";
    connection.prepare_cached(sql)?.query_row([post.as_str(), user.as_str(), emoji], Reaction::from_row).optional()
}

/// All reactions to a post, the first one first.
pub(crate) fn of_post(connection: &Connection, post: PostId) -> rusqlite::Result<Vec<Reaction>> {
    let sql = "SELECT * FROM reactions WHERE post_id = ? ORDER BY create_at, emoji_name, user_id";
    connection.prepare_cached(sql)?.query_map([post.as_str()], Reaction::from_row)?.collect()
}

/// With how many emojis people reacted to a post, this one left out.
pub(crate) fn other_emojis(connection: &Connection, post: PostId, emoji: &str) -> rusqlite::Result<i64> {
    let sql = "SELECT count(DISTINCT emoji_name) FROM reactions WHERE post_id = ? AND emoji_name <> ?";
    connection.prepare_cached(sql)?.query_row([post.as_str(), emoji], |row| row.get(0))
}

/// Stores a reaction that is not there yet.
pub(crate) fn insert(connection: &Connection, reaction: &Reaction) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO reactions (post_id, user_id, emoji_name, channel_id, create_at) VALUES (?, ?, ?, ?, ?)",
        params![
            reaction.post_id.as_str(),
            reaction.user_id.as_str(),
            reaction.emoji_name,
            reaction.channel_id.as_str(),
            reaction.create_at,
        ],
    )?;
    Ok(())
}

/// Takes a reaction back.
pub(crate) fn delete(connection: &Connection, reaction: &Reaction) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM reactions WHERE post_id = ? AND user_id = ? AND emoji_name = ?",
        [reaction.post_id.as_str(), reaction.user_id.as_str(), &reaction.emoji_name],
    )?;
    Ok(())
}
