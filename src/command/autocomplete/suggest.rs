//! From what was typed to what is offered (CMD-114 to CMD-120).
//!
//! A space is U+0020 alone. What was passed over already is `done`, and kept as it was typed; `rest` is what is left.

use serde::Serialize;

use super::dynamic::{Fetch, Fetched};
use super::tree::{Argument, Input, Item, Node, RoleNeeded};
use crate::command::trigger::lower;

/// One line that is offered (CMD-113).
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Suggestion {
    /// The whole input with the suggestion in its place, without the slash.
    pub complete: String,
    /// The new word; empty where any text may follow.
    pub suggestion: String,
    /// What may follow it.
    pub hint: String,
    /// What it means.
    pub description: String,
    /// The picture of the command, as a data URL; mostly empty.
    pub icon_data: String,
}

/// Who types.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Role {
    /// A system administrator.
    pub(crate) administrator: bool,
    /// Whether words without a role are for everyone.
    pub(crate) blank_is_everyone: bool,
}

impl Role {
    /// Whether a word is offered.
    fn may(self, needed: &RoleNeeded) -> bool {
        match needed {
            _ if self.administrator => true,
            RoleNeeded::User => true,
            RoleNeeded::Blank => self.blank_is_everyone,
            RoleNeeded::Administrator | RoleNeeded::Other(_) => false,
        }
    }
}

/// What an input comes to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Suggested {
    /// What is offered, in order. Lists that were not fetched yet are left out.
    pub(crate) found: Vec<Suggestion>,
    /// The lists that are still to be fetched.
    pub(crate) missing: Vec<Fetch>,
}

/// Says what is offered among these nodes for an input without its slash.
///
/// The work is bounded: beyond [`MAX_TRIES`] tried arguments, and [`MAX_FOUND`] suggestions, nothing more is found.
pub(crate) fn suggest<'a>(
    nodes: impl IntoIterator<Item = &'a Node>,
    input: &str,
    role: Role,
    fetched: &Fetched,
) -> Suggested {
    let mut search = Search { fetched, out: Suggested::default(), role, tries_left: MAX_TRIES };
    search.nodes(nodes, String::new(), input);
    search.out
}

impl Node {
    /// Says what is offered for an input without its slash, if this is the only command that there is. Lists that would
    /// have to be fetched are left out.
    ///
    /// ```
    /// use jackfield::command::autocomplete::{Argument, Input, Node};
    ///
    /// let tree = Node::new("rename", "[text]", "Rename the channel")
    ///     .with_argument(Argument::new("The new name", Input::text("[text]")));
    /// assert_eq!(tree.suggestions("re", false)[0].complete, "rename");
    /// assert_eq!(tree.suggestions("rename ", false)[0].hint, "[text]");
    /// assert!(tree.suggestions("remove", false).is_empty());
    /// ```
    #[must_use]
    pub fn suggestions(&self, input: &str, administrator: bool) -> Vec<Suggestion> {
        let role = Role { administrator, blank_is_everyone: false };
        suggest([self], input, role, &Fetched::default()).found
    }
}

/// The two parts of the input, at some argument.
#[derive(Clone, Debug, Eq, PartialEq)]
struct At<'i> {
    done: String,
    rest: &'i str,
}

impl<'i> At<'i> {
    /// What is to be looked at: the rest without one leading space.
    fn input(&self) -> &'i str {
        self.rest.strip_prefix(' ').unwrap_or(self.rest)
    }

    fn whole(&self) -> String {
        [&self.done, self.rest].concat()
    }

    /// After the first `bytes` of `input`, which ends with the rest.
    fn after(self, input: &'i str, bytes: usize) -> Self {
        let (passed, rest) = input.split_at_checked(bytes).unwrap_or((input, ""));
        let before = self.rest.len().saturating_sub(input.len());
        let mut done = self.done;
        done.push_str(self.rest.get(..before).unwrap_or_default());
        done.push_str(passed);
        Self { done, rest }
    }
}

/// What an argument came to.
#[derive(Debug)]
enum Tried<'i> {
    /// The input ends here, with these suggestions or none.
    Found(Vec<Suggestion>),
    /// The input goes on here.
    Passed(At<'i>),
}

/// One run over the trees.
struct Search<'f> {
    fetched: &'f Fetched,
    out: Suggested,
    role: Role,
    tries_left: u32,
}

impl Search<'_> {
    /// CMD-114.
    fn nodes<'a>(&mut self, nodes: impl IntoIterator<Item = &'a Node>, done: String, rest: &str) {
        let role = self.role;
        let nodes = nodes.into_iter().filter(|node| role.may(&node.role));
        let Some((word, after)) = rest.split_once(' ') else {
            let start = lower(rest);
            for node in nodes.filter(|node| node.trigger.starts_with(&*start)) {
                self.add(Suggestion {
                    complete: [&done, node.trigger.as_str()].concat(),
                    suggestion: node.trigger.clone(),
                    hint: node.hint.clone(),
                    description: node.help_text.clone(),
                    icon_data: String::new(),
                });
            }
            return;
        };
        let folded = lower(word);
        for node in nodes.filter(|node| node.trigger == folded) {
            let done = [&done, word, " "].concat();
            if node.arguments.is_empty() {
                self.nodes(&node.sub_commands, done, after);
            } else if let Tried::Found(found) = self.list(&node.arguments, At { done, rest: after }) {
                found.into_iter().for_each(|suggestion| self.add(suggestion));
            }
        }
    }

    fn add(&mut self, suggestion: Suggestion) {
        if self.out.found.len() < MAX_FOUND {
            self.out.found.push(suggestion);
        }
    }

    /// CMD-115.
    fn list<'i>(&mut self, arguments: &[Argument], at: At<'i>) -> Tried<'i> {
        let Some((first, tail)) = arguments.split_first() else { return Tried::Passed(at) };
        if first.required {
            return match self.argument(first, at) {
                Tried::Passed(at) => self.list(tail, at),
                found => found,
            };
        }
        let taken = match self.argument(first, at.clone()) {
            Tried::Passed(at) => self.list(tail, at),
            found => found,
        };
        let left_out = self.list(tail, at.clone());
        match (taken, left_out) {
            (Tried::Found(mut taken), Tried::Found(left_out)) => {
                taken.extend(left_out);
                taken.truncate(MAX_FOUND);
                Tried::Found(taken)
            }
            (Tried::Found(found), Tried::Passed(_)) | (Tried::Passed(_), Tried::Found(found)) => Tried::Found(found),
            (Tried::Passed(taken), Tried::Passed(left_out)) => {
                let moved = taken.done != at.done && taken.rest != at.rest;
                Tried::Passed(if moved { taken } else { left_out })
            }
        }
    }

    /// CMD-116.
    fn argument<'i>(&mut self, argument: &Argument, mut at: At<'i>) -> Tried<'i> {
        match self.tries_left.checked_sub(1) {
            Some(left) => self.tries_left = left,
            None => return Tried::Found(Vec::new()),
        }
        if !argument.name.is_empty() {
            at = match flag(argument, at) {
                Tried::Passed(at) if at.rest.is_empty() => return Tried::Found(Vec::new()),
                Tried::Passed(At { done, rest: " " }) => At { done, rest: "" },
                Tried::Passed(at) => at,
                found => return found,
            };
        }
        match &argument.input {
            Input::DynamicList { fetch_url } => self.dynamic(fetch_url, at),
            Input::Other(_) => Tried::Passed(at),
            Input::StaticList { items } => static_list(items, at),
            Input::TextInput { hint, .. } => text_input(argument, hint, at),
        }
    }

    /// CMD-120.
    fn dynamic<'i>(&mut self, url: &str, at: At<'i>) -> Tried<'i> {
        let fetch = Fetch { url: url.to_owned(), parsed: at.done.clone(), user_input: at.whole() };
        match self.fetched.items(&fetch) {
            Some(Some(items)) => static_list(items, at),
            Some(None) => Tried::Passed(at),
            None => {
                if self.out.missing.len() < MAX_FETCHES && !self.out.missing.contains(&fetch) {
                    self.out.missing.push(fetch);
                }
                Tried::Passed(at)
            }
        }
    }
}

/// The flag before an argument (CMD-117).
fn flag<'i>(argument: &Argument, at: At<'i>) -> Tried<'i> {
    let flag = ["--", &argument.name].concat();
    let input = at.input();
    let folded = lower(input);
    if lower(&flag).starts_with(&*folded) {
        let missing = flag.get(input.len()..).unwrap_or_default();
        return Tried::Found(vec![Suggestion {
            complete: [&at.done, at.rest, missing, " "].concat(),
            suggestion: flag,
            hint: String::new(),
            description: argument.help_text.clone(),
            icon_data: String::new(),
        }]);
    }
    let spaced = [&flag, " "].concat();
    let folded_flag = lower(&spaced);
    if !folded.starts_with(&*folded_flag) {
        return Tried::Passed(At { done: at.whole(), rest: "" });
    }
    let done = [&at.done, spaced.as_str()].concat();
    let rest = if folded == folded_flag { " " } else { input.get(spaced.len()..).unwrap_or_default() };
    Tried::Passed(At { done, rest })
}

/// CMD-118.
fn text_input<'i>(argument: &Argument, hint: &str, at: At<'i>) -> Tried<'i> {
    let input = at.input();
    let end = match input.strip_prefix('"') {
        Some(quoted) => quoted.find('"').map(|close| {
            let end = close + 2;
            end + usize::from(input.get(end..).is_some_and(|after| after.starts_with(' ')))
        }),
        None => input.find(' ').map(|space| space + 1),
    };
    match end {
        Some(end) => Tried::Passed(at.after(input, end)),
        None => Tried::Found(vec![Suggestion {
            complete: at.whole(),
            suggestion: String::new(),
            hint: hint.to_owned(),
            description: argument.help_text.clone(),
            icon_data: String::new(),
        }]),
    }
}

/// CMD-119.
fn static_list<'i>(items: &[Item], at: At<'i>) -> Tried<'i> {
    let input = at.input();
    let folded = lower(input);
    let passed = |item: &Item| folded.strip_prefix(&*lower(&item.item)).is_some_and(|after| after.starts_with(' '));
    // Of equal ones the first.
    let longest = items.iter().filter(|item| passed(item)).map(|item| item.item.len()).max();
    if let Some(bytes) = longest {
        return Tried::Passed(at.after(input, bytes + 1));
    }
    let offered = items.iter().filter(|item| lower(&item.item).starts_with(&*folded));
    Tried::Found(
        offered
            .take(MAX_FOUND)
            .map(|item| Suggestion {
                complete: [&at.done, item.item.as_str()].concat(),
                suggestion: item.item.clone(),
                hint: item.hint.clone(),
                description: item.help_text.clone(),
                icon_data: String::new(),
            })
            .collect(),
    )
}

/// How many arguments one input may try: optional ones can be left out or not, which makes many ways through a tree.
const MAX_TRIES: u32 = 4_096;

/// How many suggestions one input may find.
const MAX_FOUND: usize = 10_000;

/// How many lists one input may need.
const MAX_FETCHES: usize = 4;
