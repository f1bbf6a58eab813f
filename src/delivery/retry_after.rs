//! `Retry-After`: so many seconds, or a date in one of the three forms of RFC 9110, 5.6.7.

use std::time::Duration;

use time::{Date, Month, OffsetDateTime, Time};

use super::wait::later;
use crate::id::Millis;

/// Reads the header. None if it is neither a number nor a date.
pub(crate) fn retry_after(value: &[u8], now: Millis) -> Option<Millis> {
    let value = str::from_utf8(value).ok()?.trim_ascii();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(later(now, Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX)))));
    }
    date(value, now)
}

/// Reads a date: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
fn date(value: &str, now: Millis) -> Option<Millis> {
    let words: Vec<&str> = value.split([' ', '-']).filter(|word| !word.is_empty()).collect();
    let (day, month, year, clock) = match words.as_slice() {
        [_, day, month, year, clock, "GMT"] => (day, month, year, clock),
        [_, month, day, clock, year] => (day, month, year, clock),
        _ => return None,
    };
    let month = MONTHS.iter().position(|name| name == month)?;
    let month = Month::try_from(u8::try_from(month + 1).ok()?).ok()?;
    let year = match (number(year)?, year.len()) {
        (year, 4) => year,
        // Two digits: the one of the last fifty years or the next fifty.
        (year, 2) => {
            let this = OffsetDateTime::from_unix_timestamp(now.0 / 1_000).ok()?.year();
            let century = this - this % 100;
            let near = |year: &i32| (this - 49..=this + 50).contains(year);
            [century - 100 + year, century + year, century + 100 + year].into_iter().find(near)?
        }
        _ => return None,
    };
    let date = Date::from_calendar_date(year, month, u8::try_from(number(day)?).ok()?).ok()?;
    let mut parts = clock.split(':').map(|part| number(part).and_then(|part| u8::try_from(part).ok()));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    // A leap second counts as the one before it.
    let time = Time::from_hms(hour, minute, if second == 60 { 59 } else { second }).ok()?;
    parts.next().is_none().then(|| date.with_time(time).assume_utc().into())
}

fn number(text: &str) -> Option<i32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;

    /// 14 November 2023, 22:13:20.
    const NOW: Millis = Millis(1_700_000_000_000);

    #[test]
    fn seconds_and_dates_are_read_and_nothing_else() {
        let cases = [
            ("0", Some(NOW.0)),
            ("120", Some(NOW.0 + 120_000)),
            (" 7 ", Some(NOW.0 + 7_000)),
            ("99999999999999999999", Some(NOW.0 + i64::from(u32::MAX) * 1_000)),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777_000)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777_000)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777_000)),
            ("Tue, 14 Nov 2023 22:13:20 GMT", Some(NOW.0)),
            ("Tuesday, 14-Nov-23 22:13:60 GMT", Some(NOW.0 + 39_000)),
            ("Tuesday, 14-Nov-73 22:13:20 GMT", Some(NOW.0 + 18_263 * 86_400_000)),
            ("Wednesday, 14-Nov-74 22:13:20 GMT", Some(NOW.0 - 17_897 * 86_400_000)),
            ("Thursday, 01-Jan-70 00:00:00 GMT", Some(3_155_760_000_000)),
            ("", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("Sun, 06 Nov 1994 08:49:37 CET", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37:11 GMT", None),
            ("Sun, 06 Nov 1994 24:00:00 GMT", None),
            ("Sun, 32 Nov 1994 08:49:37 GMT", None),
            ("Sun, 06 Nox 1994 08:49:37 GMT", None),
            ("Sun, 06 Nov 199 08:49:37 GMT", None),
            ("Sun, 06 Nov +994 08:49:37 GMT", None),
            ("Sun, 300 Nov 1994 08:49:37 GMT", None),
        ];
        for (value, want) in cases {
            assert_eq!(retry_after(value.as_bytes(), NOW).map(|time| time.0), want, "{value:?}");
        }
        assert_eq!(retry_after(b"\xFF", NOW), None);
    }

    #[test]
    fn a_year_of_two_digits_is_a_near_one_in_every_century() {
        let day = |days: i64| Some(Millis(days * 86_400_000));
        let cases =
            [(2090, "41", 2041), (2090, "99", 2099), (2090, "00", 2100), (2090, "40", 2140), (2010, "61", 1961)];
        for (now, year, want) in cases {
            let start = |year| Date::from_calendar_date(year, Month::May, 3).unwrap().midnight().assume_utc();
            let days = i64::from(start(want).to_julian_day() - OffsetDateTime::UNIX_EPOCH.to_julian_day());
            let value = format!("Monday, 03-May-{year} 00:00:00 GMT");
            assert_eq!(retry_after(value.as_bytes(), start(now).into()), day(days), "{now} {year}");
        }
    }
}
