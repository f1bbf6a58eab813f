//! The management of personal access tokens: loads what the rules must know, and commits what they decide.

use super::authenticate::{Caller, ask};
use super::error::{Failed, Fault};
use super::table::{self, Pages, Stored};
use super::token_cache::TokenCache;
use super::token_uses::{TokenUses, forgotten};
use super::{Engine, TRIES, random};
use crate::id::{ChannelId, SessionId, TokenId, TokenSecret, UserId};
use crate::port::{
    Action, Ask, Audit, Change, Channel, ChannelKind, Effect, Index, Observation, Outcome, Permission, Scope, Subject,
    User,
};
use crate::security::SecretDigest;
use crate::token::manage::{self, Minting, Purpose, Rights};
use crate::token::{AccessToken, TokenError, TokenRequest, TokenRotation};

/// What an engine remembers of tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub(super) cache: TokenCache,
    pub(super) uses: TokenUses,
}

/// A token with its secret, which is known at this moment alone.
#[derive(Clone, Debug)]
pub struct FreshToken {
    /// The secret.
    pub secret: TokenSecret,
    /// What is remembered about it.
    pub token: AccessToken,
}

/// Which tokens of a list are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenRange {
    /// How many at most.
    pub limit: usize,
    /// How many to leave out at the start.
    pub skip: usize,
}

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

/// What a call about tokens comes to.
type Managed<T> = Result<T, Failed<TokenError>>;

/// A token under each of its secrets.
struct Held {
    current: Stored<AccessToken>,
    retired: Vec<Stored<AccessToken>>,
}

impl Held {
    fn all(&self) -> impl Iterator<Item = &Stored<AccessToken>> {
        std::iter::once(&self.current).chain(&self.retired)
    }

    fn subject(&self) -> (TokenId, UserId) {
        (self.current.kind.id, self.current.kind.user_id)
    }
}

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
        let account = self.user_of_token(user).await?;
        let account = account.ok_or(TokenError::UserNotFound);
        let allowed = account.and_then(|account| {
            manage::need_own_session(caller.session().kind)?;
            Ok(account)
        });
        self.told(caller, "create", (None, Some(user)), allowed)
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

    /// Switches a token off: whoever uses it is refused from the moment that this returns (BOT-83).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn disable_access_token(&self, caller: &Caller, id: TokenId) -> Managed<()> {
        self.switch_token(caller, NamedToken::One(id), false).await
    }

    /// Switches a token on again (BOT-83).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn enable_access_token(&self, caller: &Caller, id: TokenId) -> Managed<()> {
        self.switch_token(caller, NamedToken::One(id), true).await
    }

    /// Revokes a token for good: whoever uses it is refused from the moment that this returns (BOT-83).
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn revoke_access_token(&self, caller: &Caller, id: TokenId) -> Managed<()> {
        self.revoke_token(caller, NamedToken::One(id)).await
    }

    /// Gives a token a new secret, and perhaps another end (BOT-100). The old secret works on for a while if the request
    /// or the settings say so; the one before that ends now.
    ///
    /// # Errors
    ///
    /// [`TokenError`] says why not; or a fault.
    pub async fn rotate_access_token(
        &self,
        caller: &Caller,
        id: TokenId,
        rotation: TokenRotation,
    ) -> Managed<FreshToken> {
        self.rotate_token(caller, NamedToken::One(id), rotation).await
    }

    pub(crate) async fn switch_token(&self, caller: &Caller, named: NamedToken, is_active: bool) -> Managed<()> {
        let purpose = if is_active { Purpose::Enable } else { Purpose::Disable };
        for _ in 0..TRIES {
            let held = self.held_for(caller, named, purpose).await?;
            let change =
                |stored: &Stored<AccessToken>| stored.replace(&AccessToken { is_active, ..stored.kind.clone() });
            let changes: Result<Vec<_>, _> = held.all().map(change).collect();
            if self.commit_tokens(changes?, &held).await? {
                self.audited::<()>(caller, purpose.word(), told_of(&held), Ok(()))?;
                if !is_active {
                    self.end_session_of(held.current.kind.id).await;
                }
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    pub(crate) async fn revoke_token(&self, caller: &Caller, named: NamedToken) -> Managed<()> {
        for _ in 0..TRIES {
            let held = self.held_for(caller, named, Purpose::Revoke).await?;
            if self.remove_token(&held).await? {
                self.audited::<()>(caller, Purpose::Revoke.word(), told_of(&held), Ok(()))?;
                self.end_session_of(held.current.kind.id).await;
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    pub(crate) async fn rotate_token(
        &self,
        caller: &Caller,
        named: NamedToken,
        rotation: TokenRotation,
    ) -> Managed<FreshToken> {
        let settings = self.with_settings(|settings| settings.tokens.clone());
        for _ in 0..TRIES {
            let held = self.held_for(caller, named, Purpose::Rotate).await?;
            let subject = told_of(&held);
            let made = self.rotated(caller, &held, &rotation, &settings).await;
            let (token, old) = self.audited_refusal(caller, Purpose::Rotate.word(), subject, made)?;
            let secret = TokenSecret::from_random(random(&self.shared.ports)?);
            let digest = SecretDigest::of(secret.expose());
            let mut changes = vec![table::insert(digest.as_bytes(), &token, &[])?];
            changes.push(match &old {
                Some(old) => held.current.replace(old)?,
                None => held.current.remove(),
            });
            changes.extend(held.retired.iter().map(Stored::remove));
            if self.commit_tokens(changes, &held).await? {
                self.audited::<()>(caller, Purpose::Rotate.word(), subject, Ok(()))?;
                if old.is_none() {
                    self.end_session_of(token.id).await;
                }
                return Ok(FreshToken { secret, token });
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    async fn rotated(
        &self,
        caller: &Caller,
        held: &Held,
        rotation: &TokenRotation,
        settings: &crate::token::TokenSettings,
    ) -> Managed<(AccessToken, Option<AccessToken>)> {
        manage::need_own_session(caller.session().kind).map_err(Failed::Refused)?;
        let account = self.user_of_token(held.current.kind.user_id).await?;
        let account = account.ok_or(Failed::Refused(TokenError::NotFound))?;
        self.may_mint(caller, &account).await?;
        let made = manage::rotate(&held.current.kind, rotation, settings, self.now()).map_err(Failed::Refused)?;
        caller.bounds().check(&made.0).map_err(Failed::Refused)?;
        Ok(made)
    }

    /// Removes the tokens of a user who is gone.
    pub(super) async fn end_tokens(&self, user: UserId) -> Result<(), Fault> {
        let storage = &self.shared.ports.storage;
        let mut lost = 0;
        while lost < TRIES {
            // What was removed is not found again, so each round begins at the start.
            let mut pages = Pages::new::<AccessToken>(AccessToken::BY_USER, user.as_str().as_bytes());
            let tokens = pages.next::<AccessToken>(storage).await?;
            if tokens.is_empty() {
                return Ok(());
            }
            for token in tokens {
                let Some(held) = self.held(token.kind.id).await? else { continue };
                if self.remove_token(&held).await? {
                    lost = 0;
                    self.audit(None, "revoke", told_of(&held), Outcome::Done);
                    self.end_session_of(token.kind.id).await;
                } else {
                    lost += 1;
                }
            }
        }
        Err(Fault::busy())
    }

    async fn remove_token(&self, held: &Held) -> Result<bool, Fault> {
        let id = held.current.kind.id;
        let mut changes: Vec<_> = held.all().map(Stored::remove).collect();
        changes.push(forgotten(id));
        let removed = self.commit_tokens(changes, held).await?;
        if removed {
            self.shared.tokens.uses.forget(id);
        }
        Ok(removed)
    }

    /// Commits changes of a token. Whatever comes of it, nothing that was read before counts any more.
    async fn commit_tokens(&self, changes: Vec<Change>, held: &Held) -> Result<bool, Fault> {
        let committed = self.commit(changes).await;
        let digests: Vec<_> = held.all().filter_map(|stored| SecretDigest::from_bytes(&stored.key.id)).collect();
        self.shared.tokens.cache.forget(&digests);
        committed
    }

    /// Tells the host that websockets of a token are to be closed. The token is gone by now, so a fault is the
    /// observer's alone.
    pub(super) async fn end_session_of(&self, token: TokenId) {
        let end = Effect::new(Action::EndSession(SessionId::from(token)));
        if let Err(refused) = self.shared.ports.sink.apply(vec![end]).await {
            self.observer().observe(&Observation::Fault { error: &Fault::from(refused), request_id: None });
        }
    }

    /// Finds a token that a caller may do something with.
    async fn held_for(&self, caller: &Caller, named: NamedToken, purpose: Purpose) -> Managed<Held> {
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
    async fn held(&self, id: TokenId) -> Result<Option<Held>, Fault> {
        let mut pages = Pages::new::<AccessToken>(AccessToken::BY_ID, id.as_str().as_bytes());
        let found = pages.next::<AccessToken>(&self.shared.ports.storage).await?;
        let (retired, mut current): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|stored| stored.kind.retires_at.is_some());
        Ok(current.pop().map(|current| Held { current, retired }))
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

    async fn token_rights(&self, caller: &Caller) -> Result<Rights, Fault> {
        Ok(Rights::new(&caller.may(&Rights::asks()).await?))
    }

    async fn may_mint(&self, caller: &Caller, account: &User) -> Managed<()> {
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

    pub(super) async fn user_of_token(&self, id: UserId) -> Result<Option<User>, Fault> {
        let found = self.shared.ports.directory.users(&[id]).await?;
        Ok(found.into_iter().find(|user| user.id == id))
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

    /// Tells the observer how something ended that is audited, a fault left out.
    fn audited<T>(&self, caller: &Caller, action: &'static str, subject: Told, result: Managed<T>) -> Managed<T> {
        if result.is_ok() {
            self.audit(Some(caller), action, subject, Outcome::Done);
        }
        self.audited_refusal(caller, action, subject, result)
    }

    fn audited_refusal<T>(
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

    fn told<T>(
        &self,
        caller: &Caller,
        action: &'static str,
        subject: Told,
        result: Result<T, TokenError>,
    ) -> Managed<T> {
        self.audited_refusal(caller, action, subject, result.map_err(Failed::Refused))
    }

    fn audit(&self, by: Option<&Caller>, action: &'static str, (id, user_id): Told, outcome: Outcome<'_>) {
        self.observer().observe(&Observation::Audit(Audit {
            action,
            actor: by.map(Caller::user_id),
            address: by.and_then(Caller::address),
            outcome,
            subject: Subject::AccessToken { id, user_id },
        }));
    }
}

/// Which token an audit is about, and whose.
type Told = (Option<TokenId>, Option<UserId>);

fn told_of(held: &Held) -> Told {
    let (id, user) = held.subject();
    (Some(id), Some(user))
}

/// Two questions for each channel, of which one is to be answered with yes.
fn asks_to_read(channel: &Channel) -> [Ask; 2] {
    let own = Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel.id));
    match channel.team_id.filter(|_| channel.kind == ChannelKind::Public) {
        Some(team) => [own, Ask::new(Permission::READ_PUBLIC_CHANNEL, Scope::Team(team))],
        None => [own.clone(), own],
    }
}
