//! Calls to the world over hyper and rustls.

mod body;
mod connect;
mod exchange;
mod options;
mod pool;
mod resolve;
mod stream;
mod target;
mod tls;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::Request;
use tokio::runtime::Handle;
use tokio::task::yield_now;
use tokio::time::timeout;

pub use self::options::{HyperOptions, InvalidHyperOptions};
use self::pool::{Held, Pool};
use self::resolve::OwnAddresses;
pub use self::resolve::{Resolve, SystemResolver};
use self::target::Outgoing;
use self::tls::Tls;
use crate::port::{HttpClient, HttpError, HttpErrorKind, HttpLimits, HttpResponse, Sent};

/// A client for HTTP/1.1, and for HTTP/2 where TLS offers it. Cheap to clone: all clones share their connections.
///
/// It needs a tokio runtime with time and input and output. A call runs in the caller's task; beside it there is a task
/// that closes what is idle, while anything is, and one for each connection of HTTP/2.
///
/// A name is looked up once for a connection, each of its addresses is judged by the policy of the call, and what was
/// judged is what is dialed; the certificate and the `Host` are those of the URL. Connections stay for 4 seconds at
/// most, and none outlives the policy that it was made under. A head of an answer has at most 64 KiB and 100 headers.
/// No compression is asked for, and a compressed answer is [`HttpErrorKind::Protocol`]. No proxy is used, whatever the
/// environment says.
///
/// A connection that turns out to be dead before anything of the request was written is replaced without a word. All
/// errors before that say [`Sent::No`].
///
/// With [`EgressSettings::insecure`](crate::security::EgressSettings::insecure) no certificate is checked: whoever sits
/// on the way can read and change everything. Log it loudly.
///
/// ```no_run
/// # fn host(ports: jackfield::engine::Ports) -> Result<(), Box<dyn std::error::Error>> {
/// use jackfield::adapter::hyper::{HyperClient, HyperOptions};
///
/// let client = HyperClient::new(HyperOptions::default())?;
/// let ports = ports.with_http(std::sync::Arc::new(client));
/// # drop(ports);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HyperClient {
    shared: Arc<Shared>,
}

struct Shared {
    ipv6: bool,
    own: OwnAddresses,
    pool: Arc<Pool>,
    resolver: Arc<dyn Resolve>,
    tls: Tls,
}

impl HyperClient {
    /// Makes a client. Nothing is connected yet.
    ///
    /// # Errors
    ///
    /// One of the roots is none, or there is no cryptography.
    pub fn new(options: HyperOptions) -> Result<Self, InvalidHyperOptions> {
        let (tls, pool) = (Tls::new(&options)?, Arc::new(Pool::new(&options)));
        let HyperOptions { ipv6, resolver, .. } = options;
        Ok(Self { shared: Arc::new(Shared { ipv6, own: OwnAddresses::default(), pool, resolver, tls }) })
    }
}

impl Shared {
    /// Sends a request. What it is sent over is in `held` from the moment that there is something, so that whoever cuts
    /// the call short can tell how far it came.
    async fn call(
        &self,
        outgoing: &Outgoing,
        limits: &HttpLimits,
        held: &mut Option<Held>,
    ) -> Result<HttpResponse, HttpError> {
        let generation = self.pool.enter(&limits.egress);
        loop {
            *held = None;
            let kept = self.pool.take(&outgoing.origin, generation);
            let is_fresh = kept.is_none();
            let connection = match kept {
                Some((idle, kept)) => {
                    if idle >= UNWATCHED {
                        // What came meanwhile, such as its end, must be seen.
                        yield_now().await;
                    }
                    held.insert(kept)
                }
                None => {
                    let made = Box::pin(self.connect(&outgoing.origin, limits)).await?;
                    if let Held::Http2(http2) = &made {
                        self.pool.give(&outgoing.origin, generation, Held::Http2(http2.clone()));
                    }
                    held.insert(made)
                }
            };
            if !is_fresh && !connection.is_ready().await {
                continue;
            }
            match connection.exchange(outgoing, limits.body_bytes).await {
                Ok(answer) => {
                    if let Some(mut held) = held.take()
                        && held.is_ready().await
                    {
                        self.pool.give(&outgoing.origin, generation, held);
                    }
                    return Ok(answer);
                }
                Err(error) => {
                    self.give_up(outgoing, held.as_ref());
                    if is_fresh || error.sent() == Sent::Maybe {
                        return Err(error);
                    }
                }
            }
        }
    }

    fn give_up(&self, outgoing: &Outgoing, held: Option<&Held>) {
        if let Some(Held::Http2(http2)) = held {
            self.pool.forget(&outgoing.origin, http2);
        }
    }
}

/// How long a connection may have been idle for its state to be taken as the runtime saw it last.
const UNWATCHED: Duration = Duration::from_millis(10);

impl Held {
    async fn is_ready(&mut self) -> bool {
        match self {
            Self::Http1(http1) => http1.is_ready().await,
            Self::Http2(http2) => http2.is_ready(),
        }
    }

    fn sent(&self) -> Sent {
        match self {
            Self::Http1(http1) => http1.sent(),
            Self::Http2(http2) => http2.sent(),
        }
    }

    async fn exchange(&mut self, outgoing: &Outgoing, limit: usize) -> Result<HttpResponse, HttpError> {
        match self {
            Self::Http1(http1) => http1.exchange(outgoing, limit).await,
            Self::Http2(http2) => http2.exchange(outgoing, limit).await,
        }
    }
}

#[async_trait]
impl HttpClient for HyperClient {
    async fn send(&self, request: Request<Bytes>, limits: HttpLimits) -> Result<HttpResponse, HttpError> {
        if let Err(error) = Handle::try_current() {
            return Err(HttpError::new(HttpErrorKind::Connect, Sent::No, error));
        }
        let outgoing = Outgoing::new(request, limits.host_admitted)?;
        let mut held = None;
        let called = timeout(limits.deadline, self.shared.call(&outgoing, &limits, &mut held)).await;
        called.unwrap_or_else(|_| {
            self.shared.give_up(&outgoing, held.as_ref());
            let sent = held.as_ref().map_or(Sent::No, Held::sent);
            Err(HttpError::new(HttpErrorKind::Timeout, sent, "there was no whole answer in time"))
        })
    }
}

impl fmt::Debug for HyperClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HyperClient").field("resolver", &self.shared.resolver).finish_non_exhaustive()
    }
}
