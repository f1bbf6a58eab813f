//! Bad input, each test named after what it guards.

use serde_json::{Value, json};

use super::{FAILED, NOT_FOUND, POST_FAILED, answers, call, ephemeral, field, made, site, typed};

#[tokio::test]
async fn a_line_of_any_length_and_script_is_answered() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    let long = format!("/deploy {}", "x".repeat(16_384));
    answers(&site, &["{}", "{}"]);
    assert_eq!(typed(&site, "ann", &long).await.status, 200);
    assert_eq!(field(&site, "text").len(), 16_384);
    assert_eq!(typed(&site, "ann", "/deploy\u{3000}日本 🚀").await.status, 200);
    assert_eq!(field(&site, "text"), "日本 🚀");
    for line in ["/日本", "//deploy", "/ deploy", "/dep\u{0}loy", &format!("/{}", "é".repeat(9_000))] {
        let answer = typed(&site, "ann", line).await;
        assert_eq!(answer.brief(), (404, NOT_FOUND.into()), "{line:.40}");
        assert!(answer.body.len() < 2_000, "an error does not give a long word back");
    }
}

/// CVE-2024-29215, CVE-2024-36241, CVE-2025-25274, CVE-2023-2786.
#[tokio::test]
async fn nobody_runs_or_posts_where_they_may_not_write() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    for channel in [site.foreign, site.ops, site.secret, site.attic] {
        for line in ["/deploy", "/me waves", "/echo hi", "/shrug"] {
            let body = json!({ "channel_id": channel, "command": line, "team_id": site.team });
            let answer = call(&site, "bob", "POST", "/execute", body.to_string()).await;
            assert!([400, 403].contains(&answer.status), "{line} {answer:?}");
        }
    }
    let body = json!({ "response_type": "in_channel", "text": "a", "channel_id": site.secret }).to_string();
    answers(&site, &[&body]);
    assert_eq!(typed(&site, "bob", "/deploy").await.brief(), (500, POST_FAILED.into()));
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn a_team_that_is_named_chooses_no_commands_of_another() {
    let site = site().await;
    made(&site, "admin", json!({ "team_id": site.other_team, "trigger": "theirs" })).await;
    let body = json!({ "channel_id": site.dev, "command": "/theirs", "team_id": site.other_team });
    let answer = call(&site, "admin", "POST", "/execute", body.to_string()).await;
    assert_eq!(answer.brief(), (404, NOT_FOUND.into()));
}

#[tokio::test]
async fn an_answer_with_null_in_every_slot_says_nothing() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    let names = ["response_type", "text", "username", "channel_id", "icon_url", "type", "props", "goto_location"];
    let more = ["trigger_id", "skip_slack_parsing", "attachments", "extra_responses", "unknown"];
    let nulls: Value = names.iter().chain(&more).map(|name| ((*name).to_owned(), Value::Null)).collect();
    let body = nulls.to_string();
    answers(&site, &[&body, "null", r#"{"attachments":[null],"extra_responses":[null,null]}"#]);
    for _ in 0..3 {
        assert_eq!(typed(&site, "ann", "/deploy").await.status, 200);
    }
    assert!(site.posts().is_empty() && ephemeral(&site).is_empty());
}

#[tokio::test]
async fn an_answer_with_a_wrong_type_in_any_member_is_refused_whole() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    for (name, wrong) in [
        ("response_type", json!(1)),
        ("text", json!([])),
        ("username", json!({})),
        ("channel_id", json!(true)),
        ("icon_url", json!(1.5)),
        ("type", json!(["me"])),
        ("props", json!("x")),
        ("goto_location", json!(0)),
        ("skip_slack_parsing", json!("true")),
        ("attachments", json!({})),
        ("attachments", json!(["x"])),
        ("extra_responses", json!("x")),
        ("extra_responses", json!([{ "text": 5 }])),
    ] {
        let body = json!({ "response_type": "in_channel", "text": "a", name: wrong }).to_string();
        answers(&site, &[&body]);
        assert_eq!(typed(&site, "ann", "/deploy").await.brief(), (500, FAILED.into()), "{body}");
    }
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn a_huge_answer_is_cut_or_split_and_never_more_than_a_post_takes() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    let long = "é".repeat(40_000);
    answers(&site, &[&json!({ "text": long }).to_string()]);
    assert_eq!(typed(&site, "ann", "/deploy").await.status, 200);
    assert_eq!(ephemeral(&site)[0].chars().count(), 16_383);
    answers(&site, &[&json!({ "response_type": "in_channel", "text": long }).to_string()]);
    assert_eq!(typed(&site, "ann", "/deploy").await.status, 200);
    assert_eq!(site.messages().iter().map(|message| message.chars().count()).sum::<usize>(), 40_000);
    assert_eq!(site.posts().len(), 3);
    let answer = typed(&site, "ann", &format!("/me {}", "x".repeat(17_000))).await;
    assert_eq!(answer.brief(), (500, POST_FAILED.into()), "a built-in's text is not split");
}

#[tokio::test]
async fn what_is_no_utf_8_becomes_a_mark_and_u_0000_is_not_posted() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    answers(&site, &[r#"{"response_type":"in_channel","text":"a\u0000b"}"#, r#"{"text":"\ud800"}"#]);
    assert_eq!(typed(&site, "ann", "/deploy").await.brief(), (500, POST_FAILED.into()));
    assert_eq!(typed(&site, "ann", "/deploy").await.status, 200);
    assert_eq!(ephemeral(&site), ["\u{FFFD}"]);
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn guessed_tickets_open_nothing() {
    let site = site().await;
    for guess in ["a", "ybndrfg8ejkmcpqxot1uwisza3", &"a".repeat(1_000)] {
        let answer = super::later(&site, &format!("/hooks/commands/{guess}"), r#"{"text":"a"}"#).await;
        assert_eq!(answer.brief(), (404, super::GENERAL.into()), "{guess:.30}");
    }
    assert!(ephemeral(&site).is_empty());
}

#[tokio::test]
async fn reserved_props_and_integrations_of_buttons_are_nobody_elses() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    let body = json!({
        "response_type": "in_channel",
        "text": "a",
        "props": { "override_username": "root", "from_webhook": "no", "from_plugin": "true", "attachments": [1], "x": 1 },
        "attachments": [{ "text": "b", "actions": [{ "name": "Go", "integration": { "url": "http://in", "context": { "s": 1 } } }] }],
    });
    answers(&site, &[&body.to_string()]);
    let shown = typed(&site, "ann", "/deploy").await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert!(!String::from_utf8_lossy(&shown.body).contains("http://in"), "what a button calls is not shown");
    let props = Value::Object(site.last().props());
    assert_eq!((&props["from_webhook"], &props["x"]), (&json!("true"), &json!(1)));
    assert!(props.get("override_username").is_none() && props.get("from_plugin").is_none(), "{props}");
}
