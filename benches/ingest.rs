//! An incoming webhook from bytes to drafts, beside a typed parse of the same bytes by serde_json.
//!
//! `cargo bench --bench ingest`. Ours is the whole engine with ports that answer at once: reading, looking up the hook,
//! translating, drafting, splitting.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use alert::alert;
use bytes::Bytes;
use calls::{SMALL, now};
use common::bar;
use common_host::{make_hook, start};
use http::Request;
use http::header::CONTENT_TYPE;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::engine::Call;
use jackfield::id::{ChannelId, HookId, RequestId, UserId};
use jackfield::incoming::{Leniency, Payload, decode};
use jackfield::post::{self, Destination, PostDraft};
use rounds::{alone, alternate};
use serde::Deserialize;

#[path = "common/alert.rs"]
mod alert;
#[path = "common/calls.rs"]
mod calls;
#[path = "common/host.rs"]
mod common_host;
#[path = "common/rounds.rs"]
mod rounds;

/// The members of a webhook call, as a program that trusts its senders reads them.
#[derive(Deserialize)]
#[expect(dead_code, reason = "only parsed")]
struct Typed {
    text: String,
    username: Option<String>,
    icon_url: Option<String>,
    #[serde(default)]
    attachments: Vec<TypedAttachment>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only parsed")]
struct TypedAttachment {
    fallback: Option<String>,
    color: Option<String>,
    pretext: Option<String>,
    author_name: Option<String>,
    author_link: Option<String>,
    title: Option<String>,
    title_link: Option<String>,
    text: Option<String>,
    #[serde(default)]
    fields: Vec<TypedField>,
    footer: Option<String>,
    ts: Option<i64>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "only parsed")]
struct TypedField {
    title: String,
    value: String,
    short: bool,
}

fn main() {
    let api = now(start(Arc::new(MemoryStorage::default())));
    let hook = now(make_hook(&api));
    let (engine, id) = (api.engine(), HookId::new(&hook));
    let call = Call::new(RequestId::from_random([9; 16]));
    let receive = |body: &[u8]| {
        let payload = Payload::from_json(body, Leniency::default()).unwrap();
        now(engine.receive_incoming_webhook(&id, payload, &call)).unwrap()
    };
    let body = alert();
    let (ours, peer) = alternate(
        5_000,
        || drop(black_box(receive(black_box(body.as_bytes())))),
        || drop(black_box(serde_json::from_slice::<Typed>(black_box(body.as_bytes())).unwrap())),
    );
    println!("{} bytes with an attachment: {ours:.0} ns, typed parse {peer:.0} ns", body.len());
    bar("ingest_vs_typed_parse", ours / peer, 4.0);

    println!("{} bytes of text: {:.0} ns", SMALL.len(), alone(5_000, || receive(SMALL.as_bytes())));
    let large = format!(r#"{{"text":"{}"}}"#, "line of a log with <https://a|b>\\n".repeat(8_500));
    println!("{} bytes of text, split: {:.0} ns", large.len(), alone(20, || receive(large.as_bytes())));
    for (name, kind, body) in [
        ("form", "application/x-www-form-urlencoded", format!("payload={}", url_encoded(&body))),
        ("multipart", "multipart/form-data; boundary=x", multipart()),
    ] {
        let parts = Request::post("/").header(CONTENT_TYPE, kind).body(()).unwrap().into_parts().0;
        let body = Bytes::from(body);
        let cost = alone(5_000, || decode(&parts, Some(&body), Leniency::default()).unwrap());
        println!("{} bytes as a {name}, read: {cost:.0} ns", body.len());
    }
    flat();
}

/// Whatever scans a stranger's text costs the same per byte at any length.
fn flat() {
    type Scan = fn(&str) -> usize;
    let scans: [(&str, Scan); 9] = [
        ("links", |text| post::translate_links(text, post::LinkGrammar::Loose).len()),
        ("strict_links", |text| post::translate_links(text, post::LinkGrammar::Strict).len()),
        ("careful_links", |text| post::translate_links(text, post::LinkGrammar::Careful).len()),
        ("slack_mentions", |text| post::translate_mentions(text, &|_| Some("ann")).len()),
        ("mentions", |text| post::mentions([text]).names().len()),
        ("channel_names", |text| post::channel_names(text).count()),
        ("hashtags", |text| post::hashtags(text).len()),
        ("announcements", |text| usize::from(post::mentions_channel(text))),
        ("split", |text| {
            let (channel, user) = (ChannelId::from_random([2; 16]), UserId::from_random([3; 16]));
            let draft = PostDraft::new(Destination::Channel(channel), user, text);
            // A limit that cuts the shortest text too.
            post::split(draft, 1_000, post::MAX_PROPS_RUNES).unwrap().len()
        }),
    ];
    // Each keeps a scan busy that looks far ahead or begins anew; quotes within quotes are `>` and `> `.
    let hostile = [
        "<a|",
        "<",
        "<@",
        "<!",
        "<!here",
        ">",
        "> ",
        ">\n",
        "@a ",
        "@channelx ",
        "**@a",
        "`",
        "```\n",
        "[",
        "~a",
        "#ab ",
        "é",
        "\n",
    ];
    for (name, scan) in scans {
        let mut worst: f64 = 0.0;
        for part in hostile {
            let per_byte = |bytes: usize| {
                let text = part.repeat(bytes / part.len());
                let runs = u32::try_from(3_000_000 / bytes).unwrap_or(1).max(1);
                // Below a tenth of a nanosecond it is the memory that is measured.
                (alone(runs, || scan(black_box(&text))) / bytes as f64).max(0.1)
            };
            let costs = [per_byte(3_000), per_byte(30_000), per_byte(300_000)]; // the largest call has 300,512
            worst = worst.max(costs[2] / costs[0]).max(costs[1] / costs[0]);
        }
        bar(&format!("flat_{name}"), worst, 1.5);
    }
}

fn url_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn multipart() -> String {
    let part =
        |name: &str, value: &str| format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let parts = [("text", "Build 42 failed"), ("username", "ci"), ("attachments.0.title", "Build 42")];
    parts.iter().map(|(name, value)| part(name, value)).collect::<String>() + "--x--\r\n"
}
