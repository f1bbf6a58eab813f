//! Changing and deleting posts (API-63).

use axum::extract::{Path, State};
use jackfield::port::Scope;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Answer;
use super::posts::{New, missing, readable, shown};
use crate::ambient::now;
use crate::app::App;
use crate::caller::{Body, Caller, post_id};
use crate::errors::Failure;
use crate::live::events;
use crate::posting::{Written, rewrite};
use crate::tables::posts::{self, Post};

/// `PUT /posts/{id}`
pub(crate) async fn replace(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let new: New = body.json("post")?;
    if new.id.as_ref() != Some(&id) {
        return Err(Failure::body("id"));
    }
    let post = editable(&app, &caller, &id).await?;
    let message = new.message.unwrap_or_else(|| post.message.clone());
    edit(&app, &caller, post, Some(message), new.props, None).await
}

#[derive(Deserialize)]
struct Patch {
    is_pinned: Option<bool>,
    message: Option<String>,
    props: Option<Map<String, Value>>,
}

/// `PUT /posts/{id}/patch`
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let patch: Patch = body.json("post")?;
    let post = editable(&app, &caller, &id).await?;
    edit(&app, &caller, post, patch.message, patch.props, patch.is_pinned).await
}

/// `POST /posts/{id}/pin`
pub(crate) async fn pin(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    set_pinned(&app, &caller, &id, true).await
}

/// `POST /posts/{id}/unpin`
pub(crate) async fn unpin(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    set_pinned(&app, &caller, &id, false).await
}

/// `DELETE /posts/{id}`
pub(crate) async fn delete(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    let post = readable(&app, &caller, post_id(&id)?).await?;
    let user = caller.account.id;
    let permission = if post.user_id == user { "delete_post" } else { "delete_others_posts" };
    caller.require(permission, Scope::Channel(post.channel_id)).await?;
    let gone = post.clone();
    app.store.write(move |connection| posts::delete(connection, &gone, Some(user), now())).await?;
    events::deleted(&app, &post, Some(user));
    Ok(Answer::done())
}

async fn set_pinned(app: &App, caller: &Caller, id: &str, pinned: bool) -> Result<Answer, Failure> {
    let mut post = readable(app, caller, post_id(id)?).await?;
    caller.require("create_post", Scope::Channel(post.channel_id)).await?;
    (post.is_pinned, post.update_at) = (pinned, now());
    store_edit(app, post).await?;
    Ok(Answer::done())
}

async fn edit(
    app: &App,
    caller: &Caller,
    mut post: Post,
    message: Option<String>,
    props: Option<Map<String, Value>>,
    pinned: Option<bool>,
) -> Result<Answer, Failure> {
    let written = Written {
        message: message.unwrap_or_else(|| post.message.clone()),
        post_type: post.post_type.clone(),
        props: props.unwrap_or_else(|| post.props.clone()),
        root_id: String::new(),
    };
    app.store.read(|connection| rewrite(app, connection, &mut post, written))?;
    post.is_pinned = pinned.unwrap_or(post.is_pinned);
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

/// A live post that the caller may change.
async fn editable(app: &App, caller: &Caller, id: &str) -> Result<Post, Failure> {
    let post = readable(app, caller, post_id(id)?).await?;
    let user = caller.account.id;
    let permission = if post.user_id == user { "edit_post" } else { "edit_others_posts" };
    caller.require(permission, Scope::Channel(post.channel_id)).await?;
    Ok(post)
}
