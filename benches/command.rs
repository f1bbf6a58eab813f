//! What running a slash command costs beside its service and its host, with 100,000 commands on the server: from the line
//! to the request, and from the answer to the posts. And what is offered while somebody types.
//!
//! `cargo bench --bench command`. Ports answer at once. Beside it: the bare encoding of the form with an HMAC over it, and
//! a typed parse of the answer.

#![expect(clippy::disallowed_methods, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a bench")]

mod common;

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use async_trait::async_trait;
use bytes::Bytes;
use calls::now;
use common::{bar, median};
use common_host::Host;
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, Response};
use jackfield::adapter::memory::MemoryStorage;
use jackfield::command::{CommandRequest, ExecuteRequest};
use jackfield::engine::{Caller, Engine, Ports, Settings};
use jackfield::id::{ChannelId, PostId, TeamId};
use jackfield::port::{
    Applied, Channel, ChannelKind, Effect, HttpClient, HttpError, HttpLimits, HttpResponse, PostSink, Refused,
};
use jackfield::security::MasterKey;
use rounds::alone;
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;

#[path = "common/calls.rs"]
mod calls;
#[path = "common/host.rs"]
mod common_host;
#[path = "common/rounds.rs"]
mod rounds;

/// Commands of the one team where lines are typed, and of all others.
const HERE: usize = 1_000;
const ELSEWHERE: usize = 99_000;
const RUNS: usize = 20_000;

const LINE: &str = "/w500 web to production, 50% off & more, please";
const ANSWER: &str = r#"{"response_type":"in_channel","text":"Deployed **web** to production: <https://ci.example/42|build 42>","username":"deploy","icon_url":"https://ci.example/i.png","props":{"build":42},"goto_location":"","attachments":[{"color":"good","title":"Build 42","title_link":"https://ci.example/42","text":"All 1,204 tests passed in 3 minutes","fields":[{"title":"Branch","value":"main","short":true},{"title":"By","value":"ann","short":true}]}]}"#;

/// Notes when a request came, when it was answered, and when posts were to be made.
#[derive(Debug, Default)]
struct Stopwatch(Mutex<[Option<Instant>; 3]>);

impl Stopwatch {
    fn note(&self, place: usize) {
        self.0.lock().unwrap()[place] = Some(Instant::now());
    }
}

#[async_trait]
impl HttpClient for Stopwatch {
    async fn send(&self, request: Request<Bytes>, _: HttpLimits) -> Result<HttpResponse, HttpError> {
        self.note(0);
        black_box(request);
        let response = Response::builder().header("Content-Type", "application/json").body(()).unwrap();
        let answer = HttpResponse {
            body: Bytes::from_static(ANSWER.as_bytes()),
            head: response.into_parts().0,
            truncated: false,
        };
        self.note(1);
        Ok(answer)
    }
}

#[async_trait]
impl PostSink for Stopwatch {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        self.note(2);
        Ok(black_box(effects).iter().map(|_| Applied::posts(vec![PostId::from_random([4; 16])])).collect())
    }
}

struct Site {
    caller: Caller,
    engine: Engine,
    host: Arc<Host>,
    watch: Arc<Stopwatch>,
}

impl Site {
    fn new() -> Self {
        let (host, watch) = (Arc::new(Host::new()), Arc::new(Stopwatch::default()));
        let mut settings = Settings::default();
        settings.keys = vec![MasterKey::new([7; 32])];
        settings.site_url = url::Url::parse("https://chat.example").ok();
        let ports = Ports::new(Arc::new(MemoryStorage::default()), host.clone(), watch.clone());
        let engine = now(Engine::start(ports.with_http(watch.clone()), settings)).unwrap();
        let parts = Request::get("/").header("Authorization", "Bearer x").body(()).unwrap().into_parts().0;
        let caller = now(engine.authenticate(&parts)).unwrap().unwrap();
        let site = Self { caller, engine, host, watch };
        for number in 0..HERE {
            site.make(site.host.team().id, number);
        }
        for number in 0..ELSEWHERE {
            let team = u128::try_from(number % 99 + 1_000).unwrap();
            site.make(TeamId::from_random(team.to_be_bytes()), number);
        }
        site
    }

    fn make(&self, team: TeamId, number: usize) {
        let body = json!({
            "team_id": team, "trigger": format!("w{number:03}"), "method": "P", "url": "https://ci.example/in",
            "auto_complete": true, "auto_complete_hint": "[app]", "auto_complete_desc": "Deploys an app",
        });
        let request = CommandRequest::from_json(body.to_string().as_bytes()).unwrap();
        now(self.engine.create_command(&self.caller, request)).unwrap();
    }

    /// Runs a line; the nanoseconds to the request, and from the answer to the posts.
    fn run(&self) -> (f64, f64) {
        let request = ExecuteRequest::new(self.host.channel().id, LINE);
        let began = Instant::now();
        let answer = now(self.engine.execute_command(&self.caller, request)).unwrap();
        black_box(answer);
        let [asked, answered, posted] = self.watch.0.lock().unwrap().map(Option::unwrap);
        let nanoseconds = |from: Instant, to: Instant| to.duration_since(from).as_nanos() as f64;
        (nanoseconds(began, asked), nanoseconds(answered, posted))
    }
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only its parsing is measured")]
struct Typed {
    response_type: String,
    text: String,
    username: String,
    icon_url: String,
    props: serde_json::Map<String, serde_json::Value>,
    goto_location: String,
    attachments: Vec<Attachment>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only its parsing is measured")]
struct Attachment {
    color: String,
    title: String,
    title_link: String,
    text: String,
    fields: Vec<Field>,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only its parsing is measured")]
struct Field {
    title: String,
    value: serde_json::Value,
    short: bool,
}

/// The form alone, and an HMAC over it.
fn bare(channel: &Channel) -> usize {
    let id = channel.id.as_str();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [
        ("channel_id", id),
        ("channel_name", "dev"),
        ("command", "/w500"),
        ("response_url", "https://chat.example/hooks/commands/ybndrfg8ejkmcpqxot1uwisza3"),
        ("root_id", ""),
        ("team_domain", "team"),
        ("team_id", id),
        ("text", "web to production, 50% off & more, please"),
        ("token", "ybndrfg8ejkmcpqxot1uwisza3"),
        ("trigger_id", "eWJuZHJmZzhlamttY3BxeG90MXV3aXN6YTM6eWJuZHJmZzhlamttY3BxeG90MXV3aXN6YTM6MTcwMDAwMDAwMDAwMDo="),
        ("user_id", id),
        ("user_name", "ann"),
    ] {
        form.append_pair(name, value);
    }
    let form = form.finish();
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&[7; 64].into());
    mac.update(form.as_bytes());
    black_box(mac.finalize());
    black_box(form).len()
}

fn main() {
    let site = Site::new();
    let mut times: Vec<(f64, f64)> = (0..RUNS).map(|_| site.run()).collect();
    times.drain(..RUNS / 10); // warms up
    let request = median(&mut times.iter().map(|(request, _)| *request).collect::<Vec<_>>());
    let answer = median(&mut times.iter().map(|(_, answer)| *answer).collect::<Vec<_>>());
    let channel = Channel::new(ChannelId::from_random([2; 16]), ChannelKind::Public, "dev");
    let bare = alone(RUNS as u32, || bare(black_box(&channel)));
    let parse = alone(RUNS as u32, || serde_json::from_str::<Typed>(black_box(ANSWER)).unwrap());
    println!("line to request with {} commands: {request:.0} ns; bare form and HMAC {bare:.0} ns", HERE + ELSEWHERE);
    bar("command_request_ratio", request / bare, 6.0);
    println!("answer to posts: {answer:.0} ns; a typed parse {parse:.0} ns");
    bar("command_answer_ratio", answer / parse, 4.0);
    let team = site.host.team().id;
    let suggest = |input: &str| now(site.engine.suggest_commands(&site.caller, team, input)).unwrap();
    assert_eq!(suggest("/w12").len(), 10);
    let few = alone(2_000, || suggest(black_box("/w12")));
    bar("command_suggestions_us", few / 1_000.0, 50.0);
    println!("suggestions for `/`, {}: {:.0} µs", suggest("/").len(), alone(50, || suggest("/")) / 1_000.0);
}
