//! A post and its deliveries in one transaction: the example server.

use std::net::SocketAddr;
use std::time::Duration;
use std::{fs, thread};

use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{Course, Stored, WORD, conclude, wait_until_idle};
use crate::crash::{Chance, Client, Server, Site, program};

#[test]
fn a_killed_server_loses_no_delivery_of_a_post_that_it_answered_for() {
    let Course { folder, kills, seed } = Course::new("together", 10);
    let (program, mut chance, receiver) = (program(), Chance(seed), Receiver::start());
    let mut server = Server::start(&program, &folder);
    let address = server.address();
    let site = Site::set_up(address);
    let hook = set_up(address, &site, &receiver);
    server.kill();

    let mut writers: Vec<_> = (0..WRITERS).map(Writer::new).collect();
    for round in 0..kills {
        let mut server = Server::start(&program, &folder);
        if round % 5 == 0 {
            thread::sleep(chance.micros(LONGEST_START));
            server.kill();
            continue;
        }
        let address = server.address();
        thread::scope(|scope| {
            for writer in &mut writers {
                scope.spawn(|| writer.write_until_cut(address, &site));
            }
            thread::sleep(chance.micros(LONGEST_WORK));
            server.kill();
        });
    }

    let mut server = Server::start(&program, &folder);
    let mut client = Client::connect(server.address()).unwrap();
    let path = format!("/api/v4/hooks/outgoing/{hook}/deliveries?state=pending");
    wait_until_idle(|| site.ask(&mut client, "GET", &path, "").json().as_array().unwrap().len());
    let accepted = writers.into_iter().flat_map(|writer| writer.accepted).collect();
    conclude("together", &accepted, &posts(&mut client, &site), &receiver.called(), &hook);
    server.kill();
    fs::remove_dir_all(&folder).unwrap();
}

/// Makes a hook that signs, and returns its id.
fn set_up(address: SocketAddr, site: &Site, receiver: &Receiver) -> String {
    let mut client = Client::connect(address).unwrap();
    let mut ask = |method: &str, path: &str, body: &Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        site.ask(&mut client, method, &format!("/api/v4{path}"), &body).json()
    };
    let settings =
        json!({ "AllowedUntrustedInternalConnections": "127.0.0.1", "OutgoingIntegrationRequestsTimeout": TIMEOUT });
    ask("PUT", "/config/patch", &json!({ "ServiceSettings": settings }));
    let channel = ask("GET", &format!("/channels/{}", site.channel()), &Value::Null);
    let hook = json!({
        "team_id": channel["team_id"], "channel_id": site.channel(), "display_name": "calls", "trigger_words": [WORD],
        "callback_urls": [receiver.url()], "content_type": "application/json",
    });
    let hook = ask("POST", "/hooks/outgoing", &hook)["id"].as_str().unwrap().to_owned();
    ask("POST", &format!("/hooks/outgoing/{hook}/signing_secret"), &Value::Null);
    hook
}

/// All that is in the channel.
fn posts(client: &mut Client, site: &Site) -> Vec<Stored> {
    let mut found = Vec::new();
    for page in 0.. {
        let path = format!("/api/v4/channels/{}/posts?per_page=200&page={page}", site.channel());
        let list = site.ask(client, "GET", &path, "").json();
        let order = list["order"].as_array().unwrap();
        if order.is_empty() {
            break;
        }
        found.extend(order.iter().map(|id| {
            let id = id.as_str().unwrap().to_owned();
            let message = list["posts"][&id]["message"].as_str().unwrap().to_owned();
            Stored { id, message }
        }));
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.dedup_by(|one, other| one.id == other.id);
    found
}

/// Somebody who writes one message after the other.
struct Writer {
    /// The ids of the posts that the server answered for.
    accepted: Vec<String>,
    name: usize,
    sent: usize,
}

impl Writer {
    fn new(name: usize) -> Self {
        Self { accepted: Vec::new(), name, sent: 0 }
    }

    fn write_until_cut(&mut self, address: SocketAddr, site: &Site) {
        let Ok(mut client) = Client::connect(address) else { return };
        loop {
            let message = format!("{WORD} {} of writer {}", self.sent, self.name);
            self.sent += 1;
            let body = json!({ "channel_id": site.channel(), "message": message }).to_string();
            let Ok(answer) = client.send("POST", "/api/v4/posts", &[site.authorization()], &body) else { return };
            assert_eq!(answer.status, 201, "{answer:?}");
            self.accepted.push(answer.text("id"));
            thread::sleep(PACE);
        }
    }
}

/// A server that is killed as it starts lives at most this long: long enough for some to call.
const LONGEST_START: Duration = Duration::from_millis(100);

/// A server that works lives at most this much longer.
const LONGEST_WORK: Duration = Duration::from_millis(150);

/// How long a writer rests, so that calls keep up.
const PACE: Duration = Duration::from_millis(5);

/// How many seconds a call may take: what a killed server was at is repeated ten seconds after that.
const TIMEOUT: u32 = 3;

const WRITERS: usize = 3;
