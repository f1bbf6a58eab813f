//! What is sealed beside an outgoing webhook: its token, and what its calls are signed with.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::{HookToken, Millis};
use crate::security::SigningSecret;

/// The secrets of a hook.
#[derive(Clone, Debug)]
pub(crate) struct HookSecrets {
    /// What it signs with; none before someone asked for a signing secret.
    pub(crate) signing: Option<SigningKeys>,
    /// What receivers know it by.
    pub(crate) token: HookToken,
}

/// What a hook signs with.
#[derive(Clone, Debug)]
pub(crate) struct SigningKeys {
    /// The newest one.
    pub(crate) current: SigningSecret,
    /// The one before, and until when calls are signed with it too.
    pub(crate) previous: Option<(SigningSecret, Millis)>,
}

impl SigningKeys {
    /// The secrets that a call is signed with now, the newest first.
    pub(crate) fn at(&self, now: Millis) -> impl Iterator<Item = &SigningSecret> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(&self.current).chain(previous.map(|(secret, _)| secret))
    }

    /// Until when the secret before this one counts, if it still does.
    pub(crate) fn previous_valid_until(&self, now: Millis) -> Option<Millis> {
        self.previous.as_ref().map(|(_, until)| *until).filter(|until| now < *until)
    }
}

impl HookSecrets {
    /// The same with a new signing secret; the one that it had counts for so much longer.
    pub(crate) fn rotated(self, fresh: SigningSecret, now: Millis, grace: Duration) -> Self {
        let until = now.plus(time::Duration::try_from(grace).unwrap_or(time::Duration::MAX));
        let previous = self.signing.map(|keys| (keys.current, until)).filter(|_| now < until);
        Self { signing: Some(SigningKeys { current: fresh, previous }), ..self }
    }

    /// What is to be sealed.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let keys = self.signing.as_ref();
        let previous = keys.and_then(|keys| keys.previous.as_ref());
        let written = Written {
            token: self.token.expose().to_owned(),
            secret: keys.map(|keys| keys.current.expose()),
            previous: previous.map(|(secret, _)| secret.expose()),
            previous_valid_until: previous.map(|(_, until)| *until),
        };
        // INVARIANT: texts and a number always serialize.
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// Reads what was sealed.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, DamagedSecrets> {
        let written: Written = serde_json::from_slice(bytes).map_err(|_| DamagedSecrets)?;
        let token = HookToken::parse(&written.token).map_err(|_| DamagedSecrets)?;
        let signing = match signing_secret(written.secret)? {
            Some(current) => {
                let previous = signing_secret(written.previous)?.zip(written.previous_valid_until);
                Some(SigningKeys { current, previous })
            }
            None => None,
        };
        Ok(Self { signing, token })
    }
}

fn signing_secret(text: Option<String>) -> Result<Option<SigningSecret>, DamagedSecrets> {
    text.map(|text| SigningSecret::parse(&text)).transpose().map_err(|_| DamagedSecrets)
}

/// The text that is sealed. It holds secrets, so nothing shows it.
#[derive(Deserialize, Serialize)]
struct Written {
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_valid_until: Option<Millis>,
}

/// What was sealed beside a hook is not what was written.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the secrets of an outgoing webhook are damaged")]
pub(crate) struct DamagedSecrets;
