//! What users are called and how to reach them: changes, and the rules that they keep to.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::errors::Failure;
use crate::tables::accounts::Account;

/// Members of a user that are to change; what is absent or `null` stays.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Changes {
    pub(crate) email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    locale: Option<String>,
    nickname: Option<String>,
    notify_props: Option<Map<String, Value>>,
    position: Option<String>,
    props: Option<Map<String, Value>>,
    timezone: Option<Map<String, Value>>,
    username: Option<String>,
}

impl Changes {
    /// Makes the changes, if the account then keeps to the rules.
    pub(crate) fn apply(self, account: &mut Account) -> Result<(), Failure> {
        let was = account.clone();
        account.email = self.email.map_or_else(|| account.email.clone(), |email| email.to_lowercase());
        account.username = self.username.map_or_else(|| account.username.clone(), |name| name.to_lowercase());
        let fields = [
            (&mut account.first_name, self.first_name),
            (&mut account.last_name, self.last_name),
            (&mut account.locale, self.locale),
            (&mut account.nickname, self.nickname),
            (&mut account.position, self.position),
        ];
        fields.into_iter().for_each(|(field, new)| *field = new.unwrap_or_else(|| field.clone()));
        for (name, value) in [("notify_props", self.notify_props), ("props", self.props), ("timezone", self.timezone)] {
            account.extras.extend(value.map(|value| (name.to_owned(), json!(value))));
        }
        if account.username != was.username && !account.is_bot {
            check_username(&account.username)?;
        }
        check(account)
    }
}

/// The rules for every account.
pub(crate) fn check(account: &Account) -> Result<(), Failure> {
    let name = account.username.as_bytes();
    let plain = name.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(byte));
    if !plain || !(1..=64).contains(&name.len()) || RESERVED.contains(&account.username.as_str()) {
        return Err(bad_username());
    }
    if !is_email(&account.email) {
        return Err(Failure::invalid("model.user.is_valid.email.app_error", "This is no address for e-mail."));
    }
    let texts = [
        (&account.nickname, 64, "model.user.is_valid.nickname.app_error"),
        (&account.position, 128, "model.user.is_valid.position.app_error"),
        (&account.first_name, 64, "model.user.is_valid.first_name.app_error"),
        (&account.last_name, 64, "model.user.is_valid.last_name.app_error"),
        (&account.locale, 10, "model.user.is_valid.locale.app_error"),
    ];
    for (text, most, id) in texts {
        if text.chars().count() > most {
            return Err(Failure::invalid(id, format!("This is longer than {most} characters.")));
        }
    }
    if serde_json::to_string(&account.extras)?.len() > MAX_EXTRAS {
        return Err(Failure::body("user"));
    }
    Ok(())
}

/// The rules for the name of a person: those for every account, and it begins with a letter.
pub(crate) fn check_username(name: &str) -> Result<(), Failure> {
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    if begins && name != "here" { Ok(()) } else { Err(bad_username()) }
}

/// The rules for a new password.
pub(crate) fn check_password(password: &str) -> Result<(), Failure> {
    match password.len() {
        0..8 => Err(Failure::invalid("model.user.is_valid.pwd_min_length.app_error", "The password is too short.")),
        8..=72 => Ok(()),
        _ => Err(Failure::invalid("model.user.is_valid.pwd_max_length.app_error", "The password is too long.")),
    }
}

/// Words with single dots between them, before and after one `@`; `localhost` will do (BOT-7).
fn is_email(email: &str) -> bool {
    let words = |text: &str| text.split('.').all(|word| !word.is_empty());
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@<>()[],;:\\\"".contains(c);
    email.split_once('@').is_some_and(|(name, host)| {
        words(name) && words(host) && name.chars().all(plain) && host.chars().all(plain) && email.len() <= 128
    })
}

fn bad_username() -> Failure {
    Failure::invalid("model.user.is_valid.username.app_error", "A name has letters, digits, `.`, `-` and `_`.")
}

/// In bytes of JSON.
const MAX_EXTRAS: usize = 16_384;
/// Names that mean somebody else.
const RESERVED: [&str; 4] = ["all", "channel", "matterbot", "system"];
