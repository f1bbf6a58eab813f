//! The rules of the management of outgoing webhooks.

mod error;
mod manage;
mod model;
mod records;
mod secrets;
mod wire;

use super::manage::Fresh;
use super::{HookRequest, OutgoingWebhook};
use crate::id::{ChannelId, HookToken, Millis, OutgoingHookId, TeamId, UserId};

const NOW: Millis = Millis(1_700_000_000_000);

fn team() -> TeamId {
    TeamId::from_random([1; 16])
}

fn channel() -> ChannelId {
    ChannelId::from_random([2; 16])
}

fn creator() -> UserId {
    UserId::from_random([3; 16])
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A request that keeps every rule.
fn request() -> HookRequest {
    HookRequest {
        callback_urls: texts(&["https://a.example/in"]),
        team_id: team().into(),
        trigger_words: texts(&["ship"]),
        ..HookRequest::default()
    }
}

fn fresh() -> Fresh {
    Fresh {
        channel_id: Some(channel()),
        creator_id: creator(),
        id: OutgoingHookId::from_random([4; 16]),
        now: NOW,
        token: HookToken::from_random([5; 16]),
    }
}

/// A hook of the team.
fn hook() -> OutgoingWebhook {
    OutgoingWebhook {
        callback_urls: texts(&["https://a.example/u", "https://a.example/v"]),
        channel_id: Some(channel()),
        content_type: "application/json".to_owned(),
        create_at: NOW,
        creator_id: creator(),
        description: "why".to_owned(),
        display_name: "Deploys".to_owned(),
        icon_url: "https://a.example/i.png".to_owned(),
        id: OutgoingHookId::from_random([4; 16]),
        mode: None,
        team_id: team(),
        trigger_when: 1,
        trigger_words: texts(&["x", "y"]),
        update_at: Millis(NOW.0 + 5),
        username: "robot".to_owned(),
    }
}
