//! The swarm as a program: `make swarm`, `make recovery`.
//!
//! `LTEWAN_SEED=n` walks one seed and prints its story, `LTEWAN_SEEDS=n` says how many are walked,
//! `LTEWAN_SECONDS=n` for how long at most, `LTEWAN_FROM=n` from which seed on.

#[path = "fuzz"]
mod fuzz {
    //! The log that takes no secrets.
    pub(crate) mod log_check;
}
mod sim;
#[path = "swarm/mod.rs"]
mod swarm;
mod virtual_router;

use std::process::ExitCode;

use ltewan::io::clock;
use ltewan::time::Duration;

use swarm::{Options, Walk, fleet};

/// How many seeds `make swarm` walks: ten virtual years.
const SEEDS: u64 = 22_000;

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "recovery") {
        print!("{}", swarm::recovery::document());
        return ExitCode::SUCCESS;
    }
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>());
    let number = |name| number(name).map(|parsed| parsed.unwrap_or_else(|_| panic!("{name}")));
    if let Some(seed) = number("LTEWAN_SEED") {
        Walk::run(seed, Options { is_told: true, ..Options::default() });
        return ExitCode::SUCCESS;
    }
    // Each failing seed is described at the end.
    std::panic::set_hook(Box::new(|_| {}));
    let start = clock::now();
    let from = number("LTEWAN_FROM").unwrap_or(0);
    let seeds = from..from + number("LTEWAN_SEEDS").unwrap_or(SEEDS);
    let budget = number("LTEWAN_SECONDS").map(Duration::from_secs);
    let kept = swarm::kept_seeds();
    let mut sailed = fleet::sail_all(&kept, seeds, budget);
    print!("{}", sailed.tally.report());
    println!("took {} s", clock::now().saturating_since(start).as_secs());
    print!("{}", sailed.describe());
    if sailed.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
