//! Steps with a modem that does not answer: silent (USB alive, control port mute) or hung (control
//! transfers do not complete either). It must be named, nothing may be done to its SIM, the other
//! modem and the daemon's own answers must not suffer, and it must be used again when it is back.

use ltewan::time::{Duration, Instant};
use ltewan::types::Table;

use crate::daemon::unchanged;
use crate::figures;
use crate::stage::{Daemon, LIMIT, Stage};
use crate::{Failure, Outcome, Report, now, pause, seconds, wait_for};

/// How long a new daemon is watched with modems that do not answer.
const WATCHED: Duration = Duration::from_secs(3);
const NAME_LIMIT: Duration = Duration::from_secs(20);
/// What `stats` counts of everything that can harm a SIM or restart a modem.
const HARMFUL: [&str; 3] = ["pin_attempts", "puk_attempts", "resets"];
/// QMI messages that do: UIM verify, unblock and power, DMS PIN and operating mode.
const HARMFUL_MESSAGES: [&str; 7] = [
    "0x0b/0x0026",
    "0x0b/0x0027",
    "0x0b/0x0030",
    "0x0b/0x0031",
    "0x02/0x0028",
    "0x02/0x0029",
    "0x02/0x002e",
];

impl Stage {
    pub(crate) fn run_fault_steps(&mut self, report: &mut Report) {
        report.step("a silent and a hung modem are named", || self.fall_silent());
        report.step("ifdown with a hung modem ends in time", || self.take_down_hung());
        report.step("daemon killed with a hung modem: the next answers", || self.restart_hung());
        report.step("silent modem answers: up", || self.return_from("0 silence off", "wan"));
        report.step("hung modem answers: up", || {
            self.client.tell("wan2", "up")?;
            self.return_from("1 hang off", "wan2")
        });
    }

    fn harm(&mut self, port: u8) -> Result<u64, Failure> {
        let mut total = 0;
        for name in HARMFUL {
            total += self.simulator.count(port, name)?;
        }
        for message in HARMFUL_MESSAGES {
            total += self.simulator.count(port, message).unwrap_or(0);
        }
        Ok(total)
    }

    /// One status call, timed, and one of netifd beside it to compare with.
    fn timed_state(&mut self, port: u8) -> Result<String, Failure> {
        let start = now();
        let (state, _) = self.modem_state(port)?;
        let between = now();
        self.client.call("network.interface", "dump", &Table::new())?;
        let took = [between.saturating_since(start), now().saturating_since(between)];
        for (slowest, took) in self.slowest.iter_mut().zip(took) {
            *slowest = slowest.max(seconds(took));
        }
        Ok(state)
    }

    fn fall_silent(&mut self) -> Outcome {
        let before = [self.harm(0)?, self.harm(1)?];
        let start = now();
        self.simulator.tell("0 silence on")?;
        self.simulator.tell("1 hang on")?;
        let mut named: [Option<Instant>; 2] = [None, None];
        wait_for("name for both", NAME_LIMIT, || {
            for (port, named) in [0, 1].into_iter().zip(&mut named) {
                if self.timed_state(port).ok()? == "recovering" {
                    named.get_or_insert_with(now);
                }
            }
            named.iter().all(Option::is_some).then_some(())
        })?;
        let took = |at: &Option<Instant>| seconds(at.unwrap_or(start).saturating_since(start));
        let [silent, hung] = &named;
        let silent = self.measured.note(figures::SILENT, took(silent));
        let hung = self.measured.note(figures::HUNG, took(hung));
        for (port, before) in [0, 1].into_iter().zip(before) {
            unchanged("harm to the SIM", before, self.harm(port)?)?;
        }
        Ok(format!("silent {}, hung {}", silent?, hung?))
    }

    fn take_down_hung(&mut self) -> Outcome {
        let start = now();
        self.client.tell("wan2", "down")?;
        self.wait_idle("wan2")?;
        self.measured.note(figures::HUNG_IFDOWN, seconds(now().saturating_since(start)))
    }

    fn restart_hung(&mut self) -> Outcome {
        self.status()?;
        self.daemon.kill()?;
        // Up to 5 s where a thread is just opening a port: the driver cannot be interrupted.
        let ended = self.daemon.reap()?;
        let start = now();
        self.daemon = Daemon::start()?;
        wait_for("object ltewan", LIMIT, || self.status().ok())?;
        let took = seconds(now().saturating_since(start));
        let took = self.measured.note(figures::HUNG_START, took)?;
        // It looks at sysfs aside of the loop, and so may answer before it has seen any modem.
        wait_for("modem in the new daemon's status", LIMIT, || self.timed_state(0).ok())?;
        // It now opens and asks the ports of both, one after the other.
        let end = now() + WATCHED;
        while now() < end {
            self.timed_state(0)?;
            pause(Duration::from_millis(10));
        }
        let [ours, netifd] = self.slowest;
        let stall = self.measured.note_beside(figures::STALL, ours, 2.0 * netifd)?;
        Ok(format!(
            "{took} after the {ended:.2} s that the old one took to end; slowest status call \
             {stall}, netifd's {netifd:.2} s"
        ))
    }

    fn return_from(&mut self, line: &str, interface: &str) -> Outcome {
        let figure = if interface == "wan" { figures::SILENT_BACK } else { figures::HUNG_BACK };
        let start = now();
        self.simulator.tell(line)?;
        self.wait_up(interface)?;
        let took = seconds(now().saturating_since(start));
        self.reach(interface)?;
        self.measured.note(figure, took)
    }
}
