//! What an operator can set about personal access tokens.

use time::Duration;

use crate::security::Rate;

/// The settings of personal access tokens.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenSettings {
    /// `ServiceSettings.EnableUserAccessTokens`: whether humans may have tokens and use them; bots always may. Off.
    pub enabled: bool,
    /// How often one address may present credentials that open nothing. None: as often as it likes.
    pub limit_failures_per_address: Option<Rate>,
    /// How often one token may be used. None: as often as anybody likes.
    pub limit_per_token: Option<Rate>,
    /// How long a secret works on after another took its place, unless the request says otherwise; at most 7 days.
    /// None at all.
    pub rotation_grace: Duration,
}

impl Default for TokenSettings {
    fn default() -> Self {
        Self { enabled: false, limit_failures_per_address: None, limit_per_token: None, rotation_grace: Duration::ZERO }
    }
}
