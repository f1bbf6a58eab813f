//! Who may (OUT-7 to OUT-12, OUT-30).

use jackfield::port::{Permission, Scope};
use serde_json::json;

use super::{FORBIDDEN, NOT_FOUND, UNKNOWN, URL_PARAMETER, call, hook_with, made, path, shown, site};
use crate::host::get;

const OTHERS: Permission = Permission::MANAGE_OTHERS_OUTGOING_WEBHOOKS;
const OWN: Permission = Permission::MANAGE_OWN_OUTGOING_WEBHOOKS;

/// What is done with one hook, and what it answers when it is done.
const ROUTES: [(&str, &str, u16); 13] = [
    ("GET", "", 200),
    ("PUT", "", 200),
    ("POST", "/regen_token", 200),
    ("GET", "/signing_secret", 200),
    ("POST", "/signing_secret", 200),
    ("DELETE", "/signing_secret", 200),
    ("GET", "/delivery_mode", 200),
    ("GET", "/deliveries", 200),
    ("GET", "/lanes", 200),
    ("GET", "/deliveries/out_a_b_0", 404),
    ("POST", "/deliveries/out_a_b_0/retry", 404),
    ("POST", "/deliveries/out_a_b_0/drop", 404),
    ("DELETE", "", 200),
];

/// Which permissions somebody holds who has made the hook or has not, and whether that is enough.
#[tokio::test]
async fn a_hook_is_for_those_who_manage_their_own_and_made_it_or_manage_those_of_others() {
    let cases: [(&[Permission], bool, bool); 8] = [
        (&[], false, false),
        (&[], true, false),
        (&[OWN], false, false),
        (&[OWN], true, true),
        (&[OTHERS], false, false),
        (&[OTHERS], true, false),
        (&[OWN, OTHERS], false, true),
        (&[OWN, OTHERS], true, true),
    ];
    for (permissions, own, may) in cases {
        for (method, below, done) in ROUTES {
            let site = site().await;
            let creator = if own { site.bob } else { site.ann };
            let hook = made(&site, "admin", json!({ "creator_id": creator })).await;
            for permission in permissions {
                site.host.world().grant(site.bob, permission.clone(), Scope::Team(site.team));
            }
            let body = hook_with(&site, json!({ "id": hook["id"], "display_name": "changed" })).to_string();
            let answer = call(&site, "bob", method, &format!("{}{below}", path(&hook)), body).await;
            let told = format!("{permissions:?} {own} {method} {below}");
            if may {
                assert_eq!(answer.status, done, "{told}");
            } else {
                assert_eq!(answer.brief(), (403, FORBIDDEN.into()), "{told}");
                assert_eq!(shown(&site, &hook).await, hook, "{told}");
            }
        }
    }
}

#[tokio::test]
async fn rights_in_another_team_or_on_the_channel_are_none_here() {
    let site = site().await;
    let hook = made(&site, "admin", json!({ "channel_id": site.dev, "creator_id": site.bob })).await;
    for scope in [Scope::Team(site.other_team), Scope::Channel(site.dev), Scope::System] {
        for permission in [OWN, OTHERS] {
            site.host.world().grant(site.bob, permission, scope);
        }
    }
    for method in ["GET", "DELETE"] {
        let answer = call(&site, "bob", method, &path(&hook), "").await;
        assert_eq!(
            answer.brief(),
            (403, FORBIDDEN.into()),
            "{method}: it is the host that lets roles of a system count"
        );
    }
}

#[tokio::test]
async fn whether_a_hook_is_there_is_told_before_the_permission() {
    let site = site().await;
    for (method, below, _) in ROUTES {
        let body = json!({ "id": UNKNOWN }).to_string();
        let answer = call(&site, "bob", method, &format!("/{UNKNOWN}{below}"), body).await;
        assert_eq!(answer.brief(), (404, NOT_FOUND.into()), "{method} {below}");
        for id in ["abc", &"x".repeat(27)] {
            let answer = call(&site, "bob", method, &format!("/{id}{below}"), "").await;
            assert_eq!(answer.brief(), (400, URL_PARAMETER.into()), "{method} {id} {below}");
        }
    }
}

#[tokio::test]
async fn every_route_needs_a_session() {
    let site = site().await;
    for path in ["", "/abc", &format!("/{UNKNOWN}"), &format!("/{UNKNOWN}/signing_secret")] {
        let answer = site.send(get(&format!("/api/v4/hooks/outgoing{path}"))).await;
        assert_eq!(answer.brief(), (401, "api.context.session_expired.app_error".into()), "{path}");
        let answer = call(&site, "stranger", "GET", path, "").await;
        assert_eq!(answer.brief(), (401, "api.context.session_expired.app_error".into()), "{path}");
    }
}

/// Rights are asked for again when a change has to be tried again, and when a hook has moved.
#[tokio::test]
async fn a_hook_is_managed_in_the_team_it_is_in() {
    let site = site().await;
    let hook = made(&site, "ann", json!({ "channel_id": site.dev })).await;
    assert_eq!(call(&site, "ann", "GET", &path(&hook), "").await.status, 200);
    let (channel, team) = (site.dev, site.other_team);
    site.engine().notice(jackfield::engine::Notice::ChannelMoved { channel, team }).await.unwrap();
    assert_eq!(call(&site, "ann", "GET", &path(&hook), "").await.brief(), (403, FORBIDDEN.into()));
    site.host.world().grant(site.ann, OWN, Scope::Team(site.other_team));
    assert_eq!(call(&site, "ann", "GET", &path(&hook), "").await.status, 200);
}
