//! Carries events, actions and bytes between a modem's driver, its machine and the outside.

use super::{CallError, CallId, Kept, Manager, Output, PortKind, speed};
use crate::driver::at::AtEvent;
use crate::driver::{Event, Initialize, Request};
use crate::log;
use crate::modem::pin::Marks;
use crate::modem::{Action, Cause, Command, State};
use crate::time::Instant;
use crate::types::{SimStatus, Table};

impl Manager {
    pub(super) fn put(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// Answers a call.
    #[inline(never)]
    pub(super) fn reply(&mut self, call: CallId, result: Result<Table, CallError>) {
        self.outputs.push_back(Output::Reply { call, result });
    }

    /// Tells the subscribers of our ubus object.
    #[inline(never)]
    pub(super) fn notify(&mut self, kind: &'static str, data: Table) {
        self.outputs.push_back(Output::Notify { kind, data });
    }

    /// Carries events, actions and bytes between the parts until none is left.
    pub(super) fn pump(&mut self, now: Instant) {
        // Each round takes at least one event or action; a modem cannot make them endless.
        loop {
            while self.pump_slots(now) {}
            self.follow_links(now);
            self.follow_pages();
            let is_told = self.follow_sessions(now);
            // A redial takes the link down, and with it the watchdog that asked for it.
            if !self.follow_checks(now) && !is_told {
                break;
            }
        }
        self.follow_leds(now);
    }

    /// Opens the ports that are due.
    pub(super) fn open_ports(&mut self, now: Instant) {
        self.ask_for_at_again(now);
        for id in &self.slot_ids() {
            let Some(slot) = self.slots.get_mut(id) else { continue };
            if slot.port.is_some() || slot.reopen_at.is_none_or(|at| at > now) {
                continue;
            }
            slot.reopen_at = None;
            if slot.found.control.is_empty() {
                self.open_at_port(id);
                continue;
            }
            let port = self.next_port;
            self.next_port += 1;
            slot.port = Some(port);
            let name = slot.found.control.clone();
            self.put(Output::OpenPort { port, name, kind: PortKind::Control });
        }
    }

    /// One round of events, actions and bytes; whether there was any.
    pub(super) fn pump_slots(&mut self, now: Instant) -> bool {
        let mut busy = false;
        self.open_ports(now);
        for id in &self.slot_ids() {
            busy |= self.pump_driver(now, id);
            busy |= self.pump_at(now, id);
            if let Some(slot) = self.slots.get_mut(id) {
                slot.machine.set_means(now, slot.means());
            }
            busy |= self.pump_machine(now, id);
        }
        busy
    }

    /// Does what a machine wants done; whether there was anything.
    pub(super) fn pump_machine(&mut self, now: Instant, id: &str) -> bool {
        let mut busy = false;
        while let Some(action) = self.slots.get_mut(id).and_then(|slot| slot.machine.poll_action())
        {
            busy = true;
            self.act(now, id, action);
        }
        busy
    }

    pub(super) fn pump_driver(&mut self, now: Instant, id: &str) -> bool {
        let mut busy = false;
        let Some(slot) = self.slots.get_mut(id) else { return false };
        let Some(driver) = &mut slot.driver else { return false };
        let mut events = Vec::new();
        while let Some(event) = driver.poll_event() {
            events.push(event);
        }
        for event in events {
            busy = true;
            self.take_event(now, id, event);
        }
        let Some(slot) = self.slots.get_mut(id) else { return busy };
        let Some(driver) = &mut slot.driver else { return busy };
        let port = slot.port;
        while let Some(bytes) = driver.poll_transmit() {
            if let Some(port) = port {
                self.outputs.push_back(Output::Write { port, bytes });
            }
        }
        busy
    }

    pub(super) fn take_event(&mut self, now: Instant, id: &str, event: Event) {
        if let Event::Sms(event) = event {
            return self.sms_event(now, id, event);
        }
        let Some(event) = self.heed_sim(now, id, event) else { return };
        if let Event::Ussd(event) = event {
            return self.ussd_event(now, id, event);
        }
        self.note_radio(now, id, &event);
        let sim = sim_told(&event);
        if let Some(sim) = sim {
            self.follow_sim(now, id, sim);
        }
        // The SIM decides which profile counts, so the machine learns of that first.
        let want = sim.and_then(|sim| {
            let (_, interface) = self.served_by(id)?;
            Some(self.slots.get(id)?.want(&self.config, &interface.config, sim))
        });
        let is_initialized = matches!(event, Event::Initialized(_));
        let sim_changed = is_initialized || matches!(event, Event::Sim(_));
        if is_initialized {
            self.adoptable.remove(id);
        }
        self.follow_quota(now, id, sim);
        let Some(slot) = self.slots.get_mut(id) else { return };
        if let Some(want) = want
            && slot.machine.want() != Some(&want)
        {
            slot.machine.handle_command(now, Command::Connect(want));
        }
        slot.machine.handle_event(now, event.clone());
        self.choice_event(now, id, &event);
        if sim_changed {
            self.slots_changed(id, is_initialized);
        }
        if is_initialized {
            // An interface may know its modem by the IMEI alone, and hold the PIN it waits for.
            self.apply_config(now);
        }
    }

    pub(super) fn pump_at(&mut self, now: Instant, id: &str) -> bool {
        let mut events = Vec::new();
        let Some(slot) = self.slots.get_mut(id) else { return false };
        let Some(driver) = &mut slot.at.driver else { return false };
        while let Some(event) = driver.poll_event() {
            events.push(event);
        }
        // Its next question goes out at once.
        let measured = slot.at.survey.as_mut().and_then(|survey| survey.poll(now));
        if let Some((port, _)) = slot.at.port {
            while let Some(bytes) = driver.poll_transmit() {
                self.outputs.push_back(Output::Write { port, bytes });
            }
        }
        let busy = !events.is_empty() || measured.is_some();
        if let Some(measured) = measured {
            self.surveyed(now, id, measured);
        }
        for event in events {
            match event {
                AtEvent::Ready => {
                    self.survey_from_now_on(id);
                    log::debug!("modem {id}: the AT port answers");
                    self.at_port_ready(now, id);
                }
                AtEvent::Unusable => self.next_at_port(now, id),
                AtEvent::ResetRefused => self.restart_by_control(now, id),
                AtEvent::Identity(identity) => {
                    if let Some(slot) = self.slots.get_mut(id) {
                        slot.machine.refine_identity(identity);
                    }
                    self.offer_modems(now);
                    self.follow_usb_mode(now, id);
                    self.follow_choice(now, id);
                }
                AtEvent::Reply { call, result } if self.take_own(now, call, &result) => {}
                AtEvent::Reply { call, result } => {
                    self.reply(call, super::calls::at_reply(result));
                }
            }
        }
        busy
    }

    pub(super) fn act(&mut self, now: Instant, id: &str, action: Action) {
        match action {
            Action::Initialize { adopt } => self.initialize(now, id, adopt),
            Action::Ask(Request::Probe) if self.is_deafened(id) => {
                if let Some(slot) = self.slots.get_mut(id) {
                    slot.machine.handle_event(now, Event::Alive);
                }
            }
            Action::Ask(request) => {
                if let Some(driver) = self.slots.get_mut(id).and_then(|slot| slot.driver.as_mut()) {
                    driver.handle_request(now, request);
                }
            }
            Action::Trouble(cause) => self.trouble(id, cause),
            Action::Disconnected => self.released(id),
            Action::StateChanged { from, to, cause } => {
                self.state_changed(now, id, from, to, cause)
            }
            Action::KeepMarks(table) => {
                self.marks = Marks::from_table(&table);
                for slot in self.slots.values_mut() {
                    slot.machine.restore_marks(self.marks.clone());
                }
                self.keeping_marks.push_back(id.to_owned());
                self.put(Output::Keep(Kept::Marks, Some(table)));
            }
            Action::Restart => self.restart_modem(now, id),
            Action::CyclePower(step) => self.begin_pulse(now, id, step),
            Action::Reboot => self.reboot_router(now, id),
            Action::KeepLadder(table) => {
                self.ladders.insert(id.to_owned(), table.clone());
                self.put(Output::Keep(Kept::Ladder(id.to_owned()), Some(table)));
            }
            Action::ApnWorked(candidate) => self.apn_worked(id, &candidate),
            Action::Lasted => self.connection_lasted(id),
            Action::PinDone(result) => self.pin_done(id, result),
            Action::Ppp(order) => self.order_ppp(id, order),
            Action::ReadPage(request) => self.read_page(id, request),
            Action::KeepBearers(table) => self.keep_bearers(id, table),
            Action::SetLink(mode) => {
                let net = self.slots.get(id).and_then(|slot| slot.found.net.clone());
                if let Some(net) = net {
                    self.put(Output::SetLink { net, mode });
                } else if let Some(slot) = self.slots.get_mut(id)
                    && let Some(driver) = &mut slot.driver
                {
                    driver.handle_host_reply(now, false);
                }
            }
        }
    }

    pub(super) fn initialize(&mut self, now: Instant, id: &str, adopt: bool) {
        let saved = self.adoptable.get(id).cloned().flatten().filter(|_| adopt);
        let Some(slot) = self.slots.get_mut(id) else { return };
        let (raw_ip, is_muxed) = (slot.found.raw_ip, slot.found.mux.is_some());
        let endpoint = slot.endpoint();
        let qmap = slot.is_aggregated(&self.config);
        let request = Initialize { saved, raw_ip, is_muxed, endpoint, qmap };
        match &mut slot.driver {
            Some(driver) => driver.handle_request(now, Request::Initialize(request)),
            // It is initialized when its port can be opened.
            None => slot.machine.handle_command(now, Command::PortLost),
        }
    }

    pub(super) fn state_changed(
        &mut self,
        now: Instant,
        id: &str,
        from: State,
        to: State,
        cause: Cause,
    ) {
        if from != to {
            log::info!("modem {id}: {} -> {}: {}", from.name(), to.name(), cause.sentence());
        }
        self.tell_state(now, id, from, to, cause);
        self.follow_sms(now, id, to);
        if from != to && (from == State::Connected || to == State::Connected) {
            self.read_traffic(id);
        }
        if from == State::Connected && to != from {
            self.stop_speed_test(now, id, speed::LOST);
        }
        match to {
            State::Searching | State::Registered | State::Disabled => {
                self.follow_network(now, id);
                self.follow_choice(now, id);
                self.unblock(id);
                self.offer_modems(now);
            }
            State::Absent
            | State::Initializing
            | State::Locked
            | State::Connecting
            | State::Connected
            | State::Disconnecting
            | State::Recovering
            | State::Failed => {}
        }
    }

    pub(super) fn keep_bearers(&mut self, id: &str, table: Table) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.bearers = (!table.is_empty()).then_some(table);
        let kept = slot.bearers.is_some();
        let Some(name) = self.served_by(id).map(|(name, _)| name.clone()) else { return };
        if kept {
            self.keep(&name);
        } else {
            self.put(Output::Keep(Kept::Interface(name), None));
        }
    }
}

/// The SIM as an event tells of it.
fn sim_told(event: &Event) -> Option<&SimStatus> {
    match event {
        Event::Initialized(report) => Some(&report.sim),
        Event::Sim(sim) | Event::PinDone { sim, .. } => Some(sim),
        Event::InitializeFailed(_)
        | Event::UnlockFailed(_)
        | Event::UnlockDone
        | Event::Mode(_)
        | Event::Radio(..)
        | Event::Registration(_)
        | Event::Signal(_)
        | Event::Measured(_)
        | Event::Time(_)
        | Event::Connected(_)
        | Event::FamilyRefused
        | Event::ConnectFailed(_)
        | Event::BearerLost(_)
        | Event::Disconnected
        | Event::Alive
        | Event::Unresponsive
        | Event::Restarted
        | Event::RequestFailed(_)
        | Event::Saved(_)
        | Event::SetLink(_)
        | Event::Ppp(_)
        | Event::ReadPage(_)
        | Event::Sms(_)
        | Event::Ussd(_) => None,
    }
}
