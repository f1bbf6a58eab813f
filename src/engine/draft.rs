//! From a payload to drafts: asks the host what the rules must know, step by step.

use std::collections::BTreeSet;

use super::authenticate::ask;
use super::error::{Failed, Fault};
use super::incoming::Call;
use super::{Engine, State, random};
use crate::id::{ActionId, TeamId, UserId};
use crate::incoming::draft::{self, Facts};
use crate::incoming::receive::{self, Answers, Place, Target};
use crate::incoming::{IncomingWebhook, Payload, ReceiveError, named};
use crate::port::{Ask, Channel, User};
use crate::post::PostDraft;

/// What a call becomes.
#[derive(Debug)]
pub(super) struct Drafted {
    /// The posts, at least one.
    pub(super) drafts: Vec<PostDraft>,
    /// Whether the sender named a post to answer that is none to answer here.
    pub(super) ignores_thread: bool,
    /// What the owner is told, and nobody else.
    pub(super) notice: Option<PostDraft>,
}

impl Engine {
    /// Drafts the posts of a call; nothing has happened yet when it fails.
    pub(super) async fn draft(
        &self,
        state: &State,
        hook: &IncomingWebhook,
        payload: &mut Payload,
        call: &Call,
    ) -> Result<Drafted, Failed<ReceiveError>> {
        let settings = &state.settings.incoming;
        let directory = &self.shared.ports.directory;
        let place = self.place(hook, &payload.channel).await?;
        let people = directory.users(&receive::people(payload, hook.user_id)).await.map_err(Failed::fault)?;
        let owner = people.iter().find(|user| user.id == hook.user_id);
        let owner = receive::enter(hook, &place, owner, settings).map_err(Failed::Refused)?;
        if let Some(channel) = place.direct_or_group()
            && directory.is_direct_restricted(channel.id).await.map_err(Failed::fault)?
        {
            return Err(Failed::Refused(ReceiveError::DirectRestricted));
        }
        receive::translate(payload, &people, settings);
        let asks = receive::questions(hook, &place, payload, settings);
        let granted = ask(directory, owner.id, &asks).await?;
        let root = match payload.root_id {
            Some(root) => directory.post(root).await.map_err(Failed::fault)?,
            None => None,
        };
        let facts = Facts {
            answers: Answers { asks: &asks, granted: &granted },
            hook,
            overrides: state.settings.overrides,
            owner,
            people: &people,
            place: &place,
            root_id: receive::root(root, &place),
            session: call.session,
            settings,
        };
        let ignores_thread = payload.names_root() && facts.root_id.is_none();
        let linked_team = named::linked_team(payload, &place);
        let mut drafts = self.with_chance(|mint| draft::draft(payload, &facts, mint))?.map_err(Failed::Refused)?;
        self.check_recipients(&drafts, &facts).await?;
        self.link_channels(&mut drafts, owner.id, linked_team).await?;
        let notice = draft::notice(&drafts, &facts);
        Ok(Drafted { drafts, ignores_thread, notice })
    }

    /// Lends a rule the ids that it may need; fails if there was no chance to be had.
    pub(super) fn with_chance<T>(&self, rule: impl FnOnce(&mut dyn FnMut() -> ActionId) -> T) -> Result<T, Fault> {
        let mut chance = Ok(());
        let made = rule(&mut || {
            let bytes = random(&self.shared.ports).map_err(|fault| chance = Err(fault));
            ActionId::from_random(bytes.unwrap_or_default())
        });
        chance.map(|()| made)
    }

    async fn place(&self, hook: &IncomingWebhook, channel: &str) -> Result<Place, Failed<ReceiveError>> {
        let directory = &self.shared.ports.directory;
        let place = match receive::target(channel).map_err(Failed::Refused)? {
            Target::Own => {
                let found = directory.channels(&[hook.channel_id]).await.map_err(Failed::fault)?;
                Place::own(found.into_iter().find(|channel| channel.id == hook.channel_id))
            }
            Target::Named(name) => {
                Place::named(directory.channels_named(Some(hook.team_id), &[name]).await.map_err(Failed::fault)?)
            }
            Target::User(name) => {
                let user = directory.user_named(&name).await.map_err(Failed::fault)?;
                let user = user.ok_or(Failed::Refused(ReceiveError::UnknownUser))?;
                let name = Channel::direct_name(hook.user_id, user.id);
                Ok(Place::direct(user.id, directory.channels_named(None, &[&name]).await.map_err(Failed::fault)?))
            }
        };
        place.map_err(Failed::Refused)
    }

    async fn check_recipients(&self, drafts: &[PostDraft], facts: &Facts<'_>) -> Result<(), Failed<ReceiveError>> {
        let names = named::recipients_to_check(drafts, facts.place, facts.settings);
        let members: Vec<User> = match facts.place {
            Place::Channel(channel) if !names.is_empty() => {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                self.shared.ports.directory.members_named(channel.id, &names).await.map_err(Failed::fault)?
            }
            _ => Vec::new(),
        };
        named::check_recipients(drafts, facts.place, &members, facts.settings).map_err(Failed::Refused)
    }

    /// Writes into the drafts which channels they name that their author may read.
    pub(super) async fn link_channels(
        &self,
        drafts: &mut [PostDraft],
        author: UserId,
        team: Option<TeamId>,
    ) -> Result<(), Fault> {
        let names = named::linked_names(drafts);
        match team.filter(|_| !names.is_empty()) {
            // Boxed, for most texts name none.
            Some(team) => Box::pin(self.link(drafts, author, team, names)).await,
            None => Ok(()),
        }
    }

    async fn link(
        &self,
        drafts: &mut [PostDraft],
        author: UserId,
        team: TeamId,
        names: BTreeSet<String>,
    ) -> Result<(), Fault> {
        let directory = &self.shared.ports.directory;
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut channels = directory.channels_named(Some(team), &names).await?;
        channels.retain(|channel| named::is_linkable(channel, team));
        if channels.is_empty() {
            return Ok(());
        }
        let asks: Vec<Ask> = channels.iter().flat_map(|channel| named::link_asks(channel, team)).collect();
        let granted = ask(directory, author, &asks).await?;
        let mut granted = granted.chunks(2);
        channels.retain(|channel| granted.next().is_some_and(|granted| named::may_link(channel, granted)));
        if let Some(team) = directory.team(team).await? {
            named::link(drafts, &channels, &team);
        }
        Ok(())
    }
}
