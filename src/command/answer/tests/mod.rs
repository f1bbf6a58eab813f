mod places;
mod posts;
mod read;
mod shown;

use http::{Response, response};
use serde_json::{Map, Value, json};

use super::draft::NotPosted;
use super::{Answer, Drafted, Facts, Piece, Source, draft, read_delayed, read_response};
use crate::command::{DelayedError, ExecuteError};
use crate::id::{ActionId, ChannelId, PostId, UserId};
use crate::port::{SessionKind, User};
use crate::post::{Destination, MAX_MESSAGE_RUNES, Overrides, PostDraft};

const ANN: &str = "annannannannannannannannan";
const JSON: Option<&[u8]> = Some(b"application/json");
const NO: Overrides = Overrides { icon: false, username: false };
const BOTH: Overrides = Overrides { icon: true, username: true };
const CUSTOM: Source<'_> = Source::Custom { icon_url: "", username: "" };

fn channel(number: u8) -> ChannelId {
    ChannelId::from_random([number; 16])
}

fn root() -> PostId {
    PostId::from_random([4; 16])
}

fn ann() -> User {
    User::new(UserId::parse(ANN).unwrap(), "ann")
}

fn answer(value: Value) -> Answer {
    Answer::from_json(value.to_string().as_bytes()).unwrap()
}

/// Drafts for a custom command of ann's, run in channel 1, in a thread; she is in channel 2 too.
fn drafted_with(value: Value, change: impl FnOnce(&mut Facts<'_>)) -> Drafted {
    let user = ann();
    let people = [ann()];
    let joined = [channel(2)];
    let mut facts = Facts {
        channel_id: channel(1),
        joined: &joined,
        overrides: NO,
        people: &people,
        root_id: Some(root()),
        session: None,
        silent: &[],
        source: CUSTOM,
        user: &user,
    };
    change(&mut facts);
    let mut next = 0;
    draft(answer(value), &facts, &mut || {
        next += 1;
        ActionId::from_random([next; 16])
    })
}

fn drafted(value: Value) -> Drafted {
    drafted_with(value, |_| ())
}

fn pieces(value: Value) -> Vec<Piece> {
    drafted(value).pieces
}

/// The one post of the one piece.
fn post(drafted: Drafted) -> PostDraft {
    match <[Piece; 1]>::try_from(drafted.pieces) {
        Ok([Piece::Posts(posts)]) => <[PostDraft; 1]>::try_from(posts).unwrap()[0].clone(),
        Ok([Piece::Ephemeral(post)]) => *post,
        other => panic!("{other:?}"),
    }
}

fn props(drafted: Drafted) -> Value {
    Value::Object(post(drafted).props.to_map())
}

fn head(status: u16, content_type: Option<&str>) -> response::Parts {
    let mut response = Response::builder().status(status);
    if let Some(content_type) = content_type {
        response = response.header("content-type", content_type);
    }
    response.body(()).unwrap().into_parts().0
}
