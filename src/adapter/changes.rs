//! What every storage that ships checks before it touches anything.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::port::{Change, Expect, IndexEntry, Key, Query, StorageError, StorageErrorKind, Write};

/// The most bytes of a key's id and of an index value.
pub(super) const NAME_BYTES: usize = 255;

/// Refuses a commit that no state could make right: one key twice, one index twice in a record, or a length out of
/// bounds.
pub(super) fn validate(changes: &[Change]) -> Result<(), StorageError> {
    let mut keys = BTreeSet::new();
    for Change { key, write, .. } in changes {
        if !keys.insert(key) {
            return Err(invalid("a commit names one key twice"));
        }
        validate_key(key)?;
        if let Write::Put { index, .. } = write {
            validate_index(index)?;
        }
    }
    Ok(())
}

fn validate_key(key: &Key) -> Result<(), StorageError> {
    if key.id.is_empty() || key.id.len() > NAME_BYTES {
        return Err(invalid("a key has 1 to 255 bytes"));
    }
    Ok(())
}

fn validate_index(entries: &[IndexEntry]) -> Result<(), StorageError> {
    let mut indexes = BTreeSet::new();
    for IndexEntry { index, value } in entries {
        if !indexes.insert(index) {
            return Err(invalid("a record is in one index twice"));
        }
        if index.0.len() > NAME_BYTES {
            return Err(invalid("an index has a name of at most 255 bytes"));
        }
        if value.len() > NAME_BYTES {
            return Err(invalid("an index value has at most 255 bytes"));
        }
    }
    Ok(())
}

/// Whether an expectation holds of a record's body, if there is a record.
pub(super) fn holds(expect: &Expect, body: Option<&[u8]>) -> bool {
    match expect {
        Expect::Absent => body.is_none(),
        Expect::Any => true,
        Expect::Body(want) => body == Some(want.as_ref()),
    }
}

/// The place in the index after which a page begins. Ids have at least one byte, so nothing stands at (prefix, no id)
/// itself, and one exclusive bound serves first pages and later ones.
pub(super) fn page_start(query: &Query) -> (Bytes, Bytes) {
    let first = (query.prefix.clone(), Bytes::new());
    match &query.after {
        Some(after) if *after > first => after.clone(),
        _ => first,
    }
}

pub(super) fn invalid(why: &'static str) -> StorageError {
    StorageError::new(StorageErrorKind::Invalid, why)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Collection, Index};

    const NOTES: Collection = Collection("notes");

    fn put(id: impl Into<Bytes>, index: Vec<IndexEntry>) -> Change {
        Change { expect: Expect::Any, key: Key::new(NOTES, id), write: Write::Put { body: Bytes::new(), index } }
    }

    #[test]
    fn refuses_what_no_state_could_make_right() {
        let entry = |bytes: usize| IndexEntry::new(Index("by_time"), vec![0; bytes]);
        let cases = [
            ("nothing", vec![], true),
            ("two keys", vec![put("a", vec![]), put("b", vec![])], true),
            ("one key twice", vec![put("a", vec![]), put("b", vec![]), put("a", vec![])], false),
            ("an empty key", vec![put("", vec![])], false),
            ("a key of 255 bytes", vec![put(vec![0; 255], vec![])], true),
            ("a key of 256 bytes", vec![put(vec![0; 256], vec![])], false),
            ("an empty value", vec![put("a", vec![entry(0)])], true),
            ("a value of 255 bytes", vec![put("a", vec![entry(255)])], true),
            ("a value of 256 bytes", vec![put("a", vec![entry(256)])], false),
            ("one index twice", vec![put("a", vec![entry(1), entry(2)])], false),
        ];
        for (name, changes, fine) in cases {
            let kind = validate(&changes).map_err(|error| error.kind());
            assert_eq!(kind, if fine { Ok(()) } else { Err(StorageErrorKind::Invalid) }, "{name}");
        }
    }
}
