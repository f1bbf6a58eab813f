mod errors;
mod manage;
mod notice;
mod records;
mod rights;
mod wire;

use super::Bot;
use crate::id::{Millis, UserId};

/// A user's id made of a number.
fn id(number: u8) -> UserId {
    UserId::from_random([number; 16])
}

/// An enabled bot, owned by user 1, made at 1000 and changed at 2000.
fn bot(number: u8) -> Bot {
    Bot {
        create_at: Millis(1_000),
        delete_at: Millis(0),
        description: "posts releases".to_owned(),
        display_name: "Release robot".to_owned(),
        last_icon_update: Millis(0),
        owner_id: id(1).into(),
        update_at: Millis(2_000),
        user_id: id(number),
        username: "robot".to_owned(),
    }
}

/// The same, switched off at 1500.
fn disabled(number: u8) -> Bot {
    Bot { delete_at: Millis(1_500), ..bot(number) }
}
