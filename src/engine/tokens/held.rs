//! A token that is there, and whether a caller may do with it what they want.

use super::Managed;
use super::audit::Told;
use crate::engine::Engine;
use crate::engine::authenticate::{Caller, ask};
use crate::engine::error::{Failed, Fault};
use crate::engine::table::{Pages, Stored};
use crate::id::{TokenId, UserId};
use crate::port::{Ask, Permission, Scope, User};
use crate::token::manage::{self, Minting, Purpose, Rights};
use crate::token::{AccessToken, TokenError};

/// Which token a client named.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NamedToken {
    /// A text that is the id of no token.
    Impossible,
    /// None at all.
    Missing,
    /// This one.
    One(TokenId),
}

impl NamedToken {
    pub(crate) fn new(text: &str) -> Self {
        match TokenId::parse(text) {
            Ok(id) => Self::One(id),
            Err(_) if text.is_empty() => Self::Missing,
            Err(_) => Self::Impossible,
        }
    }
}

/// A token under each of its secrets.
pub(super) struct Held {
    pub(super) current: Stored<AccessToken>,
    pub(super) retired: Vec<Stored<AccessToken>>,
}

impl Held {
    pub(super) fn all(&self) -> impl Iterator<Item = &Stored<AccessToken>> {
        std::iter::once(&self.current).chain(&self.retired)
    }

    fn subject(&self) -> (TokenId, UserId) {
        (self.current.kind.id, self.current.kind.user_id)
    }
}

impl Engine {
    /// Finds a token that a caller may do something with.
    pub(super) async fn held_for(&self, caller: &Caller, named: NamedToken, purpose: Purpose) -> Managed<Held> {
        let (held, subject) = match self.allowed(caller, named, purpose).await {
            Ok(held) => {
                let subject = told_of(&held);
                (Ok(held), subject)
            }
            Err((failed, subject)) => (Err(failed), subject),
        };
        if purpose == Purpose::Read { held } else { self.audited_refusal(caller, purpose.word(), subject, held) }
    }

    async fn allowed(
        &self,
        caller: &Caller,
        named: NamedToken,
        purpose: Purpose,
    ) -> Result<Held, (Failed<TokenError>, Told)> {
        let nothing = |error| (Failed::Refused(error), (None, None));
        let fault = |fault| (Failed::Fault(fault), (None, None));
        purpose.check(self.token_rights(caller).await.map_err(fault)?).map_err(nothing)?;
        let id = match named {
            NamedToken::Impossible => return Err(nothing(TokenError::NotFound)),
            NamedToken::Missing => return Err(nothing(TokenError::BodyParameter("token_id"))),
            NamedToken::One(id) => id,
        };
        let found = self.held(id).await.map_err(fault)?;
        let held = found.ok_or((Failed::Refused(TokenError::NotFound), (Some(id), None)))?;
        let may_act = self.may_edit_user(caller, held.current.kind.user_id).await.map_err(fault)?;
        manage::need_user(may_act).map_err(|error| (Failed::Refused(error), told_of(&held)))?;
        Ok(held)
    }

    /// Finds a token by its id.
    pub(super) async fn held(&self, id: TokenId) -> Result<Option<Held>, Fault> {
        let mut pages = Pages::new::<AccessToken>(AccessToken::BY_ID, id.as_str().as_bytes());
        let found = pages.next::<AccessToken>(&self.shared.ports.storage).await?;
        let (retired, mut current): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|stored| stored.kind.retires_at.is_some());
        Ok(current.pop().map(|current| Held { current, retired }))
    }

    pub(super) async fn token_rights(&self, caller: &Caller) -> Result<Rights, Fault> {
        Ok(Rights::new(&caller.may(&Rights::asks()).await?))
    }

    pub(super) async fn may_mint(&self, caller: &Caller, account: &User) -> Managed<()> {
        let directory = &self.shared.ports.directory;
        let administrator = [Ask::new(Permission::MANAGE_SYSTEM, Scope::System)];
        let minting = Minting {
            account,
            account_is_administrator: ask(directory, account.id, &administrator).await?.contains(&true),
            enabled: self.with_settings(|settings| settings.tokens.enabled),
            may_act: self.may_edit_user(caller, account.id).await?,
            rights: self.token_rights(caller).await?,
        };
        minting.check().map_err(Failed::Refused)
    }
}

pub(super) fn told_of(held: &Held) -> Told {
    let (id, user) = held.subject();
    (Some(id), Some(user))
}
