//! What receivers are sent (OUT-56 to OUT-66, OUT-114, OUT-117, OUT-340).

use std::time::Duration;

use jackfield::port::{Permission, Scope};
use jackfield::security::SigningSecret;
use serde_json::{Value, json};

use super::told::{Told, answers, sent, work_for_a_while, work_until_called};
use super::{call, hook_with, made, path, site};
use crate::host::{START, Site};

/// Makes a hook for the word `ship`, tells of a post and lets it be called.
async fn called(site: &Site, members: Value, calls: usize) -> (Value, Told) {
    let hook = made(site, "admin", members).await;
    let told = Told::new(site, site.ann, site.dev, "ship <it> & go");
    answers(site, &vec![json!({}); calls]);
    told.tell(site).await;
    work_until_called(site, calls).await;
    (hook, told)
}

#[tokio::test]
async fn a_form_is_sent_unless_json_is_asked_for() {
    let site = site().await;
    let (hook, told) = called(&site, json!({}), 1).await;
    let requests = sent(&site);
    let [request] = &requests[..] else { panic!("one request: {requests:?}") };
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", "https://a.example/in"));
    let header = |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap());
    assert_eq!(header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!((header("accept"), header("user-agent")), ("application/json", "Mattermost-Bot/1.1"));
    for absent in ["authorization", "webhook-id", "webhook-timestamp", "webhook-signature"] {
        assert_eq!(header(absent), "", "{absent}");
    }
    let (token, team, user) = (hook["token"].as_str().unwrap(), site.team, site.ann);
    let want = format!(
        "channel_id={}&channel_name=dev&file_ids=&post_id={}&team_domain=team&team_id={team}&text=ship+%3Cit%3E+%26+go&timestamp={}&token={token}&trigger_word=ship&user_id={user}&user_name=ann",
        site.dev,
        told.id,
        START / 1_000,
    );
    assert_eq!(request.body(), &want);
}

#[tokio::test]
async fn json_is_sent_to_each_address() {
    let site = site().await;
    let urls = json!(["https://u:p@a.example/in", "http://b.example:81/x?key=1"]);
    let (hook, told) = called(&site, json!({ "content_type": "application/json", "callback_urls": urls }), 2).await;
    let mut requests = sent(&site);
    requests.sort_by_key(|request| request.uri().to_string());
    let uris: Vec<_> = requests.iter().map(|request| request.uri().to_string()).collect();
    assert_eq!(uris, ["http://b.example:81/x?key=1", "https://a.example/in"]);
    assert_eq!(requests[1].headers()["authorization"], "Basic dTpw");
    for request in &requests {
        assert_eq!(request.headers()["content-type"], "application/json");
        let want = json!({
            "token": hook["token"], "team_id": site.team, "team_domain": "team", "channel_id": site.dev,
            "channel_name": "dev", "timestamp": START, "user_id": site.ann, "user_name": "ann", "post_id": told.id,
            "text": "ship <it> & go", "trigger_word": "ship", "file_ids": "",
        });
        assert_eq!(serde_json::from_str::<Value>(request.body()).unwrap(), want);
    }
}

#[tokio::test]
async fn each_hook_is_told_its_own_word() {
    let site = site().await;
    made(&site, "admin", json!({ "trigger_words": ["s"], "trigger_when": 1, "callback_urls": ["https://s.example"] }))
        .await;
    made(
        &site,
        "admin",
        json!({ "channel_id": site.dev, "trigger_words": [], "callback_urls": ["https://all.example"] }),
    )
    .await;
    called(&site, json!({}), 3).await;
    let mut words: Vec<_> = sent(&site)
        .iter()
        .map(|request| {
            let fields = url::form_urlencoded::parse(request.body().as_bytes());
            let word = fields.into_owned().find(|(name, _)| name == "trigger_word").unwrap().1;
            (request.uri().host().unwrap().to_owned(), word)
        })
        .collect();
    words.sort();
    let want = [("a.example", "ship"), ("all.example", ""), ("s.example", "s")];
    assert_eq!(words, want.map(|(host, word)| (host.to_owned(), word.to_owned())));
}

#[tokio::test]
async fn calls_are_signed_with_all_secrets_that_count() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let signing = format!("{}/signing_secret", path(&hook));
    let mut secrets = Vec::new();
    for _ in 0..2 {
        let fresh = call(&site, "admin", "POST", &signing, "").await.json();
        secrets.push(SigningSecret::parse(fresh["secret"].as_str().unwrap()).unwrap());
    }
    let told = Told::new(&site, site.ann, site.dev, "ship");
    answers(&site, &[json!({})]);
    told.tell(&site).await;
    work_until_called(&site, 1).await;
    let requests = site.host.world().outside.requests.clone();
    let headers = requests[0].headers();
    assert_eq!(headers["webhook-id"], format!("out_{}_{}_0", told.id, hook["id"].as_str().unwrap()));
    assert_eq!(headers["webhook-timestamp"], (START / 1_000).to_string());
    assert_eq!(headers["webhook-signature"].to_str().unwrap().split(' ').count(), 2);
    for secret in &secrets {
        secret.verify(headers, requests[0].body(), START / 1_000, Duration::from_secs(1)).unwrap();
    }
    let other = SigningSecret::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX").unwrap();
    assert!(other.verify(headers, requests[0].body(), START / 1_000, Duration::from_secs(1)).is_err());
}

/// Tells of a post, changes something, lets the worker work, and returns how much was sent.
async fn sent_after(site: &Site, change: impl AsyncFnOnce()) -> usize {
    let told = Told::new(site, site.ann, site.dev, "ship");
    told.tell(site).await;
    change().await;
    work_for_a_while(site).await;
    site.host.world().outside.requests.len()
}

#[tokio::test]
async fn what_is_gone_or_switched_off_is_not_called() {
    let site = site().await;
    let hook = made(&site, "admin", json!({ "channel_id": site.dev })).await;
    let off = || site.configure(|settings| settings.outgoing.enabled = false);
    assert_eq!(sent_after(&site, async || off()).await, 0);
    site.configure(|settings| settings.outgoing.enabled = true);

    site.configure(|settings| settings.outgoing.pause_hooks_of_deactivated = true);
    site.host.world().user(site.admin).deactivated = true;
    assert_eq!(sent_after(&site, async || {}).await, 0);
    site.host.world().user(site.admin).deactivated = false;

    site.configure(|settings| settings.outgoing.require_channel_access = true);
    site.host.world().admins.clear();
    site.host.world().members.remove(&(site.dev, site.admin));
    assert_eq!(sent_after(&site, async || {}).await, 0);
    site.host.world().grant(site.admin, Permission::READ_CHANNEL_CONTENT, Scope::Channel(site.dev));
    answers(&site, &[json!({})]);
    Told::new(&site, site.ann, site.dev, "ship").tell(&site).await;
    work_until_called(&site, 1).await;
    site.host.world().admins.insert(site.admin);
    site.host.world().outside.requests.clear();

    let gone = async || {
        assert_eq!(call(&site, "admin", "DELETE", &path(&hook), "").await.status, 200);
    };
    assert_eq!(sent_after(&site, gone).await, 0);
}

#[tokio::test]
async fn a_call_is_made_of_the_hook_as_it_is_then() {
    let site = site().await;
    let hook = made(&site, "admin", json!({})).await;
    let told = Told::new(&site, site.ann, site.dev, "ship");
    told.tell(&site).await;
    let fresh = call(&site, "admin", "POST", &format!("{}/regen_token", path(&hook)), "").await.json();
    let members =
        json!({ "id": hook["id"], "content_type": "application/json", "callback_urls": ["https://new.example/"] });
    let answer = call(&site, "admin", "PUT", &path(&hook), hook_with(&site, members).to_string()).await;
    assert_eq!(answer.status, 200);
    answers(&site, &[json!({})]);
    work_until_called(&site, 1).await;
    let requests = sent(&site);
    assert_eq!(requests[0].uri().to_string(), "https://new.example/");
    let body: Value = serde_json::from_str(requests[0].body()).unwrap();
    assert_eq!(body["token"], fresh["token"]);
    assert_ne!(body["token"], hook["token"]);
}

#[tokio::test]
async fn a_post_that_is_handed_in_twice_is_delivered_once() {
    let site = site().await;
    made(&site, "admin", json!({})).await;
    let told = Told::new(&site, site.ann, site.dev, "ship");
    answers(&site, &[json!({}), json!({})]);
    told.tell(&site).await;
    told.tell(&site).await;
    work_until_called(&site, 1).await;
    told.tell(&site).await;
    work_for_a_while(&site).await;
    assert_eq!(site.host.world().outside.requests.len(), 1);
}
