//! Slack markup in the texts of a webhook: announcements, user ids and links (INC-50 to INC-52).
//!
//! Every function is linear in its text, and a text without `<` costs one search for it and no allocation.

use std::borrow::Cow;

use memchr::memchr;

use super::markdown::run;
use super::ticks::Ticks;
use crate::id::UserId;

/// Which texts count as a link (INC-51).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkGrammar {
    /// As for messages, and what stands in a code span is left alone.
    Careful,
    /// For texts of attachments: an address without `<` and `|`, a label without `>`.
    Loose,
    /// For messages: neither has `>`, `|` or a line feed, nor an address `<`.
    Strict,
}

/// Appends the ids that `text` mentions as `<@ID>`, in order and as often as they are there.
///
/// Ids are not looked up here: one that belongs to nobody is among them.
pub fn mentioned_ids(text: &str, into: &mut Vec<UserId>) {
    if !may_mention(text) {
        return;
    }
    let text = translate_announcements(text);
    into.extend(UserMentions::new(&text).map(|mention| mention.id));
}

/// Writes the announcements `<!channel>`, `<!here>` and `<!all>` as `@channel`, `@here` and `@all`, then each `<@ID>`
/// that `username` knows as `@` and that name (INC-50).
///
/// A mention of 29 bytes becomes an `@` and the name; announcements get shorter.
pub fn translate_mentions<'a, 'n>(text: &'a str, username: &dyn Fn(UserId) -> Option<&'n str>) -> Cow<'a, str> {
    if !may_mention(text) {
        return Cow::Borrowed(text);
    }
    match translate_announcements(text) {
        Cow::Borrowed(text) => translate_users(text, username),
        Cow::Owned(text) => match translate_users(&text, username) {
            Cow::Borrowed(_) => Cow::Owned(text),
            Cow::Owned(translated) => Cow::Owned(translated),
        },
    }
}

/// Writes each `<URL|LABEL>` as `[LABEL](URL)`, from left to right, escaping nothing (INC-51).
///
/// Addresses are taken as they are, `javascript:` included; what a page follows is its own decision (INC-74). The text
/// gets longer by at most a fifth: a byte for each link, and those have at least five.
pub fn translate_links(text: &str, grammar: LinkGrammar) -> Cow<'_, str> {
    let mut rewrite = Rewrite::new(text);
    let mut from = 0;
    let mut ticks = Ticks::default();
    let is_careful = grammar == LinkGrammar::Careful;
    if is_careful {
        ticks.find(text);
    }
    while let Some(open) = if is_careful { after_code(text, &ticks, from) } else { find(text, b'<', from) } {
        match link_at(text, open, grammar) {
            Link::Found { address, label, end } => {
                rewrite.replace(open, end, &["[", label, "](", address, ")"]);
                from = end;
            }
            Link::NoneHere => from = open + 1,
            Link::NoneLeft => break,
        }
    }
    rewrite.finish()
}

/// Finds the next `<` outside of code spans.
fn after_code(text: &str, ticks: &Ticks, mut from: usize) -> Option<usize> {
    loop {
        let rest = text.as_bytes().get(from..)?;
        let at = from + memchr::memchr2(b'<', b'`', rest)?;
        let count = run(text.as_bytes().get(at..)?, b'`');
        if count == 0 {
            return Some(at);
        }
        from = ticks.code_end(at, count).unwrap_or(at + count);
    }
}

/// What [`link_at`] found.
enum Link<'a> {
    Found { address: &'a str, label: &'a str, end: usize },
    NoneHere,
    NoneLeft,
}

/// Looks whether a link begins with the `<` at `open`.
///
/// The search for an address ends at the next `<`. The search for a label passes over further `<`, but then a link can
/// begin there only if its address reaches to where this search ended. So no byte is looked at more than three times.
fn link_at(text: &str, open: usize, grammar: LinkGrammar) -> Link<'_> {
    let address_start = open + 1;
    let rest = text.as_bytes().get(address_start..).unwrap_or_default();
    let stop = match grammar {
        LinkGrammar::Loose => memchr::memchr2(b'<', b'|', rest),
        LinkGrammar::Careful | LinkGrammar::Strict => {
            rest.iter().position(|byte| matches!(byte, b'<' | b'>' | b'|' | b'\n'))
        }
    };
    let Some(address_bytes) = stop else {
        // Every link has a `|`, and there is none ahead.
        return Link::NoneLeft;
    };
    if address_bytes == 0 || rest.get(address_bytes) != Some(&b'|') {
        return Link::NoneHere;
    }
    let label_start = address_start + address_bytes + 1;
    let rest = text.as_bytes().get(label_start..).unwrap_or_default();
    let stop = match grammar {
        LinkGrammar::Loose => memchr(b'>', rest),
        LinkGrammar::Careful | LinkGrammar::Strict => memchr::memchr3(b'>', b'|', b'\n', rest),
    };
    let Some(label_bytes) = stop else {
        // Every link ends with a `>`, and there is none ahead.
        return Link::NoneLeft;
    };
    if label_bytes == 0 || rest.get(label_bytes) != Some(&b'>') {
        return Link::NoneHere;
    }
    let label_end = label_start + label_bytes;
    match (text.get(address_start..label_start - 1), text.get(label_start..label_end)) {
        (Some(address), Some(label)) => Link::Found { address, label, end: label_end + 1 },
        _ => Link::NoneHere,
    }
}

/// Whether there can be an announcement or a mention: most texts with a `<` have links alone.
fn may_mention(text: &str) -> bool {
    memchr::memchr2(b'@', b'!', text.as_bytes()).is_some()
}

fn translate_announcements(text: &str) -> Cow<'_, str> {
    // No announcement can arise from another's replacement, which has none of `<`, `!` and `>`: one pass does for three.
    let mut rewrite = Rewrite::new(text);
    let mut from = 0;
    while let Some(open) = find(text, b'<', from) {
        from = open + 1;
        let rest = text.get(open..).unwrap_or_default();
        let found = ANNOUNCEMENTS.iter().find(|(slack, _)| rest.starts_with(slack));
        if let Some((slack, ours)) = found {
            from = open + slack.len();
            rewrite.replace(open, from, &[ours]);
        }
    }
    rewrite.finish()
}

fn translate_users<'a, 'n>(text: &'a str, username: &dyn Fn(UserId) -> Option<&'n str>) -> Cow<'a, str> {
    let mut rewrite = Rewrite::new(text);
    for mention in UserMentions::new(text) {
        if let Some(name) = username(mention.id) {
            rewrite.replace(mention.start, mention.end, &["@", name]);
        }
    }
    rewrite.finish()
}

/// The `<@ID>` of a text.
struct UserMentions<'a> {
    text: &'a str,
    from: usize,
}

struct UserMention {
    id: UserId,
    start: usize,
    end: usize,
}

impl<'a> UserMentions<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, from: 0 }
    }
}

impl Iterator for UserMentions<'_> {
    type Item = UserMention;

    fn next(&mut self) -> Option<UserMention> {
        loop {
            let rest = self.text.as_bytes().get(self.from..)?;
            let start = self.from + memchr(b'<', rest)?;
            self.from = start + 1;
            let Some((b'@', rest)) = self.text.as_bytes().get(self.from..)?.split_first() else { continue };
            let inner_start = start + 2;
            let inner_bytes = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let inner_end = inner_start + inner_bytes;
            self.from = inner_end;
            if rest.get(inner_bytes) != Some(&b'>') {
                continue;
            }
            if let Some(Ok(id)) = self.text.get(inner_start..inner_end).map(UserId::parse) {
                return Some(UserMention { id, start, end: inner_end + 1 });
            }
        }
    }
}

/// A text in which some places are replaced, from left to right. Nothing is copied before the first replacement.
struct Rewrite<'a> {
    text: &'a str,
    /// How much of `text` is in `out`, replaced or not.
    done: usize,
    out: String,
}

impl<'a> Rewrite<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, done: 0, out: String::new() }
    }

    fn replace(&mut self, start: usize, end: usize, parts: &[&str]) {
        if self.done == 0 {
            self.out.reserve(self.text.len() + 16);
        }
        self.out.push_str(self.text.get(self.done..start).unwrap_or_default());
        self.out.extend(parts.iter().copied());
        self.done = end;
    }

    fn finish(mut self) -> Cow<'a, str> {
        if self.done == 0 {
            return Cow::Borrowed(self.text);
        }
        self.out.push_str(self.text.get(self.done..).unwrap_or_default());
        Cow::Owned(self.out)
    }
}

fn find(text: &str, byte: u8, from: usize) -> Option<usize> {
    Some(from + memchr(byte, text.as_bytes().get(from..)?)?)
}

/// What Slack calls everybody, and what we do.
const ANNOUNCEMENTS: [(&str, &str); 3] = [("<!channel>", "@channel"), ("<!here>", "@here"), ("<!all>", "@all")];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANN: &str = "annannannannannannannannan";
    const NOBODY: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzz";

    fn username(id: UserId) -> Option<&'static str> {
        (id.as_str() == ANN).then_some("ann")
    }

    fn translate(text: &str, grammar: LinkGrammar) -> String {
        let text = text.replace("u1u1", ANN).replace("zz", NOBODY);
        translate_links(&translate_mentions(&text, &username), grammar)
            .into_owned()
            .replace(ANN, "u1u1")
            .replace(NOBODY, "zz")
    }

    #[test]
    fn translates_the_vectors_of_the_table() {
        const SAME: &str = "(same)";
        let cases = [
            ("<https://ex.org|Ex>", "[Ex](https://ex.org)", SAME),
            ("<mailto:a@ex.org|Mail>", "[Mail](mailto:a@ex.org)", SAME),
            ("<https://ex.org>", "<https://ex.org>", SAME),
            ("<!channel> <!CHANNEL>", "@channel <!CHANNEL>", SAME),
            ("<!here><!all>", "@here@all", SAME),
            ("<!everyone> <!group>", "<!everyone> <!group>", SAME),
            ("<@u1u1> <@zz>", "@ann <@zz>", SAME),
            ("<@u1u1|bob>", "[bob](@u1u1)", SAME),
            ("<#C1|general>", "[general](#C1)", SAME),
            ("<!here|here>", "[here](!here)", SAME),
            ("<https://ex.org|<!here>>", "[@here](https://ex.org)", SAME),
            ("<https://ex.org|<@u1u1>>", "[@ann](https://ex.org)", SAME),
            ("<a|b> <c|d>", "[b](a) [d](c)", SAME),
            ("<a|b|c>", "<a|b|c>", "[b|c](a)"),
            ("<a||b>", "<a||b>", "[|b](a)"),
            ("<a|b\nc>", "<a|b\nc>", "[b\nc](a)"),
            ("<a>|b>", "<a>|b>", "[b](a>)"),
            ("<a|b <c|d>", "<a|b [d](c)", "[b <c|d](a)"),
            ("<a|>", "<a|>", SAME),
            ("<|b>", "<|b>", SAME),
            ("<|>", "<|>", SAME),
            ("if (a < b || c > d)", "if (a < b || c > d)", "if (a [| c ]( b ) d)"),
            ("`<a|b>`", "`[b](a)`", SAME),
            ("&lt;x|y&gt;", "&lt;x|y&gt;", SAME),
            ("<a|b\n<c|d>", "<a|b\n[d](c)", "[b\n<c|d](a)"),
            ("<a|b", "<a|b", SAME),
            ("<", "<", SAME),
        ];
        for (text, strict, loose) in cases {
            let loose = if loose == SAME { strict } else { loose };
            assert_eq!(translate(text, LinkGrammar::Strict), strict, "{text:?}, strict");
            assert_eq!(translate(text, LinkGrammar::Loose), loose, "{text:?}, loose");
        }
    }

    #[test]
    fn a_careful_reader_leaves_code_alone() {
        let cases = [
            ("if (a < b || c > d)", "if (a < b || c > d)"),
            ("<a|b> `<a|b>` <a|b>", "[b](a) `<a|b>` [b](a)"),
            ("``<a|b>` <a|b>`` <a|b>", "``<a|b>` <a|b>`` [b](a)"),
            ("` <a|b>", "` [b](a)"),
        ];
        for (text, want) in cases {
            assert_eq!(translate(text, LinkGrammar::Careful), want, "{text:?}");
        }
    }

    #[test]
    fn a_text_that_stays_is_borrowed() {
        for text in ["", "plain", "a < b > c", "<https://ex.org>", "<@zz> <!group>"] {
            assert!(matches!(translate_mentions(text, &username), Cow::Borrowed(_)), "{text:?}");
            assert!(matches!(translate_links(text, LinkGrammar::Strict), Cow::Borrowed(_)), "{text:?}");
            assert!(matches!(translate_links(text, LinkGrammar::Loose), Cow::Borrowed(_)), "{text:?}");
        }
    }

    #[test]
    fn collects_well_formed_ids_only() {
        let text = format!("<@{ANN}> <@{NOBODY}|x> <@abc> <@> <@{ANN}x> <@{NOBODY}>, <@<@{ANN}> {ANN}");
        let mut ids = Vec::new();
        mentioned_ids(&text, &mut ids);
        assert_eq!(ids.iter().map(UserId::as_str).collect::<Vec<_>>(), [ANN, NOBODY, ANN]);
    }

    #[test]
    fn an_announcement_is_read_before_the_ids() {
        let text = "<<!channel>aaaaaaaaaaaaaaaaaaa>";
        let mut ids = Vec::new();
        mentioned_ids(text, &mut ids);
        assert_eq!(ids.iter().map(UserId::as_str).collect::<Vec<_>>(), ["channelaaaaaaaaaaaaaaaaaaa"]);
        assert_eq!(translate_mentions(text, &|_| Some("eve")), "@eve");
    }

    #[test]
    fn hostile_texts_are_read_in_one_go() {
        for part in ["<", "<a|", "<a", "<@", "<!", "|", "<a|b\n", "><|", "<a|>"] {
            let text = part.repeat(1 << 17);
            let mentions = translate_mentions(&text, &username);
            assert_eq!(translate_links(&mentions, LinkGrammar::Strict), text, "{part:?}");
            drop(translate_links(&mentions, LinkGrammar::Loose));
        }
    }

    /// The table of INC-51, as slow as it reads.
    fn slow_links(text: &str, grammar: LinkGrammar) -> String {
        let in_address = |c| match grammar {
            LinkGrammar::Loose => !matches!(c, '<' | '|'),
            LinkGrammar::Careful | LinkGrammar::Strict => !matches!(c, '<' | '>' | '|' | '\n'),
        };
        let in_label = |c| match grammar {
            LinkGrammar::Loose => c != '>',
            LinkGrammar::Careful | LinkGrammar::Strict => !matches!(c, '>' | '|' | '\n'),
        };
        let matched = |text: &str| {
            let inner = text.strip_prefix('<')?;
            inner.match_indices('|').find_map(|(bar, _)| {
                let (address, rest) = (inner.split_at(bar).0, inner.split_at(bar + 1).1);
                rest.match_indices('>').find_map(|(end, _)| {
                    let label = rest.split_at(end).0;
                    let ok = !address.is_empty()
                        && !label.is_empty()
                        && address.chars().all(in_address)
                        && label.chars().all(in_label);
                    ok.then(|| (format!("[{label}]({address})"), bar + end + 3))
                })
            })
        };
        let mut out = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some((link, bytes)) = matched(rest) {
                out += &link;
                rest = rest.split_at(bytes).1;
            } else {
                out.push(first);
                rest = rest.split_at(first.len_utf8()).1;
            }
        }
        out
    }

    fn slow_mentions(text: &str) -> String {
        let text = text.replace("<!channel>", "@channel").replace("<!here>", "@here").replace("<!all>", "@all");
        text.replace(&format!("<@{ANN}>"), "@ann")
    }

    proptest! {
        #[test]
        fn finds_the_links_that_the_slow_matcher_finds(text in "[<>|@!aé\n]{0,40}") {
            for grammar in [LinkGrammar::Strict, LinkGrammar::Loose] {
                prop_assert_eq!(translate_links(&text, grammar), slow_links(&text, grammar));
            }
        }

        #[test]
        fn translates_the_mentions_that_the_slow_way_does(
            parts in prop::collection::vec(prop::sample::select(vec![
                "<", ">", "<!", "<@", "!", "@", "channel", "here>", "all>", ANN, NOBODY, "<!channel>", "<!all>", "é",
            ]), 0..20),
        ) {
            let text = parts.concat();
            prop_assert_eq!(translate_mentions(&text, &username), slow_mentions(&text));
        }
    }
}
