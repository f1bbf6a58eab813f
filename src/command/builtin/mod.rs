//! The built-in commands that come with the library: those that need nothing of a host but its posts (CMD-130). All
//! others a host registers itself, with [`arguments`] to read what was typed.

pub mod arguments;
#[cfg(test)]
mod tests;

use self::arguments::Echo;
use super::answer::Answer;
use super::registry::Registered;
use super::settings::CommandSettings;
use super::trigger::{InvalidTrigger, Trigger};
use crate::id::{ChannelId, PostId};
use crate::port::User;
use crate::post::{Destination, PostDraft};

/// A built-in command of the library.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum BuiltIn {
    Code,
    Echo,
    Help,
    Me,
    Shrug,
}

/// What a built-in command comes to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ran {
    /// This is its answer.
    Answer(Box<Answer>),
    /// It has no answer; this is posted after its delay, by who ran it.
    Later(Echo),
}

impl BuiltIn {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [Self::Code, Self::Echo, Self::Help, Self::Me, Self::Shrug];

    /// The word that calls it.
    pub(crate) fn trigger(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Echo => "echo",
            Self::Help => "help",
            Self::Me => "me",
            Self::Shrug => "shrug",
        }
    }

    /// What is shown of it.
    pub(crate) fn registered(self) -> Result<Registered, InvalidTrigger> {
        let (hint, description) = match self {
            Self::Code => ("[text]", "Show a text as a block of code"),
            Self::Echo => ("'message' [delay in seconds]", "Post a text, now or a little later"),
            Self::Help => ("", "Show where help is found"),
            Self::Me => ("[message]", "Say what you do"),
            Self::Shrug => ("[message]", r"Add ¯\_(ツ)_/¯ to your message"),
        };
        Ok(Registered::built_in(Trigger::parse(self.trigger())?, hint, description))
    }

    /// Runs it with what was typed behind its word.
    pub(crate) fn run(self, text: &str, settings: &CommandSettings) -> Ran {
        let answer = match self {
            Self::Code if text.is_empty() => Answer::ephemeral("Write the code behind `/code`."),
            Self::Code => {
                let lines: Vec<_> = text.split('\n').map(|line| ["    ", line].concat()).collect();
                Answer::in_channel(lines.join("\n")).unparsed()
            }
            Self::Echo if text.is_empty() => Answer::ephemeral("Write a message behind `/echo`."),
            Self::Echo => match arguments::echo(text) {
                echo if echo.delay > settings.echo_longest_delay => {
                    let seconds = settings.echo_longest_delay.whole_seconds();
                    Answer::ephemeral(format!("A message can be delayed by {seconds} seconds at most."))
                }
                echo => return Ran::Later(echo),
            },
            Self::Help => Answer::ephemeral(format!("[Documentation and guides]({})", settings.help_link())),
            Self::Me => Answer::in_channel(format!("*{text}*")).with_type("me"),
            Self::Shrug => {
                let space = if text.is_empty() { "" } else { " " };
                Answer::in_channel([text, space, SHRUG].concat())
            }
        };
        Ran::Answer(Box::new(answer))
    }
}

/// What who has too many delayed messages waiting is told (CMD-131).
pub(crate) fn too_many_echoes() -> Answer {
    Answer::ephemeral("You have too many delayed messages waiting. Try again when some of them were posted.")
}

/// The post that a delayed message becomes: by who ran the command, as it was typed, and not marked (CMD-131).
pub(crate) fn echo_post(message: String, user: &User, channel_id: ChannelId, root_id: Option<PostId>) -> PostDraft {
    let mut post = PostDraft::new(Destination::Channel(channel_id), user.id, message);
    post.root_id = root_id;
    (post.set_online, post.triggers) = (true, true);
    post
}

/// With as many backslashes as Markdown needs to show one.
const SHRUG: &str = r"¯\\\_(ツ)\_/¯";
