//! Time and chance.

use jackfield::id::Millis;
use jackfield::port::{Clock, PortError, Random, SystemClock, SystemRandom};

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    Millis::from(SystemClock.now()).0
}

/// Sixteen random bytes: enough for an id or a secret.
pub(crate) fn random() -> Result<[u8; 16], PortError> {
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes)?;
    Ok(bytes)
}

/// A random secret of 26 letters and digits.
pub(crate) fn secret() -> Result<String, PortError> {
    Ok(jackfield::id::HookId::from_random(random()?).expose().to_owned())
}
