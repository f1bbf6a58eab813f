//! What stands in front of a whole server: the limit on traffic, and pages of other sites.

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderMap, Request, Response};
use jackfield::api::{Guard, PeerAddress};
use serde_json::Value;

use crate::host::Site;

/// What the guard makes of a request from an address: the answer, or the headers that another answer will get.
async fn ask(site: &Site, from: &str, request: http::request::Builder) -> (u16, HeaderMap, Bytes) {
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    parts.extensions.insert(PeerAddress(from.parse().unwrap()));
    match site.api.guard(&parts).await {
        Guard::Pass(added) => {
            let mut headers = HeaderMap::new();
            headers.insert("vary", "Accept".parse().unwrap());
            Guard::mark(added, &mut headers);
            (0, headers, Bytes::new())
        }
        Guard::Answer(answer) => {
            let (head, body) = Response::into_parts(answer);
            (head.status.as_u16(), head.headers, body)
        }
    }
}

fn get(path: &str) -> http::request::Builder {
    Request::builder().uri(path)
}

fn standing(headers: &HeaderMap) -> [&str; 4] {
    ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after"]
        .map(|name| headers.get(name).map_or("-", |value| value.to_str().unwrap()))
}

const HERE: &str = "192.0.2.1";
const THERE: &str = "192.0.2.2";

#[tokio::test]
async fn a_sender_who_asks_too_often_is_told_when_to_come_back() {
    let site = Site::with(|settings| {
        settings.rate_limit.enabled = true;
        (settings.rate_limit.per_second, settings.rate_limit.max_burst) = (1, 2);
    })
    .await;
    for want in [["3", "2", "1", "-"], ["3", "1", "2", "-"], ["3", "0", "3", "-"]] {
        let (status, headers, _) = ask(&site, HERE, get("/nowhere")).await;
        assert_eq!((status, standing(&headers)), (0, want));
    }
    let (status, headers, body) = ask(&site, HERE, get("/hooks/abc")).await;
    assert_eq!((status, standing(&headers), &body[..]), (429, ["3", "0", "3", "1"], &b"limit exceeded\n"[..]));
    assert_eq!(headers["content-type"], "text/plain; charset=utf-8");
    // Below the API it is an error object like any other (A7).
    let (status, headers, body) = ask(&site, HERE, get("/api/v4/users/me")).await;
    let error: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, standing(&headers)), (429, ["3", "0", "3", "1"]));
    assert_eq!((&error["id"], &error["status_code"]), (&"jackfield.rate_limit.exceeded".into(), &429.into()));
    assert_eq!(error["request_id"], headers["x-request-id"].to_str().unwrap());
    assert_eq!(headers["content-type"], "application/json");
    // Others are not held up, and a second later nor is this one.
    assert_eq!(ask(&site, THERE, get("/nowhere")).await.0, 0);
    site.host.world().milliseconds += 1_000;
    assert_eq!(ask(&site, HERE, get("/nowhere")).await.0, 0);
    assert_eq!(ask(&site, HERE, get("/nowhere")).await.0, 429);
}

#[tokio::test]
async fn a_preflight_counts_like_any_other_request() {
    let site = Site::with(|settings| {
        settings.cors.allow_from = "https://good.example".to_owned();
        settings.rate_limit.enabled = true;
        settings.rate_limit.max_burst = 0;
    })
    .await;
    let preflight = || {
        let asked = Request::builder().method("OPTIONS").uri("/api/v4/users/me");
        asked.header("Origin", "https://good.example").header("Access-Control-Request-Method", "GET")
    };
    let (status, headers, body) = ask(&site, HERE, preflight()).await;
    assert_eq!((status, body.len()), (204, 0));
    assert_eq!(headers["access-control-allow-origin"], "https://good.example");
    assert_eq!(standing(&headers), ["1", "0", "1", "-"]);
    assert_eq!(ask(&site, HERE, preflight()).await.0, 429);
}

#[tokio::test]
async fn the_answers_to_allowed_pages_may_be_read_and_vary_by_origin() {
    let site = Site::with(|settings| settings.cors.allow_from = "https://good.example".to_owned()).await;
    let (status, headers, _) = ask(&site, HERE, get("/").header("Origin", "https://good.example")).await;
    assert_eq!((status, &headers["access-control-allow-origin"]), (0, &"https://good.example".parse().unwrap()));
    let varies: Vec<_> = headers.get_all("vary").iter().collect();
    assert_eq!(varies, ["Accept", "Origin"]);
}

#[tokio::test]
async fn logging_in_has_a_stricter_limit_of_its_own() {
    let site = Site::with(|settings| settings.rate_limit.enabled = true).await;
    let log_in = || Request::builder().method("POST").uri("/api/v4/users/login");
    for _ in 0..11 {
        assert_eq!(ask(&site, HERE, log_in()).await.0, 0);
    }
    assert_eq!(ask(&site, HERE, log_in()).await.0, 429);
    assert_eq!(ask(&site, HERE, get("/api/v4/users/me")).await.0, 0);
}

#[tokio::test]
async fn a_user_counts_whatever_credential_they_use() {
    let site = Site::with(|settings| {
        settings.rate_limit.enabled = true;
        settings.rate_limit.vary_by_user = true;
        settings.rate_limit.max_burst = 1;
    })
    .await;
    let ann = |word: &str| get("/").header("Authorization", format!("{word} ann"));
    assert_eq!(ask(&site, HERE, ann("Bearer")).await.0, 0);
    let again = get("/").header("Cookie", "MMAUTHTOKEN=ann");
    assert_eq!(standing(&ask(&site, THERE, again).await.1)[1], "0");
    assert_eq!(ask(&site, HERE, ann("token")).await.0, 429);
    assert_eq!(ask(&site, HERE, get("/").header("Authorization", "Bearer bob")).await.0, 0);
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_sender_is_who_the_proxy_says() {
    let site = Site::with(|settings| {
        settings.rate_limit.enabled = true;
        settings.rate_limit.max_burst = 0;
        settings.trusted_proxy_headers = vec![HeaderName::from_static("x-forwarded-for")];
    })
    .await;
    let from = |address: &str| get("/").header("X-Forwarded-For", address);
    assert_eq!(ask(&site, HERE, from("198.51.100.1")).await.0, 0);
    assert_eq!(ask(&site, HERE, from("198.51.100.2")).await.0, 0);
    assert_eq!(ask(&site, HERE, from("198.51.100.1")).await.0, 429);
}

#[tokio::test]
async fn nothing_is_counted_or_said_by_default() {
    let site = Site::new().await;
    for _ in 0..200 {
        let (status, headers, _) = ask(&site, HERE, get("/").header("Origin", "https://evil.example")).await;
        assert_eq!((status, headers.len()), (0, 1), "{headers:?}");
    }
}
