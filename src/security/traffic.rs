//! The limit on all traffic of a server (API-41 to API-47, INC-5).

use std::net::IpAddr;

use http::header::{HeaderName, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

use super::bucket::Standing;
use super::credential;

/// `RateLimitSettings`: how often one sender may ask for anything at all.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RateLimitSettings {
    /// `Enable`. Off.
    pub enabled: bool,
    /// `MaxBurst`: how many requests at once, beyond the first. 100.
    pub max_burst: u32,
    /// `MemoryStoreSize`: how many senders are remembered; beyond that, those that have rested longest are forgotten.
    /// 10,000.
    pub memory_store_size: usize,
    /// `PerSec`: how many requests a second after that; at least 1. 10.
    pub per_second: u32,
    /// `VaryByHeader`: a header whose value tells senders apart, too. None.
    pub vary_by_header: Option<HeaderName>,
    /// `VaryByRemoteAddr`: whether the address tells senders apart. On.
    pub vary_by_remote_address: bool,
    /// `VaryByUser`: whether the token tells senders apart, before the address; the user then counts as well, whatever
    /// token they use. Off.
    pub vary_by_user: bool,
}

impl Default for RateLimitSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            max_burst: 100,
            memory_store_size: 10_000,
            per_second: 10,
            vary_by_header: None,
            vary_by_remote_address: true,
            vary_by_user: false,
        }
    }
}

impl RateLimitSettings {
    /// How many requests an unused bucket takes at once.
    pub(crate) fn burst(&self) -> u32 {
        self.max_burst.saturating_add(1)
    }

    /// Whose request it is, as far as the limit tells senders apart (API-43). No token can be read out of it.
    pub(crate) fn sender(&self, parts: &Parts, address: Option<IpAddr>) -> [u8; 16] {
        let token = if self.vary_by_user { credential::presented(parts) } else { None };
        let header = self.vary_by_header.as_ref().and_then(|name| parts.headers.get(name));
        let mut digest = Sha256::new();
        match (token, address) {
            (Some(token), _) => digest.update([&b"token\0"[..], token.expose().as_bytes()].concat()),
            (None, Some(address)) if self.vary_by_remote_address => digest.update(format!("address\0{address}")),
            _ => {}
        }
        digest.update(b"\0");
        digest.update(header.map(|value| value.as_bytes().to_ascii_lowercase()).unwrap_or_default());
        shortened(digest)
    }
}

/// The bucket of a user who was recognized (API-44).
pub(crate) fn user_key(user: &str) -> [u8; 16] {
    shortened(Sha256::new_with_prefix(format!("user\0{user}")))
}

/// The bucket of an address that logs in (API-47).
pub(crate) fn login_key(address: Option<IpAddr>) -> [u8; 16] {
    shortened(Sha256::new_with_prefix(format!("login\0{address:?}")))
}

fn shortened(digest: Sha256) -> [u8; 16] {
    let digest: [u8; 32] = digest.finalize().into();
    digest.first_chunk().copied().unwrap_or_default()
}

/// Where a request comes from: the first address in the first of the headers that a trusted proxy sets and that holds
/// one, else the other end of the connection (API-43).
pub(crate) fn client_address(parts: &Parts, trusted: &[HeaderName], peer: Option<IpAddr>) -> Option<IpAddr> {
    let told = trusted.iter().find_map(|name| {
        let first = parts.headers.get(name)?.to_str().ok()?.split(',').next()?.trim();
        first.parse().ok()
    });
    told.or(peer)
}

/// Tells a sender where they stand (API-45).
pub(crate) fn tell(standing: &Standing, headers: &mut HeaderMap) {
    const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
    const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
    const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
    headers.insert(LIMIT, HeaderValue::from(standing.limit));
    headers.insert(REMAINING, HeaderValue::from(standing.remaining));
    headers.insert(RESET, HeaderValue::from(standing.reset_seconds));
    if let Some(seconds) = standing.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn senders_are_told_apart_by_what_the_settings_name() {
        let [here, there] = ["192.0.2.1", "192.0.2.2"].map(|address| Some(address.parse().unwrap()));
        let (plain, one) = (request(&[]), request(&[("Authorization", "Bearer one"), ("X-Tenant", "A")]));
        let two = request(&[("Authorization", "Bearer two"), ("X-Tenant", "a")]);
        let mut settings = RateLimitSettings::default();
        assert_ne!(settings.sender(&plain, here), settings.sender(&plain, there));
        assert_eq!(settings.sender(&one, here), settings.sender(&two, here));
        settings.vary_by_user = true;
        assert_ne!(settings.sender(&one, here), settings.sender(&two, here));
        assert_eq!(settings.sender(&one, here), settings.sender(&one, there));
        assert_ne!(settings.sender(&plain, here), settings.sender(&plain, there));
        settings.vary_by_user = false;
        settings.vary_by_remote_address = false;
        assert_eq!(settings.sender(&one, here), settings.sender(&plain, there));
        settings.vary_by_header = Some(HeaderName::from_static("x-tenant"));
        assert_ne!(settings.sender(&one, here), settings.sender(&plain, here));
        assert_eq!(settings.sender(&one, here), settings.sender(&two, there));
        assert_eq!(settings.burst(), 101);
    }

    #[test]
    fn a_user_and_a_log_in_have_buckets_of_their_own() {
        let here = Some("192.0.2.1".parse().unwrap());
        assert_ne!(user_key("a"), user_key("b"));
        assert_ne!(login_key(here), login_key(None));
        assert_ne!(login_key(here), RateLimitSettings::default().sender(&request(&[]), here));
    }

    #[test]
    fn an_address_is_believed_only_from_the_headers_of_a_trusted_proxy() {
        let peer: Option<IpAddr> = Some("192.0.2.9".parse().unwrap());
        let trusted = [HeaderName::from_static("x-real-ip"), HeaderName::from_static("x-forwarded-for")];
        type Headers<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Headers<'_>, &[HeaderName], &str); 6] = [
            (&[("X-Forwarded-For", "198.51.100.1")], &[], "192.0.2.9"),
            (&[("X-Forwarded-For", "198.51.100.1, 10.0.0.1")], &trusted, "198.51.100.1"),
            (&[("X-Forwarded-For", " 2001:db8::1 ,10.0.0.1")], &trusted, "2001:db8::1"),
            (&[("X-Forwarded-For", "198.51.100.1"), ("X-Real-Ip", "198.51.100.2")], &trusted, "198.51.100.2"),
            (&[("X-Forwarded-For", "198.51.100.1"), ("X-Real-Ip", "unknown")], &trusted, "198.51.100.1"),
            (&[("X-Forwarded-For", "somebody")], &trusted, "192.0.2.9"),
        ];
        for (headers, trusted, want) in cases {
            let found = client_address(&request(headers), trusted, peer);
            assert_eq!(found.map(|address| address.to_string()), Some(want.to_owned()), "{headers:?}");
        }
        assert_eq!(client_address(&request(&[]), &trusted, None), None);
    }

    #[test]
    fn a_sender_is_told_where_they_stand() {
        let mut headers = HeaderMap::new();
        tell(&Standing { limit: 3, remaining: 0, reset_seconds: 3, retry_after: Some(1) }, &mut headers);
        let told = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"];
        assert_eq!(told.map(|name| headers.get(name).unwrap().to_str().unwrap()), ["3", "0", "3", "1"]);
        let mut headers = HeaderMap::new();
        tell(&Standing { limit: 3, remaining: 2, reset_seconds: 1, retry_after: None }, &mut headers);
        assert!(!headers.contains_key(RETRY_AFTER));
    }
}
