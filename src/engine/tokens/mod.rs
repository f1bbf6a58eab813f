//! Personal access tokens: managed, and at work.

mod audit;
mod cache;
mod change;
mod held;
mod list;
mod make;
mod open;
mod uses;

pub(super) use self::cache::KnownToken;
use self::cache::TokenCache;
pub(crate) use self::held::NamedToken;
pub(super) use self::open::Door;
use self::uses::TokenUses;
use super::error::Failed;
use crate::id::TokenSecret;
use crate::token::{AccessToken, TokenError};

/// What an engine remembers of tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    cache: TokenCache,
    uses: TokenUses,
}

/// A token with its secret, which is known at this moment alone.
#[derive(Clone, Debug)]
pub struct FreshToken {
    /// The secret.
    pub secret: TokenSecret,
    /// What is remembered about it.
    pub token: AccessToken,
}

/// Which tokens of a list are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TokenRange {
    /// How many at most.
    pub limit: usize,
    /// How many to leave out at the start.
    pub skip: usize,
}

/// What a call about tokens comes to.
type Managed<T> = Result<T, Failed<TokenError>>;
