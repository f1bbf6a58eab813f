//! Users as clients are told of them (API-35, API-37, API-73).

use serde_json::{Map, Value, json};

use super::accounts::Account;
use crate::settings::Settings;

/// Who looks at a user (API-35).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Viewer {
    /// An administrator.
    Administrator,
    /// Anybody else, and what the settings show them.
    Member {
        /// `ShowEmailAddress`
        emails: bool,
        /// `ShowFullName`
        names: bool,
    },
    /// The user.
    Own,
}

impl Viewer {
    /// Anybody, as the settings are now.
    pub(crate) fn member(settings: &Settings) -> Self {
        let shows = |key| settings.flag("PrivacySettings", key);
        Self::Member { emails: shows("ShowEmailAddress"), names: shows("ShowFullName") }
    }

    /// What of users changes with who looks, as entity tags name it (API-33).
    pub(crate) fn shows(self) -> (bool, bool) {
        match self {
            Self::Administrator | Self::Own => (true, true),
            Self::Member { emails, names } => (names, emails),
        }
    }
}

impl Account {
    /// What a client is told.
    pub(crate) fn view(&self, viewer: Viewer) -> Value {
        let (names, emails) = viewer.shows();
        let shown = |allowed: bool, text: &str| if allowed { text.to_owned() } else { String::new() };
        let mut view = json!({
            "id": self.id, "create_at": self.create_at, "update_at": self.update_at, "delete_at": self.delete_at,
            "username": self.username, "auth_service": "", "email": shown(emails, &self.email),
            "nickname": self.nickname, "first_name": shown(names, &self.first_name),
            "last_name": shown(names, &self.last_name), "position": self.position, "roles": self.roles,
            "locale": self.locale, "disable_welcome_email": false, "timezone": self.extra("timezone", TIMEZONE),
        });
        let Some(members) = view.as_object_mut() else { return view };
        let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
        if self.is_bot {
            add("is_bot", json!(true));
            if !self.description.is_empty() {
                add("bot_description", json!(self.description));
            }
        } else {
            add("remote_id", json!(""));
        }
        if let Some(props) = self.extras.get("props") {
            add("props", props.clone());
        }
        if self.picture_at != 0 {
            add("last_picture_update", json!(self.picture_at));
        }
        if let Viewer::Member { .. } = viewer {
            add("auth_data", json!(""));
        } else {
            add("notify_props", self.extra("notify_props", NOTIFY_PROPS));
            if self.failed_logins > 0 {
                add("failed_attempts", json!(self.failed_logins));
            }
        }
        if viewer == Viewer::Own {
            add("last_password_update", json!(self.password_at));
        }
        view
    }

    /// One of the objects that a user can set, with defaults for what is not set.
    fn extra(&self, name: &str, defaults: &[(&str, &str)]) -> Value {
        let mut all: Map<String, Value> =
            defaults.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        if let Some(Value::Object(set)) = self.extras.get(name) {
            all.extend(set.clone());
        }
        Value::Object(all)
    }
}

const NOTIFY_PROPS: &[(&str, &str)] = &[
    ("channel", "true"),
    ("comments", "never"),
    ("desktop", "mention"),
    ("desktop_sound", "true"),
    ("desktop_threads", "all"),
    ("email", "true"),
    ("email_threads", "all"),
    ("first_name", "false"),
    ("mention_keys", ""),
    ("push", "mention"),
    ("push_status", "online"),
    ("push_threads", "all"),
];
const TIMEZONE: &[(&str, &str)] =
    &[("automaticTimezone", ""), ("manualTimezone", ""), ("useAutomaticTimezone", "true")];
