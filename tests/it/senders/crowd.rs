//! Senders that are slow or greedy.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// One way to keep a server busy.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    /// With which statuses the server may end it. It may always end it without a word.
    pub(crate) answers: &'static [u16],
    pub(crate) name: &'static str,
    /// What is sent at once.
    start: String,
    /// What is sent after that, again and again.
    more: &'static str,
}

impl Kind {
    /// All of them, against a hook.
    pub(crate) fn all(hook: &str) -> Vec<Self> {
        let head = |more: &str| format!("POST /hooks/{hook} HTTP/1.1\r\nHost: localhost\r\n{more}");
        let large = format!("{{\"text\":\"{}", "x".repeat(299_000));
        let pieces = "1\r\n \r\n".repeat(60_000);
        let kind = |name, start, more, answers| Self { answers, name, start, more };
        vec![
            kind("nothing", String::new(), "", &[408]),
            kind("a head, byte by byte", head("A: "), "a", &[408, 431]),
            kind("a head without an end", head(""), LINES, &[408, 431]),
            kind("a body, byte by byte", head("Content-Length: 9999\r\n\r\n{\"text\":\""), "a", &[408]),
            kind("a large body without its end", head("Content-Length: 300000\r\n\r\n") + &large, "", &[408, 503]),
            kind("a body that announces too much", head("Content-Length: 999999999\r\n\r\n"), "a", &[413]),
            kind("a body longer than announced", head("Content-Length: 2\r\n\r\n{}"), "a", &[400, 408, 431]),
            kind(
                "a body in tiny pieces",
                head("Transfer-Encoding: chunked\r\n\r\n") + &pieces,
                "1\r\n \r\n",
                &[408, 503],
            ),
        ]
    }
}

/// One of them at work.
#[derive(Debug)]
pub(crate) struct Sender {
    /// What it was answered.
    pub(crate) answer: Vec<u8>,
    pub(crate) kind: Kind,
    sent: usize,
    stream: TcpStream,
}

impl Sender {
    pub(crate) fn connect(address: SocketAddr, kind: Kind) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { answer: Vec::new(), kind, sent: 0, stream }
    }

    /// Sends what is next, if it is taken, and hears what was answered; returns whether the connection is still there.
    pub(crate) fn go_on(&mut self) -> bool {
        let next = match self.kind.start.as_bytes().get(self.sent..) {
            Some([]) | None => self.kind.more.as_bytes(),
            Some(rest) => rest,
        };
        let sent = if next.is_empty() { Ok(0) } else { self.stream.write(next) };
        let is_open = match sent {
            Ok(sent) => {
                self.sent += sent;
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        };
        let mut piece = [0; 1_024];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return false,
                Ok(read) => self.answer.extend_from_slice(&piece[..read]),
                Err(error) => return is_open && error.kind() == ErrorKind::WouldBlock,
            }
        }
    }

    /// The status of the last answer, if there was one.
    pub(crate) fn status(&self) -> Option<u16> {
        let answers = String::from_utf8_lossy(&self.answer);
        let last = answers.rsplit("HTTP/1.1 ").next().filter(|last| last.len() < answers.len())?;
        last.split(' ').next()?.parse().ok()
    }
}

/// Some hundred bytes of a head.
const LINES: &str = "A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\
                     B: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\r\n";
