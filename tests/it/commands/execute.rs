//! `POST /api/v4/commands/execute` (CMD-20 to CMD-88).

use jackfield::command::ExecuteRequest;
use jackfield::id::PostId;
use jackfield::port::{Channel, ChannelKind, Permission, Scope};
use jackfield::post::Destination;
use serde_json::{Value, json};

use super::{
    BODY, FAILED, FORBIDDEN, NOT_FOUND, POST_FAILED, UNKNOWN, answers, call, ephemeral, field, fields, made, site,
    site_with, typed,
};

#[tokio::test]
async fn a_service_is_told_all_and_its_answer_is_shown() {
    let site = site().await;
    let command = made(&site, "ann", json!({})).await;
    answers(&site, &[r#"{"text":"on its way","goto_location":"/x","trigger_id":"mine"}"#]);
    let answer = typed(&site, "bob", "/Deploy  web @ann ~ops 50% off & más ").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let shown = answer.json();
    assert_eq!((&shown["text"], &shown["goto_location"]), (&json!("on its way"), &json!("/x")));
    assert_eq!(shown["trigger_id"].as_str().unwrap().len(), 26);
    assert_eq!(shown.as_object().unwrap().len(), 12, "{shown}");
    assert_eq!(ephemeral(&site), ["on its way"]);
    assert!(site.posts().is_empty());
    let want = [
        ("channel_id", site.dev.to_string()),
        ("channel_mentions", "ops".into()),
        ("channel_mentions_ids", site.ops.to_string()),
        ("channel_name", "dev".into()),
        ("command", "/deploy".into()),
        ("response_url", field(&site, "response_url")),
        ("root_id", String::new()),
        ("team_domain", "team".into()),
        ("team_id", site.team.to_string()),
        ("text", " web @ann ~ops 50% off & más ".into()),
        ("token", command["token"].as_str().unwrap().into()),
        ("trigger_id", field(&site, "trigger_id")),
        ("user_id", site.bob.to_string()),
        ("user_mentions", "ann".into()),
        ("user_mentions_ids", site.ann.to_string()),
        ("user_name", "bob".into()),
    ];
    assert_eq!(fields(&site), want.map(|(name, value)| (name.to_owned(), value)));
    let world = site.host.world();
    let request = &world.outside.requests[0];
    assert_eq!(request.headers()["authorization"], format!("Token {}", command["token"].as_str().unwrap()));
    assert_eq!((request.method().as_str(), request.uri().to_string().as_str()), ("POST", "https://a.example/in"));
}

#[tokio::test]
async fn a_get_command_adds_the_fields_to_what_the_address_has_of_a_query() {
    let site = site().await;
    let (method, url) = ("G", "https://a.example/in?cmd=a&token=own");
    made(&site, "ann", json!({ "method": method, "url": url })).await;
    answers(&site, &["{}"]);
    assert_eq!(typed(&site, "ann", "/deploy web").await.status, 200);
    let world = site.host.world();
    let request = &world.outside.requests[0];
    let target = request.uri().to_string();
    assert!(target.starts_with("https://a.example/in?cmd=a&token=own&channel_id="), "{target}");
    assert!(request.body().is_empty() && !request.headers().contains_key("content-type"));
    assert!(world.posts.is_empty() && world.ephemeral.is_empty(), "an answer that says nothing posts nothing");
}

#[tokio::test]
async fn an_answer_in_the_channel_is_a_post_of_who_typed_it_and_may_trigger_webhooks() {
    let site = site_with(|settings| (settings.overrides.username, settings.overrides.icon) = (true, true)).await;
    made(&site, "ann", json!({ "username": "Bot" })).await;
    let body = r#"{"response_type":"in_channel","text":"<!here> <https://x.io|x>","props":{"from_bot":"true","a":1},
        "extra_responses":[{"text":"psst"},null,{"response_type":"in_channel","text":"two"}]}"#;
    answers(&site, &[body]);
    let shown = typed(&site, "bob", "/deploy").await.json();
    assert_eq!(shown["text"], "@here <https://x.io|x>");
    assert_eq!(site.messages(), ["@here [x](https://x.io)", "two"]);
    assert_eq!(ephemeral(&site), ["psst"]);
    let post = &site.posts()[0];
    assert_eq!((post.draft.user_id, post.channel), (site.bob, site.dev));
    assert!(post.draft.triggers && post.draft.set_online);
    let props = Value::Object(post.props());
    assert_eq!((&props["from_webhook"], &props["override_username"]), (&json!("true"), &json!("Bot")));
    assert_eq!((&props["a"], &props["override_icon_url"]), (&json!(1), &json!("")));
    assert!(props.get("from_bot").is_none(), "{props}");
}

#[tokio::test]
async fn each_check_stands_in_its_order() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    let start = "api.command.execute_command.start.app_error";
    let run = async |user: &str, channel: &dyn ToString, line: &str| {
        let body = json!({ "channel_id": channel.to_string(), "command": line });
        call(&site, user, "POST", "/execute", body.to_string()).await.brief()
    };
    let cases: [(&str, &dyn ToString, &str, u16, &str); 8] = [
        ("ann", &site.dev, "", 400, start),
        ("ann", &site.dev, "/", 400, start),
        ("ann", &site.dev, "deploy", 400, start),
        ("ann", &"short", "/deploy", 400, start),
        ("ann", &UNKNOWN, "/deploy", 403, FORBIDDEN),
        ("ann", &site.secret, "/deploy", 403, FORBIDDEN),
        ("ann", &site.attic, "/deploy", 400, "api.command.execute_command.deleted.error"),
        ("ann", &site.dev, "/other", 404, NOT_FOUND),
    ];
    for (user, channel, line, status, id) in cases {
        assert_eq!(run(user, channel, line).await, (status, id.into()), "{line} {}", channel.to_string());
    }
    assert_eq!(call(&site, "ann", "POST", "/execute", "[]").await.brief(), (400, BODY.into()));
    let stranger = call(&site, "nobody", "POST", "/execute", "{}").await;
    assert_eq!(stranger.status, 401);
    for root in ["short", UNKNOWN] {
        let body = json!({ "channel_id": site.dev, "command": "/deploy", "root_id": root });
        assert_eq!(
            call(&site, "ann", "POST", "/execute", body.to_string()).await.brief(),
            (400, BODY.into()),
            "{root}"
        );
    }
    assert!(site.host.world().outside.requests.is_empty());
}

#[tokio::test]
async fn in_a_direct_channel_the_team_that_is_named_counts_for_its_members() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    let name = Channel::direct_name(site.ann, site.bob);
    let direct = Channel::new(jackfield::id::ChannelId::from_random([77; 16]), ChannelKind::Direct, name);
    {
        let mut world = site.host.world();
        world.grant(site.ann, Permission::CREATE_POST, Scope::Channel(direct.id));
        world.members.insert((direct.id, site.ann));
        world.channels.push(direct.clone());
    }
    let run = async |team: &str| {
        let body = json!({ "channel_id": direct.id, "command": "/deploy", "team_id": team });
        call(&site, "ann", "POST", "/execute", body.to_string()).await.brief()
    };
    for team in ["", site.other_team.as_str()] {
        assert_eq!(run(team).await, (403, FORBIDDEN.into()), "{team}");
    }
    answers(&site, &["{}"]);
    assert_eq!(run(site.team.as_str()).await.0, 200);
    assert_eq!(field(&site, "channel_name"), direct.name);
}

#[tokio::test]
async fn what_a_service_does_wrong_is_told_to_who_typed_the_command_alone() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    assert_eq!(typed(&site, "ann", "/deploy").await.brief(), (500, FAILED.into()), "nobody is there");
    let response = "api.command.execute_command.failed_resp.app_error";
    for (status, body, id) in [
        (404, "nothing here", response),
        (204, "", response),
        (302, "", response),
        (200, "", FAILED),
        (200, "[]", FAILED),
        (200, "{}x", FAILED),
        (200, r#"{"text":5}"#, FAILED),
        (200, r#"{"response_type":"in_channel","text":"a","type":"system_x"}"#, POST_FAILED),
        (200, r#"{"text":"a","channel_id":"short"}"#, POST_FAILED),
    ] {
        site.host.world().outside.answers.push_back((status, body.to_owned()));
        let answer = typed(&site, "ann", "/deploy").await;
        assert_eq!(answer.brief(), (500, id.into()), "{status} {body}");
    }
    assert!(site.posts().is_empty() && ephemeral(&site).is_empty());
    assert_eq!(site.engine().command_attempts().len(), 10);
    let last = site.engine().command_attempts().pop().unwrap();
    assert_eq!((last.status, last.failure), (Some(200), None));
}

#[tokio::test]
async fn what_cannot_be_posted_keeps_nothing_else_from_being_so() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    let body = json!({ "response_type": "in_channel", "text": "one", "extra_responses": [
        { "text": "there", "channel_id": site.secret }, { "text": "psst" } ] });
    answers(&site, &[&body.to_string()]);
    assert_eq!(typed(&site, "bob", "/deploy").await.brief(), (500, POST_FAILED.into()));
    assert_eq!((site.messages(), ephemeral(&site)), (vec!["one".to_owned()], vec!["psst".to_owned()]));
    answers(&site, &[&body.to_string()]);
    assert_eq!(typed(&site, "ann", "/deploy").await.status, 200, "she is a member");
}

#[tokio::test]
async fn without_an_address_of_the_server_no_service_is_called() {
    let site = site_with(|settings| settings.site_url = None).await;
    made(&site, "ann", json!({})).await;
    let answer = typed(&site, "ann", "/deploy").await;
    assert_eq!(answer.brief(), (400, "api.command.execute_command.site_url_required.app_error".into()));
    assert!(site.host.world().outside.requests.is_empty());
}

/// CVE-2026-6333.
#[tokio::test]
async fn a_forged_host_header_is_in_no_address() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    answers(&site, &["{}"]);
    let body = json!({ "channel_id": site.dev, "command": "/deploy" }).to_string();
    let request = http::Request::post("/api/v4/commands/execute").header("Authorization", "Bearer ann");
    let request = request.header("Host", "evil.example").header("X-Forwarded-Host", "evil.example");
    assert_eq!(site.send(request.body(body.into()).unwrap()).await.status, 200);
    assert!(field(&site, "response_url").starts_with("https://chat.example/hooks/commands/"));
}

#[tokio::test]
async fn a_call_is_signed_if_the_command_posts_and_has_a_secret() {
    let site = site_with(|settings| settings.commands.slack_signatures = true).await;
    let command = made(&site, "ann", json!({})).await;
    let route = format!("{}/signing_secret", super::path(&command));
    assert_eq!(call(&site, "ann", "GET", &route, "").await.json()["active"], false);
    answers(&site, &["{}", "{}", "{}"]);
    typed(&site, "ann", "/deploy").await;
    assert!(!site.host.world().outside.requests[0].headers().contains_key("webhook-signature"));
    let secret = call(&site, "ann", "POST", &route, "").await.json()["secret"].as_str().unwrap().to_owned();
    assert_eq!(call(&site, "ann", "GET", &route, "").await.json()["active"], true);
    typed(&site, "ann", "/deploy").await;
    {
        let world = site.host.world();
        let request = world.outside.requests.last().unwrap();
        let secret = jackfield::security::SigningSecret::parse(&secret).unwrap();
        let (now, tolerance) = (world.milliseconds / 1_000, std::time::Duration::from_secs(300));
        secret.verify(request.headers(), request.body(), now, tolerance).unwrap();
        assert!(request.headers()["x-slack-signature"].to_str().unwrap().starts_with("v0="));
    }
    let own = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    let brought = call(&site, "ann", "POST", &route, json!({ "secret": own }).to_string()).await.json();
    assert_eq!((&brought["secret"], brought["previous_valid_until"].as_i64() > Some(0)), (&json!(own), true));
    let again = call(&site, "ann", "POST", &route, json!({ "secret": own }).to_string()).await.json();
    assert_eq!(again, brought, "the same once more changes nothing");
    assert_eq!(call(&site, "ann", "POST", &route, json!({ "secret": "mine" }).to_string()).await.status, 400);
    assert_eq!(call(&site, "bob", "POST", &route, "").await.status, 404);
    assert_eq!(call(&site, "ann", "DELETE", &route, "").await.status, 200);
    typed(&site, "ann", "/deploy").await;
    assert!(!site.host.world().outside.requests.last().unwrap().headers().contains_key("webhook-signature"));
}

#[tokio::test]
async fn a_host_runs_a_line_for_a_user() {
    let site = site().await;
    let run = async |line: &str| site.engine().execute_command_as(site.bob, ExecuteRequest::new(site.ops, line)).await;
    run("/shrug ok").await.unwrap();
    let post = site.last();
    assert_eq!((post.draft.user_id, post.draft.destination), (site.bob, Destination::Channel(site.ops)));
    assert!(post.draft.message.starts_with("ok ¯"));
    assert!(run("shrug").await.unwrap_err().to_string().contains("slash"));
}

#[tokio::test]
async fn a_command_in_a_thread_is_answered_there() {
    let site = site().await;
    made(&site, "ann", json!({})).await;
    answers(&site, &[r#"{"response_type":"in_channel","text":"root"}"#]);
    typed(&site, "ann", "/deploy").await;
    let root: PostId = site.last().id;
    answers(&site, &[r#"{"response_type":"in_channel","text":"reply"}"#]);
    let body = json!({ "channel_id": site.dev, "command": "/deploy", "root_id": root });
    assert_eq!(call(&site, "ann", "POST", "/execute", body.to_string()).await.status, 200);
    assert_eq!((site.last().draft.root_id, field(&site, "root_id")), (Some(root), root.to_string()));
    let reply = site.last().id;
    let body = json!({ "channel_id": site.dev, "command": "/deploy", "root_id": reply });
    let refused = call(&site, "ann", "POST", "/execute", body.to_string()).await;
    assert_eq!(refused.brief(), (400, BODY.into()), "a reply is no root");
}
