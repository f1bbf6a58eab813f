//! What an operator can set about outgoing webhooks.

use std::time::Duration;

/// The settings of outgoing webhooks. The default is what the reference server does by default, plus what no existing
/// client can notice; every other improvement is a switch that starts switched off.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OutgoingSettings {
    /// `ServiceSettings.EnableOutgoingWebhooks`: whether hooks fire and may be managed. On.
    pub enabled: bool,
    /// Whether the hooks of a creator who is deactivated rest (OUT-114). Off.
    pub pause_hooks_of_deactivated: bool,
    /// Whether trigger words between two slashes, such as `/^deploy-\d+$/`, are regular expressions for the first word.
    /// Off.
    pub regular_expressions: bool,
    /// Whether a hook that is bound to a channel needs a creator who may read it (OUT-117). Off.
    pub require_channel_access: bool,
    /// How long calls are signed with the signing secret before the newest one too. 24 hours.
    pub signing_grace: Duration,
}

impl Default for OutgoingSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            pause_hooks_of_deactivated: false,
            regular_expressions: false,
            require_channel_access: false,
            signing_grace: Duration::from_secs(24 * 60 * 60),
        }
    }
}
