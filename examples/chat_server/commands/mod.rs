//! The built-in commands that are this server's own. Those that any server has come with Jackfield.
//!
//! A command is one type with one function, and one line in [`all`]; splitting the line, suggestions, permissions to run
//! commands at all and the way of the answer are Jackfield's.

mod call;
mod custom_status;
mod for_clients;
mod group_message;
mod invite;
mod invite_people;
mod join;
mod leave;
mod logout;
mod message;
mod mute;
mod people;
mod presence;
mod previews;
mod properties;
mod remove;
mod test;
#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use jackfield::command::autocomplete::{Argument, Input, Node};
use jackfield::command::{Registered, Standing, Trigger};
use jackfield::engine::{CommandCall, CommandHandler, Engine};
use jackfield::port::PortError;

use self::call::{Answer, Call};
use self::custom_status::CustomStatus;
use self::for_clients::ForClients;
use self::group_message::GroupMessage;
use self::invite::Invite;
use self::invite_people::InvitePeople;
use self::join::Join;
use self::leave::Leave;
use self::logout::Logout;
use self::message::Message;
use self::mute::Mute;
use self::properties::Set;
use self::remove::Remove;
use self::test::Test;
use crate::app::App;
use crate::errors::Failure;
use crate::settings::Settings;

/// What a command does.
#[async_trait]
trait BuiltIn: Debug + Send + Sync + 'static {
    /// Does it, and says what to answer. Why it cannot be done is told to who typed it. None: there is no such command,
    /// as things are.
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure>;
}

/// Runs a command for Jackfield.
#[derive(Debug)]
struct Runner<T> {
    app: App,
    command: T,
}

#[async_trait]
impl<T: BuiltIn> CommandHandler for Runner<T> {
    async fn run(&self, call: &CommandCall<'_>) -> Result<Option<Answer>, PortError> {
        let server = self.app.server()?;
        let words = match self.command.run(&Call::new(&server, call)).await {
            Ok(done) => return Ok(done),
            Err(Failure::Refused(refusal)) => refusal.message,
            Err(failure) => {
                eprintln!("a command failed: {failure}");
                "The server failed. Trying again may help.".to_owned()
            }
        };
        Ok(Some(Answer::ephemeral(words)))
    }
}

/// Registers all commands, and takes back what these settings do not have.
pub(crate) fn register(app: &App, engine: &Engine, settings: &Settings) -> Result<(), Failure> {
    if !settings.flag("ServiceSettings", "EnableTesting") {
        engine.unregister_command("test", &Standing::BuiltIn);
    }
    for (command, handler) in all(app, settings) {
        engine.register_command(command, handler).map_err(Failure::broken)?;
    }
    Ok(())
}

/// All commands, as these settings have them.
fn all(app: &App, settings: &Settings) -> Vec<(Registered, Arc<dyn CommandHandler>)> {
    let mut found: Vec<(_, _)> = Vec::new();
    let mut add = |word: &str, hint: &str, about: &str, handler| {
        let word = Trigger::parse(word).ok();
        found.extend(word.map(|word| (Registered::built_in(word, hint, about), handler)));
    };
    add("away", "", "Say that you are away", run(app, presence::Say("away")));
    add("collapse", "", "Hide pictures below links to them", run(app, previews::Previews { hidden: true }));
    add("dnd", "", "Ask not to be disturbed", run(app, presence::Say("dnd")));
    add("expand", "", "Show pictures below links to them", run(app, previews::Previews { hidden: false }));
    add("groupmsg", "@[username1],@[username2] 'message'", "Write to several people", run(app, GroupMessage));
    add("header", "[text]", "Change the channel's header", run(app, Set::Header));
    add("invite", "@[username]... ~[channel]...", "Let people into channels", run(app, Invite));
    add("invite_people", "[name@domain.com ...]", "Invite people by mail", run(app, InvitePeople));
    add("join", "~[channel]", "Join a channel", run(app, Join));
    add("kick", "@[username]", "Remove somebody from the channel", run(app, Remove));
    add("leave", "", "Leave the channel", run(app, Leave));
    add("logout", "", "Log out", run(app, Logout));
    add("marketplace", "", "Look for extensions", run(app, ForClients("marketplace")));
    add("msg", "@[username] 'message'", "Write to somebody", run(app, Message));
    add("mute", "~[channel]", "Mute a channel, or no longer", run(app, Mute));
    add("offline", "", "Say that you are not there", run(app, presence::Say("offline")));
    add("online", "", "Say that you are there", run(app, presence::Say("online")));
    add("open", "~[channel]", "Join a channel", run(app, Join));
    add("purpose", "[text]", "Change the channel's purpose", run(app, Set::Purpose));
    add("remove", "@[username]", "Remove somebody from the channel", run(app, Remove));
    add("rename", "[text]", "Give the channel another name", run(app, Set::Name));
    add("search", "[text]", "Search messages", run(app, ForClients("search")));
    add("settings", "", "Open your settings", run(app, ForClients("settings")));
    add("shortcuts", "", "Show keyboard shortcuts", run(app, ForClients("shortcuts")));
    add("status", "[:emoji_name:] [status_message] or clear", "Say what you are up to", run(app, CustomStatus));
    if settings.flag("ServiceSettings", "EnableTesting") {
        add("test", "help", "Fill the channel with messages", run(app, Test));
    }
    for (command, _) in &mut found {
        let word = command.trigger.as_str();
        match word {
            "groupmsg" | "msg" => "message".clone_into(&mut command.display_name),
            "rename" => {
                let name = Argument::new("The name", Input::text("[text]"));
                command.tree = Some(Node::new(word, &*command.hint, &*command.description).with_argument(name));
            }
            _ => {}
        }
        command.auto_complete = match word {
            "invite_people" => invite_people::is_offered(settings),
            "marketplace" => ["Enable", "EnableMarketplace"].iter().all(|key| settings.flag("PluginSettings", key)),
            "test" => false,
            _ => true,
        };
    }
    found
}

fn run(app: &App, command: impl BuiltIn) -> Arc<dyn CommandHandler> {
    Arc::new(Runner { app: app.clone(), command })
}
