//! Which trees are kept (CMD-110, CMD-145).

use thiserror::Error;

use super::tree::{Argument, Input, Node, RoleNeeded};
use crate::command::trigger::lower;

/// Why a tree is refused.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum InvalidTree {
    /// A word has both.
    #[error("a word has either arguments or further words")]
    ArgumentsAndWords,
    /// Words are nested deeper than [`Node::MAX_DEPTH`].
    #[error("words are nested at most {} deep", Node::MAX_DEPTH)]
    Depth,
    /// An entry of a list is empty.
    #[error("an entry of a list is not empty")]
    EmptyItem,
    /// An address to fetch a list from is none.
    #[error("a list is fetched from `builtin:` and a name, or from an address")]
    FetchUrl,
    /// An argument known by its place stands behind one with a flag, where it would never be read.
    #[error("what is known by its place stands before what has a flag")]
    Order,
    /// A text known by its place may be left out, so that nobody knows what follows it.
    #[error("a text without a flag is required")]
    OptionalText,
    /// A role is none of those that there are.
    #[error("a role is `system_admin`, `system_user` or empty")]
    Role,
    /// There are more words and entries than [`Node::MAX_SIZE`].
    #[error("a tree has at most {} words and entries", Node::MAX_SIZE)]
    Size,
    /// A word is empty or not in lower case, or the root's is not the command's trigger.
    #[error("a word is in lower case and not empty, and the first is the trigger of the command")]
    Trigger,
}

impl Node {
    /// How deep words may be nested, the command's own trigger counted.
    pub const MAX_DEPTH: usize = 8;
    /// How many words and entries of lists there may be, together.
    pub const MAX_SIZE: usize = 1_000;
    /// How long a tree may be, in bytes of JSON.
    pub const MAX_BYTES: usize = 64 * 1_024;

    /// Checks the tree as the reference server does (CMD-110).
    ///
    /// # Errors
    ///
    /// The first thing that is wrong: of each word itself, its arguments in order, then the words below it.
    pub fn check(&self) -> Result<(), InvalidTree> {
        if self.trigger.is_empty() || lower(&self.trigger) != self.trigger {
            return Err(InvalidTree::Trigger);
        }
        if matches!(self.role, RoleNeeded::Other(_)) {
            return Err(InvalidTree::Role);
        }
        if !self.arguments.is_empty() && !self.sub_commands.is_empty() {
            return Err(InvalidTree::ArgumentsAndWords);
        }
        let mut named = false;
        for argument in &self.arguments {
            if argument.name.is_empty() && named {
                return Err(InvalidTree::Order);
            }
            named |= !argument.name.is_empty();
            argument.check()?;
        }
        self.sub_commands.iter().try_for_each(Self::check)
    }

    /// Checks that the tree is within the limits of [`MAX_DEPTH`](Self::MAX_DEPTH) and [`MAX_SIZE`](Self::MAX_SIZE).
    ///
    /// # Errors
    ///
    /// It is not.
    pub fn check_size(&self) -> Result<(), InvalidTree> {
        let mut room = Self::MAX_SIZE;
        self.measure(Self::MAX_DEPTH, &mut room)
    }

    fn measure(&self, depth_left: usize, room: &mut usize) -> Result<(), InvalidTree> {
        let depth_left = depth_left.checked_sub(1).ok_or(InvalidTree::Depth)?;
        let items = self.arguments.iter().map(|argument| match &argument.input {
            Input::StaticList { items } => items.len(),
            _ => 0,
        });
        let size = items.fold(1, usize::saturating_add);
        *room = room.checked_sub(size).ok_or(InvalidTree::Size)?;
        self.sub_commands.iter().try_for_each(|node| node.measure(depth_left, room))
    }
}

impl Argument {
    fn check(&self) -> Result<(), InvalidTree> {
        match &self.input {
            Input::DynamicList { fetch_url } if !is_parsable(fetch_url) => Err(InvalidTree::FetchUrl),
            Input::StaticList { items } if items.iter().any(|item| item.item.is_empty()) => Err(InvalidTree::EmptyItem),
            Input::TextInput { .. } if self.name.is_empty() && !self.required => Err(InvalidTree::OptionalText),
            _ => Ok(()),
        }
    }
}

/// Whether a text can be an address or a reference at all. What can be fetched is judged when it is.
fn is_parsable(address: &str) -> bool {
    let before_query = address.split(['?', '#']).next().unwrap_or_default().as_bytes();
    let mut rest = before_query.iter();
    let mut escapes_are_whole = true;
    while let Some(byte) = rest.next() {
        if *byte == b'%' {
            let digits = [rest.next(), rest.next()];
            escapes_are_whole &= digits.iter().all(|digit| digit.is_some_and(u8::is_ascii_hexdigit));
        }
    }
    escapes_are_whole && !address.starts_with(':') && !address.bytes().any(|byte| byte.is_ascii_control())
}
