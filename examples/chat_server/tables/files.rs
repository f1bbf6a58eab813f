//! Files: what is known about them. What is in them is kept in a folder, see `blobs.rs`.

use jackfield::id::{ChannelId, PostId, UserId};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::{id, optional_id};

/// A file that somebody uploaded.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) channel_id: ChannelId,
    pub(crate) create_at: i64,
    /// Of a picture; 0 if it is not known.
    pub(crate) height: u32,
    pub(crate) id: String,
    pub(crate) mime_type: String,
    pub(crate) name: String,
    /// None as long as it stands in no post.
    pub(crate) post_id: Option<PostId>,
    /// In bytes.
    pub(crate) size: i64,
    pub(crate) user_id: UserId,
    /// Of a picture; 0 if it is not known.
    pub(crate) width: u32,
}

impl File {
    /// What a client is told.
    pub(crate) fn view(&self) -> Value {
        let mut view = json!({
            "id": self.id, "user_id": self.user_id, "channel_id": self.channel_id, "create_at": self.create_at,
            "update_at": self.create_at, "delete_at": 0, "name": self.name, "extension": extension(&self.name),
            "size": self.size, "mime_type": self.mime_type, "mini_preview": null, "remote_id": "", "archived": false,
        });
        let Some(members) = view.as_object_mut() else { return view };
        if let Some(post) = self.post_id {
            members.insert("post_id".to_owned(), json!(post));
        }
        if self.width > 0 {
            members.insert("width".to_owned(), json!(self.width));
            members.insert("height".to_owned(), json!(self.height));
        }
        view
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            channel_id: id(row, "channel_id")?,
            create_at: row.get("create_at")?,
            height: row.get("height")?,
            id: row.get("id")?,
            mime_type: row.get("mime_type")?,
            name: row.get("name")?,
            post_id: optional_id(row, "post_id")?,
            size: row.get("size")?,
            user_id: id(row, "user_id")?,
            width: row.get("width")?,
        })
    }
}

/// What follows the last dot of a name, in lower case.
pub(crate) fn extension(name: &str) -> String {
    name.rsplit_once('.').map_or_else(String::new, |(_, extension)| extension.to_lowercase())
}

/// The file of this id.
pub(crate) fn find(connection: &Connection, id: &str) -> rusqlite::Result<Option<File>> {
    connection.prepare_cached("SELECT * FROM files WHERE id = ?")?.query_row([id], File::from_row).optional()
}

/// Stores what is known about a new file.
pub(crate) fn insert(connection: &Connection, file: &File) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO files (id, user_id, channel_id, post_id, name, mime_type, size, width, height, create_at)
         VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?)",
        params![
            file.id,
            file.user_id.as_str(),
            file.channel_id.as_str(),
            file.name,
            file.mime_type,
            file.size,
            file.width,
            file.height,
            file.create_at,
        ],
    )?;
    Ok(())
}

/// Puts a file into a post of who uploaded it to the same channel; false if it is not such a file, or in a post already.
pub(crate) fn attach(
    connection: &Connection,
    file: &str,
    user: UserId,
    channel: ChannelId,
    post: PostId,
) -> rusqlite::Result<bool> {
    let sql = "UPDATE files SET post_id = ? WHERE id = ? AND user_id = ? AND channel_id = ? AND post_id = ''";
    let keys = [post.as_str(), file, user.as_str(), channel.as_str()];
    Ok(connection.prepare_cached(sql)?.execute(keys)? > 0)
}

/// How many files stand in posts of a channel.
pub(crate) fn count(connection: &Connection, channel: ChannelId) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM files WHERE channel_id = ? AND post_id <> ''";
    connection.prepare_cached(sql)?.query_row([channel.as_str()], |row| row.get(0))
}
