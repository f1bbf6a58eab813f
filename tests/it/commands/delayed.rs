//! `POST /hooks/commands/{id}` (CMD-90 to CMD-94, CMD-144, section 18).

use std::time::Duration;

use http::Request;
use jackfield::port::{Permission, RefusedKind, Scope};
use serde_json::json;

use super::{FAILED, GENERAL, answers, call, ephemeral, later, made, path, response_path, site, typed};
use crate::host::Site;

const PARSE: &str = "web.command_webhook.parse.app_error";

/// A server on which `bob` has run a command of `ann`, and where its service may answer.
async fn ran() -> (Site, serde_json::Value, String) {
    let site = site().await;
    let command = made(&site, "ann", json!({})).await;
    answers(&site, &["{}"]);
    assert_eq!(typed(&site, "bob", "/deploy web").await.status, 200);
    let path = response_path(&site);
    (site, command, path)
}

#[tokio::test]
async fn a_service_answers_five_times_and_no_more() {
    let (site, _, path) = ran().await;
    for number in 0..5 {
        let body = json!({ "response_type": "in_channel", "text": number.to_string() });
        let answer = later(&site, &path, body.to_string()).await;
        assert_eq!(answer.brief(), (200, "ok".into()));
        assert_eq!(answer.header("content-type"), "text/plain");
    }
    assert_eq!(later(&site, &path, r#"{"text":"six"}"#).await.brief(), (400, GENERAL.into()));
    assert_eq!(site.messages(), ["0", "1", "2", "3", "4"]);
    assert!(site.posts().iter().all(|post| post.draft.user_id == site.bob && post.channel == site.dev));
    assert!(ephemeral(&site).is_empty());
}

#[tokio::test]
async fn a_ticket_lives_for_half_an_hour() {
    let (site, _, path) = ran().await;
    site.host.world().milliseconds += 1_799_999;
    assert_eq!(later(&site, &path, r#"{"text":"a"}"#).await.status, 200);
    site.host.world().milliseconds += 1;
    assert_eq!(later(&site, &path, r#"{"text":"b"}"#).await.brief(), (404, GENERAL.into()));
    assert_eq!(ephemeral(&site), ["a"]);
}

#[tokio::test]
async fn what_is_no_answer_uses_nothing_up() {
    let (site, _, path) = ran().await;
    for body in ["", "{", "[]", "{}{}", r#"{"text":5}"#] {
        assert_eq!(later(&site, &path, body).await.brief(), (400, PARSE.into()), "{body}");
    }
    let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(400_000));
    assert_eq!(later(&site, &path, large.clone()).await.status, 413);
    let text = site.send(Request::post(&*path).body(large.into()).unwrap()).await;
    assert_eq!(text.brief(), (400, GENERAL.into()), "a text that is too long is another mistake");
    for body in ["null", "{}", r#"{"text":""}"#, r#"{"text":"a"}"#, r#"{"text":"b"}"#] {
        assert_eq!(later(&site, &path, body).await.status, 200, "{body}");
    }
    assert_eq!(later(&site, &path, r#"{"text":"c"}"#).await.status, 400, "one that says nothing counts");
    assert_eq!(ephemeral(&site), ["a", "b"]);
}

#[tokio::test]
async fn a_text_is_taken_as_it_is() {
    let (site, _, path) = ran().await;
    let request = Request::post(&*path).header("Authorization", "Bearer nobody");
    assert_eq!(site.send(request.body("payload=%7B%7D".into()).unwrap()).await.status, 200);
    assert_eq!(ephemeral(&site), ["payload=%7B%7D"]);
    assert_eq!(site.send(crate::host::get(&path)).await.status, 404, "there is no such route but for POST");
    assert_eq!(later(&site, "/hooks/commands/ybndrfg8ejkmcpqxot1uwisza3", "{}").await.brief(), (404, GENERAL.into()));
}

#[tokio::test]
async fn an_answer_of_which_nothing_could_be_posted_does_not_count() {
    let (site, _, path) = ran().await;
    let body = r#"{"response_type":"in_channel","text":"a"}"#;
    for _ in 0..6 {
        site.host.world().broken.sink = Some(RefusedKind::Failed);
        assert_eq!(later(&site, &path, body).await.brief(), (500, GENERAL.into()));
        site.host.world().broken.sink = None;
    }
    for _ in 0..5 {
        assert_eq!(later(&site, &path, body).await.status, 200);
    }
    assert_eq!(later(&site, &path, body).await.status, 400);
    assert_eq!(site.messages().len(), 5, "no answer stands for another");
}

#[tokio::test]
async fn an_answer_of_which_some_was_posted_counts() {
    let (site, _, path) = ran().await;
    let body = json!({ "text": "a", "extra_responses": [{ "text": "b", "channel_id": site.secret }] }).to_string();
    for _ in 0..5 {
        assert_eq!(later(&site, &path, body.clone()).await.brief(), (500, GENERAL.into()));
    }
    assert_eq!(later(&site, &path, body).await.brief(), (400, GENERAL.into()));
    assert_eq!(ephemeral(&site).len(), 5);
}

#[tokio::test]
async fn nobody_is_spoken_for_who_has_left_or_is_deactivated() {
    type Change = fn(&Site, bool);
    let changes: [(&str, Change); 4] = [
        ("deactivated", |site, is| site.host.world().user(site.bob).deactivated = is),
        ("left the channel", |site, is| {
            let mut world = site.host.world();
            if is {
                world.members.remove(&(site.dev, site.bob))
            } else {
                world.members.insert((site.dev, site.bob))
            };
        }),
        ("left the team", |site, is| {
            let grant = (site.bob, Permission::VIEW_TEAM, Scope::Team(site.team));
            let mut world = site.host.world();
            if is {
                world.grants.remove(&grant)
            } else {
                world.grants.insert(grant)
            };
        }),
        ("archived", |site, is| site.host.world().channel(site.dev).archived = is),
    ];
    let (site, _, path) = ran().await;
    for (what, change) in changes {
        change(&site, true);
        assert_eq!(later(&site, &path, r#"{"text":"a"}"#).await.brief(), (400, GENERAL.into()), "{what}");
        change(&site, false);
    }
    site.configure(|settings| settings.commands.enabled = false);
    assert_eq!(later(&site, &path, r#"{"text":"a"}"#).await.brief(), (400, GENERAL.into()));
    site.configure(|settings| settings.commands.enabled = true);
    for _ in 0..5 {
        assert_eq!(later(&site, &path, r#"{"text":"a"}"#).await.status, 200, "no use was taken");
    }
}

#[tokio::test]
async fn a_ticket_outlives_changes_of_its_command_but_not_the_command() {
    let (site, command, path_of_answer) = ran().await;
    let own = path(&command);
    assert_eq!(call(&site, "ann", "PUT", &format!("{own}/regen_token"), "").await.status, 200);
    let update = super::command_with(&site, json!({ "id": command["id"], "trigger": "other" })).to_string();
    assert_eq!(call(&site, "ann", "PUT", &own, update).await.status, 200);
    assert_eq!(later(&site, &path_of_answer, r#"{"text":"a"}"#).await.status, 200);
    let target = json!({ "team_id": site.other_team }).to_string();
    let may = (site.ann, Permission::MANAGE_OWN_SLASH_COMMANDS, Scope::Team(site.other_team));
    site.host.world().grants.insert(may);
    assert_eq!(call(&site, "admin", "PUT", &format!("{own}/move"), target).await.status, 200);
    assert_eq!(later(&site, &path_of_answer, r#"{"text":"b"}"#).await.status, 200);
    assert_eq!(call(&site, "admin", "DELETE", &own, "").await.status, 200);
    made(&site, "ann", json!({})).await;
    assert_eq!(later(&site, &path_of_answer, r#"{"text":"c"}"#).await.brief(), (400, GENERAL.into()));
    assert_eq!(ephemeral(&site), ["a", "b"]);
}

/// At the deadline the caller is told so, and what the service says then still counts.
#[tokio::test]
async fn a_service_that_was_too_slow_may_still_answer_later() {
    let site = super::site_with(|settings| settings.integration_timeout = Duration::from_secs(2)).await;
    made(&site, "ann", json!({})).await;
    // The client that a test has gives no answer, as one does that waited for too long.
    assert_eq!(typed(&site, "bob", "/deploy").await.brief(), (500, FAILED.into()));
    let path = response_path(&site);
    assert_eq!(later(&site, &path, r#"{"text":"done"}"#).await.status, 200);
    assert_eq!(ephemeral(&site), ["done"]);
}

#[tokio::test]
async fn the_cause_is_shown_to_developers_alone() {
    let (site, _, _) = ran().await;
    let unknown = "/hooks/commands/ybndrfg8ejkmcpqxot1uwisza3";
    assert_eq!(later(&site, unknown, "{}").await.detail(), "");
    site.configure(|settings| settings.show_inner_ids = true);
    assert_eq!(later(&site, unknown, "{}").await.detail(), "app.command_webhook.get.missing");
}

#[tokio::test]
async fn a_ticket_is_nowhere_in_clear() {
    let (site, _, path) = ran().await;
    let ticket = path.rsplit('/').next().unwrap();
    let world = site.host.world();
    assert!(world.observed.iter().all(|line| !line.contains(ticket)), "{:?}", world.observed);
}
