//! How what is remembered becomes bytes, and where it stands in indexes. Pure.
//!
//! The body of a record is a version byte, a sealed part behind its length (two bytes, big-endian, often zero) and the
//! fields of its kind. A later release raises a kind's [`Kind::VERSION`] and still reads what older ones wrote.

mod fields;

use bytes::Bytes;
use thiserror::Error;

use self::fields::SHORT;
pub(crate) use self::fields::{Reader, Writer};
use crate::port::{Collection, IndexEntry};

/// A kind of record.
pub(crate) trait Kind: Sized {
    /// Where records of this kind are.
    const COLLECTION: Collection;

    /// The version that is written.
    const VERSION: u8;

    /// Its places in indexes.
    fn index(&self) -> Vec<IndexEntry>;

    /// Writes its fields.
    fn write(&self, writer: &mut Writer<'_>);

    /// Reads its fields.
    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable>;

    /// Reads the fields that an older version wrote.
    fn read_older(version: u8, _reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        Err(Unreadable::Unknown(version))
    }
}

/// Within an `impl Kind`: all fields are one JSON object, for records that are read seldom.
macro_rules! fields_as_json {
    () => {
        fn write(&self, writer: &mut $crate::record::Writer<'_>) {
            writer.json(self);
        }

        fn read(reader: &mut $crate::record::Reader<'_>) -> Result<Self, $crate::record::Unreadable> {
            reader.json()
        }
    };
}
pub(crate) use fields_as_json;

/// Why a record cannot be read.
#[derive(Debug, Error)]
pub(crate) enum Unreadable {
    /// It is not what was written.
    #[error("a record is damaged: {0}")]
    Damaged(&'static str),
    /// Its JSON is not what was written.
    #[error("a record is damaged: {0}")]
    Json(#[from] serde_json::Error),
    /// A newer release wrote it.
    #[error("a record has version {0}, which only a newer release reads")]
    Newer(u8),
    /// No release wrote it.
    #[error("a record has version {0}, which no release wrote")]
    Unknown(u8),
}

/// A record that was read.
#[derive(Debug)]
pub(crate) struct Decoded<K> {
    /// What it says.
    pub(crate) kind: K,
    /// Its secret, sealed.
    pub(crate) sealed: Bytes,
}

/// Writes a record's body.
pub(crate) fn encode<K: Kind>(kind: &K, sealed: &[u8]) -> Result<Bytes, Unreadable> {
    let length = u16::try_from(sealed.len()).map_err(|_| Unreadable::Damaged("its sealed part is too long"))?;
    let mut body = Vec::with_capacity(3 + sealed.len() + 256);
    body.push(K::VERSION);
    body.extend_from_slice(&length.to_be_bytes());
    body.extend_from_slice(sealed);
    kind.write(&mut Writer(&mut body));
    body.shrink_to_fit(); // It may be kept as it is, among a hundred thousand.
    Ok(body.into())
}

/// Reads a record's body.
pub(crate) fn decode<K: Kind>(body: &Bytes) -> Result<Decoded<K>, Unreadable> {
    let (&version, rest) = body.split_first().ok_or(SHORT)?;
    if version > K::VERSION {
        return Err(Unreadable::Newer(version));
    }
    let (length, rest) = rest.split_first_chunk().ok_or(SHORT)?;
    let (sealed, fields) = rest.split_at_checked(u16::from_be_bytes(*length).into()).ok_or(SHORT)?;
    let mut reader = Reader(fields);
    let kind = if version == K::VERSION { K::read(&mut reader)? } else { K::read_older(version, &mut reader)? };
    reader.end()?;
    Ok(Decoded { kind, sealed: body.slice_ref(sealed) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Note {
        text: String,
    }

    impl Kind for Note {
        const COLLECTION: Collection = Collection("note");
        const VERSION: u8 = 2;

        fn index(&self) -> Vec<IndexEntry> {
            Vec::new()
        }

        fn write(&self, writer: &mut Writer<'_>) {
            writer.text(&self.text);
        }

        fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
            Ok(Self { text: reader.text()? })
        }

        fn read_older(version: u8, reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
            match version {
                1 => Ok(Self { text: reader.flag()?.to_string() }),
                other => Err(Unreadable::Unknown(other)),
            }
        }
    }

    /// A kind that has always had one version.
    #[derive(Debug, PartialEq)]
    struct Young(u8);

    impl Kind for Young {
        const COLLECTION: Collection = Collection("young");
        const VERSION: u8 = 1;

        fn index(&self) -> Vec<IndexEntry> {
            Vec::new()
        }

        fn write(&self, writer: &mut Writer<'_>) {
            writer.bytes(&[self.0]);
        }

        fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
            reader.bytes().map(|[number]| Self(number))
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let note = Note { text: "a\0b".into() };
        let read = decode::<Note>(&encode(&note, b"sealed").unwrap()).unwrap();
        assert_eq!((read.kind, &read.sealed[..]), (note, &b"sealed"[..]));
    }

    #[test]
    fn a_kind_without_a_past_has_no_older_versions() {
        let refused = decode::<Young>(&Bytes::from_static(b"\x00\0\x007")).unwrap_err();
        assert!(matches!(refused, Unreadable::Unknown(0)), "{refused}");
        assert_eq!(decode::<Young>(&Bytes::from_static(b"\x01\0\x007")).unwrap().kind, Young(b'7'));
    }

    #[test]
    fn a_record_is_its_version_what_is_sealed_and_its_fields() {
        assert_eq!(&encode(&Young(b'7'), b"").unwrap()[..], b"\x01\x00\x007");
        assert_eq!(&encode(&Young(b'7'), b"ab").unwrap()[..], b"\x01\x00\x02ab7");
        let longest = vec![0xAA; usize::from(u16::MAX)];
        let read = decode::<Young>(&encode(&Young(7), &longest).unwrap()).unwrap();
        assert_eq!((read.kind, &read.sealed[..]), (Young(7), &longest[..]));
        let refused = encode(&Young(7), &vec![0; longest.len() + 1]).unwrap_err();
        assert_eq!(refused.to_string(), "a record is damaged: its sealed part is too long");
    }

    #[test]
    fn older_versions_are_read_and_newer_ones_refused() {
        let old = Bytes::from_static(b"\x01\0\0\x01");
        assert_eq!(decode::<Note>(&old).unwrap().kind, Note { text: "true".into() });
        let cases = [
            (&b"\x03\0\0\0"[..], "a record has version 3, which only a newer release reads"),
            (b"\x00\0\0\0", "a record has version 0, which no release wrote"),
            (b"", "a record is damaged: it is too short"),
            (b"\x02\0\x09\0", "a record is damaged: it is too short"),
            (b"\x02\0\0\0", "a record is damaged: it is too short"),
            (b"\x02\0\0\0\0\0\0\0", "a record is damaged: it is too long"),
        ];
        for (body, want) in cases {
            assert_eq!(decode::<Note>(&Bytes::copy_from_slice(body)).unwrap_err().to_string(), want, "{body:?}");
        }
    }
}
