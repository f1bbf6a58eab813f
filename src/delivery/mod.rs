//! Calls that must not be lost: what is remembered of them, when they are tried, and when they are given up. Pure, and
//! without a word of what is delivered.

mod model;
mod settings;

pub use self::model::{
    Attempt, BreakerFigure, Delivery, DeliveryId, FailureClass, InvalidDeliveryId, LaneFigures, Mode, NewDelivery,
    State,
};
pub use self::settings::DeliverySettings;
