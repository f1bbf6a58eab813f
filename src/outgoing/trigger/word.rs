//! First words, and what they are compared with.

use regex::{Regex, RegexBuilder};

/// Returns the first word of a message, or the empty text where there is none (OUT-48). White space is what Unicode calls
/// `White_Space`: U+0009 to U+000D, U+0020, U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and
/// U+3000, and so neither U+200B nor U+FEFF.
///
/// A longer word than `limit` bytes may be cut behind them: who compares with shorter words does not notice.
pub(super) fn first_word(message: &str, limit: usize) -> &str {
    let word = message.trim_start();
    let is_over = |(place, letter): &(usize, char)| *place > limit || letter.is_whitespace();
    let end = word.char_indices().find(is_over).map_or(word.len(), |(place, _)| place);
    word.get(..end).unwrap_or_default()
}

/// When a hook compares first words with its trigger words (OUT-51).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum When {
    /// The first word is the trigger word.
    Equal,
    /// It never does.
    Never,
    /// The first word begins with the trigger word.
    Prefix,
}

impl From<i64> for When {
    fn from(trigger_when: i64) -> Self {
        match trigger_when {
            0 => Self::Equal,
            1 => Self::Prefix,
            _ => Self::Never,
        }
    }
}

/// One trigger word of a hook.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: Box<str>,
    kind: Kind,
}

/// How a trigger word is compared.
#[derive(Clone, Debug)]
enum Kind {
    /// Never: it is a regular expression that is wrong or too large, or that of a hook that compares nothing.
    Hopeless,
    /// Byte by byte.
    Literal(When),
    /// A regular expression, found anywhere in the first word.
    Pattern(Regex),
}

impl Word {
    /// Takes a trigger word. With `patterns`, what stands between two slashes is a regular expression; one that is wrong,
    /// or too large, never matches. Nor does the empty word (OUT-105), nor any word of a hook whose `when` is neither 0
    /// nor 1.
    pub(super) fn new(text: &str, when: When, patterns: bool) -> Self {
        let kind = match expression(text).filter(|_| patterns) {
            Some(pattern) if when != When::Never => compile(pattern).map_or(Kind::Hopeless, Kind::Pattern),
            Some(_) => Kind::Hopeless,
            None if text.is_empty() => Kind::Literal(When::Never),
            None => Kind::Literal(when),
        };
        Self { text: text.into(), kind }
    }

    /// Whether it is taken for a regular expression.
    pub(super) fn is_expression(&self) -> bool {
        matches!(self.kind, Kind::Hopeless | Kind::Pattern(_))
    }

    /// Whether it would be compared in another way with regular expressions switched on or off.
    pub(super) fn depends_on(&self, patterns: bool) -> bool {
        expression(&self.text).is_some() && self.is_expression() != patterns
    }

    /// Whether a first word, which is not empty, sets it off (OUT-51).
    pub(super) fn matches(&self, first: &str) -> bool {
        match &self.kind {
            Kind::Literal(When::Equal) => first == &*self.text,
            Kind::Literal(When::Prefix) => first.starts_with(&*self.text),
            Kind::Hopeless | Kind::Literal(When::Never) => false,
            Kind::Pattern(pattern) => pattern.is_match(first),
        }
    }

    /// How it is compared byte by byte; none, if it is a regular expression that may match.
    pub(super) fn literal(&self) -> Option<When> {
        match self.kind {
            Kind::Hopeless => Some(When::Never),
            Kind::Literal(when) => Some(when),
            Kind::Pattern(_) => None,
        }
    }
}

/// What stands between two slashes.
fn expression(text: &str) -> Option<&str> {
    text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|pattern| !pattern.is_empty())
}

fn compile(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES).build().ok()
}

/// What a compiled regular expression may take, in bytes; as much again may go to what it remembers while it runs.
const PATTERN_BYTES: usize = 64 * 1024;
