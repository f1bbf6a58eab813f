//! The form of an outgoing webhook.

use std::iter;

use jackfield::engine::KnownOutgoingHook;
use jackfield::outgoing::{HookRequest, ManageError, Member};
use jackfield::port::{ChannelKind, Permission};

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
    content_type: String,
    description: String,
    title: String,
    /// One on a line.
    urls: String,
    when: String,
    /// One on a line.
    words: String,
}

impl Draft {
    /// A webhook as it is.
    pub(crate) fn new(known: &KnownOutgoingHook) -> Self {
        let hook = &known.hook;
        Self {
            channel: hook.channel_id.as_ref().map_or_else(String::new, |id| id.as_str().to_owned()),
            content_type: hook.content_type.clone(),
            description: hook.description.clone(),
            title: hook.display_name.clone(),
            urls: hook.callback_urls.join("\n"),
            when: hook.trigger_when.to_string(),
            words: hook.trigger_words.join("\n"),
        }
    }

    /// What was sent.
    pub(crate) fn read(sent: &Sent) -> Self {
        let text = |name| sent.text(name).to_owned();
        Self {
            channel: text("channel"),
            content_type: text("content_type"),
            description: text("description"),
            title: text("title"),
            urls: text("urls"),
            when: text("when"),
            words: text("words"),
        }
    }

    /// What the engine is asked for. What the form has no field for stays as it is `known` to be.
    pub(crate) fn request(&self, team: &Team, known: Option<&KnownOutgoingHook>) -> HookRequest {
        let mut request = HookRequest::default();
        if let Some(known) = known {
            request.icon_url.clone_from(&known.hook.icon_url);
            request.username.clone_from(&known.hook.username);
        }
        request.callback_urls = lines(&self.urls);
        request.channel_id.clone_from(&self.channel);
        request.content_type.clone_from(&self.content_type);
        request.description.clone_from(&self.description);
        request.display_name.clone_from(&self.title);
        request.team_id = team.id.as_str().to_owned();
        request.trigger_when = self.when.parse().unwrap_or_default();
        request.trigger_words = lines(&self.words);
        request
    }
}

/// What the engine refused, in plain words.
impl From<&ManageError> for Problem {
    fn from(error: &ManageError) -> Self {
        let (field, words) = match error {
            ManageError::ChannelNotFound | ManageError::ChannelOfOtherTeam => {
                ("channel", "There is no such channel in this team.")
            }
            ManageError::ChannelNotPublic(_) => ("channel", "Only public channels can be listened to."),
            ManageError::Collision(_) => ("words", "Another webhook calls the same address for one of these words."),
            ManageError::DeliveryNotFound => ("", "There is no such call. Old ones are forgotten."),
            ManageError::DeliveryState => ("", "Something else happened to it meanwhile, as you see below."),
            ManageError::Disabled => ("", "An administrator has switched outgoing webhooks off."),
            ManageError::Forbidden(_) => ("", "Your account may not do this. Ask an administrator of the team."),
            ManageError::Invalid(Member::CallbackUrl) => {
                ("urls", "Please write addresses that begin with http:// or https://, each on a line of its own.")
            }
            ManageError::Invalid(Member::CallbackUrls) => {
                ("urls", "At least one address, please, and at most about 1,000 characters in all.")
            }
            ManageError::Invalid(Member::ContentType) => ("content_type", "There is no such content type."),
            ManageError::Invalid(Member::Description) => ("description", "At most 500 characters, please."),
            ManageError::Invalid(Member::DisplayName) => ("title", "At most 64 characters, please."),
            ManageError::Invalid(Member::TriggerWhen) => ("when", "Please choose one of the two."),
            ManageError::Invalid(Member::TriggerWord | Member::TriggerWords) => {
                ("words", "At most about 1,000 characters in all, please.")
            }
            ManageError::NoTrigger(_) => ("words", "Please write a trigger word, or choose a channel."),
            ManageError::NotFound => ("", "There is no such webhook. Somebody may have deleted it."),
            _ => return Self::new("", error.status(), format!("This did not work: {error}.")),
        };
        Self::new(field, error.status(), words)
    }
}

/// What an account without the permission is told.
pub(crate) fn not_allowed() -> ManageError {
    ManageError::Forbidden(Permission::MANAGE_OWN_OUTGOING_WEBHOOKS)
}

/// What a webhook is called.
pub(crate) fn title(known: &KnownOutgoingHook) -> &str {
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
    out.raw("<form method=\"post\" class=\"fields\"").attribute("action", action).raw(">");
    frame::token(out, visit);
    field::draw_whole(out, problem);
    let field = |name| Field::new(name, problem);
    field("title").input(out, "Title", "What it is for, at most 64 characters.", &draft.title, true);
    field("description").input(out, "Description", "A note for whoever looks after it.", &draft.description, true);
    let hint = "How a call is written: most programs read both.";
    let other = Some(draft.content_type.as_str()).filter(|kind| CONTENT_TYPES.iter().all(|(known, _)| known != kind));
    let kinds = CONTENT_TYPES.into_iter().chain(other.filter(|kind| !kind.is_empty()).map(|kind| (kind, kind)));
    field("content_type").choice(out, "Content type", hint, kinds, &draft.content_type);
    let channels = Channels::load(visit, team)?.of_team;
    let public = channels.iter().filter(|(channel, _)| channel.kind == ChannelKind::Public);
    let public = public.map(|(channel, _)| (channel.id.as_str(), channel.display_name.as_str()));
    let hint = "Whose messages it hears. Private channels and direct messages are never heard.";
    let options = iter::once(("", "Every public channel")).chain(public);
    field("channel").choice(out, "Channel", hint, options, &draft.channel);
    let hint = "One on a line; large and small letters differ. Without any, every message of its channel calls.";
    field("words").area(out, "Trigger words", hint, &draft.words);
    let hint = "Only the first word of a message counts.";
    field("when").choice(out, "Trigger when", hint, TRIGGER_WHEN, &draft.when);
    let hint =
        "One on a line; each is called. Addresses of this machine and its network need an administrator’s leave.";
    field("urls").area(out, "Callback URLs", hint, &draft.urls);
    out.raw("<div class=\"row\"><button class=\"primary\">").raw(button);
    out.raw("</button> <a class=\"button\" href=\"/t/").text(&team.name);
    out.raw("/integrations/outgoing\">Cancel</a></div></form>");
    Ok(())
}

/// The lines of a text that are not blank, without the spaces around them.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

const CONTENT_TYPES: [(&str, &str); 2] = [
    ("application/x-www-form-urlencoded", "Form (application/x-www-form-urlencoded)"),
    ("application/json", "JSON (application/json)"),
];
const TRIGGER_WHEN: [(&str, &str); 2] =
    [("0", "The first word is one of them"), ("1", "The first word begins with one of them")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_that_is_not_blank_is_one() {
        assert_eq!(lines(" build \r\n\n\tdeploy web\n"), ["build", "deploy web"]);
        assert!(lines(" \n").is_empty());
    }
}
