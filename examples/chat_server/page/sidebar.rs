//! The menu: channels, direct messages, integrations.

use jackfield::id::{ChannelId, UserId};
use jackfield::port::{ChannelKind, Permission, Scope};

use super::html::Html;
use super::visit::Visit;
use super::{frame, integrations};
use crate::errors::Failure;
use crate::tables::account_lists::{Filter, page};
use crate::tables::accounts;
use crate::tables::channels::{self, Channel};
use crate::tables::teams::{self, Team};

/// Where the visitor is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Here {
    Audit,
    Bots,
    Channel(ChannelId),
    Commands,
    Hooks,
    Integrations,
    OutgoingHooks,
    Profile,
}

/// Draws the menu of a team.
pub(crate) fn draw(visit: &Visit, team: &Team, here: Here) -> Result<Html, Failure> {
    let all = Channels::load(visit, team)?;
    let mut out = Html::new();
    let teams = visit.server.app.store.read(|connection| Ok(teams::list(connection, Some(visit.user()))?))?;
    if teams.len() > 1 {
        out.raw("<h2>Teams</h2><ul>");
        for other in &teams {
            out.raw("<li><a class=\"item\" href=\"/t/").text(&other.name).raw("\"");
            out.raw_if(other.id == team.id, " aria-current=\"true\"").raw("><bdi>").text(&other.display_name);
            out.raw("</bdi></a></li>");
        }
        out.raw("</ul>");
    }
    out.raw("<h2>Channels</h2><ul>");
    for (channel, joined) in &all.of_team {
        item(&mut out, team, channel, &channel.display_name, here, *joined);
    }
    out.raw("</ul><h2>Direct messages</h2><ul>");
    for (channel, name) in &all.direct {
        item(&mut out, team, channel, name, here, true);
    }
    for name in &all.others {
        out.raw("<li><form method=\"post\" action=\"/t/").text(&team.name).raw("/direct/").text(name).raw("\">");
        frame::token(&mut out, visit);
        out.raw("<button class=\"item\"><span class=\"sign\" aria-hidden=\"true\">@</span><bdi>").text(name);
        out.raw("</bdi></button></form></li>");
    }
    out.raw("</ul>");
    let kinds = integrations::kinds(visit, team)?;
    if !kinds.is_empty() {
        out.raw("<h2><a href=\"/t/").text(&team.name).raw("/integrations\"");
        out.raw_if(here == Here::Integrations, " aria-current=\"page\"").raw(">Integrations</a></h2><ul>");
    }
    for kind in &kinds {
        out.raw("<li><a class=\"item\" href=\"/t/").text(&team.name).raw(kind.path).raw("\"");
        out.raw_if(here == kind.here, " aria-current=\"page\"");
        out.raw("><span class=\"sign\" aria-hidden=\"true\">").raw(kind.sign).raw("</span>").raw(kind.name);
        out.raw("</a></li>");
    }
    out.raw_if(!kinds.is_empty(), "</ul>");
    Ok(out)
}

/// Whether the visitor may have webhooks at all.
pub(crate) fn may_integrate(visit: &Visit, team: &Team) -> Result<bool, Failure> {
    let permission = Permission::MANAGE_OWN_INCOMING_WEBHOOKS;
    visit.server.app.may(visit.user(), permission.as_str(), Scope::Team(team.id))
}

/// How a channel is called by one of those who are in it.
pub(crate) fn title(visit: &Visit, channel: &Channel) -> Result<String, Failure> {
    if channel.kind != ChannelKind::Direct {
        return Ok(channel.display_name.clone());
    }
    let other = partner(channel, visit.user());
    let found = visit
        .server
        .app
        .store
        .read(|connection| Ok(other.map(|other| accounts::find(connection, other)).transpose()?.flatten()))?;
    Ok(found.map_or_else(|| "somebody".to_owned(), |account| account.username))
}

/// The channels that the menu has.
pub(crate) struct Channels {
    /// With the other one's name.
    direct: Vec<(Channel, String)>,
    /// Of the team, and whether the visitor is in them.
    pub(crate) of_team: Vec<(Channel, bool)>,
    /// Names of those in the team with whom there is no direct channel yet.
    others: Vec<String>,
}

impl Channels {
    /// Looks them up.
    pub(crate) fn load(visit: &Visit, team: &Team) -> Result<Self, Failure> {
        let own = visit
            .server
            .app
            .store
            .read(|connection| Ok(channels::of_user(connection, visit.user(), Some(team.id))?))?;
        let (public, accounts) = visit.server.app.store.read(|connection| {
            let public = channels::public(connection, team.id, MOST, 0)?;
            Ok((public, page(connection, &Filter { in_team: team.id.as_str(), ..Filter::default() }, MOST, 0)?))
        })?;
        let joined: Vec<_> = own.iter().map(|channel| channel.id).collect();
        let mut of_team = Vec::new();
        let mut direct = Vec::new();
        for channel in own {
            if channel.team_id.is_some() {
                of_team.push((channel, true));
            } else {
                let name = title(visit, &channel)?;
                direct.push((channel, name));
            }
        }
        of_team.extend(public.into_iter().filter(|one| !joined.contains(&one.id)).map(|one| (one, false)));
        of_team.sort_by_key(|(channel, _)| channel.display_name.to_lowercase());
        direct.sort_by(|(_, one), (_, other)| one.cmp(other));
        let known: Vec<_> = direct.iter().filter_map(|(channel, _)| partner(channel, visit.user())).collect();
        let others = accounts.into_iter().filter(|one| one.delete_at == 0 && one.id != visit.user());
        let others = others.filter(|one| !known.contains(&one.id)).map(|one| one.username).collect();
        Ok(Self { direct, of_team, others })
    }
}

/// The other one of a direct channel, whose name is the ids of both.
fn partner(channel: &Channel, own: UserId) -> Option<UserId> {
    if channel.kind != ChannelKind::Direct {
        return None;
    }
    let (one, other) = channel.name.split_once("__")?;
    UserId::parse(if one == own.as_str() { other } else { one }).ok()
}

fn item(out: &mut Html, team: &Team, channel: &Channel, name: &str, here: Here, joined: bool) {
    let sign = match channel.kind {
        ChannelKind::Direct => "@",
        ChannelKind::Public => "#",
        _ => "🔒",
    };
    out.raw("<li><a class=\"item").raw_if(!joined, " unjoined").raw("\" href=\"/t/").text(&team.name).raw("/c/");
    out.text(&channel.name).raw("\"").attribute("data-channel", channel.id.as_str());
    out.raw_if(here == Here::Channel(channel.id), " aria-current=\"page\"");
    out.raw("><span class=\"sign\" aria-hidden=\"true\">").raw(sign).raw("</span><bdi>").text(name);
    out.raw("</bdi></a></li>");
}

/// Of each list.
const MOST: i64 = 200;
