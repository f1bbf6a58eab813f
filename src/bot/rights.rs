//! Who may do what with bots (BOT-15 to BOT-21).

use super::BotError;
use crate::port::{Ask, Permission, Scope};

/// What a caller may do with bots everywhere, as it was asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Rights {
    pub(crate) manage: bool,
    pub(crate) manage_others: bool,
    pub(crate) read: bool,
    pub(crate) read_others: bool,
}

/// Which bots a list shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Listed {
    All,
    Own,
}

impl Rights {
    /// The questions, in the order of [`new`](Self::new).
    pub(crate) fn asks() -> [Ask; 4] {
        [Permission::MANAGE_BOTS, Permission::MANAGE_OTHERS_BOTS, Permission::READ_BOTS, Permission::READ_OTHERS_BOTS]
            .map(|permission| Ask::new(permission, Scope::System))
    }

    /// The answers.
    pub(crate) fn new(granted: &[bool]) -> Self {
        match granted {
            [manage, manage_others, read, read_others] => {
                Self { manage: *manage, manage_others: *manage_others, read: *read, read_others: *read_others }
            }
            _ => Self::default(),
        }
    }

    /// Whether a bot may be changed, by its owner or by another; who may not even see it hears that there is none
    /// (BOT-16).
    pub(crate) fn manage(self, is_owner: bool) -> Result<(), BotError> {
        let (may, permission) = if is_owner {
            (self.manage, Permission::MANAGE_BOTS)
        } else {
            (self.manage_others, Permission::MANAGE_OTHERS_BOTS)
        };
        match (may, if is_owner { self.read } else { self.read_others }) {
            (true, _) => Ok(()),
            (false, true) => Err(BotError::Forbidden(permission)),
            (false, false) => Err(BotError::NotFound),
        }
    }

    /// Whether a bot may be seen (BOT-29).
    pub(crate) fn see(self, is_owner: bool) -> Result<(), BotError> {
        if self.read_others || (is_owner && self.read) { Ok(()) } else { Err(BotError::NotFound) }
    }

    /// Which bots may be listed (BOT-30).
    pub(crate) fn list(self) -> Result<Listed, BotError> {
        match (self.read_others, self.read) {
            (true, _) => Ok(Listed::All),
            (false, true) => Ok(Listed::Own),
            (false, false) => Err(BotError::Forbidden(Permission::READ_BOTS)),
        }
    }
}

/// The plain rule about a user who is no bot (BOT-17 #3).
pub(crate) fn may_edit_human(is_self: bool, is_admin: bool, edits_others: bool, target_is_admin: Option<bool>) -> bool {
    is_self || is_admin || (edits_others && target_is_admin == Some(false))
}
