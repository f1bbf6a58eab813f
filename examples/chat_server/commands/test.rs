//! `/test`: something to look at, while `EnableTesting` is on.

use async_trait::async_trait;
use jackfield::port::Scope;

use super::BuiltIn;
use super::call::{Answer, Call, no, quiet, tell};
use crate::errors::Failure;

/// Fills the channel with messages.
#[derive(Debug)]
pub(super) struct Test;

#[async_trait]
impl BuiltIn for Test {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        let mut words = call.text().split_whitespace();
        let (what, count) = (words.next().unwrap_or_default(), words.next().unwrap_or("1").parse::<usize>());
        let count = match (what, count) {
            ("posts", Ok(count @ 1..=MOST)) => count,
            _ => return Ok(Some(tell(HELP))),
        };
        if !call.may("manage_system", Scope::System).await? {
            return Err(no("Only administrators of the system may do this."));
        }
        let channel = call.channel()?;
        for number in 1..=count {
            call.say(&channel, &format!("Message {number} of {count}")).await?;
        }
        Ok(Some(quiet()))
    }
}

/// How many messages at a time.
const MOST: usize = 100;
const HELP: &str = "`/test posts 20` writes 20 messages here, of which there may be 100 at a time.";
