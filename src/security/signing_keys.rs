//! The signing secrets of one integration: the one in use, and for a while the one before (OUT-342).

use std::time::Duration;

use super::SigningSecret;
use crate::id::Millis;

/// What an integration's requests are signed with.
#[derive(Clone, Debug)]
pub(crate) struct SigningKeys {
    pub(crate) current: SigningSecret,
    /// The one before, and until when requests are signed with it too.
    pub(crate) previous: Option<(SigningSecret, Millis)>,
}

impl SigningKeys {
    /// A new secret in the place of others; the one that was in use counts for so much longer. The secret that is in use
    /// already takes nothing from the one before it.
    pub(crate) fn rotated(before: Option<Self>, fresh: SigningSecret, now: Millis, grace: Duration) -> Self {
        let before = match before {
            Some(keys) if keys.current.is_same(&fresh) => return keys,
            before => before,
        };
        let until = now.plus(time::Duration::try_from(grace).unwrap_or(time::Duration::MAX));
        let previous = before.map(|keys| (keys.current, until)).filter(|_| now < until);
        Self { current: fresh, previous }
    }

    /// The secrets that a request is signed with now, the newest first.
    pub(crate) fn at(&self, now: Millis) -> Vec<&SigningSecret> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until);
        std::iter::once(&self.current).chain(previous.map(|(secret, _)| secret)).collect()
    }

    /// Until when the secret before this one counts, if it still does.
    pub(crate) fn previous_valid_until(&self, now: Millis) -> Option<Millis> {
        self.previous.as_ref().map(|(_, until)| *until).filter(|until| now < *until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(byte: u8) -> SigningSecret {
        SigningSecret::from_random([byte; 32])
    }

    fn shown(secrets: &[&SigningSecret]) -> Vec<String> {
        secrets.iter().map(|secret| secret.expose()).collect()
    }

    #[test]
    fn the_secret_before_counts_for_a_while() {
        let first = SigningKeys::rotated(None, secret(1), Millis(1_000), Duration::from_secs(5));
        assert_eq!(shown(&first.at(Millis(1_000))), [secret(1).expose()]);
        assert_eq!(first.previous_valid_until(Millis(1_000)), None);
        let second = SigningKeys::rotated(Some(first), secret(2), Millis(2_000), Duration::from_secs(5));
        assert_eq!(shown(&second.at(Millis(6_999))), [secret(2).expose(), secret(1).expose()]);
        assert_eq!(second.previous_valid_until(Millis(6_999)), Some(Millis(7_000)));
        assert_eq!(shown(&second.at(Millis(7_000))), [secret(2).expose()]);
        assert_eq!(second.previous_valid_until(Millis(7_000)), None);
        let third = SigningKeys::rotated(Some(second), secret(3), Millis(3_000), Duration::ZERO);
        assert!(third.previous.is_none(), "without grace there is none before");
        let forever = SigningKeys::rotated(Some(third), secret(4), Millis(3_000), Duration::MAX);
        assert_eq!(forever.at(Millis(i64::MAX - 1)).len(), 2);
    }

    #[test]
    fn the_same_secret_again_changes_nothing() {
        let first = SigningKeys::rotated(None, secret(1), Millis(1_000), Duration::from_secs(5));
        let second = SigningKeys::rotated(Some(first), secret(2), Millis(2_000), Duration::from_secs(5));
        let again = SigningKeys::rotated(Some(second), secret(2), Millis(3_000), Duration::from_secs(5));
        assert_eq!(shown(&again.at(Millis(6_999))), [secret(2).expose(), secret(1).expose()]);
        assert_eq!(again.previous_valid_until(Millis(3_000)), Some(Millis(7_000)));
    }
}
