//! `GET /api/v4/websocket` (API-56 to API-61): one connection.

use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use jackfield::id::{ChannelId, RequestId};
use jackfield::port::{Credential, CredentialSource, Scope, Session};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::events::{self, Broadcast};
use super::hub::Seat;
use crate::ambient::{now, random};
use crate::app::{App, Server};
use crate::caller::{Params, Visitor};
use crate::errors::Failure;

/// Upgrades the connection.
pub(crate) async fn upgrade(
    State(server): State<Server>,
    visitor: Visitor,
    params: Params,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    const ID: &str = "api.web_socket.connect.upgrade.app_error";
    if !is_own_page(&server.app, &headers) {
        return Err(Failure::refused(StatusCode::FORBIDDEN, ID, "Pages of other sites may not connect."));
    }
    let upgrade = upgrade.map_err(|error| Failure::refused(StatusCode::BAD_REQUEST, ID, error.body_text()))?;
    let resumes = !params.text("connection_id").is_empty();
    let sense = jackfield::id::UserId::parse(params.text("connection_id")).is_ok()
        && params.text("sequence_number").parse::<u64>().is_ok();
    let session = visitor.0.map(|caller| caller.session().clone());
    Ok(upgrade.max_message_size(LONGEST_MESSAGE).on_upgrade(async move |socket| {
        // Nothing is kept for a connection that broke, so one that resumes begins anew; nonsense is closed (API-61a).
        if session.is_none() || !resumes || sense {
            Connection { server, sequence: 0, session: None, socket }.serve(session).await;
        }
    }))
}

/// One connection.
struct Connection {
    sequence: u64,
    server: Server,
    session: Option<Session>,
    socket: WebSocket,
}

/// What a client asks for.
#[derive(Deserialize)]
struct Request {
    #[serde(default)]
    action: String,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    seq: Value,
}

/// The other side is gone, or must go.
struct Gone;

impl Connection {
    async fn serve(mut self, session: Option<Session>) {
        let mut seat = None;
        if let Some(session) = session {
            seat = self.welcome(session).await.ok();
        }
        let mut closing = self.server.app.hub.closing();
        let _ = self.talk(&mut seat, &mut closing).await;
        if let Some(seat) = seat {
            self.server.app.hub.leave(&seat);
        }
    }

    /// Sends events and answers requests until the connection ends.
    async fn talk(&mut self, seat: &mut Option<Seat>, closing: &mut watch::Receiver<bool>) -> Result<(), Gone> {
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut silence_ends = Instant::now() + if seat.is_some() { LONGEST_SILENCE } else { LOGIN_WITHIN };
        loop {
            tokio::select! {
                message = self.socket.recv() => {
                    let message = message.and_then(Result::ok).ok_or(Gone)?;
                    if seat.is_some() {
                        silence_ends = Instant::now() + LONGEST_SILENCE;
                    }
                    if let Message::Text(text) = message {
                        let welcomed = self.answer(text.as_str(), seat.is_some()).await?;
                        if welcomed.is_some() {
                            *seat = welcomed;
                            silence_ends = Instant::now() + LONGEST_SILENCE;
                        }
                    }
                }
                frame = next_frame(seat) => {
                    let Some(frame) = frame else {
                        return self.close(1013, "events came faster than they were read, or the session ended").await;
                    };
                    self.event(&frame).await?;
                }
                _ = ping.tick() => self.send(Message::Ping(Default::default())).await?,
                () = sleep_until(silence_ends) => return self.close(1000, "nothing was heard for too long").await,
                () = stops(closing) => return self.close(1001, "the server stops").await,
            }
        }
    }

    /// Takes the connection into the hub and says hello.
    async fn welcome(&mut self, session: Session) -> Result<Seat, Gone> {
        let seat = self.server.app.hub.join(session.user_id, session.id);
        let connection_id = random().map(RequestId::from_random).map_err(|_| Gone)?;
        let data = json!({
            "connection_id": connection_id, "server_hostname": "localhost",
            "server_version": self.version(connection_id),
        });
        let broadcast = Broadcast { user: Some(session.user_id), ..Broadcast::default() };
        let hello = events::frame("hello", &data, &broadcast, &[]);
        self.session = Some(session);
        self.event(&hello).await.inspect_err(|_| self.server.app.hub.leave(&seat))?;
        Ok(seat)
    }

    /// What answers say in `X-Version-Id`.
    fn version(&self, id: RequestId) -> String {
        let mut headers = HeaderMap::new();
        self.server.api.common_headers(&mut headers, id, &Method::GET);
        headers.get("x-version-id").and_then(|version| version.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Answers one request; returns a seat if it logged the connection in.
    async fn answer(&mut self, text: &str, known: bool) -> Result<Option<Seat>, Gone> {
        let request: Request = match serde_json::from_str(text) {
            Ok(request) => request,
            Err(_) => return self.fail(&Value::Null, "bad_seq", 400).await,
        };
        let seq = &request.seq;
        if request.action == "authentication_challenge" {
            if known {
                return Ok(None);
            }
            let token = request.data.get("token").and_then(Value::as_str).unwrap_or_default();
            let credential = Credential::new(CredentialSource::Header, token);
            let Ok(Some(caller)) = self.server.api.engine().caller(&credential, None).await else {
                let _ = self.close(4001, "the token is not valid").await;
                return Err(Gone);
            };
            let seat = self.welcome(caller.session().clone()).await?;
            self.reply(seq, None).await?;
            return Ok(Some(seat));
        }
        if request.action.is_empty() {
            return self.fail(seq, "no_action", 400).await;
        }
        if seq.as_i64().is_none_or(|seq| seq <= 0) {
            return self.fail(&Value::Null, "bad_seq", 400).await;
        }
        if !known {
            return self.fail(seq, "not_authenticated", 400).await;
        }
        match request.action.as_str() {
            "ping" => {
                let data = json!({"node_id": "", "server_time": now(), "text": "pong", "version": "11.6.0"});
                self.reply(seq, Some(data)).await?;
            }
            "user_typing" => {
                self.typing(&request.data);
                self.reply(seq, None).await?;
            }
            "presence" | "user_update_active_status" | "posted_notify_ack" => self.reply(seq, None).await?,
            _ => return self.fail(seq, "bad_action", 500).await,
        }
        Ok(None)
    }

    /// Tells the channel that the user types.
    fn typing(&self, data: &Value) {
        let text = |key| data.get(key).and_then(Value::as_str).unwrap_or_default();
        let (Some(session), Ok(channel)) = (&self.session, ChannelId::parse(text("channel_id"))) else { return };
        let user = session.user_id;
        if self.server.app.may(user, "create_post", Scope::Channel(channel)).unwrap_or_default() {
            let data = json!({"parent_id": text("parent_id"), "user_id": user});
            events::to_channel(&self.server.app, channel, "typing", &data, Some(user));
        }
    }

    /// Sends an event under the connection's next number.
    async fn event(&mut self, frame: &str) -> Result<(), Gone> {
        let text = format!("{frame},\"seq\":{}}}", self.sequence);
        self.sequence += 1;
        self.send(Message::text(text)).await
    }

    async fn reply(&mut self, seq: &Value, data: Option<Value>) -> Result<(), Gone> {
        let mut reply = json!({"status": "OK", "seq_reply": seq});
        if let (Some(data), Some(members)) = (data, reply.as_object_mut()) {
            members.insert("data".to_owned(), data);
        }
        self.send(Message::text(reply.to_string())).await
    }

    async fn fail(&mut self, seq: &Value, why: &str, status: u16) -> Result<Option<Seat>, Gone> {
        let mut reply = json!({"status": "FAIL", "error": {
            "id": format!("api.web_socket_router.{why}.app_error"), "message": "The request was not understood.",
            "detailed_error": "", "status_code": status,
        }});
        if let (true, Some(members)) = (seq.is_i64(), reply.as_object_mut()) {
            members.insert("seq_reply".to_owned(), seq.clone());
        }
        self.send(Message::text(reply.to_string())).await?;
        Ok(None)
    }

    async fn close(&mut self, code: u16, reason: &'static str) -> Result<(), Gone> {
        self.send(Message::Close(Some(CloseFrame { code, reason: reason.into() }))).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(LONGEST_WRITE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(Gone),
        }
    }
}

/// Waits until the server stops.
async fn stops(closing: &mut watch::Receiver<bool>) {
    let _ = closing.wait_for(|closing| *closing).await;
}

/// The next event to send; waits for ever as long as nobody is logged in.
async fn next_frame(seat: &mut Option<Seat>) -> Option<super::hub::Frame> {
    match seat {
        Some(seat) => seat.frames.recv().await,
        None => std::future::pending().await,
    }
}

/// A page may connect if it comes from this site. Programs send no `Origin`.
fn is_own_page(app: &App, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text("origin") else { return true };
    let settings = app.settings.now();
    let host = origin.split_once("://").map(|(_, host)| host);
    let allowed = settings.text("ServiceSettings", "AllowCorsFrom");
    host.is_some() && host == text("host") || allowed.split_whitespace().any(|one| one == "*" || one == origin)
}

/// In bytes.
const LONGEST_MESSAGE: usize = 8 * 1024;
const LOGIN_WITHIN: Duration = Duration::from_secs(5);
const LONGEST_SILENCE: Duration = Duration::from_secs(100);
const LONGEST_WRITE: Duration = Duration::from_secs(30);
const PING_EVERY: Duration = Duration::from_secs(60);
