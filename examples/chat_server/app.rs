//! What every part of the server shares.

use std::ops::Deref;
use std::sync::Arc;

use jackfield::id::UserId;
use jackfield::port::{Ask, Permission, Scope};

use crate::errors::Failure;
use crate::live::hub::Hub;
use crate::permissions::Roles;
use crate::settings::Live;
use crate::store::Store;

/// The server; a clone is the same server.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Parts>);

/// What the server is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    /// Who listens on websockets.
    pub(crate) hub: Hub,
    /// Who may do what.
    pub(crate) roles: Roles,
    /// What administrators change.
    pub(crate) settings: Live,
    /// What is remembered.
    pub(crate) store: Store,
}

impl App {
    /// Puts the parts together.
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Answers whether a user may do something somewhere.
    pub(crate) fn may(&self, user: UserId, permission: &str, scope: Scope) -> Result<bool, Failure> {
        let ask = Ask::new(Permission::new(permission), scope);
        self.store.read(|connection| self.roles.may(connection, user, &ask))
    }

    /// Refuses a user who may not do something somewhere.
    pub(crate) fn require(&self, user: UserId, permission: &str, scope: Scope) -> Result<(), Failure> {
        if self.may(user, permission, scope)? { Ok(()) } else { Err(Failure::permission(permission)) }
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}
