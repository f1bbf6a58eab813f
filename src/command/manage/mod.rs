//! Who may create, see, change, move and delete slash commands, and what becomes of what they wrote (CMD-6 to CMD-18,
//! CMD-145).

mod check;
mod error;

pub use error::{ManageError, Member};

use self::check::{Checked, check};
use super::autocomplete::Node;
use super::model::{Claim, Command};
use super::trigger::lower;
use super::wire::CommandRequest;
use crate::id::{CommandId, CommandToken, Millis, TeamId, UserId};
use crate::port::{Ask, Permission, Scope};

/// What a caller may do in a team, as it was asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Rights {
    others: bool,
    own: bool,
    view: bool,
}

impl Rights {
    /// The questions, in the order of [`new`](Self::new). Without a team, which a text named that is no id, only who
    /// holds them everywhere holds them.
    pub(crate) fn asks(team: Option<TeamId>) -> [Ask; 3] {
        let scope = team.map_or(Scope::System, Scope::Team);
        [OTHERS, OWN, VIEW].map(|permission| Ask::new(permission, scope))
    }

    /// The answers.
    pub(crate) fn new(granted: &[bool]) -> Self {
        match granted {
            [others, own, view] => Self { others: *others, own: *own, view: *view },
            _ => Self::default(),
        }
    }

    /// Whether the caller sees the team at all (CMD-19, CMD-111).
    pub(crate) fn may_view(self) -> Result<(), ManageError> {
        need(self.view, VIEW)
    }
}

const OTHERS: Permission = Permission::MANAGE_OTHERS_SLASH_COMMANDS;
const OWN: Permission = Permission::MANAGE_OWN_SLASH_COMMANDS;
const VIEW: Permission = Permission::VIEW_TEAM;

fn need(granted: bool, permission: Permission) -> Result<(), ManageError> {
    if granted { Ok(()) } else { Err(ManageError::Forbidden(permission)) }
}

/// What counts for everybody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) enabled: bool,
    pub(crate) now: Millis,
}

impl Rules {
    /// Commands that are switched off are, for who manages them, not there (CMD-11, CMD-14, CMD-16 to CMD-18).
    pub(crate) fn hides(&self) -> Result<(), ManageError> {
        if self.enabled { Ok(()) } else { Err(ManageError::NotFound) }
    }
}

/// Who makes a command, and what is made for it.
#[derive(Clone, Debug)]
pub(crate) struct Maker {
    pub(crate) caller: UserId,
    /// The account that the request names, if it was looked up ([`names_other`]) and is there.
    pub(crate) creator: Option<UserId>,
    pub(crate) id: CommandId,
    pub(crate) rights: Rights,
    /// A fresh one, for who brings none.
    pub(crate) token: CommandToken,
}

/// Whether the account that a request names must be looked up.
pub(crate) fn names_other(request: &CommandRequest, caller: UserId) -> bool {
    !request.creator_id.is_empty() && request.creator_id != caller.as_str()
}

/// Decides on a new command (CMD-8). `is_taken` tells of a word whether a built-in or a command of the team has it.
pub(crate) fn create(
    request: &CommandRequest,
    maker: Maker,
    rules: &Rules,
    is_taken: impl Fn(&str) -> bool,
) -> Result<(Command, CommandToken), ManageError> {
    need(maker.rights.own && !request.team_id.is_empty(), OWN)?;
    let creator_id = if names_other(request, maker.caller) {
        need(maker.rights.others, OTHERS)?;
        maker.creator.ok_or(ManageError::UserNotFound)?
    } else {
        maker.caller
    };
    if !rules.enabled {
        return Err(ManageError::Disabled);
    }
    free(&lower(&request.trigger), is_taken)?;
    if !request.id.is_empty() {
        return Err(ManageError::BodyParameter("id"));
    }
    let token = match request.token.as_str() {
        "" => maker.token,
        text => CommandToken::parse(text).map_err(|_| ManageError::Invalid(Member::Token))?,
    };
    if !request.plugin_id.is_empty() {
        return Err(ManageError::Invalid(Member::PluginId));
    }
    let team_id = TeamId::parse(&request.team_id).map_err(|_| ManageError::Invalid(Member::TeamId))?;
    let checked = check(request)?;
    Ok((command(request, checked, Fixed { create_at: rules.now, creator_id, id: maker.id, team_id }, rules.now), token))
}

/// What an update does not change.
struct Fixed {
    create_at: Millis,
    creator_id: UserId,
    id: CommandId,
    team_id: TeamId,
}

fn command(request: &CommandRequest, checked: Checked, fixed: Fixed, update_at: Millis) -> Command {
    Command {
        auto_complete: request.auto_complete,
        auto_complete_desc: request.auto_complete_desc.clone(),
        auto_complete_hint: request.auto_complete_hint.clone(),
        create_at: fixed.create_at,
        creator_id: fixed.creator_id,
        description: request.description.clone(),
        display_name: request.display_name.clone(),
        icon_url: request.icon_url.clone(),
        id: fixed.id,
        method: checked.method,
        team_id: fixed.team_id,
        trigger: checked.trigger,
        update_at,
        url: request.url.clone(),
        username: request.username.clone(),
    }
}

fn free(word: &str, is_taken: impl Fn(&str) -> bool) -> Result<(), ManageError> {
    if is_taken(word) { Err(ManageError::DuplicateTrigger) } else { Ok(()) }
}

/// Whether a caller may see a command (CMD-11): all refusals look alike.
pub(crate) fn see(command: &Command, caller: UserId, rights: Rights) -> Result<(), ManageError> {
    let may = rights.view && rights.own && (command.creator_id == caller || rights.others);
    if may { Ok(()) } else { Err(ManageError::NotFound) }
}

/// Whether a caller may change or delete a command, or give it another token or tree (CMD-14, CMD-17, CMD-18).
pub(crate) fn change(command: &Command, caller: UserId, rights: Rights) -> Result<(), ManageError> {
    if !rights.own {
        return Err(ManageError::NotFound);
    }
    need(command.creator_id == caller || rights.others, OTHERS)
}

/// What an update says against the command as it is, before its caller is looked at (CMD-14).
pub(crate) fn stays_in_team(request: &CommandRequest, old: &Command) -> Result<(), ManageError> {
    if request.team_id == old.team_id.as_str() { Ok(()) } else { Err(ManageError::TeamMismatch) }
}

/// Decides on a changed command (CMD-14, CMD-15). What the request leaves out becomes empty; id, token, creator, team and
/// the time of its making stay. `is_taken` does not count the command itself.
pub(crate) fn update(
    request: &CommandRequest,
    old: &Command,
    caller: UserId,
    rights: Rights,
    rules: &Rules,
    is_taken: impl Fn(&str) -> bool,
) -> Result<Command, ManageError> {
    change(old, caller, rights)?;
    free(&lower(&request.trigger), is_taken)?;
    let checked = check(request)?;
    let fixed = Fixed { create_at: old.create_at, creator_id: old.creator_id, id: old.id, team_id: old.team_id };
    Ok(command(request, checked, fixed, rules.now.max(old.update_at)))
}

/// Whether a caller may move commands into a team, which is looked at before the command is (CMD-16).
pub(crate) fn move_into(target: Rights) -> Result<(), ManageError> {
    need(target.own, OWN)
}

/// What is asked about the creator of a command that is to be moved.
pub(crate) fn creator_ask(target: TeamId) -> Ask {
    Ask::new(OWN, Scope::Team(target))
}

/// Decides on a moved command (CMD-16). `is_taken` tells of the words of the other team, the command itself not counted.
pub(crate) fn move_to(
    old: &Command,
    target: TeamId,
    creator_may: bool,
    now: Millis,
    is_taken: impl Fn(&str) -> bool,
) -> Result<Command, ManageError> {
    if !creator_may {
        return Err(ManageError::CreatorNotAllowed);
    }
    free(old.trigger.as_str(), is_taken)?;
    Ok(Command { team_id: target, ..touch(old, now) })
}

/// The same command, changed now: its token or its tree is another.
pub(crate) fn touch(old: &Command, now: Millis) -> Command {
    Command { update_at: now.max(old.update_at), ..old.clone() }
}

/// Reads the tree that a command is to have (CMD-145).
pub(crate) fn tree(body: &[u8], command: &Command) -> Result<Node, ManageError> {
    let refused = || ManageError::Invalid(Member::AutocompleteData);
    if body.len() > Node::MAX_BYTES {
        return Err(refused());
    }
    let mut node = Node::from_json(body).map_err(|_| refused())?;
    if node.trigger.is_empty() {
        command.trigger.as_str().clone_into(&mut node.trigger);
    }
    let is_its = node.trigger == command.trigger.as_str();
    if !is_its || node.check_size().is_err() || node.check().is_err() {
        return Err(refused());
    }
    Ok(node)
}

/// The claims on words that change with a command: their keys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Claims {
    /// What is given back.
    pub(crate) released: Option<Vec<u8>>,
    /// What must not be taken yet.
    pub(crate) taken: Option<Vec<u8>>,
}

impl Claims {
    /// What changes when a command becomes another, comes to be, or goes.
    pub(crate) fn new(before: Option<&Command>, after: Option<&Command>) -> Self {
        let key = |command: &Command| Claim::key(command.team_id, &command.trigger);
        let (released, taken) = (before.map(key), after.map(key));
        if released == taken { Self::default() } else { Self { released, taken } }
    }
}

/// What a list holds (CMD-12).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Listed {
    /// What is offered while somebody types.
    Offered,
    /// Everything that can be run, without secrets; of the commands, none, one's own or all.
    Runnable(Whose),
    /// Commands with their secrets.
    Whole(Whose),
}

/// Whose commands a list holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Whose {
    All,
    Nobodys,
    Own,
}

/// Decides what a list holds (CMD-12).
pub(crate) fn list(team: &str, custom_only: bool, rights: Rights, rules: &Rules) -> Result<Listed, ManageError> {
    if team.is_empty() {
        return Err(ManageError::BodyParameter("team_id"));
    }
    rights.may_view()?;
    let whose = if rights.others { Whose::All } else { Whose::Own };
    if custom_only {
        need(rights.own, OWN)?;
        return if rules.enabled { Ok(Listed::Whole(whose)) } else { Err(ManageError::Disabled) };
    }
    Ok(match (rights.own, rules.enabled) {
        (false, _) => Listed::Offered,
        (true, true) => Listed::Runnable(whose),
        (true, false) => Listed::Runnable(Whose::Nobodys),
    })
}

/// Whether an address is one that a command may have (CMD-3).
#[cfg(test)]
pub(crate) fn is_url(address: &str) -> bool {
    check::url(address).is_ok()
}
