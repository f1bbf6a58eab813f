//! A service behind an outgoing webhook: it looks whether token and signature are right, answers at once, works later.
//!
//! ```text
//! TOKEN=… SECRET=whsec_… LATER=http://127.0.0.1:8065/hooks/… cargo run --example receiver -- 127.0.0.1:9000
//! ```
//!
//! It is the webhook's callback URL, and its page shows `TOKEN` and `SECRET`. `LATER`, an incoming one, hears the end.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::{env, error::Error, time::Duration};

use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::{Json, Router, body::Bytes, extract::State, routing::post};
use jackfield::adapter::hyper::{HyperClient, HyperOptions};
use jackfield::port::{Clock, HttpClient, HttpLimits, SystemClock};
use jackfield::security::{EgressPolicy, EgressSettings, SigningSecret};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

struct Service {
    client: HyperClient,
    later: Option<String>,
    secret: Option<SigningSecret>,
    seen: Mutex<VecDeque<String>>,
    token: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let address = env::args().nth(1).unwrap_or_else(|| "127.0.0.1:9000".to_owned());
    let secret = env::var("SECRET").ok().map(|text| SigningSecret::parse(&text)).transpose()?;
    let (later, token) = (env::var("LATER").ok(), env::var("TOKEN").map_err(|_| "TOKEN is the webhook's token")?);
    let client = HyperClient::new(HyperOptions::default())?;
    let service = Arc::new(Service { client, later, secret, seen: Mutex::default(), token });
    let listener = tokio::net::TcpListener::bind(&address).await?;
    println!("listening on http://{address}");
    Ok(axum::serve(listener, Router::new().route("/", post(called)).with_state(service)).await?)
}

/// Takes a call: the webhook waits for the answer, and people wait for both.
async fn called(State(it): State<Arc<Service>>, headers: HeaderMap, body: Bytes) -> Result<Json<Value>, StatusCode> {
    if let Some(secret) = &it.secret {
        let now = SystemClock.now().unix_timestamp();
        secret.verify(&headers, &body, now, Duration::from_secs(300)).map_err(|_| StatusCode::UNAUTHORIZED)?;
    }
    let call = read(&headers, &body).ok_or(StatusCode::BAD_REQUEST)?;
    let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if !bool::from(text("token").as_bytes().ct_eq(it.token.as_bytes())) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    // A call may come twice, when a server stops in the middle of it: the answer is the same, the work is done once.
    let mut seen = it.seen.lock().unwrap_or_else(PoisonError::into_inner);
    if !seen.contains(&text("post_id")) {
        seen.push_front(text("post_id"));
        seen.truncate(1_000);
        tokio::spawn(work(Arc::clone(&it), text("text")));
    }
    Ok(Json(json!({"text": format!("On it, @{}.", text("user_name")), "response_type": "comment"})))
}

/// Reads a call, which comes as JSON or as a form.
fn read(headers: &HeaderMap, body: &[u8]) -> Option<BTreeMap<String, Value>> {
    match headers.get(header::CONTENT_TYPE)?.as_bytes() {
        b"application/json" => serde_json::from_slice(body).ok(),
        _ => Some(url::form_urlencoded::parse(body).map(|(name, value)| (name.into(), json!(value))).collect()),
    }
}

/// Does what takes longer than somebody waits, and posts what came of it.
async fn work(it: Arc<Service>, text: String) -> Result<Option<StatusCode>, Box<dyn Error + Send + Sync>> {
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!("done: {text}");
    let Some(later) = &it.later else { return Ok(None) };
    let body = json!({"text": format!("Done: {text}")}).to_string();
    let request = Request::post(later).header(header::CONTENT_TYPE, "application/json").body(body.into())?;
    let egress = Arc::new(EgressPolicy::new(&EgressSettings::default()));
    let limits = HttpLimits { body_bytes: 1_000, deadline: Duration::from_secs(9), egress, host_admitted: true };
    Ok(Some(it.client.send(request, limits).await?.head.status))
}
