//! Which posts set hooks off, and how soon changes of hooks count (OUT-42 to OUT-54, OUT-102, OUT-115).

use jackfield::engine::Notice;
use jackfield::id::{ChannelId, OutgoingHookId};
use jackfield::port::{ChannelKind, SessionKind};
use jackfield::security::MasterKey;
use serde_json::{Value, json};

use super::told::{Told, work_for_a_while};
use super::{call, hook_with, made, path, site};
use crate::host::Site;

fn keys() -> Vec<MasterKey> {
    vec![MasterKey::new([7; 32])]
}

fn in_dev(site: &Site, message: &str) -> Told {
    Told::new(site, site.ann, site.dev, message)
}

async fn update(site: &Site, hook: &Value, members: Value) {
    let mut body = hook_with(site, members);
    body["id"] = hook["id"].clone();
    let answer = call(site, "admin", "PUT", &path(hook), body.to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn posts_of_public_channels_set_hooks_off_and_others_do_not() {
    let site = site().await;
    made(&site, "admin", json!({ "callback_urls": ["https://a.example/1", "https://a.example/2"] })).await;
    assert_eq!(in_dev(&site, "ship it").sets_off(&site), 2, "one for each address");
    assert_eq!(in_dev(&site, "please ship").sets_off(&site), 0);
    assert_eq!(Told::new(&site, site.ann, site.foreign, "ship it").sets_off(&site), 0, "another team");
    assert_eq!(Told::new(&site, site.ann, site.secret, "ship it").sets_off(&site), 0, "a private channel");
    let other = |change: fn(&mut Told)| {
        let mut told = in_dev(&site, "ship it");
        change(&mut told);
        told.sets_off(&site)
    };
    assert_eq!(other(|told| told.triggers = false), 0);
    assert_eq!(other(|told| told.post_type = "burn_on_read".to_owned()), 0);
    assert_eq!(other(|told| told.team = None), 0);
    assert_eq!(other(|told| told.channel.kind = ChannelKind::Group), 0);
    assert_eq!(other(|told| told.post_type = "custom_ship".to_owned()), 2);
    assert_eq!(other(|told| told.session = Some(SessionKind::OAuth)), 2);
    site.configure(|settings| settings.outgoing.enabled = false);
    assert_eq!(in_dev(&site, "ship it").sets_off(&site), 0);
}

#[tokio::test]
async fn hooks_without_words_hear_all_of_their_channel() {
    let site = site().await;
    made(&site, "admin", json!({ "channel_id": site.dev, "trigger_words": [] })).await;
    assert_eq!(in_dev(&site, "").sets_off(&site), 1);
    assert_eq!(in_dev(&site, "anything at all").sets_off(&site), 1);
    assert_eq!(Told::new(&site, site.ann, site.ops, "anything").sets_off(&site), 0);
}

#[tokio::test]
async fn a_change_counts_for_the_next_post() {
    let site = site().await;
    let hears = |message: &str| in_dev(&site, message).sets_off(&site);
    let hook = made(&site, "admin", json!({})).await;
    assert_eq!((hears("ship it"), hears("shipping")), (1, 0));
    update(&site, &hook, json!({ "trigger_words": ["build"], "trigger_when": 1 })).await;
    assert_eq!((hears("ship it"), hears("building")), (0, 1));
    update(&site, &hook, json!({ "channel_id": site.ops })).await;
    assert_eq!((hears("ship it"), Told::new(&site, site.ann, site.ops, "ship it").sets_off(&site)), (0, 1));
    assert_eq!(call(&site, "admin", "DELETE", &path(&hook), "").await.status, 200);
    assert_eq!(Told::new(&site, site.ann, site.ops, "ship it").sets_off(&site), 0);
}

#[tokio::test]
async fn what_the_host_tells_of_channels_counts_too() {
    let site = site().await;
    made(&site, "admin", json!({ "channel_id": site.dev, "trigger_words": [] })).await;
    made(&site, "admin", json!({ "channel_id": site.ops, "trigger_words": [] })).await;
    let hears = |channel: ChannelId| Told::new(&site, site.ann, channel, "hello").sets_off(&site);
    assert_eq!((hears(site.dev), hears(site.ops)), (1, 1));
    site.engine().notice(Notice::ChannelArchived(site.dev)).await.unwrap();
    assert_eq!((hears(site.dev), hears(site.ops)), (0, 1));
    site.host.world().channel(site.ops).team_id = Some(site.other_team);
    assert_eq!(hears(site.ops), 0, "a hook stays in its team until the host tells of the move");
    site.engine().notice(Notice::ChannelMoved { channel: site.ops, team: site.other_team }).await.unwrap();
    assert_eq!(hears(site.ops), 1);
}

#[tokio::test]
async fn an_engine_that_starts_knows_all_hooks() {
    let site = Site::with(|settings| settings.keys = keys()).await;
    for number in 0..450 {
        made(&site, "admin", json!({ "trigger_words": [format!("w{number}")] })).await;
    }
    let site = site.restarted(|settings| settings.keys = keys()).await.unwrap();
    for number in [0, 199, 200, 449] {
        assert_eq!(in_dev(&site, &format!("w{number} now")).sets_off(&site), 1, "{number}");
    }
    assert_eq!(in_dev(&site, "w450").sets_off(&site), 0);
}

#[tokio::test]
async fn another_node_follows() {
    let here = Site::with(|settings| settings.keys = keys()).await;
    let kept = made(&here, "admin", json!({ "trigger_words": ["kept"] })).await;
    let gone = made(&here, "admin", json!({ "trigger_words": ["gone"] })).await;
    let there = here.restarted(|settings| settings.keys = keys()).await.unwrap();
    let hears = |message: &str| in_dev(&here, message).sets_off(&there);
    assert_eq!((hears("kept"), hears("gone")), (1, 1));
    update(&here, &kept, json!({ "trigger_words": ["kept", "more"] })).await;
    assert_eq!(call(&here, "admin", "DELETE", &path(&gone), "").await.status, 200);
    made(&here, "admin", json!({ "trigger_words": ["fresh"] })).await;
    assert_eq!((hears("kept"), hears("more"), hears("gone"), hears("fresh")), (1, 0, 1, 0), "not yet");
    work_for_a_while(&there).await;
    assert_eq!((hears("kept"), hears("more"), hears("gone"), hears("fresh")), (1, 1, 0, 1));
}

#[tokio::test]
async fn another_node_follows_one_whose_clock_is_wrong() {
    let here = Site::with(|settings| settings.keys = keys()).await;
    made(&here, "admin", json!({ "trigger_words": ["first"] })).await;
    let there = here.restarted(|settings| settings.keys = keys()).await.unwrap();
    let other = |word: &str| json!({ "team_id": here.other_team, "trigger_words": [word] });
    let hears = |word: &str| Told::new(&here, here.ann, here.foreign, word).sets_off(&there);
    here.host.world().milliseconds -= 3_600_000;
    made(&here, "admin", other("behind")).await;
    here.host.world().milliseconds += 3_600_000;
    let mut looks = 0;
    while hears("behind") == 0 {
        work_for_a_while(&there).await;
        looks += 1;
    }
    assert!((2..=30).contains(&looks), "{looks}");
    here.host.world().milliseconds += 3_600_000;
    made(&here, "admin", other("ahead")).await;
    here.host.world().milliseconds -= 3_600_000;
    work_for_a_while(&there).await;
    assert_eq!(hears("ahead"), 1);
    made(&here, "admin", json!({ "trigger_words": ["after"] })).await;
    work_for_a_while(&there).await;
    assert_eq!(in_dev(&here, "after").sets_off(&there), 1, "what is ahead hides nothing");
}

#[tokio::test]
async fn a_collision_with_a_hook_of_another_node_is_found() {
    let here = Site::with(|settings| settings.keys = keys()).await;
    let there = here.restarted(|settings| settings.keys = keys()).await.unwrap();
    made(&here, "admin", json!({})).await;
    let answer = call(&there, "admin", "POST", "", hook_with(&there, json!({})).to_string()).await;
    assert_eq!(answer.brief(), (500, "api.webhook.create_outgoing.intersect.app_error".to_owned()));
    let other = made(&there, "admin", json!({ "trigger_words": ["other"] })).await;
    let mut body = hook_with(&here, json!({ "trigger_words": ["other"] }));
    let answer = call(&here, "admin", "POST", "", body.to_string()).await;
    assert_eq!(answer.status, 500);
    body["id"] = other["id"].clone();
    assert_eq!(call(&here, "admin", "PUT", &path(&other), body.to_string()).await.status, 200, "not with itself");
}

#[tokio::test]
async fn regular_expressions_count_once_they_are_switched_on() {
    let site = site().await;
    made(&site, "admin", json!({ "trigger_words": [r"/^deploy-\d+$/"] })).await;
    made(&site, "admin", json!({ "trigger_words": ["/(/"], "callback_urls": ["https://b.example/"] })).await;
    let hears = |message: &str| in_dev(&site, message).sets_off(&site);
    assert_eq!((hears("deploy-12 now"), hears(r"/^deploy-\d+$/"), hears("/(/")), (0, 1, 1));
    site.configure(|settings| settings.outgoing.regular_expressions = true);
    assert_eq!((hears("deploy-12 now"), hears(r"/^deploy-\d+$/"), hears("/(/")), (1, 0, 0));
    made(&site, "admin", json!({ "trigger_words": ["/x{3}/"] })).await;
    assert_eq!((hears("axxxb"), hears("axx")), (1, 0));
    site.configure(|settings| settings.outgoing.regular_expressions = false);
    assert_eq!((hears("deploy-12 now"), hears("axxxb")), (0, 0));
}

#[tokio::test]
async fn posts_of_bots_and_tokens_set_a_hook_off_sixty_times_a_minute() {
    let site = site().await;
    let hook = made(&site, "admin", json!({ "channel_id": site.dev, "trigger_words": [] })).await;
    made(&site, "admin", json!({ "channel_id": site.ops, "trigger_words": [] })).await;
    let id = OutgoingHookId::parse(hook["id"].as_str().unwrap()).unwrap();
    let limited = || site.host.world().observed.iter().filter(|told| told.contains("too many of bots")).count();
    let bot = Told::new(&site, site.bot, site.dev, "again");
    let mut token = in_dev(&site, "again");
    token.session = Some(SessionKind::PersonalAccessToken);
    for _ in 0..30 {
        assert_eq!((bot.sets_off(&site), token.sets_off(&site), limited()), (1, 1, 0));
    }
    assert_eq!((bot.sets_off(&site), token.sets_off(&site), limited()), (1, 1, 2), "they are recorded as dropped");
    assert!(site.observed().contains(id.as_str()), "{}", site.observed());
    let _ = in_dev(&site, "a person's").plan(&site);
    let _ = Told::new(&site, site.bot, site.ops, "elsewhere").plan(&site);
    assert_eq!(limited(), 2);
    site.host.world().milliseconds += 1_000;
    let _ = bot.plan(&site);
    assert_eq!(limited(), 2);
    let _ = bot.plan(&site);
    assert_eq!(limited(), 3);
}
