//! The contract read plainly (API-18, BOT-95, BOT-96, and A2: a cookie gives way to another header but for GET).

/// What a request carries.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) authorization: Vec<Vec<u8>>,
    pub(crate) cookies: Vec<Vec<u8>>,
    pub(crate) method: &'static str,
    pub(crate) query: Option<String>,
}

/// Where a credential stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Where {
    Cookie,
    Header,
    Query,
}

/// The credential of a request: its place, and the first 50 bytes.
pub(crate) fn presented(sent: &Sent) -> Option<(Where, String)> {
    let (cookie, header) = (cookie(&sent.cookies), header(&sent.authorization));
    let header_wins = sent.method != "GET" && header.is_some() && header != cookie;
    let (place, token) = if let (Some(cookie), false) = (&cookie, header_wins) {
        (Where::Cookie, cookie.clone())
    } else if let Some(header) = header {
        (Where::Header, header)
    } else {
        (Where::Query, query(sent.query.as_deref()?)?)
    };
    if token.is_empty() {
        return None;
    }
    let mut cut = String::new();
    for c in token.chars() {
        if cut.len() + c.len_utf8() > 50 {
            break;
        }
        cut.push(c);
    }
    Some((place, cut))
}

/// Visible ASCII and tabs; other header values say nothing.
fn ascii(value: &[u8]) -> Option<String> {
    let is_text = value.iter().all(|byte| (32..127).contains(byte) || *byte == b'\t');
    is_text.then(|| value.iter().map(|byte| char::from(*byte)).collect())
}

fn header(values: &[Vec<u8>]) -> Option<String> {
    let value = ascii(values.first()?)?;
    for word in ["BEARER", "TOKEN"] {
        if value.len() > word.len() && value[..word.len()].to_uppercase() == word {
            return Some(value[word.len() + 1..].to_owned());
        }
    }
    None
}

fn cookie(lines: &[Vec<u8>]) -> Option<String> {
    for line in lines.iter().filter_map(|line| ascii(line)) {
        for pair in line.split(';') {
            let pair = pair.trim();
            let Some(value) = pair.strip_prefix("MMAUTHTOKEN=") else { continue };
            return Some(value.trim_matches('"').to_owned());
        }
    }
    None
}

fn query(query: &str) -> Option<String> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if decoded(name) == "access_token" {
            return Some(decoded(value));
        }
    }
    None
}

fn decoded(text: &str) -> String {
    let text = text.as_bytes();
    let (mut bytes, mut at) = (Vec::new(), 0);
    while at < text.len() {
        let hex = text.get(at + 1..at + 3).filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        match (text[at], hex) {
            (b'%', Some(hex)) => {
                let hex = std::str::from_utf8(hex).expect("two digits");
                bytes.push(u8::from_str_radix(hex, 16).expect("two digits"));
                at += 3;
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
