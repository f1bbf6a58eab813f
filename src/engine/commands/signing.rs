//! What the calls of a command are signed with.

use super::super::authenticate::Caller;
use super::super::{Engine, FreshSigningSecret, SigningState, random};
use super::Managed;
use crate::command::secrets::CommandSecrets;
use crate::id::CommandId;
use crate::security::{SigningKeys, SigningSecret};

impl Engine {
    /// Makes a signing secret for a command, or another one: from now on its calls are signed, if it posts. The secret
    /// before it signs too for [`signing_grace`](crate::command::CommandSettings::signing_grace).
    ///
    /// # Errors
    ///
    /// [`ManageError`](crate::command::ManageError) says why not; or a fault.
    pub async fn rotate_command_signing(&self, caller: &Caller, id: CommandId) -> Managed<FreshSigningSecret> {
        let secret = SigningSecret::from_random(random(&self.shared.ports)?);
        self.give_command_signing(caller, id, secret).await
    }

    /// Gives a command this signing secret, so that commands of one service can share theirs. Else it is as with
    /// [`rotate_command_signing`](Self::rotate_command_signing); the secret that it has already changes nothing.
    ///
    /// # Errors
    ///
    /// [`ManageError`](crate::command::ManageError) says why not; or a fault.
    pub async fn give_command_signing(
        &self,
        caller: &Caller,
        id: CommandId,
        secret: SigningSecret,
    ) -> Managed<FreshSigningSecret> {
        let grace = self.state().settings.commands.signing_grace;
        let change = |old: CommandSecrets| {
            let signing = SigningKeys::rotated(old.signing, secret.clone(), self.now(), grace);
            CommandSecrets { signing: Some(signing), token: old.token }
        };
        let (_, kept) = self.change_command_secrets(caller, id, "given a signing secret", change).await?;
        let previous_valid_until = kept.signing.and_then(|keys| keys.previous.map(|(_, until)| until));
        Ok(FreshSigningSecret { previous_valid_until, secret })
    }

    /// Ends the signing of a command's calls; fine if they are not signed.
    ///
    /// # Errors
    ///
    /// [`ManageError`](crate::command::ManageError) says why not; or a fault.
    pub async fn end_command_signing(&self, caller: &Caller, id: CommandId) -> Managed<()> {
        let change = |old: CommandSecrets| CommandSecrets { signing: None, ..old };
        self.change_command_secrets(caller, id, "freed of its signing secret", change).await.map(drop)
    }

    /// Says whether a command's calls are signed.
    ///
    /// # Errors
    ///
    /// [`ManageError`](crate::command::ManageError) says why not; or a fault.
    pub async fn command_signing(&self, caller: &Caller, id: CommandId) -> Managed<SigningState> {
        let (state, now) = (self.state(), self.now());
        let stored = self.changeable_command(&state, caller, id).await?;
        let keys = self.open_command_secrets(&state, id, &stored.sealed)?.signing;
        let previous_valid_until = keys.as_ref().and_then(|keys| keys.previous_valid_until(now));
        Ok(SigningState { active: keys.is_some(), previous_valid_until })
    }
}
