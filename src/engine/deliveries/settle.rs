//! What became of calls, written down in groups.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::caught;
use super::desk::{Desk, Outcome};
use super::land::{Landing, Pause};
use crate::delivery::record::DeliveryRecord;
use crate::delivery::{FailureClass, State as Standing};
use crate::engine::{Engine, TRIES};
use crate::port::Observation;

impl Engine {
    /// Writes down what became of calls until `is_over` and nothing is left.
    pub(super) async fn settle_all(&self, is_over: impl Fn() -> bool) {
        let (desk, clock) = (&self.shared.deliveries, &self.shared.ports.clock);
        let (mut pause, mut failures) = (Pause::default(), 0);
        loop {
            let batch = take(desk);
            if batch.is_empty() {
                if is_over() {
                    return;
                }
                desk.settle.heard().await;
                continue;
            }
            let landings: Vec<&Landing> = batch.iter().map(|outcome| &outcome.landing).collect();
            match caught(self.land(&landings)).await {
                Ok(landed) => {
                    (pause, failures) = (Pause::default(), 0);
                    batch.into_iter().zip(landed).for_each(|(outcome, landed)| self.settled(outcome, landed));
                }
                Err(fault) => {
                    self.observe_fault(&fault);
                    // Whoever ends and cannot write leaves it to the leases.
                    failures += usize::from(is_over());
                    if failures > TRIES {
                        return;
                    }
                    desk.books().outcomes.splice(..0, batch);
                    clock.sleep(pause.next()).await;
                }
            }
        }
    }

    fn settled(&self, outcome: Outcome, landed: bool) {
        let Outcome { is_gone, landing, seat } = outcome;
        if landed {
            self.ended(&landing);
            if is_gone {
                let record = &landing.record;
                self.shared.deliveries.books().gone.push((record.lane(), record.target.clone()));
                self.shared.deliveries.feed.ring();
            }
        }
        drop(seat);
    }

    /// Counts and tells what became of a delivery.
    pub(super) fn ended(&self, landing: &Landing) {
        let DeliveryRecord { attempts, id, reason, source, .. } = &landing.record;
        let state = landing.record.state();
        if state != Standing::Pending {
            let mut books = self.shared.deliveries.books();
            books.count(source, -1);
            *books.ended.entry(*source).or_default() += 1;
            drop(books);
        }
        // Of what was given back untried there is nothing to tell.
        let is_new = attempts.len() != landing.before.kind.attempts.len()
            || attempts.last() != landing.before.kind.attempts.last();
        if state == Standing::Pending && !is_new && *reason == landing.before.kind.reason {
            return;
        }
        let last = attempts.last().filter(|_| is_new);
        let observation = Observation::DeliveryTried {
            delivery: id.as_str(),
            duration: last.map_or(0, |attempt| attempt.duration),
            failure: last.and_then(|attempt| attempt.failure).map(FailureClass::name),
            reason,
            state: state.name(),
            status: last.and_then(|attempt| attempt.status),
        };
        // A listener that panics harms nobody's delivery.
        let _ = catch_unwind(AssertUnwindSafe(|| self.observer().observe(&observation)));
    }
}

/// Takes the first outcomes, no two of one delivery: it may have been lost to another node and won back.
fn take(desk: &Desk) -> Vec<Outcome> {
    let mut books = desk.books();
    let mut keys = HashSet::new();
    let is_new = |outcome: &&Outcome| keys.insert(outcome.landing.before.key.id.clone());
    let count = books.outcomes.iter().take(GROUP).take_while(is_new).count();
    books.outcomes.drain(..count).collect()
}

/// How many are written down together at most.
const GROUP: usize = 256;
