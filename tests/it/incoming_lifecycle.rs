//! What becomes of hooks when the host's own things change (INC-130 to INC-132), and their rotation.

use jackfield::engine::Notice;
use jackfield::port::{Permission, Scope};
use serde_json::json;

use crate::host::{Site, hook_object};

async fn listed(site: &Site, user: &str) -> Vec<String> {
    let hooks = site.manage(user, "GET", "", "").await.json();
    hooks.as_array().unwrap().iter().map(|hook| hook["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_ends_a_hook_ends_it_once_however_often_it_is_told() {
    let site = Site::new().await;
    let ends: [(&str, Notice); 4] = [
        ("archived", Notice::ChannelArchived(site.dev)),
        ("deleted", Notice::ChannelDeleted(site.dev)),
        ("team", Notice::TeamDeleted(site.team)),
        ("owner", Notice::UserDeleted(site.ann)),
    ];
    for (name, notice) in ends {
        let ended = site.hook_by("ann", hook_object(site.dev)).await;
        let kept = site.hook_by("admin", hook_object(site.foreign)).await;
        let told = site.host.world().observed.len();
        for _ in 0..2 {
            site.engine().notice(notice).await.unwrap();
        }
        assert_eq!((site.say(&ended, "a").await.status, site.say(&kept, "a").await.status), (400, 200), "{name}");
        let observed = site.host.world().observed[told..].to_vec();
        assert_eq!(observed.iter().filter(|line| line.contains("deleted")).count(), 1, "{name}: {observed:?}");
        site.engine().notice(Notice::ChannelDeleted(site.foreign)).await.unwrap();
    }
}

#[tokio::test]
async fn a_notice_ends_more_hooks_than_a_page_holds() {
    let site = Site::new().await;
    for _ in 0..450 {
        site.hook().await;
    }
    site.engine().notice(Notice::ChannelArchived(site.dev)).await.unwrap();
    assert_eq!(listed(&site, "admin").await, [""; 0]);
}

#[tokio::test]
async fn a_restored_channel_does_not_bring_its_hooks_back() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.host.world().channel(site.dev).archived = true;
    site.engine().notice(Notice::ChannelArchived(site.dev)).await.unwrap();
    site.host.world().channel(site.dev).archived = false;
    assert_eq!(site.say(&hook, "a").await.status, 400);
}

#[tokio::test]
async fn a_late_notice_leaves_no_gap() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.host.world().channel(site.dev).archived = true;
    assert_eq!(site.say(&hook, "a").await.status, 404, "archived, and not yet told");
    site.host.world().users.retain(|user| user.username != "admin");
    assert_eq!(site.say(&hook, "a").await.status, 404);
    assert!(site.posts().is_empty());
}

#[tokio::test]
async fn a_moved_channel_takes_its_hooks_along() {
    let site = Site::with(|settings| settings.incoming.enabled = true).await;
    let hook = site.hook().await;
    let other = site.hook_by("admin", hook_object(site.ops)).await;
    site.configure(|settings| settings.incoming.enabled = false);
    site.host.world().channel(site.dev).team_id = Some(site.other_team);
    site.host.world().milliseconds += 5;
    for _ in 0..2 {
        let notice = Notice::ChannelMoved { channel: site.dev, team: site.other_team };
        site.engine().notice(notice).await.unwrap();
    }
    site.configure(|settings| settings.incoming.enabled = true);
    let moved = site.manage("admin", "GET", &format!("/{hook}"), "").await.json();
    assert_eq!((&moved["team_id"], &moved["update_at"]), (&json!(site.other_team), &json!(crate::host::START + 5)));
    assert_eq!(site.manage("admin", "GET", &format!("/{other}"), "").await.json()["team_id"], json!(site.team));
    let in_team = site.manage("admin", "GET", &format!("?team_id={}", site.other_team), "").await.json();
    assert_eq!(in_team[0]["id"], hook);
    assert_eq!(site.call(&hook, json!({ "text": "a", "channel": "foreign" }).to_string()).await.status, 200);
    assert_eq!(site.host.world().observed.iter().filter(|line| line.contains("moved")).count(), 1);
}

#[tokio::test]
async fn other_notices_leave_hooks_alone() {
    let site = Site::new().await;
    let hook = site.hook().await;
    let notices = [
        Notice::ChannelConverted(site.dev),
        Notice::UserActivated(site.admin),
        Notice::UserDeactivated(site.admin),
        Notice::UserRolesChanged(site.admin),
        Notice::ChannelDeleted(site.ops),
        Notice::UserDeleted(site.bob),
        Notice::TeamDeleted(site.other_team),
    ];
    for notice in notices {
        site.engine().notice(notice).await.unwrap();
        assert_eq!(site.say(&hook, "a").await.status, 200, "{notice:?}");
    }
}

#[tokio::test]
async fn a_notice_that_failed_does_the_rest_when_told_again() {
    let site = Site::new().await;
    let hook = site.hook().await;
    site.host.world().broken.storage = true;
    assert!(site.engine().notice(Notice::ChannelArchived(site.dev)).await.is_err());
    site.host.world().broken.storage = false;
    assert_eq!(site.say(&hook, "a").await.status, 200);
    site.engine().notice(Notice::ChannelArchived(site.dev)).await.unwrap();
    assert_eq!(site.say(&hook, "a").await.status, 400);
}

#[tokio::test]
async fn a_rotated_hook_has_a_new_id_and_the_old_one_for_a_while() {
    let site = Site::new().await;
    let old = site.hook().await;
    let new = site.rotate(&old, 1_000).await.unwrap();
    assert_ne!(old, new);
    assert_eq!((site.say(&old, "a").await.status, site.say(&new, "a").await.status), (200, 200));
    let [one, two] = &site.posts()[..] else { panic!("two posts") };
    assert_eq!(one.draft.origin, two.draft.origin);
    site.host.world().milliseconds += 999;
    assert_eq!(site.say(&old, "a").await.status, 200);
    site.host.world().milliseconds += 1;
    assert_eq!((site.say(&old, "a").await.status, site.say(&new, "a").await.status), (400, 200));
}

#[tokio::test]
async fn a_replaced_id_is_in_no_list_and_cannot_be_managed() {
    let site = Site::new().await;
    let old = site.hook_by("ann", hook_object(site.dev)).await;
    site.host.world().grant(site.ann, Permission::MANAGE_OWN_INCOMING_WEBHOOKS, Scope::System);
    let new = site.rotate(&old, 1_000).await.unwrap();
    for user in ["admin", "ann"] {
        assert_eq!(listed(&site, user).await, [new.as_str()], "{user}");
        let counted = site.manage(user, "GET", "?include_total_count=true", "").await.json();
        assert_eq!(counted["total_count"], 1, "{user}");
    }
    for method in ["GET", "DELETE"] {
        assert_eq!(site.manage("admin", method, &format!("/{old}"), "").await.status, 404, "{method}");
    }
    assert_eq!(site.rotate(&old, 1_000).await, None);
}

#[tokio::test]
async fn a_replaced_id_follows_what_becomes_of_the_hook() {
    let site = Site::new().await;
    let old = site.hook().await;
    let new = site.rotate(&old, 1_000).await.unwrap();
    let newest = site.rotate(&new, 1_000).await.unwrap();
    let update = json!({ "id": newest, "channel_id": site.ops, "display_name": "Renamed" });
    assert_eq!(site.manage("admin", "PUT", &format!("/{newest}"), update.to_string()).await.status, 201);
    for id in [&old, &new, &newest] {
        assert_eq!(site.say(id, "a").await.status, 200);
        assert_eq!((site.last().channel, &site.last().props()["webhook_display_name"]), (site.ops, &json!("Renamed")));
    }
    assert_eq!(site.manage("admin", "DELETE", &format!("/{newest}"), "").await.status, 200);
    for id in [&old, &new, &newest] {
        assert_eq!(site.say(id, "a").await.status, 400, "a deleted hook has no second door");
    }
}

#[tokio::test]
async fn what_ends_a_hook_ends_its_replaced_ids() {
    let site = Site::new().await;
    for notice in [Notice::TeamDeleted(site.team), Notice::ChannelArchived(site.dev), Notice::UserDeleted(site.admin)] {
        let old = site.hook().await;
        let new = site.rotate(&old, 1_000).await.unwrap();
        site.engine().notice(notice).await.unwrap();
        let to_bob = json!({ "text": "a", "channel": "@bob" }).to_string();
        for id in [&old, &new] {
            assert_eq!(site.call(id, to_bob.clone()).await.status, 400, "{notice:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_that_was_deleted_has_no_door_left_whatever_ran_beside_it() {
    for _ in 0..20 {
        let site = Site::new().await;
        let hook = site.hook().await;
        let run = async |site: Site, hook: String, what: usize| match what % 3 {
            0 => site.rotate(&hook, 1_000).await,
            1 => {
                let update = json!({ "id": hook, "channel_id": site.ops }).to_string();
                let status = site.manage("admin", "PUT", &format!("/{hook}"), update).await.status;
                assert!([201, 404].contains(&status), "{status}");
                None
            }
            _ => {
                assert!([200, 400].contains(&site.say(&hook, "a").await.status));
                None
            }
        };
        let beside: Vec<_> = (0..9).map(|what| tokio::spawn(run(site.clone(), hook.clone(), what))).collect();
        let deleted = site.manage("admin", "DELETE", &format!("/{hook}"), "").await.status;
        let mut ids = vec![hook];
        for task in beside {
            ids.extend(task.await.unwrap());
        }
        let listed = listed(&site, "admin").await;
        assert_eq!((listed.len(), ids.len()), if deleted == 200 { (0, 1) } else { (1, 2) }, "{deleted}");
        for id in &ids {
            assert_eq!(site.say(id, "a").await.status, if deleted == 200 { 400 } else { 200 });
        }
    }
}
