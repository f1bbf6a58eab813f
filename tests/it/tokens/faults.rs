//! A storage, a directory or a host that fails (the 500s of BOT-74 to BOT-83, B2).

use jackfield::port::RefusedKind;
use serde_json::json;

use super::{call, change, site, token, used};

#[tokio::test]
async fn a_failing_storage_is_told_by_its_id_and_changes_nothing() {
    let site = site().await;
    let (id, secret) = token(&site, site.bob).await;
    let of_bob = format!("{}/tokens", site.bob);
    let named = json!({ "token_id": id }).to_string();
    let term = json!({ "term": id }).to_string();
    let cases = [
        ("POST", of_bob.as_str(), r#"{"description":"x"}"#, "app.user_access_token.save.app_error"),
        ("GET", &of_bob, "", "app.user_access_token.get_by_user.app_error"),
        ("GET", "tokens", "", "app.user_access_token.get_all.app_error"),
        ("POST", "tokens/search", &term, "app.user_access_token.search.app_error"),
        ("GET", &format!("tokens/{id}"), "", "app.user_access_token.get_by_user.app_error"),
        ("POST", "tokens/revoke", &named, "app.user_access_token.delete.app_error"),
        ("POST", "tokens/disable", &named, "app.user_access_token.update_token_disable.app_error"),
        ("POST", "tokens/enable", &named, "app.user_access_token.update_token_enable.app_error"),
        ("POST", "tokens/rotate", &named, "app.user_access_token.save.app_error"),
    ];
    for (method, path, body, error) in cases {
        site.host.world().broken.storage = true;
        let answer = call(&site, "admin", method, path, body.to_owned()).await;
        assert_eq!(answer.brief(), (500, error.into()), "{path}");
        site.host.world().broken.storage = false;
        assert_eq!(used(&site, &secret).await, Ok(()), "{path}");
    }
}

#[tokio::test]
async fn whichever_port_fails_first_a_change_is_done_whole_or_not_at_all() {
    for (word, works_after) in [("disable", false), ("revoke", false)] {
        for calls in 0.. {
            let site = site().await;
            let (id, secret) = token(&site, site.bob).await;
            let body = json!({ "token_id": id, "grace_seconds": 60 }).to_string();
            let rotated = call(&site, "admin", "POST", "tokens/rotate", body).await.json();
            let secrets = [secret.as_str(), rotated["token"].as_str().unwrap()];
            site.host.world().broken.after = Some(calls);
            let (status, _) = change(&site, word, &id).await;
            site.host.world().broken.after = None;
            for secret in secrets {
                assert_eq!(used(&site, secret).await.is_ok(), status != 200 || works_after, "{word} {calls}");
            }
            if status == 200 && calls > 3 {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_host_that_does_not_close_sockets_is_told_of_and_no_more() {
    let site = site().await;
    let (id, secret) = token(&site, site.bob).await;
    site.host.world().broken.sink = Some(RefusedKind::Failed);
    assert_eq!(change(&site, "revoke", &id).await.0, 200);
    assert!(site.observed().starts_with("fault: "), "{}", site.observed());
    assert!(used(&site, &secret).await.is_err());
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_a_fault_and_what_cannot_be_noted_is_none() {
    let site = site().await;
    let (_, secret) = token(&site, site.admin).await;
    site.host.world().broken.storage = true;
    assert_eq!(used(&site, &secret).await, Err("jackfield.session.lookup".into()));
    site.host.world().broken.storage = false;
    assert_eq!(used(&site, &secret).await, Ok(()));
    // Warm, and a minute later: the use is to be written down, which fails, and the request goes on.
    site.host.world().milliseconds += 600_000;
    let warm = used(&site, &secret).await;
    assert_eq!(warm, Ok(()));
    site.host.world().milliseconds += 1_000;
    used(&site, &secret).await.unwrap();
    site.host.world().broken.storage = true;
    assert_eq!(call(&site, &secret, "POST", "tokens/search", "").await.status, 400);
    assert!(site.engine().flush().await.is_ok());
    site.host.world().broken.storage = false;
    site.host.world().milliseconds += 600_000;
    assert_eq!(used(&site, &secret).await, Ok(()));
    site.host.world().broken.directory = true;
    assert_eq!(used(&site, &secret).await, Err("jackfield.session.lookup".into()));
}
