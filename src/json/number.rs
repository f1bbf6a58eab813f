//! Numbers: the literal, what it means, and its text.

use serde_json::Number;

use super::reader::Reader;
use super::{Mistake, MistakeKind};

/// A number as it is written.
pub(super) struct Literal<'a> {
    text: &'a str,
    /// Whether it has neither a fraction nor an exponent.
    integer: bool,
}

impl<'a> Reader<'a> {
    /// Reads an integer that is written without fraction or exponent and fits 64 bits with a sign.
    ///
    /// # Errors
    ///
    /// Everything else is a mistake: `1.0`, `1e2`, `"1"`.
    pub fn integer(&mut self) -> Result<i64, Mistake> {
        const EXPECTED: &str = "an integer";
        if !matches!(self.begin(), Some(b'-' | b'0'..=b'9')) {
            return Err(self.unexpected(EXPECTED));
        }
        let literal = self.number_literal()?;
        if !literal.integer {
            return Err(self.mistake(EXPECTED));
        }
        literal.text.parse().map_err(|_| self.wrong(MistakeKind::Range, "an integer of 64 bits", self.place))
    }

    /// Reads the number that is next as [`Reader::value`] says.
    pub(super) fn number(&mut self) -> Result<Number, Mistake> {
        let literal = self.number_literal()?;
        if literal.integer
            && literal.text.len() <= EXACT_DIGITS
            && let Ok(integer) = literal.text.parse::<i64>()
            && (integer != 0 || literal.text == "0")
        {
            return Ok(integer.into());
        }
        let double: f64 = literal.text.parse().unwrap_or(f64::INFINITY);
        let integral = double.fract() == 0.0 && double.abs() < TWO_TO_63;
        if integral && (double != 0.0 || double.is_sign_positive()) {
            return Ok((double as i64).into());
        }
        Number::from_f64(double)
            .ok_or_else(|| self.wrong(MistakeKind::Range, "a number in the range of doubles", self.place))
    }

    /// Reads the number that is next, by the grammar only.
    pub(super) fn number_literal(&mut self) -> Result<Literal<'a>, Mistake> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        let whole = self.at;
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        let text = std::str::from_utf8(self.bytes.get(start..self.at).unwrap_or_default()).unwrap_or_default();
        Ok(Literal { text, integer: whole == self.at })
    }

    /// Passes over one digit or more.
    fn digits(&mut self) -> Result<(), Mistake> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        if start == self.at { Err(self.broken("a digit")) } else { Ok(()) }
    }
}

/// Writes a number as the text of an attachment's field (INC-57).
///
/// The digits are the fewest that give the same double again: plain when the decimal exponent is −4 to 5, else as
/// `d.ddde±XX`.
///
/// ```
/// # use jackfield::json::number_text;
/// assert_eq!(number_text(100_000.0), "100000");
/// assert_eq!(number_text(1_000_000.0), "1e+06");
/// ```
#[must_use]
pub fn number_text(value: f64) -> String {
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific; // not a number, or infinite
    };
    match exponent.parse::<i32>() {
        Ok(-4..=5) => format!("{value}"),
        Ok(exponent) => format!("{digits}e{exponent:+03}"),
        Err(_) => scientific,
    }
}

/// How long an integer can be for a double to hold it exactly, whatever its digits.
const EXACT_DIGITS: usize = 15;

/// The first double too great for an [`i64`].
const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
