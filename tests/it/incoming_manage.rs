//! `/api/v4/hooks/incoming` (INC-100 to INC-119).

use jackfield::port::{Permission, Scope};
use serde_json::{Value, json};

use crate::host::{Site, get, hook_object};

const NOT_FOUND: &str = "app.webhooks.get_incoming.app_error";
const FORBIDDEN: &str = "api.context.permissions.app_error";
const BODY: &str = "api.context.invalid_body_param.app_error";
const NO_CHANNEL: &str = "app.channel.get.existing.app_error";
const DISABLED: &str = "api.incoming_webhook.disabled.app_error";

#[tokio::test]
async fn a_new_hook_is_shown_whole_and_in_order() {
    let site = Site::new().await;
    let body = json!({
        "channel_id": site.dev, "display_name": "D", "description": "why", "username": "robot", "icon_url": "u",
        "channel_locked": true, "create_at": 1, "update_at": 1, "delete_at": 7, "team_id": "x", "unknown": [],
    });
    let made = site.manage("admin", "POST", "", body.to_string()).await;
    assert_eq!((made.status, made.header("Content-Type")), (201, "application/json"));
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let want = format!(
        "{{\"id\":\"{id}\",\"create_at\":{now},\"update_at\":{now},\"delete_at\":0,\"user_id\":\"{admin}\",\
         \"channel_id\":\"{dev}\",\"team_id\":\"{team}\",\"display_name\":\"D\",\"description\":\"why\",\"username\":\"\",\
         \"icon_url\":\"\",\"channel_locked\":true}}\n",
        now = crate::host::START,
        admin = site.admin,
        dev = site.dev,
        team = site.team,
    );
    assert_eq!(String::from_utf8_lossy(&made.body), want);
    assert!(id.len() == 26 && id.bytes().all(|byte| b"ybndrfg8ejkmcpqxot1uwisza345h769".contains(&byte)), "{id}");
    let shown = site.manage("admin", "GET", &format!("/{id}"), "").await;
    assert_eq!((shown.status, shown.body), (200, made.body));
}

/// Rows of INC-111.
#[tokio::test]
async fn a_refused_hook_is_not_made() {
    let site = Site::with(|settings| settings.overrides.username = true).await;
    site.host.world().grant(site.ann, Permission::MANAGE_OWN_INCOMING_WEBHOOKS, Scope::Channel(site.foreign));
    let direct = {
        let mut world = site.host.world();
        let mut direct = world.channel(site.ops).clone();
        direct.id = jackfield::id::ChannelId::from_random([98; 16]);
        direct.team_id = None;
        world.channels.push(direct.clone());
        direct.id
    };
    let unknown = jackfield::id::UserId::from_random([77; 16]);
    let with = |name: &str, value: Value| {
        let mut hook = hook_object(site.dev);
        hook[name] = value;
        hook.to_string()
    };
    let long = |count: usize| Value::from("é".repeat(count));
    let cases = [
        ("no JSON", "admin", "{".to_owned(), 400, BODY),
        ("an array", "admin", "[]".to_owned(), 400, BODY),
        ("a wrong type", "admin", with("display_name", json!(5)), 400, BODY),
        ("no channel", "admin", "{}".to_owned(), 404, NO_CHANNEL),
        ("null", "admin", "null".to_owned(), 404, NO_CHANNEL),
        ("an unknown channel", "admin", json!({ "channel_id": "x".repeat(26) }).to_string(), 404, NO_CHANNEL),
        ("a malformed channel", "admin", json!({ "channel_id": "../x" }).to_string(), 404, NO_CHANNEL),
        ("a direct channel", "admin", hook_object(direct).to_string(), 403, FORBIDDEN),
        ("without the permission", "bob", hook_object(site.dev).to_string(), 403, FORBIDDEN),
        ("in another team", "ann", hook_object(site.foreign).to_string(), 403, FORBIDDEN),
        ("for another", "ann", with("user_id", json!(site.bob)), 403, FORBIDDEN),
        ("for nobody", "admin", with("user_id", json!(unknown)), 404, "app.user.missing_account.const"),
        ("for a malformed user", "admin", with("user_id", json!("x")), 404, "app.user.missing_account.const"),
        (
            "with a reserved name",
            "admin",
            with("username", json!("all")),
            400,
            "api.incoming_webhook.invalid_username.app_error",
        ),
        (
            "with a spaced name",
            "admin",
            with("username", json!("a b")),
            400,
            "api.incoming_webhook.invalid_username.app_error",
        ),
        (
            "with a long name",
            "admin",
            with("username", json!("a".repeat(65))),
            400,
            "api.incoming_webhook.invalid_username.app_error",
        ),
        ("with an id", "admin", with("id", json!("x")), 400, "app.webhooks.save_incoming.existing.app_error"),
        ("a long title", "admin", with("display_name", long(65)), 400, "model.incoming_hook.display_name.app_error"),
        (
            "a long description",
            "admin",
            with("description", long(501)),
            400,
            "model.incoming_hook.description.app_error",
        ),
        ("an archived channel", "admin", hook_object(site.attic).to_string(), 400, BODY),
    ];
    for (name, user, body, status, id) in cases {
        let answer = site.manage(user, "POST", "", body).await;
        assert_eq!(answer.brief(), (status, id.into()), "{name}");
        assert!(site.observed().contains(id), "{name}: {}", site.observed());
    }
    assert_eq!(site.manage("admin", "GET", "", "").await.json(), json!([]));
}

#[tokio::test]
async fn lengths_are_counted_in_characters() {
    let site = Site::with(|settings| settings.overrides.icon = true).await;
    let hook = json!({
        "channel_id": site.dev, "display_name": "é".repeat(64), "description": "é".repeat(500), "icon_url": "é".repeat(1024),
    });
    let id = site.hook_by("admin", hook.clone()).await;
    let mut longer = hook;
    longer["icon_url"] = json!("é".repeat(1025));
    let answer = site.manage("admin", "POST", "", longer.to_string()).await;
    assert_eq!(answer.brief(), (400, "model.incoming_hook.icon_url.app_error".into()));
    longer["id"] = json!(id);
    let answer = site.manage("admin", "PUT", &format!("/{id}"), longer.to_string()).await;
    assert_eq!(answer.brief(), (400, "model.incoming_hook.icon_url.app_error".into()));
}

/// INC-113.
#[tokio::test]
async fn without_the_permission_to_bypass_it_a_hook_is_locked() {
    let site = Site::new().await;
    let free = json!({ "channel_id": site.dev, "channel_locked": false });
    let made = site.manage("ann", "POST", "", free.to_string()).await.json();
    assert_eq!(made["channel_locked"], true);
    let id = made["id"].as_str().unwrap();
    let unlocked = json!({ "id": id, "channel_id": site.dev });
    assert_eq!(
        site.manage("admin", "PUT", &format!("/{id}"), unlocked.to_string()).await.json()["channel_locked"],
        false
    );
    assert_eq!(site.manage("ann", "PUT", &format!("/{id}"), unlocked.to_string()).await.json()["channel_locked"], true);
    site.host.world().grant(site.ann, Permission::BYPASS_INCOMING_WEBHOOK_CHANNEL_LOCK, Scope::Team(site.team));
    assert_eq!(
        site.manage("ann", "PUT", &format!("/{id}"), unlocked.to_string()).await.json()["channel_locked"],
        false
    );
}

#[tokio::test]
async fn an_update_replaces_everything_but_owner_and_birth() {
    let site = Site::with(|settings| settings.overrides.username = true).await;
    let hook = json!({ "channel_id": site.dev, "display_name": "D", "description": "why", "username": "robot" });
    let id = site.hook_by("ann", hook).await;
    site.host.world().milliseconds += 1_000;
    let body = json!({ "id": id, "channel_id": site.ops, "user_id": site.bob, "create_at": 5, "delete_at": 5 });
    let answer = site.manage("admin", "PUT", &format!("/{id}"), body.to_string()).await;
    let (now, then) = (crate::host::START + 1_000, crate::host::START);
    let want = json!({
        "id": id, "create_at": then, "update_at": now, "delete_at": 0, "user_id": site.ann, "channel_id": site.ops,
        "team_id": site.team, "display_name": "", "description": "", "username": "", "icon_url": "", "channel_locked": false,
    });
    assert_eq!((answer.status, answer.json()), (201, want.clone()));
    assert_eq!(site.manage("admin", "GET", &format!("/{id}"), "").await.json(), want);
    assert_eq!(site.say(&id, "a").await.status, 200);
    assert_eq!(site.last().channel, site.ops);
}

/// Rows of INC-118.
#[tokio::test]
async fn a_refused_update_changes_nothing() {
    let site = Site::with(|settings| settings.overrides.username = true).await;
    let id = site.hook_by("admin", hook_object(site.dev)).await;
    let before = site.manage("admin", "GET", &format!("/{id}"), "").await.body;
    let with = |more: Value| {
        let mut hook = json!({ "id": id, "channel_id": site.dev, "display_name": "changed" });
        hook.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        hook.to_string()
    };
    let own = format!("/{id}");
    let unknown = format!("/{}", "x".repeat(26));
    let cases = [
        ("a short id", "admin", "/abc", with(json!({})), 400, "api.context.invalid_url_param.app_error"),
        ("no JSON", "admin", &own, "nonsense".to_owned(), 400, BODY),
        ("no id", "admin", &own, with(json!({ "id": "" })), 400, BODY),
        ("another id", "admin", &own, with(json!({ "id": "x".repeat(26) })), 400, BODY),
        ("unknown", "admin", &unknown, with(json!({ "id": "x".repeat(26) })), 404, NOT_FOUND),
        (
            "another team",
            "admin",
            &own,
            with(json!({ "team_id": site.other_team })),
            400,
            "api.webhook.team_mismatch.app_error",
        ),
        ("no channel", "admin", &own, with(json!({ "channel_id": "" })), 404, NO_CHANNEL),
        ("a foreign channel", "admin", &own, with(json!({ "channel_id": site.foreign })), 400, BODY),
        ("an archived channel", "admin", &own, with(json!({ "channel_id": site.attic })), 400, BODY),
        ("without the permission", "bob", &own, with(json!({})), 403, FORBIDDEN),
        ("of another", "ann", &own, with(json!({})), 403, FORBIDDEN),
        (
            "a bad name",
            "admin",
            &own,
            with(json!({ "username": "A" })),
            400,
            "api.incoming_webhook.invalid_username.app_error",
        ),
        (
            "a long title",
            "admin",
            &own,
            with(json!({ "display_name": "x".repeat(65) })),
            400,
            "model.incoming_hook.display_name.app_error",
        ),
    ];
    for (name, user, path, body, status, want) in cases {
        let answer = site.manage(user, "PUT", path, body).await;
        assert_eq!(answer.brief(), (status, want.into()), "{name}");
        assert_eq!(site.manage("admin", "GET", &own, "").await.body, before, "{name}");
    }
    let anns = site.hook_by("ann", hook_object(site.dev)).await;
    site.host.world().members.remove(&(site.secret, site.ann));
    let body = json!({ "id": anns, "channel_id": site.secret }).to_string();
    assert_eq!(site.manage("ann", "PUT", &format!("/{anns}"), body).await.brief(), (403, FORBIDDEN.into()));
}

/// Rows of INC-117 and INC-119, which are the same.
#[tokio::test]
async fn a_hook_is_shown_to_and_deleted_by_those_who_may() {
    let site = Site::new().await;
    let secret = site.hook_by("admin", hook_object(site.secret)).await;
    let of_admin = site.hook().await;
    for method in ["GET", "DELETE"] {
        let of_ann = site.hook_by("ann", hook_object(site.dev)).await;
        let cases = [
            ("admin", "abc", 400, "api.context.invalid_url_param.app_error"),
            ("admin", "xxxxxxxxxxxxxxxxxxxxxxxxxx", 404, NOT_FOUND),
            ("bob", of_admin.as_str(), 403, FORBIDDEN),
            ("ann", of_admin.as_str(), 403, FORBIDDEN),
            ("ann", secret.as_str(), 403, FORBIDDEN),
            ("nobody", of_ann.as_str(), 401, "api.context.session_expired.app_error"),
        ];
        for (user, id, status, want) in cases {
            let answer = site.manage(user, method, &format!("/{id}"), "").await;
            assert_eq!(answer.brief(), (status, want.into()), "{method} {user} {id}");
        }
        assert_eq!(site.manage("ann", method, &format!("/{of_ann}"), "").await.status, 200, "{method}");
    }
    assert_eq!(site.say(&of_admin, "still there").await.status, 200);
}

#[tokio::test]
async fn a_deleted_hook_is_gone_at_once_and_for_good() {
    let site = Site::new().await;
    let id = site.hook().await;
    let path = format!("/{id}");
    let answer = site.manage("admin", "DELETE", &path, "").await;
    assert_eq!((answer.status, &answer.body[..]), (200, &br#"{"status":"OK"}"#[..]));
    for method in ["DELETE", "GET"] {
        assert_eq!(site.manage("admin", method, &path, "").await.brief(), (404, NOT_FOUND.into()), "{method}");
    }
    let update = json!({ "id": id, "channel_id": site.dev }).to_string();
    assert_eq!(site.manage("admin", "PUT", &path, update).await.brief(), (404, NOT_FOUND.into()));
    assert_eq!(site.say(&id, "a").await.status, 400);
    assert_eq!(site.manage("admin", "GET", "?include_total_count=1", "").await.json()["total_count"], 0);
}

#[tokio::test]
async fn switched_off_everything_answers_501_after_the_permission() {
    let site = Site::new().await;
    let id = site.hook().await;
    site.configure(|settings| settings.incoming.enabled = false);
    let (path, hook) = (format!("/{id}"), json!({ "id": id, "channel_id": site.dev }).to_string());
    let cases = [
        ("admin", "POST", "", 501, DISABLED),
        ("bob", "POST", "", 403, FORBIDDEN),
        ("admin", "GET", "", 501, DISABLED),
        ("bob", "GET", "", 403, FORBIDDEN),
        ("admin", "GET", &path, 501, DISABLED),
        ("admin", "PUT", &path, 501, DISABLED),
        ("admin", "DELETE", &path, 501, DISABLED),
    ];
    for (user, method, path, status, want) in cases {
        let answer = site.manage(user, method, path, hook.clone()).await;
        assert_eq!(answer.brief(), (status, want.into()), "{user} {method} {path}");
    }
}

async fn listed(site: &Site, user: &str, query: &str) -> Vec<String> {
    let answer = site.manage(user, "GET", query, "").await;
    assert_eq!(answer.status, 200, "{user} {query} {answer:?}");
    let hooks = answer.json();
    let hooks = hooks.get("incoming_webhooks").unwrap_or(&hooks);
    hooks.as_array().unwrap().iter().map(|hook| hook["display_name"].as_str().unwrap().to_owned()).collect()
}

/// INC-114 to INC-116, in order and without what the caller may not read.
#[tokio::test]
async fn a_list_shows_what_its_reader_may_manage_and_read() {
    let site = Site::new().await;
    let mut named = 0;
    for (user, channel) in
        [("admin", site.dev), ("ann", site.dev), ("admin", site.secret), ("ann", site.secret), ("admin", site.foreign)]
    {
        named += 1;
        site.hook_by(user, json!({ "channel_id": channel, "display_name": named.to_string() })).await;
        site.host.world().milliseconds += 1;
    }
    let team = format!("?team_id={}", site.team);
    let other = format!("?team_id={}", site.other_team);
    assert_eq!(listed(&site, "admin", "").await, ["1", "2", "3", "4", "5"]);
    assert_eq!(listed(&site, "admin", &team).await, ["1", "2", "3", "4"]);
    assert_eq!(listed(&site, "admin", &other).await, ["5"]);
    assert_eq!(listed(&site, "ann", &team).await, ["2", "4"]);
    for (user, query) in [("ann", ""), ("ann", other.as_str()), ("bob", ""), ("bob", &team)] {
        assert_eq!(site.manage(user, "GET", query, "").await.brief(), (403, FORBIDDEN.into()), "{user} {query}");
    }
    site.host.world().grant(site.ann, Permission::MANAGE_OTHERS_INCOMING_WEBHOOKS, Scope::Team(site.team));
    assert_eq!(listed(&site, "ann", &team).await, ["1", "2", "3", "4"]);
    site.host.world().members.remove(&(site.secret, site.ann));
    assert_eq!(listed(&site, "ann", &team).await, ["1", "2"]);
    let counted = site.manage("ann", "GET", &format!("{team}&include_total_count=true"), "").await.json();
    assert_eq!(counted["total_count"], 2);
    site.host.world().grant(site.ann, Permission::MANAGE_OWN_INCOMING_WEBHOOKS, Scope::System);
    assert_eq!(listed(&site, "ann", "").await, ["2"]);
    for query in ["?team_id=no-team", "?team_id=xxxxxxxxxxxxxxxxxxxxxxxxxx"] {
        assert_eq!(listed(&site, "admin", query).await, [""; 0], "{query}");
        assert_eq!(site.manage("bob", "GET", query, "").await.status, 403, "{query}");
    }
}

#[tokio::test]
async fn pages_neither_repeat_nor_miss_a_hook() {
    let site = Site::new().await;
    for number in 0..205 {
        site.hook_by("admin", json!({ "channel_id": site.dev, "display_name": number.to_string() })).await;
    }
    let mut seen = Vec::new();
    for page in 0..6 {
        seen.extend(listed(&site, "admin", &format!("?per_page=40&page={page}")).await);
    }
    seen.sort_by_key(|name| name.parse::<u32>().unwrap());
    assert_eq!(seen, (0..205).map(|number| number.to_string()).collect::<Vec<_>>());
    let sizes = [("", 60), ("?per_page=0", 0), ("?per_page=999", 200), ("?per_page=-1", 60), ("?page=x", 60)];
    for (query, want) in sizes {
        assert_eq!(listed(&site, "admin", query).await.len(), want, "{query}");
    }
    let counted = site.manage("admin", "GET", "?per_page=1&include_total_count=T", "").await.json();
    assert_eq!(
        (counted["total_count"].clone(), counted["incoming_webhooks"].as_array().unwrap().len()),
        (json!(205), 1)
    );
}

/// API-30.
#[tokio::test]
async fn what_is_no_route_is_a_404_with_an_error_object() {
    let site = Site::new().await;
    let cases = [
        ("PATCH", "/abc"),
        ("HEAD", ""),
        ("OPTIONS", ""),
        ("GET", "/"),
        ("GET", "/a-b"),
        ("POST", "/abc/regen_token"),
        ("DELETE", ""),
    ];
    for (method, path) in cases {
        let answer = site.manage("admin", method, path, "").await;
        assert_eq!(answer.brief(), (404, "api.context.404.app_error".into()), "{method} {path}");
    }
}

#[tokio::test]
async fn every_route_needs_a_session() {
    let site = Site::new().await;
    let unknown = format!("/api/v4/hooks/incoming/{}", "x".repeat(26));
    for path in ["/api/v4/hooks/incoming", &unknown, "/api/v4/hooks/incoming/abc"] {
        let answer = site.send(get(path)).await;
        assert_eq!(answer.brief(), (401, "api.context.session_expired.app_error".into()), "{path}");
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large() {
    let site = Site::new().await;
    let body = format!("{{\"channel_id\":\"{}\"}}{}", site.dev, " ".repeat(300_512));
    let answer = site.manage("admin", "POST", "", body).await;
    assert_eq!(answer.brief(), (413, "api.context.request_body_too_large.app_error".into()));
}

#[tokio::test]
async fn what_was_changed_is_told_without_the_id() {
    let site = Site::new().await;
    let id = site.hook().await;
    let body = json!({ "id": id, "channel_id": site.dev }).to_string();
    site.manage("admin", "PUT", &format!("/{id}"), body).await;
    site.say(&id, "secret words").await;
    site.manage("admin", "DELETE", &format!("/{id}"), "").await;
    let observed = site.host.world().observed.clone();
    for (line, word) in observed.iter().zip(["created", "updated", "made 1 post(s)", "deleted"]) {
        assert!(line.contains(word) && !line.contains(&id) && !line.contains("secret words"), "{line}");
    }
    assert_eq!(observed.len(), 4);
}
