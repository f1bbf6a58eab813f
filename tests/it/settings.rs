//! Every setting, switched off and on while serving; and the master keys.

use bytes::Bytes;
use http::Request;
use jackfield::api::PeerAddress;
use jackfield::engine::{Settings, StartError};
use jackfield::incoming::Rate;
use jackfield::port::{Permission, Scope};
use jackfield::security::MasterKey;
use serde_json::{Value, json};

use crate::host::{Site, hook_object, json_call};

const GENERAL: &str = "web.incoming_webhook.general.app_error";

#[tokio::test]
async fn incoming_webhooks_can_be_switched_off() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.configure(|settings| settings.incoming.enabled = false);
    assert_eq!(site.say(&hook, "a").await.brief(), (501, GENERAL.into()));
    assert_eq!(site.say(&hook, "").await.status, 501, "before the text is looked at");
    assert_eq!(site.call(&hook, "{").await.brief(), (400, "web.incoming_webhook.decode.app_error".into()));
    site.configure(|settings| settings.incoming.enabled = true);
    assert_eq!(site.say(&hook, "a").await.status, 200);
}

async fn sent_props(site: &Site, hook: &str, payload: Value) -> Value {
    assert_eq!(site.call(hook, payload.to_string()).await.status, 200, "{payload}");
    let mut props = site.last().props();
    props.retain(|name, _| name.starts_with("override"));
    props.into()
}

/// INC-67, INC-68, INC-101.
#[tokio::test]
async fn names_and_icons_are_overridden_only_where_that_is_allowed() {
    let site = Site::new().await;
    let plain = site.hook().await;
    let payload = json!({
        "text": "a", "username": "Robot ✨", "icon_url": "https://i", "icon_emoji": ":x:",
        "props": { "override_icon_emoji": ":own:" },
    });
    assert_eq!(sent_props(&site, &plain, payload.clone()).await, json!({}));
    site.configure(|settings| settings.overrides.username = true);
    assert_eq!(sent_props(&site, &plain, payload.clone()).await, json!({ "override_username": "Robot ✨" }));
    assert_eq!(sent_props(&site, &plain, json!({ "text": "a" })).await, json!({ "override_username": "webhook" }));
    site.configure(|settings| settings.overrides.icon = true);
    let named = site.hook_by("admin", json!({ "channel_id": site.dev, "username": "ci", "icon_url": "hook" })).await;
    let want = json!({ "override_username": "ci", "override_icon_url": "hook" });
    assert_eq!(sent_props(&site, &named, json!({ "text": "a" })).await, want);
    let want = json!({
        "override_username": "Robot ✨", "override_icon_url": "https://i", "override_icon_emoji": ":own:",
    });
    assert_eq!(sent_props(&site, &named, payload).await, want);
    let emoji = sent_props(&site, &plain, json!({ "text": "a", "icon_emoji": ":x:" })).await;
    assert_eq!(emoji["override_icon_emoji"], ":x:");
    site.configure(|settings| settings.overrides = jackfield::post::Overrides::default());
    assert_eq!(sent_props(&site, &named, json!({ "text": "a" })).await, json!({}));
    let update =
        json!({ "id": named, "channel_id": site.dev, "username": "A bad one", "icon_url": "other" }).to_string();
    let kept = site.manage("admin", "PUT", &format!("/{named}"), update).await.json();
    assert_eq!((&kept["username"], &kept["icon_url"]), (&json!("ci"), &json!("hook")));
}

#[tokio::test]
async fn the_longest_body_can_be_set_and_counts_from_the_next_request_on() {
    let site = Site::with(|settings| settings.maximum_payload_bytes = 100).await;
    let hook = site.hook().await;
    let body = |bytes: usize| format!("{{\"text\":\"{}\"}}", "x".repeat(bytes - 11));
    assert_eq!(site.call(&hook, body(612)).await.status, 200);
    assert_eq!(site.call(&hook, body(613)).await.status, 413);
    site.configure(|settings| settings.maximum_payload_bytes = 101);
    assert_eq!(site.call(&hook, body(613)).await.status, 200);
}

#[tokio::test]
async fn the_longest_address_can_be_set() {
    let site = Site::new().await;
    let path = |bytes: usize| format!("/hooks/abc?{}", "x".repeat(bytes - 11));
    for (bytes, status) in [(2_048, 400), (2_049, 414)] {
        let answer = site.send(Request::post(path(bytes)).body(Bytes::from_static(b"{}")).unwrap()).await;
        assert_eq!((answer.status, answer.headers.contains_key("X-Request-Id")), (status, status == 400));
    }
    let answer = site.send(Request::post(path(2_049)).body(Bytes::new()).unwrap()).await;
    assert_eq!(answer.id(), "basic_security_check.url.too_long_error");
    site.configure(|settings| settings.maximum_url_bytes = 4_096);
    assert_eq!(site.send(Request::post(path(2_049)).body(Bytes::from_static(b"{}")).unwrap()).await.status, 400);
}

/// INC-93.
#[tokio::test]
async fn hardened_mode_tells_nothing_of_what_went_wrong_on_our_side() {
    let site = Site::with(|settings| (settings.hardened_mode, settings.show_inner_ids) = (true, true)).await;
    let hook = site.hook().await;
    site.configure(|settings| settings.incoming.enabled = false);
    let off = site.say(&hook, "a").await;
    site.configure(|settings| settings.incoming.enabled = true);
    let mistake = site.call(&hook, json!({ "text": "a", "type": "x" }).to_string()).await;
    site.host.world().broken.storage = true;
    let fault = site.manage("admin", "GET", "", "").await;
    for answer in [off, mistake, fault] {
        let error = answer.json();
        assert_eq!((answer.status, &error["id"], &error["detailed_error"]), (500, &json!(""), &json!("")));
        assert_eq!((&error["message"], &error["status_code"]), (&json!("an error occurred"), &json!(500)));
    }
    site.host.world().broken.storage = false;
    assert_eq!(site.say("x", "a").await.brief(), (400, GENERAL.into()), "the caller's mistakes are told");
}

#[tokio::test]
async fn inner_ids_are_shown_only_where_asked_for() {
    let site = Site::new().await;
    assert_eq!(site.say("x", "a").await.detail(), "");
    site.configure(|settings| settings.show_inner_ids = true);
    assert_eq!(site.say("x", "a").await.detail(), "web.incoming_webhook.invalid.app_error");
}

#[tokio::test]
async fn the_sender_s_mistakes_can_be_400() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let priority = |level: &str, persistent: bool| json!({ "priority": level, "persistent_notifications": persistent });
    let six = "@admin @ann @bob";
    let cases = [
        json!({ "text": "a", "type": "x" }),
        json!({ "text": "a", "type": "burn_on_read" }),
        json!({ "text": "a", "priority": priority(&"x".repeat(33), false) }),
        json!({ "text": "a", "props": { "ai_generated_by": site.bob } }),
        json!({ "text": "a", "priority": priority("urgent", true) }),
        json!({ "text": six, "priority": priority("urgent", true) }),
    ];
    site.configure(|settings| settings.incoming.persistent_notification_max_recipients = 2);
    for status in [500, 400] {
        site.configure(|settings| settings.incoming.sender_mistakes_are_400 = status == 400);
        for body in &cases {
            assert_eq!(site.call(&hook, body.to_string()).await.brief(), (status, GENERAL.into()), "{body}");
            assert!(site.observed().starts_with(&format!("refused with {status}: ")), "{}", site.observed());
        }
    }
    site.host.world().broken.directory = true;
    assert_eq!(site.say(&hook, "a").await.status, 500, "a fault stays one");
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn the_priority_of_a_split_text_can_count_for_its_first_post_alone() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let priority = json!({ "priority": "urgent", "persistent_notifications": true });
    let text = format!("{}@bob", "x ".repeat(8_192));
    let body = json!({ "text": text, "priority": priority }).to_string();
    assert_eq!(site.call(&hook, body.clone()).await.status, 500);
    site.configure(|settings| settings.incoming.priority_on_first_post_only = true);
    assert_eq!(site.call(&hook, body).await.status, 200);
    let carries: Vec<_> = site.posts().iter().map(|stored| stored.draft.priority.is_some()).collect();
    assert_eq!(carries, [true, false]);
    site.configure(|settings| settings.incoming.priority_on_first_post_only = false);
    let body = json!({ "text": text, "priority": { "priority": "important" } }).to_string();
    assert_eq!(site.call(&hook, body).await.status, 200);
    assert!(site.posts()[2..].iter().all(|stored| stored.draft.priority.is_some()));
}

#[tokio::test]
async fn inactive_owners_can_be_refused() {
    let site = Site::new().await;
    let hook = site.hook_by("ann", hook_object(site.dev)).await;
    assert_eq!(site.say(&hook, "a").await.status, 200, "not in the team, and nobody asks");
    site.configure(|settings| settings.incoming.refuse_inactive_owners = true);
    assert_eq!(site.say(&hook, "a").await.brief(), (403, GENERAL.into()));
    site.host.world().grant(site.ann, Permission::VIEW_TEAM, Scope::Team(site.team));
    assert_eq!(site.say(&hook, "a").await.status, 200);
    site.host.world().user(site.ann).deactivated = true;
    assert_eq!(site.say(&hook, "a").await.brief(), (403, GENERAL.into()));
}

#[tokio::test]
async fn one_hook_can_be_limited() {
    let site = Site::new().await;
    let (one, two) = (site.hook().await, site.hook().await);
    site.configure(|settings| settings.incoming.limit_per_hook = Some(Rate { burst: 2, per_second: 1 }));
    let statuses = async |hook: &str| site.say(hook, "a").await.status;
    assert_eq!([statuses(&one).await, statuses(&one).await], [200, 200]);
    let answer = site.say(&one, "a").await;
    assert_eq!(answer.brief(), (429, "jackfield.incoming_webhook.rate_limited".into()));
    assert_eq!(answer.header("Retry-After"), "1");
    assert_eq!(statuses(&two).await, 200);
    let rotated = site.rotate(&one, 10_000).await.unwrap();
    assert_eq!((statuses(&one).await, statuses(&rotated).await), (429, 429), "both ids are one hook");
    site.host.world().milliseconds += 1_000;
    assert_eq!(statuses(&one).await, 200);
    site.configure(|settings| settings.incoming.limit_per_hook = None);
    assert_eq!([statuses(&one).await, statuses(&one).await], [200, 200]);
}

#[tokio::test]
async fn guessing_ids_can_be_limited_by_address() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.configure(|settings| {
        settings.incoming.limit_unknown_ids_per_address = Some(Rate { burst: 2, per_second: 1 });
    });
    let from = async |address: &str, hook: &str| {
        let mut request = json_call(hook, r#"{"text":"a"}"#);
        request.extensions_mut().insert(PeerAddress(address.parse().unwrap()));
        site.send(request).await.status
    };
    for _ in 0..5 {
        assert_eq!(from("10.0.0.1", &hook).await, 200);
    }
    assert_eq!([from("10.0.0.1", "x").await, from("10.0.0.1", "y").await], [400, 400]);
    assert_eq!([from("10.0.0.1", "z").await, from("10.0.0.1", &hook).await], [429, 429]);
    assert_eq!([from("10.0.0.2", "z").await, from("10.0.0.2", &hook).await], [400, 200]);
    assert_eq!([from("2001:db8::1", "x").await, from("2001:db8::2", "y").await], [400, 400]);
    assert_eq!([from("2001:db8::3", "z").await, from("2001:db8:0:1::1", "z").await], [429, 400]);
    assert_eq!(site.say("x", "a").await.status, 400, "an unknown address is not limited");
    site.host.world().milliseconds += 1_000;
    assert_eq!(from("10.0.0.1", &hook).await, 200);
}

#[tokio::test]
async fn three_leniencies_start_switched_off() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let field = async |member: &str, value: &str| {
        let body = format!("{{\"attachments\":[{{\"fields\":[{{\"{member}\":{value}}}]}}]}}");
        let answer = site.call(&hook, body).await;
        if answer.status == 200 {
            site.last().props()["attachments"][0]["fields"][0][member].clone()
        } else {
            Value::Null
        }
    };
    let code = async || {
        let body = json!({ "attachments": [{ "text": "`a < b || c > d` <https://e|E>" }] }).to_string();
        assert_eq!(site.call(&hook, body).await.status, 200);
        site.last().props()["attachments"][0]["text"].as_str().unwrap().to_owned()
    };
    assert_eq!([field("short", "null").await, field("short", "1").await], [Value::Null, Value::Null]);
    assert_eq!(field("value", "1000000").await, "1e+06");
    assert_eq!(code().await, "`a [| c ]( b ) d` [E](https://e)");
    site.configure(|settings| {
        let leniency = &mut settings.incoming.leniency;
        (leniency.short_fields, leniency.whole_numbers, leniency.careful_attachment_links) = (true, true, true);
    });
    let shorts = [field("short", "null").await, field("short", "1").await, field("short", "0").await];
    assert_eq!(shorts, [json!(false), json!(true), json!(false)]);
    assert_eq!(field("short", "\"yes\"").await, Value::Null);
    assert_eq!([field("value", "1000000").await, field("value", "1.5").await], [json!("1000000"), json!("1.5")]);
    assert_eq!(code().await, "`a < b || c > d` [E](https://e)");
}

#[tokio::test]
async fn the_site_s_path_may_stand_before_every_route() {
    let site = Site::with(|settings| settings.site_url = "https://example.org/chat/".parse().ok()).await;
    let hook = site.hook().await;
    for path in [format!("/chat/hooks/{hook}"), format!("/hooks/{hook}")] {
        let request = Request::post(&path).body(Bytes::from_static(br#"{"text":"a"}"#)).unwrap();
        assert_eq!(site.send(request).await.status, 200, "{path}");
    }
    let request = Request::post(format!("/chats/hooks/{hook}")).body(Bytes::new()).unwrap();
    assert_eq!(site.send(request).await.status, 404);
}

#[tokio::test]
async fn strict_transport_security_and_the_version_follow_the_settings() {
    let site = Site::new().await;
    let before = site.say("x", "a").await;
    assert!(!before.headers.contains_key("Strict-Transport-Security"));
    site.configure(|settings| {
        settings.strict_transport_security = Some(http::HeaderValue::from_static("max-age=1"));
        settings.overrides.icon = true;
    });
    let after = site.say("x", "a").await;
    assert_eq!(after.header("Strict-Transport-Security"), "max-age=1");
    assert_ne!(after.header("X-Version-Id"), before.header("X-Version-Id"));
}

fn keys(bytes: &[u8]) -> Vec<MasterKey> {
    bytes.iter().map(|byte| MasterKey::new([*byte; 32])).collect()
}

#[tokio::test]
async fn durable_storage_insists_on_the_key_that_it_was_used_with() {
    let site = Site::with(|settings| settings.keys = keys(&[1])).await;
    let hook = site.hook().await;
    assert!(matches!(site.restarted(|_| {}).await, Err(StartError::NoKey)));
    assert!(matches!(site.restarted(|settings| settings.keys = keys(&[2])).await, Err(StartError::WrongKey)));
    let again = site.restarted(|settings| settings.keys = keys(&[1])).await.unwrap();
    assert_eq!(again.say(&hook, "a").await.status, 200);
    assert_eq!(again.manage("admin", "GET", "", "").await.json()[0]["id"], hook);
}

#[tokio::test]
async fn an_old_key_still_opens_what_it_sealed() {
    let site = Site::with(|settings| settings.keys = keys(&[1])).await;
    let old = site.hook().await;
    let site = site.restarted(|settings| settings.keys = keys(&[2, 1])).await.unwrap();
    let new = site.hook().await;
    for hook in [&old, &new] {
        assert_eq!(site.say(hook, "a").await.status, 200);
        let update = json!({ "id": hook, "channel_id": site.dev, "display_name": "changed" }).to_string();
        assert_eq!(site.manage("admin", "PUT", &format!("/{hook}"), update).await.status, 201);
    }
    let listed = site.manage("admin", "GET", "", "").await.json();
    let mut ids: Vec<_> = listed.as_array().unwrap().iter().map(|hook| hook["id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let mut want = [old.as_str(), &new];
    want.sort_unstable();
    assert_eq!(ids, want);
    let rotated = site.rotate(&old, 1_000).await.unwrap();
    assert_eq!((site.say(&old, "a").await.status, site.say(&rotated, "a").await.status), (200, 200));
    assert_eq!(site.manage("admin", "DELETE", &format!("/{rotated}"), "").await.status, 200);
    assert_eq!((site.say(&old, "a").await.status, site.say(&rotated, "a").await.status), (400, 400));
}

#[tokio::test]
async fn keys_can_be_rotated_while_serving_but_not_lost() {
    let site = Site::with(|settings| settings.keys = keys(&[1])).await;
    let hook = site.hook().await;
    let set = |bytes: &[u8]| {
        let mut settings: Settings = site.engine().settings();
        settings.keys = keys(bytes);
        site.engine().configure(settings)
    };
    assert!(matches!(set(&[3]), Err(StartError::WrongKey)));
    assert_eq!(site.say(&hook, "the old settings stay").await.status, 200);
    set(&[3, 1]).unwrap();
    assert_eq!(site.say(&hook, "a").await.status, 200);
}

#[tokio::test]
async fn a_repeat_is_known_after_a_new_key() {
    let site = Site::with(|settings| settings.keys = keys(&[1])).await;
    let hook = site.hook().await;
    for key in [&[1][..], &[2, 1]] {
        let site = site.restarted(|settings| settings.keys = keys(key)).await.unwrap();
        let mut request = json_call(&hook, r#"{"text":"a"}"#);
        request.headers_mut().insert("Idempotency-Key", "k".parse().unwrap());
        assert_eq!(site.send(request).await.status, 200);
    }
    assert_eq!(site.messages().len(), 1);
}

/// OUT-307, OUT-321.
#[tokio::test]
async fn doubtful_settings_of_calls_are_told() {
    let site = Site::new().await;
    let doubts = |site: &Site| {
        let observed = std::mem::take(&mut site.host.world().observed);
        observed.into_iter().filter(|line| line.contains("doubtful")).collect::<Vec<_>>()
    };
    assert_eq!(doubts(&site), Vec::<String>::new());
    site.configure(|settings| {
        settings.egress.insecure = true;
        settings.egress.allowed_internal = "10.0.0.0/33 10.0.0.0/8 *.lan".to_owned();
    });
    let told = doubts(&site);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].contains("`EnableInsecureOutgoingConnections`"), "{told:?}");
    assert!(told[1].contains("`10.0.0.0/33` admits nothing") && told[2].contains("`*.lan` admits nothing"), "{told:?}");
}
