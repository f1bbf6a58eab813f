//! Who may create, see, change, move and delete commands, and what becomes of what they wrote.

use super::{command, command_id, team, trigger, user};
use crate::command::autocomplete::{Argument, Input, Node, RoleNeeded};
use crate::command::manage::{
    Claims, Listed, Maker, Rights, Rules, Whose, change, create, creator_ask, is_url, list, move_into, move_to,
    names_other, see, stays_in_team, touch, tree, update,
};
use crate::command::{Claim, Command, CommandRequest, ManageError, Member, Method};
use crate::id::{CommandToken, Millis};
use crate::port::{Ask, Permission, Scope};

const NOW: Millis = Millis(9_000);
const ON: Rules = Rules { enabled: true, now: NOW };
const OFF: Rules = Rules { enabled: false, now: NOW };
const OWN: Permission = Permission::MANAGE_OWN_SLASH_COMMANDS;
const OTHERS: Permission = Permission::MANAGE_OTHERS_SLASH_COMMANDS;

/// Rights by letters: `a` for others, `o` for own, `v` for view.
fn rights(letters: &str) -> Rights {
    Rights::new(&['a', 'o', 'v'].map(|letter| letters.contains(letter)))
}

fn request() -> CommandRequest {
    CommandRequest {
        team_id: team(1).into(),
        trigger: "Weather".into(),
        method: "P".into(),
        url: "http://x.io/weather".into(),
        ..CommandRequest::default()
    }
}

fn maker(letters: &str) -> Maker {
    Maker {
        caller: user(1),
        creator: None,
        id: command_id(9),
        rights: rights(letters),
        token: CommandToken::parse("the token that is made new").unwrap(),
    }
}

fn nothing_taken(_: &str) -> bool {
    false
}

fn made(request: &CommandRequest, maker: Maker, rules: &Rules) -> Result<Command, ManageError> {
    create(request, maker, rules, nothing_taken).map(|(command, _)| command)
}

#[test]
fn rights_are_asked_of_the_team_or_everywhere() {
    let asks = |scope| [OTHERS, OWN, Permission::VIEW_TEAM].map(|permission| Ask::new(permission, scope));
    assert_eq!(Rights::asks(Some(team(1))), asks(Scope::Team(team(1))));
    assert_eq!(Rights::asks(None), asks(Scope::System));
    assert_eq!(Rights::new(&[true, true]), Rights::default(), "what was not answered is a no");
    assert_eq!(rights("v").may_view(), Ok(()));
    assert_eq!(rights("ao").may_view(), Err(ManageError::Forbidden(Permission::VIEW_TEAM)));
    assert_eq!(creator_ask(team(2)), Ask::new(OWN, Scope::Team(team(2))));
}

#[test]
fn a_new_command_has_what_was_asked_for() {
    let asked = CommandRequest {
        auto_complete: true,
        auto_complete_desc: "Shows the weather".into(),
        auto_complete_hint: "[city]".into(),
        description: "Weather of a city".into(),
        display_name: "Weather".into(),
        icon_url: "http://x.io/w.png".into(),
        username: "Weather Bot".into(),
        ..request()
    };
    let (got, token) = create(&asked, maker("o"), &ON, nothing_taken).unwrap();
    let want = Command { create_at: NOW, id: command_id(9), update_at: NOW, ..command(9, "weather") };
    assert_eq!(got, want);
    assert_eq!(token.expose(), "the token that is made new");
    let got = made(&CommandRequest { method: "G".into(), ..request() }, maker("o"), &ON).unwrap();
    assert_eq!((got.method, got.auto_complete, got.username.as_str()), (Method::Get, false, ""));
}

#[test]
fn a_token_of_the_clients_own_is_kept() {
    let asked = CommandRequest { token: "tok&n with=odd chars/12345".into(), ..request() };
    let (_, token) = create(&asked, maker("o"), &ON, nothing_taken).unwrap();
    assert_eq!(token.expose(), asked.token);
}

#[test]
fn a_command_is_made_for_another_by_who_manages_all() {
    let for_other = CommandRequest { creator_id: user(2).into(), ..request() };
    assert!(names_other(&for_other, user(1)) && !names_other(&for_other, user(2)) && !names_other(&request(), user(1)));
    let there = |letters| Maker { creator: Some(user(2)), ..maker(letters) };
    assert_eq!(made(&for_other, there("ao"), &ON).map(|command| command.creator_id), Ok(user(2)));
    assert_eq!(made(&for_other, there("o"), &ON), Err(ManageError::Forbidden(OTHERS)));
    assert_eq!(made(&for_other, maker("ao"), &ON), Err(ManageError::UserNotFound));
    let for_self = CommandRequest { creator_id: user(1).into(), ..request() };
    assert_eq!(made(&for_self, maker("o"), &ON).map(|command| command.creator_id), Ok(user(1)));
}

/// Each row is wrong in all that the rows below it are wrong in, and what it says is found first (CMD-8, CMD-4).
#[test]
fn the_first_mistake_counts() {
    let invalid = ManageError::Invalid;
    let taken = |word: &str| word == "a b";
    let mut worst = CommandRequest {
        autocomplete_data: Some(Node::default()),
        creator_id: user(2).into(),
        description: "d".repeat(129),
        display_name: "d".repeat(65),
        id: "x".into(),
        method: "X".into(),
        plugin_id: "com.example.thing".into(),
        team_id: "nope".into(),
        token: "short".into(),
        trigger: "A b".into(),
        url: String::new(),
        username: "u".repeat(65),
        ..CommandRequest::default()
    };
    let check = |request: &CommandRequest, letters: &str, creator: bool, rules: &Rules| {
        let maker = Maker { creator: creator.then(|| user(2)), ..maker(letters) };
        create(request, maker, rules, taken).err()
    };
    assert_eq!(check(&worst, "a", false, &OFF), Some(ManageError::Forbidden(OWN)));
    assert_eq!(check(&worst, "o", false, &OFF), Some(ManageError::Forbidden(OTHERS)));
    assert_eq!(check(&worst, "ao", false, &OFF), Some(ManageError::UserNotFound));
    assert_eq!(check(&worst, "ao", true, &OFF), Some(ManageError::Disabled));
    assert_eq!(check(&worst, "ao", true, &ON), Some(ManageError::DuplicateTrigger));
    worst.trigger = "a  b".into();
    type Step = (fn(&mut CommandRequest), ManageError);
    let steps: [Step; 13] = [
        (|_| (), ManageError::BodyParameter("id")),
        (|request| request.id.clear(), invalid(Member::Token)),
        (|request| request.token.clear(), invalid(Member::PluginId)),
        (|request| request.plugin_id.clear(), invalid(Member::TeamId)),
        (|request| request.team_id = team(1).into(), invalid(Member::Trigger)),
        (|request| request.trigger = "ab".into(), invalid(Member::Url)),
        (|request| request.url = "x".into(), invalid(Member::UrlHttp)),
        (|request| request.url = "http://h".into(), invalid(Member::Method)),
        (|request| request.method = "G".into(), invalid(Member::DisplayName)),
        (|request| request.display_name.clear(), invalid(Member::Description)),
        (|request| request.description.clear(), invalid(Member::AutocompleteData)),
        (|request| request.autocomplete_data = None, ManageError::BodyParameter("username")),
        (|request| request.username.clear(), ManageError::NotFound),
    ];
    for (mend, want) in steps {
        mend(&mut worst);
        let got = check(&worst, "ao", true, &ON);
        assert_eq!(got, (want != ManageError::NotFound).then_some(want));
    }
}

#[test]
fn a_team_is_named() {
    let nowhere = CommandRequest { team_id: String::new(), ..request() };
    assert_eq!(made(&nowhere, maker("aov"), &ON), Err(ManageError::Forbidden(OWN)));
}

#[test]
fn texts_have_the_lengths_of_the_table() {
    let long = "é".repeat(32);
    type Set = fn(&mut CommandRequest, String);
    let cases: [(Set, usize, ManageError); 6] = [
        (|request, text| request.display_name = text, 32, ManageError::Invalid(Member::DisplayName)),
        (|request, text| request.description = text, 64, ManageError::Invalid(Member::Description)),
        (|request, text| request.username = text, 64, ManageError::BodyParameter("username")),
        (|request, text| request.icon_url = text, 1_024, ManageError::BodyParameter("icon_url")),
        (|request, text| request.auto_complete_desc = text, 1_024, ManageError::BodyParameter("auto_complete_desc")),
        (|request, text| request.auto_complete_hint = text, 1_024, ManageError::BodyParameter("auto_complete_hint")),
    ];
    for (set, longest, want) in cases {
        let mut asked = request();
        set(&mut asked, long.repeat(longest / 32));
        assert!(made(&asked, maker("o"), &ON).is_ok(), "{want:?}");
        set(&mut asked, format!("{}x", long.repeat(longest / 32)));
        assert_eq!(made(&asked, maker("o"), &ON), Err(want));
    }
}

#[test]
fn what_cannot_be_kept_is_refused() {
    type Set = fn(&mut CommandRequest);
    let cases: [(Set, &str); 6] = [
        (|request| request.username = "a\0".into(), "username"),
        (|request| request.icon_url = "a\0".into(), "icon_url"),
        (|request| request.auto_complete_desc = "a\0".into(), "auto_complete_desc"),
        (|request| request.auto_complete_hint = "a\0".into(), "auto_complete_hint"),
        (|request| request.display_name = "a\0".into(), "display_name"),
        (|request| request.description = "a\0".into(), "description"),
    ];
    for (set, name) in cases {
        let mut asked = request();
        set(&mut asked);
        assert_eq!(made(&asked, maker("o"), &ON), Err(ManageError::BodyParameter(name)));
    }
}

#[test]
fn addresses_follow_the_grammar() {
    let longest = format!("http://h.example/{}", "u".repeat(1_007));
    for address in ["http://h", "https://h:8443/a?b=c", "http://127.0.0.1:9/", &longest] {
        assert!(is_url(address), "{address}");
    }
    let too_long = format!("{longest}u");
    for address in [
        "",
        "h.example/x",
        "HTTP://h",
        "ftp://h",
        "https:////h",
        "http://",
        "javascript:alert(1)",
        "http://h\n",
        &too_long,
    ] {
        assert!(!is_url(address), "{address}");
    }
    let asked = CommandRequest { url: too_long, ..request() };
    assert_eq!(made(&asked, maker("o"), &ON), Err(ManageError::Invalid(Member::Url)));
}

#[test]
fn who_may_see_and_change_a_command() {
    let theirs = command(7, "weather");
    let not_found = Err(ManageError::NotFound);
    for (letters, caller, sees, changes) in [
        ("aov", 2, Ok(()), Ok(())),
        ("ov", 1, Ok(()), Ok(())),
        ("ov", 2, not_found.clone(), Err(ManageError::Forbidden(OTHERS))),
        ("av", 1, not_found.clone(), not_found.clone()),
        ("ao", 1, not_found.clone(), Ok(())),
        ("", 1, not_found.clone(), not_found.clone()),
    ] {
        assert_eq!(see(&theirs, user(caller), rights(letters)), sees, "{letters} {caller}");
        assert_eq!(change(&theirs, user(caller), rights(letters)), changes, "{letters} {caller}");
    }
    assert_eq!((ON.hides(), OFF.hides()), (Ok(()), not_found));
}

#[test]
fn an_update_replaces_all_but_what_is_fixed() {
    let old = command(7, "weather");
    let asked = CommandRequest {
        creator_id: user(5).into(),
        id: "x".into(),
        method: "G".into(),
        plugin_id: "com.example.thing".into(),
        team_id: team(5).into(),
        token: "short".into(),
        trigger: "Forecast".into(),
        url: "http://x.io/g".into(),
        ..CommandRequest::default()
    };
    let got = update(&asked, &old, user(1), rights("o"), &ON, nothing_taken).unwrap();
    let want = Command {
        auto_complete: false,
        auto_complete_desc: String::new(),
        auto_complete_hint: String::new(),
        create_at: old.create_at,
        creator_id: old.creator_id,
        description: String::new(),
        display_name: String::new(),
        icon_url: String::new(),
        id: old.id,
        method: Method::Get,
        team_id: old.team_id,
        trigger: trigger("forecast"),
        update_at: NOW,
        url: "http://x.io/g".into(),
        username: String::new(),
    };
    assert_eq!(got, want);
    let early = Rules { now: Millis(5), ..ON };
    let got = update(&asked, &old, user(1), rights("o"), &early, nothing_taken).unwrap();
    assert_eq!(got.update_at, old.update_at, "never back in time");
}

#[test]
fn an_update_is_refused_in_the_order_of_the_table() {
    let old = command(7, "weather");
    let asked = CommandRequest { trigger: "A b".into(), url: "x".into(), ..request() };
    let refused = |letters, caller, asked: &CommandRequest, taken: &str| {
        update(asked, &old, user(caller), rights(letters), &ON, |word| word == taken).err()
    };
    assert_eq!(refused("", 1, &asked, "a b"), Some(ManageError::NotFound));
    assert_eq!(refused("o", 2, &asked, "a b"), Some(ManageError::Forbidden(OTHERS)));
    assert_eq!(refused("o", 1, &asked, "a b"), Some(ManageError::DuplicateTrigger));
    assert_eq!(refused("o", 1, &asked, ""), Some(ManageError::Invalid(Member::Trigger)));
    assert_eq!(refused("o", 1, &request(), ""), None);
    assert_eq!(refused("o", 1, &request(), "weather"), Some(ManageError::DuplicateTrigger), "no word is taken over");
    assert_eq!(stays_in_team(&request(), &old), Ok(()));
    for other in [String::new(), team(2).into()] {
        let asked = CommandRequest { team_id: other, ..request() };
        assert_eq!(stays_in_team(&asked, &old), Err(ManageError::TeamMismatch));
    }
}

#[test]
fn a_command_moves_where_its_creator_may_have_it() {
    let old = command(7, "weather");
    assert_eq!((move_into(rights("o")), move_into(rights("av"))), (Ok(()), Err(ManageError::Forbidden(OWN))));
    let moved = |creator_may, taken: &str| move_to(&old, team(2), creator_may, NOW, |word| word == taken);
    assert_eq!(moved(true, ""), Ok(Command { team_id: team(2), update_at: NOW, ..old.clone() }));
    assert_eq!(moved(false, "weather"), Err(ManageError::CreatorNotAllowed));
    assert_eq!(moved(true, "weather"), Err(ManageError::DuplicateTrigger));
    assert_eq!(touch(&old, NOW), Command { update_at: NOW, ..old.clone() });
    assert_eq!(touch(&old, Millis(1)), old);
}

#[test]
fn claims_change_with_the_word_and_the_team() {
    let old = command(7, "weather");
    let key = |command: &Command| Some(Claim::key(command.team_id, &command.trigger));
    let renamed = Command { trigger: trigger("other"), ..old.clone() };
    let moved = Command { team_id: team(2), ..old.clone() };
    let edited = Command { url: "http://y".into(), ..old.clone() };
    for (before, after, released, taken) in [
        (None, Some(&old), None, key(&old)),
        (Some(&old), None, key(&old), None),
        (Some(&old), Some(&renamed), key(&old), key(&renamed)),
        (Some(&old), Some(&moved), key(&old), key(&moved)),
        (Some(&old), Some(&edited), None, None),
    ] {
        assert_eq!(Claims::new(before, after), Claims { released, taken });
    }
}

#[test]
fn lists_hold_what_the_table_says() {
    let listed = |team: &str, custom_only, letters, rules| list(team, custom_only, rights(letters), rules);
    for (team, custom_only, letters, rules, want) in [
        ("", true, "aov", &ON, Err(ManageError::BodyParameter("team_id"))),
        ("t", true, "ao", &ON, Err(ManageError::Forbidden(Permission::VIEW_TEAM))),
        ("t", true, "av", &OFF, Err(ManageError::Forbidden(OWN))),
        ("t", true, "ov", &OFF, Err(ManageError::Disabled)),
        ("t", true, "ov", &ON, Ok(Listed::Whole(Whose::Own))),
        ("t", true, "aov", &ON, Ok(Listed::Whole(Whose::All))),
        ("t", false, "av", &ON, Ok(Listed::Offered)),
        ("t", false, "v", &OFF, Ok(Listed::Offered)),
        ("t", false, "ov", &ON, Ok(Listed::Runnable(Whose::Own))),
        ("t", false, "aov", &ON, Ok(Listed::Runnable(Whose::All))),
        ("t", false, "aov", &OFF, Ok(Listed::Runnable(Whose::Nobodys))),
    ] {
        assert_eq!(listed(team, custom_only, letters, rules), want, "{custom_only} {letters} {rules:?}");
    }
}

#[test]
fn a_tree_is_the_commands_own() {
    let refused = Err(ManageError::Invalid(Member::AutocompleteData));
    let of = |body: &str| tree(body.as_bytes(), &command(7, "weather"));
    let want = Node { hint: "h".into(), role: RoleNeeded::User, trigger: "weather".into(), ..Node::default() };
    for word in ["weather", ""] {
        let body = format!(r#"{{"Trigger":"{word}","Hint":"h","RoleID":"system_user"}}"#);
        assert_eq!(of(&body), Ok(want.clone()));
    }
    let broken = ["", "[]", r#"{"Trigger":"other"}"#, r#"{"Trigger":"Weather"}"#, r#"{"RoleID":"team_admin"}"#];
    for body in broken {
        assert_eq!(of(body), refused, "{body}");
    }
    let padded = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
    assert!(of(&padded(Node::MAX_BYTES)).is_ok());
    assert_eq!(of(&padded(Node::MAX_BYTES + 1)), refused);
    let many = r#"{"Trigger":"a"},"#.repeat(1_000);
    assert_eq!(of(&format!(r#"{{"SubCommands":[{}]}}"#, many.trim_end_matches(','))), refused);
    let optional = Node::new("weather", "", "").with_argument(Argument::new("", Input::text("")).optional());
    assert_eq!(of(&optional.to_json()), refused);
}
