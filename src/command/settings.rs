//! What an operator can set about slash commands.

use std::time::Duration as Span;

use time::Duration;

/// The settings of slash commands. The default is what the reference server does by default, plus what no existing
/// client can notice; every other improvement is a switch that starts switched off.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CommandSettings {
    /// Whether nodes of an autocomplete tree without a role are for everyone, and a suggestion bears the icon of exactly
    /// its command. Off: such nodes are for system administrators, and icons go by the beginning of the line (CMD-113).
    pub blank_roles_are_for_everyone: bool,
    /// Whether built-in commands go on working while `enabled` is off. Off: they are refused as well (CMD-42).
    pub built_ins_when_disabled: bool,
    /// The longest delay of `/echo`. 10,000 seconds (CMD-131).
    pub echo_longest_delay: Duration,
    /// How many delayed `/echo` one user may have waiting. 100.
    pub echo_per_user: usize,
    /// `ServiceSettings.EnableCommands`: whether commands are run and may be managed. On.
    pub enabled: bool,
    /// `SupportSettings.HelpLink`: where `/help` leads.
    pub help_link: String,
    /// Words that are not offered while somebody types, whoever's they are: `status` where the host has no custom
    /// statuses (CMD-19).
    pub not_offered: Vec<String>,
    /// How long calls are signed with the signing secret before the newest one too. 24 hours.
    pub signing_grace: Span,
    /// Whether a trigger id opens one dialog only. Off: any number while it lives (CMD-101).
    pub single_use_trigger_ids: bool,
    /// Whether requests of commands that have a signing secret carry the headers that Slack signs with too (`v0`). Off.
    pub slack_signatures: bool,
}

impl Default for CommandSettings {
    fn default() -> Self {
        Self {
            blank_roles_are_for_everyone: false,
            built_ins_when_disabled: false,
            echo_longest_delay: Duration::seconds(10_000),
            echo_per_user: 100,
            enabled: true,
            help_link: DEFAULT_HELP_LINK.to_owned(),
            not_offered: Vec::new(),
            signing_grace: Span::from_secs(24 * 60 * 60),
            single_use_trigger_ids: false,
            slack_signatures: false,
        }
    }
}

impl CommandSettings {
    /// Where `/help` leads: what was set, or the default if that is empty.
    #[must_use]
    pub fn help_link(&self) -> &str {
        if self.help_link.is_empty() { DEFAULT_HELP_LINK } else { &self.help_link }
    }
}

/// Where `/help` leads if nobody says otherwise.
const DEFAULT_HELP_LINK: &str = "https://mattermost.com/pl/help/";
