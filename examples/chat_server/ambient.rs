//! Time and chance.

use jackfield::id::{Millis, PostId};
use jackfield::port::{Clock, PortError, Random, SystemClock, SystemRandom};
use time::OffsetDateTime;

/// Milliseconds since 1970.
pub(crate) fn now() -> i64 {
    Millis::from(SystemClock.now()).0
}

/// A time in milliseconds as programs read it, in UTC; empty for one that no calendar has.
pub(crate) fn timestamp(millis: i64) -> String {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(millis.div_euclid(1_000)) else { return String::new() };
    let (year, month, day) = at.to_calendar_date();
    let (month, (hour, minute, second)) = (u8::from(month), at.to_hms());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Sixteen random bytes: enough for an id or a secret.
pub(crate) fn random() -> Result<[u8; 16], PortError> {
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes)?;
    Ok(bytes)
}

/// The id of a post that is made at this time: the time, then chance. So those of new posts stand together in the
/// database's index, and storing some writes one page of it rather than one for each.
pub(crate) fn post_id(create_at: i64) -> Result<PostId, PortError> {
    let chance = u128::from_be_bytes(random()?);
    let time = u128::from(create_at.unsigned_abs()) << 80;
    Ok(PostId::from_random((time | chance >> 48).to_be_bytes()))
}

/// A random secret of 26 letters and digits.
pub(crate) fn secret() -> Result<String, PortError> {
    Ok(jackfield::id::HookId::from_random(random()?).expose().to_owned())
}
