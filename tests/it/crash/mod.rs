//! A server that is killed at any moment keeps what it answered for: every message that got its `ok` is there, and with
//! an `Idempotency-Key` exactly once, however often it was sent.
//!
//! Twenty kills by default. `JACKFIELD_KILLS=1000 cargo test --test it crash` makes it a thousand, and
//! `JACKFIELD_SEED` sets another course of chance.

mod client;
mod server;
mod site;

use std::time::Duration;
use std::{env, fs, process, thread};

use rusqlite::Connection;

use site::Writer;

pub(crate) use client::Client;
pub(crate) use server::{Server, program};
pub(crate) use site::Site;

#[test]
fn a_killed_server_keeps_what_it_answered_for() {
    let number = |name, default| env::var(name).map_or(default, |text| text.parse().unwrap());
    let (kills, seed) = (number("JACKFIELD_KILLS", 20), number("JACKFIELD_SEED", 1));
    let folder = env::temp_dir().join(format!("jackfield-crash-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    println!("JACKFIELD_KILLS={kills} JACKFIELD_SEED={seed}, data in {}", folder.display());

    let (program, mut chance) = (program(), Chance(seed));
    let kill_newborn = |chance: &mut Chance| {
        let mut server = Server::start(&program, &folder);
        thread::sleep(chance.micros(LONGEST_START));
        server.kill();
    };
    let newborns = kills / 10;
    (0..newborns).for_each(|_| kill_newborn(&mut chance));

    let site = Site::set_up(Server::start(&program, &folder).address());
    let mut writers: Vec<_> = (0..WRITERS).map(Writer::new).collect();
    for round in newborns..kills {
        if round % 5 == 0 {
            kill_newborn(&mut chance);
            continue;
        }
        let mut server = Server::start(&program, &folder);
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
    site.verify(server.address(), &mut writers);
    server.kill();
    let file = Connection::open(folder.join("chat.db")).unwrap();
    let verdict: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    let mut sent = [0; 3];
    writers.iter().for_each(|writer| writer.add_to(&mut sent));
    println!("{sent:?} messages were answered at once, when they were sent again, and never");
    fs::remove_dir_all(&folder).unwrap();
}

/// A course of chance that a seed repeats: SplitMix64.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    pub(crate) fn micros(&mut self, longest: Duration) -> Duration {
        Duration::from_micros(self.next() % u64::try_from(longest.as_micros()).unwrap())
    }
}

/// A server that is killed as it starts lives at most this long: long enough for some to listen.
const LONGEST_START: Duration = Duration::from_millis(40);

/// A server that works lives at most this much longer.
const LONGEST_WORK: Duration = Duration::from_millis(150);

const WRITERS: usize = 4;
