//! What a connect costs, with a simulated modem that answers at once: time, requests, memory.
//!
//! This program takes netifd's place, so that the time is the daemon's and the bus's alone: from
//! the call of `setup` to the call of `notify_proto` that says that the link is up.

#![expect(clippy::print_stdout, reason = "figures are what a bench is for")]

#[path = "../bus"]
mod bus {
    //! The stand-ins for OpenWrt's C daemons.
    #[expect(dead_code, reason = "the bench is its own netifd")]
    pub(crate) mod netifd;
    pub(crate) mod ubusd;
}
#[path = "../router/mod.rs"]
mod router;
#[path = "../sim/serve/mod.rs"]
#[expect(dead_code, reason = "the bench has no use for USB devices")]
mod serve;
#[path = "../sim/mod.rs"]
#[expect(unused_imports, reason = "its tests are run elsewhere")]
mod sim;

use std::io;
use std::path::PathBuf;

use ltewan::io::clock;
use ltewan::service::ubus::{Kind, Method, Object, Param};
use ltewan::time::Duration;
use ltewan::types::{Table, Value};

use router::broker::Broker;
use router::client::Client;
use router::daemon::Daemon;
use router::modems::Modems;
use router::{Directory, LIMIT, namespace};

/// Connects measured.
const ROUNDS: u32 = 30;
/// Status calls measured.
const CALLS: usize = 10_000;

/// Medians with a simulated EC25 in an emulated machine, where everything takes longer.
const PROTO_QMI: Other = Other { name: "proto qmi", ms: 6360.0, processes: 56, requests: 46 };
const MODEMMANAGER: Other =
    Other { name: "ModemManager", ms: 4710.0, processes: 165, requests: 31 };

/// What another handler needs for the same.
struct Other {
    name: &'static str,
    ms: f64,
    processes: u32,
    requests: u32,
}

const fn param(name: &'static str, kind: Kind) -> Param {
    Param { name, kind }
}

/// As much of netifd as the daemon looks at.
const NETIFD: Object = Object {
    name: "network.interface",
    methods: &[
        Method { name: "dump", params: &[] },
        Method {
            name: "notify_proto",
            params: &[
                param("interface", Kind::String),
                param("action", Kind::Integer),
                param("error", Kind::Array),
                param("available", Kind::Boolean),
                param("link-up", Kind::Boolean),
                param("ifname", Kind::String),
                param("address-external", Kind::Boolean),
                param("keep", Kind::Boolean),
                param("ipaddr", Kind::Array),
                param("ip6addr", Kind::Array),
                param("ip6prefix", Kind::Array),
                param("routes", Kind::Array),
                param("routes6", Kind::Array),
                param("dns", Kind::Array),
                param("data", Kind::Table),
            ],
        },
    ],
};

fn main() -> io::Result<()> {
    let dir = namespace::enter_for_good()?;
    let temp = || std::env::temp_dir().join(format!("ltewan-bench-{}", std::process::id()));
    let mut bench = Bench::start(dir.unwrap_or_else(temp))?;
    let broker = if bench.broker.is_real() { "ubusd" } else { "the stand-in for ubusd" };
    println!("\nltewan {}, {broker}, a modem without latency\n", env!("CARGO_PKG_VERSION"));
    bench.registered(0, "usb:1-1")?;
    bench.connects()?;
    bench.status_calls()?;
    bench.memory()
}

/// The parts of a router, in the order in which they end.
struct Bench {
    netifd: Client,
    daemon: Daemon,
    modems: Modems,
    broker: Broker,
    _dir: Directory,
}

impl Bench {
    fn start(dir: PathBuf) -> io::Result<Self> {
        let (root, socket) = (dir.join("root"), dir.join("ubus.sock"));
        for folder in ["dev", "sys", "etc/config", "var/run", "tmp"] {
            std::fs::create_dir_all(root.join(folder))?;
        }
        let broker = Broker::start(&socket)?;
        let modems = Modems::start(&root, &dir.join("modems.sock"))?;
        let netifd = Client::serving(&socket, vec![NETIFD])?;
        let daemon = Daemon::start(&root, &socket, &dir.join("daemon.log"))?;
        let mut bench = Self { netifd, daemon, modems, broker, _dir: Directory(dir) };
        bench.netifd.wait_for_daemon(LIMIT)?;
        Ok(bench)
    }

    /// Plugs a modem in and waits until it is registered.
    fn registered(&mut self, port: u8, modem: &str) -> io::Result<()> {
        self.modems.say(&format!("plug {port}"))?;
        let deadline = clock::now() + LIMIT;
        while clock::now() < deadline {
            let status = self.netifd.call("ltewan", "status", &Table::new(), LIMIT)?;
            let modems = status.get_array("modems").unwrap_or_default().iter();
            let mut modems = modems.filter_map(Value::as_table);
            let is_wanted = |entry: &Table| {
                entry.get_str("modem") == Some(modem)
                    && entry.get_str("state") == Some("registered")
            };
            if modems.any(is_wanted) {
                return Ok(());
            }
        }
        Err(io::Error::other(format!("{modem} is not registered in time")))
    }

    /// Has an interface set up; the time until its link is told to be up.
    fn set_up(&mut self, interface: &str, modem: &str) -> io::Result<Duration> {
        let config = Table::new().with("device", modem).with("apn", "internet");
        let args = Table::new().with("interface", interface).with("config", config);
        // An interface that netifd does not list is one that the daemon lets go of.
        let listed = Table::new().with("interface", interface).with("proto", "ltewan");
        let listed = listed.with("pending", true).with("available", true).with("autostart", true);
        let dump = Table::new().with("interface", vec![listed]);
        let began = clock::now();
        let asked = self.netifd.invoke("ltewan", "setup", &args);
        self.netifd.until(LIMIT, "link", |netifd| {
            let mut is_up = false;
            while let Some(called) = netifd.calls.pop_front() {
                is_up |= called.args.get("link-up").and_then(Value::as_bool) == Some(true);
                let is_dump = called.method == "dump";
                netifd.answer(called.call, if is_dump { &dump } else { &called.args });
            }
            is_up.then_some(())
        })?;
        let took = clock::now().saturating_since(began);
        self.netifd.until(LIMIT, "answer of setup", |netifd| netifd.take_answer(asked))?.ok();
        Ok(took)
    }

    fn connects(&mut self) -> io::Result<()> {
        let mut times = Vec::new();
        let mut requests = 0;
        let known = self.modems.stats(0)?.count("qmi_total");
        for _ in 0..ROUNDS {
            let before = self.modems.stats(0)?.count("qmi_total");
            times.push(self.set_up("wan", "usb:1-1")?);
            requests += self.modems.stats(0)?.count("qmi_total") - before;
            let args = Table::new().with("interface", "wan");
            self.netifd.call("ltewan", "teardown", &args, LIMIT)?;
        }
        times.sort();
        let median = ms(part(&times, 50));
        let each = requests / u64::from(ROUNDS);
        let had = self.daemon.has_had_children();
        println!("setup until the link is up, {ROUNDS} times");
        println!("  median {median:.2} ms, p95 {:.2} ms", ms(part(&times, 95)));
        println!("  QMI requests {each} a connect; {known} before, to know the modem");
        println!("  processes started by the daemon: {}", if had { "some" } else { "0" });
        for Other { name, ms, processes, requests } in [PROTO_QMI, MODEMMANAGER] {
            let (ratio, secs) = (ms / median, ms / 1000.0);
            println!(
                "  {name:<13} {ratio:>5.0} times as long ({secs:.2} s), \
                 {processes} processes, {requests} requests"
            );
        }
        println!("  (theirs in an emulated machine, where everything takes longer)");
        Ok(())
    }

    fn status_calls(&mut self) -> io::Result<()> {
        let mut times = Vec::new();
        for _ in 0..CALLS {
            let began = clock::now();
            self.netifd.call("ltewan", "status", &Table::new(), LIMIT)?;
            times.push(clock::now().saturating_since(began));
        }
        times.sort();
        let (median, late) = (part(&times, 50).as_micros(), part(&times, 99).as_micros());
        println!("\nstatus, {CALLS} times\n  median {median} us, p99 {late} us there and back");
        Ok(())
    }

    fn memory(&mut self) -> io::Result<()> {
        println!("\nprivate memory of the daemon");
        self.set_up("wan", "usb:1-1")?;
        println!("  one modem connected   {} KB", self.daemon.private_memory() / 1024);
        self.registered(1, "usb:1-2")?;
        self.set_up("wan2", "usb:1-2")?;
        println!("  two modems connected  {} KB\n", self.daemon.private_memory() / 1024);
        Ok(())
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// The value that so many in a hundred are not above.
fn part(sorted: &[Duration], percent: usize) -> Duration {
    let at = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(at).copied().unwrap_or_default()
}
