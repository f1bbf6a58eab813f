//! The example server on SQLite: CPU time of the server's process for each call of an incoming webhook, whose message is
//! committed before the answer, and for each look of a personal access token at its own user. Eight connections.
//!
//! `cargo bench --bench example_server`, on Linux. It builds the server first.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use std::{env, fs, process, thread};

use alert::alert;
use client::Client;
use common::{bar, median};
use serde_json::json;

#[path = "common/alert.rs"]
mod alert;
#[path = "../tests/it/crash/client.rs"]
mod client;

const CONNECTIONS: usize = 8;
const ROUNDS: usize = 7;

/// The server on data of its own, with a hook and a token in it.
struct Server {
    address: SocketAddr,
    child: Child,
    folder: PathBuf,
    hook: String,
    token: String,
}

/// What one call cost in a round, in microseconds.
#[derive(Clone, Copy)]
struct Round {
    elapsed: f64,
    kernel: f64,
    user: f64,
}

fn main() {
    let program = program();
    let (normal, full) = (Server::start(&program, "normal"), Server::start(&program, "full"));
    let (mut looks, mut posts, mut durable_posts) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        posts.push(normal.round(2_000, Server::call_hook));
        durable_posts.push(full.round(250, Server::call_hook)); // each commit waits for the disk
        looks.push(normal.round(2_000, Server::look_at_oneself));
    }
    let posts = tell("a call of a hook, synchronous=normal", &posts);
    tell("a call of a hook, synchronous=full", &durable_posts);
    let looks = tell("a look at oneself with a personal access token", &looks);
    bar("example_server_cpu", posts, 100.0);
    bar("example_server_users_me_cpu", looks, 60.0);
}

impl Server {
    fn start(program: &Path, synchronous: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{synchronous}-{}", process::id()));
        let mut command = Command::new(program);
        command.args(["--empty", "--listen", "127.0.0.1:0", "--synchronous", synchronous, "--data"]).arg(&folder);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = line.trim_end().strip_prefix("listening on http://") else {
            panic!("the server did not start; it said {line:?}");
        };
        let address = address.parse().unwrap();
        let (hook, token) = make_hook_and_token(address);
        Self { address, child, folder, hook, token }
    }

    /// Asks so many times over each connection, all at once.
    fn round(&self, times: usize, ask: impl Fn(&Self, &mut Client) + Sync) -> Round {
        let (kernel, user) = self.cpu();
        let began = now();
        thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| {
                    let mut client = Client::connect(self.address).unwrap();
                    (0..times).for_each(|_| ask(self, &mut client));
                });
            }
        });
        let elapsed = began.elapsed().as_secs_f64();
        let ended = self.cpu();
        let each = 1e6 / (CONNECTIONS * times) as f64;
        Round { elapsed: elapsed * each, kernel: (ended.0 - kernel) * each, user: (ended.1 - user) * each }
    }

    fn call_hook(&self, client: &mut Client) {
        let kind = [("Content-Type", "application/json")];
        let answer = client.send("POST", &format!("/hooks/{}", self.hook), &kind, &alert()).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    }

    fn look_at_oneself(&self, client: &mut Client) {
        let authorization = format!("Bearer {}", self.token);
        let answer = client.send("GET", "/api/v4/users/me", &[("Authorization", &authorization)], "").unwrap();
        assert!(answer.status == 200 && answer.body.contains("ann@example.com"));
    }

    /// CPU time of the process so far, in seconds: in the kernel and outside of it.
    fn cpu(&self) -> (f64, f64) {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let (_, fields) = stat.rsplit_once(')').unwrap(); // the program's name may hold anything
        let seconds = |field: usize| {
            let ticks: f64 = fields.split_whitespace().nth(field).unwrap().parse().unwrap();
            ticks / 100.0 // Linux tells all programs of a hundred ticks a second
        };
        (seconds(12), seconds(11))
    }
}

/// Prints the medians of all rounds but the first, and returns the CPU time of each request.
fn tell(what: &str, rounds: &[Round]) -> f64 {
    let of = |cost: fn(&Round) -> f64| median(&mut rounds.iter().skip(1).map(cost).collect::<Vec<_>>());
    let (cpu, elapsed) = (of(|round| round.kernel + round.user), of(|round| round.elapsed));
    let (kernel, rate) = (of(|round| round.kernel), 1e6 / elapsed);
    println!("{what}: {cpu:.1} µs CPU, {kernel:.1} of it in the kernel; {rate:.0} a second");
    cpu
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn make_hook_and_token(address: SocketAddr) -> (String, String) {
    let mut client = Client::connect(address).unwrap();
    let account = json!({ "username": "ann", "email": "ann@example.com", "password": "correct horse" });
    client.send("POST", "/api/v4/users", &[], &account.to_string()).unwrap().json();
    let login = json!({ "login_id": "ann", "password": "correct horse" }).to_string();
    let token = client.send("POST", "/api/v4/users/login", &[], &login).unwrap().token;
    let authorization = format!("Bearer {token}");
    let mut ask = |method: &str, path: &str, body: &str| {
        client.send(method, path, &[("Authorization", &authorization)], body).unwrap()
    };
    let team = json!({ "name": "bench", "display_name": "Bench", "type": "O" }).to_string();
    let team = ask("POST", "/api/v4/teams", &team).text("id");
    let channel = ask("GET", &format!("/api/v4/teams/{team}/channels/name/town-square"), "").text("id");
    let hook = json!({ "channel_id": channel, "display_name": "Deploys" }).to_string();
    let hook = ask("POST", "/api/v4/hooks/incoming", &hook).text("id");
    let on = json!({ "ServiceSettings": { "EnableUserAccessTokens": true } }).to_string();
    ask("PUT", "/api/v4/config/patch", &on).json();
    let token = json!({ "description": "bench" }).to_string();
    let token = ask("POST", "/api/v4/users/me/tokens", &token).text("token");
    (hook, token)
}

/// Builds the example server as benches are built, and returns where it is.
fn program() -> PathBuf {
    let bench = env::current_exe().unwrap();
    let profile = bench.parent().and_then(Path::parent).unwrap();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into()));
    cargo.args(["build", "--quiet", "--profile", "bench", "--example", "chat_server", "--target-dir"]);
    cargo.arg(profile.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
    let built = cargo.status().is_ok_and(|status| status.success());
    let program = profile.join("examples").join("chat_server");
    assert!(built && program.exists(), "`{cargo:?}` does not build {}", program.display());
    program
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> Instant {
    Instant::now()
}
