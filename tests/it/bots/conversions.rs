//! Bots who become users, and users who become bots.

use super::*;

const PASSWORD: &str = r#"{"password":"Conformance-passw0rd!"}"#;

/// BOT-45 to BOT-47, B12.
#[tokio::test]
async fn a_bot_becomes_a_user_and_is_no_bot_any_more() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let path = format!("/bots/{id}/convert_to_user");
    let body = json!({ "password": "Conformance-passw0rd!", "first_name": "Ro", "roles": "system_admin" });
    let user = ask(&site, "admin", "POST", &path, body.to_string()).await;
    let want = json!({
        "id": id, "username": "robot", "first_name": "Ro", "roles": "system_user", "viewer": site.admin,
    });
    assert_eq!((user.status, user.json()), (200, want), "nothing says that it is a bot");
    assert!(!account(&site, id).is_bot && !site.host.world().admins.contains(&id));
    let gone = ask(&site, "admin", "GET", &format!("/bots/{id}?include_deleted=true"), "").await;
    assert_eq!(gone.brief(), (404, NO_BOT.into()));
    assert_eq!(ask(&site, "admin", "GET", "/bots?include_deleted=true", "").await.json(), json!([]));
    assert_eq!(audits(&site).last(), Some(&format!("bot {id}: convert by {}: done", site.admin)));
    assert!(!format!("{:?}", site.host.world().observed).contains("passw0rd"));
}

/// A host that shows no users of its own.
#[tokio::test]
async fn a_user_who_was_a_bot_has_at_least_an_id_and_names() {
    let site = site().await;
    let id = make(&site, "robot").await;
    site.host.world().shows_plain_users = true;
    let user = ask(&site, "admin", "POST", &format!("/bots/{id}/convert_to_user"), PASSWORD).await;
    assert_eq!((user.status, user.json()), (200, json!({ "id": id, "username": "robot", "first_name": "" })));
}

#[tokio::test]
async fn a_bot_becomes_an_administrator_where_one_says_so() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let path = format!("/bots/{id}/convert_to_user?set_system_admin=true");
    let user = ask(&site, "admin", "POST", &path, PASSWORD).await;
    assert_eq!((user.status, user.json()["roles"].clone()), (200, json!("system_user system_admin")));
}

/// B12: nothing of a refused conversion happens, above all no promotion.
#[tokio::test]
async fn a_conversion_with_a_bad_password_makes_nobody_an_administrator() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let before = show(&site, id).await;
    let path = format!("/bots/{id}/convert_to_user?set_system_admin=true");
    let refused = ask(&site, "admin", "POST", &path, r#"{"password":"short"}"#).await;
    assert_eq!(refused.brief(), (400, "model.user.is_valid.pwd.app_error".into()));
    assert!(account(&site, id).is_bot && !site.host.world().admins.contains(&id));
    assert_eq!(show(&site, id).await, before);
    let audit = format!("bot {id}: convert by {}: refused: model.user.is_valid.pwd.app_error", site.admin);
    assert_eq!(audits(&site).last(), Some(&audit));
}

/// BOT-45, B11: that there is no bot only administrators hear.
#[tokio::test]
async fn a_conversion_to_a_user_is_refused_in_order() {
    let site = site().await;
    let (id, off) = (make(&site, "robot").await, make(&site, "off").await);
    post(&site, "admin", &format!("/bots/{off}/disable")).await;
    let (own, unknown, human, disabled) = (id.to_string(), UNKNOWN.to_owned(), site.ann.to_string(), off.to_string());
    let cases = [
        ("admin", "abc", PASSWORD, 400, URL),
        ("bob", "abc", "{", 400, URL),
        ("admin", &unknown, PASSWORD, 404, NO_BOT),
        ("admin", &unknown, "{", 404, NO_BOT),
        ("admin", &human, PASSWORD, 404, NO_BOT),
        ("admin", &disabled, PASSWORD, 404, NO_BOT),
        ("bob", &unknown, PASSWORD, 403, FORBIDDEN),
        ("bob", &unknown, "{", 403, FORBIDDEN),
        ("bob", &disabled, PASSWORD, 403, FORBIDDEN),
        ("admin", &own, "", 400, BODY),
        ("admin", &own, "null", 400, BODY),
        ("admin", &own, "{}", 400, BODY),
        ("admin", &own, r#"{"password":""}"#, 400, BODY),
        ("admin", &own, r#"{"password":null}"#, 400, BODY),
        ("bob", &own, "{", 400, BODY),
        ("bob", &own, PASSWORD, 403, FORBIDDEN),
        ("", &own, PASSWORD, 401, NO_SESSION),
    ];
    for (user, id, body, status, want) in cases {
        let answer = ask(&site, user, "POST", &format!("/bots/{id}/convert_to_user"), body).await;
        assert_eq!(answer.brief(), (status, want.into()), "{user} {id} {body}");
    }
    let huge = " ".repeat(300_513);
    let answer = ask(&site, "admin", "POST", &format!("/bots/{own}/convert_to_user"), huge).await;
    assert_eq!(answer.status, 413);
    assert_eq!(show(&site, id).await["username"], "robot");
}

/// BOT-48, BOT-19.
#[tokio::test]
async fn a_user_becomes_a_bot_that_owns_itself() {
    let site = site().await;
    site.host.world().user(site.ann).first_name = "Ann".to_owned();
    let bot = post(&site, "admin", &format!("/users/{}/convert_to_bot", site.ann)).await;
    let at = crate::host::START;
    let want = json!({
        "user_id": site.ann, "username": "ann", "display_name": "ann", "owner_id": site.ann, "create_at": at,
        "update_at": at, "delete_at": 0,
    });
    assert_eq!((bot.status, bot.json()), (200, want));
    assert!(account(&site, site.ann).is_bot);
    assert_eq!(show(&site, site.ann).await["display_name"], "Ann", "the name that it really has");
    let again = post(&site, "admin", &format!("/users/{}/convert_to_bot", site.ann)).await;
    assert_eq!(again.brief(), (500, "app.bot.createbot.internal_error".into()));
    let_in(&site, site.ann, "ann");
    let path = format!("/bots/{}", site.ann);
    assert_eq!(ask(&site, "ann", "PUT", &path, r#"{"display_name":"A"}"#).await.status, 404);
    grant(&site, site.ann, &[Permission::MANAGE_BOTS]);
    assert_eq!(
        ask(&site, "ann", "PUT", &path, r#"{"display_name":"A"}"#).await.status,
        200,
        "its own is its to manage"
    );
}

#[tokio::test]
async fn a_deactivated_user_becomes_a_disabled_bot() {
    let site = site().await;
    site.host.world().user(site.ann).deactivated = true;
    let bot = post(&site, "admin", &format!("/users/{}/convert_to_bot", site.ann)).await.json();
    assert_eq!(bot["delete_at"], json!(crate::host::START));
    assert!(account(&site, site.ann).deactivated);
}

/// BOT-48.
#[tokio::test]
async fn a_conversion_to_a_bot_is_refused_in_order() {
    let site = site().await;
    let cases = [
        ("bob", format!("/users/{}/convert_to_bot", site.ann), 403, FORBIDDEN),
        ("bob", "/users/me/convert_to_bot".to_owned(), 403, FORBIDDEN),
        ("admin", format!("/users/{UNKNOWN}/convert_to_bot"), 404, NO_USER),
        ("bob", format!("/users/{UNKNOWN}/convert_to_bot"), 404, NO_USER),
        ("admin", "/users/abc/convert_to_bot".to_owned(), 400, URL),
        ("", format!("/users/{}/convert_to_bot", site.ann), 401, NO_SESSION),
    ];
    for (user, path, status, want) in cases {
        assert_eq!(post(&site, user, &path).await.brief(), (status, want.into()), "{user} {path}");
    }
    assert!(!account(&site, site.ann).is_bot && !account(&site, site.bob).is_bot);
    assert_eq!(post(&site, "admin", "/users/me/convert_to_bot").await.status, 200);
}

/// A bot that was a user must not be logged in to any more through a session of that time (CVE-2025-1412).
#[tokio::test]
async fn a_user_who_became_a_bot_has_no_session_left() {
    let site = site().await;
    assert_eq!(ask(&site, "ann", "GET", "/bots/abc", "").await.status, 400);
    post(&site, "admin", &format!("/users/{}/convert_to_bot", site.ann)).await;
    assert_eq!(ask(&site, "ann", "GET", "/bots/abc", "").await.brief(), (401, NO_SESSION.into()));
    assert_eq!(ask(&site, "bob", "GET", "/bots/abc", "").await.status, 400, "others stay logged in");
}

/// A user who was a bot must not be acted for through a session of that time (CVE-2025-3230); tokens live on (BOT-47).
#[tokio::test]
async fn a_bot_who_became_a_user_has_no_session_left_but_its_tokens() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let_in(&site, id, "token");
    let session = Session::new(SessionId::from_random([201; 16]), id, SessionKind::OAuth);
    site.host.world().sessions.insert("session".to_owned(), session);
    ask(&site, "admin", "POST", &format!("/bots/{id}/convert_to_user"), PASSWORD).await;
    assert_eq!(ask(&site, "session", "GET", "/bots/abc", "").await.brief(), (401, NO_SESSION.into()));
    assert_eq!(ask(&site, "token", "GET", "/bots/abc", "").await.status, 400);
}
