//! The last part of a `response_url`.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::Id;

/// What a delayed answer to a slash command is sent under (CMD-90). Whoever knows it may post for the one who ran the
/// command, so it is redacted in `Debug`, has no `Display`, and only a digest of it is kept.
#[derive(Clone)]
pub struct TicketId(SecretString);

impl TicketId {
    /// Takes the text that a sender put into the path. Nothing is checked: an unknown ticket is simply not found.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Makes a new ticket of 16 random bytes (API-5).
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        Self::new(Id::from_random(random).as_str())
    }

    /// Hands out the ticket itself; each call site is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TicketId(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_an_id_that_is_never_shown() {
        let ticket = TicketId::from_random([0xFF; 16]);
        assert_eq!(ticket.expose(), "9999999997899x99999999999h");
        assert_eq!(format!("{ticket:?} {:?}", TicketId::new("abc")), "TicketId(…) TicketId(…)");
    }
}
