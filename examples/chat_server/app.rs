//! What every part of the server shares.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRef;
use jackfield::api::Api;
use jackfield::id::UserId;
use jackfield::port::{Ask, Permission, Scope};

use crate::audit::AuditTrail;
use crate::calls::Socket;
use crate::errors::Failure;
use crate::live::hub::Hub;
use crate::page::SpentForms;
use crate::permissions::Roles;
use crate::settings::Live;
use crate::store::Store;

/// The chat server without Jackfield, which asks it and tells it what to do; a clone is the same server.
#[derive(Clone, Debug)]
pub(crate) struct App(Arc<Parts>);

/// The chat server with Jackfield: what routes are served with.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) api: Api,
    pub(crate) app: App,
}

impl FromRef<Server> for Api {
    fn from_ref(server: &Server) -> Self {
        server.api.clone()
    }
}

impl FromRef<Server> for App {
    fn from_ref(server: &Server) -> Self {
        server.app.clone()
    }
}

/// What the server is made of.
#[derive(Debug)]
pub(crate) struct Parts {
    /// What administrators look back at.
    pub(crate) audit: AuditTrail,
    /// Whom the server tells of its posts.
    pub(crate) engine: Socket,
    /// Who listens on websockets.
    pub(crate) hub: Hub,
    /// Whether the page lets anybody at this machine in as one of the demo accounts.
    pub(crate) offers_demo: bool,
    /// Who may do what.
    pub(crate) roles: Roles,
    /// What administrators change.
    pub(crate) settings: Live,
    /// The forms that made a secret.
    pub(crate) spent_forms: SpentForms,
    /// What is remembered.
    pub(crate) store: Store,
}

impl App {
    /// Puts the parts together.
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The chat server with what is plugged in.
    pub(crate) fn server(&self) -> Result<Server, Failure> {
        let engine = self.engine.engine().ok_or_else(|| Failure::broken("the server stops"))?;
        Ok(Server { api: Api::new(engine), app: self.clone() })
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
