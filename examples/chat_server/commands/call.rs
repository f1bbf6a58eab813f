//! A command that is being run, and what commands ask for again and again.

pub(super) use jackfield::command::Answer;
use jackfield::engine::{Caller, CommandCall};
use jackfield::id::{TeamId, UserId};
use jackfield::port::{ChannelKind, Scope, SessionKind};

use crate::app::{App, Server};
use crate::caller;
use crate::errors::Failure;
use crate::posting::{Author, Written};
use crate::routes::posts;
use crate::tables::channels::{self, Channel};

/// A command that is being run.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    it: &'a CommandCall<'a>,
    pub(super) server: &'a Server,
}

impl<'a> Call<'a> {
    pub(super) fn new(server: &'a Server, it: &'a CommandCall<'a>) -> Self {
        Self { it, server }
    }

    /// The chat server.
    pub(super) fn app(&self) -> &'a App {
        &self.server.app
    }

    /// What follows the word, without the spaces around it.
    pub(super) fn text(&self) -> &'a str {
        self.it.text.trim()
    }

    /// Who typed it.
    pub(super) fn user(&self) -> UserId {
        self.it.user.id
    }

    /// The team that it was typed in.
    pub(super) fn team(&self) -> TeamId {
        self.it.team.id
    }

    /// The channel that it was typed in.
    pub(super) fn channel(&self) -> Result<Channel, Failure> {
        let found = self.app().store.read(|connection| Ok(channels::find(connection, self.it.channel.id)?))?;
        found.ok_or_else(|| no("This channel is gone."))
    }

    /// The channel that it was typed in, which must be one of a team.
    pub(super) fn team_channel(&self) -> Result<Channel, Failure> {
        let channel = self.channel()?;
        match channel.kind {
            ChannelKind::Private | ChannelKind::Public => Ok(channel),
            ChannelKind::Direct | ChannelKind::Group => Err(no("This does not work in direct and group messages.")),
        }
    }

    /// A live channel of the team by its name, which may begin with a `~`.
    pub(super) fn named(&self, name: &str) -> Result<Option<Channel>, Failure> {
        let name = name.strip_prefix('~').unwrap_or(name);
        let found = self.app().store.read(|connection| Ok(channels::named(connection, Some(self.team()), name)?))?;
        Ok(found.filter(|channel| channel.delete_at == 0))
    }

    /// Whether who typed it may do something somewhere: they, and the session in which they did.
    pub(super) async fn may(&self, permission: &str, scope: Scope) -> Result<bool, Failure> {
        match self.it.caller {
            Some(caller) => caller::may(caller, permission, scope).await,
            None => self.app().may(self.user(), permission, scope),
        }
    }

    /// Whether the session is for less than the user may.
    pub(super) fn is_restricted(&self) -> bool {
        self.it.caller.is_some_and(Caller::is_restricted)
    }

    /// Refuses a session that is for less than the user may: what somebody is and wants is not to be changed with it.
    pub(super) fn require_whole(&self) -> Result<(), Failure> {
        if self.is_restricted() { Err(no("This token is not for changing the account behind it.")) } else { Ok(()) }
    }

    /// Posts as who typed it, in a channel that they are in.
    pub(super) async fn say(&self, channel: &Channel, message: &str) -> Result<(), Failure> {
        if !self.may("create_post", Scope::Channel(channel.id)).await? {
            return Err(no("You may not write there."));
        }
        let session = self.it.session.unwrap_or(SessionKind::Login);
        let author = Author::new(self.user(), self.it.user.is_bot, session);
        let written = Written { message: message.to_owned(), ..Written::default() };
        posts::say(self.server, author, channel, written).await.map(drop)
    }

    /// Where a client goes to show a channel.
    pub(super) fn location(&self, name: &str) -> String {
        format!("{}/{}/channels/{name}", self.site_url(), self.it.team.name)
    }

    /// The address of the site, without a slash at its end.
    pub(super) fn site_url(&self) -> &'a str {
        self.it.site_url.trim_end_matches('/')
    }
}

/// Says something to who typed it.
pub(super) fn tell(words: impl Into<String>) -> Answer {
    Answer::ephemeral(words)
}

/// Says nothing: what was done is seen.
pub(super) fn quiet() -> Answer {
    Answer::default()
}

/// Brings who typed it elsewhere.
pub(super) fn go_to(location: impl Into<String>) -> Answer {
    Answer::go_to(location)
}

/// The same with an answer to them that has no text, which clients know from commands that open conversations.
pub(super) fn go_to_quietly(location: impl Into<String>) -> Answer {
    let mut answer = tell("");
    answer.goto_location = location.into();
    answer
}

/// Why a command is not carried out, for who typed it.
pub(super) fn no(words: impl Into<String>) -> Failure {
    Failure::invalid("chat.command.refused", words)
}
