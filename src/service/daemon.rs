//! The loop: everything that can wake the daemon becomes an input of the manager, and what the
//! manager wants done is done.

mod outputs;

use super::bus::Bus;
use super::gpio::Lines;
use super::hardware::Hardware;
use super::leds::Leds;
use super::limits::Limits;
use super::pages::Pages;
use super::paths::Paths;
use super::ports::Ports;
use super::power::Power;
use super::pppd::Dialler;
use super::probes::Probes;
use super::source::Source;
use super::speed_tests::SpeedTests;
use super::turns::{Turn, Turns, step_of};
use super::ubus::{CallError as BusError, Connection, Event, RequestId};
use super::{configuration, kept, methods, netifd, pppd};
use crate::io::poll::{Interest, Ready};
use crate::io::signals::{Signal, Signals};
use crate::io::watch::Watcher;
use crate::io::{Message, clock, files, poll, privileges, random, uevent};
use crate::log;
use crate::manager::discovery::Snapshot;
use crate::manager::netifd::ProtoUpdate;
use crate::manager::{Input, Manager, PortId};
use crate::map::Map;
use crate::time::{Duration, Instant};
use crate::types::{Table, Value};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

/// How long netifd and procd may take to answer; netifd answers within a millisecond.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// procd's object. Restarting the router is its business: it ends services and unmounts, and of the
/// capabilities that the system call needs we have none.
const PROCD: &str = "system";

/// rpcd's object that runs services' scripts.
const RC: &str = "rc";

/// The uevents that can concern a modem.
const SUBSYSTEMS: [&[u8]; 5] = [
    b"SUBSYSTEM=tty\0",
    b"SUBSYSTEM=usbmisc\0",
    b"SUBSYSTEM=net\0",
    b"SUBSYSTEM=wwan\0",
    b"SUBSYSTEM=usb\0",
];

/// How the daemon is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// What stands for `/`.
    pub root: PathBuf,
    /// ubusd's socket, when it is not where it usually is.
    pub bus: Option<PathBuf>,
}

/// Runs the daemon until it is told to stop.
///
/// # Errors
/// When the kernel lacks what it cannot do without.
pub fn run(options: &Options) -> io::Result<()> {
    let _lock = lock(&Paths::below(&options.root))?;
    // Before anything from outside is read. Without it the daemon works as well.
    warn(privileges::drop_unneeded(true));
    let mut daemon = Daemon::new(options)?;
    daemon.start();
    if !daemon.manager.sets_clock() {
        warn(privileges::drop_unneeded(false));
    }
    while !daemon.stopping {
        daemon.turn()?;
    }
    daemon.end();
    log::info!("stopped; connections are left up for the next start");
    Ok(())
}

/// Two daemons would take the modems' answers from each other.
fn lock(paths: &Paths) -> io::Result<OwnedFd> {
    files::create_dir(&paths.run, 0o700)?;
    files::lock(&paths.run.join("lock")).map_err(|error| {
        if error.kind() == io::ErrorKind::WouldBlock {
            return crate::io::error::other("another ltewan daemon is running");
        }
        error
    })
}

/// What a call of ours was about.
#[derive(Debug)]
enum Asked {
    /// `network.interface dump`
    Dump,
    /// The same, for the addresses.
    Addresses,
    /// `network.interface notify_proto`
    Update(String, ProtoUpdate),
    /// `rc init`, which only routers with rpcd have.
    Service(&'static str),
    /// Anything whose answer is only logged.
    Other(&'static str),
}

struct Daemon {
    manager: Manager,
    bus: Bus,
    ports: Ports,
    probes: Probes,
    pages: Pages,
    hardware: Hardware,
    power: Power,
    leds: Leds,
    lines: Lines,
    speed_tests: SpeedTests,
    limits: Limits,
    paths: Paths,
    dialler: Dialler,
    signals: Signals,
    uevents: Option<uevent::Socket>,
    devices: Option<Watcher>,
    calls: Map<u64, super::ubus::CallId>,
    next_call: u64,
    asked: Map<RequestId, Asked>,
    turns: Turns,
    longest: Option<Turn>,
    rescan: bool,
    stopping: bool,
}

impl Daemon {
    fn new(options: &Options) -> io::Result<Self> {
        let signals = Signals::open()?;
        let paths = Paths::below(&options.root);
        let uevents = uevent::Socket::open().map_err(|error| log::warn!("{error}")).ok();
        // On a router the node of a new port may be made after its uevent.
        let mut devices = Watcher::new().ok();
        if let Some(watcher) = &mut devices
            && let Err(error) = watcher.add(&paths.dev)
        {
            log::warn!("{error}");
        }
        let mut connection = Connection::new(vec![methods::LTEWAN]);
        let now = clock::now();
        connection.subscribe(now, netifd::OBJECT);
        Ok(Self {
            manager: Manager::new(now, env!("CARGO_PKG_VERSION"), random::seed()),
            bus: Bus::new(connection, options.bus.clone()),
            ports: Ports::default(),
            probes: Probes::default(),
            pages: Pages::default(),
            hardware: Hardware::default(),
            power: Power::default(),
            leds: Leds::recall(&paths),
            lines: Lines::default(),
            speed_tests: SpeedTests::default(),
            limits: Limits::default(),
            paths,
            dialler: Dialler {
                program: std::env::current_exe()?.to_string_lossy().into_owned(),
                bus: options.bus.as_ref().map(|bus| bus.to_string_lossy().into_owned()),
            },
            signals,
            uevents,
            devices,
            calls: Map::new(),
            next_call: 1,
            asked: Map::new(),
            turns: Turns::new(now),
            longest: None,
            rescan: true,
            stopping: false,
        })
    }

    /// Takes over from an earlier daemon, then reads the configuration.
    fn start(&mut self) {
        let now = clock::now();
        log::info!("ltewan {} started", env!("CARGO_PKG_VERSION"));
        for (kept, table) in kept::read_all(&self.paths) {
            self.manager.handle_input(now, Input::Kept(kept, table));
        }
        self.read_config(now);
    }

    /// Does what is to be done before the end.
    fn end(&mut self) {
        let now = clock::now();
        self.manager.handle_input(now, Input::Ending);
        self.settle(now);
    }

    /// One turn: look, act, wait, listen.
    fn turn(&mut self) -> io::Result<()> {
        let now = clock::now();
        if let Some(Turn { length, step, .. }) = self.longest.take() {
            self.manager.handle_input(now, Input::LongestTurn(length, step));
        }
        if std::mem::take(&mut self.rescan) {
            self.turns.step(now, "look");
            let snapshot = self.hardware.look(now, &self.paths);
            self.snapshot(now, snapshot);
        }
        let snapshot = self.hardware.handle_timeout(now);
        self.snapshot(now, snapshot);
        self.turns.step(clock::now(), "timers");
        self.bus.handle_timeout(now);
        let mut late = self.probes.handle_timeout(now);
        late.append(&mut self.pages.handle_timeout(now));
        for input in late {
            self.manager.handle_input(now, input);
        }
        if self.manager.poll_timeout().is_some_and(|at| at <= now) {
            self.manager.handle_timeout(now);
        }
        self.settle(now);
        let deadline = Instant::first_of(&[
            self.bus.poll_timeout(),
            self.manager.poll_timeout(),
            self.probes.poll_timeout(),
            self.pages.poll_timeout(),
            self.hardware.poll_timeout(),
        ]);
        let now = clock::now();
        self.longest = self.turns.end(now);
        let timeout = deadline.map(|at| at.saturating_since(now));
        let ready = self.wait(if self.rescan { Some(Duration::ZERO) } else { timeout })?;
        let now = clock::now();
        self.turns.begin(now, "wait");
        for (source, ready) in ready {
            self.turns.step(clock::now(), source.step());
            self.handle(now, source, ready);
        }
        Ok(())
    }

    /// Carries bus events in and outputs out until neither is left.
    fn settle(&mut self, now: Instant) {
        loop {
            let mut busy = false;
            while let Some(event) = self.bus.poll_event(now) {
                busy = true;
                self.turns.step(clock::now(), "bus");
                self.bus_event(now, event);
            }
            while let Some(output) = self.manager.poll_output() {
                busy = true;
                self.turns.step(clock::now(), step_of(&output));
                self.output(now, output);
            }
            if !busy {
                break;
            }
        }
        self.turns.step(clock::now(), "bus");
        self.bus.flush(now);
    }

    fn wait(&self, timeout: Option<Duration>) -> io::Result<Vec<(Source, Ready)>> {
        let (mut sources, mut fds) = (Vec::new(), Vec::new());
        let mut watch = |source: Source, fd, interest| {
            sources.push(source);
            fds.push((fd, interest));
        };
        watch(Source::Signals, self.signals.as_fd(), Interest::Read);
        match (self.bus.channel(), self.bus.watcher()) {
            (Some(channel), _) => watch(Source::Bus, channel.as_fd(), channel.interest()),
            (None, Some(watcher)) => watch(Source::BusWatch, watcher.as_fd(), Interest::Read),
            (None, None) => {}
        }
        if let Some(uevents) = &self.uevents {
            watch(Source::Uevents, uevents.as_fd(), Interest::Read);
        }
        if let Some(devices) = &self.devices {
            watch(Source::Devices, devices.as_fd(), Interest::Read);
        }
        for (reading, fd) in self.hardware.iter() {
            watch(Source::Hardware(reading), fd, Interest::Read);
        }
        for (port, channel) in self.ports.iter() {
            watch(Source::Port(port), channel.as_fd(), channel.interest());
        }
        for (port, opening) in self.ports.iter_opening() {
            watch(Source::Opening(port), opening.as_fd(), Interest::Read);
        }
        for (order, fd) in self.power.iter() {
            watch(Source::Power(order), fd, Interest::Read);
        }
        for (limit, fd) in self.limits.iter() {
            watch(Source::Limit(limit), fd, Interest::Read);
        }
        for (probe, fd, interest) in self.probes.iter() {
            watch(Source::Probe(probe), fd, interest);
        }
        for (page, fd, interest) in self.pages.iter() {
            watch(Source::Page(page), fd, interest);
        }
        for (test, program) in self.speed_tests.iter() {
            for fd in program.iter() {
                watch(Source::SpeedTest(test), fd, Interest::Read);
            }
        }
        let mut woken = Vec::new();
        for (at, ready) in poll::wait(&fds, timeout)?.into_iter().enumerate() {
            if ready.any()
                && let Some(source) = sources.get(at)
            {
                woken.push((*source, ready));
            }
        }
        Ok(woken)
    }

    fn handle(&mut self, now: Instant, source: Source, ready: Ready) {
        let input = match source {
            Source::Signals => return self.take_signals(now),
            Source::Bus => return self.bus.read(now),
            Source::BusWatch => return self.bus.handle_watch(now),
            Source::Uevents => return self.take_uevents(),
            Source::Devices => {
                self.rescan |= self.devices.as_mut().is_some_and(|w| w.drain().unwrap_or(true));
                return;
            }
            Source::Hardware(reading) => {
                let snapshot = self.hardware.done(now, &self.paths, reading);
                return self.snapshot(now, snapshot);
            }
            Source::Port(port) => return self.take_port(now, port, ready),
            Source::Opening(port) => self.ports.opened(port),
            Source::Power(order) => self.power.done(order),
            Source::SpeedTest(test) => self.speed_tests.done(test),
            Source::Limit(limit) => self.limits.done(limit),
            Source::Probe(probe) => self.probes.handle(now, probe, ready),
            Source::Page(page) => self.pages.handle(page, ready),
        };
        if let Some(input) = input {
            self.manager.handle_input(now, input);
        }
    }

    fn take_port(&mut self, now: Instant, port: PortId, ready: Ready) {
        if ready.writable
            && let Some(input) = self.ports.flush(port)
        {
            self.manager.handle_input(now, input);
        }
        if ready.readable || ready.closed {
            let mut inputs = self.ports.read(port);
            if inputs.is_empty() && ready.closed {
                // An error that no read collects would wake us without end.
                inputs.push(self.ports.lost(port, "the device reports an error"));
            }
            for input in inputs {
                self.manager.handle_input(now, input);
            }
        }
    }

    fn snapshot(&mut self, now: Instant, snapshot: Option<Snapshot>) {
        if let Some(snapshot) = snapshot {
            self.manager.handle_input(now, Input::Snapshot(snapshot));
        }
    }

    fn take_signals(&mut self, now: Instant) {
        while let Some(signal) = self.signals.take() {
            match signal {
                Signal::Terminate | Signal::Interrupt => self.stopping = true,
                Signal::Hangup => self.read_config(now),
                Signal::User1 => {
                    self.rescan = true;
                }
            }
        }
    }

    fn take_uevents(&mut self) {
        let mut buf = vec![0; uevent::MESSAGE_BYTES_MAX];
        while let Some(uevents) = &mut self.uevents {
            match uevents.recv(&mut buf) {
                Ok(Message::Bytes(message)) => {
                    let concerns = |part: &[u8]| message.windows(part.len()).any(|w| w == part);
                    self.rescan |= SUBSYSTEMS.into_iter().any(concerns);
                }
                Ok(Message::Overflow) => self.rescan = true,
                Ok(Message::Nothing) => return,
                Err(error) => {
                    log::warn!("{error}");
                    return;
                }
            }
        }
    }

    fn read_config(&mut self, now: Instant) {
        let ltewan = configuration::read(&self.paths, "ltewan");
        let firewall = configuration::read(&self.paths, "firewall");
        self.manager.handle_input(now, Input::Firewall(firewall));
        self.manager.handle_input(now, Input::Config(ltewan));
    }

    fn bus_event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Call { call, method, mut args, .. } => {
                let ended = args.get("ended").and_then(Value::as_i64);
                if let Some((status, interface)) = ended.zip(args.get_str("interface")) {
                    let status = pppd::status(&self.paths, interface, status);
                    args.0.retain(|(name, _)| name != "ended");
                    args.put("ended", status);
                }
                let id = self.next_call;
                self.next_call += 1;
                self.calls.insert(id, call);
                let method = method.to_owned();
                self.manager.handle_input(now, Input::Call { call: id, method, args });
            }
            Event::Reply { request, result } => self.bus_reply(now, request, result),
            Event::Subscription { object, active: true } if object == netifd::OBJECT => {
                self.manager.handle_input(now, Input::NetifdAppeared);
            }
            Event::Connected => log::debug!("ubus: connected"),
            Event::Refused { subject, status } => log::warn!("ubus: {subject}: {status}"),
            Event::Notification { object, .. } if object == netifd::OBJECT => {
                self.manager.handle_input(now, Input::NetifdChanged);
            }
            Event::Broken { .. }
            | Event::Notification { .. }
            | Event::BusEvent { .. }
            | Event::Subscribers { .. }
            | Event::Subscription { .. } => {}
        }
    }

    fn bus_reply(
        &mut self,
        now: Instant,
        request: RequestId,
        result: Result<Option<Table>, BusError>,
    ) {
        let input = match (self.asked.take(&request), result) {
            (Some(Asked::Dump), Ok(Some(dump))) => Input::InterfaceDump(dump),
            (Some(Asked::Addresses), Ok(Some(dump))) => Input::Addresses(dump),
            (Some(Asked::Update(interface, update)), Err(error)) => {
                log::warn!("{interface}: netifd refused {}: {}", update.name(), error.status);
                Input::UpdateRefused { interface, update }
            }
            (Some(Asked::Service(name)), Err(error)) => {
                log::debug!("{name} could not be started: {}", error.status);
                return;
            }
            (Some(Asked::Other(method)), Err(error)) => {
                log::warn!("ubus: {method}: {}", error.status);
                return;
            }
            (Some(_) | None, Ok(_) | Err(_)) => return,
        };
        self.manager.handle_input(now, input);
    }
}

fn warn(result: io::Result<()>) {
    if let Err(error) = result {
        log::warn!("{error}");
    }
}
