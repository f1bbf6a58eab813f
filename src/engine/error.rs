//! How a call of the engine fails.

use std::error::Error;
use std::fmt;

use thiserror::Error;

use crate::command::secrets::DamagedSecrets as DamagedCommandSecrets;
use crate::outgoing::secrets::DamagedSecrets;
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
    #[error(transparent)]
    CommandSecrets(DamagedCommandSecrets),
    #[error(transparent)]
    Named(Named),
    #[error("a port of the host panicked")]
    Panicked,
    #[error(transparent)]
    Port(PortError),
    #[error(transparent)]
    Record(Unreadable),
    #[error(transparent)]
    Sealed(Unsealable),
    #[error(transparent)]
    Secrets(DamagedSecrets),
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

    /// The same under the id that clients know the failure of this step by, where it is not that of the whole request.
    pub(crate) fn named(self, id: &'static str) -> Self {
        Self(FaultKind::Named(Named { fault: Box::new(self), id }))
    }

    /// The id of the step that failed, if it has one of its own.
    pub(crate) fn name(&self) -> Option<&'static str> {
        match &self.0 {
            FaultKind::Named(named) => Some(named.id),
            _ => None,
        }
    }
}

/// A fault of a step that has an id of its own.
#[derive(Debug)]
struct Named {
    fault: Box<Fault>,
    id: &'static str,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl Error for Named {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.fault.source()
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
    CommandSecrets(DamagedCommandSecrets);
    Port(PortError);
    Record(Unreadable);
    Sealed(Unsealable);
    Secrets(DamagedSecrets);
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
