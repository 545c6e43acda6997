//! Steps about many packets in one transfer, with the QMAP of the kernel's `qmi_wwan`.

use std::fs;
use std::path::Path;

use ltewan::types::Table;

use crate::bus::is;
use crate::daemon::START_NETWORK;
use crate::stage::{Daemon, LIMIT, Stage};
use crate::{Failure, Outcome, Report, run as program, wait_for};

const CONFIG: &str = "/etc/config/ltewan";
const MUX: &str = "/sys/class/net/qmimux0";
const SECTION: &str = "config modem 'm'\n\toption match 'usb:1-1'\n\toption qmap '1'\n";

impl Stage {
    pub(crate) fn run_qmap_steps(&mut self, report: &mut Report) {
        report.step("QMAP: up over a device of its own, dropped, adopted", || self.qmap());
        report.step("QMAP switched off: as before", || self.plain_again());
    }

    fn qmap(&mut self) -> Outcome {
        let before = fs::read_to_string(CONFIG).unwrap_or_default();
        fs::create_dir_all("/etc/config")?;
        fs::write(CONFIG, format!("{before}\n{SECTION}"))?;
        self.client.call("ltewan", "reload", &Table::new())?;
        let outcome = self.use_qmap();
        fs::write(CONFIG, before)?;
        outcome
    }

    fn use_qmap(&mut self) -> Outcome {
        // Some kernels have no room for transfers of more than one packet (6.1.1xx).
        let is_able = program("ip", &["link", "set", "wwan0", "mtu", "16385"]).is_ok();
        let device = if is_able { "qmimux0" } else { "wwan0" };
        self.replug()?;
        self.reach_over(device)?;
        // Large enough for what comes back to be cut and put together.
        program("ping", &["-c", "5", "-i", "0.2", "-s", "1400", "-I", device, "192.0.2.1"])?;
        self.simulator.tell("0 time bearer 250")?;
        self.simulator.tell("0 drop all")?;
        self.client.wait_status("wan", "interface down", LIMIT, |status| !is(status, "up"))?;
        self.reach_over(device)?;
        let starts = self.simulator.count(0, START_NETWORK)?;
        self.status()?;
        self.daemon.kill()?;
        self.daemon.reap()?;
        self.daemon = Daemon::start()?;
        wait_for("status with the connection", LIMIT, || {
            self.modem_state(0).is_ok_and(|(state, _)| state == "connected").then_some(())
        })?;
        self.reach_over(device)?;
        if self.simulator.count(0, START_NETWORK)? != starts {
            return Err("the new daemon started the network again".into());
        }
        let mtu = fs::read_to_string("/sys/class/net/wwan0/mtu")?;
        Ok(format!("{device}, MTU {} below", mtu.trim()))
    }

    /// The daemon finds the device on top when it starts with the calls gone.
    fn plain_again(&mut self) -> Outcome {
        self.daemon.kill()?;
        self.daemon.reap()?;
        self.simulator.tell("0 drop all")?;
        self.daemon = Daemon::start()?;
        self.client.wait_status("wan", "interface down", LIMIT, |status| !is(status, "up"))?;
        wait_for("plain link", LIMIT, || (!Path::new(MUX).exists()).then_some(()))?;
        self.reach_over("wwan0")?;
        Ok(String::new())
    }

    fn replug(&mut self) -> Result<(), Failure> {
        self.simulator.tell("unplug 0")?;
        self.client.wait_status("wan", "interface down", LIMIT, |status| !is(status, "up"))?;
        self.simulator.tell("plug 0")?;
        Ok(())
    }

    fn reach_over(&mut self, device: &str) -> Result<(), Failure> {
        let is_on = |status: &Table| status.get_str("l3_device") == Some(device);
        self.client.wait_status("wan", "interface on the device", LIMIT, is_on)?;
        let on = self.reach("wan")?;
        if on == device { Ok(()) } else { Err(format!("it is up on {on}, not {device}").into()) }
    }
}
