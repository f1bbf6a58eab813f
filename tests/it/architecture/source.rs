//! Just enough of Rust's grammar to see which paths a source text names: words, signs, `use` trees and modules, without
//! comments, strings, and what only tests compile.

/// A word, or a sign (`::` is one), of a source text.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) line: usize,
    pub(super) text: String,
}

impl Token {
    fn is_word(&self) -> bool {
        self.text.starts_with(is_word_char)
    }
}

/// A path that a source text names. `crate`, `self` and `super` are resolved: it then starts with `crate`. A path that
/// ends in `*`, or in `self`, has lost that segment, and so is the module that is imported whole.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Path {
    /// It is that of a macro that is called here.
    pub(super) called: bool,
    pub(super) line: usize,
    pub(super) segments: Vec<String>,
}

/// Returns the module that a file holds: `src/post/draft.rs` holds `["post", "draft"]`, `src/lib.rs` holds `[]`.
pub(super) fn module_of(file: &str) -> Vec<String> {
    let bare = file.strip_prefix("src/").unwrap_or(file);
    let bare = bare.strip_suffix(".rs").unwrap_or(bare);
    let bare = bare.strip_suffix("/mod").unwrap_or(bare);
    bare.split('/').filter(|name| !name.is_empty() && *name != "lib").map(str::to_owned).collect()
}

/// Returns the tokens of a source text, and the modules in other files that it declares for tests alone.
///
/// What stands behind `#[cfg(test)]` is taken to be an item: it ends with its first `;` or its last `}`.
pub(super) fn production(source: &str) -> (Vec<Token>, Vec<String>) {
    const TEST: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let tokens = tokens(source);
    let (mut kept, mut for_tests) = (Vec::new(), Vec::new());
    let mut rest = tokens.as_slice();
    while let Some((first, after)) = rest.split_first() {
        let marked = rest.len() >= TEST.len() && rest.iter().zip(TEST).all(|(token, want)| token.text == want);
        if !marked {
            kept.push(first.clone());
            rest = after;
            continue;
        }
        let end = item_end(rest);
        let (item, after) = rest.split_at(end.min(rest.len()));
        if let [.., keyword, name, semicolon] = item
            && (keyword.text.as_str(), semicolon.text.as_str()) == ("mod", ";")
        {
            for_tests.push(name.text.clone());
        }
        rest = after;
    }
    (kept, for_tests)
}

/// Returns every path that tokens of a file that holds `module` name.
pub(super) fn paths(module: &[String], tokens: &[Token]) -> Vec<Path> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    let mut here = module.to_vec();
    let mut opened = Vec::new(); // at which depth each inline module began
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(token) = tokens.get(at) {
        let mut read = Vec::new();
        let mut next = at + 1;
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if opened.pop_if(|began| *began == depth).is_some() {
                    here.pop();
                }
            }
            "mod" if text(at + 2) == "{" => {
                opened.push(depth);
                here.push(text(at + 1).to_owned());
            }
            "use" => next = tree(tokens, at + 1, &[], &mut read),
            _ if token.is_word() && text(at + 1) == "::" && !continues(tokens, at) => {
                _ = tree(tokens, at, &[], &mut read)
            }
            _ => {}
        }
        for mut path in read {
            resolve(&here, &mut path);
            found.push(path);
        }
        at = next.max(at + 1);
    }
    found.retain(|path| !path.segments.is_empty());
    found
}

/// Whether the word at `at` goes on a path that began before it: `b` in `a::b` and `<A>::b`, but not in `::b`.
fn continues(tokens: &[Token], at: usize) -> bool {
    let before = |back| at.checked_sub(back).and_then(|at| tokens.get(at));
    before(1).is_some_and(|sign| sign.text == "::")
        && before(2).is_some_and(|token| token.is_word() || token.text == ">")
}

/// Turns `self::…` and `super::…`, as written in `module`, into `crate::…`.
fn resolve(module: &[String], path: &mut Path) {
    let mut up = 0;
    let mut relative = false;
    let mut rest = path.segments.as_slice();
    while let Some((first, after)) = rest.split_first() {
        match first.as_str() {
            "self" => {}
            "super" => up += 1,
            _ => break,
        }
        relative = true;
        rest = after;
    }
    if relative {
        let kept = module.len().saturating_sub(up);
        let above = module.iter().take(kept);
        path.segments = ["crate".to_owned()].iter().chain(above).chain(rest).cloned().collect();
    }
}

/// Reads one tree of paths from `at`, as it stands in `use` or in code, and returns where it ends.
fn tree(tokens: &[Token], mut at: usize, prefix: &[String], found: &mut Vec<Path>) -> usize {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let line = tokens.get(at).map_or(0, |token| token.line);
    let mut segments = prefix.to_vec();
    if text(at) == "::" {
        at += 1;
    }
    loop {
        match tokens.get(at) {
            Some(token) if token.text == "{" => {
                at += 1;
                while !matches!(text(at), "" | "}") {
                    at = tree(tokens, at, &segments, found).max(at + 1);
                    if text(at) == "," {
                        at += 1;
                    }
                }
                return at + 1;
            }
            Some(token) if token.text == "*" => at += 1,
            Some(token) if token.is_word() => {
                if token.text != "self" || segments.is_empty() {
                    segments.push(token.text.clone());
                }
                at += 1;
                if text(at) == "::" {
                    at += 1;
                    continue;
                }
            }
            _ => {}
        }
        break;
    }
    found.push(Path { called: text(at) == "!" && text(at + 1) != "=", line, segments });
    if text(at) == "as" { at + 2 } else { at }
}

/// Returns the number of tokens of the item that begins with the attribute at the head of `tokens`.
fn item_end(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                let Some(less) = depth.checked_sub(1) else { return at };
                depth = less;
            }
            _ => {}
        }
        if depth == 0 && matches!(token.text.as_str(), "}" | ";") {
            return at + 1;
        }
    }
    tokens.len()
}

fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| string(rest)).or_else(|| character(rest));
        let length = skipped.unwrap_or_else(|| {
            let word = rest.find(|c| !is_word_char(c)).unwrap_or(rest.len());
            if rest.starts_with("::") { 2 } else { word.max(first.len_utf8()) }
        });
        let (text, after) = rest.split_at(length);
        if skipped.is_none() && !first.is_whitespace() {
            tokens.push(Token { line, text: text.to_owned() });
        }
        line += text.matches('\n').count();
        rest = after;
    }
    tokens
}

fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Returns the length of the comment at the head of `source`, if there is one.
fn comment(source: &str) -> Option<usize> {
    if source.starts_with("//") {
        return Some(source.find('\n').unwrap_or(source.len()));
    }
    let inner = source.strip_prefix("/*")?;
    let (mut depth, mut at) = (1_usize, 0);
    while depth > 0 {
        let rest = inner.get(at..).filter(|rest| !rest.is_empty());
        let Some(rest) = rest else { break };
        at += if rest.starts_with("/*") {
            depth += 1;
            2
        } else if rest.starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
    }
    Some(2 + at)
}

/// Returns the length of the string literal, of any kind, at the head of `source`, if there is one.
fn string(source: &str) -> Option<usize> {
    let body = source.trim_start_matches(['b', 'c']);
    if let Some(raw) = body.strip_prefix('r') {
        let quoted = raw.trim_start_matches('#');
        let hashes = raw.len() - quoted.len();
        let inner = quoted.strip_prefix('"')?;
        let close = format!("\"{}", "#".repeat(hashes));
        let end = inner.find(&close).map_or(inner.len(), |end| end + close.len());
        return Some(source.len() - inner.len() + end);
    }
    let inner = body.strip_prefix('"')?;
    let mut escaped = false;
    let end = inner.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    Some(source.len() - inner.len() + end.map_or(inner.len(), |end| end + 1))
}

/// Returns the length of the character literal at the head of `source`, if there is one; a lifetime is none.
fn character(source: &str) -> Option<usize> {
    let inner = source.strip_prefix('b').unwrap_or(source).strip_prefix('\'')?;
    let before = source.len() - inner.len();
    let mut chars = inner.char_indices();
    let (_, first) = chars.next()?;
    if first == '\\' {
        chars.next()?;
    }
    let rest = chars.as_str();
    let close = if first == '\\' { rest.find('\'')? } else { 0 };
    rest.get(close..)?.starts_with('\'').then(|| before + (inner.len() - rest.len()) + close + 1)
}
