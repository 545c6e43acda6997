//! Steps with the daemon: from a plug to an answer through wwan0, and back after every fault.

use ltewan::time::Duration;
use ltewan::types::{Table, Value};
use ltewan::wire::json::table_to_json;

use crate::bus::{Beside, Client, Host, INTERFACES, address, is};
use crate::figures::{self, Measured};
use crate::modem::Simulator;
use crate::stage::{Daemon, LIMIT, Stage};
use crate::{Failure, Outcome, Report, now, pause, run as program, seconds, wait_for};

/// WDS start network, as `stats` counts it.
pub(crate) const START_NETWORK: &str = "0x01/0x0020";
/// Opening of the MBIM function, likewise.
const FUNCTION_OPENED: &str = "0x80/0";
const CYCLES: usize = 10;
/// How long the network takes to set up each of two bearers after it has dropped them.
const BEARER_MS: u32 = 250;

pub(crate) fn run(report: &mut Report, steps: &str) {
    let mut parts = None;
    report.step("without the daemon interfaces wait and say so", || {
        let simulator = Simulator::start()?;
        let host = Host::start(&INTERFACES, &Beside::Nothing)?;
        let mut client = Client::connect()?;
        for interface in ["wan", "wan2"] {
            client.wait_status(interface, "NO_DAEMON while pending", LIMIT, |status| {
                is(status, "pending") && table_to_json(status).contains("NO_DAEMON")
            })?;
        }
        let name = host.name().to_owned();
        parts = Some((simulator, host, client));
        Ok(name)
    });
    let Some((simulator, host, client)) = parts else { return };
    let mut stage = None;
    report.step("daemon answers status", || {
        let daemon = Daemon::start()?;
        let measured = Measured::default();
        let mut built = Stage {
            simulator,
            client,
            daemon,
            measured,
            slowest: [0.0; 2],
            longest_turn: (0.0, String::new()),
            _host: host,
        };
        wait_for("object ltewan", LIMIT, || built.status().ok())?;
        // It has told netifd that there is no modem.
        for interface in ["wan", "wan2"] {
            let gone = |status: &Table| !is(status, "available");
            built.client.wait_status(interface, "interface unavailable", LIMIT, gone)?;
        }
        stage = Some(built);
        Ok(String::new())
    });
    let Some(mut stage) = stage else { return };
    match steps {
        "ppp" => return stage.run_ppp_steps(report),
        "limit" => {
            report.step("plug to up", || stage.plug(figures::PLUG));
            return stage.run_limit_steps(report);
        }
        _ => {}
    }
    stage.run_steps(report);
    stage.run_qmap_steps(report);
    stage.run_limit_steps(report);
    stage.run_ppp_steps(report);
    stage.run_fault_steps(report);
    stage.run_repeated_steps(report);
    stage.run_restart_steps(report);
    report.step("the daemon's loop was never held", || stage.judge_turns());
    stage.measured.print();
}

impl Stage {
    fn run_steps(&mut self, report: &mut Report) {
        report.step("plug to up", || self.plug(figures::PLUG));
        report.step("ifstatus shows addresses, routes, DNS and prefix", || self.check_status());
        report.step("ping and DNS through wwan0, IPv4 and IPv6", || self.reach("wan"));
        report.step("ltewan status", || self.show_status());
        report.step("ifdown and ifup ten times", || self.cycle());
        report.step("network drops the bearer: told and back", || self.drop_bearer());
        report.step("address changes while up", || self.change_address());
        report.step("unplug: told", || self.unplug());
        report.step("replug to up", || self.plug(figures::REPLUG));
        report.step("daemon killed: the link stays and is adopted", || self.restart_daemon());
        report.step("second modem beside the first", || self.plug_second());
        report.step("a modem in MBIM composition: up, dropped, adopted", || self.mbim());
    }

    fn plug(&mut self, figure: &'static str) -> Outcome {
        let before = self.simulator.count(0, "qmi_total").unwrap_or(0);
        let start = now();
        self.simulator.tell("plug 0")?;
        self.wait_up("wan")?;
        let took = seconds(now().saturating_since(start));
        let requests = self.simulator.count(0, "qmi_total")?.saturating_sub(before);
        Ok(format!("{}, {requests} QMI requests", self.measured.note(figure, took)?))
    }

    fn check_status(&mut self) -> Outcome {
        let status = self.wait_up("wan")?;
        let text = table_to_json(&status);
        let wanted = [
            "\"ipv4-address\":[{\"address\":\"10.64.",
            "\"mask\":32}",
            "\"ipv6-address\":[{\"address\":\"2001:db8:6400:",
            "\"mask\":128}",
            "{\"target\":\"0.0.0.0\",\"mask\":0,\"nexthop\":\"0.0.0.0\"",
            "{\"target\":\"::\",\"mask\":0,\"nexthop\":\"::\"",
            "\"ipv6-prefix\":[{\"address\":\"2001:db8:6400::\",\"mask\":64",
            "\"data\":{\"modem\":\"usb:1-1\"",
        ];
        let missing: Vec<_> = wanted.iter().filter(|part| !text.contains(**part)).collect();
        let servers = status.get_array("dns-server").unwrap_or_default();
        let servers: Vec<_> = servers.iter().filter_map(Value::as_str).collect();
        let has_both = servers.iter().any(|server| server.contains(':'))
            && servers.iter().any(|server| server.contains('.'));
        if missing.is_empty() && has_both {
            return Ok(format!(
                "{}, {}",
                address(&status, "ipv4").unwrap_or_default(),
                address(&status, "ipv6").unwrap_or_default()
            ));
        }
        Err(format!("missing: {missing:?}, DNS {servers:?}\n{text}").into())
    }

    #[expect(clippy::print_stdout, reason = "a sample for the reader")]
    fn show_status(&mut self) -> Outcome {
        let text = program("ltewan", &["status"])?;
        for part in ["modem usb:1-1: connected", "interface wan: up", "EC25", "ready"] {
            if !text.contains(part) {
                return Err(format!("no '{part}' in:\n{text}").into());
            }
        }
        text.lines().for_each(|line| println!("#   {line}"));
        Ok(String::new())
    }

    fn cycle(&mut self) -> Outcome {
        let held = self.simulator.count_client_ids(0)?;
        let (mut times, mut most) = (Vec::new(), 0);
        for _ in 0..CYCLES {
            self.client.tell("wan", "down")?;
            self.wait_idle("wan")?;
            let before = self.simulator.count(0, "qmi_total")?;
            let start = now();
            self.client.tell("wan", "up")?;
            self.wait_up("wan")?;
            times.push(seconds(now().saturating_since(start)));
            self.measured.measure_slowness();
            most = most.max(self.simulator.count(0, "qmi_total")?.saturating_sub(before));
        }
        let after = self.simulator.count_client_ids(0)?;
        if after > held {
            return Err(format!("client ids held: {held} before, {after} after").into());
        }
        times.sort_by(f64::total_cmp);
        let most = u32::try_from(most)?;
        let children = u32::try_from(self.daemon.children()?)?;
        let time = self.measured.note(figures::IFUP, times.get(CYCLES / 2).copied().unwrap_or(0.0));
        let requests = self.measured.note(figures::REQUESTS, most.into())?;
        let children = self.measured.note(figures::CHILDREN, children.into())?;
        let worst = times.last().copied().unwrap_or(0.0);
        Ok(format!(
            "median {}, worst {worst:.2} s, {requests} requests, {children} child processes",
            time?
        ))
    }

    fn drop_bearer(&mut self) -> Outcome {
        // So that being down lasts long enough to be seen.
        self.simulator.tell(&format!("0 time bearer {BEARER_MS}"))?;
        let start = now();
        self.simulator.tell("0 drop all")?;
        self.client.wait_status("wan", "interface down", LIMIT, |status| !is(status, "up"))?;
        let told = seconds(now().saturating_since(start));
        self.wait_up("wan")?;
        let back = seconds(now().saturating_since(start));
        self.simulator.tell("0 time bearer 0")?;
        self.reach("wan")?;
        let told = self.measured.note(figures::DROP_TOLD, told)?;
        let back = self.measured.note(figures::DROP_BACK, back)?;
        Ok(format!(
            "down after {told}, up again after {back}, {} ms of it the network's",
            2 * BEARER_MS
        ))
    }

    fn change_address(&mut self) -> Outcome {
        let before = self.wait_up("wan")?;
        self.simulator.tell("0 address v4")?;
        let changed = |status: &Table| {
            is(status, "up") && address(status, "ipv4") != address(&before, "ipv4")
        };
        let after = self.client.wait_status("wan", "new address", LIMIT, changed)?;
        self.reach("wan")?;
        Ok(address(&after, "ipv4").unwrap_or_default())
    }

    fn unplug(&mut self) -> Outcome {
        let start = now();
        self.simulator.tell("unplug 0")?;
        self.client.wait_status("wan", "interface down", LIMIT, |status| {
            !is(status, "up") && !is(status, "available")
        })?;
        self.measured.note(figures::UNPLUG, seconds(now().saturating_since(start)))
    }

    fn restart_daemon(&mut self) -> Outcome {
        let starts = self.simulator.count(0, START_NETWORK)?;
        self.status()?;
        self.daemon.kill()?;
        self.daemon.reap()?;
        self.reach("wan")?;
        let start = now();
        self.daemon = Daemon::start()?;
        wait_for("status with the connection", LIMIT, || {
            let status = self.status().ok()?;
            table_to_json(&status).contains("\"connected\"").then_some(())
        })?;
        let took = seconds(now().saturating_since(start));
        self.reach("wan")?;
        if self.simulator.count(0, START_NETWORK)? != starts {
            return Err("the new daemon started the network again".into());
        }
        self.measured.note(figures::ADOPT, took)
    }

    /// In the first modem's place, and it in its place again afterwards.
    fn mbim(&mut self) -> Outcome {
        self.simulator.tell("unplug 0")?;
        self.client.wait_status("wan", "interface down", LIMIT, |status| !is(status, "up"))?;
        let start = now();
        self.simulator.tell("plug 0 front=mbim")?;
        let device = self.reach("wan")?;
        let took = seconds(now().saturating_since(start));
        self.simulator.tell(&format!("0 time bearer {BEARER_MS}"))?;
        self.simulator.tell("0 drop all")?;
        self.client.wait_status("wan", "interface down", LIMIT, |status| !is(status, "up"))?;
        self.reach("wan")?;
        let commands = self.simulator.count(0, "mbim_total")?;
        let opened = self.simulator.count(0, FUNCTION_OPENED)?;
        self.daemon.kill()?;
        self.daemon.reap()?;
        self.reach("wan")?;
        self.daemon = Daemon::start()?;
        wait_for("status with both connections", LIMIT, || {
            let status = table_to_json(&self.status().ok()?);
            (status.matches("\"connected\"").count() >= 2).then_some(())
        })?;
        self.reach("wan")?;
        if self.simulator.count(0, FUNCTION_OPENED)? != opened {
            return Err("the new daemon opened the function again".into());
        }
        self.simulator.tell("unplug 0")?;
        self.client.wait_status("wan", "interface down", LIMIT, |status| !is(status, "up"))?;
        self.simulator.tell("plug 0 front=qmi")?;
        self.reach("wan")?;
        Ok(format!("{took:.2} s to the first answer through {device}, {commands} commands"))
    }

    fn plug_second(&mut self) -> Outcome {
        self.simulator.tell("plug 1")?;
        self.wait_up("wan2")?;
        self.reach("wan")?;
        let device = self.reach("wan2")?;
        // The memory of the start is given back lazily, of a probe it is needed again.
        pause(Duration::from_millis(1500));
        let memory = self.measured.note(figures::MEMORY, self.daemon.memory()?)?;
        Ok(format!("{device}, {memory} private"))
    }
}

/// Whether two counts are the same; `what` names them.
pub(crate) fn unchanged(what: &str, before: u64, after: u64) -> Result<(), Failure> {
    if before == after { Ok(()) } else { Err(format!("{what}: {before}, then {after}").into()) }
}
