//! What the small chat server does to accounts.

use jackfield::id::UserId;
use jackfield::port::{Action, Applied, BotAccount, BotToUser, Refused, RefusedKind, User};

use super::host::{Flaw, State};

impl State {
    pub(super) fn apply_to_account(&mut self, action: Action, flaw: Flaw) -> Result<Applied, Refused> {
        if flaw == Flaw::NoBots {
            return Err(Refused::new(RefusedKind::Unsupported, "never heard of it"));
        }
        match action {
            Action::BotToUser(change) => self.bot_to_user(&change, flaw)?,
            Action::EndSession(_) | Action::EndSessions(_) if flaw == Flaw::BotsAreHalfKnown => {
                return Err(Refused::new(RefusedKind::Unsupported, "never heard of it"));
            }
            Action::EndSession(_) if flaw == Flaw::SessionsMustBeThere => {
                return Err(Refused::new(RefusedKind::NotFound, "no such session"));
            }
            Action::EndSession(_) | Action::EndSessions(_) => {}
            Action::SaveBot(account) => self.save(&account, flaw)?,
            Action::UserToBot(id) => match self.account(id) {
                Ok(user) => user.is_bot = true,
                Err(_) if flaw == Flaw::ConvertsNobody => {}
                Err(refused) => return Err(refused),
            },
            _ => return Err(Refused::new(RefusedKind::Unsupported, "never heard of it")),
        }
        Ok(Applied::default())
    }

    pub(super) fn save(&mut self, account: &BotAccount, flaw: Flaw) -> Result<(), Refused> {
        let is_taken = self.users.iter().any(|user| user.id != account.id && user.username == account.username);
        if is_taken && flaw != Flaw::NamesMayBeShared {
            return Err(taken(flaw));
        }
        let mut user = User::new(account.id, &account.username);
        (user.first_name, user.deactivated, user.is_bot) =
            (account.display_name.clone(), account.disabled, flaw != Flaw::BotsAreHumans);
        if flaw == Flaw::DisablesNobody {
            user.deactivated = false;
        }
        let Some(known) = self.users.iter_mut().find(|known| known.id == user.id) else {
            self.users.push(user);
            return Ok(());
        };
        if flaw == Flaw::SavesOnce && *known == user {
            return Err(Refused::new(RefusedKind::Invalid, "it is there already"));
        }
        if flaw == Flaw::RenamesNobody {
            user.username.clone_from(&known.username);
        }
        *known = user;
        Ok(())
    }

    fn bot_to_user(&mut self, BotToUser { id, patch, system_admin }: &BotToUser, flaw: Flaw) -> Result<(), Refused> {
        let text = |member| patch.expose().get(member).and_then(|value| value.as_str()).map(str::to_owned);
        let username = text("username");
        if self.users.iter().any(|user| user.id != *id && username.as_ref() == Some(&user.username)) {
            return Err(taken(flaw));
        }
        self.account(*id)?;
        let is_weak = text("password").is_none_or(|password| password.is_empty());
        if is_weak && flaw == Flaw::ConvertsBeforeLooking {
            self.promoted = Some(*id).filter(|_| *system_admin);
        }
        if is_weak {
            return Err(Refused::new(RefusedKind::Invalid, "no password"));
        }
        self.admins.extend(system_admin.then_some(*id));
        let user = self.account(*id)?;
        user.is_bot = false;
        user.username = username.unwrap_or(user.username.clone());
        user.first_name = text("first_name").unwrap_or(user.first_name.clone());
        Ok(())
    }

    fn account(&mut self, id: UserId) -> Result<&mut User, Refused> {
        let found = self.users.iter_mut().find(|user| user.id == id);
        found.ok_or_else(|| Refused::new(RefusedKind::NotFound, "no such user"))
    }
}

fn taken(flaw: Flaw) -> Refused {
    let refused = Refused::new(RefusedKind::Invalid, "the username is taken");
    if flaw == Flaw::TakenNamesHaveNoId {
        return refused;
    }
    refused.with_id("app.user.save.username_exists.app_error")
}
