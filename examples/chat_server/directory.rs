//! `Directory`: what Jackfield asks the chat server. The first of the two traits that a host writes.

use async_trait::async_trait;
use jackfield::id::{ChannelId, PostId, TeamId, UserId};
use jackfield::port::{Ask, Channel, Credential, Directory, Permission, PortError, Post, Scope, Session, Team, User};
use rusqlite::Connection;
use serde_json::{Map, Value};

use crate::app::App;
use crate::direct;
use crate::errors::Failure;
use crate::live::events::members_named;
use crate::routes::may_write_to;
use crate::tables::account_views::Viewer;
use crate::tables::{accounts, channels, posts, sessions, teams};

/// Answers from the tables of the chat server, by one look-up by key for each thing asked for. What is asked with every
/// message is answered from memory where nothing has changed.
#[async_trait]
impl Directory for App {
    async fn session(&self, credential: &Credential) -> Result<Option<Session>, PortError> {
        let idle = self.settings.now().longest_idleness();
        let found = self.ask(|connection| Ok(sessions::find(connection, credential.expose(), idle)?))?;
        Ok(found.map(|found| Session::new(found.id, found.user_id, found.kind).with_csrf(&found.csrf)))
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError> {
        self.store.known().answer(
            |answers| &mut answers.users,
            ids,
            || self.ask(|connection| ids.iter().map(|id| Ok(accounts::told(connection, *id)?)).collect()),
        )
    }

    async fn user_object(&self, id: UserId, viewer: UserId) -> Result<Option<Map<String, Value>>, PortError> {
        self.ask(|connection| {
            let Some(account) = accounts::find(connection, id)? else { return Ok(None) };
            let is_administrator = accounts::find(connection, viewer)?.is_some_and(|viewer| viewer.is_administrator());
            let viewer = match (viewer == id, is_administrator) {
                (true, _) => Viewer::Own,
                (false, true) => Viewer::Administrator,
                (false, false) => Viewer::member(&self.settings.now()),
            };
            Ok(account.view(viewer).as_object().cloned())
        })
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>, PortError> {
        self.ask(|connection| Ok(accounts::told_named(connection, username)?))
    }

    async fn channels(&self, ids: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        self.store.known().answer(
            |answers| &mut answers.channels,
            ids,
            || self.ask(|connection| ids.iter().map(|id| Ok(channels::told(connection, *id)?)).collect()),
        )
    }

    async fn channels_named(&self, team: Option<TeamId>, names: &[&str]) -> Result<Vec<Channel>, PortError> {
        self.ask(|connection| {
            let mut found = Vec::new();
            for name in names {
                let of_team =
                    team.map(|team| channels::told_named(connection, Some(team), name)).transpose()?.flatten();
                let direct = channels::told_named(connection, None, name)?;
                found.extend([of_team, direct].into_iter().flatten().filter(|channel| !channel.archived));
            }
            Ok(found)
        })
    }

    async fn team(&self, id: TeamId) -> Result<Option<Team>, PortError> {
        let found = self.store.known().answer(
            |answers| &mut answers.teams,
            &[id],
            || self.ask(|connection| Ok(vec![teams::told(connection, id)?])),
        )?;
        Ok(found.into_iter().next())
    }

    async fn may(&self, user: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        let questions: Vec<_> = asks.iter().map(|ask| (user, ask.clone())).collect();
        let mut answers = self.store.known().answer(
            |answers| &mut answers.grants,
            &questions,
            || self.ask(|connection| asks.iter().map(|ask| self.roles.may(connection, user, ask).map(Some)).collect()),
        )?;
        for (ask, answer) in asks.iter().zip(&mut answers) {
            if let Scope::User(other) = ask.scope
                && ask.permission == Permission::CREATE_DIRECT_CHANNEL
            {
                *answer = *answer && may_write_to(self, user, other)?;
            }
        }
        Ok(answers)
    }

    async fn is_direct_restricted(&self, channel: ChannelId) -> Result<bool, PortError> {
        if !direct::is_restricted(self) {
            return Ok(false);
        }
        self.ask(|connection| {
            let members = direct::active_members(connection, channel)?;
            let ids: Vec<_> = members.iter().map(|account| account.id).collect();
            Ok(!teams::have_common(connection, &ids)?)
        })
    }

    async fn administrators(&self) -> Result<Vec<UserId>, PortError> {
        self.ask(|connection| Ok(accounts::administrators(connection)?))
    }

    async fn post(&self, id: PostId) -> Result<Option<Post>, PortError> {
        self.ask(|connection| Ok(posts::find(connection, id)?.map(|post| post.to_told())))
    }

    async fn members_named(&self, channel: ChannelId, names: &[&str]) -> Result<Vec<User>, PortError> {
        self.ask(|connection| {
            let mut found = Vec::new();
            for (_, id) in members_named(connection, channel, names)? {
                found.extend(accounts::told(connection, id)?);
            }
            Ok(found)
        })
    }
}

impl App {
    fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, PortError> {
        Ok(self.store.read(question)?)
    }
}
