//! `/collapse`, `/expand`: whether clients show pictures below links to them.

use async_trait::async_trait;

use super::BuiltIn;
use super::call::{Answer, Call, tell};
use crate::errors::Failure;
use crate::live::account_events;
use crate::tables::preferences::{self, Preference};

/// Sets the preference that clients go by.
#[derive(Debug)]
pub(super) struct Previews {
    pub(super) hidden: bool,
}

#[async_trait]
impl BuiltIn for Previews {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        call.require_whole()?;
        let (user, preference) = (
            call.user(),
            Preference {
                user_id: call.user().into(),
                category: "display_settings".to_owned(),
                name: "collapse_previews".to_owned(),
                value: self.hidden.to_string(),
            },
        );
        let stored = preference.clone();
        call.app().store.write(move |connection| Ok(preferences::put(connection, user, &stored)?)).await?;
        account_events::preference(call.app(), user, &preference);
        let words =
            if self.hidden { "Pictures below links are hidden now." } else { "Pictures below links are shown now." };
        Ok(Some(tell(words)))
    }
}
