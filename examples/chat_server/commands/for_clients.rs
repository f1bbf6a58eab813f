//! `/search`, `/settings`, `/shortcuts`, `/marketplace`: what clients do themselves, as far as they can.

use async_trait::async_trait;

use super::BuiltIn;
use super::call::{Answer, Call, tell};
use crate::errors::Failure;

/// Says that the client should have done this.
#[derive(Debug)]
pub(super) struct ForClients(pub(super) &'static str);

#[async_trait]
impl BuiltIn for ForClients {
    async fn run(&self, _: &Call<'_>) -> Result<Option<Answer>, Failure> {
        let words = format!("`/{}` is for clients that can do it themselves; this one cannot.", self.0);
        Ok(Some(tell(words)))
    }
}
