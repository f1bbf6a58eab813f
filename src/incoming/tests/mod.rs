//! The rules of incoming webhooks, row by row, over one small world.

mod call;
mod decode;
mod draft;
mod edit;
mod errors;
mod kept;
mod manage;
mod named;
mod parts;
mod payload;

use time::Duration;

use super::receive::Place;
use super::{IncomingSettings, IncomingWebhook, Leniency};
use crate::id::{ChannelId, Millis, TeamId, UserId};
use crate::port::{Channel, ChannelKind, User};
use crate::post::Origin;

const OWNER: &str = "owner111111111111111111111";
const ANN: &str = "ann11111111111111111111111";
const BOB: &str = "bob11111111111111111111111";
const ROBOT: &str = "robot111111111111111111111";
const TEAM: &str = "team1111111111111111111111";
const OTHER_TEAM: &str = "team2222222222222222222222";

fn user_id(id: &str) -> UserId {
    UserId::parse(id).unwrap()
}

fn team_id(id: &str) -> TeamId {
    TeamId::parse(id).unwrap()
}

/// A user whose name is the letters of their id.
fn user(id: &str) -> User {
    let mut user = User::new(user_id(id), id.trim_end_matches('1'));
    user.is_bot = id == ROBOT;
    user
}

fn channel_id(name: &str) -> ChannelId {
    ChannelId::parse(&format!("{name:0<26}")).unwrap()
}

/// A channel of the team, or one without a team.
fn channel(name: &str, kind: ChannelKind) -> Channel {
    let channel = Channel::new(channel_id(name), kind, name);
    match kind {
        ChannelKind::Direct | ChannelKind::Group => channel,
        ChannelKind::Private | ChannelKind::Public => channel.with_team(team_id(TEAM), name.to_uppercase()),
    }
}

fn archived(mut channel: Channel) -> Channel {
    channel.archived = true;
    channel
}

/// The hook's own channel, public.
fn dev() -> Channel {
    channel("dev", ChannelKind::Public)
}

fn in_dev() -> Place {
    Place::Channel(dev())
}

fn hook() -> IncomingWebhook {
    IncomingWebhook {
        channel_id: channel_id("dev"),
        channel_locked: false,
        create_at: Millis(1_000),
        description: String::new(),
        display_name: "Deploys".to_owned(),
        icon_url: String::new(),
        origin: Origin([9; 16]),
        retires_at: None,
        team_id: team_id(TEAM),
        update_at: Millis(2_000),
        user_id: user_id(OWNER),
        username: String::new(),
    }
}

#[test]
fn only_what_the_reference_server_does_is_on_at_first() {
    let want = IncomingSettings {
        enabled: true,
        leniency: Leniency { careful_attachment_links: false, short_fields: false, whole_numbers: false },
        limit_per_hook: None,
        limit_unknown_ids_per_address: None,
        persistent_notification_max_recipients: 5,
        priority_on_first_post_only: false,
        refuse_inactive_owners: false,
        sender_mistakes_are_400: false,
        upsert_lifetime: Duration::days(30),
    };
    assert_eq!(IncomingSettings::default(), want);
}
