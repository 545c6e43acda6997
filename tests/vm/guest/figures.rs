//! What is measured, what it must not exceed, and what the stock handlers need for the same.
//!
//! The figures of stock `proto qmi` and of ModemManager were taken with another simulated EC25 in
//! such a guest: emulated, two processors, OpenWrt's own daemons. Absolute times are inflated for
//! all three alike.

use crate::{Failure, Outcome, now, run, seconds};

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
pub(crate) const MEMORY: &str = "private memory, two modems up";

const FIGURES: [Figure; 17] = [
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
    figure(MEMORY, "MB", 1.5, "0", "14.3-18.2"),
];

/// What starting and ending [`YARDSTICK_RUNS`] small programs takes in a guest on a machine that
/// does nothing else (two processors of 2023). Where it takes longer, because the machine is slower
/// or busy, times may be longer in proportion.
const YARDSTICK_SECONDS: f64 = 0.040;
const YARDSTICK_RUNS: u32 = 5;

/// What was measured so far.
#[derive(Default)]
pub(crate) struct Measured {
    values: Vec<(&'static str, f64)>,
    slowness: Vec<f64>,
    slowness_taken: usize,
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
        self.values.push((name, value));
        let figure = FIGURES.iter().find(|figure| figure.name == name);
        let figure = figure.ok_or_else(|| Failure::from(format!("no figure {name}")))?;
        let slowness = if figure.unit == "s" { self.take_slowness() } else { 1.0 };
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
        let start = now();
        for _ in 0..YARDSTICK_RUNS {
            let _ = run("true", &[]);
        }
        self.slowness.push(seconds(now().saturating_since(start)) / YARDSTICK_SECONDS);
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

impl Figure {
    fn show(&self, value: f64) -> String {
        match self.unit {
            "" => format!("{value:.0}"),
            unit => format!("{value:.2} {unit}"),
        }
    }
}
