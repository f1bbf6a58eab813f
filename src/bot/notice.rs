//! What bots tell people: that they are there, that they changed hands, and that they went with their owner.

use super::model::Bot;
use crate::id::UserId;
use crate::post::{Attachment, Destination, PostDraft};

/// A new bot tells its owner what to do next (BOT-23).
pub(crate) fn welcome(bot: &Bot, owner: UserId) -> PostDraft {
    let text = "Please add me to the teams and channels that I am to work in. \
                A team's or channel's administrator can do that, or you, where you may.";
    let mut draft = direct(bot.user_id, owner, text.to_owned());
    draft.post_type = "add_bot_teams_channels".to_owned();
    draft.set_online = true;
    draft
}

/// A bot tells its new owner whose it is now.
pub(crate) fn assigned(bot: &Bot, owner: UserId) -> PostDraft {
    let text = format!("You are now the owner of the bot @{}.", bot.username);
    system(direct(bot.user_id, owner, text))
}

/// The bots of somebody who was deactivated.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Orphans {
    /// How many there are.
    pub(crate) count: usize,
    /// The names of the first of them, at most [`MAX_NAMES`](Self::MAX_NAMES).
    pub(crate) names: Vec<String>,
}

impl Orphans {
    /// How many names are kept.
    pub(crate) const MAX_NAMES: usize = 1_000;
    /// How many names stand in the message itself.
    const SHOWN: usize = 10;

    /// One more.
    pub(crate) fn push(&mut self, name: &str) {
        self.count = self.count.saturating_add(1);
        if self.names.len() < Self::MAX_NAMES {
            self.names.push(name.to_owned());
        }
    }

    /// Tells an administrator whose owner went and which bots are concerned: the first ones in the message, all in an
    /// attachment where there are more (BOT-53, B26). The author is the bot of the system, or the administrator where
    /// there is none.
    pub(crate) fn tell(&self, author: UserId, admin: UserId, owner: &str, are_disabled: bool) -> PostDraft {
        let what = if are_disabled {
            "The bots of theirs that were enabled have been disabled"
        } else {
            "Bots of theirs are still enabled"
        };
        let more = if self.count > Self::SHOWN { format!(" (the first {})", Self::SHOWN) } else { String::new() };
        let list = |names: &[String]| names.iter().map(|name| format!("- @{name}\n")).collect::<String>();
        let shown = self.names.get(..Self::SHOWN).unwrap_or(&self.names);
        let text = format!("@{owner} was deactivated. {what}{more}:\n\n{}", list(shown));
        let mut draft = system(direct(author, admin, text.trim_end().to_owned()));
        if self.count > Self::SHOWN {
            let mut all = list(&self.names);
            let unnamed = self.count.saturating_sub(self.names.len());
            if unnamed > 0 {
                all.push_str(&format!("and {unnamed} more\n"));
            }
            let title = format!("All {} bots", self.count);
            draft.props.attachments.push(Attachment { title, text: all, ..Attachment::default() });
        }
        draft
    }
}

fn direct(author: UserId, to: UserId, text: String) -> PostDraft {
    let mut draft = PostDraft::new(Destination::Direct(author, to), author, text);
    if author != to {
        draft.props.entries.insert("from_bot".to_owned(), "true".into());
    }
    draft
}

fn system(mut draft: PostDraft) -> PostDraft {
    draft.post_type = "system_generic".to_owned();
    draft
}
