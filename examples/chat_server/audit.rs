//! What operators look back at: each thing that happened as a line of JSON in the log, and the last ones in memory.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use jackfield::id::{TokenId, UserId};
use jackfield::port::{Audit, Observation, Outcome, Subject};
use serde_json::{Map, Value, json};

use crate::ambient::timestamp;

/// The last entries, the newest last. What happens again and again takes one place alone.
#[derive(Debug, Default)]
pub(crate) struct AuditTrail(Mutex<VecDeque<Entry>>);

/// Something that happened. It holds no secret.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: i64,
    /// How often, for uses that differ in nothing but when they were.
    pub(crate) times: u64,
    pub(crate) what: What,
}

/// What happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct What {
    pub(crate) action: String,
    pub(crate) actor: Option<UserId>,
    pub(crate) address: Option<IpAddr>,
    /// What helps to understand it; often empty.
    pub(crate) detail: String,
    /// Why it was refused; none if it was done.
    pub(crate) refused: Option<String>,
    pub(crate) subject: Of,
}

/// To what it was done.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Of {
    Bot(Option<UserId>),
    Command,
    OutgoingWebhook,
    /// Something of the server that has no name of its own.
    Server,
    Token {
        id: Option<TokenId>,
        user: Option<UserId>,
    },
    Webhook,
}

impl AuditTrail {
    /// Remembers an entry, and forgets the oldest if there are too many.
    pub(crate) fn put(&self, entry: Entry) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entry = entry;
        if entry.what.action == "use"
            && let Some(place) = entries.iter().rposition(|old| old.what == entry.what)
            && let Some(old) = entries.remove(place)
        {
            entry.times = old.times.saturating_add(1);
        }
        if entries.len() >= MOST {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    /// The entries, the newest first.
    pub(crate) fn newest(&self) -> Vec<Entry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
    }
}

impl Entry {
    /// What is worth a line; nothing of every single message.
    pub(crate) fn new(observation: &Observation<'_>, at: i64) -> Option<Self> {
        let what = match observation {
            Observation::Audit(audit) => What::audited(audit),
            Observation::CommandAnsweredLater { failed: false, .. } => return None,
            Observation::CommandAnsweredLater { command, .. } => What {
                refused: Some("fault".to_owned()),
                ..What::plain("answer", Of::Command, format!("command {command}"))
            },
            Observation::CommandCalled { failure: None, status: Some(200), .. } => return None,
            Observation::CommandCalled { command, failure, status, .. } => {
                let status = status.map_or_else(String::new, |status| format!(", status {status}"));
                let refused = Some(failure.unwrap_or("status").to_owned());
                What { refused, ..What::plain("call", Of::Command, format!("command {command}{status}")) }
            }
            Observation::CommandChanged { address, by, change, command, team_id } => {
                let what = What::plain(change, Of::Command, format!("command {command}, team {team_id}"));
                What { actor: *by, address: *address, ..what }
            }
            Observation::IncomingWebhookPosted { .. } => return None,
            Observation::IncomingWebhookChanged { address, by, hook, change, channel_id, .. } => What {
                actor: *by,
                address: *address,
                ..What::plain(change, Of::Webhook, format!("webhook {hook}, channel {channel_id}"))
            },
            Observation::OutgoingWebhookChanged { address, by, change, channel_id, hook, .. } => {
                let channel = channel_id.map_or_else(String::new, |channel| format!(", channel {channel}"));
                let what = What::plain(change, Of::OutgoingWebhook, format!("webhook {hook}{channel}"));
                What { actor: *by, address: *address, ..what }
            }
            Observation::OutgoingWebhookLimited { channel_id, hook, .. } => {
                What::plain("limit", Of::OutgoingWebhook, format!("webhook {hook}, channel {channel_id}"))
            }
            Observation::Refused { address, id, status, detail, request_id } => What {
                address: *address,
                refused: Some((*id).to_owned()),
                ..What::plain("request", Of::Server, format!("status {status} {detail} (request {request_id})"))
            },
            Observation::Fault { .. } => What {
                refused: Some("fault".to_owned()),
                ..What::plain("request", Of::Server, format!("{observation:?}"))
            },
            other => What::plain("notice", Of::Webhook, format!("{other:?}")),
        };
        Some(Self { at, times: 1, what })
    }

    /// The line of the log, without its end.
    pub(crate) fn line(&self) -> String {
        let mut line = Map::new();
        let mut put = |name: &str, value: Option<String>| {
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                line.insert(name.to_owned(), Value::String(value));
            }
        };
        let id = |id: Option<UserId>| id.map(|id| id.as_str().to_owned());
        put("time", Some(timestamp(self.at)));
        put("action", Some(self.what.action.clone()));
        put("actor", id(self.what.actor));
        put("address", self.what.address.map(|address| address.to_string()));
        put("detail", Some(self.what.detail.clone()));
        put("outcome", Some(if self.what.refused.is_some() { "refused" } else { "done" }.to_owned()));
        put("reason", self.what.refused.clone());
        put("subject", Some(self.what.subject.word().to_owned()));
        match self.what.subject {
            Of::Bot(bot) => put("user_id", id(bot)),
            Of::Token { id: token, user } => {
                put("token_id", token.map(|token| token.as_str().to_owned()));
                put("user_id", id(user));
            }
            Of::Command | Of::OutgoingWebhook | Of::Server | Of::Webhook => {}
        }
        json!(line).to_string()
    }
}

impl What {
    fn audited(audit: &Audit<'_>) -> Self {
        let subject = match audit.subject {
            Subject::Bot(id) => Of::Bot(id),
            Subject::AccessToken { id, user_id } => Of::Token { id, user: user_id },
            _ => Of::Server,
        };
        let refused = match audit.outcome {
            Outcome::Done => None,
            Outcome::Refused(id) => Some(id.to_owned()),
        };
        let plain = Self::plain(audit.action, subject, String::new());
        Self { actor: audit.actor, address: audit.address, refused, ..plain }
    }

    fn plain(action: &str, subject: Of, detail: String) -> Self {
        Self { action: action.to_owned(), actor: None, address: None, detail, refused: None, subject }
    }
}

impl Of {
    /// What kind of thing it is.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Bot(_) => "bot",
            Self::Command => "slash command",
            Self::OutgoingWebhook => "outgoing webhook",
            Self::Server => "server",
            Self::Token { .. } => "access token",
            Self::Webhook => "incoming webhook",
        }
    }
}

/// How many are remembered.
const MOST: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn used(address: u8) -> Entry {
        let plain = What::plain("use", Of::Token { id: None, user: None }, String::new());
        let (address, refused) = (Some(IpAddr::from([127, 0, 0, address])), Some("gone \"x\"\n".to_owned()));
        Entry { at: 1_000, times: 1, what: What { address, refused, ..plain } }
    }

    #[test]
    fn the_oldest_are_forgotten_and_the_same_use_takes_one_place() {
        let trail = AuditTrail::default();
        (0..=200).for_each(|address| trail.put(used(address)));
        trail.put(used(7));
        let newest = trail.newest();
        assert_eq!(newest.len(), MOST);
        assert_eq!(newest.first().map(|entry| (entry.what.clone(), entry.times)), Some((used(7).what, 2)));
        assert!(!newest.iter().any(|entry| entry.what == used(0).what));
    }

    #[test]
    fn an_entry_is_one_line_of_json() {
        let line = used(1).line();
        assert!(!line.contains('\n'));
        let read: Value = serde_json::from_str(&line).unwrap();
        let want = json!({
            "time": "1970-01-01T00:00:01Z", "action": "use", "address": "127.0.0.1", "outcome": "refused",
            "reason": "gone \"x\"\n", "subject": "access token",
        });
        assert_eq!(read, want);
    }
}
