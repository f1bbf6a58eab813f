//! The markup of a whole post, its message and its attachments, turned into ours (INC-50, INC-51, OUT-78, OUT-79).

use std::borrow::Cow;

use super::{Attachment, LinkGrammar, mentioned_ids, translate_links, translate_mentions};
use crate::id::UserId;

/// Collects the users that the texts name by id.
pub(crate) fn all_mentioned_ids(message: &str, attachments: &[Attachment], into: &mut Vec<UserId>) {
    mentioned_ids(message, into);
    for attachment in attachments {
        mentioned_ids(&attachment.pretext, into);
        mentioned_ids(&attachment.text, into);
        mentioned_ids(&attachment.title, into);
        attachment.fields.iter().filter_map(|field| field.value.as_deref()).for_each(|text| mentioned_ids(text, into));
    }
}

/// Turns announcements, user ids and links. Links in attachments follow a grammar of their own; titles have none.
pub(crate) fn translate<'n>(
    message: &mut String,
    attachments: &mut [Attachment],
    username: &dyn Fn(UserId) -> Option<&'n str>,
    links: LinkGrammar,
) {
    let turn = |text: &mut String, links: Option<LinkGrammar>| {
        if memchr::memchr(b'<', text.as_bytes()).is_none() {
            return;
        }
        let mentions = translate_mentions(text, username);
        let turned = match links.map(|grammar| translate_links(&mentions, grammar)) {
            Some(Cow::Owned(linked)) => Some(linked),
            _ => {
                if let Cow::Owned(named) = mentions {
                    Some(named)
                } else {
                    None
                }
            }
        };
        if let Some(turned) = turned {
            *text = turned;
        }
    };
    turn(message, Some(LinkGrammar::Strict));
    for attachment in attachments {
        turn(&mut attachment.pretext, Some(links));
        turn(&mut attachment.text, Some(links));
        turn(&mut attachment.title, None);
        for value in attachment.fields.iter_mut().filter_map(|field| field.value.as_mut()) {
            turn(value, Some(links));
        }
    }
}
