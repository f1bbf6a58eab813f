//! Message attachments as they are stored and sent (INC-55 to INC-62).

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// One message attachment. Serialized with every member, `actions` only when there are any (INC-62).
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Attachment {
    /// Unused by clients.
    pub id: i64,
    /// Plain text for clients that draw no attachments.
    pub fallback: String,
    /// `#rrggbb`, `good`, `warning` or `danger`; anything else is kept.
    pub color: String,
    /// Markdown above the attachment.
    pub pretext: String,
    /// Small text at the top.
    pub author_name: String,
    /// Where the author leads.
    pub author_link: String,
    /// A picture beside the author.
    pub author_icon: String,
    /// Bold text.
    pub title: String,
    /// Where the title leads.
    pub title_link: String,
    /// Markdown.
    pub text: String,
    /// A table of texts; `null` when empty.
    #[serde(serialize_with = "null_when_empty")]
    pub fields: Vec<Field>,
    /// A picture below the text.
    pub image_url: String,
    /// A picture beside the text.
    pub thumb_url: String,
    /// Small text at the bottom; clients cut it at 300 characters.
    pub footer: String,
    /// A picture beside the footer.
    pub footer_icon: String,
    /// Any JSON, passed through (INC-59).
    pub ts: Value,
    /// Buttons and menus.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
}

/// One cell of an attachment's table.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Field {
    /// What is above the value.
    pub title: String,
    /// Markdown; whatever the sender wrote became a text, except `null` (INC-57).
    pub value: Option<String>,
    /// Whether two may stand side by side.
    pub short: bool,
}

/// A button or menu of an attachment (INC-56). Empty members are not serialized.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Action {
    /// Names the action in its post; made by us where the sender gave none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// `button` or `select`; empty means button.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub action_type: String,
    /// What is written on it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Shown when the pointer rests on it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tooltip: String,
    /// Whether it can't be used.
    #[serde(skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// A color or style name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub style: String,
    /// `users` or `channels`: where a menu's options come from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub data_source: String,
    /// A menu's own options.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ActionOption>,
    /// The value of the option that is chosen at first.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub default_option: String,
    /// What is called when somebody uses it. Stored, never shown to clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integration: Option<ActionIntegration>,
    /// State that travels with the action.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub cookie: String,
}

/// An option of a menu.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct ActionOption {
    /// What people read.
    pub text: String,
    /// What the integration gets.
    pub value: String,
}

/// What an action calls.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ActionIntegration {
    /// Where the call goes.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// What the integration wrote for itself; may hold secrets.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub context: Map<String, Value>,
}

fn null_when_empty<S: Serializer>(fields: &[Field], serializer: S) -> Result<S::Ok, S::Error> {
    if fields.is_empty() { serializer.serialize_none() } else { serializer.collect_seq(fields) }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_stored_with_every_member() {
        let attachment = Attachment {
            title: "T".into(),
            fields: vec![Field { title: "N".into(), value: Some("7".into()), short: false }],
            ..Attachment::default()
        };
        let want = concat!(
            r#"{"id":0,"fallback":"","color":"","pretext":"","author_name":"","author_link":"","author_icon":"","title":"T","#,
            r#""title_link":"","text":"","fields":[{"title":"N","value":"7","short":false}],"image_url":"","thumb_url":"","#,
            r#""footer":"","footer_icon":"","ts":null}"#
        );
        assert_eq!(serde_json::to_string(&attachment).unwrap(), want);
    }

    #[test]
    fn shows_no_empty_list_of_fields_or_actions() {
        let shown = serde_json::to_value(Attachment::default()).unwrap();
        assert_eq!(shown.get("fields"), Some(&Value::Null));
        assert_eq!(shown.get("actions"), None);
    }
}
