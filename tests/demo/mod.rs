//! What the demo does, in order; it ends with an error as soon as something does not work.

mod screen;

use std::io;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use ltewan::time::Duration;
use ltewan::types::{Table, Value};

use crate::router::journal::{Entry, Journal};
use crate::router::modems::Stats;
use crate::router::{Plan, Router, interface, probe};
pub(crate) use screen::Screen;

/// The interface that the demo is about.
const WAN: &str = "wan4g";
/// The path of the modem in the first port.
const MODEM: &str = "usb:1-1";
/// Its net device.
const DEVICE: &str = "wwan0";
/// Any host will do: the simulated internet has every address.
const HOST_V4: &str = "192.0.2.1";
const HOST_V6: &str = "2001:db8::1";
/// How long packets may take to get through once an interface is up.
const PACKETS: Duration = Duration::from_secs(5);

/// Times and counts for the end.
#[derive(Default)]
struct Figures {
    plug_to_registered: Duration,
    ifup_to_up: Duration,
    drop_to_down: Duration,
    drop_to_up: Duration,
    unplug_to_down: Duration,
    replug_to_up: Duration,
    requests_to_know: u64,
    requests_to_connect: u64,
}

/// Runs it in `dir`, which is made and removed.
pub(crate) fn run(dir: PathBuf, screen: Screen) -> io::Result<()> {
    let screen = Arc::new(screen);
    screen.title("ltewan: the real daemon and a simulated modem, in a network of their own");
    let plan = Plan { dir, lan: Some("br-lan"), ..plan()? };
    let lines = Arc::clone(&screen);
    let journal = Journal::new(Some(Box::new(move |entry| show(&lines, entry))));
    let router = Router::start(plan, journal)?;
    let mut demo = Demo { router, screen, figures: Figures::default() };
    demo.plug()?;
    demo.ifup()?;
    demo.packets()?;
    demo.network_drops()?;
    demo.unplug_and_replug()?;
    demo.command_line()?;
    demo.sums()?;
    demo.screen.on_a_router();
    demo.stop()
}

fn plan() -> io::Result<Plan> {
    let mut plan = Plan::new("demo")?;
    plan.interfaces = vec![(WAN.into(), interface())];
    Ok(plan)
}

/// One line for each thing that happens.
fn show(screen: &Screen, entry: &Entry) {
    let Entry { at, who, about, what } = entry;
    match (*who, what.as_str()) {
        ("bus", "subscribed") => screen.line(*at, "daemon", "is on the bus"),
        ("bus", _) => {}
        ("demo", what) => screen.act(*at, what),
        ("state", what) => screen.line(*at, "modem", &format!("{about}  {what}")),
        ("modem", what) => screen.line(*at, "modem", &format!("{about}  {what}")),
        (who, what) => screen.line(*at, who, &format!("{about}  {what}")),
    }
}

struct Demo {
    router: Router,
    screen: Arc<Screen>,
    figures: Figures,
}

impl Demo {
    /// Says what is done next; gives the moment.
    fn act(&self, what: &str) -> (usize, Duration) {
        let journal = &self.router.journal;
        let mark = journal.mark();
        let now = journal.now();
        journal.put("demo", "", what);
        (mark, now)
    }

    fn say(&self, what: &str) {
        self.screen.line(self.router.journal.now(), "", what);
    }

    fn wait(&self, who: &str, what: &str, mark: usize) -> io::Result<Duration> {
        let entry = self.router.journal.wait(who, what, mark);
        entry.map(|entry| entry.at).map_err(|error| self.router.failure(&error.to_string()))
    }

    fn plug(&mut self) -> io::Result<()> {
        let (mark, began) = self.act("plug a modem in");
        self.router.modems.say("plug 0")?;
        self.figures.plug_to_registered =
            self.wait("state", "registered", mark)?.saturating_sub(began);
        let modem = self.router.wait_state(MODEM, "registered")?;
        let word = |table: &str, name: &str| {
            modem.get_table(table).and_then(|t| t.get_str(name)).unwrap_or("?").to_owned()
        };
        self.say(&format!("{}, {}", word("identity", "model"), word("identity", "revision")));
        self.say(&format!("{}, {}", word("registration", "operator"), word("registration", "rat")));
        self.figures.requests_to_know = self.stats()?.count("qmi_total");
        Ok(())
    }

    fn ifup(&mut self) -> io::Result<()> {
        let (mark, began) = self.act("ifup wan4g");
        self.router.ifup(WAN)?;
        self.figures.ifup_to_up = self.wait("netifd", "up", mark)?.saturating_sub(began);
        let status = self.router.wait_up(WAN)?;
        let all = self.stats()?.count("qmi_total");
        self.figures.requests_to_connect = all - self.figures.requests_to_know;
        for (name, key) in
            [("address", "ipv4-address"), ("address", "ipv6-address"), ("route", "route")]
        {
            let mut items: Vec<_> =
                status.get_array(key).unwrap_or_default().iter().map(address).collect();
            // Routes that differ only in the source they are for.
            items.dedup();
            items.iter().for_each(|item| self.say(&format!("{name:<8} {item}")));
        }
        for prefix in strings(&status, "ipv6-prefix") {
            self.say(&format!("prefix   {prefix} for the LAN"));
        }
        self.say(&format!("dns      {}", strings(&status, "dns-server").join(" ")));
        let has_both = ["ipv4-address", "ipv6-address"]
            .iter()
            .all(|key| status.get_array(key).is_some_and(|list| !list.is_empty()));
        if has_both { Ok(()) } else { Err(self.router.failure("an address is missing")) }
    }

    fn packets(&self) -> io::Result<()> {
        self.act("ping, resolve and fetch through wwan0");
        self.ping()?;
        let status = self.router.wait_up(WAN)?;
        let servers = strings(&status, "dns-server");
        for v6 in [false, true] {
            let mut servers = servers.iter().filter_map(|text| text.parse::<IpAddr>().ok());
            let server = servers.find(|server| server.is_ipv6() == v6);
            let server = server.ok_or_else(|| self.router.failure("a name server is missing"))?;
            let (address, time) = probe::resolve(DEVICE, server, "example.org")?;
            self.say(&format!("dns      example.org is {address}, says {server}  {}", ms(time)));
            let (page, time) = probe::fetch(address)?;
            let text = page.split("<p>").last().unwrap_or_default().trim();
            self.say(&format!("http     {address} says \"{text}\"  {}", ms(time)));
        }
        Ok(())
    }

    fn ping(&self) -> io::Result<()> {
        for host in [HOST_V4, HOST_V6] {
            let to: IpAddr = host.parse().map_err(io::Error::other)?;
            let time = probe::ping(DEVICE, to, PACKETS)
                .map_err(|error| self.router.failure(&error.to_string()))?;
            self.say(&format!("ping     {host}  {}", ms(time)));
        }
        Ok(())
    }

    fn network_drops(&mut self) -> io::Result<()> {
        let (mark, began) = self.act("the network ends the connection");
        self.router.modems.say("0 drop all")?;
        self.figures.drop_to_down = self.wait("netifd", "link lost", mark)?.saturating_sub(began);
        self.figures.drop_to_up = self.wait("netifd", "up", mark)?.saturating_sub(began);
        self.ping()
    }

    fn unplug_and_replug(&mut self) -> io::Result<()> {
        let (mark, began) = self.act("pull the modem out");
        self.router.modems.say("unplug 0")?;
        self.figures.unplug_to_down = self.wait("netifd", "down", mark)?.saturating_sub(began);
        let (mark, began) = self.act("plug it in again");
        self.router.modems.say("plug 0")?;
        self.figures.replug_to_up = self.wait("netifd", "up", mark)?.saturating_sub(began);
        self.ping()
    }

    fn command_line(&self) -> io::Result<()> {
        self.act("ltewan status");
        let (code, text) = self.router.cli(&["status"])?;
        for line in text.lines() {
            self.screen.quote(line);
        }
        let is_told = text.contains("connected") && text.contains(WAN);
        if code == Some(0) && is_told { Ok(()) } else { Err(self.router.failure("ltewan status")) }
    }

    fn sums(&self) -> io::Result<()> {
        let figures = &self.figures;
        self.screen.title("In short");
        for (what, time, others) in [
            ("plugged in, until registered", figures.plug_to_registered, ""),
            ("ifup, until the interface is up", figures.ifup_to_up, UP_OF_OTHERS),
            ("connection dropped, until netifd knows", figures.drop_to_down, DOWN_OF_OTHERS),
            ("connection dropped, until up again", figures.drop_to_up, AGAIN_OF_OTHERS),
            ("modem pulled, until the interface is down", figures.unplug_to_down, ""),
            ("modem plugged in, until up again", figures.replug_to_up, REPLUG_OF_OTHERS),
        ] {
            self.screen.sum(what, &ms(time), others);
        }
        let requests = format!("{} + {}", figures.requests_to_know, figures.requests_to_connect);
        self.screen.sum(
            "QMI requests: to know the modem + to connect",
            &requests,
            REQUESTS_OF_OTHERS,
        );
        let daemon = &self.router.daemon;
        let has_had = daemon.has_had_children();
        let children = if has_had { "some" } else { "0" };
        self.screen.sum("processes the daemon started", children, PROCESSES_OF_OTHERS);
        let memory = format!("{} KB", daemon.private_memory() / 1024);
        self.screen.sum("private memory of the daemon", &memory, "");
        self.screen.note(
            "proto qmi and ModemManager: medians with a simulated EC25 in an emulated machine,",
        );
        self.screen.note("where everything takes longer. Compare magnitudes.");
        if has_had { Err(self.router.failure("the daemon started a process")) } else { Ok(()) }
    }

    /// Ends the daemon as procd does, while all else still runs.
    fn stop(mut self) -> io::Result<()> {
        let status = self.router.daemon.stop()?;
        if status.success() {
            return Ok(());
        }
        Err(self.router.failure(&format!("the daemon ended with {status}")))
    }

    fn stats(&self) -> io::Result<Stats> {
        self.router.modems.stats(0)
    }
}

const UP_OF_OTHERS: &str = "proto qmi 6.4 s, ModemManager 4.7 s";
const DOWN_OF_OTHERS: &str = "proto qmi never, ModemManager 1.1 s";
const AGAIN_OF_OTHERS: &str = "proto qmi never, ModemManager 10.4 s";
const REPLUG_OF_OTHERS: &str = "proto qmi 11.4 s, ModemManager 16.5 s";
const REQUESTS_OF_OTHERS: &str = "proto qmi 46 an ifup, ModemManager 31";
const PROCESSES_OF_OTHERS: &str = "proto qmi 56 an ifup, ModemManager 165";

fn ms(time: Duration) -> String {
    let micros = time.as_micros();
    match micros {
        ..10_000 => format!("{}.{:02} ms", micros / 1000, micros % 1000 / 10),
        _ => format!("{} ms", micros / 1000),
    }
}

/// `address/mask` or `target/mask via nexthop` of a list in an interface's status.
fn address(item: &Value) -> String {
    let Some(table) = item.as_table() else { return String::new() };
    let text = |name| table.get_str(name);
    let mask = table.get("mask").and_then(Value::as_i64).unwrap_or(0);
    let first = text("address").or(text("target")).unwrap_or("?");
    let via = match text("nexthop") {
        None | Some("0.0.0.0" | "::") => String::new(),
        Some(gateway) => format!(" via {gateway}"),
    };
    format!("{first}/{mask}{via}")
}

fn strings(table: &Table, key: &str) -> Vec<String> {
    let list = table.get_array(key).unwrap_or_default().iter();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}
