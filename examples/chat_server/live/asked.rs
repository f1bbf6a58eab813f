//! What clients ask for over the websocket (API-60).

use jackfield::engine;
use jackfield::id::{ChannelId, UserId};
use jackfield::port::Scope;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::events;
use crate::ambient::now;
use crate::app::App;
use crate::caller;
use crate::errors::Failure;
use crate::presence;
use crate::routes::status_of;

/// One request.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) action: String,
    data: Value,
    /// None if it is no number.
    pub(crate) seq: Option<i64>,
}

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    action: String,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    seq: Value,
}

impl Asked {
    /// Reads a text frame.
    pub(crate) fn of_text(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self::of_wire)
    }

    /// Reads a binary frame, which is the same in MessagePack.
    pub(crate) fn of_binary(bytes: &[u8]) -> Option<Self> {
        rmp_serde::from_slice(bytes).ok().map(Self::of_wire)
    }

    fn of_wire(wire: Wire) -> Self {
        Self { action: wire.action, data: wire.data, seq: wire.seq.as_i64() }
    }

    /// A text of the data; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.data.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Does what is asked for, and says what to answer.
    pub(crate) async fn reply(&self, app: &App, caller: &engine::Caller) -> Value {
        let data = match self.action.as_str() {
            "ping" => Ok(Some(json!({"node_id": "", "server_time": now(), "text": "pong", "version": "11.6.0"}))),
            "user_typing" => self.type_in_channel(app, caller).await.map(|()| None),
            "get_statuses" => self.statuses(app, app.hub.listeners().into_iter()).map(Some),
            "get_statuses_by_ids" => self.statuses(app, self.ids()).map(Some),
            "user_update_active_status" => self.set_active(app, caller.user_id()).await.map(|()| None),
            "presence" | "posted_notify_ack" => Ok(None),
            _ => return refusal(self.seq, "bad_action", 500),
        };
        match data {
            Ok(data) => done(self.seq, data),
            Err(failure) => {
                eprintln!("a request over a websocket failed: {failure}");
                refusal(self.seq, "failed", 500)
            }
        }
    }

    /// Tells the channel that the user types.
    async fn type_in_channel(&self, app: &App, caller: &engine::Caller) -> Result<(), Failure> {
        let Ok(channel) = ChannelId::parse(self.text("channel_id")) else { return Ok(()) };
        if caller::may(caller, "create_post", Scope::Channel(channel)).await? {
            let user = caller.user_id();
            let data = json!({"parent_id": self.text("parent_id"), "user_id": user});
            events::to_channel(app, channel, "typing", &data, Some(user));
        }
        Ok(())
    }

    fn ids(&self) -> impl Iterator<Item = UserId> {
        let ids = self.data.get("user_ids").and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(|id| UserId::parse(id.as_str()?).ok())
    }

    fn statuses(&self, app: &App, users: impl Iterator<Item = UserId>) -> Result<Value, Failure> {
        app.store.read(|connection| {
            let mut found = Map::new();
            for user in users {
                if let Some(view) = status_of(app, connection, user)? {
                    found.insert(user.into(), view.get("status").cloned().unwrap_or_default());
                }
            }
            Ok(Value::Object(found))
        })
    }

    /// Takes note that the user is at work or not; what they set by hand stays, unless they do this by hand as well.
    async fn set_active(&self, app: &App, user: UserId) -> Result<(), Failure> {
        let flag = |name| self.data.get(name).and_then(Value::as_bool).unwrap_or_default();
        if !flag("manual") {
            return Ok(());
        }
        let status = if flag("user_is_active") { "online" } else { "away" };
        presence::say(app, user, status, 0).await
    }
}

/// The answer to what was done.
pub(crate) fn done(seq: Option<i64>, data: Option<Value>) -> Value {
    let mut reply = Map::new();
    reply.insert("status".to_owned(), json!("OK"));
    reply.extend(seq.map(|seq| ("seq_reply".to_owned(), json!(seq))));
    reply.extend(data.map(|data| ("data".to_owned(), data)));
    Value::Object(reply)
}

/// The answer to what was not done.
pub(crate) fn refusal(seq: Option<i64>, why: &str, status: u16) -> Value {
    let mut reply = json!({"status": "FAIL", "error": {
        "id": format!("api.web_socket_router.{why}.app_error"), "message": "The request was not understood.",
        "detailed_error": "", "status_code": status,
    }});
    if let (Some(seq), Some(members)) = (seq, reply.as_object_mut()) {
        members.insert("seq_reply".to_owned(), json!(seq));
    }
    reply
}
