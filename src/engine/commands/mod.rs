//! Slash commands: their management, what is run when somebody types one, and what is answered later.

mod call;
mod change;
mod delayed;
mod execute;
mod index;
mod keep;
mod manage;
mod notice;
mod offer;
mod post;
mod registry;
mod signing;
mod tree;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub use self::call::CommandAttempt;
use self::index::{Known, Looked};
use self::keep::WaitingEcho;
pub(crate) use self::offer::Typed;
use self::registry::Code;
pub use self::registry::{CommandCall, CommandHandler, ItemsAsk};
use super::error::{Failed, Fault};
use super::table::{self, Stored};
use super::{Engine, State, random};
use crate::command::catalog::Catalog;
use crate::command::manage::{Rights, Rules};
use crate::command::secrets::CommandSecrets;
use crate::command::{Command, CommandSettings, DelayedError, ExecuteError, ManageError};
use crate::engine::Caller;
use crate::id::{CommandId, CommandToken, TeamId};
use crate::port::Observation;
use crate::security::NONCE_BYTES;

/// A command with its token.
#[derive(Clone, Debug)]
pub struct KnownCommand {
    /// What is remembered about it.
    pub command: Command,
    /// What its service knows it by.
    pub token: CommandToken,
}

/// What a management call comes to.
type Managed<T> = Result<T, Failed<ManageError>>;

/// What is known of commands without asking storage.
#[derive(Default)]
pub(in crate::engine) struct Commands {
    /// The last calls of services, the newest last.
    attempts: Mutex<VecDeque<CommandAttempt>>,
    /// What is registered in code.
    code: RwLock<Code>,
    /// What `/echo` is to say later.
    echoes: Mutex<Vec<WaitingEcho>>,
    known: RwLock<Known>,
    looked: Mutex<Looked>,
}

impl Commands {
    fn attempts(&self) -> MutexGuard<'_, VecDeque<CommandAttempt>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn code(&self) -> RwLockReadGuard<'_, Code> {
        self.code.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change_code(&self) -> RwLockWriteGuard<'_, Code> {
        self.code.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn echoes(&self) -> MutexGuard<'_, Vec<WaitingEcho>> {
        self.echoes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn looked(&self) -> MutexGuard<'_, Looked> {
        self.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lends all commands of a team; `ask` must not lock them again.
    fn with_catalog<T>(&self, settings: &CommandSettings, team: TeamId, ask: impl FnOnce(&Catalog<'_>) -> T) -> T {
        let (code, known) = (self.code(), self.known());
        ask(&Catalog { index: &known.index, registry: &code.registry, settings, team })
    }
}

impl fmt::Debug for Commands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commands").finish_non_exhaustive()
    }
}

/// A refusal is a failure of the call.
macro_rules! refusals {
    ($($refused:ty)*) => {$(
        impl From<$refused> for Failed<$refused> {
            fn from(refused: $refused) -> Self {
                Self::Refused(refused)
            }
        }
    )*};
}

refusals!(DelayedError ExecuteError ManageError);

impl Engine {
    /// Reads a command.
    async fn stored_command(&self, id: CommandId) -> Result<Option<Stored<Command>>, Fault> {
        table::get(&self.shared.ports.storage, id.as_str().as_bytes()).await
    }

    fn command_rules(&self, state: &State) -> Rules {
        Rules { enabled: state.settings.commands.enabled, now: self.now() }
    }

    /// Asks what a caller may do with the commands of a team; none: of a text that no team can have as its id.
    async fn command_rights(&self, caller: &Caller, team: Option<TeamId>) -> Result<Rights, Fault> {
        Ok(Rights::new(&caller.may(&Rights::asks(team)).await?))
    }

    fn open_command_secrets(&self, state: &State, id: CommandId, sealed: &[u8]) -> Result<CommandSecrets, Fault> {
        let opened = state.keyring.open(id.as_str().as_bytes(), sealed)?;
        Ok(CommandSecrets::from_bytes(&opened)?)
    }

    /// Seals the secrets of a command for its place.
    fn seal_command_secrets(&self, state: &State, id: CommandId, secrets: &CommandSecrets) -> Result<Vec<u8>, Fault> {
        let nonce = random::<NONCE_BYTES>(&self.shared.ports)?;
        Ok(state.keyring.first().seal(nonce, id.as_str().as_bytes(), &secrets.to_bytes()))
    }

    fn known_command(&self, state: &State, stored: Stored<Command>) -> Result<KnownCommand, Fault> {
        let CommandSecrets { token, .. } = self.open_command_secrets(state, stored.kind.id, &stored.sealed)?;
        Ok(KnownCommand { command: stored.kind, token })
    }

    /// Tells the observer of a change: by a caller, or by the host.
    fn tell_of_command(&self, by: Option<&Caller>, change: &str, command: &Command) {
        self.observer().observe(&Observation::CommandChanged {
            address: by.and_then(Caller::address),
            by: by.map(Caller::user_id),
            change,
            command: command.id,
            team_id: command.team_id,
        });
    }
}

/// How often a change is tried anew when another of the same team was faster: each time, at least one of them gets on.
const TRIES_IN_TEAM: usize = 64;
