//! The example server as a process of its own, whose CPU time is told.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use std::{env, fs, process, thread};

use crate::client::Client;
use crate::common::median;

const CONNECTIONS: usize = 8;

/// The server, on data of its own that goes with it.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    child: Child,
    folder: PathBuf,
    program: PathBuf,
    synchronous: String,
}

/// What one request cost in a round, in microseconds.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    elapsed: f64,
    kernel: f64,
    user: f64,
}

impl Round {
    pub(crate) fn cpu(self) -> f64 {
        self.kernel + self.user
    }
}

impl Server {
    /// Starts one on a new folder of this name, where a message is stored as `synchronous` says.
    pub(crate) fn start(program: &Path, name: &str, synchronous: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{name}-{}", process::id()));
        let (child, address) = spawn(program, &folder, synchronous);
        Self { address, child, folder, program: program.to_owned(), synchronous: synchronous.to_owned() }
    }

    /// Ends it, lets `change` work on its database, and starts it again.
    pub(crate) fn restart(&mut self, change: impl FnOnce(&Path)) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        change(&self.folder.join("chat.db"));
        (self.child, self.address) = spawn(&self.program, &self.folder, &self.synchronous);
    }

    /// Asks so many times over each of eight connections, all at once.
    pub(crate) fn round(&self, times: usize, ask: impl Fn(&mut Client, usize) + Sync) -> Round {
        let (kernel, user) = self.cpu();
        let began = now();
        thread::scope(|scope| {
            for _ in 0..CONNECTIONS {
                scope.spawn(|| {
                    let mut client = Client::connect(self.address).unwrap();
                    (0..times).for_each(|number| ask(&mut client, number));
                });
            }
        });
        let elapsed = began.elapsed().as_secs_f64();
        let ended = self.cpu();
        let each = 1e6 / (CONNECTIONS * times) as f64;
        Round { elapsed: elapsed * each, kernel: (ended.0 - kernel) * each, user: (ended.1 - user) * each }
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

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Prints the medians of all rounds but the first, and returns the CPU time of each request.
pub(crate) fn tell(what: &str, rounds: &[Round]) -> f64 {
    let of = |cost: fn(&Round) -> f64| median(&mut rounds.iter().skip(1).map(cost).collect::<Vec<_>>());
    let (cpu, elapsed) = (of(|round| round.cpu()), of(|round| round.elapsed));
    let (kernel, rate) = (of(|round| round.kernel), 1e6 / elapsed);
    println!("{what}: {cpu:.1} µs CPU, {kernel:.1} of it in the kernel; {rate:.0} a second");
    cpu
}

/// Builds the example server as benches are built, and returns where it is.
pub(crate) fn program() -> PathBuf {
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

fn spawn(program: &Path, folder: &Path, synchronous: &str) -> (Child, SocketAddr) {
    let mut command = Command::new(program);
    command.args(["--empty", "--listen", "127.0.0.1:0", "--synchronous", synchronous, "--data"]).arg(folder);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let Some(address) = line.trim_end().strip_prefix("listening on http://") else {
        panic!("the server did not start; it said {line:?}");
    };
    (child, address.parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> Instant {
    Instant::now()
}
