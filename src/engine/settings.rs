//! What an operator can set.

use std::time::Duration;

use sha2::{Digest, Sha256};
use url::Url;

use crate::bot::BotSettings;
use crate::command::CommandSettings;
use crate::delivery::DeliverySettings;
use crate::incoming::IncomingSettings;
use crate::outgoing::OutgoingSettings;
use crate::post::Overrides;
use crate::security::{CorsSettings, EgressSettings, MasterKey, RateLimitSettings};
use crate::token::TokenSettings;

/// The settings of an engine. Every limit is read anew for each request, so a change counts from the next one on.
///
/// Named after the keys of a Mattermost configuration, given behind each.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Settings {
    /// What concerns bots.
    pub bots: BotSettings,
    /// What concerns slash commands.
    pub commands: CommandSettings,
    /// `AllowCorsFrom` and what belongs to it: which pages of other sites may read answers. Nobody's.
    pub cors: CorsSettings,
    /// What concerns calls that must not be lost.
    pub deliveries: DeliverySettings,
    /// Where integrations may call to.
    pub egress: EgressSettings,
    /// `ExperimentalEnableHardenedMode`: errors of status 500 and above tell no id and no cause. Off.
    pub hardened_mode: bool,
    /// What concerns incoming webhooks.
    pub incoming: IncomingSettings,
    /// `OutgoingIntegrationRequestsTimeout`: how long one call to an integration may take in all. 30 seconds.
    pub integration_timeout: Duration,
    /// Keys of 32 bytes: the first seals and derives, all open. Required with durable storage; without one, storage in
    /// memory gets a random key. Put a new one in front, and never take out one that records were made with.
    pub keys: Vec<MasterKey>,
    /// `MaximumPayloadSizeBytes`: the longest body, to which 512 bytes are added (API-15). 300,000.
    pub maximum_payload_bytes: usize,
    /// `MaximumURLLength`: the longest path and query, in bytes (API-9). 2,048.
    pub maximum_url_bytes: usize,
    /// What concerns outgoing webhooks.
    pub outgoing: OutgoingSettings,
    /// `EnablePostUsernameOverride` and `EnablePostIconOverride`. Both off.
    pub overrides: Overrides,
    /// `RateLimitSettings`: how often one sender may ask for anything at all. Off.
    pub rate_limit: RateLimitSettings,
    /// `EnableDeveloper`, for errors: the inner id of a refused webhook call stands in `detailed_error` (INC-92). Off.
    pub show_inner_ids: bool,
    /// `SiteURL`: where users reach the server.
    pub site_url: Option<Url>,
    /// `ExperimentalStrictCSRFEnforcement`: a cookie needs `X-CSRF-Token`, nothing else will do (API-22). Off.
    pub strict_csrf: bool,
    /// `TLSStrictTransport` and its age: the value of `Strict-Transport-Security`. None.
    pub strict_transport_security: Option<http::HeaderValue>,
    /// What concerns personal access tokens.
    pub tokens: TokenSettings,
    /// `TrustedProxyIPHeader`: the headers in which a proxy in front tells where a request comes from, the first that
    /// holds an address counts. Name them only where no request comes past the proxy. None.
    pub trusted_proxy_headers: Vec<http::HeaderName>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bots: BotSettings::default(),
            commands: CommandSettings::default(),
            cors: CorsSettings::default(),
            deliveries: DeliverySettings::default(),
            egress: EgressSettings::default(),
            hardened_mode: false,
            incoming: IncomingSettings::default(),
            integration_timeout: Duration::from_secs(30),
            keys: Vec::new(),
            maximum_payload_bytes: 300_000,
            maximum_url_bytes: 2_048,
            outgoing: OutgoingSettings::default(),
            overrides: Overrides::default(),
            rate_limit: RateLimitSettings::default(),
            show_inner_ids: false,
            site_url: None,
            strict_csrf: false,
            strict_transport_security: None,
            tokens: TokenSettings::default(),
            trusted_proxy_headers: Vec::new(),
        }
    }
}

impl Settings {
    /// How many bytes a body may have (API-15).
    #[must_use]
    pub fn body_limit(&self) -> usize {
        self.maximum_payload_bytes.saturating_add(512)
    }

    /// The path that the site's addresses begin with, without a slash at its end; mostly empty.
    pub(crate) fn site_path(&self) -> String {
        self.site_url.as_ref().map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default()
    }

    /// A digest of what clients can see of the settings, in lower-case hex.
    pub(crate) fn digest(&self) -> String {
        let Self { bots, commands, incoming, outgoing, overrides, site_url, tokens, .. } = self;
        let (site, tokens) = (site_url.as_ref().map(Url::as_str), tokens.enabled);
        let digest =
            Sha256::digest(format!("{bots:?} {commands:?} {incoming:?} {outgoing:?} {overrides:?} {site:?} {tokens}"));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
