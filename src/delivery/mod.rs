//! Calls that must not be lost: what is remembered of them, when they are tried, and when they are given up. Pure, and
//! without a word of what is delivered.

pub(crate) mod breaker;
mod model;
pub(crate) mod outcome;
pub(crate) mod record;
mod retry_after;
pub(crate) mod seats;
mod settings;
pub(crate) mod settle;
pub(crate) mod wait;

pub use self::model::{
    Attempt, BreakerFigure, Delivery, DeliveryId, FailureClass, InvalidDeliveryId, LaneFigures, Mode, NewDelivery,
    State,
};
pub(crate) use self::retry_after::retry_after;
pub use self::settings::DeliverySettings;
