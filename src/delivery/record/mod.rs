//! Deliveries and lanes as records, and where they stand in indexes.
//!
//! A delivery stands in two indexes. `next` says what is to be done with it: `l` and the end of a lease, which has run
//! out already where nobody holds one; `w`, a lane and a due time; `d`, a source and when it ended. `shown` is the order
//! of lists: a source, a state, the newest first.

use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::breaker::Open;
use super::{Attempt, Delivery, DeliveryId, FailureClass, Mode, NewDelivery, State};
use crate::id::{Millis, PostId};
use crate::port::{Collection, Index, IndexEntry};
use crate::record::{Kind, Reader, Unreadable, Writer};

/// A delivery as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct DeliveryRecord {
    /// The last tries, oldest first.
    pub(crate) attempts: Vec<Attempt>,
    /// Whether somebody asked for the next try, however old it is.
    pub(crate) by_hand: bool,
    /// What caused it.
    pub(crate) cause: PostId,
    /// When its cause was made.
    pub(crate) create_at: Millis,
    /// The feature that makes its requests.
    pub(crate) feature: String,
    /// Which.
    pub(crate) id: DeliveryId,
    /// What is done about calls that got no answer; none: what the settings say.
    pub(crate) mode: Option<Mode>,
    /// Scheme, host and port of whom it goes to.
    pub(crate) origin: String,
    /// What the feature makes the request from; empty where it is not needed any more.
    pub(crate) payload: Bytes,
    /// What is to be done with it.
    pub(crate) phase: Phase,
    /// Why it stands where it stands.
    pub(crate) reason: String,
    /// The post that was made of the answer.
    pub(crate) reply: Option<PostId>,
    /// What it is sent for.
    pub(crate) source: [u8; 26],
    /// Origin and path of whom it goes to.
    pub(crate) target: String,
    /// How many tries were made since it was recorded, or since somebody asked for one.
    pub(crate) tries: u32,
}

/// What is to be done with a delivery.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Phase {
    /// Nothing: it ended.
    Ended {
        /// When.
        at: Millis,
        /// How.
        state: State,
    },
    /// Somebody makes the call.
    Held(Hold),
    /// The call may be made since then, by anybody.
    Ready(Millis),
    /// It waits in its lane until then.
    Waiting(Millis),
}

/// A claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Hold {
    /// By whom: a number that nobody else has.
    pub(crate) by: u64,
    /// Since when.
    pub(crate) since: Millis,
    /// Until when, if its owner does not end it.
    pub(crate) until: Millis,
}

/// A lane: one source and one origin.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct LaneKey(pub(crate) [u8; 16]);

/// A lane that is not empty.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct LaneRecord {
    /// How many deliveries were counted and not stored.
    pub(crate) beyond: u64,
    /// When it is looked at next; none while nothing waits in it.
    pub(crate) due: Option<Millis>,
    /// How it stands open, if nobody answers.
    pub(crate) open: Option<Open>,
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// Of what.
    pub(crate) source: [u8; 26],
    /// Another at each change, so that of two changes at once one is refused.
    pub(crate) turn: u64,
}

impl LaneKey {
    /// The key of a source and an origin.
    pub(crate) fn new(source: &[u8; 26], origin: &str) -> Self {
        let digest: [u8; 32] = Sha256::new().chain_update(source).chain_update(origin).finalize().into();
        Self(digest.first_chunk().copied().unwrap_or_default())
    }
}

impl DeliveryRecord {
    /// Order of what is to be done.
    pub(crate) const NEXT: Index = Index("next");
    /// Order of lists.
    pub(crate) const SHOWN: Index = Index("shown");

    /// A new one, in a phase.
    pub(crate) fn new(new: NewDelivery, phase: Phase) -> Self {
        let NewDelivery { cause, create_at, dropped, feature, id, mode, target, origin, payload, source } = new;
        let mut record = Self {
            attempts: Vec::new(),
            by_hand: false,
            cause,
            create_at,
            feature: feature.to_owned(),
            id,
            mode,
            origin,
            payload,
            phase,
            reason: dropped.unwrap_or_default(),
            reply: None,
            source,
            target,
            tries: 0,
        };
        record.forget_payload();
        record
    }

    /// Where it is: in order of time, because keys without any order cost a storage four times as much.
    pub(crate) fn key(create_at: Millis, id: &DeliveryId) -> Vec<u8> {
        [&create_at.to_sortable()[..], id.as_str().as_bytes()].concat()
    }

    /// Its lane.
    pub(crate) fn lane(&self) -> LaneKey {
        LaneKey::new(&self.source, &self.origin)
    }

    /// Where it stands.
    pub(crate) fn state(&self) -> State {
        match self.phase {
            Phase::Ended { state, .. } => state,
            Phase::Held(_) | Phase::Ready(_) | Phase::Waiting(_) => State::Pending,
        }
    }

    /// Adds a try; of very many, the last ones are kept.
    pub(crate) fn log(&mut self, attempt: Attempt) {
        if self.attempts.len() >= MOST_ATTEMPTS {
            self.attempts.remove(0);
        }
        self.attempts.push(attempt);
    }

    /// Ends it.
    pub(crate) fn end(&mut self, state: State, why: impl Into<String>, now: Millis) {
        (self.phase, self.by_hand) = (Phase::Ended { at: now, state }, false);
        self.reason = why.into();
        self.forget_payload();
    }

    /// Lets it be tried at once because somebody asked for it. False if it does not stand so that it can be.
    pub(crate) fn retry(&mut self, now: Millis) -> bool {
        if !matches!(self.state(), State::Dead | State::Failed) {
            return false;
        }
        (self.phase, self.by_hand, self.tries) = (Phase::Ready(now), true, 0);
        self.reason.clear();
        true
    }

    /// As it is shown.
    pub(crate) fn shown(self) -> Delivery {
        let state = self.state();
        let due = match self.phase {
            Phase::Waiting(due) | Phase::Ready(due) => Some(due),
            Phase::Held(_) | Phase::Ended { .. } => None,
        };
        let Self { attempts, cause, create_at, id, reason, reply, target, .. } = self;
        Delivery { attempts, cause, create_at, due, id, reason, reply, state, target }
    }

    /// What can still be asked for keeps what it is made from.
    fn forget_payload(&mut self) {
        if matches!(self.state(), State::Delivered | State::Dropped) {
            self.payload = Bytes::new();
        }
    }
}

/// The places of all deliveries that are claimed or may be.
pub(crate) const LEASES: &[u8] = b"l";

/// The places of what waits in a lane, in order of due times.
pub(crate) fn waiting(lane: LaneKey) -> Vec<u8> {
    [b"w", &lane.0[..]].concat()
}

/// The places of what ended of a source, oldest first.
pub(crate) fn ended(source: &[u8; 26]) -> Vec<u8> {
    [ENDED, source].concat()
}

/// The places of all that ended, source by source.
pub(crate) const ENDED: &[u8] = b"d";

/// The places of a source's deliveries in a state, newest first.
pub(crate) fn shown(source: &[u8; 26], state: State) -> Vec<u8> {
    [&source[..], &[number_of(&STATES, state)]].concat()
}

/// All states, in the order of lists.
pub(crate) const STATES: [State; 5] = [State::Pending, State::Delivered, State::Failed, State::Dead, State::Dropped];

const MODES: [Mode; 3] = [Mode::Safe, Mode::Full, Mode::Off];

/// All kinds of failure, in the order of their numbers in records.
pub(crate) const CLASSES: [FailureClass; 12] = [
    FailureClass::Blocked,
    FailureClass::Body,
    FailureClass::Connect,
    FailureClass::Dns,
    FailureClass::Interrupted,
    FailureClass::Oauth,
    FailureClass::Protocol,
    FailureClass::Redirect,
    FailureClass::Status,
    FailureClass::Timeout,
    FailureClass::Tls,
    FailureClass::Url,
];

/// How many tries of one delivery are kept.
const MOST_ATTEMPTS: usize = 50;

/// The number of a value in its table.
fn number_of<T: PartialEq>(table: &[T], value: T) -> u8 {
    let place = table.iter().position(|other| *other == value);
    place.and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

fn of_number<T: Copy>(table: &[T], number: u8) -> Result<T, Unreadable> {
    table.get(usize::from(number)).copied().ok_or(Unreadable::Damaged("a number stands for nothing"))
}

fn enumerated<T: Copy>(reader: &mut Reader<'_>, table: &[T]) -> Result<T, Unreadable> {
    let [number] = reader.bytes()?;
    of_number(table, number)
}

impl Kind for DeliveryRecord {
    const COLLECTION: Collection = Collection("delivery");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        let next = match self.phase {
            Phase::Ended { at, .. } => [&ended(&self.source)[..], &at.to_sortable()].concat(),
            Phase::Held(hold) => [LEASES, &hold.until.to_sortable()].concat(),
            Phase::Ready(since) => [LEASES, &since.to_sortable()].concat(),
            Phase::Waiting(due) => [&waiting(self.lane())[..], &due.to_sortable()].concat(),
        };
        let newest_first = self.create_at.to_sortable().map(|byte| !byte);
        let shown = [&shown(&self.source, self.state())[..], &newest_first].concat();
        vec![IndexEntry::new(Self::NEXT, next), IndexEntry::new(Self::SHOWN, shown)]
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.source);
        writer.time(self.create_at);
        writer.bytes(self.cause.as_str().as_bytes());
        writer.text(self.id.as_str());
        writer.text(&self.feature);
        writer.text(&self.origin);
        writer.text(&self.target);
        writer.optional(self.mode, |writer, mode| writer.bytes(&[number_of(&MODES, mode)]));
        write_phase(self.phase, writer);
        writer.flag(self.by_hand);
        writer.bytes(&self.tries.to_be_bytes());
        writer.text(&self.reason);
        writer.optional(self.reply, |writer, reply| writer.bytes(reply.as_str().as_bytes()));
        writer.blob(&self.payload);
        for attempt in &self.attempts {
            write_attempt(attempt, writer);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            source: reader.bytes()?,
            create_at: reader.time()?,
            cause: reader.id()?,
            id: DeliveryId::parse(&reader.text()?).map_err(|_| Unreadable::Damaged("an id is none"))?,
            feature: reader.text()?,
            origin: reader.text()?,
            target: reader.text()?,
            mode: reader.optional(|reader| enumerated(reader, &MODES))?,
            phase: read_phase(reader)?,
            by_hand: reader.flag()?,
            tries: u32::from_be_bytes(reader.bytes()?),
            reason: reader.text()?,
            reply: reader.optional(Reader::id)?,
            payload: Bytes::copy_from_slice(reader.blob()?),
            attempts: {
                let mut attempts = Vec::new();
                while !reader.is_at_end() {
                    attempts.push(read_attempt(reader)?);
                }
                attempts
            },
        })
    }
}

fn write_phase(phase: Phase, writer: &mut Writer<'_>) {
    match phase {
        Phase::Ended { at, state } => {
            writer.bytes(&[b'd', number_of(&STATES, state)]);
            writer.time(at);
        }
        Phase::Held(Hold { by, since, until }) => {
            writer.bytes(b"h");
            writer.bytes(&by.to_be_bytes());
            writer.time(since);
            writer.time(until);
        }
        Phase::Ready(since) => {
            writer.bytes(b"r");
            writer.time(since);
        }
        Phase::Waiting(due) => {
            writer.bytes(b"w");
            writer.time(due);
        }
    }
}

fn read_phase(reader: &mut Reader<'_>) -> Result<Phase, Unreadable> {
    Ok(match reader.bytes()? {
        [b'd'] => Phase::Ended { state: enumerated(reader, &STATES)?, at: reader.time()? },
        [b'h'] => {
            let by = u64::from_be_bytes(reader.bytes()?);
            Phase::Held(Hold { by, since: reader.time()?, until: reader.time()? })
        }
        [b'r'] => Phase::Ready(reader.time()?),
        [b'w'] => Phase::Waiting(reader.time()?),
        _ => return Err(Unreadable::Damaged("a phase is none")),
    })
}

fn write_attempt(attempt: &Attempt, writer: &mut Writer<'_>) {
    writer.time(attempt.start);
    writer.bytes(&attempt.duration.to_be_bytes());
    writer.optional(attempt.failure, |writer, class| writer.bytes(&[number_of(&CLASSES, class)]));
    writer.optional(attempt.status, |writer, status| writer.bytes(&status.to_be_bytes()));
}

fn read_attempt(reader: &mut Reader<'_>) -> Result<Attempt, Unreadable> {
    Ok(Attempt {
        start: reader.time()?,
        duration: u64::from_be_bytes(reader.bytes()?),
        failure: reader.optional(|reader| enumerated(reader, &CLASSES))?,
        status: reader.optional(|reader| reader.bytes().map(u16::from_be_bytes))?,
    })
}

impl LaneRecord {
    /// Order of due times.
    pub(crate) const DUE: Index = Index("due");
    /// Lanes by source.
    pub(crate) const SOURCE: Index = Index("source");
}

impl Kind for LaneRecord {
    const COLLECTION: Collection = Collection("delivery_lane");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        let mut index = vec![IndexEntry::new(Self::SOURCE, self.source.to_vec())];
        index.extend(self.due.map(|due| IndexEntry::new(Self::DUE, due.to_sortable().to_vec())));
        index
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.bytes(&self.source);
        writer.text(&self.origin);
        writer.optional(self.due, Writer::time);
        writer.optional(self.open, |writer, open| {
            writer.time(open.until);
            writer.bytes(&u64::try_from(open.wait.as_millis()).unwrap_or(u64::MAX).to_be_bytes());
        });
        writer.bytes(&self.turn.to_be_bytes());
        writer.bytes(&self.beyond.to_be_bytes());
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            source: reader.bytes()?,
            origin: reader.text()?,
            due: reader.optional(Reader::time)?,
            open: reader.optional(|reader| {
                let until = reader.time()?;
                Ok(Open { until, wait: Duration::from_millis(u64::from_be_bytes(reader.bytes()?)) })
            })?,
            turn: u64::from_be_bytes(reader.bytes()?),
            beyond: u64::from_be_bytes(reader.bytes()?),
        })
    }
}

/// Before which time every post was handed in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Checkpoint(pub(crate) Millis);

impl Checkpoint {
    /// Where it is.
    pub(crate) const PLACE: &[u8] = b"posted";
    /// How long after it was stored a post may be handed in: the time that is kept is that much earlier.
    pub(crate) const SLACK: time::Duration = time::Duration::MINUTE;
}

impl Kind for Checkpoint {
    const COLLECTION: Collection = Collection("delivery_checkpoint");
    const VERSION: u8 = 1;

    fn index(&self) -> Vec<IndexEntry> {
        Vec::new()
    }

    fn write(&self, writer: &mut Writer<'_>) {
        writer.time(self.0);
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Unreadable> {
        reader.time().map(Self)
    }
}

#[cfg(test)]
pub(super) mod tests;
