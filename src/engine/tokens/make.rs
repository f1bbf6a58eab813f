//! Making tokens (BOT-74, B2, B3).

use super::{FreshToken, Managed};
use crate::engine::authenticate::{Caller, ask};
use crate::engine::error::{Failed, Fault};
use crate::engine::table;
use crate::engine::{Engine, random};
use crate::id::{ChannelId, TokenId, TokenSecret, UserId};
use crate::port::{Ask, Channel, ChannelKind, Permission, Scope, User};
use crate::security::SecretDigest;
use crate::token::manage;
use crate::token::{TokenError, TokenRequest};

impl Engine {
    /// Makes a token for a user, perhaps a bot (BOT-74). Its secret is in the answer and nowhere else.
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn create_access_token(
        &self,
        caller: &Caller,
        user: UserId,
        request: TokenRequest,
    ) -> Managed<FreshToken> {
        let account = self.account_for_token(caller, user).await?;
        self.create_token_for(caller, &account, request).await
    }

    /// Finds the user who is to have a token (BOT-74 #2 to #4).
    pub(crate) async fn account_for_token(&self, caller: &Caller, user: UserId) -> Managed<User> {
        let account = self.account(user).await?.ok_or(TokenError::UserNotFound);
        let allowed = account.and_then(|account| manage::need_own_session(caller.session().kind).map(|()| account));
        self.audited_refusal(caller, "create", (None, Some(user)), allowed.map_err(Failed::Refused))
    }

    pub(crate) async fn create_token_for(
        &self,
        caller: &Caller,
        account: &User,
        request: TokenRequest,
    ) -> Managed<FreshToken> {
        let made = self.make_token(caller, account, request).await;
        let id = made.as_ref().ok().map(|made| made.token.id);
        self.audited(caller, "create", (id, Some(account.id)), made)
    }

    async fn make_token(&self, caller: &Caller, account: &User, request: TokenRequest) -> Managed<FreshToken> {
        manage::need_description(&request).map_err(Failed::Refused)?;
        self.may_mint(caller, account).await?;
        let id = TokenId::from_random(random(&self.shared.ports)?);
        let token = manage::create(request, (id, account.id, caller.user_id()), self.now());
        let token = token.map_err(Failed::Refused)?;
        self.readable_by(account.id, &token.limits.channels).await?;
        caller.bounds().check(&token).map_err(Failed::Refused)?;
        let secret = TokenSecret::from_random(random(&self.shared.ports)?);
        let digest = SecretDigest::of(secret.expose());
        if !self.commit(vec![table::insert(digest.as_bytes(), &token, &[])?]).await? {
            return Err(Failed::Fault(Fault::busy()));
        }
        Ok(FreshToken { secret, token })
    }

    /// Whether a user can read these channels (B3).
    async fn readable_by(&self, user: UserId, ids: &[ChannelId]) -> Managed<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let directory = &self.shared.ports.directory;
        let channels = directory.channels(ids).await.map_err(Failed::fault)?;
        let asks: Vec<_> = channels.iter().flat_map(asks_to_read).collect();
        let granted = ask(directory, user, &asks).await?;
        let may_read = |id: &ChannelId| {
            let mut known = channels.iter().zip(granted.chunks(2));
            known.any(|(channel, granted)| channel.id == *id && granted.contains(&true))
        };
        if ids.iter().all(may_read) { Ok(()) } else { Err(Failed::Refused(TokenError::BodyParameter("channel_ids"))) }
    }
}

/// Two questions for each channel, of which one is to be answered with yes.
fn asks_to_read(channel: &Channel) -> [Ask; 2] {
    let own = Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel.id));
    match channel.team_id.filter(|_| channel.kind == ChannelKind::Public) {
        Some(team) => [own, Ask::new(Permission::READ_PUBLIC_CHANNEL, Scope::Team(team))],
        None => [own.clone(), own],
    }
}
