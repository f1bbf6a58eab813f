//! What listeners hear of accounts (BOT-66, API-74).

use jackfield::id::UserId;
use serde_json::{Value, json};

use super::events::{self, Broadcast};
use crate::app::App;
use crate::tables::account_views::Viewer;
use crate::tables::accounts::{self, Account};
use crate::tables::channels::{Member, member_view};
use crate::tables::preferences::Preference;

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

/// Tells a user that what they are in a channel is other than before.
pub(crate) fn member(app: &App, member: &Member) {
    let told = json!({"channelMember": member_view(member).to_string()});
    events::to_user(app, member.user_id, "channel_member_updated", &told);
}

/// Tells a user of one preference that was set.
pub(crate) fn preference(app: &App, user: UserId, preference: &Preference) {
    events::to_user(app, user, "preference_changed", &json!({"preference": json!(preference).to_string()}));
}

/// Tells a user of preferences that were set or removed.
pub(crate) fn preferences(app: &App, user: UserId, event: &str, preferences: &Value) {
    events::to_user(app, user, event, &json!({"preferences": preferences.to_string()}));
}
