//! The tree of a command (CMD-109).

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// A word, and what may follow it: either arguments or further words.
///
/// Travels with capitalized names, all of them always there.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Node {
    /// The word, in lower case. Of a command's root: its trigger.
    pub trigger: String,
    /// What may follow, as shown to who types.
    pub hint: String,
    /// What it does, as shown to who types.
    pub help_text: String,
    /// Who is offered it.
    #[serde(rename = "RoleID")]
    pub role: RoleNeeded,
    /// What follows the word, in this order.
    pub arguments: Vec<Argument>,
    /// Words that may follow the word.
    pub sub_commands: Vec<Self>,
}

impl Node {
    /// A word for every user, without arguments or further words.
    pub fn new(trigger: impl Into<String>, hint: impl Into<String>, help_text: impl Into<String>) -> Self {
        Self {
            trigger: trigger.into(),
            hint: hint.into(),
            help_text: help_text.into(),
            role: RoleNeeded::User,
            arguments: Vec::new(),
            sub_commands: Vec::new(),
        }
    }

    /// The same for these alone.
    #[must_use]
    pub fn for_role(mut self, role: RoleNeeded) -> Self {
        self.role = role;
        self
    }

    /// The same with one argument more.
    #[must_use]
    pub fn with_argument(mut self, argument: Argument) -> Self {
        self.arguments.push(argument);
        self
    }

    /// The same with one word more that may follow.
    #[must_use]
    pub fn with_sub_command(mut self, node: Self) -> Self {
        self.sub_commands.push(node);
        self
    }

    /// Returns the node as JSON text.
    #[must_use]
    pub fn to_json(&self) -> String {
        // INVARIANT: texts and flags always serialize.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Who is offered a word.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum RoleNeeded {
    /// System administrators.
    Administrator,
    /// Nobody said: system administrators too, unless the settings say everyone (section 18 row 22).
    #[default]
    Blank,
    /// What is no role; a tree with it is refused (CMD-110).
    Other(String),
    /// Everyone.
    User,
}

impl RoleNeeded {
    /// Takes the text of the wire.
    #[must_use]
    pub fn new(text: &str) -> Self {
        match text {
            "" => Self::Blank,
            "system_admin" => Self::Administrator,
            "system_user" => Self::User,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Returns the text of the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Administrator => "system_admin",
            Self::Blank => "",
            Self::Other(other) => other,
            Self::User => "system_user",
        }
    }
}

impl Serialize for RoleNeeded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Something that follows a word.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Argument {
    /// Its flag without the dashes, as in `--name`; empty for one that is known by its place.
    pub name: String,
    /// What it means, as shown to who types.
    pub help_text: String,
    /// What it is.
    pub input: Input,
    /// Whether it may be left out: if not, what follows it is offered only after it.
    pub required: bool,
}

impl Argument {
    /// A required argument known by its place.
    pub fn new(help_text: impl Into<String>, input: Input) -> Self {
        Self { name: String::new(), help_text: help_text.into(), input, required: true }
    }

    /// The same with a flag before it.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same, which may be left out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }
}

impl Serialize for Argument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(5))?;
        map.serialize_entry("Name", &self.name)?;
        map.serialize_entry("HelpText", &self.help_text)?;
        map.serialize_entry("Type", self.input.type_name())?;
        map.serialize_entry("Required", &self.required)?;
        map.serialize_entry("Data", &self.input)?;
        map.end()
    }
}

/// What an argument is, and what is known of it.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Input {
    /// One of a list that is fetched at the time (CMD-120).
    DynamicList {
        /// Where from: `builtin:NAME`, or an address.
        fetch_url: String,
    },
    /// A type that is not known: it is kept, and never suggests anything.
    Other(String),
    /// One of these.
    StaticList {
        /// In the order in which they are offered.
        items: Vec<Item>,
    },
    /// Any text.
    TextInput {
        /// What to write, as shown to who types.
        hint: String,
        /// What it should look like. For clients: nothing here looks at it.
        pattern: String,
    },
}

impl Input {
    /// Any text, with a hint.
    pub fn text(hint: impl Into<String>) -> Self {
        Self::TextInput { hint: hint.into(), pattern: String::new() }
    }

    /// One of a list.
    #[must_use]
    pub fn list(items: Vec<Item>) -> Self {
        Self::StaticList { items }
    }

    /// One of a list that is fetched at the time.
    pub fn fetched(fetch_url: impl Into<String>) -> Self {
        Self::DynamicList { fetch_url: fetch_url.into() }
    }

    /// Returns the word that the wire calls it by.
    #[must_use]
    pub fn type_name(&self) -> &str {
        match self {
            Self::DynamicList { .. } => "DynamicList",
            Self::Other(name) => name,
            Self::StaticList { .. } => "StaticList",
            Self::TextInput { .. } => "TextInput",
        }
    }
}

/// Its data alone; the type stands beside it.
impl Serialize for Input {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::DynamicList { fetch_url } => map.serialize_entry("FetchURL", fetch_url)?,
            Self::Other(_) => {}
            Self::StaticList { items } => map.serialize_entry("PossibleArguments", items)?,
            Self::TextInput { hint, pattern } => {
                map.serialize_entry("Hint", hint)?;
                map.serialize_entry("Pattern", pattern)?;
            }
        }
        map.end()
    }
}

/// One entry of a list.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Item {
    /// What is typed for it; may have spaces.
    pub item: String,
    /// What may follow, as shown to who types.
    pub hint: String,
    /// What it means, as shown to who types.
    pub help_text: String,
}

impl Item {
    /// An entry.
    pub fn new(item: impl Into<String>, hint: impl Into<String>, help_text: impl Into<String>) -> Self {
        Self { item: item.into(), hint: hint.into(), help_text: help_text.into() }
    }
}
