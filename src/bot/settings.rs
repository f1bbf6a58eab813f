//! What an operator can set about bots.

/// What concerns bots. Named after the keys of a Mattermost configuration, given behind each.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct BotSettings {
    /// `EnableBotAccountCreation`: whether the API makes bots; what exists is not touched (BOT-22, BOT-25). Off.
    pub creation_enabled: bool,
    /// `DisableBotsWhenOwnerIsDeactivated`: whether bots go with their owner (BOT-53). On.
    pub disable_when_owner_is_deactivated: bool,
    /// Whether a bot cannot be given to a user who is deactivated. Off.
    pub refuse_deactivated_owners: bool,
}

impl Default for BotSettings {
    fn default() -> Self {
        Self { creation_enabled: false, disable_when_owner_is_deactivated: true, refuse_deactivated_owners: false }
    }
}
