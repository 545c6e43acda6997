//! Registering with a network that was chosen: until it is there, or for so long.

use super::Purpose;
use crate::manager::{CallError, CallId, Manager, radio, status};
use crate::time::Instant;
use crate::types::{Plmn, RegistrationState};

impl Manager {
    /// A network that could not be had is not insisted on.
    pub(super) fn choose_as_before(
        &mut self,
        now: Instant,
        id: &str,
        plmn: Option<Plmn>,
        caller: Option<CallId>,
    ) {
        let want = self.slots.get(id).and_then(|slot| slot.machine.want());
        let before = want.and_then(|want| want.selection.plmn);
        // What is done for nobody is the attempt to go back.
        if caller.is_some() && plmn.is_some() && before != plmn {
            let purpose = Purpose::Register(before, false);
            if self.ask_choice(now, id, None, purpose).is_err() {
                log::warn!("modem {id}: it may go on looking for a network it did not find");
            }
        }
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
        self.choose_as_before(now, id, plmn, caller);
        let message = format!("the network refused the registration{cause}");
        self.answer(caller, Err(CallError::failed("REFUSED", &message)));
    }
}
