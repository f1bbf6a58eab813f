//! Pictures of emoji, for `override_icon_emoji` (INC-69).

use memchr::{memchr, memrchr};

/// Returns the stem of the picture of an emoji: its code points in hexadecimal, joined by `-`.
///
/// `name` is without colons and compared exactly; aliases and skin tones are known.
#[must_use]
pub fn emoji_stem(name: &str) -> Option<&'static str> {
    let mut lines = TABLE;
    while !lines.is_empty() {
        let bytes = lines.as_bytes();
        let middle = lines.len() / 2;
        let start = memrchr(b'\n', bytes.get(..middle)?).map_or(0, |place| place + 1);
        let end = memchr(b'\n', bytes.get(middle..)?).map_or(lines.len(), |place| middle + place + 1);
        let line = lines.get(start..end)?;
        // The first line is the opening brace, which is no entry and comes before all of them; the last comes after.
        let Some((found, stem)) = entry(line) else {
            lines = if line.starts_with('{') { lines.get(end..)? } else { lines.get(..start)? };
            continue;
        };
        match name.cmp(found) {
            std::cmp::Ordering::Equal => return Some(stem),
            std::cmp::Ordering::Greater => lines = lines.get(end..)?,
            std::cmp::Ordering::Less => lines = lines.get(..start)?,
        }
    }
    None
}

/// Returns a name, without colons, of a text that is just one emoji, whatever its skin tone; none for other texts.
#[must_use]
pub fn emoji_name(text: &str) -> Option<&'static str> {
    // Neither a skin tone nor the wish to be drawn in color makes another emoji.
    let counts = |code: &u32| !matches!(code, 0xfe0f | 0x1f3fb..=0x1f3ff);
    let codes = || text.chars().map(u32::from).filter(counts);
    if text.is_ascii() || text.len() > LONGEST || codes().next().is_none() {
        return None;
    }
    let is_it = |stem: &str| {
        let known = stem.split('-').filter_map(|code| u32::from_str_radix(code, 16).ok());
        known.filter(counts).eq(codes())
    };
    TABLE.lines().filter_map(entry).find(|(_, stem)| is_it(stem)).map(|(name, _)| name)
}

/// Returns the path of the picture of an emoji on a server below `site_path`, if the emoji is known.
///
/// All colons of the name are dropped first. `site_path` is the path of the server's address, often empty.
#[must_use]
pub fn icon_path(name_with_colons: &str, site_path: &str) -> Option<String> {
    let stem = if memchr(b':', name_with_colons.as_bytes()).is_some() {
        emoji_stem(&name_with_colons.replace(':', ""))
    } else {
        emoji_stem(name_with_colons)
    }?;
    Some(format!("{}/static/emoji/{stem}.png", site_path.trim_end_matches('/')))
}

/// Takes name and stem of a line `"name":"stem",`.
fn entry(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix('"')?.split_once("\":\"")?;
    Some((name, rest.split_once('"')?.0))
}

/// No emoji has more bytes.
const LONGEST: usize = 64;
/// One entry a line, sorted by name. Of two data sets under the MIT license, see `emoji.LICENSE`.
const TABLE: &str = include_str!("emoji.json");

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn finds_every_name() {
        let all: BTreeMap<&str, &str> = serde_json::from_str(TABLE).unwrap();
        assert_eq!(all.len(), 4851);
        assert!(TABLE.lines().filter_map(entry).map(|(name, _)| name).is_sorted());
        for (name, want) in all {
            assert_eq!(emoji_stem(name), Some(want), "{name}");
        }
    }

    #[test]
    fn knows_the_name_of_what_is_just_one_emoji() {
        let cases = [
            ("☕", Some("coffee")),
            ("👍", Some("+1")),
            ("👍🏽", Some("+1")),
            ("❤", Some("heart")),
            ("❤️", Some("heart")),
            ("👩‍🚀", Some("female-astronaut")),
            ("☕☕", None),
            ("coffee", None),
            ("é", None),
            ("🏽", None),
            ("\u{fe0f}", None),
            ("", None),
        ];
        for (text, name) in cases {
            assert_eq!(emoji_name(text), name, "{text:?}");
        }
        assert!(TABLE.lines().filter_map(entry).all(|(_, stem)| stem.len() <= LONGEST));
    }

    #[test]
    fn finds_no_other_name() {
        for name in [
            "",
            " ",
            "+",
            "{",
            "}",
            "~",
            "Smile",
            "nosuchemoji",
            "smil",
            "smile2",
            "zzzz",
            "\"",
            "smile\":\"1f604",
            "é",
        ] {
            assert_eq!(emoji_stem(name), None, "{name:?}");
        }
    }

    #[test]
    fn paths_are_those_of_the_table() {
        let cases = [
            (":smile:", Some("1f604")),
            ("smile", Some("1f604")),
            ("s:mile", Some("1f604")),
            (":warning:", Some("26a0-fe0f")),
            ("robot_face", Some("1f916")),
            ("robot", Some("1f916")),
            ("+1_dark_skin_tone", Some("1f44d-1f3ff")),
            ("hash", Some("0023-fe0f-20e3")),
            ("Smile", None),
            ("nosuchemoji", None),
            ("::", None),
        ];
        for (name, want) in cases {
            let want = want.map(|stem| format!("/chat/static/emoji/{stem}.png"));
            assert_eq!(icon_path(name, "/chat"), want, "{name:?}");
        }
        assert_eq!(icon_path("smile", "").as_deref(), Some("/static/emoji/1f604.png"));
        assert_eq!(icon_path("smile", "/").as_deref(), Some("/static/emoji/1f604.png"));
    }
}
