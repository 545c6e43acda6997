//! A router in virtual time: the real daemon without system calls, simulated modems in its USB
//! sockets, and a model of netifd.
//!
//! Nothing happens by itself: [`Router::run_until`] goes from one due moment to the next, lets
//! everything settle there, and then holds the invariants against what is. What happens is written
//! down with its time; a test reads that [story](Router::story) or asks for single moments.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ltewan::manager::netifd::{Link, ProtoUpdate, SubInterface};
use ltewan::manager::watchdog::{Probe, ProbeResult};
use ltewan::manager::{CallError, Input, Kept, Manager, Output, PortId};
use ltewan::time::{Duration, Instant};
use ltewan::types::{PowerMeans, Table, Value, uci};
use ltewan::wire::{blobmsg, uci as uci_file};

use super::hardware::{Socket, Sockets};
use super::invariants::Invariants;
use super::netifd::{RefNetifd, State, Verb};
use super::refusals::Refusals;
use crate::sim::world::network::Family;
use crate::sim::{Command, Config, DeviceEvent, Port, SimModem};

/// How long an answer to a probe takes.
const PROBE_RTT: Duration = Duration::from_millis(40);

/// How much may happen in one moment before it counts as endless.
const SETTLE_MAX: usize = 20_000;

/// The router.
pub(super) struct Router {
    pub(super) now: Instant,
    /// The daemon; `None` while it does not run.
    pub(super) manager: Option<Manager>,
    pub(super) daemon_since: Instant,
    pub(super) sockets: Sockets,
    pub(super) netifd: RefNetifd,
    /// `/etc/config/ltewan`.
    config: uci::Package,
    /// `/etc/config/firewall`.
    firewall: uci::Package,
    /// `/var/run/ltewan`, by what is kept there.
    run: BTreeMap<String, (Kept, Vec<u8>)>,
    /// `/etc/ltewan`, the same.
    flash: BTreeMap<String, (Kept, Vec<u8>)>,
    /// Nothing can be written to `/etc/ltewan`.
    pub(super) flash_full: bool,
    /// What the wall clock shows at the start, in seconds after midnight.
    pub(super) clock_secs: u64,
    reboot_due: bool,
    /// The port that cannot be opened.
    pub(super) refused_port: Option<String>,
    ports: BTreeMap<PortId, (String, Port)>,
    inbox: VecDeque<Input>,
    next_call: u64,
    seed: u64,
    /// The states that the daemon has told of its modems.
    states: BTreeMap<String, String>,
    /// Probes under way: when they end and how.
    probes: Vec<(Instant, Input)>,
    replies: BTreeMap<u64, (Instant, Result<Table, CallError>)>,
    pub(super) trace: Vec<(Instant, String)>,
    pub(super) invariants: Invariants,
    /// What the modems do not do as the simulator would.
    pub(super) refusals: Refusals,
    /// Modems whose power is switched off.
    unpowered: BTreeSet<String>,
}

impl Router {
    /// A router that is up, with the daemon running and nothing plugged in.
    pub(super) fn new() -> Self {
        Self::seeded(1)
    }

    /// The same with another seed for the daemon's chance.
    pub(super) fn seeded(seed: u64) -> Self {
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
            flash_full: false,
            clock_secs: 0,
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
            invariants: Invariants::default(),
            refusals: Refusals::default(),
            unpowered: BTreeSet::new(),
        };
        router.start_daemon();
        router
    }

    // What a test does.

    /// Goes on to `ms` milliseconds after the start.
    pub(super) fn at(&mut self, ms: u64) -> &mut Self {
        self.run_until(ms);
        self
    }

    /// Plugs a new modem in; `settings` are words of the simulator's configuration.
    pub(super) fn plug(&mut self, path: &str, settings: &str) {
        let mut config = Config::for_port(port_number(path));
        config.apply(settings.split_whitespace()).unwrap();
        assert!(
            !self.sockets.0.get(path).is_some_and(|s| s.modem.is_attached()),
            "{path} is taken"
        );
        self.note(format!("{path} is plugged in"));
        self.sockets.0.insert(path.to_owned(), Socket::new(self.now, config));
        self.invariants.forget_modem(path);
        self.attached(path);
        self.settle();
    }

    /// Does to a modem what a line of the simulator's control socket says.
    pub(super) fn tell(&mut self, path: &str, line: &str) {
        self.command(path, &Command::parse(line).unwrap());
    }

    /// Does something to a modem.
    pub(super) fn command(&mut self, path: &str, command: &Command) {
        self.note(format!("{path} <- {command:?}"));
        let socket = self.sockets.0.get_mut(path).expect("a modem in the socket");
        socket.modem.command(self.now, command);
        self.invariants.command(self.now, path, command);
        self.settle();
    }

    /// `/etc/config/network` gets an interface that is not set up by itself; `options` are
    /// `KEY=VALUE` words.
    pub(super) fn interface(&mut self, name: &str, options: &str) {
        let mut table = Table::new().with("proto", "ltewan");
        for word in options.split_whitespace() {
            let (key, value) = word.split_once('=').expect("KEY=VALUE");
            table.put(key, value);
        }
        match self.netifd.interfaces.get_mut(name) {
            Some(interface) => interface.config = table,
            None => self.netifd.add(name, table, false),
        }
    }

    /// The same, set up by itself when netifd starts.
    pub(super) fn auto_interface(&mut self, name: &str, options: &str) {
        self.interface(name, options);
        let config = self.netifd.interfaces[name].config.clone();
        self.netifd.add(name, config, true);
    }

    pub(super) fn ifup(&mut self, name: &str) {
        self.note(format!("ifup {name}"));
        self.netifd.ifup(self.now, name);
        self.settle();
    }

    pub(super) fn ifdown(&mut self, name: &str) {
        self.note(format!("ifdown {name}"));
        self.netifd.set_down(self.now, name);
        self.settle();
    }

    /// Makes a call on the daemon's ubus object that is answered at once.
    pub(super) fn call(&mut self, method: &str, args: Table) -> Result<Table, CallError> {
        let call = self.start_call(method, args);
        self.settle();
        self.replies.remove(&call).expect("an answer at once").1
    }

    /// Makes a call; [`Router::reply`] has the answer.
    pub(super) fn start_call(&mut self, method: &str, args: Table) -> u64 {
        let call = self.next_call;
        self.next_call += 1;
        self.inbox.push_back(Input::Call { call, method: method.into(), args });
        call
    }

    /// When a call was answered, and what.
    pub(super) fn reply(&self, call: u64) -> Option<&(Instant, Result<Table, CallError>)> {
        self.replies.get(&call)
    }

    /// `/etc/config/ltewan` is written and `reload` called.
    pub(super) fn configure(&mut self, text: &str) {
        self.note("reload".into());
        self.config = uci_file::parse(text.as_bytes()).unwrap();
        self.call("reload", Table::new()).unwrap();
    }

    /// The daemon is killed.
    pub(super) fn kill_daemon(&mut self) {
        self.note("the daemon is killed".into());
        self.manager = None;
        self.ports.clear();
        self.probes.clear();
        self.inbox.clear();
        self.states.clear();
        self.invariants.daemon_ended();
        let tasks: Vec<u64> = (1..self.next_call).collect();
        for call in tasks {
            self.netifd.answered(self.now, call, false);
        }
        self.settle();
    }

    /// What the daemon has kept in `/var/run` is gone.
    pub(super) fn forget_kept(&mut self) {
        self.run.clear();
    }

    /// The daemon is started.
    pub(super) fn start_daemon(&mut self) {
        self.note("the daemon is started".into());
        self.daemon_since = self.now;
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.manager = Some(Manager::new(self.now, "0.0.0", self.seed));
        let read = |bytes: &Vec<u8>| blobmsg::decode(bytes).unwrap();
        let files = self.run.values().chain(self.flash.values());
        let kept = |(kept, bytes): &(Kept, Vec<u8>)| Input::Kept(kept.clone(), read(bytes));
        self.inbox.extend(files.map(kept));
        self.inbox.push_back(Input::Firewall(self.firewall.clone()));
        self.inbox.push_back(Input::Config(self.config.clone()));
        self.inbox.push_back(Input::Snapshot(self.sockets.snapshot(self.now)));
        self.inbox.push_back(Input::NetifdAppeared);
        self.settle();
    }

    /// Killed and started at once, as by procd.
    pub(super) fn restart_daemon(&mut self) {
        self.kill_daemon();
        self.start_daemon();
    }

    /// The router restarts; the modems keep their power, as in most routers, but leave the bus.
    pub(super) fn reboot(&mut self) {
        self.note("the router restarts".into());
        self.manager = None;
        self.run.clear();
        let paths: Vec<String> = self.sockets.0.keys().cloned().collect();
        for path in &paths {
            self.detached(path);
        }
        self.ports.clear();
        self.inbox.clear();
        self.states.clear();
        self.invariants.daemon_ended();
        self.netifd.restart(self.now);
        // A hub that starts powers its ports, and a line has its default.
        for path in std::mem::take(&mut self.unpowered) {
            self.command(&path, &Command::Replug(Duration::ZERO));
        }
        for path in &paths {
            if self.sockets.0[path].modem.is_attached() {
                self.attached(path);
            }
        }
        self.start_daemon();
    }

    /// netifd crashes and is started anew.
    pub(super) fn restart_netifd(&mut self) {
        self.note("netifd restarts".into());
        for socket in self.sockets.0.values_mut() {
            socket.link.up = false;
        }
        self.netifd.restart(self.now);
        if self.manager.is_some() {
            self.inbox.push_back(Input::NetifdAppeared);
        }
        self.settle();
    }

    // What a test asks.

    pub(super) fn now_ms(&self) -> u64 {
        self.now.as_millis()
    }

    pub(super) fn modem(&self, path: &str) -> &SimModem {
        &self.sockets.0[path].modem
    }

    pub(super) fn is_up(&self, interface: &str) -> bool {
        self.netifd.interfaces[interface].state == State::Up
    }

    /// What an interface that is up has.
    pub(super) fn link(&self, interface: &str) -> &Link {
        self.netifd.interfaces[interface].link.as_ref().expect("a link")
    }

    /// The addresses of an interface that is up.
    pub(super) fn addresses(&self, interface: &str) -> String {
        addresses(self.link(interface))
    }

    /// The token that netifd shows.
    pub(super) fn error(&self, interface: &str) -> Option<&str> {
        self.netifd.interfaces[interface].error.as_deref()
    }

    /// The state that the daemon has told of a modem.
    pub(super) fn state(&self, path: &str) -> &str {
        self.states.get(path).map_or("absent", String::as_str)
    }

    /// All that the status document says of the modems.
    pub(super) fn status(&mut self) -> Vec<Table> {
        let status = self.call("status", Table::new()).unwrap();
        let modems = status.get_array("modems").unwrap();
        modems.iter().filter_map(Value::as_table).cloned().collect()
    }

    /// Everything about `subject` that happened from `from_ms` on: `"MS what"` a line.
    pub(super) fn story(&self, subject: &str, from_ms: u64) -> Vec<String> {
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
    pub(super) fn when(&self, text: &str, from_ms: u64) -> Option<u64> {
        let hit = |(at, what): &&(Instant, String)| {
            at.as_millis() >= from_ms && (what == text || what.starts_with(&format!("{text} ")))
        };
        self.trace.iter().find(hit).map(|(at, _)| at.as_millis())
    }

    /// When `text` happened, each time; in milliseconds.
    pub(super) fn times(&self, text: &str) -> Vec<u64> {
        let hits = self.trace.iter().filter(|(_, what)| what.starts_with(text));
        hits.map(|(at, _)| at.as_millis()).collect()
    }

    /// How often `text` happened from `from_ms` on.
    pub(super) fn count(&self, text: &str, from_ms: u64) -> usize {
        let hit = |(at, what): &&(Instant, String)| {
            at.as_millis() >= from_ms && (what == text || what.starts_with(&format!("{text} ")))
        };
        self.trace.iter().filter(hit).count()
    }

    // Time.

    /// Goes on to `ms` milliseconds after the start.
    pub(super) fn run_until(&mut self, ms: u64) {
        let end = Instant::from_millis(ms);
        assert!(end >= self.now, "{ms} ms is past");
        while self.step(end) {}
        self.now = end;
    }

    /// Goes on for `ms` milliseconds.
    pub(super) fn run_for(&mut self, ms: u64) {
        self.run_until(self.now_ms() + ms);
    }

    /// Goes on until `is_so`, for at most `ms` milliseconds; how many it took.
    pub(super) fn run_until_so(
        &mut self,
        what: &str,
        ms: u64,
        is_so: impl Fn(&Self) -> bool,
    ) -> u64 {
        let start = self.now;
        let end = start + Duration::from_millis(ms);
        while !is_so(self) {
            if !self.step(end) {
                panic!("{what}: not within {ms} ms\n{}", self.tail());
            }
        }
        self.now.as_millis() - start.as_millis()
    }

    /// Goes on until an interface is up, for at most `ms` milliseconds; how many it took.
    pub(super) fn run_until_up(&mut self, interface: &str, ms: u64) -> u64 {
        self.run_until_so(&format!("{interface} is up"), ms, |router| router.is_up(interface))
    }

    /// Goes on until a modem is in a state, for at most `ms` milliseconds; how many it took.
    pub(super) fn run_until_state(&mut self, path: &str, state: &str, ms: u64) -> u64 {
        self.run_until_so(&format!("{path} is {state}"), ms, |router| router.state(path) == state)
    }

    /// The next due moment, if it is not after `end`.
    fn step(&mut self, end: Instant) -> bool {
        let Some(at) = self.poll_timeout().filter(|at| *at <= end) else { return false };
        self.now = self.now.max(at);
        self.invariants.turn(self.now);
        if let Some(manager) = &mut self.manager
            && manager.poll_timeout().is_some_and(|at| at <= self.now)
        {
            manager.handle_timeout(self.now);
        }
        for socket in self.sockets.0.values_mut() {
            if socket.modem.poll_timeout().is_some_and(|at| at <= self.now) {
                socket.modem.handle_timeout(self.now);
            }
        }
        self.netifd.handle_timeout(self.now);
        let now = self.now;
        for (_, input) in self.probes.extract_if(.., |(at, _)| *at <= now) {
            self.inbox.push_back(input);
        }
        if self.sockets.0.values().any(|s| s.serial_at.is_some_and(|at| at <= self.now)) {
            for socket in self.sockets.0.values_mut() {
                socket.serial_at = socket.serial_at.filter(|at| *at > self.now);
            }
            self.look();
        }
        self.settle();
        if std::mem::take(&mut self.reboot_due) {
            self.reboot();
        }
        true
    }

    fn poll_timeout(&self) -> Option<Instant> {
        let manager = self.manager.as_ref().and_then(Manager::poll_timeout);
        let sockets = self.sockets.0.values();
        let modems = sockets.clone().filter_map(|socket| socket.modem.poll_timeout());
        let serial = sockets.filter_map(|socket| socket.serial_at);
        let probes = self.probes.iter().map(|(at, _)| *at);
        modems.chain(serial).chain(probes).chain(manager).chain(self.netifd.poll_timeout()).min()
    }

    /// Lets everything happen that follows from what has happened, in no time.
    pub(super) fn settle(&mut self) {
        for _ in 0..SETTLE_MAX {
            if !self.settle_once() {
                self.check();
                return;
            }
        }
        panic!("no end of it\n{}", self.tail());
    }

    fn settle_once(&mut self) -> bool {
        if let Some(output) = self.manager.as_mut().and_then(Manager::poll_output) {
            self.execute(output);
            return true;
        }
        if let Some(input) = self.inbox.pop_front() {
            if let Some(manager) = &mut self.manager {
                manager.handle_input(self.now, input);
            }
            return true;
        }
        if let Some(note) = self.netifd.poll_note() {
            self.note(note);
            return true;
        }
        if let Some(handler) = self.netifd.poll_handler() {
            self.run_handler(handler.verb, &handler.interface, handler.args);
            return true;
        }
        self.listen()
    }

    /// What one modem has to say.
    fn listen(&mut self) -> bool {
        let now = self.now;
        let mut heard = None;
        for (path, socket) in &mut self.sockets.0 {
            if let Some((port, bytes)) = socket.modem.poll_transmit(now) {
                heard = Some((path.clone(), Ok((port, bytes))));
                break;
            }
            if let Some(event) = socket.modem.poll_device() {
                heard = Some((path.clone(), Err(event)));
                break;
            }
        }
        match heard {
            None => return false,
            Some((path, Ok((port, bytes)))) => {
                let open = self.ports.iter().find(|(_, at)| **at == (path.clone(), port));
                if let Some((&port, _)) = open {
                    self.inbox.push_back(Input::PortData { port, bytes });
                }
            }
            Some((path, Err(DeviceEvent::Detached))) => {
                self.note(format!("{path} leaves the bus"));
                self.detached(&path);
                self.look();
            }
            Some((path, Err(DeviceEvent::Attached))) => {
                self.note(format!("{path} is on the bus"));
                self.attached(&path);
            }
        }
        true
    }

    fn detached(&mut self, path: &str) {
        let lost: Vec<PortId> =
            self.ports.iter().filter(|(_, (at, _))| at == path).map(|(port, _)| *port).collect();
        for port in lost {
            self.ports.remove(&port);
            self.inbox.push_back(Input::PortLost { port, reason: "closed by the device".into() });
        }
        if let Some(socket) = self.sockets.0.get_mut(path)
            && let Some(net) = socket.net()
        {
            self.netifd.device_gone(&net);
            socket.number = None;
        }
    }

    fn attached(&mut self, path: &str) {
        self.sockets.name(path);
        if let Some(net) = self.sockets.0[path].net() {
            self.netifd.devices.insert(net);
        }
        self.look();
    }

    /// The daemon is to look at the hardware.
    pub(super) fn look(&mut self) {
        if self.manager.is_some() {
            self.inbox.push_back(Input::Snapshot(self.sockets.snapshot(self.now)));
        }
    }

    /// The protocol handler: one call.
    fn run_handler(&mut self, verb: Verb, interface: &str, args: Table) {
        let method = if verb == Verb::Teardown { "teardown" } else { "setup" };
        self.note(format!("{interface} {method}"));
        let call = self.start_call(method, args);
        self.netifd.called(interface, call);
        if self.manager.is_none() {
            self.inbox.pop_back();
            self.netifd.answered(self.now, call, false);
        }
    }

    // The daemon's outputs.

    fn execute(&mut self, output: Output) {
        match output {
            Output::OpenPort { port, name, kind: _ } => self.open(port, &name),
            Output::ClosePort(port) => {
                self.ports.remove(&port);
            }
            Output::Write { port, bytes } => self.write(port, &bytes),
            Output::SetRawIp { net, raw_ip } => {
                let done = self.set_raw_ip(&net, raw_ip);
                self.inbox.push_back(Input::RawIpSet { net, done });
            }
            Output::SetMtu { net, mtu } => {
                if let Some(socket) = self.sockets.of_net(&net) {
                    socket.link.mtu = Some(mtu);
                }
            }
            Output::Update { interface, update } => self.update(interface, update),
            Output::SwitchInterface { interface, up } => {
                self.note(format!("{interface} is switched {}", if up { "on" } else { "off" }));
                if up {
                    self.netifd.set_up(self.now, &interface);
                } else {
                    self.netifd.set_down(self.now, &interface);
                }
            }
            Output::RenewInterface(interface) => self.netifd.renew(self.now, &interface),
            Output::DumpInterfaces => {
                self.inbox.push_back(Input::InterfaceDump(self.netifd.dump()));
            }
            Output::Reply { call, result } => {
                assert!(!self.replies.contains_key(&call), "call {call} is answered twice");
                self.netifd.answered(self.now, call, true);
                self.replies.insert(call, (self.now, result));
            }
            Output::Notify { kind, data } => self.notified(kind, &data),
            Output::Keep(kept, table) => self.keep(kept, table.as_ref()),
            Output::ReadConfig => {
                self.inbox.push_back(Input::Firewall(self.firewall.clone()));
                self.inbox.push_back(Input::Config(self.config.clone()));
            }
            Output::Probe(probe) => self.probe(&probe),
            Output::SwitchPower { modem, means, on } => self.switch_power(modem, &means, on),
            Output::RebootRouter => self.reboot_due = true,
            Output::AskTimeOfDay => {
                let secs = (self.clock_secs + self.now.as_secs()) % 86_400;
                let secs = u32::try_from(secs).unwrap();
                self.inbox.push_back(Input::TimeOfDay { secs });
            }
            Output::WriteReport(_) | Output::SetLogLevel(_) => {}
        }
        for interface in self.netifd.interfaces.values() {
            if let Some(net) = interface.device()
                && let Some(socket) = self.sockets.of_net(net)
            {
                socket.link.up = true;
            }
        }
    }

    fn open(&mut self, port: PortId, name: &str) {
        let found = self
            .sockets
            .0
            .iter()
            .find_map(|(path, socket)| Some((path.clone(), socket.port(name)?)))
            .filter(|_| self.refused_port.as_deref() != Some(name));
        self.inbox.push_back(match found {
            Some(found) => {
                self.ports.insert(port, found);
                Input::PortOpened(port)
            }
            None => Input::PortLost { port, reason: "no such device".into() },
        });
    }

    /// A probe is answered while the modem's bearer carries packets from its source.
    fn probe(&mut self, probe: &Probe) {
        let socket = self.sockets.of_net(&probe.device);
        let family = if probe.source.is_ipv6() { Family::V6 } else { Family::V4 };
        let answers = socket.is_some_and(|socket| socket.modem.world.network.carries(family));
        self.note(format!("probe {} {:?}", probe.device, probe.target));
        let (after, result) = if answers {
            (PROBE_RTT, ProbeResult::Answered { rtt: PROBE_RTT })
        } else {
            (probe.timeout, ProbeResult::Failed("no answer in time".to_owned()))
        };
        self.probes.push((self.now + after, Input::ProbeDone { id: probe.id, result }));
    }

    fn write(&mut self, port: PortId, bytes: &[u8]) {
        let Some((path, at)) = self.ports.get(&port) else { return };
        if *at == Port::Qmi
            && let Some(answer) = self.refusals.take(bytes)
        {
            self.inbox.extend(answer.map(|bytes| Input::PortData { port, bytes }));
            return;
        }
        if let Some(socket) = self.sockets.0.get_mut(path) {
            socket.modem.handle_input(self.now, *at, bytes);
        }
    }

    /// The kernel changes the mode only of a link that is down, so it is taken down.
    fn set_raw_ip(&mut self, net: &str, raw_ip: bool) -> bool {
        let used = self.netifd.interfaces.values().any(|interface| interface.device() == Some(net));
        assert!(!used, "the link {net} is taken down under its interface\n{}", self.tail());
        let Some(socket) = self.sockets.of_net(net) else { return false };
        socket.link.up = false;
        if !socket.stubborn_link {
            socket.link.raw_ip = raw_ip;
        }
        !socket.stubborn_link
    }

    fn update(&mut self, interface: String, update: ProtoUpdate) {
        let text = match &update {
            ProtoUpdate::Up(link) => format!("up {}", addresses(link)),
            ProtoUpdate::LinkLost => "link lost".into(),
            ProtoUpdate::Error(token) => format!("error {token}"),
            ProtoUpdate::Block => "block".into(),
            ProtoUpdate::Available(true) => "available".into(),
            ProtoUpdate::Available(false) => "unavailable".into(),
            ProtoUpdate::SetupFailed => "setup failed".into(),
        };
        let allowed = self.netifd.notify_proto(self.now, &interface, &update);
        self.note(format!("{interface} {text}{}", if allowed { "" } else { " (refused)" }));
        if !allowed {
            self.inbox.push_back(Input::UpdateRefused { interface, update });
        }
    }

    fn notified(&mut self, kind: &str, data: &Table) {
        let text = |name| data.get_str(name).unwrap_or_default();
        let modem = text("modem").to_owned();
        if kind == "modem" {
            self.note(format!("{modem} {}", text("action")));
            if text("action") == "removed" {
                self.states.remove(&modem);
            }
            return;
        }
        self.note(format!("{modem} {}: {}", text("to"), text("cause")));
        self.states.insert(modem, text("to").to_owned());
    }

    fn keep(&mut self, kept: Kept, table: Option<&Table>) {
        let bytes = table.map(|table| blobmsg::encode(table).unwrap());
        let on_flash = matches!(kept, Kept::Marks | Kept::Reboots);
        let done = !(on_flash && self.flash_full);
        if done {
            let files = if on_flash { &mut self.flash } else { &mut self.run };
            let name = format!("{kept:?}");
            match bytes {
                Some(bytes) => drop(files.insert(name, (kept.clone(), bytes))),
                None => drop(files.remove(&name)),
            }
        }
        self.inbox.push_back(Input::KeepDone { kept, done });
    }

    /// What switching the power does to the modem behind it.
    fn switch_power(&mut self, modem: String, means: &PowerMeans, on: bool) {
        self.note(format!("{modem} power {} {means}", if on { "on" } else { "off" }));
        if on {
            self.unpowered.remove(&modem);
        } else {
            self.unpowered.insert(modem.clone());
        }
        if let Some(socket) = self.sockets.0.get_mut(&modem) {
            let command = if on { Command::Replug(Duration::ZERO) } else { Command::Unplug };
            socket.modem.command(self.now, &command);
        }
        self.inbox.push_back(Input::PowerSwitched { modem, on, result: Ok(()) });
    }

    pub(super) fn note(&mut self, text: String) {
        self.trace.push((self.now, text));
    }

    /// The end of the story, for a test that fails.
    pub(super) fn tail(&self) -> String {
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
pub(super) fn port_number(path: &str) -> u8 {
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
