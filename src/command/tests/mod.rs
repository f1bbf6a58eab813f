mod catalog;
mod errors;
mod execute;
mod manage;
mod records;
mod request;
mod wire;

use super::index::Indexed;
use super::registry::{Registered, Registry};
use super::{Command, Method, Trigger};
use crate::id::{CommandId, Millis, TeamId, UserId};

fn user(number: u8) -> UserId {
    UserId::from_random([number; 16])
}

fn team(number: u8) -> TeamId {
    TeamId::from_random([number; 16])
}

fn command_id(number: u8) -> CommandId {
    CommandId::from_random([number; 16])
}

fn trigger(word: &str) -> Trigger {
    Trigger::parse(word).unwrap()
}

/// A command of user 1 in team 1, made at 1000 and changed at 2000.
fn command(number: u8, word: &str) -> Command {
    Command {
        auto_complete: true,
        auto_complete_desc: "Shows the weather".to_owned(),
        auto_complete_hint: "[city]".to_owned(),
        create_at: Millis(1_000),
        creator_id: user(1),
        description: "Weather of a city".to_owned(),
        display_name: "Weather".to_owned(),
        icon_url: "http://x.io/w.png".to_owned(),
        id: command_id(number),
        method: Method::Post,
        team_id: team(1),
        trigger: trigger(word),
        update_at: Millis(2_000),
        url: "http://x.io/weather".to_owned(),
        username: "Weather Bot".to_owned(),
    }
}

fn indexed(command: Command) -> Indexed {
    Indexed::new(command, bytes::Bytes::new(), None)
}

fn registry(commands: impl IntoIterator<Item = Registered>) -> Registry {
    let mut registry = Registry::default();
    commands.into_iter().for_each(|command| registry.register(command).unwrap());
    registry
}

fn built_in(word: &str) -> Registered {
    Registered::built_in(trigger(word), "[text]", "Built in")
}
