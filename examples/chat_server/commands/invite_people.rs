//! `/invite_people`: somebody who has no account yet.

use async_trait::async_trait;
use jackfield::port::Scope;

use super::BuiltIn;
use super::call::{Answer, Call, no, tell};
use crate::errors::Failure;
use crate::settings::Settings;

/// Says how to invite people: this server sends no mail.
#[derive(Debug)]
pub(super) struct InvitePeople;

#[async_trait]
impl BuiltIn for InvitePeople {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        for permission in ["invite_user", "add_user_to_team"] {
            if !call.may(permission, Scope::Team(call.team())).await? {
                return Err(no("You may not invite people to this team."));
            }
        }
        let settings = call.app().settings.now();
        if let Some((_, _, words)) = SWITCHES.iter().find(|(section, key, _)| !settings.flag(section, key)) {
            return Err(no(*words));
        }
        let words = call.text().split_whitespace().map(|word| word.trim_matches(','));
        let addresses: Vec<&str> = words.filter(|word| word.contains('@')).collect();
        if addresses.is_empty() {
            return Err(no("Whom? For example: `/invite_people ann@example.com`"));
        }
        let words = format!(
            "This server has no way to send mail. Tell {} to come to {}",
            addresses.join(", "),
            call.site_url()
        );
        Ok(Some(tell(words)))
    }
}

/// Whether the settings let people be invited so.
pub(super) fn is_offered(settings: &Settings) -> bool {
    SWITCHES.iter().all(|(section, key, _)| settings.flag(section, key))
}

/// The settings that must be on, and what is said where one is not.
const SWITCHES: [(&str, &str, &str); 3] = [
    ("EmailSettings", "SendEmailNotifications", "Mail is switched off, so nobody can be invited by it."),
    ("TeamSettings", "EnableUserCreation", "No accounts may be made here, so nobody can be invited."),
    ("ServiceSettings", "EnableEmailInvitations", "Invitations by mail are switched off."),
];
