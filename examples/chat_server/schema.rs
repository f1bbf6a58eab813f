//! The tables of the chat server. Those of the engine stand beside them in the same file.

/// The steps that make the tables, each run once. Steps that were released never change; new ones go to the end.
pub(crate) const STEPS: &[&str] = &[
    "
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY, username TEXT NOT NULL UNIQUE, email TEXT NOT NULL UNIQUE, password TEXT NOT NULL,
    roles TEXT NOT NULL, nickname TEXT NOT NULL, first_name TEXT NOT NULL, last_name TEXT NOT NULL,
    position TEXT NOT NULL, locale TEXT NOT NULL, is_bot INTEGER NOT NULL, create_at INTEGER NOT NULL,
    update_at INTEGER NOT NULL, delete_at INTEGER NOT NULL, password_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    token BLOB NOT NULL PRIMARY KEY, id TEXT NOT NULL UNIQUE, user_id TEXT NOT NULL, csrf TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL, create_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE roles (
    id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, permissions TEXT NOT NULL, update_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE teams (
    id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, description TEXT NOT NULL,
    email TEXT NOT NULL, type TEXT NOT NULL, invite_id TEXT NOT NULL, create_at INTEGER NOT NULL,
    update_at INTEGER NOT NULL, delete_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE team_members (
    team_id TEXT NOT NULL, user_id TEXT NOT NULL, roles TEXT NOT NULL, PRIMARY KEY (team_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX teams_of_user ON team_members (user_id);

CREATE TABLE channels (
    id TEXT NOT NULL PRIMARY KEY, team_id TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL,
    display_name TEXT NOT NULL, header TEXT NOT NULL, purpose TEXT NOT NULL, creator_id TEXT NOT NULL,
    create_at INTEGER NOT NULL, update_at INTEGER NOT NULL, delete_at INTEGER NOT NULL,
    last_post_at INTEGER NOT NULL, posts INTEGER NOT NULL, roots INTEGER NOT NULL, UNIQUE (team_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE channel_members (
    channel_id TEXT NOT NULL, user_id TEXT NOT NULL, roles TEXT NOT NULL, PRIMARY KEY (channel_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX channels_of_user ON channel_members (user_id);

CREATE TABLE posts (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, channel_id TEXT NOT NULL, user_id TEXT NOT NULL,
    root_id TEXT NOT NULL, message TEXT NOT NULL, type TEXT NOT NULL, props TEXT NOT NULL, hashtags TEXT NOT NULL,
    priority TEXT, is_pinned INTEGER NOT NULL, origin BLOB, effect_key BLOB, create_at INTEGER NOT NULL,
    update_at INTEGER NOT NULL, edit_at INTEGER NOT NULL, delete_at INTEGER NOT NULL
) STRICT;
CREATE INDEX posts_of_channel ON posts (channel_id, create_at, seq);
CREATE UNIQUE INDEX effects ON posts (effect_key) WHERE effect_key IS NOT NULL;
CREATE INDEX replies ON posts (root_id) WHERE root_id <> '';

CREATE TABLE kept (name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
",
    // Bot accounts and what a bot client asks of accounts.
    "
ALTER TABLE users ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN extras TEXT NOT NULL DEFAULT '{}';
ALTER TABLE users ADD COLUMN failed_logins INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN picture_at INTEGER NOT NULL DEFAULT 0;

ALTER TABLE sessions ADD COLUMN device_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN extended_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN last_activity_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE statuses (
    user_id TEXT NOT NULL PRIMARY KEY, status TEXT NOT NULL, set_at INTEGER NOT NULL, dnd_end_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE preferences (
    user_id TEXT NOT NULL, category TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (user_id, category, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE pictures (user_id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
",
    // Reactions, files, and who looked at which channel.
    "
ALTER TABLE posts ADD COLUMN file_ids TEXT NOT NULL DEFAULT '[]';
ALTER TABLE channel_members ADD COLUMN viewed_at INTEGER NOT NULL DEFAULT 0;

CREATE TABLE reactions (
    post_id TEXT NOT NULL, user_id TEXT NOT NULL, emoji_name TEXT NOT NULL, channel_id TEXT NOT NULL,
    create_at INTEGER NOT NULL, PRIMARY KEY (post_id, user_id, emoji_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE files (
    id TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, channel_id TEXT NOT NULL, post_id TEXT NOT NULL,
    name TEXT NOT NULL, mime_type TEXT NOT NULL, size INTEGER NOT NULL, width INTEGER NOT NULL,
    height INTEGER NOT NULL, create_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX files_of_channel ON files (channel_id);
",
    // Muted channels.
    "
ALTER TABLE channel_members ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
",
];
