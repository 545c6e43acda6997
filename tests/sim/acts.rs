//! What can be done to the modem, done.

use ltewan::time::{Duration, Instant};

use super::SimModem;
use super::command::{Command, SimChange, Timing};
use super::config::Front;
use super::world::network::Family;
use super::world::uicc::{CardState, PinState, Uicc};
use super::world::ussd::Said;

impl SimModem {
    /// Does something to the modem.
    pub(crate) fn command(&mut self, now: Instant, command: &Command) {
        match command {
            Command::Latency(delay) => self.link.latency = *delay,
            Command::LatencyOf(service, message, delay) => {
                self.link.latency_of.insert((*service, *message), *delay);
            }
            Command::LatencyAt(delay) => self.link.latency_at = *delay,
            Command::Silence(on) => self.link.silent = *on,
            Command::Hang(on) => self.link.hung = *on,
            Command::Lose(count) => self.link.lose = *count,
            // A serial line repeats nothing.
            Command::Duplicate(_) if self.config.front == Front::At => {}
            Command::Duplicate(count) => self.link.duplicate = *count,
            Command::Split(size) => self.link.split = *size,
            Command::Garbage(bytes) => self.link.garbage.clone_from(bytes),
            Command::Mtu(bytes) => self.world.network.mtu = *bytes,
            Command::Data(on) => self.world.network.data_dead = !on,
            Command::Policy(policy) => self.world.network.policy = *policy,
            Command::Apns(apns) => self.world.network.apns.clone_from(apns),
            Command::Sms(tpdu) => self.world.messages.receive(tpdu.clone()),
            Command::DirectSms(tpdu) if self.config.front != Front::Qmi => {
                self.world.messages.receive(tpdu.clone());
            }
            Command::DirectSms(tpdu) => self.world.messages.receive_direct(now, tpdu.clone()),
            Command::ReplaceSms(index, tpdu) => self.world.messages.replace(*index, tpdu.clone()),
            Command::RefuseSms(count, cause) => self.world.messages.refusals = (*count, *cause),
            Command::Sim(change) => self.change_sim(now, change),
            Command::Other(change) => self.change_other_sim(now, change),
            Command::Line(slot) => self.world.connect_slot(*slot),
            Command::Slots(manner) => self.world.slot_manner = *manner,
            Command::Time(timing, length) => self.change_timing(*timing, *length),
            Command::Reset(time) => {
                self.detach(now, Some(time.unwrap_or(self.config.timings.boot)))
            }
            Command::Usb(function) => {
                self.world.usb_setting = Some(*function);
                self.detach(now, Some(self.config.timings.boot));
            }
            Command::Unplug => self.detach(now, None),
            Command::Replug(time) => self.detach(now, Some(*time)),
            Command::Ussd(text, wants_reply) => {
                self.world.ussd.say(now, Said::Text(text.clone(), *wants_reply));
            }
            Command::Urc(text) => self.say_unasked(now, text),
            Command::Drop(families, reason) => {
                // A PDP context ends as a whole.
                let is_whole = self.config.front == Front::At;
                let families = if is_whole { Family::ALL.as_slice() } else { families };
                for family in families {
                    self.world.drop_bearer(*family, *reason);
                }
            }
            Command::Address(families) => {
                for family in families {
                    self.world.renumber(*family);
                }
            }
            Command::Coverage(coverage) => {
                self.world.other_coverage = *coverage;
                self.change_sim(now, &SimChange::Coverage(*coverage));
            }
            Command::Fix(on) => self.world.receiver.has_fix = *on,
            Command::Cells(bands) => {
                self.world.radio.air.cells.clone_from(bands);
                self.world.search_again(now);
            }
            Command::Stubborn(on) => self.world.radio.air.is_stubborn = *on,
            Command::Signal(signal) => {
                self.world.radio.signal = *signal;
                self.world.signal_changed();
            }
        }
        self.pump(now);
    }

    fn change_sim(&mut self, now: Instant, change: &SimChange) {
        if let SimChange::Coverage(coverage) = change {
            self.world.radio.coverage = *coverage;
            return self.world.search_again(now);
        }
        change_card(&mut self.world.uicc, now, self.config.timings.sim_ready, change);
        self.world.uicc_changed(now);
    }

    /// The same, which nobody notices.
    fn change_other_sim(&mut self, now: Instant, change: &SimChange) {
        if let SimChange::Coverage(coverage) = change {
            self.world.other_coverage = *coverage;
        } else if let Some(uicc) = &mut self.world.other {
            change_card(uicc, now, Duration::ZERO, change);
        }
    }

    fn change_timing(&mut self, timing: Timing, length: Duration) {
        match timing {
            Timing::Sim => self.config.timings.sim_ready = length,
            Timing::Registration => self.world.registration_time = length,
            Timing::Bearer => self.world.bearer_time = length,
            Timing::Boot => self.config.timings.boot = length,
        }
    }

    fn say_unasked(&mut self, now: Instant, text: &str) {
        for front in &self.at {
            front.urc(now, &mut self.link, text);
        }
    }
}

fn change_card(uicc: &mut Uicc, now: Instant, ready: Duration, change: &SimChange) {
    match change {
        SimChange::Absent => uicc.card = CardState::Absent,
        SimChange::Error => uicc.card = CardState::Error,
        SimChange::Insert => {
            uicc.card = CardState::Present;
            uicc.reset(now + ready);
        }
        SimChange::Ready => uicc.pin1 = PinState::Disabled,
        SimChange::Pin => uicc.pin1 = PinState::EnabledNotVerified,
        SimChange::Puk => (uicc.pin1, uicc.pin_retries) = (PinState::Blocked, 0),
        SimChange::Blocked => {
            uicc.pin1 = PinState::PermanentlyBlocked;
            (uicc.pin_retries, uicc.puk_retries) = (0, 0);
        }
        SimChange::NotReady(length) => uicc.reset(now + *length),
        SimChange::Retries(count) => uicc.pin_retries = *count,
        SimChange::Coverage(_) => {}
    }
}
