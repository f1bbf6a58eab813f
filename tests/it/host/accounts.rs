//! What is done to accounts.

use jackfield::id::{PostId, UserId};
use jackfield::port::{BotAccount, BotToUser, Refused, RefusedKind, Session, SessionKind, User};

use super::World;

impl World {
    /// Ends sessions, but for those of personal access tokens, which are nothing of this server's own.
    pub(super) fn end_sessions(&mut self, which: impl Fn(&Session) -> bool) -> Vec<PostId> {
        self.sessions.retain(|_, session| session.kind == SessionKind::PersonalAccessToken || !which(session));
        Vec::new()
    }

    pub(super) fn save_bot(&mut self, account: BotAccount) -> Result<Vec<PostId>, Refused> {
        let BotAccount { description, disabled, display_name, id, username } = account;
        if self.users.iter().any(|user| user.id != id && user.username == username) {
            return Err(invalid("app.user.save.username_exists.app_error"));
        }
        let mut user = User::new(id, username);
        (user.deactivated, user.first_name, user.is_bot) = (disabled, display_name, true);
        match self.users.iter_mut().find(|user| user.id == id) {
            Some(known) => *known = user,
            None => self.users.push(user),
        }
        self.descriptions.insert(id, description);
        Ok(if disabled { self.end_sessions(|session| session.user_id == id) } else { Vec::new() })
    }

    pub(super) fn user_to_bot(&mut self, id: UserId) -> Result<Vec<PostId>, Refused> {
        self.account(id)?.is_bot = true;
        Ok(self.end_sessions(|session| session.user_id == id))
    }

    pub(super) fn bot_to_user(&mut self, change: &BotToUser) -> Result<Vec<PostId>, Refused> {
        let patch = change.patch.expose();
        let text = |member: &str| patch.get(member).and_then(|value| value.as_str()).map(str::to_owned);
        if text("password").is_none_or(|password| password.len() < 8) {
            return Err(invalid("model.user.is_valid.pwd.app_error"));
        }
        let account = self.account(change.id)?;
        account.is_bot = false;
        account.username = text("username").unwrap_or(account.username.clone());
        account.first_name = text("first_name").unwrap_or(account.first_name.clone());
        self.descriptions.remove(&change.id);
        if change.system_admin {
            self.admins.insert(change.id);
        }
        Ok(Vec::new())
    }

    fn account(&mut self, id: UserId) -> Result<&mut User, Refused> {
        let found = self.users.iter_mut().find(|user| user.id == id);
        found.ok_or_else(|| Refused::new(RefusedKind::NotFound, "no such user"))
    }
}

fn invalid(id: &'static str) -> Refused {
    Refused::new(RefusedKind::Invalid, "the account cannot be so").with_id(id)
}
