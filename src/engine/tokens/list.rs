//! Reading tokens: one, those of a user, all, and what a search finds (BOT-79 to BOT-82).

use super::held::NamedToken;
use super::{Managed, TokenRange};
use crate::engine::Engine;
use crate::engine::authenticate::Caller;
use crate::engine::error::{Failed, Fault};
use crate::engine::table::Pages;
use crate::id::{TokenId, UserId};
use crate::port::{Index, Permission};
use crate::token::manage::{self, Purpose};
use crate::token::{AccessToken, TokenError};

impl Engine {
    /// Returns a token that the caller may see (BOT-82).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn access_token(&self, caller: &Caller, id: TokenId) -> Managed<AccessToken> {
        Ok(self.held_for(caller, NamedToken::One(id), Purpose::Read).await?.current.kind)
    }

    /// Lists the tokens of a user, oldest first (BOT-79).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn access_tokens_of(
        &self,
        caller: &Caller,
        user: UserId,
        range: TokenRange,
    ) -> Managed<Vec<AccessToken>> {
        Purpose::Read.check(self.token_rights(caller).await?).map_err(Failed::Refused)?;
        manage::need_user(self.may_edit_user(caller, user).await?).map_err(Failed::Refused)?;
        Ok(self.tokens_in(AccessToken::BY_USER, user.as_str().as_bytes(), range).await?)
    }

    /// Lists the tokens of all users, oldest first (BOT-80).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn access_tokens(&self, caller: &Caller, range: TokenRange) -> Managed<Vec<AccessToken>> {
        self.need_system(caller).await?;
        Ok(self.tokens_in(AccessToken::BY_TIME, &[], range).await?)
    }

    /// Finds the tokens whose id, user id or user name is exactly this, oldest first (BOT-81).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn search_access_tokens(&self, caller: &Caller, term: &str) -> Managed<Vec<AccessToken>> {
        self.need_system(caller).await?;
        if term.is_empty() {
            return Err(Failed::Refused(TokenError::BodyParameter("term")));
        }
        let mut found = Vec::new();
        if let Ok(id) = TokenId::parse(term) {
            found.extend(self.held(id).await?.map(|held| held.current.kind));
        }
        let named = if term.chars().any(char::is_uppercase) {
            None // names are in lower case, and letter case counts
        } else {
            self.shared.ports.directory.user_named(term).await.map_err(Failed::fault)?
        };
        let named = named.filter(|user| user.username == term).map(|user| user.id);
        for user in [UserId::parse(term).ok(), named].into_iter().flatten() {
            let range = TokenRange { limit: usize::MAX, skip: 0 };
            found.extend(self.tokens_in(AccessToken::BY_USER, user.as_str().as_bytes(), range).await?);
        }
        found.sort_by_cached_key(AccessToken::place);
        found.dedup_by_key(|token| token.id);
        Ok(found)
    }

    /// Asks for the right to see everything (BOT-80, BOT-81).
    pub(crate) async fn need_system(&self, caller: &Caller) -> Managed<()> {
        let rights = self.token_rights(caller).await?;
        manage::need(rights.system, Permission::MANAGE_SYSTEM).map_err(Failed::Refused)
    }

    async fn tokens_in(&self, index: Index, prefix: &[u8], range: TokenRange) -> Result<Vec<AccessToken>, Fault> {
        let (mut tokens, mut seen) = (Vec::new(), 0);
        let end = range.skip.saturating_add(range.limit);
        let mut pages = Pages::new::<AccessToken>(index, prefix);
        while seen < end {
            let page = pages.next::<AccessToken>(&self.shared.ports.storage).await?;
            if page.is_empty() {
                break;
            }
            for stored in page {
                if (range.skip..end).contains(&seen) {
                    tokens.push(stored.kind);
                }
                seen += 1;
            }
        }
        Ok(tokens)
    }
}
