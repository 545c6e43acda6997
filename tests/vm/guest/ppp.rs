//! Steps with modems that have serial ports alone: netifd runs Debian's pppd, which dials over one
//! of them and speaks PPP with the simulated modem.

use std::fs;

use ltewan::types::Table;
use ltewan::wire::json::table_to_json;

use crate::bus::{address, is};
use crate::figures;
use crate::stage::{Daemon, LIMIT, Stage};
use crate::{Failure, Outcome, Report, now, run as program, seconds, wait_for};

/// The interface, the port of its modem, and its net device.
const WAN: &str = "wan5";
const PORT: u8 = 4;
const DEVICE: &str = "ppp-wan5";
/// One whose password is another than the network's.
const WRONG: &str = "wan6";
const PASSWORD: &str = "s3cret-word";

impl Stage {
    pub(crate) fn run_ppp_steps(&mut self, report: &mut Report) {
        report.step("a modem with serial ports alone: plug to up by PPP", || self.plug_ppp());
        report.step("its password is in no arguments and no log", no_password_shows);
        report.step("the network hangs up: told and back", || self.hang_up_ppp());
        report.step("daemon killed: the session stays and is adopted", || self.adopt_ppp());
        report.step("pppd killed: back", || self.kill_pppd());
        report.step("ifdown ends pppd and the call, ifup dials", || self.cycle_ppp());
        report.step("a wrong password is named", || self.refuse_ppp());
        report.step("unplug: told, and pppd is gone", || self.unplug_ppp());
    }

    fn plug_ppp(&mut self) -> Outcome {
        let start = now();
        let modem = format!("usb=none ppp=chap:me:{PASSWORD}");
        self.simulator.tell(&format!("plug {PORT} {modem}"))?;
        self.wait_ppp()?;
        let took = seconds(now().saturating_since(start));
        self.ping_ppp()?;
        self.measured.note(figures::PPP_PLUG, took)
    }

    /// Waits until there is an IPv4 address.
    fn wait_ppp(&mut self) -> Result<Table, Failure> {
        let has_v4 = |status: &Table| is(status, "up") && address(status, "ipv4").is_some();
        let status = self.client.wait_status(WAN, "interface up", LIMIT * 2, has_v4)?;
        if status.get_str("l3_device") != Some(DEVICE) {
            return Err(format!("not on {DEVICE}: {}", table_to_json(&status)).into());
        }
        Ok(status)
    }

    fn ping_ppp(&self) -> Result<(), Failure> {
        program("ping", &["-c", "1", "-W", "5", "-I", DEVICE, "192.0.2.1"]).map(drop)
    }

    fn hang_up_ppp(&mut self) -> Outcome {
        let start = now();
        self.simulator.tell(&format!("{PORT} drop all"))?;
        self.client.wait_status(WAN, "interface down", LIMIT, |status| !is(status, "up"))?;
        let told = seconds(now().saturating_since(start));
        self.wait_ppp()?;
        let back = seconds(now().saturating_since(start));
        self.ping_ppp()?;
        let told = self.measured.note(figures::PPP_TOLD, told)?;
        Ok(format!("told after {told}, up after {}", self.measured.note(figures::PPP_BACK, back)?))
    }

    fn adopt_ppp(&mut self) -> Outcome {
        let before = pppds();
        self.daemon.kill()?;
        self.daemon.reap()?;
        self.ping_ppp()?;
        self.daemon = Daemon::start()?;
        wait_for("connected", LIMIT, || {
            let (state, _) = self.modem_state(PORT).ok()?;
            (state == "connected").then_some(())
        })?;
        self.wait_ppp()?;
        self.ping_ppp()?;
        let after = pppds();
        if before != after || before.len() != 1 {
            return Err(format!("pppd was {before:?} and is {after:?}").into());
        }
        Ok(format!("pppd {} all the time", before.join(" ")))
    }

    fn kill_pppd(&mut self) -> Outcome {
        let old = pppds();
        for pid in &old {
            program("kill", &["-9", pid])?;
        }
        wait_for("another pppd", LIMIT, || {
            let pids = pppds();
            (!pids.is_empty() && pids != old).then_some(())
        })?;
        self.wait_ppp()?;
        self.ping_ppp()?;
        Ok(String::new())
    }

    fn cycle_ppp(&mut self) -> Outcome {
        self.client.tell(WAN, "down")?;
        self.wait_idle(WAN)?;
        wait_for("the end of pppd", LIMIT, || pppds().is_empty().then_some(()))?;
        let stats = self.simulator.tell(&format!("stats {PORT}"))?;
        if !stats.contains("\"bearers\":[]") {
            return Err(format!("the call goes on: {stats}").into());
        }
        let start = now();
        self.client.tell(WAN, "up")?;
        self.wait_ppp()?;
        let took = seconds(now().saturating_since(start));
        self.ping_ppp()?;
        Ok(format!("ifup to up {took:.2} s"))
    }

    fn refuse_ppp(&mut self) -> Outcome {
        self.simulator.tell("plug 5 usb=none ppp=pap:me:other")?;
        self.client.wait_status(WRONG, "AUTH_FAILED", LIMIT * 2, |status| {
            table_to_json(status).contains("AUTH_FAILED")
        })?;
        self.simulator.tell("unplug 5")?;
        Ok(String::new())
    }

    fn unplug_ppp(&mut self) -> Outcome {
        let start = now();
        self.simulator.tell(&format!("unplug {PORT}"))?;
        self.client.wait_status(WAN, "interface down", LIMIT, |status| !is(status, "up"))?;
        let told = seconds(now().saturating_since(start));
        wait_for("the end of pppd", LIMIT, || pppds().is_empty().then_some(()))?;
        Ok(format!("told after {told:.2} s"))
    }
}

/// The process ids of every pppd.
fn pppds() -> Vec<String> {
    let names = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let pids = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let is_pppd = |pid: &String| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        // Its connect program is a child that may not be another program yet.
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        name.starts_with("pppd") && !status.contains("Z (zombie)")
    };
    pids.filter(is_pppd).collect()
}

fn no_password_shows() -> Outcome {
    let mut looked_at = 0;
    for entry in fs::read_dir("/proc")?.filter_map(Result::ok) {
        let bytes = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&bytes).contains(PASSWORD) {
            return Err(format!("{}/cmdline", entry.path().display()).into());
        }
        looked_at += 1;
    }
    for log in ["/run/ltewan.log", "/run/netifd.log", "/run/netifd-programs.log"] {
        if fs::read_to_string(log).unwrap_or_default().contains(PASSWORD) {
            return Err(format!("it is in {log}").into());
        }
    }
    Ok(format!("{looked_at} processes looked at"))
}
