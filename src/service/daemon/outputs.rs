//! Does what the manager wants done.

use super::{ANSWER_TIMEOUT, Asked, Daemon, PROCD, RC, warn};
use crate::io::{clock, files, netdev, program};
use crate::log;
use crate::manager::netifd::ProtoUpdate;
use crate::manager::{Input, Kept, Output};
use crate::service::{apns, kept, knobs, methods, netifd, pppd, traffic};
use crate::time::Instant;
use crate::types::Table;
use crate::wire::json;
use std::io;

/// The folder of `/etc/hotplug.d` whose scripts hear of our events.
const HOTPLUG_KIND: &str = "ltewan";

impl Daemon {
    /// Does what is wanted, and tells what came of it when that is known at once.
    pub(super) fn output(&mut self, now: Instant, output: Output) {
        let told = match output {
            Output::OpenPort { port, name, kind } => {
                self.ports.open(&self.paths, port, &name, kind)
            }
            Output::Write { port, bytes } => self.ports.write(port, &bytes),
            Output::SetLink { net, mode } => {
                let result = knobs::set_link(&self.paths, &net, mode);
                let mux = result.as_ref().ok().cloned().flatten();
                let mode = result.is_ok().then_some(mode);
                warn(result.map(drop));
                Some(Input::LinkSet { net, mode, mux })
            }
            Output::SwitchPower { modem, means, on } => {
                self.power.start(&self.paths, &modem, &means, on)
            }
            Output::Probe(probe) => self.probes.start(now, probe),
            Output::ReadPage(reading) => self.pages.start(now, reading),
            Output::Keep(kept, content) => Some(self.keep(kept, content.as_ref())),
            Output::FindApns(question) => Some(apns::find(&self.paths, question)),
            Output::Hotplug(environment) => {
                self.hotplug(environment);
                None
            }
            Output::ReadTraffic { modem, net } => {
                Some(Input::Traffic { modem, counters: traffic::counters(&self.paths, &net) })
            }
            Output::SpeedTest(order) => self.speed_tests.carry_out(&self.paths, order),
            Output::SlotLine(order) => Some(self.lines.carry_out(&self.paths, order)),
            Output::SetLimit(limit) => self.limits.start(&self.paths, limit),
            Output::AskUnixTime => Some(unix_time()),
            Output::AskLocalTime => Some(Input::LocalTime { secs: clock::local_secs() }),
            Output::SetClock { secs } => tried(clock::set(secs)),
            Output::ClosePort(port) => {
                self.ports.close(port);
                None
            }
            Output::StopArp { net } => tried(netdev::stop_arp(&net)),
            Output::SetMtu { net, mtu } => tried(netdev::set_mtu(&net, mtu)),
            Output::ReadConfig => {
                self.read_config(now);
                None
            }
            Output::SetLed { led, light } => tried(self.leds.set(&self.paths, led, light)),
            Output::WriteReport(report) => {
                let text = json::table_to_json_indented(&report);
                warn(files::write_atomic(&self.paths.report, text.as_bytes(), 0o600));
                None
            }
            Output::SetLogLevel(level) => {
                crate::io::log::set_level(level);
                None
            }
            said @ (Output::Update { .. }
            | Output::SwitchInterface { .. }
            | Output::RenewInterface(_)
            | Output::DumpInterfaces
            | Output::ReadAddresses
            | Output::RebootRouter
            | Output::StartService(_)
            | Output::Reply { .. }
            | Output::Notify { .. }) => {
                self.say(now, said);
                None
            }
        };
        if let Some(input) = told {
            self.manager.handle_input(now, input);
        }
    }

    fn keep(&self, kept: Kept, content: Option<&Table>) -> Input {
        let result = kept::keep(&self.paths, &kept, content);
        let done = result.is_ok();
        warn(result);
        Input::KeepDone { kept, done }
    }

    /// A router without hotplug has nobody to tell.
    fn hotplug(&self, environment: Vec<(&'static str, String)>) {
        if self.paths.hotplug.exists() {
            warn(program::run(&self.paths.hotplug, HOTPLUG_KIND, environment));
        }
    }

    /// What goes over the bus.
    fn say(&mut self, now: Instant, output: Output) {
        match output {
            Output::Update { interface, update } => {
                let mut arguments = netifd::arguments(&interface, &update);
                if let ProtoUpdate::Run(session) = &update {
                    match pppd::prepare(&self.paths, &self.dialler, &interface, session) {
                        Ok(command) => arguments.put("command", command),
                        // netifd refuses what has no command, and the manager hears of it.
                        Err(error) => log::warn!("{error}"),
                    }
                }
                let sub_interfaces = netifd::sub_interfaces(&interface, &update);
                self.ask_netifd(now, "notify_proto", &arguments, Asked::Update(interface, update));
                for arguments in sub_interfaces {
                    let asked = Asked::Other("add_dynamic");
                    self.ask(now, netifd::NETWORK, "add_dynamic", &arguments, asked);
                }
            }
            Output::SwitchInterface { interface, up } => {
                let method = if up { "up" } else { "down" };
                self.ask_netifd(now, method, &named(interface), Asked::Other(method));
            }
            Output::RenewInterface(interface) => {
                self.ask_netifd(now, "renew", &named(interface), Asked::Other("renew"));
            }
            Output::DumpInterfaces => self.ask_netifd(now, "dump", &Table::new(), Asked::Dump),
            Output::ReadAddresses => {
                self.ask_netifd(now, "dump", &Table::new(), Asked::Addresses);
            }
            Output::RebootRouter => {
                self.ask(now, PROCD, "reboot", &Table::new(), Asked::Other("reboot"));
            }
            Output::StartService(name) => {
                let arguments = Table::new().with("name", name).with("action", "start");
                self.ask(now, RC, "init", &arguments, Asked::Service(name));
            }
            Output::Reply { call, result } => {
                if let Some(call) = self.calls.take(&call) {
                    methods::answer(self.bus.connection(), call, result);
                }
            }
            Output::Notify { kind, data } => {
                self.bus.connection().notify(methods::LTEWAN.name, kind, &data);
            }
            Output::OpenPort { .. }
            | Output::ClosePort(_)
            | Output::Write { .. }
            | Output::SetLink { .. }
            | Output::SetMtu { .. }
            | Output::StopArp { .. }
            | Output::SwitchPower { .. }
            | Output::Probe(_)
            | Output::ReadPage(_)
            | Output::Keep(..)
            | Output::AskLocalTime
            | Output::ReadTraffic { .. }
            | Output::SetLimit(_)
            | Output::SlotLine(_)
            | Output::FindApns(_)
            | Output::SpeedTest(_)
            | Output::AskUnixTime
            | Output::SetClock { .. }
            | Output::Hotplug(_)
            | Output::ReadConfig
            | Output::SetLed { .. }
            | Output::WriteReport(_)
            | Output::SetLogLevel(_) => {}
        }
    }

    pub(super) fn ask_netifd(
        &mut self,
        now: Instant,
        method: &str,
        arguments: &Table,
        asked: Asked,
    ) {
        self.ask(now, netifd::OBJECT, method, arguments, asked);
    }

    fn ask(&mut self, now: Instant, object: &str, method: &str, arguments: &Table, asked: Asked) {
        let connection = self.bus.connection();
        let request = connection.invoke(now, object, method, arguments, ANSWER_TIMEOUT);
        self.asked.insert(request, asked);
    }
}

fn named(interface: String) -> Table {
    Table::new().with("interface", interface)
}

/// What nobody waits for; that it failed is logged.
fn tried(result: io::Result<()>) -> Option<Input> {
    warn(result);
    None
}

fn unix_time() -> Input {
    let secs = i64::try_from(clock::wall_secs()).unwrap_or(i64::MAX);
    Input::UnixTime { secs, is_kept: clock::is_kept() }
}
