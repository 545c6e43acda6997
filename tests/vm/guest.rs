//! The test inside the guest of `tests/vm/run`: simulated modems behind the kernel's own drivers.
//!
//! It prints one line a step, as TAP does, with the time the step took. Steps share the modems and
//! the daemon and so depend on the ones before: after a failure the later ones say little. Ping
//! times under emulation mean nothing and are not looked at.

#![expect(clippy::print_stdout, reason = "its output is its result")]

#[path = "guest/bus.rs"]
mod bus;
#[path = "guest/compositions.rs"]
mod compositions;
#[path = "guest/daemon.rs"]
mod daemon;
#[path = "guest/drivers.rs"]
mod drivers;
#[path = "guest/failover.rs"]
mod failover;
#[path = "guest/faults.rs"]
mod faults;
#[path = "guest/figures.rs"]
mod figures;
#[path = "guest/limit.rs"]
mod limit;
#[path = "guest/modem.rs"]
mod modem;
#[path = "guest/mwan3.rs"]
mod mwan3;
#[path = "../bus/netifd.rs"]
#[expect(dead_code, reason = "the guest needs a part of it")]
mod netifd;
#[path = "guest/ping.rs"]
mod ping;
#[path = "guest/ppp.rs"]
mod ppp;
#[path = "guest/qmap.rs"]
mod qmap;
#[path = "guest/repeat.rs"]
mod repeat;
#[path = "guest/restarts.rs"]
mod restarts;
#[path = "guest/stage.rs"]
mod stage;
#[path = "../bus/ubusd.rs"]
mod ubusd;

use std::process::{Command, ExitCode};

use ltewan::time::{Duration, Instant};
use rustix::event::{Timespec, poll};
use rustix::time::{ClockId, clock_gettime};

/// Why a step failed, for people.
type Failure = Box<dyn std::error::Error>;

/// What a step says about itself when it passed; may be empty.
type Outcome = Result<String, Failure>;

fn main() -> ExitCode {
    let steps = std::env::args().nth(1).unwrap_or_default();
    let mut report = Report { count: 0, failed: 0 };
    println!("# boot to first step {:.2} s", seconds(now().saturating_since(Instant::ZERO)));
    if ["all", "drivers"].contains(&steps.as_str()) {
        drivers::run(&mut report);
    }
    if ["all", "ppp", "limit"].contains(&steps.as_str()) {
        daemon::run(&mut report, &steps);
    }
    if ["all", "compositions"].contains(&steps.as_str()) {
        compositions::run(&mut report);
    }
    if ["all", "failover"].contains(&steps.as_str()) {
        failover::run(&mut report);
    }
    println!("1..{}", report.count);
    ExitCode::from(u8::from(report.failed > 0))
}

/// Counts steps and prints their results.
struct Report {
    count: u32,
    failed: u32,
}

impl Report {
    /// Runs a step and prints how it went and how long it took.
    fn step(&mut self, name: &str, step: impl FnOnce() -> Outcome) {
        self.count += 1;
        let start = now();
        let outcome = step();
        let took = seconds(now().saturating_since(start));
        match outcome {
            Ok(remark) if remark.is_empty() => println!("ok {} - {name} {took:.2} s", self.count),
            Ok(remark) => println!("ok {} - {name} {took:.2} s ({remark})", self.count),
            Err(failure) => {
                self.failed += 1;
                println!("not ok {} - {name} {took:.2} s", self.count);
                for line in failure.to_string().lines() {
                    println!("#   {line}");
                }
                stage::show_log();
            }
        }
    }
}

/// Waits until `ready` gives something; looks every 5 ms.
fn wait_for<T>(
    what: &str,
    limit: Duration,
    mut ready: impl FnMut() -> Option<T>,
) -> Result<T, Failure> {
    let end = now() + limit;
    loop {
        if let Some(found) = ready() {
            return Ok(found);
        }
        if now() > end {
            return Err(format!("no {what} within {:.1} s", seconds(limit)).into());
        }
        pause(Duration::from_millis(5));
    }
}

/// Runs a program to its end and gives what it printed.
fn run(program: &str, args: &[&str]) -> Result<String, Failure> {
    let output = Command::new(program).args(args).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("{program} {}: {}\n{text}{complaint}", args.join(" "), output.status).into())
}

fn pause(length: Duration) {
    let _ = poll(&mut [], Timespec::try_from(length).ok().as_ref());
}

fn now() -> Instant {
    let time = clock_gettime(ClockId::Boottime);
    let micros = time.tv_sec.saturating_mul(1_000_000).saturating_add(time.tv_nsec / 1000);
    Instant::from_micros(u64::try_from(micros).unwrap_or(0))
}

fn seconds(length: Duration) -> f64 {
    length.as_secs_f64()
}
