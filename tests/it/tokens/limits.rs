//! Tokens that allow less than their users may (B3), and limits on how often.

use std::net::{IpAddr, Ipv4Addr};

use bytes::Bytes;
use http::Request;
use jackfield::engine::PeerAddress;
use jackfield::incoming::Rate;
use jackfield::port::{Ask, Permission, Scope};
use serde_json::json;

use super::{FORBIDDEN, call, site, token, token_with};
use crate::host::{Answer, Site};

async fn caller(site: &Site, secret: &str) -> jackfield::engine::Caller {
    let request = Request::get("/").header("Authorization", format!("Bearer {secret}")).body(()).unwrap();
    site.engine().authenticate(&request.into_parts().0).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_token_may_what_its_user_its_scopes_and_its_channels_all_allow() {
    let site = site().await;
    let wanted =
        json!({ "description": "x", "scopes": ["read_channel_content", "view_team"], "channel_ids": [site.dev] });
    let made = token_with(&site, site.admin, wanted).await;
    let limited = caller(&site, made["token"].as_str().unwrap()).await;
    let (_, plain) = token(&site, site.bob).await;
    let plain = caller(&site, &plain).await;
    assert!(limited.is_restricted() && !plain.is_restricted());
    assert_eq!(limited.token_id().map(|id| id.to_string()).as_deref(), made["id"].as_str());
    let asks = [
        Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(site.dev)),
        Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(site.ops)),
        Ask::new(Permission::USE_CHANNEL_MENTIONS, Scope::Channel(site.dev)),
        Ask::new(Permission::VIEW_TEAM, Scope::Team(site.team)),
        Ask::new(Permission::MANAGE_SYSTEM, Scope::System),
    ];
    assert_eq!(limited.may(&asks).await.unwrap(), [true, false, false, true, false]);
    assert_eq!(plain.may(&asks).await.unwrap(), [true, false, true, false, false]);
    assert_eq!(
        call(&site, made["token"].as_str().unwrap(), "GET", "tokens", "").await.brief(),
        (403, FORBIDDEN.into())
    );
}

#[tokio::test]
async fn a_token_makes_none_that_may_more_than_itself() {
    let site = site().await;
    let scopes = ["create_user_access_token", "manage_system", "read_channel"];
    let soon = site.host.world().milliseconds + 60_000;
    let made = token_with(&site, site.admin, json!({ "description": "x", "scopes": scopes, "expires_at": soon })).await;
    let (id, secret) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let cases = [
        (json!({ "description": "x" }), 403),
        (json!({ "description": "x", "scopes": scopes }), 403),
        (json!({ "description": "x", "expires_at": soon }), 403),
        (json!({ "description": "x", "scopes": ["read_channel", "edit_post"], "expires_at": soon }), 403),
        (json!({ "description": "x", "scopes": scopes, "expires_at": soon + 1 }), 403),
        (json!({ "description": "x", "scopes": ["read_channel"], "expires_at": soon }), 200),
        (
            json!({ "description": "x", "scopes": ["read_channel"], "channel_ids": [site.dev], "expires_at": soon - 1 }),
            200,
        ),
    ];
    for (body, status) in cases {
        assert_eq!(call(&site, secret, "POST", "me/tokens", body.to_string()).await.status, status, "{body}");
    }
    // Nor does it live longer by a new secret, nor give one to a token that may more.
    let rotate =
        async |body: serde_json::Value| call(&site, secret, "POST", "tokens/rotate", body.to_string()).await.status;
    let (other, _) = token(&site, site.bob).await;
    assert_eq!(rotate(json!({ "token_id": other })).await, 403);
    assert_eq!(rotate(json!({ "token_id": id, "expires_at": soon + 1 })).await, 403);
    assert_eq!(rotate(json!({ "token_id": id })).await, 200);
}

#[tokio::test]
async fn a_secret_that_is_on_its_way_out_makes_nothing_that_stays() {
    let site = site().await;
    let (id, old) = token(&site, site.admin).await;
    let rotate = json!({ "token_id": id, "grace_seconds": 60 }).to_string();
    assert_eq!(call(&site, "admin", "POST", "tokens/rotate", rotate.clone()).await.status, 200);
    assert_eq!(call(&site, &old, "POST", "me/tokens", r#"{"description":"x"}"#).await.brief(), (403, FORBIDDEN.into()));
    assert_eq!(call(&site, &old, "POST", "tokens/rotate", rotate).await.brief(), (403, FORBIDDEN.into()));
}

async fn from(site: &Site, address: u8, secret: &str) -> Answer {
    let request = Request::get("/api/v4/users/tokens").header("Authorization", format!("Bearer {secret}"));
    let mut request = request.body(Bytes::new()).unwrap();
    request.extensions_mut().insert(PeerAddress(IpAddr::V4(Ipv4Addr::new(10, 0, 0, address))));
    site.send(request).await
}

#[tokio::test]
async fn guessing_is_limited_by_address() {
    let site = site().await;
    let (_, secret) = token(&site, site.admin).await;
    for _ in 0..50 {
        assert_eq!(from(&site, 1, "garbage").await.status, 401);
    }
    site.configure(|settings| settings.tokens.limit_failures_per_address = Some(Rate { burst: 2, per_second: 1 }));
    let statuses = [from(&site, 1, "garbage").await.status, from(&site, 1, &"y".repeat(26)).await.status];
    assert_eq!(statuses, [401, 401]);
    let answer = from(&site, 1, &secret).await;
    assert_eq!(answer.brief(), (429, "jackfield.tokens.too_many_failures".into()));
    assert_eq!(answer.header("Retry-After"), "1");
    assert_eq!(from(&site, 2, &secret).await.status, 200);
    assert_eq!(call(&site, &secret, "GET", "tokens", "").await.status, 200);
    site.host.world().milliseconds += 1_000;
    assert_eq!(from(&site, 1, &secret).await.status, 200);
    // Who succeeds is not counted.
    for _ in 0..5 {
        assert_eq!(from(&site, 1, &secret).await.status, 200);
    }
    assert_eq!(from(&site, 1, "garbage").await.status, 401);
    assert_eq!(from(&site, 1, "admin").await.status, 429);
    // A call of a hook needs no session, so it is no way to guess.
    let hook = site.hook().await;
    let mut call = crate::host::json_call(&hook, r#"{"text":"a"}"#);
    call.headers_mut().insert("Authorization", "Bearer garbage".parse().unwrap());
    call.extensions_mut().insert(PeerAddress(IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1))));
    assert_eq!(site.send(call).await.status, 200);
}

#[tokio::test]
async fn one_token_can_be_limited_under_each_of_its_secrets() {
    let site = site().await;
    let (id, secret) = token(&site, site.admin).await;
    let (_, other) = token(&site, site.admin).await;
    let rotate = json!({ "token_id": id, "grace_seconds": 60 }).to_string();
    let rotated = call(&site, "admin", "POST", "tokens/rotate", rotate).await.json();
    site.configure(|settings| settings.tokens.limit_per_token = Some(Rate { burst: 2, per_second: 1 }));
    assert_eq!(call(&site, &secret, "GET", "tokens", "").await.status, 200);
    assert_eq!(call(&site, rotated["token"].as_str().unwrap(), "GET", "tokens", "").await.status, 200);
    let answer = call(&site, &secret, "GET", "tokens", "").await;
    assert_eq!(answer.brief(), (429, "jackfield.tokens.too_often".into()));
    assert_eq!((answer.header("Retry-After"), answer.header("Set-Cookie")), ("1", ""));
    assert_eq!(call(&site, &other, "GET", "tokens", "").await.status, 200);
    assert_eq!(call(&site, "admin", "GET", "tokens", "").await.status, 200);
    site.host.world().milliseconds += 1_000;
    assert_eq!(call(&site, &secret, "GET", "tokens", "").await.status, 200);
}
