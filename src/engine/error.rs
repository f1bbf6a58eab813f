//! How a call of the engine fails.

use thiserror::Error;

use crate::port::{PortError, Refused, StorageError};
use crate::record::Unreadable;
use crate::security::Unsealable;

/// A call came to nothing: either it was refused for a reason of the caller's, or something broke.
#[derive(Debug, Error)]
pub enum Failed<E> {
    /// Something broke; trying again may help.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The caller's mistake, or not theirs to do.
    #[error("{0}")]
    Refused(E),
}

impl<E> Failed<E> {
    pub(crate) fn fault(fault: impl Into<Fault>) -> Self {
        Self::Fault(fault.into())
    }
}

/// Something broke: a port, or what is stored.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct Fault(FaultKind);

#[derive(Debug, Error)]
enum FaultKind {
    #[error("a record kept changing while it was to be changed")]
    Busy,
    #[error("a port of the host panicked")]
    Panicked,
    #[error(transparent)]
    Port(PortError),
    #[error(transparent)]
    Record(Unreadable),
    #[error(transparent)]
    Sealed(Unsealable),
    #[error(transparent)]
    Sink(Refused),
    #[error(transparent)]
    Storage(StorageError),
}

impl Fault {
    pub(crate) fn panicked() -> Self {
        Self(FaultKind::Panicked)
    }

    pub(crate) fn busy() -> Self {
        Self(FaultKind::Busy)
    }
}

/// Every failure below becomes a fault.
macro_rules! faults {
    ($($kind:ident($source:ty);)*) => {$(
        impl From<$source> for Fault {
            fn from(source: $source) -> Self {
                Self(FaultKind::$kind(source))
            }
        }
    )*};
}

faults! {
    Port(PortError);
    Record(Unreadable);
    Sealed(Unsealable);
    Sink(Refused);
    Storage(StorageError);
}

/// Why an engine does not start, or does not take new settings.
#[derive(Debug, Error)]
pub enum StartError {
    /// Storage or chance failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Durable storage needs a master key.
    #[error("durable storage needs a master key: set `Settings::keys`")]
    NoKey,
    /// None of the master keys is the one that the storage was used with.
    #[error("none of the master keys opens what is stored")]
    WrongKey,
}
