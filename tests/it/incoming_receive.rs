//! `POST /hooks/{id}`, from request to stored post (INC-1 to INC-95).

use bytes::Bytes;
use http::Request;
use jackfield::port::{ChannelKind, Permission, Scope};
use serde_json::{Value, json};

use crate::host::{Site, hook_object, json_call};

const GENERAL: &str = "web.incoming_webhook.general.app_error";

#[tokio::test]
async fn a_text_becomes_a_post_of_the_owner() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let answer = site.say(&hook, "**hello** <https://ex.org|Ex>").await;
    assert_eq!((answer.status, &answer.body[..], answer.header("Content-Type")), (200, &b"ok"[..], "text/plain"));
    let stored = site.last();
    assert_eq!(stored.draft.message, "**hello** [Ex](https://ex.org)");
    assert_eq!((stored.draft.user_id, stored.channel), (site.admin, site.dev));
    assert_eq!(Value::from(stored.props()), json!({ "from_webhook": "true", "webhook_display_name": "Deploys" }));
    assert_eq!((stored.draft.set_online, stored.draft.triggers, stored.draft.root_id), (false, false, None));
    assert!(stored.draft.origin.is_some());
}

#[tokio::test]
async fn every_answer_has_the_common_headers() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for answer in [site.say(&hook, "a").await, site.say(&hook, "").await, site.say("unknown", "a").await] {
        assert_eq!(answer.header("X-Request-Id").len(), 26, "{answer:?}");
        assert!(answer.header("X-Version-Id").starts_with("11.6.0."), "{answer:?}");
        assert_eq!(answer.header("X-Content-Type-Options"), "nosniff");
        assert_eq!(answer.header("Referrer-Policy"), "no-referrer");
        assert!(answer.headers.contains_key("Permissions-Policy"));
    }
}

#[tokio::test]
async fn an_error_has_five_members_and_the_id_of_its_request() {
    let site = Site::new().await;
    let answer = site.say("unknown", "a").await;
    assert_eq!(answer.header("Content-Type"), "application/json");
    let error = answer.json();
    let names: Vec<_> = error.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["detailed_error", "id", "message", "request_id", "status_code"]);
    assert_eq!(error["request_id"], answer.header("X-Request-Id"));
    assert_eq!(error["status_code"], 400);
}

/// INC-11 to INC-15.
#[tokio::test]
async fn the_content_type_chooses_the_reader() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let json = r#"{"text":"a"}"#;
    let (form, form_type) = (r#"payload={"text":"a"}"#, "application/x-www-form-urlencoded");
    let part = "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\r\n--x--\r\n";
    let cases = [
        ("application/json", "", json, "ok"),
        ("", "", json, "ok"),
        ("text/plain", "", json, "ok"),
        ("application/json;", "", json, "ok"),
        ("", "", form, "web.incoming_webhook.decode.app_error"),
        (form_type, "", form, "ok"),
        (form_type, "", json, "web.incoming_webhook.decode.app_error"),
        (form_type, "?payload=%7b%22text%22:%22a%22%7d", "", "ok"),
        (form_type, "", "payload=%zz", "web.incoming_webhook.parse_form.app_error"),
        ("multipart/form-data; boundary=x", "", part, "ok"),
        ("multipart/form-data", "", part, "web.incoming_webhook.parse_multipart.app_error"),
        ("application/json x", "", json, "web.incoming_webhook.parse_form.app_error"),
        ("application/json", "?a;b", json, "web.incoming_webhook.parse_form.app_error"),
    ];
    for (content_type, query, body, want) in cases {
        let mut request = Request::post(format!("/hooks/{hook}{query}"));
        if !content_type.is_empty() {
            request = request.header("Content-Type", content_type);
        }
        let before = site.posts().len();
        let answer = site.send(request.body(Bytes::from(body)).unwrap()).await;
        let posted = site.posts().len() - before;
        let status = if want == "ok" { 200 } else { 400 };
        assert_eq!(
            (answer.brief(), posted),
            ((status, want.into()), usize::from(want == "ok")),
            "{content_type} {body}"
        );
    }
}

/// INC-3, and 405 instead of a page.
#[tokio::test]
async fn only_post_calls_a_hook() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for method in ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let request = Request::builder().method(method).uri(format!("/hooks/{hook}"));
        let answer = site.send(request.body(Bytes::from_static(br#"{"text":"a"}"#)).unwrap()).await;
        assert_eq!((answer.status, answer.header("Allow")), (405, "POST"), "{method}");
    }
    for path in ["/hooks", "/hooks/", "/hooks/abc/", "/hooks/a-b", "/hooks/a/b"] {
        let answer = site.send(Request::post(path).body(Bytes::new()).unwrap()).await;
        assert_eq!((answer.status, &answer.body[..]), (404, &b"404 page not found\n"[..]), "{path}");
    }
    let answer = site.send(Request::post("//hooks//abc").body(Bytes::new()).unwrap()).await;
    assert_eq!((answer.status, answer.header("Location")), (301, "/hooks/abc"));
    assert!(site.posts().is_empty());
}

/// INC-40 to INC-42.
#[tokio::test]
async fn the_channel_is_found_by_its_name() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let (dev, ops, secret) = (Ok(site.dev), Ok(site.ops), Ok(site.secret));
    let (id, admin, direct) = (site.ops.to_string(), "@admin", Err(200));
    let cases = [
        ("", dev),
        ("dev", dev),
        ("ops", ops),
        ("#ops", ops),
        ("secret", secret),
        ("Ops", Err(404)),
        (" #ops", Err(404)),
        ("##ops", Err(404)),
        ("#", Err(404)),
        ("#@bob", Err(404)),
        (&id, Err(404)),
        ("foreign", Err(404)),
        ("attic", Err(404)),
        ("@nobody", Err(400)),
        ("@", Err(400)),
        ("@ bob", Err(400)),
        ("@BOB", direct),
        (admin, direct),
    ];
    for (channel, want) in cases {
        let before = site.posts().len();
        let answer = site.call(&hook, json!({ "text": "a", "channel": channel }).to_string()).await;
        match want {
            Ok(id) => assert_eq!((answer.status, site.last().channel), (200, id), "{channel:?}"),
            Err(200) => assert_eq!((answer.status, site.posts().len()), (200, before + 1), "{channel:?}"),
            Err(status) => {
                assert_eq!((answer.brief(), site.posts().len()), ((status, GENERAL.into()), before), "{channel:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_direct_channel_is_opened_once_and_then_used() {
    let site = Site::new().await;
    let hook = site.hook_by("ann", hook_object(site.dev)).await;
    let unlocked = site.hook().await;
    let to_bob = json!({ "text": "a", "channel": "@bob" }).to_string();
    assert_eq!(site.call(&hook, to_bob.clone()).await.brief(), (403, GENERAL.into()), "ann's hook is locked");
    let channels = site.host.world().channels.len();
    assert_eq!(site.call(&unlocked, to_bob.clone()).await.status, 200);
    assert_eq!(site.call(&unlocked, to_bob).await.status, 200);
    assert_eq!(site.host.world().channels.len(), channels + 1);
    let direct = site.last().channel;
    let name = site.host.world().channel(direct).name.clone();
    assert_eq!(site.call(&unlocked, json!({ "text": "a", "channel": name }).to_string()).await.status, 200);
    assert!(site.posts().iter().all(|stored| stored.channel == direct));
}

#[tokio::test]
async fn a_team_s_channel_is_preferred_to_a_direct_one_of_the_same_name() {
    let site = Site::new().await;
    let hook = site.hook().await;
    {
        let mut world = site.host.world();
        let mut group = world.channel(site.ops).clone();
        group.id = jackfield::id::ChannelId::from_random([99; 16]);
        (group.kind, group.team_id) = (ChannelKind::Group, None);
        world.channels.insert(0, group);
    }
    assert_eq!(site.call(&hook, json!({ "text": "a", "channel": "ops" }).to_string()).await.status, 200);
    assert_eq!(site.last().channel, site.ops);
}

/// Rows of INC-33 and INC-92: status, id, inner id, and nothing posted.
#[tokio::test]
async fn whatever_goes_wrong_after_decoding_shows_one_id_and_posts_nothing() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.host.world().grant(site.bob, Permission::MANAGE_OWN_INCOMING_WEBHOOKS, Scope::Team(site.team));
    let locked = site.hook_by("admin", json!({ "channel_id": site.dev, "channel_locked": true })).await;
    let bobs = site.hook_by("admin", json!({ "channel_id": site.secret, "user_id": site.bob })).await;
    let huge = "x".repeat(200_000);
    let cases = [
        ("no text", &hook, json!({}), 400, "web.incoming_webhook.text.app_error"),
        ("no text, in an unknown hook", &"x".repeat(26), json!({}), 400, "web.incoming_webhook.text.app_error"),
        ("no attachments", &hook, json!({ "attachments": [null] }), 400, "web.incoming_webhook.text.app_error"),
        ("unknown hook", &"x".repeat(26), json!({ "text": "a" }), 400, "web.incoming_webhook.invalid.app_error"),
        (
            "locked",
            &locked,
            json!({ "text": "a", "channel": "ops" }),
            403,
            "web.incoming_webhook.channel_locked.app_error",
        ),
        (
            "locked, a user",
            &locked,
            json!({ "text": "a", "channel": "@bob" }),
            403,
            "web.incoming_webhook.channel_locked.app_error",
        ),
        (
            "locked, no such channel",
            &locked,
            json!({ "text": "a", "channel": "no" }),
            404,
            "web.incoming_webhook.channel.app_error",
        ),
        (
            "locked, no such user",
            &locked,
            json!({ "text": "a", "channel": "@no" }),
            400,
            "web.incoming_webhook.user.app_error",
        ),
        ("private", &bobs, json!({ "text": "a" }), 403, "web.incoming_webhook.permissions.app_error"),
        ("no level", &hook, json!({ "text": "a", "priority": {} }), 400, "api.context.invalid_param.app_error"),
        ("system type", &hook, json!({ "text": "a", "type": "system_x" }), 400, "api.context.invalid_param.app_error"),
        (
            "split",
            &hook,
            json!({ "text": "a", "props": { "a": "<".repeat(127_000) } }),
            400,
            "web.incoming_webhook.split_props_length.app_error",
        ),
        (
            "split, attachment",
            &hook,
            json!({ "attachments": [{ "title": "<".repeat(130_000) }] }),
            400,
            "web.incoming_webhook.split_props_length.app_error",
        ),
        (
            "type",
            &hook,
            json!({ "text": "a", "type": "unheard_of" }),
            500,
            "api.post.create_webhook_post.creating.app_error",
        ),
        (
            "long level",
            &hook,
            json!({ "text": "a", "priority": { "priority": "é".repeat(33) } }),
            500,
            "api.post.create_webhook_post.creating.app_error",
        ),
        (
            "generated by",
            &hook,
            json!({ "text": "a", "props": { "ai_generated_by": site.bob } }),
            500,
            "api.post.create_webhook_post.creating.app_error",
        ),
        (
            "tells nobody",
            &hook,
            json!({ "text": "a", "priority": { "priority": "", "persistent_notifications": true } }),
            500,
            "api.post.post_priority.min_recipients_persistent_notification_post.request_error",
        ),
        ("unread", &hook, json!({ "text": huge, "channel": "no" }), 404, "web.incoming_webhook.channel.app_error"),
    ];
    for (name, hook, body, status, inner) in cases {
        let answer = site.call(hook, body.to_string()).await;
        assert_eq!(answer.brief(), (status, GENERAL.into()), "{name}");
        let observed = site.observed();
        assert!(observed.starts_with(&format!("refused with {status}: {inner} ")), "{name}: {observed}");
        assert!(site.posts().is_empty(), "{name}");
    }
}

#[tokio::test]
async fn the_owner_must_exist_but_may_be_deactivated() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.host.world().user(site.admin).deactivated = true;
    assert_eq!(site.say(&hook, "a").await.status, 200);
    site.host.world().users.retain(|user| user.username != "admin");
    assert_eq!(site.say(&hook, "a").await.brief(), (403, GENERAL.into()));
    assert!(site.observed().contains("web.incoming_webhook.user.app_error"));
}

#[tokio::test]
async fn a_channel_that_is_gone_or_archived_is_not_found() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.host.world().channel(site.dev).archived = true;
    assert_eq!(site.say(&hook, "a").await.brief(), (404, GENERAL.into()));
    site.host.world().channels.retain(|channel| channel.name != "dev");
    assert_eq!(site.say(&hook, "a").await.brief(), (404, GENERAL.into()));
    assert!(site.observed().contains("app.channel.get.existing.app_error"));
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn a_direct_channel_that_the_host_does_not_allow_is_not_opened() {
    let site = Site::new().await;
    let hook = site.hook_by("admin", json!({ "channel_id": site.dev, "user_id": site.ann })).await;
    let ask = (site.ann, Permission::CREATE_DIRECT_CHANNEL, Scope::User(site.bob));
    site.host.world().grants.remove(&ask);
    let to_bob = json!({ "text": "a", "channel": "@bob" }).to_string();
    assert_eq!(site.call(&hook, to_bob).await.brief(), (403, GENERAL.into()));
    assert_eq!(site.host.world().channels.len(), 5);
}

#[tokio::test]
async fn an_open_direct_channel_may_be_out_of_bounds_again() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let to_bob = json!({ "text": "a", "channel": "@bob" }).to_string();
    assert_eq!(site.call(&hook, to_bob.clone()).await.status, 200);
    let direct = site.last().channel;
    let name = site.host.world().channel(direct).name.clone();
    site.host.world().restricted.insert(direct);
    for body in [to_bob.clone(), json!({ "text": "a", "channel": name }).to_string()] {
        assert_eq!(site.call(&hook, body).await.brief(), (403, GENERAL.into()));
    }
    assert_eq!(site.posts().len(), 1);
    site.host.world().restricted.clear();
    assert_eq!(site.call(&hook, to_bob).await.status, 200);
}

#[tokio::test]
async fn a_private_channel_needs_the_owner_s_access_each_time() {
    let site = Site::new().await;
    let hook = site.hook_by("ann", hook_object(site.secret)).await;
    assert_eq!(site.say(&hook, "a").await.status, 200);
    site.host.world().members.remove(&(site.secret, site.ann));
    assert_eq!(site.say(&hook, "a").await.status, 403);
    site.host.world().channel(site.secret).kind = ChannelKind::Public;
    assert_eq!(site.say(&hook, "a").await.status, 200);
}

#[tokio::test]
async fn types_are_kept_unless_there_are_attachments() {
    let site = Site::new().await;
    let hook = site.hook().await;
    for post_type in ["", "me", "slack_attachment", "reminder", "add_bot_teams_channels", "custom_x"] {
        let answer = site.call(&hook, json!({ "text": "a", "type": post_type }).to_string()).await;
        assert_eq!((answer.status, site.last().draft.post_type.as_str()), (200, post_type));
    }
    let body = json!({ "text": "a", "type": "system_x", "attachments": [{}] });
    assert_eq!(site.call(&hook, body.to_string()).await.status, 200);
    assert_eq!(site.last().draft.post_type, "slack_attachment");
}

/// INC-62.
#[tokio::test]
async fn an_attachment_is_stored_with_every_key() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let body = r#"{"attachments":[{"title":"T","fields":[{"title":"N","value":7}, null]}]}"#;
    assert_eq!(site.call(&hook, body).await.status, 200);
    let want = json!([{
        "id": 0, "fallback": "", "color": "", "pretext": "", "author_name": "", "author_link": "", "author_icon": "",
        "title": "T", "title_link": "", "text": "", "fields": [{ "title": "N", "value": "7", "short": false }],
        "image_url": "", "thumb_url": "", "footer": "", "footer_icon": "", "ts": null,
    }]);
    assert_eq!(site.last().props()["attachments"], want);
}

#[tokio::test]
async fn an_action_without_an_id_gets_one() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let body = json!({ "attachments": [{ "actions": [{ "name": "Go" }, { "id": "mine", "name": "Stop" }] }] });
    assert_eq!(site.call(&hook, body.to_string()).await.status, 200);
    let props = site.last().props();
    let actions = &props["attachments"][0]["actions"];
    assert_eq!((actions[0]["id"].as_str().map(str::len), actions[1]["id"].as_str()), (Some(26), Some("mine")));
}

/// INC-70.
#[tokio::test]
async fn props_are_kept_but_for_those_that_the_server_sets() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let props = json!({
        "mine": { "a": [1, null] }, "": 42, "card": "c", "use_user_icon": "x", "from_bot": "true", "from_webhook": "no",
        "from_plugin": "true", "webhook_display_name": "fake", "attachments": [1], "channel_mentions": { "x": {} },
        "override_username": "root", "override_icon_url": "u", "override_icon_emoji": "e", "ai_generated_by": "nobody",
    });
    assert_eq!(site.call(&hook, json!({ "text": "a", "props": props }).to_string()).await.status, 200);
    let want = json!({
        "mine": { "a": [1, null] }, "": 42, "card": "c", "use_user_icon": "x",
        "from_webhook": "true", "webhook_display_name": "Deploys",
    });
    assert_eq!(Value::from(site.last().props()), want);
}

#[tokio::test]
async fn a_bot_s_hook_says_so_and_so_does_a_call_with_an_oauth_session() {
    let site = Site::new().await;
    let hook = site.hook_by("admin", json!({ "channel_id": site.dev, "user_id": site.bot })).await;
    site.host.world().sessions.get_mut("bob").unwrap().kind = jackfield::port::SessionKind::OAuth;
    let mut request = json_call(&hook, r#"{"text":"a"}"#);
    request.headers_mut().insert("Authorization", "Bearer bob".parse().unwrap());
    assert_eq!(site.send(request).await.status, 200);
    let props = site.last().props();
    assert_eq!((&props["from_bot"], &props["from_oauth_app"]), (&json!("true"), &json!("true")));
}

/// INC-76.
#[tokio::test]
async fn named_channels_that_the_owner_may_read_are_linked() {
    let site = Site::new().await;
    let hook = site.hook_by("admin", json!({ "channel_id": site.dev, "user_id": site.ann })).await;
    site.host.world().members.remove(&(site.secret, site.ann));
    assert_eq!(site.say(&hook, "see ~ops, ~secret, ~foreign and ~attic").await.status, 200);
    let want = json!({ "ops": { "display_name": "OPS", "id": site.ops, "team_name": "team" } });
    assert_eq!(site.last().props()["channel_mentions"], want);
}

/// INC-72.
#[tokio::test]
async fn a_channel_mention_without_the_permission_is_marked_and_the_owner_told() {
    let site = Site::new().await;
    let hook = site.hook_by("ann", hook_object(site.ops)).await;
    assert_eq!(site.say(&hook, "hey <!here>").await.status, 200);
    assert_eq!(site.last().draft.message, "hey @here");
    assert_eq!(site.last().props()["mentionHighlightDisabled"], true);
    let told = site.host.world().ephemeral.clone();
    assert_eq!((told.len(), told[0].user_id), (1, site.ann));
    assert_eq!(site.say(&hook, "quiet").await.status, 200);
    assert_eq!(site.host.world().ephemeral.len(), 1);
}

/// INC-81.
#[tokio::test]
async fn a_long_text_becomes_several_posts_with_attachments_on_the_last() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let body = json!({ "text": "本".repeat(16_384 * 2), "attachments": [{ "text": "end" }] });
    assert_eq!(site.call(&hook, body.to_string()).await.status, 200);
    let posts = site.posts();
    let shape: Vec<_> = posts
        .iter()
        .map(|stored| (stored.draft.message.chars().count(), stored.draft.props.attachments.len()))
        .collect();
    assert_eq!(shape, [(16_383, 0), (16_383, 0), (2, 1)]);
    assert!(posts.iter().all(|stored| stored.draft.post_type == "slack_attachment"));
    assert!(site.observed().contains("made 3 post(s)"));
}

/// INC-86, INC-87.
#[tokio::test]
async fn a_persistent_notification_must_mention_one_to_five_members() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.configure(|settings| settings.incoming.persistent_notification_max_recipients = 2);
    let cases = [
        ("nobody", "dev", 500),
        ("@stranger", "dev", 500),
        ("@bot alone", "dev", 500),
        ("@here", "dev", 500),
        ("@bob", "dev", 200),
        ("@bob @ann", "dev", 200),
        ("@bob @ann @admin", "dev", 500),
        ("@bob", "ops", 500),
        ("nobody", "@bob", 200),
    ];
    for (text, channel, status) in cases {
        let before = site.posts().len();
        let priority = json!({ "priority": "urgent", "persistent_notifications": true });
        let body = json!({ "text": text, "channel": channel, "priority": priority });
        let answer = site.call(&hook, body.to_string()).await;
        assert_eq!(
            (answer.status, site.posts().len() - before),
            (status, usize::from(status == 200)),
            "{text} {channel}"
        );
    }
    let long = format!("@bob {}", "x".repeat(16_383));
    let priority = json!({ "priority": "urgent", "persistent_notifications": true });
    let before = site.posts().len();
    assert_eq!(site.call(&hook, json!({ "text": long, "priority": priority }).to_string()).await.status, 500);
    assert_eq!(site.posts().len(), before, "all or none");
}

#[tokio::test]
async fn ids_of_users_become_their_names() {
    let site = Site::new().await;
    let hook = site.hook().await;
    assert_eq!(site.say(&hook, &format!("<@{}> <@zz> <!channel>", site.bob)).await.status, 200);
    assert_eq!(site.last().draft.message, "@bob <@zz> @channel");
}

/// INC-1.
#[tokio::test]
async fn the_id_is_compared_in_its_case_and_after_decoding() {
    let site = Site::new().await;
    let hook = site.hook().await;
    assert_eq!(site.say(&hook.to_uppercase(), "a").await.brief(), (400, GENERAL.into()));
    let first = hook.as_bytes()[0];
    assert_eq!(site.say(&format!("%{first:02x}{}", hook.split_at(1).1), "a").await.status, 200);
}
