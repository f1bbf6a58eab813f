//! What the benches share: CPU time, rounds that alternate, and the lines that say how a bar was met.

use std::fs;
use std::hint::black_box;

/// How many rounds are run of each; the median counts.
const ROUNDS: usize = 9;

/// CPU time of this thread, in nanoseconds, as the kernel accounts for it.
pub(crate) fn thread_cpu() -> u64 {
    cpu("/proc/thread-self/schedstat")
}

/// CPU time in a file of the kernel's that begins with it.
pub(crate) fn cpu(file: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default()
}

/// Runs both in turn, and returns the CPU nanoseconds of one run of each: medians over the rounds.
pub(crate) fn alternate(runs: u32, mut ours: impl FnMut(), mut peer: impl FnMut()) -> (f64, f64) {
    let mut measured = [Vec::new(), Vec::new()];
    for _ in 0..=ROUNDS {
        for (place, side) in [&mut ours as &mut dyn FnMut(), &mut peer].into_iter().enumerate() {
            let began = thread_cpu();
            for _ in 0..runs {
                side();
            }
            measured[place].push((thread_cpu() - began) as f64 / f64::from(runs));
        }
    }
    let [ours, peer] = measured.map(|mut all| {
        all.remove(0); // warms up
        median(&mut all)
    });
    (ours, peer)
}

/// Runs one thing, and returns the CPU nanoseconds of one run.
pub(crate) fn alone<T>(runs: u32, mut run: impl FnMut() -> T) -> f64 {
    alternate(runs, || drop(black_box(run())), || {}).0
}

pub(crate) fn median(all: &mut [f64]) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Prints how a bar was met.
pub(crate) fn bar(name: &str, value: f64, limit: f64) {
    println!("bar {name} {value:.2} {limit} {}", if value <= limit { "ok" } else { "short" });
}
