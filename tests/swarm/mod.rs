//! The swarm: seeded simulation of the whole daemon in virtual time.
//!
//! A seed makes a router with one or two modems, and chance does to it everything that can happen
//! to a router; of ten seeds three have modems of every kind, messages and an owner who chooses
//! bands, the others QMI modems alone; of ten two have a modem with two SIMs and quotas ([`dual`]).
//! The invariants are held against every moment ([`crate::virtual_router`]). What must have become
//! of it is said by a model that knows the world and not the daemon ([`reference`], [`owner`]).
//! `make swarm` walks tens of thousands of seeds; an ordinary test run walks a few hundred, and
//! first those that once failed, which are in `seeds`.
//! `LTEWAN_SEED=n make swarm` walks one and prints its story.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a failing seed is named at once")]
#![allow(dead_code, reason = "the tests and the program each use their own part")]

mod acts;
pub(crate) mod dice;
mod dual;
mod faults;
pub(crate) mod fleet;
mod owner;
pub(crate) mod recovery;

mod reference;
#[cfg(test)]
mod sabotage;
pub(crate) mod tally;
mod walk;

pub(crate) use acts::is_quiet;
pub(crate) use walk::{Options, Walk};

/// Seeds that once failed, one a line, with what was wrong.
const SEEDS: &str = include_str!("seeds");

/// The seeds that once failed.
pub(crate) fn kept_seeds() -> Vec<u64> {
    let seed = |line: &str| line.split_whitespace().next().and_then(|word| word.parse().ok());
    SEEDS.lines().filter(|line| !line.starts_with('#')).filter_map(seed).collect()
}

#[cfg(test)]
mod tests {
    use super::{Options, fleet, kept_seeds};

    /// How many seeds an ordinary test run takes.
    const SEEDS: u64 = 240;

    #[test]
    fn seeds_that_once_failed_hold() {
        for seed in kept_seeds() {
            if let Err(message) = fleet::walk(seed, Options::default()) {
                panic!("seed {seed}: {message}");
            }
        }
    }

    #[test]
    fn whatever_happens_the_invariants_hold_and_the_model_is_right() {
        let seeds = std::env::var("LTEWAN_SEEDS").map_or(SEEDS, |seeds| seeds.parse().unwrap());
        let result = fleet::sail(0..seeds, None, true);
        assert!(result.failures.is_empty(), "{}", result.describe());
    }
}
