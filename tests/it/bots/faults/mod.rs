//! Whatever breaks at whatever step, a bot and its account agree in the end, and are as before or as asked for.

mod stumbling;

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield::api::Api;
use jackfield::engine::{Engine, Ports, Settings, WantedBot};
use jackfield::port::{Collection, Key, Storage};
use jackfield::security::MasterKey;

use self::stumbling::{Mood, Stumbling};
use super::*;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Op {
    Assign,
    Create,
    Disable,
    Enable,
    Ensure,
    Patch,
    ToBot,
    ToUser,
}

/// How the rest of an interrupted change comes to be done.
#[derive(Clone, Copy, Debug)]
enum Rest {
    /// Another request looks at it.
    Met,
    /// The server starts again.
    Restarted,
}

/// A server whose ports may stumble.
struct Shaky {
    bot: UserId,
    ports: Arc<Stumbling>,
    site: Site,
}

impl Shaky {
    async fn new(op: Op) -> Self {
        let mut site = Site::new().await;
        let ports = Arc::new(Stumbling::new(site.host.clone()));
        site.api = Api::new(start(&ports).await);
        let bot = make(&site, "robot").await;
        if op == Op::Enable {
            post(&site, "admin", &format!("/bots/{bot}/disable")).await;
        }
        site.host.world().posts.clear();
        Self { bot, ports, site }
    }

    async fn run(&self, op: Op) -> u16 {
        let (site, bot) = (&self.site, self.bot);
        let (method, path, body) = match op {
            Op::Assign => ("POST", format!("/bots/{bot}/assign/{}", site.ann), ""),
            Op::Create => ("POST", "/bots".to_owned(), r#"{"username":"second","description":"new"}"#),
            Op::Disable => ("POST", format!("/bots/{bot}/disable"), ""),
            Op::Enable => ("POST", format!("/bots/{bot}/enable"), ""),
            Op::Ensure => {
                let wanted = WantedBot { username: "second".to_owned(), ..WantedBot::default() };
                let ensured = site.engine().ensure_bot("plug", wanted).await;
                return if ensured.is_ok() { 200 } else { 500 };
            }
            Op::Patch => {
                ("PUT", format!("/bots/{bot}"), r#"{"username":"new","display_name":"New","description":"d"}"#)
            }
            Op::ToBot => ("POST", format!("/users/{}/convert_to_bot", site.ann), ""),
            Op::ToUser => ("POST", format!("/bots/{bot}/convert_to_user"), r#"{"password":"long enough"}"#),
        };
        ask(site, "admin", method, &path, body).await.status
    }

    /// Lets the ports stumble at a step. Returns whether they did, and the status, unless the request was dropped.
    async fn stumble(&self, op: Op, steps: usize, mood: Mood) -> (bool, Option<u16>) {
        self.ports.stumble_after(steps, mood);
        let status = tokio::select! {
            status = self.run(op) => Some(status),
            () = self.ports.hung() => None,
        };
        (self.ports.recover(), status)
    }

    /// Drops the request when the host is asked to do its part.
    async fn drop_at_sink(&self, op: Op) {
        self.ports.hang_at("sink");
        tokio::select! {
            status = self.run(op) => panic!("{op:?} was done: {status}"),
            () = self.ports.hung() => {}
        }
        self.ports.recover();
    }

    /// Lets the rest be done.
    async fn rest(&mut self, rest: Rest) {
        match rest {
            Rest::Met => {
                self.site.host.world().milliseconds += 10_001;
                let listed = ask(&self.site, "admin", "GET", "/bots?include_deleted=true", "").await;
                assert_eq!(listed.status, 200);
            }
            Rest::Restarted => self.site.api = Api::new(start(&self.ports).await),
        }
    }

    /// All that there is to see of bots, by name: accounts, records, how many posts and sessions.
    async fn seen(&self) -> BTreeMap<String, String> {
        let listed = ask(&self.site, "admin", "GET", "/bots?include_deleted=true", "").await.json();
        let records: BTreeMap<_, _> =
            listed.as_array().unwrap().iter().map(|bot| (bot["user_id"].to_string(), bot)).collect();
        let world = self.site.host.world();
        let mut seen = BTreeMap::new();
        for user in &world.users {
            let record = records.get(&json!(user.id).to_string());
            let description = world.descriptions.get(&user.id).cloned().unwrap_or_default();
            if let Some(record) = record {
                assert!(user.is_bot, "{record} has the account of a human");
                assert_eq!(record["username"], json!(user.username));
                assert_eq!(record["delete_at"] != 0, user.deactivated, "{record} {user:?}");
                assert_eq!(record.get("description").map_or("", |text| text.as_str().unwrap()), description);
            }
            assert_eq!(user.is_bot && user.id != self.site.bot, record.is_some(), "{user:?}");
            let owner = record.and_then(|record| world.users.iter().find(|user| record["owner_id"] == json!(user.id)));
            let sessions = world.sessions.values().filter(|session| session.user_id == user.id).count();
            let told =
                (user.is_bot, user.deactivated, &user.first_name, description, owner.map(|owner| &owner.username));
            seen.insert(user.username.clone(), format!("{told:?} {sessions}"));
        }
        assert_eq!(seen.len(), world.users.len(), "two have one name");
        seen
    }
}

async fn start(ports: &Arc<Stumbling>) -> Engine {
    let mut settings = Settings::default();
    settings.bots.creation_enabled = true;
    settings.keys = vec![MasterKey::new([7; 32])];
    let host = ports.host.clone();
    let ports = Ports::new(ports.clone(), ports.clone(), ports.clone());
    Engine::start(ports.with_observer(host.clone()).with_clock(host), settings).await.unwrap()
}

/// A storage that fails, a host that fails before or after it did what it was asked, and a request that is dropped.
#[tokio::test]
async fn a_fault_at_any_step_leaves_bot_and_account_as_before_or_as_asked_for() {
    use Op::{Assign, Create, Disable, Enable, Ensure, Patch, ToBot, ToUser};
    for op in [Assign, Create, Disable, Enable, Ensure, Patch, ToBot, ToUser] {
        let twin = Shaky::new(op).await;
        let before = twin.seen().await;
        assert!(twin.run(op).await < 300, "{op:?}");
        let after = twin.seen().await;
        for mood in [Mood::FailBefore, Mood::FailAfter, Mood::HangBefore, Mood::HangAfter] {
            for rest in [Rest::Met, Rest::Restarted] {
                for steps in 0.. {
                    let mut shaky = Shaky::new(op).await;
                    let (stumbled, status) = shaky.stumble(op, steps, mood).await;
                    if !stumbled {
                        assert!(steps > 4 && status.is_some_and(|status| status < 300), "{op:?} {status:?}");
                        break;
                    }
                    let row = format!("{op:?} {mood:?} {rest:?} after {steps} steps: {status:?}");
                    shaky.rest(rest).await;
                    let seen = shaky.seen().await;
                    assert!(seen == before || seen == after, "{row}: {seen:#?}");
                    if status.is_some_and(|status| status < 300) {
                        assert_eq!(seen, after, "{row}: it was said to be done");
                    }
                    let again = shaky.run(op).await;
                    let is_done_already = match op {
                        Create => again == 400,
                        ToBot => again == 500,
                        ToUser => again == 404,
                        _ => false,
                    };
                    assert!(again < 300 || (is_done_already && seen == after), "{row}: again: {again}");
                    assert_eq!(shaky.seen().await, after, "{row}: after it was done again");
                    assert!(shaky.site.posts().len() <= 1 || op == Assign, "{row}: {:?}", shaky.site.posts());
                }
            }
        }
    }
}

/// What nobody is at any more is finished; what somebody may be at is left to them.
#[tokio::test]
async fn a_list_finishes_what_was_abandoned() {
    let shaky = Shaky::new(Op::Create).await;
    shaky.drop_at_sink(Op::Create).await;
    let listed = async || ask(&shaky.site, "admin", "GET", "/bots", "").await.json().as_array().unwrap().len();
    assert_eq!(listed().await, 1);
    shaky.site.host.world().milliseconds += 10_000;
    assert_eq!(listed().await, 1);
    shaky.site.host.world().milliseconds += 1;
    assert_eq!(listed().await, 2);
    assert_eq!(shaky.site.last().draft.post_type, "add_bot_teams_channels", "and welcomes its owner");
}

/// A change that was begun, and that the host will not have by now, has not been.
#[tokio::test]
async fn a_name_that_was_taken_meanwhile_is_given_up() {
    let mut shaky = Shaky::new(Op::Create).await;
    shaky.drop_at_sink(Op::Create).await;
    let ann = shaky.site.ann;
    shaky.site.host.world().user(ann).username = "second".to_owned();
    let before = shaky.seen().await;
    shaky.rest(Rest::Restarted).await;
    assert_eq!(shaky.seen().await, before);
    assert!(audits(&shaky.site).last().unwrap().ends_with(&format!("refused: {TAKEN}")));
    let observed = shaky.site.host.world().observed.len();
    shaky.rest(Rest::Restarted).await;
    assert_eq!(shaky.site.host.world().observed.len(), observed, "it is not tried again");
}

/// An account that was deleted while a change of it was under way does not come back.
#[tokio::test]
async fn an_account_that_is_gone_is_not_made_again() {
    let mut shaky = Shaky::new(Op::Patch).await;
    shaky.drop_at_sink(Op::Patch).await;
    let bot = shaky.bot;
    shaky.site.host.world().users.retain(|user| user.id != bot);
    shaky.rest(Rest::Restarted).await;
    assert!(!shaky.site.host.world().users.iter().any(|user| user.id == bot));
}

/// The password of a conversion that is under way is sealed, and gone with it.
#[tokio::test]
async fn no_password_lies_open_in_the_storage() {
    let mut shaky = Shaky::new(Op::ToUser).await;
    let key = Key::new(Collection("bot"), shaky.bot.as_str().as_bytes().to_vec());
    shaky.drop_at_sink(Op::ToUser).await;
    let body = shaky.ports.get(&key).await.unwrap().unwrap().body;
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("pending") && !text.contains("long enough") && !text.contains("password"), "{text}");
    let bot = shaky.bot;
    shaky.site.host.world().user(bot).username = "renamed".to_owned();
    shaky.rest(Rest::Restarted).await;
    assert!(!account(&shaky.site, bot).is_bot);
    assert_eq!(shaky.ports.get(&key).await.unwrap(), None);
}

/// A host that is down while the server starts is no reason not to start.
#[tokio::test]
async fn what_cannot_be_finished_waits() {
    let mut shaky = Shaky::new(Op::Disable).await;
    shaky.drop_at_sink(Op::Disable).await;
    shaky.site.host.world().broken.sink = Some(jackfield::port::RefusedKind::Failed);
    shaky.rest(Rest::Restarted).await;
    assert_eq!(show(&shaky.site, shaky.bot).await["delete_at"], 0, "what counts is what was before");
    let changed = ask(&shaky.site, "admin", "PUT", &format!("/bots/{}", shaky.bot), r#"{"display_name":"x"}"#).await;
    assert_eq!(changed.brief(), (500, "app.bot.patchbot.internal_error".into()));
    shaky.site.host.world().broken.sink = None;
    assert_ne!(show(&shaky.site, shaky.bot).await["delete_at"], 0);
    assert!(account(&shaky.site, shaky.bot).deactivated);
}
