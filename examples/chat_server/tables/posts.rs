//! Posts.

use jackfield::id::{ChannelId, Millis, PostId, UserId};
use jackfield::port::Post as Told;
use jackfield::post::{Audience, Origin, Priority};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use super::{id, optional_id};
use crate::errors::Failure;

/// A post.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) channel_id: ChannelId,
    pub(crate) create_at: i64,
    pub(crate) delete_at: i64,
    pub(crate) edit_at: i64,
    pub(crate) file_ids: Vec<String>,
    pub(crate) has_reactions: bool,
    pub(crate) hashtags: String,
    pub(crate) id: PostId,
    pub(crate) is_pinned: bool,
    pub(crate) message: String,
    pub(crate) origin: Option<Origin>,
    pub(crate) post_type: String,
    pub(crate) priority: Option<Priority>,
    pub(crate) props: Map<String, Value>,
    /// How many answers its thread has.
    pub(crate) replies: i64,
    pub(crate) root_id: Option<PostId>,
    pub(crate) update_at: i64,
    pub(crate) user_id: UserId,
}

/// What clients are told beside a post, in its metadata.
#[derive(Clone, Debug, Default)]
pub(crate) struct Beside {
    pub(crate) files: Vec<Value>,
    pub(crate) reactions: Vec<Value>,
}

impl Post {
    /// What Jackfield is told.
    pub(crate) fn to_told(&self) -> Told {
        let mut told = Told::new(self.id, self.channel_id, self.user_id, Millis(self.create_at), &self.message);
        told.deleted = self.delete_at != 0;
        told.origin = self.origin;
        told.post_type.clone_from(&self.post_type);
        told.props.clone_from(&self.props);
        told.root_id = self.root_id;
        told
    }

    /// What a client is told, with the props as its user sees them.
    pub(crate) fn view(&self, props: &Map<String, Value>, audience: Audience, beside: Beside) -> Value {
        let gone = self.delete_at != 0;
        let mut view = json!({
            "id": self.id, "create_at": self.create_at, "update_at": self.update_at, "edit_at": self.edit_at,
            "delete_at": self.delete_at, "is_pinned": self.is_pinned, "user_id": self.user_id,
            "channel_id": self.channel_id, "root_id": self.root_id.as_ref().map_or("", PostId::as_str),
            "original_id": "", "message": if gone { "" } else { self.message.as_str() }, "type": self.post_type,
            "props": props, "hashtags": self.hashtags, "file_ids": self.file_ids, "pending_post_id": "",
            "remote_id": "", "reply_count": self.replies, "last_reply_at": 0, "participants": null,
        });
        if let Some(members) = view.as_object_mut() {
            if self.has_reactions && !gone {
                members.insert("has_reactions".to_owned(), json!(true));
            }
            let metadata = if gone { Map::new() } else { self.metadata(audience, beside) };
            members.insert("metadata".to_owned(), Value::Object(metadata));
        }
        view
    }

    fn metadata(&self, audience: Audience, beside: Beside) -> Map<String, Value> {
        let mut metadata = Map::new();
        if !beside.files.is_empty() {
            metadata.insert("files".to_owned(), Value::Array(beside.files));
        }
        if !beside.reactions.is_empty() {
            metadata.insert("reactions".to_owned(), Value::Array(beside.reactions));
        }
        if let Some(priority) = &self.priority {
            let mut shown = json!(priority);
            if let (Audience::Rest, Some(members)) = (audience, shown.as_object_mut()) {
                members.insert("PostId".to_owned(), json!(self.id));
                members.insert("ChannelId".to_owned(), json!(self.channel_id));
            }
            metadata.insert("priority".to_owned(), shown);
        }
        metadata
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let origin: Option<[u8; 16]> = row.get("origin")?;
        let priority: Option<String> = row.get("priority")?;
        Ok(Self {
            channel_id: id(row, "channel_id")?,
            create_at: row.get("create_at")?,
            delete_at: row.get("delete_at")?,
            edit_at: row.get("edit_at")?,
            file_ids: serde_json::from_str(row.get_ref("file_ids")?.as_str()?).unwrap_or_default(),
            has_reactions: row.get("has_reactions")?,
            hashtags: row.get("hashtags")?,
            id: id(row, "id")?,
            is_pinned: row.get("is_pinned")?,
            message: row.get("message")?,
            origin: origin.map(Origin),
            post_type: row.get("type")?,
            priority: priority.and_then(|text| serde_json::from_str(&text).ok()),
            props: serde_json::from_str(row.get_ref("props")?.as_str()?).unwrap_or_default(),
            replies: row.get("replies")?,
            root_id: optional_id(row, "root_id")?,
            update_at: row.get("update_at")?,
            user_id: id(row, "user_id")?,
        })
    }
}

/// Which posts of a channel a list has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Range {
    /// The first ones after this post.
    After(PostId),
    /// The last ones before this post.
    Before(PostId),
    /// The last ones.
    Latest,
    /// What changed after this time, deleted ones included.
    Since(i64),
}

/// The post of this id, deleted or not.
pub(crate) fn find(connection: &Connection, id: PostId) -> rusqlite::Result<Option<Post>> {
    let mut statement = connection.prepare_cached(&select("WHERE id = ?"))?;
    statement.query_row([id.as_str()], Post::from_row).optional()
}

/// A page of a channel, newest first.
pub(crate) fn list(
    connection: &Connection,
    channel: ChannelId,
    range: Range,
    limit: i64,
    offset: i64,
) -> rusqlite::Result<Vec<Post>> {
    const PLACE: &str = "(SELECT create_at, seq FROM posts WHERE id = ?)";
    let channel = channel.as_str();
    let mut found: Vec<Post> = match range {
        Range::After(id) => {
            let rest = "WHERE channel_id = ? AND delete_at = 0 AND (create_at, seq) >";
            let sql = select(&format!("{rest} {PLACE} ORDER BY create_at, seq LIMIT ? OFFSET ?"));
            let keys = params![channel, id.as_str(), limit, offset];
            connection.prepare_cached(&sql)?.query_map(keys, Post::from_row)?.collect::<Result<_, _>>()?
        }
        Range::Before(id) => {
            let rest = "WHERE channel_id = ? AND delete_at = 0 AND (create_at, seq) <";
            let sql = select(&format!("{rest} {PLACE} ORDER BY create_at DESC, seq DESC LIMIT ? OFFSET ?"));
            let keys = params![channel, id.as_str(), limit, offset];
            connection.prepare_cached(&sql)?.query_map(keys, Post::from_row)?.collect::<Result<_, _>>()?
        }
        Range::Latest => {
            let sql =
                select("WHERE channel_id = ? AND delete_at = 0 ORDER BY create_at DESC, seq DESC LIMIT ? OFFSET ?");
            let keys = params![channel, limit, offset];
            connection.prepare_cached(&sql)?.query_map(keys, Post::from_row)?.collect::<Result<_, _>>()?
        }
        Range::Since(time) => {
            let sql = select("WHERE channel_id = ? AND update_at > ? ORDER BY create_at DESC, seq DESC LIMIT 1000");
            connection
                .prepare_cached(&sql)?
                .query_map(params![channel, time], Post::from_row)?
                .collect::<Result<_, _>>()?
        }
    };
    if let Range::After(_) = range {
        found.reverse();
    }
    Ok(found)
}

/// The next older and the next newer post of a channel beside one of its posts.
pub(crate) fn neighbor(
    connection: &Connection,
    channel: ChannelId,
    of: &Post,
    older: bool,
) -> rusqlite::Result<Option<PostId>> {
    let range = if older { Range::Before(of.id) } else { Range::After(of.id) };
    Ok(list(connection, channel, range, 1, 0)?.first().map(|post| post.id))
}

/// A root and its answers by time.
pub(crate) fn thread(connection: &Connection, root: PostId) -> rusqlite::Result<Vec<Post>> {
    let sql = select("WHERE (id = ?1 OR (root_id <> '' AND root_id = ?1)) AND delete_at = 0 ORDER BY create_at, seq");
    connection.prepare_cached(&sql)?.query_map([root.as_str()], Post::from_row)?.collect()
}

/// How many answers the thread of a post has.
pub(crate) fn replies(connection: &Connection, post: &Post) -> rusqlite::Result<i64> {
    let Some(root) = post.root_id else { return Ok(0) };
    let sql = "SELECT count(*) FROM posts WHERE root_id <> '' AND root_id = ? AND delete_at = 0";
    connection.prepare_cached(sql)?.query_row([root.as_str()], |row| row.get(0))
}

/// How many live posts of a channel are pinned.
pub(crate) fn pinned(connection: &Connection, channel: ChannelId) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM posts WHERE channel_id = ? AND is_pinned AND delete_at = 0";
    connection.prepare_cached(sql)?.query_row([channel.as_str()], |row| row.get(0))
}

/// The posts that an effect made when its key came first, in order.
pub(crate) fn of_key(connection: &Connection, key: [u8; 16]) -> rusqlite::Result<Vec<PostId>> {
    let mut statement =
        connection.prepare_cached("SELECT id FROM posts WHERE effect_key BETWEEN ? AND ? ORDER BY effect_key")?;
    statement.query_map(params![piece_key(key, 0), piece_key(key, u32::MAX)], |row| id(row, "id"))?.collect()
}

/// What names one post of an effect: the key and the post's number.
pub(crate) fn piece_key(key: [u8; 16], piece: u32) -> Vec<u8> {
    [key.as_slice(), piece.to_be_bytes().as_slice()].concat()
}

/// Stores a new post, its props as this JSON text, and counts it.
pub(crate) fn insert(
    connection: &Connection,
    post: &Post,
    props: &str,
    effect_key: Option<Vec<u8>>,
) -> Result<(), Failure> {
    let root = post.root_id.as_ref().map_or("", PostId::as_str);
    let mut statement = connection.prepare_cached(
        "INSERT INTO posts (id, channel_id, user_id, root_id, message, type, props, hashtags, priority, is_pinned,
         origin, effect_key, create_at, update_at, file_ids, edit_at, delete_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0)",
    )?;
    statement.execute(params![
        post.id.as_str(),
        post.channel_id.as_str(),
        post.user_id.as_str(),
        root,
        post.message,
        post.post_type,
        props,
        post.hashtags,
        post.priority.as_ref().map(serde_json::to_string).transpose()?,
        post.is_pinned,
        post.origin.map(|origin| origin.0),
        effect_key,
        post.create_at,
        post.update_at,
        json!(post.file_ids).to_string(),
    ])?;
    let mut statement = connection.prepare_cached(
        "UPDATE channels SET last_post_at = max(last_post_at, ?), posts = posts + 1, roots = roots + ? WHERE id = ?",
    )?;
    statement.execute(params![post.create_at, post.root_id.is_none(), post.channel_id.as_str()])?;
    if post.root_id.is_some() {
        let mut statement = connection.prepare_cached("UPDATE posts SET update_at = ? WHERE id = ?")?;
        statement.execute(params![post.create_at, root])?;
    }
    Ok(())
}

/// Stores what changed of a post.
pub(crate) fn update(connection: &Connection, post: &Post) -> Result<(), Failure> {
    let mut statement = connection.prepare_cached(
        "UPDATE posts SET message = ?, type = ?, props = ?, hashtags = ?, priority = ?, is_pinned = ?, update_at = ?,
         edit_at = ?, delete_at = ? WHERE id = ?",
    )?;
    statement.execute(params![
        post.message,
        post.post_type,
        serde_json::to_string(&post.props)?,
        post.hashtags,
        post.priority.as_ref().map(serde_json::to_string).transpose()?,
        post.is_pinned,
        post.update_at,
        post.edit_at,
        post.delete_at,
        post.id.as_str(),
    ])?;
    Ok(())
}

/// Notes that something about a post changed that is kept elsewhere.
pub(crate) fn touch(connection: &Connection, id: PostId, now: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE posts SET update_at = max(update_at + 1, ?) WHERE id = ?";
    connection.prepare_cached(sql)?.execute(params![now, id.as_str()])?;
    Ok(())
}

/// Marks a post as deleted, and the answers to it.
pub(crate) fn delete(connection: &Connection, post: &Post, by: Option<UserId>, now: i64) -> Result<(), Failure> {
    let mut gone = post.clone();
    (gone.delete_at, gone.update_at) = (now, now);
    if let Some(by) = by {
        gone.props.insert("deleteBy".to_owned(), json!(by));
    }
    update(connection, &gone)?;
    let mut statement = connection.prepare_cached(
        "UPDATE posts SET delete_at = ?1, update_at = ?1 WHERE root_id <> '' AND root_id = ?2 AND delete_at = 0",
    )?;
    statement.execute(params![now, post.id.as_str()])?;
    Ok(())
}

fn select(rest: &str) -> String {
    format!(
        "SELECT *, (SELECT count(*) FROM posts AS reply WHERE reply.root_id <> '' AND reply.delete_at = 0
         AND reply.root_id = iif(posts.root_id = '', posts.id, posts.root_id)) AS replies,
         EXISTS (SELECT 1 FROM reactions WHERE reactions.post_id = posts.id) AS has_reactions FROM posts {rest}"
    )
}
