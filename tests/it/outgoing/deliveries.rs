//! The deliveries of a hook, as those who manage it see and change them (OUT-112, OUT-330).

use serde_json::{Value, json};

use super::told::{Told, answers, sent, work_for_a_while, work_until_called};
use super::{FORBIDDEN, NOT_FOUND, UNKNOWN, URL_PARAMETER, call, made, path, site, word};
use crate::host::{START, Site};

const GONE: &str = "jackfield.delivery.not_found";
const STATE: &str = "jackfield.delivery.state";

async fn listed(site: &Site, hook: &Value, query: &str) -> Vec<Value> {
    let answer = call(site, "admin", "GET", &format!("{}/deliveries{query}", path(hook)), "").await;
    assert_eq!(answer.status, 200, "{query} {answer:?}");
    answer.json().as_array().unwrap().clone()
}

async fn states(site: &Site, hook: &Value, query: &str) -> Vec<String> {
    listed(site, hook, query).await.iter().map(|delivery| delivery["state"].as_str().unwrap().to_owned()).collect()
}

/// The posts that caused the deliveries of a list.
async fn shown(site: &Site, hook: &Value, query: &str) -> Vec<Value> {
    listed(site, hook, query).await.iter().map(|delivery| delivery["post_id"].clone()).collect()
}

fn place(hook: &Value, delivery: &Value) -> String {
    format!("{}/deliveries/{}", path(hook), delivery["id"].as_str().unwrap())
}

/// Tells of a post that sets the hook off, and of how that ends.
async fn set_off(site: &Site, status: Option<u16>) -> Told {
    let told = Told::new(site, site.ann, site.dev, "ship it");
    site.host.world().outside.answers.extend(status.map(|status| (status, String::new())));
    told.tell(site).await;
    work_for_a_while(site).await;
    told
}

#[tokio::test]
async fn a_delivery_is_shown_whole_without_what_is_secret() {
    let site = site().await;
    let urls = json!(["http://a.example:81/in?key=s3cret", "https://u:s3cret@b.example/x"]);
    let hook = made(&site, "admin", json!({ "callback_urls": urls })).await;
    answers(&site, &[json!({ "text": "shipped" }), json!({})]);
    let told = Told::new(&site, site.ann, site.dev, "ship it");
    told.tell(&site).await;
    work_until_called(&site, 2).await;
    work_for_a_while(&site).await;
    let mut all = listed(&site, &hook, "").await;
    all.sort_by_key(|delivery| delivery["position"].as_u64());
    let replies: Vec<_> = all.iter().filter(|delivery| delivery["reply_post_id"] != "").collect();
    assert_eq!(replies.len(), 1, "{all:?}");
    let id = hook["id"].as_str().unwrap();
    for (position, url) in ["http://a.example:81/in", "https://b.example/x"].into_iter().enumerate() {
        let want = json!({
            "id": format!("out_{}_{id}_{position}", told.id), "hook_id": id, "post_id": told.id, "position": position,
            "url": url, "state": "delivered", "reason": all[position]["reason"], "create_at": START,
            "next_attempt_at": 0, "reply_post_id": all[position]["reply_post_id"],
            "attempts": [{ "start_at": START, "duration": 0, "failure": null, "status": 200 }],
        });
        assert_eq!(all[position], want);
        assert_eq!(call(&site, "admin", "GET", &place(&hook, &want), "").await.json(), want);
    }
    let shown = format!("{all:?}");
    assert!(!shown.contains("s3cret") && !shown.contains(hook["token"].as_str().unwrap()), "{shown}");
}

#[tokio::test]
async fn deliveries_come_newest_first_by_pages_and_by_state() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let mut posts = Vec::new();
    for number in 0..5 {
        let mut told = Told::new(&site, site.ann, site.dev, "ship it");
        told.create_at.0 += number;
        site.host.world().milliseconds = told.create_at.0;
        site.host.world().outside.answers.push_back((200, "no JSON".repeat(usize::from(number == 2))));
        told.tell(&site).await;
        work_for_a_while(&site).await;
        posts.insert(0, json!(told.id));
    }
    assert_eq!(shown(&site, &hook, "").await, posts);
    assert_eq!(shown(&site, &hook, "?per_page=2&page=1").await, posts[2..4]);
    assert_eq!(shown(&site, &hook, "?per_page=0").await, posts[..0]);
    assert_eq!(shown(&site, &hook, "?state=failed").await, posts[2..3]);
    assert_eq!(shown(&site, &hook, "?state=delivered&per_page=2&page=1").await, [posts[3].clone(), posts[4].clone()]);
    for state in ["pending", "dead", "dropped"] {
        assert_eq!(shown(&site, &hook, &format!("?state={state}")).await, posts[..0], "{state}");
    }
    for state in ["Failed", "done", "%00"] {
        let answer = call(&site, "admin", "GET", &format!("{}/deliveries?state={state}", path(&hook)), "").await;
        assert_eq!(answer.brief(), (400, URL_PARAMETER.into()), "{state}");
    }
}

#[tokio::test]
async fn what_failed_is_tried_again_by_hand_under_the_same_id() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    call(&site, "admin", "PUT", &format!("{}/delivery_mode", path(&hook)), r#"{"mode":"off"}"#).await;
    set_off(&site, None).await;
    let failed = listed(&site, &hook, "").await;
    assert_eq!(failed[0]["state"], "failed");
    assert_eq!(failed[0]["attempts"][0]["failure"], "connect");
    for (number, below) in ["retry", "redeliver"].into_iter().enumerate() {
        let answer = call(&site, "admin", "POST", &format!("{}/{below}", place(&hook, &failed[0])), "").await;
        assert_eq!((answer.status, &answer.body[..]), (200, &br#"{"status":"OK"}"#[..]), "{below}");
        assert_eq!(states(&site, &hook, "").await, ["pending"], "{below}");
        site.host.world().outside.answers.extend((number == 1).then(|| (200, String::new())));
        work_for_a_while(&site).await;
        assert_eq!(states(&site, &hook, "").await, [["failed"], ["delivered"]][number], "{below}");
    }
    let delivered = listed(&site, &hook, "").await;
    assert_eq!(delivered[0]["id"], failed[0]["id"]);
    assert_eq!(delivered[0]["attempts"].as_array().unwrap().len(), 3);
    let bodies: Vec<_> = sent(&site).iter().map(|request| request.body().clone()).collect();
    assert!(bodies.len() == 3 && bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    for below in ["retry", "drop"] {
        let answer = call(&site, "admin", "POST", &format!("{}/{below}", place(&hook, &failed[0])), "").await;
        assert_eq!(answer.brief(), (400, STATE.into()), "{below}");
    }
}

#[tokio::test]
async fn what_is_pending_can_be_dropped_and_is_called_no_more() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    set_off(&site, None).await;
    let pending = listed(&site, &hook, "").await;
    assert_eq!(pending[0]["state"], "pending");
    assert!(pending[0]["next_attempt_at"].as_i64().unwrap() > START, "{pending:?}");
    let place = place(&hook, &pending[0]);
    assert_eq!(call(&site, "admin", "POST", &format!("{place}/retry"), "").await.brief(), (400, STATE.into()));
    assert_eq!(call(&site, "admin", "POST", &format!("{place}/drop"), "").await.status, 200);
    let dropped = call(&site, "admin", "GET", &place, "").await.json();
    assert_eq!((&dropped["state"], &dropped["next_attempt_at"]), (&json!("dropped"), &json!(0)));
    assert_ne!(dropped["reason"], "");
    site.host.world().milliseconds += 60_000;
    work_for_a_while(&site).await;
    assert_eq!(sent(&site).len(), 1);
    assert_eq!(states(&site, &hook, "?state=dropped").await, ["dropped"]);
}

#[tokio::test]
async fn deliveries_are_found_below_their_own_hook_alone() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let other = made(&site, "ann", word(1)).await;
    let told = set_off(&site, None).await;
    let delivery = listed(&site, &hook, "").await.remove(0);
    assert!(listed(&site, &other, "").await.is_empty());
    let id = hook["id"].as_str().unwrap();
    let unknown = [
        format!("out_{}_{id}_1", told.id),
        format!("out_{UNKNOWN}_{id}_0"),
        format!("out_{}_{UNKNOWN}_0", told.id),
        "x".repeat(100),
        "___".to_owned(),
    ];
    let mut cases: Vec<_> = unknown.iter().map(|id| format!("{}/deliveries/{id}", path(&hook))).collect();
    cases.push(place(&other, &delivery));
    for place in cases {
        for (method, below) in [("GET", ""), ("POST", "/retry"), ("POST", "/redeliver"), ("POST", "/drop")] {
            let answer = call(&site, "admin", method, &format!("{place}{below}"), "").await;
            assert_eq!(answer.brief(), (404, GONE.into()), "{method} {place}{below}");
        }
    }
    let long = format!("{}/deliveries/{}", path(&hook), "x".repeat(101));
    assert_eq!(call(&site, "admin", "GET", &long, "").await.brief(), (400, URL_PARAMETER.into()));
    let of_admin = place(&hook, &delivery);
    for (method, path) in [
        ("GET", of_admin.clone()),
        ("POST", format!("{of_admin}/drop")),
        ("GET", format!("{}/deliveries", path(&hook))),
        ("GET", format!("{}/lanes", path(&hook))),
    ] {
        assert_eq!(call(&site, "ann", method, &path, "").await.brief(), (403, FORBIDDEN.into()), "{method} {path}");
    }
    assert_eq!(call(&site, "admin", "DELETE", &path(&hook), "").await.status, 200);
    assert_eq!(call(&site, "admin", "GET", &of_admin, "").await.brief(), (404, NOT_FOUND.into()), "with its hook");
}

#[tokio::test]
async fn a_lane_says_how_a_destination_is_doing() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let lanes = async || call(&site, "admin", "GET", &format!("{}/lanes", path(&hook)), "").await.json();
    assert_eq!(lanes().await, json!([]));
    for _ in 0..6 {
        set_off(&site, None).await;
    }
    let shown = lanes().await;
    let [lane] = &shown.as_array().unwrap()[..] else { panic!("one lane") };
    assert_eq!(lane["origin"], "https://a.example:443");
    assert_eq!((&lane["breaker"], &lane["in_flight"], &lane["beyond_limit"]), (&json!("open"), &json!(0), &json!(0)));
    assert!(lane["waiting"].as_u64().unwrap() > 0 && lane["retry_at"].as_i64().unwrap() > START, "{lane}");
}

/// A storage that fails is told by an id of its own, and changes nothing.
#[tokio::test]
async fn a_fault_is_told_by_its_id() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    set_off(&site, None).await;
    let delivery = listed(&site, &hook, "").await.remove(0);
    let place = place(&hook, &delivery);
    for (method, path) in [
        ("GET", format!("{}/deliveries", path(&hook))),
        ("GET", format!("{}/lanes", path(&hook))),
        ("GET", place.clone()),
        ("POST", format!("{place}/drop")),
    ] {
        for steps in 2..20 {
            site.host.world().broken.after = Some(steps);
            let answer = call(&site, "admin", method, &path, "").await;
            site.host.world().broken.after = None;
            if answer.status == 200 {
                assert!(steps > 2, "{method} {path}");
                break;
            }
            assert_eq!(answer.brief(), (500, "jackfield.delivery.storage".into()), "{method} {path} {steps}");
            assert_eq!(listed(&site, &hook, "").await, std::slice::from_ref(&delivery), "{method} {path} {steps}");
        }
    }
}
