//! What the observer is told of changes of tokens.

use super::Managed;
use crate::engine::Engine;
use crate::engine::authenticate::Caller;
use crate::engine::error::Failed;
use crate::id::{TokenId, UserId};
use crate::port::{Audit, Observation, Outcome, Subject};

/// Which token an audit is about, and whose.
pub(super) type Told = (Option<TokenId>, Option<UserId>);

impl Engine {
    /// Tells the observer how something ended that is audited, a fault left out.
    pub(super) fn audited<T>(
        &self,
        caller: &Caller,
        action: &'static str,
        subject: Told,
        result: Managed<T>,
    ) -> Managed<T> {
        if result.is_ok() {
            self.audit(Some(caller), action, subject, Outcome::Done);
        }
        self.audited_refusal(caller, action, subject, result)
    }

    pub(super) fn audited_refusal<T>(
        &self,
        caller: &Caller,
        action: &'static str,
        subject: Told,
        result: Managed<T>,
    ) -> Managed<T> {
        if let Err(Failed::Refused(refused)) = &result {
            self.audit(Some(caller), action, subject, Outcome::Refused(refused.id()));
        }
        result
    }

    pub(super) fn audit(&self, by: Option<&Caller>, action: &'static str, (id, user_id): Told, outcome: Outcome<'_>) {
        self.observer().observe(&Observation::Audit(Audit {
            action,
            actor: by.map(Caller::user_id),
            address: by.and_then(Caller::address),
            outcome,
            subject: Subject::AccessToken { id, user_id },
        }));
    }
}
