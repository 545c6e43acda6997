//! What the steps share: simulator, bus, netifd, and the daemon as a process of ours.

use std::fs::{self, File};
use std::process::{Child, Command, Stdio};

use ltewan::time::Duration;
use ltewan::types::{Table, Value};
use ltewan::wire::json::table_to_json;

use crate::bus::{Client, Host, address, is};
use crate::figures::{self, Measured};
use crate::modem::Simulator;
use crate::{Failure, Outcome, now, run as program};

pub(crate) const LIMIT: Duration = Duration::from_secs(10);
const LOG: &str = "/run/ltewan.log";

/// Everything the steps share.
pub(crate) struct Stage {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) daemon: Daemon,
    pub(crate) measured: Measured,
    /// The slowest status call of the daemon so far, and beside it of netifd, in seconds.
    pub(crate) slowest: [f64; 2],
    /// The longest turn of any daemon's loop so far, in milliseconds, and what took most of it.
    pub(crate) longest_turn: (f64, String),
    pub(crate) _host: Host,
}

impl Stage {
    /// Waits for both families.
    pub(crate) fn wait_up(&mut self, interface: &str) -> Result<Table, Failure> {
        let has_both = |status: &Table| {
            is(status, "up")
                && address(status, "ipv4").is_some()
                && address(status, "ipv6").is_some()
        };
        self.client.wait_status(interface, "interface up", LIMIT, has_both)
    }

    /// Waits until it is neither up nor to be.
    pub(crate) fn wait_idle(&mut self, interface: &str) -> Result<(), Failure> {
        let is_idle = |status: &Table| !is(status, "up") && !is(status, "pending");
        self.client.wait_status(interface, "interface down", LIMIT, is_idle).map(drop)
    }

    /// The status document of the daemon. Called before a daemon is killed, so that its longest
    /// turn is known.
    pub(crate) fn status(&mut self) -> Result<Table, Failure> {
        let status = self.client.call("ltewan", "status", &Table::new())?;
        if let Some(daemon) = status.get_table("daemon")
            && let Some(Value::F64(millis)) = daemon.get("longest_turn_ms")
            && *millis > self.longest_turn.0
        {
            let step = daemon.get_str("longest_turn_step").unwrap_or_default();
            self.longest_turn = (*millis, step.to_owned());
        }
        Ok(status)
    }

    /// What every status call so far has told of the daemons' loops.
    pub(crate) fn judge_turns(&mut self) -> Outcome {
        self.status()?;
        let (millis, step) = &self.longest_turn;
        if *millis == 0.0 {
            return Err("no daemon has told".into());
        }
        let length = self.measured.note_of_all(figures::TURN, *millis)?;
        let log = fs::read_to_string(LOG).unwrap_or_default();
        let held = log.lines().filter(|line| line.contains("the loop was held"));
        let held: String = held.map(|line| format!("\n#   {line}")).collect();
        Ok(format!("longest turn {length}, most of it by {step}{held}"))
    }

    /// What the daemon says of the modem in a port: state and cause.
    pub(crate) fn modem_state(&mut self, port: u8) -> Result<(String, String), Failure> {
        let status = self.status()?;
        let id = format!("usb:1-{}", u32::from(port) + 1);
        let modems = status.get_array("modems").unwrap_or_default().iter();
        let modem = modems
            .filter_map(|modem| modem.as_table())
            .find(|modem| modem.get_str("modem") == Some(&id))
            .ok_or_else(|| format!("no {id} in {}", table_to_json(&status)))?;
        let text = |name| modem.get_str(name).unwrap_or_default().to_owned();
        Ok((text("state"), text("cause")))
    }

    /// Pings and asks a DNS server through the interface's device, over both families.
    pub(crate) fn reach(&mut self, interface: &str) -> Result<String, Failure> {
        let status = self.wait_up(interface)?;
        let device = status.get_str("l3_device").ok_or("no l3_device")?;
        let v6 = address(&status, "ipv6").unwrap_or_default();
        program("ping", &["-c", "1", "-W", "5", "-I", device, HOST_V4]).map_err(with_routes)?;
        // By address: the default route holds for packets from the bearer's prefix, and the kernel
        // does not choose a source by the device that a socket is bound to.
        program("ping", &["-6", "-c", "1", "-W", "5", "-I", &v6, HOST_V6]).map_err(with_routes)?;
        let servers = status.get_array("dns-server").unwrap_or_default();
        let server = servers.first().and_then(|server| server.as_str()).ok_or("no DNS server")?;
        program("nslookup", &["example.com", server]).map_err(with_routes)?;
        Ok(device.to_owned())
    }
}

pub(crate) const HOST_V4: &str = "192.0.2.1";
const HOST_V6: &str = "2001:db8:ffff::1";

/// Adds what the kernel has of addresses and routes.
fn with_routes(failure: Failure) -> Failure {
    let lists = [&["address"][..], &["-4", "route"], &["-6", "route"]];
    let lists = lists.map(|words| program("ip", words).unwrap_or_default());
    format!("{failure}\n{}", lists.join("\n")).into()
}

/// The daemon as a process of ours.
pub(crate) struct Daemon(Child);

impl Daemon {
    pub(crate) fn start() -> Result<Self, Failure> {
        let log = File::options().create(true).append(true).open(LOG)?;
        let child = Command::new("ltewan")
            .arg("daemon")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        Ok(Self(child))
    }

    /// As `kill -9` does; does not wait for the end, which a hung modem can hold up.
    pub(crate) fn kill(&mut self) -> Result<(), Failure> {
        Ok(self.0.kill()?)
    }

    /// Waits for the end after [`Daemon::kill`].
    pub(crate) fn reap(&mut self) -> Result<f64, Failure> {
        let start = now();
        self.0.wait()?;
        Ok(now().saturating_since(start).as_secs_f64())
    }

    /// How many processes it has started: those that are left, and those that it has waited for
    /// as far as they did anything (their page faults are added up).
    pub(crate) fn children(&self) -> Result<u64, Failure> {
        let pid = self.0.id();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // proc(5): field 2 is the name in brackets, 11 is cminflt.
        let rest = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
        let waited: u64 = rest.split_whitespace().nth(8).unwrap_or_default().parse()?;
        let mut left = 0;
        for entry in fs::read_dir("/proc")?.filter_map(Result::ok) {
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            let rest = stat.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
            let parent = rest.split_whitespace().nth(1).and_then(|pid| pid.parse().ok());
            left += u64::from(parent == Some(pid));
        }
        Ok(waited.saturating_add(left))
    }

    /// Its private memory in MB.
    pub(crate) fn memory(&self) -> Result<f64, Failure> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
        let kb: f64 =
            line.and_then(|line| line.split_whitespace().next()).unwrap_or("-").parse()?;
        Ok(kb / 1024.0)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.kill();
        let _ = self.reap();
    }
}

#[expect(clippy::print_stdout, reason = "for whoever looks for the fault")]
pub(crate) fn show_log() {
    let text = fs::read_to_string(LOG).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    for line in lines.get(lines.len().saturating_sub(60)..).unwrap_or_default() {
        println!("# {line}");
    }
}
