//! What the benches share: the median, and the lines that say how a bar was met.

pub(crate) fn median(all: &mut [f64]) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Prints how a bar was met.
pub(crate) fn bar(name: &str, value: f64, limit: f64) {
    println!("bar {name} {value:.2} {limit} {}", if value <= limit { "ok" } else { "short" });
}
