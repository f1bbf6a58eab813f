//! The command object, and what clients write.

use serde_json::{Value, json};

use super::{built_in, command, command_id, team, user};
use crate::command::autocomplete::Node;
use crate::command::wire::{CommandObject, MoveRequest, SigningRequest};
use crate::command::{CommandRequest, ManageError, Registered};
use crate::id::CommandToken;

fn shown(object: CommandObject<'_>) -> Value {
    serde_json::to_value(object).unwrap()
}

fn whole() -> Value {
    json!({
        "id": command_id(7), "token": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "create_at": 1000, "update_at": 2000, "delete_at": 0,
        "creator_id": user(1), "team_id": team(1), "trigger": "weather", "method": "P", "username": "Weather Bot",
        "icon_url": "http://x.io/w.png", "auto_complete": true, "auto_complete_desc": "Shows the weather",
        "auto_complete_hint": "[city]", "display_name": "Weather", "description": "Weather of a city",
        "url": "http://x.io/weather", "plugin_id": "",
    })
}

fn token() -> CommandToken {
    CommandToken::parse("ABCDEFGHIJKLMNOPQRSTUVWXYZ").unwrap()
}

#[test]
fn a_signing_secret_can_be_brought_along() {
    const OWN: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    let read = |body: &str| SigningRequest::from_json(body.as_bytes()).map(|it| it.secret.map(|own| own.expose()));
    for nothing in ["", " \r\n", "null", "{}", r#"{"secret":""}"#, r#"{"secret":null,"other":[1]}"#] {
        assert_eq!(read(nothing), Ok(None), "{nothing}");
    }
    assert_eq!(read(&format!(r#"{{"secret":"{OWN}"}}"#)), Ok(Some(OWN.to_owned())));
    for wrong in ["AAECAwQFBgcICQoLDA0ODxAREhMUFRYX", "whsec_AAEC", "0123456789abcdef0123456789abcdef"] {
        let refused = read(&format!(r#"{{"secret":"{wrong}"}}"#));
        assert_eq!(refused, Err(ManageError::BodyParameter("secret")), "{wrong}");
    }
    for mistake in ["[]", "{", r#"{"secret":1}"#] {
        assert!(matches!(read(mistake), Err(ManageError::Body(_))), "{mistake}");
    }
}

#[test]
fn a_command_is_shown_with_every_member() {
    assert_eq!(shown(CommandObject::whole(&command(7, "weather"), &token())), whole());
}

#[test]
fn who_may_merely_run_it_sees_no_secrets() {
    let mut want = whole();
    for name in ["token", "creator_id", "method", "url", "username", "icon_url"] {
        want[name] = json!("");
    }
    assert_eq!(shown(CommandObject::sanitized(&command(7, "weather"))), want);
}

#[test]
fn what_is_not_kept_is_shown_once() {
    let mut request = CommandRequest::default();
    assert_eq!(shown(CommandObject::echoed(&command(7, "weather"), &token(), &request)), whole());
    request.autocomplete_data = Some(Node::new("weather", "h", "t"));
    request.autocomplete_icon_data = "data:x".to_owned();
    let mut want = whole();
    want["autocomplete_icon_data"] = json!("data:x");
    want["autocomplete_data"] = json!({
        "Trigger": "weather", "Hint": "h", "HelpText": "t", "RoleID": "system_user", "Arguments": [], "SubCommands": [],
    });
    assert_eq!(shown(CommandObject::echoed(&command(7, "weather"), &token(), &request)), want);
}

#[test]
fn a_command_of_the_code_has_no_id() {
    let want = json!({
        "id": "", "token": "", "create_at": 0, "update_at": 0, "delete_at": 0, "creator_id": "", "team_id": "",
        "trigger": "shrug", "method": "", "username": "", "icon_url": "", "auto_complete": true,
        "auto_complete_desc": "Built in", "auto_complete_hint": "[text]", "display_name": "shrug", "description": "",
        "url": "", "plugin_id": "",
    });
    assert_eq!(shown(CommandObject::registered(&built_in("shrug"))), want);
    let extension: Registered =
        built_in("call").hidden().with_display_name("Call").with_icon("data:y").of_extension("com.x", Some(team(2)));
    let extension = extension.with_tree(Node::new("call", "", ""));
    let object = shown(CommandObject::registered(&extension));
    assert_eq!(
        [&object["plugin_id"], &object["team_id"], &object["display_name"], &object["autocomplete_icon_data"]],
        [&json!("com.x"), &json!(team(2)), &json!("Call"), &json!("data:y")]
    );
    assert_eq!((&object["auto_complete"], &object["autocomplete_data"]["Trigger"]), (&json!(false), &json!("call")));
    assert_eq!((extension.owner(), extension.team()), (Some("com.x"), Some(&team(2))));
    assert_eq!((built_in("a").owner(), built_in("a").team()), (None, None));
}

#[test]
fn every_member_is_read() {
    let body = json!({
        "id": "1", "token": "2", "creator_id": "3", "team_id": "4", "trigger": "5", "method": "6", "username": "7",
        "icon_url": "8", "auto_complete": true, "auto_complete_desc": "9", "auto_complete_hint": "10",
        "display_name": "11", "description": "12", "url": "13", "plugin_id": "14", "autocomplete_icon_data": "15",
        "create_at": 1, "update_at": 2, "delete_at": 3, "colour": "red",
        "autocomplete_data": { "Trigger": "t" },
    });
    let read = CommandRequest::from_json(body.to_string().as_bytes()).unwrap();
    let tree = Node { trigger: "t".to_owned(), ..Node::default() };
    let want = CommandRequest {
        id: "1".into(),
        token: "2".into(),
        creator_id: "3".into(),
        team_id: "4".into(),
        trigger: "5".into(),
        method: "6".into(),
        username: "7".into(),
        icon_url: "8".into(),
        auto_complete: true,
        auto_complete_desc: "9".into(),
        auto_complete_hint: "10".into(),
        display_name: "11".into(),
        description: "12".into(),
        url: "13".into(),
        plugin_id: "14".into(),
        autocomplete_icon_data: "15".into(),
        autocomplete_data: Some(tree),
    };
    assert!(read == want);
    assert_eq!(format!("{read:?}"), "CommandRequest(…)");
}

#[test]
fn a_body_is_read_leniently() {
    let empty = CommandRequest::default();
    for body in [
        "null",
        "{}",
        r#"{"trigger":null,"auto_complete":null,"autocomplete_data":null,"create_at":null,"TEAM_ID":""} and more"#,
        r#"{"autocomplete_data":{"Trigger":"a"},"autocomplete_data":null}"#,
        r#"{"trigger":"a","Trigger":""}"#,
    ] {
        assert!(CommandRequest::from_json(body.as_bytes()).unwrap() == empty, "{body}");
    }
    let merged = r#"{"autocomplete_data":{"Trigger":"a"},"autocomplete_data":{"Hint":"b"}}"#;
    let merged = CommandRequest::from_json(merged.as_bytes()).unwrap().autocomplete_data.unwrap();
    assert_eq!((merged.trigger.as_str(), merged.hint.as_str()), ("a", "b"));
}

#[test]
fn what_has_a_wrong_type_refuses_the_body() {
    let texts = [
        "id",
        "token",
        "creator_id",
        "team_id",
        "trigger",
        "method",
        "username",
        "icon_url",
        "auto_complete_desc",
        "auto_complete_hint",
        "display_name",
        "description",
        "url",
        "plugin_id",
        "autocomplete_icon_data",
    ];
    for name in texts {
        for value in ["5", "true", "[]", "{}"] {
            let body = format!(r#"{{"{name}":{value}}}"#);
            assert!(CommandRequest::from_json(body.as_bytes()).is_err(), "{body}");
        }
    }
    for body in [
        "",
        "[]",
        "5",
        "{",
        r#"{"auto_complete":"true"}"#,
        r#"{"create_at":"1"}"#,
        r#"{"update_at":1.5}"#,
        r#"{"delete_at":{}}"#,
        r#"{"autocomplete_data":"x"}"#,
        r#"{"autocomplete_data":[]}"#,
        r#"{"autocomplete_data":{"Arguments":[{"Name":""}]}}"#,
    ] {
        assert!(CommandRequest::from_json(body.as_bytes()).is_err(), "{body}");
    }
}

#[test]
fn a_move_names_a_team() {
    let read = |body: &str| MoveRequest::from_json(body.as_bytes()).map(|request| request.team_id);
    assert_eq!(read(r#"{"Team_ID":"abc","x":1}"#).as_deref(), Ok("abc"));
    assert_eq!(read("null").as_deref(), Ok(""));
    assert_eq!(read("{}").as_deref(), Ok(""));
    for body in ["", "{", "[]", r#"{"team_id":5}"#] {
        assert!(read(body).is_err(), "{body}");
    }
}
