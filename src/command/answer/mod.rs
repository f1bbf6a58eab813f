//! What a command answers, at once or later: how it is read, what becomes of it, and what the client is shown.

mod draft;
mod read;
#[cfg(test)]
mod tests;
mod translate;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

pub(crate) use self::draft::{Drafted, Facts, Piece, Source, draft};
pub(crate) use self::read::{read_delayed, read_response};
use crate::id::{ChannelId, UserId};
use crate::post::{self, Attachment};

/// What a command answers (CMD-78). Serializes with every member, as clients get it.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answer {
    /// Empty or `ephemeral`: for who ran it alone. `in_channel`: for all. With anything else nothing is posted.
    pub response_type: String,
    /// The message.
    pub text: String,
    /// The sender name to show.
    pub username: String,
    /// Another channel to post to; who ran the command must be a member.
    pub channel_id: String,
    /// The picture to show.
    pub icon_url: String,
    /// The `type` of the post.
    #[serde(rename = "type")]
    pub post_type: String,
    /// Further props of the post.
    pub props: Option<Map<String, Value>>,
    /// Where the client goes then.
    pub goto_location: String,
    /// What the client knows this run by; whatever a service writes here is overwritten.
    pub trigger_id: String,
    /// Whether the text is left as it is, and attachments but for their links.
    pub skip_slack_parsing: bool,
    /// The attachments; none is shown as `null`.
    #[serde(serialize_with = "null_when_empty")]
    pub attachments: Vec<Attachment>,
    /// Further posts, after this one.
    pub extra_responses: Option<Vec<Self>>,
    /// Whether a text in it holds U+0000, which no host stores.
    #[serde(skip)]
    pub(crate) unsound: bool,
}

impl Answer {
    /// A message for who ran the command alone.
    pub fn ephemeral(text: impl Into<String>) -> Self {
        Self { response_type: EPHEMERAL.to_owned(), text: text.into(), ..Self::default() }
    }

    /// A message for all in the channel, by who ran the command.
    pub fn in_channel(text: impl Into<String>) -> Self {
        Self { response_type: IN_CHANNEL.to_owned(), text: text.into(), ..Self::default() }
    }

    /// Nothing is posted; the client goes there.
    pub fn go_to(location: impl Into<String>) -> Self {
        Self { goto_location: location.into(), ..Self::default() }
    }

    /// The same with another `type` of the post.
    #[must_use]
    pub fn with_type(mut self, post_type: impl Into<String>) -> Self {
        self.post_type = post_type.into();
        self
    }

    /// The same, with its text left as it is.
    #[must_use]
    pub fn unparsed(mut self) -> Self {
        self.skip_slack_parsing = true;
        self
    }

    /// The same under what the client knows this run by, as it is shown to clients: without what attachments keep to
    /// themselves (CMD-24, section 18 row 13).
    #[must_use]
    pub(crate) fn shown(mut self, trigger_id: &str) -> Self {
        self.conceal();
        trigger_id.clone_into(&mut self.trigger_id);
        self
    }

    fn conceal(&mut self) {
        for action in self.attachments.iter_mut().flat_map(|attachment| &mut attachment.actions) {
            action.integration = None;
        }
        self.extra_responses.iter_mut().flatten().for_each(Self::conceal);
    }

    /// The answer and those that are posted after it; what is within those is not (CMD-85).
    fn parts(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.extra_responses.iter().flatten())
    }

    /// Whom the texts name by id, each once.
    pub(crate) fn people(&self) -> Vec<UserId> {
        let mut ids = Vec::new();
        for part in self.parts().filter(|part| !part.skip_slack_parsing) {
            post::all_mentioned_ids(&part.text, &part.attachments, &mut ids);
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The channels that are named other than the one where the command was run, each once.
    pub(crate) fn other_channels(&self, here: ChannelId) -> Vec<ChannelId> {
        let named = self.parts().filter_map(|part| ChannelId::parse(&part.channel_id).ok());
        let mut ids: Vec<_> = named.filter(|id| *id != here).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The channels in which all would be notified, so that the permission for it must be asked for, each once.
    pub(crate) fn announced_in(&self, here: ChannelId) -> Vec<ChannelId> {
        let announcing = self.parts().filter(|part| part.response_type == IN_CHANNEL && part.announces());
        let mut ids: Vec<_> = announcing.filter_map(|part| part.place(here)).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn announces(&self) -> bool {
        let mut texts = post::mention_texts(&self.text, &self.attachments);
        texts.any(|text| {
            post::mentions_channel(text) || ["<!channel>", "<!here>", "<!all>"].iter().any(|word| text.contains(word))
        })
    }

    /// Where it goes; none if it names what is no channel.
    fn place(&self, here: ChannelId) -> Option<ChannelId> {
        if self.channel_id.is_empty() { Some(here) } else { ChannelId::parse(&self.channel_id).ok() }
    }
}

fn null_when_empty<S: Serializer>(attachments: &[Attachment], serializer: S) -> Result<S::Ok, S::Error> {
    if attachments.is_empty() { serializer.serialize_none() } else { serializer.collect_seq(attachments) }
}

const EPHEMERAL: &str = "ephemeral";
const IN_CHANNEL: &str = "in_channel";
