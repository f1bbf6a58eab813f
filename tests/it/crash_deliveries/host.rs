//! The smallest host that keeps its posts: in an SQLite file of its own, apart from the engine's records.

use std::path::Path;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use jackfield::id::{ChannelId, Millis, PostId, SessionId, TeamId, UserId};
use jackfield::port::{
    Action, Applied, Ask, Channel, ChannelKind, Clock, Credential, Directory, Effect, PortError, Post, PostEvent,
    PostSink, Refused, RefusedKind, Session, SessionKind, SystemClock, Team, User,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// One user, one channel, and posts.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) channel: Channel,
    file: Mutex<Connection>,
    pub(super) team: Team,
    user: User,
}

impl Host {
    pub(super) fn open(path: &Path) -> Self {
        let file = Connection::open(path).unwrap();
        file.execute_batch(SCHEMA).unwrap();
        let team = Team::new(TeamId::from_random([1; 16]), "demo", "Demo");
        let channel = Channel::new(ChannelId::from_random([2; 16]), ChannelKind::Public, "town-square");
        Self {
            channel: channel.with_team(team.id, "Town Square"),
            file: Mutex::new(file),
            team,
            user: User::new(UserId::from_random([3; 16]), "ann"),
        }
    }

    /// Stores a message, and returns it once it is committed.
    pub(super) fn write(&self, message: &str) -> Post {
        insert(&self.file(), self, message, None).unwrap()
    }

    /// All messages since a time.
    pub(super) fn since(&self, time: Millis) -> Vec<Post> {
        let file = self.file();
        let mut statement = file.prepare("SELECT * FROM posts WHERE create_at >= ? ORDER BY create_at").unwrap();
        let posts = statement.query_map([time.0], |row| self.read(row)).unwrap();
        posts.map(Result::unwrap).collect()
    }

    /// What the engine is told of a message.
    pub(super) fn event<'a>(&'a self, post: &'a Post) -> PostEvent<'a> {
        PostEvent::new(post.id, post.create_at, &post.message, &self.user, &self.channel).with_team(&self.team)
    }

    fn read(&self, row: &Row<'_>) -> rusqlite::Result<Post> {
        let id: String = row.get("id")?;
        let (create_at, message) = (Millis(row.get("create_at")?), row.get::<_, String>("message")?);
        Ok(Post::new(id.parse().unwrap(), self.channel.id, self.user.id, create_at, message))
    }

    fn file(&self) -> MutexGuard<'_, Connection> {
        self.file.lock().unwrap()
    }
}

fn insert(file: &Connection, host: &Host, message: &str, effect: Option<&[u8]>) -> rusqlite::Result<Post> {
    let id = PostId::from_random(file.query_row("SELECT randomblob(16)", [], |row| row.get(0))?);
    let now = SystemClock.millis();
    let values = params![id.to_string(), now.0, message, effect];
    file.execute("INSERT INTO posts (id, create_at, message, effect) VALUES (?, ?, ?, ?)", values)?;
    Ok(Post::new(id, host.channel.id, host.user.id, now, message))
}

#[async_trait]
impl PostSink for Host {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        let broken = |error| Refused::new(RefusedKind::Failed, Box::new(error) as Box<_>);
        let mut file = self.file();
        let transaction = file.transaction().map_err(broken)?;
        let mut applied = Vec::new();
        for effect in effects {
            let (Action::CreatePosts(drafts), Some(key)) = (effect.action, effect.key) else {
                return Err(Refused::new(RefusedKind::Unsupported, "only replies are expected"));
            };
            let [draft] = &drafts[..] else {
                return Err(Refused::new(RefusedKind::Unsupported, "only short replies are expected"));
            };
            let known = "SELECT id FROM posts WHERE effect = ?";
            let known = transaction.query_row(known, [&key.0[..]], |row| row.get::<_, String>(0));
            applied.push(match known.optional().map_err(broken)? {
                Some(known) => Applied::repeated(vec![known.parse().unwrap()]),
                None => {
                    let post = insert(&transaction, self, &draft.message, Some(&key.0)).map_err(broken)?;
                    Applied::posts(vec![post.id])
                }
            });
        }
        transaction.commit().map_err(broken)?;
        Ok(applied)
    }
}

#[async_trait]
impl Directory for Host {
    async fn session(&self, _: &Credential) -> Result<Option<Session>, PortError> {
        Ok(Some(Session::new(SessionId::from_random([4; 16]), self.user.id, SessionKind::Login)))
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError> {
        Ok(ids.contains(&self.user.id).then(|| self.user.clone()).into_iter().collect())
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>, PortError> {
        Ok((username == self.user.username).then(|| self.user.clone()))
    }

    async fn channels(&self, ids: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        Ok(ids.contains(&self.channel.id).then(|| self.channel.clone()).into_iter().collect())
    }

    async fn channels_named(&self, team: Option<TeamId>, names: &[&str]) -> Result<Vec<Channel>, PortError> {
        let is_ours = team == Some(self.team.id) && names.contains(&self.channel.name.as_str());
        Ok(is_ours.then(|| self.channel.clone()).into_iter().collect())
    }

    async fn team(&self, id: TeamId) -> Result<Option<Team>, PortError> {
        Ok((id == self.team.id).then(|| self.team.clone()))
    }

    async fn may(&self, _: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        Ok(vec![true; asks.len()])
    }

    async fn post(&self, id: PostId) -> Result<Option<Post>, PortError> {
        let file = self.file();
        let found = file.query_row("SELECT * FROM posts WHERE id = ?", [id.to_string()], |row| self.read(row));
        found.optional().map_err(PortError::new)
    }

    async fn members_named(&self, _: ChannelId, _: &[&str]) -> Result<Vec<User>, PortError> {
        Ok(Vec::new())
    }
}

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS posts
        (id TEXT PRIMARY KEY, create_at INTEGER NOT NULL, message TEXT NOT NULL, effect BLOB UNIQUE);
    CREATE INDEX IF NOT EXISTS posts_by_time ON posts (create_at);
";
