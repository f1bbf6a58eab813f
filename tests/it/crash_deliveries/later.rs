//! `posted` after the host's own commit, and again at start from the checkpoint on: this program, run once more.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver as Lines};
use std::time::Duration;
use std::{env, fs, iter, thread};

use jackfield::id::Millis;

use super::host::Host;
use super::receiver::Receiver;
use super::{Course, LONGEST_WAIT, Stored, conclude, worker};
use crate::crash::Chance;

#[test]
fn a_killed_host_with_a_database_of_its_own_loses_no_delivery_that_was_accepted() {
    let course = Course::new("later", 10);
    let (mut chance, receiver) = (Chance(course.seed), Receiver::start());
    let mut accepted = BTreeSet::new();
    let first = Worker::start(&course, &receiver, 0);
    let hook = first.lines.iter().find_map(|line| line.strip_prefix("hook ").map(str::to_owned)).unwrap();
    first.kill_into(&mut accepted);
    for round in 0..course.kills {
        let worker = Worker::start(&course, &receiver, 0);
        // Some live so long that the checkpoint moves.
        let longest = if round % 10 == 9 { LONGEST_WORK * 10 } else { LONGEST_WORK };
        thread::sleep(chance.micros(longest));
        worker.kill_into(&mut accepted);
    }

    let last = Worker::start(&course, &receiver, LEASE);
    let mut lines = iter::from_fn(|| last.lines.recv_timeout(LONGEST_WAIT).ok());
    let is_idle = lines.any(|line| {
        note(&line, &mut accepted);
        line == worker::IDLE
    });
    assert!(is_idle, "the last worker ended, or does not get there");
    last.kill_into(&mut accepted);
    let posts = Host::open(&course.folder.join("host.db")).since(Millis(0)).into_iter();
    let posts: Vec<_> = posts.map(|post| Stored { id: post.id.to_string(), message: post.message }).collect();
    conclude("later", &accepted, &posts, &receiver.called(), &hook);
    fs::remove_dir_all(&course.folder).unwrap();
}

/// The process, and what it says.
struct Worker {
    child: Child,
    lines: Lines<String>,
}

impl Worker {
    fn start(course: &Course, receiver: &Receiver, ahead: u32) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "crash_deliveries::worker::worker", "--ignored", "--nocapture"]);
        command.env(worker::FOLDER, &course.folder).env(worker::CALLBACK, receiver.url());
        command.env(worker::AHEAD, ahead.to_string());
        let log = fs::OpenOptions::new().append(true).create(true).open(course.folder.join("log")).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let (sender, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    /// Ends it with SIGKILL, and notes what it had said.
    fn kill_into(mut self, accepted: &mut BTreeSet<String>) {
        let early = self.child.try_wait().unwrap();
        assert!(early.is_none(), "the worker ended by itself: {early:?}");
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.lines.iter().for_each(|line| note(&line, accepted));
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Notes a post that was accepted. A line that was cut tells of none.
fn note(line: &str, accepted: &mut BTreeSet<String>) {
    accepted.extend(line.strip_prefix("accepted ").filter(|id| id.len() == 26).map(str::to_owned));
}

/// A worker lives at most this long, but for some.
const LONGEST_WORK: Duration = Duration::from_millis(300);

/// How many seconds ahead all leases have run out: those of calls that may take three.
const LEASE: u32 = 20;
