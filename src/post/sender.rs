//! What the post of an integration shows of who made it, and what types it may have (INC-66 to INC-72, OUT-82 to OUT-88).

use serde_json::{Map, Value};
use thiserror::Error;

use super::{
    Attachment, Overrides, PostDraft, channel_names, mention_texts, mentions, mentions_channel, strip_reserved,
};
use crate::id::{ActionId, UserId};

/// Who makes a post: an integration in the name of a user.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender<'a> {
    pub(crate) display_name: &'a str,
    /// The pictures to show; the first that is not empty counts.
    pub(crate) icon_urls: [&'a str; 2],
    /// Whether the user is a bot.
    pub(crate) is_bot: bool,
    pub(crate) overrides: Overrides,
    /// The names to show; the first that is not empty counts.
    pub(crate) usernames: [&'a str; 2],
}

/// A sender name or picture that is in use must be a text that a host can store (INC-95).
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("`{0}`: expected a text without U+0000")]
pub(crate) struct Unsound(pub(crate) &'static str);

impl Sender<'_> {
    /// Makes the props of a post from those that the integration wrote.
    pub(crate) fn props(&self, written: Map<String, Value>) -> Result<Map<String, Value>, Unsound> {
        let mut props = written;
        strip_reserved(&mut props, self.overrides.icon);
        let mut set = |name: &str, value: &str| {
            props.insert(name.to_owned(), Value::String(value.to_owned()));
        };
        set("from_webhook", "true");
        set("webhook_display_name", self.display_name);
        if self.overrides.username {
            set("override_username", sound(first(self.usernames).unwrap_or("webhook"), "/username")?);
        }
        if let Some(icon) = first(self.icon_urls).filter(|_| self.overrides.icon) {
            set("override_icon_url", sound(icon, "/icon_url")?);
        }
        if self.is_bot {
            set("from_bot", "true");
        }
        Ok(props)
    }
}

fn first(texts: [&str; 2]) -> Option<&str> {
    texts.into_iter().find(|text| !text.is_empty())
}

/// Lets a text pass that a host can store.
pub(crate) fn sound<'a>(text: &'a str, place: &'static str) -> Result<&'a str, Unsound> {
    if text.contains('\0') { Err(Unsound(place)) } else { Ok(text) }
}

/// Whether there is such a type of posts (INC-66). `burn_on_read` needs a licence that no host of ours has.
pub(crate) fn is_known_type(post_type: &str) -> bool {
    const KNOWN: [&str; 5] = ["", "me", "slack_attachment", "reminder", "add_bot_teams_channels"];
    KNOWN.contains(&post_type) || post_type.starts_with("custom_")
}

/// Gives each action without an id one of its own (INC-56).
pub(crate) fn name_actions(attachments: &mut [Attachment], mint: &mut dyn FnMut() -> ActionId) {
    for action in attachments.iter_mut().flat_map(|attachment| &mut attachment.actions) {
        if action.id.is_empty() {
            action.id = mint().into();
        }
    }
}

/// Whether the texts of a post name a channel; then no prop may say in which team (INC-76).
pub(crate) fn names_channels(message: &str, attachments: &[Attachment]) -> bool {
    mention_texts(message, attachments).any(|text| channel_names(text).next().is_some())
}

/// Marks the drafts that try to notify a whole channel, by an author who may not (INC-72).
pub(crate) fn mute_announcements(drafts: &mut [PostDraft]) {
    for draft in drafts {
        if mention_texts(&draft.message, &draft.props.attachments).any(mentions_channel) {
            draft.props.entries.insert("mentionHighlightDisabled".to_owned(), Value::Bool(true));
        }
    }
}

/// Whether those whom a draft mentions are told again and again.
pub(crate) fn notifies(draft: &PostDraft) -> bool {
    draft.priority.as_ref().is_some_and(|priority| priority.persistent_notifications == Some(true))
}

/// Whom a draft mentions.
pub(crate) fn mentions_of(draft: &PostDraft) -> super::Mentions {
    mentions(mention_texts(&draft.message, &draft.props.attachments))
}

/// The post that `ai_generated_by` names neither its author nor a bot as the one who made it (INC-70).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct NotTheMaker;

/// Keeps of `ai_generated_by` what names the author or a bot; an unknown user is left out (INC-70). `user` tells the name
/// of a user and whether it is a bot.
pub(crate) fn generated_by<'a>(
    props: &mut Map<String, Value>,
    author: UserId,
    user: impl FnOnce(UserId) -> Option<(&'a str, bool)>,
) -> Result<(), NotTheMaker> {
    props.remove("ai_generated_by_username");
    let Some(named) = props.remove("ai_generated_by") else { return Ok(()) };
    let id = maker(&named);
    let Some((id, (username, is_bot))) = id.and_then(|id| Some((id, user(id)?))) else { return Ok(()) };
    if id != author && !is_bot {
        return Err(NotTheMaker);
    }
    props.insert("ai_generated_by".to_owned(), named);
    props.insert("ai_generated_by_username".to_owned(), Value::String(username.to_owned()));
    Ok(())
}

/// Whom the props name as the one who made a post, if that is an id.
pub(crate) fn named_maker(props: &Map<String, Value>) -> Option<UserId> {
    props.get("ai_generated_by").and_then(maker)
}

fn maker(named: &Value) -> Option<UserId> {
    named.as_str().and_then(|id| UserId::parse(id).ok())
}

/// The level of a priority has at most so many characters (INC-85).
pub(crate) const MAX_PRIORITY_CHARS: usize = 32;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::id::ChannelId;
    use crate::post::{Action, Destination, Priority};

    fn props(sender: &Sender<'_>) -> Value {
        let written = json!({ "kept": 1, "from_bot": "true", "override_username": "Fake", "override_icon_emoji": "x" });
        sender.props(written.as_object().cloned().unwrap()).map(Value::Object).unwrap()
    }

    #[test]
    fn shows_the_first_name_and_picture_where_they_may_be_shown() {
        let off = Overrides::default();
        let on = Overrides { icon: true, username: true };
        let mut sender =
            Sender { display_name: "CI", icon_urls: ["", "i"], is_bot: false, overrides: off, usernames: ["", ""] };
        let plain = json!({ "kept": 1, "from_webhook": "true", "webhook_display_name": "CI" });
        assert_eq!(props(&sender), plain);
        sender.overrides = on;
        sender.is_bot = true;
        let mut want = plain;
        want["from_bot"] = json!("true");
        want["override_icon_emoji"] = json!("x");
        want["override_icon_url"] = json!("i");
        want["override_username"] = json!("webhook");
        assert_eq!(props(&sender), want);
        sender.usernames = ["Otto", "Hooky"];
        assert_eq!(props(&sender)["override_username"], "Otto");
        sender.usernames = ["a\0", "Hooky"];
        assert_eq!(sender.props(Map::new()), Err(Unsound("/username")));
        assert_eq!(Unsound("/username").to_string(), "`/username`: expected a text without U+0000");
        sender.overrides.username = false;
        sender.icon_urls = ["", "\0"];
        assert_eq!(sender.props(Map::new()), Err(Unsound("/icon_url")));
    }

    #[test]
    fn knows_the_types_of_posts() {
        for post_type in ["", "me", "slack_attachment", "reminder", "add_bot_teams_channels", "custom_", "custom_a"] {
            assert!(is_known_type(post_type), "{post_type:?}");
        }
        for post_type in ["custom", "system_a", "burn_on_read", "Me", " "] {
            assert!(!is_known_type(post_type), "{post_type:?}");
        }
    }

    #[test]
    fn gives_ids_to_actions_that_have_none() {
        let action = |id: &str| Action { id: id.into(), ..Action::default() };
        let mut attachments = [Attachment { actions: vec![action("own"), action("")], ..Attachment::default() }];
        name_actions(&mut attachments, &mut || ActionId::from_random([1; 16]));
        let ids: Vec<_> = attachments[0].actions.iter().map(|action| action.id.clone()).collect();
        assert_eq!(ids, ["own".to_owned(), ActionId::from_random([1; 16]).to_string()]);
    }

    fn draft(message: &str) -> PostDraft {
        let channel = Destination::Channel(ChannelId::from_random([1; 16]));
        PostDraft::new(channel, UserId::from_random([2; 16]), message)
    }

    #[test]
    fn says_what_the_texts_name() {
        let attached = [Attachment { text: "~dev".into(), ..Attachment::default() }];
        assert!(names_channels("~dev", &[]) && names_channels("", &attached) && !names_channels("dev", &[]));
        assert_eq!(mentions_of(&draft("@anna and @ben")).names().len(), 2);
        let mut drafts = [draft("@all"), draft("a")];
        mute_announcements(&mut drafts);
        let muted = drafts.map(|draft| draft.props.entries.get("mentionHighlightDisabled").cloned());
        assert_eq!(muted, [Some(Value::Bool(true)), None]);
    }

    #[test]
    fn notifies_again_and_again_only_if_it_says_so() {
        for (persistent, want) in [(None, false), (Some(false), false), (Some(true), true)] {
            let mut draft = draft("a");
            assert!(!notifies(&draft));
            draft.priority = Some(Priority { persistent_notifications: persistent, ..Priority::default() });
            assert_eq!(notifies(&draft), want);
        }
    }

    #[test]
    fn is_made_by_its_author_or_a_bot_or_it_is_not_said() {
        let [anna, ben, bot, nobody] = [1, 2, 3, 4].map(|byte| UserId::from_random([byte; 16]));
        let made = |named: Value| {
            let mut props = Map::new();
            props.insert("ai_generated_by".to_owned(), named.clone());
            props.insert("ai_generated_by_username".to_owned(), json!("Fake"));
            assert_eq!(named_maker(&props), named.as_str().and_then(|id| UserId::parse(id).ok()));
            let user = |id| [(anna, "anna"), (ben, "ben"), (bot, "cibot")].into_iter().find(|(user, _)| *user == id);
            let judged = generated_by(&mut props, anna, |id| user(id).map(|(_, name)| (name, name.ends_with("bot"))));
            judged.map(|()| props.get("ai_generated_by_username").and_then(Value::as_str).map(str::to_owned))
        };
        assert_eq!(made(json!(anna.to_string())), Ok(Some("anna".to_owned())));
        assert_eq!(made(json!(bot.to_string())), Ok(Some("cibot".to_owned())));
        assert_eq!(made(json!(ben.to_string())), Err(NotTheMaker));
        assert_eq!((made(json!(nobody.to_string())), made(json!(7)), made(json!("x"))), (Ok(None), Ok(None), Ok(None)));
        assert_eq!(generated_by(&mut Map::new(), anna, |_| None), Ok(()));
    }
}
