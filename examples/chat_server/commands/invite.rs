//! `/invite`: others into channels.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jackfield::command::arguments::{self, Invitation};
use jackfield::port::{ChannelKind, Scope};

use super::call::{Answer, Call, no, quiet, tell};
use super::{BuiltIn, people};
use crate::errors::Failure;
use crate::membership;
use crate::tables::accounts::Account;
use crate::tables::channels::{self, Channel};
use crate::tables::teams;

/// Lets people into channels of the team.
#[derive(Debug)]
pub(super) struct Invite;

#[async_trait]
impl BuiltIn for Invite {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        let wanted = arguments::invitation(call.text());
        if wanted.names.is_empty() {
            return Err(no("Whom? For example: `/invite @alice ~off-topic`"));
        }
        let mut lines = Vec::new();
        let people = known_people(call, &wanted, &mut lines).await?;
        let here = call.channel()?;
        let channels = if !wanted.channels.is_empty() {
            known_channels(call, &wanted, &mut lines).await?
        } else if lines.is_empty() {
            vec![call.team_channel()?]
        } else {
            Vec::new() // who got a name wrong may have meant a channel
        };
        for channel in channels {
            invite(call, &channel, channel.id == here.id, &people, &mut lines).await?;
        }
        Ok(Some(if lines.is_empty() { quiet() } else { tell(lines.join("\n")) }))
    }
}

async fn known_people(call: &Call<'_>, wanted: &Invitation, lines: &mut Vec<String>) -> Result<Vec<Account>, Failure> {
    let (mut known, mut strangers) = (BTreeMap::new(), Vec::new());
    for name in &wanted.names {
        match people::visible(call, name).await? {
            Some(account) => drop(known.insert(account.id, account)),
            None => strangers.push(name.clone()),
        }
    }
    if !strangers.is_empty() {
        lines.push(format!("There is nobody of this name here: {}", people::list(&strangers)));
    }
    Ok(known.into_values().collect())
}

async fn known_channels(
    call: &Call<'_>,
    wanted: &Invitation,
    lines: &mut Vec<String>,
) -> Result<Vec<Channel>, Failure> {
    let mut known: BTreeMap<_, Channel> = BTreeMap::new();
    for name in &wanted.channels {
        let found = call.named(name)?;
        let found = match found {
            // A private one is there only for who may look into it.
            Some(channel) if channel.kind == ChannelKind::Private => {
                let may = call.may("read_channel", Scope::Channel(channel.id)).await?;
                Some(channel).filter(|_| may)
            }
            found => found,
        };
        match found {
            Some(channel) => drop(known.insert(channel.id, channel)),
            None => lines.push(format!("There is no channel ~{name} in this team.")),
        }
    }
    Ok(known.into_values().collect())
}

/// Lets people into one channel, with a line for each way in which that ends. That they came into the channel where it
/// was typed is seen there.
async fn invite(
    call: &Call<'_>,
    channel: &Channel,
    is_here: bool,
    people: &[Account],
    lines: &mut Vec<String>,
) -> Result<(), Failure> {
    if !call.may(membership::permission(channel.kind), Scope::Channel(channel.id)).await? {
        lines.push(format!("You may not let anybody into ~{}.", channel.name));
        return Ok(());
    }
    let (mut foreign, mut there, mut new) = (Vec::new(), Vec::new(), Vec::new());
    let team = call.team();
    for account in people {
        let (in_team, in_channel) = call.app().store.read(|connection| {
            let in_team = teams::roles_of(connection, team, account.id)?.is_some();
            Ok((in_team, channels::roles_of(connection, channel.id, account.id)?.is_some()))
        })?;
        let kind = match (in_team, in_channel) {
            (false, _) => &mut foreign,
            (true, true) => &mut there,
            (true, false) => &mut new,
        };
        kind.push(account);
    }
    if !new.is_empty() {
        membership::add(call.app(), channel, new.iter().map(|account| account.id).collect()).await?;
    }
    if is_here {
        new.clear();
    }
    let kinds = [(new, "now in"), (there, "already in"), (foreign, "not in this team, and so cannot be in")];
    for (accounts, what) in kinds.into_iter().filter(|(accounts, _)| !accounts.is_empty()) {
        let names: Vec<String> = accounts.iter().map(|account| account.username.clone()).collect();
        let are = if names.len() == 1 { "is" } else { "are" };
        lines.push(format!("{} {are} {what} ~{}.", people::list(&names), channel.name));
    }
    Ok(())
}
