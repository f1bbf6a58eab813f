//! Tokens at work: where they stand, when they end, and what is told of it (BOT-84 to BOT-97, B2, B17).

use bytes::Bytes;
use http::Request;
use jackfield::engine::Settings;
use jackfield::port::{Credential, CredentialSource};
use jackfield::security::MasterKey;
use serde_json::json;

use super::{EXPIRED, audits, call, site, token, token_with, used};
use crate::host::{Answer, Site};

async fn send(site: &Site, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("/api/v4/users/{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    site.send(request.body(Bytes::from_static(b"{\"description\":\"x\"}")).unwrap()).await
}

#[tokio::test]
async fn a_token_counts_where_it_may_stand() {
    let site = site().await;
    let (id, secret) = token(&site, site.admin).await;
    let bearer = format!("Bearer {secret}");
    let spelled = [format!("bEaReR {secret}"), format!("token {secret}"), format!("Bearer:{secret}")];
    for value in [&bearer].into_iter().chain(&spelled) {
        assert_eq!(send(&site, "GET", "tokens", &[("Authorization", value)]).await.status, 200, "{value}");
    }
    let long = format!("Bearer {}", "x".repeat(1 << 20));
    let (extended, cookie) = (format!("Bearer {secret}x"), format!("MMAUTHTOKEN={secret}"));
    let two_spaces = format!("Bearer  {secret}");
    let refused = [secret.as_str(), &format!("Basic {secret}"), &format!("Bearer {id}"), &long, &extended, &two_spaces];
    let shown = secret.to_uppercase();
    for value in refused.into_iter().chain([format!("Bearer {shown}").as_str()]) {
        let answer = send(&site, "GET", "tokens", &[("Authorization", value)]).await;
        assert_eq!(answer.brief(), (401, EXPIRED.into()));
        let presented = value.starts_with("Bearer ");
        let removes = answer.header("Set-Cookie").starts_with("MMAUTHTOKEN=; Path=/; Max-Age=0");
        assert_eq!(removes, presented, "{:?}", value.get(..20));
    }
    assert_eq!(send(&site, "GET", "tokens", &[]).await.header("Set-Cookie"), "");
    assert_eq!(send(&site, "GET", "tokens", &[("Cookie", &cookie)]).await.status, 200);
    let script = ("X-Requested-With", "XMLHttpRequest");
    let changing = send(&site, "POST", "me/tokens", &[("Cookie", &cookie), script]).await;
    assert_eq!(changing.brief(), (401, EXPIRED.into()));
    assert_eq!(
        send(&site, "POST", "me/tokens", &[("Cookie", "MMAUTHTOKEN=old"), ("Authorization", &bearer)]).await.status,
        200
    );
    assert_eq!(
        send(&site, "GET", "tokens", &[("Cookie", "MMAUTHTOKEN=old"), ("Authorization", &bearer)]).await.status,
        401
    );
    let in_query = send(&site, "GET", &format!("tokens?access_token={secret}"), &[]).await;
    assert_eq!(in_query.brief(), (401, "api.context.token_provided.app_error".into()));
    let told = audits(&site, 0).join("\n");
    assert!(told.contains(&format!("use by {}: refused: api.context.token_provided.app_error", site.admin)), "{told}");
    assert!(!told.contains(&secret));
}

#[tokio::test]
async fn a_hook_s_call_refuses_a_token_in_the_query_too() {
    let site = site().await;
    let (_, secret) = token(&site, site.admin).await;
    let hook = site.hook().await;
    let request =
        Request::post(format!("/hooks/{hook}?access_token={secret}")).body(Bytes::from_static(b"{\"text\":\"a\"}"));
    assert_eq!(site.send(request.unwrap()).await.brief(), (401, "api.context.token_provided.app_error".into()));
}

#[tokio::test]
async fn an_expired_token_opens_nothing_and_its_sockets_are_closed_once() {
    let site = site().await;
    let soon = site.host.world().milliseconds + 1_000;
    let made = token_with(&site, site.bob, json!({ "description": "x", "expires_at": soon })).await;
    let secret = made["token"].as_str().unwrap();
    assert_eq!(made["expires_at"], soon);
    assert_eq!(used(&site, secret).await, Ok(()));
    site.host.world().milliseconds += 999;
    assert_eq!(used(&site, secret).await, Ok(()));
    for _ in 0..3 {
        site.host.world().milliseconds += 1_500;
        assert_eq!(used(&site, secret).await, Err(EXPIRED.into()));
        assert!(audits(&site, 0).last().unwrap().ends_with("refused: jackfield.token.expired"));
    }
    let ended: Vec<_> = site.host.world().ended.iter().map(|session| session.to_string()).collect();
    assert_eq!(ended, [made["id"].as_str().unwrap()]);
}

#[tokio::test]
async fn a_token_lives_with_its_account() {
    let site = site().await;
    let (_, secret) = token(&site, site.bob).await;
    let causes = async |want: Option<&str>| {
        let result = used(&site, &secret).await;
        assert_eq!(result.is_ok(), want.is_none(), "{want:?}");
        let told = audits(&site, 0).pop().unwrap();
        assert!(
            told.ends_with(want.map_or("done".into(), |cause| format!("refused: jackfield.token.{cause}")).as_str()),
            "{told}"
        );
    };
    causes(None).await;
    site.host.world().user(site.bob).deactivated = true;
    causes(Some("user_deactivated")).await;
    site.host.world().user(site.bob).deactivated = false;
    causes(None).await;
    site.configure(|settings| settings.tokens.enabled = false);
    causes(Some("switched_off")).await;
    site.host.world().user(site.bob).is_bot = true;
    causes(None).await;
    site.host.world().users.retain(|user| user.id != site.bob);
    causes(Some("user_missing")).await;
}

#[tokio::test]
async fn another_node_sees_a_change_within_two_seconds() {
    let configured = |settings: &mut Settings| {
        settings.tokens.enabled = true;
        settings.keys = vec![MasterKey::new([7; 32])];
    };
    let site = Site::with(configured).await;
    let (id, secret) = token(&site, site.bob).await;
    let other = site.restarted(configured).await.unwrap();
    assert_eq!(used(&other, &secret).await, Ok(()));
    super::change(&site, "disable", &id).await;
    assert!(used(&site, &secret).await.is_err());
    site.host.world().milliseconds += 2_000;
    assert!(used(&other, &secret).await.is_err());
    super::change(&site, "revoke", &id).await;
    site.host.world().milliseconds += 2_000;
    assert!(used(&other, &secret).await.is_err());
    assert!(audits(&site, 0).last().unwrap().ends_with("jackfield.token.unknown"));
}

#[tokio::test]
async fn the_last_use_is_written_down_coarsely() {
    let site = site().await;
    let (id, secret) = token(&site, site.bob).await;
    let start = site.host.world().milliseconds;
    let last = async || {
        let shown = call(&site, "admin", "GET", &format!("tokens/{id}?details=true"), "").await.json();
        shown["last_used_at"].as_i64().map(|at| at - start)
    };
    assert_eq!(last().await, None);
    used(&site, &secret).await.unwrap();
    assert_eq!(last().await, Some(0));
    for (later, want) in [(60_000, 0), (599_999, 0), (600_000, 600_000), (600_001, 600_000)] {
        site.host.world().milliseconds = start + later;
        used(&site, &secret).await.unwrap();
        site.engine().flush().await.unwrap();
        assert_eq!(last().await, Some(want), "{later}");
    }
    super::change(&site, "revoke", &id).await;
    site.engine().flush().await.unwrap();
}

#[tokio::test]
async fn a_websocket_s_challenge_is_answered_alike() {
    let site = site().await;
    let (id, secret) = token(&site, site.bob).await;
    let of = async |source, text: &str| {
        let caller = site.engine().caller(&Credential::new(source, text), None).await.unwrap();
        caller.map(|caller| (caller.user_id(), caller.token_id().map(|id| id.to_string())))
    };
    assert_eq!(of(CredentialSource::Header, &secret).await, Some((site.bob, Some(id.clone()))));
    assert_eq!(of(CredentialSource::Header, "ann").await, Some((site.ann, None)));
    assert_eq!(of(CredentialSource::Header, "garbage").await, None);
    assert_eq!(of(CredentialSource::Header, &id).await, None);
    assert_eq!(of(CredentialSource::Query, &secret).await, None);
    assert_eq!(of(CredentialSource::Query, "ann").await, None);
    site.host.world().broken.directory = true;
    assert!(site.engine().caller(&Credential::new(CredentialSource::Header, &secret), None).await.is_err());
}
