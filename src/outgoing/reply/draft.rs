//! The posts that an answer becomes (OUT-76 to OUT-89, OUT-104, OUT-119, OUT-122, OUT-123).

use std::collections::BTreeSet;

use super::answer::Answer;
use super::reason::NotPosted;
use crate::id::{ActionId, PostId, UserId};
use crate::port::{Channel, ChannelKind, User};
use crate::post::sender::{self, MAX_PRIORITY_CHARS, Sender, Unsound};
use crate::post::{self, Destination, LinkGrammar, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES, Overrides, PostDraft};

/// All that is known when the posts are drafted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// Where the triggering post is; what became of the channel since does not matter.
    pub(crate) channel: &'a Channel,
    /// Who made the hook, whatever became of them, and is the author.
    pub(crate) creator: Option<&'a User>,
    /// The name of the hook.
    pub(crate) display_name: &'a str,
    /// The picture that the hook's posts show unless the answer says otherwise.
    pub(crate) icon_url: &'a str,
    /// Whether the author may notify the whole channel; asked only where [`Answer::announces`].
    pub(crate) may_announce: bool,
    pub(crate) overrides: Overrides,
    /// Those of [`Answer::people`] who exist.
    pub(crate) people: &'a [User],
    pub(crate) post: Triggering,
    /// The sender name that the hook's posts show unless the answer says otherwise.
    pub(crate) username: &'a str,
}

/// The post that made the hook fire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Triggering {
    /// Whether it was deleted since.
    pub(crate) deleted: bool,
    pub(crate) id: PostId,
    /// The post that it answers.
    pub(crate) root_id: Option<PostId>,
}

/// Drafts the posts, at least one. Ids for actions without one come from `mint`.
///
/// Which channels they link is not in them yet, and whom their persistent notifications reach is for
/// [`check_recipients`] to say.
pub(crate) fn draft(
    answer: Answer,
    facts: &Facts<'_>,
    mint: &mut dyn FnMut() -> ActionId,
) -> Result<Vec<PostDraft>, NotPosted> {
    let creator = facts.creator.ok_or(NotPosted::CreatorGone)?;
    let root_id = root(&answer, &facts.post)?;
    let post_type = post_type(&answer)?;
    let Answer { mut attachments, icon_url, mut priority, props, text, username, .. } = answer;
    let priority = priority.take().map(|asked| asked.level().ok_or(NotPosted::NoPriority)).transpose()?;
    if priority.as_ref().is_some_and(|priority| priority.priority.chars().count() > MAX_PRIORITY_CHARS) {
        return Err(NotPosted::PriorityLength);
    }
    let mut text = text.unwrap_or_default();
    let user = |id: UserId| facts.people.iter().find(|user| user.id == id);
    let name = |id| user(id).map(|user| user.username.as_str());
    post::translate(&mut text, &mut attachments, &name, LinkGrammar::Loose);
    sender::name_actions(&mut attachments, mint);
    let sender = Sender {
        display_name: facts.display_name,
        icon_urls: [&icon_url, facts.icon_url],
        is_bot: creator.is_bot,
        overrides: facts.overrides,
        usernames: [&username, facts.username],
    };
    let mut props = sender.props(props).map_err(|Unsound(place)| NotPosted::Unsound(place.trim_start_matches('/')))?;
    if sender::names_channels(&text, &attachments) {
        props.remove("current_team_id");
    }
    let maker = |id| user(id).map(|user| (user.username.as_str(), user.is_bot));
    sender::generated_by(&mut props, creator.id, maker).map_err(|_| NotPosted::AiGeneratedBy)?;

    let mut base = PostDraft::new(Destination::Channel(facts.channel.id), creator.id, text);
    base.post_type = post_type;
    base.priority = priority;
    base.props.attachments = attachments;
    base.props.entries = props;
    base.root_id = root_id;
    let mut drafts = post::split(base, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES).map_err(|_| NotPosted::TooLarge)?;
    if !facts.may_announce {
        sender::mute_announcements(&mut drafts);
    }
    Ok(drafts)
}

/// The thread that a comment belongs to: also that of a reply (OUT-104).
fn root(answer: &Answer, post: &Triggering) -> Result<Option<PostId>, NotPosted> {
    if !answer.is_comment() {
        return Ok(None);
    }
    if post.deleted { Err(NotPosted::PostDeleted) } else { Ok(Some(post.root_id.unwrap_or(post.id))) }
}

/// OUT-88.
fn post_type(answer: &Answer) -> Result<String, NotPosted> {
    let written = &*answer.post_type;
    if written.starts_with("system_") {
        return Err(NotPosted::SystemType);
    }
    if !sender::is_known_type(written) {
        return Err(NotPosted::UnknownType);
    }
    let is_attachment = written.is_empty() && !answer.attachments.is_empty();
    Ok(if is_attachment { "slack_attachment" } else { written }.to_owned())
}

/// Which users' names the persistent notifications of these drafts must be compared with; none where nothing is to be
/// checked (OUT-89, INC-86).
pub(crate) fn recipients_to_check(drafts: &[PostDraft], channel: &Channel) -> BTreeSet<String> {
    let mentions = to_check(drafts, channel).map(sender::mentions_of);
    mentions.flat_map(|mentions| mentions.names().into_iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Whether each persistent notification mentions as many of the channel's members as it may.
pub(crate) fn check_recipients(
    drafts: &[PostDraft],
    channel: &Channel,
    members: &[User],
    most: usize,
) -> Result<(), NotPosted> {
    let member = |name: &str| members.iter().find(|user| user.username == name && !user.is_bot).map(|user| user.id);
    to_check(drafts, channel).try_for_each(|draft| match sender::mentions_of(draft).users(member).len() {
        0 => Err(NotPosted::NoRecipients),
        many if many > most => Err(NotPosted::ManyRecipients(most)),
        _ => Ok(()),
    })
}

fn to_check<'a>(drafts: &'a [PostDraft], channel: &Channel) -> impl Iterator<Item = &'a PostDraft> {
    let is_direct = channel.kind == ChannelKind::Direct;
    drafts.iter().filter(move |draft| !is_direct && sender::notifies(draft))
}
