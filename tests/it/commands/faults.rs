//! What breaks on our side: nothing half-done, and nobody is told what a port said.

use serde_json::json;

use super::{GENERAL, answers, call, command_with, ephemeral, later, made, path, response_path, site, typed};

#[tokio::test]
async fn management_that_breaks_at_any_step_changes_nothing() {
    let site = site().await;
    let command = made(&site, "ann", json!({})).await;
    let own = path(&command);
    let create = command_with(&site, json!({ "trigger": "new", "creator_id": site.bob })).to_string();
    let update = command_with(&site, json!({ "id": command["id"], "trigger": "ship" })).to_string();
    let target = json!({ "team_id": site.other_team }).to_string();
    let tree = json!({ "Trigger": "ship", "RoleID": "" }).to_string();
    let cases: [(&str, String, &str); 8] = [
        ("POST", String::new(), &create),
        ("GET", own.clone(), ""),
        ("PUT", own.clone(), &update),
        ("PUT", format!("{own}/regen_token"), ""),
        ("PUT", format!("{own}/autocomplete"), &tree),
        ("POST", format!("{own}/signing_secret"), ""),
        ("PUT", format!("{own}/move"), &target),
        ("DELETE", own.clone(), ""),
    ];
    for (method, route, body) in cases {
        let before = call(&site, "admin", "GET", &own, "").await.json();
        let steps = 30;
        let mut done = false;
        for step in 0..steps {
            site.host.world().broken.after = Some(step);
            let answer = call(&site, "admin", method, &route, body.to_owned()).await;
            site.host.world().broken.after = None;
            if answer.status < 300 {
                done = true;
                break;
            }
            assert_eq!(answer.status, 500, "{method} {route} {step} {answer:?}");
            assert_eq!(answer.detail(), "", "what the port said stays here");
            let after = call(&site, "admin", "GET", &own, "").await.json();
            assert_eq!(after, before, "{method} {route} {step}");
        }
        assert!(done, "{method} {route}");
        if method == "PUT" && route.ends_with("/move") {
            let back = json!({ "team_id": site.team }).to_string();
            site.host.world().admins.insert(site.ann);
            assert_eq!(call(&site, "admin", "PUT", &route, back).await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_run_that_breaks_before_the_call_calls_nobody() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    answers(&site, &[r#"{"text":"done"}"#]);
    for step in 0.. {
        site.host.world().broken.after = Some(step);
        let answer = typed(&site, "ann", "/deploy @bob ~ops").await;
        site.host.world().broken.after = None;
        if answer.status == 200 {
            assert!(step > 5, "{step}");
            break;
        }
        assert_eq!(answer.status, 500, "{step} {answer:?}");
        assert!(site.host.world().outside.requests.len() <= 1);
        if site.host.world().outside.requests.len() == 1 {
            // It broke behind the call: the answer is lost, and that is told.
            answers(&site, &[r#"{"text":"done"}"#]);
            site.host.world().outside.requests.clear();
        }
    }
    assert_eq!(ephemeral(&site), ["done"]);
}

#[tokio::test]
async fn a_delayed_answer_that_meets_a_broken_port_may_be_sent_again() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    answers(&site, &["{}"]);
    assert_eq!(typed(&site, "ann", "/deploy").await.status, 200);
    let path = response_path(&site);
    for step in 0..20 {
        site.host.world().broken.after = Some(step);
        let answer = later(&site, &path, r#"{"text":"a"}"#).await;
        site.host.world().broken.after = None;
        if answer.status == 200 {
            break;
        }
        assert_eq!(answer.brief(), (500, GENERAL.into()), "{step}");
        assert!(ephemeral(&site).is_empty(), "{step}");
    }
    assert_eq!(ephemeral(&site), ["a"]);
}
