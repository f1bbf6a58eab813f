//! Stands in for what the library will have.
#![allow(dead_code)]
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use jackfield::engine::Caller;
use jackfield::id::PostId;
use jackfield::port::{Channel, PortError, SessionKind, Team, User};

#[async_trait]
pub(crate) trait CommandHandler: Debug + Send + Sync + 'static {
    async fn run(&self, call: &CommandCall<'_>) -> Result<Option<CommandResponse>, PortError>;
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
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct CommandResponse {
    pub(crate) response_type: String,
    pub(crate) text: String,
    pub(crate) goto_location: String,
}
impl CommandResponse {
    pub(crate) fn ephemeral(text: impl Into<String>) -> Self {
        Self { response_type: "ephemeral".to_owned(), text: text.into(), ..Self::default() }
    }
    pub(crate) fn quiet() -> Self {
        Self::default()
    }
    pub(crate) fn with_goto(mut self, location: impl Into<String>) -> Self {
        self.goto_location = location.into();
        self
    }
}
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub(crate) trigger: String,
    pub(crate) hint: String,
    pub(crate) description: String,
    pub(crate) auto_complete: bool,
    pub(crate) display_name: String,
}
impl Registered {
    pub(crate) fn built_in(trigger: &str, hint: &str, description: &str) -> Self {
        Self {
            trigger: trigger.to_owned(),
            hint: hint.to_owned(),
            description: description.to_owned(),
            auto_complete: true,
            display_name: trigger.to_owned(),
        }
    }
    pub(crate) fn hidden(mut self) -> Self {
        self.auto_complete = false;
        self
    }
    pub(crate) fn with_display_name(mut self, name: &str) -> Self {
        self.display_name = name.to_owned();
        self
    }
}
pub(crate) type Handler = Arc<dyn CommandHandler>;
