//! The limit on all traffic, and where requests come from.

use std::net::IpAddr;
use std::sync::PoisonError;

use http::request::Parts;

use super::{Engine, PeerAddress};
use crate::security::traffic::{client_address, login_key, user_key};
use crate::security::{CorsSettings, RateLimitSettings, Standing};

/// How often one address may log in, while there are limits at all (API-47).
const LOGIN_BURST: u32 = 11;
const LOGIN_PER_SECOND: u32 = 5;

impl Engine {
    /// Returns where a request comes from: what a trusted proxy says ([`Settings::trusted_proxy_headers`]), else the
    /// [`PeerAddress`] that the host's server set.
    ///
    /// [`Settings::trusted_proxy_headers`]: super::Settings::trusted_proxy_headers
    #[must_use]
    pub fn client_address(&self, parts: &Parts) -> Option<IpAddr> {
        let peer = parts.extensions.get::<PeerAddress>().map(|peer| peer.0);
        self.with_settings(|settings| client_address(parts, &settings.trusted_proxy_headers, peer))
    }

    /// Counts a request; none while there is no limit. What is returned is where the sender stands by the count that
    /// leaves the least (API-43, API-44, API-47).
    pub(crate) async fn count_request(&self, parts: &Parts, is_login: bool) -> Option<Standing> {
        let settings =
            self.with_settings(|settings| Some(&settings.rate_limit).filter(|limit| limit.enabled).cloned())?;
        let address = self.client_address(parts);
        let (burst, per_second) = (settings.burst(), settings.per_second);
        let mut standing = self.count(settings.sender(parts, address), burst, per_second, &settings);
        if is_login && standing.retry_after.is_none() {
            let login = self.count(login_key(address), LOGIN_BURST, LOGIN_PER_SECOND, &settings);
            standing = tighter(standing, login);
        }
        if settings.vary_by_user
            && standing.retry_after.is_none()
            && let Some(user) = self.recognized(parts).await
        {
            standing = tighter(standing, self.count(user_key(user.as_str()), burst, per_second, &settings));
        }
        Some(standing)
    }

    pub(crate) fn cors(&self) -> CorsSettings {
        self.with_settings(|settings| settings.cors.clone())
    }

    fn count(&self, key: [u8; 16], burst: u32, per_second: u32, settings: &RateLimitSettings) -> Standing {
        let now = self.now().0;
        let mut traffic = self.shared.traffic.lock().unwrap_or_else(PoisonError::into_inner);
        traffic.count(key, burst, per_second, settings.memory_store_size, now)
    }
}

/// A refusal before anything else, then what leaves less.
fn tighter(one: Standing, other: Standing) -> Standing {
    let by = |standing: &Standing| (standing.retry_after.is_none(), standing.remaining);
    if by(&other) < by(&one) { other } else { one }
}
