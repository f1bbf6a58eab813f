//! Commands that are run by code: the library's built-ins, and those that a host registers.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;

use super::super::Engine;
use super::super::authenticate::Caller;
use crate::command::autocomplete::{Fetch, Item};
use crate::command::builtin::BuiltIn;
use crate::command::{Answer, InvalidRegistration, Registered, Registry, Standing};
use crate::id::{PostId, TeamId, UserId};
use crate::port::{Channel, PortError, SessionKind, Team, User};

/// Runs a command that is registered in code.
///
/// # Contract
///
/// - What went wrong for a reason of who typed it is an [`Answer::ephemeral`] that says so; an error is for what broke.
/// - A handler checks itself what its user may do: all that is known is that they may write in the channel.
#[async_trait]
pub trait CommandHandler: Debug + Send + Sync + 'static {
    /// Runs a line. None: it does not handle this one, and what comes after it in the order has its turn (CMD-29,
    /// CMD-43).
    async fn run(&self, call: &CommandCall<'_>) -> Result<Option<Answer>, PortError>;

    /// Returns the items of a list that is fetched while somebody types (CMD-120): of `builtin:` and the command's word.
    /// None unless a handler says otherwise.
    async fn items(&self, _ask: &ItemsAsk<'_>) -> Result<Vec<Item>, PortError> {
        Ok(Vec::new())
    }
}

/// A line that is run.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct CommandCall<'a> {
    /// Whose request it is; none where the host runs the line for a user.
    pub caller: Option<&'a Caller>,
    /// Where it was typed.
    pub channel: &'a Channel,
    /// The whole line.
    pub line: &'a str,
    /// The thread in which it was typed.
    pub root_id: Option<PostId>,
    /// How the session came to be.
    pub session: Option<SessionKind>,
    /// Where users reach the server, without a slash at its end; empty if that is not set.
    pub site_url: &'a str,
    /// The team whose commands count.
    pub team: &'a Team,
    /// What follows the word, untouched (CMD-25).
    pub text: &'a str,
    /// What opens a dialog for the user for a while (CMD-100).
    pub trigger_id: &'a str,
    /// Who typed it.
    pub user: &'a User,
}

/// A list that is wanted while somebody types.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct ItemsAsk<'a> {
    /// Where they type, as their client says; not checked.
    pub channel_id: &'a str,
    /// Which list, and what was typed.
    pub fetch: &'a Fetch,
    /// In which thread, as their client says; not checked.
    pub root_id: &'a str,
    /// The team whose commands count.
    pub team_id: TeamId,
    /// Who types.
    pub user_id: UserId,
}

/// What runs a command.
#[derive(Clone, Debug)]
pub(super) enum Runner {
    Host(Arc<dyn CommandHandler>),
    Own(BuiltIn),
}

/// What is registered in code.
#[derive(Debug, Default)]
pub(super) struct Code {
    pub(super) registry: Registry,
    runners: HashMap<String, Vec<(Standing, Runner)>>,
}

impl Code {
    fn register(&mut self, command: Registered, runner: Runner) -> Result<(), InvalidRegistration> {
        let (word, standing) = (command.trigger.as_str().to_owned(), command.standing.clone());
        self.registry.register(command)?;
        let all = self.runners.entry(word).or_default();
        match all.iter_mut().find(|(other, _)| *other == standing) {
            Some((_, known)) => *known = runner,
            None => all.push((standing, runner)),
        }
        Ok(())
    }

    fn unregister(&mut self, word: &str, standing: &Standing) -> bool {
        if let Some(all) = self.runners.get_mut(word) {
            all.retain(|(other, _)| other != standing);
            if all.is_empty() {
                self.runners.remove(word);
            }
        }
        self.registry.unregister(word, standing)
    }

    /// Returns what runs a command.
    pub(super) fn runner(&self, command: &Registered) -> Option<Runner> {
        let all = self.runners.get(command.trigger.as_str())?;
        all.iter().find(|(standing, _)| *standing == command.standing).map(|(_, runner)| runner.clone())
    }

    /// Returns what provides the lists of a built-in.
    pub(super) fn provider(&self, name: &str) -> Option<Arc<dyn CommandHandler>> {
        match self.runner(&self.registry.built_in(name)?.command)? {
            Runner::Host(handler) => Some(handler),
            Runner::Own(_) => None,
        }
    }
}

impl Engine {
    /// Registers a command that `handler` runs, on this node; in place of one of the same word and standing.
    ///
    /// What a host registers it registers on each node, after each start. Its line, suggestions and place in the order of
    /// commands (CMD-29) are the library's business.
    ///
    /// # Errors
    ///
    /// Its tree is none.
    pub fn register_command(
        &self,
        command: Registered,
        handler: Arc<dyn CommandHandler>,
    ) -> Result<(), InvalidRegistration> {
        self.shared.commands.change_code().register(command, Runner::Host(handler))
    }

    /// Removes a command that is registered in code; says whether there was one of this word and standing.
    pub fn unregister_command(&self, trigger: &str, standing: &Standing) -> bool {
        self.shared.commands.change_code().unregister(trigger, standing)
    }

    /// Registers the built-ins that need nothing of a host but its posts.
    pub(in crate::engine) fn register_own_commands(&self) {
        let mut code = self.shared.commands.change_code();
        for built_in in BuiltIn::ALL {
            // INVARIANT: their words are triggers, and they have no tree.
            if let Ok(command) = built_in.registered() {
                let _ = code.register(command, Runner::Own(built_in));
            }
        }
    }
}
