//! What a delivery of an outgoing webhook remembers of its post, and the body that is made of it (OUT-57 to OUT-62).

use bytes::Bytes;

use crate::id::{ChannelId, Millis, PostId, TeamId, UserId};
use crate::record::{Reader, Unreadable, Writer};

/// All that a receiver is told (OUT-58), but for the token, which is the hook's at the time of each call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Payload<'a> {
    pub(crate) channel_id: ChannelId,
    /// The channel's name in addresses.
    pub(crate) channel_name: &'a str,
    /// When the post was made.
    pub(crate) create_at: Millis,
    /// Ids of files, joined with commas: see [`join`].
    pub(crate) file_ids: &'a str,
    pub(crate) post_id: PostId,
    /// The team's name in addresses.
    pub(crate) team_domain: &'a str,
    pub(crate) team_id: TeamId,
    /// The whole message, as clients see it (OUT-61).
    pub(crate) text: &'a str,
    pub(crate) trigger_word: &'a str,
    pub(crate) user_id: UserId,
    /// The author's name, without `@`.
    pub(crate) user_name: &'a str,
}

/// Joins ids of files as receivers know them: each once, in the order of their bytes (OUT-62).
pub(crate) fn join(file_ids: &[String]) -> String {
    let mut ids: Vec<_> = file_ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.join(",")
}

impl<'a> Payload<'a> {
    /// Writes it for storage.
    pub(crate) fn to_bytes(self) -> Bytes {
        let Self { channel_name, file_ids, team_domain, text, trigger_word, user_name, .. } = self;
        let texts = [channel_name, file_ids, team_domain, text, trigger_word, user_name];
        let mut bytes = Vec::with_capacity(FIXED_BYTES + texts.iter().map(|text| 4 + text.len()).sum::<usize>());
        bytes.push(VERSION);
        let mut writer = Writer(&mut bytes);
        writer.time(self.create_at);
        let ids = [self.channel_id.as_str(), self.post_id.as_str(), self.team_id.as_str(), self.user_id.as_str()];
        ids.iter().for_each(|id| writer.bytes(id.as_bytes()));
        texts.iter().for_each(|text| writer.text(text));
        bytes.into()
    }

    /// Reads what [`to_bytes`](Self::to_bytes) wrote, now or in an older release. Texts stay where they are.
    pub(crate) fn from_bytes(bytes: &'a [u8]) -> Result<Self, Unreadable> {
        let mut reader = Reader(bytes);
        match reader.bytes()? {
            [VERSION] => {}
            [version] if version > VERSION => return Err(Unreadable::Newer(version)),
            [version] => return Err(Unreadable::Unknown(version)),
        }
        let create_at = reader.time()?;
        let (channel_id, post_id, team_id, user_id) = (reader.id()?, reader.id()?, reader.id()?, reader.id()?);
        let mut text = || reader.text_in_place();
        let (channel_name, file_ids, team_domain) = (text()?, text()?, text()?);
        let (text, trigger_word, user_name) = (text()?, text()?, text()?);
        reader.end()?;
        Ok(Self {
            channel_id,
            channel_name,
            create_at,
            file_ids,
            post_id,
            team_domain,
            team_id,
            text,
            trigger_word,
            user_id,
            user_name,
        })
    }

    /// Makes the body in the format that the hook's `content_type` asks for, with the hook's token (OUT-57).
    pub(crate) fn body(&self, format: Format, token: &str) -> Bytes {
        match format {
            Format::Form => self.form(token),
            Format::Json => self.json(token),
        }
        .into()
    }

    /// OUT-60.
    fn form(&self, token: &str) -> Vec<u8> {
        let mut body = Vec::with_capacity(BODY_BYTES + 2 * self.text.len());
        let mut field = |name: &[u8], value: &str| {
            body.extend_from_slice(name);
            escape_form(&mut body, value);
        };
        field(b"channel_id=", self.channel_id.as_str());
        field(b"&channel_name=", self.channel_name);
        field(b"&file_ids=", self.file_ids);
        field(b"&post_id=", self.post_id.as_str());
        field(b"&team_domain=", self.team_domain);
        field(b"&team_id=", self.team_id.as_str());
        field(b"&text=", self.text);
        field(b"&timestamp=", &(self.create_at.0 / 1_000).to_string());
        field(b"&token=", token);
        field(b"&trigger_word=", self.trigger_word);
        field(b"&user_id=", self.user_id.as_str());
        field(b"&user_name=", self.user_name);
        body
    }

    /// OUT-59.
    fn json(&self, token: &str) -> Vec<u8> {
        let mut body = Vec::with_capacity(BODY_BYTES + self.text.len() + self.text.len() / 2);
        let mut field = |name: &[u8], value: &str| {
            body.extend_from_slice(name);
            escape_json(&mut body, value);
        };
        field(br#"{"token":""#, token);
        field(br#"","team_id":""#, self.team_id.as_str());
        field(br#"","team_domain":""#, self.team_domain);
        field(br#"","channel_id":""#, self.channel_id.as_str());
        field(br#"","channel_name":""#, self.channel_name);
        field(br#"","timestamp":"#, &self.create_at.0.to_string());
        field(br#","user_id":""#, self.user_id.as_str());
        field(br#"","user_name":""#, self.user_name);
        field(br#"","post_id":""#, self.post_id.as_str());
        field(br#"","text":""#, self.text);
        field(br#"","trigger_word":""#, self.trigger_word);
        field(br#"","file_ids":""#, self.file_ids);
        body.extend_from_slice(br#""}"#);
        body
    }
}

/// What a body is written in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`.
    Json,
}

impl Format {
    /// Reads a hook's `content_type`: exactly `application/json` is JSON, all else a form (OUT-57).
    pub(crate) fn of(content_type: &str) -> Self {
        if content_type == Self::Json.media_type() { Self::Json } else { Self::Form }
    }

    /// Returns the value of `Content-Type` (OUT-63).
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Form => "application/x-www-form-urlencoded",
            Self::Json => "application/json",
        }
    }
}

/// Writes a value of a form: what is neither a letter, a digit nor one of `-_.~` is escaped, a space is `+`.
fn escape_form(body: &mut Vec<u8>, value: &str) {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(byte);
    let mut rest = value.as_bytes();
    while let Some(place) = rest.iter().position(|byte| !is_plain(byte)) {
        let (plain, other) = rest.split_at(place);
        body.extend_from_slice(plain);
        let Some((&byte, behind)) = other.split_first() else { return };
        match byte {
            b' ' => body.push(b'+'),
            _ => body.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]),
        }
        rest = behind;
    }
    body.extend_from_slice(rest);
}

/// Writes the inside of a JSON string; `<`, `>`, `&` and the two line separators of Unicode are escaped too (OUT-59).
fn escape_json(body: &mut Vec<u8>, value: &str) {
    let mut rest = value.as_bytes();
    while let Some(place) =
        rest.iter().position(|byte| matches!(byte, ..0x20 | b'"' | b'\\' | b'<' | b'>' | b'&' | 0xE2))
    {
        let (plain, other) = rest.split_at(place);
        body.extend_from_slice(plain);
        rest = match *other {
            [0xE2, 0x80, last @ (0xA8 | 0xA9), ref behind @ ..] => {
                body.extend_from_slice(&[b'\\', b'u', b'2', b'0', b'2', last & 15 | b'0']);
                behind
            }
            [byte, ref behind @ ..] => {
                match byte {
                    b'"' | b'\\' => body.extend_from_slice(&[b'\\', byte]),
                    b'\n' => body.extend_from_slice(br"\n"),
                    b'\r' => body.extend_from_slice(br"\r"),
                    b'\t' => body.extend_from_slice(br"\t"),
                    0xE2 => body.push(byte),
                    _ => body.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]),
                }
                behind
            }
            [] => return,
        };
    }
    body.extend_from_slice(rest);
}

/// A hexadecimal digit: upper case, as forms write it; JSON takes either.
fn digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'A' + value - 10 }
}

const VERSION: u8 = 1;

/// What a stored payload takes besides its texts.
const FIXED_BYTES: usize = 1 + 8 + 4 * 26;

/// What a body takes besides the message, mostly.
const BODY_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn payload() -> Payload<'static> {
        Payload {
            channel_id: ChannelId::parse("b3d7f1h5k9m3n7p1r5t9v3x7z1").unwrap(),
            channel_name: "launch-pad",
            create_at: Millis(1_750_000_000_999),
            file_ids: "f1f1f1f1f1f1f1f1f1f1f1f1f1,f2f2f2f2f2f2f2f2f2f2f2f2f2",
            post_id: PostId::parse("z9y8x7w6v5u4t3s2r1q0p9o8n7").unwrap(),
            team_domain: "rocket",
            team_id: TeamId::parse("4n8s2w6y1c5e9g3j7m0p4r8t2v").unwrap(),
            text: "deploy web & \"api\" ~now\n100% é",
            trigger_word: "deploy",
            user_id: UserId::parse("q1w2e3r4t5y6u7i8o9p0a1s2d3").unwrap(),
            user_name: "ada",
        }
    }

    const SEPARATORS: [char; 5] = ['<', '>', '&', '\u{2028}', '\u{2029}'];

    const TOKEN: &str = "x7c1k9d3m5p8q2r4t6v0w1y3za";

    fn text(body: &Bytes) -> &str {
        std::str::from_utf8(body).unwrap()
    }

    #[test]
    fn the_form_of_the_specification_comes_out() {
        let want = "channel_id=b3d7f1h5k9m3n7p1r5t9v3x7z1&channel_name=launch-pad&file_ids=f1f1f1f1f1f1f1f1f1f1f1f1f1%2Cf2f2f2f2f2f2f2f2f2f2f2f2f2&post_id=z9y8x7w6v5u4t3s2r1q0p9o8n7&team_domain=rocket&team_id=4n8s2w6y1c5e9g3j7m0p4r8t2v&text=deploy+web+%26+%22api%22+~now%0A100%25+%C3%A9&timestamp=1750000000&token=x7c1k9d3m5p8q2r4t6v0w1y3za&trigger_word=deploy&user_id=q1w2e3r4t5y6u7i8o9p0a1s2d3&user_name=ada";
        assert_eq!(text(&payload().body(Format::Form, TOKEN)), want);
    }

    #[test]
    fn the_same_in_json_has_milliseconds_and_the_order_of_the_table() {
        let want = r#"{"token":"x7c1k9d3m5p8q2r4t6v0w1y3za","team_id":"4n8s2w6y1c5e9g3j7m0p4r8t2v","team_domain":"rocket","channel_id":"b3d7f1h5k9m3n7p1r5t9v3x7z1","channel_name":"launch-pad","timestamp":1750000000999,"user_id":"q1w2e3r4t5y6u7i8o9p0a1s2d3","user_name":"ada","post_id":"z9y8x7w6v5u4t3s2r1q0p9o8n7","text":"deploy web \u0026 \"api\" ~now\n100% é","trigger_word":"deploy","file_ids":"f1f1f1f1f1f1f1f1f1f1f1f1f1,f2f2f2f2f2f2f2f2f2f2f2f2f2"}"#;
        assert_eq!(text(&payload().body(Format::Json, TOKEN)), want);
    }

    #[test]
    fn every_character_has_its_form() {
        let cases = [
            ("azAZ09-_.~", "azAZ09-_.~", "azAZ09-_.~"),
            (" +", "+%2B", " +"),
            ("<b> & \"\\", "%3Cb%3E+%26+%22%5C", r#"\u003Cb\u003E \u0026 \"\\"#),
            (
                "\u{2027}\u{2028}\u{2029}\u{202A}",
                "%E2%80%A7%E2%80%A8%E2%80%A9%E2%80%AA",
                "\u{2027}\\u2028\\u2029\u{202A}",
            ),
            ("\0\n\r\t\u{1F}\u{7F}", "%00%0A%0D%09%1F%7F", "\\u0000\\n\\r\\t\\u001F\u{7F}"),
            ("★", "%E2%98%85", "★"),
            ("*/@[`{:!", "%2A%2F%40%5B%60%7B%3A%21", "*/@[`{:!"),
        ];
        for (value, form, json) in cases {
            let (mut in_form, mut in_json) = (Vec::new(), Vec::new());
            escape_form(&mut in_form, value);
            escape_json(&mut in_json, value);
            assert_eq!(String::from_utf8(in_form).unwrap(), form, "{value:?}");
            assert_eq!(String::from_utf8(in_json).unwrap(), json, "{value:?}");
        }
    }

    #[test]
    fn only_the_exact_media_type_is_json() {
        assert_eq!(Format::of("application/json"), Format::Json);
        for other in ["", "application/json; charset=utf-8", "Application/JSON", "text/plain", "application/json "] {
            assert_eq!(Format::of(other), Format::Form, "{other:?}");
        }
        assert_eq!(Format::Form.media_type(), "application/x-www-form-urlencoded");
        assert_eq!(Format::Json.media_type(), "application/json");
    }

    #[test]
    fn seconds_are_cut_and_not_rounded() {
        for (millis, want) in [(0, "0"), (999, "0"), (1_000, "1"), (1_750_000_000_999, "1750000000")] {
            let body = Payload { create_at: Millis(millis), ..payload() }.body(Format::Form, TOKEN);
            assert!(text(&body).contains(&format!("&timestamp={want}&")), "{millis}");
        }
    }

    #[test]
    fn files_are_told_once_and_in_order() {
        let ids = |ids: &[&str]| join(&ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>());
        assert_eq!(ids(&[]), "");
        assert_eq!(ids(&["a"]), "a");
        assert_eq!(ids(&["c", "a", "b", "a"]), "a,b,c");
    }

    #[test]
    fn what_is_stored_is_small_and_has_a_version() {
        let bytes = payload().to_bytes();
        let Payload { channel_name, file_ids, team_domain, text, trigger_word, user_name, .. } = payload();
        let texts = [channel_name, file_ids, team_domain, text, trigger_word, user_name].concat().len();
        assert_eq!((bytes.len(), bytes[0]), (1 + 8 + 4 * 26 + 6 * 4 + texts, 1));
        let changed = |version: u8| [&[version], &bytes[1..]].concat();
        let said = |bytes: &[u8]| Payload::from_bytes(bytes).unwrap_err().to_string();
        assert_eq!(said(&changed(2)), "a record has version 2, which only a newer release reads");
        assert_eq!(said(&changed(0)), "a record has version 0, which no release wrote");
        assert_eq!(said(&[&bytes[..], b"x"].concat()), "a record is damaged: it is too long");
        for length in 0..bytes.len() {
            assert_eq!(said(&bytes[..length]), "a record is damaged: it is too short", "{length}");
        }
    }

    #[test]
    fn a_stored_payload_is_read_as_it_was_written_by_this_release() {
        let mut want = vec![1, 0, 0, 1, 0x97, 0x74, 0x20, 0xDF, 0xE7];
        want[1..9].copy_from_slice(&1_750_000_000_999_i64.to_be_bytes());
        for id in [
            "b3d7f1h5k9m3n7p1r5t9v3x7z1",
            "z9y8x7w6v5u4t3s2r1q0p9o8n7",
            "4n8s2w6y1c5e9g3j7m0p4r8t2v",
            "q1w2e3r4t5y6u7i8o9p0a1s2d3",
        ] {
            want.extend_from_slice(id.as_bytes());
        }
        let Payload { channel_name, file_ids, team_domain, text, trigger_word, user_name, .. } = payload();
        for text in [channel_name, file_ids, team_domain, text, trigger_word, user_name] {
            want.extend_from_slice(&u32::try_from(text.len()).unwrap().to_be_bytes());
            want.extend_from_slice(text.as_bytes());
        }
        assert_eq!(payload().to_bytes(), want);
        assert_eq!(Payload::from_bytes(&want).unwrap(), payload());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn bodies_say_what_was_stored(message in any::<String>(), word in any::<String>(), name in "[<>&\u{2028}e\\\\\"]*") {
            let payload = Payload { text: &message, trigger_word: &word, channel_name: &name, ..payload() };
            let stored = payload.to_bytes();
            let read = Payload::from_bytes(&stored).unwrap();
            prop_assert_eq!(read, payload);
            let body = read.body(Format::Json, TOKEN);
            let told: Value = serde_json::from_slice(&body).unwrap();
            let want = json!({
                "token": TOKEN, "team_id": payload.team_id, "team_domain": "rocket", "channel_id": payload.channel_id,
                "channel_name": name, "timestamp": 1_750_000_000_999_i64, "user_id": payload.user_id, "user_name": "ada",
                "post_id": payload.post_id, "text": message, "trigger_word": word, "file_ids": payload.file_ids,
            });
            prop_assert_eq!(told, want);
            prop_assert_eq!(text(&body).find(SEPARATORS), None);
            let form = read.body(Format::Form, TOKEN);
            let told: Vec<(String, String)> = url::form_urlencoded::parse(&form).into_owned().collect();
            let names: Vec<_> = told.iter().map(|(name, _)| name.as_str()).collect();
            prop_assert!(names.is_sorted());
            prop_assert_eq!(told.len(), 12);
            let value = |name: &str| &told.iter().find(|(own, _)| own == name).unwrap().1;
            prop_assert_eq!((value("text"), value("trigger_word"), value("channel_name")), (&message, &word, &name));
        }

        #[test]
        fn damaged_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Payload::from_bytes(&bytes);
            let _ = Payload::from_bytes(&[&[1], &bytes[..]].concat());
        }
    }
}
