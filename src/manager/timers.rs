//! What the daemon does by itself when it is time.

use super::Manager;
use crate::time::Instant;

impl Manager {
    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        for id in &self.slot_ids() {
            if let Some(slot) = self.slots.get_mut(id) {
                slot.handle_timeout(now);
            }
            self.radio_due(now, id);
            self.follow_slots(now, id);
            // Before the next one acts on marks that lack this one's.
            self.pump_machine(now, id);
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
        let mut next =
            Instant::first_of(&[self.ask_time_at, self.usbmuxd.poll_timeout(), self.sms_timeout()]);
        for (id, slot) in self.slots.iter() {
            next = Instant::first_of(&[next, slot.poll_timeout(), self.slots_timeout(id)]);
        }
        for interface in self.interfaces.values() {
            next = Instant::first_of(&[next, interface.poll_timeout()]);
        }
        for pulse in self.pulses.values() {
            next = Instant::first_of(&[next, Some(pulse.poll_timeout())]);
        }
        for switch in self.switches.values() {
            next = Instant::first_of(&[next, Some(switch.poll_timeout())]);
        }
        for choice in self.choices.values() {
            next = Instant::first_of(&[next, choice.poll_timeout()]);
        }
        next
    }
}
