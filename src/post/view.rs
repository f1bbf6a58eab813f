//! The props of a stored post as one reader sees them (INC-79).

use serde_json::{Map, Value};

use super::icon_path;
use crate::id::ChannelId;

/// Who is shown a post, and where.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Whether the answer goes over REST or in an event.
    pub audience: Audience,
    /// The display name that a channel has now, if this reader may read it now.
    pub channel: &'a dyn Fn(ChannelId) -> Option<String>,
    /// Whether integrations may choose their icon (`EnablePostIconOverride`).
    pub icon_override: bool,
    /// The path of the server's address, often empty.
    pub site_path: &'a str,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { audience, icon_override, site_path, .. } = self;
        let mut shown = f.debug_struct("Reader");
        shown.field("audience", audience).field("icon_override", icon_override).field("site_path", site_path);
        shown.finish_non_exhaustive()
    }
}

/// Where a post is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Audience {
    /// Events of the websocket, whose mentions of channels have their ids.
    Event,
    /// Answers and lists of the REST API.
    Rest,
}

/// Returns the props of a stored post as this reader sees them.
///
/// The icon is that of an `override_icon_emoji`, if there is one; `channel_mentions` has the channels that the reader may
/// read; and what the actions of attachments call is left out, always, as it may hold secrets (ACT-26). Props of any
/// shape are taken: what is not of a shape that we store is left out where it could tell something.
#[must_use]
pub fn props_for(props: &Map<String, Value>, reader: &Reader<'_>) -> Map<String, Value> {
    let mut shown = Map::new();
    for (name, value) in props {
        let value = match name.as_str() {
            "attachments" => Some(without_integrations(value)),
            "channel_mentions" => readable_channels(value, reader),
            _ => Some(value.clone()),
        };
        if let Some(value) = value {
            shown.insert(name.clone(), value);
        }
    }
    if let Some(icon) = icon(props, reader) {
        shown.insert("override_icon_url".to_owned(), Value::String(icon));
    }
    shown
}

/// Returns the ids of the channels that the stored props mention, for the host to ask about all of them at once.
pub fn mentioned_channels(props: &Map<String, Value>) -> impl Iterator<Item = ChannelId> {
    let mentions = props.get("channel_mentions").and_then(Value::as_object);
    mentions.into_iter().flat_map(Map::values).filter_map(channel_id)
}

fn icon(props: &Map<String, Value>, reader: &Reader<'_>) -> Option<String> {
    let emoji = props.get("override_icon_emoji").and_then(Value::as_str).filter(|_| reader.icon_override)?;
    icon_path(emoji, reader.site_path)
}

fn readable_channels(stored: &Value, reader: &Reader<'_>) -> Option<Value> {
    let mut shown = Map::new();
    for (name, mention) in stored.as_object()? {
        let Some(id) = channel_id(mention) else { continue };
        let Some(display_name) = (reader.channel)(id) else { continue };
        let mut channel = Map::new();
        channel.insert("display_name".to_owned(), Value::String(display_name));
        channel.insert("team_name".to_owned(), mention.get("team_name").cloned().unwrap_or_default());
        if reader.audience == Audience::Event {
            channel.insert("id".to_owned(), Value::String(id.into()));
        }
        shown.insert(name.clone(), Value::Object(channel));
    }
    (!shown.is_empty()).then_some(Value::Object(shown))
}

fn channel_id(mention: &Value) -> Option<ChannelId> {
    ChannelId::parse(mention.get("id")?.as_str()?).ok()
}

/// Copies attachments without what their actions call. Anything but a list of objects becomes `null` (ACT-19).
fn without_integrations(attachments: &Value) -> Value {
    let Value::Array(attachments) = attachments else { return Value::Null };
    attachments.iter().filter_map(Value::as_object).map(|attachment| copy(attachment, "actions", actions)).collect()
}

fn actions(value: &Value) -> Option<Value> {
    let actions = value.as_array()?;
    Some(actions.iter().filter_map(Value::as_object).map(|action| copy(action, "integration", |_| None)).collect())
}

/// Copies an object, the member `name` in any case as `change` makes it.
fn copy(object: &Map<String, Value>, name: &str, change: fn(&Value) -> Option<Value>) -> Value {
    let members = object.iter().filter_map(|(key, value)| {
        let value = if key.eq_ignore_ascii_case(name) { change(value)? } else { value.clone() };
        Some((key.clone(), value))
    });
    Value::Object(members.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const DEV: &str = "devdevdevdevdevdevdevdevde";
    const OPS: &str = "opsopsopsopsopsopsopsopsop";

    fn seen(props: Value, audience: Audience, icon_override: bool) -> Value {
        let channel = |id: ChannelId| (id.as_str() == DEV).then(|| "Development".to_owned());
        let reader = Reader { audience, channel: &channel, icon_override, site_path: "/chat" };
        let Value::Object(props) = props else { panic!("an object") };
        Value::Object(props_for(&props, &reader))
    }

    fn rest(props: Value) -> Value {
        seen(props, Audience::Rest, true)
    }

    #[test]
    fn an_emoji_beats_the_icon() {
        let url = "http://x/i.png";
        let cases = [
            (json!({"override_icon_emoji": ":smile:", "override_icon_url": url}), "/chat/static/emoji/1f604.png"),
            (json!({"override_icon_emoji": "smile"}), "/chat/static/emoji/1f604.png"),
            (json!({"override_icon_emoji": "nosuchemoji", "override_icon_url": url}), url),
            (json!({"override_icon_emoji": "", "override_icon_url": url}), url),
            (json!({"override_icon_emoji": 1, "override_icon_url": url}), url),
        ];
        for (props, want) in cases {
            assert_eq!(rest(props.clone())["override_icon_url"], want, "{props}");
        }
        let off = json!({"override_icon_emoji": "smile"});
        assert_eq!(seen(off.clone(), Audience::Rest, false), off);
    }

    #[test]
    fn channels_are_those_that_the_reader_may_read() {
        let dev = json!({"id": DEV, "display_name": "Dev", "team_name": "team"});
        let ops = json!({"id": OPS, "display_name": "Ops", "team_name": "team"});
        let both = json!({"channel_mentions": {"dev": dev, "ops": ops}});
        let named = json!({"channel_mentions": {"dev": {"display_name": "Development", "team_name": "team"}}});
        assert_eq!(rest(both.clone()), named);
        let mut event = named;
        event["channel_mentions"]["dev"]["id"] = json!(DEV);
        assert_eq!(seen(both.clone(), Audience::Event, true), event);
        let asked: Vec<_> = mentioned_channels(both.as_object().unwrap()).map(String::from).collect();
        assert_eq!(asked, [DEV, OPS]);
        for faked in
            [json!({"ops": ops}), json!({"dev": {"display_name": "x"}}), json!({"dev": 1}), json!([]), json!(null)]
        {
            assert_eq!(rest(json!({"channel_mentions": faked.clone(), "a": 1})), json!({"a": 1}), "{faked}");
        }
    }

    #[test]
    fn what_actions_call_is_left_out() {
        let stored = json!({"attachments": [{"text": "t", "actions": [
            {"id": "a", "name": "n", "cookie": "c", "integration": {"url": "http://x", "context": {"k": "secret"}}},
            {"id": "b", "Integration": "secret"},
            null,
        ]}, {"Actions": [{"integration": "secret"}]}, {"actions": {"integration": "secret"}}, null]});
        let want = json!({"attachments": [
            {"text": "t", "actions": [{"id": "a", "name": "n", "cookie": "c"}, {"id": "b"}]},
            {"Actions": [{}]},
            {},
        ]});
        assert_eq!(rest(stored), want);
        assert_eq!(
            rest(json!({"attachments": {"actions": [{"integration": "secret"}]}})),
            json!({"attachments": null})
        );
    }

    #[test]
    fn everything_else_stays() {
        let props = json!({"": null, "n": 42, "card": "x", "integration": {"url": "mine"}, "a": [{"actions": 1}]});
        assert_eq!(rest(props.clone()), props);
    }

    proptest! {
        #[test]
        fn a_second_look_shows_the_same(
            names in prop::collection::btree_set(prop::sample::select(vec![DEV, OPS, "x"]), 0..3),
            emoji in "(:?smile:?)?",
        ) {
            let mentions: Map<String, Value> = names.iter().map(|id| ((*id).to_owned(), json!({"id": id}))).collect();
            let props = json!({"channel_mentions": mentions, "override_icon_emoji": emoji, "attachments": [{"actions": []}]});
            let once = seen(props, Audience::Event, true);
            prop_assert_eq!(seen(once.clone(), Audience::Event, true), once);
        }
    }
}
