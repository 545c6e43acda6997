//! What can be done to the router: to its modems, its interfaces, its programs and itself.

use ltewan::manager::speed::Event;
use ltewan::manager::{CallError, Input, Kept, Manager};
use ltewan::time::{Duration, Instant};
use ltewan::types::{SpeedReport, Table};
use ltewan::wire::json::table_to_json;
use ltewan::wire::{blobmsg, uci as uci_file};

use super::hardware::Socket;
use super::{Router, port_number};
use crate::sim::{Command, Config, Port};

/// As long as this a daemon may be getting to know a modem's ports.
const STARTING: Duration = Duration::from_secs(48);

impl Router {
    /// Goes on to `ms` milliseconds after the start.
    pub(crate) fn at(&mut self, ms: u64) -> &mut Self {
        self.run_until(ms);
        self
    }

    /// Plugs a new modem in; `settings` are words of the simulator's configuration.
    pub(crate) fn plug(&mut self, path: &str, settings: &str) {
        self.plug_in_parts(path, settings, usize::MAX, 0);
    }

    /// A modem is plugged in; but for the first `early`, the nodes of its serial ports are made
    /// only `ms` milliseconds later.
    pub(crate) fn plug_in_parts(&mut self, path: &str, settings: &str, early: usize, ms: u64) {
        let mut config = Config::for_port(port_number(path));
        config.apply(settings.split_whitespace()).unwrap();
        assert!(
            !self.sockets.0.get(path).is_some_and(|s| s.modem.is_attached()),
            "{path} is taken"
        );
        self.note(format!("{path} is plugged in"));
        let mut socket = Socket::new(self.now, config);
        let serial_at = self.now + Duration::from_millis(ms);
        socket.serial_at = (ms > 0).then_some((serial_at, early));
        self.sockets.0.insert(path.to_owned(), socket);
        self.invariants.forget_modem(path);
        self.attached(path);
        self.settle();
    }

    /// A modem that is not on the bus will be in another socket.
    pub(crate) fn move_modem(&mut self, from: &str, to: &str) {
        let socket = self.sockets.0.remove(from).expect("a modem in the socket");
        assert!(!socket.modem.is_attached() && !self.sockets.0.contains_key(to), "{from} to {to}");
        self.note(format!("{from} is now {to}"));
        self.sockets.0.insert(to.to_owned(), socket);
        self.invariants.forget_modem(from);
    }

    /// Does to a modem what a line of the simulator's control socket says.
    pub(crate) fn tell(&mut self, path: &str, line: &str) {
        self.command(path, &Command::parse(line).unwrap());
    }

    /// So many bytes have gone over a modem's net device.
    pub(crate) fn traffic(&mut self, path: &str, rx_bytes: u64, tx_bytes: u64) {
        let socket = self.sockets.0.get_mut(path).expect("a modem in the socket");
        socket.link.traffic = (rx_bytes, tx_bytes);
    }

    /// So many more bytes have, by counters that begin anew after so many bits.
    pub(crate) fn flow(&mut self, path: &str, rx_bytes: u64, tx_bytes: u64, bits: u32) {
        let socket = self.sockets.0.get_mut(path).expect("a modem in the socket");
        let (rx, tx) = socket.link.traffic;
        let mask = u64::MAX >> (64 - bits);
        socket.link.traffic = ((rx + rx_bytes) & mask, (tx + tx_bytes) & mask);
    }

    /// The program for speed tests has ended on a modem.
    pub(crate) fn speed_test_ends(&mut self, modem: &str, result: Result<SpeedReport, &str>) {
        let (modem, result) = (modem.to_owned(), result.map_err(str::to_owned));
        self.inbox.push_back(Input::SpeedTest(Event::Ended { modem, result }));
        self.settle();
    }

    /// The number of a modem's net device, while it has one.
    pub(crate) fn net_index(&self, path: &str) -> Option<u32> {
        let socket = &self.sockets.0[path];
        socket.net().map(|_| socket.link.index)
    }

    /// The daemon is told to end, and does.
    pub(crate) fn end_daemon(&mut self) {
        if self.is_daemon_awake() {
            self.inbox.push_back(Input::Ending);
            self.settle();
        }
        self.kill_daemon();
    }

    /// Does something to a modem.
    pub(crate) fn command(&mut self, path: &str, command: &Command) {
        self.note(format!("{path} <- {command:?}"));
        let socket = self.sockets.0.get_mut(path).expect("a modem in the socket");
        socket.modem.command(self.now, command);
        self.invariants.command(self.now, path, command);
        self.settle();
    }

    /// `/etc/config/network` gets an interface that is not set up by itself; `options` are
    /// `KEY=VALUE` words.
    pub(crate) fn interface(&mut self, name: &str, options: &str) {
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
    pub(crate) fn auto_interface(&mut self, name: &str, options: &str) {
        self.interface(name, options);
        let config = self.netifd.interfaces[name].config.clone();
        self.netifd.add(name, config, true);
    }

    pub(crate) fn ifup(&mut self, name: &str) {
        self.note(format!("ifup {name}"));
        self.invariants.grant();
        self.netifd.ifup(self.now, name);
        self.settle();
    }

    pub(crate) fn ifdown(&mut self, name: &str) {
        self.note(format!("ifdown {name}"));
        self.netifd.set_down(self.now, name);
        self.settle();
    }

    /// Makes a call on the daemon's ubus object that is answered at once.
    pub(crate) fn call(&mut self, method: &str, args: Table) -> Result<Table, CallError> {
        let call = self.start_call(method, args);
        self.settle();
        self.replies.remove(&call).expect("an answer at once").1
    }

    /// Makes a call; [`Router::reply`] has the answer.
    pub(crate) fn start_call(&mut self, method: &str, args: Table) -> u64 {
        let call = self.next_call;
        self.next_call += 1;
        self.invariants.called(self.now, method, &args);
        let is_secret = method == "pin";
        let told = if is_secret { String::new() } else { table_to_json(&args) };
        self.note(format!("call {call} {method} {told}"));
        self.inbox.push_back(Input::Call { call, method: method.into(), args });
        call
    }

    /// When a call was answered, and what.
    pub(crate) fn reply(&self, call: u64) -> Option<&(Instant, Result<Table, CallError>)> {
        self.replies.get(&call)
    }

    /// `/etc/config/ltewan` is written and `reload` called, of a daemon that runs.
    pub(crate) fn configure(&mut self, text: &str) {
        self.note("reload".into());
        self.config = uci_file::parse(text.as_bytes()).unwrap();
        if self.manager.is_some() {
            self.call("reload", Table::new()).unwrap();
        }
    }

    /// The daemon is killed.
    pub(crate) fn kill_daemon(&mut self) {
        self.note("the daemon is killed".into());
        self.manager = None;
        self.frozen_until = None;
        self.ports.clear();
        self.tap.daemon_ended();
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

    /// The serial ports of a modem that the daemon has open fail, and can be opened again.
    pub(crate) fn fail_at_port(&mut self, path: &str) {
        let is_at = |(at, port): &(String, Port)| at == path && matches!(port, Port::At(_));
        let open = self.ports.iter().filter(|(_, to)| is_at(to)).map(|(port, _)| *port);
        for port in open.collect::<Vec<_>>() {
            self.ports.remove(&port);
            self.tap.closed(port);
            self.inbox.push_back(Input::PortLost { port, reason: "input/output error".into() });
        }
        self.settle();
    }

    /// What the daemon has kept, as it is in files.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.run.values().chain(self.flash.values()).map(|(_, bytes)| bytes)
    }

    /// What the daemon has kept in `/var/run` is gone.
    pub(crate) fn forget_kept(&mut self) {
        self.run.clear();
    }

    /// The daemon is started.
    pub(crate) fn start_daemon(&mut self) {
        self.note("the daemon is started".into());
        self.daemon_since = self.now;
        self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.manager = Some(Manager::new(self.now, "0.0.0", self.seed));
        let read = |bytes: &Vec<u8>| blobmsg::decode(bytes).unwrap();
        let files = self.run.values().chain(self.flash.values());
        let kept = |(kept, bytes): &(Kept, Vec<u8>)| Input::Kept(kept.clone(), read(bytes));
        self.inbox.extend(files.map(kept));
        self.inbox.push_back(Input::Firewall(self.firewall.clone()));
        self.inbox.push_back(Input::Config(self.config_read()));
        self.inbox.push_back(Input::Snapshot(self.snapshot()));
        if !self.is_bus_down() {
            self.inbox.push_back(Input::NetifdAppeared);
        }
        self.settle();
    }

    /// Killed and started at once, as by procd.
    pub(crate) fn restart_daemon(&mut self) {
        self.kill_daemon();
        self.start_daemon();
    }

    /// The router restarts; the modems keep their power, as in most routers, but leave the bus.
    pub(crate) fn reboot(&mut self) {
        self.note("the router restarts".into());
        self.manager = None;
        self.frozen_until = None;
        self.bus_down_until = None;
        self.run.clear();
        self.pppds.clear();
        self.tap.daemon_ended();
        self.invariants.router_ended();
        self.probes.clear();
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
    pub(crate) fn restart_netifd(&mut self) {
        self.note("netifd restarts".into());
        for socket in self.sockets.0.values_mut() {
            socket.link.up = false;
        }
        self.netifd.restart(self.now);
        if self.manager.is_some() && !self.is_bus_down() {
            self.inbox.push_back(Input::NetifdAppeared);
        }
        self.settle();
    }

    /// ubusd crashes and is started anew after `ms` milliseconds. Calls under way have no answer,
    /// and what is said meanwhile is not heard.
    pub(crate) fn restart_ubusd(&mut self, ms: u64) {
        self.note("ubusd ends".into());
        for call in 1..self.next_call {
            self.netifd.answered(self.now, call, false);
        }
        self.bus_down_until = Some(self.now + Duration::from_millis(ms));
        self.settle();
    }

    /// The daemon gets no time for `ms` milliseconds, while everything else goes on.
    pub(crate) fn freeze_daemon(&mut self, ms: u64) {
        if self.manager.is_some() {
            self.note(format!("the daemon is frozen for {ms} ms"));
            self.frozen_until = Some(self.now + Duration::from_millis(ms));
        }
    }

    /// The whole router is suspended for `ms` milliseconds: the clock goes on, and nothing else.
    pub(crate) fn suspend(&mut self, ms: u64) {
        self.note(format!("suspended for {ms} ms"));
        let is_starting = self.now <= self.daemon_since + STARTING;
        self.now = self.now + Duration::from_millis(ms);
        if is_starting {
            self.daemon_since = self.now;
        }
        self.invariants.suspended(self.now);
    }

    /// Numbers of device nodes that others have taken, so that a modem that comes gets another.
    pub(crate) fn take_numbers(&mut self, count: usize) {
        self.numbers_taken = count;
    }
}
