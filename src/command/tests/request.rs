//! The request that a service gets.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method as HttpMethod, Request};
use url::Url;

use super::{command, team, user};
use crate::command::mentions::MentionMaps;
use crate::command::request::{Facts, Signed, Unsendable, form, request, response_url};
use crate::command::secrets::CommandSecrets;
use crate::command::{Command, Method};
use crate::id::{ChannelId, CommandToken, Millis, PostId, TicketId};
use crate::port::{Channel, ChannelKind, Team, User};
use crate::security::{SigningKeys, SigningSecret};

const TOKEN: &str = "tok&n with=odd chars/12345";
const NOW: Millis = Millis(1_760_000_000_999);

fn with_facts<T>(command: &Command, text: &str, use_them: impl FnOnce(&Facts<'_>) -> T) -> T {
    let channel = Channel::new(ChannelId::from_random([1; 16]), ChannelKind::Public, "dev").with_team(team(1), "Dev");
    let mentions = MentionMaps {
        channels: vec![
            ("dev".into(), ChannelId::from_random([1; 16])),
            ("ops".into(), ChannelId::from_random([2; 16])),
        ],
        users: vec![("bob".into(), user(2)), ("ann".into(), user(1))],
    };
    use_them(&Facts {
        channel: &channel,
        command,
        mentions: &mentions,
        response_url: "http://c.io/hooks/commands/t",
        root_id: Some(PostId::from_random([3; 16])),
        team: &Team::new(team(1), "rocket", "Rocket"),
        text,
        trigger_id: "a+/=",
        user: &User::new(user(1), "ann"),
    })
}

fn secrets() -> CommandSecrets {
    CommandSecrets::new(CommandToken::parse(TOKEN).unwrap())
}

fn signed(slack: bool) -> Signed<'static> {
    Signed { id: "cmd_1", now: NOW, slack }
}

fn sent(command: &Command, secrets: &CommandSecrets, slack: bool) -> Result<Request<bytes::Bytes>, Unsendable> {
    with_facts(command, "Oslo", |facts| request(facts, secrets, signed(slack)))
}

#[test]
fn every_field_is_told_in_order() {
    let got = with_facts(&command(7, "weather"), "50% off & más ~.-_", |facts| form(facts, TOKEN));
    let id = |number: u8| user(number).to_string();
    let want = [
        format!("channel_id={}", id(1)),
        "channel_mentions=dev".to_owned(),
        "channel_mentions=ops".to_owned(),
        format!("channel_mentions_ids={}", id(1)),
        format!("channel_mentions_ids={}", id(2)),
        "channel_name=dev".to_owned(),
        "command=%2Fweather".to_owned(),
        "response_url=http%3A%2F%2Fc.io%2Fhooks%2Fcommands%2Ft".to_owned(),
        format!("root_id={}", id(3)),
        "team_domain=rocket".to_owned(),
        format!("team_id={}", id(1)),
        "text=50%25+off+%26+m%C3%A1s+~.-_".to_owned(),
        "token=tok%26n+with%3Dodd+chars%2F12345".to_owned(),
        "trigger_id=a%2B%2F%3D".to_owned(),
        format!("user_id={}", id(1)),
        "user_mentions=bob".to_owned(),
        "user_mentions=ann".to_owned(),
        format!("user_mentions_ids={}", id(2)),
        format!("user_mentions_ids={}", id(1)),
        "user_name=ann".to_owned(),
    ];
    assert_eq!(got.split('&').collect::<Vec<_>>(), want);
    let names: Vec<_> = got.split('&').map(|field| field.split('=').next().unwrap()).collect();
    assert!(names.is_sorted());
}

#[test]
fn lists_are_left_out_when_empty_and_the_thread_is_not() {
    let weather = command(7, "weather");
    let got = with_facts(&weather, "", |facts| {
        let mentions = MentionMaps::default();
        form(&Facts { mentions: &mentions, root_id: None, ..*facts }, TOKEN)
    });
    assert!(!got.contains("mentions") && got.contains("&root_id=&") && got.contains("&text=&"), "{got}");
}

#[test]
fn text_is_encoded_as_the_table_says() {
    let encoded = |text: &str| {
        let whole = with_facts(&command(7, "weather"), text, |facts| form(facts, TOKEN));
        let fields: Vec<_> = whole.split('&').filter_map(|field| field.strip_prefix("text=")).collect();
        let [text] = fields[..] else { panic!("{whole}") };
        text.to_owned()
    };
    for (text, want) in [
        ("", ""),
        ("a b  ", "a+b++"),
        ("日本 🚀", "%E6%97%A5%E6%9C%AC+%F0%9F%9A%80"),
        ("\n\t\0\x7f", "%0A%09%00%7F"),
        ("*()'!+", "%2A%28%29%27%21%2B"),
        ("½x", "%C2%BDx"),
    ] {
        assert_eq!(encoded(text), want, "{text:?}");
    }
    let every: String = (0..=0x2FF_u32).filter_map(char::from_u32).collect();
    let read: Vec<_> =
        url::form_urlencoded::parse(encoded(&every).as_bytes()).map(|(name, _)| name.into_owned()).collect();
    assert_eq!(read, [every], "any reader reads it");
}

#[test]
fn a_post_has_the_fields_as_its_body() {
    let got = sent(&command(7, "weather"), &secrets(), true).unwrap();
    assert_eq!((got.method(), got.uri().to_string().as_str()), (&HttpMethod::POST, "http://x.io/weather"));
    let want = with_facts(&command(7, "weather"), "Oslo", |facts| form(facts, TOKEN));
    assert_eq!(got.body(), want.as_bytes());
    let headers = got.headers();
    assert_eq!(headers[CONTENT_TYPE], "application/x-www-form-urlencoded");
    assert_eq!(headers[ACCEPT], "application/json");
    assert_eq!(headers[AUTHORIZATION], format!("Token {TOKEN}"));
    assert!(headers[AUTHORIZATION].is_sensitive());
    assert_eq!(headers.len(), 3, "without a secret nothing is signed");
}

#[test]
fn a_post_leaves_the_query_of_its_address_alone() {
    let with_query = Command { url: "http://x.io:8080/svc?key=s%26t&key=2#part".into(), ..command(7, "weather") };
    let got = sent(&with_query, &secrets(), false).unwrap();
    assert_eq!(got.uri().path_and_query().unwrap().as_str(), "/svc?key=s%26t&key=2");
}

#[test]
fn a_get_adds_the_fields_to_the_query() {
    let form = with_facts(&command(7, "weather"), "Oslo", |facts| form(facts, TOKEN));
    for (url, want) in [
        ("https://h/x", "/x?"),
        ("https://h/x?cmd=a", "/x?cmd=a&"),
        ("https://h/x?", "/x?"),
        ("https://h/x?a=1&", "/x?a=1&&"),
        ("https://h", "/?"),
        ("https://h/x?units=metric&token=000#part", "/x?units=metric&token=000&"),
    ] {
        let get = Command { method: Method::Get, url: url.into(), ..command(7, "weather") };
        let keys = SigningKeys::rotated(None, SigningSecret::from_random([1; 32]), NOW, Duration::ZERO);
        let got = sent(&get, &CommandSecrets { signing: Some(keys), ..secrets() }, true).unwrap();
        assert_eq!(got.method(), HttpMethod::GET);
        assert_eq!(got.uri().path_and_query().unwrap().as_str(), format!("{want}{form}"), "{url}");
        assert!(got.body().is_empty() && got.headers().len() == 2, "nothing is signed: {:?}", got.headers());
    }
}

#[test]
fn a_post_is_signed_with_each_secret_that_counts() {
    let first = SigningKeys::rotated(None, SigningSecret::from_random([1; 32]), NOW, Duration::ZERO);
    let keys = SigningKeys::rotated(Some(first), SigningSecret::from_random([2; 32]), NOW, Duration::from_secs(9));
    let secrets = CommandSecrets { signing: Some(keys), ..secrets() };
    let check = |headers: &HeaderMap, body: &[u8], byte: u8| {
        let secret = SigningSecret::from_random([byte; 32]);
        secret.verify(headers, body, 1_760_000_000, Duration::ZERO).is_ok()
    };
    let got = sent(&command(7, "weather"), &secrets, false).unwrap();
    assert!(check(got.headers(), got.body(), 1) && check(got.headers(), got.body(), 2));
    assert!(!check(got.headers(), got.body(), 3));
    assert_eq!(got.headers()["webhook-id"], "cmd_1");
    assert_eq!(got.headers().get("x-slack-signature"), None);
    let got = sent(&command(7, "weather"), &secrets, true).unwrap();
    assert_eq!(got.headers()["x-slack-request-timestamp"], "1760000000");
    assert!(got.headers()["x-slack-signature"].to_str().unwrap().starts_with("v0="));
    let before = Signed { id: "a\nb", ..signed(false) };
    let refused = with_facts(&command(7, "weather"), "", |facts| request(facts, &secrets, before));
    assert!(refused.is_err(), "an id that is no header");
}

#[test]
fn what_cannot_be_sent_is_not() {
    let token = |text: &str| CommandSecrets::new(CommandToken::parse(text).unwrap());
    assert!(sent(&command(7, "weather"), &token("a line\nbreak in the token "), false).is_err());
    assert!(sent(&command(7, "weather"), &token("ééééééééééééé"), false).is_ok());
    for url in ["nowhere", "http://a:99999/"] {
        let lost = Command { url: url.into(), ..command(7, "weather") };
        assert!(sent(&lost, &secrets(), false).is_err(), "{url}");
    }
    let get = Command { method: Method::Get, ..command(7, "weather") };
    let huge = "x".repeat(1 << 17);
    assert!(with_facts(&get, &huge, |facts| request(facts, &secrets(), signed(false))).is_err());
}

#[test]
fn answers_come_later_to_the_address_that_is_set() {
    let ticket = TicketId::new("abc");
    for (site, want) in [
        ("https://chat.example.com", "https://chat.example.com/hooks/commands/abc"),
        ("https://chat.example.com/sub/", "https://chat.example.com/sub/hooks/commands/abc"),
        ("http://127.0.0.1:8065/sub", "http://127.0.0.1:8065/sub/hooks/commands/abc"),
    ] {
        assert_eq!(response_url(&Url::parse(site).unwrap(), &ticket), want);
    }
}
