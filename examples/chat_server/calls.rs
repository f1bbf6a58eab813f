//! What a post sets off: calls of outgoing webhooks.
//!
//! Jackfield is told of every post within the transaction that stores it, and what it wants remembered lands with the
//! post: no call is lost that a stored post asks for, and none is made for a post that is not there.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{PoisonError, RwLock};

use jackfield::adapter::sqlite::commit_in;
use jackfield::engine::{Engine, Plan};
use jackfield::id::Millis;
use jackfield::port::{ChannelKind, Committed, PortError, PostEvent, SessionKind};
use rusqlite::Connection;

use crate::app::App;
use crate::errors::Failure;
use crate::known::Answers;
use crate::tables::posts::Post;
use crate::tables::{accounts, channels, teams};

/// Where the engine is plugged in, which asks the chat server and so comes after it.
#[derive(Debug, Default)]
pub(crate) struct Socket(RwLock<Option<Engine>>);

impl Socket {
    /// Plugs the engine in.
    pub(crate) fn plug_in(&self, engine: Engine) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(engine);
    }

    /// Pulls it out, so that the two no longer hold each other.
    pub(crate) fn pull_out(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The engine, while it is plugged in.
    pub(crate) fn engine(&self) -> Option<Engine> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl App {
    /// Tells of a new post whose way of being made triggers (OUT-43), in the transaction that stores it, and stores with
    /// it what follows. `session` says how the session came to be that made it, if one did.
    ///
    /// Of most posts nothing follows: they cost three look-ups in memory, and the question itself.
    pub(crate) fn plan_calls(
        &self,
        connection: &Connection,
        post: &Post,
        session: Option<SessionKind>,
    ) -> Result<Option<Plan>, Failure> {
        let Some(engine) = self.engine.engine() else { return Ok(None) };
        let channel =
            self.recall(|answers| &mut answers.channels, post.channel_id, |id| channels::told(connection, id))?;
        let Some(channel) = channel.filter(|channel| channel.kind == ChannelKind::Public) else { return Ok(None) };
        let Some(team) = channel.team_id else { return Ok(None) };
        let team = self.recall(|answers| &mut answers.teams, team, |id| teams::told(connection, id))?;
        let author = self.recall(|answers| &mut answers.users, post.user_id, |id| accounts::told(connection, id))?;
        let (Some(author), Some(team)) = (author, team) else { return Ok(None) };
        let event = PostEvent::new(post.id, Millis(post.create_at), &post.message, &author, &channel);
        let mut event = event.with_team(&team).with_files(&post.file_ids);
        event.post_type = &post.post_type;
        event.session = session;
        let plan = engine.plan(&event)?;
        if plan.is_empty() {
            return Ok(None);
        }
        match commit_in(connection, &plan.changes())? {
            Committed::Applied => Ok(Some(plan)),
            Committed::Conflict => Err(Failure::broken("the calls of a new post were there before it")),
        }
    }

    /// Begins the calls that were planned; for after the commit.
    pub(crate) fn begin_calls(&self, plan: Option<Plan>) {
        if let (Some(plan), Some(engine)) = (plan, self.engine.engine()) {
            engine.deliver(plan);
        }
    }

    /// What is known of one thing, or else read.
    fn recall<K: Clone + Copy + Eq + Hash, V: Clone>(
        &self,
        kind: fn(&mut Answers) -> &mut HashMap<K, V>,
        id: K,
        read: impl FnOnce(K) -> rusqlite::Result<Option<V>>,
    ) -> Result<Option<V>, Failure> {
        let read = || Ok(vec![read(id).map_err(PortError::new)?]);
        Ok(self.store.known().answer(kind, &[id], read)?.pop())
    }
}
