//! Outgoing webhooks: their management, and what becomes of them when the host's own things change.

mod call;
mod change;
mod deliveries;
mod index;
mod manage;
mod notice;
mod plan;
mod reply;
mod signing;

pub use self::deliveries::DeliveryRange;
pub(in crate::engine) use self::index::Hooks;
pub use self::signing::{FreshSigningSecret, SigningState};

use super::error::{Failed, Fault};
use super::table::{self, Stored};
use super::{Engine, State};
use crate::id::{HookToken, OutgoingHookId, TeamId};
use crate::outgoing::secrets::HookSecrets;
use crate::outgoing::{ManageError, OutgoingWebhook};

/// A hook with its token.
#[derive(Clone, Debug)]
pub struct KnownOutgoingHook {
    /// What is remembered about it.
    pub hook: OutgoingWebhook,
    /// What its receivers know it by.
    pub token: HookToken,
}

/// Which hooks of a list are wanted (OUT-33).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutgoingRange {
    /// Of what.
    pub hooks: ListedHooks,
    /// How many at most.
    pub limit: usize,
    /// How many to leave out at the start.
    pub skip: usize,
}

/// Of what the hooks of a list are.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ListedHooks {
    /// Of every team.
    All,
    /// Bound to this channel; the text of an id, as it was sent.
    Channel(String),
    /// Of a text that no team can have as its id: there are none, and whoever manages all teams may know.
    Impossible,
    /// Of this team.
    Team(TeamId),
}

/// What a management call comes to.
type Managed<T> = Result<T, Failed<ManageError>>;

impl From<ManageError> for Failed<ManageError> {
    fn from(refused: ManageError) -> Self {
        Self::Refused(refused)
    }
}

impl Engine {
    /// Reads a hook.
    async fn stored_outgoing_hook(&self, id: OutgoingHookId) -> Result<Option<Stored<OutgoingWebhook>>, Fault> {
        let found = table::get(&self.shared.ports.storage, id.as_str().as_bytes()).await;
        found.map_err(|fault| fault.named("app.webhooks.get_outgoing.app_error"))
    }

    fn open_secrets(&self, state: &State, stored: &Stored<OutgoingWebhook>) -> Result<HookSecrets, Fault> {
        let opened = state.keyring.open(&stored.key.id, &stored.sealed)?;
        Ok(HookSecrets::from_bytes(&opened)?)
    }
}

/// How often a change is tried anew when another of the same team was faster: each time, at least one of them gets on.
const TRIES_IN_TEAM: usize = 64;
