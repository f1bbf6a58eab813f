//! `/status`: what one is up to, in a few words.

use async_trait::async_trait;
use jackfield::command::arguments::{self, Status};
use jackfield::post::emoji_name;
use serde_json::{Map, Value, json};

use super::BuiltIn;
use super::call::{Answer, Call, no, tell};
use crate::errors::Failure;
use crate::live::account_events;
use crate::routes::accounts;
use crate::tables::accounts::Account;

/// Sets or clears the custom status of who types it (CMD-133).
#[derive(Debug)]
pub(super) struct CustomStatus;

#[async_trait]
impl BuiltIn for CustomStatus {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        if !call.app().settings.now().flag("TeamSettings", "EnableCustomUserStatuses") {
            return Ok(None);
        }
        call.require_whole()?;
        if call.text().is_empty() {
            return Err(no("What are you up to? For example: `/status :coffee: Back at ten`, or `/status clear`"));
        }
        let words = match arguments::status(call.text(), |word| emoji_name(word).map(str::to_owned)) {
            Status::Set { emoji, text } => {
                let words = format!("Your status is :{emoji}: {text}");
                set(call, Some((emoji, text))).await?;
                words
            }
            _ => {
                set(call, None).await?;
                "Your status is cleared.".to_owned()
            }
        };
        Ok(Some(tell(words.trim_end())))
    }
}

/// Keeps it where clients look for it: as JSON text in the props of the user.
async fn set(call: &Call<'_>, status: Option<(String, String)>) -> Result<(), Failure> {
    let status = status.map_or_else(String::new, |(emoji, text)| {
        json!({"emoji": emoji, "text": text, "duration": "", "expires_at": "0001-01-01T00:00:00Z"}).to_string()
    });
    let edit = move |account: &mut Account| {
        let props = account.extras.entry("props").or_insert_with(|| Value::Object(Map::new()));
        if let Some(props) = props.as_object_mut() {
            props.insert("customStatus".to_owned(), json!(status));
        }
        crate::profile::check(account)
    };
    let account = accounts::change(call.app(), call.user(), edit).await?;
    account_events::changed(call.app(), &account);
    Ok(())
}
