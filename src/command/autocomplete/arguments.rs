//! Reading what was typed behind a command by its tree, for who runs it.

use std::collections::BTreeMap;

use thiserror::Error;

use super::tree::{Argument, Input, Node};
use crate::command::trigger::lower;

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

impl Node {
    /// Reads what was typed behind the word of this node.
    ///
    /// Words are found in any letter case. A value with spaces stands in double quotation marks, but for entries of a
    /// list, which are found as they are. Flags may stand in any order, before, between and behind what is known by its
    /// place. Roles are not looked at: who may run what is for the command to say.
    ///
    /// ```
    /// use jackfield::command::autocomplete::{Argument, Input, Item, Node};
    ///
    /// let stages = Input::list(vec![Item::new("prod", "", ""), Item::new("staging", "", "")]);
    /// let start = Node::new("start", "[stage]", "Begin a rollout")
    ///     .with_argument(Argument::new("Where to", stages))
    ///     .with_argument(Argument::new("Why", Input::text("[reason]")).named("note").optional());
    /// let tree = Node::new("deploy", "[action]", "Release tool").with_sub_command(start);
    ///
    /// let read = tree.parse_arguments(r#"start --note "new logo" prod"#)?;
    /// assert_eq!(read.path, ["start"]);
    /// assert_eq!(read.positional, ["prod"]);
    /// assert_eq!(read.named["note"], "new logo");
    /// # Ok::<(), jackfield::command::autocomplete::InvalidArguments>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A word is none that may stand there, or a required argument is missing.
    pub fn parse_arguments(&self, text: &str) -> Result<Parsed, InvalidArguments> {
        let mut read = Parsed::default();
        let mut rest = text.trim_start();
        let mut node = self;
        while !node.sub_commands.is_empty() {
            let (word, after) = first_word(rest);
            let folded = lower(word);
            let found = node.sub_commands.iter().find(|sub| sub.trigger == folded);
            node = found.ok_or_else(|| match word {
                "" => InvalidArguments::Missing(node.sub_hint()),
                word => InvalidArguments::UnknownWord(word.to_owned()),
            })?;
            read.path.push(node.trigger.clone());
            rest = after;
        }
        let mut places = node.arguments.iter().filter(|argument| argument.name.is_empty());
        loop {
            let flagged = node.arguments.iter().find_map(|argument| {
                let is_open = !argument.name.is_empty() && !read.named.contains_key(&argument.name);
                is_open.then(|| Some((argument, after_flag(argument, rest)?))).flatten()
            });
            if let Some((argument, after)) = flagged {
                let (value, after) = take(argument, after)?;
                read.named.insert(argument.name.clone(), value);
                rest = after;
                continue;
            }
            let Some(argument) = places.next().filter(|_| !rest.is_empty()) else { break };
            let (value, after) = take(argument, rest)?;
            read.positional.push(value);
            rest = after;
        }
        let missing = node.arguments.iter().filter(|argument| argument.name.is_empty()).skip(read.positional.len());
        let mut missing = missing.chain(
            node.arguments
                .iter()
                .filter(|argument| !argument.name.is_empty() && !read.named.contains_key(&argument.name)),
        );
        if let Some(argument) = missing.find(|argument| argument.required) {
            return Err(InvalidArguments::Missing(argument.shown()));
        }
        rest.clone_into(&mut read.rest);
        Ok(read)
    }

    /// What may follow, for who left it out.
    fn sub_hint(&self) -> String {
        let words: Vec<_> = self.sub_commands.iter().map(|sub| sub.trigger.as_str()).collect();
        words.join("|")
    }
}

impl Argument {
    /// How it is called in a message.
    fn shown(&self) -> String {
        match &self.input {
            _ if !self.name.is_empty() => format!("--{}", self.name),
            Input::TextInput { hint, .. } if !hint.is_empty() => hint.clone(),
            _ => self.help_text.clone(),
        }
    }
}

/// Returns what stands behind the flag of an argument, if the text begins with it.
fn after_flag<'t>(argument: &Argument, text: &'t str) -> Option<&'t str> {
    let (word, after) = first_word(text);
    let name = word.strip_prefix("--")?;
    (lower(name) == lower(&argument.name)).then_some(after)
}

/// Takes the value of an argument off the text.
fn take<'t>(argument: &Argument, text: &'t str) -> Result<(String, &'t str), InvalidArguments> {
    if text.is_empty() {
        return Err(InvalidArguments::Missing(argument.shown()));
    }
    if let Input::StaticList { items } = &argument.input {
        let folded = lower(text);
        let is_there = |item: &&str| {
            let after = folded.strip_prefix(&*lower(item));
            after.is_some_and(|after| after.is_empty() || after.starts_with(' '))
        };
        let longest = items.iter().map(|item| item.item.as_str()).filter(is_there).max_by_key(|item| item.len());
        return match longest {
            Some(item) => Ok((item.to_owned(), text.get(item.len()..).unwrap_or_default().trim_start())),
            None => Err(InvalidArguments::UnknownWord(first_word(text).0.to_owned())),
        };
    }
    let quoted = text.strip_prefix('"').and_then(|inner| inner.split_once('"'));
    let (value, after) = quoted.unwrap_or_else(|| first_word(text));
    Ok((value.to_owned(), after.trim_start()))
}

/// Returns what comes before the first space, and what stands behind the spaces there.
fn first_word(text: &str) -> (&str, &str) {
    let (word, after) = text.split_once(' ').unwrap_or((text, ""));
    (word, after.trim_start_matches(' '))
}
