//! Steps about a used-up quota that slows the connection down: what the kernel lets pass then.

use std::fs;
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ltewan::time::Duration;
use ltewan::types::{Table, Value};

use crate::bus::is;
use crate::stage::{Daemon, HOST_V4, LIMIT, Stage};
use crate::{Failure, Outcome, Report, now, pause, run as program, seconds, wait_for};

const CONFIG: &str = "/etc/config/ltewan";
const DEVICE: &str = "wwan0";
/// A quota that is used up at once, in megabytes, and one that never is.
const SMALL: u32 = 1;
const LARGE: u32 = 1_000_000;
/// What that is in bytes a second.
const RATE: f64 = 32_000.0;
/// How long a rate is looked at, after what may pass at once has passed.
const WINDOW: Duration = Duration::from_secs(3);
/// The counters of a modem that says nothing are read every 20 seconds.
const COUNTED: Duration = Duration::from_secs(30);

impl Stage {
    pub(crate) fn run_limit_steps(&mut self, report: &mut Report) {
        report.step("a used-up quota slows down what is sent and what is received", || {
            self.with_quota(Self::use_up)
        });
        report.step("a new device and a new daemon are slowed down, and no longer", || {
            self.with_quota(Self::renew_limit)
        });
    }

    fn with_quota(&mut self, body: fn(&mut Self) -> Outcome) -> Outcome {
        let before = fs::read_to_string(CONFIG).unwrap_or_default();
        fs::create_dir_all("/etc/config")?;
        let outcome = body(self);
        fs::write(CONFIG, before)?;
        self.client.call("ltewan", "reload", &Table::new())?;
        outcome
    }

    fn set_quota(&mut self, megabytes: u32) -> Result<(), Failure> {
        write_quota(megabytes)?;
        self.client.call("ltewan", "reload", &Table::new())?;
        Ok(())
    }

    fn use_up(&mut self) -> Outcome {
        self.set_quota(LARGE)?;
        let free = [sent()?, answered()?];
        self.set_quota(SMALL)?;
        self.wait_limited(true)?;
        let mut slow = [sent()?, 0.0];
        // What is sent slowly is answered slowly.
        program("tc", &["qdisc", "del", "dev", DEVICE, "root"])?;
        slow[1] = answered()?;
        self.set_quota(LARGE)?;
        self.wait_limited(false)?;
        let again = [sent()?, answered()?];
        let shown = format!(
            "sent and answered, of {RATE} bytes a second: {free:.0?} before, {slow:.0?}, \
             {again:.0?} after"
        );
        let is_fast = |rate: &f64| *rate > 1.5 * RATE;
        let is_slow = |rate: &f64| (0.5 * RATE..1.3 * RATE).contains(rate);
        let holds = free.iter().chain(&again).all(is_fast) && slow.iter().all(is_slow);
        if holds { Ok(shown) } else { Err(shown.into()) }
    }

    fn renew_limit(&mut self) -> Outcome {
        self.set_quota(SMALL)?;
        self.wait_limited(true)?;
        self.simulator.tell("unplug 0")?;
        self.client.wait_status("wan", "interface down", LIMIT, |status| !is(status, "up"))?;
        self.simulator.tell("plug 0")?;
        self.reach("wan")?;
        self.wait_limited(true)?;
        // What one daemon has put on is another's to take off.
        for (megabytes, limited) in [(SMALL, true), (LARGE, false)] {
            self.daemon.kill()?;
            self.daemon.reap()?;
            write_quota(megabytes)?;
            self.daemon = Daemon::start()?;
            wait_for("status", LIMIT, || self.status().ok())?;
            self.wait_limited(limited)?;
        }
        Ok(String::new())
    }

    /// Waits until status says so and the kernel has it.
    fn wait_limited(&mut self, limited: bool) -> Result<(), Failure> {
        let mut last = String::new();
        wait_for("change of the limit", COUNTED, || {
            let status = self.status().ok()?;
            let modem = status.get_array("modems")?.first()?.as_table()?.clone();
            let said = modem.get_table("usage")?.get("limited").and_then(Value::as_bool);
            last = format!("{:?} {:?}", modem.get_table("usage"), modem.get("warnings"));
            (said == Some(limited)).then_some(())
        })
        .map_err(|failure| format!("{failure}: {last}"))?;
        let shown = program("tc", &["qdisc", "show", "dev", DEVICE])?;
        let has = ["tbf", "fq_codel", "ingress"].map(|name| shown.contains(name));
        let is_right = if limited { has == [true; 3] } else { !has[0] && !has[2] };
        if is_right { Ok(()) } else { Err(shown.into()) }
    }
}

fn write_quota(megabytes: u32) -> Result<(), Failure> {
    let section = format!(
        "config sim 'all'\n\toption iccid '*'\n\toption quota_mb '{megabytes}'\n\
         \toption quota_action 'limit'\n\toption quota_rate '256'\n"
    );
    Ok(fs::write(CONFIG, section)?)
}

/// Pings as fast as the guest makes them.
struct Flood(Child);

impl Flood {
    fn start() -> Result<Self, Failure> {
        let words = ["-q", "-i", "0.002", "-s", "1400", "-w", "60", "-I", DEVICE, HOST_V4];
        let mut command = Command::new("ping");
        Ok(Self(command.args(words).stdin(Stdio::null()).stdout(Stdio::null()).spawn()?))
    }
}

impl Drop for Flood {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Has datagrams wait to be sent all the time while `body` runs. `ping` does not: it lets one wait.
fn flooded<T>(body: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    // Discard, RFC 863: whether somebody listens there makes no difference.
    socket.connect((HOST_V4, 9))?;
    socket.set_write_timeout(Some(Duration::from_millis(100)))?;
    let is_over = Arc::new(AtomicBool::new(false));
    let sender = thread::spawn({
        let is_over = Arc::clone(&is_over);
        move || {
            while !is_over.load(Ordering::Relaxed) {
                let _ = socket.send(&[0; 1400]);
            }
        }
    });
    let result = body();
    is_over.store(true, Ordering::Relaxed);
    sender.join().map_err(|_| "the sender failed")?;
    result
}

/// How many bytes a second go out.
fn sent() -> Result<f64, Failure> {
    flooded(sent_while_flooded)
}

fn sent_while_flooded() -> Result<f64, Failure> {
    pause(WINDOW);
    rate(|| {
        let text = fs::read_to_string(format!("/sys/class/net/{DEVICE}/statistics/tx_bytes"))?;
        Ok(text.trim().parse()?)
    })
}

/// How many bytes a second come in past what drops some of them.
fn answered() -> Result<f64, Failure> {
    let _flood = Flood::start()?;
    pause(WINDOW);
    // Echo replies, RFC 1213 6.8; 1428 bytes each.
    rate(|| {
        let text = fs::read_to_string("/proc/net/snmp")?;
        let mut lines = text.lines().filter_map(|line| line.strip_prefix("Icmp: "));
        let names = lines.next().unwrap_or_default().split(' ');
        let at = names.into_iter().position(|name| name == "InEchoReps").ok_or("no InEchoReps")?;
        let number = lines.next().unwrap_or_default().split(' ').nth(at).unwrap_or_default();
        Ok(number.parse::<f64>()? * 1428.0)
    })
}

fn rate(counter: impl Fn() -> Result<f64, Failure>) -> Result<f64, Failure> {
    let (start, before) = (now(), counter()?);
    pause(WINDOW);
    Ok((counter()? - before) / seconds(now().saturating_since(start)))
}
