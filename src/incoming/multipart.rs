//! The parts of a `multipart/form-data` body (RFC 7578, RFC 2046 section 5.1). Linear; nothing is copied.

use memchr::memmem;

use super::content_type::parameter;

/// How many parts are read at most.
pub(crate) const MAX_PARTS: usize = 1_000;

/// How long the head of one part may be, in bytes.
const MAX_HEAD: usize = 16 * 1024;

/// A part that carries a value; parts that carry a file are left out.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Part<'a> {
    /// Its form name.
    pub(crate) name: String,
    /// Its content.
    pub(crate) value: &'a [u8],
}

/// Why a body is no multipart body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct MalformedMultipart(pub(crate) &'static str);

const UNENDED: MalformedMultipart = MalformedMultipart("the last part has no end");

/// Reads a whole body.
pub(crate) fn parts<'a>(body: &'a [u8], boundary: &str) -> Result<Vec<Part<'a>>, MalformedMultipart> {
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let (line, first) = delimiter.split_at_checked(2).ok_or(UNENDED)?;
    let finder = memmem::Finder::new(&delimiter);
    let mut rest = match body.strip_prefix(first) {
        Some(rest) => rest,
        None => after(&finder, body).ok_or(MalformedMultipart("there is no boundary"))?.1,
    };
    let (mut parts, mut count) = (Vec::new(), 0);
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let padded = rest.get(padding..).unwrap_or_default();
        rest = padded.strip_prefix(line).ok_or(MalformedMultipart("a boundary is not alone on its line"))?;
        count += 1;
        if count > MAX_PARTS {
            return Err(MalformedMultipart("there are too many parts"));
        }
        let (head, content) = head(rest)?;
        let (value, next) = after(&finder, content).ok_or(UNENDED)?;
        if let Some(name) = name(head)? {
            parts.push(Part { name, value });
        }
        rest = next;
    }
}

/// Splits at the next delimiter: what is before it, and what is behind it.
fn after<'a>(finder: &memmem::Finder<'_>, body: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = finder.find(body)?;
    let (before, rest) = body.split_at_checked(at)?;
    Some((before, rest.get(finder.needle().len()..)?))
}

/// Splits a part into its header lines and its content. The content keeps the line break before it, so that a part
/// without content still ends in a delimiter.
fn head(part: &[u8]) -> Result<(&[u8], &[u8]), MalformedMultipart> {
    const BROKEN: MalformedMultipart = MalformedMultipart("the head of a part has no end");
    if part.starts_with(b"\r\n") {
        return Ok((&[], part.get(2..).unwrap_or_default()));
    }
    let window = part.get(..part.len().min(MAX_HEAD)).unwrap_or_default();
    let at = memmem::find(window, b"\r\n\r\n").ok_or(BROKEN)?;
    let (head, rest) = part.split_at_checked(at).ok_or(BROKEN)?;
    Ok((head, rest.get(4..).unwrap_or_default()))
}

/// Returns the form name of a part, or none if it is a file or no form part.
fn name(head: &[u8]) -> Result<Option<String>, MalformedMultipart> {
    const BROKEN: MalformedMultipart = MalformedMultipart("a part has a malformed header");
    let head = String::from_utf8_lossy(head);
    let (mut name, mut is_file) = (None, false);
    for line in head.split("\r\n").filter(|line| !line.is_empty()) {
        let (key, value) = line.split_once(':').ok_or(BROKEN)?;
        if !key.trim().eq_ignore_ascii_case("content-disposition") {
            continue;
        }
        let (kind, mut rest) = value.split_once(';').unwrap_or((value, ""));
        let is_form = kind.trim().eq_ignore_ascii_case("form-data");
        while !rest.trim().is_empty() {
            let (key, value, after) = parameter(rest).map_err(|_| BROKEN)?;
            match key.as_str() {
                "name" if is_form => name = Some(value),
                "filename" | "filename*" => is_file |= !value.is_empty(),
                _ => {}
            }
            rest = after;
        }
    }
    Ok(name.filter(|name| !name.is_empty() && !is_file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<(String, String)>, &'static str> {
        let body = body.replace('\n', "\r\n");
        let found = parts(body.as_bytes(), "x").map_err(|broken| broken.0)?;
        Ok(found.into_iter().map(|part| (part.name, String::from_utf8_lossy(part.value).into_owned())).collect())
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn reads_values_and_leaves_files_out() {
        let body = concat!(
            "a preamble\n--x \t\nContent-Disposition: form-data; name=\"text\"\n\nhi\nthere\n",
            "--x\nContent-Type: text/plain\ncontent-disposition: form-data; name=file; filename=\"a.txt\"\n\nbytes\n",
            "--x\nContent-Disposition: form-data; name=empty\n\n\n--x--\nan epilogue"
        );
        assert_eq!(read(body), Ok(vec![pair("text", "hi\r\nthere"), pair("empty", "")]));
    }

    #[test]
    fn refuses_what_has_no_end() {
        let cases = [
            ("", "there is no boundary"),
            ("x", "there is no boundary"),
            ("--y--", "there is no boundary"),
            ("--x", "a boundary is not alone on its line"),
            ("--x\n", "the head of a part has no end"),
            ("--xy\n", "a boundary is not alone on its line"),
            ("--x\nContent-Disposition: form-data; name=\"text\"\n\nhi", "the last part has no end"),
            ("--x\nContent-Disposition: form-data; name=\"text\"\n\nhi\n--x", "a boundary is not alone on its line"),
            ("--x\nno header\n\nhi\n--x--", "a part has a malformed header"),
            ("--x\nContent-Disposition: form-data; name=\"text\n\nhi\n--x--", "a part has a malformed header"),
        ];
        for (body, want) in cases {
            assert_eq!(read(body), Err(want), "{body:?}");
        }
    }

    #[test]
    fn counts_parts() {
        let part = "--x\nContent-Disposition: form-data; name=a\n\n\n";
        assert_eq!(read(&format!("{}--x--", part.repeat(MAX_PARTS))).map(|all| all.len()), Ok(MAX_PARTS));
        assert_eq!(read(&format!("{}--x--", part.repeat(MAX_PARTS + 1))), Err("there are too many parts"));
    }
}
