//! What is offered while somebody types (CMD-19, CMD-111 to CMD-120, CMD-145).

use std::sync::Arc;

use async_trait::async_trait;
use jackfield::command::autocomplete::{Argument, Input, Item, Node};
use jackfield::command::{Answer, Registered, Trigger};
use jackfield::engine::{CommandCall, CommandHandler, ItemsAsk};
use jackfield::port::PortError;
use serde_json::{Value, json};

use super::{BODY, FORBIDDEN, GONE, call, made, path, send, site};
use crate::host::Site;

const INVALID: &str = "model.command.is_valid.autocomplete_data.app_error";

async fn suggested(site: &Site, user: &str, input: &str) -> Vec<String> {
    let query: String = url::form_urlencoded::byte_serialize(input.as_bytes()).collect();
    let route = format!("/api/v4/teams/{}/commands/autocomplete_suggestions?user_input={query}", site.team);
    let answer = send(site, user, "GET", &route, "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let found = answer.json();
    found.as_array().unwrap().iter().map(|one| one["Complete"].as_str().unwrap().to_owned()).collect()
}

fn tree() -> Value {
    json!({
        "Trigger": "", "Hint": "[action]", "HelpText": "Release tool", "RoleID": "system_user", "Arguments": [],
        "SubCommands": [
            { "Trigger": "start", "Hint": "", "HelpText": "Begin", "RoleID": "system_user", "SubCommands": [],
              "Arguments": [{ "Name": "", "HelpText": "Where", "Type": "DynamicList", "Required": true,
                              "Data": { "FetchURL": "https://lists.example/envs?v=1" } }] },
            { "Trigger": "stop", "Hint": "", "HelpText": "End", "RoleID": "system_admin", "SubCommands": [],
              "Arguments": [] }
        ]
    })
}

#[tokio::test]
async fn a_command_is_given_a_tree_and_loses_it_again() {
    let site = site().await;
    let command = made(
        &site,
        "ann",
        json!({ "auto_complete": true, "autocomplete_data": { "Trigger": "deploy", "RoleID": "" } }),
    )
    .await;
    assert_eq!(command["autocomplete_data"]["Trigger"], "deploy", "it is given back");
    let route = format!("{}/autocomplete", path(&command));
    let none = (404, "jackfield.command.autocomplete.not_found".to_owned());
    assert_eq!(call(&site, "ann", "GET", &route, "").await.brief(), none, "and not kept");
    assert_eq!(suggested(&site, "bob", "/deploy ").await, Vec::<String>::new());
    let kept = call(&site, "ann", "PUT", &route, tree().to_string()).await;
    assert_eq!((kept.status, &kept.json()["Trigger"]), (200, &json!("deploy")));
    assert_eq!(call(&site, "ann", "GET", &route, "").await.json(), kept.json());
    assert_eq!(suggested(&site, "bob", "/deploy ").await, ["deploy start"]);
    assert_eq!(suggested(&site, "admin", "/deploy ").await, ["deploy start", "deploy stop"]);
    let renamed = super::command_with(&site, json!({ "id": command["id"], "trigger": "ship", "auto_complete": true }));
    assert_eq!(call(&site, "ann", "PUT", &path(&command), renamed.to_string()).await.status, 200);
    assert_eq!(suggested(&site, "bob", "/ship ").await, ["ship start"]);
    assert_eq!(call(&site, "ann", "GET", &route, "").await.json()["Trigger"], "ship");
    assert_eq!(call(&site, "ann", "DELETE", &route, "").await.json(), json!({ "status": "OK" }));
    assert_eq!(call(&site, "ann", "GET", &route, "").await.brief(), none);
    assert_eq!(suggested(&site, "bob", "/sh").await, ["ship", "shrug"]);
}

#[tokio::test]
async fn a_tree_is_refused_for_what_it_is_and_for_who_sends_it() {
    let site = site().await;
    let command = made(&site, "admin", json!({})).await;
    let route = format!("{}/autocomplete", path(&command));
    assert_eq!(call(&site, "bob", "PUT", &route, tree().to_string()).await.brief(), (404, GONE.into()));
    assert_eq!(call(&site, "ann", "PUT", &route, tree().to_string()).await.brief(), (403, FORBIDDEN.into()));
    let mut deep = json!({ "Trigger": "x", "RoleID": "" });
    for _ in 0..8 {
        deep = json!({ "Trigger": "deploy", "RoleID": "", "SubCommands": [deep] });
    }
    let items: Vec<_> = (0..1_000).map(|n| json!({ "Item": n.to_string(), "Hint": "", "HelpText": "" })).collect();
    let argument = json!({ "Name": "", "HelpText": "", "Type": "StaticList", "Required": true,
        "Data": { "PossibleArguments": items } });
    let wide = json!({ "Trigger": "deploy", "RoleID": "", "Arguments": [argument] });
    let long = json!({ "Trigger": "deploy", "RoleID": "", "HelpText": "x".repeat(65_536) });
    let (other, role) =
        (json!({ "Trigger": "other", "RoleID": "" }), json!({ "Trigger": "deploy", "RoleID": "guest" }));
    for body in [deep, wide, long, other, role, json!([]), json!("x")] {
        let answer = call(&site, "admin", "PUT", &route, body.to_string()).await;
        assert_eq!(answer.brief(), (400, INVALID.into()), "{body:.60}");
    }
    assert_eq!(call(&site, "admin", "PUT", &route, "{").await.brief(), (400, INVALID.into()));
}

#[tokio::test]
async fn what_is_offered_is_for_members_of_the_team() {
    let site = site().await;
    made(&site, "ann", json!({ "auto_complete": true })).await;
    made(&site, "ann", json!({ "trigger": "hidden" })).await;
    let list = |team: &str| format!("/api/v4/teams/{team}/commands/autocomplete");
    let offered = send(&site, "bob", "GET", &list(site.team.as_str()), "").await.json();
    let words: Vec<_> =
        offered.as_array().unwrap().iter().map(|command| command["trigger"].as_str().unwrap()).collect();
    assert_eq!(words, ["deploy", "code", "echo", "help", "me", "shrug"]);
    assert_eq!(offered[0]["token"], "");
    for route in [list(site.other_team.as_str()), format!("{}_suggestions", list(site.other_team.as_str()))] {
        assert_eq!(send(&site, "bob", "GET", &route, "").await.brief(), (403, FORBIDDEN.into()));
    }
    let empty = send(&site, "bob", "GET", &format!("{}_suggestions", list(site.team.as_str())), "").await;
    assert_eq!(empty.brief(), (400, BODY.into()));
    assert_eq!(send(&site, "bob", "GET", &list("x"), "").await.status, 400);
}

#[tokio::test]
async fn a_list_is_fetched_from_an_address_and_one_that_cannot_be_had_is_none() {
    let site = site().await;
    let command = made(&site, "ann", json!({ "auto_complete": true })).await;
    call(&site, "ann", "PUT", &format!("{}/autocomplete", path(&command)), tree().to_string()).await;
    let items = r#"[{"Item":"prod","Hint":"","HelpText":""},{"Item":"prod eu","Hint":"","HelpText":""}]"#;
    super::answers(&site, &[items]);
    assert_eq!(suggested(&site, "bob", "/deploy start p").await, ["deploy start prod", "deploy start prod eu"]);
    let target = site.host.world().outside.requests[0].uri().to_string();
    assert!(target.starts_with("https://lists.example/envs?v=1&user_input=deploy+start+p&parsed="), "{target}");
    for (status, body) in [(404, items), (200, "x"), (302, "")] {
        site.host.world().outside.answers.push_back((status, body.to_owned()));
        assert!(suggested(&site, "bob", "/deploy start p").await.is_empty(), "{status} {body}");
    }
    assert!(suggested(&site, "bob", "/deploy start p").await.is_empty(), "nobody is there");
}

/// Provides a list.
#[derive(Debug)]
struct Fruits;

#[async_trait]
impl CommandHandler for Fruits {
    async fn run(&self, _: &CommandCall<'_>) -> Result<Option<Answer>, PortError> {
        Ok(None)
    }

    async fn items(&self, ask: &ItemsAsk<'_>) -> Result<Vec<Item>, PortError> {
        assert_eq!(ask.fetch.url, "builtin:eat:fruits");
        Ok(vec![Item::new("apple", "", ""), Item::new("banana", "", "")])
    }
}

#[tokio::test]
async fn a_command_in_code_provides_its_lists_itself() {
    let site = site().await;
    let trigger = Trigger::parse("eat").unwrap();
    let list = Argument::new("What", Input::fetched("builtin:eat:fruits"));
    let tree = Node::new("eat", "", "").with_argument(list);
    let command = Registered::built_in(trigger, "", "").with_tree(tree);
    site.engine().register_command(command, Arc::new(Fruits)).unwrap();
    assert_eq!(suggested(&site, "bob", "/eat b").await, ["eat banana"]);
    assert!(site.host.world().outside.requests.is_empty());
}
