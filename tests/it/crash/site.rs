//! A team with a hook, those who write to it, and what must be there in the end.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;

use serde_json::json;

use super::client::{Answer, Client};

/// What is set up once, and outlives every kill.
pub(crate) struct Site {
    authorization: String,
    channel: String,
    hook: String,
}

impl Site {
    pub(crate) fn set_up(address: SocketAddr) -> Self {
        let mut client = Client::connect(address).unwrap();
        let account = json!({ "username": "ann", "email": "ann@example.com", "password": "correct horse" });
        client.send("POST", "/api/v4/users", &[], &account.to_string()).unwrap().json();
        let login = json!({ "login_id": "ann", "password": "correct horse" }).to_string();
        let token = client.send("POST", "/api/v4/users/login", &[], &login).unwrap().token;
        let mut site = Self { authorization: format!("Bearer {token}"), channel: String::new(), hook: String::new() };
        let team = json!({ "name": "crash", "display_name": "Crash", "type": "O" }).to_string();
        let team = site.ask(&mut client, "POST", "/api/v4/teams", &team).text("id");
        let path = format!("/api/v4/teams/{team}/channels/name/town-square");
        site.channel = site.ask(&mut client, "GET", &path, "").text("id");
        site.hook = site.make_hook(&mut client).text("id");
        site
    }

    /// The id of the channel.
    pub(crate) fn channel(&self) -> &str {
        &self.channel
    }

    /// What a request of the administrator's says of who sends it.
    pub(crate) fn authorization(&self) -> (&str, &str) {
        ("Authorization", &self.authorization)
    }

    /// The id of the hook.
    pub(crate) fn hook(&self) -> &str {
        &self.hook
    }

    /// Sends what was not answered once more, and looks at what is there.
    pub(super) fn verify(&self, address: SocketAddr, writers: &mut [Writer]) {
        let mut client = Client::connect(address).unwrap();
        for writer in &mut *writers {
            assert!(writer.repeat_unanswered(&mut client, self), "an answer did not come, and nobody was killed");
            writer.repeat_last(&mut client, self);
        }
        assert!(self.call(&mut client, "the hook works", None));

        let found = self.messages(&mut client);
        let mut known = BTreeMap::from([("the hook works", true)]);
        for message in writers.iter().flat_map(|writer| &writer.messages) {
            known.insert(&message.text, message.answered != Answered::Never);
        }
        for (text, times) in &found {
            assert!(known.contains_key(text.as_str()), "{text:?} was never sent");
            assert_eq!(*times, 1, "{text:?}");
        }
        for (text, answered) in &known {
            assert!(!answered || found.contains_key(*text), "{text:?} was answered and is not there");
        }
        let kept = known.iter().filter(|(text, answered)| !**answered && found.contains_key(**text)).count();
        println!("{kept} messages that were never answered are there");
        let path = format!("/api/v4/channels/{}", self.channel);
        let counted = self.ask(&mut client, "GET", &path, "").json()["total_msg_count"].as_u64();
        assert_eq!(counted, u64::try_from(found.len()).ok(), "the channel's own count");
        let hooks = self.ask(&mut client, "GET", "/api/v4/hooks/incoming", "").json();
        assert_eq!(hooks[0]["id"], self.hook);
    }

    /// The messages of the channel, and how often each is there.
    pub(crate) fn messages(&self, client: &mut Client) -> BTreeMap<String, usize> {
        let mut found = BTreeMap::new();
        for page in 0.. {
            let path = format!("/api/v4/channels/{}/posts?per_page=200&page={page}", self.channel);
            let list = self.ask(client, "GET", &path, "").json();
            let order = list["order"].as_array().unwrap();
            if order.is_empty() {
                break;
            }
            for id in order {
                let message = list["posts"][id.as_str().unwrap()]["message"].as_str().unwrap();
                *found.entry(message.to_owned()).or_default() += 1;
            }
        }
        found
    }

    /// Tries to make one more hook.
    pub(crate) fn make_hook(&self, client: &mut Client) -> Answer {
        let hook = json!({ "channel_id": self.channel }).to_string();
        self.ask(client, "POST", "/api/v4/hooks/incoming", &hook)
    }

    /// How many hooks there are.
    pub(crate) fn hooks(&self, client: &mut Client) -> usize {
        self.ask(client, "GET", "/api/v4/hooks/incoming", "").json().as_array().unwrap().len()
    }

    /// Asks as the administrator.
    pub(crate) fn ask(&self, client: &mut Client, method: &str, path: &str, body: &str) -> Answer {
        client.send(method, path, &[("Authorization", &self.authorization)], body).unwrap()
    }

    /// Calls the hook.
    pub(crate) fn send(&self, client: &mut Client, text: &str, key: Option<&str>) -> io::Result<Answer> {
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(key.map(|key| ("Idempotency-Key", key)));
        client.send("POST", &format!("/hooks/{}", self.hook), &headers, &json!({ "text": text }).to_string())
    }

    /// Calls the hook, and returns whether an answer came; it must be `ok` then.
    fn call(&self, client: &mut Client, text: &str, key: Option<&str>) -> bool {
        let Ok(answer) = self.send(client, text, key) else { return false };
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok"), "{text:?}");
        true
    }
}

/// Somebody who sends one message after the other; every second one has a key.
pub(super) struct Writer {
    messages: Vec<Message>,
    name: usize,
}

struct Message {
    answered: Answered,
    key: Option<String>,
    text: String,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Answered {
    AtOnce,
    Later,
    Never,
}

impl Writer {
    pub(super) fn new(name: usize) -> Self {
        Self { messages: Vec::new(), name }
    }

    /// Sends again what was not answered, if it has a key, and then new messages, until the connection breaks.
    pub(super) fn write_until_cut(&mut self, address: SocketAddr, site: &Site) {
        let Ok(mut client) = Client::connect(address) else { return };
        let mut is_alive = self.repeat_unanswered(&mut client, site);
        while is_alive {
            let number = self.messages.len();
            let text = format!("{number} of writer {}", self.name);
            let key = number.is_multiple_of(2).then(|| format!("key-{}-{number}", self.name));
            is_alive = site.call(&mut client, &text, key.as_deref());
            let answered = if is_alive { Answered::AtOnce } else { Answered::Never };
            self.messages.push(Message { answered, key, text });
        }
    }

    /// Returns whether all were answered.
    fn repeat_unanswered(&mut self, client: &mut Client, site: &Site) -> bool {
        let unanswered = self.messages.iter_mut().filter(|message| message.answered == Answered::Never);
        for message in unanswered.filter(|message| message.key.is_some()) {
            if !site.call(client, &message.text, message.key.as_deref()) {
                return false;
            }
            message.answered = Answered::Later;
        }
        true
    }

    /// Sends some again that were answered, and have a key.
    fn repeat_last(&self, client: &mut Client, site: &Site) {
        for message in self.messages.iter().rev().filter(|message| message.key.is_some()).take(20) {
            assert!(site.call(client, &message.text, message.key.as_deref()), "{}", message.text);
        }
    }

    /// Counts the messages: answered at once, later, and never.
    pub(super) fn add_to(&self, counts: &mut [usize; 3]) {
        for message in &self.messages {
            counts[message.answered as usize] += 1;
        }
    }
}
