//! Links: netifd is told of each what the modems' machines say, whatever it was told before.

use super::discovery::Protocol;
use super::interfaces::{Interface, Phase, Told};
use super::netifd::{InterfaceState, Link, ProtoUpdate};
use super::ppp::{Pppd, ending};
use super::slot::{REOPENS_UNDECIDED, Slot};
use super::{INTERFACES_MAX, Kept, Manager, Output, plan};
use crate::config::InterfaceConfig;
use crate::log;
use crate::modem::{Cause, Command, State};
use crate::time::{Duration, Instant, doubled};
use crate::types::Table;

/// How long to wait before netifd is told again what it refused; doubled each time.
const RESEND_AFTER: Duration = Duration::from_secs(1);

/// The longest such wait.
const RESEND_CAP: Duration = Duration::from_secs(60);

impl Manager {
    /// Tells netifd of every link that is not as it was last told.
    pub(super) fn follow_links(&mut self, now: Instant) {
        for name in &self.interface_names() {
            let link = self.link_of(name);
            let is_decided = self.is_decided(name);
            self.miss_net_device(name);
            let Some(interface) = self.interfaces.get_mut(name) else { continue };
            if interface.phase != Phase::Active {
                continue;
            }
            match link {
                Some(link) if interface.told == Told::Up(link.clone()) => {}
                Some(_) if interface.resend_at.is_some_and(|at| at > now) => {}
                Some(link) => {
                    interface.told = Told::Up(link.clone());
                    interface.handed_out.begin(now, &link, self.seen.has_clat);
                    log::info!("{name}: the link is up on {}", link.ifname);
                    let mtu = interface.config.mtu.or(link.config.mtu);
                    if self.lacks_arp(name, &link) {
                        self.put(Output::StopArp { net: link.ifname.clone() });
                    }
                    if let Some(mtu) = mtu {
                        self.put(Output::SetMtu { net: link.ifname.clone(), mtu });
                    }
                    self.update(name, ProtoUpdate::Up(link));
                    self.keep(name);
                }
                None if interface.told == Told::Down => {}
                None if interface.told == Told::Unknown && !is_decided => {}
                None => {
                    interface.told = Told::Down;
                    interface.resends = 0;
                    log::warn!("{name}: the link is down");
                    self.update(name, ProtoUpdate::LinkLost);
                }
            }
        }
    }

    /// Whether an Ethernet link has nobody on it who answers for an address.
    fn lacks_arp(&self, name: &str, link: &Link) -> bool {
        let modem = self.interfaces.get(name).and_then(|interface| interface.modem.as_ref());
        let slot = modem.and_then(|id| self.slots.get(id));
        slot.is_some_and(|slot| slot.found.protocol == Protocol::At) && link.raw_ip
    }

    /// Whether it is known what became of bearers that an earlier daemon left.
    pub(super) fn is_decided(&self, name: &str) -> bool {
        let modem = self.interfaces.get(name).and_then(|interface| interface.modem.as_ref());
        let Some((id, slot)) = modem.and_then(|id| self.slots.get_key_value(id)) else {
            return self.scanned;
        };
        // Where nothing was left, nothing is up.
        let is_left = || self.adoptable.get(id).is_some_and(Option::is_some);
        match slot.machine.state() {
            // One that waits for its SIM has said what it holds.
            State::Initializing => {
                let waits = matches!(slot.machine.cause(), Cause::SimNotReady | Cause::SimUnknown);
                waits || !is_left()
            }
            // A port that cannot be opened will not tell.
            // With AT each time every serial port was asked, which takes long.
            State::Absent if slot.is_dialled() => slot.reopens > 0 || !is_left(),
            State::Absent => slot.reopens >= REOPENS_UNDECIDED || !is_left(),
            State::Locked
            | State::Disabled
            | State::Searching
            | State::Registered
            | State::Connecting
            | State::Connected
            | State::Disconnecting
            | State::Recovering
            | State::Failed => true,
        }
    }

    /// A connection is of no use without a net device to put it on.
    fn miss_net_device(&mut self, name: &str) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        let slot = interface.modem.as_ref().and_then(|id| self.slots.get(id));
        let lacks_net = |s: &Slot| s.found.net.is_none() && s.found.protocol != Protocol::Ppp;
        let missing = slot.is_some_and(|s| s.machine.link().is_some() && lacks_net(s));
        let told = std::mem::replace(&mut interface.lacks_net, missing);
        if missing && !told {
            log::warn!("{name}: {}", Cause::NoIface.sentence());
            if let Some(token) = Cause::NoIface.token() {
                self.update(name, ProtoUpdate::Error(token));
            }
        }
    }

    pub(super) fn link_of(&self, name: &str) -> Option<Box<Link>> {
        let interface = self.interfaces.get(name)?;
        let slot = self.slots.get(interface.modem.as_ref()?)?;
        let config = slot.machine.link()?;
        let ifname = device(slot, Some(name))?;
        let zone = crate::config::firewall::zone_of(&self.firewall, name);
        // It would be for a moment, and then be taken away again.
        let has_clat = self.seen.has_clat && !slot.machine.awaits_family();
        Some(Box::new(plan::link(name, interface, &slot.found, &ifname, config, zone, has_clat)))
    }

    /// The net device that a modem's packets go over.
    pub(super) fn device_of(&self, id: &str) -> Option<String> {
        let interface = self.served_by(id).map(|(name, _)| name.as_str());
        device(self.slots.get(id)?, interface)
    }

    /// Writes down what a later daemon needs to go on with an interface's connection.
    pub(super) fn keep(&mut self, name: &str) {
        let Some(interface) = self.interfaces.get(name) else { return };
        let Some(modem) = interface.modem.clone() else { return };
        let Some(bearers) = self.slots.get(&modem).and_then(|slot| slot.bearers.clone()) else {
            return;
        };
        let mut table = Table::new();
        table.put("modem", modem);
        table.put("config", interface.raw.clone());
        table.put("pppd", interface.pppd != Pppd::Absent);
        table.put("bearers", bearers);
        self.put(Output::Keep(Kept::Interface(name.to_owned()), Some(table)));
    }

    /// Takes over an interface from an earlier daemon.
    pub(super) fn restore_interface(&mut self, name: &str, kept: &Table) {
        let (Some(modem), Some(raw)) = (kept.get_str("modem"), kept.get_table("config")) else {
            return;
        };
        if self.interfaces.len() >= INTERFACES_MAX || self.interfaces.contains_key(name) {
            return;
        }
        let (config, errors) = InterfaceConfig::parse(name, raw);
        let errors = errors.iter().map(ToString::to_string).collect();
        let mut interface = Interface::new(config, raw.clone(), errors, self.jitter.next_u64());
        interface.modem = Some(modem.to_owned());
        interface.told = Told::Unknown;
        if kept.get_bool("pppd") == Some(true) {
            interface.pppd = Pppd::Kept;
        }
        self.interfaces.insert(name.to_owned(), interface);
        self.adoptable.insert(modem.to_owned(), kept.get_table("bearers").cloned());
    }

    /// Finds other modems for interfaces whose modem went while there was no daemon.
    pub(super) fn serve_orphans(&mut self, now: Instant) {
        let orphans = self.interfaces.names_of(&|_, interface| {
            let modem = interface.modem.as_ref();
            modem.is_some_and(|id| !self.slots.contains_key(id))
        });
        for name in &orphans {
            self.serve(now, name);
        }
    }

    /// Compares what netifd says of its interfaces with what is known here.
    pub(super) fn reconcile(&mut self, now: Instant, states: &[InterfaceState]) {
        for interface in self.interfaces.values_mut() {
            // Whoever refused is back.
            (interface.resends, interface.resend_at) = (0, None);
        }
        for name in &self.interface_names() {
            let state = states.iter().find(|state| state.interface == *name);
            if state.is_none_or(|state| !state.up && !state.pending) {
                self.let_go(now, name, state.is_some());
            }
        }
        for state in states {
            let name = state.interface.as_str();
            let Some(interface) = self.interfaces.get_mut(name) else {
                self.adopt_unknown(state);
                continue;
            };
            match interface.phase {
                Phase::Active if state.up && interface.told == Told::Down => {
                    interface.told = Told::Unknown;
                }
                // With the interface its session has ended, while nobody listened.
                Phase::Active if !state.up && has_session(interface) => {
                    self.session_ended(now, name, ending(None));
                }
                // netifd has forgotten: it is told again.
                Phase::Active if !state.up && interface.is_up() => interface.told = Told::Down,
                Phase::Unavailable if state.available => {
                    self.update(name, ProtoUpdate::Available(false));
                }
                // Said when nobody heard it.
                Phase::Blocked if state.up || state.pending => {
                    self.update(name, ProtoUpdate::Block);
                    self.update(name, ProtoUpdate::SetupFailed);
                }
                // It is to be set up anew, and whoever said so found nobody.
                Phase::TearingDown { .. } | Phase::Returning { .. } if state.pending => {
                    self.put(Output::RenewInterface(name.to_owned()));
                }
                Phase::Active
                | Phase::Unavailable
                | Phase::Blocked
                | Phase::TearingDown { .. }
                | Phase::Returning { .. } => {}
            }
        }
        self.offer_modems(now);
    }

    /// netifd does not want an interface up. It said so to an earlier daemon, or to none, or has
    /// forgotten that it wanted it.
    pub(super) fn let_go(&mut self, now: Instant, name: &str, exists: bool) {
        let Some(interface) = self.interfaces.get(name) else { return };
        match interface.phase {
            Phase::Active | Phase::Returning { .. } => {}
            Phase::Unavailable | Phase::Blocked if !exists => {}
            Phase::Unavailable | Phase::Blocked | Phase::TearingDown { .. } => return,
        }
        let slot = interface.modem.as_ref().and_then(|id| self.slots.get_mut(id));
        let is_served = matches!(interface.phase, Phase::Active | Phase::Returning { .. });
        if let Some(slot) = slot.filter(|_| is_served) {
            slot.machine.handle_command(now, Command::Disconnect);
        }
        self.forget(name);
    }

    /// An interface whose options are not known: netifd is made to hand them over.
    pub(super) fn adopt_unknown(&mut self, state: &InterfaceState) {
        if !state.available {
            self.update(&state.interface, ProtoUpdate::Available(true));
        } else if state.up || state.pending {
            if state.up {
                self.renewing.insert(state.interface.clone());
            }
            self.put(Output::RenewInterface(state.interface.clone()));
        }
    }

    pub(super) fn update_refused(&mut self, now: Instant, name: &str, update: &ProtoUpdate) {
        let Some(interface) = self.interfaces.get_mut(name) else { return };
        match update {
            ProtoUpdate::Up(_) if interface.phase == Phase::Active => {
                // Without an answer it may have been heard all the same.
                interface.told = Told::Unknown;
                let wait = doubled(RESEND_AFTER, interface.resends.min(10), RESEND_CAP);
                interface.resends = interface.resends.saturating_add(1);
                interface.resend_at = Some(now + wait);
            }
            ProtoUpdate::Run(_) => self.run_refused(now, name),
            ProtoUpdate::Up(_)
            | ProtoUpdate::LinkLost
            | ProtoUpdate::Error(_)
            | ProtoUpdate::Block
            | ProtoUpdate::Available(_)
            | ProtoUpdate::Kill
            | ProtoUpdate::SetupFailed => {}
        }
    }

    pub(super) fn forget(&mut self, name: &str) {
        self.interfaces.remove(name);
        self.put(Output::Keep(Kept::Interface(name.to_owned()), None));
    }

    pub(super) fn update(&mut self, interface: &str, update: ProtoUpdate) {
        self.put(Output::Update { interface: interface.to_owned(), update });
    }
}

/// Whether it is up, or may be, by a session of pppd's.
fn has_session(interface: &Interface) -> bool {
    match interface.pppd {
        Pppd::Kept => true,
        Pppd::Running(_) => interface.is_up(),
        Pppd::Absent | Pppd::Ending { .. } => false,
    }
}

fn device(slot: &Slot, interface: Option<&str>) -> Option<String> {
    match slot.found.protocol {
        Protocol::Ppp => interface.map(super::ppp::ifname),
        Protocol::Qmi | Protocol::Mbim | Protocol::At | Protocol::None => {
            slot.found.mux.clone().or_else(|| slot.found.net.clone())
        }
    }
}
