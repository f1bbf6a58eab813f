//! What is remembered of a delivery.

use std::fmt;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::{Millis, PostId};

/// Which delivery: 1 to 100 visible ASCII characters without a dot (OUT-340). The same on every attempt, replay and node.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DeliveryId(String);

/// The text is no id of a delivery.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the id of a delivery has 1 to 100 visible ASCII characters and no dot")]
pub struct InvalidDeliveryId;

impl DeliveryId {
    /// Takes a text.
    ///
    /// # Errors
    ///
    /// It is empty, too long, or has other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidDeliveryId> {
        let is_sound =
            (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.');
        if is_sound { Ok(Self(text.to_owned())) } else { Err(InvalidDeliveryId) }
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeliveryId({:?})", self.0)
    }
}

impl fmt::Display for DeliveryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is done about calls that got no answer.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Every call is repeated until it is answered well, or too old.
    Full,
    /// Each is tried once.
    Off,
    /// What was surely not sent is tried again.
    #[default]
    Safe,
}

/// Where a delivery stands.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Given up.
    Dead,
    /// Answered.
    Delivered,
    /// Ended by hand, or because what it was for is gone.
    Dropped,
    /// Answered but unusable, or tried once and not to be repeated.
    Failed,
    /// Waiting, or being tried.
    Pending,
}

impl State {
    /// The state as a word, as it travels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dead => "dead",
            Self::Delivered => "delivered",
            Self::Dropped => "dropped",
            Self::Failed => "failed",
            Self::Pending => "pending",
        }
    }
}

/// What kind of failure an attempt met (OUT-330).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// The address is one that the policy forbids.
    Blocked,
    /// The answer is none that can be used.
    Body,
    /// No connection could be made.
    Connect,
    /// The name has no address.
    Dns,
    /// The process ended, or the lease ran out, during the call.
    Interrupted,
    /// No token was to be had.
    Oauth,
    /// The answer broke the protocol.
    Protocol,
    /// A redirect that is not followed, or one too many.
    Redirect,
    /// A status that asks for a repetition.
    Status,
    /// No answer in time.
    Timeout,
    /// The secure channel could not be made.
    Tls,
    /// The address is none.
    Url,
}

impl FailureClass {
    /// The kind as a word, as it travels.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Body => "body",
            Self::Connect => "connect",
            Self::Dns => "dns",
            Self::Interrupted => "interrupted",
            Self::Oauth => "oauth",
            Self::Protocol => "protocol",
            Self::Redirect => "redirect",
            Self::Status => "status",
            Self::Timeout => "timeout",
            Self::Tls => "tls",
            Self::Url => "url",
        }
    }
}

/// One try.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Attempt {
    /// What kind of failure it met, if any.
    pub failure: Option<FailureClass>,
    /// How long it took, in milliseconds.
    pub duration: u64,
    /// When it began.
    pub start: Millis,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
}

/// A delivery that is to be recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewDelivery {
    /// What caused it.
    pub cause: PostId,
    /// When its cause was made; its age counts from then.
    pub create_at: Millis,
    /// Why it ends before it began, if it does.
    pub dropped: Option<String>,
    /// The feature that makes its requests, by a name that never changes.
    pub feature: &'static str,
    /// Which.
    pub id: DeliveryId,
    /// What is done about calls that got no answer; none: what the settings say at each attempt.
    pub mode: Option<Mode>,
    /// Whom it goes to, as origin and path without anything secret, to be shown.
    pub target: String,
    /// The origin that it goes to: scheme, host and port. With the source it makes a lane.
    pub origin: String,
    /// What the feature makes the request from. Nothing secret.
    pub payload: Bytes,
    /// What it is sent for, such as a hook: the 26 bytes of its id.
    pub source: [u8; 26],
}

/// A delivery.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Delivery {
    /// The tries, oldest first.
    pub attempts: Vec<Attempt>,
    /// What caused it.
    pub cause: PostId,
    /// When its cause was made.
    pub create_at: Millis,
    /// When it is tried next, while it is pending.
    pub due: Option<Millis>,
    /// Which.
    pub id: DeliveryId,
    /// Why it stands where it stands, in words; empty where the state says it all.
    pub reason: String,
    /// The post that was made of the answer.
    pub reply: Option<PostId>,
    /// Where it stands.
    pub state: State,
    /// Whom it goes to, as origin and path.
    pub target: String,
}

/// How a lane, that is, what goes from one source to one origin, is doing.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LaneFigures {
    /// How many deliveries were counted and not stored, because too many were pending.
    pub beyond_limit: u64,
    /// Whether calls are made.
    pub breaker: BreakerFigure,
    /// How many calls of this node run now.
    pub in_flight: u64,
    /// Whom it goes to: scheme, host and port.
    pub origin: String,
    /// When the next call may be made, while the breaker is open.
    pub retry_at: Option<Millis>,
    /// How many deliveries wait in it.
    pub waiting: u64,
}

/// Whether calls of a lane are made.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerFigure {
    /// They are.
    Closed,
    /// Too many in a row met nobody: all wait.
    Open,
    /// One is, to see whether somebody answers again.
    Probing,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_some_visible_characters_and_no_dot() {
        let (longest, too_long) = ("x".repeat(100), "x".repeat(101));
        let cases = [
            ("out_a_b_0", true),
            ("~", true),
            (&longest, true),
            (&too_long, false),
            ("", false),
            ("a.b", false),
            ("a b", false),
            ("\u{e9}", false),
            ("a\n", false),
        ];
        for (text, want) in cases {
            assert_eq!(DeliveryId::parse(text).is_ok(), want, "{text:?}");
        }
    }

    #[test]
    fn an_id_shows_its_text() {
        let id = DeliveryId::parse("out_a_b_0").unwrap();
        assert_eq!((id.as_str(), id.to_string()), ("out_a_b_0", "out_a_b_0".to_owned()));
        assert_eq!(format!("{id:?}"), r#"DeliveryId("out_a_b_0")"#);
    }

    #[test]
    fn names_are_those_of_the_wire() {
        for state in crate::delivery::record::STATES {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        for class in crate::delivery::record::CLASSES {
            assert_eq!(serde_json::to_value(class).unwrap(), class.name());
        }
    }
}
