//! The command object of `/api/v4/commands` (CMD-1), and what clients write.

use std::fmt;

use secrecy::zeroize::Zeroizing;
use serde::Serialize;

use super::autocomplete::Node;
use super::manage::ManageError;
use super::model::Command;
use super::registry::Registered;
use crate::id::{CommandToken, Millis};
use crate::json::{self, Mistake, Options, Reader};
use crate::security::SigningSecret;

/// A command as the API shows it: every member, in this order.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct CommandObject<'a> {
    id: &'a str,
    token: &'a str,
    create_at: Millis,
    update_at: Millis,
    delete_at: Millis,
    creator_id: &'a str,
    team_id: &'a str,
    trigger: &'a str,
    method: &'a str,
    username: &'a str,
    icon_url: &'a str,
    auto_complete: bool,
    auto_complete_desc: &'a str,
    auto_complete_hint: &'a str,
    display_name: &'a str,
    description: &'a str,
    url: &'a str,
    plugin_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    autocomplete_data: Option<&'a Node>,
    #[serde(skip_serializing_if = "str::is_empty")]
    autocomplete_icon_data: &'a str,
}

impl<'a> CommandObject<'a> {
    /// Shows a command to who may know all of it. This hands out its token.
    pub(crate) fn whole(command: &'a Command, token: &'a CommandToken) -> Self {
        Self {
            token: token.expose(),
            creator_id: command.creator_id.as_str(),
            method: command.method.as_str(),
            username: &command.username,
            icon_url: &command.icon_url,
            url: &command.url,
            ..Self::sanitized(command)
        }
    }

    /// Shows a command as created, with the tree that came with it and is not kept (CMD-10).
    pub(crate) fn echoed(command: &'a Command, token: &'a CommandToken, sent: &'a CommandRequest) -> Self {
        Self {
            autocomplete_data: sent.autocomplete_data.as_ref(),
            autocomplete_icon_data: &sent.autocomplete_icon_data,
            ..Self::whole(command, token)
        }
    }

    /// Shows a command to who may merely run it (CMD-5).
    pub(crate) fn sanitized(command: &'a Command) -> Self {
        Self {
            id: command.id.as_str(),
            create_at: command.create_at,
            update_at: command.update_at,
            team_id: command.team_id.as_str(),
            trigger: command.trigger.as_str(),
            auto_complete: command.auto_complete,
            auto_complete_desc: &command.auto_complete_desc,
            auto_complete_hint: &command.auto_complete_hint,
            display_name: &command.display_name,
            description: &command.description,
            ..Self::EMPTY
        }
    }

    /// Shows a command that is registered in code: it has no id, and nothing that is remembered.
    pub(crate) fn registered(command: &'a Registered) -> Self {
        Self {
            trigger: command.trigger.as_str(),
            team_id: command.team().map_or("", |team| team.as_str()),
            auto_complete: command.auto_complete,
            auto_complete_desc: &command.description,
            auto_complete_hint: &command.hint,
            display_name: &command.display_name,
            plugin_id: command.owner().unwrap_or_default(),
            autocomplete_data: command.tree.as_ref(),
            autocomplete_icon_data: &command.icon_data,
            ..Self::EMPTY
        }
    }

    /// Returns the word, by which doubles in a list are found.
    pub(super) fn trigger(&self) -> &'a str {
        self.trigger
    }

    const EMPTY: Self = Self {
        id: "",
        token: "",
        create_at: Millis(0),
        update_at: Millis(0),
        delete_at: Millis(0),
        creator_id: "",
        team_id: "",
        trigger: "",
        method: "",
        username: "",
        icon_url: "",
        auto_complete: false,
        auto_complete_desc: "",
        auto_complete_hint: "",
        display_name: "",
        description: "",
        url: "",
        plugin_id: "",
        autocomplete_data: None,
        autocomplete_icon_data: "",
    };
}

/// A command as a client writes it, to create or to replace one. What a client may not say is not here.
///
/// `Debug` shows none of its texts: the token is a secret, and addresses may hold some.
#[non_exhaustive]
#[derive(Clone, Default, Eq, PartialEq)]
pub struct CommandRequest {
    /// Whether it is offered while somebody types.
    pub auto_complete: bool,
    /// What it does, as shown there; at most 1,024 characters.
    pub auto_complete_desc: String,
    /// What may follow it, as shown there; at most 1,024 characters.
    pub auto_complete_hint: String,
    /// A tree, which is checked, answered, and not kept (CMD-10).
    pub autocomplete_data: Option<Node>,
    /// A picture, which is answered and not kept.
    pub autocomplete_icon_data: String,
    /// Whose it is; empty for the caller. Not read when it is replaced.
    pub creator_id: String,
    /// A note, at most 128 bytes.
    pub description: String,
    /// A title, at most 64 bytes.
    pub display_name: String,
    /// The picture of its posts, at most 1,024 characters.
    pub icon_url: String,
    /// Empty when it is created.
    pub id: String,
    /// `P` for POST or `G` for GET.
    pub method: String,
    /// Always empty: only an extension's own commands have one.
    pub plugin_id: String,
    /// Its team.
    pub team_id: String,
    /// 26 bytes, or empty for a new one. Not read when it is replaced.
    pub token: String,
    /// The word that calls it, in any letter case.
    pub trigger: String,
    /// Where it calls: `http` or `https`, at most 1,024 bytes.
    pub url: String,
    /// The sender name of its posts, at most 64 characters.
    pub username: String,
}

impl fmt::Debug for CommandRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommandRequest(…)")
    }
}

impl CommandRequest {
    /// Reads the first JSON value; `null` is an empty object (API-11).
    ///
    /// # Errors
    ///
    /// Where the JSON is wrong, and what was expected there.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Mistake> {
        json::read(bytes, Options::default(), |reader| {
            let mut it = Self::default();
            if reader.null()? {
                return Ok(it);
            }
            reader.object(|reader, name| match name {
                "id" => reader.text(&mut it.id),
                "token" => reader.text(&mut it.token),
                "creator_id" => reader.text(&mut it.creator_id),
                "team_id" => reader.text(&mut it.team_id),
                "trigger" => reader.text(&mut it.trigger),
                "method" => reader.text(&mut it.method),
                "username" => reader.text(&mut it.username),
                "icon_url" => reader.text(&mut it.icon_url),
                "auto_complete" => reader.flag(&mut it.auto_complete),
                "auto_complete_desc" => reader.text(&mut it.auto_complete_desc),
                "auto_complete_hint" => reader.text(&mut it.auto_complete_hint),
                "display_name" => reader.text(&mut it.display_name),
                "description" => reader.text(&mut it.description),
                "url" => reader.text(&mut it.url),
                "plugin_id" => reader.text(&mut it.plugin_id),
                "autocomplete_data" => {
                    if reader.null()? {
                        it.autocomplete_data = None;
                        return Ok(());
                    }
                    it.autocomplete_data.get_or_insert_default().read(reader)
                }
                "autocomplete_icon_data" => reader.text(&mut it.autocomplete_icon_data),
                // Not used, but what has a wrong type refuses the body.
                "create_at" | "update_at" | "delete_at" => reader.optional(Reader::integer).map(drop),
                _ => reader.skip(),
            })?;
            Ok(it)
        })
    }
}

/// The body of `PUT /api/v4/commands/{command_id}/move`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct MoveRequest {
    pub(crate) team_id: String,
}

impl MoveRequest {
    /// Reads the first JSON value; `null` is an empty object (API-11).
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, Mistake> {
        json::read(bytes, Options::default(), |reader| {
            let mut it = Self::default();
            if reader.null()? {
                return Ok(it);
            }
            reader.object(|reader, name| match name {
                "team_id" => reader.text(&mut it.team_id),
                _ => reader.skip(),
            })?;
            Ok(it)
        })
    }
}

/// `POST /api/v4/commands/{command_id}/signing_secret`: without a secret, or a body, one is made.
#[derive(Debug, Default)]
pub(crate) struct SigningRequest {
    pub(crate) secret: Option<SigningSecret>,
}

impl SigningRequest {
    /// Reads the first JSON value; `null` is an empty object (API-11), and nothing at all is one too.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Self, ManageError> {
        let mut secret = Zeroizing::new(String::new());
        if !bytes.trim_ascii().is_empty() {
            json::read(bytes, Options::default(), |reader| {
                if reader.null()? {
                    return Ok(());
                }
                reader.object(|reader, name| match name {
                    "secret" => reader.text(&mut secret),
                    _ => reader.skip(),
                })
            })?;
        }
        if secret.is_empty() {
            return Ok(Self::default());
        }
        let secret = SigningSecret::parse(&secret).map_err(|_| ManageError::BodyParameter("secret"))?;
        Ok(Self { secret: Some(secret) })
    }
}
