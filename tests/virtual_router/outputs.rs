//! What the daemon wants done, done: ports, links, netifd, probes, files.

use ltewan::manager::speed::{Event, Order};
use ltewan::manager::watchdog::{Probe, ProbeResult};
use ltewan::manager::{
    ApnQuestion, Counters, Input, Kept, Output, PageReading, PortId, SpeedLimit,
};
use ltewan::time::Duration;
use ltewan::types::{LinkMode, PowerMeans, SlotLineOrder, Table, Value};
use ltewan::wire::{apn_table, blobmsg, http};

use super::Router;
use super::hardware::KernelLink;
use crate::sim::world::network::Family;
use crate::sim::{Command, Port};

/// How long an answer to a probe takes.
const PROBE_RTT: Duration = Duration::from_millis(40);

impl Router {
    pub(super) fn execute(&mut self, output: Output) {
        self.invariants.output();
        self.check_secrets(&output);
        match output {
            Output::OpenPort { port, name, kind: _ } => self.open(port, &name),
            Output::ClosePort(port) => {
                self.ports.remove(&port);
                self.tap.closed(port);
            }
            Output::Write { port, bytes } => self.write(port, &bytes),
            Output::SetLink { net, mode } => self.set_link(net, mode),
            Output::SetMtu { net, mtu } => {
                if let Some(socket) = self.sockets.of_net(&net) {
                    socket.link.mtu = Some(mtu);
                }
            }
            Output::StopArp { net } => {
                if let Some(socket) = self.sockets.of_net(&net) {
                    socket.link.arp = false;
                }
            }
            Output::Update { interface, update } => self.update(interface, update),
            // What goes over the bus is lost while there is none.
            Output::SwitchInterface { .. }
            | Output::RenewInterface(_)
            | Output::DumpInterfaces
            | Output::Reply { .. }
                if self.is_bus_down() => {}
            Output::SwitchInterface { interface, up } => self.switch_interface(&interface, up),
            Output::RenewInterface(interface) => self.netifd.renew(self.now, &interface),
            Output::ReadAddresses => self.read_addresses(),
            Output::DumpInterfaces => {
                self.inbox.push_back(Input::InterfaceDump(self.netifd.dump()));
            }
            Output::Reply { call, result } => {
                assert!(!self.replies.contains_key(&call), "call {call} is answered twice");
                self.netifd.answered(self.now, call, true);
                if let Err(error) = &result {
                    self.note(format!("call {call} fails: {error:?}"));
                }
                self.replies.insert(call, (self.now, result));
            }
            Output::Notify { kind, data } => self.notified(kind, &data),
            Output::Keep(kept, table) => self.keep(kept, table.as_ref()),
            Output::ReadConfig => {
                self.inbox.push_back(Input::Firewall(self.firewall.clone()));
                self.inbox.push_back(Input::Config(self.config_read()));
            }
            Output::Probe(probe) => self.probe(&probe),
            Output::ReadPage(reading) => self.read_page(*reading),
            Output::SwitchPower { modem, means, on } => self.switch_power(modem, &means, on),
            Output::RebootRouter => self.reboot_due = true,
            Output::StartService(name) => self.note(format!("start {name}")),
            Output::FindApns(question) => self.find_apns(question),
            Output::ReadTraffic { modem, net } => self.read_traffic(modem, &net),
            Output::SlotLine(order) => self.set_slot_line(order),
            Output::SetLimit(limit) => self.set_limit(limit),
            Output::AskLocalTime => self.tell_time(),
            Output::AskUnixTime => self.tell_unix_time(),
            Output::SetClock { secs } => self.set_clock(secs),
            Output::SpeedTest(order) => self.speed_test(order),
            Output::Hotplug(environment) => self.scripts(&environment),
            Output::SetLed { led, light } => self.note(format!("led {led} {light:?}")),
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

    fn tell_unix_time(&mut self) {
        let secs = self.clock.0 + i64::try_from(self.now.as_secs()).unwrap();
        self.inbox.push_back(Input::UnixTime { secs, is_kept: self.clock.1 });
    }

    fn speed_test(&mut self, order: Order) {
        match order {
            Order::Find { call, args } => {
                let is_installed = self.has_librespeed;
                self.inbox.push_back(Input::SpeedTest(Event::Called { call, args, is_installed }));
            }
            Order::Start { modem, arguments } => {
                self.note(format!("{modem} librespeed-cli {}", arguments.join(" ")));
            }
            Order::Stop { modem } => self.note(format!("{modem} librespeed-cli is ended")),
        }
    }

    fn set_clock(&mut self, secs: i64) {
        if !self.is_clock_stuck {
            self.clock.0 = secs - i64::try_from(self.now.as_secs()).unwrap();
        }
        self.note(format!("clock {secs}"));
    }

    fn read_traffic(&mut self, modem: String, net: &str) {
        let counters = self.sockets.of_net(net).map(|socket| {
            let KernelLink { index: device, traffic: (rx_bytes, tx_bytes), .. } = socket.link;
            let counters = Counters { device, rx_bytes, tx_bytes };
            self.sabotage.map_or(counters, |sabotage| sabotage.counts(counters))
        });
        self.inbox.push_back(Input::Traffic { modem, counters });
    }

    /// High is the first slot.
    fn set_slot_line(&mut self, order: SlotLineOrder) {
        let line = self.slot_line.as_mut().filter(|(name, _)| *name == order.line);
        let result = line.map(|(_, is_high)| {
            *is_high = order.high.unwrap_or(*is_high);
            *is_high
        });
        if let (Some(is_high), Some(socket)) = (result, self.sockets.0.get_mut(&order.modem))
            && order.high.is_some()
        {
            // For each it is restarted.
            self.invariants.resets_asked += 1;
            socket.modem.world.connect_slot(if is_high { 1 } else { 2 });
        }
        let result = result.ok_or_else(|| format!("{}: no such GPIO line", order.line));
        self.inbox.push_back(Input::SlotLine(order, result));
    }

    fn set_limit(&mut self, limit: SpeedLimit) {
        let SpeedLimit { net, kbits, .. } = &limit;
        self.note(format!("{net} limit {}", kbits.unwrap_or(0)));
        let fault = self.tc_fault.clone();
        let link = self.sockets.of_net(net).map(|socket| &mut socket.link);
        let result = match (link, fault) {
            (Some(link), None) => {
                link.kbits = *kbits;
                Ok(())
            }
            (_, fault) => Err(fault.unwrap_or_else(|| "no such device".to_owned())),
        };
        self.inbox.push_back(Input::LimitSet(limit, result));
    }

    fn switch_interface(&mut self, interface: &str, up: bool) {
        self.note(format!("{interface} is switched {}", if up { "on" } else { "off" }));
        if self.clats.remove(interface).is_some() {
            self.note(format!("{interface} is forgotten"));
        } else if up {
            self.netifd.set_up(self.now, interface);
        } else {
            self.netifd.set_down(self.now, interface);
        }
    }

    fn find_apns(&mut self, question: ApnQuestion) {
        let found = apn_table::find(&self.apn_table, &question.digits);
        self.inbox.push_back(Input::ApnsFound(question, found));
    }

    fn tell_time(&mut self) {
        let secs =
            self.clock_day * 86_400 + i64::try_from(self.clock_secs + self.now.as_secs()).unwrap();
        self.inbox.push_back(Input::LocalTime { secs });
    }

    fn scripts(&mut self, environment: &[(&'static str, String)]) {
        let words = environment.iter().map(|(name, value)| format!(" {name}={value}"));
        self.note(format!("hotplug{}", words.collect::<String>()));
    }

    fn open(&mut self, port: PortId, name: &str) {
        let found = self
            .sockets
            .0
            .iter()
            .find_map(|(path, socket)| Some((path.clone(), socket.port(name)?)))
            .filter(|_| !self.refused_port.as_ref().is_some_and(|it| name.starts_with(it)));
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

    /// A page is answered while the stick's link is up.
    fn read_page(&mut self, reading: PageReading) {
        let PageReading { modem, device, request } = reading;
        let host = request.address.to_string();
        let asked = http::encode_request(&host, request.path, &request.headers).unwrap();
        let socket = self
            .sockets
            .of_net(&device)
            .filter(|socket| socket.modem.world.network.carries(Family::V4));
        let response = socket.and_then(|socket| {
            let answer = socket.modem.world.network.page(request.address, &asked);
            http::parse_response(answer.as_bytes(), true).unwrap()
        });
        self.note(format!("page {}", request.path));
        let input = Input::PageRead { modem, from: request.address, response };
        self.probes.push((self.now + PROBE_RTT, input));
    }

    fn write(&mut self, port: PortId, bytes: &[u8]) {
        let Some((path, at)) = self.ports.get(&port) else { return };
        if *at != Port::Qmi {
            if matches!(at, Port::At(_)) {
                self.cost.at_written += bytes.len() as u64;
            } else {
                self.cost.requests += 1;
            }
            self.tap.written_at(self.now, path, bytes);
        } else {
            self.cost.requests += 1;
            self.tap.written(self.now, port, path, bytes);
            let swallowed = self.sabotage.and_then(|sabotage| sabotage.swallow(bytes));
            let answer = swallowed.map(Some).or_else(|| self.refusals.take(bytes));
            if let Some(answer) = answer {
                self.inbox.extend(answer.map(|bytes| Input::PortData { port, bytes }));
                return;
            }
        }
        if self.is_told {
            let said = match super::tap::Head::read(bytes) {
                Some((head, _)) if *at == Port::Qmi => head.describe(bytes),
                _ => bytes.escape_ascii().to_string(),
            };
            eprintln!("{:?}    {path} {said}", self.now);
        }
        let again = self.sabotage.filter(|_| *at == Port::Qmi).and_then(|s| s.again(bytes));
        if let Some(socket) = self.sockets.0.get_mut(path) {
            socket.modem.handle_input(self.now, *at, bytes);
            if let Some(again) = again {
                socket.modem.handle_input(self.now, *at, &again);
            }
        }
    }

    /// What is said holds no secret; what may be published, nothing that identifies anyone.
    fn check_secrets(&self, output: &Output) {
        let said = match output {
            Output::Reply { result, .. } => match result {
                Ok(table) => table.clone(),
                Err(error) => error.details.clone().with("message", error.message.as_str()),
            },
            Output::Notify { data, .. } | Output::WriteReport(data) => data.clone(),
            Output::Keep(Kept::Marks, Some(table)) => table.clone(),
            Output::Hotplug(environment) => Table(
                environment.iter().map(|(n, v)| ((*n).to_owned(), v.as_str().into())).collect(),
            ),
            Output::OpenPort { .. }
            | Output::ClosePort(_)
            | Output::Write { .. }
            | Output::SetLink { .. }
            | Output::SetMtu { .. }
            | Output::StopArp { .. }
            | Output::Update { .. }
            | Output::SwitchInterface { .. }
            | Output::RenewInterface(_)
            | Output::DumpInterfaces
            | Output::Probe(_)
            | Output::ReadPage(_)
            | Output::SwitchPower { .. }
            | Output::RebootRouter
            | Output::StartService(_)
            | Output::AskLocalTime
            | Output::ReadTraffic { .. }
            | Output::SetLimit(_)
            | Output::SlotLine(_)
            | Output::AskUnixTime
            | Output::SetClock { .. }
            | Output::FindApns(_)
            | Output::ReadAddresses
            | Output::Keep(..)
            | Output::ReadConfig
            | Output::SpeedTest(_)
            | Output::SetLed { .. }
            | Output::SetLogLevel(_) => return,
        };
        let bytes = blobmsg::encode(&said).unwrap();
        let is_public = matches!(output, Output::WriteReport(_));
        let identities = self.identities.iter().filter(|_| is_public);
        for word in self.secrets.iter().chain(identities) {
            let shows = bytes.windows(word.len()).any(|part| part == word.as_bytes());
            assert!(!shows, "[nothing_secret_is_said] {said:?}\n{}", self.tail());
        }
    }

    fn set_link(&mut self, net: String, mode: LinkMode) {
        let done = self.change_link(&net, mode);
        let mux = self.sockets.of_net(&net).and_then(|socket| socket.mux());
        self.inbox.push_back(Input::LinkSet { net, mode: done.then_some(mode), mux });
    }

    /// The kernel changes the mode only of a link that is down, so it is taken down. With QMAP it
    /// is taken up again, for nobody else does.
    fn change_link(&mut self, net: &str, mode: LinkMode) -> bool {
        let is_muxed = matches!(mode, LinkMode::Qmap { .. });
        let socket = self.sockets.of_net(net);
        let is_so = socket.is_some_and(|socket| is_muxed && socket.link.muxed);
        let names = self.sockets.of_net(net).map(|socket| [socket.net(), socket.mux()]);
        let names: Vec<String> = names.into_iter().flatten().flatten().collect();
        let used = self.netifd.interfaces.values().any(|interface| {
            interface.device().is_some_and(|device| names.iter().any(|name| name == device))
        });
        let socket = self.sockets.of_net(net);
        let is_live = socket.is_some_and(|s| !s.modem.world.network.bearers.is_empty());
        // netifd may not have heard yet that a modem was replugged under the same name.
        assert!(
            !(used && is_live && !is_so),
            "[links_are_left_alone] the link {net} is taken down under its interface\n{}",
            self.tail()
        );
        let Some(socket) = self.sockets.of_net(net) else { return false };
        let is_refused = socket.stubborn_link || is_muxed && socket.lacks_mux;
        if !is_refused {
            socket.link.up = is_muxed;
            socket.link.raw_ip = mode != LinkMode::Ethernet;
            socket.link.muxed = is_muxed;
        } else if !is_so {
            socket.link.up = false;
        }
        match socket.mux() {
            Some(mux) => drop(self.netifd.devices.insert(mux)),
            None => names.iter().skip(1).for_each(|mux| self.netifd.device_gone(mux)),
        }
        !is_refused || is_so
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
        if kind == "signal" {
            self.note(format!("{modem} signal"));
            return;
        }
        if kind == "speedtest" {
            let what = if data.get("phase").is_some() { text("phase") } else { text("state") };
            self.note(format!("{modem} test {what} {}", text("failure")));
            return;
        }
        if kind == "slot" {
            let to = data.get("to").and_then(Value::as_i64).unwrap();
            self.note(format!("{modem} slot {to}: {}", text("reason")));
        }

        if kind == "usage" {
            let percent = data.get("percent").and_then(Value::as_i64).unwrap();
            self.note(format!("{modem} usage {percent} %"));
            return;
        }
        if kind == "sms" {
            let id = data.get("id").and_then(Value::as_i64).unwrap();
            self.note(format!("{modem} message {id} from {}", text("number")));
            return;
        }
        if kind == "ussd" {
            self.note(format!("{modem} ussd {}: {}", text("state"), text("text")));
            return;
        }
        self.note(format!("{modem} {}: {}", text("to"), text("cause")));
        self.states.insert(modem, text("to").to_owned());
    }

    fn keep(&mut self, kept: Kept, table: Option<&Table>) {
        let bytes = table.map(|table| blobmsg::encode(table).unwrap());
        let on_flash =
            matches!(kept, Kept::Marks | Kept::Reboots | Kept::Inbox | Kept::Apns | Kept::Usage)
                || kept == Kept::SpeedTests;
        let done = !(on_flash && self.flash_full);
        self.flash_writes += usize::from(on_flash && done);
        if done {
            let files = if on_flash { &mut self.flash } else { &mut self.run };
            let name = format!("{kept:?}");
            let shows = self.identities.iter().any(|number| name.contains(number));
            assert!(!shows, "a log may name the file of {name}");
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
}
