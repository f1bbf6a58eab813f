//! `/api/v4/commands` (CMD-1 to CMD-18).

use jackfield::engine::Notice;
use jackfield::port::{Permission, Scope};
use serde_json::{Value, json};

use super::{BODY, DISABLED, DUPLICATE, FORBIDDEN, GONE, UNKNOWN, call, command_with, made, path, site, typed};
use crate::host::Site;

async fn listed(site: &Site, user: &str) -> Vec<Value> {
    let answer = call(site, user, "GET", &format!("?team_id={}&custom_only=true", site.team), "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json().as_array().unwrap().clone()
}

#[tokio::test]
async fn a_command_is_made_shown_listed_changed_and_deleted() {
    let site = site().await;
    let command = made(&site, "ann", json!({ "trigger": "Deploy", "display_name": "D" })).await;
    assert_eq!((&command["trigger"], &command["creator_id"]), (&json!("deploy"), &json!(site.ann)));
    assert_eq!(command["token"].as_str().unwrap().len(), 26);
    assert_eq!(command.as_object().unwrap().len(), 18, "{command}");
    let own = path(&command);
    assert_eq!(call(&site, "ann", "GET", &own, "").await.json(), command);
    assert_eq!(listed(&site, "ann").await, std::slice::from_ref(&command));
    let body = command_with(&site, json!({ "id": command["id"], "trigger": "ship", "token": "x" }));
    let changed = call(&site, "ann", "PUT", &own, body.to_string()).await.json();
    assert_eq!((&changed["trigger"], &changed["display_name"]), (&json!("ship"), &json!("")));
    assert_eq!(changed["token"], command["token"]);
    let token = call(&site, "ann", "PUT", &format!("{own}/regen_token"), "").await.json();
    assert_eq!(token.as_object().unwrap().len(), 1);
    assert_ne!(token["token"], command["token"]);
    assert_eq!(call(&site, "ann", "GET", &own, "").await.json()["token"], token["token"]);
    assert_eq!(call(&site, "ann", "DELETE", &own, "").await.json(), json!({ "status": "OK" }));
    assert_eq!(call(&site, "ann", "DELETE", &own, "").await.brief(), (404, GONE.into()));
    assert!(listed(&site, "ann").await.is_empty());
    made(&site, "ann", json!({})).await;
}

#[tokio::test]
async fn each_creation_that_is_refused_says_why() {
    let site = site().await;
    made(&site, "admin", json!({ "trigger": "taken" })).await;
    let invalid = |member: &str| format!("model.command.is_valid.{member}.app_error");
    let long = "x".repeat(1_025);
    let cases = [
        (json!({ "team_id": "" }), 403, FORBIDDEN.to_owned()),
        (json!({ "team_id": site.other_team }), 403, FORBIDDEN.into()),
        (json!({ "creator_id": site.bob }), 403, FORBIDDEN.into()),
        (json!({ "trigger": "TAKEN" }), 400, DUPLICATE.into()),
        (json!({ "trigger": "shrug" }), 400, DUPLICATE.into()),
        (json!({ "id": UNKNOWN }), 400, BODY.into()),
        (json!({ "token": "short" }), 400, invalid("token")),
        (json!({ "plugin_id": "abc" }), 400, invalid("plugin_id")),
        (json!({ "trigger": "/x" }), 400, invalid("trigger")),
        (json!({ "trigger": "été" }), 400, invalid("trigger")),
        (json!({ "url": "" }), 400, invalid("url")),
        (json!({ "url": "ftp://h" }), 400, invalid("url_http")),
        (json!({ "method": "X" }), 400, invalid("method")),
        (json!({ "display_name": "x".repeat(65) }), 400, invalid("display_name")),
        (json!({ "description": "x".repeat(129) }), 400, invalid("description")),
        (json!({ "autocomplete_data": { "Trigger": "" } }), 400, invalid("autocomplete_data")),
        (json!({ "username": "x".repeat(65) }), 400, BODY.into()),
        (json!({ "icon_url": long }), 400, BODY.into()),
        (json!({ "method": 5 }), 400, BODY.into()),
    ];
    for (members, status, id) in cases {
        let body = command_with(&site, members.clone()).to_string();
        assert_eq!(call(&site, "ann", "POST", "", body).await.brief(), (status, id), "{members}");
    }
    assert_eq!(call(&site, "ann", "POST", "", "{").await.brief(), (400, BODY.into()));
    let nobody = command_with(&site, json!({ "creator_id": UNKNOWN })).to_string();
    let unknown = call(&site, "admin", "POST", "", nobody).await;
    assert_eq!(unknown.brief(), (404, "app.user.missing_account.const".into()));
    let large = format!("{{\"trigger\":\"{}\"}}", "x".repeat(400_000));
    let large = call(&site, "ann", "POST", "", large).await;
    assert_eq!(large.brief(), (413, "api.context.request_body_too_large.app_error".into()));
    assert_eq!(listed(&site, "admin").await.len(), 1);
}

#[tokio::test]
async fn who_may_not_know_of_a_command_is_told_that_it_is_not_there() {
    let site = site().await;
    let command = made(&site, "admin", json!({})).await;
    let (own, regenerate) = (path(&command), format!("{}/regen_token", path(&command)));
    let update = command_with(&site, json!({ "id": command["id"] })).to_string();
    let cases = [
        ("bob", "GET", &own, "", 404, GONE),
        ("ann", "GET", &own, "", 404, GONE),
        ("bob", "PUT", &own, &*update, 404, GONE),
        ("ann", "PUT", &own, &*update, 403, FORBIDDEN),
        ("bob", "DELETE", &own, "", 404, GONE),
        ("ann", "DELETE", &own, "", 403, FORBIDDEN),
        ("bob", "PUT", &regenerate, "", 404, GONE),
        ("ann", "PUT", &regenerate, "", 403, FORBIDDEN),
    ];
    for (user, method, path, body, status, id) in cases {
        let answer = call(&site, user, method, path, body.to_owned()).await;
        assert_eq!(answer.brief(), (status, id.into()), "{user} {method} {path}");
    }
    let url_parameter = (400, "api.context.invalid_url_param.app_error".into());
    assert_eq!(call(&site, "ann", "GET", "/short", "").await.brief(), url_parameter);
    let other = call(&site, "admin", "PUT", &format!("/{UNKNOWN}"), update).await;
    assert_eq!(other.brief(), (400, BODY.into()), "the body names another command");
}

/// CVE-2026-28732.
#[tokio::test]
async fn no_command_takes_the_word_of_another_by_an_update() {
    let site = site().await;
    made(&site, "admin", json!({ "trigger": "first" })).await;
    let second = made(&site, "ann", json!({ "trigger": "second" })).await;
    for word in ["first", "FIRST", "me"] {
        let body = command_with(&site, json!({ "id": second["id"], "trigger": word })).to_string();
        assert_eq!(call(&site, "ann", "PUT", &path(&second), body).await.brief(), (400, DUPLICATE.into()), "{word}");
    }
    let body = command_with(&site, json!({ "id": second["id"], "trigger": "Second" })).to_string();
    assert_eq!(call(&site, "ann", "PUT", &path(&second), body).await.status, 200, "its own word is no obstacle");
    let body = command_with(&site, json!({ "id": second["id"], "team_id": site.other_team })).to_string();
    let moved = call(&site, "ann", "PUT", &path(&second), body).await;
    assert_eq!(moved.brief(), (400, "api.command.team_mismatch.app_error".into()));
}

#[tokio::test]
async fn a_command_moves_where_its_creator_may_have_commands_and_its_word_is_free() {
    let site = site().await;
    let command = made(&site, "ann", json!({ "trigger": "go" })).await;
    let route = format!("{}/move", path(&command));
    let target = json!({ "team_id": site.other_team }).to_string();
    let moving = async |user: &str, body: &str| call(&site, user, "PUT", &route, body.to_owned()).await.brief();
    assert_eq!(moving("ann", "[]").await, (400, BODY.into()));
    let unknown = json!({ "team_id": UNKNOWN }).to_string();
    assert_eq!(moving("ann", &unknown).await, (404, "app.team.get.find.app_error".into()));
    assert_eq!(moving("ann", &target).await, (403, FORBIDDEN.into()));
    let creator = (400, "api.command.move_command.creator_no_permission.app_error".into());
    assert_eq!(moving("admin", &target).await, creator);
    site.host.world().grant(site.ann, Permission::MANAGE_OWN_SLASH_COMMANDS, Scope::Team(site.other_team));
    let there = made(&site, "admin", json!({ "team_id": site.other_team, "trigger": "go" })).await;
    assert_eq!(moving("ann", &target).await, (400, DUPLICATE.into()));
    assert_eq!(call(&site, "admin", "DELETE", &path(&there), "").await.status, 200);
    assert_eq!(moving("ann", &target).await.0, 200);
    assert_eq!(moving("ann", &target).await.0, 200, "it is there already");
    assert_eq!(call(&site, "ann", "GET", &path(&command), "").await.status, 404, "she does not see that team");
    let after = call(&site, "admin", "GET", &path(&command), "").await.json();
    assert_eq!((&after["team_id"], &after["token"]), (&json!(site.other_team), &command["token"]));
    assert_eq!(typed(&site, "bob", "/go").await.status, 404, "its word calls nothing here any more");
    made(&site, "ann", json!({ "trigger": "go" })).await;
}

#[tokio::test]
async fn while_commands_are_off_they_are_not_there_and_none_is_made() {
    let site = site().await;
    let command = made(&site, "ann", json!({})).await;
    site.configure(|settings| settings.commands.enabled = false);
    let own = path(&command);
    let update = command_with(&site, json!({ "id": command["id"] })).to_string();
    for (method, path, body) in [("GET", &own, ""), ("PUT", &own, &*update), ("DELETE", &own, "")] {
        assert_eq!(call(&site, "ann", method, path, body.to_owned()).await.brief(), (404, GONE.into()), "{method}");
    }
    let create = command_with(&site, json!({ "trigger": "new" })).to_string();
    assert_eq!(call(&site, "ann", "POST", "", create).await.brief(), (501, DISABLED.into()));
    let list = call(&site, "ann", "GET", &format!("?team_id={}&custom_only=true", site.team), "").await;
    assert_eq!(list.brief(), (501, DISABLED.into()));
    assert_eq!(typed(&site, "ann", "/me waves").await.brief(), (501, DISABLED.into()));
    site.configure(|settings| settings.commands.built_ins_when_disabled = true);
    assert_eq!(typed(&site, "ann", "/me waves").await.status, 200);
}

#[tokio::test]
async fn lists_show_secrets_to_those_alone_who_manage() {
    let site = site().await;
    let own = made(&site, "ann", json!({ "trigger": "own", "auto_complete": true })).await;
    made(&site, "admin", json!({ "trigger": "other", "auto_complete": true })).await;
    assert_eq!(listed(&site, "ann").await, std::slice::from_ref(&own));
    assert_eq!(listed(&site, "admin").await.len(), 2);
    let route = format!("?team_id={}", site.team);
    let refused = call(&site, "bob", "GET", &format!("{route}&custom_only=1"), "").await;
    assert_eq!(refused.brief(), (403, FORBIDDEN.into()));
    assert_eq!(call(&site, "bob", "GET", "", "").await.brief(), (400, BODY.into()));
    let foreign = call(&site, "bob", "GET", &format!("?team_id={}", site.other_team), "").await;
    assert_eq!(foreign.brief(), (403, FORBIDDEN.into()));
    for (user, words) in [("bob", ["own", "other"].as_slice()), ("ann", ["own"].as_slice())] {
        let all = call(&site, user, "GET", &route, "").await.json();
        let all = all.as_array().unwrap();
        assert!(all.iter().all(|command| command["token"] == "" && command["url"] == ""), "{all:?}");
        for word in words.iter().chain(&["me", "shrug", "code", "echo", "help"]) {
            assert!(all.iter().any(|command| command["trigger"] == *word), "{user} {word}");
        }
    }
}

#[tokio::test]
async fn commands_go_with_their_team_and_their_creator() {
    let site = site().await;
    made(&site, "ann", json!({ "trigger": "one" })).await;
    let two = made(&site, "admin", json!({ "trigger": "two" })).await;
    site.engine().notice(Notice::UserDeactivated(site.ann)).await.unwrap();
    assert_eq!(listed(&site, "admin").await.len(), 2);
    site.engine().notice(Notice::UserDeleted(site.ann)).await.unwrap();
    assert_eq!(listed(&site, "admin").await, std::slice::from_ref(&two));
    made(&site, "admin", json!({ "trigger": "one" })).await;
    site.engine().notice(Notice::TeamDeleted(site.team)).await.unwrap();
    assert!(listed(&site, "admin").await.is_empty());
    made(&site, "admin", json!({ "trigger": "two" })).await;
}

#[tokio::test]
async fn commands_are_there_after_a_restart_and_on_another_node() {
    let site = super::site_with(|settings| {
        settings.keys = vec![jackfield::security::MasterKey::new([7; 32])];
    })
    .await;
    let command = made(&site, "ann", json!({})).await;
    let tree = json!({ "Trigger": "", "HelpText": "Ship", "RoleID": "system_user", "Hint": "", "Arguments": [],
        "SubCommands": [] });
    let route = format!("{}/autocomplete", path(&command));
    assert_eq!(call(&site, "ann", "PUT", &route, tree.to_string()).await.status, 200);
    let other = site
        .restarted(|settings| {
            settings.keys = vec![jackfield::security::MasterKey::new([7; 32])];
            settings.site_url = url::Url::parse("https://chat.example/").ok();
        })
        .await
        .unwrap();
    assert_eq!(listed(&other, "ann").await.len(), 1);
    assert_eq!(call(&other, "ann", "GET", &route, "").await.json()["Trigger"], "deploy");
    super::answers(&other, &["{}"]);
    assert_eq!(typed(&other, "ann", "/deploy web").await.status, 200);
    assert_eq!(super::field(&other, "token"), command["token"]);
}
