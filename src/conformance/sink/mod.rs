//! Checks for [`PostSink`], with the [`Directory`] beside it.

mod batches;
mod bots;
mod changes;
mod keys;
mod posts;

use std::sync::Arc;

use async_trait::async_trait;

use super::race::spawn_thread;
use super::{Check, Name, Task, Violation};
use crate::id::{ChannelId, PostId, SessionId, UserId};
use crate::port::{Action, Applied, Channel, Directory, Effect, EffectKey, Post, PostSink, Refused, RefusedKind};
use crate::post::{Destination, PostDraft};

pub use self::batches::*;
pub use self::bots::*;
pub use self::changes::*;
pub use self::keys::*;
pub use self::posts::*;

/// A chat server to check.
#[derive(Clone, Debug)]
pub struct TestHost {
    /// An active user, who is in the channel.
    pub author: UserId,
    /// A live channel that both users may post to.
    pub channel: ChannelId,
    /// Tells what is there.
    pub directory: Arc<dyn Directory>,
    /// Another active user; the two have no direct channel yet, and neither has one with themself.
    pub other: UserId,
    /// What is checked.
    pub sink: Arc<dyn PostSink>,
}

/// Makes chat servers to check.
///
/// A closure `|| async { … }` that returns a [`TestHost`] is one.
#[async_trait]
pub trait SinkFixture: Send + Sync {
    /// Makes a chat server that no check has seen.
    async fn fresh(&self) -> TestHost;

    /// Runs a task beside others: on a thread of its own, unless a fixture knows better.
    fn spawn(&self, task: Task) {
        spawn_thread(task);
    }
}

#[async_trait]
impl<F, R> SinkFixture for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = TestHost> + Send + 'static,
{
    async fn fresh(&self) -> TestHost {
        self().await
    }
}

/// Gives one test for each check of a [`PostSink`](crate::port::PostSink).
///
/// Takes the attribute that makes an `async fn` a test, and a [`SinkFixture`](crate::conformance::SinkFixture), such as
/// a closure that returns a [`TestHost`](crate::conformance::TestHost). It is best called in a module of its own.
#[macro_export]
macro_rules! post_sink_conformance {
    ($test:meta, $fixture:expr $(,)?) => {
        $crate::__sink_checks! { [$crate::__one_test_per_check!] sink, $test, $fixture; }
    };
}

/// Hands the list of the checks to a macro, after what that macro wants to see before it.
#[doc(hidden)]
#[macro_export]
macro_rules! __sink_checks {
    ([$($callback:tt)*] $($before:tt)*) => {
        $($callback)* {
            $($before)*
            created_posts_are_given_back,
            origins_are_given_back,
            posts_of_one_effect_rise,
            without_a_key_each_call_is_new,
            a_direct_channel_is_opened_once,
            one_of_many_opens_a_direct_channel,
            ephemeral_posts_are_not_stored,
            posts_to_nowhere_are_not_found,
            a_key_is_applied_once,
            a_repeat_says_so,
            keys_are_told_apart,
            a_key_is_applied_once_in_a_race,
            each_effect_has_an_answer,
            effects_are_applied_in_order,
            batches_are_all_or_nothing,
            a_refused_batch_leaves_its_keys_free,
            updates_change_content_and_nothing_else,
            deleted_posts_are_gone,
            gone_posts_are_not_found,
            bots_are_known_or_not_at_all,
            bots_are_saved_as_they_should_be,
            a_taken_username_is_refused,
            one_of_many_gets_a_username,
            accounts_are_all_or_nothing,
            accounts_are_converted,
            a_refused_conversion_changes_nothing,
            sessions_that_are_not_there_end,
        }
    };
}

/// Runs every check, and returns what is broken, in the order of the checks.
pub async fn run_sink(fixture: impl SinkFixture) -> Vec<Violation> {
    let mut violations = Vec::new();
    macro_rules! run {
        ($($check:ident,)*) => {$(violations.extend($check(&fixture).await.err());)*};
    }
    crate::__sink_checks! { [run!] }
    violations
}

/// A host under a check.
#[derive(Clone)]
struct Subject {
    host: TestHost,
    name: Name,
}

impl Subject {
    async fn fresh(check: &'static str, fixture: &dyn SinkFixture) -> Self {
        Self { host: fixture.fresh().await, name: Name(check) }
    }

    /// An ordinary post of the author in the channel.
    fn draft(&self, message: &str) -> PostDraft {
        PostDraft::new(Destination::Channel(self.host.channel), self.host.author, message)
    }

    /// Creates one such post for each message.
    fn create(&self, messages: &[&str]) -> Effect {
        Effect::new(Action::CreatePosts(messages.iter().map(|message| self.draft(message)).collect()))
    }

    /// Applies what must be applied.
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Violation> {
        let applied = self.host.sink.apply(effects).await;
        applied.map_err(|error| self.name.violation(format!("effects that are fine were refused: {error}")))
    }

    /// Applies one effect, and returns the posts that the answer names.
    async fn posts(&self, effect: Effect) -> Result<Vec<PostId>, Violation> {
        let applied = self.apply(vec![effect]).await?;
        Ok(applied.into_iter().next().unwrap_or_default().posts)
    }

    /// Creates one post.
    async fn post(&self, message: &str) -> Result<PostId, Violation> {
        let posts = self.posts(self.create(&[message])).await?;
        self.only(&posts)
    }

    /// There must be one.
    fn only(&self, posts: &[PostId]) -> Result<PostId, Violation> {
        match posts {
            [post] => Ok(*post),
            _ => Err(self.name.violation(format!("the answer names {} posts, not one", posts.len()))),
        }
    }

    /// Applies what must be refused for a reason.
    async fn refuse(&self, effects: Vec<Effect>, why: RefusedKind) -> Check {
        let refused = self.host.sink.apply(effects).await;
        self.name.equal("the answer", &refused.as_ref().map_err(Refused::kind), &Err(why))
    }

    /// Returns a post that must be there.
    async fn stored(&self, id: PostId) -> Result<Post, Violation> {
        let post = self.look(id).await?;
        post.ok_or_else(|| self.name.violation(format!("the post {id} is not there")))
    }

    /// Returns a post, if it is there and not deleted.
    async fn look(&self, id: PostId) -> Result<Option<Post>, Violation> {
        let post = self.host.directory.post(id).await;
        let post = post.map_err(|error| self.name.violation(format!("the directory failed: {error}")))?;
        Ok(post.filter(|post| !post.deleted))
    }

    async fn messages(&self, posts: &[PostId]) -> Result<Vec<String>, Violation> {
        let mut messages = Vec::new();
        for id in posts {
            messages.push(self.stored(*id).await?.message);
        }
        Ok(messages)
    }

    /// Returns the direct channels of two users; there should be one at most.
    async fn direct(&self, one: UserId, other: UserId) -> Result<Vec<Channel>, Violation> {
        let channels = self.host.directory.channels_named(None, &[&Channel::direct_name(one, other)]).await;
        channels.map_err(|error| self.name.violation(format!("the directory failed: {error}")))
    }
}

/// A key of an effect, made of a number.
fn key(number: u8) -> Option<EffectKey> {
    Some(EffectKey([number; 16]))
}

/// The id of a post that is nowhere.
fn nowhere() -> PostId {
    PostId::from_random([0xA5; 16])
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_check_is_in_the_list() {
        macro_rules! names {
            ($($check:ident,)*) => { [$(stringify!($check)),*] };
        }
        let listed = crate::__sink_checks! { [names!] };
        let sources = [
            include_str!("posts.rs"),
            include_str!("keys.rs"),
            include_str!("batches.rs"),
            include_str!("changes.rs"),
            include_str!("bots.rs"),
        ];
        let written = sources.iter().flat_map(|source| source.split("pub async fn ").skip(1));
        let written: Vec<_> = written.filter_map(|rest| rest.split('(').next()).collect();
        assert_eq!(listed.as_slice(), written);
    }
}
