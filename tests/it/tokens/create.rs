//! Who makes tokens, of what, and what the answer is (BOT-68, BOT-69, BOT-74 to BOT-78, B2, B3).

use jackfield::id::SessionId;
use jackfield::port::{Permission, Scope, Session, SessionKind};
use serde_json::json;

use super::{BODY, FORBIDDEN, audits, call, site, token, token_with, used};

#[tokio::test]
async fn a_new_token_is_shown_once_and_works() {
    let site = site().await;
    let made = call(&site, "admin", "POST", &format!("{}/tokens", site.bob), r#"{"description":"ci"}"#).await;
    assert_eq!((made.status, made.header("Content-Type")), (200, "application/json"));
    let made = made.json();
    let (id, secret) = (made["id"].clone(), made["token"].as_str().unwrap().to_owned());
    let plain = json!({ "id": id, "user_id": site.bob, "description": "ci", "is_active": true });
    let mut shown = plain.clone();
    shown["token"] = json!(secret);
    assert_eq!(made, shown);
    assert_eq!(secret.len(), 26);
    let id = id.as_str().unwrap();
    assert_eq!(call(&site, "admin", "GET", &format!("tokens/{id}"), "").await.json(), plain);
    assert_eq!(call(&site, "admin", "GET", &format!("{}/tokens", site.bob), "").await.json(), json!([plain]));
    assert_eq!(used(&site, &secret).await, Ok(()));
    assert!(used(&site, id).await.is_err());
}

#[tokio::test]
async fn bots_have_tokens_while_humans_may_not() {
    let site = site().await;
    let (_, human) = token(&site, site.bob).await;
    site.configure(|settings| settings.tokens.enabled = false);
    let (_, bot) = token(&site, site.bot).await;
    assert_eq!(used(&site, &bot).await, Ok(()));
    assert!(used(&site, &human).await.is_err());
    let refused = call(&site, "admin", "POST", &format!("{}/tokens", site.bob), r#"{"description":"ci"}"#).await;
    assert_eq!(refused.brief(), (501, "app.user_access_token.disabled".into()));
    site.configure(|settings| settings.tokens.enabled = true);
    assert_eq!(used(&site, &human).await, Ok(()));
}

#[tokio::test]
async fn what_a_client_may_not_choose_is_ignored() {
    let site = site().await;
    let wish =
        json!({ "description": "ci", "id": site.ann, "token": "chosen", "user_id": site.ann, "is_active": false });
    let made = token_with(&site, site.bob, wish).await;
    assert_eq!((made["user_id"].clone(), made["is_active"].clone()), (json!(site.bob), json!(true)));
    assert!(made["token"] != "chosen" && made["id"] != json!(site.ann));
    assert!(used(&site, "chosen").await.is_err());
}

#[tokio::test]
async fn a_body_is_refused_for_what_is_wrong_with_it() {
    let site = site().await;
    let past = site.host.world().milliseconds;
    let cases = [
        (String::new(), 400, BODY),
        ("[]".into(), 400, BODY),
        (r#"{"description":1}"#.into(), 400, BODY),
        ("null".into(), 400, BODY),
        ("{}".into(), 400, BODY),
        (
            json!({ "description": "d".repeat(256) }).to_string(),
            400,
            "model.user_access_token.is_valid.description.app_error",
        ),
        (json!({ "description": "d", "expires_at": past }).to_string(), 400, BODY),
        (json!({ "description": "d", "scopes": ["fly"] }).to_string(), 400, BODY),
        (json!({ "description": "d", "channel_ids": ["dev"] }).to_string(), 400, BODY),
        // Bob is no member of this private channel, and of the foreign team's no more.
        (json!({ "description": "d", "channel_ids": [site.secret] }).to_string(), 400, BODY),
        (json!({ "description": "d", "channel_ids": [site.dev, site.foreign] }).to_string(), 400, BODY),
        (json!({ "description": "d", "channel_ids": [site.bob] }).to_string(), 400, BODY),
        (" ".repeat(400_000), 413, "api.context.request_body_too_large.app_error"),
    ];
    for (body, status, id) in cases {
        let shown: String = body.chars().take(80).collect();
        let answer = call(&site, "admin", "POST", &format!("{}/tokens", site.bob), body).await;
        assert_eq!(answer.brief(), (status, id.into()), "{shown}");
    }
    let list = call(&site, "admin", "GET", &format!("{}/tokens", site.bob), "").await;
    assert_eq!(list.json(), json!([]));
    let ann = json!({ "description": "d", "channel_ids": [site.secret, site.ops] });
    assert_eq!(token_with(&site, site.ann, ann).await["channel_ids"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn the_account_is_looked_at_before_the_body() {
    let site = site().await;
    let oauth = Session::new(SessionId::from_random([9; 16]), site.admin, SessionKind::OAuth);
    site.host.world().sessions.insert("oauth".to_owned(), oauth);
    let cases = [
        ("admin", "abc/tokens", "", 400, "api.context.invalid_url_param.app_error"),
        ("admin", "ad96hyy1gtfm38xxyrtwk3hjic/tokens", "", 404, "app.user.missing_account.const"),
        ("oauth", "me/tokens", "", 403, FORBIDDEN),
        ("bob", "me/tokens", "", 400, BODY),
        ("bob", "me/tokens", r#"{"description":""}"#, 400, BODY),
        ("bob", "me/tokens", r#"{"description":"x"}"#, 403, FORBIDDEN),
        ("nobody", "me/tokens", r#"{"description":"x"}"#, 401, super::EXPIRED),
    ];
    for (who, path, body, status, id) in cases {
        assert_eq!(call(&site, who, "POST", path, body).await.brief(), (status, id.into()), "{who} {path} {body}");
    }
}

#[tokio::test]
async fn those_who_may_make_tokens_for_themselves_and_others() {
    let site = site().await;
    let body = r#"{"description":"x"}"#;
    let (ann, bob, admin) = (site.ann, site.bob, site.admin);
    let make = async |who: &str, user| call(&site, who, "POST", &format!("{user}/tokens"), body).await.status;
    site.host.world().grant(ann, Permission::CREATE_USER_ACCESS_TOKEN, Scope::System);
    assert_eq!((make("ann", ann).await, make("ann", bob).await, make("ann", admin).await), (200, 403, 403));
    site.host.world().grant(ann, Permission::EDIT_OTHER_USERS, Scope::System);
    assert_eq!((make("ann", bob).await, make("ann", admin).await), (200, 403));
    // A deactivated account may be given a token.
    site.host.world().user(bob).deactivated = true;
    assert_eq!(make("ann", bob).await, 200);
    assert_eq!(make("admin", admin).await, 200);
}

#[tokio::test]
async fn making_one_is_audited_without_the_secret() {
    let site = site().await;
    let before = site.host.world().observed.len();
    let (id, secret) = token(&site, site.bob).await;
    let told = audits(&site, before);
    assert_eq!(told, [format!("access token {id} of {}: create by {}: done", site.bob, site.admin)]);
    call(&site, "bob", "POST", "me/tokens", r#"{"description":"x"}"#).await;
    let refused = format!("access token of {}: create by {}: refused: {FORBIDDEN}", site.bob, site.bob);
    assert_eq!(audits(&site, before)[1..], [refused]);
    assert!(!site.host.world().observed.iter().any(|line| line.contains(&secret)));
}
