//! Addresses that integrations are called at (OUT-230, OUT-235, OUT-309).
//!
//! The text that was given is kept and judged by a grammar of its own, which is not that of browsers: it neither folds
//! nor rewrites anything. It becomes an address when it is dialled; what the parser then makes of the host is judged
//! where it leads.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};
use thiserror::Error;
use url::{Host, Url};

/// Whether a text may be stored as the address of an integration (OUT-230).
pub(crate) fn is_callback_url(text: &str) -> bool {
    CallbackUrl::parse(text).is_ok()
}

/// The address of an integration, as it was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallbackUrl<'a> {
    authority: Authority<'a>,
    /// Empty, or with its slash, and all that follows it up to a question mark.
    path: &'a str,
    query: Option<&'a str>,
    scheme: &'static str,
    text: &'a str,
}

#[derive(Clone, Copy, Debug)]
struct Authority<'a> {
    credentials: Option<&'a str>,
    /// With the brackets of an IPv6 address.
    host: &'a str,
    /// Digits, or none.
    port: Option<&'a str>,
}

/// The text is no address that the grammar allows.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("not the address of an integration")]
pub(crate) struct InvalidCallbackUrl;

/// The text cannot be dialled: it has no host that is one, or a port that is none.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the address has no host or no port that could be called")]
pub(crate) struct Undiallable;

impl<'a> CallbackUrl<'a> {
    /// Takes a text. Linear in its length.
    ///
    /// # Errors
    ///
    /// The grammar does not allow it.
    pub(crate) fn parse(text: &'a str) -> Result<Self, InvalidCallbackUrl> {
        let parsed = Self::scan(text).filter(|_| !text.bytes().any(|byte| byte.is_ascii_control()));
        parsed.ok_or(InvalidCallbackUrl)
    }

    fn scan(text: &'a str) -> Option<Self> {
        let schemes = ["http", "https"];
        let (scheme, rest) =
            schemes.iter().find_map(|scheme| Some((*scheme, text.strip_prefix(*scheme)?.strip_prefix("://")?)))?;
        let (before, query) = split(rest, b'?');
        let (authority, path) = before.split_at_checked(before.find('/').unwrap_or(before.len()))?;
        let authority = Authority::scan(authority)?;
        escapes_are_sound(path, |_| true).then_some(Self { authority, path, query, scheme, text })
    }

    /// Returns the text that was given.
    pub(crate) fn as_str(&self) -> &'a str {
        self.text
    }

    /// Returns the host as it was written, to be compared with the list of hosts that may be called: without brackets,
    /// and in its `xn--` form if it is not ASCII (OUT-222).
    pub(crate) fn host_text(&self) -> Cow<'a, str> {
        let host = self.authority.host;
        if host.is_ascii() && !host.contains('%') {
            return Cow::Borrowed(host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host));
        }
        match Host::parse(host) {
            Ok(Host::Domain(domain)) => Cow::Owned(domain),
            // One that turns out to be an address is judged as the address.
            Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => Cow::Borrowed(host),
        }
    }

    /// Returns scheme, host and port, in lower case, the port always: what calls to one place have in common.
    pub(crate) fn origin(&self) -> String {
        if let Ok(url) = self.dial() {
            return origin(&url);
        }
        let port = self.authority.port.filter(|port| !port.is_empty());
        let port = port.unwrap_or(if self.scheme == "https" { "443" } else { "80" });
        format!("{}://{}:{port}", self.scheme, self.authority.host.to_lowercase())
    }

    /// Returns origin and path as they were written, to be shown: no user information, query or fragment (OUT-323).
    pub(crate) fn masked(&self) -> String {
        let Authority { host, port, .. } = self.authority;
        let (colon, port) = port.map_or(("", ""), |port| (":", port));
        format!("{}://{host}{colon}{port}{}", self.scheme, split(self.path, b'#').0)
    }

    /// Makes an address of the text. It has no user information and no fragment.
    ///
    /// # Errors
    ///
    /// Its host or port is none.
    pub(crate) fn dial(&self) -> Result<Url, Undiallable> {
        self.address().map(|(url, _)| url)
    }

    /// Makes the address of a request: the host and port of [`dial`](Self::dial), path and query as they were written
    /// but for what makes a request invalid, which is percent-encoded (OUT-235). Dots in the path stay.
    ///
    /// # Errors
    ///
    /// Its host or port is none.
    pub(crate) fn uri(&self) -> Result<Uri, Undiallable> {
        self.address().map(|(_, uri)| uri)
    }

    fn address(&self) -> Result<(Url, Uri), Undiallable> {
        let Authority { host, port, .. } = self.authority;
        let (colon, port) = port.map_or(("", ""), |port| (":", port));
        let target = self.target();
        let url = Url::parse(&format!("{}://{host}{colon}{port}{target}", self.scheme)).map_err(|_| Undiallable)?;
        let host = url.host_str().ok_or(Undiallable)?;
        let authority = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let parts = Uri::builder().scheme(self.scheme).authority(authority).path_and_query(target);
        let uri = parts.build().map_err(|_| Undiallable)?;
        Ok((url, uri))
    }

    /// Returns the user information as the value of `Authorization` (OUT-208), marked as a secret.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let (user, password) = split(self.authority.credentials.filter(|text| !text.is_empty())?, b':');
        let mut pair = unescaped(user);
        pair.push(b':');
        pair.extend(unescaped(password.unwrap_or_default()));
        let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair))).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Path and query as a request line holds them, without the fragment.
    fn target(&self) -> String {
        let (path, fragment) = split(self.path, b'#');
        let mut target = String::with_capacity(path.len() + self.query.map_or(0, str::len) + 2);
        if path.is_empty() {
            target.push('/');
        }
        escape_into(&mut target, path, br#""<>\^`{|}"#);
        if let Some(query) = self.query.filter(|_| fragment.is_none()) {
            target.push('?');
            escape_into(&mut target, split(query, b'#').0, br#""<>"#);
        }
        target
    }
}

impl<'a> Authority<'a> {
    fn scan(text: &'a str) -> Option<Self> {
        let (credentials, place) = match text.rsplit_once('@') {
            Some((credentials, place)) => (Some(credentials), place),
            None => (None, text),
        };
        let is_sound = |text| {
            let is_listed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%".contains(&byte);
            text_is(text, is_listed) && escapes_are_sound(text, |_| true)
        };
        if place.is_empty() || !credentials.is_none_or(is_sound) {
            return None;
        }
        let (host, port) = match place.strip_prefix('[') {
            Some(rest) => {
                let (address, port) = rest.split_once(']')?;
                let host = place.get(..address.len() + 2)?;
                let port = if port.is_empty() { None } else { Some(port.strip_prefix(':')?) };
                is_ipv6(address).then_some((host, port))?
            }
            None => {
                let (host, port) = split(place, b':');
                is_name(host).then_some((host, port))?
            }
        };
        port.is_none_or(|port| text_is(port, |byte| byte.is_ascii_digit())).then_some(Self { credentials, host, port })
    }
}

/// Scheme, host and port of an address, the port always.
pub(crate) fn origin(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{}://{host}:{}", url.scheme(), url.port_or_known_default().unwrap_or_default())
}

/// An IPv6 address with or without a zone, as it stands in brackets.
fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.split_once("%25").map_or((text, None), |(address, zone)| (address, Some(zone)));
    let zone_is_sound = zone.is_none_or(|zone| {
        let is_listed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
        !zone.is_empty() && text_is(zone, is_listed) && escapes_are_sound(zone, |_| true)
    });
    zone_is_sound && address.parse::<Ipv6Addr>().is_ok()
}

/// A host that is not in brackets. A second colon and an opening bracket are refused.
fn is_name(text: &str) -> bool {
    let is_listed =
        |byte: u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"-._~!$&'()*+,;=<>\"]%".contains(&byte);
    text_is(text, is_listed) && escapes_are_sound(text, |byte| !byte.is_ascii())
}

fn text_is(text: &str, is_listed: impl Fn(u8) -> bool) -> bool {
    text.bytes().all(is_listed)
}

/// Whether each `%` begins two hexadecimal digits, of a byte that is allowed.
fn escapes_are_sound(text: &str, is_allowed: impl Fn(u8) -> bool) -> bool {
    text.split('%').skip(1).all(|after| escaped(after).is_some_and(&is_allowed))
}

/// The byte that two hexadecimal digits stand for.
fn escaped(digits: &str) -> Option<u8> {
    let digits = digits.get(..2).filter(|digits| text_is(digits, |byte| byte.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        bytes.extend(escaped(piece));
        bytes.extend(piece.bytes().skip(2));
    }
    bytes
}

/// Copies a text; spaces, what is not ASCII and what is listed is percent-encoded.
fn escape_into(into: &mut String, text: &str, listed: &[u8]) {
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !listed.contains(&byte) {
            into.push(char::from(byte));
        } else {
            into.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// What is before the first such byte, and what is behind it, if there is one.
fn split(text: &str, at: u8) -> (&str, Option<&str>) {
    text.split_once(char::from(at)).map_or((text, None), |(before, behind)| (before, Some(behind)))
}

#[cfg(test)]
mod tests;
