//! Steps that plug in one of everything there is to plug in, one after the other, with nothing
//! configured but `proto ltewan`: modems in each of their compositions, phones, sticks.

use std::fs;

use ltewan::time::Instant;
use ltewan::types::Table;
use ltewan::wire::json::table_to_json;

use crate::bus::{Beside, Client, Host, LAN_DEVICE, address, is};
use crate::daemon::unchanged;
use crate::modem::Simulator;
use crate::ping::Pinger;
use crate::stage::{Daemon, HOST_V4, LIMIT};
use crate::{Failure, Outcome, Report, now, run as program, seconds, wait_for};

/// What an interface on top of `wan` is called that gets its IPv4 address by DHCP.
const SUB_INTERFACE: &str = "wan_4";
/// What the last daemon and the last modem have left.
const LEFT: [&str; 2] = ["/var/run/ltewan", "/run/ltewan.log"];
const MODEM: &str = "usb:1-1";
const LAN: &str = "192.168.1.1";
const USBMUXD: &str = "/usr/sbin/usbmuxd";

/// How the device gets its addresses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Addresses {
    /// The modem tells them over its control port.
    Told,
    /// By DHCP on the net device.
    Dhcp,
}
use Addresses::{Dhcp, Told};

/// What is plugged in: how people call it, the simulator's settings, the kernel's driver.
const ALL: [(&str, &str, &str, Addresses); 10] = [
    ("EC25 in QMI", "usb=qmi", "qmi_wwan", Told),
    ("EC25 in MBIM", "usb=mbim", "cdc_mbim", Told),
    ("EC25 in ECM", "usb=ecm", "cdc_ether", Dhcp),
    ("EC25 in NCM", "usb=ncm", "cdc_ncm", Dhcp),
    ("EC25 in RNDIS", "usb=rndis", "rndis_host", Dhcp),
    ("Android phone, RNDIS", "device=phone", "rndis_host", Dhcp),
    ("Android phone, NCM", "device=phone usb=ncm", "cdc_ncm", Dhcp),
    ("Android phone, ECM", "device=phone usb=ecm", "cdc_ether", Dhcp),
    ("HiLink stick", "device=stick", "cdc_ether", Dhcp),
    ("iPhone, paired", "device=iphone", "ipheth", Dhcp),
];

pub(crate) fn run(report: &mut Report) {
    let mut place = None;
    report.step("a router with nothing but proto ltewan", || {
        place = Some(Place::new()?);
        Ok(String::new())
    });
    let Some(mut place) = place else { return };
    let mut rows = Vec::new();
    for (name, settings, driver, addresses) in ALL {
        report.step(&format!("{name}: up, ping, gone"), || {
            let times = place.plug_and_pull(settings, driver, addresses)?;
            rows.push((name, driver, times.clone()));
            Ok(times.device)
        });
    }
    print_table(&rows);
    for (name, settings) in [("an EC25 in ECM", "usb=ecm"), ("a phone", "device=phone")] {
        report.step(&format!("daemon killed with {name}: the next goes on"), || {
            place.restart_daemon(settings)
        });
    }
    report.step("the LAN has the network's prefix, and the next", || place.follow_prefix());
    report.step("modem switched QMI, ECM, MBIM, QMI by ltewan usb-mode", || place.switch());
    place.run_explanations(report);
}

/// When what happened, in seconds.
#[derive(Clone)]
struct Times {
    device: String,
    up: f64,
    address: f64,
    gone: f64,
}

#[expect(clippy::print_stdout, reason = "its output is its result")]
fn print_table(rows: &[(&str, &str, Times)]) {
    println!(
        "# {:<22}{:<12}{:<8}{:>10}{:>17}{:>15}",
        "", "driver", "device", "plug to up", "plug to address", "pull to down"
    );
    for (name, driver, Times { device, up, address, gone }) in rows {
        println!("# {name:<22}{driver:<12}{device:<8}{up:>8.2} s{address:>15.2} s{gone:>13.2} s");
    }
}

/// A router with one interface.
struct Place {
    simulator: Simulator,
    client: Client,
    daemon: Daemon,
    _host: Host,
}

impl Place {
    fn new() -> Result<Self, Failure> {
        let _ = LEFT.map(|path| fs::remove_dir_all(path).or_else(|_| fs::remove_file(path)));
        fs::create_dir_all("/usr/sbin")?;
        fs::write(USBMUXD, "")?;
        let simulator = Simulator::start()?;
        let host = Host::start(&[("wan", &[])], &Beside::Lan(LAN))?;
        let client = Client::connect()?;
        let mut place = Self { simulator, client, daemon: Daemon::start()?, _host: host };
        place.wait_gone()?;
        Ok(place)
    }

    fn wait_gone(&mut self) -> Result<(), Failure> {
        let gone = |status: &Table| !is(status, "up") && !is(status, "available");
        self.client.wait_status("wan", "interface unavailable", LIMIT, gone).map(drop)
    }

    fn plug_and_pull(
        &mut self,
        settings: &str,
        driver: &str,
        addresses: Addresses,
    ) -> Result<Times, Failure> {
        let start = now();
        self.simulator.tell(&format!("plug 0 {settings} boot=500"))?;
        let (device, up) = self.wait_up(addresses)?;
        let address = seconds(now().saturating_since(start));
        let found = fs::read_link(format!("/sys/class/net/{device}/device/driver"))?;
        if !found.ends_with(driver) {
            return Err(format!("{device} is driven by {}", found.display()).into());
        }
        self.reach(&device)?;
        let pulled = now();
        self.pull()?;
        let gone = seconds(now().saturating_since(pulled));
        let up = seconds(up.saturating_since(start));
        Ok(Times { device, up, address, gone })
    }

    /// Waits until the interface is up and has an address; its device, and when it was up.
    fn wait_up(&mut self, addresses: Addresses) -> Result<(String, Instant), Failure> {
        let is_up = |status: &Table| is(status, "up");
        let status = self.client.wait_status("wan", "interface up", LIMIT, is_up)?;
        let up = now();
        let has_address = |status: &Table| address(status, "ipv4").is_some();
        let name = if addresses == Dhcp { SUB_INTERFACE } else { "wan" };
        self.client.wait_status(name, "address", LIMIT, has_address)?;
        let device = status.get_str("l3_device").ok_or("no l3_device")?;
        Ok((device.to_owned(), up))
    }

    fn run_explanations(&mut self, report: &mut Report) {
        report.step("a stick that is still a disk says so", || {
            self.explain("device=disk", "STORAGE_MODE", "usb-modeswitch")?;
            self.pull()
        });
        report.step("a router stick tells on its own page what it hears", || self.listen());
        report.step("a phone says that tethering is off; switched on: up", || {
            self.explain("device=phone usb=none", "TETHERING_OFF", "tethering")?;
            self.change("0 usb rndis")?;
            self.pull()
        });
        report.step("an iPhone that nothing pairs with says so; paired: up", || {
            fs::remove_file(USBMUXD)?;
            self.explain("device=iphone", "PHONE_NOT_PAIRED", "tap Trust")?;
            self.pull()?;
            // As most are before they are paired: only their pictures are seen.
            self.explain("device=iphone usb=none", "PHONE_NOT_PAIRED", "usbmuxd")?;
            fs::write(USBMUXD, "")?;
            self.change("0 usb iphone")?;
            self.pull()
        });
        report.step("an APN that is missing is named", || {
            self.explain("usb=mbim apn=internet", "NO_APN", "option 'apn'")?;
            self.pull()
        });
        report.step("a stick with the LAN's network is named", || {
            self.explain(&format!("device=stick own={LAN}"), "SUBNET_CLASH", "(lan)")?;
            self.pull()
        });
    }

    /// Signal and operator come over HTTP, from what is behind the stick's own address.
    fn listen(&mut self) -> Outcome {
        self.simulator.tell("plug 0 device=stick boot=500")?;
        self.wait_up(Dhcp)?;
        let start = now();
        wait_for("signal and operator", LIMIT, || {
            let status = self.client.call("ltewan", "status", &Table::new()).ok()?;
            let modem = status.get_array("modems")?.first()?.as_table()?;
            let rsrp = modem.get_table("signal")?.get("rsrp_dbm")?.as_i64()?;
            let operator = modem.get_table("registration")?.get_str("operator")?;
            (rsrp == -92 && operator == "Simphone DE").then_some(())
        })?;
        let took = seconds(now().saturating_since(start));
        self.pull()?;
        Ok(format!("{took:.2} s after the address"))
    }

    /// What is plugged in is of no use, and says by a token and in words why.
    fn explain(&mut self, settings: &str, token: &str, words: &str) -> Result<(), Failure> {
        self.simulator.tell(&format!("plug 0 {settings} boot=500"))?;
        let quoted = format!("\"{token}\"");
        let says_so = |status: &Table| table_to_json(status).contains(&quoted);
        self.client.wait_status("wan", token, LIMIT, says_so)?;
        let text = program("ltewan", &["status"])?;
        if text.contains(words) { Ok(()) } else { Err(format!("no '{words}' in:\n{text}").into()) }
    }

    /// What was in the way is over: it comes back as something else, and is up.
    fn change(&mut self, line: &str) -> Result<(), Failure> {
        self.simulator.tell(line)?;
        let (device, _) = self.wait_up(Dhcp)?;
        self.reach(&device)
    }

    fn pull(&mut self) -> Outcome {
        self.simulator.tell("unplug 0")?;
        self.wait_gone()?;
        Ok(String::new())
    }

    /// Traffic flows on, and nothing is dialled again.
    fn restart_daemon(&mut self, settings: &str) -> Outcome {
        self.simulator.tell(&format!("plug 0 {settings}"))?;
        let (device, _) = self.wait_up(Dhcp)?;
        let dials = self.dials()?;
        let pinger = Pinger::start(&device)?;
        self.daemon.kill()?;
        self.daemon.reap()?;
        self.daemon = Daemon::start()?;
        wait_for("connection that is gone on with", LIMIT, || {
            let status = self.client.call("ltewan", "status", &Table::new()).ok()?;
            let is_on = status.get_array("interfaces")?.first()?.as_table().map(|it| is(it, "up"));
            is_on.filter(|is_on| *is_on)
        })?;
        let pings = pinger.finish()?;
        unchanged("calls dialled", dials, self.dials()?)?;
        self.reach(&device)?;
        self.pull()?;
        pings.all_answered()
    }

    fn follow_prefix(&mut self) -> Outcome {
        self.simulator.tell("plug 0 usb=qmi boot=500")?;
        self.wait_up(Told)?;
        let first = wait_lan_prefix("")?;
        let start = now();
        self.simulator.tell("0 address v6")?;
        let next = wait_lan_prefix(&first)?;
        let took = seconds(now().saturating_since(start));
        let has_it = |status: &Table| table_to_json(status).contains(&format!("\"{next}:\""));
        self.client.wait_status("wan", "prefix of the LAN", LIMIT, has_it)?;
        self.pull()?;
        Ok(format!("{first}, then {next} after {took:.2} s"))
    }

    /// How often the modem was told to dial.
    fn dials(&self) -> Result<u64, Failure> {
        let log = self.simulator.tell("at-log 0")?;
        Ok(u64::try_from(log.matches("+QNETDEVCTL=1").count())?)
    }

    /// A modem is made something else again and again, and is up as each.
    fn switch(&mut self) -> Outcome {
        self.simulator.tell("plug 0 usb=qmi boot=500")?;
        let (device, _) = self.wait_up(Told)?;
        self.reach(&device)?;
        let mut remarks = Vec::new();
        for (mode, addresses) in [("ecm", Dhcp), ("mbim", Told), ("qmi", Told)] {
            let start = now();
            // The port that speaks AT is looked for beside everything else.
            wait_for("modem that takes the command", LIMIT, || {
                program("ltewan", &["usb-mode", MODEM, mode]).ok()
            })?;
            let (device, _) = self.wait_up(addresses)?;
            let took = seconds(now().saturating_since(start));
            self.reach(&device)?;
            remarks.push(format!("{mode} {took:.2} s"));
        }
        self.pull()?;
        Ok(remarks.join(", "))
    }

    fn reach(&self, device: &str) -> Result<(), Failure> {
        program("ping", &["-c", "1", "-W", "5", "-I", device, HOST_V4])?;
        // As long as a frame may be, and a name server of the network's.
        program("ping", &["-c", "1", "-W", "5", "-s", "1400", "-I", device, HOST_V4])?;
        program("nslookup", &["example.com", "10.64.0.53"]).map(drop)
    }
}

/// Waits for a prefix on the LAN that is to be used, other than the last one.
fn wait_lan_prefix(last: &str) -> Result<String, Failure> {
    let words = ["-6", "-o", "address", "show", "dev", LAN_DEVICE, "scope", "global"];
    wait_for("prefix on the LAN", LIMIT, || {
        let text = program("ip", &[&words[..], &["-deprecated"]].concat()).ok()?;
        let prefix = text.split_once("inet6 ")?.1.split_once("::")?.0.to_owned() + ":";
        (prefix != last).then_some(prefix)
    })
}
