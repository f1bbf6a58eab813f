//! What becomes of an answer: posts, and what one user alone is shown (CMD-79 to CMD-86).

use super::super::authenticate::Caller;
use super::super::error::Fault;
use super::super::{Engine, State};
use crate::command::Answer;
use crate::command::answer::{Drafted, Facts, Piece, Source, draft};
use crate::id::{ChannelId, PostId, TeamId};
use crate::port::{Action, Ask, Channel, Effect, EffectKey, Permission, Scope, SessionKind, User};
use crate::post::PostDraft;

/// Who ran a command, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Author<'a> {
    /// Whose request it is; none for a delayed answer.
    pub(super) caller: Option<&'a Caller>,
    pub(super) channel: &'a Channel,
    pub(super) root_id: Option<PostId>,
    pub(super) session: Option<SessionKind>,
    /// Whose channels a text can name.
    pub(super) team: Option<TeamId>,
    pub(super) user: &'a User,
}

/// Which answer it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    /// The ticket of the run, and which delayed answer to it; the same answer is posted once. None for what is not
    /// repeated.
    pub(super) cause: Option<([u8; 32], Option<u32>)>,
    pub(super) source: Source<'a>,
}

/// What became of an answer.
#[derive(Debug)]
pub(super) struct Done {
    /// Some of it could not be posted.
    pub(super) failed: bool,
    /// Something was posted or shown.
    pub(super) posted: bool,
    /// The answer as its client is shown it.
    pub(super) shown: Answer,
}

impl Engine {
    /// Posts an answer. What cannot be posted does not keep the rest from it.
    pub(super) async fn post_answer(
        &self,
        state: &State,
        answer: Answer,
        author: Author<'_>,
        run: Run<'_>,
    ) -> Result<Done, Fault> {
        let Drafted { notices, pieces, shown } = self.draft_answer(state, answer, author, run.source).await?;
        let (mut failed, mut posted) = (false, false);
        for (number, piece) in (0_u32..).zip(pieces) {
            let effect = match piece {
                Piece::Nothing => continue,
                Piece::Fails(_) => {
                    failed = true;
                    continue;
                }
                Piece::Ephemeral(draft) => {
                    let mut drafts = [*draft];
                    self.link_channels(&mut drafts, author.user.id, author.team).await?;
                    let [draft] = drafts;
                    Effect::new(Action::EphemeralPost { to: author.user.id, draft })
                }
                Piece::Posts(mut drafts) => {
                    self.link_channels(&mut drafts, author.user.id, author.team).await?;
                    let key = run.cause.map(|cause| piece_key(state, cause, number));
                    Effect::new(Action::CreatePosts(drafts)).with_key(key)
                }
            };
            match self.shared.ports.sink.apply(vec![effect]).await {
                Ok(_) => posted = true,
                Err(refused) => {
                    failed = true;
                    self.observe_fault(&Fault::from(refused));
                }
            }
        }
        if posted {
            for notice in notices {
                self.show_one(notice).await;
            }
        }
        Ok(Done { failed, posted, shown })
    }

    async fn draft_answer(
        &self,
        state: &State,
        answer: Answer,
        author: Author<'_>,
        source: Source<'_>,
    ) -> Result<Drafted, Fault> {
        let (directory, here, user) = (&self.shared.ports.directory, author.channel.id, author.user);
        let named = answer.people();
        let people = if named.is_empty() { Vec::new() } else { directory.users(&named).await? };
        let mut joined = Vec::new();
        for channel in answer.other_channels(here) {
            if self.is_member(user, channel).await? && reaches(author.caller, channel).await? {
                joined.push(channel);
            }
        }
        let mut silent = Vec::new();
        for channel in answer.announced_in(here) {
            if !self.user_may(user.id, Ask::new(Permission::USE_CHANNEL_MENTIONS, Scope::Channel(channel))).await? {
                silent.push(channel);
            }
        }
        let facts = Facts {
            channel_id: here,
            joined: &joined,
            overrides: state.settings.overrides,
            people: &people,
            root_id: author.root_id,
            session: author.session,
            silent: &silent,
            source,
            user,
        };
        self.with_chance(|mint| draft(answer, &facts, mint))
    }

    /// Shows something to one user; what happened before stays, if that fails.
    async fn show_one(&self, draft: PostDraft) {
        let effect = Effect::new(Action::EphemeralPost { to: draft.user_id, draft });
        if let Err(refused) = self.shared.ports.sink.apply(vec![effect]).await {
            self.observe_fault(&Fault::from(refused));
        }
    }
}

/// Whether what a caller came with reaches a channel: a token may be for some alone.
async fn reaches(caller: Option<&Caller>, channel: ChannelId) -> Result<bool, Fault> {
    match caller.filter(|caller| caller.is_restricted()) {
        Some(caller) => {
            let ask = Ask::new(Permission::CREATE_POST, Scope::Channel(channel));
            Ok(caller.may(&[ask]).await? == [true])
        }
        None => Ok(true),
    }
}

/// The key of one piece of an answer: the same for the same answer, and never that of another.
fn piece_key(state: &State, (ticket, answer): ([u8; 32], Option<u32>), piece: u32) -> EffectKey {
    let answer = answer.map_or_else(Vec::new, |number| number.to_be_bytes().to_vec());
    EffectKey(state.keyring.oldest().effect(&[b"command", &ticket, &answer, &piece.to_be_bytes()]))
}
