//! What a request asks for, taken apart: whom to connect to, and what to say there.

use std::net::{IpAddr, Ipv6Addr};

use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::uri::{PathAndQuery, Scheme};
use http::{Method, Request, Uri, Version, request};
use http_body_util::Full;

use crate::port::{HttpError, HttpErrorKind, Sent};

/// Whom connections are kept for. One that was made because the policy admits a host by its name serves no other call.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Origin {
    pub(super) admitted: bool,
    /// As in the URL, without brackets.
    pub(super) host: Box<str>,
    pub(super) port: u16,
    pub(super) secure: bool,
}

impl Origin {
    /// The host, where it is an address.
    pub(super) fn literal(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// A request that can be said more than once.
#[derive(Debug)]
pub(super) struct Outgoing {
    body: Bytes,
    parts: request::Parts,
    pub(super) origin: Origin,
}

impl Outgoing {
    pub(super) fn new(request: Request<Bytes>, admitted: bool) -> Result<Self, HttpError> {
        let (mut parts, body) = request.into_parts();
        let wrong = |why: &'static str| HttpError::new(HttpErrorKind::Url, Sent::No, why);
        let secure = match parts.uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(wrong("the scheme is neither http nor https")),
        };
        if parts.method == Method::CONNECT {
            return Err(wrong("the method is none for a URL"));
        }
        let authority = parts.uri.authority().ok_or_else(|| wrong("there is no host"))?;
        let (shown, standard) = (authority.host(), if secure { 443 } else { 80 });
        let host = match shown.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(address) if address.parse::<Ipv6Addr>().is_err() => {
                return Err(wrong("what is in brackets is no address of IPv6"));
            }
            Some(address) => address,
            None => shown,
        };
        if host.is_empty() {
            return Err(wrong("there is no host"));
        }
        let said = authority.as_str().trim_end_matches(':');
        let port = match authority.port_u16() {
            Some(port) => port,
            None if said.ends_with(shown) => standard,
            None => return Err(wrong("there is no such port")),
        };
        let named = if port == standard { HeaderValue::from_str(shown) } else { host_and_port(shown, port) };
        parts.headers.insert(HOST, named.map_err(|_| wrong("the host cannot be said in a request"))?);
        let origin = Origin { admitted, host: host.into(), port, secure };
        Ok(Self { body, parts, origin })
    }

    /// The request as HTTP/1.1 has it: the host in a header, and only the path in its line.
    pub(super) fn http1(&self) -> Request<Full<Bytes>> {
        let mut parts = self.parts.clone();
        let path = parts.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
        parts.uri = Uri::from(path);
        parts.version = Version::HTTP_11;
        Request::from_parts(parts, Full::new(self.body.clone()))
    }

    /// The request as HTTP/2 has it: the host in the URL alone.
    pub(super) fn http2(&self) -> Request<Full<Bytes>> {
        let mut parts = self.parts.clone();
        parts.headers.remove(HOST);
        parts.version = Version::HTTP_2;
        Request::from_parts(parts, Full::new(self.body.clone()))
    }
}

fn host_and_port(host: &str, port: u16) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    HeaderValue::try_from(format!("{host}:{port}"))
}
