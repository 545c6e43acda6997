//! The guest's OpenWrt: a bus and netifd with two interfaces, real ones or stand-ins, and a client.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use ltewan::service::ubus::{Connection, Event};
use ltewan::time::Duration;
use ltewan::types::{Table, Value};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::netifd::{Cable, Handler, Netifd, Options};
use crate::ubusd::Broker;
use crate::{Failure, now, run, wait_for};

const SOCKET: &str = "/run/ubus/ubus.sock";
pub(crate) const RESOLV_CONF: &str = "/run/resolv.conf.auto";
const LOG: &str = "/run/netifd.log";
/// What programs say that the stand-in runs.
const PROGRAMS_LOG: &str = "/run/netifd-programs.log";
/// What netifd tells of its interfaces, for mwan3.
const HOTPLUG: &str = "/sbin/hotplug-call";
/// The LAN's.
pub(crate) const LAN_DEVICE: &str = "lan0";
const DHCP_SCRIPT: &str = "/run/udhcpc.sh";
const LIMIT: Duration = Duration::from_secs(5);
const TURN: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

/// An interface: its name and options.
pub(crate) type Configured = (&'static str, &'static [(&'static str, &'static str)]);

/// The interfaces of the steps with modems in ports of their own.
pub(crate) const INTERFACES: [Configured; 6] = [
    ("wan", &[("device", "usb:1-1"), ("apn", "internet"), ("metric", "20")]),
    ("wan2", &[("device", "usb:1-2"), ("apn", "internet"), ("metric", "30")]),
    // Its SIM has another PIN.
    ("wan3", &[("device", "usb:1-3"), ("pincode", "9999"), ("metric", "40")]),
    (
        "wan4",
        &[
            ("device", "usb:1-4"),
            ("metric", "50"),
            ("check", "ping"),
            ("check_host", "192.0.2.1"),
            ("check_interval", "5"),
            ("check_failures", "2"),
        ],
    ),
    // By PPP.
    (
        "wan5",
        &[
            ("device", "usb:1-5"),
            ("metric", "60"),
            ("auth", "chap"),
            ("username", "me"),
            ("password", "s3cret-word"),
        ],
    ),
    // The network's password is another.
    (
        "wan6",
        &[
            ("device", "usb:1-6"),
            ("metric", "70"),
            ("auth", "pap"),
            ("username", "me"),
            ("password", "guess"),
        ],
    ),
];
/// The options that netifd hands over as numbers.
const NUMBERS: [&str; 3] = ["metric", "check_interval", "check_failures"];

/// What else the router has.
pub(crate) enum Beside {
    Nothing,
    /// A LAN of this address and 253 others.
    Lan(&'static str),
    /// Another way out.
    Cable(Cable),
}

impl Beside {
    /// Its section of `/etc/config/network`.
    fn section(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Lan(address) => format!(
                "config interface 'lan'\n\toption proto 'static'\n\toption device '{LAN_DEVICE}'\n\
                 \toption ipaddr '{address}'\n\toption netmask '255.255.255.0'\n\
                 \toption ip6assign '64'\n"
            ),
            Self::Cable(Cable { name, device, address, gateway, dns, metric }) => format!(
                "config interface '{name}'\n\toption proto 'static'\n\toption device '{device}'\n\
                 \toption ipaddr '{address}'\n\toption netmask '255.255.255.0'\n\
                 \toption gateway '{gateway}'\n\tlist dns '{dns}'\n\
                 \toption metric '{metric}'\n\toption force_link '0'\n"
            ),
        }
    }
}

/// What runs the bus and the interfaces. Fields are dropped in this order.
pub(crate) enum Host {
    Real { netifd: Child, ubusd: Child },
    StandIn { _netifd: Netifd, _broker: Broker },
}

impl Host {
    /// OpenWrt's own when the guest has them, else stand-ins.
    pub(crate) fn start(interfaces: &[Configured], beside: &Beside) -> Result<Self, Failure> {
        if let Beside::Lan(_) = beside {
            run("ip", &["link", "add", LAN_DEVICE, "type", "dummy"])?;
            run("ip", &["link", "set", LAN_DEVICE, "up"])?;
        }
        if Path::new("/sbin/netifd").exists() {
            Self::start_real(interfaces, beside)
        } else {
            Self::start_stand_in(interfaces, beside)
        }
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Real { .. } => "OpenWrt's ubusd and netifd",
            Self::StandIn { .. } => "stand-ins",
        }
    }

    fn start_real(interfaces: &[Configured], beside: &Beside) -> Result<Self, Failure> {
        let mut text = beside.section();
        for (name, options) in interfaces {
            text.push_str(&format!("config interface '{name}'\n\toption proto 'ltewan'\n"));
            for (key, value) in *options {
                text.push_str(&format!("\toption {key} '{value}'\n"));
            }
        }
        fs::create_dir_all("/etc/config")?;
        fs::write("/etc/config/network", text)?;
        let ubusd = Command::new("/sbin/ubusd").stdin(Stdio::null()).spawn()?;
        wait_for("ubusd", LIMIT, || UnixStream::connect(SOCKET).ok())?;
        let hotplug = if Path::new(HOTPLUG).exists() { HOTPLUG } else { "/bin/true" };
        let netifd = Command::new("/sbin/netifd")
            .args(["-S", "-h", hotplug, "-r", RESOLV_CONF])
            .stdin(Stdio::null())
            .stderr(File::create(LOG)?)
            .spawn()?;
        Ok(Self::Real { netifd, ubusd })
    }

    fn start_stand_in(interfaces: &[Configured], beside: &Beside) -> Result<Self, Failure> {
        let broker = Broker::start(SOCKET)?;
        let interfaces = interfaces.iter().map(|(name, options)| {
            let mut config = Table::new();
            for (key, value) in *options {
                match value.parse::<i32>() {
                    Ok(number) if NUMBERS.contains(key) => config.put(*key, number),
                    Ok(_) | Err(_) => config.put(*key, *value),
                }
            }
            ((*name).to_owned(), config)
        });
        let log = File::create(LOG)?;
        let (other, cable) = match beside {
            Beside::Nothing => (None, None),
            Beside::Lan(address) => {
                let address = Table::new().with("address", *address).with("mask", 24);
                let lan = Table::new().with("interface", "lan").with("proto", "static");
                (Some(lan.with("up", true).with("ipv4-address", vec![address])), None)
            }
            Beside::Cable(cable) => (None, Some(cable.clone())),
        };
        let netifd = Netifd::start(Options {
            socket: PathBuf::from(SOCKET),
            interfaces: interfaces.collect(),
            handler: Handler::Direct,
            lan: matches!(beside, Beside::Lan(_)).then(|| LAN_DEVICE.to_owned()),
            other,
            cable,
            dhcp_script: Some(PathBuf::from(DHCP_SCRIPT)),
            resolv_conf: Some(PathBuf::from(RESOLV_CONF)),
            on_step: Some(Box::new(move |step| {
                let at = step.at.as_secs_f64();
                let _ = writeln!(&log, "{at:8.3} {} {}", step.interface, step.what);
            })),
        })?;
        Ok(Self::StandIn { _netifd: netifd, _broker: broker })
    }

    /// The last of what netifd said.
    pub(crate) fn log() -> String {
        let text = [PROGRAMS_LOG, LOG].map(|log| fs::read_to_string(log).unwrap_or_default());
        let lines: Vec<_> = text.iter().flat_map(|text| text.lines()).collect();
        lines.get(lines.len().saturating_sub(40)..).unwrap_or_default().join("\n")
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Self::Real { netifd, ubusd } = self {
            for child in [netifd, ubusd] {
                let _ = child.kill();
                let _ = child.wait();
            }
        }
    }
}

/// A client of the bus that waits for each answer.
pub(crate) struct Client {
    stream: UnixStream,
    connection: Connection,
}

impl Client {
    pub(crate) fn connect() -> Result<Self, Failure> {
        let stream = UnixStream::connect(SOCKET)?;
        stream.set_nonblocking(true)?;
        let mut client = Self { stream, connection: Connection::new(Vec::new()) };
        client.connection.handle_connected(now());
        client.turn_until(|event| matches!(event, Event::Connected).then_some(()))?;
        Ok(client)
    }

    pub(crate) fn call(
        &mut self,
        object: &str,
        method: &str,
        args: &Table,
    ) -> Result<Table, Failure> {
        let id = self.connection.invoke(now(), object, method, args, LIMIT);
        let result = self.turn_until(|event| {
            let Event::Reply { request, result } = event else { return None };
            (*request == id).then(|| result.clone())
        })?;
        let failed = |error| format!("{object} {method}: {error:?}");
        Ok(result.map_err(failed)?.unwrap_or_default())
    }

    /// `ifup` and `ifdown`, by the methods `up` and `down`.
    pub(crate) fn tell(&mut self, interface: &str, method: &str) -> Result<(), Failure> {
        let args = Table::new().with("interface", interface);
        self.call("network.interface", method, &args).map(drop)
    }

    /// Waits for an interface's status to be as `wanted`; on failure tells the last one.
    pub(crate) fn wait_status(
        &mut self,
        interface: &str,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&Table) -> bool,
    ) -> Result<Table, Failure> {
        let args = Table::new().with("interface", interface);
        let mut last = String::new();
        let status = wait_for(what, limit, || {
            match self.call("network.interface", "status", &args) {
                Ok(status) if wanted(&status) => return Some(status),
                Ok(status) => last = ltewan::wire::json::table_to_json(&status),
                Err(failure) => last = failure.to_string(),
            }
            None
        });
        status.map_err(|failure| format!("{failure}\n{last}\n{}", Host::log()).into())
    }

    /// Waits until something may have happened on the bus, at most this long.
    pub(crate) fn wait_change(&mut self, limit: Duration) -> Result<(), Failure> {
        let timeout = Timespec::try_from(limit)?;
        poll(&mut [PollFd::new(&self.stream, PollFlags::IN)], Some(&timeout))?;
        Ok(())
    }

    fn turn_until<T>(&mut self, wanted: impl Fn(&Event) -> Option<T>) -> Result<T, Failure> {
        let end = now() + LIMIT + LIMIT;
        while now() < end {
            self.connection.handle_timeout(now());
            while let Some(event) = self.connection.poll_event() {
                if let Some(found) = wanted(&event) {
                    return Ok(found);
                }
            }
            while !self.connection.transmit().is_empty() {
                let len = self.stream.write(self.connection.transmit())?;
                self.connection.transmitted(len);
            }
            poll(&mut [PollFd::new(&self.stream, PollFlags::IN)], Some(&TURN))?;
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer) {
                Ok(0) => return Err("the bus has closed the connection".into()),
                Ok(len) => {
                    let bytes = buffer.get(..len).unwrap_or_default();
                    self.connection.handle_input(now(), bytes);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err("the bus does not answer".into())
    }
}

/// Whether an interface's status has `field` true.
pub(crate) fn is(status: &Table, field: &str) -> bool {
    status.get(field).and_then(Value::as_bool) == Some(true)
}

/// The first address of a status, IPv4 or IPv6.
pub(crate) fn address(status: &Table, family: &str) -> Option<String> {
    let list = status.get_array(&format!("{family}-address"))?;
    list.first()?.as_table()?.get_str("address").map(str::to_owned)
}
