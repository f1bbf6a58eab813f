//! Reading what was typed behind a command by its tree, for who runs it.

use std::collections::BTreeMap;

use thiserror::Error;

use super::tree::{Argument, Input, Node};

/// What was typed, read by a tree.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Parsed {
    /// The values that have a flag, by the flag's name.
    pub named: BTreeMap<String, String>,
    /// The words below the command's own, as the tree writes them.
    pub path: Vec<String>,
    /// The values known by their place.
    pub positional: Vec<String>,
    /// What is left behind the last argument.
    pub rest: String,
}

/// Why what was typed does not fit the tree.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidArguments {
    /// An argument that is required is not there.
    #[error("`{0}` is missing")]
    Missing(String),
    /// A word is none of those that may stand there.
    #[error("`{0}` is unknown here")]
    UnknownWord(String),
}
