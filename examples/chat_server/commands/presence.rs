//! `/online`, `/away`, `/dnd`, `/offline`: whether who types it is there, until they say something else.

use async_trait::async_trait;

use super::BuiltIn;
use super::call::{Answer, Call, tell};
use crate::errors::Failure;
use crate::presence;

/// Says this status.
#[derive(Debug)]
pub(super) struct Say(pub(super) &'static str);

#[async_trait]
impl BuiltIn for Say {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        call.require_whole()?;
        presence::say(call.app(), call.user(), self.0, 0).await?;
        let words = match self.0 {
            "away" => "You are shown as away now.",
            "dnd" => "You are shown as not to be disturbed now.",
            "offline" => "You are shown as offline now.",
            _ => "You are shown as online now.",
        };
        Ok(Some(tell(words)))
    }
}
