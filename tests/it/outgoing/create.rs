//! How hooks are made (OUT-14 to OUT-26).

use jackfield::id::UserId;
use serde_json::{Value, json};

use super::{
    BODY, DISABLED, FORBIDDEN, NO_CHANNEL, UNKNOWN, call, hook_object, hook_with, listed, made, path, shown, site,
};
use crate::host::{START, Site};

#[tokio::test]
async fn a_new_hook_is_shown_whole_and_in_order() {
    let site = site().await;
    let body = json!({
        "team_id": site.team, "channel_id": site.dev, "trigger_words": ["a", "b"], "trigger_when": 1,
        "callback_urls": ["http://a", "https://u:p@b/x?y=1"], "display_name": "D", "description": "<why>",
        "content_type": "application/json", "username": "Any Name", "icon_url": "i", "create_at": 5, "update_at": 6,
        "delete_at": 7, "wings": 2,
    });
    let answer = call(&site, "admin", "POST", "", body.to_string()).await;
    assert_eq!((answer.status, answer.header("Content-Type")), (201, "application/json"));
    let (id, token) = (answer.json()["id"].clone(), answer.json()["token"].clone());
    let want = format!(
        "{{\"id\":{id},\"token\":{token},\"create_at\":{START},\"update_at\":{START},\"delete_at\":0,\
         \"creator_id\":\"{}\",\"channel_id\":\"{}\",\"team_id\":\"{}\",\"trigger_words\":[\"a\",\"b\"],\
         \"trigger_when\":1,\"callback_urls\":[\"http://a\",\"https://u:p@b/x?y=1\"],\"display_name\":\"D\",\
         \"description\":\"\\u003cwhy\\u003e\",\"content_type\":\"application/json\",\"username\":\"Any Name\",\
         \"icon_url\":\"i\"}}\n",
        site.admin, site.dev, site.team,
    );
    assert_eq!(String::from_utf8_lossy(&answer.body), want);
    for secret in [&id, &token] {
        let text = secret.as_str().unwrap();
        assert!(text.len() == 26 && text.bytes().all(|byte| b"ybndrfg8ejkmcpqxot1uwisza345h769".contains(&byte)));
    }
    let got = call(&site, "admin", "GET", &path(&answer.json()), "").await;
    assert_eq!((got.status, got.body), (200, answer.body));
}

/// OUT-121.
#[tokio::test]
async fn a_list_that_was_not_sent_is_empty() {
    let site = site().await;
    for words in [json!({}), json!({ "trigger_words": null }), json!({ "trigger_words": [] })] {
        let mut body = json!({ "team_id": site.team, "channel_id": site.dev, "callback_urls": ["http://a"] });
        body.as_object_mut().unwrap().extend(words.as_object().unwrap().clone());
        let answer = call(&site, "admin", "POST", "", body.to_string()).await;
        assert_eq!((answer.status, &answer.json()["trigger_words"]), (201, &json!([])), "{words}");
    }
}

/// OUT-108.
#[tokio::test]
async fn a_token_is_taken_if_it_could_be_one_of_ours() {
    let site = site().await;
    let hook = made(&site, "admin", json!({ "token": UNKNOWN, "delete_at": 5 })).await;
    assert_eq!((&hook["token"], &hook["delete_at"]), (&json!(UNKNOWN), &json!(0)));
    assert_eq!(shown(&site, &hook).await, hook);
    let odd = made(&site, "admin", json!({ "token": "A".repeat(26), "trigger_words": ["odd"] })).await;
    assert_ne!(odd["token"], json!("A".repeat(26)));
}

/// OUT-10, OUT-16, OUT-18.
#[tokio::test]
async fn a_hook_may_be_made_for_another_and_for_any_public_channel() {
    let site = site().await;
    let hook = made(&site, "admin", json!({ "creator_id": site.bob, "channel_id": site.ops })).await;
    assert_eq!((&hook["creator_id"], &hook["channel_id"]), (&json!(site.bob), &json!(site.ops)));
    let archived = made(&site, "ann", json!({ "channel_id": site.attic })).await;
    assert_eq!((&archived["creator_id"], &archived["channel_id"]), (&json!(site.ann), &json!(site.attic)));
}

/// Rows of OUT-14 to OUT-24, in their order: each body breaks the rows below it too, where it can.
#[tokio::test]
async fn a_refused_hook_is_not_made() {
    let site = site().await;
    let taken = made(&site, "admin", json!({})).await;
    let wrong = json!({ "id": UNKNOWN, "token": "x", "callback_urls": [], "trigger_words": [] });
    let with = |members: Value| {
        let mut body = hook_with(&site, wrong.clone());
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        body.to_string()
    };
    let alone = |members: Value| hook_with(&site, members).to_string();
    let nobody = UserId::from_random([77; 16]);
    let rule = |name: &str| format!("model.outgoing_hook.{name}.app_error");
    let cases = [
        ("no body", "admin", String::new(), 400, BODY.to_owned()),
        ("no JSON", "admin", "{".to_owned(), 400, BODY.to_owned()),
        ("an array", "admin", "[]".to_owned(), 400, BODY.to_owned()),
        ("a wrong type", "bob", with(json!({ "trigger_words": "ship" })), 400, BODY.to_owned()),
        ("null", "admin", "null".to_owned(), 403, FORBIDDEN.to_owned()),
        ("no team", "admin", with(json!({ "team_id": "" })), 403, FORBIDDEN.to_owned()),
        ("without the permission", "bob", with(json!({ "channel_id": UNKNOWN })), 403, FORBIDDEN.to_owned()),
        ("in another team", "ann", with(json!({ "team_id": site.other_team })), 403, FORBIDDEN.to_owned()),
        ("in a team without id", "ann", with(json!({ "team_id": "team" })), 403, FORBIDDEN.to_owned()),
        ("for another", "ann", with(json!({ "creator_id": site.bob })), 403, FORBIDDEN.to_owned()),
        ("for oneself", "ann", with(json!({ "creator_id": site.ann })), 403, FORBIDDEN.to_owned()),
        (
            "for nobody",
            "admin",
            with(json!({ "creator_id": nobody, "channel_id": UNKNOWN })),
            404,
            "app.user.missing_account.const".to_owned(),
        ),
        (
            "for no id",
            "admin",
            with(json!({ "creator_id": "alice" })),
            404,
            "app.user.missing_account.const".to_owned(),
        ),
        ("an unknown channel", "admin", with(json!({ "channel_id": UNKNOWN })), 404, NO_CHANNEL.to_owned()),
        ("no channel's id", "admin", with(json!({ "channel_id": "dev" })), 404, NO_CHANNEL.to_owned()),
        ("a private channel", "admin", with(json!({ "channel_id": site.secret })), 403, DISABLED.to_owned()),
        (
            "a channel elsewhere",
            "admin",
            with(json!({ "channel_id": site.foreign })),
            403,
            "api.webhook.create_outgoing.permissions.app_error".to_owned(),
        ),
        ("no word", "admin", with(json!({})), 400, "api.webhook.create_outgoing.triggers.app_error".to_owned()),
        (
            "a collision",
            "admin",
            alone(json!({ "id": UNKNOWN, "token": "x" })),
            500,
            "api.webhook.create_outgoing.intersect.app_error".to_owned(),
        ),
        (
            "an id",
            "admin",
            with(json!({ "trigger_words": ["a"] })),
            400,
            "app.webhooks.save_outgoing.override.app_error".to_owned(),
        ),
        (
            "a short token",
            "admin",
            alone(json!({ "trigger_words": [""], "token": "x", "team_id": "team" })),
            400,
            rule("is_valid.token"),
        ),
        (
            "no team's id",
            "admin",
            alone(json!({ "trigger_words": [""], "team_id": "team" })),
            400,
            rule("is_valid.team_id"),
        ),
        (
            "long words",
            "admin",
            alone(json!({ "trigger_words": ["", "a".repeat(1_024)] })),
            400,
            rule("is_valid.words"),
        ),
        (
            "an empty word",
            "admin",
            alone(json!({ "trigger_words": ["a", ""], "callback_urls": [] })),
            400,
            rule("is_valid.trigger_words"),
        ),
        (
            "no address",
            "admin",
            alone(json!({ "callback_urls": [], "display_name": "n".repeat(65) })),
            400,
            rule("is_valid.callback"),
        ),
        (
            "a bad address",
            "admin",
            alone(json!({ "callback_urls": ["http://a", "a.example/x"], "display_name": "n".repeat(65) })),
            400,
            rule("is_valid.url"),
        ),
        (
            "a long title",
            "admin",
            alone(json!({ "trigger_words": ["a"], "display_name": "n".repeat(65), "description": "d".repeat(501) })),
            400,
            rule("is_valid.display_name"),
        ),
        (
            "a long description",
            "admin",
            alone(json!({ "trigger_words": ["a"], "description": "d".repeat(501), "content_type": "c".repeat(129) })),
            400,
            rule("is_valid.description"),
        ),
        (
            "a long content type",
            "admin",
            alone(json!({ "trigger_words": ["a"], "content_type": "c".repeat(129), "username": "u".repeat(65) })),
            400,
            rule("is_valid.content_type"),
        ),
        (
            "a strange when",
            "admin",
            alone(json!({ "trigger_words": ["a"], "trigger_when": 2, "username": "u".repeat(65) })),
            400,
            rule("is_valid.content_type"),
        ),
        (
            "a long username",
            "admin",
            alone(json!({ "trigger_words": ["a"], "username": "u".repeat(65), "icon_url": "i".repeat(1_025) })),
            400,
            rule("username"),
        ),
        (
            "a long icon",
            "admin",
            alone(json!({ "trigger_words": ["a"], "icon_url": "i".repeat(1_025) })),
            400,
            rule("icon_url"),
        ),
    ];
    for (name, user, body, status, id) in cases {
        let answer = call(&site, user, "POST", "", body).await;
        assert_eq!(answer.brief(), (status, id.clone()), "{name}");
        assert!(site.observed().starts_with("refused") && site.observed().contains(&id), "{name}: {}", site.observed());
    }
    assert_eq!(listed(&site, "admin", "").await, [taken]);
}

/// OUT-17: the switch is looked at after the caller, before the channel.
#[tokio::test]
async fn switched_off_no_hook_is_made() {
    let site = site().await;
    site.configure(|settings| settings.outgoing.enabled = false);
    let cases = [
        ("admin", json!({ "channel_id": UNKNOWN }), 501, DISABLED),
        ("ann", json!({}), 501, DISABLED),
        ("bob", json!({}), 403, FORBIDDEN),
        ("ann", json!({ "creator_id": site.ann }), 403, FORBIDDEN),
        ("admin", json!({ "creator_id": UNKNOWN }), 404, "app.user.missing_account.const"),
    ];
    for (user, members, status, want) in cases {
        let answer = call(&site, user, "POST", "", hook_with(&site, members.clone()).to_string()).await;
        assert_eq!(answer.brief(), (status, want.into()), "{user} {members}");
    }
}

/// Rows of OUT-29.
#[tokio::test]
async fn hooks_of_one_channel_share_no_word_and_address() {
    let site = site().await;
    let (u, v) = ("http://a/u", "http://a/v");
    let first = json!({ "channel_id": site.dev, "trigger_words": ["x", "y"], "callback_urls": [u, v] });
    let first = made(&site, "admin", first).await;
    let refused =
        json!({ "channel_id": site.dev, "trigger_words": ["z", "y"], "callback_urls": [v], "trigger_when": 1 });
    let answer = call(&site, "ann", "POST", "", hook_with(&site, refused.clone()).to_string()).await;
    assert_eq!(answer.brief(), (500, "api.webhook.create_outgoing.intersect.app_error".into()));
    for fine in [
        json!({ "channel_id": site.ops, "trigger_words": ["y"], "callback_urls": [v] }),
        json!({ "trigger_words": ["y"], "callback_urls": [v] }),
        json!({ "channel_id": site.dev, "trigger_words": ["Y"], "callback_urls": [v] }),
        json!({ "channel_id": site.dev, "trigger_words": ["y"], "callback_urls": ["http://a/v?"] }),
        json!({ "channel_id": site.dev, "trigger_words": [], "callback_urls": [u] }),
        json!({ "channel_id": site.dev, "trigger_words": [], "callback_urls": [u] }),
    ] {
        made(&site, "admin", fine).await;
    }
    assert_eq!(call(&site, "admin", "DELETE", &path(&first), "").await.status, 200);
    made(&site, "ann", refused).await;
}

#[tokio::test]
async fn a_collision_is_found_among_many_hooks() {
    let site = site().await;
    for number in 0..210 {
        made(&site, "admin", super::word(number)).await;
    }
    for number in [0, 199, 200, 209] {
        let answer = call(&site, "admin", "POST", "", hook_with(&site, super::word(number)).to_string()).await;
        assert_eq!(answer.brief(), (500, "api.webhook.create_outgoing.intersect.app_error".into()), "{number}");
    }
    made(&site, "admin", super::word(210)).await;
}

/// OUT-117.
#[tokio::test]
async fn where_the_settings_ask_for_it_the_creator_must_read_the_channel() {
    let site = site().await;
    site.configure(|settings| settings.outgoing.require_channel_access = true);
    let body = |channel| hook_with(&site, json!({ "channel_id": channel })).to_string();
    assert_eq!(call(&site, "ann", "POST", "", body(site.ops)).await.brief(), (403, FORBIDDEN.into()));
    assert_eq!(call(&site, "ann", "POST", "", body(site.dev)).await.status, 201);
    assert_eq!(call(&site, "ann", "POST", "", hook_object(&site).to_string()).await.status, 201);
}

#[tokio::test]
async fn what_was_made_is_told_without_its_secrets() {
    let site: Site = site().await;
    let hook =
        made(&site, "ann", json!({ "channel_id": site.dev, "callback_urls": ["http://u:s3cret@a/?k=s3cret"] })).await;
    let (id, token) = (hook["id"].as_str().unwrap(), hook["token"].as_str().unwrap());
    let told = site.observed();
    assert_eq!(
        told,
        format!("outgoing webhook {id} created: team {}, channel {}, by {}", site.team, site.dev, site.ann)
    );
    assert!(!told.contains(token));
}
