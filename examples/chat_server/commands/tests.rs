//! The commands as people type them.

use axum::http::Request;
use jackfield::command::{Answer, ExecuteError, ExecuteRequest};
use jackfield::engine::{Caller, Failed};
use jackfield::id::{TeamId, UserId};
use jackfield::port::{Channel as Told, ChannelKind};
use serde_json::{Value, json};

use crate::app::{App, Server};
use crate::errors::Failure;
use crate::options::Data;
use crate::routes::config;
use crate::tables::accounts::{self, Account};
use crate::tables::channels::{self, Channel};
use crate::tables::{posts, preferences, sessions, statuses, teams};
use crate::tests::empty;
use crate::{demo, plug};

/// A team with two public channels and a private one. Ann and Bob are in `dev`, nobody but the owner is in `quiet` and
/// `ops`. Carol is in no team.
struct Scene {
    ann: Account,
    bob: Account,
    caller: Caller,
    carol: Account,
    dev: Channel,
    ops: Channel,
    quiet: Channel,
    server: Server,
    team: teams::Team,
    town_square: Channel,
}

impl Scene {
    async fn new() -> Self {
        let app = empty().await;
        let server = Server { api: plug::start(&app, &Data::Memory).await.unwrap(), app: app.clone() };
        let account = |name: &str| Account::new(name, &format!("{name}@example.com"), String::new(), "system_user");
        let [ann, bob, carol, owner] = ["ann", "bob", "carol", "owner"].map(|name| account(name).unwrap());
        let team = demo::team("owner@example.com").unwrap();
        let channel = |kind, name: &str| {
            let mut channel = Channel::new(kind, Some(team.id), name, owner.id).unwrap();
            name.clone_into(&mut channel.display_name);
            channel
        };
        let [town_square, dev, quiet] = ["town-square", "dev", "quiet"].map(|name| channel(ChannelKind::Public, name));
        let ops = channel(ChannelKind::Private, "ops");
        let all = [&town_square, &dev, &quiet, &ops].map(Clone::clone);
        let (made, people, in_dev) = (team.clone(), [&ann, &bob, &carol, &owner].map(Clone::clone), dev.id);
        let first = town_square.id;
        let job = app.store.write(move |connection| {
            teams::insert(connection, &made)?;
            for channel in &all {
                channels::save(connection, channel)?;
            }
            for account in &people {
                accounts::store(connection, account)?;
            }
            let [ann, bob, _, owner] = people.map(|account| account.id);
            for user in [ann, bob, owner] {
                teams::join(connection, made.id, user, "team_user")?;
                channels::join(connection, first, user, "channel_user")?;
                channels::join(connection, in_dev, user, "channel_user")?;
            }
            for channel in all {
                channels::join(connection, channel.id, owner, "channel_user")?;
            }
            sessions::open(connection, ann, "", 3_600_000)
        });
        let token = job.await.unwrap().token;
        let request = Request::get("/").header("Authorization", format!("Bearer {token}")).body(()).unwrap();
        let (parts, ()) = request.into_parts();
        let caller = server.api.engine().authenticate(&parts).await.unwrap().unwrap();
        Self { ann, bob, caller, carol, dev, ops, quiet, server, team, town_square }
    }

    fn app(&self) -> &App {
        &self.server.app
    }

    /// Runs a line as Ann; none if there is no such command.
    async fn run(&self, channel: &Channel, line: &str) -> Option<Answer> {
        let request = ExecuteRequest::new(channel.id, line).with_team(self.team.id);
        match self.server.api.engine().execute_command(&self.caller, request).await {
            Ok(answer) => Some(answer),
            Err(Failed::Refused(ExecuteError::NotFound { .. })) => None,
            Err(failed) => panic!("{line}: {failed:?}"),
        }
    }

    /// Runs a line as Ann in `dev`, and returns what only she is told.
    async fn told(&self, line: &str) -> String {
        let response = self.run(&self.dev, line).await.unwrap();
        assert_eq!(response.goto_location, "", "{line}");
        assert_eq!(response.response_type.is_empty(), response.text.is_empty(), "{line}");
        response.text
    }

    /// Runs a line as Ann in `dev`, and returns where her client goes.
    async fn goes(&self, line: &str) -> String {
        let response = self.run(&self.dev, line).await.unwrap();
        assert_eq!(response.text, "", "{line}");
        response.goto_location
    }

    fn ask<T>(&self, query: impl FnOnce(&rusqlite::Connection) -> Result<T, Failure>) -> T {
        self.app().store.read(query).unwrap()
    }

    fn is_in(&self, channel: &Channel, account: &Account) -> bool {
        self.ask(|connection| Ok(channels::roles_of(connection, channel.id, account.id)?)).is_some()
    }

    fn channel(&self, id: jackfield::id::ChannelId) -> Channel {
        self.ask(|connection| Ok(channels::find(connection, id)?)).unwrap()
    }

    /// The messages of the direct or group channel of this name.
    fn messages(&self, name: &str) -> Vec<String> {
        self.ask(|connection| {
            let channel = channels::named(connection, None, name)?.unwrap();
            let found = posts::list(connection, channel.id, posts::Range::Latest, 10, 0)?;
            Ok(found.into_iter().map(|post| post.message).collect())
        })
    }

    async fn set(&self, section: &str, key: &str, value: Value) {
        config::apply(self.app(), &self.server.api, &json!({section: {key: value}})).await.unwrap();
    }

    /// Takes a permission from a role.
    fn forbid(&self, role: &str, permission: &str) {
        let mut changed = self.app().roles.named(role).unwrap().as_ref().clone();
        changed.permissions.retain(|one| one != permission);
        self.app().roles.put(changed);
        drop(self.app().store.known().change());
    }
}

#[tokio::test]
async fn join_and_open_bring_into_a_channel() {
    let scene = Scene::new().await;
    for line in ["/join ~quiet", "/open QUIET ", "/join quiet"] {
        assert_eq!(scene.goes(line).await, "http://127.0.0.1:8065/demo/channels/quiet", "{line}");
        assert!(scene.is_in(&scene.quiet, &scene.ann));
    }
    for line in ["/join", "/join ~QUIET", "/join none", "/join ~ops"] {
        assert!(!scene.told(line).await.is_empty(), "{line}");
    }
    assert_eq!(scene.told("/join ops").await.replace("ops", "no"), scene.told("/join no").await, "nobody learns of it");
    assert!(!scene.is_in(&scene.ops, &scene.ann));
}

#[tokio::test]
async fn join_needs_its_permission_but_not_where_one_is_already() {
    let scene = Scene::new().await;
    scene.forbid("team_user", "join_public_channels");
    assert!(!scene.told("/join quiet").await.is_empty());
    assert!(!scene.is_in(&scene.quiet, &scene.ann));
    assert!(scene.goes("/join dev").await.ends_with("/channels/dev"));
}

#[tokio::test]
async fn leave_brings_to_the_channel_that_nobody_leaves() {
    let scene = Scene::new().await;
    assert_eq!(scene.goes("/leave").await, "http://127.0.0.1:8065/demo/channels/town-square");
    assert!(!scene.is_in(&scene.dev, &scene.ann));
    let stays = scene.run(&scene.town_square, "/leave").await.unwrap();
    assert!(stays.goto_location.is_empty() && !stays.text.is_empty());
    assert!(scene.is_in(&scene.town_square, &scene.ann));
}

#[tokio::test]
async fn guests_go_to_a_channel_that_they_are_in() {
    let scene = Scene::new().await;
    let (team, user, town_square) = (scene.team.id, scene.ann.id, scene.town_square.id);
    let (quiet, job) = (scene.quiet.id, scene.app());
    let job = job.store.write(move |connection| {
        teams::join(connection, team, user, "team_guest")?;
        channels::leave(connection, town_square, user)?;
        Ok(channels::join(connection, quiet, user, "channel_guest")?)
    });
    job.await.unwrap();
    assert_eq!(scene.goes("/leave").await, "http://127.0.0.1:8065/demo/channels/quiet");
    let job = scene.app().store.write(move |connection| Ok(channels::join(connection, quiet, user, "channel_guest")?));
    job.await.unwrap();
    leave_team(&scene, team, user).await;
    let job = scene.app().store.write(move |connection| Ok(channels::join(connection, quiet, user, "channel_guest")?));
    job.await.unwrap();
    let away = scene.run(&scene.quiet, "/leave").await.unwrap();
    assert_eq!(away.goto_location, "http://127.0.0.1:8065/");
}

async fn leave_team(scene: &Scene, team: TeamId, user: UserId) {
    scene.app().store.write(move |connection| Ok(teams::leave(connection, team, user)?)).await.unwrap();
}

#[tokio::test]
async fn msg_opens_the_direct_channel_and_says_something_there() {
    let scene = Scene::new().await;
    let name = Told::direct_name(scene.ann.id, scene.bob.id);
    let there = format!("http://127.0.0.1:8065/demo/channels/{name}");
    assert_eq!(scene.goes("/msg @Bob  are you there?").await, there);
    assert_eq!(scene.goes("/msg bob").await, there);
    assert_eq!(scene.messages(&name), ["are you there?"]);
    for line in ["/msg", "/msg @ann hi", "/msg @nobody hi"] {
        assert!(!scene.told(line).await.is_empty(), "{line}");
    }
}

#[tokio::test]
async fn msg_begins_nothing_that_is_not_allowed() {
    let scene = Scene::new().await;
    scene.set("TeamSettings", "RestrictDirectMessage", json!("team")).await;
    assert!(!scene.told("/msg @carol hi").await.is_empty(), "she is in no common team");
    scene.set("TeamSettings", "RestrictDirectMessage", json!("any")).await;
    scene.forbid("system_user", "create_direct_channel");
    assert!(!scene.told("/msg @bob hi").await.is_empty());
    scene.forbid("system_user", "view_members");
    assert!(scene.told("/msg @carol hi").await.contains("@carol"), "she is as good as not there");
}

#[tokio::test]
async fn groupmsg_opens_the_channel_of_three_to_eight() {
    let scene = Scene::new().await;
    let mut ids = [scene.ann.id, scene.bob.id, scene.carol.id];
    ids.sort();
    let name = channels::group_name(&ids);
    let there = format!("http://127.0.0.1:8065/demo/channels/{name}");
    assert_eq!(scene.goes("/groupmsg @bob, carol  lunch, now?").await, there);
    assert_eq!(scene.goes("/groupmsg carol,@ann,, bob").await, there, "the same people");
    assert_eq!(scene.messages(&name), ["lunch, now?"]);
    let direct = Told::direct_name(scene.ann.id, scene.bob.id);
    assert!(scene.goes("/groupmsg @bob hello").await.ends_with(&direct), "two are as with /msg");
    let strangers = scene.told("/groupmsg bob,@x,y hello").await;
    assert!(strangers.contains("@x, @y"), "{strangers}");
    for line in ["/groupmsg", "/groupmsg @ann hello", "/groupmsg , ,"] {
        assert!(!scene.told(line).await.is_empty(), "{line}");
    }
    scene.forbid("system_user", "create_group_channel");
    assert_eq!(scene.goes("/groupmsg bob,carol again").await, there, "it is there");
    assert!(!scene.told("/groupmsg bob,owner hello").await.is_empty());
}

#[tokio::test]
async fn invite_lets_people_in_and_says_what_is_not_seen() {
    let scene = Scene::new().await;
    assert!(scene.told("/invite @bob ~ops").await.contains("~ops"), "she does not know of it");
    assert!(!scene.is_in(&scene.ops, &scene.bob));
    scene.goes("/join quiet").await;
    assert_eq!(scene.told("/invite bob quiet").await, "@bob is now in ~quiet.");
    assert!(scene.is_in(&scene.quiet, &scene.bob));
    assert!(scene.told("/invite @bob @carol").await.contains("@bob is already in ~dev.\n@carol is not in this team"));
    assert!(!scene.is_in(&scene.dev, &scene.carol));
    let (dev, bob) = (scene.dev.id, scene.bob.id);
    scene.app().store.write(move |connection| Ok(channels::leave(connection, dev, bob)?)).await.unwrap();
    assert!(scene.told("/invite @bob @nobody").await.contains("@nobody"));
    assert!(!scene.is_in(&scene.dev, &scene.bob), "a name was wrong");
    assert_eq!(scene.told("/invite @bob").await, "");
    assert!(scene.is_in(&scene.dev, &scene.bob));
    scene.forbid("channel_user", "manage_public_channel_members");
    assert!(scene.told("/invite @owner").await.contains("may not"));
    assert!(!scene.told("/invite").await.is_empty());
}

#[tokio::test]
async fn remove_and_kick_take_somebody_out() {
    let scene = Scene::new().await;
    assert_eq!(scene.told("/remove @bob please").await, "");
    assert!(!scene.is_in(&scene.dev, &scene.bob));
    for line in ["/remove bob", "/kick", "/kick @nobody"] {
        assert!(!scene.told(line).await.is_empty(), "{line}");
    }
    assert!(!scene.run(&scene.town_square, "/kick bob").await.unwrap().text.is_empty());
    scene.forbid("channel_user", "manage_public_channel_members");
    assert!(scene.told("/kick owner").await.contains("may not"));
}

#[tokio::test]
async fn presence_is_what_one_says() {
    let scene = Scene::new().await;
    for word in ["away", "dnd", "offline", "online"] {
        assert!(!scene.told(&format!("/{word}")).await.is_empty());
        let said = scene.ask(|connection| Ok(statuses::find(connection, scene.ann.id)?)).unwrap();
        assert_eq!(said.status, word);
    }
}

#[tokio::test]
async fn the_texts_of_a_channel_have_limits() {
    let scene = Scene::new().await;
    assert_eq!(scene.told("/header  See the [wiki](/wiki) ").await, "");
    assert_eq!(scene.told(&format!("/purpose {}", "é".repeat(250))).await, "");
    assert_eq!(scene.told(&format!("/rename {}", "x".repeat(64))).await, "");
    let long = [("header", 1_025), ("purpose", 251), ("rename", 33), ("header", 0), ("purpose", 0), ("rename", 0)];
    for (word, count) in long {
        assert!(!scene.told(&format!("/{word} {}", "é".repeat(count))).await.is_empty(), "{word} {count}");
    }
    let dev = scene.channel(scene.dev.id);
    assert_eq!((dev.header.as_str(), dev.purpose.len(), dev.display_name.len()), ("See the [wiki](/wiki)", 500, 64));
    scene.forbid("channel_user", "manage_public_channel_properties");
    assert!(scene.told("/rename Other").await.contains("may not"));
}

#[tokio::test]
async fn conversations_have_a_header_alone() {
    let scene = Scene::new().await;
    scene.goes("/msg bob").await;
    let name = Told::direct_name(scene.ann.id, scene.bob.id);
    let direct = scene.ask(|connection| Ok(channels::named(connection, None, &name)?)).unwrap();
    assert_eq!(scene.run(&direct, "/header Plans").await.unwrap(), Answer::default());
    assert_eq!(scene.channel(direct.id).header, "Plans");
    for line in ["/rename x", "/purpose x", "/leave", "/invite @owner", "/kick bob"] {
        assert!(scene.run(&direct, line).await.unwrap().text.contains("direct"), "{line}");
    }
}

#[tokio::test]
async fn mute_is_switched_on_and_off() {
    let scene = Scene::new().await;
    let muted = |channel: &Channel| {
        let member = scene.ask(|connection| Ok(channels::member(connection, channel.id, scene.ann.id)?)).unwrap();
        let view = channels::member_view(&member);
        assert_eq!(view["notify_props"]["mark_unread"], if member.muted { "mention" } else { "all" });
        member.muted
    };
    assert!(!scene.told("/mute").await.is_empty());
    assert!(muted(&scene.dev));
    assert!(!scene.told("/mute ~town-square and more").await.is_empty());
    assert!(muted(&scene.town_square));
    assert!(!scene.told("/mute dev").await.is_empty());
    assert!(!muted(&scene.dev));
    assert!(!scene.told("/mute quiet").await.is_empty(), "she is not in it");
}

#[tokio::test]
async fn a_custom_status_is_kept_in_the_props_of_its_user() {
    let scene = Scene::new().await;
    let status = || {
        let account = scene.ask(|connection| Ok(accounts::find(connection, scene.ann.id)?)).unwrap();
        let status = account.extras["props"]["customStatus"].as_str().unwrap().to_owned();
        let status: Value = serde_json::from_str(&status).unwrap_or_default();
        (
            status["emoji"].as_str().unwrap_or_default().to_owned(),
            status["text"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert!(!scene.told("/status").await.is_empty());
    let cases = [
        (":coffee:  Back at ten", "coffee", "Back at ten"),
        ("👍🏽 fine", "+1", "fine"),
        ("busy", "speech_balloon", "busy"),
        ("clear", "", ""),
    ];
    for (text, emoji, want) in cases {
        assert!(!scene.told(&format!("/status {text}")).await.is_empty());
        assert_eq!(status(), (emoji.to_owned(), want.to_owned()), "{text}");
    }
    scene.told(&format!("/status {}", "é".repeat(101))).await;
    assert_eq!(status().1.chars().count(), 100);
    scene.set("TeamSettings", "EnableCustomUserStatuses", json!(false)).await;
    assert_eq!(scene.run(&scene.dev, "/status busy").await, None);
}

#[tokio::test]
async fn previews_are_a_preference() {
    let scene = Scene::new().await;
    for (line, value) in [("/collapse", "true"), ("/expand", "false")] {
        assert!(!scene.told(line).await.is_empty());
        let found = scene.ask(|connection| Ok(preferences::list(connection, scene.ann.id, "display_settings")?));
        let found: Vec<_> = found.iter().map(|one| (one.name.as_str(), one.value.as_str())).collect();
        assert_eq!(found, [("collapse_previews", value)]);
    }
}

#[tokio::test]
async fn invitations_by_mail_need_three_settings() {
    let scene = Scene::new().await;
    assert!(scene.told("/invite_people x@example.com").await.contains("switched off"));
    let offered = |scene: &Scene| {
        let all = super::all(scene.app(), &scene.app().settings.now());
        all.iter().any(|(command, _)| command.trigger.as_str() == "invite_people" && command.auto_complete)
    };
    assert!(!offered(&scene));
    scene.set("ServiceSettings", "EnableEmailInvitations", json!(true)).await;
    assert!(offered(&scene));
    assert!(scene.told("/invite_people all, x@example.com,").await.contains("Tell x@example.com to come"));
    assert!(scene.told("/invite_people x").await.contains("For example"));
    scene.forbid("team_user", "invite_user");
    assert!(scene.told("/invite_people x@example.com").await.contains("may not"));
}

#[tokio::test]
async fn test_is_there_only_for_testing() {
    let scene = Scene::new().await;
    assert_eq!(scene.run(&scene.dev, "/test help").await, None);
    scene.set("ServiceSettings", "EnableTesting", json!(true)).await;
    assert!(scene.told("/test help").await.contains("posts"));
    assert!(scene.told("/test posts 2").await.contains("administrators"));
    for line in ["/search x", "/settings", "/shortcuts", "/marketplace"] {
        assert!(!scene.told(line).await.is_empty(), "{line}");
    }
}
