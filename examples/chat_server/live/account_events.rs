//! What listeners hear of accounts (BOT-66, API-74).

use jackfield::id::UserId;
use serde_json::{Value, json};

use super::events::{self, Broadcast};
use crate::app::App;
use crate::tables::account_views::Viewer;
use crate::tables::accounts::{self, Account};

/// Tells everybody that a user is other than before: each what they may see of them.
pub(crate) fn changed(app: &App, account: &Account) {
    let listeners = app.hub.listeners();
    if listeners.is_empty() {
        return;
    }
    let frame = |viewer, broadcast: &Broadcast| {
        events::frame("user_updated", &json!({"user": account.view(viewer)}), broadcast, &[])
    };
    let others = Broadcast { omit: Some(account.id), ..Broadcast::default() };
    let member = frame(Viewer::member(&app.settings.now()), &others);
    let administrator = frame(Viewer::Administrator, &others);
    let own = frame(Viewer::Own, &Broadcast { user: Some(account.id), ..Broadcast::default() });
    for user in listeners {
        let roles = app.store.read(|connection| Ok(accounts::roles_of(connection, user)?));
        let is_administrator =
            roles.is_ok_and(|roles| roles.is_some_and(|roles| roles.split(' ').any(|role| role == "system_admin")));
        let frame = match () {
            () if user == account.id => &own,
            () if is_administrator => &administrator,
            () => &member,
        };
        app.hub.send(user, frame);
    }
}

/// Tells a user that their status is another.
pub(crate) fn status(app: &App, user: UserId, status: &str) {
    events::to_user(app, user, "status_change", &json!({"status": status, "user_id": user}));
}

/// Tells a user of preferences that were set or removed.
pub(crate) fn preferences(app: &App, user: UserId, event: &str, preferences: &Value) {
    events::to_user(app, user, event, &json!({"preferences": preferences.to_string()}));
}
