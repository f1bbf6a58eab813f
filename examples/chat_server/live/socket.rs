//! `GET /api/v4/websocket` (API-56 to API-61a): one connection.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use jackfield::engine;
use jackfield::id::RequestId;
use jackfield::port::{Credential, CredentialSource};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::asked::{self, Asked};
use super::events::{self, Broadcast};
use super::hub::Seat;
use crate::ambient::random;
use crate::app::{App, Server};
use crate::caller::{Params, Visitor};
use crate::errors::Failure;

/// Upgrades the connection.
pub(crate) async fn upgrade(
    State(server): State<Server>,
    visitor: Visitor,
    params: Params,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    const ID: &str = "api.web_socket.connect.upgrade.app_error";
    if !is_own_page(&server.app, &headers) {
        return Err(Failure::refused(StatusCode::FORBIDDEN, ID, "Pages of other sites may not connect."));
    }
    let upgrade = upgrade.map_err(|error| Failure::refused(StatusCode::BAD_REQUEST, ID, error.body_text()))?;
    let wanted = Wanted::new(params.text("connection_id"), params.text("sequence_number"));
    let caller = visitor.0;
    let address = peer.map(|Extension(ConnectInfo(peer))| peer.ip());
    Ok(upgrade.max_message_size(LONGEST_MESSAGE).on_upgrade(async move |socket| {
        let mut connection = Connection { address, caller: None, server, socket };
        match (caller, wanted) {
            (Some(_), Wanted::Nonsense) => {
                let _ = connection.close(1008, "the connection to resume is none").await;
            }
            (caller, wanted) => connection.serve(caller, wanted).await,
        }
    }))
}

/// What a client that comes back asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Wanted {
    /// Another connection.
    New,
    /// One that cannot be.
    Nonsense,
    /// The connection of this id, from this event on.
    Resume(RequestId, u64),
}

impl Wanted {
    fn new(connection_id: &str, sequence_number: &str) -> Self {
        if connection_id.is_empty() {
            return Self::New;
        }
        match (RequestId::parse(connection_id), sequence_number.parse()) {
            (Ok(id), Ok(from)) => Self::Resume(id, from),
            _ => Self::Nonsense,
        }
    }
}

/// One connection.
struct Connection {
    address: Option<IpAddr>,
    caller: Option<engine::Caller>,
    server: Server,
    socket: WebSocket,
}

/// The other side is gone, or must go.
struct Gone;

impl Connection {
    async fn serve(mut self, caller: Option<engine::Caller>, wanted: Wanted) {
        let mut seat = None;
        if let Some(caller) = caller {
            seat = self.resume(&caller, wanted).or_else(|| self.welcome(&caller).ok());
            self.caller = Some(caller);
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
                    let asked = match message {
                        Message::Text(text) => Asked::of_text(text.as_str()),
                        Message::Binary(bytes) => Asked::of_binary(&bytes),
                        Message::Close(_) => return Err(Gone),
                        Message::Ping(_) | Message::Pong(_) => continue,
                    };
                    if let Some(welcomed) = self.answer(asked, seat.is_some()).await? {
                        silence_ends = Instant::now() + LONGEST_SILENCE;
                        *seat = Some(welcomed);
                    }
                }
                event = next_event(seat) => {
                    let Some(event) = event else {
                        return self.close(1013, "events came faster than they were read, or the session ended").await;
                    };
                    self.send(Message::text(event.as_ref())).await?;
                }
                _ = ping.tick() => self.send(Message::Ping(Default::default())).await?,
                () = sleep_until(silence_ends) => return self.close(1000, "nothing was heard for too long").await,
                () = stops(closing) => return self.close(1001, "the server stops").await,
            }
        }
    }

    /// Takes up the connection that the client had before, if it is still known.
    fn resume(&self, caller: &engine::Caller, wanted: Wanted) -> Option<Seat> {
        let Wanted::Resume(id, from) = wanted else { return None };
        self.server.app.hub.resume(id, caller.user_id(), caller.session().id, from)
    }

    /// Takes a new connection into the hub; its first event says hello.
    fn welcome(&self, caller: &engine::Caller) -> Result<Seat, Gone> {
        let id = random().map(RequestId::from_random).map_err(|_| Gone)?;
        let (user, session) = (caller.user_id(), caller.session().id);
        let seat = self.server.app.hub.join(id, user, session).ok_or(Gone)?;
        let data = json!({"connection_id": id, "server_hostname": "localhost", "server_version": self.version(id)});
        let broadcast = Broadcast { user: Some(user), ..Broadcast::default() };
        seat.push(&events::frame("hello", &data, &broadcast, &[]));
        Ok(seat)
    }

    /// What answers say in `X-Version-Id`.
    fn version(&self, id: RequestId) -> String {
        let mut headers = HeaderMap::new();
        self.server.api.common_headers(&mut headers, id, &Method::GET);
        headers.get("x-version-id").and_then(|version| version.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// Answers one request; returns a seat if it logged the connection in.
    async fn answer(&mut self, asked: Option<Asked>, known: bool) -> Result<Option<Seat>, Gone> {
        let Some(asked) = asked else {
            return self.reply(asked::refusal(None, "bad_seq", 400)).await;
        };
        if asked.action == "authentication_challenge" {
            return if known { Ok(None) } else { self.log_in(&asked).await };
        }
        if asked.action.is_empty() {
            return self.reply(asked::refusal(asked.seq, "no_action", 400)).await;
        }
        if asked.seq.is_none_or(|seq| seq <= 0) {
            return self.reply(asked::refusal(None, "bad_seq", 400)).await;
        }
        let reply = match &self.caller {
            Some(caller) if known => asked.reply(&self.server.app, caller).await,
            _ => asked::refusal(asked.seq, "not_authenticated", 400),
        };
        self.reply(reply).await
    }

    /// Logs the connection in by a token (API-57).
    async fn log_in(&mut self, asked: &Asked) -> Result<Option<Seat>, Gone> {
        let credential = Credential::new(CredentialSource::Header, asked.text("token"));
        let Ok(Some(caller)) = self.server.api.engine().caller(&credential, self.address).await else {
            let _ = self.close(4001, "the token is not valid").await;
            return Err(Gone);
        };
        let seat = self.welcome(&caller)?;
        self.caller = Some(caller);
        if let Some(hello) = seat.next().await {
            let sent = self.send(Message::text(hello.as_ref())).await;
            sent.inspect_err(|_| self.server.app.hub.leave(&seat))?;
        }
        let replied = self.reply(asked::done(asked.seq, None)).await;
        replied.inspect_err(|_| self.server.app.hub.leave(&seat))?;
        Ok(Some(seat))
    }

    async fn reply(&mut self, reply: Value) -> Result<Option<Seat>, Gone> {
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
async fn next_event(seat: &Option<Seat>) -> Option<Arc<str>> {
    match seat {
        Some(seat) => seat.next().await,
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
