//! The settings that administrators read and change while the server runs (API-75).

use std::sync::{Arc, PoisonError, RwLock};

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use crate::errors::Failure;
use crate::known_settings::{KNOWN, Known};

/// The settings of now; a change swaps them whole.
#[derive(Debug)]
pub(crate) struct Live {
    now: RwLock<Arc<Settings>>,
    /// One change at a time.
    pub(crate) changing: tokio::sync::Mutex<()>,
}

/// All settings at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    changed: Map<String, Value>,
    origin: Origin,
    values: Map<String, Value>,
}

/// What defaults depend on.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// Whether the site's address was known before the server ran for the first time.
    pub(crate) knew_site_url: bool,
    /// The site's address, without a slash at its end.
    pub(crate) site_url: String,
}

impl Live {
    /// Begins with these settings.
    pub(crate) fn new(settings: Settings) -> Self {
        Self { changing: tokio::sync::Mutex::new(()), now: RwLock::new(Arc::new(settings)) }
    }

    /// The settings of now.
    pub(crate) fn now(&self) -> Arc<Settings> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes these the settings of now.
    pub(crate) fn swap(&self, settings: Settings) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }
}

impl Settings {
    /// The defaults, and what an administrator changed of them.
    pub(crate) fn new(origin: Origin, changed: Map<String, Value>) -> Self {
        let mut values = Map::new();
        for (section, key, known) in KNOWN {
            put(&mut values, section, key, known.default(&origin));
        }
        for (section, keys) in &changed {
            for (key, value) in keys.as_object().into_iter().flatten() {
                put(&mut values, section, key, value.clone());
            }
        }
        Self { changed, origin, values }
    }

    /// The same after a patch: sections of keys, `null` for the default. Refuses a patch that has anything wrong.
    pub(crate) fn patched(&self, patch: &Value) -> Result<Self, Failure> {
        let mut changed = self.changed.clone();
        for (section, keys) in patch.as_object().ok_or_else(|| Failure::body("config"))? {
            for (key, value) in keys.as_object().ok_or_else(|| Failure::body(section))? {
                let known = KNOWN.iter().find(|(s, k, _)| s == section && k == key).map(|(_, _, known)| known);
                if value.is_null() {
                    if let Some(Value::Object(keys)) = changed.get_mut(section) {
                        keys.remove(key);
                    }
                } else {
                    known.map_or(Ok(()), |known| known.check(key, value))?;
                    put(&mut changed, section, key, value.clone());
                }
            }
        }
        Ok(Self::new(self.origin.clone(), changed))
    }

    /// All of it.
    pub(crate) fn values(&self) -> &Map<String, Value> {
        &self.values
    }

    /// What differs from the defaults: all that is stored.
    pub(crate) fn changed(&self) -> &Map<String, Value> {
        &self.changed
    }

    /// A switch.
    pub(crate) fn flag(&self, section: &str, key: &str) -> bool {
        self.value(section, key).as_bool().unwrap_or_default()
    }

    /// A number.
    pub(crate) fn number(&self, section: &str, key: &str) -> i64 {
        self.value(section, key).as_i64().unwrap_or_default()
    }

    /// A text.
    pub(crate) fn text(&self, section: &str, key: &str) -> &str {
        self.value(section, key).as_str().unwrap_or_default()
    }

    /// A list of texts.
    pub(crate) fn texts(&self, section: &str, key: &str) -> Vec<&str> {
        let list = self.value(section, key).as_array();
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// How long a JSON body may be, in bytes (API-15).
    pub(crate) fn body_limit(&self) -> usize {
        usize::try_from(self.number("ServiceSettings", "MaximumPayloadSizeBytes").max(0))
            .unwrap_or(usize::MAX)
            .saturating_add(512)
    }

    /// How long the body of an upload may be, in bytes (API-15).
    pub(crate) fn file_limit(&self) -> usize {
        usize::try_from(self.number("FileSettings", "MaxFileSize").max(0)).unwrap_or(usize::MAX).saturating_add(512)
    }

    /// After how many milliseconds without a request a log-in is over; none if it lives on by them (API-25).
    pub(crate) fn longest_idleness(&self) -> Option<i64> {
        let minutes = self.number("ServiceSettings", "SessionIdleTimeoutInMinutes");
        let extends = self.flag("ServiceSettings", "ExtendSessionLengthWithActivity");
        (!extends && minutes > 0).then(|| minutes.saturating_mul(60_000))
    }

    /// How many milliseconds a log-in lasts, on a device that names itself or elsewhere.
    pub(crate) fn session_length(&self, on_device: bool) -> i64 {
        let key = if on_device { "SessionLengthMobileInHours" } else { "SessionLengthWebInHours" };
        self.number("ServiceSettings", key).saturating_mul(3_600_000)
    }

    /// The path of the site's address, often empty.
    pub(crate) fn site_path(&self) -> &str {
        let address = self.text("ServiceSettings", "SiteURL").split_once("://").map_or("", |(_, rest)| rest);
        address.find('/').and_then(|start| address.get(start..)).unwrap_or_default()
    }

    /// Whether posts may show another name than their author's.
    pub(crate) fn username_override(&self) -> bool {
        self.flag("ServiceSettings", "EnablePostUsernameOverride")
    }

    /// What clients are told: texts alone, and few of them to who has no session (API-54).
    pub(crate) fn for_clients(&self, all: bool) -> Map<String, Value> {
        let mut told = Map::new();
        let mut tell = |key: &str, value: &Value| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            told.insert(key.to_owned(), Value::String(text));
        };
        tell("Version", &json!("11.6.0"));
        for key in ["BuildNumber", "BuildDate", "BuildHash", "WebsocketURL", "DiagnosticId"] {
            tell(key, &json!(""));
        }
        for key in ["AndroidLatestVersion", "AndroidMinVersion", "IosLatestVersion", "IosMinVersion"] {
            tell(key, &json!(""));
        }
        for key in
            ["BuildEnterpriseReady", "DiagnosticsEnabled", "EnableCustomEmoji", "EnableSignUpWithGitLab", "NoAccounts"]
        {
            tell(key, &json!(false));
        }
        for key in ["EnableSignInWithEmail", "EnableSignInWithUsername"] {
            tell(key, &json!(true));
        }
        tell("DefaultClientLocale", &json!("en"));
        tell("SiteName", &json!("Chat"));
        for key in ["EnableBotAccountCreation", "SiteURL"] {
            tell(key, self.value("ServiceSettings", key));
        }
        tell("PluginsEnabled", self.value("PluginSettings", "Enable"));
        if all {
            for (section, key) in FOR_MEMBERS {
                tell(key, self.value(section, key));
            }
            tell("MaxPostSize", &json!(16_383));
        }
        told
    }

    fn value(&self, section: &str, key: &str) -> &Value {
        self.values.get(section).and_then(|keys| keys.get(key)).unwrap_or(&Value::Null)
    }
}

impl Known {
    /// Whether a value is of the right type and in range.
    fn check(&self, key: &str, value: &Value) -> Result<(), Failure> {
        let fits = match self {
            Self::Choice(choices) => value.as_str().is_some_and(|text| choices.contains(&text)),
            Self::Fixed(_) => return Err(Failure::permission("manage_system")),
            Self::Flag(_) | Self::OffIfAddressGiven => value.is_boolean(),
            Self::Hours(_) | Self::Number(_) => value.is_i64(),
            Self::Seconds(_) => match value.as_i64() {
                Some(1..) => true,
                Some(_) => {
                    return Err(invalid("model.config.is_valid.outgoing_integrations_request_timeout.app_error", key));
                }
                None => false,
            },
            Self::SiteUrl => match value.as_str() {
                Some("") => return Err(invalid("api.config.update_config.clear_siteurl.app_error", key)),
                Some(text) if url::Url::parse(text).is_ok_and(|url| url.has_host()) => true,
                Some(_) => return Err(invalid("model.config.is_valid.site_url.app_error", key)),
                None => false,
            },
            Self::Text(_) => value.is_string(),
            Self::Texts => value.as_array().is_some_and(|all| all.iter().all(Value::is_string)),
        };
        if fits { Ok(()) } else { Err(Failure::body("config")) }
    }

    fn default(&self, origin: &Origin) -> Value {
        match self {
            Self::Choice(choices) => json!(choices.first()),
            Self::Fixed(flag) | Self::Flag(flag) => json!(flag),
            Self::OffIfAddressGiven => json!(!origin.knew_site_url),
            Self::Hours(hours) => json!(if origin.knew_site_url { 4320 } else { *hours }),
            Self::Number(number) | Self::Seconds(number) => json!(number),
            Self::SiteUrl => json!(origin.site_url),
            Self::Text(text) => json!(text),
            Self::Texts => json!([]),
        }
    }
}

fn invalid(id: &'static str, key: &str) -> Failure {
    Failure::refused(StatusCode::BAD_REQUEST, id, format!("`{key}` cannot have this value."))
}

fn put(sections: &mut Map<String, Value>, section: &str, key: &str, value: Value) {
    let keys = sections.entry(section).or_insert_with(|| json!({}));
    if let Some(keys) = keys.as_object_mut() {
        // A site's address is kept without the slash that people write at its end.
        let value = match value {
            Value::String(text) if key == "SiteURL" => Value::String(text.trim_end_matches('/').to_owned()),
            value => value,
        };
        keys.insert(key.to_owned(), value);
    }
}

/// What clients are told once they have a session.
const FOR_MEMBERS: [(&str, &str); 17] = [
    ("PluginSettings", "EnableMarketplace"),
    ("ServiceSettings", "EnableCommands"),
    ("ServiceSettings", "EnableDeveloper"),
    ("ServiceSettings", "EnableEmailInvitations"),
    ("ServiceSettings", "EnableIncomingWebhooks"),
    ("ServiceSettings", "EnableOAuthServiceProvider"),
    ("ServiceSettings", "EnableOutgoingOAuthConnections"),
    ("ServiceSettings", "EnableOutgoingWebhooks"),
    ("ServiceSettings", "EnablePostIconOverride"),
    ("ServiceSettings", "EnablePostUsernameOverride"),
    ("ServiceSettings", "EnableTesting"),
    ("ServiceSettings", "EnableUserAccessTokens"),
    ("ServiceSettings", "PostEditTimeLimit"),
    ("SupportSettings", "HelpLink"),
    ("TeamSettings", "EnableCustomUserStatuses"),
    ("TeamSettings", "EnableUserCreation"),
    ("TeamSettings", "RestrictDirectMessage"),
];
