//! What receivers answer, and what is posted of it (OUT-69 to OUT-90, OUT-104, OUT-107, OUT-122).

use jackfield::id::PostId;
use jackfield::post::Destination;
use serde_json::{Value, json};

use super::told::{Told, work, work_until_called};
use super::{made, site};
use crate::host::{Site, Stored};

/// Tells of a post, lets the hook's receiver answer with a status and a body, and returns what was posted of it.
async fn reply_to(site: &Site, told: &Told, status: u16, body: &str) -> Vec<Stored> {
    let (posts, calls) = {
        let mut world = site.host.world();
        world.outside.answers.push_back((status, body.to_owned()));
        (world.posts.len(), world.outside.requests.len() + 1)
    };
    told.tell(site).await;
    work_until_called(site, calls).await;
    work(site, |_| true).await;
    site.posts().split_off(posts)
}

async fn reply(site: &Site, body: &Value) -> Vec<Stored> {
    reply_to(site, &Told::new(site, site.ann, site.dev, "ship"), 200, &body.to_string()).await
}

#[tokio::test]
async fn an_answer_becomes_a_post_of_the_hooks_creator_that_triggers_nothing() {
    let site = site().await;
    let hook = made(&site, "admin", json!({ "display_name": "Deploys" })).await;
    let told = Told::new(&site, site.ann, site.dev, "ship");
    let replies = reply_to(&site, &told, 500, r#"{"text": "on its way, <!here>"}"#).await;
    let [reply] = &replies[..] else { panic!("one reply: {replies:?}") };
    assert_eq!(hook["creator_id"], json!(site.admin));
    assert_eq!((reply.draft.user_id, reply.channel), (site.admin, site.dev));
    assert_eq!(reply.draft.destination, Destination::Channel(site.dev));
    assert_eq!((reply.draft.message.as_str(), reply.draft.root_id), ("on its way, @here", None));
    assert!(!reply.draft.triggers && !reply.draft.set_online);
    let props = Value::Object(reply.props());
    assert_eq!(props, json!({ "from_webhook": "true", "webhook_display_name": "Deploys" }));
    let observed = site.host.world().observed.join("\n");
    assert!(observed.contains(&format!("the answer to post {} made 1 post(s)", told.id)), "{observed}");
}

#[tokio::test]
async fn a_comment_answers_the_thread() {
    let site = site().await;
    made(&site, "admin", json!({})).await;
    let comment = r#"{"text": "done", "response_type": "comment"}"#;
    let root = Told::new(&site, site.ann, site.dev, "ship");
    let replies = reply_to(&site, &root, 200, comment).await;
    assert_eq!(replies[0].draft.root_id, Some(root.id));
    let inner = Told::answering(&site, site.ann, site.dev, "ship", Some(root.id));
    let replies = reply_to(&site, &inner, 200, comment).await;
    assert_eq!(replies[0].draft.root_id, Some(root.id));
    let told = Told::new(&site, site.ann, site.dev, "ship");
    delete(&site, told.id);
    assert_eq!(reply_to(&site, &told, 200, comment).await.len(), 0, "the post is gone");
    let told = Told::new(&site, site.ann, site.dev, "ship");
    delete(&site, told.id);
    assert_eq!(reply_to(&site, &told, 200, r#"{"text": "done"}"#).await.len(), 1, "it answers no post");
}

fn delete(site: &Site, id: PostId) {
    site.host.world().posts.iter_mut().filter(|post| post.id == id).for_each(|post| post.deleted = true);
}

#[tokio::test]
async fn what_cannot_be_used_is_not_posted() {
    let site = site().await;
    made(&site, "admin", json!({})).await;
    for body in ["", "{}", "null", "ok", "[]", r#"{"text":7}"#, r#"{"attachments":[null]}"#, r#"{"text":"a""#] {
        let told = Told::new(&site, site.ann, site.dev, "ship");
        assert_eq!(reply_to(&site, &told, 200, body).await.len(), 0, "{body}");
    }
    assert_eq!(reply(&site, &json!({ "text": "a", "type": "system_join_channel" })).await.len(), 0);
    assert_eq!(reply(&site, &json!({ "text": "" })).await.len(), 1, "an empty text is one");
}

#[tokio::test]
async fn a_long_answer_is_split_and_people_and_channels_are_named() {
    let site = site().await;
    made(&site, "admin", json!({})).await;
    let long = "x".repeat(20_000);
    let replies = reply(&site, &json!({ "text": long })).await;
    assert_eq!(replies.iter().map(|reply| reply.draft.message.len()).collect::<Vec<_>>(), [16_383, 3_617]);
    let replies = reply(&site, &json!({ "text": format!("<@{}> see ~ops and ~nowhere", site.bob) })).await;
    assert_eq!(replies[0].draft.message, "@bob see ~ops and ~nowhere");
    let links = &replies[0].props()["channel_mentions"];
    assert_eq!(links, &json!({ "ops": { "display_name": "OPS", "id": site.ops, "team_name": "team" } }));
}

#[tokio::test]
async fn the_switches_of_names_and_pictures_count() {
    let site = site().await;
    made(&site, "admin", json!({ "username": "hooky", "icon_url": "https://i.example/h.png" })).await;
    site.configure(|settings| (settings.overrides.username, settings.overrides.icon) = (true, true));
    let props = reply(&site, &json!({ "text": "a" })).await[0].props();
    assert_eq!(
        (&props["override_username"], &props["override_icon_url"]),
        (&json!("hooky"), &json!("https://i.example/h.png"))
    );
    let props = reply(&site, &json!({ "text": "a", "username": "otto" })).await[0].props();
    assert_eq!(props["override_username"], "otto");
}

#[tokio::test]
async fn a_reply_goes_where_the_world_still_has_room_for_it() {
    let site = site().await;
    made(&site, "admin", json!({})).await;
    let text = json!({ "text": "a" });
    site.host.world().posts_are_refused = true;
    assert_eq!(reply(&site, &text).await.len(), 0, "the host refuses it");
    site.host.world().posts_are_refused = false;
    site.host.world().channel(site.dev).archived = true;
    assert_eq!(reply(&site, &text).await.len(), 1, "an archived channel is no obstacle");
    site.host.world().channel(site.dev).archived = false;
    let moved = site.host.world().users.iter().position(|user| user.id == site.admin).unwrap();
    let admin = site.host.world().users.remove(moved);
    assert_eq!(reply(&site, &text).await.len(), 0, "there is no author");
    site.host.world().users.push(admin);
    assert_eq!(reply(&site, &text).await.len(), 1);
    site.host.world().outside.takes = 15 * 60_000 + 1;
    assert_eq!(reply(&site, &text).await.len(), 0, "nobody waits for it any more");
}
