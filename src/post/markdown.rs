//! The plain text of Markdown, as far as mentions need it (INC-78): without code spans, code blocks, addresses and the
//! labels of links and images.
//!
//! Blocks first: each line goes through its containers (quotes and list items), and what is left of a paragraph's lines
//! is joined, because code spans and labels go over lines. Then the paragraph's inline parts. Both are linear in the text:
//! containers nest at most [`MAX_DEPTH`] deep, further markers are ordinary text, and no search is begun twice over the
//! same stretch.

use super::inline::Inline;

/// Appends the plain text of `markdown` to `into`. A blank or a line feed is where something was left out.
pub(super) fn plain_text(markdown: &str, into: &mut String) {
    let mut blocks =
        Blocks { containers: Vec::new(), fence: None, inline: Inline::new(into), paragraph: String::new() };
    for line in markdown.split('\n') {
        blocks.line(line.strip_suffix('\r').unwrap_or(line));
    }
    blocks.end_paragraph();
}

/// What is open after the lines so far.
struct Blocks<'a> {
    containers: Vec<Container>,
    fence: Option<Fence>,
    inline: Inline<'a>,
    /// The lines of the paragraph so far; empty outside one.
    paragraph: String,
}

#[derive(Clone, Copy)]
enum Container {
    /// A list item whose text begins so many columns to the right.
    Item(usize),
    Quote,
}

/// An open fenced code block: its character and how many there were.
#[derive(Clone, Copy)]
struct Fence {
    mark: u8,
    count: usize,
}

impl Blocks<'_> {
    fn line(&mut self, text: &str) {
        let mut line = Line::new(text);
        let matched = self.containers.iter().take_while(|container| line.enter(**container)).count();
        if matched == self.containers.len()
            && let Some(fence) = self.fence
        {
            if line.closes(fence) {
                self.fence = None;
            }
            return;
        }
        let mut fresh = Vec::new();
        while matched + fresh.len() < MAX_DEPTH && line.indent(CODE_INDENT) < CODE_INDENT {
            let Some(container) = line.open_container() else { break };
            fresh.push(container);
        }
        let opens = !fresh.is_empty();
        let lazy = matched < self.containers.len() && !opens && !self.paragraph.is_empty();
        if line.is_blank() || opens {
            self.end_paragraph();
        }
        let fence = if line.indent(CODE_INDENT) < CODE_INDENT { line.fence() } else { None };
        if !lazy || fence.is_some() || line.is_blank() {
            if matched < self.containers.len() {
                self.end_paragraph();
                self.fence = None;
            }
            self.containers.truncate(matched);
            self.containers.append(&mut fresh);
        }
        if fence.is_some() {
            self.end_paragraph();
            self.fence = fence;
            return;
        }
        let is_code = self.paragraph.is_empty() && line.indent(CODE_INDENT) >= CODE_INDENT;
        if line.is_blank() || is_code {
            return;
        }
        let heading = line.is_heading();
        if heading {
            self.end_paragraph();
        }
        self.paragraph.push_str(line.rest.trim_start_matches([' ', '\t']));
        self.paragraph.push('\n');
        if heading {
            self.end_paragraph();
        }
    }

    fn end_paragraph(&mut self) {
        if !self.paragraph.is_empty() {
            self.inline.read(&self.paragraph);
            self.paragraph.clear();
        }
    }
}

/// What is left of a line, and at which column it begins.
struct Line<'a> {
    column: usize,
    /// Columns that are left of a tab of which a container took a part.
    of_tab: usize,
    rest: &'a str,
}

impl<'a> Line<'a> {
    fn new(rest: &'a str) -> Self {
        Self { column: 0, of_tab: 0, rest }
    }

    /// Goes into a container that is open, if this line belongs to it.
    fn enter(&mut self, container: Container) -> bool {
        match container {
            Container::Item(_) if self.is_blank() => true,
            Container::Item(width) => {
                let enough = self.indent(width) >= width;
                if enough {
                    self.skip_columns(width);
                }
                enough
            }
            Container::Quote => self.enter_quote(),
        }
    }

    fn enter_quote(&mut self) -> bool {
        let indent = self.indent(CODE_INDENT);
        let marked = indent < CODE_INDENT && self.after_indent().starts_with('>');
        if marked {
            self.skip_columns(indent);
            self.skip_marker(1);
            if self.indent(1) == 1 {
                self.skip_columns(1);
            }
        }
        marked
    }

    /// Goes into the container that begins here, if one does.
    fn open_container(&mut self) -> Option<Container> {
        if self.enter_quote() {
            return Some(Container::Quote);
        }
        let indent = self.indent(CODE_INDENT);
        let text = self.after_indent();
        let marker = list_marker(text)?;
        self.skip_columns(indent);
        self.skip_marker(marker);
        // One to four blanks belong to the marker; with more, the item begins with indented code.
        let blanks = self.indent(CODE_INDENT + 1);
        let blanks = if self.is_blank() || blanks > CODE_INDENT { 1 } else { blanks };
        self.skip_columns(blanks);
        Some(Container::Item(indent + marker + blanks))
    }

    /// Returns the fence that this line opens, if it does.
    fn fence(&self) -> Option<Fence> {
        let text = self.after_indent();
        let mark = *text.as_bytes().first()?;
        if !matches!(mark, b'`' | b'~') {
            return None;
        }
        let count = run(text.as_bytes(), mark);
        let info = text.as_bytes().get(count..)?;
        let opens = count >= 3 && (mark == b'~' || memchr::memchr(b'`', info).is_none());
        opens.then_some(Fence { mark, count })
    }

    fn closes(&self, fence: Fence) -> bool {
        let text = self.after_indent();
        let count = run(text.as_bytes(), fence.mark);
        self.indent(CODE_INDENT) < CODE_INDENT
            && count >= fence.count
            && text.as_bytes().iter().skip(count).all(|byte| is_blank(*byte))
    }

    fn is_blank(&self) -> bool {
        self.rest.bytes().all(is_blank)
    }

    fn is_heading(&self) -> bool {
        let text = self.after_indent().as_bytes();
        let count = run(text, b'#');
        (1..=6).contains(&count) && text.get(count).is_none_or(|byte| is_blank(*byte))
    }

    /// Counts the columns of white space ahead, at most `limit` of them.
    fn indent(&self, limit: usize) -> usize {
        let mut columns = self.of_tab;
        for byte in self.rest.bytes() {
            if columns >= limit {
                break;
            }
            match byte {
                b' ' => columns += 1,
                b'\t' => columns += TAB - (self.column + columns) % TAB,
                _ => break,
            }
        }
        columns.min(limit)
    }

    fn after_indent(&self) -> &'a str {
        self.rest.trim_start_matches([' ', '\t'])
    }

    fn skip_columns(&mut self, columns: usize) {
        let target = self.column + columns;
        let tabbed = self.of_tab.min(columns);
        self.of_tab -= tabbed;
        self.column += tabbed;
        while self.column < target {
            let (width, rest) = match self.rest.as_bytes().first() {
                Some(b' ') => (1, self.rest.strip_prefix(' ')),
                Some(b'\t') => (TAB - self.column % TAB, self.rest.strip_prefix('\t')),
                _ => return,
            };
            self.rest = rest.unwrap_or_default();
            let taken = width.min(target - self.column);
            self.column += taken;
            self.of_tab = width - taken;
        }
    }

    fn skip_marker(&mut self, bytes: usize) {
        self.column += bytes;
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }
}

/// Returns how many bytes the marker of a list item has that `text` begins with.
fn list_marker(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = bytes.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let marker = match (digits, bytes.get(digits)?) {
        (0, b'-' | b'*' | b'+') => 1,
        (1..=9, b'.' | b')') => digits + 1,
        _ => return None,
    };
    bytes.get(marker).is_none_or(|byte| is_blank(*byte)).then_some(marker)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Counts the bytes `mark` at the start.
pub(super) fn run(bytes: &[u8], mark: u8) -> usize {
    bytes.iter().take_while(|byte| **byte == mark).count()
}

/// So many columns of white space make code of a line.
const CODE_INDENT: usize = 4;

/// How deep quotes and list items may nest.
const MAX_DEPTH: usize = 64;

/// How far apart tab stops are.
const TAB: usize = 4;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(markdown: &str) -> String {
        let mut out = String::new();
        plain_text(markdown, &mut out);
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn leaves_code_blocks_out() {
        let cases = [
            ("```\nx\n```\na", "a"),
            ("a\n```rust\nx\n```", "a"),
            ("~~~\nx\n```\ny\n~~~~\na", "a"),
            ("````\nx\n```\ny\n````  \na", "a"),
            ("```\nx\n\ny", ""),
            ("```\nx\n    ```\ny", ""),
            ("   ```\nx\n   ```\na", "a"),
            ("``` a`b\nx", "``` a`b x"),
            ("    x\na", "a"),
            ("\tx\n\n \tx\na", "a"),
            ("a\n    b", "a b"),
            ("a\n\n    x\n\nb", "a b"),
            ("> ```\n> x\n> ```\n> a", "a"),
            ("> ```\n> x\na", "a"),
            ("> ```\n> x\na\nb", "a b"),
            (">     x\n> a", "a"),
            (">    a", "a"),
            (">\t> a", "a"),
            ("> a\nb", "a b"),
            ("> a\n    b", "a b"),
            ("> > > a\n>> b", "a b"),
            ("- a\n\n  b\n\n      x\n", "a b"),
            ("- a\n\n    b", "a b"),
            ("- a\n\n     b", "a b"),
            ("> a\n- b\n\n    c", "a b c"),
            ("- ```\n  x\n  ```\n- a", "a"),
            ("- ```\n  x\na", "a"),
            ("1. a\n\n   b\n\n       x", "a b"),
            ("10) a\n    b", "a b"),
            ("-     x\n- a", "a"),
            ("-\ta\n\n\tb", "a b"),
            ("- > ```\n  > x\n  > ```\n  a", "a"),
            ("# a\n    x\n# b", "# a # b"),
            ("a\r\n\r\n    x\r\n", "a"),
            ("-a\n+1", "-a +1"),
        ];
        for (markdown, want) in cases {
            assert_eq!(plain(markdown), want, "{markdown:?}");
        }
    }

    #[test]
    fn a_code_span_does_not_leave_its_paragraph() {
        assert_eq!(plain("a `x\ny` b"), "a b");
        assert_eq!(plain("a `b\n\nc` d"), "a `b c` d");
        assert_eq!(plain("a `b\n- c` d"), "a `b c` d");
        assert_eq!(plain("> a `x\n> y` b"), "a b");
        assert_eq!(plain("> a `x\ny` b"), "a b");
        assert_eq!(plain("# a `b\nc` d"), "# a `b c` d");
    }

    #[test]
    fn hostile_texts_are_read_in_one_go() {
        for part in ["> ", ">", "- ", "1. ", "-\n", "\t", " ", "```\n", "> ```\n", ">\n- ", "`", "[", "# ", "- > "] {
            let text = part.repeat(1 << 17);
            let mut out = String::new();
            plain_text(&text, &mut out);
            assert!(out.len() <= 2 * text.len(), "{part:?}");
        }
        let deep = "- ".repeat(1 << 16) + &"\n".repeat(1 << 17) + &"> ".repeat(1 << 16);
        plain_text(&deep, &mut String::new());
    }

    proptest! {
        #[test]
        fn never_panics(markdown in "[>`~ \t\n\r\\-1.)#a@é\\[\\](<:/\\\\\"]{0,80}") {
            plain_text(&markdown, &mut String::new());
        }

        #[test]
        fn words_without_marks_stay(words in prop::collection::vec("[a-z@é]{1,6}", 0..20)) {
            let text = words.join(" ");
            prop_assert_eq!(plain(&text), text);
        }
    }
}
