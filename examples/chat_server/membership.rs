//! Who comes into a channel and who goes: what is stored, and who hears of it.

use jackfield::id::{ChannelId, UserId};
use jackfield::port::ChannelKind;
use serde_json::json;

use crate::app::App;
use crate::errors::Failure;
use crate::live::events;
use crate::tables::channels::{self, Channel, Member};
use crate::tables::teams;

/// Lets members of a team into a channel of it. Says of each whether they are new there; those who are in it already stay
/// what they are.
pub(crate) async fn add(app: &App, channel: &Channel, users: Vec<UserId>) -> Result<Vec<(Member, bool)>, Failure> {
    let team = channel.team_id.filter(|_| channel.delete_at == 0).ok_or_else(|| Failure::body("channel_id"))?;
    let id = channel.id;
    let joined = app.store.write(move |connection| {
        let mut joined = Vec::new();
        for user in users {
            if teams::roles_of(connection, team, user)?.is_none() {
                return Err(Failure::permission("view_team"));
            }
            let is_new = channels::roles_of(connection, id, user)?.is_none();
            if is_new {
                channels::join(connection, id, user, "channel_user")?;
            }
            joined.extend(channels::member(connection, id, user)?.map(|member| (member, is_new)));
        }
        Ok(joined)
    });
    let joined = joined.await?;
    for (member, _) in joined.iter().filter(|(_, is_new)| *is_new) {
        let told = json!({"user_id": member.user_id, "team_id": team});
        events::to_channel(app, id, "user_added", &told, None);
        events::to_member(app, id, member.user_id, "user_added", &told);
    }
    Ok(joined)
}

/// Takes a user out of a channel; false if they were not in it.
pub(crate) async fn remove(app: &App, channel: ChannelId, user: UserId, by: UserId) -> Result<bool, Failure> {
    let left = app.store.write(move |connection| Ok(channels::leave(connection, channel, user)?)).await?;
    if left {
        let told = json!({"user_id": user, "remover_id": by});
        events::to_channel(app, channel, "user_removed", &told, None);
        events::to_user(app, user, "user_removed", &json!({"channel_id": channel, "remover_id": by}));
    }
    Ok(left)
}

/// What lets somebody decide who is in a channel.
pub(crate) fn permission(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Public => "manage_public_channel_members",
        ChannelKind::Direct | ChannelKind::Group | ChannelKind::Private => "manage_private_channel_members",
    }
}
