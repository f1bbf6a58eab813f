//! What the benches share: CPU time, and the lines that say how a bar was met.

use std::fs;

/// CPU time in nanoseconds, in a file of the kernel's that begins with it.
pub(crate) fn cpu(file: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default()
}

pub(crate) fn median(all: &mut [f64]) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Prints how a bar was met.
pub(crate) fn bar(name: &str, value: f64, limit: f64) {
    println!("bar {name} {value:.2} {limit} {}", if value <= limit { "ok" } else { "short" });
}
