//! Who is taken for whom, through the API (API-18 to API-22, INC-2).

use bytes::Bytes;
use http::Request;
use jackfield::id::SessionId;
use jackfield::port::{Session, SessionKind};
use serde_json::json;

use crate::host::{Answer, Site};

const EXPIRED: &str = "api.context.session_expired.app_error";
const IN_QUERY: &str = "api.context.token_provided.app_error";

type Headers<'a> = &'a [(&'a str, &'a str)];

async fn send(site: &Site, method: &str, path: &str, headers: Headers<'_>, body: String) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.send(request.body(Bytes::from(body)).unwrap()).await
}

async fn list(site: &Site, query: &str, headers: Headers<'_>) -> (u16, String) {
    let answer = send(site, "GET", &format!("/api/v4/hooks/incoming{query}"), headers, String::new()).await;
    if answer.status == 200 { (200, String::new()) } else { answer.brief() }
}

#[tokio::test]
async fn a_header_or_a_cookie_opens_a_session_and_a_query_only_that_of_oauth() {
    let site = Site::new().await;
    let oauth = Session::new(SessionId::from_random([1; 16]), site.admin, SessionKind::OAuth);
    let personal = Session::new(SessionId::from_random([2; 16]), site.admin, SessionKind::PersonalAccessToken);
    site.host.world().sessions.extend([("oauth".to_owned(), oauth), ("personal".to_owned(), personal)]);
    let cases: [(&str, Headers<'_>, u16, &str); 12] = [
        ("", &[("Authorization", "Bearer admin")], 200, ""),
        ("", &[("Authorization", "BEARER admin")], 200, ""),
        ("", &[("Authorization", "token oauth")], 200, ""),
        ("", &[("Authorization", "Bearer personal")], 200, ""),
        ("", &[("Cookie", "MMAUTHTOKEN=admin")], 200, ""),
        ("?access_token=oauth", &[], 200, ""),
        ("?access_token=admin", &[], 401, IN_QUERY),
        ("?access_token=personal", &[], 401, IN_QUERY),
        ("?access_token=garbage", &[], 401, EXPIRED),
        ("", &[("Authorization", "Bearer garbage")], 401, EXPIRED),
        ("", &[("Authorization", "Basic YWRtaW46")], 401, EXPIRED),
        ("", &[("Cookie", "MMAUTHTOKEN="), ("Authorization", "Bearer admin")], 401, EXPIRED),
    ];
    for (query, headers, status, id) in cases {
        assert_eq!(list(&site, query, headers).await, (status, id.into()), "{query} {headers:?}");
    }
}

#[tokio::test]
async fn a_cookie_changes_something_only_from_our_own_pages() {
    let site = Site::with(|settings| settings.site_url = "https://chat.example".parse().ok()).await;
    let session = site.host.world().sessions["admin"].clone().with_csrf("right");
    site.host.world().sessions.insert("admin".to_owned(), session);
    let cookie = ("Cookie", "MMAUTHTOKEN=admin");
    let script = ("X-Requested-With", "XMLHttpRequest");
    let cases: [(Headers<'_>, u16, u16); 7] = [
        (&[cookie], 401, 401),
        (&[cookie, ("X-CSRF-Token", "right")], 201, 201),
        (&[cookie, ("X-CSRF-Token", "wrong")], 401, 401),
        (&[cookie, script], 201, 401),
        (&[cookie, script, ("Sec-Fetch-Site", "cross-site")], 401, 401),
        (&[cookie, script, ("Origin", "https://evil.example")], 401, 401),
        (&[("Authorization", "Bearer admin")], 201, 201),
    ];
    for (headers, loose, strict) in cases {
        for (is_strict, want) in [(false, loose), (true, strict)] {
            site.configure(|settings| settings.strict_csrf = is_strict);
            let body = json!({ "channel_id": site.dev }).to_string();
            let answer = send(&site, "POST", "/api/v4/hooks/incoming", headers, body).await;
            assert_eq!(answer.status, want, "{headers:?} {is_strict}");
            if want == 401 {
                assert_eq!(answer.id(), EXPIRED);
                assert!(answer.header("Set-Cookie").starts_with("MMAUTHTOKEN=; Path=/; Max-Age=0"), "{answer:?}");
            }
        }
    }
}

/// INC-2.
#[tokio::test]
async fn a_hook_s_id_is_all_that_a_call_needs() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.host
        .world()
        .sessions
        .insert("oauth".to_owned(), Session::new(SessionId::from_random([3; 16]), site.bob, SessionKind::OAuth));
    let cases: [(&str, Headers<'_>, u16, &str); 8] = [
        ("", &[], 200, "ok"),
        ("", &[("Authorization", "Bearer garbage")], 200, "ok"),
        ("", &[("Authorization", "Bearer bob")], 200, "ok"),
        ("?access_token=garbage", &[], 200, "ok"),
        ("?access_token=oauth", &[], 200, "ok"),
        ("?access_token=bob", &[], 401, IN_QUERY),
        ("", &[("Cookie", "MMAUTHTOKEN=garbage")], 200, "ok"),
        ("", &[("Cookie", "MMAUTHTOKEN=bob")], 200, "ok"),
    ];
    for (query, headers, status, id) in cases {
        let body = r#"{"text":"a"}"#.to_owned();
        let answer = send(&site, "POST", &format!("/hooks/{hook}{query}"), headers, body).await;
        assert_eq!(answer.brief(), (status, id.into()), "{query} {headers:?}");
        assert!(!answer.headers.contains_key("Set-Cookie"), "{query} {headers:?}");
    }
    assert_eq!(site.posts().len(), 7);
    assert!(site.posts().iter().all(|stored| stored.draft.user_id == site.admin));
}

#[tokio::test]
async fn a_failing_session_store_is_a_fault_on_every_route() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.host.world().broken.directory = true;
    let bearer = [("Authorization", "Bearer admin")];
    for (method, path) in [("POST", format!("/hooks/{hook}")), ("GET", "/api/v4/hooks/incoming".to_owned())] {
        let answer = send(&site, method, &path, &bearer, r#"{"text":"a"}"#.to_owned()).await;
        assert_eq!(answer.brief(), (500, "jackfield.session.lookup".into()), "{path}");
        assert!(site.observed().starts_with("fault: "), "{}", site.observed());
    }
    assert!(site.posts().is_empty());
}
