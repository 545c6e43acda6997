//! The whole daemon without a system call: any sequence of inputs, with simulated modems behind the
//! ports so that the sequences get far, and any bytes in between.

use super::source::Source;
use super::{log_check, modems};
use crate::sim::{Command, Config, Port, SimModem};
use ltewan::manager::discovery::Node;
use ltewan::manager::netifd::ProtoUpdate;
use ltewan::manager::speed::{Event, Order};
use ltewan::manager::watchdog::ProbeResult;
use ltewan::manager::{Counters, Input, Kept, Manager, Output, PageReading, PortId, SpeedLimit};
use ltewan::service::methods::LTEWAN;
use ltewan::time::{Duration, Instant};
use ltewan::types::{LinkMode, SlotLineOrder, Table};
use ltewan::wire::http::Response;
use ltewan::wire::qmi::Service;
use ltewan::wire::qmux::RawMessage;
use ltewan::wire::{apn_table, json, uci};
use std::collections::BTreeMap;

/// The table of access points.
const APNS: &[u8] = include_bytes!("../../files/usr/share/ltewan/apn.db");

/// How many modems are in the router.
const MODEMS: usize = 2;

/// How many outputs one input may have: far more than it does.
const OUTPUTS_MAX: usize = 2000;

/// How many steps one run takes.
const STEPS_MAX: usize = 200;

/// What can happen to a modem; a sample of what the simulation knows.
const FAULTS: &[&str] = &[
    "silence on",
    "silence off",
    "lose 1",
    "lose 5",
    "duplicate 3",
    "split 7",
    "split 0",
    "garbage 01ffff80",
    "garbage off",
    "drop all 36",
    "drop v4 33",
    "address all",
    "policy reject 36",
    "policy v4only",
    "policy v6only",
    "policy allow",
    "coverage none",
    "coverage roaming",
    "coverage home",
    "deny 11",
    "register",
    "deregister",
    "sim absent",
    "sim error",
    "sim insert",
    "sim ready",
    "sim pin",
    "sim puk",
    "sim blocked",
    "sim retries 1",
    "sim notready 2000",
    "latency 800",
    "latency 0",
    "reset 3000",
    "replug 2000",
    "urc +CREG: 2",
    "urc RING",
    "time registration 5000",
    "time bearer 3000",
];

struct Router {
    now: Instant,
    manager: Manager,
    sims: Vec<SimModem>,
    ports: BTreeMap<PortId, (usize, Port)>,
    /// Written and perhaps not answered.
    requests: Vec<(PortId, RawMessage)>,
    last_port: PortId,
    last_update: Option<(String, ProtoUpdate)>,
    /// How many messages from modems are damaged yet, and how.
    damage: (u8, u16, u8),
    call: u64,
}

pub(crate) fn run(bytes: &[u8]) {
    log_check::watch();
    let mut source = Source::new(bytes);
    let now = Instant::from_millis(1);
    let mut router = Router {
        now,
        manager: Manager::new(now, "0", u64::from(source.byte())),
        sims: (0..MODEMS).map(|_| SimModem::new(now, Config::default())).collect(),
        ports: BTreeMap::new(),
        requests: Vec::new(),
        last_port: 0,
        last_update: None,
        damage: (0, 0, 0),
        call: 0,
    };
    for _ in 0..STEPS_MAX {
        if source.is_empty() {
            break;
        }
        router.step(&mut source);
    }
}

impl Router {
    fn step(&mut self, source: &mut Source<'_>) {
        match source.byte() % 21 {
            0 => self.snapshot(source),
            1 => self.input(Input::PortOpened(self.port(source))),
            2 => {
                let (port, bytes) = (self.port(source), source.piece().to_vec());
                self.input(Input::PortData { port, bytes });
            }
            3 => self.answer(source),
            4 => {
                let (port, reason) = (self.port(source), "gone".to_owned());
                self.input(Input::PortLost { port, reason });
            }
            5 => {
                let net = format!("wwan{}", source.below(3));
                let mode = match source.below(4) {
                    0 => None,
                    1 => Some(LinkMode::Ethernet),
                    2 => Some(LinkMode::RawIp),
                    _ => Some(LinkMode::Qmap { transfer_len: 16_384 }),
                };
                let mux = (source.byte() & 1 == 1).then(|| "qmimux0".to_owned());
                self.input(Input::LinkSet { net, mode, mux });
            }
            6 => {
                let method = &LTEWAN.methods[source.below(LTEWAN.methods.len())];
                // Also what would not get past the bus, which checks against the signature.
                self.call(method.name, source.table());
            }
            7 => self.input(Input::NetifdAppeared),
            8 => {
                let dump = match source.byte() & 3 {
                    0 => {
                        let name = source.name();
                        modems::dump(&name, source.byte() & 1 == 1)
                    }
                    1 => modems::dump("wwan", false),
                    2 => modems::dump("wwan2", true),
                    _ => modems::dump("wwan", true),
                };
                self.input(Input::InterfaceDump(dump));
            }
            9 => {
                if let Some((interface, update)) = self.last_update.clone() {
                    self.input(Input::UpdateRefused { interface, update });
                }
            }
            kind => self.step_on(kind, source),
        }
    }

    fn step_on(&mut self, kind: u8, source: &mut Source<'_>) {
        match kind {
            10 => {
                let package = uci::parse(source.piece()).unwrap_or_default();
                self.input(Input::Config(package));
            }
            11 => {
                let package = uci::parse(source.piece()).unwrap_or_default();
                self.input(Input::Firewall(package));
            }
            12 => {
                let kept = match source.byte() % 10 {
                    0 => Kept::Marks,
                    1 => Kept::Interface(source.name()),
                    2 => Kept::Ladder("usb:1-1".to_owned()),
                    3 => Kept::Power("usb:1-1".to_owned()),
                    4 => Kept::Inbox,
                    5 => Kept::Reboots,
                    6 => Kept::Apns,
                    7 => Kept::Usage,
                    8 => Kept::UsageNow,
                    _ => Kept::Choice("usb:1-1".to_owned()),
                };
                self.input(Input::Kept(kept, source.table()));
            }
            13 if source.byte() & 7 == 0 => {
                let result = [Ok(()), Err("busy".to_owned())][source.below(2)].clone();
                let on = source.byte() & 1 == 1;
                self.input(Input::PowerSwitched { modem: "usb:1-1".to_owned(), on, result });
            }
            13 => self.pass(Duration::from_millis(u64::from(source.u16()))),
            14 => self.pass(Duration::from_secs(u64::from(source.u16()) / 16)),
            15 => {
                let (sim, fault) = (source.below(MODEMS), source.below(FAULTS.len()));
                let Ok(fault) = Command::parse(FAULTS[fault]) else { return };
                self.sims[sim].command(self.now, &fault);
                self.carry();
            }
            16 => self.damage = (source.byte() % 8, source.u16(), source.byte()),
            17 => self.setup(source),
            18 => {
                let at = ["ATI", "AT+COPS=?", "AT+CPIN?", "AT+CFUN=1,1", "ATD*99#"];
                let command = at[source.below(at.len())];
                let modem = format!("usb:1-{}", 1 + source.below(MODEMS));
                self.call("at", Table::new().with("modem", modem).with("command", command));
            }
            19 => self.ppp(source),
            _ => self.indicate(source),
        }
    }

    /// What netifd and pppd tell of a session, whether there is one or not.
    fn ppp(&mut self, source: &mut Source<'_>) {
        let interface = if source.byte() & 1 == 0 { "wwan" } else { "wwan2" };
        let args = Table::new().with("interface", interface);
        match source.byte() % 5 {
            0 => self.call("teardown", args.with("ended", i64::from(source.byte()))),
            1 => self.call("ppp", args.with("event", "ipv6")),
            2 => self.call("ppp", args.with("event", "refused").with("result", source.text())),
            3 => self.call("ppp", args.with("event", "ipv4").with("address", source.text())),
            _ => {
                let dns = args.with("dns1", source.text()).with("event", "ipv4");
                self.call("ppp", dns.with("address", "10.64.0.2"));
            }
        }
    }

    /// netifd hands over an interface with options that make sense, and perhaps some that do not.
    fn setup(&mut self, source: &mut Source<'_>) {
        let interface = if source.byte() & 1 == 0 { "wwan" } else { "wwan2" };
        let mut config = Table::new().with("apn", "internet").with("username", "u\"\\");
        match source.byte() % 4 {
            0 => config.put("pincode", "1234"),
            1 => config.put("pincode", "9999"),
            2 => config.0.extend(source.table().0),
            _ => {}
        }
        self.call("setup", Table::new().with("interface", interface).with("config", config));
    }

    fn snapshot(&mut self, source: &mut Source<'_>) {
        let mut nodes: Vec<Node> = Vec::new();
        for socket in 0..MODEMS {
            let mut modem = modems::plugged(socket);
            let keep = source.byte();
            if keep & 0x40 != 0 {
                continue;
            }
            if keep & 0x80 != 0 {
                modem[source.below(6)].ready = false;
                let node = source.below(6);
                modem[node].interface = Some(source.byte());
                modem[node].name = source.name();
                modem[node].device.product = Some(source.text());
                modem[node].device.serial = Some(source.text());
            }
            modem.truncate(6 - usize::from(keep & 0x07).min(6));
            nodes.extend(modem);
        }
        self.input(Input::Snapshot(modems::snapshot(&[nodes])));
    }

    /// A port, most often one that is open.
    fn port(&self, source: &mut Source<'_>) -> PortId {
        let choice = source.byte();
        let count = self.ports.len();
        let open = self.ports.keys().nth(usize::from(choice) % count.max(1)).copied();
        open.filter(|_| choice < 0xf0).unwrap_or(self.last_port + u64::from(choice & 1))
    }

    /// A reply to one of the last requests, with any TLVs.
    fn answer(&mut self, source: &mut Source<'_>) {
        if self.requests.is_empty() {
            return;
        }
        let (port, request) = self.requests.swap_remove(source.below(self.requests.len()));
        let mut tlvs = Vec::new();
        if source.byte() & 1 == 0 {
            tlvs.extend([0x02, 4, 0, 0, 0, 0, 0]);
        }
        tlvs.extend(source.piece());
        let bytes = request.response(tlvs).encode().unwrap_or_default();
        self.input(Input::PortData { port, bytes });
    }

    fn indicate(&mut self, source: &mut Source<'_>) {
        const OF: [(Service, u16); 7] = [
            (Service::Ctl, 0x0027),
            (Service::Ctl, 0x0024),
            (Service::Wds, 0x0022),
            (Service::Dms, 0x0001),
            (Service::Nas, 0x0024),
            (Service::Nas, 0x0051),
            (Service::Uim, 0x0032),
        ];
        let port = self.port(source);
        let (service, message) = OF[source.below(OF.len())];
        let client = if source.byte() & 1 == 0 { 0xff } else { source.byte() };
        let told = RawMessage::indication(service, client, message, source.piece().to_vec());
        self.input(Input::PortData { port, bytes: told.encode().unwrap_or_default() });
    }

    fn call(&mut self, method: &str, args: Table) {
        self.call += 1;
        let (call, method) = (self.call, method.to_owned());
        self.input(Input::Call { call, method, args });
    }

    fn input(&mut self, input: Input) {
        self.manager.handle_input(self.now, input);
        self.carry();
    }

    /// Time passes, with everything in it that is due.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        for _ in 0..300 {
            let sims = self.sims.iter().filter_map(SimModem::poll_timeout);
            let next = sims.chain(self.manager.poll_timeout()).min();
            let Some(at) = next.filter(|at| *at <= end) else { break };
            self.now = self.now.max(at);
            for sim in &mut self.sims {
                sim.handle_timeout(self.now);
            }
            if self.manager.poll_timeout().is_some_and(|at| at <= self.now) {
                self.manager.handle_timeout(self.now);
            }
            self.carry();
        }
        self.now = self.now.max(end);
        self.manager.handle_timeout(self.now);
        self.carry();
    }

    /// Carries outputs out and the modems' answers in, until all is quiet.
    fn carry(&mut self) {
        let mut count = 0;
        loop {
            let mut quiet = true;
            while let Some(output) = self.manager.poll_output() {
                quiet = false;
                count += 1;
                assert!(count < OUTPUTS_MAX, "no end of outputs; the last: {output:?}");
                self.output(output);
            }
            for sim in 0..self.sims.len() {
                while let Some((from, bytes)) = self.sims[sim].poll_transmit(self.now) {
                    quiet = false;
                    self.hear(sim, from, bytes);
                }
                while self.sims[sim].poll_device().is_some() {}
            }
            if quiet {
                return;
            }
        }
    }

    fn hear(&mut self, sim: usize, from: Port, mut bytes: Vec<u8>) {
        let (left, at, with) = &mut self.damage;
        if *left > 0 {
            *left -= 1;
            let at = usize::from(*at) % bytes.len().max(1);
            match (*with, bytes.get_mut(at)) {
                (0, _) => bytes.truncate(at),
                (with, Some(byte)) => *byte ^= with,
                (_, None) => {}
            }
        }
        let open = self.ports.iter().find(|(_, port)| **port == (sim, from));
        if let Some((&port, _)) = open {
            self.manager.handle_input(self.now, Input::PortData { port, bytes });
        }
    }

    fn read_page(&mut self, reading: PageReading) {
        let body = b"<response><rsrp>-95dBm</rsrp></response>".to_vec();
        let response = Some(Response { status: 200, body });
        let response = response.filter(|_| !self.call.is_multiple_of(3));
        let (modem, from) = (reading.modem, reading.request.address);
        self.manager.handle_input(self.now, Input::PageRead { modem, from, response });
    }

    fn switch_power(&mut self, modem: String, on: bool) {
        let result = if on { Ok(()) } else { Err("no such file".to_owned()) };
        self.manager.handle_input(self.now, Input::PowerSwitched { modem, on, result });
    }

    fn speed_test(&mut self, order: Order) {
        let event = match order {
            Order::Find { call, args } => Event::Called { call, args, is_installed: true },
            Order::Start { modem, .. } => Event::Ended { modem, result: Err("\0\n".into()) },
            Order::Stop { .. } => return,
        };
        self.manager.handle_input(self.now, Input::SpeedTest(event));
    }

    fn tell_traffic(&mut self, modem: String) {
        let counters = (!self.call.is_multiple_of(3)).then_some(Counters {
            device: u32::try_from(self.call / 5).unwrap_or(u32::MAX),
            rx_bytes: self.call << 40,
            tx_bytes: self.call,
        });
        self.manager.handle_input(self.now, Input::Traffic { modem, counters });
    }

    fn open(&mut self, port: PortId, name: &str) {
        self.last_port = port;
        let number = |prefix| name.strip_prefix(prefix)?.parse::<usize>().ok();
        let behind = match (number("cdc-wdm"), number("ttyUSB")) {
            (Some(socket), _) => Some((socket, Port::Qmi)),
            (_, Some(tty)) => u8::try_from(tty % 4).ok().map(|n| (tty / 4, Port::At(n))),
            (None, None) => None,
        };
        let behind = behind.filter(|(socket, _)| *socket < MODEMS);
        let input = match behind {
            Some(behind) => {
                self.ports.insert(port, behind);
                Input::PortOpened(port)
            }
            None => Input::PortLost { port, reason: "not there".to_owned() },
        };
        self.manager.handle_input(self.now, input);
    }

    fn set_limit(&mut self, limit: SpeedLimit) {
        let result = if self.call.is_multiple_of(3) { Err("no".to_owned()) } else { Ok(()) };
        self.manager.handle_input(self.now, Input::LimitSet(limit, result));
    }

    fn set_slot_line(&mut self, order: SlotLineOrder) {
        let high = order.high.unwrap_or(self.call.is_multiple_of(2));
        let result = if self.call.is_multiple_of(5) { Err(String::new()) } else { Ok(high) };
        self.manager.handle_input(self.now, Input::SlotLine(order, result));
    }

    fn output(&mut self, output: Output) {
        match output {
            Output::OpenPort { port, name, .. } => self.open(port, &name),
            Output::ClosePort(port) => drop(self.ports.remove(&port)),
            Output::Write { port, bytes } => {
                if let Some(&(sim, to)) = self.ports.get(&port) {
                    self.sims[sim].handle_input(self.now, to, &bytes);
                }
                self.requests.extend(RawMessage::decode(&bytes).map(|request| (port, request)));
                let surplus = self.requests.len().saturating_sub(16);
                self.requests.drain(..surplus);
            }
            Output::SetLink { net, mode } => {
                let input = Input::LinkSet { net, mode: Some(mode), mux: None };
                self.manager.handle_input(self.now, input);
            }
            Output::ReadPage(reading) => self.read_page(*reading),
            Output::Probe(probe) => {
                let result = match probe.id % 3 {
                    0 => ProbeResult::Answered { rtt: Duration::from_millis(40) },
                    1 => ProbeResult::Failed("no answer in time".to_owned()),
                    _ => ProbeResult::NotMade("no route".to_owned()),
                };
                self.manager.handle_input(self.now, Input::ProbeDone { id: probe.id, result });
            }
            Output::ReadTraffic { modem, .. } => self.tell_traffic(modem),
            Output::Update { interface, update } => self.last_update = Some((interface, update)),
            Output::Reply { result: Ok(table), .. } | Output::WriteReport(table) => {
                let _ = json::table_to_json(&table);
            }
            Output::Reply { result: Err(error), .. } => log_check::plain(&error.message),
            Output::RenewInterface(name) | Output::SwitchInterface { interface: name, .. } => {
                assert!(name.len() <= 1000, "netifd is asked for {} bytes", name.len());
            }
            Output::Keep(kept, _) => {
                let done = !self.call.is_multiple_of(7);
                self.manager.handle_input(self.now, Input::KeepDone { kept, done });
            }
            Output::FindApns(question) => {
                let found = apn_table::find(APNS, &question.digits);
                self.manager.handle_input(self.now, Input::ApnsFound(question, found));
            }
            Output::SwitchPower { modem, on, .. } => self.switch_power(modem, on),
            Output::SpeedTest(order) => self.speed_test(order),
            Output::AskUnixTime => {
                let time = Input::UnixTime { secs: i64::MAX, is_kept: false };
                self.manager.handle_input(self.now, time);
            }
            Output::SlotLine(order) => self.set_slot_line(order),
            Output::SetLimit(limit) => self.set_limit(limit),
            Output::Hotplug(environment) => {
                environment.iter().for_each(|(_, value)| log_check::plain(value));
            }
            Output::AskLocalTime => {
                // At times centuries ahead, at times before the daemon was written.
                let secs = i64::try_from(self.now.as_secs() + (self.call << 24)).unwrap_or(0);
                self.manager.handle_input(self.now, Input::LocalTime { secs });
            }
            Output::SetMtu { .. }
            | Output::SetClock { .. }
            | Output::StopArp { .. }
            | Output::DumpInterfaces
            | Output::ReadAddresses
            | Output::Notify { .. }
            | Output::ReadConfig
            | Output::RebootRouter
            | Output::StartService(_)
            | Output::SetLed { .. }
            | Output::SetLogLevel(_) => {}
        }
    }
}
