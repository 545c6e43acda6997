//! Many seeds on every processor.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

use ltewan::io::clock;
use ltewan::time::Duration;

use super::tally::Tally;
use super::{Options, Walk};

/// How many failing seeds are enough.
const FAILURES_MAX: usize = 20;

/// A seed that failed, and what it said.
pub(crate) struct Failure {
    pub(crate) seed: u64,
    pub(crate) message: String,
}

/// What came of it.
#[derive(Default)]
pub(crate) struct Sailed {
    pub(crate) tally: Tally,
    pub(crate) failures: Vec<Failure>,
}

impl Sailed {
    /// The failing seeds: the shortest message whole, of the others the first line.
    pub(crate) fn describe(&self) -> String {
        let mut text = String::new();
        if let Some(first) = self.failures.iter().min_by_key(|failure| failure.message.len()) {
            text += &format!("seed {}: {}\n\n", first.seed, first.message);
        }
        for Failure { seed, message } in &self.failures {
            let line = message.lines().next().unwrap_or_default();
            text += &format!("again with LTEWAN_SEED={seed} make swarm: {line}\n");
        }
        text
    }
}

/// Walks one seed; what it said if it failed.
pub(crate) fn walk(seed: u64, options: Options) -> Result<Tally, String> {
    catch_unwind(AssertUnwindSafe(|| Walk::run(seed, options))).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
    })
}

/// Walks the seeds that once failed, then the others for at most so long.
pub(crate) fn sail_all(kept: &[u64], seeds: Range<u64>, budget: Option<Duration>) -> Sailed {
    let again = kept.iter().map(|seed| sail(*seed..seed + 1, None, false));
    let failures: Vec<Failure> = again.flat_map(|sailed| sailed.failures).collect();
    let mut sailed = sail(seeds, budget, false);
    sailed.failures.splice(0..0, failures);
    sailed
}

/// Walks the seeds, for at most so long; `quick` leaves out the long quiet ones.
pub(crate) fn sail(seeds: Range<u64>, budget: Option<Duration>, quick: bool) -> Sailed {
    let left = Mutex::new(seeds);
    let sailed = Mutex::new(Sailed::default());
    let start = clock::now();
    let is_over = || budget.is_some_and(|budget| clock::now().saturating_since(start) >= budget);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut own = Tally::default();
                loop {
                    let next = left.lock().unwrap().next();
                    let Some(seed) = next.filter(|_| !is_over()) else { break };
                    if quick && super::is_quiet(seed) {
                        continue;
                    }
                    match walk(seed, Options::default()) {
                        Ok(tally) => own.add(tally),
                        Err(message) => {
                            // A long run says so at once.
                            eprintln!("seed {seed} fails");
                            let mut sailed = sailed.lock().unwrap();
                            sailed.failures.push(Failure { seed, message });
                            if sailed.failures.len() >= FAILURES_MAX {
                                break;
                            }
                        }
                    }
                }
                sailed.lock().unwrap().tally.add(own);
            });
        }
    });
    sailed.into_inner().unwrap()
}
