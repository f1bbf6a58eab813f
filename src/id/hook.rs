//! The id of an incoming webhook, which is its secret.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::Id;

/// The id of an incoming webhook. Whoever knows it may post (INC-2), so it is redacted in `Debug` and has no `Display`.
#[derive(Clone)]
pub struct HookId(SecretString);

impl HookId {
    /// Takes the text of an id as a sender wrote it. Nothing is checked: an unknown id is simply not found (INC-32).
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Makes a new id of 16 random bytes, as API-1 says.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        Self::new(Id::from_random(random).as_str())
    }

    /// Whether it has the form of an id at all (API-2).
    #[must_use]
    pub fn is_well_formed(&self) -> bool {
        Id::parse(self.expose()).is_ok()
    }

    /// Hands out the id itself; each call site is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for HookId {
    /// Shows the first four characters: enough to tell hooks apart in a log, too little to use one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start: String = self.expose().chars().take(4).collect();
        write!(f, "HookId({start}…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_leak() {
        let id = HookId::from_random([7; 16]);
        assert!(!format!("{id:?}").contains(id.expose()));
    }
}
