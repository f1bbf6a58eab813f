//! Commands that are registered in code (CMD-29 to CMD-43, CMD-130).

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jackfield::command::{Answer, Registered, Standing, Trigger};
use jackfield::engine::{CommandCall, CommandHandler};
use jackfield::port::PortError;
use serde_json::json;

use super::{DUPLICATE, NOT_FOUND, answers, call, command_with, ephemeral, made, site, typed};

/// Answers what it was told to, and remembers what it was asked.
#[derive(Debug, Default)]
struct Double {
    answer: Mutex<Option<Result<Option<Answer>, &'static str>>>,
    asked: Mutex<Vec<String>>,
}

impl Double {
    fn will(&self, answer: Result<Option<Answer>, &'static str>) {
        *self.answer.lock().unwrap() = Some(answer);
    }
}

#[async_trait]
impl CommandHandler for Double {
    async fn run(&self, call: &CommandCall<'_>) -> Result<Option<Answer>, PortError> {
        let asked = format!("{} {:?} {} {}", call.user.username, call.text, call.team.name, call.site_url);
        self.asked.lock().unwrap().push(asked);
        self.answer.lock().unwrap().take().unwrap_or(Ok(None)).map_err(PortError::new)
    }
}

fn word(word: &str) -> Registered {
    Registered::built_in(Trigger::parse(word).unwrap(), "", "Does things")
}

#[tokio::test]
async fn a_host_registers_a_command_with_one_call() {
    let (site, double) = (site().await, Arc::new(Double::default()));
    site.engine().register_command(word("deploy"), double.clone()).unwrap();
    double.will(Ok(Some(Answer::ephemeral("hi"))));
    let shown = typed(&site, "bob", "/Deploy  web").await.json();
    assert_eq!((&shown["text"], &shown["trigger_id"]), (&json!("hi"), &json!("")));
    assert_eq!(ephemeral(&site), ["hi"]);
    assert_eq!(*double.asked.lock().unwrap(), ["bob \" web\" team https://chat.example"]);
    assert_eq!(typed(&site, "bob", "/deploy").await.brief(), (404, NOT_FOUND.into()), "it did not handle the line");
    double.will(Err("the disk is full"));
    assert_eq!(typed(&site, "bob", "/deploy").await.status, 200);
    assert!(!ephemeral(&site)[1].contains("disk"));
    let taken = call(&site, "ann", "POST", "", command_with(&site, json!({})).to_string()).await;
    assert_eq!(taken.brief(), (400, DUPLICATE.into()));
    assert!(site.engine().unregister_command("deploy", &Standing::BuiltIn));
    assert_eq!(typed(&site, "bob", "/deploy").await.status, 404);
    made(&site, "ann", json!({})).await;
}

#[tokio::test]
async fn an_extension_goes_before_the_teams_own_command_and_that_before_a_built_in() {
    let (site, double) = (site().await, Arc::new(Double::default()));
    made(&site, "ann", json!({})).await;
    let registered = word("deploy").of_extension("org.example.x", Some(site.team));
    let standing = registered.standing.clone();
    site.engine().register_command(registered, double.clone()).unwrap();
    double.will(Ok(Some(Answer::in_channel("extension"))));
    let shown = typed(&site, "bob", "/deploy").await.json();
    assert_eq!(shown["trigger_id"].as_str().unwrap().len(), 26);
    assert!(site.last().props().is_empty(), "it is not marked as a webhook's");
    answers(&site, &[r#"{"text":"service"}"#]);
    assert_eq!(typed(&site, "bob", "/deploy").await.json()["text"], "service");
    double.will(Err("it died"));
    let died = typed(&site, "bob", "/deploy").await;
    assert_eq!(died.brief(), (500, "model.plugin_command_crash.error.app_error".into()));
    site.configure(|settings| settings.commands.enabled = false);
    double.will(Ok(Some(Answer::ephemeral("still"))));
    assert_eq!(typed(&site, "bob", "/deploy").await.status, 200);
    assert!(!site.engine().unregister_command("deploy", &Standing::BuiltIn), "that is not its own");
    assert!(site.engine().unregister_command("deploy", &standing));
}

#[tokio::test]
async fn the_librarys_own_built_ins_need_nothing_of_a_host() {
    let site = site().await;
    for (line, message) in [
        ("/me waves", "*waves*"),
        ("/shrug", r"¯\\\_(ツ)\_/¯"),
        ("/code a\nb", "    a\n    b"),
        ("/echo hello 0", "hello"),
    ] {
        assert_eq!(typed(&site, "bob", line).await.status, 200, "{line}");
        assert_eq!(site.last().draft.message, message, "{line}");
    }
    assert!(ephemeral(&site).is_empty());
    typed(&site, "bob", "/help").await;
    assert!(ephemeral(&site)[0].contains("https://mattermost.com/pl/help/"));
}
