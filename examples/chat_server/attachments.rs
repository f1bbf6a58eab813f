//! Attachments of posts made by hand: stored with every member, as integrations' posts have them (API-73, INC-62).

use serde_json::{Map, Value, json};

/// The list with all members of each attachment. One that is not like an attachment stays as it was sent.
pub(crate) fn whole(attachments: &Value) -> Value {
    let Value::Array(attachments) = attachments else { return attachments.clone() };
    let present = attachments.iter().filter(|attachment| !attachment.is_null());
    present.map(|attachment| filled(attachment).unwrap_or_else(|| attachment.clone())).collect()
}

fn filled(attachment: &Value) -> Option<Value> {
    let given = attachment.as_object()?;
    let mut filled = Map::new();
    for name in TEXTS {
        filled.insert(name.to_owned(), json!(text(given.get(name))?));
    }
    filled.insert("id".to_owned(), json!(given.get("id").and_then(Value::as_i64).unwrap_or_default()));
    filled.insert("ts".to_owned(), given.get("ts").cloned().unwrap_or_default());
    filled.insert("fields".to_owned(), fields(given.get("fields"))?);
    if let Some(Value::Array(actions)) = given.get("actions")
        && !actions.is_empty()
    {
        filled.insert("actions".to_owned(), json!(actions));
    }
    Some(Value::Object(filled))
}

/// Null without any field.
fn fields(given: Option<&Value>) -> Option<Value> {
    let given = match given {
        None | Some(Value::Null) => return Some(Value::Null),
        Some(given) => given.as_array()?,
    };
    let mut fields = Vec::new();
    for field in given.iter().filter(|field| !field.is_null()) {
        let field = field.as_object()?;
        let value = match field.get("value") {
            None | Some(Value::Null) => Value::Null,
            Some(Value::String(text)) => json!(text),
            Some(other) => json!(other.to_string()),
        };
        let short = field.get("short").and_then(Value::as_bool).unwrap_or_default();
        fields.push(json!({"title": text(field.get("title"))?, "value": value, "short": short}));
    }
    Some(if fields.is_empty() { Value::Null } else { Value::Array(fields) })
}

fn text(given: Option<&Value>) -> Option<&str> {
    match given {
        None | Some(Value::Null) => Some(""),
        Some(given) => given.as_str(),
    }
}

const TEXTS: [&str; 13] = [
    "author_icon",
    "author_link",
    "author_name",
    "color",
    "fallback",
    "footer",
    "footer_icon",
    "image_url",
    "pretext",
    "text",
    "thumb_url",
    "title",
    "title_link",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_is_there_and_nothing_else_is_lost() {
        let sent = json!([null, {"color": "good", "fields": [{"title": "N", "value": 7}, null], "strange": 1}, "text"]);
        let stored = whole(&sent);
        assert_eq!(stored.as_array().map(Vec::len), Some(2));
        assert_eq!(stored.pointer("/0/fields"), Some(&json!([{"title": "N", "value": "7", "short": false}])));
        for (member, want) in [("color", json!("good")), ("title", json!("")), ("ts", Value::Null), ("id", json!(0))] {
            assert_eq!(stored.pointer(&format!("/0/{member}")), Some(&want), "{member}");
        }
        assert_eq!(stored.pointer("/1"), Some(&json!("text")));
        assert_eq!(whole(&json!([{"text": "t"}])).pointer("/0/fields"), Some(&Value::Null));
    }
}
