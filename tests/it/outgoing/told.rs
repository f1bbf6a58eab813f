//! Posts that the engine is told of, and what comes of them.

use jackfield::engine::Plan;
use jackfield::id::{ChannelId, Millis, PostId, UserId};
use jackfield::port::{Channel, PostEvent, SessionKind, Team, User};
use jackfield::post::{Destination, PostDraft};
use serde_json::Value;

use crate::host::{START, Site, Stored};

/// A post of the host's, and all that an event borrows.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) author: User,
    pub(super) channel: Channel,
    pub(super) create_at: Millis,
    pub(super) files: Vec<String>,
    pub(super) id: PostId,
    pub(super) message: String,
    pub(super) post_type: String,
    pub(super) session: Option<SessionKind>,
    pub(super) team: Option<Team>,
    pub(super) triggers: bool,
}

impl Told {
    /// A message of a user in a channel, which the host has stored.
    pub(super) fn new(site: &Site, author: UserId, channel: ChannelId, message: &str) -> Self {
        Self::answering(site, author, channel, message, None)
    }

    /// The same as the answer to another.
    pub(super) fn answering(
        site: &Site,
        author: UserId,
        channel: ChannelId,
        message: &str,
        root_id: Option<PostId>,
    ) -> Self {
        let mut world = site.host.world();
        let (author, channel) = (world.user(author).clone(), world.channel(channel).clone());
        let team = world.teams.iter().find(|team| Some(team.id) == channel.team_id).cloned();
        let id = PostId::from_random((world.posts.len() as u128 + 1_000_000).to_be_bytes());
        let mut draft = PostDraft::new(Destination::Channel(channel.id), author.id, message);
        draft.root_id = root_id;
        world.posts.push(Stored { channel: channel.id, deleted: false, draft, id });
        drop(world);
        Self {
            author,
            channel,
            create_at: Millis(START),
            files: Vec::new(),
            id,
            message: message.to_owned(),
            post_type: String::new(),
            session: None,
            team,
            triggers: true,
        }
    }

    pub(super) fn event(&self) -> PostEvent<'_> {
        let event = PostEvent::new(self.id, self.create_at, &self.message, &self.author, &self.channel);
        let mut event = event.with_files(&self.files);
        (event.post_type, event.session) = (&self.post_type, self.session);
        (event.team, event.triggers) = (self.team.as_ref(), self.triggers);
        event
    }

    pub(super) fn plan(&self, site: &Site) -> Plan {
        site.engine().plan(&self.event()).unwrap()
    }

    /// How many deliveries it sets off.
    pub(super) fn sets_off(&self, site: &Site) -> usize {
        self.plan(site).changes().len()
    }

    /// Tells the engine of it.
    pub(super) async fn tell(&self, site: &Site) {
        site.engine().posted(&self.event()).await.unwrap();
    }
}

/// Lets a worker work until `is_done`, and finish.
pub(super) async fn work(site: &Site, is_done: impl Fn(&Site) -> bool) {
    let done = async {
        for _ in 0..100_000 {
            if is_done(site) {
                return;
            }
            tokio::task::yield_now().await;
        }
        panic!("the worker does not get there");
    };
    site.engine().run(done).await;
}

/// Lets a worker do what it can do at once.
pub(super) async fn work_for_a_while(site: &Site) {
    let turns = std::cell::Cell::new(0);
    work(site, |_| turns.replace(turns.get() + 1) == 1_000).await;
}

/// Lets a worker make so many calls in all.
pub(super) async fn work_until_called(site: &Site, calls: usize) {
    work(site, |site| site.host.world().outside.requests.len() >= calls).await;
}

/// Writes down what integrations answer.
pub(super) fn answers(site: &Site, bodies: &[Value]) {
    let bodies = bodies.iter().map(|body| (200, body.to_string()));
    site.host.world().outside.answers.extend(bodies);
}

/// What was sent, the bodies as texts.
pub(super) fn sent(site: &Site) -> Vec<http::Request<String>> {
    let world = site.host.world();
    let text =
        |request: &http::Request<bytes::Bytes>| request.clone().map(|body| String::from_utf8(body.to_vec()).unwrap());
    world.outside.requests.iter().map(text).collect()
}
