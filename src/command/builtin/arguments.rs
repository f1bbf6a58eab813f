//! What was typed behind the words of common commands, read as chat servers read it (CMD-130 to CMD-133).
//!
//! A host that registers `/msg`, `/join` or `/status` needs not invent how their arguments are written.
//!
//! ```
//! use jackfield::command::arguments;
//!
//! let message = arguments::group_message("ann, @bob  lunch, now?");
//! assert_eq!(message.usernames, ["ann", "bob"]);
//! assert_eq!(message.message, "lunch, now?");
//! ```

use time::Duration;

use crate::command::trigger::lower;

/// What `/echo` is to say, and when.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Echo {
    /// How long to wait; below zero counts as not at all.
    pub delay: Duration,
    /// What is posted.
    pub message: String,
}

/// Reads what stands behind `/echo`: a message, in quotation marks or not, and perhaps a number of seconds (CMD-131).
#[must_use]
pub fn echo(text: &str) -> Echo {
    let quoted = text.strip_prefix('"').and_then(|rest| rest.rsplit_once('"')).filter(|(inner, _)| !inner.is_empty());
    let (message, seconds) = match quoted {
        Some((message, rest)) => (message, rest.trim_matches(['"', ' ']).parse::<i64>().unwrap_or(0)),
        None => match text.rsplit_once(' ').and_then(|(before, last)| Some((before, last.parse().ok()?))) {
            Some((message, seconds)) => (message, seconds),
            None => (text, 0),
        },
    };
    Echo { delay: Duration::seconds(seconds), message: message.to_owned() }
}

/// Whom to write to, and what.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Message {
    /// What is said; empty where the channel is to be opened only.
    pub message: String,
    /// To whom, in lower case, without their `@`.
    pub usernames: Vec<String>,
}

/// Reads what stands behind `/msg`: a user, and perhaps a message.
#[must_use]
pub fn direct_message(text: &str) -> Message {
    let text = text.trim();
    let (word, message) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let usernames = Some(username(word)).filter(|name| !name.is_empty());
    Message { message: message.trim().to_owned(), usernames: usernames.into_iter().collect() }
}

/// Reads what stands behind `/groupmsg`: users with commas between them, and perhaps a message (CMD-132).
#[must_use]
pub fn group_message(text: &str) -> Message {
    let mut read = Message::default();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let name = username(word);
        if !name.is_empty() {
            read.usernames.push(name);
        }
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(next) => rest = next.trim_start(),
            // What follows a name without a comma between is the message, whatever commas it has.
            None => {
                rest.clone_into(&mut read.message);
                break;
            }
        }
    }
    read
}

/// Reads what stands behind `/join`: the name of a channel. With a `~` before it, it is taken as it is.
#[must_use]
pub fn channel_to_join(text: &str) -> String {
    match text.strip_prefix('~') {
        Some(name) => name.to_owned(),
        None => lower(text).into_owned(),
    }
}

/// Reads what stands behind `/mute`: the name of a channel, or none for the one where it is typed.
#[must_use]
pub fn channel_to_mute(text: &str) -> Option<&str> {
    let word = text.split(' ').next().unwrap_or_default();
    Some(word.strip_prefix('~').unwrap_or(word)).filter(|name| !name.is_empty())
}

/// Reads what stands behind `/remove` and `/kick`: a user.
#[must_use]
pub fn user_to_remove(text: &str) -> Option<String> {
    let word = text.split_whitespace().next()?;
    Some(username(word)).filter(|name| !name.is_empty())
}

/// Whom to invite, and where.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Invitation {
    /// The names of channels, without their `~`; none for the one where it is typed.
    pub channels: Vec<String>,
    /// The names of users or groups, without their `@`.
    pub names: Vec<String>,
}

/// Reads what stands behind `/invite`: users and groups with their `@`, and channels; the first word without either is a
/// user's.
#[must_use]
pub fn invitation(text: &str) -> Invitation {
    let mut read = Invitation::default();
    for (place, word) in text.split(' ').filter(|word| !word.is_empty()).enumerate() {
        if let Some(name) = word.strip_prefix('@') {
            read.names.push(name.to_owned());
        } else if place == 0 && !word.starts_with('~') {
            read.names.push(word.to_owned());
        } else {
            read.channels.push(word.strip_prefix('~').unwrap_or(word).to_owned());
        }
    }
    read
}

/// What becomes of somebody's custom status.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Status {
    /// It is taken away.
    Clear,
    /// It is this.
    Set {
        /// The name of an emoji, without colons.
        emoji: String,
        /// At most 100 characters; may be empty.
        text: String,
    },
}

/// Reads what stands behind `/status` (CMD-133). `emoji_name` knows the name of a word that is just one Unicode emoji.
#[must_use]
pub fn status(text: &str, emoji_name: impl Fn(&str) -> Option<String>) -> Status {
    let text = text.trim();
    if text == "clear" {
        return Status::Clear;
    }
    let (word, behind) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let (emoji, text) = if let Some((name, behind)) = colon_name(text) {
        (name.to_owned(), behind)
    } else if let Some(name) = emoji_name(word) {
        (name, behind)
    } else {
        ("speech_balloon".to_owned(), text)
    };
    Status::Set { emoji, text: text.trim().chars().take(MAX_STATUS_CHARACTERS).collect() }
}

/// Reads `:name:` at the start of a text.
fn colon_name(text: &str) -> Option<(&str, &str)> {
    let (name, behind) = text.strip_prefix(':')?.split_once(':')?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte);
    (!name.is_empty() && name.bytes().all(is_name)).then_some((name, behind))
}

fn username(word: &str) -> String {
    lower(word.strip_prefix('@').unwrap_or(word)).into_owned()
}

/// How long the text of a status is at most.
const MAX_STATUS_CHARACTERS: usize = 100;
