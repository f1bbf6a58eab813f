//! What a hook's calls are signed with, what is done about those that got no answer, and the hook as a call needs it.

use super::super::authenticate::Caller;
use super::super::error::{Failed, Fault};
use super::super::{Engine, random};
use super::change::{Edit, Generations};
use super::{Managed, TRIES_IN_TEAM};
use crate::delivery::Mode;
use crate::id::{HookToken, Millis, OutgoingHookId};
use crate::outgoing::secrets::HookSecrets;
use crate::outgoing::{OutgoingWebhook, manage};
use crate::security::SigningSecret;

/// A signing secret that was just made. It is shown this once.
#[derive(Clone, Debug)]
pub struct FreshSigningSecret {
    /// Until when calls are signed with the secret before it too, if there is one.
    pub previous_valid_until: Option<Millis>,
    /// The secret.
    pub secret: SigningSecret,
}

/// Whether a hook's calls are signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SigningState {
    /// Whether they are.
    pub active: bool,
    /// Until when they are signed with the secret before the newest one too, if there is one that counts.
    pub previous_valid_until: Option<Millis>,
}

/// A hook as a call of it needs it.
#[derive(Debug)]
pub(in crate::engine) struct OpenedHook {
    pub(in crate::engine) hook: OutgoingWebhook,
    /// What the call is signed with, the newest first; none without signing.
    pub(in crate::engine) signing: Vec<SigningSecret>,
    pub(in crate::engine) token: HookToken,
}

impl Engine {
    /// Makes a signing secret for a hook, or another one: from now on its calls are signed. The secret before it signs too
    /// for [`signing_grace`](crate::outgoing::OutgoingSettings::signing_grace).
    ///
    /// # Errors
    ///
    /// [`ManageError`](crate::outgoing::ManageError) says why not; or a fault.
    pub async fn rotate_outgoing_signing(&self, caller: &Caller, id: OutgoingHookId) -> Managed<FreshSigningSecret> {
        let grace = self.state().settings.outgoing.signing_grace;
        let secret = SigningSecret::from_random(random(&self.shared.ports)?);
        let change = |old: HookSecrets| old.rotated(secret.clone(), self.now(), grace);
        let (_, kept) = self.change_secrets(caller, id, "given a signing secret", change).await?;
        let previous_valid_until = kept.signing.and_then(|keys| keys.previous.map(|(_, until)| until));
        Ok(FreshSigningSecret { previous_valid_until, secret })
    }

    /// Ends the signing of a hook's calls; fine if they are not signed.
    ///
    /// # Errors
    ///
    /// [`ManageError`](crate::outgoing::ManageError) says why not; or a fault.
    pub async fn end_outgoing_signing(&self, caller: &Caller, id: OutgoingHookId) -> Managed<()> {
        let change = |old: HookSecrets| HookSecrets { signing: None, ..old };
        self.change_secrets(caller, id, "freed of its signing secret", change).await.map(drop)
    }

    /// Says whether a hook's calls are signed.
    ///
    /// # Errors
    ///
    /// [`ManageError`](crate::outgoing::ManageError) says why not; or a fault.
    pub async fn outgoing_signing(&self, caller: &Caller, id: OutgoingHookId) -> Managed<SigningState> {
        let (state, now) = (self.state(), self.now());
        let stored = self.managed_hook(&state, caller, id).await?;
        let keys = self.open_secrets(&state, &stored)?.signing;
        let previous_valid_until = keys.as_ref().and_then(|keys| keys.previous_valid_until(now));
        Ok(SigningState { active: keys.is_some(), previous_valid_until })
    }

    /// Says what is done about calls of a hook that got no answer; none: what the settings say.
    ///
    /// # Errors
    ///
    /// [`ManageError`](crate::outgoing::ManageError) says why not; or a fault.
    pub async fn set_outgoing_delivery_mode(
        &self,
        caller: &Caller,
        id: OutgoingHookId,
        mode: Option<Mode>,
    ) -> Managed<()> {
        let state = self.state();
        for _ in 0..TRIES_IN_TEAM {
            let stored = self.managed_hook(&state, caller, id).await?;
            let hook = OutgoingWebhook { mode, ..manage::touched(&stored.kind, self.now()) };
            let edit = Edit::replace(&stored, hook.clone())?;
            if self.commit_hooks(Generations::default(), vec![edit]).await? {
                self.tell_of_hook(Some(caller), "given a delivery mode", &hook);
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Returns a hook with its secrets as they are now; none if it is gone.
    pub(in crate::engine) async fn outgoing_hook(&self, id: OutgoingHookId) -> Result<Option<OpenedHook>, Fault> {
        let (state, now) = (self.state(), self.now());
        let Some(stored) = self.stored_outgoing_hook(id).await? else { return Ok(None) };
        let HookSecrets { signing, token } = self.open_secrets(&state, &stored)?;
        let signing = signing.map(|keys| keys.at(now).cloned().collect()).unwrap_or_default();
        Ok(Some(OpenedHook { hook: stored.kind, signing, token }))
    }
}
