//! Who may run what where.

use super::{team, user};
use crate::command::execute::{TeamOf, answers, channel_ask, enter, named_team, team as team_of};
use crate::command::{ExecuteError, ExecuteRequest};
use crate::id::{ChannelId, Millis, PostId};
use crate::port::{Ask, Channel, ChannelKind, Permission, Post, Scope};

const WRITE: Permission = Permission::CREATE_POST;

fn channel_id(number: u8) -> ChannelId {
    ChannelId::from_random([number; 16])
}

fn post_id(number: u8) -> PostId {
    PostId::from_random([number; 16])
}

fn channel(kind: ChannelKind) -> Channel {
    let channel = Channel::new(channel_id(1), kind, "dev");
    match kind {
        ChannelKind::Private | ChannelKind::Public => channel.with_team(team(1), "Dev"),
        ChannelKind::Direct | ChannelKind::Group => channel,
    }
}

#[test]
fn a_request_is_read() {
    let read = |body: &str| ExecuteRequest::from_json(body.as_bytes());
    let want =
        ExecuteRequest { channel_id: "c".into(), command: "/x".into(), root_id: "r".into(), team_id: "t".into() };
    let whole = r#"{"Channel_ID":"c","command":"/x","root_id":"r","team_id":"t","user_id":"u","trigger_id":"i",
        "parent_id":null,"colour":5} rest"#;
    assert_eq!(read(whole), Ok(want));
    assert_eq!((read("null"), read("{}")), (Ok(ExecuteRequest::default()), Ok(ExecuteRequest::default())));
    for name in ["channel_id", "command", "root_id", "team_id", "user_id", "trigger_id", "parent_id"] {
        assert!(read(&format!(r#"{{"{name}":5}}"#)).is_err(), "{name}");
    }
    for body in ["", "{", "[]", "5"] {
        assert!(read(body).is_err(), "{body}");
    }
}

#[test]
fn a_request_can_be_written_in_code() {
    let request = ExecuteRequest::new(channel_id(1), "/x").in_thread(post_id(2)).with_team(team(3));
    assert_eq!(request.admit(), Ok(channel_id(1)));
    assert_eq!(request.root(), Ok(Some(post_id(2))));
    assert_eq!((request.command.as_str(), request.team_id.as_str()), ("/x", team(3).as_str()));
}

#[test]
fn a_line_begins_with_a_slash_and_names_a_channel() {
    let admit = |command: &str, channel: &str| {
        let request =
            ExecuteRequest { channel_id: channel.into(), command: command.into(), ..ExecuteRequest::default() };
        request.admit()
    };
    let here = channel_id(1);
    for line in ["/x", "//", "/ ", "/é"] {
        assert_eq!(admit(line, here.as_str()), Ok(here), "{line}");
    }
    for line in ["", "/", "shrug", " /shrug", "é/"] {
        assert_eq!(admit(line, here.as_str()), Err(ExecuteError::Start), "{line}");
    }
    for channel in ["", "town-square"] {
        assert_eq!(admit("/x", channel), Err(ExecuteError::Start));
    }
}

#[test]
fn only_who_may_write_there_gets_in() {
    assert_eq!(channel_ask(channel_id(1)), Ask::new(WRITE, Scope::Channel(channel_id(1))));
    let here = channel(ChannelKind::Public);
    let archived = Channel { archived: true, ..here.clone() };
    let forbidden = Err(ExecuteError::Forbidden(WRITE));
    assert_eq!(enter(Some(here.clone()), true), Ok(here.clone()));
    assert_eq!(enter(Some(here), false), forbidden);
    assert_eq!(enter(None, true), forbidden);
    assert_eq!(enter(Some(archived.clone()), false), forbidden);
    assert_eq!(enter(Some(archived), true), Err(ExecuteError::ChannelArchived));
}

#[test]
fn the_team_of_the_channel_counts_where_there_is_one() {
    let request = |named: &str| ExecuteRequest { team_id: named.into(), ..ExecuteRequest::default() };
    for kind in [ChannelKind::Public, ChannelKind::Private] {
        assert_eq!(team_of(&request(team(2).as_str()), &channel(kind)), TeamOf::Channel(team(1)));
    }
    let everywhere = Ask::new(WRITE, Scope::System);
    let member = Ask::new(Permission::VIEW_TEAM, Scope::Team(team(2)));
    for kind in [ChannelKind::Direct, ChannelKind::Group] {
        let named = team_of(&request(team(2).as_str()), &channel(kind));
        assert_eq!(named, TeamOf::Request(Some(team(2)), vec![member.clone(), everywhere.clone()]));
        for none in ["", "nope"] {
            assert_eq!(team_of(&request(none), &channel(kind)), TeamOf::Request(None, vec![everywhere.clone()]));
        }
    }
}

#[test]
fn a_named_team_is_one_that_the_caller_is_in() {
    let forbidden = Err(ExecuteError::Forbidden(WRITE));
    for (named, granted, restricted, want) in [
        (Some(team(2)), &[true, false][..], false, Ok(team(2))),
        (Some(team(2)), &[false, true], false, Ok(team(2))),
        (Some(team(2)), &[false, false], false, forbidden.clone()),
        (Some(team(2)), &[], false, forbidden.clone()),
        (None, &[false], false, forbidden),
        (None, &[true], false, Err(ExecuteError::TeamNotFound)),
        (Some(team(2)), &[true, true], true, Err(ExecuteError::RestrictedDirect)),
    ] {
        assert_eq!(named_team(named, granted, restricted), want, "{granted:?} {restricted}");
    }
}

#[test]
fn a_thread_is_one_of_the_channel() {
    let request = |root: &str| ExecuteRequest { root_id: root.into(), ..ExecuteRequest::default() };
    assert_eq!((request("").root(), request("nope").root()), (Ok(None), Err(ExecuteError::Root)));
    let post = Post::new(post_id(1), channel_id(1), user(1), Millis(5), "hi");
    let here = channel(ChannelKind::Public);
    assert_eq!(answers(Some(post.clone()), &here), Ok(post_id(1)));
    let deleted = Post { deleted: true, ..post.clone() };
    let elsewhere = Post { channel_id: channel_id(2), ..post.clone() };
    let reply = Post { root_id: Some(post_id(2)), ..post };
    for wrong in [None, Some(deleted), Some(elsewhere), Some(reply)] {
        assert_eq!(answers(wrong, &here), Err(ExecuteError::Root));
    }
}
