//! The form of a bot, and what was wrong with what was written into it.

use axum::http::StatusCode;
use jackfield::bot::{Bot, BotError, BotRequest};
use jackfield::port::{Permission, Scope};

use super::field::{self, Field, Problem};
use super::frame;
use super::html::Html;
use super::visit::{Sent, Visit};
use crate::errors::Failure;
use crate::tables::teams::Team;

/// What somebody wrote into the form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) description: String,
    pub(crate) display_name: String,
    /// Whether it is to be an administrator of the system.
    pub(crate) is_admin: bool,
    /// Whether it is to join the team.
    pub(crate) joins: bool,
    pub(crate) username: String,
}

/// What the visitor may give a bot beside names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rights {
    pub(crate) join: bool,
    pub(crate) roles: bool,
}

impl Draft {
    /// A bot as it is.
    pub(crate) fn new(bot: &Bot, is_admin: bool) -> Self {
        Self {
            description: bot.description.clone(),
            display_name: bot.display_name.clone(),
            is_admin,
            joins: false,
            username: bot.username.clone(),
        }
    }

    /// What was sent.
    pub(crate) fn read(sent: &Sent) -> Self {
        Self {
            description: sent.text("description").to_owned(),
            display_name: sent.text("display_name").to_owned(),
            is_admin: sent.text("role") == "system_admin",
            joins: sent.is_checked("joins"),
            username: sent.text("username").to_owned(),
        }
    }

    /// What the engine is asked for.
    pub(crate) fn request(&self) -> BotRequest {
        let mut request = BotRequest::default();
        request.description = Some(self.description.clone());
        request.display_name = Some(self.display_name.clone());
        request.username = Some(self.username.clone());
        request
    }
}

impl Rights {
    /// Asks.
    pub(crate) fn load(visit: &Visit, team: &Team) -> Result<Self, Failure> {
        let app = &visit.server.app;
        Ok(Self {
            join: app.may(visit.user(), "add_user_to_team", Scope::Team(team.id))?,
            roles: app.may(visit.user(), Permission::MANAGE_SYSTEM.as_str(), Scope::System)?,
        })
    }

    /// Refuses what the form does not offer.
    pub(crate) fn check(self, draft: &Draft) -> Option<Problem> {
        let wrong = |field, words| Some(Problem::new(field, StatusCode::FORBIDDEN, words));
        if draft.is_admin && !self.roles {
            return wrong("role", "Only administrators of the system make administrators.");
        }
        if draft.joins && !self.join {
            return wrong("", "You may add nobody to this team.");
        }
        None
    }
}

impl From<&BotError> for Problem {
    fn from(error: &BotError) -> Self {
        let (field, words) = match error {
            BotError::Account(id) if id.contains("username") => ("username", "There is an account with this name."),
            BotError::Account(_) => ("username", "There is an account like this already."),
            BotError::CreationDisabled => {
                ("", "An administrator has switched the making of bots off. Those that exist keep working.")
            }
            BotError::Description => ("description", "At most 1,024 characters, please."),
            BotError::DisplayName | BotError::FirstName => ("display_name", "At most 64 characters, please."),
            BotError::Email => ("username", "It cannot begin or end with a dot, or have two in a row."),
            BotError::Forbidden(_) => ("", "Your account may not do this. Ask an administrator of the system."),
            BotError::NotFound | BotError::UserNotFound => ("", "There is no such bot, or it is not yours to see."),
            BotError::Username | BotError::UserUsername => (
                "username",
                "1 to 64 small letters, digits, dots, dashes and underscores, please; “all”, “channel”, “matterbot” \
                 and “system” are taken.",
            ),
            _ => return Self::new("", error.status(), format!("This did not work: {error}.")),
        };
        Self::new(field, error.status(), words)
    }
}

/// Draws the form. `to` is where it goes, and what its button says; only a new bot is asked whether it joins the team.
pub(crate) fn draw(
    out: &mut Html,
    visit: &Visit,
    rights: Rights,
    draft: &Draft,
    problem: Option<&Problem>,
    (action, button, is_new): (&str, &'static str, bool),
) {
    out.raw("<form method=\"post\" class=\"fields\"").attribute("action", action).raw(">");
    frame::token(out, visit);
    field::draw_whole(out, problem);
    let field = |name| Field::new(name, problem);
    let hint = "What people mention it by: small letters, digits, dots, dashes and underscores.";
    field("username").input(out, "Username", hint, &draft.username, true);
    field("display_name").input(out, "Display name", "At most 64 characters.", &draft.display_name, true);
    field("description").input(out, "Description", "What it does.", &draft.description, true);
    let role = field("role");
    role.label(out, "Role");
    out.raw("<select");
    role.attributes(out);
    out.raw_if(!rights.roles, " disabled")
        .raw("><option value=\"member\">Member</option><option value=\"system_admin\"");
    out.raw_if(draft.is_admin, " selected").raw(">System Admin</option></select>");
    let hint = if rights.roles {
        "A member may do what people may in the channels it is in; a system admin may do everything."
    } else {
        "Only administrators of the system choose another."
    };
    role.notes(out, hint);
    if is_new {
        field::draw_check(out, "joins", "Add to this team", draft.joins && rights.join, rights.join);
        out.raw("<p class=\"hint\">It is then in the channels that everybody is in, and can work at once.</p>");
    }
    out.raw("<div class=\"row\"><button class=\"primary\">").raw(button).raw("</button></div></form>");
}
