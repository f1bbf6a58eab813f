//! The autocomplete trees of commands (CMD-145).

use super::super::Engine;
use super::super::authenticate::Caller;
use super::super::error::{Failed, Fault};
use super::super::table;
use super::change::{Edit, TreeEdit};
use super::{Managed, TRIES_IN_TEAM};
use crate::command::autocomplete::Node;
use crate::command::{CommandTree, ManageError, manage};
use crate::id::CommandId;

impl Engine {
    /// Gives a command a tree, as its JSON; returns it as it is kept.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn set_command_tree(&self, caller: &Caller, id: CommandId, tree: &[u8]) -> Managed<Node> {
        let state = self.state();
        for _ in 0..TRIES_IN_TEAM {
            let stored = self.changeable_command(&state, caller, id).await?;
            let root = manage::tree(tree, &stored.kind)?;
            let command = manage::touch(&stored.kind, self.now());
            let edit = Edit { tree: TreeEdit::Set(root.clone()), ..Edit::replace(&stored, command.clone()) };
            if self.commit_command(edit).await? {
                self.tell_of_command(Some(caller), "given autocomplete data", &command);
                return Ok(root);
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Returns the tree of a command.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not, [`ManageError::TreeNotFound`] that it has none; or a fault.
    pub async fn command_tree(&self, caller: &Caller, id: CommandId) -> Managed<Node> {
        let stored = self.changeable_command(&self.state(), caller, id).await?;
        let tree = table::get::<CommandTree>(&self.shared.ports.storage, id.as_str().as_bytes()).await?;
        let mut root = tree.ok_or(ManageError::TreeNotFound)?.kind.root;
        stored.kind.trigger.as_str().clone_into(&mut root.trigger);
        Ok(root)
    }

    /// Takes the tree of a command away; fine if it has none.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn remove_command_tree(&self, caller: &Caller, id: CommandId) -> Managed<()> {
        let state = self.state();
        for _ in 0..TRIES_IN_TEAM {
            let stored = self.changeable_command(&state, caller, id).await?;
            let command = manage::touch(&stored.kind, self.now());
            let edit = Edit { tree: TreeEdit::Remove, ..Edit::replace(&stored, command.clone()) };
            if self.commit_command(edit).await? {
                self.tell_of_command(Some(caller), "freed of its autocomplete data", &command);
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }
}
