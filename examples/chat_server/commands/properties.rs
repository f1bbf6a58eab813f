//! `/header`, `/purpose`, `/rename`: what a channel says of itself.

use async_trait::async_trait;
use jackfield::port::Scope;

use super::BuiltIn;
use super::call::{Answer, Call, no, quiet};
use crate::errors::Failure;
use crate::properties;

/// Sets one of the texts of the channel.
#[derive(Clone, Copy, Debug)]
pub(super) enum Set {
    Header,
    Name,
    Purpose,
}

#[async_trait]
impl BuiltIn for Set {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        let channel = match self {
            Self::Header => call.channel()?,
            Self::Name | Self::Purpose => call.team_channel()?,
        };
        if !call.may(properties::permission(channel.kind), Scope::Channel(channel.id)).await? {
            return Err(no("You may not change this channel."));
        }
        let text = call.text().to_owned();
        let (usage, too_long) = match self {
            Self::Header => ("`/header` and a text", text.chars().count() > 1_024),
            Self::Name => ("`/rename` and a name of 64 bytes at most", text.len() > 64),
            Self::Purpose => ("`/purpose` and a text of 250 characters at most", text.chars().count() > 250),
        };
        if text.is_empty() {
            return Err(no(format!("A text is missing. Write {usage}.")));
        }
        if too_long {
            return Err(no(format!("The text is too long. Write {usage}.")));
        }
        let set = *self;
        properties::edit(call.app(), channel, move |channel| match set {
            Self::Header => channel.header = text,
            Self::Name => channel.display_name = text,
            Self::Purpose => channel.purpose = text,
        })
        .await?;
        Ok(Some(quiet()))
    }
}
