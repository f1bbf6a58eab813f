//! What an operator can set about incoming webhooks.

use time::Duration;

use crate::post::read::Leniency;
use crate::security::Rate;

/// The settings of incoming webhooks. The default is what the reference server does by default, plus what no existing
/// client can notice; every other improvement is a switch that starts switched off.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IncomingSettings {
    /// `ServiceSettings.EnableIncomingWebhooks`: whether hooks may be called and managed. On.
    pub enabled: bool,
    /// What is read more kindly than the reference server does. All off.
    pub leniency: Leniency,
    /// How often one hook may be called. None: as often as anybody likes.
    pub limit_per_hook: Option<Rate>,
    /// How often one address may call hooks that do not exist. None: as often as it likes.
    pub limit_unknown_ids_per_address: Option<Rate>,
    /// `ServiceSettings.PersistentNotificationMaxRecipients`: how many users a persistent notification may mention. 5.
    pub persistent_notification_max_recipients: usize,
    /// Whether the priority of a text that is split counts for its first post alone, and whom it mentions for the whole
    /// text. Off: each post carries it and is checked for itself (INC-87).
    pub priority_on_first_post_only: bool,
    /// Whether a hook is refused with 403 while its owner is deactivated or not in its team. Off (INC-130).
    pub refuse_inactive_owners: bool,
    /// Whether mistakes of the sender that the reference server answers with 500 are a 400 (INC-33). Off.
    pub sender_mistakes_are_400: bool,
    /// How long calls with the same `upsert_key` edit the post of the first one. 30 days.
    pub upsert_lifetime: Duration,
}

impl Default for IncomingSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            leniency: Leniency::default(),
            limit_per_hook: None,
            limit_unknown_ids_per_address: None,
            persistent_notification_max_recipients: 5,
            priority_on_first_post_only: false,
            refuse_inactive_owners: false,
            sender_mistakes_are_400: false,
            upsert_lifetime: Duration::days(30),
        }
    }
}
