//! Nobody gets more than they were given by way of a bot.

use jackfield::engine::Caller;

use super::*;

async fn caller(site: &Site, token: &str) -> Caller {
    let request = Request::get("/").header("Authorization", format!("Bearer {token}")).body(()).unwrap();
    site.engine().authenticate(&request.into_parts().0).await.unwrap().unwrap()
}

async fn may_edit(site: &Site, user: &str, target: UserId) -> bool {
    site.engine().may_edit_user(&caller(site, user).await, target).await.unwrap()
}

async fn may_set_picture(site: &Site, user: &str, target: UserId) -> bool {
    site.engine().may_set_picture(&caller(site, user).await, target).await.unwrap()
}

/// BOT-21, all rows, for each way of managing.
#[tokio::test]
async fn to_manage_a_bot_takes_the_permission_for_ones_own_or_for_those_of_others() {
    use Permission as P;
    let (manage, others, read, read_others) =
        (P::MANAGE_BOTS, P::MANAGE_OTHERS_BOTS, P::READ_BOTS, P::READ_OTHERS_BOTS);
    let rows: [(bool, Vec<Permission>, u16); 6] = [
        (true, vec![manage.clone()], 200),
        (true, vec![others.clone(), read.clone()], 403),
        (true, vec![others.clone(), read_others.clone()], 404),
        (false, vec![others.clone()], 200),
        (false, vec![manage.clone(), read.clone(), read_others.clone()], 403),
        (false, vec![manage, read], 404),
    ];
    for (owns, permissions, status) in rows {
        let site = site().await;
        let id = make(&site, "robot").await;
        if owns {
            post(&site, "admin", &format!("/bots/{id}/assign/{}", site.ann)).await;
        }
        grant(&site, site.ann, &permissions);
        let path = format!("/bots/{id}");
        let own = format!("{path}/assign/{}", if owns { site.ann } else { site.admin });
        let ways = [
            ("PUT", path.clone(), r#"{"display_name":"x"}"#),
            ("POST", format!("{path}/disable"), ""),
            ("POST", format!("{path}/enable"), ""),
            ("POST", own, ""),
        ];
        for (method, path, body) in ways {
            let answer = ask(&site, "ann", method, &path, body).await;
            let want = if status == 403 { FORBIDDEN } else { NO_BOT };
            assert_eq!(answer.status, status, "{owns} {permissions:?} {method} {path}");
            assert!(status == 200 || answer.id() == want, "{answer:?}");
        }
        assert_eq!(may_edit(&site, "ann", id).await, status == 200, "{owns} {permissions:?}");
    }
}

/// BOT-18: a token that leaked makes no more tokens, and changes nothing of its bot but the picture (B20).
#[tokio::test]
async fn a_bot_does_not_manage_itself() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let_in(&site, id, "robot");
    grant(&site, id, &[Permission::MANAGE_BOTS, Permission::EDIT_OTHER_USERS]);
    assert_eq!(ask(&site, "robot", "PUT", &format!("/bots/{id}"), r#"{"display_name":"I"}"#).await.status, 404);
    for path in [format!("/bots/{id}/assign/me"), format!("/bots/{id}/disable"), format!("/bots/{id}/assign/{id}")] {
        assert_eq!(post(&site, "robot", &path).await.status, 404, "{path}");
    }
    assert!(!may_edit(&site, "robot", id).await);
    assert!(may_set_picture(&site, "robot", id).await);
    let other = make(&site, "other").await;
    assert!(!may_set_picture(&site, "robot", other).await);
    grant(&site, id, &[Permission::MANAGE_OTHERS_BOTS]);
    assert!(may_edit(&site, "robot", id).await, "unless its roles say so");
    assert!(may_set_picture(&site, "robot", other).await);
}

/// Not even an administrator makes a bot the owner of itself, or of another.
#[tokio::test]
async fn a_bot_is_not_made_owner_of_itself() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let answer = post(&site, "admin", &format!("/bots/{id}/assign/{id}")).await;
    assert_eq!((answer.brief(), answer.detail()), ((403, FORBIDDEN.into()), "permission `assign_bot`".to_owned()));
    assert_eq!(show(&site, id).await["owner_id"], json!(site.admin));
}

/// Who manages users does not thereby manage bots (CVE-2023-5159).
#[tokio::test]
async fn a_user_manager_edits_users_but_no_bots() {
    let site = site().await;
    let id = make(&site, "robot").await;
    grant(&site, site.ann, &[Permission::EDIT_OTHER_USERS]);
    assert!(may_edit(&site, "ann", site.bob).await);
    assert!(!may_edit(&site, "ann", id).await && !may_set_picture(&site, "ann", id).await);
    assert!(!may_edit(&site, "ann", site.bot).await, "nor a bot that the host made for itself");
    assert!(!may_edit(&site, "ann", site.admin).await, "nor administrators");
    assert!(!may_edit(&site, "ann", UserId::parse(UNKNOWN).unwrap()).await);
    for (path, method) in [(format!("/bots/{id}"), "PUT"), (format!("/bots/{id}/assign/me"), "POST")] {
        assert_eq!(ask(&site, "ann", method, &path, "{}").await.status, 404);
    }
}

/// BOT-17.
#[tokio::test]
async fn users_act_on_themselves_and_administrators_on_all() {
    let site = site().await;
    let id = make(&site, "robot").await;
    assert!(may_edit(&site, "bob", site.bob).await && may_set_picture(&site, "bob", site.bob).await);
    assert!(!may_edit(&site, "bob", site.ann).await && !may_set_picture(&site, "bob", site.ann).await);
    for user in [site.ann, site.admin, id, site.bot, UserId::parse(UNKNOWN).unwrap()] {
        assert!(may_edit(&site, "admin", user).await);
    }
    let_in(&site, site.bot, "hosts-own");
    assert!(!may_edit(&site, "hosts-own", site.bot).await && may_set_picture(&site, "hosts-own", site.bot).await);
}

/// To give a bot away is to lose it, and nobody but an administrator of bots takes one (BOT-40, BOT-41).
#[tokio::test]
async fn who_gives_a_bot_away_has_it_no_more() {
    let site = site().await;
    let id = make(&site, "robot").await;
    post(&site, "admin", &format!("/bots/{id}/assign/{}", site.ann)).await;
    for user in [site.ann, site.bob] {
        grant(&site, user, &[Permission::MANAGE_BOTS, Permission::READ_BOTS]);
    }
    assert_eq!(post(&site, "bob", &format!("/bots/{id}/assign/me")).await.status, 404);
    assert_eq!(post(&site, "ann", &format!("/bots/{id}/assign/{}", site.bob)).await.status, 200);
    assert_eq!(post(&site, "ann", &format!("/bots/{id}/assign/me")).await.status, 404);
    assert_eq!(post(&site, "bob", &format!("/bots/{id}/disable")).await.status, 200);
}

/// The right to make bots is the user's, not that of a bot which an administrator gave all rights (BOT-22 #3).
#[tokio::test]
async fn a_bot_makes_no_bots_however_mighty() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let_in(&site, id, "robot");
    site.host.world().admins.insert(id);
    let answer = ask(&site, "robot", "POST", "/bots", r#"{"username":"child"}"#).await;
    assert_eq!(answer.brief(), (403, FORBIDDEN.into()));
    assert_eq!(ask(&site, "robot", "GET", &format!("/bots/{id}"), "").await.status, 200);
}
