//! What is listed, and what is offered while somebody types (CMD-12, CMD-19, CMD-111 to CMD-120).

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::Request;
use http::header::{ACCEPT, HeaderValue};
use url::Url;

use super::super::authenticate::Caller;
use super::super::{Engine, State};
use super::registry::ItemsAsk;
use super::{KnownCommand, Managed};
use crate::command::autocomplete::dynamic::Provider;
use crate::command::autocomplete::{Fetch, Fetched, Suggested, Suggestion};
use crate::command::manage::{self, Listed, Whose};
use crate::command::secrets::CommandSecrets;
use crate::command::wire::CommandObject;
use crate::id::TeamId;
use crate::port::{Ask, Permission, Scope};
use crate::security::redirect;

/// What somebody has typed so far, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Typed<'a> {
    pub(crate) channel_id: &'a str,
    pub(crate) input: &'a str,
    pub(crate) root_id: &'a str,
    pub(crate) team: TeamId,
}

impl Engine {
    /// Lists the commands of a team with their tokens: the caller's own, or all with the right to manage those of others.
    ///
    /// # Errors
    ///
    /// [`ManageError`](crate::command::ManageError) says why not; or a fault.
    pub async fn commands(&self, caller: &Caller, team: TeamId) -> Managed<Vec<KnownCommand>> {
        let state = self.state();
        let rights = self.command_rights(caller, Some(team)).await?;
        match manage::list(team.as_str(), true, rights, &self.command_rules(&state))? {
            Listed::Whole(whose) => self.whole(&state, team, whose, caller),
            Listed::Offered | Listed::Runnable(_) => Ok(Vec::new()),
        }
    }

    fn whole(&self, state: &State, team: TeamId, whose: Whose, caller: &Caller) -> Managed<Vec<KnownCommand>> {
        let found: Vec<_> = self.shared.commands.with_catalog(&state.settings.commands, team, |catalog| {
            catalog.custom(whose, caller.user_id()).cloned().collect()
        });
        let mut known = Vec::with_capacity(found.len());
        for indexed in found {
            let CommandSecrets { token, .. } = self.open_command_secrets(state, indexed.command.id, &indexed.sealed)?;
            known.push(KnownCommand { command: indexed.command.clone(), token });
        }
        Ok(known)
    }

    /// Lists commands as the API shows them (CMD-12).
    pub(crate) async fn listed_commands<T>(
        &self,
        caller: &Caller,
        team: &str,
        custom_only: bool,
        show: impl FnOnce(&[CommandObject<'_>]) -> T,
    ) -> Managed<T> {
        let (state, id) = (self.state(), TeamId::parse(team).ok());
        let rights = self.command_rights(caller, id).await?;
        let listed = manage::list(team, custom_only, rights, &self.command_rules(&state))?;
        let id = id.unwrap_or_else(|| TeamId::from_random(NO_TEAM));
        let (commands, settings) = (&self.shared.commands, &state.settings.commands);
        Ok(match listed {
            Listed::Offered => commands.with_catalog(settings, id, |catalog| show(&catalog.offered())),
            Listed::Runnable(whose) => {
                commands.with_catalog(settings, id, |catalog| show(&catalog.runnable(whose, caller.user_id())))
            }
            Listed::Whole(whose) => {
                let known = self.whole(&state, id, whose, caller)?;
                let objects: Vec<_> =
                    known.iter().map(|known| CommandObject::whole(&known.command, &known.token)).collect();
                show(&objects)
            }
        })
    }

    /// Lists what is offered while somebody types (CMD-19).
    pub(crate) async fn offered_commands<T>(
        &self,
        caller: &Caller,
        team: TeamId,
        show: impl FnOnce(&[CommandObject<'_>]) -> T,
    ) -> Managed<T> {
        let state = self.state();
        self.command_rights(caller, Some(team)).await?.may_view()?;
        let settings = &state.settings.commands;
        Ok(self.shared.commands.with_catalog(settings, team, |catalog| show(&catalog.offered())))
    }

    /// Says what is offered for what a user has typed so far, with or without its slash (CMD-111 to CMD-120).
    ///
    /// # Errors
    ///
    /// [`ManageError::Forbidden`](crate::command::ManageError::Forbidden) where the caller is not in the team; or a fault.
    pub async fn suggest_commands(&self, caller: &Caller, team: TeamId, input: &str) -> Managed<Vec<Suggestion>> {
        self.command_rights(caller, Some(team)).await?.may_view()?;
        self.suggestions(caller, Typed { channel_id: "", input, root_id: "", team }).await
    }

    /// The same for a caller who may see the team.
    pub(crate) async fn suggestions(&self, caller: &Caller, typed: Typed<'_>) -> Managed<Vec<Suggestion>> {
        let state = self.state();
        let administers = [Ask::new(Permission::MANAGE_SYSTEM, Scope::System)];
        let administrator = caller.may(&administers).await? == [true];
        let mut fetched = Fetched::default();
        loop {
            let Suggested { found, missing } =
                self.shared.commands.with_catalog(&state.settings.commands, typed.team, |catalog| {
                    catalog.suggest(typed.input, administrator, &fetched)
                });
            if missing.is_empty() || fetched.len() >= MAX_LISTS {
                return Ok(found);
            }
            for fetch in missing {
                self.fetch_list(&state, caller, typed, fetch, &mut fetched).await;
            }
        }
    }

    pub(crate) async fn may_view_commands(&self, caller: &Caller, team: TeamId) -> Managed<()> {
        Ok(self.command_rights(caller, Some(team)).await?.may_view()?)
    }

    /// Fetches a list; one that cannot be had is noted as that.
    async fn fetch_list(&self, state: &State, caller: &Caller, typed: Typed<'_>, fetch: Fetch, fetched: &mut Fetched) {
        let ask = ItemsAsk {
            channel_id: typed.channel_id,
            fetch: &fetch,
            root_id: typed.root_id,
            team_id: typed.team,
            user_id: caller.user_id(),
        };
        match fetch.provider() {
            Provider::BuiltIn(name) => {
                let provider = self.shared.commands.code().provider(name);
                let items = match provider {
                    Some(provider) => match provider.items(&ask).await {
                        Ok(items) => Some(items),
                        Err(failed) => {
                            self.observe_fault(&failed.into());
                            None
                        }
                    },
                    None => None,
                };
                fetched.add(fetch, items);
            }
            Provider::Address(address) => match list_address(address, &ask) {
                Some(url) => match self.fetch_address(state, url).await {
                    Some((status, body)) => fetched.add_answer(fetch, status, &body),
                    None => fetched.add(fetch, None),
                },
                None => fetched.add(fetch, None),
            },
            Provider::Extension(_) | Provider::Nowhere => fetched.add(fetch, None),
        }
    }

    /// Fetches a list of a command's own service, which is trusted as little as any other address.
    async fn fetch_address(&self, state: &State, url: Url) -> Option<(u16, Bytes)> {
        let mut request = Request::new(Bytes::new());
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let call = pin!(self.call_out(state, url.as_str(), request, redirect::Caller::Command));
        let late = pin!(self.shared.ports.clock.sleep(LIST_DEADLINE));
        match select(call, late).await {
            Either::Left((Ok(answered), _)) if !answered.response.truncated => {
                Some((answered.response.head.status.as_u16(), answered.response.body))
            }
            Either::Left(_) | Either::Right(_) => None,
        }
    }
}

/// The address of a list, with what was typed in its query (CMD-120).
fn list_address(address: &str, ask: &ItemsAsk<'_>) -> Option<Url> {
    let mut url = Url::parse(address).ok()?;
    let parameters = [
        ("user_input", &*ask.fetch.user_input),
        ("parsed", &*ask.fetch.parsed),
        ("channel_id", ask.channel_id),
        ("team_id", ask.team_id.as_str()),
        ("root_id", ask.root_id),
        ("user_id", ask.user_id.as_str()),
    ];
    url.query_pairs_mut().extend_pairs(parameters);
    Some(url)
}

/// How many lists are fetched for one input.
const MAX_LISTS: usize = 8;

/// How long a list may take: somebody is typing.
const LIST_DEADLINE: Duration = Duration::from_secs(3);

/// Stands for a team that cannot be.
const NO_TEAM: [u8; 16] = [0; 16];
