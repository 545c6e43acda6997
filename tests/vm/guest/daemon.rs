//! Steps with the daemon: from a plug to a page through wwan0, and back after every fault.
//!
//! Limits are what a router owner may expect, doubled: the guest is emulated and its two processors
//! are shared. The times printed are the measurement.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ltewan::time::Duration;
use ltewan::types::Table;
use ltewan::wire::json::table_to_json;

use crate::bus::{Client, Host, address, is};
use crate::modem::Simulator;
use crate::{Failure, Outcome, Report, run as program, wait_for};

const LOG: &str = "/run/ltewan.log";
const LIMIT: Duration = Duration::from_secs(5);
/// WDS start network, as `stats` counts it.
const START_NETWORK: &str = "0x01/0x0020";
const HOST_V4: &str = "192.0.2.1";
const HOST_V6: &str = "2001:db8:ffff::1";

/// The daemon as a process of ours.
struct Daemon(Child);

impl Daemon {
    fn start() -> Result<Self, Failure> {
        let log = File::options().create(true).append(true).open(LOG)?;
        let child = Command::new("ltewan")
            .arg("daemon")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        Ok(Self(child))
    }

    /// As `kill -9` does.
    fn kill(&mut self) -> Result<(), Failure> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Everything the steps share.
struct Stage {
    simulator: Simulator,
    client: Client,
    daemon: Daemon,
    _host: Host,
}

pub(crate) fn run(report: &mut Report) {
    let mut parts = None;
    report.step("without the daemon interfaces wait and say so", || {
        let simulator = Simulator::start()?;
        let host = Host::start()?;
        let mut client = Client::connect()?;
        client.wait_status("wan", "NO_DAEMON while pending", LIMIT, |status| {
            is(status, "pending") && table_to_json(status).contains("NO_DAEMON")
        })?;
        let name = host.name().to_owned();
        parts = Some((simulator, host, client));
        Ok(name)
    });
    let Some((simulator, host, client)) = parts else { return };
    let mut stage = None;
    report.step("daemon answers status", || {
        let mut built = Stage { simulator, client, daemon: Daemon::start()?, _host: host };
        built.wait_daemon()?;
        stage = Some(built);
        Ok(String::new())
    });
    let Some(mut stage) = stage else { return show_log() };
    report.step("plug to connected", || stage.plug_to_connected());
    report.step("ping and DNS through wwan0, IPv4 and IPv6", || stage.reach("wan"));
    report.step("ifdown and ifup ten times", || stage.cycle());
    report.step("network drops the bearer: told", || stage.drop_bearer());
    report.step("network drops the bearer: back", || stage.return_from_drop());
    report.step("address changes while up", || stage.change_address());
    report.step("unplug: told", || stage.unplug());
    report.step("replug to connected", || stage.plug_to_connected());
    report.step("daemon killed: the link stays and is adopted", || stage.restart_daemon());
    report.step("modem hangs: ifdown ends in time", || stage.hang());
    report.step("modem answers again: connected", || {
        stage.simulator.tell("0 hang off")?;
        stage.client.tell("wan", "up")?;
        stage.wait_up("wan").map(|()| String::new())
    });
    report.step("second modem beside the first", || {
        stage.simulator.tell("plug 1")?;
        stage.wait_up("wan2")?;
        stage.reach("wan")?;
        stage.reach("wan2")
    });
    if report.failed > 0 {
        show_log();
    }
}

#[expect(clippy::print_stdout, reason = "for whoever looks for the fault")]
fn show_log() {
    let text = fs::read_to_string(LOG).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    for line in lines.get(lines.len().saturating_sub(60)..).unwrap_or_default() {
        println!("# {line}");
    }
}

impl Stage {
    fn wait_daemon(&mut self) -> Result<(), Failure> {
        let client = &mut self.client;
        let is_there = || client.call("ltewan", "status", &Table::new()).ok();
        wait_for("object ltewan", LIMIT, is_there).map(drop)
    }

    fn wait_up(&mut self, interface: &str) -> Result<(), Failure> {
        let has_both = |status: &Table| {
            is(status, "up")
                && address(status, "ipv4").is_some()
                && address(status, "ipv6").is_some()
        };
        self.client.wait_status(interface, "interface up", LIMIT, has_both).map(drop)
    }

    fn plug_to_connected(&mut self) -> Outcome {
        self.simulator.tell("plug 0")?;
        self.wait_up("wan")?;
        let requests = self.simulator.count(0, "qmi_total")?;
        Ok(format!("{requests} QMI requests"))
    }

    fn reach(&mut self, interface: &str) -> Outcome {
        let status =
            self.client.wait_status(interface, "interface up", LIMIT, |status| is(status, "up"))?;
        let device = status.get_str("l3_device").ok_or("no l3_device")?;
        program("ping", &["-c", "1", "-W", "5", "-I", device, HOST_V4])?;
        program("ping", &["-6", "-c", "1", "-W", "5", "-I", device, HOST_V6])?;
        let servers = status.get_array("dns-server").unwrap_or_default();
        let server = servers.first().and_then(|server| server.as_str()).ok_or("no DNS server")?;
        program("nslookup", &["example.com", server])?;
        Ok(device.to_owned())
    }

    fn cycle(&mut self) -> Outcome {
        let before = self.simulator.count_client_ids(0)?;
        for _ in 0..10 {
            self.client.tell("wan", "down")?;
            let is_idle = |status: &Table| !is(status, "up") && !is(status, "pending");
            self.client.wait_status("wan", "interface down", LIMIT, is_idle)?;
            self.client.tell("wan", "up")?;
            self.wait_up("wan")?;
        }
        let after = self.simulator.count_client_ids(0)?;
        if after > before {
            return Err(format!("client ids held: {before} before, {after} after").into());
        }
        Ok(format!("{after} client ids held"))
    }

    fn drop_bearer(&mut self) -> Outcome {
        // So that being down lasts long enough to be seen.
        self.simulator.tell("0 time bearer 500")?;
        self.simulator.tell("0 drop all")?;
        let limit = Duration::from_secs(1);
        self.client.wait_status("wan", "interface down", limit, |status| !is(status, "up"))?;
        Ok(String::new())
    }

    fn return_from_drop(&mut self) -> Outcome {
        self.wait_up("wan")?;
        self.simulator.tell("0 time bearer 0")?;
        Ok("0.5 s of it the network's".to_owned())
    }

    fn change_address(&mut self) -> Outcome {
        let before =
            self.client.wait_status("wan", "interface up", LIMIT, |status| is(status, "up"))?;
        self.simulator.tell("0 address v4")?;
        let changed = |status: &Table| {
            is(status, "up") && address(status, "ipv4") != address(&before, "ipv4")
        };
        let after = self.client.wait_status("wan", "new address", LIMIT, changed)?;
        self.reach("wan")?;
        Ok(address(&after, "ipv4").unwrap_or_default())
    }

    fn unplug(&mut self) -> Outcome {
        self.simulator.tell("unplug 0")?;
        let limit = Duration::from_secs(1);
        self.client.wait_status("wan", "interface down", limit, |status| {
            !is(status, "up") && !is(status, "available")
        })?;
        Ok(String::new())
    }

    fn restart_daemon(&mut self) -> Outcome {
        let starts = self.simulator.count(0, START_NETWORK)?;
        self.daemon.kill()?;
        self.reach("wan")?;
        self.daemon = Daemon::start()?;
        let client = &mut self.client;
        wait_for("status with the connection", LIMIT, || {
            let status = client.call("ltewan", "status", &Table::new()).ok()?;
            table_to_json(&status).contains("\"connected\"").then_some(())
        })?;
        self.reach("wan")?;
        if self.simulator.count(0, START_NETWORK)? != starts {
            return Err("the new daemon started the network again".into());
        }
        Ok(String::new())
    }

    fn hang(&mut self) -> Outcome {
        self.simulator.tell("0 hang on")?;
        self.client.tell("wan", "down")?;
        let is_idle = |status: &Table| !is(status, "up") && !is(status, "pending");
        self.client.wait_status("wan", "interface down", LIMIT, is_idle)?;
        if !Path::new("/sys/bus/usb/devices/1-1").exists() {
            return Err("the modem is gone".into());
        }
        Ok(String::new())
    }
}
