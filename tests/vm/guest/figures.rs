//! What is measured, what it must not exceed, and what the stock handlers need for the same.
//!
//! The figures of stock `proto qmi` and of ModemManager were taken with another simulated EC25 in
//! such a guest: emulated, two processors, OpenWrt's own daemons. Absolute times are inflated for
//! all three alike.

use std::sync::{Arc, Mutex, PoisonError};

use ltewan::time::Duration;

use crate::{Failure, Outcome, now, pause, run, seconds};

/// One line of the table.
struct Figure {
    name: &'static str,
    unit: &'static str,
    target: f64,
    stock: &'static str,
    modem_manager: &'static str,
}

const fn figure(
    name: &'static str,
    unit: &'static str,
    target: f64,
    stock: &'static str,
    modem_manager: &'static str,
) -> Figure {
    Figure { name, unit, target, stock, modem_manager }
}

pub(crate) const PLUG: &str = "plug to up";
pub(crate) const IFUP: &str = "ifup to up (median of ten)";
pub(crate) const REQUESTS: &str = "QMI requests per ifup (most of ten)";
pub(crate) const CHILDREN: &str = "child processes of the daemon";
pub(crate) const DROP_TOLD: &str = "network drops: interface down";
pub(crate) const DROP_BACK: &str = "network drops: up again (0.5 s its own)";
pub(crate) const UNPLUG: &str = "unplug: interface down";
pub(crate) const REPLUG: &str = "replug to up";
pub(crate) const ADOPT: &str = "daemon killed: new one has adopted";
pub(crate) const SILENT: &str = "silent modem named in status";
pub(crate) const SILENT_BACK: &str = "silent modem answers: up again";
pub(crate) const HUNG: &str = "hung modem named in status";
pub(crate) const HUNG_BACK: &str = "hung modem answers: up again";
pub(crate) const HUNG_IFDOWN: &str = "ifdown with a hung modem";
pub(crate) const HUNG_START: &str = "daemon started with a hung modem: answers";
pub(crate) const STALL: &str = "slowest status call, modem hung";
pub(crate) const REPLUGS_TOLD: &str = "30 unplugs: interface down (worst)";
pub(crate) const REPLUGS_BACK: &str = "30 replugs: up again (worst)";
pub(crate) const SIM_TOLD: &str = "SIM removed: interface down (worst of 5)";
pub(crate) const SIM_BACK: &str = "SIM inserted: up again (worst of 5)";
pub(crate) const DROPS_TOLD: &str = "network drops thrice: down (worst)";
pub(crate) const DROPS_BACK: &str = "network drops thrice: up again (worst)";
pub(crate) const ADDRESSES: &str = "address changes: netifd has it (worst of 5)";
pub(crate) const HANG_TOLD: &str = "hung modem named: interface down";
pub(crate) const HANG_BACK: &str = "hung for a minute: up again";
pub(crate) const CHECK: &str = "nothing answers the check: dialled again";
pub(crate) const ADOPTS: &str = "killed 50 times: adopted (worst)";
pub(crate) const PINGS_LOST: &str = "killed 50 times: pings lost";
pub(crate) const PIN_ATTEMPTS: &str = "wrong PIN: attempts in 21 restarts";
pub(crate) const PPP_PLUG: &str = "PPP: plug to up";
pub(crate) const PPP_TOLD: &str = "PPP: network hangs up: interface down";
pub(crate) const PPP_BACK: &str = "PPP: network hangs up: up again";
pub(crate) const TURN: &str = "longest turn of the daemon's loop";
pub(crate) const MEMORY: &str = "private memory, two modems up";

const FIGURES: [Figure; 34] = [
    figure(PLUG, "s", 2.5, "11.4 (replug)", "16.5 (replug)"),
    figure(IFUP, "s", 0.3, "6.46", "4.71"),
    figure(REQUESTS, "", 25.0, "46", "21 + 10 AT"),
    figure(CHILDREN, "", 0.0, "71 per ifup", "165 per ifup"),
    figure(DROP_TOLD, "s", 0.5, "never", "1.1"),
    figure(DROP_BACK, "s", 1.5, "never", "10.4"),
    figure(UNPLUG, "s", 0.5, "2.6-4.6", "0.8"),
    figure(REPLUG, "s", 2.5, "11.4", "16.5"),
    figure(ADOPT, "s", 3.0, "-", "-"),
    figure(SILENT, "s", 15.0, "never, SIM blocked", "NO_DEVICE for good"),
    figure(SILENT_BACK, "s", 3.0, "never", "never"),
    figure(HUNG, "s", 15.0, "never", "-"),
    figure(HUNG_BACK, "s", 3.0, "-", "-"),
    figure(HUNG_IFDOWN, "s", 5.0, "-", "-"),
    figure(HUNG_START, "s", 1.0, "-", "-"),
    figure(STALL, "s", 0.1, "-", "-"),
    figure(REPLUGS_TOLD, "s", 1.0, "-", "-"),
    figure(REPLUGS_BACK, "s", 3.0, "-", "-"),
    figure(SIM_TOLD, "s", 1.0, "-", "-"),
    figure(SIM_BACK, "s", 3.0, "-", "-"),
    figure(DROPS_TOLD, "s", 1.0, "-", "-"),
    figure(DROPS_BACK, "s", 5.0, "-", "-"),
    figure(ADDRESSES, "s", 1.0, "-", "-"),
    figure(HANG_TOLD, "s", 1.0, "-", "-"),
    figure(HANG_BACK, "s", 5.0, "-", "-"),
    figure(CHECK, "s", 25.0, "-", "-"),
    figure(ADOPTS, "s", 3.0, "-", "-"),
    figure(PINGS_LOST, "", 0.0, "-", "-"),
    figure(PIN_ATTEMPTS, "", 1.0, "-", "-"),
    figure(PPP_PLUG, "s", 6.0, "-", "-"),
    figure(PPP_TOLD, "s", 1.0, "-", "-"),
    figure(PPP_BACK, "s", 6.0, "-", "-"),
    figure(TURN, "ms", 50.0, "-", "-"),
    figure(MEMORY, "MB", 1.5, "0", "14.3-18.2"),
];

/// What starting and ending [`YARDSTICK_RUNS`] small programs takes in a guest on a machine that
/// does nothing else (two processors of 2023). Where it takes longer, because the machine is slower
/// or busy, times may be longer in proportion.
const YARDSTICK_SECONDS: f64 = 0.040;
const YARDSTICK_RUNS: u32 = 5;
const SAMPLE_INTERVAL: Duration = Duration::from_millis(200);

/// What was measured so far.
#[derive(Default)]
pub(crate) struct Measured {
    values: Vec<(&'static str, f64)>,
    slowness: Vec<f64>,
    slowness_taken: usize,
    sampler: Sampler,
}

/// Measures how slow the guest is all the time, by one small program after another: what is held
/// for an instant can happen at any.
struct Sampler {
    worst: Arc<Mutex<f64>>,
}

impl Default for Sampler {
    fn default() -> Self {
        let worst = Arc::new(Mutex::new(1.0_f64));
        let shared = Arc::downgrade(&worst);
        std::thread::spawn(move || {
            while let Some(worst) = shared.upgrade() {
                let slowness = slowness_by(1);
                let mut worst = worst.lock().unwrap_or_else(PoisonError::into_inner);
                *worst = worst.max(slowness);
                drop(worst);
                pause(SAMPLE_INTERVAL);
            }
        });
        Self { worst }
    }
}

impl Measured {
    /// Notes a value; fails when it is too large to pass.
    pub(crate) fn note(&mut self, name: &'static str, value: f64) -> Outcome {
        self.note_beside(name, value, 0.0)
    }

    /// The same; what is not larger than `yardstick` passes as well.
    pub(crate) fn note_beside(
        &mut self,
        name: &'static str,
        value: f64,
        yardstick: f64,
    ) -> Outcome {
        let slowness = if Figure::named(name)?.is_time() { self.take_slowness() } else { 1.0 };
        self.judge(name, value, yardstick, slowness)
    }

    /// The same of a time that counts for all steps: beside the slowest moment of all.
    pub(crate) fn note_of_all(&mut self, name: &'static str, value: f64) -> Outcome {
        let slowness = *self.sampler.worst.lock().unwrap_or_else(PoisonError::into_inner);
        let outcome = self.judge(name, value, 0.0, slowness)?;
        Ok(format!("{outcome} in a guest that was {slowness:.1} times slower in its worst moment"))
    }

    fn judge(&mut self, name: &'static str, value: f64, yardstick: f64, slowness: f64) -> Outcome {
        self.values.push((name, value));
        let figure = Figure::named(name)?;
        let text = figure.show(value);
        let limit = (figure.target * slowness).max(yardstick);
        if value > limit {
            return Err(format!("{text}; at most {} is let pass", figure.show(limit)).into());
        }
        Ok(text)
    }

    /// How many times slower the guest is than it should be: the worst of this moment and of the
    /// measurements since the last time.
    fn take_slowness(&mut self) -> f64 {
        self.measure_slowness();
        let since = self.slowness.get(self.slowness_taken..).unwrap_or_default();
        self.slowness_taken = self.slowness.len();
        since.iter().copied().fold(1.0, f64::max)
    }

    /// Measures how slow the guest is just now.
    pub(crate) fn measure_slowness(&mut self) {
        self.slowness.push(slowness_by(YARDSTICK_RUNS));
    }

    /// Prints everything beside its target and what the stock handlers need.
    #[expect(clippy::print_stdout, reason = "its output is its result")]
    pub(crate) fn print(&self) {
        let line = |cells: [&str; 5]| {
            let [name, value, target, stock, modem_manager] = cells;
            println!("# {name:<42}{value:>10}{target:>10}  {stock:<20}{modem_manager}");
        };
        line(["", "measured", "target", "stock proto qmi", "ModemManager"]);
        for figure in &FIGURES {
            let value = self.values.iter().find(|(name, _)| *name == figure.name);
            let value = value.map_or_else(|| "-".to_owned(), |(_, value)| figure.show(*value));
            let target = figure.show(figure.target);
            line([figure.name, &value, &target, figure.stock, figure.modem_manager]);
        }
        let mut slowness = self.slowness.clone();
        slowness.sort_by(f64::total_cmp);
        let of = |at: usize| slowness.get(at).copied().unwrap_or(0.0);
        println!(
            "# slowness of this guest, by which times may exceed their targets: median {:.1}, \
             worst {:.1}",
            of(slowness.len() / 2),
            of(slowness.len().saturating_sub(1))
        );
    }
}

/// How many times longer than it should it takes to run that many small programs.
fn slowness_by(runs: u32) -> f64 {
    let start = now();
    for _ in 0..runs {
        let _ = run("true", &[]);
    }
    let should = YARDSTICK_SECONDS * f64::from(runs) / f64::from(YARDSTICK_RUNS);
    seconds(now().saturating_since(start)) / should
}

impl Figure {
    fn named(name: &str) -> Result<&'static Self, Failure> {
        let figure = FIGURES.iter().find(|figure| figure.name == name);
        figure.ok_or_else(|| format!("no figure {name}").into())
    }

    fn is_time(&self) -> bool {
        matches!(self.unit, "s" | "ms")
    }

    fn show(&self, value: f64) -> String {
        match self.unit {
            "" => format!("{value:.0}"),
            unit => format!("{value:.2} {unit}"),
        }
    }
}
