//! Many outgoing webhooks with words as people choose them, and messages as people write them.

use bytes::Bytes;
use jackfield::id::{ChannelId, OutgoingHookId, TeamId, UserId};
use jackfield::port::{Change, Collection, Expect, Index, IndexEntry, Key, Write};

/// What decides when a hook is set off.
pub(crate) struct Hook {
    pub(crate) channel: Option<ChannelId>,
    pub(crate) id: OutgoingHookId,
    pub(crate) when: i64,
    pub(crate) words: Vec<String>,
}

impl Hook {
    /// As the specification says it, hook by hook.
    pub(crate) fn matches(&self, channel: ChannelId, message: &str) -> Option<&str> {
        if self.channel.is_some_and(|own| own != channel) {
            return None;
        }
        if self.words.is_empty() {
            return self.channel.map(|_| "");
        }
        let first = message.split_whitespace().next()?;
        let matches =
            |word: &&String| if self.when == 0 { first == word.as_str() } else { first.starts_with(word.as_str()) };
        self.words.iter().find(matches).map(String::as_str)
    }
}

/// Messages none of which sets a hook off, though many begin as trigger words do.
pub(crate) const MESSAGES: [&str; 24] = [
    "good morning everybody",
    "Deploying the new version now, please hold your merges for ten minutes",
    "@ann could you have a look at the failing build?",
    "I think that we should wait until Thursday",
    "https://ci.example.com/builds/4711/log#L200 fails on main since yesterday",
    "ok",
    ":tada: congratulations to the whole team",
    "thanks!",
    "The release is out. See the notes for what changed, and tell us what broke.",
    "builder is down again",
    "```\nerror[E0502]: cannot borrow `x` as mutable\n```",
    "does anyone know how to restart the staging database without losing the replication slot?",
    "Ship it",
    "  indented, as quoted text sometimes is",
    "# Agenda",
    "> quoted",
    "1. first we stop the workers",
    "größer ist nicht immer besser",
    "日本語のメッセージもあります",
    "/shrug",
    "!!!",
    "status-quo is fine for me",
    "alertmanager says that all is well",
    "(sorry for the noise)",
];

/// So many hooks of one team: half compare the whole first word, half its start; every fifth is bound to a channel, every
/// fiftieth of those to the one that posts come to; one in a thousand of a channel hears everything there.
pub(crate) fn hooks(count: usize, busy: ChannelId) -> Vec<Hook> {
    (0..count).map(|number| hook(number, busy)).collect()
}

fn hook(number: usize, busy: ChannelId) -> Hook {
    let id = OutgoingHookId::from_random(random(number, 1));
    let other = ChannelId::from_random(random(number % 997, 2));
    let channel = number.is_multiple_of(5).then_some(if number.is_multiple_of(250) { busy } else { other });
    if number % 1_000 == 5 {
        return Hook { channel, id, when: 0, words: Vec::new() };
    }
    let when = i64::from(number % 2 == 1);
    let words = (0..1 + number % 3).map(|place| word(number * 3 + place)).collect();
    Hook { channel, id, when, words }
}

/// A word that no other hook has, such as `!deploy-web17`.
fn word(number: usize) -> String {
    const MARKS: [&str; 6] = ["!", "#", "", "?", "", "."];
    const VERBS: [&str; 20] = [
        "deploy", "build", "ship", "status", "alert", "restart", "release", "ticket", "issue", "lunch", "poll",
        "remind", "weather", "oncall", "page", "rollback", "merge", "test", "scale", "docs",
    ];
    const NOUNS: [&str; 12] =
        ["web", "api", "db", "cache", "queue", "mobile", "billing", "search", "infra", "ops", "mail", "login"];
    let (mark, rest) = (MARKS[number % 6], number / 6);
    let (verb, rest) = (VERBS[rest % 20], rest / 20);
    let (noun, rest) = (NOUNS[rest % 12], rest / 12);
    format!("{mark}{verb}-{noun}{rest}")
}

fn random(number: usize, salt: u8) -> [u8; 16] {
    let mut bytes = [salt; 16];
    bytes[..8].copy_from_slice(&(number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes
}

/// The record of a hook, in the first version of its layout, with nothing sealed: it can be listened for and not called.
pub(crate) fn record(hook: &Hook, team: TeamId, creator: UserId) -> Change {
    let time = 1_700_000_000_000_i64.to_be_bytes();
    let mut body = vec![1, 0, 0];
    [hook.id.as_str(), team.as_str(), creator.as_str()].iter().for_each(|id| body.extend_from_slice(id.as_bytes()));
    body.push(hook.channel.is_some().into());
    hook.channel.iter().for_each(|channel| body.extend_from_slice(channel.as_str().as_bytes()));
    [&time[..], &time, &hook.when.to_be_bytes(), &[0]].iter().for_each(|bytes| body.extend_from_slice(bytes));
    let urls = [format!("https://receiver.example/hooks/{}", hook.id)];
    for texts in [&hook.words[..], &urls] {
        body.extend_from_slice(&(texts.len() as u16).to_be_bytes());
        texts.iter().for_each(|each| text(&mut body, each));
    }
    ["", "", "Bench", "", ""].iter().for_each(|each| text(&mut body, each));
    let at = |index, parts: &[&str]| {
        let parts: Vec<_> = parts.iter().map(|part| part.as_bytes()).chain([&time[..]]).collect();
        IndexEntry::new(Index(index), parts.concat())
    };
    let (own, by) = (team.as_str(), creator.as_str());
    let mut index = vec![at("creator", &[by]), at("team", &[own]), at("team_creator", &[own, by]), at("time", &[])];
    if let Some(channel) = &hook.channel {
        index.extend([at("channel", &[channel.as_str()]), at("channel_creator", &[channel.as_str(), by])]);
    }
    let key = Key::new(Collection("outgoing_webhook"), Bytes::copy_from_slice(hook.id.as_str().as_bytes()));
    Change { expect: Expect::Absent, key, write: Write::Put { body: body.into(), index } }
}

fn text(body: &mut Vec<u8>, text: &str) {
    body.extend_from_slice(&(text.len() as u32).to_be_bytes());
    body.extend_from_slice(text.as_bytes());
}
