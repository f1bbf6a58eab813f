//! The example server on SQLite, each message committed before its answer: CPU time of the server's process for each
//! call of an incoming webhook, over eight connections.
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

/// The server on data of its own, with a hook in it.
struct Server {
    address: SocketAddr,
    child: Child,
    folder: PathBuf,
    hook: String,
    /// How many calls a round has for each connection.
    calls: usize,
    rounds: Vec<Round>,
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
    let mut normal = Server::start(&program, "normal", 2_000);
    let mut full = Server::start(&program, "full", 250); // each commit waits for the disk
    for _ in 0..=ROUNDS {
        normal.round();
        full.round();
    }
    let normal = normal.tell("normal");
    full.tell("full");
    bar("example_server_cpu", normal, 100.0);
}

impl Server {
    fn start(program: &Path, synchronous: &str, calls: usize) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{synchronous}-{}", process::id()));
        let mut command = Command::new(program);
        command.args(["--empty", "--listen", "127.0.0.1:0", "--synchronous", synchronous, "--data"]).arg(&folder);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(address) = line.trim_end().strip_prefix("listening on http://") else {
            panic!("the server did not start; it said {line:?}");
        };
        let address = address.parse().unwrap();
        Self { address, child, folder, hook: make_hook(address), calls, rounds: Vec::new() }
    }

    /// Calls the hook over all connections at once.
    fn round(&mut self) {
        let (kernel, user) = self.cpu();
        let began = now();
        thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| call(self.address, &self.hook, self.calls));
            }
        });
        let elapsed = began.elapsed().as_secs_f64();
        let ended = self.cpu();
        let each = 1e6 / (CONNECTIONS * self.calls) as f64;
        let round = Round { elapsed: elapsed * each, kernel: (ended.0 - kernel) * each, user: (ended.1 - user) * each };
        self.rounds.push(round);
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

    /// Prints the medians, and returns the CPU time of a call.
    fn tell(&self, name: &str) -> f64 {
        let of = |cost: fn(&Round) -> f64| median(&mut self.rounds.iter().skip(1).map(cost).collect::<Vec<_>>());
        let (cpu, elapsed) = (of(|round| round.kernel + round.user), of(|round| round.elapsed));
        let (kernel, calls) = (of(|round| round.kernel), 1e6 / elapsed);
        println!("synchronous={name}: {cpu:.1} µs CPU a call, {kernel:.1} of it in the kernel; {calls:.0} calls/s");
        cpu
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn call(address: SocketAddr, hook: &str, calls: usize) {
    let mut client = Client::connect(address).unwrap();
    let (path, body) = (format!("/hooks/{hook}"), alert());
    for _ in 0..calls {
        let answer = client.send("POST", &path, &[("Content-Type", "application/json")], &body).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    }
}

fn make_hook(address: SocketAddr) -> String {
    let mut client = Client::connect(address).unwrap();
    let account = json!({ "username": "ann", "email": "ann@example.com", "password": "correct horse" });
    client.send("POST", "/api/v4/users", &[], &account.to_string()).unwrap().json();
    let login = json!({ "login_id": "ann", "password": "correct horse" }).to_string();
    let token = client.send("POST", "/api/v4/users/login", &[], &login).unwrap().token;
    let authorization = format!("Bearer {token}");
    let mut ask = |method: &str, path: &str, body: &str| {
        client.send(method, path, &[("Authorization", &authorization)], body).unwrap().text("id")
    };
    let team =
        ask("POST", "/api/v4/teams", &json!({ "name": "bench", "display_name": "Bench", "type": "O" }).to_string());
    let channel = ask("GET", &format!("/api/v4/teams/{team}/channels/name/town-square"), "");
    ask("POST", "/api/v4/hooks/incoming", &json!({ "channel_id": channel, "display_name": "Deploys" }).to_string())
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
