//! Listing, finding, switching, revoking and rotating (BOT-79 to BOT-83, BOT-100, B13 to B15).

use jackfield::engine::Notice;
use jackfield::port::{Permission, Scope};
use serde_json::json;

use super::{BODY, EXPIRED, FORBIDDEN, GONE, audits, call, change, site, token, token_with, used};
use crate::host::Site;

async fn ids(site: &Site, path: &str) -> Vec<String> {
    let list = call(site, "admin", "GET", path, "").await.json();
    list.as_array().unwrap().iter().map(|token| token["id"].as_str().unwrap().to_owned()).collect()
}

async fn found(site: &Site, term: &str) -> Vec<String> {
    let answer = call(site, "admin", "POST", "tokens/search", json!({ "term": term }).to_string()).await;
    assert!(!String::from_utf8_lossy(&answer.body).contains("\"token\""));
    answer.json().as_array().unwrap().iter().map(|token| token["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn lists_are_in_order_of_creation_and_in_pages() {
    let site = site().await;
    let mut made = Vec::new();
    for number in 0..5 {
        site.host.world().milliseconds += 1;
        made.push(token(&site, if number == 2 { site.ann } else { site.bob }).await.0);
    }
    let bobs: Vec<_> = [0, 1, 3, 4].map(|place| made[place].clone()).to_vec();
    let of_bob = |query: &str| format!("{}/tokens{query}", site.bob);
    assert_eq!(ids(&site, "tokens").await, made);
    assert_eq!(ids(&site, &of_bob("")).await, bobs);
    let cases = [
        ("?page=-2", &bobs[..]),
        ("?page=0&per_page=3", &bobs[..3]),
        ("?page=1&per_page=3", &bobs[3..]),
        ("?page=2&per_page=3", &[]),
        ("?per_page=0", &[]),
        ("?page=99999999999999999999", &bobs[..]),
        ("?page=9223372036854775807", &[]),
        ("?per_page=100000", &bobs[..]),
    ];
    for (query, want) in cases {
        assert_eq!(ids(&site, &of_bob(query)).await, want, "{query}");
    }
    assert_eq!(ids(&site, "tokens?page=2&per_page=2").await, made[4..]);
    assert_eq!(ids(&site, "ad96hyy1gtfm38xxyrtwk3hjic/tokens").await, [""; 0]);
}

#[tokio::test]
async fn a_search_finds_what_is_equal() {
    let site = site().await;
    let (one, secret) = token(&site, site.bob).await;
    site.host.world().milliseconds += 1;
    let (two, _) = token(&site, site.bob).await;
    assert_eq!(found(&site, &one).await, [one.as_str()]);
    assert_eq!(found(&site, site.bob.as_str()).await, [one.as_str(), two.as_str()]);
    assert_eq!(found(&site, "bob").await, [one.as_str(), two.as_str()]);
    for term in ["bo", "Bob", "bo%", "%", secret.as_str(), "ann"] {
        assert_eq!(found(&site, term).await, [""; 0], "{term}");
    }
    for (body, status) in [("", 400), (r#"{"term":""}"#, 400), (r#"{"term":5}"#, 400), ("null", 400)] {
        let answer = call(&site, "admin", "POST", "tokens/search", body).await;
        assert_eq!(answer.brief(), (status, BODY.into()), "{body}");
    }
    // The permission comes before the body.
    assert_eq!(call(&site, "bob", "POST", "tokens/search", "").await.brief(), (403, FORBIDDEN.into()));
}

#[tokio::test]
async fn permissions_come_before_what_is_there() {
    let site = site().await;
    let (id, _) = token(&site, site.bob).await;
    let unknown = "ad96hyy1gtfm38xxyrtwk3hjic";
    let named = |id: &str| json!({ "token_id": id }).to_string();
    for word in ["revoke", "disable", "enable", "rotate"] {
        let path = format!("tokens/{word}");
        for body in [String::new(), "{}".into(), named(unknown), named(&id)] {
            assert_eq!(
                call(&site, "ann", "POST", &path, body.clone()).await.status,
                if word == "rotate" && body.is_empty() { 400 } else { 403 },
                "{word} {body}"
            );
        }
        for (body, status, error) in [
            ("{}".to_owned(), 400, BODY),
            (String::new(), 400, BODY),
            (r#"{"token_id":5}"#.to_owned(), 400, BODY),
            (named("x"), 404, GONE),
            (named(unknown), 404, GONE),
            (" ".repeat(400_000), 413, "api.context.request_body_too_large.app_error"),
        ] {
            let answer = call(&site, "admin", "POST", &path, body).await;
            assert_eq!(answer.brief(), (status, error.into()), "{word} {status}");
        }
    }
    for path in ["tokens/abc", "tokens/search", "tokens/revoke"] {
        let answer = call(&site, "admin", "GET", path, "").await;
        assert_eq!(answer.brief(), (400, "api.context.invalid_url_param.app_error".into()), "{path}");
    }
    assert_eq!(call(&site, "admin", "GET", &format!("tokens/{unknown}"), "").await.brief(), (404, GONE.into()));
    for path in ["tokens", &format!("tokens/{id}"), "me/tokens", &format!("tokens/{unknown}")] {
        assert_eq!(call(&site, "ann", "GET", path, "").await.brief(), (403, FORBIDDEN.into()), "{path}");
    }
    assert_eq!(call(&site, "admin", "GET", "abc/tokens", "").await.status, 400);
    assert_eq!(call(&site, "admin", "PUT", "tokens", "").await.header("Allow"), "GET");
}

#[tokio::test]
async fn whoever_may_have_tokens_manages_their_own_alone() {
    let site = site().await;
    for permission in
        [Permission::CREATE_USER_ACCESS_TOKEN, Permission::READ_USER_ACCESS_TOKEN, Permission::REVOKE_USER_ACCESS_TOKEN]
    {
        site.host.world().grant(site.ann, permission, Scope::System);
    }
    let (own, _) = token(&site, site.ann).await;
    let (other, _) = token(&site, site.bob).await;
    for (id, status) in [(&own, 200), (&other, 403)] {
        assert_eq!(call(&site, "ann", "GET", &format!("tokens/{id}"), "").await.status, status);
        for word in ["disable", "enable", "rotate", "revoke"] {
            let answer =
                call(&site, "ann", "POST", &format!("tokens/{word}"), json!({ "token_id": id }).to_string()).await;
            assert_eq!(answer.status, status, "{word}");
        }
    }
    assert_eq!(call(&site, "ann", "GET", "me/tokens", "").await.json(), json!([]));
    assert_eq!(call(&site, "ann", "GET", &format!("{}/tokens", site.bob), "").await.status, 403);
}

#[tokio::test]
async fn disabled_and_revoked_tokens_open_nothing_from_the_answer_on() {
    let site = site().await;
    let (id, secret) = token(&site, site.bob).await;
    let before = site.host.world().observed.len();
    assert_eq!(used(&site, &secret).await, Ok(()));
    for _ in 0..2 {
        assert_eq!(change(&site, "disable", &id).await, (200, r#"{"status":"OK"}"#.into()));
        assert_eq!(used(&site, &secret).await, Err(EXPIRED.into()));
    }
    assert_eq!(call(&site, "admin", "GET", &format!("tokens/{id}"), "").await.json()["is_active"], false);
    for _ in 0..2 {
        assert_eq!(change(&site, "enable", &id).await, (200, r#"{"status":"OK"}"#.into()));
        assert_eq!(used(&site, &secret).await, Ok(()));
    }
    assert_eq!(change(&site, "revoke", &id).await, (200, r#"{"status":"OK"}"#.into()));
    assert_eq!(used(&site, &secret).await, Err(EXPIRED.into()));
    for word in ["revoke", "disable", "enable"] {
        assert_eq!(change(&site, word, &id).await, (404, GONE.into()), "{word}");
    }
    let told = audits(&site, before).join("\n");
    let expected =
        ["disable", "enable", "revoke"].map(|word| format!("{id} of {}: {word} by {}: done", site.bob, site.admin));
    for line in expected {
        assert!(told.contains(&line), "{line}\n{told}");
    }
    for cause in ["jackfield.token.disabled", "jackfield.token.unknown"] {
        assert!(told.contains(&format!("refused: {cause}")), "{cause}\n{told}");
    }
    let ended: Vec<_> = site.host.world().ended.iter().map(|session| session.to_string()).collect();
    assert_eq!(ended, [id.as_str(); 3]);
}

#[tokio::test]
async fn a_new_secret_takes_the_place_of_the_old_one() {
    let site = site().await;
    let (id, first) = token(&site, site.bob).await;
    let rotate = async |body: serde_json::Value| {
        let answer = call(&site, "admin", "POST", "tokens/rotate", body.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    };
    let made = rotate(json!({ "token_id": id })).await;
    let second = made["token"].as_str().unwrap().to_owned();
    assert_eq!(made["id"], json!(id));
    assert!(used(&site, &first).await.is_err());
    assert_eq!(used(&site, &second).await, Ok(()));

    let now = site.host.world().milliseconds;
    let made = rotate(json!({ "token_id": id, "grace_seconds": 10, "expires_at": now + 60_000 })).await;
    assert_eq!(made["expires_at"], now + 60_000);
    let third = made["token"].as_str().unwrap().to_owned();
    assert_eq!((used(&site, &second).await, used(&site, &third).await), (Ok(()), Ok(())));
    assert_eq!(call(&site, "admin", "GET", "tokens", "").await.json().as_array().unwrap().len(), 1);
    site.host.world().milliseconds += 10_000;
    assert!(used(&site, &second).await.is_err());
    assert!(audits(&site, 0).last().unwrap().ends_with("jackfield.token.rotated"));
    assert_eq!(used(&site, &third).await, Ok(()));

    // Disabling and revoking end both; the settings give the grace that a request does not.
    site.configure(|settings| settings.tokens.rotation_grace = time::Duration::minutes(1));
    let fourth = rotate(json!({ "token_id": id })).await["token"].as_str().unwrap().to_owned();
    assert_eq!((used(&site, &third).await, used(&site, &fourth).await), (Ok(()), Ok(())));
    change(&site, "disable", &id).await;
    assert!(used(&site, &third).await.is_err() && used(&site, &fourth).await.is_err());
    change(&site, "enable", &id).await;
    assert_eq!((used(&site, &third).await, used(&site, &fourth).await), (Ok(()), Ok(())));
    change(&site, "revoke", &id).await;
    assert!(used(&site, &third).await.is_err() && used(&site, &fourth).await.is_err());
    for body in [json!({ "token_id": id }), json!({ "token_id": "" })] {
        assert!(call(&site, "admin", "POST", "tokens/rotate", body.to_string()).await.status >= 400);
    }
}

#[tokio::test]
async fn tokens_of_a_deleted_user_end() {
    let site = site().await;
    let (id, secret) = token(&site, site.bob).await;
    let body = json!({ "token_id": id, "grace_seconds": 100 }).to_string();
    let rotated = call(&site, "admin", "POST", "tokens/rotate", body).await.json();
    let (other, kept) = token(&site, site.ann).await;
    site.engine().notice(Notice::UserDeleted(site.bob)).await.unwrap();
    assert!(used(&site, &secret).await.is_err());
    assert!(used(&site, rotated["token"].as_str().unwrap()).await.is_err());
    assert_eq!(used(&site, &kept).await, Ok(()));
    assert_eq!(ids(&site, "tokens").await, [other]);
    site.engine().notice(Notice::UserDeleted(site.bob)).await.unwrap();
}

#[tokio::test]
async fn who_asks_is_told_more() {
    let site = site().await;
    let made = token_with(&site, site.bob, json!({ "description": "ci", "scopes": ["create_post"] })).await;
    let (id, secret) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let now = site.host.world().milliseconds;
    let shown = async || call(&site, "admin", "GET", &format!("tokens/{id}?details=true"), "").await.json();
    let mut want = json!({
        "id": id, "user_id": site.bob, "description": "ci", "is_active": true, "scopes": ["create_post"],
        "created_at": now, "created_by": site.admin,
    });
    assert_eq!(shown().await, want);
    used(&site, secret).await.unwrap();
    want["last_used_at"] = json!(now);
    assert_eq!(shown().await, want);
    assert_eq!(call(&site, "admin", "GET", "tokens?details=true", "").await.json(), json!([want]));
    assert!(call(&site, "admin", "GET", "tokens", "").await.json()[0].get("created_at").is_none());
}
