//! Bodies that are cut, huge, deep, in other encodings, or made to be slow.

use bytes::Bytes;
use http::Request;
use serde_json::json;

use super::{DECODE, SAMPLE};
use crate::host::{Answer, Site};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=x";
const TOO_LARGE: &str = "api.context.request_body_too_large.app_error";
const UNREADABLE_PARTS: &str = "web.incoming_webhook.parse_multipart.app_error";

async fn call(site: &Site, hook: &str, content_type: &str, body: impl Into<Bytes>) -> Answer {
    let request = Request::post(format!("/hooks/{hook}")).header("Content-Type", content_type);
    site.send(request.body(body.into()).unwrap()).await
}

fn part(name: &str, value: &str) -> String {
    format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

#[tokio::test]
async fn the_sample_itself_is_sound() {
    let site = Site::new().await;
    let hook = site.hook().await;
    assert_eq!(site.call(&hook, SAMPLE).await.brief(), (200, "ok".into()));
}

#[tokio::test]
async fn a_payload_that_is_cut_anywhere_is_refused() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let form: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", SAMPLE).finish();
    for end in 0..SAMPLE.len() {
        let cut = SAMPLE.as_bytes().get(..end).unwrap().to_vec();
        assert_eq!(call(&site, &hook, "application/json", cut).await.brief(), (400, DECODE.into()), "{end}");
    }
    for end in 0..form.len() {
        let answer = call(&site, &hook, FORM, form.as_bytes().get(..end).unwrap().to_vec()).await;
        assert_eq!(answer.status, 400, "{end}");
    }
    let parts = [part("text", "a"), part("attachments.0.title", "b"), "--x--".to_owned()].concat();
    for end in 0..parts.len() {
        let answer = call(&site, &hook, MULTIPART, parts.as_bytes().get(..end).unwrap().to_vec()).await;
        assert_eq!(answer.brief(), (400, UNREADABLE_PARTS.into()), "{end}");
    }
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn what_is_no_json_is_refused() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let utf_16: Vec<u8> = r#"{"text":"a"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [&[u8]; 16] = [
        b"",
        b" ",
        b"\xEF\xBB\xBF{\"text\":\"a\"}",
        &utf_16,
        b"\xFF\xFE{\0",
        b"[]",
        b"\"a\"",
        b"5",
        b"{text:\"a\"}",
        b"{'text':'a'}",
        b"{\"text\":\"a\",}",
        b"{\"text\":\"a\"",
        b"{\"text\":\"\\x\"}",
        b"{\"text\":\"a\x01\"}",
        b"{\"text\":\"a\" \"b\"}",
        b"{\"text\":01}",
    ];
    for body in cases {
        let answer = site.call(&hook, body.to_vec()).await;
        assert_eq!(answer.brief(), (400, DECODE.into()), "{}", String::from_utf8_lossy(body));
    }
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn what_is_no_text_becomes_replacement_characters() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let cases: [(&[u8], &str); 6] = [
        (br#"{"text":"a\uD800b"}"#, "a\u{FFFD}b"),
        (br#"{"text":"\uDC00\uD800"}"#, "\u{FFFD}\u{FFFD}"),
        (br#"{"text":"\uD83D\uDE00"}"#, "😀"),
        (b"{\"text\":\"a\xFFb\"}", "a\u{FFFD}b"),
        (b"{\"text\":\"\xC3\"}", "\u{FFFD}"),
        (b"{\"text\":\"\xED\xA0\x80\"}", "\u{FFFD}\u{FFFD}\u{FFFD}"),
    ];
    for (body, want) in cases {
        assert_eq!(site.call(&hook, body).await.status, 200, "{want}");
        assert_eq!(site.last().draft.message, want);
    }
}

#[tokio::test]
async fn of_duplicate_keys_the_last_one_counts_and_objects_merge() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let body = r#"{"text":"a","TEXT":"b","props":{"x":1,"y":1},"props":{"y":2},"Text":"c","text":null}"#;
    assert_eq!(site.call(&hook, body).await.status, 200);
    let stored = site.last();
    assert_eq!(
        (stored.draft.message.as_str(), &stored.props()["x"], &stored.props()["y"]),
        ("c", &json!(1), &json!(2))
    );
}

#[tokio::test]
async fn nesting_is_bounded_wherever_it_is() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for member in ["props", "unknown", "attachments"] {
            for depth in [100, 40_000] {
                let body = format!("{{\"text\":\"a\",\"{member}\":{}1{}}}", open.repeat(depth), close.repeat(depth));
                assert_eq!(site.call(&hook, body).await.brief(), (400, DECODE.into()), "{member} {open} {depth}");
                let body = format!("{{\"text\":\"a\",\"{member}\":{}", open.repeat(depth));
                assert_eq!(site.call(&hook, body).await.brief(), (400, DECODE.into()), "{member} {open} {depth}");
            }
        }
    }
    let deep = format!("{{\"text\":\"a\",\"props\":{{\"a\":{}{}}}}}", "[".repeat(60), "]".repeat(60));
    assert_eq!(site.call(&hook, deep).await.status, 200);
}

#[tokio::test]
async fn a_body_may_be_as_long_as_the_limit_and_not_a_byte_longer() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let limit = site.api.body_limit();
    assert_eq!(limit, 300_512);
    let multipart = |room: usize| format!("{}--x--", part("text", &"x".repeat(room)));
    let empty = multipart(0).len();
    let body = |kind: &str, bytes: usize| match kind {
        "application/json" => format!("{{\"text\":\"{}\"}}", "x".repeat(bytes - 11)),
        FORM => format!("payload={{\"text\":\"{}\"}}", "x".repeat(bytes - 19)),
        _ => multipart(bytes - empty),
    };
    for kind in ["application/json", FORM, MULTIPART] {
        assert_eq!(call(&site, &hook, kind, body(kind, limit)).await.status, 200, "{kind}");
        let posts = site.posts().len();
        let answer = call(&site, &hook, kind, body(kind, limit + 1)).await;
        assert_eq!((answer.brief(), site.posts().len()), ((413, TOO_LARGE.into()), posts), "{kind}");
    }
    let padded = format!("{{\"text\":\"a\"}}{}", " ".repeat(limit));
    assert_eq!(call(&site, &hook, "", padded).await.brief(), (413, TOO_LARGE.into()), "only spaces follow");
}

#[tokio::test]
async fn parts_that_leave_numbers_out_or_do_not_end_are_refused() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let ended = |parts: String| format!("{parts}--x--");
    let many = "attachments.0.title".to_owned();
    let cases = [
        (ended(part("attachments.16000.text", "a")), DECODE),
        (ended(part("attachments.2.text", "a")), DECODE),
        (ended(part("attachments.-1.text", "a")), DECODE),
        (ended(part("attachments.18446744073709551616.text", "a")), DECODE),
        (ended(part("attachments.0.fields.9.title", "a")), DECODE),
        (ended(part("unknown", "a")), DECODE),
        (ended(part("text", "a\0b")), DECODE),
        (part("text", "a"), UNREADABLE_PARTS),
        ("--x".to_owned(), UNREADABLE_PARTS),
        ("--y--".to_owned(), UNREADABLE_PARTS),
        (String::new(), UNREADABLE_PARTS),
        ("--x\r\nContent-Disposition: form-data; name=\"text\"".to_owned(), UNREADABLE_PARTS),
        (ended(part(&many, "a").repeat(2_000)), UNREADABLE_PARTS),
        (format!("--x\r\n{}\r\n\r\na\r\n--x--", "A: b\r\n".repeat(20_000)), UNREADABLE_PARTS),
    ];
    for (body, id) in cases {
        let start: String = body.chars().take(80).collect();
        assert_eq!(call(&site, &hook, MULTIPART, body).await.brief(), (400, id.into()), "{start:?}");
    }
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn a_part_s_name_is_told_short_and_safe_to_log() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let body = format!("{}--x--", part(&format!("evil\u{1b}[2J\nforged line{}", "x".repeat(500)), "a"));
    let answer = call(&site, &hook, MULTIPART, body).await;
    assert_eq!(answer.brief(), (400, DECODE.into()));
    assert!(!site.observed().contains(char::is_control), "{:?}", site.observed());
    assert!(answer.detail().len() < 200, "{}", answer.detail());
}

/// The reference server is busy for seconds with the first of these. Here each only has to finish.
#[tokio::test]
async fn texts_that_are_made_to_be_slow_are_not() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let units =
        [">", "> ", "<@", "<a|", "<a|b>", "[", "![](", "`", "``` ", "*_", "~a ", "@a ", "((((", "\\", "- ", "\t", "|"];
    for unit in units {
        for count in [16_000, 250_000 / unit.len()] {
            let text = format!("{} @bob @here ~dev", unit.repeat(count));
            let priority = json!({ "priority": "urgent", "persistent_notifications": true });
            for body in [
                json!({ "text": text }),
                json!({ "attachments": [{ "text": text, "fields": [{ "value": "a" }] }] }),
                json!({ "text": text, "priority": priority }),
            ] {
                let body = body.to_string();
                if body.len() <= site.api.body_limit() {
                    let status = site.call(&hook, body).await.status;
                    assert!([200, 400, 500].contains(&status), "{unit:?} {status}");
                }
            }
        }
        site.host.world().posts.clear();
    }
}

#[tokio::test]
async fn a_body_full_of_small_things_is_bounded() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let repeated = |head: &str, item: &str, tail: &str| {
        let room = (site.api.body_limit() - head.len() - tail.len() - item.len()) / (item.len() + 1);
        format!("{head}{}{item}{tail}", format!("{item},").repeat(room))
    };
    let cases = [
        (repeated("{\"text\":\"a\",\"unknown\":[", "1", "]}"), 200),
        (repeated("{\"text\":\"a\",\"unknown\":[", "[]", "]}"), 200),
        (repeated("{\"text\":\"a\",\"props\":{\"a\":[", "0", "]}}"), 200),
        (repeated("{\"attachments\":[", "null", "],\"text\":\"a\"}"), 200),
        (repeated("{\"attachments\":[", "{}", "]}"), 200),
        (repeated("{\"attachments\":[{\"fields\":[", "{}", "]}]}"), 400),
        (repeated("{\"attachments\":[{\"actions\":[", "{}", "]}]}"), 400),
    ];
    for (body, status) in cases {
        let start: String = body.chars().take(40).collect();
        assert_eq!(site.call(&hook, body).await.status, status, "{start}");
    }
}
