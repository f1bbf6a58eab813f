//! What a command may say of itself (CMD-4).

use super::{ManageError, Member};
use crate::command::model::Method;
use crate::command::trigger::Trigger;
use crate::command::wire::CommandRequest;
use crate::security::callback_url::is_callback_url;

/// What was read while checking.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Checked {
    pub(super) method: Method,
    pub(super) trigger: Trigger,
}

/// Checks rows 9 to 15 of CMD-4, then the lengths that only storage knows (section 18 row 7).
pub(super) fn check(request: &CommandRequest) -> Result<Checked, ManageError> {
    let invalid = |member| ManageError::Invalid(member);
    let trigger = Trigger::parse(&request.trigger).map_err(|_| invalid(Member::Trigger))?;
    url(&request.url).map_err(invalid)?;
    let method = Method::parse(&request.method).ok_or(invalid(Member::Method))?;
    for (text, bytes, member) in [
        (&request.display_name, MAX_DISPLAY_NAME_BYTES, Member::DisplayName),
        (&request.description, MAX_DESCRIPTION_BYTES, Member::Description),
    ] {
        if text.len() > bytes {
            return Err(invalid(member));
        }
    }
    if request.autocomplete_data.as_ref().is_some_and(|tree| tree.check().is_err()) {
        return Err(invalid(Member::AutocompleteData));
    }
    for (text, characters, name) in [
        (&request.username, MAX_USERNAME_CHARACTERS, "username"),
        (&request.icon_url, MAX_TEXT_CHARACTERS, "icon_url"),
        (&request.auto_complete_desc, MAX_TEXT_CHARACTERS, "auto_complete_desc"),
        (&request.auto_complete_hint, MAX_TEXT_CHARACTERS, "auto_complete_hint"),
        (&request.display_name, usize::MAX, "display_name"),
        (&request.description, usize::MAX, "description"),
    ] {
        if text.chars().nth(characters).is_some() || text.contains('\0') {
            return Err(ManageError::BodyParameter(name));
        }
    }
    Ok(Checked { method, trigger })
}

/// CMD-3.
pub(super) fn url(address: &str) -> Result<(), Member> {
    if !(1..=MAX_URL_BYTES).contains(&address.len()) {
        return Err(Member::Url);
    }
    if is_callback_url(address) { Ok(()) } else { Err(Member::UrlHttp) }
}

const MAX_DESCRIPTION_BYTES: usize = 128;
const MAX_DISPLAY_NAME_BYTES: usize = 64;
const MAX_TEXT_CHARACTERS: usize = 1_024;
const MAX_URL_BYTES: usize = 1_024;
const MAX_USERNAME_CHARACTERS: usize = 64;
