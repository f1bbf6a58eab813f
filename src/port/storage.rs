//! Where the engine keeps what it must remember.

use std::error::Error as StdError;
use std::fmt::Debug;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;

/// Where the engine keeps what it must remember.
///
/// A record is a key and a body in a collection, with values in indexes that the change which wrote it names. That is
/// all: no store needs to know what a webhook is.
///
/// # Contract
///
/// - [`commit`](Self::commit) is atomic: every change lands, or none does, and no reader sees half. Once it has
///   returned, a durable store keeps it through a crash.
/// - Every expectation of a commit is checked against the state before it. Losing a race is [`Committed::Conflict`],
///   never an error; errors are for a store that broke.
/// - A commit that names one key twice is [`StorageErrorKind::Invalid`]; an empty one is [`Committed::Applied`].
/// - Keys, bodies and index values are opaque bytes of any content, bodies up to 1 MiB. Do not parse, trim or fold them.
/// - What [`commit`](Self::commit) wrote, [`get`](Self::get) and [`find`](Self::find) see at once.
///
/// Run [`conformance`](crate::conformance) against your implementation; it checks each of these.
#[async_trait]
pub trait Storage: Debug + Send + Sync + 'static {
    /// Returns the record at `key`.
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError>;

    /// Returns a range of one index in (index value, key) order by bytes, and how many there are in all if asked.
    async fn find(&self, query: &Query) -> Result<Found, StorageError>;

    /// Applies all `changes`, or none of them.
    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError>;

    /// Whether records outlive the process. The engine then insists on a master key.
    fn is_durable(&self) -> bool {
        true
    }
}

/// A set of records of one kind, by a name that never changes.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Collection(pub &'static str);

/// An order over a collection, by a name that never changes and is unique in its collection.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Index(pub &'static str);

/// Where a record is.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key {
    /// Among which records.
    pub collection: Collection,
    /// Which of them: 1 to 255 bytes.
    pub id: Bytes,
}

impl Key {
    /// A key in a collection.
    pub fn new(collection: Collection, id: impl Into<Bytes>) -> Self {
        Self { collection, id: id.into() }
    }
}

/// What is kept under a key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// The content.
    pub body: Bytes,
    /// Where it is.
    pub key: Key,
}

/// One change of a commit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Change {
    /// What must hold before.
    pub expect: Expect,
    /// Of which record.
    pub key: Key,
    /// What to do.
    pub write: Write,
}

/// What must hold of a record for a commit to happen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Expect {
    /// There is none.
    Absent,
    /// Anything.
    Any,
    /// Its body is exactly this.
    Body(Bytes),
}

/// What to do with a record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Write {
    /// Nothing: the change is only its expectation.
    Check,
    /// Remove it, and what it has in indexes. Fine if there is none.
    Delete,
    /// Set the body, and replace what it has in indexes.
    Put {
        /// The content.
        body: Bytes,
        /// Its places in indexes, at most one for each index.
        index: Vec<IndexEntry>,
    },
}

/// A record's place in an index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IndexEntry {
    /// Which index.
    pub index: Index,
    /// Sorted by bytes; at most 255 of them. Several records may share one.
    pub value: Bytes,
}

impl IndexEntry {
    /// A place in an index.
    pub fn new(index: Index, value: impl Into<Bytes>) -> Self {
        Self { index, value: value.into() }
    }
}

/// A range of one index.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Query {
    /// Only what comes after this (index value, key id), so a page goes on where the last one ended.
    pub after: Option<(Bytes, Bytes)>,
    /// Among which records.
    pub collection: Collection,
    /// Whether to count the whole range, whatever `after` and `limit` say.
    pub count: bool,
    /// In which order.
    pub index: Index,
    /// How many records at most; 0 is allowed.
    pub limit: usize,
    /// Only index values that begin with these bytes.
    pub prefix: Bytes,
}

/// What a query found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Found {
    /// The records, in order.
    pub entries: Vec<Entry>,
    /// How many the whole range has, if it was asked for.
    pub total: Option<u64>,
}

/// A record, and where it stands in the index that found it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// Its value in the index.
    pub value: Bytes,
}

/// How a commit ended.
#[must_use]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Committed {
    /// Every change is in.
    Applied,
    /// Some expectation did not hold; nothing changed.
    Conflict,
}

/// The store broke.
#[derive(Debug, Error)]
#[error("storage failed: {source}")]
pub struct StorageError {
    kind: StorageErrorKind,
    source: Box<dyn StdError + Send + Sync>,
}

impl StorageError {
    /// A failure of a kind.
    pub fn new(kind: StorageErrorKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, source: source.into() }
    }

    /// Returns what kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> StorageErrorKind {
        self.kind
    }
}

/// How a store broke.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StorageErrorKind {
    /// What is stored cannot be read.
    Corrupt,
    /// The call itself is wrong, such as one key twice in a commit.
    Invalid,
    /// It cannot be reached, or has no room; the same call may succeed later.
    Unavailable,
}
