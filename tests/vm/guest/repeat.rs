//! Steps for "it always comes back": everything that happens to a modem in its life, many times,
//! while another one hangs for a minute. What hangs is closed and opened again and again, which the
//! kernel takes up to half a minute for; nobody else may notice.

use std::path::Path;

use ltewan::time::{Duration, Instant};
use ltewan::wire::json::table_to_json;

use crate::bus::{address, is};
use crate::daemon::{START_NETWORK, unchanged};
use crate::figures;
use crate::ping::Pinger;
use crate::stage::{LIMIT, Stage};
use crate::{Failure, Outcome, Report, now, seconds, wait_for};

const REPLUGS: usize = 30;
/// Of the SIM and of the address.
const TIMES: usize = 5;
/// Drops right after one another are answered ever later.
const DROPS: usize = 3;
const HANG: Duration = Duration::from_secs(60);
/// Until a modem that hangs has been noticed.
const NAME_LIMIT: Duration = Duration::from_secs(20);
/// Until a dead connection has been noticed; what is measured of it is in the figures.
const CHECK_LIMIT: Duration = Duration::from_secs(60);
/// How often the daemon is asked meanwhile.
const LOOKS: u32 = 40;

/// The longest of each.
#[derive(Default)]
struct Worst {
    told: f64,
    back: f64,
}

impl Stage {
    pub(crate) fn run_repeated_steps(&mut self, report: &mut Report) {
        let mut hung_since = None;
        report.step("third modem, watched over with ping", || {
            self.simulator.tell("plug 3")?;
            self.wait_up("wan4")?;
            self.reach("wan4")
        });
        report.step("second modem hangs for a minute: named", || {
            hung_since = Some(now());
            self.hang_second()
        });
        report.step("meanwhile the first is unplugged and replugged 30 times", || {
            self.repeat(figures::REPLUGS_TOLD, figures::REPLUGS_BACK, REPLUGS, |stage, turn| {
                stage.simulator.tell("unplug 0")?;
                if turn % 2 == 0 {
                    return Ok(Some("plug 0"));
                }
                // Half of them are loose contacts, back before the daemon is through with it. Not
                // before the kernel has seen it: vhci leaves the port enabled, so that it would
                // take the new device for the old one.
                let device = Path::new("/sys/bus/usb/devices/1-1");
                wait_for("end of the device", LIMIT, || (!device.exists()).then_some(()))?;
                stage.simulator.tell("plug 0")?;
                Ok(None)
            })
        });
        report.step("its SIM is removed and inserted 5 times", || {
            self.repeat(figures::SIM_TOLD, figures::SIM_BACK, TIMES, |stage, _| {
                stage.simulator.tell("0 sim absent")?;
                Ok(Some("0 sim insert"))
            })
        });
        report.step("its network drops it 3 times", || self.drop_repeatedly());
        report.step("its address changes 5 times", || self.change_addresses());
        report.step("third modem carries nothing: dialled again", || self.carry_nothing());
        report.step("second modem answers after a minute: up", || self.end_hang(hung_since));
        report.step("second modem dies hung: the first does not notice", || self.die_beside());
    }

    /// Lets `fault` happen to the first modem, waits until its interface is down, mends it by the
    /// line that `fault` gives if it does not mend itself, and waits until the interface is up.
    fn repeat(
        &mut self,
        told: &'static str,
        back: &'static str,
        times: usize,
        fault: impl Fn(&Self, usize) -> Result<Option<&'static str>, Failure>,
    ) -> Outcome {
        let mut worst = Worst::default();
        for turn in 0..times {
            self.wait_up("wan")?;
            let start = now();
            let mend = fault(self, turn)?;
            self.client.wait_status("wan", "interface down", LIMIT, |status| !is(status, "up"))?;
            let down = now();
            if let Some(line) = mend {
                self.simulator.tell(line)?;
            }
            self.wait_up("wan")?;
            worst.told = worst.told.max(seconds(down.saturating_since(start)));
            worst.back = worst.back.max(seconds(now().saturating_since(down)));
            self.measured.measure_slowness();
        }
        self.reach("wan")?;
        let told = self.measured.note(told, worst.told);
        let back = self.measured.note(back, worst.back);
        self.status()?;
        Ok(format!("worst of {times}: down after {}, up again {} later", told?, back?))
    }

    fn drop_repeatedly(&mut self) -> Outcome {
        // So that being down lasts long enough to be seen.
        self.simulator.tell("0 time bearer 100")?;
        let outcome = self.repeat(figures::DROPS_TOLD, figures::DROPS_BACK, DROPS, |stage, _| {
            stage.simulator.tell("0 drop all")?;
            Ok(None)
        });
        self.simulator.tell("0 time bearer 0")?;
        outcome
    }

    fn change_addresses(&mut self) -> Outcome {
        let mut worst = 0.0_f64;
        for turn in 0..TIMES {
            let family = if turn % 2 == 0 { "ipv4" } else { "ipv6" };
            let before = address(&self.wait_up("wan")?, family);
            let start = now();
            self.simulator.tell(&format!("0 address {}", family.trim_start_matches("ip")))?;
            self.client.wait_status("wan", "new address", LIMIT, |status| {
                is(status, "up") && address(status, family) != before
            })?;
            worst = worst.max(seconds(now().saturating_since(start)));
        }
        self.reach("wan")?;
        self.measured.note(figures::ADDRESSES, worst)
    }

    fn hang_second(&mut self) -> Outcome {
        self.reach("wan2")?;
        self.simulator.tell("1 hang on")?;
        wait_for("name for it", NAME_LIMIT, || {
            (self.modem_state(1).ok()?.0 == "recovering").then_some(())
        })?;
        let named = now();
        self.client.wait_status("wan2", "interface down", LIMIT, |status| !is(status, "up"))?;
        self.measured.note(figures::HANG_TOLD, seconds(now().saturating_since(named)))
    }

    fn end_hang(&mut self, since: Option<Instant>) -> Outcome {
        let end = since.ok_or("it was not hung")? + HANG;
        while now() < end {
            let (state, _) = self.modem_state(1)?;
            if state == "connected" {
                return Err("it is connected while it hangs".into());
            }
            self.client.wait_change(end.saturating_since(now()))?;
        }
        let start = now();
        self.simulator.tell("1 hang off")?;
        self.wait_up("wan2")?;
        let took = seconds(now().saturating_since(start));
        self.reach("wan2")?;
        self.measured.note(figures::HANG_BACK, took)
    }

    /// The call stays up, and what the interface's `check` asks has no answer.
    fn carry_nothing(&mut self) -> Outcome {
        self.wait_verdict("ok")?;
        let dialled = self.simulator.count(3, START_NETWORK)?;
        let start = now();
        self.simulator.tell("3 data off")?;
        let again = wait_for("redial", CHECK_LIMIT, || {
            self.status().ok()?;
            let count = self.simulator.count(3, START_NETWORK).ok()?;
            (count > dialled).then(now)
        })?;
        let took = seconds(again.saturating_since(start));
        self.simulator.tell("3 data on")?;
        self.reach("wan4")?;
        self.measured.note(figures::CHECK, took)
    }

    fn wait_verdict(&mut self, verdict: &str) -> Result<(), Failure> {
        let mut last = String::new();
        let found = wait_for("verdict of the check", CHECK_LIMIT, || {
            let status = self.status().ok()?;
            let interfaces = status.get_array("interfaces")?.iter();
            let mut checks = interfaces.filter_map(|entry| entry.as_table()?.get_table("check"));
            let is_there = checks.any(|check| check.get_str("verdict") == Some(verdict));
            last = table_to_json(&status);
            is_there.then_some(())
        });
        found.map_err(|failure| format!("{failure}\n{last}").into())
    }

    /// It hangs, its interface is taken down and it is unplugged, all of which closes its ports.
    fn die_beside(&mut self) -> Outcome {
        let dialled = self.simulator.count(0, START_NETWORK)?;
        let device = self.reach("wan")?;
        let pinger = Pinger::start(&device)?;
        self.simulator.tell("1 hang on")?;
        self.client.tell("wan2", "down")?;
        self.wait_idle("wan2")?;
        for _ in 0..LOOKS {
            self.status()?;
        }
        self.simulator.tell("unplug 1")?;
        wait_for("end of it", LIMIT, || {
            let status = self.status().ok()?;
            (!table_to_json(&status).contains("\"modem\":\"usb:1-2\"")).then_some(())
        })?;
        self.client.tell("wan2", "up")?;
        self.simulator.tell("plug 1")?;
        self.wait_up("wan2")?;
        self.reach("wan2")?;
        let pings = pinger.finish()?;
        unchanged("calls dialled by the first", dialled, self.simulator.count(0, START_NETWORK)?)?;
        pings.all_answered()
    }
}
