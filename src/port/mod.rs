//! What a host implements, and the data it speaks in.
//!
//! | trait | question | who implements it |
//! |---|---|---|
//! | [`Storage`] | where are our own records kept? | ships: memory, SQLite; or the host |
//! | [`Directory`] | who and what is there, and who may do what? | every host |
//! | [`PostSink`] | make it so: create, edit and delete posts | every host |
//! | [`HttpClient`] | call the world | with the features that call out |
//! | [`Clock`], [`Random`], [`Observer`] | time, chance, audit | defaulted; tests, hosts with metrics |
//!
//! All are object safe and used as `Arc<dyn Port>`. A port that fails returns an error of its own and never panics; the
//! engine turns it into a 500 that names no internals.

mod ambient;
mod directory;
mod effect;
mod error;
mod event;
mod http_client;
mod observer;
mod people;
mod sink;
mod storage;

pub use ambient::{Clock, Random, SystemClock, SystemRandom};
pub use directory::{Ask, Directory, Permission, Scope, Session, SessionKind};
pub use effect::{Action, Applied, BotAccount, BotToUser, Effect, EffectKey, UserPatch};
pub use error::PortError;
pub use event::PostEvent;
pub use http_client::{HttpClient, HttpError, HttpErrorKind, HttpLimits, HttpResponse, NoHttpClient, Sent};
pub use observer::{Audit, HookName, NoObserver, Observation, Observer, Outcome, Subject};
pub use people::{Channel, ChannelKind, Post, Team, User};
pub use sink::{PostSink, Refused, RefusedKind};
pub use storage::{
    Change, Collection, Committed, Entry, Expect, Found, Index, IndexEntry, Key, Query, Record, Storage, StorageError,
    StorageErrorKind, Write,
};

pub use crate::security::credential::{Credential, CredentialSource};
