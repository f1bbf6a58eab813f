//! Posts (API-63, API-67 to API-69).

use axum::extract::{Path, State};
use jackfield::engine;
use jackfield::id::{ChannelId, PostId, UserId};
use jackfield::port::{ChannelKind, Scope, SessionKind};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Answer;
use super::channels::find as find_channel;
use crate::app::{App, Server};
use crate::caller::{self, Body, Caller, Params, post_id};
use crate::direct;
use crate::errors::Failure;
use crate::live::events;
use crate::posting::{Author, Written, compose};
use crate::tables::channels::{self, Channel};
use crate::tables::files;
use crate::tables::posts::{self, Post, Range};
use crate::view::post_for;

#[derive(Deserialize)]
pub(super) struct New {
    channel_id: Option<String>,
    create_at: Option<i64>,
    file_ids: Option<Vec<String>>,
    pub(super) id: Option<String>,
    pub(super) message: Option<String>,
    pub(super) props: Option<Map<String, Value>>,
    root_id: Option<String>,
    #[serde(rename = "type")]
    post_type: Option<String>,
}

impl New {
    fn written(self) -> Written {
        Written {
            file_ids: self.file_ids.unwrap_or_default(),
            has_id: self.id.is_some_and(|id| !id.is_empty()),
            message: self.message.unwrap_or_default(),
            post_type: self.post_type.unwrap_or_default(),
            props: self.props.unwrap_or_default(),
            root_id: self.root_id.unwrap_or_default(),
        }
    }
}

/// `POST /posts`
pub(crate) async fn create(
    State(server): State<Server>,
    caller: Caller,
    params: Params,
    body: Body,
) -> Result<Answer, Failure> {
    let new: New = body.json("post")?;
    let given = new.create_at.filter(|time| *time > 0);
    let create_at = if caller.may("manage_system", Scope::System).await? { given } else { None };
    let channel = new.channel_id.clone().unwrap_or_default();
    let mut post = write(&server, &caller.engine, &channel, new.written()).await?;
    post.create_at = create_at.unwrap_or(post.create_at);
    let app = &server.app;
    let stored = store_new(app, post, caller.engine.session().kind, params.unless_off("set_online")).await?;
    app.store.read(|connection| Ok(Answer::created(post_for(app, connection, &stored, caller.account.id)?)))
}

/// Posts what somebody wrote, if they may.
pub(crate) async fn publish(
    server: &Server,
    caller: &engine::Caller,
    channel: &str,
    written: Written,
) -> Result<Post, Failure> {
    let post = write(server, caller, channel, written).await?;
    store_new(&server.app, post, caller.session().kind, true).await
}

/// Posts what somebody says in a channel that they may write to.
pub(crate) async fn say(server: &Server, author: Author, channel: &Channel, written: Written) -> Result<Post, Failure> {
    let app = &server.app;
    let allowed = direct::allows(server, author.user, channel).await?;
    let post = app.store.read(|connection| compose(app, connection, author, channel, allowed, written))?;
    store_new(app, post, author.session(), true).await
}

/// Makes a post of what somebody wrote, in the order of API-67.
async fn write(server: &Server, caller: &engine::Caller, channel: &str, written: Written) -> Result<Post, Failure> {
    let app = &server.app;
    let channel = writable(app, caller, channel).await?;
    if !written.file_ids.is_empty() {
        caller::require(caller, "upload_file", Scope::Channel(channel.id)).await?;
    }
    let allowed = direct::allows(server, caller.user_id(), &channel).await?;
    app.store.read(|connection| {
        let author = Author::of(connection, caller)?;
        compose(app, connection, author, &channel, allowed, written)
    })
}

/// Stores a post, with those of its files that are its author's and free, and what it sets off.
async fn store_new(app: &App, mut post: Post, session: SessionKind, set_online: bool) -> Result<Post, Failure> {
    let planner = app.clone();
    let stored = app.store.write_posts(move |connection| {
        let mut attached = Vec::new();
        for id in std::mem::take(&mut post.file_ids) {
            if files::attach(connection, &id, post.user_id, post.channel_id, post.id)? {
                attached.push(id);
            }
        }
        attached.sort_unstable();
        post.file_ids = attached;
        posts::insert(connection, &post, &serde_json::to_string(&post.props)?, None)?;
        let plan = planner.plan_calls(connection, &post, Some(session))?;
        Ok((posts::find(connection, post.id)?.ok_or_else(missing)?, plan))
    });
    let (stored, plan) = stored.await?;
    events::posted(app, &stored, set_online);
    app.begin_calls(plan);
    Ok(stored)
}

#[derive(Deserialize)]
struct NewEphemeral {
    user_id: Option<String>,
    post: Option<New>,
}

/// `POST /posts/ephemeral`: shown to one user, and not stored (API-69).
pub(crate) async fn ephemeral(State(app): State<App>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let new: NewEphemeral = body.json("body")?;
    let to = new.user_id.filter(|id| !id.is_empty()).ok_or_else(|| Failure::body("user_id"))?;
    let to = UserId::parse(&to).map_err(|_| Failure::body("user_id"))?;
    let new = new.post.ok_or_else(|| Failure::body("post"))?;
    caller.require("create_post_ephemeral", Scope::System).await?;
    let channel = find_channel(&app, new.channel_id.as_deref().unwrap_or_default())?;
    let written = Written { file_ids: Vec::new(), has_id: false, post_type: String::new(), ..new.written() };
    let mut post = app.store.read(|connection| {
        let author = Author::of(connection, &caller.engine)?;
        compose(&app, connection, author, &channel, true, written)
    })?;
    "system_ephemeral".clone_into(&mut post.post_type);
    post.props.remove("from_bot");
    Ok(Answer::created(events::ephemeral(&app, to, &post)?))
}

/// `GET /posts/{id}`
pub(crate) async fn read(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    let (post, _) = readable(&app, &caller, post_id(&id)?).await?;
    shown(&app, &caller, &post)
}

/// `GET /posts/{id}/thread`
pub(crate) async fn thread(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    let (post, _) = readable(&app, &caller, post_id(&id)?).await?;
    let found = app.store.read(|connection| Ok(posts::thread(connection, post.root_id.unwrap_or(post.id))?))?;
    let mut list = list_view(&app, &caller, &found, None, None)?;
    if let Some(members) = list.as_object_mut() {
        members.insert("has_next".to_owned(), json!(false));
    }
    Ok(Answer::ok(list))
}

/// `GET /channels/{id}/posts`
pub(crate) async fn list(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
    params: Params,
) -> Result<Answer, Failure> {
    let channel = find_channel(&app, &channel)?;
    if !caller.may_read(&channel).await? {
        return Err(Failure::permission("read_channel_content"));
    }
    let bound = |name| match params.text(name) {
        "" => Ok(None),
        id => PostId::parse(id).map(Some).map_err(|_| Failure::parameter(name)),
    };
    let range = match (params.text("since").parse(), bound("before")?, bound("after")?) {
        (Ok(time), _, _) => Range::Since(time),
        (_, Some(id), _) => Range::Before(id),
        (_, _, Some(id)) => Range::After(id),
        _ => Range::Latest,
    };
    let (limit, offset) = params.page();
    let (found, older, newer) = app.store.read(|connection| {
        let found = posts::list(connection, channel.id, range, limit, offset)?;
        let beside = |post: Option<&Post>, older| match (post, range) {
            (None, _) | (_, Range::Since(_)) => Ok(None),
            (Some(post), _) => posts::neighbor(connection, channel.id, post, older),
        };
        let (older, newer) = (beside(found.last(), true)?, beside(found.first(), false)?);
        Ok((found, older, newer))
    })?;
    Ok(Answer::ok(list_view(&app, &caller, &found, older, newer)?))
}

/// The channel that a new post names, if the caller may write there (BOT-103).
async fn writable(app: &App, caller: &engine::Caller, channel: &str) -> Result<Channel, Failure> {
    let refused = || Failure::permission("create_post");
    let id = ChannelId::parse(channel).map_err(|_| refused())?;
    let channel = app.store.read(|connection| Ok(channels::find(connection, id)?))?.ok_or_else(refused)?;
    if channel.kind == ChannelKind::Public && caller::may(caller, "create_post_public", Scope::Channel(id)).await? {
        return Ok(channel);
    }
    caller::require(caller, "create_post", Scope::Channel(id)).await?;
    Ok(channel)
}

/// A live post that the caller may read, and its channel.
pub(super) async fn readable(app: &App, caller: &Caller, id: PostId) -> Result<(Post, Channel), Failure> {
    let post = app.store.read(|connection| Ok(posts::find(connection, id)?))?;
    let post = post.filter(|post| post.delete_at == 0).ok_or_else(missing)?;
    let channel = app.store.read(|connection| Ok(channels::find(connection, post.channel_id)?))?.ok_or_else(missing)?;
    if !caller.may_read(&channel).await? {
        return Err(Failure::permission("read_channel_content"));
    }
    Ok((post, channel))
}

pub(super) fn shown(app: &App, caller: &Caller, post: &Post) -> Result<Answer, Failure> {
    app.store.read(|connection| Ok(Answer::ok(post_for(app, connection, post, caller.account.id)?)))
}

fn list_view(
    app: &App,
    caller: &Caller,
    found: &[Post],
    older: Option<PostId>,
    newer: Option<PostId>,
) -> Result<Value, Failure> {
    let text = |id: Option<PostId>| id.map_or_else(String::new, String::from);
    app.store.read(|connection| {
        let mut views = Map::new();
        for post in found {
            views.insert(post.id.into(), post_for(app, connection, post, caller.account.id)?);
        }
        Ok(json!({
            "order": found.iter().map(|post| post.id).collect::<Vec<_>>(), "posts": views,
            "next_post_id": text(newer), "prev_post_id": text(older), "first_inaccessible_post_time": 0,
        }))
    })
}

pub(super) fn missing() -> Failure {
    Failure::missing("app.post.get.app_error", "post")
}
