//! Services that are called, in a process of their own.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::site::nanos;

/// A process with a service that answers at once, and one that never does.
pub(crate) struct Receiver {
    child: Child,
    counts: ChildStdin,
    hangs: u16,
    answers: u16,
    heard: UnboundedReceiver<f64>,
    lines: Arc<AtomicUsize>,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.env("JACKFIELD_BENCH", "receive").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let counts = child.stdin.take().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let [answers, hangs] = line.split_whitespace().map(|port| port.parse().unwrap()).collect::<Vec<u16>>()[..]
        else {
            panic!("the receiver said {line:?}");
        };
        let (told, heard) = unbounded_channel();
        let lines = Arc::new(AtomicUsize::new(0));
        let hanging = lines.clone();
        std::thread::spawn(move || listen(output, &told, &hanging));
        Self { child, counts, hangs, answers, heard, lines }
    }

    /// Where it answers at once.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.answers)
    }

    /// Where it never answers: each number has an address of its own.
    pub(crate) fn hanging_url(&self, number: usize) -> String {
        let [high, low] = u16::try_from(number).unwrap().to_be_bytes();
        format!("http://127.1.{high}.{low}:{}/", self.hangs)
    }

    /// Waits for so many calls; returns how long each was under way, in milliseconds, as far as its text tells.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<f64> {
        let mut waits = Vec::with_capacity(count);
        while waits.len() < count {
            let next = tokio::time::timeout(Duration::from_secs(60), self.heard.recv()).await;
            waits.push(next.unwrap().unwrap());
        }
        waits
    }

    /// How many calls hang, once their number rests.
    pub(crate) async fn hanging_now(&self) -> usize {
        let mut before = usize::MAX;
        loop {
            (&self.counts).write_all(b"?\n").unwrap();
            tokio::time::sleep(Duration::from_millis(500)).await;
            let now = self.lines.load(Ordering::Relaxed);
            if now == before {
                return now;
            }
            before = now;
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads what the receiver tells: the wait of each call, or how many hang.
fn listen(output: BufReader<ChildStdout>, told: &UnboundedSender<f64>, hanging: &AtomicUsize) {
    for line in output.lines().map_while(Result::ok) {
        match line.strip_prefix("hanging ") {
            Some(count) => hanging.store(count.parse().unwrap(), Ordering::Relaxed),
            None => line.split(' ').for_each(|wait| told.send(wait.parse().unwrap()).unwrap_or_default()),
        }
    }
}

/// What the process of a receiver does.
pub(crate) async fn receive() {
    let answers = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let hangs = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let port = |listener: &TcpListener| listener.local_addr().as_ref().map(SocketAddr::port).unwrap();
    println!("{} {}", port(&answers), port(&hangs));
    let hanging = Arc::new(AtomicUsize::new(0));
    let (told, mut heard) = unbounded_channel::<f64>();
    tokio::spawn(async move {
        // Many waits a line, so that to tell of them costs little.
        let mut waits = Vec::new();
        while heard.recv_many(&mut waits, 256).await > 0 {
            let line: Vec<String> = waits.drain(..).map(|wait| format!("{wait:.3}")).collect();
            println!("{}", line.join(" "));
        }
    });
    let count = hanging.clone();
    std::thread::spawn(move || {
        for _ in std::io::stdin().lines().map_while(Result::ok) {
            println!("hanging {}", count.load(Ordering::Relaxed));
        }
    });
    tokio::spawn(async move {
        loop {
            let Ok((mut stream, _)) = hangs.accept().await else { continue };
            let hanging = hanging.clone();
            tokio::spawn(async move {
                hanging.fetch_add(1, Ordering::Relaxed);
                let mut buffer = [0; 512];
                while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
                hanging.fetch_sub(1, Ordering::Relaxed);
            });
        }
    });
    loop {
        let Ok((stream, _)) = answers.accept().await else { continue };
        stream.set_nodelay(true).unwrap();
        tokio::spawn(answer(stream, told.clone()));
    }
}

/// Answers each request of a connection with nothing to say.
async fn answer(mut stream: TcpStream, told: UnboundedSender<f64>) {
    let mut held = Vec::new();
    loop {
        let head = loop {
            if let Some(end) = held.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
            if !matches!(stream.read_buf(&mut held).await, Ok(1..)) {
                return;
            }
        };
        let text = String::from_utf8_lossy(&held[..head]).to_ascii_lowercase();
        let length: usize =
            text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok()).unwrap();
        while held.len() < head + length {
            if !matches!(stream.read_buf(&mut held).await, Ok(1..)) {
                return;
            }
        }
        let _ = told.send(wait(&String::from_utf8_lossy(&held[head..head + length])));
        held.drain(..head + length);
        if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.is_err() {
            return;
        }
    }
}

/// The text of a call ends with when it was due, in nanoseconds.
fn wait(form: &str) -> f64 {
    let text = form.split('&').find_map(|pair| pair.strip_prefix("text=")).unwrap_or_default();
    let due = text.rsplit('+').next().and_then(|due| due.parse::<u64>().ok()).unwrap_or_default();
    nanos().saturating_sub(due) as f64 / 1e6
}
