//! Who makes tokens, of what, and what the answer is (BOT-68, BOT-69, BOT-74 to BOT-78, B2, B3).

use serde_json::json;

use super::{call, site, token, used};

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
