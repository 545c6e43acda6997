//! Steps that end the daemon again and again: neither traffic nor a PIN may feel it.

use std::fs;

use ltewan::time::Duration;
use ltewan::types::Table;
use ltewan::wire::json::table_to_json;

use crate::bus::is;
use crate::daemon::{START_NETWORK, unchanged};
use crate::figures;
use crate::ping::Pinger;
use crate::stage::{Daemon, LIMIT, Stage};
use crate::{Failure, Outcome, Report, now, seconds, wait_for};

const KILLS: usize = 50;
const RESTARTS: usize = 20;
/// Longer than a setup of netifd's can wait for the answer of a daemon that was killed meanwhile.
const REFUSAL_LIMIT: Duration = Duration::from_secs(40);
/// What a restart of the router empties.
const RUN: &str = "/var/run/ltewan";

impl Stage {
    pub(crate) fn run_restart_steps(&mut self, report: &mut Report) {
        report.step("daemon killed 50 times while traffic flows", || self.kill_repeatedly());
        report.step("wrong PIN: one attempt in 20 restarts and a reboot", || self.keep_pin());
    }

    /// Every other daemon dies before it is through with its start.
    fn kill_repeatedly(&mut self) -> Outcome {
        let dialled = self.simulator.count(0, START_NETWORK)?;
        let held = self.simulator.count_client_ids(0)?;
        let device = self.reach("wan")?;
        let pinger = Pinger::start(&device)?;
        let mut worst = 0.0_f64;
        for turn in 0..KILLS {
            self.status()?;
            self.daemon.kill()?;
            self.daemon.reap()?;
            let start = now();
            self.daemon = Daemon::start()?;
            wait_for("object ltewan", LIMIT, || self.status().ok())?;
            if turn % 2 == 0 {
                continue;
            }
            self.wait_adopted()?;
            worst = worst.max(seconds(now().saturating_since(start)));
            self.measured.measure_slowness();
        }
        let pings = pinger.finish()?;
        unchanged("calls dialled", dialled, self.simulator.count(0, START_NETWORK)?)?;
        let now_held = self.simulator.count_client_ids(0)?;
        if now_held > held {
            return Err(format!("client ids held: {held} before, {now_held} after").into());
        }
        let worst = self.measured.note(figures::ADOPTS, worst);
        self.measured.note(figures::PINGS_LOST, u32::try_from(pings.lost())?.into())?;
        Ok(format!("{}; slowest adoption {}", pings.all_answered()?, worst?))
    }

    fn wait_adopted(&mut self) -> Result<(), Failure> {
        let mut last = String::new();
        let found = wait_for("connections", LIMIT, || {
            last = table_to_json(&self.status().ok()?);
            let (first, _) = self.modem_state(0).ok()?;
            let (second, _) = self.modem_state(1).ok()?;
            (first == "connected" && second == "connected").then_some(())
        });
        found.map_err(|failure| format!("{failure}\n{last}").into())
    }

    /// Whatever ends the daemon or the router, and however often its owner tries again.
    fn keep_pin(&mut self) -> Outcome {
        self.simulator.tell("plug 2 sim=pin pin=1234")?;
        self.wait_refused()?;
        for _ in 0..RESTARTS {
            self.status()?;
            self.daemon.kill()?;
            self.daemon.reap()?;
            self.start_anew()?;
        }
        self.status()?;
        self.daemon.kill()?;
        self.daemon.reap()?;
        fs::remove_dir_all(RUN)?;
        // The card forgets that it was unlocked, but not how often a wrong PIN was given.
        self.simulator.tell("2 reset")?;
        self.start_anew()?;
        let left = self.simulator.count(2, "pin_retries")?;
        let attempts = self.simulator.count(2, "pin_attempts")?;
        self.simulator.tell("unplug 2")?;
        if attempts == 0 {
            return Err("the PIN was never tried".into());
        }
        let attempts =
            self.measured.note(figures::PIN_ATTEMPTS, u32::try_from(attempts)?.into())?;
        Ok(format!("{attempts} attempt, {left} left"))
    }

    /// The next daemon, and the owner's `ifup`.
    fn start_anew(&mut self) -> Result<(), Failure> {
        self.daemon = Daemon::start()?;
        wait_for("object ltewan", LIMIT, || self.status().ok())?;
        self.client.tell("wan3", "up")?;
        self.wait_refused()
    }

    /// Waits until the modem is locked for a PIN that was refused, and its interface says so.
    fn wait_refused(&mut self) -> Result<(), Failure> {
        let mut last = (String::new(), String::new());
        let found = wait_for("a refused PIN", REFUSAL_LIMIT, || {
            last = self.modem_state(2).ok()?;
            (last.0 == "locked" && last.1 == "pin_rejected").then_some(())
        });
        if let Err(failure) = found {
            let args = Table::new().with("interface", "wan3");
            let status = self.client.call("network.interface", "status", &args)?;
            return Err(format!("{failure}: {last:?}\n{}", table_to_json(&status)).into());
        }
        let says_so =
            |status: &Table| !is(status, "up") && table_to_json(status).contains("PIN_FAILED");
        self.client.wait_status("wan3", "PIN_FAILED", LIMIT, says_so).map(drop)
    }
}
