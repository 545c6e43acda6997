//! What a swarm has seen: counted, added up, and printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ltewan::time::Duration;

/// What was seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) seeds: u64,
    pub(crate) time: Duration,
    /// Faults by kind.
    pub(crate) faults: BTreeMap<&'static str, u64>,
    /// From the end of the last fault until every interface that is to be up was up, in ms.
    pub(crate) recoveries_ms: Vec<u32>,
    /// What the model leaves open and how often it came to that.
    pub(crate) allowed: BTreeMap<&'static str, u64>,
}

impl Tally {
    pub(crate) fn fault(&mut self, kind: &'static str) {
        *self.faults.entry(kind).or_default() += 1;
    }

    pub(crate) fn allow(&mut self, what: &'static str) {
        *self.allowed.entry(what).or_default() += 1;
    }

    pub(crate) fn recovered(&mut self, ms: u64) {
        self.recoveries_ms.push(u32::try_from(ms).unwrap_or(u32::MAX));
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.time += other.time;
        self.recoveries_ms.extend(other.recoveries_ms);
        for (kind, count) in other.faults {
            *self.faults.entry(kind).or_default() += count;
        }
        for (what, count) in other.allowed {
            *self.allowed.entry(what).or_default() += count;
        }
    }

    /// For people.
    pub(crate) fn report(&mut self) -> String {
        let years = self.time.as_secs_f64() / (365.25 * 86_400.0);
        let total: u64 = self.faults.values().sum();
        let mut text = format!("{} seeds, {years:.2} virtual years, {total} faults\n", self.seeds);
        for (kind, count) in &self.faults {
            let _ = writeln!(text, "  {count:>9}  {kind}");
        }
        let [median, p99, worst] = percentiles(&mut self.recoveries_ms);
        let _ = writeln!(
            text,
            "recoveries: {}; median {}, 99 % within {}, worst {}",
            self.recoveries_ms.len(),
            seconds(median),
            seconds(p99),
            seconds(worst)
        );
        for (what, count) in &self.allowed {
            let _ = writeln!(text, "allowed: {what}: {count}");
        }
        text
    }
}

/// The median, the 99th percentile and the most.
pub(crate) fn percentiles(samples: &mut [u32]) -> [u32; 3] {
    samples.sort_unstable();
    let at = |part: usize| {
        let index = (samples.len() * part).div_ceil(100).max(1) - 1;
        samples.get(index).copied().unwrap_or(0)
    };
    [at(50), at(99), at(100)]
}

pub(crate) fn seconds(ms: u32) -> String {
    format!("{:.1} s", f64::from(ms) / 1000.0)
}

#[test]
fn percentiles_are_samples() {
    assert_eq!(percentiles(&mut []), [0; 3]);
    assert_eq!(percentiles(&mut [7]), [7; 3]);
    let mut samples: Vec<u32> = (1..=200).rev().collect();
    assert_eq!(percentiles(&mut samples), [100, 198, 200]);
}
