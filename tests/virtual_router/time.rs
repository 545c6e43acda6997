//! Time: from one due moment to the next, and what follows there in no time.

use ltewan::manager::{Input, Manager, PortId};
use ltewan::time::{Duration, Instant};
use ltewan::types::Table;

use super::Router;
use super::netifd::Verb;
use super::pppd::Pppd;
use crate::sim::DeviceEvent;
use crate::sim::Port;

/// How much may happen in one moment before it counts as endless.
const SETTLE_MAX: usize = 20_000;

impl Router {
    /// Goes on to `ms` milliseconds after the start.
    pub(crate) fn run_until(&mut self, ms: u64) {
        let end = Instant::from_millis(ms);
        assert!(end >= self.now, "{ms} ms is past");
        while self.step(end) {}
        self.now = end;
    }

    /// Goes on for `ms` milliseconds.
    pub(crate) fn run_for(&mut self, ms: u64) {
        self.run_until(self.now_ms() + ms);
    }

    /// Goes on to the next due moment, at most to `ms` milliseconds after the start.
    pub(crate) fn step_until(&mut self, ms: u64) {
        let end = Instant::from_millis(ms);
        if !self.step(end) {
            self.now = end.max(self.now);
        }
    }

    /// Goes on until `is_so`, for at most `ms` milliseconds; how many it took.
    pub(crate) fn run_until_so(
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
    pub(crate) fn run_until_up(&mut self, interface: &str, ms: u64) -> u64 {
        self.run_until_so(&format!("{interface} is up"), ms, |router| router.is_up(interface))
    }

    /// Goes on until a modem is in a state, for at most `ms` milliseconds; how many it took.
    pub(crate) fn run_until_state(&mut self, path: &str, state: &str, ms: u64) -> u64 {
        self.run_until_so(&format!("{path} is {state}"), ms, |router| router.state(path) == state)
    }

    /// The next due moment, if it is not after `end`.
    fn step(&mut self, end: Instant) -> bool {
        let Some(at) = self.poll_timeout().filter(|at| *at <= end) else { return false };
        self.now = self.now.max(at);
        self.invariants.turn(self.now);
        self.thaw();
        if self.frozen_until.is_none()
            && let Some(manager) = &mut self.manager
            && manager.poll_timeout().is_some_and(|at| at <= self.now)
        {
            manager.handle_timeout(self.now);
            self.cost.wakeups += 1;
        }
        for socket in self.sockets.0.values_mut() {
            if socket.modem.poll_timeout().is_some_and(|at| at <= self.now) {
                socket.modem.handle_timeout(self.now);
            }
        }
        self.netifd.handle_timeout(self.now);
        self.pppd_timeouts();
        let now = self.now;
        for (_, input) in self.probes.extract_if(.., |(at, _)| *at <= now) {
            self.inbox.push_back(input);
        }
        if self.sockets.0.values().any(|s| s.serial_at.is_some_and(|(at, _)| at <= self.now)) {
            for socket in self.sockets.0.values_mut() {
                socket.serial_at = socket.serial_at.filter(|(at, _)| *at > self.now);
            }
            self.look();
        }
        self.settle();
        if std::mem::take(&mut self.reboot_due) {
            self.reboot();
        }
        true
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let awake = self.manager.as_ref().filter(|_| self.frozen_until.is_none());
        let manager = awake.and_then(Manager::poll_timeout);
        let sockets = self.sockets.0.values();
        let modems = sockets.clone().filter_map(|socket| socket.modem.poll_timeout());
        let serial = sockets.filter_map(|socket| Some(socket.serial_at?.0));
        let probes = self.probes.iter().map(|(at, _)| *at);
        let ends = self.frozen_until.into_iter().chain(self.bus_down_until);
        let all = modems.chain(serial).chain(probes).chain(manager).chain(ends);
        let pppds = self.pppds.values().filter_map(Pppd::poll_timeout);
        all.chain(self.netifd.poll_timeout()).chain(pppds).min()
    }

    /// Ends what has lasted long enough.
    fn thaw(&mut self) {
        if self.frozen_until.is_some_and(|at| at <= self.now) {
            self.frozen_until = None;
            // Only now can it begin to do something about it.
            self.invariants.stale.clear();
            // It waited for this, and hears it before it looks at what is due.
            self.settle();
        }
        if self.bus_down_until.is_some_and(|at| at <= self.now) {
            self.bus_down_until = None;
            self.invariants.stale.clear();
            self.note("ubusd is back".into());
            if self.manager.is_some() {
                self.inbox.push_back(Input::NetifdAppeared);
            }
        }
    }

    /// Lets everything happen that follows from what has happened, in no time.
    pub(crate) fn settle(&mut self) {
        for _ in 0..SETTLE_MAX {
            if !self.settle_once() {
                self.check();
                return;
            }
        }
        panic!("[rests] no end of it\n{}", self.tail());
    }

    fn settle_once(&mut self) -> bool {
        if let Some(output) = self.manager.as_mut().and_then(Manager::poll_output) {
            self.execute(output);
            return true;
        }
        if self.frozen_until.is_none()
            && let Some(input) = self.inbox.pop_front()
        {
            if let Input::PortData { port, bytes } = &input {
                self.cost.wakeups += 1;
                let is_serial =
                    self.ports.get(port).is_some_and(|(_, at)| matches!(at, Port::At(_)));
                self.cost.at_read += if is_serial { bytes.len() as u64 } else { 0 };
            }
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
        self.pump_pppds() || self.listen()
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
                if self.heard_by_pppd(&path, port, &bytes) {
                    return true;
                }
                let open = self.ports.iter().find(|(_, at)| **at == (path.clone(), port));
                if let Some((&port, _)) = open {
                    self.tap.read(port, &path, &bytes);
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

    pub(super) fn detached(&mut self, path: &str) {
        let lost: Vec<PortId> =
            self.ports.iter().filter(|(_, (at, _))| at == path).map(|(port, _)| *port).collect();
        self.pppds_hung_up(path, None);
        for port in lost {
            self.ports.remove(&port);
            self.tap.closed(port);
            self.inbox.push_back(Input::PortLost { port, reason: "closed by the device".into() });
        }
        if let Some(socket) = self.sockets.0.get_mut(path)
            && let Some(net) = socket.net()
        {
            for device in [Some(net), socket.mux()].into_iter().flatten() {
                self.netifd.device_gone(&device);
            }
            socket.number = None;
        }
    }

    pub(super) fn attached(&mut self, path: &str) {
        self.sockets.name(path, self.numbers_taken);
        if let Some(net) = self.sockets.0[path].net() {
            self.netifd.devices.insert(net);
        }
        self.look();
    }

    /// The daemon is to look at the hardware.
    pub(crate) fn look(&mut self) {
        if self.manager.is_some() {
            self.inbox.push_back(Input::Snapshot(self.snapshot()));
        }
    }

    /// The protocol handler: one call.
    fn run_handler(&mut self, verb: Verb, interface: &str, args: Table) {
        let method = if verb == Verb::Teardown { "teardown" } else { "setup" };
        self.note(format!("{interface} {method}"));
        let call = self.start_call(method, args);
        self.netifd.called(interface, call);
        if self.manager.is_none() || self.is_bus_down() {
            self.inbox.pop_back();
            self.netifd.answered(self.now, call, false);
        }
    }
}
