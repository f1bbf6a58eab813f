//! Lists.

use http::Request;
use jackfield::engine::WantedBot;

use super::*;

async fn names(site: &Site, user: &str, query: &str) -> Vec<String> {
    let answer = ask(site, user, "GET", &format!("/bots{query}"), "").await;
    assert_eq!(answer.status, 200, "{query} {answer:?}");
    answer.json().as_array().unwrap().iter().map(|bot| bot["username"].as_str().unwrap().to_owned()).collect()
}

/// BOT-31.
#[tokio::test]
async fn a_list_has_what_its_query_and_its_reader_ask_for() {
    let site = site().await;
    let mut bots = Vec::new();
    for name in ["a", "b", "c", "d"] {
        bots.push(make(&site, name).await);
        site.host.world().milliseconds += 1;
    }
    let wanted = WantedBot { username: "p".to_owned(), ..WantedBot::default() };
    site.engine().ensure_bot("com.example.plug", wanted).await.unwrap();
    for (bot, owner) in [(0, site.ann), (1, site.ann), (2, site.bob), (3, site.bob)] {
        post(&site, "admin", &format!("/bots/{}/assign/{owner}", bots[bot])).await;
    }
    for bot in [1, 3] {
        post(&site, "admin", &format!("/bots/{}/disable", bots[bot])).await;
    }
    site.host.world().user(site.bob).deactivated = true;
    let cases: [(&str, &[&str]); 9] = [
        ("", &["a", "c", "p"]),
        ("?include_deleted=true", &["a", "b", "c", "d", "p"]),
        ("?only_orphaned=true", &["c"]),
        ("?only_orphaned=true&include_deleted=1", &["c", "d"]),
        ("?only_orphaned=true&include_deleted=1&page=1&per_page=1", &["d"]),
        ("?per_page=2&page=1", &["p"]),
        ("?per_page=2&page=2", &[]),
        ("?include_deleted=yes", &["a", "c", "p"]),
        ("?per_page=0", &[]),
    ];
    for (query, want) in cases {
        assert_eq!(names(&site, "admin", query).await, want, "{query}");
    }
    for user in ["ann", "robot"] {
        let answer = ask(&site, user, "GET", "/bots?per_page=0", "").await;
        assert_eq!(answer.status, if user == "ann" { 403 } else { 401 });
    }
    grant(&site, site.ann, &[Permission::READ_BOTS]);
    assert_eq!(names(&site, "ann", "").await, ["a"]);
    assert_eq!(names(&site, "ann", "?include_deleted=true").await, ["a", "b"]);
    assert_eq!(names(&site, "ann", "?include_deleted=true&page=1&per_page=1").await, ["b"]);
    assert_eq!(names(&site, "ann", "?include_deleted=true&page=2&per_page=1").await, [""; 0]);
}

/// B15, API-17.
#[tokio::test]
async fn pages_neither_repeat_nor_miss_a_bot_and_have_bounds() {
    let site = site().await;
    let mut made = Vec::new();
    for number in 0..205 {
        // All in one millisecond: the id decides.
        made.push(make(&site, &format!("bot{number}")).await);
    }
    let mut ids = made.clone();
    ids.sort_unstable();
    let mut seen = Vec::new();
    for page in 0..6 {
        let list = ask(&site, "admin", "GET", &format!("/bots?per_page=40&page={page}"), "").await.json();
        seen.extend(list.as_array().unwrap().iter().map(|bot| bot["user_id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen, ids.into_iter().map(String::from).collect::<Vec<_>>());
    let sizes = [
        ("", 60),
        ("?per_page=0", 0),
        ("?per_page=999", 200),
        ("?per_page=-1", 60),
        ("?page=-1", 60),
        ("?page=abc", 60),
        ("?page=1000000&per_page=1", 0),
        ("?page=9223372036854775807&per_page=200", 0),
        ("?page=9223372036854775807&per_page=200&only_orphaned=true", 0),
        ("?page=99999999999999999999&per_page=200", 200),
    ];
    for (query, want) in sizes {
        assert_eq!(names(&site, "admin", query).await.len(), want, "{query}");
    }
}

/// BOT-14.
#[tokio::test]
async fn a_list_has_a_tag() {
    let site = site().await;
    let get = |query: &str, tag: String| {
        let request = Request::get(format!("/api/v4/bots{query}")).header("Authorization", "Bearer admin");
        site.send(request.header("If-None-Match", tag).body(Bytes::new()).unwrap())
    };
    let empty = get("", String::new()).await;
    assert_eq!((empty.status, empty.header("etag"), &empty.body[..]), (200, "11.6.0.0.0.0.0", &b"[]\n"[..]));
    assert_eq!(get("", "11.6.0.0.0.0.0".to_owned()).await.status, 304);
    let one = make(&site, "one").await;
    site.host.world().milliseconds += 5;
    let two = make(&site, "two").await;
    let tag = format!("11.6.0.{two}.{}.0.2", crate::host::START + 5);
    assert_eq!(get("", String::new()).await.header("etag"), tag);
    let same = get("", tag.clone()).await;
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, tag.as_str()));
    site.host.world().milliseconds += 5;
    post(&site, "admin", &format!("/bots/{one}/assign/{}", site.ann)).await;
    assert_eq!(get("", tag).await.status, 200);
}
