//! A bot from its making on.

use http::Request;
use serde_json::json;

use super::*;
use crate::host::START;

/// BOT-1, BOT-5, BOT-11.
#[tokio::test]
async fn a_bot_is_made_with_an_account_and_shown_with_its_tag() {
    let site = site().await;
    let body = json!({
        "username": "robot", "display_name": "Release robot", "description": "posts <releases>", "user_id": site.ann,
        "owner_id": site.ann, "create_at": 1, "update_at": 1, "delete_at": 1, "last_icon_update": 5, "unknown": [1],
    });
    let made = ask(&site, "admin", "POST", "/bots", body.to_string()).await;
    let id = UserId::parse(made.json()["user_id"].as_str().unwrap()).unwrap();
    let want = json!({
        "user_id": id, "username": "robot", "display_name": "Release robot", "description": "posts <releases>",
        "owner_id": site.admin, "create_at": START, "update_at": START, "delete_at": 0,
    });
    assert_eq!((made.status, made.json()), (201, want.clone()));
    let shown = ask(&site, "admin", "GET", &format!("/bots/{id}"), "").await;
    assert_eq!((shown.status, shown.json()), (200, want));
    assert_eq!(
        (shown.header("etag"), shown.header("content-type")),
        (&*format!("11.6.0.{id}.{START}"), "application/json")
    );
    let account = account(&site, id);
    let got = (account.username.as_str(), account.first_name.as_str(), account.is_bot, account.deactivated);
    assert_eq!(got, ("robot", "Release robot", true, false));
    assert_eq!(site.host.world().descriptions[&id], "posts <releases>");
    assert_eq!(audits(&site), [format!("bot {id}: create by {}: done", site.admin)]);
}

/// BOT-23.
#[tokio::test]
async fn a_new_bot_writes_to_its_owner_and_is_there_even_if_it_cannot() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let welcome = site.last();
    assert_eq!((welcome.draft.user_id, welcome.draft.post_type.as_str()), (id, "add_bot_teams_channels"));
    let channel = site.host.world().channel(welcome.channel).name.clone();
    assert_eq!(channel, jackfield::port::Channel::direct_name(id, site.admin));
    assert_eq!(site.posts().len(), 1);
    site.host.world().posts_are_refused = true;
    let id = make(&site, "second").await;
    assert_eq!(show(&site, id).await["username"], "second");
    let observed = site.host.world().observed.clone();
    assert!(observed.iter().any(|line| line.starts_with("fault")), "{observed:?}");
    assert_eq!(site.posts().len(), 1);
}

/// BOT-25 to BOT-28, BOT-14.
#[tokio::test]
async fn a_patch_changes_record_and_account_and_one_that_says_nothing_does_not() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let path = format!("/bots/{id}");
    site.host.world().milliseconds += 10;
    let body = json!({ "username": "renamed", "display_name": "Renamed", "description": "new", "owner_id": site.ann });
    let changed = ask(&site, "admin", "PUT", &path, body.to_string()).await;
    let want = json!({
        "user_id": id, "username": "renamed", "display_name": "Renamed", "description": "new",
        "owner_id": site.admin, "create_at": START, "update_at": START + 10, "delete_at": 0,
    });
    assert_eq!((changed.status, changed.json()), (200, want.clone()));
    assert_eq!(account(&site, id).username, "renamed");
    assert_eq!(account(&site, id).first_name, "Renamed");
    assert_eq!(site.host.world().descriptions[&id], "new");
    site.host.world().milliseconds += 10;
    for nothing in ["{}", r#"{"username":null,"display_name":null}"#, &body.to_string()] {
        let same = ask(&site, "admin", "PUT", &path, nothing.to_owned()).await;
        assert_eq!((same.status, same.json()), (200, want.clone()), "{nothing}");
    }
    let tag = format!("11.6.0.{id}.{}", START + 10);
    let conditional = |value: &str| {
        let request = Request::get(format!("/api/v4{path}")).header("Authorization", "Bearer admin");
        site.send(request.header("If-None-Match", value).body(Bytes::new()).unwrap())
    };
    let same = conditional(&tag).await;
    assert_eq!((same.status, same.body.len(), same.header("etag")), (304, 0, tag.as_str()));
    assert_eq!(same.header("content-type"), "");
    for other in ["", &format!("\"{tag}\""), &format!("W/{tag}"), &format!("{tag}, {tag}"), "*"] {
        assert_eq!(conditional(other).await.status, 200, "{other:?}");
    }
    let cleared = ask(&site, "admin", "PUT", &path, r#"{"display_name":"","description":""}"#).await.json();
    assert_eq!((cleared.get("display_name"), cleared.get("description")), (None, None));
    assert_eq!(conditional(&tag).await.status, 200);
}

/// BOT-32 to BOT-35, BOT-29.
#[tokio::test]
async fn a_bot_is_disabled_and_enabled_as_often_as_one_likes() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let (on_path, off_path) = (format!("/bots/{id}/enable"), format!("/bots/{id}/disable"));
    let enable = || post(&site, "admin", &on_path);
    let disable = || ask(&site, "admin", "POST", &off_path, "[no json");
    assert_eq!(enable().await.json()["update_at"], START, "what is enabled is left alone");
    site.host.world().milliseconds += 10;
    let off = disable().await;
    let got = (off.status, off.json()["delete_at"].clone(), off.json()["update_at"].clone());
    assert_eq!(got, (200, json!(START + 10), json!(START + 10)));
    assert!(account(&site, id).deactivated);
    site.host.world().milliseconds += 10;
    assert_eq!(disable().await.json(), off.json());
    let path = format!("/bots/{id}");
    for (query, status) in [("", 404), ("?include_deleted=yes", 404), ("?include_deleted=1", 200)] {
        assert_eq!(ask(&site, "admin", "GET", &format!("{path}{query}"), "").await.status, status, "{query}");
    }
    let patched = ask(&site, "admin", "PUT", &path, r#"{"display_name":"Asleep"}"#).await.json();
    assert_eq!((patched["display_name"].clone(), patched["delete_at"].clone()), (json!("Asleep"), json!(START + 10)));
    assert!(account(&site, id).deactivated, "a patch wakes nobody");
    site.host.world().milliseconds += 10;
    let on = enable().await.json();
    assert_eq!((on["delete_at"].clone(), on["update_at"].clone()), (json!(0), json!(START + 30)));
    assert!(!account(&site, id).deactivated);
    // BOT-52: what drifted apart is mended.
    site.host.world().user(id).deactivated = true;
    assert_eq!(enable().await.json(), on);
    assert!(!account(&site, id).deactivated);
    let words: Vec<_> = audits(&site).iter().map(|line| line.split(' ').nth(2).unwrap().to_owned()).collect();
    assert_eq!(words, ["create", "enable", "disable", "disable", "update", "enable", "enable"]);
}

/// BOT-37 to BOT-42, B24.
#[tokio::test]
async fn a_bot_is_given_to_another_who_is_told() {
    let site = site().await;
    let id = make(&site, "robot").await;
    post(&site, "admin", &format!("/bots/{id}/disable")).await;
    let before = show(&site, id).await;
    let assigned = post(&site, "admin", &format!("/bots/{id}/assign/{}", site.ann)).await;
    assert_eq!((assigned.status, assigned.json()["owner_id"].clone()), (200, json!(site.ann)));
    assert_eq!(assigned.json()["delete_at"], before["delete_at"], "it stays disabled");
    assert!(assigned.json()["update_at"].as_i64() > before["update_at"].as_i64());
    let told = site.last();
    assert_eq!((told.draft.user_id, told.draft.post_type.as_str()), (id, "system_generic"));
    assert_eq!(told.draft.destination, jackfield::post::Destination::Direct(id, site.ann));
    let posts = site.posts().len();
    let again = post(&site, "admin", &format!("/bots/{id}/assign/{}", site.ann)).await.json();
    assert!(again["update_at"].as_i64() > assigned.json()["update_at"].as_i64());
    let taken = post(&site, "admin", &format!("/bots/{id}/assign/me")).await.json();
    assert_eq!(taken["owner_id"], json!(site.admin));
    assert_eq!(site.posts().len(), posts, "nobody is told what they know");
    assert_eq!(audits(&site).iter().filter(|line| line.contains(": assign by")).count(), 3);
    site.host.world().broken.sink = Some(jackfield::port::RefusedKind::Failed);
    assert_eq!(post(&site, "admin", &format!("/bots/{id}/assign/{}", site.bob)).await.status, 200);
}

#[tokio::test]
async fn an_owner_who_is_deactivated_is_refused_where_the_operator_says_so() {
    let site = site().await;
    let id = make(&site, "robot").await;
    site.host.world().user(site.ann).deactivated = true;
    let path = format!("/bots/{id}/assign/{}", site.ann);
    assert_eq!(post(&site, "admin", &path).await.status, 200);
    site.configure(|settings| settings.bots.refuse_deactivated_owners = true);
    assert_eq!(post(&site, "admin", &path).await.brief(), (400, URL.into()));
}

/// BOT-22 #7.
#[tokio::test]
async fn of_two_who_make_a_bot_of_one_name_one_does() {
    let site = site().await;
    let body = json!({ "username": "robot" }).to_string();
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let (site, body) = (site.clone(), body.clone());
            tokio::spawn(async move { ask(&site, "admin", "POST", "/bots", body).await })
        })
        .collect();
    let mut answers = Vec::new();
    for racer in racers {
        answers.push(racer.await.unwrap());
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.brief() == (400, TAKEN.into())).count(), 7);
    let listed = ask(&site, "admin", "GET", "/bots?include_deleted=true", "").await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(site.host.world().users.iter().filter(|user| user.username == "robot").count(), 1);
}
