//! The fields of a record as bytes, one behind the other in an order that a kind fixes. Nothing tells them apart but that
//! order: a kind whose fields change gets a new version.
//!
//! A record is read on each call of a webhook, so this costs a look at each byte and an allocation for each text.

use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Unreadable;
use crate::id::{ID_BYTES, Millis};

/// Takes fields.
#[derive(Debug)]
pub(crate) struct Writer<'a>(pub(crate) &'a mut Vec<u8>);

impl Writer<'_> {
    /// Writes a number of bytes that the reader knows.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn flag(&mut self, flag: bool) {
        self.0.push(flag.into());
    }

    pub(crate) fn time(&mut self, time: Millis) {
        self.bytes(&time.0.to_be_bytes());
    }

    /// Writes a text of less than 4 GiB; what is longer is cut, and then not read again.
    pub(crate) fn text(&mut self, text: &str) {
        self.blob(text.as_bytes());
    }

    /// Writes bytes of any content, as [`text`](Self::text) does a text.
    pub(crate) fn blob(&mut self, bytes: &[u8]) {
        self.bytes(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.bytes(bytes);
    }

    /// Writes all that is left as JSON, which costs more and is fine for what is read seldom.
    pub(crate) fn json(&mut self, value: &impl Serialize) {
        // INVARIANT: records are structs of texts, numbers and flags, which always serialize.
        let done = serde_json::to_writer(&mut *self.0, value);
        debug_assert!(done.is_ok(), "a record serializes");
    }

    /// Writes whether there is a value, then the value.
    pub(crate) fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }
}

/// Gives fields, as they were written.
#[derive(Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*bytes)
    }

    pub(crate) fn flag(&mut self) -> Result<bool, Unreadable> {
        match self.bytes()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Unreadable::Damaged("a flag is neither set nor clear")),
        }
    }

    pub(crate) fn time(&mut self) -> Result<Millis, Unreadable> {
        self.bytes().map(i64::from_be_bytes).map(Millis)
    }

    pub(crate) fn text(&mut self) -> Result<String, Unreadable> {
        self.text_in_place().map(str::to_owned)
    }

    /// Reads a text where it stands, without a copy.
    pub(crate) fn text_in_place(&mut self) -> Result<&'a str, Unreadable> {
        str::from_utf8(self.blob()?).map_err(|_| NO_UTF8)
    }

    /// Reads bytes of any content.
    pub(crate) fn blob(&mut self) -> Result<&'a [u8], Unreadable> {
        let length = u32::from_be_bytes(self.bytes()?);
        self.slice(usize::try_from(length).unwrap_or(usize::MAX))
    }

    /// Whether all is read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the id of something; it was written as its bytes.
    pub(crate) fn id<T: FromStr>(&mut self) -> Result<T, Unreadable> {
        let text = str::from_utf8(self.slice(ID_BYTES)?).map_err(|_| NO_UTF8)?;
        text.parse().map_err(|_| Unreadable::Damaged("an id is none"))
    }

    pub(crate) fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Option<T>, Unreadable> {
        self.flag()?.then(|| read(self)).transpose()
    }

    /// Reads all that is left as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T, Unreadable> {
        Ok(serde_json::from_slice(std::mem::take(&mut self.0))?)
    }

    /// Expects nothing more.
    pub(crate) fn end(self) -> Result<(), Unreadable> {
        if self.0.is_empty() { Ok(()) } else { Err(Unreadable::Damaged("it is too long")) }
    }

    fn slice(&mut self, length: usize) -> Result<&'a [u8], Unreadable> {
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(SHORT)?;
        self.0 = rest;
        Ok(bytes)
    }
}

pub(super) const SHORT: Unreadable = Unreadable::Damaged("it is too short");
const NO_UTF8: Unreadable = Unreadable::Damaged("a text is no UTF-8");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::UserId;

    #[test]
    fn fields_are_read_in_the_order_they_were_written() {
        let (mut bytes, id) = (Vec::new(), UserId::from_random([7; 16]));
        let mut writer = Writer(&mut bytes);
        writer.text("é\0");
        writer.flag(true);
        writer.bytes(id.as_str().as_bytes());
        writer.optional(Some(Millis(-5)), Writer::time);
        writer.optional(None, Writer::time);
        writer.blob(b"\xFF");
        let mut reader = Reader(&bytes);
        assert_eq!(reader.text().unwrap(), "é\0");
        assert!(reader.flag().unwrap());
        assert_eq!(reader.id::<UserId>().unwrap(), id);
        assert_eq!(reader.optional(Reader::time).unwrap(), Some(Millis(-5)));
        assert_eq!(reader.optional(Reader::time).unwrap(), None);
        assert!(!reader.is_at_end());
        assert_eq!(reader.blob().unwrap(), b"\xFF");
        assert!(reader.is_at_end());
        reader.end().unwrap();
    }

    #[test]
    fn the_rest_may_be_json() {
        let mut bytes = Vec::new();
        let mut writer = Writer(&mut bytes);
        writer.flag(true);
        writer.json(&("a", 1));
        let mut reader = Reader(&bytes);
        assert!(reader.flag().unwrap());
        assert_eq!(reader.json::<(String, u8)>().unwrap(), ("a".to_owned(), 1));
        reader.end().unwrap();
        assert!(matches!(Reader(b"{").json::<u8>(), Err(Unreadable::Json(_))));
        assert!(matches!(Reader(b"1 x").json::<u8>(), Err(Unreadable::Json(_))));
    }

    #[test]
    fn what_was_not_written_so_is_refused() {
        let said = |error: Unreadable| error.to_string();
        assert_eq!(said(Reader(b"\0\0").text().unwrap_err()), said(SHORT));
        assert_eq!(said(Reader(b"\0\0\0\x02a").text().unwrap_err()), said(SHORT));
        assert_eq!(said(Reader(&[0xFF; 9]).text().unwrap_err()), said(SHORT));
        assert_eq!(said(Reader(b"\0\0\0\x01\xFF").text().unwrap_err()), "a record is damaged: a text is no UTF-8");
        assert_eq!(said(Reader(&[b'-'; 26]).id::<UserId>().unwrap_err()), "a record is damaged: an id is none");
        assert_eq!(said(Reader(b"\x02").flag().unwrap_err()), "a record is damaged: a flag is neither set nor clear");
        assert_eq!(said(Reader(b"\0").end().unwrap_err()), "a record is damaged: it is too long");
    }
}
