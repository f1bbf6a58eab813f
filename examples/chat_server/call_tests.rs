//! Posts and the calls that they set off: stored together or not at all.

use axum::http::Request;
use jackfield::id::UserId;
use jackfield::outgoing::HookRequest;
use jackfield::port::{ChannelKind, SessionKind};
use rusqlite::Connection;

use crate::ambient::{now, post_id};
use crate::app::{App, Server};
use crate::errors::Failure;
use crate::options::Data;
use crate::plug;
use crate::posting::Written;
use crate::routes::posts::publish;
use crate::tables::accounts::{self, Account};
use crate::tables::channels::{self, Channel};
use crate::tables::posts::{self, Post};
use crate::tables::{sessions, teams};
use crate::tests::empty;

/// A server where `deploy` is a trigger word, with its administrator and a channel of each kind that a team has.
struct Scene {
    caller: jackfield::engine::Caller,
    private: Channel,
    public: Channel,
    server: Server,
    user: UserId,
}

impl Scene {
    async fn new() -> Self {
        let app = empty().await;
        let server = Server { api: plug::start(&app, &Data::Memory).await.unwrap(), app: app.clone() };
        let ann = Account::new("ann", "ann@example.com", String::new(), "system_user system_admin").unwrap();
        let team = crate::demo::team("ann@example.com").unwrap();
        let user = ann.id;
        let channel = |kind, name| Channel::new(kind, Some(team.id), name, user).unwrap();
        let (public, private) = (channel(ChannelKind::Public, "dev"), channel(ChannelKind::Private, "ops"));
        let (made, in_team) = (team.clone(), [public.clone(), private.clone()]);
        let opened = app.store.write(move |connection| {
            accounts::store(connection, &ann)?;
            teams::insert(connection, &made)?;
            teams::join(connection, made.id, user, "team_user team_admin")?;
            for channel in &in_team {
                channels::save(connection, channel)?;
                channels::join(connection, channel.id, user, "channel_user")?;
            }
            sessions::open(connection, user, "", 3_600_000)
        });
        let token = opened.await.unwrap().token;
        let request = Request::get("/").header("Authorization", format!("Bearer {token}")).body(()).unwrap();
        let (parts, ()) = request.into_parts();
        let caller = server.api.engine().authenticate(&parts).await.unwrap().unwrap();
        let mut hook = HookRequest::default();
        hook.callback_urls = vec!["http://127.0.0.1:1/".to_owned()];
        hook.team_id = team.id.as_str().to_owned();
        hook.trigger_words = vec!["deploy".to_owned()];
        server.api.engine().create_outgoing_webhook(&caller, hook).await.unwrap();
        Self { caller, private, public, server, user }
    }

    async fn write(&self, channel: &Channel, message: &str) -> Result<Post, Failure> {
        let written = Written { message: message.to_owned(), ..Written::default() };
        publish(&self.server, &self.caller, channel.id.as_str(), written).await
    }

    fn app(&self) -> &App {
        &self.server.app
    }

    /// How many posts and how many deliveries are stored.
    fn count(&self) -> (i64, i64) {
        let count = |connection: &Connection, sql| connection.query_row(sql, [], |row| row.get(0));
        self.app()
            .store
            .read(|connection| {
                let deliveries = "SELECT count(*) FROM jackfield_records WHERE collection = 'delivery'";
                Ok((count(connection, "SELECT count(*) FROM posts")?, count(connection, deliveries)?))
            })
            .unwrap()
    }
}

#[tokio::test]
async fn a_post_and_its_calls_are_stored_together() {
    let scene = Scene::new().await;
    scene.write(&scene.public, "deploy web").await.unwrap();
    assert_eq!(scene.count(), (1, 1));
}

#[tokio::test]
async fn what_triggers_nothing_stores_nothing_more() {
    let scene = Scene::new().await;
    scene.write(&scene.public, "Deploy web").await.unwrap();
    scene.write(&scene.private, "deploy web").await.unwrap();
    assert_eq!(scene.count(), (2, 0));
}

#[tokio::test]
async fn calls_that_cannot_be_stored_leave_no_post() {
    let scene = Scene::new().await;
    let full = "CREATE TRIGGER full BEFORE INSERT ON jackfield_records WHEN NEW.collection = 'delivery'
                BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    scene.app().store.write(|connection| Ok(connection.execute_batch(full)?)).await.unwrap();
    assert!(matches!(scene.write(&scene.public, "deploy web").await, Err(Failure::Broken(_))));
    assert_eq!(scene.count(), (0, 0));
    scene.write(&scene.public, "hello").await.unwrap();
    assert_eq!(scene.count(), (1, 0), "the server goes on");
}

#[tokio::test]
async fn a_post_that_cannot_be_stored_leaves_no_calls() {
    let scene = Scene::new().await;
    let (app, at) = (scene.app().clone(), now());
    let post = Post {
        channel_id: scene.public.id,
        create_at: at,
        delete_at: 0,
        edit_at: 0,
        file_ids: Vec::new(),
        has_reactions: false,
        hashtags: String::new(),
        id: post_id(at).unwrap(),
        is_pinned: false,
        message: "deploy web".to_owned(),
        origin: None,
        post_type: String::new(),
        priority: None,
        props: serde_json::Map::new(),
        replies: 0,
        root_id: None,
        update_at: at,
        user_id: scene.user,
    };
    let job = scene.app().store.write_posts(move |connection| {
        posts::insert(connection, &post, "{}", None)?;
        let plan = app.plan_calls(connection, &post, Some(SessionKind::Login))?;
        assert!(plan.is_some());
        Err::<(), _>(Failure::broken("what comes after it failed"))
    });
    assert!(job.await.is_err());
    assert_eq!(scene.count(), (0, 0));
}
