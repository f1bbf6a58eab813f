//! What breaks on our side: a general 500, nothing half-done, and no secret told.

use bytes::Bytes;
use http::Request;
use jackfield::port::RefusedKind;
use serde_json::json;

use super::{GENERAL, SAMPLE};
use crate::host::{Site, hook_object, json_call};

#[tokio::test]
async fn each_port_that_fails_is_a_fault() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let broken = [
        |site: &Site| site.host.world().broken.directory = true,
        |site: &Site| site.host.world().broken.storage = true,
        |site: &Site| site.host.world().broken.sink = Some(RefusedKind::Failed),
        |site: &Site| site.host.world().broken.sink = Some(RefusedKind::Invalid),
        |site: &Site| site.host.world().broken.sink = Some(RefusedKind::NotFound),
        |site: &Site| site.host.world().broken.sink = Some(RefusedKind::Unsupported),
    ];
    for break_it in broken {
        break_it(&site);
        let answer = site.say(&hook, "a").await;
        assert_eq!((answer.brief(), answer.detail()), ((500, GENERAL.into()), String::new()));
        assert!(site.observed().starts_with("fault: "), "{}", site.observed());
        assert!(!String::from_utf8_lossy(&answer.body).contains("gone"), "what the port said stays here");
        site.host.world().broken = Default::default();
    }
    assert!(site.posts().is_empty());
    assert_eq!(site.say(&hook, "a").await.status, 200);
}

#[tokio::test]
async fn a_call_that_breaks_at_any_step_posts_nothing() {
    let site = Site::new().await;
    let hook = site.hook_by("admin", hook_object(site.secret)).await;
    let text = format!("@ann ~ops @here <@{}>", site.bob);
    let priority = json!({ "priority": "urgent", "persistent_notifications": true });
    let body = json!({ "text": text, "channel": "#dev", "priority": priority, "attachments": [{}] }).to_string();
    for steps in 0.. {
        site.host.world().broken.after = Some(steps);
        let answer = site.call(&hook, body.clone()).await;
        if answer.status == 200 {
            assert!(steps > 6, "{steps}");
            break;
        }
        assert_eq!(answer.brief(), (500, GENERAL.into()), "{steps}");
        let world = site.host.world();
        assert!(world.posts.is_empty() && world.ephemeral.is_empty(), "{steps}");
    }
    assert_eq!(site.posts().len(), 1);
}

#[tokio::test]
async fn management_that_breaks_at_any_step_changes_nothing() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let path = format!("/{hook}");
    let create = json!({ "channel_id": site.ops, "user_id": site.bob }).to_string();
    let update = json!({ "id": hook, "channel_id": site.ops, "display_name": "changed" }).to_string();
    let cases = [
        ("POST", "", &create, "app.webhooks.save_incoming.app_error", 201),
        ("GET", "", &create, "app.webhooks.get_incoming_by_user.app_error", 200),
        ("GET", "?include_total_count=1", &create, "app.webhooks.get_incoming_by_user.app_error", 200),
        ("GET", &path, &create, "app.webhooks.get_incoming.app_error", 200),
        ("PUT", &path, &update, "app.webhooks.update_incoming.app_error", 201),
        ("DELETE", &path, &update, "app.webhooks.delete_incoming.app_error", 200),
    ];
    for (method, path, body, id, done) in cases {
        let before = site.manage("admin", "GET", "", "").await.body;
        for steps in 0.. {
            site.host.world().broken.after = Some(steps);
            let answer = site.manage("admin", method, path, body.clone()).await;
            site.host.world().broken.after = None;
            if answer.status == done {
                assert!(steps > 2, "{method} {path} {steps}");
                break;
            }
            let want = if steps == 0 { "jackfield.session.lookup" } else { id };
            assert_eq!(answer.brief(), (500, want.into()), "{method} {path} {steps}");
            assert_eq!(site.manage("admin", "GET", "", "").await.body, before, "{method} {path} {steps}");
        }
    }
}

#[tokio::test]
async fn the_sender_s_mistakes_that_are_500_are_no_faults() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let priority = |level: &str, persistent: bool| json!({ "priority": level, "persistent_notifications": persistent });
    let cases = [
        json!({ "text": "nobody", "priority": priority("", true) }),
        json!({ "text": "a", "type": "unheard_of" }),
        json!({ "text": "a", "priority": priority(&"x".repeat(33), false) }),
        json!({ "text": "a", "props": { "ai_generated_by": site.bob } }),
    ];
    for body in cases {
        assert_eq!(site.call(&hook, body.to_string()).await.brief(), (500, GENERAL.into()), "{body}");
        assert!(site.observed().starts_with("refused with 500: api.post."), "{}", site.observed());
    }
    assert!(site.posts().is_empty());
}

/// Calls of every kind, good and bad: the id, tokens and texts stay out of errors and of what is observed.
#[tokio::test]
async fn no_secret_is_told_to_anybody() {
    let site = Site::with(|settings| settings.show_inner_ids = true).await;
    let hook = site.hook().await;
    let rotated = site.rotate(&hook, 1_000).await.unwrap();
    let session = site.host.world().sessions["admin"].clone();
    site.host.world().sessions.insert("s3ss1on".to_owned(), session);
    let mut answers = Vec::new();
    let words = "wh1sper";
    for after in (0..12).map(Some).chain([None]) {
        site.host.world().broken.after = after;
        for id in [&hook, &rotated] {
            for body in [
                SAMPLE.to_owned(),
                json!({ "text": words }).to_string(),
                json!({ "text": words, "type": words, "channel": words }).to_string(),
                json!({ "text": words, "channel": format!("@{words}") }).to_string(),
                json!({ "text": words, "priority": words }).to_string(),
                json!({ "text": words, "priority": { "priority": words.repeat(9) } }).to_string(),
                format!("{{\"text\":\"{words}\",\"{words}"),
                format!("{{\"text\":\"{words}\",\"props\":{words}}}"),
            ] {
                answers.push(site.call(id, body).await);
            }
            for (content_type, body) in [
                ("application/x-www-form-urlencoded", format!("payload={words}%zz")),
                ("multipart/form-data; boundary=x", format!("--x\r\n{words}")),
                ("a/b/c", words.to_owned()),
            ] {
                let request =
                    Request::post(format!("/hooks/{id}?access_token=s3ss1on")).header("Content-Type", content_type);
                answers.push(site.send(request.body(Bytes::from(body)).unwrap()).await);
            }
            let mut keyed = json_call(id, json!({ "text": words }).to_string());
            keyed.headers_mut().insert("Idempotency-Key", "wh1sper key".parse().unwrap());
            answers.push(site.send(keyed).await);
            for (method, body) in [("PUT", words.to_owned()), ("PUT", "{}".to_owned()), ("GET", String::new())] {
                answers.push(site.manage("s3ss1on", method, &format!("/{id}"), body).await);
            }
        }
    }
    let answers = answers.iter().filter(|answer| answer.status >= 400);
    let told: Vec<_> = answers.map(|answer| String::from_utf8_lossy(&answer.body).into_owned()).collect();
    let observed = site.host.world().observed.clone();
    assert!(told.len() > 250 && observed.len() > 250, "{} {}", told.len(), observed.len());
    for line in told.iter().chain(&observed) {
        for secret in [hook.as_str(), &rotated, "s3ss1on", "t0k3n", words, "Deployed"] {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}
