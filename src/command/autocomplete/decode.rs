//! Reading a tree that somebody wrote (CMD-109).

use serde_json::{Map, Value};

use super::tree::{Argument, Input, Item, Node, RoleNeeded};
use crate::json::{self, Kind, Mistake, Options, Reader};

impl Node {
    /// Reads the first JSON value as a node, with all below it.
    ///
    /// Of nodes every member may be missing or `null`. Of arguments none may, and their names count as they are written.
    ///
    /// # Errors
    ///
    /// Where the JSON is wrong, and what was expected there.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Mistake> {
        json::read(bytes, Options::default(), |reader| {
            let mut node = Self::default();
            if !reader.null()? {
                node.read(reader)?;
            }
            Ok(node)
        })
    }

    /// Reads an object over what is there.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Mistake> {
        reader.object(|reader, name| match name {
            "trigger" => reader.text(&mut self.trigger),
            "hint" => reader.text(&mut self.hint),
            "helptext" => reader.text(&mut self.help_text),
            "roleid" => {
                if let Some(role) = reader.optional(Reader::string)? {
                    self.role = RoleNeeded::new(&role);
                }
                Ok(())
            }
            "arguments" => list(reader, &mut self.arguments, argument),
            "subcommands" => list(reader, &mut self.sub_commands, |reader| {
                let mut node = Self::default();
                node.read(reader)?;
                Ok(node)
            }),
            _ => reader.skip(),
        })
    }
}

/// Reads an array without its nulls in place of what is there; `null` is an empty one.
fn list<T>(
    reader: &mut Reader<'_>,
    into: &mut Vec<T>,
    mut read: impl FnMut(&mut Reader<'_>) -> Result<T, Mistake>,
) -> Result<(), Mistake> {
    into.clear();
    if reader.null()? {
        return Ok(());
    }
    reader.array(|reader, _| {
        if !reader.null()? {
            into.push(read(reader)?);
        }
        Ok(())
    })
}

fn argument(reader: &mut Reader<'_>) -> Result<Argument, Mistake> {
    if reader.peek()? != Kind::Object {
        return Err(reader.mistake("an object"));
    }
    let refused = reader.mistake("an argument with `Name`, `HelpText`, `Type`, `Required` and `Data`");
    let mut members = Map::new();
    reader.map_into(&mut members)?;
    read_argument(&members).ok_or(refused)
}

fn read_argument(members: &Map<String, Value>) -> Option<Argument> {
    let data = members.get("Data")?;
    let type_name = members.get("Type")?.as_str()?;
    let input = match type_name {
        "DynamicList" => Input::DynamicList { fetch_url: text(data, "FetchURL")? },
        "StaticList" => {
            let items = data.get("PossibleArguments")?.as_array()?;
            Input::StaticList { items: items.iter().map(read_item).collect::<Option<_>>()? }
        }
        "TextInput" => Input::TextInput { hint: text(data, "Hint")?, pattern: text(data, "Pattern")? },
        other => Input::Other(other.to_owned()),
    };
    Some(Argument {
        name: members.get("Name")?.as_str()?.to_owned(),
        help_text: members.get("HelpText")?.as_str()?.to_owned(),
        input,
        required: members.get("Required")?.as_bool()?,
    })
}

fn read_item(item: &Value) -> Option<Item> {
    Some(Item { item: text(item, "Item")?, hint: text(item, "Hint")?, help_text: text(item, "HelpText")? })
}

fn text(of: &Value, name: &str) -> Option<String> {
    of.get(name)?.as_str().map(str::to_owned)
}

/// Reads the items of a dynamic list, as an extension or a service answers them (CMD-120). None if they are no list.
///
/// Items that are not, or have members of another type, are a mistake of the whole; `null` in place of a member is an
/// empty text, and names count in any letter case.
pub(crate) fn items(bytes: &[u8]) -> Option<Vec<Item>> {
    let read = json::read(bytes, Options { max_items: MAX_FETCHED_VALUES, ..Options::default() }, |reader| {
        let mut items = Vec::new();
        list(reader, &mut items, |reader| {
            let mut it = Item::default();
            reader.object(|reader, name| match name {
                "item" => reader.text(&mut it.item),
                "hint" => reader.text(&mut it.hint),
                "helptext" => reader.text(&mut it.help_text),
                _ => reader.skip(),
            })?;
            Ok(it)
        })?;
        Ok(items)
    });
    read.ok()
}

/// How many elements and members the answer with a dynamic list may have in all.
const MAX_FETCHED_VALUES: u32 = 20_000;
