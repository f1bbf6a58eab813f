//! The credential of a request, and whether a cookie may be trusted (API-18, API-22).

use std::borrow::Cow;
use std::fmt;

use http::request::Parts;
use http::{HeaderMap, Method, header};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use url::Url;

/// Something that opens a session, as it came with a request (API-18).
#[derive(Clone, Debug)]
pub struct Credential {
    /// Where it stood.
    pub source: CredentialSource,
    token: SecretString,
}

impl Credential {
    /// A token from a place; cut at 50 bytes (API-18).
    #[must_use]
    pub fn new(source: CredentialSource, token: &str) -> Self {
        Self { source, token: cut(token).into() }
    }

    /// Hands out the token; each call site is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.token.expose_secret()
    }
}

/// Where a credential stood in a request, in the order of API-18.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CredentialSource {
    /// The cookie `MMAUTHTOKEN`.
    Cookie,
    /// `Authorization: Bearer …` or `Authorization: token …`.
    Header,
    /// The query parameter `access_token`; for OAuth sessions only.
    Query,
}

/// How long a token is at most, in bytes (API-18).
const MAX_TOKEN_BYTES: usize = 50;

fn cut(token: &str) -> &str {
    let mut end = token.len().min(MAX_TOKEN_BYTES);
    while !token.is_char_boundary(end) {
        end -= 1;
    }
    token.get(..end).unwrap_or_default()
}

/// A credential that is still where it stood in the request.
pub(crate) struct Presented<'a> {
    pub(crate) source: CredentialSource,
    token: Cow<'a, str>,
}

impl Presented<'_> {
    /// Hands out the token, cut at 50 bytes; each call site is a place to review.
    pub(crate) fn expose(&self) -> &str {
        cut(&self.token)
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented").field("source", &self.source).finish_non_exhaustive()
    }
}

/// Finds the credential of a request: the first place of API-18 that has one, and nothing falls through.
///
/// A cookie gives way to a header that names another session, on every method but GET: what crosses sites cannot set
/// that header. A place that holds an empty token means an anonymous request.
pub(crate) fn presented(parts: &Parts) -> Option<Presented<'_>> {
    let cookie = cookie(&parts.headers, "MMAUTHTOKEN");
    let header = authorization(&parts.headers);
    let (source, token) = match (cookie, header) {
        (Some(cookie), Some(header)) if parts.method != Method::GET && cookie != header => {
            (CredentialSource::Header, header.into())
        }
        (Some(cookie), _) => (CredentialSource::Cookie, cookie.into()),
        (None, Some(header)) => (CredentialSource::Header, header.into()),
        (None, None) => (CredentialSource::Query, query(parts, "access_token")?),
    };
    (!token.is_empty()).then_some(Presented { source, token })
}

/// Whether a request that a cookie authenticated, and that may change something, comes from our own pages (API-22).
///
/// It does if `X-CSRF-Token` equals the session's value. Unless `strict`, `X-Requested-With: XMLHttpRequest` is enough,
/// as long as the browser does not say that another site sent the request.
pub(crate) fn is_from_own_page(parts: &Parts, csrf: &str, strict: bool, site_url: Option<&Url>) -> bool {
    let sent = parts.headers.get("x-csrf-token").map(|value| value.as_bytes()).unwrap_or_default();
    if !csrf.is_empty() && bool::from(csrf.as_bytes().ct_eq(sent)) {
        return true;
    }
    let asked_by_script = parts.headers.get("x-requested-with").is_some_and(|value| value == "XMLHttpRequest");
    asked_by_script && !strict && !is_cross_site(&parts.headers, site_url)
}

fn is_cross_site(headers: &HeaderMap, site_url: Option<&Url>) -> bool {
    if headers.get("sec-fetch-site").is_some_and(|value| value == "cross-site") {
        return true;
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let Some(origin) = origin.to_str().ok().and_then(|text| Url::parse(text).ok()) else { return true };
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let is_host = host.and_then(|host| Url::parse(&format!("{}://{host}", origin.scheme())).ok());
    let same = |url: &Url| url.host() == origin.host() && url.port_or_known_default() == origin.port_or_known_default();
    !is_host.as_ref().is_some_and(same) && !site_url.is_some_and(same)
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let after = |word: &str| {
        let (start, rest) = value.split_at_checked(word.len())?;
        let mut rest = rest.chars();
        (start.eq_ignore_ascii_case(word) && rest.next().is_some()).then_some(rest.as_str())
    };
    after("bearer").or_else(|| after("token"))
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.trim_matches('"'))
}

fn query<'a>(parts: &'a Parts, name: &str) -> Option<Cow<'a, str>> {
    let query = parts.uri.query()?;
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Headers<'a> = &'a [(&'a str, &'a str)];

    fn request(method: &str, uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_token_is_cut_at_fifty_bytes_and_never_shown() {
        let credential = Credential::new(CredentialSource::Header, &"é".repeat(40));
        assert_eq!(credential.expose(), "é".repeat(25));
        let credential = Credential::new(CredentialSource::Header, &"€".repeat(40));
        assert_eq!(credential.expose(), "€".repeat(16));
        let credential = Credential::new(CredentialSource::Query, "s3cret");
        assert!(!format!("{credential:?}").contains("s3cret"));
        let long = format!("Bearer {}", "s3cret".repeat(20_000));
        let parts = request("GET", "/", &[("Authorization", &long)]);
        let presented = presented(&parts).unwrap();
        assert_eq!(presented.expose(), "s3cret".repeat(8) + "s3");
        assert_eq!(format!("{presented:?}"), "Presented { source: Header, .. }");
    }

    #[test]
    fn finds_the_token_where_it_stands_first() {
        let cookie = ("Cookie", "a=b; MMAUTHTOKEN=old; c=d");
        let cases: &[(&str, &str, Headers<'_>, Option<&str>)] = &[
            ("GET", "/", &[("Authorization", "Bearer abc")], Some("abc")),
            ("GET", "/", &[("Authorization", "bEaReR abc")], Some("abc")),
            ("GET", "/", &[("Authorization", "Bearer:abc")], Some("abc")),
            ("GET", "/", &[("Authorization", "Bearer  abc")], Some(" abc")),
            ("GET", "/", &[("Authorization", "Bearer")], None),
            ("GET", "/", &[("Authorization", "token abc")], Some("abc")),
            ("GET", "/", &[("Authorization", "Token abc")], Some("abc")),
            ("GET", "/", &[("Authorization", "Basic Zm9vOmJhcg==")], None),
            ("GET", "/", &[cookie, ("Authorization", "Bearer abc")], Some("old")),
            ("POST", "/", &[cookie, ("Authorization", "Bearer abc")], Some("abc")),
            ("POST", "/", &[cookie], Some("old")),
            ("GET", "/", &[("Cookie", "MMAUTHTOKEN="), ("Authorization", "Bearer abc")], None),
            ("GET", "/?access_token=abc", &[("Authorization", "Bearer xyz")], Some("xyz")),
            ("GET", "/?a=b&access_token=a%62c", &[], Some("abc")),
            ("GET", "/?access_token=", &[], None),
            ("GET", "/", &[], None),
        ];
        for (method, uri, headers, want) in cases {
            let parts = request(method, uri, headers);
            let found = presented(&parts);
            assert_eq!(found.as_ref().map(Presented::expose), *want, "{method} {uri} {headers:?}");
        }
    }

    #[test]
    fn trusts_a_cookie_only_from_its_own_page() {
        let script = ("X-Requested-With", "XMLHttpRequest");
        let host = ("Host", "chat.example");
        let cases: &[(Headers<'_>, bool, bool)] = &[
            (&[], false, false),
            (&[("X-CSRF-Token", "right")], true, true),
            (&[("X-CSRF-Token", "wrong")], false, false),
            (&[("X-CSRF-Token", "")], false, false),
            (&[script], true, false),
            (&[script, ("Sec-Fetch-Site", "same-origin")], true, false),
            (&[script, ("Sec-Fetch-Site", "cross-site")], false, false),
            (&[script, host, ("Origin", "https://chat.example")], true, false),
            (&[script, host, ("Origin", "https://evil.example")], false, false),
            (&[script, host, ("Origin", "https://chat.example:8443")], false, false),
            (&[script, ("Origin", "https://site.example")], true, false),
            (&[script, ("Origin", "https://site.example:443")], true, false),
            (&[script, ("Origin", "http://site.example")], false, false),
            (&[script, host, ("Origin", "null")], false, false),
        ];
        let site = Url::parse("https://site.example").unwrap();
        for (headers, loose, strict) in cases {
            let parts = request("POST", "/", headers);
            assert_eq!(is_from_own_page(&parts, "right", false, Some(&site)), *loose, "{headers:?}");
            assert_eq!(is_from_own_page(&parts, "right", true, Some(&site)), *strict, "{headers:?} strict");
        }
    }

    #[test]
    fn an_empty_stored_value_never_passes() {
        let parts = request("POST", "/", &[("X-CSRF-Token", "")]);
        assert!(!is_from_own_page(&parts, "", false, None));
    }
}
