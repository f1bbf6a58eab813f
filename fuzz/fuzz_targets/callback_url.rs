//! Addresses of integrations, by their grammar and as what is dialled. The module is compiled into the target: it is none
//! of the crate's interface.
//!
//! What the grammar allows is what another reading of it allows, byte by byte. What is dialled has no user information and
//! no fragment, leads to the host of the text unless that is an address in disguise, and is shown without anything behind
//! the path.

#![no_main]

use std::net::Ipv6Addr;

use callback_url::{CallbackUrl, is_callback_url};
use libfuzzer_sys::fuzz_target;

#[allow(dead_code, reason = "the crate uses more of it")]
#[path = "../../src/security/callback_url/mod.rs"]
mod callback_url;

fuzz_target!(|text: &str| {
    let parsed = CallbackUrl::parse(text);
    assert_eq!((parsed.is_ok(), is_callback_url(text)), (is_allowed(text), is_allowed(text)), "{text:?}");
    let Ok(parsed) = parsed else { return };
    assert_eq!(parsed.as_str(), text);
    let shown = parsed.masked();
    assert!(
        !shown.contains(['?', '#', '@']) || shown.rsplit_once('@').is_some_and(|(before, _)| before.contains("://"))
    );
    assert!(parsed.authorization().is_none_or(|value| value.is_sensitive()));
    assert!(parsed.origin().starts_with("http"));
    let (Ok(dialled), Ok(uri)) = (parsed.dial(), parsed.uri()) else { return };
    assert!(dialled.username().is_empty() && dialled.password().is_none() && dialled.fragment().is_none());
    assert!(uri.to_string().bytes().all(|byte| byte.is_ascii_graphic()));
    assert_eq!((dialled.host_str(), dialled.port()), (uri.host(), uri.port_u16()));
    assert_eq!((dialled.scheme(), Some(dialled.scheme())), (&text[..dialled.scheme().len()], uri.scheme_str()));
    let bare = dialled.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_name = dialled.domain().is_some();
    assert!(!is_name || bare == parsed.host_text().to_ascii_lowercase(), "{text:?} is dialled as {dialled}");
});

/// The grammar, with a place in the text and no names.
fn is_allowed(text: &str) -> bool {
    if text.bytes().any(|byte| byte < 0x20 || byte == 0x7f) {
        return false;
    }
    let Some(rest) = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")) else { return false };
    let bytes = rest.as_bytes();
    let before_query = bytes.iter().position(|byte| *byte == b'?').unwrap_or(bytes.len());
    let slash = bytes[..before_query].iter().position(|byte| *byte == b'/').unwrap_or(before_query);
    let at = bytes[..slash].iter().rposition(|byte| *byte == b'@');
    let (user, place) = match at {
        Some(at) => (&bytes[..at], &bytes[at + 1..slash]),
        None => (&[][..], &bytes[..slash]),
    };
    let is_user =
        |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') || b"-._~!$&'()*+,;=:@".contains(&byte);
    let is_host = |byte| {
        matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80..) || b"-._~!$&'()*+,;=<>\"]".contains(&byte)
    };
    if !each(user, is_user, |_| true) || !each(&bytes[slash..before_query], |_| true, |_| true) || place.is_empty() {
        return false;
    }
    let port = if place[0] == b'[' {
        let Some(end) = place.iter().position(|byte| *byte == b']') else { return false };
        let inner = std::str::from_utf8(&place[1..end]).unwrap();
        let (address, zone) = inner.find("%25").map_or((inner, None), |at| (&inner[..at], Some(&inner[at + 3..])));
        let is_zone = |zone: &str| {
            let is_zone = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z') || b"-._~".contains(&byte);
            !zone.is_empty() && each(zone.as_bytes(), is_zone, |_| true)
        };
        if address.parse::<Ipv6Addr>().is_err() || !zone.is_none_or(is_zone) {
            return false;
        }
        &place[end + 1..]
    } else {
        let end = place.iter().position(|byte| *byte == b':').unwrap_or(place.len());
        if !each(&place[..end], is_host, |escaped| escaped >= 0x80) {
            return false;
        }
        &place[end..]
    };
    port.is_empty() || port[0] == b':' && port[1..].iter().all(u8::is_ascii_digit)
}

/// Whether each byte is fine, or begins an escape that is.
fn each(bytes: &[u8], is_fine: impl Fn(u8) -> bool, is_fine_escaped: impl Fn(u8) -> bool) -> bool {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'%' {
            let digit = |at: usize| bytes.get(at).and_then(|byte| char::from(*byte).to_digit(16));
            let (Some(high), Some(low)) = (digit(at + 1), digit(at + 2)) else { return false };
            if !is_fine_escaped((high * 16 + low) as u8) {
                return false;
            }
            at += 3;
        } else if is_fine(*byte) {
            at += 1;
        } else {
            return false;
        }
    }
    true
}
