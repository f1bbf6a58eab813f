//! Two things measured in turn, on this thread.

use std::hint::black_box;
use std::time::Instant;

use crate::common::median;

/// How many rounds are run of each; the median counts.
const ROUNDS: usize = 9;

/// Runs both in turn, and returns the nanoseconds of one run of each: medians over the rounds.
pub(crate) fn alternate(runs: u32, mut ours: impl FnMut(), mut peer: impl FnMut()) -> (f64, f64) {
    let mut measured = [Vec::new(), Vec::new()];
    for _ in 0..=ROUNDS {
        for (place, side) in [&mut ours as &mut dyn FnMut(), &mut peer].into_iter().enumerate() {
            let began = now();
            for _ in 0..runs {
                side();
            }
            measured[place].push(began.elapsed().as_nanos() as f64 / f64::from(runs));
        }
    }
    let [ours, peer] = measured.map(|mut all| {
        all.remove(0); // warms up
        median(&mut all)
    });
    (ours, peer)
}

/// Runs one thing, and returns the nanoseconds of one run.
pub(crate) fn alone<T>(runs: u32, mut run: impl FnMut() -> T) -> f64 {
    alternate(runs, || drop(black_box(run())), || {}).0
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> Instant {
    Instant::now()
}
