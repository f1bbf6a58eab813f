//! What stands inside a paragraph of Markdown: code spans, links, addresses and escapes.

use super::character::is_word;
use super::markdown::run;
use super::ticks::Ticks;

/// Reads paragraphs and appends their plain text.
pub(super) struct Inline<'a> {
    out: &'a mut String,
    /// For each `[` that no `]` answered yet: how long `out` was before it.
    brackets: Vec<usize>,
    /// The backticks of the paragraph.
    ticks: Ticks,
}

impl<'a> Inline<'a> {
    pub(super) fn new(out: &'a mut String) -> Self {
        Self { out, brackets: Vec::new(), ticks: Ticks::default() }
    }

    /// Reads one paragraph.
    pub(super) fn read(&mut self, text: &str) {
        self.out.push('\n');
        self.brackets.clear();
        self.ticks.find(text);
        let bytes = text.as_bytes();
        let mut done = 0;
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            // Where what begins here ends, if it is to be left out.
            let end = match byte {
                b'\\' => {
                    let escapes = bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation);
                    if escapes {
                        self.out.push_str(text.get(done..at).unwrap_or_default());
                        done = at + 1;
                    }
                    at += if escapes { 2 } else { 1 };
                    continue;
                }
                b'`' => {
                    let count = run(bytes.get(at..).unwrap_or_default(), b'`');
                    let end = self.ticks.code_end(at, count);
                    if end.is_none() {
                        at += count;
                        continue;
                    }
                    end
                }
                b'[' => {
                    self.out.push_str(text.get(done..at).unwrap_or_default());
                    done = at;
                    self.brackets.push(self.out.len());
                    None
                }
                b']' => self.link_end(text, at, &mut done),
                b'<' => autolink_end(bytes, at),
                b':' => address_end(bytes, at),
                b'w' | b'W' => web_address_end(bytes, at),
                _ => None,
            };
            let Some(end) = end else {
                at += 1;
                continue;
            };
            if done < at {
                self.out.push_str(text.get(done..at).unwrap_or_default());
            }
            self.out.push(' ');
            done = end;
            at = end;
        }
        self.out.push_str(text.get(done..).unwrap_or_default());
    }

    /// Returns the end of the link or image whose label ends with the `]` at `at`, and takes its label back.
    fn link_end(&mut self, text: &str, at: usize, done: &mut usize) -> Option<usize> {
        let before = self.brackets.pop()?;
        let bytes = text.as_bytes();
        let end = (bytes.get(at + 1) == Some(&b'(')).then(|| destination_end(bytes, at + 2)).flatten()?;
        self.out.truncate(before);
        *done = end;
        if !self.out.ends_with('!') {
            // A link has no link around it; an image may.
            self.brackets.clear();
        }
        Some(end)
    }
}

/// Returns where the `address "title")` that begins at `start` ends.
///
/// Stretches that are read in vain more than once hold an open parenthesis for each time, so the limit on these keeps the
/// whole linear.
fn destination_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = skip_space(bytes, start);
    if bytes.get(at) == Some(&b'<') {
        at = closing(bytes, at + 1, |byte| byte == b'>', |byte| matches!(byte, b'<' | b'\n'))? + 1;
    } else {
        let mut depth = 0_usize;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => at += 1,
                b'(' if depth == MAX_PARENTHESES => return None,
                b'(' => depth += 1,
                b')' if depth == 0 => break,
                b')' => depth -= 1,
                _ if byte.is_ascii_whitespace() => break,
                _ => {}
            }
            at += 1;
        }
        if depth > 0 {
            return None;
        }
    }
    let after = skip_space(bytes, at);
    let end = match bytes.get(after)? {
        b')' => after,
        _ if after == at => return None,
        b'"' => skip_space(bytes, closing(bytes, after + 1, |byte| byte == b'"', |_| false)? + 1),
        b'\'' => skip_space(bytes, closing(bytes, after + 1, |byte| byte == b'\'', |_| false)? + 1),
        b'(' => skip_space(bytes, closing(bytes, after + 1, |byte| byte == b')', |byte| byte == b'(')? + 1),
        _ => return None,
    };
    (bytes.get(end) == Some(&b')')).then_some(end + 1)
}

/// Returns the place of the first unescaped byte that closes, if none that breaks comes first.
fn closing(bytes: &[u8], start: usize, closes: fn(u8) -> bool, breaks: fn(u8) -> bool) -> Option<usize> {
    let mut at = start;
    loop {
        match *bytes.get(at)? {
            b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => at += 1,
            byte if closes(byte) => return Some(at),
            byte if breaks(byte) => return None,
            _ => {}
        }
        at += 1;
    }
}

fn skip_space(bytes: &[u8], start: usize) -> usize {
    start + bytes.iter().skip(start).take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Returns the end of a `<scheme:address>` that begins with the `<` at `open`.
fn autolink_end(bytes: &[u8], open: usize) -> Option<usize> {
    let rest = bytes.get(open + 1..)?;
    let scheme = rest.iter().take(33).take_while(|byte| is_scheme(**byte)).count();
    if !(2..=32).contains(&scheme) || rest.get(scheme) != Some(&b':') {
        return None;
    }
    let stop = rest.iter().position(|byte| matches!(byte, b'<' | b'>') || byte.is_ascii_whitespace())?;
    (rest.get(stop) == Some(&b'>')).then_some(open + stop + 2)
}

/// Returns the end of an address whose `://` begins at `colon`.
fn address_end(bytes: &[u8], colon: usize) -> Option<usize> {
    let slashes = bytes.get(colon + 1) == Some(&b'/') && bytes.get(colon + 2) == Some(&b'/');
    let scheme = colon.checked_sub(1).and_then(|last| bytes.get(last)).is_some_and(|byte| is_scheme(*byte));
    (slashes && scheme).then(|| bare_end(bytes, colon + 3))
}

/// Returns the end of an address that begins with `www.` at `start`.
fn web_address_end(bytes: &[u8], start: usize) -> Option<usize> {
    let www = bytes.get(start..start + 4).is_some_and(|begin| begin.eq_ignore_ascii_case(b"www."));
    let inside = start.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| is_word(*byte));
    (www && !inside).then(|| bare_end(bytes, start + 4))
}

/// Returns where an address without brackets around it ends: before white space, `<`, a backtick, or a `]` too many.
fn bare_end(bytes: &[u8], start: usize) -> usize {
    let mut open = 0_usize;
    let inside = |byte: &&u8| {
        match **byte {
            b'[' => open += 1,
            b']' if open == 0 => return false,
            b']' => open -= 1,
            b'<' | b'`' => return false,
            _ => {}
        }
        !byte.is_ascii_whitespace()
    };
    start + bytes.iter().skip(start).take_while(inside).count()
}

fn is_scheme(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

/// How deep parentheses may nest in an address.
const MAX_PARENTHESES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> String {
        let mut out = String::new();
        Inline::new(&mut out).read(text);
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn leaves_code_links_and_addresses_out() {
        let cases = [
            ("a `x` b", "a b"),
            ("a ``x ` y`` b", "a b"),
            ("a ``b` c", "a ``b` c"),
            ("a ```x``` `y` b", "a b"),
            (r"a \`b` c", "a `b` c"),
            (r"a `x\` b", "a b"),
            (r"a\_b \a", r"a_b \a"),
            ("a [x](http://y) b", "a b"),
            ("a [x](<y z> 'title') b", "a b"),
            ("a [x](y \"t\")b", "a b"),
            ("a [x\ny](z (t)) b", "a b"),
            ("a [x](y(z)) b", "a b"),
            ("a [x]() b", "a b"),
            (r"a [x](y\)z) b", "a b"),
            (r"a [x](y\ z) b", r"a [x](y\ z) b"),
            (r#"a [x](y "t\"u") b"#, "a b"),
            (r"a [x](<y\>z>) b", "a b"),
            ("a [x](<y\\\nz>) b", r"a [x](<y\ z>) b"),
            ("a ![x](y) b", "a ! b"),
            ("[![x](y) z](w) b", "b"),
            ("[a [x](y) b](z)", "[a b](z)"),
            ("[x [y] z](w) b", "b"),
            ("[a] (b) [c]", "[a] (b) [c]"),
            ("[a](b c) d", "[a](b c) d"),
            ("[a](b", "[a](b"),
            ("[a `](x)` b](y) c", "c"),
            (r"\[a](b)", "[a](b)"),
            (r"[a\](b) c", "[a](b) c"),
            ("a <http://x> <mailto:x@y> b", "a b"),
            ("<@a> <a b:c> <ab> <a:b>", "<@a> <a b:c> <ab> <a:b>"),
            ("a http://x/y?z=@b c", "a http c"),
            ("(https://x/[y]) b", "(https b"),
            ("[a http://x](y) b", "b"),
            ("a www.x/y b awww.c", "a b awww.c"),
            ("**a**", "**a**"),
        ];
        for (text, want) in cases {
            assert_eq!(plain(text), want, "{text:?}");
        }
    }

    #[test]
    fn hostile_texts_are_read_in_one_go() {
        let parts = [
            "[](a",
            "[](",
            "[a](<",
            "[](a \"",
            "[](a '[](b \"",
            "[](a (",
            "[]( ",
            "![",
            "](",
            "` `` ",
            "<a:",
            "a://",
            "www.",
            "\\",
            "[](\\(",
            "](a\\",
            "[`",
        ];
        for part in parts {
            drop(plain(&part.repeat(1 << 18)));
        }
        let ticks: String = (1..1500).map(|count| "`".repeat(count) + " ").collect();
        drop(plain(&ticks));
    }
}
