//! What a channel is called and says of itself: changes, and who hears of them.

use jackfield::port::ChannelKind;
use serde_json::json;

use crate::ambient::now;
use crate::app::App;
use crate::errors::Failure;
use crate::live::events;
use crate::tables::channels::{self, Channel};

/// Changes a channel and tells its members.
pub(crate) async fn edit(
    app: &App,
    channel: Channel,
    edit: impl FnOnce(&mut Channel) + Send + 'static,
) -> Result<Channel, Failure> {
    let channel = change(app, channel, edit).await?;
    let data = json!({"channel": channel.view().to_string()});
    events::to_channel(app, channel.id, "channel_updated", &data, None);
    Ok(channel)
}

/// Changes a channel.
pub(crate) async fn change(
    app: &App,
    channel: Channel,
    edit: impl FnOnce(&mut Channel) + Send + 'static,
) -> Result<Channel, Failure> {
    let job = app.store.write(move |connection| {
        let mut channel = channels::find(connection, channel.id)?.unwrap_or(channel);
        edit(&mut channel);
        channel.update_at = now();
        channels::save(connection, &channel)?;
        Ok(channel)
    });
    job.await
}

/// What lets somebody change a channel.
pub(crate) fn permission(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Direct | ChannelKind::Group => "read_channel",
        ChannelKind::Private => "manage_private_channel_properties",
        ChannelKind::Public => "manage_public_channel_properties",
    }
}
