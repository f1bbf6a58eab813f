//! The `Content-Type` of a webhook call (INC-11).

/// How a body is to be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Content {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// Anything else, an absent header included.
    Json,
    /// `multipart/form-data`, with its boundary if it has one.
    Multipart(Option<String>),
}

/// The header's value has another form than `type/subtype; name=value`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Malformed;

impl Content {
    /// Reads the header's value; an empty one counts as absent.
    pub(crate) fn parse(header: Option<&[u8]>) -> Result<Self, Malformed> {
        let Some(value) = header.filter(|value| !value.is_empty()) else { return Ok(Self::Json) };
        let value = std::str::from_utf8(value).map_err(|_| Malformed)?;
        let (media, mut rest) = value.split_once(';').map_or((value, ""), |(media, rest)| (media, rest));
        let media = media.trim();
        let mut words = media.splitn(2, '/');
        if !words.all(is_token) {
            return Err(Malformed);
        }
        let mut seen: Vec<(String, String)> = Vec::new();
        while !rest.trim().is_empty() {
            let (name, value, after) = parameter(rest)?;
            match seen.iter().find(|(known, _)| *known == name) {
                Some((_, known)) if *known != value => return Err(Malformed),
                Some(_) => {}
                None => seen.push((name, value)),
            }
            rest = after;
        }
        if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Ok(Self::Form);
        }
        if media.eq_ignore_ascii_case("multipart/form-data") {
            let boundary = seen.into_iter().find(|(name, _)| name == "boundary").map(|(_, value)| value);
            return Ok(Self::Multipart(boundary.filter(|value| !value.is_empty())));
        }
        Ok(Self::Json)
    }
}

/// Reads one `name=value` and the semicolon behind it.
pub(super) fn parameter(text: &str) -> Result<(String, String, &str), Malformed> {
    let (name, rest) = text.split_once('=').ok_or(Malformed)?;
    let name = name.trim();
    if !is_token(name) {
        return Err(Malformed);
    }
    let (value, rest) = value(rest.trim_start())?;
    let rest = rest.trim_start();
    let rest = if rest.is_empty() { rest } else { rest.strip_prefix(';').ok_or(Malformed)? };
    Ok((name.to_ascii_lowercase(), value, rest))
}

/// Reads a token or a quoted string.
fn value(text: &str) -> Result<(String, &str), Malformed> {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut value = String::new();
        let mut chars = quoted.chars();
        while let Some(next) = chars.next() {
            match next {
                '"' => return Ok((value, chars.as_str())),
                '\\' => value.push(chars.next().ok_or(Malformed)?),
                other => value.push(other),
            }
        }
        return Err(Malformed);
    }
    let end = text.find(|c: char| c == ';' || c.is_whitespace()).unwrap_or(text.len());
    let (value, rest) = text.split_at_checked(end).ok_or(Malformed)?;
    if is_token(value) { Ok((value.to_owned(), rest)) } else { Err(Malformed) }
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::Content::{Form, Json, Multipart};
    use super::*;

    #[test]
    fn tells_forms_from_everything_else() {
        let boundary = |text: &str| Multipart(Some(text.to_owned()));
        let cases = [
            ("", Ok(Json)),
            ("application/json", Ok(Json)),
            ("application/json; charset=UTF-8", Ok(Json)),
            ("application/json;", Ok(Json)),
            ("application/json; ", Ok(Json)),
            ("application/json;a=1;", Ok(Json)),
            ("application/json; a=1; a=1", Ok(Json)),
            ("application/vnd.ci+json", Ok(Json)),
            ("text/plain", Ok(Json)),
            ("garbage", Ok(Json)),
            ("application/x-www-form-urlencoded", Ok(Form)),
            ("Application/X-WWW-Form-URLencoded; charset=utf-8", Ok(Form)),
            ("multipart/form-data", Ok(Multipart(None))),
            ("multipart/form-data; boundary=\"\"", Ok(Multipart(None))),
            ("multipart/form-data; boundary=x", Ok(boundary("x"))),
            ("multipart/form-data; Boundary=\"a \\\"b\" ; c=d", Ok(boundary("a \"b"))),
            ("application/json; foo", Err(Malformed)),
            ("application/json; a=1; a=2", Err(Malformed)),
            ("application/json; a=", Err(Malformed)),
            ("application/json; =1", Err(Malformed)),
            ("application/json; a=\"b", Err(Malformed)),
            ("application/json; a=b c", Err(Malformed)),
            ("application/json;;", Err(Malformed)),
            ("application/json x", Err(Malformed)),
            ("a/b/c", Err(Malformed)),
            ("/json", Err(Malformed)),
            ("application/", Err(Malformed)),
            (" ", Err(Malformed)),
            ("; charset=utf-8", Err(Malformed)),
            ("application/jsön", Err(Malformed)),
        ];
        for (header, want) in cases {
            assert_eq!(Content::parse(Some(header.as_bytes())), want, "{header:?}");
        }
        assert_eq!(Content::parse(None), Ok(Json));
        assert_eq!(Content::parse(Some(b"text/\xFF")), Err(Malformed));
    }
}
