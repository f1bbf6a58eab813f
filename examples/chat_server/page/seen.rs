//! Posts with what is drawn beside them, as one reader may see it.

use jackfield::id::{ChannelId, PostId, UserId};
use jackfield::port::Scope;
use jackfield::post::Audience;
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::visit::Visit;
use crate::app::App;
use crate::errors::Failure;
use crate::tables::accounts;
use crate::tables::channels::{self, Channel};
use crate::tables::posts::{self, Post, Range};
use crate::tables::teams::{self, Team};
use crate::view::props_seen_by;

/// A post to be drawn.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The author's own name.
    pub(crate) author: String,
    pub(crate) is_bot: bool,
    /// When the author uploaded a picture; 0 for the default one.
    pub(crate) picture_at: i64,
    pub(crate) post: Post,
    /// The props as the reader sees them.
    pub(crate) props: Map<String, Value>,
    /// How the message begins that this one answers.
    pub(crate) root: Option<String>,
}

impl Seen {
    /// Looks at a post.
    pub(crate) fn load(app: &App, connection: &Connection, post: Post, reader: UserId) -> Result<Self, Failure> {
        let props = props_seen_by(app, connection, &post, reader, Audience::Rest)?;
        let author = accounts::find(connection, post.user_id)?;
        let root = post.root_id.map(|root| posts::find(connection, root)).transpose()?.flatten();
        Ok(Self {
            is_bot: author.as_ref().is_some_and(|author| author.is_bot),
            picture_at: author.as_ref().map_or(0, |author| author.picture_at),
            author: author.map_or_else(|| "somebody".to_owned(), |author| author.username),
            post,
            props,
            root: root.map(|root| root.message.chars().take(80).collect()),
        })
    }

    /// A text of the props; empty if it is not there.
    pub(crate) fn prop(&self, name: &str) -> &str {
        self.props.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether an integration sent it.
    pub(crate) fn is_integration(&self) -> bool {
        self.is_bot || self.prop("from_webhook") == "true" || self.prop("from_bot") == "true"
    }
}

/// The team of a path, if the visitor may look into it.
pub(crate) fn team(visit: &Visit, name: &str) -> Result<Team, Failure> {
    let app = &visit.server.app;
    let found = app.store.read(|connection| Ok(teams::named(connection, name)?))?;
    let team = found.filter(|team| team.delete_at == 0).ok_or_else(|| missing("team"))?;
    let may = app.may(visit.user(), "view_team", Scope::Team(team.id))?;
    if may { Ok(team) } else { Err(missing("team")) }
}

/// The channel of a path by its name, in a team or direct, if the visitor may read it.
pub(crate) fn channel(visit: &Visit, team: &Team, name: &str) -> Result<Channel, Failure> {
    let app = &visit.server.app;
    app.store.read(|connection| {
        let of_team = channels::named(connection, Some(team.id), name)?;
        let found = if of_team.is_some() { of_team } else { channels::named(connection, None, name)? };
        readable(app, connection, visit, found)
    })
}

/// A channel by its id, if the visitor may read it.
pub(crate) fn channel_by_id(visit: &Visit, id: ChannelId) -> Result<Channel, Failure> {
    let app = &visit.server.app;
    app.store.read(|connection| readable(app, connection, visit, channels::find(connection, id)?))
}

/// A live post, with its channel, if the visitor may read it.
pub(crate) fn post(visit: &Visit, id: &str) -> Result<(Post, Channel), Failure> {
    let id = PostId::parse(id).map_err(|_| missing("message"))?;
    let app = &visit.server.app;
    app.store.read(|connection| {
        let post = posts::find(connection, id)?.filter(|post| post.delete_at == 0).ok_or_else(|| missing("message"))?;
        let channel = readable(app, connection, visit, channels::find(connection, post.channel_id)?)?;
        Ok((post, channel))
    })
}

/// A page of a channel, oldest first, and whether there is more in the direction of the range.
pub(crate) fn page(visit: &Visit, channel: &Channel, range: Range) -> Result<(Vec<Seen>, bool), Failure> {
    let app = &visit.server.app;
    app.store.read(|connection| {
        let mut found = posts::list(connection, channel.id, range, PAGE + 1, 0)?;
        let more = found.len() > PAGE as usize;
        if let (true, Range::After(_)) = (more, range) {
            found.remove(0);
        } else {
            found.truncate(PAGE as usize);
        }
        found.reverse();
        let seen = found.into_iter().map(|post| Seen::load(app, connection, post, visit.user()));
        Ok((seen.collect::<Result<_, _>>()?, more))
    })
}

/// One post.
pub(crate) fn one(visit: &Visit, post: Post) -> Result<Seen, Failure> {
    let app = &visit.server.app;
    app.store.read(|connection| Seen::load(app, connection, post, visit.user()))
}

/// A root and its answers.
pub(crate) fn thread(visit: &Visit, root: PostId) -> Result<Vec<Seen>, Failure> {
    let app = &visit.server.app;
    app.store.read(|connection| {
        let found = posts::thread(connection, root)?;
        found.into_iter().map(|post| Seen::load(app, connection, post, visit.user())).collect()
    })
}

/// There is no such thing, or it is not the visitor's to know.
pub(crate) fn missing(what: &str) -> Failure {
    Failure::missing("chat.page.missing", what)
}

fn readable(app: &App, connection: &Connection, visit: &Visit, channel: Option<Channel>) -> Result<Channel, Failure> {
    let channel = channel.ok_or_else(|| missing("channel"))?;
    let may = app.roles.may_read(connection, visit.user(), &channel)?;
    if may { Ok(channel) } else { Err(missing("channel")) }
}

/// How many posts are drawn at a time.
const PAGE: i64 = 30;
