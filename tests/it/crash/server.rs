//! The example server as a process of its own, which can be killed.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The process. It is killed when it is dropped.
pub(crate) struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Server {
    /// Starts it on the data of a folder; it may not listen yet. What it logs goes to a file there.
    pub(crate) fn start(program: &Path, folder: &Path) -> Self {
        Self::start_with(program, folder, &[])
    }

    /// The same with more options.
    pub(crate) fn start_with(program: &Path, folder: &Path, options: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(options);
        Self::spawn(command, folder)
    }

    /// Starts it with files that cannot grow beyond so many blocks of 512 bytes, as on a full disk.
    pub(crate) fn start_limited(program: &Path, folder: &Path, blocks: u32) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "trap '' XFSZ; ulimit -S -f $0; exec \"$@\"", &blocks.to_string()]).arg(program);
        Self::spawn(shell, folder)
    }

    /// Lifts the limit while the server runs.
    pub(crate) fn lift_limit(&self) {
        let mut prlimit = Command::new("prlimit");
        prlimit.args(["--pid", &self.child.id().to_string(), "--fsize=unlimited:"]);
        assert!(prlimit.status().unwrap().success());
    }

    fn spawn(mut command: Command, folder: &Path) -> Self {
        let log = OpenOptions::new().append(true).create(true).open(folder.join("log")).unwrap();
        command.arg("--data").arg(folder).args(["--empty", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, output }
    }

    /// Waits for the first line that it prints, which is empty if it ends without one.
    pub(crate) fn first_line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line
    }

    /// Waits until it listens.
    pub(crate) fn address(&mut self) -> SocketAddr {
        let line = self.first_line();
        let address = line.trim_end().strip_prefix("listening on http://");
        address.unwrap_or_else(|| panic!("the server did not start; it said {line:?}")).parse().unwrap()
    }

    /// The most memory that it ever had, in MiB.
    pub(crate) fn most_memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let kib = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.strip_suffix("kB")).unwrap();
        kib.trim().parse::<usize>().unwrap() / 1_024
    }

    /// Ends it with SIGKILL: it has no chance to finish anything.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Builds the example server, which takes no time if it is built, and returns where it is: beside this program, in the
/// folder `examples`.
pub(crate) fn program() -> PathBuf {
    let tests = env::current_exe().unwrap();
    let folder = tests.parent().and_then(Path::parent).unwrap();
    let profile = match folder.ends_with("release") {
        true if env::args().any(|argument| argument == "--bench") => "bench",
        true => "release",
        false => "dev",
    };
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--quiet", "--profile", profile, "--example", "chat_server", "--target-dir"]);
    cargo.arg(folder.parent().unwrap()).current_dir(env!("CARGO_MANIFEST_DIR"));
    assert!(cargo.status().unwrap().success(), "the server cannot be built");
    folder.join("examples").join("chat_server")
}
