//! A router in virtual time: the real daemon without system calls, simulated modems in its USB
//! sockets, and a model of netifd.
//!
//! Nothing happens by itself: [`Router::run_until`] goes from one due moment to the next, lets
//! everything settle there, and then holds the invariants against what is. What happens is written
//! down with its time; a test reads that [story](Router::story) or asks for single moments.

#![allow(dead_code, reason = "the stories, the swarm and its program each use their own part")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "a story may be told as it happens")]

mod acts;
mod checkers;
mod cost;
pub(crate) mod hardware;
pub(crate) mod invariants;
pub(crate) mod netifd;
mod outputs;
mod pppd;
pub(crate) mod refusals;
pub(crate) mod sabotage;
mod tap;
mod time;
mod updates;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ltewan::manager::netifd::{Link, SubInterface};
use ltewan::manager::{CallError, Input, Kept, Manager, PortId};
use ltewan::time::Instant;
use ltewan::types::{Table, Value, uci};

use crate::sim::{Port, SimModem};
use cost::Cost;
use hardware::Sockets;
use invariants::Invariants;
use netifd::{RefNetifd, State};
use pppd::Pppd;
use refusals::Refusals;
use sabotage::Sabotage;
use tap::Tap;

/// The router.
pub(crate) struct Router {
    pub(crate) now: Instant,
    /// The daemon; `None` while it does not run.
    pub(crate) manager: Option<Manager>,
    pub(crate) daemon_since: Instant,
    pub(crate) sockets: Sockets,
    pub(crate) netifd: RefNetifd,
    /// `/etc/config/ltewan`.
    config: uci::Package,
    /// `/etc/config/firewall`.
    firewall: uci::Package,
    /// `/var/run/ltewan`, by what is kept there.
    run: BTreeMap<String, (Kept, Vec<u8>)>,
    /// `/etc/ltewan`, the same.
    pub(crate) flash: BTreeMap<String, (Kept, Vec<u8>)>,
    /// How often something was written to it.
    pub(crate) flash_writes: usize,
    /// Nothing can be written to `/etc/ltewan`.
    pub(crate) flash_full: bool,
    /// What the wall clock shows at the start, in seconds after midnight, and of which day since
    /// 1970.
    pub(crate) clock_secs: u64,
    /// The wall clock at the start, in seconds since 1970, and whether NTP keeps it.
    pub(crate) clock: (i64, bool),
    /// It may not be set.
    pub(crate) is_clock_stuck: bool,
    pub(crate) clock_day: i64,
    reboot_due: bool,
    /// How the ports are called that cannot be opened.
    pub(crate) refused_port: Option<String>,
    ports: BTreeMap<PortId, (String, Port)>,
    inbox: VecDeque<Input>,
    next_call: u64,
    seed: u64,
    /// The states that the daemon has told of its modems.
    states: BTreeMap<String, String>,
    /// Probes under way: when they end and how.
    probes: Vec<(Instant, Input)>,
    replies: BTreeMap<u64, (Instant, Result<Table, CallError>)>,
    pub(crate) trace: Vec<(Instant, String)>,
    /// How much of what happened is kept at least.
    pub(crate) trace_max: usize,
    /// Whether what happens is printed as it happens.
    pub(crate) is_told: bool,
    /// The daemon gets no time until then.
    frozen_until: Option<Instant>,
    /// There is no bus until then.
    bus_down_until: Option<Instant>,
    /// How many numbers of device nodes other devices have.
    numbers_taken: usize,
    /// What must not be said to anyone.
    pub(crate) secrets: Vec<String>,
    /// What must not be said where it could be published.
    pub(crate) identities: Vec<String>,
    tap: Tap,
    pub(crate) sabotage: Option<Sabotage>,
    pub(crate) invariants: Invariants,
    /// What the modems do not do as the simulator would.
    pub(crate) refusals: Refusals,
    /// The pppd of each interface.
    pppds: BTreeMap<String, Pppd>,
    /// What pppd's exit status is, in place of running at all.
    pub(crate) broken_pppd: Option<i64>,
    /// Modems whose power is switched off.
    unpowered: BTreeSet<String>,
    /// There is a program that pairs with iPhones.
    pub(crate) has_usbmuxd: bool,
    /// The program for speed tests is installed.
    pub(crate) has_librespeed: bool,
    /// netifd can translate IPv4 to IPv6.
    pub(crate) has_clat: bool,
    /// Why the kernel slows no device down.
    pub(crate) tc_fault: Option<String>,
    /// The GPIO line that selects the SIM of a modem, and whether it is high.
    pub(crate) slot_line: Option<(&'static str, bool)>,
    /// What translates it: the interfaces, and the address of each.
    pub(crate) clats: BTreeMap<String, String>,
    /// The address of the LAN, with the length of its mask.
    pub(crate) lan: Option<String>,
    pub(crate) cost: Cost,
    /// The table of access points.
    pub(crate) apn_table: Vec<u8>,
}

impl Router {
    /// A router that is up, with the daemon running and nothing plugged in.
    pub(crate) fn new() -> Self {
        Self::seeded(1)
    }

    /// The same with another seed for the daemon's chance.
    pub(crate) fn seeded(seed: u64) -> Self {
        let mut router = Self {
            now: Instant::ZERO,
            manager: None,
            daemon_since: Instant::ZERO,
            sockets: Sockets::default(),
            netifd: RefNetifd::default(),
            config: uci::Package::default(),
            firewall: uci::Package::default(),
            run: BTreeMap::new(),
            flash: BTreeMap::new(),
            flash_writes: 0,
            flash_full: false,
            clock_secs: 0,
            // 2026-11-21T12:00:00Z.
            clock: (1_795_262_400, false),
            is_clock_stuck: false,
            clock_day: 20_778,
            reboot_due: false,
            refused_port: None,
            ports: BTreeMap::new(),
            inbox: VecDeque::new(),
            next_call: 1,
            seed,
            states: BTreeMap::new(),
            probes: Vec::new(),
            replies: BTreeMap::new(),
            trace: Vec::new(),
            trace_max: usize::MAX,
            is_told: false,
            frozen_until: None,
            bus_down_until: None,
            numbers_taken: 0,
            secrets: Vec::new(),
            identities: Vec::new(),
            tap: Tap::default(),
            sabotage: None,
            invariants: Invariants::default(),
            refusals: Refusals::default(),
            pppds: BTreeMap::new(),
            broken_pppd: None,
            unpowered: BTreeSet::new(),
            has_usbmuxd: false,
            has_librespeed: true,
            has_clat: false,
            tc_fault: None,
            slot_line: None,
            clats: BTreeMap::new(),
            lan: None,
            cost: Cost::default(),
            apn_table: Vec::new(),
        };
        router.start_daemon();
        router
    }

    /// The daemon runs and gets time.
    pub(crate) fn is_daemon_awake(&self) -> bool {
        self.manager.is_some() && self.frozen_until.is_none()
    }

    /// The daemon answers calls.
    pub(crate) fn answers(&self) -> bool {
        self.is_daemon_awake() && !self.is_bus_down()
    }

    /// netifd cannot be told anything.
    pub(crate) fn is_bus_down(&self) -> bool {
        self.bus_down_until.is_some()
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.now.as_millis()
    }

    pub(crate) fn modem(&self, path: &str) -> &SimModem {
        &self.sockets.0[path].modem
    }

    pub(crate) fn is_up(&self, interface: &str) -> bool {
        self.netifd.interfaces[interface].state == State::Up
    }

    /// What an interface that is up has.
    pub(crate) fn link(&self, interface: &str) -> &Link {
        self.netifd.interfaces[interface].link.as_ref().expect("a link")
    }

    /// The addresses of an interface that is up.
    pub(crate) fn addresses(&self, interface: &str) -> String {
        addresses(self.link(interface))
    }

    /// The token that netifd shows.
    pub(crate) fn error(&self, interface: &str) -> Option<&str> {
        self.netifd.interfaces[interface].error.as_deref()
    }

    /// The state that the daemon has told of a modem.
    pub(crate) fn state(&self, path: &str) -> &str {
        self.states.get(path).map_or("absent", String::as_str)
    }

    /// All that the status document says of the modems.
    pub(crate) fn status(&mut self) -> Vec<Table> {
        let status = self.call("status", Table::new()).unwrap();
        let modems = status.get_array("modems").unwrap();
        modems.iter().filter_map(Value::as_table).cloned().collect()
    }

    /// Everything about `subject` that happened from `from_ms` on: `"MS what"` a line.
    pub(crate) fn story(&self, subject: &str, from_ms: u64) -> Vec<String> {
        let prefix = format!("{subject} ");
        self.trace
            .iter()
            .filter(|(at, _)| at.as_millis() >= from_ms)
            .filter_map(|(at, text)| {
                Some(format!("{} {}", at.as_millis(), text.strip_prefix(&prefix)?))
            })
            .collect()
    }

    /// When `text` happened first, at `from_ms` or after; in milliseconds.
    pub(crate) fn when(&self, text: &str, from_ms: u64) -> Option<u64> {
        let hit = |(at, what): &&(Instant, String)| {
            at.as_millis() >= from_ms && (what == text || what.starts_with(&format!("{text} ")))
        };
        self.trace.iter().find(hit).map(|(at, _)| at.as_millis())
    }

    /// When `text` happened, each time; in milliseconds.
    pub(crate) fn times(&self, text: &str) -> Vec<u64> {
        let hits = self.trace.iter().filter(|(_, what)| what.starts_with(text));
        hits.map(|(at, _)| at.as_millis()).collect()
    }

    /// How often `text` happened from `from_ms` on.
    pub(crate) fn count(&self, text: &str, from_ms: u64) -> usize {
        let hit = |(at, what): &&(Instant, String)| {
            at.as_millis() >= from_ms && (what == text || what.starts_with(&format!("{text} ")))
        };
        self.trace.iter().filter(hit).count()
    }

    pub(crate) fn note(&mut self, text: String) {
        if self.is_told {
            eprintln!("{:?}  {text}", self.now);
        }
        // Dropped in one go now and then: a story may be years long.
        if self.trace.len() / 2 > self.trace_max {
            self.trace.drain(..self.trace_max);
        }
        self.trace.push((self.now, text));
    }

    /// The end of the story, for a test that fails.
    pub(crate) fn tail(&self) -> String {
        let from = self.trace.len().saturating_sub(60);
        let line = |(at, text): &(Instant, String)| format!("{at:?}  {text}");
        let mut lines: Vec<String> = self.trace.iter().skip(from).map(line).collect();
        for (path, socket) in &self.sockets.0 {
            lines.push(format!("{path}: {}", socket.modem.stats_json()));
        }
        lines.push(format!("now {:?}, next {:?}", self.now, self.poll_timeout()));
        lines.join("\n")
    }
}

/// The number that tells the modem in this socket from the others: 0 for `usb:1-1`.
pub(crate) fn port_number(path: &str) -> u8 {
    path.bytes().last().map_or(0, |digit| digit.wrapping_sub(b'1'))
}

/// The addresses of a link, shortly.
fn addresses(link: &Link) -> String {
    let v4 = link.config.v4.as_ref().map(|v4| format!("{}/{}", v4.address, v4.prefix_len));
    let v6 = link.config.v6.as_ref().map(|v6| format!("{}/{}", v6.address, v6.prefix_len));
    let sub = |sub: &SubInterface| Some(format!("{} {}", sub.name, sub.options.get_str("proto")?));
    let subs = link.sub_interfaces.iter().filter_map(sub);
    v4.into_iter().chain(v6).chain(subs).collect::<Vec<_>>().join(" ")
}
