//! Whether a token works (BOT-84, BOT-91, B2, B17).

use crate::id::Millis;
use crate::port::User;

/// What says of a token whether it works.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Standing {
    pub(crate) expires_at: Option<Millis>,
    pub(crate) is_active: bool,
    pub(crate) retires_at: Option<Millis>,
}

/// Why a credential opens nothing. The wire never tells which (BOT-85); audits do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cause {
    /// The token is switched off.
    Disabled,
    /// Its time is over.
    Expired,
    /// Another secret took the place of this one.
    Rotated,
    /// Tokens of humans are switched off.
    SwitchedOff,
    /// No session and no token is known by this.
    Unknown,
    /// The token's user is deactivated.
    UserDeactivated,
    /// The token's user is gone.
    UserMissing,
}

impl Cause {
    /// Returns the id that audits know it by.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Disabled => "jackfield.token.disabled",
            Self::Expired => "jackfield.token.expired",
            Self::Rotated => "jackfield.token.rotated",
            Self::SwitchedOff => "jackfield.token.switched_off",
            Self::Unknown => "jackfield.token.unknown",
            Self::UserDeactivated => "jackfield.token.user_deactivated",
            Self::UserMissing => "jackfield.token.user_missing",
        }
    }
}

impl Standing {
    /// Whether the token itself works.
    pub(crate) fn check(self, now: Millis) -> Result<(), Cause> {
        let is_over = |end: Option<Millis>| end.is_some_and(|end| end <= now);
        if !self.is_active {
            Err(Cause::Disabled)
        } else if is_over(self.retires_at) {
            Err(Cause::Rotated)
        } else if is_over(self.expires_at) {
            Err(Cause::Expired)
        } else {
            Ok(())
        }
    }

    /// When it ends of itself, be it the token or its secret.
    pub(crate) fn ends_at(self) -> Option<Millis> {
        [self.expires_at, self.retires_at].into_iter().flatten().min()
    }
}

/// Whether tokens of an account work at all. Those of bots do while those of humans are switched off (BOT-78).
pub(crate) fn check_account(user: Option<&User>, humans_enabled: bool) -> Result<(), Cause> {
    match user {
        None => Err(Cause::UserMissing),
        Some(user) if user.deactivated => Err(Cause::UserDeactivated),
        Some(user) if !user.is_bot && !humans_enabled => Err(Cause::SwitchedOff),
        Some(_) => Ok(()),
    }
}
