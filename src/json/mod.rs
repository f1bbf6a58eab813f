//! Reading JSON that others wrote: the one tolerant, bounded door for every feature.
//!
//! What senders, integrations and clients write follows rules that no derived decoder gives (API-11, INC-16, INC-17):
//!
//! - Member names match in any ASCII letter case. Of duplicates the last one wins; objects merge.
//! - `null` leaves what it is read into as it was.
//! - Each byte that is no UTF-8, and each unpaired surrogate escape, becomes one U+FFFD.
//! - The first value counts. What follows it is ignored in requests and a mistake in answers ([`Rest`]).
//! - A byte order mark, a value of the wrong type and every other departure from RFC 8259 is a [`Mistake`] that says
//!   where it is and what was expected there, and never what stood there.
//!
//! A [`Reader`] is pulled through the bytes by the decoder, member by member, so nothing is kept that nobody asked for,
//! and text that needs no change is borrowed. Size, depth and number of items are bounded ([`Options`]).
//!
//! ```
//! use jackfield::json::{self, Options};
//!
//! #[derive(Debug, Default)]
//! struct Greeting {
//!     text: String,
//!     urgent: bool,
//! }
//!
//! let decode = |body: &str| {
//!     json::read(body.as_bytes(), Options::default(), |reader| {
//!         let mut greeting = Greeting::default();
//!         reader.object(|reader, name| match name {
//!             "text" => reader.text(&mut greeting.text),
//!             "urgent" => reader.flag(&mut greeting.urgent),
//!             _ => reader.skip(),
//!         })?;
//!         Ok(greeting)
//!     })
//! };
//!
//! let greeting = decode(r#"{"TEXT": "hi", "urgent": null, "else": [1]} and the rest"#)?;
//! assert_eq!((greeting.text.as_str(), greeting.urgent), ("hi", false));
//!
//! let mistake = decode(r#"{"text": 5}"#).unwrap_err();
//! assert_eq!(mistake.to_string(), "`/text`: expected a string (byte 9)");
//! # Ok::<(), json::Mistake>(())
//! ```

mod literal;
mod mistake;
mod number;
mod reader;
mod scan;
mod skip;
#[cfg(test)]
mod tests;
mod token;
mod value;

pub use mistake::{Mistake, MistakeKind};
pub use number::number_text;
pub use reader::{Kind, Reader};

/// The limits and the leniency of one reading.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many bytes the input may have in all; more is a mistake before anything is read.
    pub max_bytes: usize,
    /// How many arrays and objects may be open at a time. More than [`DEEPEST`] counts as [`DEEPEST`].
    pub max_depth: u16,
    /// How many array elements and object members there may be in all, skipped ones too.
    pub max_items: u32,
    /// What may follow the first value.
    pub rest: Rest,
    /// Whether raw LF, TAB and CR are fine inside string literals, as some senders write them.
    ///
    /// A backslash directly before one is then a backslash and the letter `n`, `t` or `r`, as if the raw character had
    /// been replaced by its escape first (INC-18). This accepts all that INC-18 repairs, with the same results, and
    /// more; other control characters stay mistakes.
    pub raw_breaks: bool,
}

impl Default for Options {
    /// No limit of bytes, 64 levels, 200,000 items; the rest is ignored, and raw line breaks are mistakes.
    fn default() -> Self {
        Self { max_bytes: usize::MAX, max_depth: 64, max_items: 200_000, rest: Rest::Ignored, raw_breaks: false }
    }
}

/// What may follow the first value.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Rest {
    /// Anything; it is not looked at. For requests.
    #[default]
    Ignored,
    /// White space only; anything else is a mistake. For answers.
    Refused,
}

/// Lets `decode` read the first value of `bytes`.
///
/// What `decode` leaves unread of that value is skipped and checked. Time and memory are linear in the length of
/// `bytes`, whatever they hold.
///
/// # Errors
///
/// Fails with the first [`Mistake`] that `decode` meets and passes on, and when there is no value, the input is longer
/// than [`Options::max_bytes`], or something follows that [`Options::rest`] refuses.
pub fn read<'a, T>(
    bytes: &'a [u8],
    options: Options,
    decode: impl FnOnce(&mut Reader<'a>) -> Result<T, Mistake>,
) -> Result<T, Mistake> {
    if bytes.len() > options.max_bytes {
        return Err(Mistake::new(MistakeKind::Size, "fewer bytes", options.max_bytes));
    }
    let mut reader = Reader::new(bytes, options);
    let decoded = reader.consuming(decode)?;
    if options.rest == Rest::Refused {
        reader.end()?;
    }
    Ok(decoded)
}

/// The greatest depth that can be asked for, so that no decoder runs out of stack.
pub const DEEPEST: u16 = 128;
