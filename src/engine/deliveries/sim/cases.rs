//! Single stories, told to their end.

use std::time::Duration;

use super::super::ByHand;
use super::world::{self, End, Manner};
use super::{Sim, source};
use crate::delivery::{BreakerFigure, Delivery, Mode, State};
use crate::engine::Engine;
use crate::id::Millis;
use crate::port::{Clock, Storage};

impl Sim {
    fn calm() -> Self {
        super::hush();
        Self::new(0, false)
    }

    fn engine(&self) -> Engine {
        self.nodes[0].engine.clone()
    }

    fn is(&self, host: &str, manner: Manner) {
        self.world.facts().manners.insert(host.to_owned(), manner);
    }

    /// Records so many deliveries, and returns their numbers.
    fn send(&mut self, host: &str, mode: Mode, count: usize) -> Vec<u64> {
        let (numbers, new): (Vec<u64>, Vec<_>) = (0..count).map(|_| self.new_delivery(source(0), host, mode)).unzip();
        let engine = self.engine();
        let create_at = self.world.clock.millis();
        let plan = engine.record(&engine.state(), new).unwrap();
        self.wait(async move { engine.hand_in(plan, create_at).await.unwrap() });
        numbers
    }

    fn look(&mut self, number: u64) -> Delivery {
        let engine = self.engine();
        let found = self.wait(async move { engine.delivery_of(&source(0), &world::id(number), None).await.unwrap() });
        found.unwrap()
    }

    fn states(&mut self, numbers: &[u64]) -> Vec<State> {
        numbers.iter().map(|number| self.look(*number).state).collect()
    }

    fn by_hand_on(&mut self, number: u64, is_retry: bool) -> ByHand {
        let (engine, id) = (self.engine(), world::id(number));
        self.wait(async move {
            let done = if is_retry {
                engine.retry_delivery(&source(0), &id, None).await
            } else {
                engine.drop_delivery(&source(0), &id, None).await
            };
            done.unwrap()
        })
    }

    /// When a receiver was called, in whole seconds.
    fn called_at(&self, host: &str) -> Vec<u64> {
        let facts = self.world.facts();
        facts.calls.iter().filter(|called| called.lane.ends_with(host)).map(|called| called.began.as_secs()).collect()
    }

    fn seconds(&mut self, seconds: u64) {
        self.pass(Duration::from_secs(seconds));
    }
}

#[test]
fn a_worker_may_run_in_a_task_of_its_own() {
    fn movable<T: Send>(_: &T) {}
    let sim = Sim::calm();
    movable(&sim.engine().run(async {}));
}

#[test]
fn what_begins_at_once_is_delivered_at_once() {
    let mut sim = Sim::calm();
    let sent = sim.send("one", Mode::Safe, 3);
    sim.pass(Duration::from_millis(200));
    assert_eq!(sim.states(&sent), [State::Delivered; 3]);
    let delivery = sim.look(sent[0]);
    assert_eq!((delivery.attempts.len(), delivery.attempts[0].status), (1, Some(200)));
}

#[test]
fn a_receiver_that_is_away_is_left_in_peace_and_found_again() {
    let mut sim = Sim::calm();
    sim.is("one", Manner::Refuses);
    let sent = sim.send("one", Mode::Safe, 40);
    sim.seconds(200);
    let calls = sim.called_at("one");
    // Three at once, whose number four and five open it, and then the probes.
    assert!(calls.len() < 20, "{calls:?}");
    assert!(
        calls.iter().rev().zip(calls.iter().rev().skip(1)).take(2).all(|(late, early)| late - early >= 55),
        "{calls:?}"
    );
    let lanes = sim.engine();
    let lanes = sim.wait(async move { lanes.lanes_of(&source(0)).await.unwrap() });
    assert_eq!((lanes.len(), lanes[0].breaker, lanes[0].waiting), (1, BreakerFigure::Open, 40));
    assert!(lanes[0].retry_at.is_some() && lanes[0].in_flight == 0);
    sim.is("one", Manner::Answers(200));
    sim.seconds(90);
    assert_eq!(sim.states(&sent), [State::Delivered; 40]);
    let engine = sim.engine();
    sim.seconds(60);
    assert!(sim.wait(async move { engine.lanes_of(&source(0)).await.unwrap() }).is_empty());
}

#[test]
fn what_nobody_takes_is_dead_after_a_quarter_of_an_hour_and_lives_again_by_hand() {
    let mut sim = Sim::calm();
    sim.is("one", Manner::Refuses);
    let sent = sim.send("one", Mode::Safe, 8);
    sim.seconds(14 * 60);
    assert_eq!(sim.states(&sent), [State::Pending; 8]);
    sim.seconds(3 * 60);
    assert_eq!(sim.states(&sent), [State::Dead; 8]);
    assert_eq!(sim.by_hand_on(sent[0], true), ByHand::Done);
    sim.seconds(70);
    assert_eq!(sim.states(&sent[..1]), [State::Dead], "it was tried, and nobody was there");
    sim.is("one", Manner::Replies);
    assert_eq!(sim.by_hand_on(sent[0], true), ByHand::Done);
    sim.seconds(70);
    let delivery = sim.look(sent[0]);
    assert_eq!((delivery.state, delivery.reason.as_str()), (State::Delivered, "too late"));
    assert_eq!(sim.by_hand_on(sent[0], true), ByHand::WrongState);
    assert_eq!(sim.by_hand_on(sent[0], false), ByHand::WrongState);
    assert_eq!(sim.by_hand_on(4_711, true), ByHand::Unknown);
}

#[test]
fn receivers_that_hang_do_not_keep_others_waiting() {
    let mut sim = Sim::calm();
    sim.settings.deliveries.slow = 1_000;
    sim.engine().configure(sim.settings.clone()).unwrap();
    for number in 0..60 {
        sim.is(&format!("hang{number}"), Manner::Hangs);
        sim.send(&format!("hang{number}"), Mode::Safe, 9);
    }
    // Six begin a second: after half a minute each lane has had its turn, and is known to be slow.
    sim.seconds(35);
    for _ in 0..40 {
        let sent = sim.send("one", Mode::Safe, 1);
        sim.pass(Duration::from_millis(100));
        assert_eq!(sim.states(&sent), [State::Delivered], "after {:?}", sim.clock().monotonic());
        sim.seconds(1);
    }
    let facts = sim.world.facts();
    assert!(facts.most_running.values().all(|most| *most <= 3), "{:?}", facts.most_running);
}

#[test]
fn a_receiver_that_is_gone_for_good_ends_what_waits_for_the_same_target() {
    let mut sim = Sim::calm();
    sim.is("one", Manner::Busy(300));
    let sent = sim.send("one", Mode::Full, 6);
    sim.seconds(1);
    sim.is("one", Manner::Answers(410));
    assert_eq!(sim.states(&sent), [State::Pending; 6]);
    let last = sim.send("one", Mode::Full, 1);
    sim.seconds(2);
    assert_eq!(sim.states(&last), [State::Failed]);
    assert_eq!(sim.states(&sent), [State::Dropped; 6]);
}

#[test]
fn beyond_a_number_deliveries_are_counted_and_not_stored() {
    let mut sim = Sim::calm();
    sim.settings.deliveries.pending_per_source = 10;
    sim.engine().configure(sim.settings.clone()).unwrap();
    sim.is("one", Manner::Refuses);
    sim.send("one", Mode::Safe, 25);
    sim.send("one", Mode::Safe, 5);
    let engine = sim.engine();
    let beyond = |sim: &mut Sim| {
        let engine = engine.clone();
        sim.wait(async move {
            let all = engine.deliveries_of(&source(0), None, 0, 100).await.unwrap();
            (all.len(), engine.lanes_of(&source(0)).await.unwrap()[0].beyond_limit)
        })
    };
    assert_eq!(beyond(&mut sim), (10, 20));
    sim.seconds(5);
    assert_eq!(beyond(&mut sim), (10, 20));
    // Another node, which has to count first.
    sim.crash();
    let engine = sim.engine();
    engine.configure(sim.settings.clone()).unwrap();
    sim.seconds(5);
    sim.send("one", Mode::Safe, 5);
    let all = sim.wait(async move { engine.deliveries_of(&source(0), None, 0, 100).await.unwrap() });
    assert_eq!(all.len(), 10);
    sim.is("one", Manner::Answers(200));
    sim.seconds(120);
    assert_eq!(sim.leftovers(), 0);
    let sent = sim.send("one", Mode::Safe, 5);
    sim.seconds(1);
    assert_eq!(sim.states(&sent), [State::Delivered; 5]);
}

#[test]
fn what_ended_is_kept_for_a_time_and_up_to_a_number() {
    let mut sim = Sim::calm();
    sim.settings.deliveries.retention_per_source = 7;
    sim.settings.deliveries.retention = Duration::from_secs(600);
    sim.engine().configure(sim.settings.clone()).unwrap();
    sim.is("one", Manner::Answers(200));
    let sent = sim.send("one", Mode::Safe, 30);
    sim.seconds(20);
    let engine = sim.engine();
    let count = |sim: &mut Sim| {
        let engine = engine.clone();
        sim.wait(async move { engine.deliveries_of(&source(0), None, 0, 100).await.unwrap().len() })
    };
    assert_eq!(count(&mut sim), 30, "they may be handed in again");
    sim.seconds(70);
    engine.note_posted(sim.world.clock.millis());
    sim.seconds(10);
    assert_eq!(count(&mut sim), 7);
    assert_eq!(sim.states(&sent[29..]), [State::Delivered], "the oldest go first");
    sim.seconds(480);
    assert_eq!(count(&mut sim), 7);
    sim.seconds(60);
    assert_eq!(count(&mut sim), 0);
}

#[test]
fn the_checkpoint_stays_a_minute_behind_what_was_handed_in() {
    let mut sim = Sim::calm();
    let engine = sim.engine();
    let checkpoint = |sim: &mut Sim| {
        let engine = engine.clone();
        sim.seconds(2);
        sim.wait(async move { engine.posted_checkpoint().await.unwrap() })
    };
    assert_eq!(checkpoint(&mut sim), None);
    let now = sim.world.clock.millis();
    engine.note_posted(Millis(now.0 - 5));
    engine.note_posted(Millis(now.0 - 9));
    assert_eq!(checkpoint(&mut sim), Some(Millis(now.0 - 5 - 60_000)));
    engine.note_posted(Millis(now.0 + 86_400_000));
    let seen = checkpoint(&mut sim).unwrap();
    assert!(seen.0 < sim.world.clock.millis().0 - 60_000, "a post of the future hides none of now");
}

#[test]
fn a_worker_that_is_to_end_finishes_its_calls_and_leaves_the_rest_to_others() {
    let mut sim = Sim::calm();
    sim.is("one", Manner::Slow(10));
    let sent = sim.send("one", Mode::Safe, 5);
    sim.pass(Duration::from_millis(50));
    sim.nodes[0].stop.ring();
    sim.pass(Duration::from_millis(50));
    let late = sim.send("two", Mode::Safe, 1);
    sim.seconds(11);
    let worker = sim.nodes[0].worker;
    assert!(!sim.executor.is_running(worker));
    let states = sim.states(&sent);
    assert_eq!(states.iter().filter(|state| **state == State::Delivered).count(), 3, "{states:?}");
    assert_eq!(sim.states(&late), [State::Pending]);
    assert!(sim.world.facts().calls.iter().all(|called| called.end == End::Answered(200)));
    sim.is("one", Manner::Answers(200));
    sim.start();
    sim.seconds(3);
    assert_eq!((sim.states(&sent), sim.states(&late)), (vec![State::Delivered; 5], vec![State::Delivered]));
    assert_eq!(sim.world.facts().calls.len(), 6, "none is called twice");
}

#[test]
fn of_two_workers_on_one_engine_the_second_waits_for_the_first_to_end() {
    let mut sim = Sim::calm();
    let engine = sim.engine();
    let stop = std::sync::Arc::default();
    let second = sim.run(&engine, &stop);
    sim.seconds(1);
    sim.nodes[0].stop.ring();
    sim.seconds(3);
    let first = sim.nodes[0].worker;
    assert!(!sim.executor.is_running(first) && sim.executor.is_running(second));
    let sent = sim.send("one", Mode::Safe, 2);
    sim.seconds(1);
    assert_eq!(sim.states(&sent), [State::Delivered; 2]);
    stop.ring();
    sim.seconds(1);
    assert!(!sim.executor.is_running(second));
    let waiting = sim.run(&engine, &stop);
    let third = sim.run(&engine, &stop);
    sim.seconds(1);
    stop.ring();
    stop.ring();
    sim.seconds(3);
    assert!(!sim.executor.is_running(waiting) || !sim.executor.is_running(third));
}

#[test]
fn a_clock_that_was_set_back_keeps_nothing_waiting() {
    let mut sim = Sim::calm();
    sim.is("one", Manner::Refuses);
    let sent = sim.send("one", Mode::Safe, 2);
    sim.seconds(1);
    sim.world.clock.set(-86_400_000);
    sim.is("one", Manner::Answers(200));
    sim.seconds(70);
    assert_eq!(sim.states(&sent), [State::Delivered; 2]);
}

#[test]
fn a_crash_after_the_clock_was_set_back_leaves_no_claim_for_a_day() {
    let mut sim = Sim::calm();
    sim.is("one", Manner::Hangs);
    let sent = sim.send("one", Mode::Safe, 2);
    sim.seconds(1);
    sim.world.clock.set(-86_400_000);
    sim.is("one", Manner::Answers(200));
    sim.crash();
    sim.seconds(120);
    assert_eq!(sim.states(&sent), [State::Delivered; 2]);
    let delivery = sim.look(sent[0]);
    assert_eq!(delivery.attempts.len(), 2, "{delivery:?}");
}

#[test]
fn what_is_dropped_during_its_call_stays_dropped() {
    let mut sim = Sim::calm();
    sim.is("one", Manner::Slow(3));
    let sent = sim.send("one", Mode::Safe, 5);
    sim.seconds(1);
    for number in &sent {
        assert_eq!(sim.by_hand_on(*number, false), ByHand::Done);
    }
    sim.seconds(60);
    assert_eq!(sim.states(&sent), [State::Dropped; 5]);
    let calls = sim.world.facts().calls.len();
    assert_eq!((calls, sim.leftovers()), (3, 0));
}

#[test]
fn a_record_that_cannot_be_read_stops_nobody_else() {
    use crate::port::{Change, Expect, IndexEntry, Key, Write};
    use crate::record::Kind;
    type Record = crate::delivery::record::DeliveryRecord;
    let mut sim = Sim::calm();
    let place = [b"l", &Millis(5).to_sortable()[..]].concat();
    let index = vec![IndexEntry::new(Record::NEXT, place)];
    let write = Write::Put { body: "damaged".into(), index };
    let change = Change { expect: Expect::Absent, key: Key::new(Record::COLLECTION, "damaged"), write };
    let storage = sim.storage.clone();
    let _ = sim.wait(async move { storage.inner.commit(vec![change]).await.unwrap() });
    sim.is("one", Manner::Slow(2));
    let sent = sim.send("one", Mode::Safe, 12);
    sim.seconds(20);
    assert_eq!(sim.states(&sent), [State::Delivered; 12]);
    assert!(sim.world.facts().faults.keys().any(|fault| fault.contains("version 100")), "it is told of");
}
