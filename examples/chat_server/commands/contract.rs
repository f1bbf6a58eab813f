//! Stands in for what the library will have.
#![allow(dead_code)]
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use jackfield::command::Answer;
use jackfield::engine::Caller;
use jackfield::id::PostId;
use jackfield::port::{Channel, PortError, SessionKind, Team, User};

#[async_trait]
pub(crate) trait CommandHandler: Debug + Send + Sync + 'static {
    async fn run(&self, call: &CommandCall<'_>) -> Result<Option<Answer>, PortError>;
}
pub(crate) struct CommandCall<'a> {
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) user: &'a User,
    pub(crate) channel: &'a Channel,
    pub(crate) team: &'a Team,
    pub(crate) root_id: Option<PostId>,
    pub(crate) line: &'a str,
    pub(crate) text: &'a str,
    pub(crate) site_url: &'a str,
    pub(crate) trigger_id: &'a str,
    pub(crate) session: Option<SessionKind>,
}
pub(crate) type Handler = Arc<dyn CommandHandler>;
