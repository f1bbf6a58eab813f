//! `/logout`: clients log out when they are sent to where one logs in.

use async_trait::async_trait;

use super::BuiltIn;
use super::call::{Answer, Call, go_to};
use crate::errors::Failure;

/// Sends the client away; the session goes on until the client ends it.
#[derive(Debug)]
pub(super) struct Logout;

#[async_trait]
impl BuiltIn for Logout {
    async fn run(&self, _: &Call<'_>) -> Result<Option<Answer>, Failure> {
        Ok(Some(go_to("/login")))
    }
}
