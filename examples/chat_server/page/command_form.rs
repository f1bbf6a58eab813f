//! The form of a slash command.

use jackfield::command::{Command, CommandRequest, ManageError, Member};
use jackfield::port::Permission;

use super::field::{self, Field, Problem};
use super::frame;
use super::html::Html;
use super::visit::{Sent, Visit};
use crate::tables::teams::Team;

/// What somebody wrote into the form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    description: String,
    hint: String,
    hint_description: String,
    icon: String,
    method: String,
    /// Whether it is offered while people type.
    offered: bool,
    title: String,
    trigger: String,
    url: String,
    username: String,
}

impl Draft {
    /// What an empty form says.
    pub(crate) fn fresh() -> Self {
        Self { offered: true, ..Self::default() }
    }

    /// A command as it is.
    pub(crate) fn new(command: &Command) -> Self {
        Self {
            description: command.description.clone(),
            hint: command.auto_complete_hint.clone(),
            hint_description: command.auto_complete_desc.clone(),
            icon: command.icon_url.clone(),
            method: command.method.as_str().to_owned(),
            offered: command.auto_complete,
            title: command.display_name.clone(),
            trigger: command.trigger.as_str().to_owned(),
            url: command.url.clone(),
            username: command.username.clone(),
        }
    }

    /// What was sent.
    pub(crate) fn read(sent: &Sent) -> Self {
        let text = |name| sent.text(name).to_owned();
        Self {
            description: text("description"),
            hint: text("hint"),
            hint_description: text("hint_description"),
            icon: text("icon"),
            method: text("method"),
            offered: sent.is_checked("offered"),
            title: text("title"),
            trigger: text("trigger"),
            url: text("url"),
            username: text("username"),
        }
    }

    /// What the engine is asked for. People write the word with its slash as well as without.
    pub(crate) fn request(&self, team: &Team) -> CommandRequest {
        let mut request = CommandRequest::default();
        request.auto_complete = self.offered;
        request.auto_complete_desc.clone_from(&self.hint_description);
        request.auto_complete_hint.clone_from(&self.hint);
        request.description.clone_from(&self.description);
        request.display_name.clone_from(&self.title);
        request.icon_url.clone_from(&self.icon);
        request.method.clone_from(&self.method);
        request.team_id = team.id.as_str().to_owned();
        self.trigger.strip_prefix('/').unwrap_or(&self.trigger).clone_into(&mut request.trigger);
        request.url.clone_from(&self.url);
        request.username.clone_from(&self.username);
        request
    }
}

/// What the engine refused, in plain words.
impl From<&ManageError> for Problem {
    fn from(error: &ManageError) -> Self {
        let (field, words) = match error {
            ManageError::BodyParameter("auto_complete_desc") => {
                ("hint_description", "At most 1,024 characters, please.")
            }
            ManageError::BodyParameter("auto_complete_hint") => ("hint", "At most 1,024 characters, please."),
            ManageError::BodyParameter("icon_url") => ("icon", "At most 1,024 characters, please."),
            ManageError::BodyParameter("username") => ("username", "At most 64 characters, please."),
            ManageError::Disabled => ("", "An administrator has switched slash commands off."),
            ManageError::DuplicateTrigger => {
                ("trigger", "There is a command with this word. Please choose another one.")
            }
            ManageError::Forbidden(_) => ("", "Your account may not do this. Ask an administrator of the team."),
            ManageError::Invalid(Member::Description) => ("description", "At most 128 bytes, please."),
            ManageError::Invalid(Member::DisplayName) => ("title", "At most 64 bytes, please."),
            ManageError::Invalid(Member::Method) => ("method", "Please choose one of the two."),
            ManageError::Invalid(Member::Trigger) => {
                ("trigger", "Please write one word of letters a to z, digits, dots, hyphens, underscores and slashes.")
            }
            ManageError::Invalid(Member::Url) => ("url", "An address, please, of 1,024 bytes at most."),
            ManageError::Invalid(Member::UrlHttp) => {
                ("url", "Please write an address that begins with http:// or https://.")
            }
            ManageError::NotFound => ("", "There is no such command. Somebody may have deleted it."),
            _ => return Self::new("", error.status(), format!("This did not work: {error}.")),
        };
        Self::new(field, error.status(), words)
    }
}

/// What an account without the permission is told.
pub(crate) fn not_allowed() -> ManageError {
    ManageError::Forbidden(Permission::MANAGE_OWN_SLASH_COMMANDS)
}

/// Draws the form. `to` is where it goes, and what its button says.
pub(crate) fn draw(
    out: &mut Html,
    visit: &Visit,
    team: &Team,
    draft: &Draft,
    problem: Option<&Problem>,
    (action, button): (&str, &'static str),
) {
    out.raw("<form method=\"post\" class=\"fields\"").attribute("action", action).raw(">");
    frame::token(out, visit);
    field::draw_whole(out, problem);
    let field = |name| Field::new(name, problem);
    field("title").input(out, "Title", "What it is for, at most 64 bytes.", &draft.title, true);
    field("description").input(out, "Description", "A note for whoever looks after it.", &draft.description, true);
    let hint = "The word behind the slash, which no other command of the team has.";
    field("trigger").input(out, "Trigger word", hint, &draft.trigger, true);
    let hint = "What is called. Addresses of this machine and its network need an administrator’s leave.";
    field("url").input(out, "Request URL", hint, &draft.url, true);
    let hint = "POST sends what was typed in the body; GET in the address, where logs may keep it, and never signed.";
    field("method").choice(out, "Request method", hint, METHODS, &draft.method);
    let hint = "The name that answers bear, where integrations may have one. Empty: the name of who typed the command.";
    field("username").input(out, "Response username", hint, &draft.username, true);
    let hint = "The address of the picture that answers bear.";
    field("icon").input(out, "Response icon", hint, &draft.icon, true);
    field::draw_check(out, "offered", "Offer it while people type (autocomplete)", draft.offered, true);
    let hint = "What may follow the word, such as [environment].";
    field("hint").input(out, "Autocomplete hint", hint, &draft.hint, true);
    let hint = "What it does, as shown there.";
    field("hint_description").input(out, "Autocomplete description", hint, &draft.hint_description, true);
    out.raw("<div class=\"row\"><button class=\"primary\">").raw(button);
    out.raw("</button> <a class=\"button\" href=\"/t/").text(&team.name);
    out.raw("/integrations/commands\">Cancel</a></div></form>");
}

const METHODS: [(&str, &str); 2] = [("P", "POST"), ("G", "GET")];
