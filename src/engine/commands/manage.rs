//! The management of commands: loads what the rules must know, and commits what they decide.

use super::super::authenticate::{Caller, ask};
use super::super::error::{Failed, Fault};
use super::super::table::Stored;
use super::super::{Engine, State, random};
use super::change::{Edit, TreeEdit};
use super::{KnownCommand, Managed, TRIES_IN_TEAM};
use crate::command::manage::{self, Maker};
use crate::command::secrets::CommandSecrets;
use crate::command::{Command, CommandRequest, ManageError, lower};
use crate::id::{CommandId, CommandToken, TeamId, UserId};

impl Engine {
    /// Creates a slash command (CMD-8 to CMD-10).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn create_command(&self, caller: &Caller, request: CommandRequest) -> Managed<KnownCommand> {
        self.make_command(caller, &request).await
    }

    pub(crate) async fn make_command(&self, caller: &Caller, request: &CommandRequest) -> Managed<KnownCommand> {
        let (state, team) = (self.state(), TeamId::parse(&request.team_id).ok());
        let rights = self.command_rights(caller, team).await?;
        let creator = match UserId::parse(&request.creator_id) {
            Ok(named) if manage::names_other(request, caller.user_id()) => {
                self.account(named).await?.map(|user| user.id)
            }
            _ => None,
        };
        for _ in 0..TRIES_IN_TEAM {
            let is_taken = self.is_word_taken(team, &request.trigger, None).await?;
            let (id, token) = (random(&self.shared.ports)?, random(&self.shared.ports)?);
            let (id, token) = (CommandId::from_random(id), CommandToken::from_random(token));
            let maker = Maker { caller: caller.user_id(), creator, id, rights, token };
            let (command, token) = manage::create(request, maker, &self.command_rules(&state), |_| is_taken)?;
            let sealed = self.seal_command_secrets(&state, id, &CommandSecrets::new(token.clone()))?;
            let edit = Edit { after: Some((command.clone(), sealed)), before: None, tree: TreeEdit::Keep };
            if self.commit_command(edit).await? {
                self.tell_of_command(Some(caller), "created", &command);
                return Ok(KnownCommand { command, token });
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Returns a command that the caller may see (CMD-11).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn command(&self, caller: &Caller, id: CommandId) -> Managed<KnownCommand> {
        let state = self.state();
        let stored = self.command_there(&state, id).await?;
        let rights = self.command_rights(caller, Some(stored.kind.team_id)).await?;
        manage::see(&stored.kind, caller.user_id(), rights)?;
        Ok(self.known_command(&state, stored)?)
    }

    /// Replaces a command (CMD-14, CMD-15): what the request leaves out becomes empty.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn update_command(
        &self,
        caller: &Caller,
        id: CommandId,
        request: CommandRequest,
    ) -> Managed<KnownCommand> {
        let state = self.state();
        for _ in 0..TRIES_IN_TEAM {
            let stored = self.command_there(&state, id).await?;
            let (old, team) = (&stored.kind, Some(stored.kind.team_id));
            manage::stays_in_team(&request, old)?;
            let rights = self.command_rights(caller, team).await?;
            let is_taken = self.is_word_taken(team, &request.trigger, Some(old)).await?;
            let rules = self.command_rules(&state);
            let command = manage::update(&request, old, caller.user_id(), rights, &rules, |_| is_taken)?;
            if self.commit_command(Edit::replace(&stored, command.clone())).await? {
                self.tell_of_command(Some(caller), "updated", &command);
                let CommandSecrets { token, .. } = self.open_command_secrets(&state, id, &stored.sealed)?;
                return Ok(KnownCommand { command, token });
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Moves a command to another team (CMD-16). Its creator has to be allowed commands there.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn move_command(&self, caller: &Caller, id: CommandId, target: TeamId) -> Managed<()> {
        let (state, directory) = (self.state(), &self.shared.ports.directory);
        directory.team(target).await.map_err(Fault::from)?.ok_or(ManageError::TeamNotFound)?;
        manage::move_into(self.command_rights(caller, Some(target)).await?)?;
        for _ in 0..TRIES_IN_TEAM {
            let stored = self.changeable_command(&state, caller, id).await?;
            let old = &stored.kind;
            let asks = [manage::creator_ask(target)];
            let creator_may = ask(directory, old.creator_id, &asks).await? == [true];
            let is_taken = self.is_word_taken(Some(target), old.trigger.as_str(), Some(old)).await?;
            let moved = manage::move_to(old, target, creator_may, self.now(), |_| is_taken)?;
            if self.commit_command(Edit::replace(&stored, moved.clone())).await? {
                self.tell_of_command(Some(caller), "moved", &moved);
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Deletes a command (CMD-17): its word is free, and what would be answered later is refused.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn delete_command(&self, caller: &Caller, id: CommandId) -> Managed<()> {
        let state = self.state();
        for _ in 0..TRIES_IN_TEAM {
            let stored = self.changeable_command(&state, caller, id).await?;
            if self.commit_command(Edit::remove(&stored)).await? {
                self.tell_of_command(Some(caller), "deleted", &stored.kind);
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Gives a command a new token; the old one is sent no longer (CMD-18).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn regenerate_command_token(&self, caller: &Caller, id: CommandId) -> Managed<KnownCommand> {
        let token = CommandToken::from_random(random(&self.shared.ports)?);
        let change = |secrets: CommandSecrets| CommandSecrets { token: token.clone(), ..secrets };
        let (command, _) = self.change_command_secrets(caller, id, "given a new token", change).await?;
        Ok(KnownCommand { command, token })
    }

    /// Gives a command that the caller may change other secrets.
    pub(super) async fn change_command_secrets(
        &self,
        caller: &Caller,
        id: CommandId,
        word: &str,
        change: impl Fn(CommandSecrets) -> CommandSecrets,
    ) -> Managed<(Command, CommandSecrets)> {
        let state = self.state();
        for _ in 0..TRIES_IN_TEAM {
            let stored = self.changeable_command(&state, caller, id).await?;
            let command = manage::touch(&stored.kind, self.now());
            let secrets = change(self.open_command_secrets(&state, id, &stored.sealed)?);
            let sealed = self.seal_command_secrets(&state, id, &secrets)?;
            let edit = Edit { after: Some((command.clone(), sealed)), before: Some(&stored), tree: TreeEdit::Keep };
            if self.commit_command(edit).await? {
                self.tell_of_command(Some(caller), word, &command);
                return Ok((command, secrets));
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// A command that the caller may change.
    pub(super) async fn changeable_command(
        &self,
        state: &State,
        caller: &Caller,
        id: CommandId,
    ) -> Managed<Stored<Command>> {
        let stored = self.command_there(state, id).await?;
        let rights = self.command_rights(caller, Some(stored.kind.team_id)).await?;
        manage::change(&stored.kind, caller.user_id(), rights)?;
        Ok(stored)
    }

    async fn command_there(&self, state: &State, id: CommandId) -> Managed<Stored<Command>> {
        self.command_rules(state).hides()?;
        Ok(self.stored_command(id).await?.ok_or(ManageError::NotFound)?)
    }

    /// Whether a word is a built-in's, or a command of the team other than this one has it (CMD-6).
    async fn is_word_taken(&self, team: Option<TeamId>, word: &str, own: Option<&Command>) -> Result<bool, Fault> {
        let Some(team) = team else { return Ok(false) };
        let is_reserved = {
            let word = lower(word);
            self.shared.commands.code().registry.reserves(&word)
        };
        if is_reserved {
            return Ok(true);
        }
        self.is_claimed(team, word, own).await
    }
}
