//! From a host to a connection: look-up, judgement, dialing, TLS.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Shared;
use super::exchange::{Http1, Http2};
use super::pool::Held;
use super::stream::{Socket, Stream};
use super::target::Origin;
use crate::port::{HttpError, HttpErrorKind, HttpLimits, Sent};

impl Shared {
    /// Makes a connection to one of the addresses that the policy allows.
    pub(super) async fn connect(&self, origin: &Origin, limits: &HttpLimits) -> Result<Held, HttpError> {
        let addresses = self.addresses(origin, limits).await?;
        let (socket, written) = Socket::new(dial(&addresses, origin.port).await?);
        if !origin.secure {
            return Ok(Held::Http1(Box::new(Http1::new(Stream::Plain(socket), written).await?)));
        }
        let insecure = limits.egress.is_insecure();
        let (stream, http2) = self.tls.connect(&origin.host, socket, insecure).await?;
        let stream = Stream::Tls(Box::new(stream));
        Ok(match http2 {
            true => Held::Http2(Http2::new(stream).await?),
            false => Held::Http1(Box::new(Http1::new(stream, written).await?)),
        })
    }

    /// The addresses to dial, in order: those that the resolver names and the policy allows.
    async fn addresses(&self, origin: &Origin, limits: &HttpLimits) -> Result<Vec<IpAddr>, HttpError> {
        let blocked = |error| HttpError::new(HttpErrorKind::Blocked, Sent::No, error);
        limits.egress.check_port(origin.port).map_err(|error| blocked(error.to_string()))?;
        let mut found = match origin.literal() {
            Some(address) => vec![address],
            None => self.resolver.resolve(&origin.host).await.map_err(|error| no_address(error.to_string()))?,
        };
        found.retain(|address| self.ipv6 || address.to_canonical().is_ipv4());
        if found.is_empty() {
            return Err(no_address("the host has no address"));
        }
        if limits.host_admitted {
            found.truncate(DIALED);
            return Ok(found);
        }
        let own = self.own.list().await;
        let own = own.map_err(|error| blocked(format!("the addresses of this machine could not be read: {error}")))?;
        let (mut allowed, mut refusals) = (Vec::new(), Vec::new());
        for address in found {
            match limits.egress.judge(address, &own) {
                Ok(()) if allowed.len() < DIALED => allowed.push(address),
                Err(forbidden) if refusals.len() < DIALED => refusals.push(forbidden.to_string()),
                _ => {}
            }
        }
        if allowed.is_empty() {
            return Err(blocked(refusals.join("; ")));
        }
        Ok(allowed)
    }
}

/// Connects to the first address that answers. The next one is tried when one fails, or has not answered for a while.
async fn dial(addresses: &[IpAddr], port: u16) -> Result<TcpStream, HttpError> {
    let mut waiting = addresses.iter();
    let mut dialed = FuturesUnordered::new();
    let mut first_failure = None;
    loop {
        dialed.extend(waiting.next().map(|address| dial_one(SocketAddr::new(*address, port))));
        let outcome = match waiting.len() {
            0 => dialed.next().await,
            _ => match timeout(STAGGER, dialed.next()).await {
                Ok(outcome) => outcome,
                Err(_) => continue,
            },
        };
        match outcome {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => drop(first_failure.get_or_insert(error)),
            None if waiting.len() == 0 => break,
            None => {}
        }
    }
    let error = first_failure.unwrap_or_else(|| io::Error::other("there was no address to dial"));
    Err(HttpError::new(HttpErrorKind::Connect, Sent::No, error))
}

async fn dial_one(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    let peer = stream.peer_addr()?;
    if (peer.ip().to_canonical(), peer.port()) != (address.ip().to_canonical(), address.port()) {
        return Err(io::Error::other("the connection leads elsewhere than it should"));
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn no_address(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> HttpError {
    HttpError::new(HttpErrorKind::Dns, Sent::No, why)
}

/// How many addresses of a name are dialed: nobody makes this machine knock at a thousand doors.
const DIALED: usize = 8;

/// How long an address has the line to itself.
const STAGGER: Duration = Duration::from_millis(250);
