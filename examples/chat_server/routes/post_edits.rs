//! Changing and deleting posts (API-63).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use jackfield::port::Scope;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Answer;
use super::posts::{New, missing, readable, shown};
use crate::ambient::now;
use crate::app::{App, Server};
use crate::caller::{Body, Caller, post_id};
use crate::direct;
use crate::errors::Failure;
use crate::live::events;
use crate::posting::{Author, Written, restricted, rewrite};
use crate::tables::posts::{self, Post};

/// `PUT /posts/{id}`
pub(crate) async fn replace(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let new: New = body.json("post")?;
    if new.id.as_ref() != Some(&id) {
        return Err(Failure::body("id"));
    }
    edit(&server, &caller, &id, Patch { is_pinned: None, message: new.message, props: new.props }).await
}

#[derive(Deserialize)]
struct Patch {
    is_pinned: Option<bool>,
    message: Option<String>,
    props: Option<Map<String, Value>>,
}

/// `PUT /posts/{id}/patch`
pub(crate) async fn patch(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let patch: Patch = body.json("post")?;
    edit(&server, &caller, &id, patch).await
}

/// `POST /posts/{id}/pin`
pub(crate) async fn pin(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer, Failure> {
    set_pinned(&server, &caller, &id, true).await
}

/// `POST /posts/{id}/unpin`
pub(crate) async fn unpin(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer, Failure> {
    set_pinned(&server, &caller, &id, false).await
}

/// `DELETE /posts/{id}`
pub(crate) async fn delete(
    State(server): State<Server>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer, Failure> {
    let post = changeable(&server, &caller, &id, "delete_post", "delete_others_posts").await?;
    let (gone, user) = (post.clone(), caller.account.id);
    server.app.store.write(move |connection| posts::delete(connection, &gone, Some(user), now())).await?;
    events::deleted(&server.app, &post, Some(user));
    Ok(Answer::done())
}

async fn set_pinned(server: &Server, caller: &Caller, id: &str, pinned: bool) -> Result<Answer, Failure> {
    let mut post = changeable(server, caller, id, "create_post", "create_post").await?;
    (post.is_pinned, post.update_at) = (pinned, now());
    store_edit(&server.app, post).await?;
    Ok(Answer::done())
}

async fn edit(server: &Server, caller: &Caller, id: &str, patch: Patch) -> Result<Answer, Failure> {
    let app = &server.app;
    let mut post = changeable(server, caller, id, "edit_post", "edit_others_posts").await?;
    let limit = app.settings.now().number("ServiceSettings", "PostEditTimeLimit");
    if limit >= 0 && now() > post.create_at.saturating_add(limit.saturating_mul(1000)) {
        let message = format!("A post can be changed for {limit} seconds after it was made.");
        return Err(Failure::refused(StatusCode::BAD_REQUEST, "chat.post.edit_time_limit", message));
    }
    let written = Written {
        message: patch.message.unwrap_or_else(|| post.message.clone()),
        post_type: post.post_type.clone(),
        props: patch.props.unwrap_or_else(|| post.props.clone()),
        ..Written::default()
    };
    app.store.read(|connection| {
        let editor = Author::of(connection, &caller.engine)?;
        rewrite(app, connection, editor, &mut post, written)
    })?;
    post.is_pinned = patch.is_pinned.unwrap_or(post.is_pinned);
    let post = store_edit(app, post).await?;
    shown(app, caller, &post)
}

async fn store_edit(app: &App, post: Post) -> Result<Post, Failure> {
    let stored = app.store.write(move |connection| {
        posts::update(connection, &post)?;
        posts::find(connection, post.id)?.ok_or_else(missing)
    });
    let stored = stored.await?;
    events::edited(app, &stored);
    Ok(stored)
}

/// A live post with which the caller may do what these permissions name, of which the first is for their own posts.
async fn changeable(server: &Server, caller: &Caller, id: &str, own: &str, others: &str) -> Result<Post, Failure> {
    let (post, channel) = readable(&server.app, caller, post_id(id)?).await?;
    let permission = if post.user_id == caller.account.id { own } else { others };
    caller.require(permission, Scope::Channel(channel.id)).await?;
    if direct::allows(server, caller.account.id, &channel).await? { Ok(post) } else { Err(restricted()) }
}
