//! Which addresses a name has, and which ones are this machine's.

use std::fmt::Debug;
use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::Instant;

/// Says which addresses a name has.
///
/// It is asked once for each new connection, and never about a host that is an address already. What it says is judged
/// by the policy, so it need not be trusted.
#[async_trait]
pub trait Resolve: Debug + Send + Sync + 'static {
    /// Returns the addresses of `host`, in the order in which they are to be tried.
    ///
    /// # Errors
    ///
    /// The name has none, or nobody could be asked.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver, on threads of the runtime.
///
/// At most 64 look-ups run at once: the system's cannot be cut short, and when name servers are silent they must not
/// take all the threads that others need too.
#[derive(Clone, Debug)]
pub struct SystemResolver {
    seats: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { seats: Arc::new(Semaphore::new(64)) }
    }
}

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(io::Error::other)?;
        let host = host.to_owned();
        let look_up = move || {
            // Held until the system answers, even when nobody waits for it any more.
            let _seat = seat;
            (host.as_str(), 0).to_socket_addrs().map(|found| found.map(|address| address.ip()).collect())
        };
        spawn_blocking(look_up).await.map_err(io::Error::other)?
    }
}

/// The addresses of this machine, read anew every few seconds.
#[derive(Debug, Default)]
pub(super) struct OwnAddresses {
    known: Mutex<Option<(Instant, Arc<[IpAddr]>)>>,
}

impl OwnAddresses {
    pub(super) async fn list(&self) -> io::Result<Arc<[IpAddr]>> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((read_at, addresses)) = &*known()
            && read_at.elapsed() < FRESH
        {
            return Ok(Arc::clone(addresses));
        }
        let read = || if_addrs::get_if_addrs().map(|all| all.iter().map(if_addrs::Interface::ip).collect());
        let addresses: Arc<[IpAddr]> = spawn_blocking(read).await.map_err(io::Error::other)??;
        *known() = Some((Instant::now(), Arc::clone(&addresses)));
        Ok(addresses)
    }
}

/// How long the addresses of this machine are believed to stay.
const FRESH: Duration = Duration::from_secs(5);
