use super::*;

const NOW: Millis = Millis(1_700_000_000_000);

fn settings() -> DeliverySettings {
    DeliverySettings {
        concurrent: 4,
        concurrent_per_lane: 3,
        slow: 3,
        slow_after: Duration::from_secs(1),
        slow_per_lane: 2,
        ..DeliverySettings::default()
    }
}

fn lane(number: u8) -> LaneKey {
    LaneKey([number; 16])
}

fn whom(number: u8) -> Whom {
    Whom { origin: format!("https://{number}.example:443"), source: [number; 26] }
}

fn take(seats: &mut Seats, number: u8) -> Result<SeatNumber, Taken> {
    take_at(seats, number, NOW)
}

fn take_at(seats: &mut Seats, number: u8, now: Millis) -> Result<SeatNumber, Taken> {
    seats.take(lane(number), || whom(number), now, &settings())
}

fn second(number: u64) -> Duration {
    Duration::from_secs(number)
}

/// Seats whose first lane nobody answers in.
fn broken() -> Seats {
    let mut seats = Seats::default();
    for _ in 0..5 {
        let seat = take(&mut seats, 1).unwrap();
        assert_eq!(seats.learn(seat, false, false, NOW), None);
        seats.release(seat);
    }
    seats
}

#[test]
fn a_lane_has_so_many_seats_and_the_node_so_many() {
    let mut seats = Seats::default();
    let taken: Vec<_> = (0..3).map(|_| take(&mut seats, 1).unwrap()).collect();
    assert_eq!(take(&mut seats, 1), Err(Taken::Lane));
    assert_eq!((seats.free(&settings()), seats.taken()), (1, 3));
    let other = take(&mut seats, 2).unwrap();
    assert_eq!(take(&mut seats, 3), Err(Taken::Node));
    assert_eq!(take(&mut seats, 1), Err(Taken::Lane), "a lane that is full waits for its own seats");
    seats.release(taken[0]);
    assert!(take(&mut seats, 3).is_ok());
    seats.release(other);
    seats.release(other);
    assert_eq!(seats.free(&settings()), 1, "a seat is given back once");
    assert!(take(&mut seats, 1).is_ok());
    assert_eq!(seats.free(&settings()), 0);
}

#[test]
fn settings_that_allow_nothing_allow_one() {
    let none = DeliverySettings { concurrent: 0, concurrent_per_lane: 0, slow_per_lane: 0, ..settings() };
    let mut seats = Seats::default();
    let seat = seats.take(lane(1), || whom(1), NOW, &none).unwrap();
    assert_eq!(seats.take(lane(1), || whom(1), NOW, &none), Err(Taken::Lane));
    assert_eq!(seats.take(lane(2), || whom(2), NOW, &none), Err(Taken::Node));
    seats.release(seat);
    assert!(seats.take(lane(2), || whom(2), NOW, &none).is_ok());
}

#[test]
fn slow_calls_leave_the_first_limit_while_there_is_room() {
    let mut seats = Seats::default();
    let taken: Vec<_> = [1, 2, 3, 4].into_iter().map(|number| take(&mut seats, number).unwrap()).collect();
    for (number, seat) in (0..).zip(&taken) {
        seats.begin(*seat, second(number));
    }
    assert_eq!(seats.next_slow(&settings()), Some(second(1)));
    assert!(!seats.slow_down(Duration::from_millis(999), &settings()));
    assert_eq!(seats.free(&settings()), 0);
    assert!(seats.slow_down(second(1), &settings()));
    assert_eq!((seats.free(&settings()), seats.next_slow(&settings())), (1, Some(second(2))));
    assert!(seats.slow_down(second(9), &settings()));
    assert_eq!((seats.free(&settings()), seats.next_slow(&settings())), (3, None), "the fourth finds no room");
    assert!(!seats.slow_down(second(9), &settings()));
    seats.release(taken[0]);
    assert_eq!(seats.next_slow(&settings()), Some(second(4)));
    assert!(seats.slow_down(second(9), &settings()));
    assert_eq!(seats.free(&settings()), 4);
    for seat in taken {
        seats.release(seat);
    }
    assert_eq!((seats.free(&settings()), seats.taken(), seats.next_slow(&settings())), (4, 0, None));
}

#[test]
fn a_lane_with_slow_calls_begins_no_other() {
    let mut seats = Seats::default();
    let one = take(&mut seats, 1).unwrap();
    let two = take(&mut seats, 1).unwrap();
    seats.begin(one, second(0));
    seats.begin(two, second(0));
    seats.begin(two, second(7));
    assert!(seats.slow_down(second(1), &settings()));
    assert_eq!(take(&mut seats, 1), Err(Taken::Lane));
    seats.release(one);
    let three = take(&mut seats, 1).unwrap();
    assert_eq!(take(&mut seats, 1), Err(Taken::Lane), "the next one counts as slow at once");
    seats.learn(three, true, false, NOW);
    seats.release(two);
    seats.release(three);
    assert!(seats.lanes_of(&[1; 26]).is_empty(), "nothing is left to know");
}

#[test]
fn calls_that_last_too_long_are_told() {
    let mut seats = Seats::default();
    let taken: Vec<_> = [1, 2, 3].into_iter().map(|number| take(&mut seats, number).unwrap()).collect();
    seats.begin(taken[0], second(1));
    seats.begin(taken[1], second(2));
    assert!(seats.slow_down(second(2), &settings()));
    assert_eq!(seats.older_than(second(1)), []);
    assert_eq!(seats.older_than(second(2)), [taken[0]]);
    assert_eq!(seats.older_than(second(3)), [taken[0], taken[1]]);
}

#[test]
fn whoever_was_put_off_is_told_when_a_seat_is_free() {
    let mut seats = Seats::default();
    assert!(!seats.starve(lane(1)), "no seat of it will be given back");
    let seat = take(&mut seats, 1).unwrap();
    assert!(!seats.is_hungry(lane(1)));
    assert!(seats.starve(lane(1)));
    assert!(seats.is_hungry(lane(1)) && !seats.is_hungry(lane(2)));
    let other = take(&mut seats, 2).unwrap();
    assert_eq!(seats.release(other), None);
    assert_eq!(seats.release(seat), Some(lane(1)));
    assert!(!seats.is_hungry(lane(1)));
    assert_eq!(seats.release(seat), None);
}

#[test]
fn a_lane_that_nobody_answers_in_waits_and_is_probed_once() {
    let mut seats = broken();
    let until = Millis(NOW.0 + 5_000);
    assert_eq!(take(&mut seats, 1), Err(Taken::Until(until)));
    assert!(take(&mut seats, 2).is_ok());
    let probe = take_at(&mut seats, 1, until).unwrap();
    assert_eq!(take_at(&mut seats, 1, until), Err(Taken::Lane));
    assert_eq!(seats.learn(probe, false, false, until), None);
    seats.release(probe);
    let open = Open { until: Millis(until.0 + 10_000), wait: second(10) };
    assert_eq!(seats.open(lane(1)), Some(open));
    let probe = take_at(&mut seats, 1, open.until).unwrap();
    assert_eq!(seats.learn(probe, true, false, open.until), Some(lane(1)), "what waits may go");
    assert_eq!((seats.open(lane(1)), seats.open(lane(9))), (None, None));
    assert!(take_at(&mut seats, 1, open.until).is_ok());
    assert_eq!(seats.learn(probe, true, false, open.until), None);
}

#[test]
fn a_probe_that_told_nothing_is_followed_by_another() {
    let mut seats = broken();
    let due = Millis(NOW.0 + 5_000);
    let probe = take_at(&mut seats, 1, due).unwrap();
    let other = seats.lanes_of(&[1; 26]).remove(0).1;
    assert_eq!((other.figure, other.in_flight), (BreakerFigure::Probing, 1));
    seats.release(probe);
    assert_eq!(seats.lanes_of(&[1; 26]).remove(0).1.figure, BreakerFigure::Open);
    assert!(take_at(&mut seats, 1, due).is_ok());
}

#[test]
fn a_probe_needs_no_seat_of_its_lane_and_none_of_the_first_limit() {
    let mut seats = Seats::default();
    let taken: Vec<_> = (0..3).map(|_| take(&mut seats, 1).unwrap()).collect();
    for _ in 0..5 {
        seats.learn(taken[0], false, false, NOW);
    }
    let due = Millis(NOW.0 + 5_000);
    let probe = take_at(&mut seats, 1, due).unwrap();
    assert_eq!(seats.free(&settings()), 1);
    seats.begin(probe, second(0));
    assert_eq!((seats.next_slow(&settings()), seats.older_than(second(1))), (None, vec![probe]));
    seats.release(probe);
    let _filler = take(&mut seats, 2).unwrap();
    assert_eq!(take(&mut seats, 3), Err(Taken::Node));
    assert!(take_at(&mut seats, 1, due).is_ok());
}

#[test]
fn what_was_slow_or_met_nobody_takes_no_seat_from_others() {
    for (answered, was_slow, is_apart) in [(true, false, false), (true, true, true), (false, false, true)] {
        let mut seats = Seats::default();
        let seat = take(&mut seats, 1).unwrap();
        seats.learn(seat, answered, was_slow, NOW);
        seats.release(seat);
        let _first = take(&mut seats, 1).unwrap();
        assert_eq!(seats.free(&settings()), if is_apart { 4 } else { 3 }, "{answered} {was_slow}");
        let _second = take(&mut seats, 1).unwrap();
        assert_eq!(take(&mut seats, 1).is_err(), is_apart, "{answered} {was_slow}");
    }
}

#[test]
fn where_too_many_are_slow_others_that_are_wait_in_their_lanes() {
    let mut seats = Seats::default();
    for number in 1..=4 {
        let seat = take(&mut seats, number).unwrap();
        seats.learn(seat, false, false, NOW);
        seats.release(seat);
    }
    let taken: Vec<_> = (1..=3).map(|number| take(&mut seats, number).unwrap()).collect();
    assert_eq!(take(&mut seats, 4), Err(Taken::Lane));
    assert!(take(&mut seats, 5).is_ok());
    seats.release(taken[0]);
    let fourth = take(&mut seats, 4).unwrap();
    assert_eq!(seats.learn(fourth, true, false, NOW), None);
    seats.release(fourth);
    assert!(seats.lanes_of(&[4; 26]).is_empty());
    assert_eq!(seats.lanes_of(&[1; 26]).len(), 1, "that it is slow is remembered");
    for seat in taken {
        seats.release(seat);
    }
    assert!(!seats.starve(lane(1)), "it is known, and no seat of it is taken");
}

#[test]
fn a_lane_is_remembered_while_one_of_its_seats_is_taken() {
    let mut seats = Seats::default();
    let (first, _second) = (take(&mut seats, 1).unwrap(), take(&mut seats, 1).unwrap());
    seats.release(first);
    assert_eq!(seats.lanes_of(&[1; 26]).remove(0).1.in_flight, 1);
}

#[test]
fn what_is_written_down_of_a_breaker_counts_where_nothing_else_is_known() {
    let open = Open { until: Millis(NOW.0 + 20_000), wait: second(20) };
    let mut seats = Seats::default();
    seats.adopt(lane(1), || whom(1), None);
    assert!(seats.lanes_of(&[1; 26]).is_empty());
    seats.adopt(lane(1), || whom(1), Some(open));
    assert_eq!(take(&mut seats, 1), Err(Taken::Until(open.until)));
    let known = broken().open(lane(1));
    let mut seats = broken();
    seats.adopt(lane(1), || whom(1), Some(open));
    assert_eq!(seats.open(lane(1)), known);
    let mut seats = Seats::default();
    let _seat = take(&mut seats, 1).unwrap();
    seats.adopt(lane(1), || whom(1), Some(open));
    assert_eq!(seats.open(lane(1)), None, "a call is under way, and it will tell");
}

#[test]
fn lanes_are_shown_by_source() {
    let mut seats = Seats::default();
    let _seats: Vec<_> = [1, 1, 2].into_iter().map(|number| take(&mut seats, number).unwrap()).collect();
    let view = LaneView { figure: BreakerFigure::Closed, in_flight: 2, open: None, whom: Arc::new(whom(1)) };
    assert_eq!(seats.lanes_of(&[1; 26]), [(lane(1), view)]);
    assert!(seats.lanes_of(&[3; 26]).is_empty());
}

#[test]
fn of_very_many_lanes_that_nobody_calls_none_is_remembered() {
    let mut seats = Seats::default();
    let key = |number: usize| LaneKey(u128::to_be_bytes(number as u128));
    for number in 0..MOST_LANES {
        let seat = seats.take(key(number), || whom(1), NOW, &settings()).unwrap();
        seats.learn(seat, false, false, NOW);
        seats.release(seat);
    }
    assert_eq!(seats.lanes.len(), MOST_LANES);
    let kept = seats.take(key(MOST_LANES), || whom(2), NOW, &settings()).unwrap();
    assert_eq!(seats.lanes.len(), MOST_LANES + 1);
    let other = seats.take(key(MOST_LANES + 1), || whom(1), NOW, &settings()).unwrap();
    let third = seats.take(key(MOST_LANES + 2), || whom(1), NOW, &settings()).unwrap();
    seats.learn(other, false, false, NOW);
    seats.release(other);
    assert_eq!(seats.lanes.len(), 2);
    seats.release(kept);
    seats.release(third);
    assert!(seats.lanes.is_empty());
}
