//! What becomes of bots when users change, go, and come back.

use jackfield::engine::Notice;
use jackfield::port::RefusedKind;
use jackfield::post::Destination;

use super::*;
use crate::host::START;

async fn tell(site: &Site, notice: Notice) {
    site.engine().notice(notice).await.unwrap();
}

/// Ann owns so many bots.
async fn anns(site: &Site, count: usize) -> Vec<UserId> {
    grant(site, site.ann, &[Permission::CREATE_BOT]);
    let mut bots = Vec::new();
    for number in 0..count {
        bots.push(make_by(site, "ann", &format!("bot{number}")).await);
    }
    bots
}

fn deactivate(site: &Site, user: UserId) {
    site.host.world().user(user).deactivated = true;
}

/// What the administrator was told as one.
fn notices(site: &Site) -> Vec<crate::host::Stored> {
    let is_notice = |post: &crate::host::Stored| post.draft.post_type == "system_generic";
    site.posts().into_iter().filter(is_notice).collect()
}

/// BOT-53, B9, B25, B26.
#[tokio::test]
async fn bots_go_with_their_owner_and_administrators_hear_of_all_of_them() {
    let site = site().await;
    let bots = anns(&site, 450).await;
    let admins = make(&site, "admins").await;
    deactivate(&site, site.ann);
    tell(&site, Notice::UserDeactivated(site.ann)).await;
    for bot in &bots {
        assert!(account(&site, *bot).deactivated);
    }
    assert!(!account(&site, admins).deactivated);
    assert_eq!(ask(&site, "admin", "GET", "/bots?per_page=200", "").await.json().as_array().unwrap().len(), 2);
    let told = notices(&site);
    let [told] = told.as_slice() else { panic!("{told:?}") };
    let system = site.host.world().users.iter().find(|user| user.username == "system-bot").unwrap().id;
    assert_eq!(told.draft.destination, Destination::Direct(system, site.admin));
    assert!(told.draft.message.starts_with("@ann was deactivated."), "{}", told.draft.message);
    assert!(told.draft.props.attachments[0].title.contains("450"));
    assert_eq!(show(&site, system).await["owner_id"], json!(site.admin));
    tell(&site, Notice::UserDeactivated(site.ann)).await;
    assert_eq!(notices(&site).len(), 1, "there is nothing more to tell");
    site.host.world().user(site.ann).deactivated = false;
    tell(&site, Notice::UserActivated(site.ann)).await;
    assert!(account(&site, bots[0]).deactivated, "they do not come back");
}

#[tokio::test]
async fn bots_stay_where_the_operator_says_so() {
    let site = site().await;
    let bots = anns(&site, 1).await;
    site.configure(|settings| settings.bots.disable_when_owner_is_deactivated = false);
    deactivate(&site, site.ann);
    for _ in 0..2 {
        tell(&site, Notice::UserDeactivated(site.ann)).await;
        assert_eq!(notices(&site).len(), 1);
    }
    assert!(notices(&site)[0].draft.message.contains("still enabled"));
    assert!(!account(&site, bots[0]).deactivated);
    let orphans = ask(&site, "admin", "GET", "/bots?only_orphaned=true", "").await.json();
    assert_eq!(orphans[0]["user_id"], json!(bots[0]));
}

#[tokio::test]
async fn nobody_hears_of_an_owner_without_enabled_bots() {
    let site = site().await;
    let bots = anns(&site, 1).await;
    post(&site, "admin", &format!("/bots/{}/disable", bots[0])).await;
    for user in [site.ann, site.bob] {
        deactivate(&site, user);
        tell(&site, Notice::UserDeactivated(user)).await;
    }
    assert_eq!(notices(&site).len(), 0);
}

/// B25: never as a human who happens to have the name of the system's bot.
#[tokio::test]
async fn nobody_can_pass_for_the_bot_of_the_system() {
    let site = site().await;
    anns(&site, 1).await;
    site.host.world().user(site.bob).username = "system-bot".to_owned();
    deactivate(&site, site.ann);
    tell(&site, Notice::UserDeactivated(site.ann)).await;
    let told = notices(&site);
    assert_eq!(told[0].draft.destination, Destination::Direct(site.admin, site.admin));
}

/// B9: one that cannot be disabled holds up no other.
#[tokio::test]
async fn a_bot_whose_account_is_gone_holds_up_no_other() {
    let site = site().await;
    let bots = anns(&site, 25).await;
    site.host.world().users.retain(|user| !bots[..22].contains(&user.id));
    deactivate(&site, site.ann);
    tell(&site, Notice::UserDeactivated(site.ann)).await;
    assert!(bots[22..].iter().all(|bot| account(&site, *bot).deactivated));
    assert!(audits(&site).contains(&format!("bot {}: disable: refused: {NO_USER}", bots[0])));
}

#[tokio::test]
async fn what_could_not_be_disabled_is_when_it_is_reported_again() {
    let site = site().await;
    let bots = anns(&site, 3).await;
    deactivate(&site, site.ann);
    site.host.world().broken.sink = Some(RefusedKind::Failed);
    assert!(site.engine().notice(Notice::UserDeactivated(site.ann)).await.is_err());
    site.host.world().broken.sink = None;
    tell(&site, Notice::UserDeactivated(site.ann)).await;
    assert!(bots.iter().all(|bot| account(&site, *bot).deactivated));
}

/// B8: bots that own themselves, or each other in a ring.
#[tokio::test]
async fn bots_that_own_each_other_are_disabled_once_each() {
    let site = site().await;
    let bots = anns(&site, 2).await;
    // Bot 0 is Bob's, who becomes a bot that is Ann's, who becomes a bot that is owned by herself.
    post(&site, "admin", &format!("/bots/{}/assign/{}", bots[0], site.bob)).await;
    post(&site, "admin", &format!("/users/{}/convert_to_bot", site.bob)).await;
    post(&site, "admin", &format!("/bots/{}/assign/{}", site.bob, site.ann)).await;
    post(&site, "admin", &format!("/users/{}/convert_to_bot", site.ann)).await;
    let off = post(&site, "admin", &format!("/bots/{}/disable", site.ann)).await;
    assert_eq!(off.status, 200);
    for bot in [site.ann, site.bob, bots[0], bots[1]] {
        assert!(account(&site, bot).deactivated);
    }
    assert_eq!(audits(&site).iter().filter(|line| line.contains(": disable by")).count(), 4);
    assert_eq!(notices(&site).len(), 2, "only that bots changed hands was told");
}

/// B7, B16, BOT-52.
#[tokio::test]
async fn a_bot_follows_its_account() {
    let site = site().await;
    let id = make(&site, "robot").await;
    let posts = site.posts().len();
    tell(&site, Notice::UserChanged(id)).await;
    assert_eq!(show(&site, id).await["update_at"], json!(START), "nothing is new");
    site.host.world().milliseconds += 5;
    site.host.world().user(id).username = "renamed".to_owned();
    for _ in 0..2 {
        tell(&site, Notice::UserChanged(id)).await;
        let bot = show(&site, id).await;
        assert_eq!((bot["username"].clone(), bot["update_at"].clone()), (json!("renamed"), json!(START + 5)));
        site.host.world().milliseconds += 1;
    }
    deactivate(&site, id);
    tell(&site, Notice::UserDeactivated(id)).await;
    assert_eq!(show(&site, id).await["delete_at"], json!(START + 7));
    tell(&site, Notice::UserDeactivated(id)).await;
    site.host.world().user(id).deactivated = false;
    tell(&site, Notice::UserActivated(id)).await;
    let bot = show(&site, id).await;
    assert_eq!((bot["delete_at"].clone(), bot["update_at"].clone()), (json!(0), json!(START + 8)));
    let words: Vec<_> = audits(&site).iter().skip(1).map(|line| line.replace(id.as_str(), "x")).collect();
    assert_eq!(words, ["bot x: update: done", "bot x: disable: done", "bot x: enable: done"]);
    assert_eq!(site.posts().len(), posts);
    for notice in [Notice::UserChanged(site.ann), Notice::UserActivated(site.ann)] {
        tell(&site, notice).await;
    }
}

#[tokio::test]
async fn of_a_deleted_bot_nothing_is_remembered() {
    let site = site().await;
    let id = make(&site, "robot").await;
    site.host.world().users.retain(|user| user.id != id);
    for _ in 0..2 {
        tell(&site, Notice::UserDeleted(id)).await;
    }
    let gone = ask(&site, "admin", "GET", &format!("/bots/{id}?include_deleted=true"), "").await;
    assert_eq!(gone.brief(), (404, NO_BOT.into()));
    assert_eq!(audits(&site).iter().filter(|line| line.contains(": delete: done")).count(), 1);
}

#[tokio::test]
async fn bots_of_a_deleted_user_go_too() {
    let site = site().await;
    let bots = anns(&site, 2).await;
    let ann = site.ann;
    site.host.world().users.retain(|user| user.id != ann);
    tell(&site, Notice::UserDeleted(ann)).await;
    assert!(bots.iter().all(|bot| account(&site, *bot).deactivated));
    assert!(notices(&site)[0].draft.message.contains(ann.as_str()));
}
