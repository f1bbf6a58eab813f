//! What must hold in the end.

use std::collections::BTreeMap;

use super::Sim;
use super::world::{Called, End};
use crate::delivery::record::{DeliveryRecord, LEASES, LaneRecord};
use crate::delivery::{Delivery, Mode, State};
use crate::id::Millis;
use crate::port::{Index, Query, Storage};
use crate::record::Kind;

impl Sim {
    /// How many deliveries wait or are claimed, and how many lanes are to be looked at: all at one moment, for what moves
    /// between two looks would be missed by both.
    pub(super) fn leftovers(&mut self) -> u64 {
        let storage = self.storage.clone();
        self.wait(async move {
            let mut left = 0;
            for query in [
                all_of::<DeliveryRecord>(DeliveryRecord::NEXT, LEASES),
                all_of::<DeliveryRecord>(DeliveryRecord::NEXT, b"w"),
                all_of::<LaneRecord>(LaneRecord::DUE, b""),
            ] {
                left += storage.inner.find(&query).await.unwrap().total.unwrap();
            }
            left
        })
    }

    pub(super) fn verify(&mut self) {
        self.verify_rest();
        let engine = self.nodes[0].engine.clone();
        for (number, accepted) in self.accepted.clone() {
            let (engine, id) = (engine.clone(), super::world::id(number));
            let found =
                self.wait(
                    async move { engine.delivery_of(&accepted.source, &id, Some(accepted.create_at)).await.unwrap() },
                );
            let delivery = found.unwrap_or_else(|| panic!("{number} is lost: {accepted:?}"));
            assert_ne!(delivery.state, State::Pending, "{delivery:?}");
            self.verify_calls(&delivery, accepted.mode, accepted.by_hand, accepted.is_dropped);
        }
        self.verify_lists();
    }

    /// Nothing is left over: no seat, no lane, no claim.
    fn verify_rest(&mut self) {
        assert_eq!(self.leftovers(), 0, "something waits for ever");
        for node in &self.nodes {
            let books = node.engine.shared.deliveries.books();
            assert_eq!((books.seats.taken(), books.held.len(), books.aborts.len()), (0, 0, 0), "{books:?}");
        }
        let facts = self.world.facts();
        assert_eq!(facts.leaks, Vec::<String>::new());
        for (lane, most) in &facts.most_running {
            let limit = self.settings.deliveries.concurrent_per_lane * self.nodes.len();
            assert!(*most <= limit || self.is_stormy, "{lane}: {most} calls at once");
        }
        if !self.is_stormy {
            let unexpected: Vec<_> = facts.faults.keys().filter(|fault| !fault.contains("panicked")).collect();
            assert!(unexpected.is_empty(), "{unexpected:?}");
        }
    }

    /// A call is made again only where that is allowed, and what is recorded is what happened.
    fn verify_calls(&self, delivery: &Delivery, mode: Mode, by_hand: usize, is_dropped: bool) {
        let facts = self.world.facts();
        let id = delivery.id.as_str();
        let calls: Vec<&Called> = facts.calls.iter().filter(|called| called.id == id).collect();
        let context = format!("{delivery:?}\n{calls:?}\n{mode:?}, {by_hand} by hand");
        if delivery.state == State::Delivered {
            assert!(calls.iter().any(|called| matches!(called.end, End::Answered(_))), "{context}");
        }
        if delivery.reply.is_some() {
            assert_eq!(facts.posts.get(id), Some(&1), "{context}");
        }
        if self.is_stormy {
            return;
        }
        assert!(facts.twins.get(id).is_none_or(|most| *most <= 1 + by_hand.min(usize::from(is_dropped))), "{context}");
        let all_but_last = calls.split_last().map(|(_, rest)| rest).unwrap_or_default();
        let is_final = |called: &&&Called| match (called.end, mode) {
            (End::Answered(status), Mode::Full) => !matches!(status, 408 | 425 | 429 | 500..),
            (End::NotSent, Mode::Safe) | (End::NotSent | End::MaybeSent | End::Cut, Mode::Full) => false,
            _ => true,
        };
        let repeated = all_but_last.iter().filter(is_final).count();
        assert!(repeated <= by_hand, "{context}");
        let settled = calls.len() + usize::from(delivery.attempts.iter().any(|attempt| attempt.status.is_none()));
        assert!(delivery.attempts.len() >= calls.len() || settled >= calls.len(), "{context}");
    }

    /// Lists show each delivery once, newest first, whatever the state and the page.
    fn verify_lists(&mut self) {
        let mut by_source: BTreeMap<[u8; 26], usize> = BTreeMap::new();
        for accepted in self.accepted.values() {
            *by_source.entry(accepted.source).or_default() += 1;
        }
        for (source, count) in by_source {
            let engine = self.nodes[0].engine.clone();
            let (all, paged, of_states) = self.wait(async move {
                let all = engine.deliveries_of(&source, None, 0, 100_000).await.unwrap();
                let (mut paged, mut of_states) = (Vec::new(), 0);
                while paged.len() < all.len() {
                    paged.extend(engine.deliveries_of(&source, None, paged.len(), 7).await.unwrap());
                }
                for state in [State::Dead, State::Delivered, State::Dropped, State::Failed, State::Pending] {
                    let found = engine.deliveries_of(&source, Some(state), 0, 100_000).await.unwrap();
                    assert!(found.iter().all(|delivery| delivery.state == state));
                    of_states += found.len();
                }
                (all, paged, of_states)
            });
            assert!(all.len() >= count, "{} of {count} are shown", all.len());
            assert_eq!((&paged, of_states), (&all, all.len()));
            let times: Vec<Millis> = all.iter().map(|delivery| delivery.create_at).collect();
            assert!(times.is_sorted_by(|one, next| one >= next));
            let mut ids: Vec<&str> = all.iter().map(|delivery| delivery.id.as_str()).collect();
            ids.sort_unstable();
            ids.dedup();
            assert_eq!(ids.len(), all.len(), "one is shown twice");
        }
    }
}

fn all_of<K: Kind>(index: Index, prefix: &'static [u8]) -> Query {
    Query { after: None, collection: K::COLLECTION, count: true, index, limit: 0, prefix: prefix.into() }
}
