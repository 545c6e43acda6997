//! Registering with a network that was chosen: until it is there, or for so long.

use super::Purpose;
use crate::log;
use crate::manager::{CallError, Manager, radio, status};
use crate::modem::State;
use crate::time::{Duration, Instant};
use crate::types::{Plmn, RegistrationState};

/// How often a modem is told to leave a network that was chosen by hand.
const LEAVES_MAX: u32 = 5;

/// How long after it did not take note of that.
const LEAVE_AGAIN_AFTER: Duration = Duration::from_secs(60);

/// A network that was chosen by hand, on which the modem may insist.
#[derive(Debug, Default)]
pub(in crate::manager) struct ByHand {
    /// What the interface says is to count again.
    is_over: bool,
    leaves: u32,
    /// When the modem is told so again.
    at: Option<Instant>,
}

impl ByHand {
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.at
    }
}

impl Manager {
    fn configured_network(&self, id: &str) -> Option<Plmn> {
        self.slots.get(id)?.machine.want()?.selection.plmn
    }

    /// A network is being chosen by hand.
    pub(super) fn note_by_hand(&mut self, id: &str, plmn: Option<Plmn>) {
        let is_other = plmn.is_some() && plmn != self.configured_network(id);
        if let Some(radio) = self.choices.get_mut(id) {
            radio.by_hand = is_other.then(ByHand::default);
        }
        self.keep_choice(id);
    }

    /// The modem insists on no network that was chosen by hand.
    pub(super) fn network_left(&mut self, id: &str) {
        if let Some(radio) = self.choices.get_mut(id) {
            radio.by_hand = None;
        }
        self.keep_choice(id);
    }

    /// A network chosen by hand cannot be had, or the modem has restarted: it is not insisted on.
    pub(super) fn leave_network(&mut self, now: Instant, id: &str) {
        let by_hand = self.choices.get_mut(id).and_then(|radio| radio.by_hand.as_mut());
        if let Some(by_hand) = by_hand {
            *by_hand = ByHand { is_over: true, ..ByHand::default() };
            self.follow_network(now, id);
        }
    }

    /// Tells a modem which network its interface says, if it may insist on another.
    pub(in crate::manager) fn follow_network(&mut self, now: Instant, id: &str) {
        let plmn = self.configured_network(id);
        let state = self.slots.get(id).map_or(State::Absent, |slot| slot.machine.state());
        let radio = self.choices.get_mut(id).filter(|radio| radio.asked.is_none());
        let Some(by_hand) = radio.and_then(|radio| radio.by_hand.as_mut()) else { return };
        let is_usable = matches!(
            state,
            State::Searching | State::Registered | State::Connecting | State::Connected
        );
        // It is told when it can be.
        if !by_hand.is_over || by_hand.at.is_some() || !is_usable {
            return;
        }
        if by_hand.leaves >= LEAVES_MAX {
            log::warn!("modem {id}: it may go on looking for a network that was chosen by hand");
            self.network_left(id);
            return;
        }
        by_hand.leaves += 1;
        by_hand.at = Some(now + LEAVE_AGAIN_AFTER);
        if let Err(error) = self.ask_choice(now, id, None, Purpose::Register(plmn, false)) {
            log::debug!("modem {id}: {}", error.message);
        }
    }

    /// Tells the modems again for which that is due.
    pub(super) fn expire_networks(&mut self, now: Instant) {
        let mut due = Vec::new();
        for (id, radio) in self.choices.iter_mut() {
            if let Some(by_hand) = &mut radio.by_hand
                && Instant::take_due(&mut by_hand.at, now)
            {
                due.push(id.clone());
            }
        }
        due.iter().for_each(|id| self.follow_network(now, id));
    }

    /// A registration that was asked for may be there. `is_news` when the modem said so just now.
    pub(in crate::manager) fn follow_registering(&mut self, now: Instant, id: &str, is_news: bool) {
        let asked = self.choices.get(id).and_then(|radio| radio.asked.as_ref());
        let Some(Purpose::Register(plmn, true)) = asked.map(|asked| &asked.purpose) else { return };
        let (plmn, caller) = (*plmn, asked.and_then(|asked| asked.caller));
        let Some(slot) = self.slots.get(id) else { return };
        let registration = slot.machine.facts().registration.clone();
        let is_there = registration.state.is_registered()
            && plmn.is_none_or(|plmn| registration.plmn == Some(plmn));
        let is_refused = is_news && registration.state == RegistrationState::Denied;
        if !is_there && !is_refused {
            return;
        }
        if let Some(radio) = self.choices.get_mut(id) {
            radio.asked = None;
        }
        if is_there {
            let band = radio::band(slot);
            self.answer(caller, Ok(status::registration(&registration, band)));
            return;
        }
        let cause = registration.reject_cause;
        let cause = cause.map_or_else(String::new, |cause| format!(" (reject cause {cause})"));
        self.leave_network(now, id);
        let message = format!("the network refused the registration{cause}");
        self.answer(caller, Err(CallError::failed("REFUSED", &message)));
    }
}
