//! The example server on SQLite: CPU time of the server's process for each call of an incoming webhook, whose message is
//! committed before the answer, for each look of a personal access token at its own user, for each slash command that a
//! service answers, and how much more a post costs where there are many outgoing webhooks. Eight connections.
//!
//! `cargo bench --bench example_server`, on Linux. It builds the server first. `JACKFIELD_BENCH=calls`,
//! `outgoing_hooks_post` or `command_call` runs that part alone.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::env;
use std::net::SocketAddr;
use std::path::Path;

use alert::alert;
use answering::answering;
use client::{Answer, Client};
use common::{bar, median};
use example::{Server, program, tell};
use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage};
use jackfield::id::{ChannelId, TeamId, UserId};
use jackfield::port::{Change, Committed, Storage};
use outgoing_hooks::{MESSAGES, hooks, record};
use serde_json::{Value, json};

#[path = "common/alert.rs"]
mod alert;
#[path = "common/answering.rs"]
mod answering;
#[path = "../tests/it/crash/client.rs"]
mod client;
#[path = "common/example.rs"]
mod example;
#[path = "common/outgoing_hooks.rs"]
#[expect(dead_code, reason = "what matches is for another bench")]
mod outgoing_hooks;
#[path = "../examples/chat_server/schema.rs"]
mod schema;

const ROUNDS: usize = 7;
/// How often the servers with and without hooks take turns.
const ALTERNATIONS: usize = 10;
const HOOKS: usize = 100_000;
/// What the service of a slash command answers.
const ANSWER: &str = r#"{"response_type":"in_channel","text":"Deployed **web** to production: <https://ci.example/42|build 42>","username":"deploy"}"#;
const QUIET: &str = r#"{"response_type":"ephemeral","text":"Deployed **web** to production"}"#;

/// Somebody with a session, in a team and its first channel.
struct Ann {
    authorization: String,
    channel: ChannelId,
    team: TeamId,
    user: UserId,
}

type Part = fn(&Path);

fn main() {
    let program = program();
    let parts: [(&str, Part); 3] =
        [("calls", calls), ("command_call", command_call), ("outgoing_hooks_post", outgoing_hooks_post)];
    let wanted = env::var("JACKFIELD_BENCH").ok();
    for (name, part) in parts {
        if wanted.as_deref().is_none_or(|wanted| wanted == name) {
            part(&program);
        }
    }
}

/// Calls of incoming webhooks, and looks at oneself.
fn calls(program: &Path) {
    let [normal, full] = ["normal", "full"].map(|synchronous| {
        let server = Server::start(program, synchronous, synchronous);
        let ann = Ann::join(server.address);
        let (hook, token) = ann.hook_and_token(server.address);
        (server, hook, token)
    });
    let call_hook = |hook: &str, client: &mut Client| {
        let kind = [("Content-Type", "application/json")];
        let answer = client.send("POST", &format!("/hooks/{hook}"), &kind, &alert()).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    };
    let (mut looks, mut posts, mut durable_posts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        posts.push(normal.0.round(2_000, |client, _| call_hook(&normal.1, client)));
        durable_posts.push(full.0.round(250, |client, _| call_hook(&full.1, client))); // each waits for the disk
        looks.push(normal.0.round(2_000, |client, _| look_at_oneself(&normal.2, client)));
    }
    let posts = tell("a call of a hook, synchronous=normal", &posts);
    tell("a call of a hook, synchronous=full", &durable_posts);
    let looks = tell("a look at oneself with a personal access token", &looks);
    bar("example_server_cpu", posts, 100.0);
    bar("example_server_users_me_cpu", looks, 60.0);
}

fn look_at_oneself(token: &str, client: &mut Client) {
    let authorization = format!("Bearer {token}");
    let answer = client.send("GET", "/api/v4/users/me", &[("Authorization", &authorization)], "").unwrap();
    assert!(answer.status == 200 && answer.body.contains("ann@example.com"));
}

/// Slash commands whose service answers with a post in the channel, and with one that only who typed it sees.
fn command_call(program: &Path) {
    let server = Server::start(program, "commands", "normal");
    let ann = Ann::join(server.address);
    let mut client = Client::connect(server.address).unwrap();
    let inside = json!({ "ServiceSettings": { "AllowedUntrustedInternalConnections": "127.0.0.1" } });
    ann.ask(&mut client, "PUT", "/api/v4/config/patch", &inside).json();
    for (trigger, answer) in [("deploy", ANSWER), ("quiet", QUIET)] {
        let url = format!("http://{}/in", answering(answer));
        let command = json!({ "team_id": ann.team, "trigger": trigger, "method": "P", "url": url });
        ann.ask(&mut client, "POST", "/api/v4/commands", &command).json();
    }
    let run = |client: &mut Client, line: &str, kind: &str| {
        let line = json!({ "channel_id": ann.channel, "team_id": ann.team, "command": line });
        let answer = ann.ask(client, "POST", "/api/v4/commands/execute", &line);
        assert!(answer.status == 200 && answer.body.contains(kind), "{answer:?}");
    };
    let (mut loud, mut quiet) = (Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        loud.push(server.round(1_000, |client, _| run(client, "/deploy web to production", "in_channel")));
        quiet.push(server.round(1_000, |client, _| run(client, "/quiet web to production", "ephemeral")));
    }
    let loud = tell("a slash command answered in the channel", &loud);
    tell("a slash command answered to one alone", &quiet);
    bar("command_call", loud, 250.0);
}

/// Posts that set nothing off, on a server without outgoing webhooks and on one with many.
fn outgoing_hooks_post(program: &Path) {
    let [(none, ann), (many, ben)] = ["none", "many"].map(|name| {
        let mut server = Server::start(program, name, "normal");
        let ann = Ann::join(server.address);
        server.restart(|file| {
            if name == "many" {
                ann.fill(file)
            }
        });
        (server, ann)
    });
    let post = |ann: &Ann, client: &mut Client, number: usize| {
        let message = json!({ "channel_id": ann.channel, "message": MESSAGES[number % MESSAGES.len()] });
        assert_eq!(ann.ask(client, "POST", "/api/v4/posts", &message).status, 201);
    };
    let (mut bare, mut beside, mut more) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..=ALTERNATIONS {
        bare.push(none.round(1_200, |client, number| post(&ann, client, number)));
        beside.push(many.round(1_200, |client, number| post(&ben, client, number)));
        if number > 0 {
            more.push(beside[number].cpu() - bare[number].cpu());
        }
    }
    tell("a post without outgoing webhooks", &bare);
    tell(&format!("a post beside {HOOKS} that it does not set off"), &beside);
    bar("outgoing_hooks_post", median(&mut more), 5.0);
}

impl Ann {
    /// Makes the first account of a server, and a team.
    fn join(address: SocketAddr) -> Self {
        let mut client = Client::connect(address).unwrap();
        let account = json!({ "username": "ann", "email": "ann@example.com", "password": "correct horse" });
        let user = client.send("POST", "/api/v4/users", &[], &account.to_string()).unwrap().text("id");
        let login = json!({ "login_id": "ann", "password": "correct horse" }).to_string();
        let token = client.send("POST", "/api/v4/users/login", &[], &login).unwrap().token;
        let user = UserId::parse(&user).unwrap();
        let (channel, team) = (ChannelId::from_random([0; 16]), TeamId::from_random([0; 16]));
        let mut ann = Self { authorization: format!("Bearer {token}"), channel, team, user };
        let team = json!({ "name": "bench", "display_name": "Bench", "type": "O" });
        let team = ann.ask(&mut client, "POST", "/api/v4/teams", &team).text("id");
        let path = format!("/api/v4/teams/{team}/channels/name/town-square");
        let channel = ann.ask(&mut client, "GET", &path, &Value::Null).text("id");
        (ann.channel, ann.team) = (ChannelId::parse(&channel).unwrap(), TeamId::parse(&team).unwrap());
        ann
    }

    fn ask(&self, client: &mut Client, method: &str, path: &str, body: &Value) -> Answer {
        client.send(method, path, &[("Authorization", &self.authorization)], &body.to_string()).unwrap()
    }

    /// Makes an incoming webhook and a personal access token.
    fn hook_and_token(&self, address: SocketAddr) -> (String, String) {
        let mut client = Client::connect(address).unwrap();
        let hook = json!({ "channel_id": self.channel, "display_name": "Deploys" });
        let hook = self.ask(&mut client, "POST", "/api/v4/hooks/incoming", &hook).text("id");
        let on = json!({ "ServiceSettings": { "EnableUserAccessTokens": true } });
        self.ask(&mut client, "PUT", "/api/v4/config/patch", &on).json();
        let token = json!({ "description": "bench" });
        (hook, self.ask(&mut client, "POST", "/api/v4/users/me/tokens", &token).text("token"))
    }

    /// Writes outgoing webhooks of the team into the database of a server that does not run.
    fn fill(&self, file: &Path) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let storage = SqliteStorage::open(file, SqliteOptions::default().with_migrations(schema::STEPS)).unwrap();
        let hooks = hooks(HOOKS, self.channel);
        let records: Vec<Change> = hooks.iter().map(|hook| record(hook, self.team, self.user)).collect();
        for changes in records.chunks(1_000) {
            assert_eq!(runtime.block_on(storage.commit(changes.to_vec())).unwrap(), Committed::Applied);
        }
    }
}
