//! Accounts of bots, and sessions.
//!
//! A host that has no bots answers [`RefusedKind::Unsupported`] to all of these actions, or to none.

use serde_json::{Map, Value};

use super::posts::finish;
use super::*;
use crate::port::{BotAccount, BotToUser, User, UserPatch};

/// What clients are told where a username is taken.
const TAKEN: &str = "app.user.save.username_exists.app_error";

/// A host does all that bots need, or says of all of it that it does not know it.
pub async fn bots_are_known_or_not_at_all(fixture: &dyn SinkFixture) -> Check {
    let subject = Subject::fresh("bots_are_known_or_not_at_all", fixture).await;
    let other = subject.host.other;
    let actions = [
        Action::SaveBot(account(1, "conformance-bot")),
        Action::UserToBot(other),
        Action::BotToUser(to_user(other, "username", "conformance-user")),
        Action::EndSession(SessionId::from_random([0xA5; 16])),
        Action::EndSessions(other),
    ];
    let mut known = Vec::new();
    for action in actions {
        let refused = subject.host.sink.apply(vec![Effect::new(action)]).await.err();
        known.push(refused.is_none_or(|refused| refused.kind() != RefusedKind::Unsupported));
    }
    let is_one = known.iter().all(|one| Some(one) == known.first());
    subject.name.ensure(is_one, format!("of the actions about bots and sessions, some are unsupported: {known:?}"))
}

/// An account is made where there is none with its id, and is changed where there is one; twice does no harm.
pub async fn bots_are_saved_as_they_should_be(fixture: &dyn SinkFixture) -> Check {
    let Some(subject) = Subject::with_bots("bots_are_saved_as_they_should_be", fixture).await else { return Ok(()) };
    let new = account(1, "conformance-bot");
    let renamed = BotAccount { username: "conformance-renamed".to_owned(), ..new.clone() };
    let retitled = BotAccount { display_name: "Tïtle \u{1F600}".to_owned(), ..renamed.clone() };
    let disabled = BotAccount { disabled: true, ..retitled.clone() };
    let enabled = BotAccount { description: "what it is for".to_owned(), ..retitled.clone() };
    for account in [new, renamed, retitled, disabled, enabled] {
        for time in ["once", "twice"] {
            subject.save(&account).await?;
            let user = subject.user(account.id).await?;
            let got = (&user.username, &user.first_name, user.deactivated, user.is_bot);
            let want = (&account.username, &account.display_name, account.disabled, true);
            subject.name.equal(&format!("the account that was saved {time}"), &got, &want)?;
        }
        let named = subject.named(&account.username).await?.map(|user| user.id);
        subject.name.equal("who has the username", &named, &Some(account.id))?;
    }
    let former = subject.named("conformance-bot").await?;
    subject.name.ensure(former.is_none(), "somebody still has the former username of a bot")
}

/// A username that another account has, human or bot, enabled or not, is refused as [`RefusedKind::Invalid`] with the id
/// that clients know; nothing changes.
pub async fn a_taken_username_is_refused(fixture: &dyn SinkFixture) -> Check {
    let Some(subject) = Subject::with_bots("a_taken_username_is_refused", fixture).await else { return Ok(()) };
    let (first, second) = (account(1, "conformance-one"), account(2, "conformance-two"));
    subject.save(&first).await?;
    subject.refuse_account(&BotAccount { username: first.username.clone(), ..second.clone() }).await?;
    let made = subject.look_up(second.id).await?;
    subject.name.ensure(made.is_none(), "an account was made although its username is taken")?;
    subject.save(&BotAccount { disabled: true, ..first.clone() }).await?;
    subject.save(&second).await?;
    let mut taken = vec![first.username];
    taken.extend(subject.look_up(subject.host.author).await?.map(|author| author.username));
    for username in taken {
        subject.refuse_account(&BotAccount { username, display_name: "x".to_owned(), ..second.clone() }).await?;
        let user = subject.user(second.id).await?;
        let got = (&user.username, &user.first_name);
        subject.name.equal("a bot whose change was refused", &got, &(&second.username, &second.display_name))?;
    }
    Ok(())
}

/// When many make an account of one username at the same time, there is one.
pub async fn one_of_many_gets_a_username(fixture: &dyn SinkFixture) -> Check {
    let Some(subject) = Subject::with_bots("one_of_many_gets_a_username", fixture).await else { return Ok(()) };
    for round in 0..10_u8 {
        let username = format!("conformance-{round}");
        let racers = (0..8_u8).map(|racer| {
            let (subject, account) = (subject.clone(), account(round * 8 + racer, &username));
            async move {
                let done = subject.host.sink.apply(vec![Effect::new(Action::SaveBot(account.clone()))]).await;
                Ok::<_, Violation>(done.is_ok().then_some(account.id))
            }
        });
        let made: Vec<_> = finish(&subject, fixture, racers.collect()).await?.into_iter().flatten().collect();
        subject.name.equal("how many made one account", &made.len(), &1)?;
        let named = subject.named(&username).await?.map(|user| user.id);
        subject.name.equal("who has the username", &named.as_ref(), &made.first())?;
    }
    Ok(())
}

/// When one effect of a call is refused, no account was made or changed by another of it.
pub async fn accounts_are_all_or_nothing(fixture: &dyn SinkFixture) -> Check {
    let Some(subject) = Subject::with_bots("accounts_are_all_or_nothing", fixture).await else { return Ok(()) };
    let known = account(1, "conformance-one");
    subject.save(&known).await?;
    let lost = Effect::new(Action::UpdatePost { draft: subject.draft("lost"), id: nowhere() });
    let changed = BotAccount { display_name: "changed".to_owned(), ..known.clone() };
    for account in [account(2, "conformance-two"), changed] {
        let refused = subject.host.sink.apply(vec![Effect::new(Action::SaveBot(account)), lost.clone()]).await;
        subject.name.ensure(refused.is_err(), "a call was applied although one of its effects cannot be")?;
    }
    subject.name.equal("the known account", &subject.user(known.id).await?.first_name, &known.display_name)?;
    let made = subject.named("conformance-two").await?;
    subject.name.ensure(made.is_none(), "an account of a refused call was made")
}

/// Users become bots and bots users; twice does no harm, and of nobody it is [`RefusedKind::NotFound`].
pub async fn accounts_are_converted(fixture: &dyn SinkFixture) -> Check {
    let Some(subject) = Subject::with_bots("accounts_are_converted", fixture).await else { return Ok(()) };
    let bot = account(1, "conformance-bot");
    subject.save(&bot).await?;
    for (action, is_bot) in
        [(Action::BotToUser(to_user(bot.id, "first_name", "Human")), false), (Action::UserToBot(bot.id), true)]
    {
        for _ in 0..2 {
            subject.apply(vec![Effect::new(action.clone())]).await?;
            let user = subject.user(bot.id).await?;
            let got = (user.is_bot, user.username.as_str(), user.first_name.as_str());
            subject.name.equal("a converted account", &got, &(is_bot, "conformance-bot", "Human"))?;
        }
    }
    let nobody = UserId::from_random([0xA5; 16]);
    for action in [Action::UserToBot(nobody), Action::BotToUser(to_user(nobody, "first_name", "x"))] {
        subject.refuse(vec![Effect::new(action)], RefusedKind::NotFound).await?;
    }
    Ok(())
}

/// A conversion that is refused, for its password or for the username it asks for, leaves the bot a bot, whatever else was
/// to become of it (BOT-46).
pub async fn a_refused_conversion_changes_nothing(fixture: &dyn SinkFixture) -> Check {
    let name = "a_refused_conversion_changes_nothing";
    let Some(subject) = Subject::with_bots(name, fixture).await else { return Ok(()) };
    let (bot, other) = (account(1, "conformance-bot"), account(2, "conformance-other"));
    subject.save(&bot).await?;
    subject.save(&other).await?;
    let mut weak = to_user(bot.id, "first_name", "Human");
    weak.system_admin = true;
    weak.patch = patch(&[("password", ""), ("first_name", "Human")]);
    for change in [weak, to_user(bot.id, "username", &other.username)] {
        subject.refuse(vec![Effect::new(Action::BotToUser(change))], RefusedKind::Invalid).await?;
        let user = subject.user(bot.id).await?;
        let got = (user.is_bot, user.username.as_str(), &user.first_name);
        subject.name.equal("the bot", &got, &(true, "conformance-bot", &bot.display_name))?;
        let administrators = subject.host.directory.administrators().await;
        let administrators = administrators.map_err(|error| subject.name.violation(format!("it failed: {error}")))?;
        subject.name.ensure(!administrators.contains(&bot.id), "a refused conversion made an administrator")?;
    }
    Ok(())
}

/// To end sessions that are not there is fine.
pub async fn sessions_that_are_not_there_end(fixture: &dyn SinkFixture) -> Check {
    let Some(subject) = Subject::with_bots("sessions_that_are_not_there_end", fixture).await else { return Ok(()) };
    let nobody = UserId::from_random([0xA5; 16]);
    for action in [
        Action::EndSession(SessionId::from_random([0xA5; 16])),
        Action::EndSessions(subject.host.author),
        Action::EndSessions(nobody),
    ] {
        subject.apply(vec![Effect::new(action)]).await?;
    }
    Ok(())
}

impl Subject {
    /// A host that has bots.
    async fn with_bots(check: &'static str, fixture: &dyn SinkFixture) -> Option<Self> {
        let subject = Self::fresh(check, fixture).await;
        let probe = Effect::new(Action::SaveBot(account(0xFF, "conformance-probe")));
        match subject.host.sink.apply(vec![probe]).await {
            Err(refused) if refused.kind() == RefusedKind::Unsupported => None,
            _ => Some(subject),
        }
    }

    async fn save(&self, account: &BotAccount) -> Check {
        self.apply(vec![Effect::new(Action::SaveBot(account.clone()))]).await.map(drop)
    }

    /// Saves an account whose username is taken.
    async fn refuse_account(&self, account: &BotAccount) -> Check {
        let refused = self.host.sink.apply(vec![Effect::new(Action::SaveBot(account.clone()))]).await;
        let got = refused.as_ref().err().map(|refused| (refused.kind(), refused.id()));
        self.name.equal("the answer to a taken username", &got, &Some((RefusedKind::Invalid, Some(TAKEN))))
    }

    async fn look_up(&self, id: UserId) -> Result<Option<User>, Violation> {
        let users = self.host.directory.users(&[id]).await;
        let users = users.map_err(|error| self.name.violation(format!("the directory failed: {error}")))?;
        Ok(users.into_iter().find(|user| user.id == id))
    }

    /// Returns an account that must be there.
    async fn user(&self, id: UserId) -> Result<User, Violation> {
        self.look_up(id).await?.ok_or_else(|| self.name.violation(format!("the account {id} is not there")))
    }

    async fn named(&self, username: &str) -> Result<Option<User>, Violation> {
        let user = self.host.directory.user_named(username).await;
        user.map_err(|error| self.name.violation(format!("the directory failed: {error}")))
    }
}

/// An enabled bot.
fn account(number: u8, username: &str) -> BotAccount {
    BotAccount {
        description: String::new(),
        disabled: false,
        display_name: "Conformance bot".to_owned(),
        id: UserId::from_random((0xC0FF_EE00_u128 << 96 | u128::from(number)).to_be_bytes()),
        username: username.to_owned(),
    }
}

/// A conversion with a good password, and one more member.
fn to_user(id: UserId, member: &str, value: &str) -> BotToUser {
    let patch = patch(&[("password", "Conformance-passw0rd!"), (member, value)]);
    BotToUser { id, patch, system_admin: false }
}

fn patch(members: &[(&str, &str)]) -> UserPatch {
    let members = members.iter().map(|(member, value)| ((*member).to_owned(), Value::from(*value)));
    UserPatch::new(members.collect::<Map<_, _>>())
}
