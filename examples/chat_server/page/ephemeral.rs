//! `POST /ui/ephemeral`: an answer that only one user gets, for the script to put in its place. It is stored nowhere: the
//! script sends what it heard, and only who sent it sees what is drawn.

use axum::http::StatusCode;
use jackfield::id::{ChannelId, PostId, UserId};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::html::Html;
use super::post::{self, Manner};
use super::seen::{self, Seen};
use super::visit::Sent;
use crate::errors::Failure;
use crate::tables::accounts;
use crate::tables::posts::Post;

/// What of a post is drawn.
#[derive(Deserialize)]
struct Heard {
    channel_id: String,
    create_at: i64,
    id: String,
    message: String,
    #[serde(default)]
    props: Map<String, Value>,
    user_id: String,
}

/// `POST /ui/ephemeral`
pub(crate) async fn draw(sent: Sent) -> Result<Html, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, sent.text("team"))?;
    let heard: Heard = serde_json::from_str(sent.text("post")).map_err(|_| unreadable())?;
    let channel = ChannelId::parse(&heard.channel_id).map_err(|_| unreadable())?;
    let channel = seen::channel_by_id(visit, channel)?;
    let user_id = UserId::parse(&heard.user_id).map_err(|_| unreadable())?;
    let author = visit.server.app.store.read(|connection| Ok(accounts::find(connection, user_id)?))?;
    let seen = Seen {
        is_bot: author.as_ref().is_some_and(|author| author.is_bot),
        picture_at: author.as_ref().map_or(0, |author| author.picture_at),
        author: author.map_or_else(|| "somebody".to_owned(), |author| author.username),
        post: Post {
            channel_id: channel.id,
            create_at: heard.create_at,
            delete_at: 0,
            edit_at: 0,
            file_ids: Vec::new(),
            has_reactions: false,
            hashtags: String::new(),
            id: PostId::parse(&heard.id).map_err(|_| unreadable())?,
            is_pinned: false,
            message: heard.message,
            origin: None,
            post_type: post::EPHEMERAL.to_owned(),
            priority: None,
            props: Map::new(),
            replies: 0,
            root_id: None,
            update_at: heard.create_at,
            user_id,
        },
        props: heard.props,
        root: None,
    };
    let mut out = Html::new();
    post::draw(&mut out, &seen, &Manner::new(&team, &visit.server.app.settings.now()));
    Ok(out)
}

fn unreadable() -> Failure {
    Failure::refused(StatusCode::BAD_REQUEST, "chat.page.unreadable", "The answer cannot be shown.")
}
