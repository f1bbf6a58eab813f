//! What is refused, and with which answer.

use super::*;

/// BOT-3, BOT-22, in the order in which things are looked at.
#[tokio::test]
async fn a_bot_that_is_not_made_is_refused_for_the_first_reason() {
    let site = site().await;
    let robot = make(&site, "robot").await;
    let_in(&site, robot, "robot");
    site.host.world().admins.insert(robot);
    let named = |name: &str| json!({ "username": name }).to_string();
    let long = |member: &str, length: usize| json!({ "username": "x", member: "é".repeat(length) }).to_string();
    let cases = [
        ("no session, broken body", "", "{".to_owned(), 401, NO_SESSION),
        ("broken body, no permission", "bob", "{".to_owned(), 400, BODY),
        ("empty", "admin", String::new(), 400, BODY),
        ("null", "admin", "null".to_owned(), 400, BODY),
        ("array", "admin", "[]".to_owned(), 400, BODY),
        ("number", "admin", r#"{"username":5}"#.to_owned(), 400, BODY),
        ("no permission, bad name", "bob", named("Bad Name"), 403, FORBIDDEN),
        ("a bot", "robot", named("child"), 403, FORBIDDEN),
        ("no name", "admin", "{}".to_owned(), 400, "model.bot.is_valid.username.app_error"),
        ("upper case", "admin", named("Deploy"), 400, "model.bot.is_valid.username.app_error"),
        ("display name", "admin", long("display_name", 65), 400, "model.bot.is_valid.user_id.app_error"),
        ("description", "admin", long("description", 1_025), 400, "model.bot.is_valid.description.app_error"),
        ("address", "admin", named("tail."), 400, "model.user.is_valid.email.app_error"),
        ("name of a bot", "admin", named("robot"), 400, TAKEN),
        ("name of a human", "admin", named("ann"), 400, TAKEN),
    ];
    for (name, user, body, status, id) in cases {
        let answer = ask(&site, user, "POST", "/bots", body).await;
        assert_eq!(answer.brief(), (status, id.into()), "{name}");
    }
    let huge = format!("{{\"username\":\"x\"}}{}", " ".repeat(300_512));
    let answer = ask(&site, "admin", "POST", "/bots", huge).await;
    assert_eq!(answer.brief(), (413, "api.context.request_body_too_large.app_error".into()));
    assert_eq!(post(&site, "admin", &format!("/bots/{robot}/disable")).await.status, 200);
    assert_eq!(ask(&site, "admin", "POST", "/bots", named("robot")).await.brief(), (400, TAKEN.into()));
    site.configure(|settings| settings.bots.creation_enabled = false);
    let off = [("admin", "Bad Name", "api.bot.create_disabled"), ("bob", "x", FORBIDDEN)];
    for (user, name, id) in off {
        assert_eq!(ask(&site, user, "POST", "/bots", named(name)).await.brief(), (403, id.into()));
    }
    assert_eq!(site.posts().len(), 1, "nothing happened");
}

/// B6: the id on the wire is the wrong one, that of the audit says what it was.
#[tokio::test]
async fn a_long_display_name_is_audited_as_what_it_is() {
    let site = site().await;
    let body = json!({ "username": "x", "display_name": "é".repeat(65) }).to_string();
    ask(&site, "admin", "POST", "/bots", body).await;
    let want = format!("bot: create by {}: refused: model.bot.is_valid.display_name.app_error", site.admin);
    assert_eq!(audits(&site), [want]);
}

/// BOT-25, BOT-27: nothing of a refused patch happens (B4).
#[tokio::test]
async fn a_refused_patch_changes_neither_record_nor_account() {
    let site = site().await;
    let id = make(&site, "robot").await;
    make(&site, "other").await;
    let (before, account_before) = (show(&site, id).await, account(&site, id));
    let own = format!("/bots/{id}");
    let (unknown, human) = (format!("/bots/{UNKNOWN}"), format!("/bots/{}", site.ann));
    let with = |more: Value| {
        let mut body = json!({ "display_name": "changed" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body.to_string()
    };
    let cases = [
        ("admin", own.as_str(), "{".to_owned(), 400, BODY),
        ("admin", &own, "null".to_owned(), 400, BODY),
        ("admin", &own, r#"{"display_name":1}"#.to_owned(), 400, BODY),
        ("admin", &own, with(json!({ "username": "" })), 400, "model.user.is_valid.username.app_error"),
        ("admin", &own, with(json!({ "username": "Shout" })), 400, "model.bot.is_valid.username.app_error"),
        ("admin", &own, with(json!({ "username": "other" })), 400, TAKEN),
        ("admin", &own, with(json!({ "username": "ann" })), 400, TAKEN),
        (
            "admin",
            &own,
            json!({ "display_name": "x".repeat(65) }).to_string(),
            400,
            "model.user.is_valid.first_name.app_error",
        ),
        (
            "admin",
            &own,
            with(json!({ "username": "fresh", "description": "x".repeat(2_000) })),
            400,
            "model.bot.is_valid.description.app_error",
        ),
        ("admin", &unknown, with(json!({})), 404, NO_BOT),
        ("admin", &human, with(json!({})), 404, NO_BOT),
        ("admin", "/bots/short", with(json!({})), 400, URL),
        ("admin", "/bots/me", with(json!({})), 400, URL),
        ("admin", "/bots/short", "{".to_owned(), 400, URL),
        ("bob", &own, "{".to_owned(), 400, BODY),
        ("bob", &own, with(json!({})), 404, NO_BOT),
        ("", &own, with(json!({})), 401, NO_SESSION),
    ];
    for (user, path, body, status, want) in cases {
        let answer = ask(&site, user, "PUT", path, body.clone()).await;
        assert_eq!(answer.brief(), (status, want.into()), "{user} {path} {body}");
        assert_eq!((show(&site, id).await, account(&site, id)), (before.clone(), account_before.clone()), "{body}");
    }
    let answer = ask(&site, "admin", "PUT", &own, " ".repeat(300_513)).await;
    assert_eq!(answer.status, 413);
}

/// BOT-32, BOT-36, BOT-37.
#[tokio::test]
async fn what_cannot_be_switched_or_given_away_is_refused() {
    let site = site().await;
    let (id, other) = (make(&site, "robot").await, make(&site, "other").await);
    let ann = site.ann;
    let cases = [
        ("admin", "/bots/abc/disable".to_owned(), 400, URL),
        ("admin", "/bots/me/enable".to_owned(), 400, URL),
        ("admin", format!("/bots/{UNKNOWN}/enable"), 404, NO_BOT),
        ("admin", format!("/bots/{ann}/disable"), 404, NO_BOT),
        ("bob", format!("/bots/{id}/disable"), 404, NO_BOT),
        ("bob", format!("/bots/{id}/enable"), 404, NO_BOT),
        ("", format!("/bots/{id}/disable"), 401, NO_SESSION),
        ("admin", format!("/bots/{id}/assign/abc"), 400, URL),
        ("admin", format!("/bots/abc/assign/{ann}"), 400, URL),
        ("admin", format!("/bots/{id}/assign/{other}"), 403, FORBIDDEN),
        ("admin", format!("/bots/{id}/assign/{}", site.bot), 403, FORBIDDEN),
        ("admin", format!("/bots/{id}/assign/{UNKNOWN}"), 404, NO_USER),
        ("admin", format!("/bots/{UNKNOWN}/assign/{ann}"), 404, NO_BOT),
        ("admin", format!("/bots/{ann}/assign/{ann}"), 404, NO_BOT),
        ("bob", format!("/bots/{id}/assign/{}", site.bob), 404, NO_BOT),
    ];
    for (user, path, status, want) in cases {
        assert_eq!(post(&site, user, &path).await.brief(), (status, want.into()), "{user} {path}");
    }
    let both = post(&site, "admin", "/bots/abc/assign/xyz").await;
    assert!(both.json()["message"].as_str().unwrap().contains("`user_id`"), "{both:?}");
    assert_eq!(show(&site, id).await["owner_id"], json!(site.admin));
    assert!(audits(&site).contains(&format!("bot {id}: assign by {}: refused: {NO_USER}", site.admin)));
}

/// BOT-29: whoever may not see it gets a 404, never a 403.
#[tokio::test]
async fn a_bot_is_shown_to_nobody_who_may_not_see_it() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let_in(&site, id, "robot");
    let path = format!("/bots/{id}");
    for user in ["ann", "bob", "robot"] {
        assert_eq!(ask(&site, user, "GET", &path, "").await.brief(), (404, NO_BOT.into()), "{user}");
    }
    assert_eq!(ask(&site, "", "GET", &path, "").await.brief(), (401, NO_SESSION.into()));
    for (id, status, want) in [("abc", 400, URL), ("me", 400, URL), (UNKNOWN, 404, NO_BOT)] {
        assert_eq!(ask(&site, "admin", "GET", &format!("/bots/{id}"), "").await.brief(), (status, want.into()), "{id}");
    }
    let human = ask(&site, "admin", "GET", &format!("/bots/{}", site.ann), "").await;
    assert_eq!(human.brief(), (404, NO_BOT.into()));
    post(&site, "admin", &format!("/bots/{id}/assign/{}", site.ann)).await;
    assert_eq!(ask(&site, "ann", "GET", &path, "").await.status, 404, "to own it is not enough");
    grant(&site, site.ann, &[Permission::READ_BOTS]);
    grant(&site, site.bob, &[Permission::READ_BOTS]);
    assert_eq!(ask(&site, "ann", "GET", &path, "").await.status, 200);
    assert_eq!(ask(&site, "bob", "GET", &path, "").await.status, 404);
    grant(&site, site.bob, &[Permission::READ_OTHERS_BOTS]);
    assert_eq!(ask(&site, "bob", "GET", &path, "").await.status, 200);
}

/// A host whose account is gone without a word.
#[tokio::test]
async fn a_bot_without_an_account_is_none() {
    let site = site().await;
    let id = make(&site, "robot").await;
    site.host.world().users.retain(|user| user.id != id);
    assert_eq!(ask(&site, "admin", "GET", &format!("/bots/{id}"), "").await.brief(), (404, NO_BOT.into()));
    for verb in ["enable", "disable"] {
        assert_eq!(post(&site, "admin", &format!("/bots/{id}/{verb}")).await.brief(), (404, NO_USER.into()));
    }
    assert_eq!(ask(&site, "admin", "GET", "/bots", "").await.json(), json!([]));
    assert!(!site.host.world().users.iter().any(|user| user.id == id), "nobody is made again");
}

/// A host that has no bots says so.
#[tokio::test]
async fn a_host_without_bots_answers_501() {
    let site = site().await;
    site.host.world().broken.sink = Some(jackfield::port::RefusedKind::Unsupported);
    let answer = ask(&site, "admin", "POST", "/bots", r#"{"username":"robot"}"#).await;
    assert_eq!(answer.brief(), (501, "jackfield.bots.unsupported".into()));
    assert_eq!(ask(&site, "admin", "GET", "/bots", "").await.json(), json!([]));
}

#[tokio::test]
async fn whatever_a_host_has_against_an_account_is_a_400() {
    let site = site().await;
    site.host.world().broken.sink = Some(jackfield::port::RefusedKind::Invalid);
    let answer = ask(&site, "admin", "POST", "/bots", r#"{"username":"robot"}"#).await;
    assert_eq!(answer.brief(), (400, "app.user.save.existing.app_error".into()));
}

#[tokio::test]
async fn the_icon_is_the_hosts() {
    let site = site().await;
    let id = make(&site, "robot").await;
    for method in ["GET", "POST", "DELETE"] {
        let answer = ask(&site, "admin", method, &format!("/bots/{id}/icon"), "").await;
        assert_eq!(answer.brief(), (404, "api.context.404.app_error".into()), "{method}");
    }
}
