//! The form of an incoming webhook.

use std::iter;

use axum::http::StatusCode;
use jackfield::engine::KnownHook;
use jackfield::incoming::{HookRequest, ManageError};
use jackfield::port::{Permission, Scope};

use super::field::{self, Field, Problem};
use super::frame;
use super::html::Html;
use super::sidebar::Channels;
use super::visit::{Sent, Visit};
use crate::errors::Failure;
use crate::tables::teams::Team;

/// What somebody wrote into the form.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    channel: String,
    description: String,
    icon: String,
    locked: bool,
    title: String,
    username: String,
}

impl Draft {
    /// A webhook as it is.
    pub(crate) fn new(known: &KnownHook) -> Self {
        let hook = &known.hook;
        Self {
            channel: hook.channel_id.as_str().to_owned(),
            description: hook.description.clone(),
            icon: hook.icon_url.clone(),
            locked: hook.channel_locked,
            title: hook.display_name.clone(),
            username: hook.username.clone(),
        }
    }

    /// What was sent.
    pub(crate) fn read(sent: &Sent) -> Self {
        let text = |name| sent.text(name).to_owned();
        Self {
            channel: text("channel"),
            description: text("description"),
            icon: text("icon"),
            locked: sent.is_checked("locked"),
            title: text("title"),
            username: text("username"),
        }
    }

    /// What the engine is asked for.
    pub(crate) fn request(&self, team: &Team) -> HookRequest {
        let mut request = HookRequest::default();
        request.channel_id.clone_from(&self.channel);
        request.channel_locked = self.locked;
        request.description.clone_from(&self.description);
        request.display_name.clone_from(&self.title);
        request.icon_url.clone_from(&self.icon);
        request.team_id = team.id.as_str().to_owned();
        request.username.clone_from(&self.username);
        request
    }
}

/// What the engine refused, in plain words.
impl From<&ManageError> for Problem {
    fn from(error: &ManageError) -> Self {
        let (field, words) = match error.id() {
            "app.channel.get.existing.app_error" => ("channel", "There is no such channel."),
            "api.incoming_webhook.disabled.app_error" => ("", "An administrator has switched incoming webhooks off."),
            "api.incoming_webhook.invalid_username.app_error" => (
                "username",
                "At most 64 small letters, digits, dots, dashes and underscores, please; “all”, “channel”, “matterbot” \
                 and “system” are taken.",
            ),
            "api.webhook.team_mismatch.app_error" => ("channel", "A webhook stays in its team."),
            "app.webhooks.get_incoming.app_error" => ("", "There is no such webhook. Somebody may have deleted it."),
            "model.incoming_hook.description.app_error" => ("description", "At most 500 characters, please."),
            "model.incoming_hook.display_name.app_error" => ("title", "At most 64 characters, please."),
            "model.incoming_hook.icon_url.app_error" => ("icon", "At most 1,024 characters, please."),
            "api.context.invalid_body_param.app_error" => {
                ("channel", "This channel takes no webhooks: it is archived.")
            }
            _ => match error {
                ManageError::Forbidden(permission) if *permission == Permission::READ_CHANNEL_CONTENT => {
                    ("channel", "You may not read this channel.")
                }
                ManageError::Forbidden(_) => ("", "Your account may not do this. Ask an administrator of the team."),
                _ => return Self::new("", error.status(), format!("This did not work: {error}.")),
            },
        };
        Self::new(field, error.status(), words)
    }
}

/// What an account without the permission is told.
pub(crate) fn not_allowed() -> ManageError {
    ManageError::Forbidden(Permission::MANAGE_OWN_INCOMING_WEBHOOKS)
}

/// What is wrong that the engine does not look at: people choose a channel and write an address that can be followed.
pub(crate) fn check(visit: &Visit, team: &Team, draft: &Draft) -> Result<Option<Problem>, Failure> {
    let wrong = |field, words: &str| Some(Problem::new(field, StatusCode::BAD_REQUEST, words));
    let known = Channels::load(visit, team)?.of_team;
    if draft.channel.is_empty() {
        return Ok(wrong("channel", "Please choose the channel that it posts to."));
    }
    if !known.iter().any(|(channel, _)| channel.id.as_str() == draft.channel) {
        return Ok(wrong("channel", "There is no such channel in this team."));
    }
    let is_address = ["http://", "https://", "/"].iter().any(|start| draft.icon.starts_with(start));
    if !draft.icon.is_empty() && !is_address {
        return Ok(wrong("icon", "Please write an address that begins with https://, or leave this empty."));
    }
    Ok(None)
}

/// What a webhook is called.
pub(crate) fn title(known: &KnownHook) -> &str {
    let title = known.hook.display_name.trim();
    if title.is_empty() { "Webhook without a title" } else { title }
}

/// Draws the form. `to` is where it goes, and what its button says.
pub(crate) fn draw(
    out: &mut Html,
    visit: &Visit,
    team: &Team,
    draft: &Draft,
    problem: Option<&Problem>,
    (action, button): (&str, &'static str),
) -> Result<(), Failure> {
    let app = &visit.server.app;
    let settings = app.settings.now();
    let may_unlock =
        app.may(visit.user(), Permission::BYPASS_INCOMING_WEBHOOK_CHANNEL_LOCK.as_str(), Scope::Team(team.id))?;
    out.raw("<form method=\"post\" class=\"fields\"").attribute("action", action).raw(">");
    frame::token(out, visit);
    field::draw_whole(out, problem);
    let field = |name| Field::new(name, problem);
    field("title").input(out, "Title", "What it is for, at most 64 characters.", &draft.title, true);
    field("description").input(out, "Description", "A note for whoever looks after it.", &draft.description, true);
    let channels = Channels::load(visit, team)?.of_team;
    let channels = channels.iter().map(|(channel, _)| (channel.id.as_str(), channel.display_name.as_str()));
    let hint = "Where its messages go unless the sender says otherwise.";
    let options = iter::once(("", "Choose a channel")).chain(channels);
    field("channel").choice(out, "Channel", hint, options, &draft.channel);
    out.raw("<p class=\"check\"><input type=\"checkbox\" id=\"locked\" name=\"locked\" value=\"1\"");
    out.raw_if(draft.locked || !may_unlock, " checked").raw_if(!may_unlock, " disabled");
    out.raw(
        "><label for=\"locked\">Lock to this channel</label></p><p class=\"hint\">Senders may name no other channel",
    );
    out.raw_if(!may_unlock, "; your account always locks").raw(".</p>");
    let names = settings.username_override();
    let hint = if names { "The name its messages show. Empty shows yours." } else { "Switched off on this server." };
    field("username").input(out, "Username", hint, &draft.username, names);
    let icons = settings.flag("ServiceSettings", "EnablePostIconOverride");
    let hint = if icons { "The address of a picture. It is shown as a link." } else { "Switched off on this server." };
    field("icon").input(out, "Icon", hint, &draft.icon, icons);
    out.raw("<div class=\"row\"><button class=\"primary\">")
        .raw(button)
        .raw("</button> <a class=\"button\" href=\"/t/");
    out.text(&team.name).raw("/integrations/incoming\">Cancel</a></div></form>");
    Ok(())
}
