//! Slack's markup in an answer, turned into ours (CMD-87).

use std::borrow::Cow;

use super::Answer;
use crate::id::UserId;
use crate::port::User;
use crate::post::{Attachment, LinkGrammar, translate_links, translate_mentions};

/// What is turned in a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Turned {
    /// Announcements, users and links.
    All,
    /// Links alone.
    Links,
    /// Announcements and users.
    Mentions,
}

/// Turns what is in an answer, as its client is shown it, and returns the text of its post, in which links are turned
/// too. What is within its extra responses is left to themselves.
pub(super) fn translate(answer: &mut Answer, people: &[User]) -> String {
    let skip = answer.skip_slack_parsing;
    if !skip {
        turn(&mut answer.text, Turned::Mentions, people);
    }
    for attachment in &mut answer.attachments {
        translate_attachment(attachment, skip, people);
    }
    let mut text = answer.text.clone();
    if !skip {
        turn(&mut text, Turned::Links, people);
    }
    text
}

fn translate_attachment(attachment: &mut Attachment, skip: bool, people: &[User]) {
    let turned = if skip { Turned::Links } else { Turned::All };
    turn(&mut attachment.pretext, turned, people);
    turn(&mut attachment.text, turned, people);
    if !skip {
        turn(&mut attachment.title, Turned::Mentions, people);
    }
    for value in attachment.fields.iter_mut().filter_map(|field| field.value.as_mut()) {
        turn(value, turned, people);
    }
}

fn turn(text: &mut String, what: Turned, people: &[User]) {
    if memchr::memchr(b'<', text.as_bytes()).is_none() {
        return;
    }
    let name = |id: UserId| people.iter().find(|user| user.id == id).map(|user| user.username.as_str());
    if what != Turned::Links
        && let Cow::Owned(turned) = translate_mentions(text, &name)
    {
        *text = turned;
    }
    if what != Turned::Mentions
        && let Cow::Owned(turned) = translate_links(text, LinkGrammar::Loose)
    {
        *text = turned;
    }
}
