//! One modem as the manager holds it: its machine, its driver and its ports.

use super::apns::ApnSide;
use super::at_side::AtSide;
use super::clock::TimeSide;
use super::discovery::{self, Found, Protocol, Snapshot};
use super::pin::PinCall;
use super::ppp::PppSide;
use super::radio::RadioSide;
use super::slots::SlotSide;
use super::sms::SmsSide;
use super::speed::{self, SpeedSide};
use super::ussd::UssdSide;
use super::{MODEMS_MAX, Manager, Output, PortId, plan};
use crate::config::{Config, InterfaceConfig, ModemConfig};
use crate::driver::at::{AtDriver, AtResult};
use crate::driver::tether::TetherDriver;
use crate::driver::{Driver, Endpoint};
use crate::log;
use crate::modem::ladder::Means;
use crate::modem::{Cause, Command, Modem, State, Want};
use crate::port::mbim::DEFAULT_CONTROL_TRANSFER;
use crate::time::{Duration, Instant, doubled};
use crate::types::{LinkMode, SimStatus, Table};

/// From this speed of its bus on, a modem may have more packets than a transfer each can carry.
/// It is that of USB 3.
const AGGREGATED_MBPS: u32 = 5_000;

/// How long to wait before a port that could not be opened is tried again. Most often its node is
/// there before its permissions, or another program holds it.
const REOPEN_AFTER: Duration = Duration::from_secs(1);

/// How often a control port cannot be opened before its modem counts as in trouble, and an earlier
/// daemon's connection over it as lost.
pub(super) const REOPENS_UNDECIDED: u32 = 3;

/// The longest such wait.
const REOPEN_CAP: Duration = Duration::from_secs(60);

/// A modem, its machine, its driver and its ports.
#[derive(Debug)]
pub(super) struct Slot {
    /// What the kernel shows of it.
    pub(super) found: Found,
    /// Its state machine.
    pub(super) machine: Modem,
    /// What speaks its language, while the control port is open.
    pub(super) driver: Option<Driver>,
    /// The control port; open once there is a driver.
    pub(super) port: Option<PortId>,
    pub(super) reopen_at: Option<Instant>,
    pub(super) reopens: u32,
    /// Its AT port.
    pub(super) at: AtSide,
    /// Its PPP session.
    pub(super) ppp: PppSide,
    /// What it measures.
    pub(super) radio: RadioSide,
    /// What the driver wants kept of its live bearers.
    pub(super) bearers: Option<Table>,
    /// Who waits for what is being done with the SIM's PIN.
    pub(super) pin_call: Option<PinCall>,
    /// Its places for SIMs; in a box, for it is moved when the modem comes and goes.
    pub(super) slots: Box<SlotSide>,
    /// What time its network says it is.
    pub(super) time: TimeSide,
    /// Its short messages.
    pub(super) sms: SmsSide,
    /// Which SIM its access points are those of.
    pub(super) apns: ApnSide,
    /// Its USSD session.
    pub(super) ussd: UssdSide,
    /// How fast its connection is.
    pub(super) speed: SpeedSide,
    /// `option reset_gpio` of its section.
    pub(super) reset_gpio: Option<String>,
}

impl Slot {
    fn new(now: Instant, found: Found, seed: u64, slots: Box<SlotSide>) -> Self {
        let at = AtSide::new(&found);
        // With AT there is no port of its own to open.
        let is_dialled = matches!(found.protocol, Protocol::At | Protocol::Ppp);
        let reopen_at = (!is_dialled).then_some(now);
        Self {
            found,
            machine: Modem::new(now, seed),
            driver: None,
            port: None,
            reopen_at,
            reopens: 0,
            at,
            bearers: None,
            ppp: PppSide::default(),
            radio: RadioSide::default(),
            pin_call: None,
            slots,
            time: TimeSide::default(),
            sms: SmsSide::default(),
            apns: ApnSide::default(),
            ussd: UssdSide::default(),
            speed: SpeedSide::default(),
            reset_gpio: None,
        }
    }

    /// What an interface wants of this modem, when it holds this SIM.
    pub(super) fn want(
        &self,
        config: &Config,
        interface: &InterfaceConfig,
        sim: &SimStatus,
    ) -> Want {
        let section = plan::section_of(config, &self.found, &self.machine);
        plan::want(config, interface, section, sim)
    }

    /// Takes over what the modem's section says of it.
    fn configure(&mut self, now: Instant, config: &Config) {
        let default = ModemConfig::default();
        let section = plan::section_of(config, &self.found, &self.machine).unwrap_or(&default);
        self.reset_gpio.clone_from(&section.reset_gpio);
        self.slots.configure(&section.dual_sim);
        self.configure_radio(now, section);
        self.machine.allow_recovery(&section.recover);
        self.machine.handle_command(now, Command::Enable(section.enabled));
    }

    /// Whether packets are to go over its link many at once.
    pub(super) fn is_aggregated(&self, config: &Config) -> bool {
        let section = plan::section_of(config, &self.found, &self.machine);
        let is_fast = self.found.device.speed_mbps >= AGGREGATED_MBPS;
        self.found.raw_ip.is_some() && section.and_then(|it| it.qmap).unwrap_or(is_fast)
    }

    /// Its link as it knows it.
    pub(super) fn endpoint(&self) -> Option<Endpoint> {
        let is_pcie = self.found.device.path.starts_with("pci:");
        self.found.interface.map(Endpoint::Usb).or(is_pcie.then_some(Endpoint::Pcie))
    }

    /// There is a driver.
    pub(super) fn start(&mut self, now: Instant) {
        self.slots.note_start();
        self.reopens = 0;
        self.reopen_at = None;
        self.machine.handle_command(now, Command::Start);
    }

    /// What the modem calls itself; empty while that is not known.
    pub(super) fn model(&self) -> &str {
        self.machine.facts().identity.model.as_deref().unwrap_or_default()
    }

    /// What there is to recover it with beside its control port.
    pub(super) fn means(&self) -> Means {
        Means {
            at: self.at.name().is_some(),
            gpio: self.reset_gpio.is_some(),
            usb: self.found.device.path.starts_with("usb:"),
            ..Means::default()
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        // The AT port first: the driver may be dialling over it.
        if let Some(driver) = &mut self.at.driver {
            driver.handle_timeout(now);
        }
        if let Some(driver) = &mut self.driver {
            driver.handle_timeout(now);
        }
        self.machine.handle_timeout(now);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        Instant::first_of(&[
            self.driver.as_ref().and_then(Driver::poll_timeout),
            self.at.driver.as_ref().and_then(AtDriver::poll_timeout),
            self.machine.poll_timeout().map(|(at, _)| at),
            self.reopen_at,
            self.at.again_at,
            self.radio.poll_timeout(),
            self.sms.poll_timeout(),
            self.ussd.poll_timeout(),
            self.traffic_due(),
            self.speed.poll_timeout(),
        ])
    }

    /// Whether it is controlled over its AT port.
    pub(super) fn is_dialled(&self) -> bool {
        matches!(self.found.protocol, Protocol::At | Protocol::Ppp)
    }

    /// The requests sent since the control port was opened.
    pub(super) fn requests_sent(&self) -> u64 {
        self.driver.as_ref().map_or(0, Driver::requests_sent)
    }
}

impl Manager {
    /// The modems there are now, for what may change that.
    #[inline(never)]
    pub(super) fn slot_ids(&self) -> Vec<String> {
        self.slots.names_of(&|_, _| true)
    }

    /// Follows what the kernel shows.
    pub(super) fn snapshot(&mut self, now: Instant, snapshot: &Snapshot) {
        let found = discovery::modems(snapshot, &|device| plan::wants_ppp(&self.config, device));
        let gone = self.slots.names_of(&|id, slot| {
            let is_same = |a: &Found, b: &Found| {
                (&a.device, &a.control, a.protocol) == (&b.device, &b.control, b.protocol)
            };
            found.get(id).is_none_or(|found| !is_same(found, &slot.found))
        });
        for id in &gone {
            self.remove_slot(now, id);
        }
        for (id, found) in found {
            if let Some(slot) = self.slots.get_mut(&id) {
                let are_others = slot.found.serial != found.serial;
                slot.found = found;
                if let Some(Driver::Tether(driver)) = &mut slot.driver {
                    driver.set_obstacle(slot.found.obstacle);
                }
                if are_others && slot.at.follow(&slot.found) {
                    self.next_at_port(now, &id);
                }
            } else if self.slots.len() < MODEMS_MAX {
                self.add_slot(now, id, found);
            }
        }
        if !std::mem::replace(&mut self.scanned, true) {
            self.serve_orphans(now);
        }
        self.offer_modems(now);
    }

    fn add_slot(&mut self, now: Instant, id: String, found: Found) {
        log::info!(
            "modem {id}: found {:04x}:{:04x} on {}",
            found.device.vid,
            found.device.pid,
            if found.control.is_empty() { &found.driver } else { &found.control }
        );
        self.tell_modem(now, &id, "added");
        let slots = self.slots_left.take(&id).unwrap_or_default();
        let mut slot = Slot::new(now, found, self.jitter.next_u64(), slots);
        slot.machine.restore_marks(self.marks.clone());
        slot.configure(now, &self.config);
        if let Some(table) = self.ladders.get(&id) {
            slot.machine.restore_ladder(now, table);
        }
        if slot.found.protocol == Protocol::None {
            slot.reopen_at = None;
            slot.driver = Some(Driver::Tether(TetherDriver::new(slot.found.obstacle)));
            slot.machine.handle_command(now, Command::Start);
        }
        self.slots.insert(id.clone(), slot);
        self.open_at_port(&id);
        self.schedule(now);
        self.modem_returned(&id);
    }

    fn remove_slot(&mut self, now: Instant, id: &str) {
        self.sms_lost(id);
        self.stop_speed_test(now, id, speed::LOST);
        self.save_usage(now);
        let Some(mut slot) = self.slots.take(id) else { return };
        log::info!("modem {id}: gone");
        self.pin_lost(slot.pin_call.take());
        self.radio_lost(id, slot.radio.take_waiting());
        self.choice_lost(id);
        self.slots_lost(id, std::mem::take(&mut slot.slots));
        if let Some(port) = slot.port {
            self.put(Output::ClosePort(port));
        }
        if let Some((port, _)) = slot.at.port {
            self.put(Output::ClosePort(port));
        }
        for call in slot.at.driver.map(AtDriver::into_calls).unwrap_or_default() {
            if !self.take_own(now, call, &AtResult::Failed("the modem is gone")) {
                let result = Err(super::CallError::not_found("modem", id));
                self.reply(call, result);
            }
        }
        self.tell_state(now, id, slot.machine.state(), State::Absent, Cause::Unplugged);
        self.tell_modem(now, id, "removed");
        self.adoptable.remove(id);
        self.modem_gone(id);
    }

    fn slot_of_port(&mut self, port: PortId) -> Option<(String, &mut Slot)> {
        self.slots
            .iter_mut()
            .find(|(_, slot)| {
                slot.port == Some(port) || slot.at.port.as_ref().is_some_and(|(at, _)| *at == port)
            })
            .map(|(id, slot)| (id.clone(), slot))
    }

    pub(super) fn port_opened(&mut self, now: Instant, port: PortId) {
        let Some((id, slot)) = self.slot_of_port(port) else {
            self.put(Output::ClosePort(port));
            return;
        };
        let is_control = slot.port == Some(port);
        let is_open = if is_control { slot.driver.is_some() } else { slot.at.driver.is_some() };
        if is_open {
            // Told twice: starting over would forget what is in flight.
            return;
        }
        if is_control {
            slot.driver = match slot.found.protocol {
                Protocol::Qmi => Driver::qmi(),
                Protocol::Mbim => Driver::mbim(
                    slot.found.max_control_transfer.unwrap_or(DEFAULT_CONTROL_TRANSFER),
                ),
                Protocol::At | Protocol::Ppp | Protocol::None => None,
            };
            slot.start(now);
            log::debug!("modem {id}: the control port is open");
        } else {
            let mut driver = AtDriver::new();
            driver.handle_opened(now);
            slot.at.driver = Some(driver);
        }
    }

    pub(super) fn port_data(&mut self, now: Instant, port: PortId, bytes: &[u8]) {
        let Some((_, slot)) = self.slot_of_port(port) else { return };
        if slot.port == Some(port) {
            if let Some(driver) = &mut slot.driver {
                driver.handle_input(now, bytes);
            }
        } else if let Some(at) = &mut slot.at.driver {
            at.handle_input(now, bytes);
            if let Some(driver) = slot.driver.as_mut().filter(|_| slot.port.is_none()) {
                driver.handle_input(now, &[]);
            }
        }
    }

    pub(super) fn port_lost(&mut self, now: Instant, port: PortId, reason: &str) {
        let Some((id, slot)) = self.slot_of_port(port) else { return };
        if slot.port == Some(port) {
            log::warn!("modem {id}: control port {}: {reason}", slot.found.control);
            slot.port = None;
            self.control_lost(now, &id);
        } else {
            log::debug!("modem {id}: AT port: {reason}");
            self.next_at_port(now, &id);
        }
    }

    /// What a modem was controlled by is gone; it is looked for again after a while.
    pub(super) fn control_lost(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let was_open = slot.driver.take().is_some();
        // A port that fails while the modem stays need not end its calls.
        let bearers = slot.bearers.take();
        let wait = doubled(REOPEN_AFTER, slot.reopens.min(6), REOPEN_CAP);
        slot.reopens = slot.reopens.saturating_add(1);
        slot.reopen_at = Some(now + wait);
        if was_open || slot.reopens >= REOPENS_UNDECIDED {
            slot.machine.handle_command(now, Command::PortLost);
        }
        if bearers.is_some() {
            self.adoptable.insert(id.to_owned(), bearers);
        }
    }

    pub(super) fn link_set(
        &mut self,
        now: Instant,
        net: &str,
        mode: Option<LinkMode>,
        mux: Option<String>,
    ) {
        if let Some(mode) = mode {
            // It is looked at again when the configuration changes.
            for node in self.seen.nodes.iter_mut().filter(|node| node.name == net) {
                node.raw_ip = Some(mode != LinkMode::Ethernet);
                node.mux.clone_from(&mux);
            }
        }
        for slot in self.slots.values_mut() {
            if slot.found.net.as_deref() == Some(net)
                && let Some(driver) = &mut slot.driver
            {
                if let Some(mode) = mode {
                    slot.found.raw_ip = Some(mode != LinkMode::Ethernet);
                    slot.found.mux.clone_from(&mux);
                }
                driver.handle_host_reply(now, mode.is_some());
            }
        }
    }

    /// Applies what a change of `/etc/config/ltewan` means for modems that are there.
    pub(super) fn apply_config(&mut self, now: Instant) {
        for id in &self.slot_ids() {
            let interface = self.served_by(id).map(|(_, interface)| interface.config.clone());
            let Some(slot) = self.slots.get_mut(id) else { continue };
            slot.configure(now, &self.config);
            if let Some(interface) = interface {
                let want = slot.want(&self.config, &interface, &slot.machine.facts().sim);
                if slot.machine.want() != Some(&want) {
                    slot.machine.handle_command(now, Command::Connect(want));
                }
            }
            self.follow_quota(now, id, None);
            // Before the next one acts on marks that lack this one's.
            self.pump_machine(now, id);
            self.follow_usb_mode(now, id);
            self.follow_choice(now, id);
        }
        self.offer_modems(now);
    }
}
