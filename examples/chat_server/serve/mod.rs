//! The way in: takes connections, and cuts off who sends too slowly or too much.
//!
//! `axum::serve` waits for ever for the rest of a request: a thousand senders of a byte a second keep a thousand
//! connections, and all that they have sent. Here a head, then a body, and then the reading of the answer have so long,
//! a head has so many bytes, and large bodies share so many. How long one body may be is for the handlers to say.

mod body;
mod stream;

#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;

use self::body::{Arriving, Spare, Watch};
use self::stream::Stream;

/// What senders may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many connections there are at once; more wait until there is room. Each is a file of the process, so
    /// `ulimit -n` must allow some more than that.
    pub(crate) connections: u32,
    /// How many bytes of large bodies are held at once. While they are used up, a large body is answered 503, and small
    /// ones are as welcome as ever.
    pub(crate) large_bodies: usize,
    /// How long a head may take to arrive, then a body, and then the answer to be read. A connection without a request
    /// is kept as long.
    pub(crate) patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 4_096, large_bodies: 32 * 1_024 * 1_024, patience: Duration::from_secs(10) }
    }
}

/// Serves until `stop` ends, and then until what was accepted is answered.
pub(crate) async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    let app = TowerToHyperService::new(router);
    let seats = Arc::new(Semaphore::new(usize::try_from(limits.connections).unwrap_or(Semaphore::MAX_PERMITS)));
    let spare = Arc::new(Spare::new(limits.large_bodies));
    let stopping = watch::Sender::new(false);
    let accepting = async {
        while let Ok(seat) = Arc::clone(&seats).acquire_owned().await {
            let (stream, peer) = accept(&listener).await;
            let connection = Connection { app: app.clone(), limits, peer, spare: Arc::clone(&spare) };
            let stopped = stopping.subscribe();
            tokio::spawn(async move {
                connection.serve(stream, stopped).await;
                drop(seat);
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop => {}
    }
    drop(listener);
    stopping.send_replace(true);
    let _ = seats.acquire_many(limits.connections).await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // Most of all: no file is left for the connection. One will be, when another ends.
            Err(_) => sleep(Duration::from_millis(100)).await,
        }
    }
}

/// One connection.
#[derive(Clone)]
struct Connection {
    app: TowerToHyperService<Router>,
    limits: Limits,
    peer: SocketAddr,
    spare: Arc<Spare>,
}

impl Connection {
    async fn serve(self, stream: TcpStream, mut stopped: watch::Receiver<bool>) {
        let _ = stream.set_nodelay(true); // a websocket's frames are small
        let patience = self.limits.patience;
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(LONGEST_HEAD);
        let service = service_fn(|request| self.answer(request));
        let connection = http.serve_connection(TokioIo::new(Stream::new(stream, patience)), service);
        let mut connection = pin!(connection.with_upgrades());
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stopped.wait_for(|stopped| *stopped) => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response, Infallible> {
        let watch = Arc::new(Watch::new(Arc::clone(&self.spare)));
        let mut request = request.map(|body| Arriving::new(body, self.limits.patience, Arc::clone(&watch)));
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let response = self.app.call(request).await?;
        Ok(match watch.cut() {
            // What the handler made of it does not matter: it never saw a whole body.
            Some(cut) => (cut.status(), [(header::CONNECTION, "close")], format!("{cut}\n")).into_response(),
            None => response,
        })
    }
}

/// In bytes. What is longer is answered 431.
const LONGEST_HEAD: usize = 32 * 1_024;
