//! The other end: a listener whose connections do what a test says, byte for byte.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// A listener. It ends with the runtime of its test.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    connections: Arc<Mutex<usize>>,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    pub(super) async fn start<R>(serve: impl Fn(Peer) -> R + Send + 'static) -> Self
    where
        R: Future<Output = io::Result<()>> + Send + 'static,
    {
        Self::start_at("127.0.0.1:0", serve).await
    }

    pub(super) async fn start_at<R>(address: &str, serve: impl Fn(Peer) -> R + Send + 'static) -> Self
    where
        R: Future<Output = io::Result<()>> + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, requests) = (Arc::<Mutex<usize>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (count, log) = (connections.clone(), requests.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *count.lock().unwrap() += 1;
                let peer = Peer { read: Vec::new(), requests: log.clone(), stream };
                tokio::spawn(serve(peer));
            }
        });
        Self { address, connections, requests }
    }

    /// Gives the same answer to every request, and never closes.
    pub(super) async fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |mut peer| {
            let answer = answer.clone();
            async move {
                while peer.hear().await? {
                    peer.say(&answer).await?;
                }
                Ok(())
            }
        })
        .await
    }

    /// Gives an answer to the first request of each connection, and closes.
    pub(super) async fn answering_once(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::start(move |mut peer| {
            let answer = answer.clone();
            async move {
                peer.hear().await?;
                peer.say(&answer).await
            }
        })
        .await
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    pub(super) fn secure_url(&self, host: &str) -> String {
        format!("https://{host}:{}/", self.address.port())
    }

    pub(super) fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }

    /// Heads and bodies, as they came.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The receiver's end of a connection.
pub(super) struct Peer<S = TcpStream> {
    read: Vec<u8>,
    requests: Arc<Mutex<Vec<String>>>,
    pub(super) stream: S,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// Reads a request. Says whether there was one.
    pub(super) async fn hear(&mut self) -> io::Result<bool> {
        let head = loop {
            if let Some(end) = self.read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break end + 4;
            }
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Ok(false);
            }
        };
        let text = String::from_utf8_lossy(&self.read[..head]).to_ascii_lowercase();
        let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        let end = head + length.unwrap_or(0_usize);
        while self.read.len() < end {
            if self.stream.read_buf(&mut self.read).await? == 0 {
                return Ok(false);
            }
        }
        let request: Vec<u8> = self.read.drain(..end).collect();
        self.requests.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
        Ok(true)
    }

    /// Whether the last request was for a path.
    pub(super) fn is_path(&self, path: &str) -> bool {
        let requests = self.requests.lock().unwrap();
        requests.last().and_then(|request| request.split(' ').nth(1)) == Some(path)
    }

    pub(super) async fn say(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref()).await?;
        self.stream.flush().await
    }

    /// Waits until the other side goes.
    pub(super) async fn wait(&mut self) -> io::Result<()> {
        while self.stream.read_buf(&mut self.read).await? > 0 {}
        Ok(())
    }
}

impl Peer {
    /// The same connection behind a handshake.
    pub(super) async fn secured(self, acceptor: &TlsAcceptor) -> io::Result<Peer<TlsStream<TcpStream>>> {
        let stream = acceptor.accept(self.stream).await?;
        Ok(Peer { read: self.read, requests: self.requests, stream })
    }
}

/// An answer after which the connection stays open.
pub(super) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}
