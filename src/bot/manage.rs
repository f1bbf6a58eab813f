//! What becomes of bots that are made and changed (BOT-3 to BOT-8, BOT-26 to BOT-39).

use super::model::Bot;
use super::{BotError, BotRequest};
use crate::id::{Millis, UserId};
use crate::port::User;

/// Decides on a new bot (BOT-22 #5 and #6).
pub(crate) fn create(request: BotRequest, id: UserId, owner: &str, now: Millis) -> Result<Bot, BotError> {
    let bot = Bot {
        create_at: now,
        delete_at: Millis(0),
        description: request.description.unwrap_or_default(),
        display_name: request.display_name.unwrap_or_default(),
        last_icon_update: Millis(0),
        owner_id: owner.to_owned(),
        update_at: now,
        user_id: id,
        username: request.username.unwrap_or_default(),
    };
    need(is_username(&bot.username), BotError::Username)?;
    need(fits(&bot.display_name, 64), BotError::DisplayName)?;
    need(fits(&bot.description, 1_024), BotError::Description)?;
    need(!owner.is_empty() && fits(owner, 190), BotError::OwnerId)?;
    need(makes_address(&bot.username), BotError::Email)?;
    Ok(bot)
}

/// Decides on a patch; nothing where it changes nothing (BOT-26). All is looked at before anything happens: first what
/// the account must be, then what the bot must be (BOT-27).
pub(crate) fn patch(bot: &Bot, request: BotRequest, now: Millis) -> Result<Option<Bot>, BotError> {
    let BotRequest { username, display_name, description } = request;
    let username = username.filter(|new| *new != bot.username);
    let display_name = display_name.filter(|new| *new != bot.display_name);
    let description = description.filter(|new| *new != bot.description);
    if let Some(new) = &username {
        let folded = new.to_lowercase();
        need(is_username(&folded), BotError::UserUsername)?;
        need(makes_address(&folded), BotError::Email)?;
    }
    need(display_name.as_ref().is_none_or(|new| fits(new, 64)), BotError::FirstName)?;
    need(username.as_ref().is_none_or(|new| is_username(new)), BotError::Username)?;
    need(description.as_ref().is_none_or(|new| fits(new, 1_024)), BotError::Description)?;
    if username.is_none() && display_name.is_none() && description.is_none() {
        return Ok(None);
    }
    let mut changed = Bot { update_at: after(bot, now), ..bot.clone() };
    changed.username = username.unwrap_or(changed.username);
    changed.display_name = display_name.unwrap_or(changed.display_name);
    changed.description = description.unwrap_or(changed.description);
    Ok(Some(changed))
}

/// The bot with the names that its account has now.
pub(crate) fn named(bot: &Bot, account: &User) -> Bot {
    Bot { display_name: account.first_name.clone(), username: account.username.clone(), ..bot.clone() }
}

/// The bot as its account says it is, if that is news: other names, or switched on or off elsewhere.
pub(crate) fn followed(bot: &Bot, account: &User, now: Millis) -> Option<Bot> {
    let named = named(bot, account);
    let switched = if account.deactivated { disabled(&named, now) } else { enabled(&named, now) };
    (switched != *bot).then(|| Bot { update_at: after(bot, now), ..switched })
}

/// The bot switched off, if it is not already (BOT-33, BOT-35).
pub(crate) fn disabled(bot: &Bot, now: Millis) -> Bot {
    if bot.is_disabled() {
        return bot.clone();
    }
    let at = after(bot, now);
    Bot { delete_at: at, update_at: at, ..bot.clone() }
}

/// The bot switched on, if it is not already (BOT-34, BOT-35).
pub(crate) fn enabled(bot: &Bot, now: Millis) -> Bot {
    if !bot.is_disabled() {
        return bot.clone();
    }
    Bot { delete_at: Millis(0), update_at: after(bot, now), ..bot.clone() }
}

/// The bot with another owner, or the same again (BOT-39).
pub(crate) fn assigned(bot: &Bot, owner: UserId, now: Millis) -> Bot {
    Bot { owner_id: owner.as_str().to_owned(), update_at: after(bot, now), ..bot.clone() }
}

/// What a user becomes who becomes a bot: one that owns itself, without a description (BOT-48).
pub(crate) fn converted(user: &User, now: Millis) -> Bot {
    Bot {
        create_at: now,
        delete_at: if user.deactivated { now } else { Millis(0) },
        description: String::new(),
        display_name: user.first_name.clone(),
        last_icon_update: Millis(0),
        owner_id: user.id.as_str().to_owned(),
        update_at: now,
        user_id: user.id,
        username: user.username.clone(),
    }
}

/// The time of a change, which is later than that of the one before.
fn after(bot: &Bot, now: Millis) -> Millis {
    now.max(Millis(bot.update_at.0.saturating_add(1)))
}

fn need(holds: bool, error: BotError) -> Result<(), BotError> {
    if holds { Ok(()) } else { Err(error) }
}

/// BOT-6.
fn is_username(name: &str) -> bool {
    const RESERVED: [&str; 4] = ["all", "channel", "matterbot", "system"];
    let is_sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(is_sound) && !RESERVED.contains(&name)
}

/// BOT-7: whether `<name>@localhost` is an address.
fn makes_address(name: &str) -> bool {
    !name.starts_with('.') && !name.ends_with('.') && !name.contains("..")
}

/// Whether a text has so many characters at most, and none that a database cannot keep.
fn fits(text: &str, most: usize) -> bool {
    text.chars().nth(most).is_none() && !text.contains('\0')
}
