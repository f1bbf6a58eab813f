//! The hashtags of a post (API-72).

use memchr::memchr;

use super::character::is_letter;

/// Returns the tags of a message in order, as written, joined by one space: what a post has as `hashtags`.
///
/// Linear in the message. The answer has at most 999 bytes: further tags are left out.
#[must_use]
pub fn hashtags(message: &str) -> String {
    let mut out = String::new();
    if memchr(b'#', message.as_bytes()).is_none() {
        return out;
    }
    for tag in message.split_whitespace().filter_map(tag) {
        if out.len() + 1 + tag.len() > MAX_BYTES {
            // `out` has a leading space here, which counts.
            while out.len() > MAX_BYTES_WHEN_CUT {
                out.truncate(out.rfind(' ').unwrap_or_default());
            }
            break;
        }
        out.push(' ');
        out.push_str(tag);
    }
    if out.is_empty() { out } else { out.split_off(1) }
}

/// Returns the tag that a word is once what surrounds it is dropped.
fn tag(word: &str) -> Option<&str> {
    let word = word.trim_end_matches(|c: char| !is_inner(c));
    // What is dropped in front are no letters, digits or `#`, then all `#` but the last.
    let tagged = word.get(memchr(b'#', word.as_bytes())?..)?;
    if word.get(..word.len() - tagged.len())?.contains(is_inner) {
        return None;
    }
    let name = tagged.trim_start_matches('#');
    let tag = word.get(word.len() - name.len() - 1..)?;
    let good = name.starts_with(is_letter)
        && name.chars().nth(1).is_some()
        && name.chars().all(|c| is_inner(c) || matches!(c, '-' | '_' | '.'));
    good.then_some(tag)
}

fn is_inner(character: char) -> bool {
    character.is_ascii_digit() || is_letter(character)
}

/// How many bytes all tags may have, each with a space in front.
const MAX_BYTES: usize = 1000;

/// How many bytes are left at most when there were more.
const MAX_BYTES_WHEN_CUT: usize = 998;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_the_tags_of_the_table() {
        let cases = [
            ("#ab ##ab (#ab) \"#ab\" #ab. !!#ab!! <#ab> #ab- 🎉#ab #ab²", ["#ab"; 10].join(" ")),
            ("#a #1ab #_ab # ab #²ab #", String::new()),
            ("#a1 #a-b_c.d #été #日本語", "#a1 #a-b_c.d #été #日本語".to_owned()),
            ("x#abc #a#b #ab/cd #ab:cd https://x/#abc #ab🎉c", String::new()),
            ("`#code`", "#code".to_owned()),
            ("#abc, #abc #ABC", "#abc #abc #ABC".to_owned()),
            ("a\u{3000}#ab\u{85}#cd\n", "#ab #cd".to_owned()),
            ("!#!#ab é#ab !é#ab #!ab", String::new()),
            ("", String::new()),
        ];
        for (message, want) in cases {
            assert_eq!(hashtags(message), want, "{message:?}");
        }
    }

    #[test]
    fn keeps_as_many_tags_as_a_thousand_bytes_hold() {
        let long = |bytes: usize| format!("#{}", "a".repeat(bytes - 1));
        // Lengths of the tags, and how many of them stay.
        let cases: [(&[usize], usize); 8] = [
            (&[999], 1),
            (&[1000], 0),
            (&[499, 499], 2),
            (&[499, 500], 1),
            (&[995, 3], 2),
            (&[996, 3], 1),
            (&[500, 498, 3], 1),
            (&[3, 1000, 3], 1),
        ];
        for (lengths, want) in cases {
            let tags: Vec<String> = lengths.iter().map(|bytes| long(*bytes)).collect();
            assert_eq!(hashtags(&tags.join(" ")), tags[..want].join(" "), "{lengths:?}");
        }
    }

    #[test]
    fn hostile_messages_are_read_in_one_go() {
        for part in ["#", "#a", "#a ", "#ab ", "# ", "é", "!#"] {
            assert!(hashtags(&part.repeat(1 << 20)).len() < 1000, "{part:?}");
        }
    }

    /// API-72 word for word.
    fn slow(message: &str) -> Vec<String> {
        let mut tags = Vec::new();
        for word in message.split(char::is_whitespace) {
            let word =
                word.trim_start_matches(|c: char| c != '#' && !is_inner(c)).trim_end_matches(|c: char| !is_inner(c));
            let bare = word.trim_start_matches('#');
            let word = if bare.len() < word.len() { format!("#{bare}") } else { word.to_owned() };
            let Some(name) = word.strip_prefix('#') else { continue };
            let letters: Vec<char> = name.chars().collect();
            if let [first, inner @ .., last] = &letters[..] {
                let inner = inner.iter().all(|c| is_inner(*c) || "-_.".contains(*c));
                if is_letter(*first) && inner && is_inner(*last) {
                    tags.push(word);
                }
            }
        }
        tags
    }

    proptest! {
        #[test]
        fn finds_what_the_slow_way_finds(message in "[#a1é²\\-_.!/ \n]{0,60}") {
            prop_assert_eq!(hashtags(&message), slow(&message).join(" "));
        }
    }
}
