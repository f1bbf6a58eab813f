//! A server that is killed at any moment loses no delivery that it accepted; a call that comes twice has the same id, and
//! no reply is posted twice.
//!
//! Twenty kills by default, shared by both ways of handing posts in. `JACKFIELD_KILLS=1000 cargo test --test it
//! crash_deliveries` makes it a thousand, and `JACKFIELD_SEED` sets another course of chance.

mod host;
mod later;
mod receiver;
mod together;
mod worker;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;
use std::{env, fs, process, thread};

use receiver::Called;

/// What a test is told, and where it keeps its data.
struct Course {
    folder: PathBuf,
    kills: u64,
    seed: u64,
}

impl Course {
    /// `share` of the kills that are made by default.
    fn new(name: &str, share: u64) -> Self {
        let number = |name, default| env::var(name).map_or(default, |text| text.parse().unwrap());
        let folder = env::temp_dir().join(format!("jackfield-{name}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (kills, seed) = (number("JACKFIELD_KILLS", share), number("JACKFIELD_SEED", 1));
        println!("{name}: JACKFIELD_KILLS={kills} JACKFIELD_SEED={seed}, data in {}", folder.display());
        Self { folder, kills, seed }
    }
}

/// A message that is there in the end.
struct Stored {
    id: String,
    message: String,
}

/// What is there in the end: the messages that call, and how often each was replied to.
#[derive(Debug)]
struct Standing {
    asked: usize,
    replies: usize,
    /// Those that were not called.
    silent: Vec<String>,
    /// Those without one reply, and how many they have.
    unanswered: Vec<(String, usize)>,
}

impl Standing {
    fn new(posts: &[Stored], called: &Called) -> Self {
        let mut replies = BTreeMap::<&str, usize>::new();
        for post in posts.iter().filter_map(|post| post.message.strip_prefix("re ")) {
            *replies.entry(post).or_default() += 1;
        }
        let mut standing = Self { asked: 0, replies: 0, silent: Vec::new(), unanswered: Vec::new() };
        for post in posts.iter().filter(|post| post.message.starts_with(WORD)) {
            standing.asked += 1;
            if !called.contains_key(&post.id) {
                standing.silent.push(post.message.clone());
            }
            let replies = replies.remove(post.id.as_str()).unwrap_or_default();
            standing.replies += replies;
            if replies != 1 {
                standing.unanswered.push((post.message.clone(), replies));
            }
        }
        assert!(replies.is_empty(), "replies to what is not there: {replies:?}");
        standing
    }
}

/// Waits until nothing more is to be called, not even once more.
fn wait_until_idle(mut pending: impl FnMut() -> usize) {
    for _ in 0..LONGEST_WAIT.as_millis() / LOOK.as_millis() {
        if pending() == 0 {
            return;
        }
        thread::sleep(LOOK);
    }
    panic!("deliveries are pending, and nobody is killed");
}

/// Looks at what is there and at all calls, and prints the counts.
fn conclude(name: &str, accepted: &BTreeSet<String>, posts: &[Stored], called: &Called, hook: &str) {
    let standing = Standing::new(posts, called);
    assert!(standing.silent.is_empty() && standing.unanswered.is_empty(), "{standing:?}");
    let stored: BTreeSet<_> = posts.iter().map(|post| &post.id).collect();
    assert!(accepted.iter().all(|id| stored.contains(id)), "what was accepted is there");
    for (post, ids) in called {
        let want = format!("out_{post}_{hook}_0");
        assert!(ids.iter().all(|id| *id == want), "{want}: {ids:?}");
    }
    assert_eq!(called.len(), standing.asked, "calls for what is not there");
    let calls: usize = called.values().map(Vec::len).sum();
    let twice = called.values().filter(|ids| ids.len() > 1).count();
    println!(
        "{name}: {} posts accepted, {} stored, {calls} calls, {twice} posts called more than once, {} replies",
        accepted.len(),
        standing.asked,
        standing.replies,
    );
}

/// What a message begins with that calls.
const WORD: &str = "ship";

/// How long all that was accepted may take: a call that was under way is repeated when its lease has run out.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// How often it is looked at.
const LOOK: Duration = Duration::from_millis(200);
