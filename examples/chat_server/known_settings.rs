//! The settings that the server knows, with their types and defaults. Others are kept and echoed.

/// What a setting may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Known {
    /// One of these texts, the first by default.
    Choice(&'static [&'static str]),
    /// A switch that only the server's start sets.
    Fixed(bool),
    /// A switch.
    Flag(bool),
    /// A switch that is off by default where a site URL was given before the first start.
    OffIfAddressGiven,
    /// A number of hours; 4320 by default where a site URL was given before the first start.
    Hours(i64),
    /// An integer.
    Number(i64),
    /// At least one second.
    Seconds(i64),
    /// The address of the site.
    SiteUrl,
    /// A text.
    Text(&'static str),
    /// A list of texts, empty by default.
    Texts,
}

/// Section, key and type of every setting that is known.
pub(crate) const KNOWN: &[(&str, &str, Known)] = &[
    ("EmailSettings", "SendEmailNotifications", Known::Flag(true)),
    ("FileSettings", "EnableFileAttachments", Known::Flag(true)),
    ("FileSettings", "MaxFileSize", Known::Number(104_857_600)),
    ("JackfieldSettings", "SlackSignatures", Known::Flag(false)),
    ("PluginSettings", "AllowInsecureDownloadURL", Known::Flag(false)),
    ("PluginSettings", "Enable", Known::Flag(true)),
    ("PluginSettings", "EnableMarketplace", Known::Flag(true)),
    ("PluginSettings", "EnableRemoteMarketplace", Known::Flag(true)),
    ("PluginSettings", "EnableUploads", Known::Fixed(false)),
    ("PluginSettings", "MarketplaceURL", Known::Text("https://api.integrations.mattermost.com")),
    ("PluginSettings", "RequirePluginSignature", Known::Flag(false)),
    ("PrivacySettings", "ShowEmailAddress", Known::Flag(true)),
    ("PrivacySettings", "ShowFullName", Known::Flag(true)),
    ("RateLimitSettings", "Enable", Known::Flag(false)),
    ("RateLimitSettings", "MaxBurst", Known::Number(100)),
    ("RateLimitSettings", "MemoryStoreSize", Known::Number(10_000)),
    ("RateLimitSettings", "PerSec", Known::Number(10)),
    ("RateLimitSettings", "VaryByHeader", Known::Text("")),
    ("RateLimitSettings", "VaryByRemoteAddr", Known::Flag(true)),
    ("RateLimitSettings", "VaryByUser", Known::Flag(false)),
    ("ServiceSettings", "AllowCorsFrom", Known::Text("")),
    ("ServiceSettings", "AllowedUntrustedInternalConnections", Known::Text("")),
    ("ServiceSettings", "CorsAllowCredentials", Known::Flag(false)),
    ("ServiceSettings", "CorsExposedHeaders", Known::Text("")),
    ("ServiceSettings", "DCRRedirectURIAllowlist", Known::Texts),
    ("ServiceSettings", "DisableBotsWhenOwnerIsDeactivated", Known::Flag(true)),
    ("ServiceSettings", "EnableAPIUserDeletion", Known::Flag(false)),
    ("ServiceSettings", "EnableBotAccountCreation", Known::Flag(false)),
    ("ServiceSettings", "EnableCommands", Known::Flag(true)),
    ("ServiceSettings", "EnableDeveloper", Known::Flag(false)),
    ("ServiceSettings", "EnableDynamicClientRegistration", Known::Flag(false)),
    ("ServiceSettings", "EnableEmailInvitations", Known::Flag(false)),
    ("ServiceSettings", "EnableIncomingWebhooks", Known::Flag(true)),
    ("ServiceSettings", "EnableInsecureOutgoingConnections", Known::Flag(false)),
    ("ServiceSettings", "EnableOAuthServiceProvider", Known::Flag(true)),
    ("ServiceSettings", "EnableOutgoingOAuthConnections", Known::Flag(false)),
    ("ServiceSettings", "EnableOutgoingWebhooks", Known::Flag(true)),
    ("ServiceSettings", "EnablePostIconOverride", Known::Flag(false)),
    ("ServiceSettings", "EnablePostUsernameOverride", Known::Flag(false)),
    ("ServiceSettings", "EnableTesting", Known::Flag(false)),
    ("ServiceSettings", "EnableUserAccessTokens", Known::Flag(false)),
    ("ServiceSettings", "ExperimentalEnableHardenedMode", Known::Flag(false)),
    ("ServiceSettings", "ExperimentalStrictCSRFEnforcement", Known::Flag(false)),
    ("ServiceSettings", "ExtendSessionLengthWithActivity", Known::OffIfAddressGiven),
    ("ServiceSettings", "MaximumLoginAttempts", Known::Number(10)),
    ("ServiceSettings", "MaximumPayloadSizeBytes", Known::Number(300_000)),
    ("ServiceSettings", "MaximumURLLength", Known::Number(2_048)),
    ("ServiceSettings", "OutgoingIntegrationRequestsTimeout", Known::Seconds(30)),
    ("ServiceSettings", "PersistentNotificationMaxRecipients", Known::Number(5)),
    ("ServiceSettings", "PostEditTimeLimit", Known::Number(-1)),
    ("ServiceSettings", "SessionIdleTimeoutInMinutes", Known::Number(43_200)),
    ("ServiceSettings", "SessionLengthMobileInHours", Known::Hours(720)),
    ("ServiceSettings", "SessionLengthSSOInHours", Known::Number(720)),
    ("ServiceSettings", "SessionLengthWebInHours", Known::Hours(720)),
    ("ServiceSettings", "SiteURL", Known::SiteUrl),
    ("ServiceSettings", "TerminateSessionsOnPasswordChange", Known::OffIfAddressGiven),
    ("ServiceSettings", "TrustedProxyIPHeader", Known::Texts),
    ("SupportSettings", "HelpLink", Known::Text("https://mattermost.com/pl/help/")),
    ("TeamSettings", "EnableCustomUserStatuses", Known::Flag(true)),
    ("TeamSettings", "EnableUserCreation", Known::Flag(true)),
    ("TeamSettings", "RestrictDirectMessage", Known::Choice(&["any", "team"])),
];
