//! A router in a network namespace: bus, netifd, simulated modems, and the real daemon's program.
//!
//! The bus is OpenWrt's own ubusd when `LTEWAN_UBUSD` names it, else the stand-in. The daemon runs
//! on a root directory that the modems fill. Whoever starts a router first enters a namespace of
//! its own ([`namespace`]): a modem's net device appears where the thread is. Dropping a router
//! ends everything it started. Nothing here waits by the clock: every wait is for an event, with a
//! limit.

#![allow(dead_code, reason = "the demo, the tests and the bench each use their own part")]

pub(crate) mod broker;
pub(crate) mod client;
pub(crate) mod daemon;
pub(crate) mod journal;
pub(crate) mod modems;
pub(crate) mod namespace;
pub(crate) mod probe;
mod probe_packets;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use ltewan::time::Duration;
use ltewan::types::Table;

use crate::bus::netifd::{self, Netifd};
use broker::Broker;
use client::Client;
use daemon::Daemon;
use journal::{Journal, Watch};
use modems::Modems;

/// How long anything may take before it counts as never; machines are busy at times.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// What a router is made of.
pub(crate) struct Plan {
    /// Its own directory; it must be empty, and is removed in the end.
    pub(crate) dir: PathBuf,
    /// The interfaces of `/etc/config/network`, `proto` left out.
    pub(crate) interfaces: Vec<(String, Table)>,
    /// Files of `/etc/config` and what is in them.
    pub(crate) config: Vec<(&'static str, String)>,
    /// The device for the LAN; it is made when it can be.
    pub(crate) lan: Option<&'static str>,
}

impl Plan {
    /// A router in a fresh directory below the system's own for such, with one interface.
    pub(crate) fn new(name: &str) -> io::Result<Self> {
        let name = format!("ltewan-{name}-{}", std::process::id());
        let dir = std::env::temp_dir().join(name);
        Ok(Self {
            dir,
            interfaces: vec![("wan4g".into(), interface())],
            config: vec![(
                "ltewan",
                "config ltewan 'globals'\n\toption log_level 'debug'\n".into(),
            )],
            lan: None,
        })
    }
}

/// An interface that is taken up by hand.
pub(crate) fn interface() -> Table {
    Table::new().with("auto", false).with("apn", "internet")
}

/// A running router. The order of its parts is the order in which they end.
pub(crate) struct Router {
    pub(crate) daemon: Daemon,
    watch: Watch,
    pub(crate) netifd: Netifd,
    pub(crate) modems: Modems,
    pub(crate) broker: Broker,
    pub(crate) journal: Arc<Journal>,
    /// Whether netifd runs the script, and not only its calls.
    pub(crate) has_script: bool,
    pub(crate) dir: Directory,
}

/// A directory that is removed when this is dropped.
pub(crate) struct Directory(pub(crate) PathBuf);

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

impl Router {
    /// Starts everything but a modem, and waits until the daemon is on the bus.
    pub(crate) fn start(plan: Plan, journal: Journal) -> io::Result<Self> {
        let _ = fs::remove_dir_all(&plan.dir);
        for folder in ["root/dev", "root/sys", "root/etc/config", "root/var/run", "root/tmp", "bin"]
        {
            fs::create_dir_all(plan.dir.join(folder))?;
        }
        let dir = Directory(plan.dir);
        let root = dir.0.join("root");
        for (name, text) in &plan.config {
            fs::write(root.join("etc/config").join(name), text)?;
        }
        let socket = dir.0.join("ubus.sock");
        let journal = Arc::new(journal);
        let broker = Broker::start(&socket)?;
        let modems = Modems::start(&root, &dir.0.join("modems.sock"))?;
        let lan = plan.lan.filter(|lan| make_lan(lan)).map(str::to_owned);
        let handler = handler(&dir.0, &socket)?;
        let has_script = matches!(handler, netifd::Handler::Script { .. });
        let steps = Arc::clone(&journal);
        let netifd = Netifd::start(netifd::Options {
            socket: socket.clone(),
            interfaces: plan.interfaces,
            handler,
            lan,
            other: None,
            cable: None,
            dhcp_script: None,
            resolv_conf: Some(dir.0.join("resolv.conf")),
            on_step: Some(Box::new(move |step| steps.put("netifd", &step.interface, &step.what))),
        })?;
        let watch = Watch::start(&socket, Arc::clone(&journal))?;
        let daemon = Daemon::start(&root, &socket, &dir.0.join("daemon.log"))?;
        let router = Self { daemon, watch, netifd, modems, broker, journal, has_script, dir };
        router.client()?.wait_for_daemon(LIMIT)?;
        router.journal.wait("bus", "subscribed", 0)?;
        Ok(router)
    }

    /// The bus.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.0.join("ubus.sock")
    }

    /// The directory that the daemon takes for `/`.
    pub(crate) fn root(&self) -> PathBuf {
        self.dir.0.join("root")
    }

    /// A client of the bus.
    pub(crate) fn client(&self) -> io::Result<Client> {
        Client::connect(&self.socket())
    }

    /// Starts the daemon again after it was killed, and waits until it is on the bus.
    pub(crate) fn start_daemon(&mut self) -> io::Result<()> {
        let log = self.dir.0.join("daemon.log");
        self.daemon = Daemon::start(&self.root(), &self.socket(), &log)?;
        self.client()?.wait_for_daemon(LIMIT)
    }

    /// `ifup`, and what netifd does by itself then.
    pub(crate) fn ifup(&self, interface: &str) -> io::Result<()> {
        self.netifd_call(interface, "up")
    }

    /// `ifdown`; waits until the handler's teardown is over.
    pub(crate) fn ifdown(&self, interface: &str) -> io::Result<()> {
        let mark = self.journal.mark();
        self.netifd_call(interface, "down")?;
        let is_down = |e: &journal::Entry| e.about == interface && e.what == "down";
        let down = self.journal.wait_for(mark, is_down);
        down.map(drop).ok_or_else(|| self.failure(&format!("{interface} is not down in time")))
    }

    fn netifd_call(&self, interface: &str, method: &str) -> io::Result<()> {
        let args = Table::new().with("interface", interface);
        self.client()?.call("network.interface", method, &args, LIMIT).map(drop)
    }

    /// Waits until an interface is up; its status.
    pub(crate) fn wait_up(&self, interface: &str) -> io::Result<Table> {
        let is_up = |status: &Table| status.get("up").and_then(|v| v.as_bool()) == Some(true);
        let status = self.netifd.wait_for(interface, LIMIT, is_up);
        status.ok_or_else(|| self.failure(&format!("{interface} is not up in time")))
    }

    /// Waits until the modem of that path is in a state.
    pub(crate) fn wait_state(&self, modem: &str, state: &str) -> io::Result<Table> {
        let mut client = self.client()?;
        client.subscribe("ltewan");
        let entry = |status: &Table| {
            let modems = status.get_array("modems").unwrap_or_default().iter();
            let mut modems = modems.filter_map(|modem| modem.as_table());
            modems.find(|entry| entry.get_str("modem") == Some(modem)).cloned()
        };
        let deadline = ltewan::io::clock::now() + LIMIT;
        loop {
            let status = client.call("ltewan", "status", &Table::new(), LIMIT)?;
            let found = entry(&status);
            if let Some(found) = found.filter(|entry| entry.get_str("state") == Some(state)) {
                return Ok(found);
            }
            if ltewan::io::clock::now() > deadline {
                let what = format!("{modem} is not {state} in time: {:?}", entry(&status));
                return Err(self.failure(&what));
            }
            client.turn(Duration::from_millis(20))?;
        }
    }

    /// The daemon's answer to `status`.
    pub(crate) fn status(&self) -> io::Result<Table> {
        self.client()?.call("ltewan", "status", &Table::new(), LIMIT)
    }

    /// An error with the last lines of the daemon's log.
    pub(crate) fn failure(&self, what: &str) -> io::Error {
        let tail = self.daemon.log_tail(25);
        io::Error::other(format!("{what}\nThe end of the daemon's log:\n{tail}"))
    }

    /// The daemon's program, as the command line.
    pub(crate) fn cli(&self, words: &[&str]) -> io::Result<(Option<i32>, String)> {
        let socket = self.socket();
        let output =
            Command::new(daemon::program()).arg("--bus").arg(socket).args(words).output()?;
        let text = [output.stdout, output.stderr].concat();
        Ok((output.status.code(), String::from_utf8_lossy(&text).into_owned()))
    }
}

/// The script of the package with a `ubus` that knows the socket, where there is one.
fn handler(dir: &Path, socket: &Path) -> io::Result<netifd::Handler> {
    let Some(tool) = broker::tool() else { return Ok(netifd::Handler::Direct) };
    let wrapper = dir.join("bin/ubus");
    let text = format!("#!/bin/sh\nexec '{}' -s '{}' \"$@\"\n", tool.display(), socket.display());
    fs::write(&wrapper, text)?;
    fs::set_permissions(&wrapper, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let path = std::env::var("PATH").unwrap_or_default();
    Ok(netifd::Handler::Script {
        folder: Path::new(env!("CARGO_MANIFEST_DIR")).join("files/lib/netifd/proto"),
        path: format!("{}:{path}", dir.join("bin").display()),
    })
}

/// Not every kernel has every kind of device; without one the LAN is left out.
fn make_lan(name: &str) -> bool {
    let made =
        ["dummy", "bridge", "veth"].iter().any(|kind| ip(&format!("link add {name} type {kind}")));
    made && ip(&format!("link set {name} up"))
}

/// Runs the ip tool, silently.
pub(crate) fn ip(words: &str) -> bool {
    let output = Command::new("ip").args(words.split(' ')).output();
    output.is_ok_and(|output| output.status.success())
}
