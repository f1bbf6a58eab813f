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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Field;

    const KNOWN: [u8; 16] = [1; 16];

    fn everywhere(text: &str) -> (String, Vec<Attachment>) {
        let field = |value: Option<&str>| Field { title: text.into(), value: value.map(str::to_owned), short: false };
        let attachment = Attachment {
            pretext: text.into(),
            text: text.into(),
            title: text.into(),
            footer: text.into(),
            fields: vec![field(Some(text)), field(None)],
            ..Attachment::default()
        };
        (text.to_owned(), vec![attachment])
    }

    fn turned(text: &str, links: LinkGrammar) -> [String; 6] {
        let (mut message, mut attachments) = everywhere(text);
        let name = |id| (id == UserId::from_random(KNOWN)).then_some("anna");
        translate(&mut message, &mut attachments, &name, links);
        let one = attachments.remove(0);
        let value = one.fields[0].value.clone().unwrap();
        [message, one.pretext, one.text, value, one.title, one.footer]
    }

    #[test]
    fn each_text_is_turned_as_far_as_it_has_markup() {
        let text = format!("<!here> <@{}> <u|a|b>", UserId::from_random(KNOWN));
        let loose = "@here @anna [a|b](u)".to_owned();
        let bare = "@here @anna <u|a|b>".to_owned();
        let want = [bare.clone(), loose.clone(), loose.clone(), loose, bare, text.clone()];
        assert_eq!(turned(&text, LinkGrammar::Loose), want);
        let linked = "[a](u)".to_owned();
        let want = [linked.clone(), linked.clone(), linked.clone(), linked, "<u|a>".to_owned(), "<u|a>".to_owned()];
        assert_eq!(turned("<u|a>", LinkGrammar::Strict), want);
        assert!(turned("a | b > c", LinkGrammar::Loose).iter().all(|text| text == "a | b > c"));
    }

    #[test]
    fn those_whom_any_of_the_texts_names_are_found() {
        let id = UserId::from_random(KNOWN);
        let (message, attachments) = everywhere(&format!("<@{id}>"));
        let mut found = Vec::new();
        all_mentioned_ids(&message, &attachments, &mut found);
        assert_eq!(found, [id; 5]);
    }
}
