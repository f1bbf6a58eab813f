//! Where an answer that points elsewhere leads (OUT-228, OUT-308, OUT-320).
//!
//! Within its origin, and to `https` of the same host with default ports, a redirect is followed with all that was sent.
//! Elsewhere a hook is followed by a `GET` that has no payload, no `Authorization` and no signature, and a command not at
//! all. No hop says where it comes from, and user information in a `Location` is left out.

use std::fmt;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderMap, Method, Request, StatusCode, Uri, response};
use thiserror::Error;
use url::Url;

use super::callback_url::origin;
use super::{EgressSettings, signing};

/// How many requests a call makes at most.
const MAX_REQUESTS: u8 = 10;

/// Who calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Caller {
    /// A person waits for the answer.
    Command,
    /// A post was made; nobody waits.
    Hook,
}

/// One request of a call.
#[derive(Clone)]
pub(crate) struct Hop {
    /// The host of the first request, as the parser wrote it.
    first_host: String,
    host: String,
    /// From 1.
    number: u8,
    request: Request<Bytes>,
}

/// What becomes of an answer.
#[derive(Debug)]
pub(crate) enum Redirect {
    /// It is the answer.
    Final,
    /// The next request is to be made.
    Follow(Box<Hop>),
    /// It leads where no call goes: there is no answer.
    Refused(RefusedRedirect),
    /// It points elsewhere, but is the answer all the same, to be logged as a redirect.
    Unfollowed,
}

/// Why a redirect is not followed.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum RefusedRedirect {
    /// It leads from `https` to `http`.
    #[error("a redirect leads from `https` to `http`")]
    Downgrade,
    /// Its `Location` cannot be called.
    #[error("the `Location` of a redirect is no address of `http` or `https`")]
    Location,
    /// It is one too many.
    #[error("a call makes at most {MAX_REQUESTS} requests, and a redirect asks for another")]
    TooMany,
}

impl Hop {
    /// The first request of a call; `host` is the host of the text that its address was made of.
    pub(crate) fn first(request: Request<Bytes>, host: &str) -> Self {
        let first_host = request.uri().host().unwrap_or_default().to_ascii_lowercase();
        Self { first_host, host: host.to_owned(), number: 1, request }
    }

    /// Returns what is to be sent.
    pub(crate) fn request(&self) -> &Request<Bytes> {
        &self.request
    }

    /// Returns the host to be looked for on the list of those that may be called: without brackets, as it was written.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Says what follows the answer with this head.
    pub(crate) fn after(&self, head: &response::Parts, caller: Caller, settings: &EgressSettings) -> Redirect {
        let keeps_payload = match head.status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => false,
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
            _ => return Redirect::Final,
        };
        let Some(location) = head.headers.get(LOCATION).filter(|location| !location.is_empty()) else {
            return Redirect::Final;
        };
        let Some((from, to)) = self.leads(location.as_bytes()) else {
            return Redirect::Refused(RefusedRedirect::Location);
        };
        let is_within = origin(&from) == origin(&to) || is_upgrade(&from, &to);
        if !is_within && !settings.follow_everywhere {
            if keeps_payload || caller == Caller::Command {
                return Redirect::Unfollowed;
            }
            if from.scheme() == "https" && to.scheme() == "http" {
                return Redirect::Refused(RefusedRedirect::Downgrade);
            }
        }
        if !matches!(to.scheme(), "http" | "https") {
            return Redirect::Refused(RefusedRedirect::Location);
        }
        if self.number >= MAX_REQUESTS {
            return Redirect::Refused(RefusedRedirect::TooMany);
        }
        let keeps_authorization = is_within || settings.follow_everywhere && self.is_first_host(&to);
        let next =
            self.next(&to, Kept { authorization: keeps_authorization, payload: keeps_payload, signature: is_within });
        let same_host = from.host() == to.host();
        match next {
            Some(request) => {
                let host = if same_host { self.host.clone() } else { bare_host(&to).to_owned() };
                Redirect::Follow(Box::new(Self {
                    first_host: self.first_host.clone(),
                    host,
                    number: self.number.saturating_add(1),
                    request,
                }))
            }
            None => Redirect::Refused(RefusedRedirect::Location),
        }
    }

    /// From where to where a `Location` leads.
    fn leads(&self, location: &[u8]) -> Option<(Url, Url)> {
        let location = std::str::from_utf8(location).ok().filter(|text| !text.bytes().any(|b| b.is_ascii_control()))?;
        let from = Url::parse(&self.request.uri().to_string()).ok()?;
        let mut to = from.join(location).ok()?;
        to.set_fragment(None);
        // An address that cannot have these has none.
        let _ = (to.set_username(""), to.set_password(None));
        Some((from, to))
    }

    /// Whether an address is on the first host, or on a host below it.
    fn is_first_host(&self, to: &Url) -> bool {
        let host = to.host_str().unwrap_or_default();
        let before = host.strip_suffix(&self.first_host);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }

    fn next(&self, to: &Url, kept: Kept) -> Option<Request<Bytes>> {
        let mut headers = self.request.headers().clone();
        headers.remove(HOST);
        if !kept.authorization {
            headers.remove(AUTHORIZATION);
        }
        if !kept.payload {
            headers.remove(CONTENT_LENGTH);
            headers.remove(CONTENT_TYPE);
        }
        if !kept.payload || !kept.signature {
            unsign(&mut headers);
        }
        let body = if kept.payload { self.request.body().clone() } else { Bytes::new() };
        let mut request = Request::new(body);
        *request.headers_mut() = headers;
        *request.method_mut() = if kept.payload { self.request.method().clone() } else { Method::GET };
        *request.uri_mut() = to.as_str().parse::<Uri>().ok()?;
        Some(request)
    }
}

/// It does not show what is sent, which has secrets.
impl fmt::Debug for Hop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hop").field("host", &self.host).field("number", &self.number).finish_non_exhaustive()
    }
}

/// What of a request goes into the next one.
struct Kept {
    authorization: bool,
    payload: bool,
    signature: bool,
}

/// Whether it leads to `https` on the same host, both with default ports.
fn is_upgrade(from: &Url, to: &Url) -> bool {
    let are_default = from.port().is_none() && to.port().is_none();
    are_default && from.scheme() == "http" && to.scheme() == "https" && from.host() == to.host()
}

fn bare_host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default();
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

fn unsign(headers: &mut HeaderMap) {
    for name in [signing::ID, signing::SIGNATURE, signing::TIMESTAMP] {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests;
