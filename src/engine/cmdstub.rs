#![allow(missing_docs, clippy::all)]
use super::*;
use crate::command::{Command, CommandRequest, ManageError};
use crate::id::{CommandId, CommandToken, TeamId};
#[derive(Debug)]
pub struct KnownCommand {
    pub command: Command,
    pub token: CommandToken,
}
impl Engine {
    pub async fn commands(&self, _: &Caller, _: TeamId) -> Result<Vec<KnownCommand>, Failed<ManageError>> {
        Ok(Vec::new())
    }
    pub async fn command(&self, _: &Caller, _: CommandId) -> Result<KnownCommand, Failed<ManageError>> {
        Err(Failed::Refused(ManageError::NotFound))
    }
    pub async fn create_command(&self, _: &Caller, _: CommandRequest) -> Result<KnownCommand, Failed<ManageError>> {
        Err(Failed::Refused(ManageError::NotFound))
    }
    pub async fn update_command(&self, _: &Caller, _: CommandId, _: CommandRequest) -> Result<KnownCommand, Failed<ManageError>> {
        Err(Failed::Refused(ManageError::NotFound))
    }
    pub async fn delete_command(&self, _: &Caller, _: CommandId) -> Result<(), Failed<ManageError>> {
        Ok(())
    }
    pub async fn regenerate_command_token(&self, _: &Caller, _: CommandId) -> Result<KnownCommand, Failed<ManageError>> {
        Err(Failed::Refused(ManageError::NotFound))
    }
    pub async fn execute_command(&self, _: &Caller, _: crate::command::ExecuteRequest) -> Result<crate::command::Answer, Failed<crate::command::ExecuteError>> {
        Err(Failed::Refused(crate::command::ExecuteError::Disabled))
    }
}
