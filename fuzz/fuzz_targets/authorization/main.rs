//! Where credentials stand in a request. The input is lines: the first is the method, the others begin with `a`
//! (`Authorization`), `c` (`Cookie`) or `q` (the query); `TOKEN` stands for the secret of a token, `LOGIN` for that of a
//! session.
//!
//! - What the host is asked about is what a plain reading of the contract finds, at most 50 bytes, from the right place.
//! - A token and a session open where they may stand, and nothing else opens anything.
//! - Nothing that is shown for debugging holds what was presented.

#![no_main]

mod expected;
mod host;

use std::sync::OnceLock;

use http::{HeaderValue, Request};
use jackfield::engine::{AuthError, Failed};
use jackfield::port::CredentialSource;
use libfuzzer_sys::fuzz_target;

use expected::{Sent, Where};
use host::{LOGIN, World, wait};

fuzz_target!(|bytes: &[u8]| {
    static WORLD: OnceLock<World> = OnceLock::new();
    let world = WORLD.get_or_init(World::new);
    let sent = read(world, bytes);
    let Some(request) = request(&sent) else { return };
    let (parts, ()) = request.into_parts();
    let wanted = expected::presented(&sent);
    *world.host.asked.lock().expect("one thread") = None;
    let opened = wait(world.engine.authenticate(&parts));
    let asked = world.host.asked.lock().expect("one thread").take();

    let Some((place, token)) = wanted else {
        assert!(asked.is_none() && matches!(opened, Ok(None)), "{sent:?}: there is no credential");
        return;
    };
    assert!(token.len() <= 50);
    if let Some(asked) = &asked {
        assert_eq!(asked.expose(), token, "{sent:?}");
        assert_eq!(asked.source == CredentialSource::Cookie, place == Where::Cookie, "{sent:?}");
        assert_eq!(asked.source == CredentialSource::Query, place == Where::Query, "{sent:?}");
        assert!(token.len() < 12 || !format!("{asked:?}").contains(&token), "a credential is shown");
    }
    let opens = token == world.secret || token == LOGIN;
    match opened {
        Ok(Some(caller)) => {
            assert!(opens && place != Where::Query && (place == Where::Header || sent.method == "GET"), "{sent:?}");
            assert_eq!(caller.token_id().is_some(), token == world.secret);
            assert!(!format!("{caller:?}").contains(&token), "a caller shows the secret");
        }
        Ok(None) => assert!(!opens, "{sent:?}"),
        Err(Failed::Refused(AuthError::ForeignPage)) => {
            assert!(opens && place == Where::Cookie && sent.method != "GET")
        }
        Err(Failed::Refused(AuthError::TokenInQuery)) => assert!(opens && place == Where::Query),
        Err(other) => panic!("{other}"),
    }
});

fn read(world: &World, bytes: &[u8]) -> Sent {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let method = match lines.next() {
        Some(b"POST") => "POST",
        Some(b"DELETE") => "DELETE",
        _ => "GET",
    };
    let mut sent = Sent { authorization: Vec::new(), cookies: Vec::new(), method, query: None };
    for line in lines {
        let Some((kind, value)) = line.split_first() else { continue };
        let value = replaced(&replaced(value, b"TOKEN", &world.secret), b"LOGIN", LOGIN);
        match kind {
            b'a' => sent.authorization.push(value),
            b'c' => sent.cookies.push(value),
            b'q' => sent.query = String::from_utf8(value).ok(),
            _ => {}
        }
    }
    sent
}

fn replaced(bytes: &[u8], word: &[u8], by: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(word) {
            out.extend_from_slice(by.as_bytes());
            rest = after;
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

/// The request, if it can be one at all.
fn request(sent: &Sent) -> Option<Request<()>> {
    let uri = sent.query.as_ref().map_or("/".to_owned(), |query| format!("/?{query}"));
    let mut request = Request::builder().method(sent.method).uri(uri);
    for (name, values) in [("Authorization", &sent.authorization), ("Cookie", &sent.cookies)] {
        for value in values {
            request = request.header(name, HeaderValue::from_bytes(value).ok()?);
        }
    }
    let request = request.body(()).ok()?;
    // What `http` takes for the query is what counts.
    (request.uri().query() == sent.query.as_deref()).then_some(request)
}
