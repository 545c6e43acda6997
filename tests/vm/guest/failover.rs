//! Steps with a cable beside the modem: who carries the traffic when one of them goes, how much of
//! it is lost, and how long that takes. The host that is pinged is reached by both.

use std::fs;

use ltewan::time::{Duration, Instant};
use ltewan::types::Table;

use crate::bus::{Beside, Client, Host, RESOLV_CONF, is};
use crate::modem::Simulator;
use crate::netifd::Cable;
use crate::ping::Pinger;
use crate::stage::{Daemon, HOST_V4, LIMIT};
use crate::{Failure, Outcome, Report, now, pause, run as program, seconds, wait_for};

/// What the steps before have left.
const LEFT: [&str; 2] = ["/var/run/ltewan", "/run/ltewan.log"];
/// The cable: its device, and the namespace and device at its other end.
pub(crate) const CABLE: &str = "wan0";
const FAR: &str = "far";
const FAR_DEVICE: &str = "far0";
const CABLE_DNS: &str = "198.51.100.53";
const MODEM_DNS: &str = "10.64.0.53";
const MODEM: &[(&str, &str)] = &[("device", "usb:1-1"), ("apn", "internet"), ("metric", "20")];
/// Who answers behind both: the last two are whom mwan3 asks.
const HOSTS: [&str; 3] = [HOST_V4, "1.1.1.1", "9.9.9.9"];
/// Two seconds of them: what takes longer has not been told.
const LOST_MAX: usize = 20;
/// How long a cable that leads nowhere is looked at.
const NOWHERE: Duration = Duration::from_secs(3);

pub(crate) fn run(report: &mut Report) {
    let mut place = None;
    report.step("a cable and a modem: the cable carries", || {
        place = Some(Place::new()?);
        Ok(String::new())
    });
    let Some(mut place) = place else { return };
    report.step("cable pulled: the modem carries", || place.pull_cable());
    report.step("cable back: it carries again", || place.plug_cable());
    report.step("modem pulled and back: the cable carries on", || place.pull_modem());
    report.step("cable leads nowhere: by metric nothing moves", || place.lead_nowhere());
    crate::mwan3::run(report, &place);
}

/// A router with two ways out.
pub(crate) struct Place {
    simulator: Simulator,
    client: Client,
    _daemon: Daemon,
    _host: Host,
    modem: String,
}

impl Place {
    fn new() -> Result<Self, Failure> {
        let _ = LEFT.map(|path| fs::remove_dir_all(path).or_else(|_| fs::remove_file(path)));
        let cable = make_cable()?;
        let simulator = Simulator::start()?;
        let host = Host::start(&[("wan4g", MODEM)], &Beside::Cable(cable))?;
        let client = Client::connect()?;
        let daemon = Daemon::start()?;
        let modem = String::new();
        let mut place = Self { simulator, client, _daemon: daemon, _host: host, modem };
        place.modem = place.plug_modem()?;
        wait_carries(CABLE)?;
        wait_dns(&[CABLE_DNS, MODEM_DNS], &[])?;
        Ok(place)
    }

    /// The modem's net device.
    pub(crate) fn modem(&self) -> &str {
        &self.modem
    }

    fn plug_modem(&mut self) -> Result<String, Failure> {
        self.simulator.tell("plug 0")?;
        let is_up = |status: &Table| is(status, "up");
        let status = self.client.wait_status("wan4g", "interface up", LIMIT, is_up)?;
        Ok(status.get_str("l3_device").ok_or("no l3_device")?.to_owned())
    }

    fn pull_cable(&mut self) -> Outcome {
        let pinger = Pinger::start_routed()?;
        let start = now();
        set_far_link("down")?;
        let moved = moved_to(&self.modem, start)?;
        wait_dns(&[MODEM_DNS], &[CABLE_DNS])?;
        Ok(format!("after {moved:.2} s, {}", pinger.finish()?.at_most(LOST_MAX)?))
    }

    fn plug_cable(&mut self) -> Outcome {
        let pinger = Pinger::start_routed()?;
        let start = now();
        set_far_link("up")?;
        let moved = moved_to(CABLE, start)?;
        wait_dns(&[CABLE_DNS, MODEM_DNS], &[])?;
        Ok(format!("after {moved:.2} s, {}", pinger.finish()?.at_most(LOST_MAX)?))
    }

    fn pull_modem(&mut self) -> Outcome {
        let pinger = Pinger::start_routed()?;
        let start = now();
        self.simulator.tell("unplug 0")?;
        wait_dns(&[CABLE_DNS], &[MODEM_DNS])?;
        let told = seconds(now().saturating_since(start));
        self.modem = self.plug_modem()?;
        wait_dns(&[CABLE_DNS, MODEM_DNS], &[])?;
        wait_carries(CABLE)?;
        Ok(format!("told after {told:.2} s, {}", pinger.finish()?.all_answered()?))
    }

    /// Its link stays, so nothing tells the router.
    fn lead_nowhere(&mut self) -> Outcome {
        let pinger = Pinger::start_routed()?;
        cut()?;
        pause(NOWHERE);
        wait_carries(CABLE)?;
        mend()?;
        let pings = pinger.finish()?;
        if pings.lost() == 0 {
            return Err("every ping was answered".into());
        }
        Ok(format!("for {} s, {}", NOWHERE.as_secs(), pings.at_most(usize::MAX)?))
    }
}

/// Makes both ends; the host that is pinged is behind the other.
fn make_cable() -> Result<Cable, Failure> {
    program("ip", &["netns", "add", FAR])?;
    let peer = ["peer", "name", FAR_DEVICE, "netns", FAR];
    program("ip", &[&["link", "add", CABLE, "type", "veth"][..], &peer].concat())?;
    program("ip", &["link", "set", CABLE, "up"])?;
    far(&["link", "set", "lo", "up"])?;
    far(&["link", "set", FAR_DEVICE, "up"])?;
    far(&["address", "add", "198.51.100.1/24", "dev", FAR_DEVICE])?;
    mend()?;
    Ok(Cable {
        name: "wan".to_owned(),
        device: CABLE.to_owned(),
        address: "198.51.100.2".to_owned(),
        gateway: "198.51.100.1".to_owned(),
        dns: CABLE_DNS.to_owned(),
        metric: "10".to_owned(),
    })
}

/// `ip` at the other end of the cable.
fn far(words: &[&str]) -> Result<String, Failure> {
    program("ip", &[&["-n", FAR], words].concat())
}

/// `up` or `down`: without the one the other has no link.
pub(crate) fn set_far_link(state: &str) -> Result<String, Failure> {
    far(&["link", "set", FAR_DEVICE, state])
}

/// Nothing answers any more behind the cable's next hop.
pub(crate) fn cut() -> Result<String, Failure> {
    far(&["address", "flush", "dev", "lo"])
}

pub(crate) fn mend() -> Result<(), Failure> {
    for host in HOSTS {
        far(&["address", "add", host, "dev", "lo"])?;
    }
    Ok(())
}

/// Waits until the traffic goes by a device; how long that took since `start`, in seconds.
fn moved_to(device: &str, start: Instant) -> Result<f64, Failure> {
    wait_carries(device)?;
    Ok(seconds(now().saturating_since(start)))
}

fn wait_carries(device: &str) -> Result<(), Failure> {
    let by = format!(" dev {device} ");
    let moved = wait_for(&format!("traffic by {device}"), LIMIT, || {
        program("ip", &["route", "get", HOST_V4]).ok()?.contains(&by).then_some(())
    });
    moved.map_err(|failure| {
        let routes = program("ip", &["route"]).unwrap_or_default();
        format!("{failure}\n{routes}\n{}", Host::log()).into()
    })
}

/// Waits until these name servers are known and those are not.
fn wait_dns(known: &[&str], unknown: &[&str]) -> Result<(), Failure> {
    wait_for("right list of name servers", LIMIT, || {
        let text = fs::read_to_string(RESOLV_CONF).unwrap_or_default();
        let has = |server: &&str| text.contains(*server);
        (known.iter().all(has) && !unknown.iter().any(has)).then_some(())
    })
    .map_err(|failure| {
        let text = fs::read_to_string(RESOLV_CONF).unwrap_or_default();
        format!("{failure}\n{text}\n{}", Host::log()).into()
    })
}
