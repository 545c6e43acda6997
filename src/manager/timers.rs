//! What the daemon does by itself when it is time.

use super::Manager;
use super::interfaces::Interface;
use super::power::Pulse;
use super::slot::Slot;
use super::usb_mode::Switch;
use crate::time::Instant;

impl Manager {
    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        let ids: Vec<String> = self.slots.keys().cloned().collect();
        for id in ids {
            if let Some(slot) = self.slots.get_mut(&id) {
                slot.handle_timeout(now);
            }
            self.radio_due(now, &id);
            self.follow_slots(now, &id);
            // Before the next one acts on marks that lack this one's.
            self.pump_machine(now, &id);
        }
        self.expire_interfaces(now);
        self.expire_pulses(now);
        self.expire_switches(now);
        self.expire_sms(now);
        self.expire_ussd(now);
        self.expire_choices(now);
        self.expire_speed_tests(now);
        self.ask_time_if_due(now);
        self.start_usbmuxd_if_due(now);
        self.pump(now);
    }

    /// When [`Manager::handle_timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let slots = self.slots.values().filter_map(Slot::poll_timeout);
        let slots = slots.chain(self.slots.iter().filter_map(|(id, _)| self.slots_timeout(id)));
        let interfaces = self.interfaces.values().filter_map(Interface::poll_timeout);
        let pulses = self.pulses.values().map(Pulse::poll_timeout);
        let switches = self.switches.values().map(Switch::poll_timeout);
        let others = self.ask_time_at.into_iter().chain(self.usbmuxd.poll_timeout());
        let others = others.chain(self.sms_timeout());
        let others = others.chain(self.choice_timeouts());
        slots.chain(interfaces).chain(pulses).chain(switches).chain(others).min()
    }
}
