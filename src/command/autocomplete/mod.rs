//! What is offered while somebody types: trees of words and arguments, and the suggestions that follow from them.

mod arguments;
mod check;
mod decode;
pub(crate) mod dynamic;
mod suggest;
#[cfg(test)]
mod tests;
mod tree;

pub use arguments::{InvalidArguments, Parsed};
pub use check::InvalidTree;
pub use dynamic::Fetch;
pub(crate) use dynamic::Fetched;
pub use suggest::Suggestion;
pub(crate) use suggest::{Role, Suggested, suggest};
pub use tree::{Argument, Input, Item, Node, RoleNeeded};
