//! A crowd of slow and greedy senders: each is cut off, and nobody else notices.
//!
//! `benches/senders.rs` measures what a thousand of them cost the others.

mod crowd;

use std::net::SocketAddr;
use std::time::Duration;
use std::{env, fs, process, thread};

use crate::crash::{Client, Server, Site, program};
use crowd::{Kind, Sender};

#[test]
fn slow_and_greedy_senders_are_cut_off_and_others_are_answered() {
    let folder = env::temp_dir().join(format!("jackfield-senders-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let mut server = Server::start_with(&program(), &folder, &["--patience", "2"]);
    let address = server.address();
    let (site, mut honest) = (Site::set_up(address), Client::connect(address).unwrap());
    let kinds = Kind::all(site.hook());
    let mut crowd: Vec<_> = kinds.iter().cycle().take(104).map(|kind| Sender::connect(address, kind.clone())).collect();
    let mut cut = Vec::new();
    let mut said = 0;
    for _ in 0..LONGEST_CROWD {
        for sender in crowd.extract_if(.., |sender| !sender.go_on()) {
            cut.push((sender.kind.name, sender.status(), sender.kind.answers));
        }
        if crowd.is_empty() {
            break;
        }
        said += say(&site, &mut honest, address, said);
        thread::sleep(Duration::from_millis(10));
    }
    assert!(crowd.is_empty(), "never cut off: {:?}", crowd.iter().map(|sender| sender.kind.name).collect::<Vec<_>>());
    for (name, status, answers) in cut {
        assert!(status.is_none_or(|status| answers.contains(&status)), "{name}: {status:?}");
    }
    let mut client = Client::connect(address).unwrap();
    let messages = site.messages(&mut client);
    assert!(said > 0 && messages.len() == said && messages.values().all(|times| *times == 1), "{said} {messages:?}");
    let memory = server.most_memory();
    assert!(memory < 128, "{memory} MiB");
    server.kill();
    fs::remove_dir_all(&folder).unwrap();
}

/// Sends a message as anybody would: a connection that was idle for too long is opened anew.
fn say(site: &Site, client: &mut Client, address: SocketAddr, number: usize) -> usize {
    let (text, key) = (format!("honest {number}"), format!("key-{number}"));
    let answer = site.send(client, &text, Some(&key)).or_else(|_| {
        *client = Client::connect(address)?;
        site.send(client, &text, Some(&key))
    });
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    1
}

/// How many rounds of ten milliseconds the crowd is given. A server that lets it stay would do so for ever.
const LONGEST_CROWD: usize = 6_000;
