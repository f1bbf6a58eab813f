//! Where a record stands in indexes, as kept beside it: enough to take it out again.

use crate::adapter::changes::invalid;
use crate::port::{IndexEntry, StorageError, StorageErrorKind};

/// Writes entries as (length, name, length, value) each; both lengths are one byte.
pub(super) fn encode(entries: &[IndexEntry]) -> Result<Vec<u8>, StorageError> {
    let mut places = Vec::new();
    for IndexEntry { index, value } in entries {
        for part in [index.0.as_bytes(), value.as_ref()] {
            places.push(u8::try_from(part.len()).map_err(|_| invalid("an index has a name of at most 255 bytes"))?);
            places.extend_from_slice(part);
        }
    }
    Ok(places)
}

/// Reads what [`encode`] wrote: pairs of an index's name and a value.
pub(super) fn decode(mut places: &[u8]) -> Result<Vec<(&str, &[u8])>, StorageError> {
    let mut entries = Vec::new();
    while !places.is_empty() {
        let name = take(&mut places).and_then(|name| std::str::from_utf8(name).ok()).ok_or_else(corrupt)?;
        entries.push((name, take(&mut places).ok_or_else(corrupt)?));
    }
    Ok(entries)
}

fn take<'a>(places: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (&length, rest) = places.split_first()?;
    let (part, rest) = rest.split_at_checked(length.into())?;
    *places = rest;
    Some(part)
}

fn corrupt() -> StorageError {
    StorageError::new(StorageErrorKind::Corrupt, "the places of a record in indexes cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Index;

    #[test]
    fn reads_what_it_wrote() {
        let entries = [IndexEntry::new(Index("by_time"), vec![0, 255]), IndexEntry::new(Index(""), "")];
        let places = encode(&entries).unwrap();
        assert_eq!(decode(&places).unwrap(), [("by_time", [0, 255].as_slice()), ("", &[])]);
        assert_eq!(decode(&[]).unwrap(), []);
    }

    #[test]
    fn damage_is_an_error() {
        for places in [&[1][..], &[1, 65], &[1, 255, 0], &[0, 2, 1]] {
            assert_eq!(decode(places).unwrap_err().kind(), StorageErrorKind::Corrupt, "{places:?}");
        }
    }
}
