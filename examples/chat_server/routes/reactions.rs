//! Reactions to posts (API-63, API-73).

use axum::extract::{Path, State};
use axum::http::StatusCode;
use jackfield::id::{PostId, UserId};
use jackfield::port::Scope;
use serde::Deserialize;

use super::Answer;
use super::channels::list;
use super::posts::readable;
use crate::ambient::now;
use crate::app::{App, Server};
use crate::caller::{Body, Caller, post_id};
use crate::direct;
use crate::errors::Failure;
use crate::live::events;
use crate::posting::restricted;
use crate::tables::channels::Channel;
use crate::tables::posts::{self, Post};
use crate::tables::reactions::{self, Reaction};

#[derive(Deserialize)]
struct New {
    emoji_name: Option<String>,
    post_id: Option<String>,
    user_id: Option<String>,
}

/// `POST /reactions`: what is there already stays as it is.
pub(crate) async fn add(State(server): State<Server>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let invalid = || refused(StatusCode::BAD_REQUEST, "api.reaction.save_reaction.invalid.app_error");
    let new: New = body.json("reaction")?;
    let user = UserId::parse(new.user_id.as_deref().unwrap_or_default()).map_err(|_| invalid())?;
    let post = PostId::parse(new.post_id.as_deref().unwrap_or_default()).map_err(|_| invalid())?;
    let emoji_name = new.emoji_name.filter(|name| is_emoji(name)).ok_or_else(invalid)?;
    if user != caller.account.id {
        return Err(refused(StatusCode::FORBIDDEN, "api.reaction.save_reaction.user_id.app_error"));
    }
    let (post, channel) = reactable(&server, &caller, post, "add_reaction").await?;
    let reaction = Reaction { channel_id: channel.id, create_at: now(), emoji_name, post_id: post.id, user_id: user };
    let (reaction, is_new) = server
        .app
        .store
        .write(move |connection| {
            if let Some(found) = reactions::find(connection, post.id, user, &reaction.emoji_name)? {
                return Ok((found, false));
            }
            if reactions::other_emojis(connection, post.id, &reaction.emoji_name)? >= MOST_EMOJIS {
                return Err(refused(StatusCode::BAD_REQUEST, "api.reaction.save_reaction.invalid.app_error"));
            }
            reactions::insert(connection, &reaction)?;
            posts::touch(connection, post.id, reaction.create_at)?;
            Ok((reaction, true))
        })
        .await?;
    if is_new {
        events::reacted(&server.app, "reaction_added", &reaction);
    }
    Ok(Answer::ok(reaction.view()))
}

/// `DELETE /users/{id}/posts/{id}/reactions/{emoji}`: what is not there is gone already.
pub(crate) async fn remove(
    State(server): State<Server>,
    caller: Caller,
    Path((user, post, emoji)): Path<(String, String, String)>,
) -> Result<Answer, Failure> {
    let (user, post) = (caller.user(&user)?, post_id(&post)?);
    if !is_emoji(&emoji) {
        return Err(Failure::parameter("emoji_name"));
    }
    let permission = if user == caller.account.id { "remove_reaction" } else { "remove_others_reactions" };
    let (post, _) = reactable(&server, &caller, post, permission).await?;
    let job = server.app.store.write(move |connection| {
        let found = reactions::find(connection, post.id, user, &emoji)?;
        if let Some(found) = &found {
            reactions::delete(connection, found)?;
            posts::touch(connection, post.id, now())?;
        }
        Ok(found)
    });
    if let Some(gone) = job.await? {
        events::reacted(&server.app, "reaction_removed", &gone);
    }
    Ok(Answer::done())
}

/// `GET /posts/{id}/reactions`
pub(crate) async fn of_post(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    let (post, _) = readable(&app, &caller, post_id(&id)?).await?;
    let found = app.store.read(|connection| Ok(reactions::of_post(connection, post.id)?))?;
    Ok(list(found.iter().map(Reaction::view).collect()))
}

/// A post below which the caller may do this.
async fn reactable(
    server: &Server,
    caller: &Caller,
    post: PostId,
    permission: &str,
) -> Result<(Post, Channel), Failure> {
    let (post, channel) = readable(&server.app, caller, post).await?;
    caller.require(permission, Scope::Channel(channel.id)).await?;
    if channel.delete_at != 0 {
        return Err(refused(StatusCode::BAD_REQUEST, "api.reaction.save_reaction.invalid.app_error"));
    }
    if direct::allows(server, caller.account.id, &channel).await? { Ok((post, channel)) } else { Err(restricted()) }
}

fn is_emoji(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

fn refused(status: StatusCode, id: &'static str) -> Failure {
    Failure::refused(status, id, "This reaction cannot be.")
}

/// How many different emojis may stand below one post.
const MOST_EMOJIS: i64 = 50;
