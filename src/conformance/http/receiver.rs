//! A receiver on a loopback address, on threads of its own, so that it needs no runtime and answers whatever it likes.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A receiver. It stops when it is dropped; connections that are open end with their clients.
pub(super) struct Receiver {
    address: SocketAddr,
    heard: Arc<Heard>,
    listening: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Heard {
    connections: Mutex<usize>,
    requests: Mutex<Vec<Request>>,
    stopped: AtomicBool,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) body: Vec<u8>,
    /// Lower-case names, with the values of each.
    pub(super) headers: Vec<(String, String)>,
    /// Method, path and version.
    pub(super) line: String,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl Receiver {
    /// Starts one that does the same with each connection.
    pub(super) fn start(serve: impl Fn(&mut Peer) -> io::Result<()> + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (address, heard) = (listener.local_addr()?, Arc::<Heard>::default());
        let (log, serve) = (Arc::clone(&heard), Arc::new(serve));
        let listening = thread::Builder::new().name("jackfield-receiver".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                if log.stopped.load(Ordering::Acquire) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                *locked(&log.connections) += 1;
                let (mut peer, serve) = (Peer { heard: Arc::clone(&log), read: Vec::new(), stream }, serve.clone());
                // What goes wrong here shows at the other end.
                let _ = thread::Builder::new().spawn(move || peer.serve(&*serve));
            }
        })?;
        Ok(Self { address, heard, listening: Some(listening) })
    }

    /// Starts one that gives the same answer to every request.
    pub(super) fn answering(answer: impl Into<Vec<u8>>) -> io::Result<Self> {
        let answer = answer.into();
        Self::start(move |peer| {
            while peer.hear()? {
                peer.say(&answer)?;
            }
            Ok(())
        })
    }

    pub(super) fn url(&self, rest: &str) -> String {
        format!("http://{}{rest}", self.address)
    }

    pub(super) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(super) fn connections(&self) -> usize {
        *locked(&self.heard.connections)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        locked(&self.heard.requests).clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.heard.stopped.store(true, Ordering::Release);
        // Woken, it sees that it is to stop. Afterwards the port is free.
        if TcpStream::connect(self.address).is_ok() {
            let _ = self.listening.take().map(JoinHandle::join);
        }
    }
}

/// The receiver's end of a connection.
pub(super) struct Peer {
    heard: Arc<Heard>,
    read: Vec<u8>,
    stream: TcpStream,
}

impl Peer {
    fn serve(&mut self, serve: &dyn Fn(&mut Self) -> io::Result<()>) {
        let limited = self.stream.set_read_timeout(Some(PATIENCE)).and(self.stream.set_write_timeout(Some(PATIENCE)));
        let _ = limited.and(self.stream.set_nodelay(true)).and_then(|()| serve(self));
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Reads a request and notes it. Says whether there was one.
    pub(super) fn hear(&mut self) -> io::Result<bool> {
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break self.read.drain(..end + 4).collect::<Vec<_>>();
            }
            if !self.fill()? {
                return Ok(false);
            }
        };
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.trim_end().split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let headers = lines.filter_map(|line| line.split_once(':'));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
        let mut request = Request { body: Vec::new(), headers, line };
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        while self.read.len() < length {
            if !self.fill()? {
                return Ok(false);
            }
        }
        request.body = self.read.drain(..length).collect();
        locked(&self.heard.requests).push(request);
        Ok(true)
    }

    pub(super) fn say(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Says nothing until the other side goes.
    pub(super) fn wait(&mut self) -> io::Result<()> {
        while self.fill()? {}
        Ok(())
    }

    fn fill(&mut self) -> io::Result<bool> {
        let mut buffer = [0; 4096];
        let count = self.stream.read(&mut buffer)?;
        self.read.extend(buffer.iter().take(count));
        Ok(count > 0)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long a receiver waits for its client.
const PATIENCE: Duration = Duration::from_secs(30);
