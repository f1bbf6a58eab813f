//! What becomes of hooks when the host's own things change (OUT-36 to OUT-40, OUT-116).

use jackfield::engine::Notice;
use serde_json::json;

use super::{call, hook_with, listed, made, path, site, word};
use crate::host::Site;

async fn notice(site: &Site, notice: Notice) {
    site.engine().notice(notice).await.unwrap();
}

/// Hooks of ann and bob: of `dev`, of the whole team, and of the other team.
async fn filled() -> Site {
    let site = site().await;
    let hooks = [
        json!({ "channel_id": site.dev, "creator_id": site.ann, "display_name": "ann in dev" }),
        json!({ "channel_id": site.dev, "creator_id": site.bob, "display_name": "bob in dev" }),
        json!({ "creator_id": site.ann, "display_name": "ann" }),
        json!({ "creator_id": site.bob, "display_name": "bob", "team_id": site.other_team }),
    ];
    for (number, mut members) in hooks.into_iter().enumerate() {
        members["trigger_words"] = word(number)["trigger_words"].clone();
        made(&site, "admin", members).await;
        site.host.world().milliseconds += 1;
    }
    site
}

async fn titles(site: &Site) -> Vec<String> {
    listed(site, "admin", "").await.iter().map(|hook| hook["display_name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn hooks_end_with_what_they_belong_to() {
    for enabled in [true, false] {
        let all = ["ann in dev", "bob in dev", "ann", "bob"];
        let site = filled().await;
        let cases: [(Notice, &[&str]); 8] = [
            (Notice::ChannelArchived(site.dev), &all[2..]),
            (Notice::ChannelDeleted(site.dev), &all[2..]),
            (Notice::ChannelArchived(site.ops), &all),
            (Notice::TeamDeleted(site.team), &all[3..]),
            (Notice::TeamDeleted(site.other_team), &all[..3]),
            (Notice::UserDeleted(site.bob), &["ann in dev", "ann"]),
            (Notice::UserDeactivated(site.bob), &all),
            (Notice::ChannelConverted(site.dev), &all),
        ];
        for (event, want) in cases {
            let site = filled().await;
            site.configure(|settings| settings.outgoing.enabled = enabled);
            notice(&site, event).await;
            notice(&site, event).await;
            site.configure(|settings| settings.outgoing.enabled = true);
            assert_eq!(titles(&site).await, want, "{event:?} {enabled}");
        }
    }
}

#[tokio::test]
async fn many_hooks_end_together_and_each_is_told_of() {
    let site = site().await;
    for number in 0..450 {
        let mut members = word(number);
        members["channel_id"] = json!(site.dev);
        made(&site, "admin", members).await;
    }
    site.host.world().observed.clear();
    notice(&site, Notice::ChannelArchived(site.dev)).await;
    assert!(listed(&site, "admin", "").await.is_empty());
    let told = site.host.world().observed.clone();
    let want = format!("deleted: team {}, channel {}", site.team, site.dev);
    assert!(told.len() == 450 && told.iter().all(|line| line.ends_with(&want)), "{:?}", told.first());
}

/// OUT-39, OUT-116.
#[tokio::test]
async fn hooks_of_a_channel_go_with_it_to_another_team_even_while_switched_off() {
    for enabled in [true, false] {
        let site = filled().await;
        let before = listed(&site, "admin", "").await;
        site.configure(|settings| settings.outgoing.enabled = enabled);
        site.host.world().milliseconds += 1_000;
        let moved = Notice::ChannelMoved { channel: site.dev, team: site.other_team };
        site.host.world().channel(site.dev).team_id = Some(site.other_team);
        notice(&site, moved).await;
        let now = site.host.world().milliseconds;
        site.host.world().milliseconds += 1_000;
        notice(&site, moved).await;
        site.configure(|settings| settings.outgoing.enabled = true);
        let mut want = before;
        for hook in want.iter_mut().take(2) {
            (hook["team_id"], hook["update_at"]) = (json!(site.other_team), json!(now));
        }
        assert_eq!(listed(&site, "admin", "").await, want, "{enabled}");
        let there = listed(&site, "admin", &format!("?team_id={}", site.other_team)).await;
        assert_eq!(there.len(), 3, "{enabled}");
        assert!(site.host.world().observed.iter().any(|line| line.contains(" moved: team ")));
    }
}

#[tokio::test]
async fn a_hook_that_moved_is_in_the_way_where_it_is() {
    let site = site().await;
    let hook = made(&site, "admin", json!({ "channel_id": site.dev })).await;
    site.host.world().channel(site.dev).team_id = Some(site.other_team);
    notice(&site, Notice::ChannelMoved { channel: site.dev, team: site.other_team }).await;
    let same = json!({ "channel_id": site.dev, "team_id": site.other_team });
    let answer = call(&site, "admin", "POST", "", hook_with(&site, same).to_string()).await;
    assert_eq!(answer.brief(), (500, "api.webhook.create_outgoing.intersect.app_error".into()));
    assert_eq!(call(&site, "admin", "DELETE", &path(&hook), "").await.status, 200);
}

#[tokio::test]
async fn a_notice_that_breaks_half_way_is_finished_when_it_is_told_again() {
    for steps in 0..20 {
        let site = filled().await;
        site.host.world().broken.after = Some(steps);
        let first = site.engine().notice(Notice::ChannelArchived(site.dev)).await;
        site.host.world().broken.after = None;
        notice(&site, Notice::ChannelArchived(site.dev)).await;
        assert_eq!(titles(&site).await, ["ann", "bob"], "{steps}");
        if first.is_ok() {
            assert!(steps > 3, "{steps}");
            return;
        }
    }
    panic!("it never came to its end");
}
