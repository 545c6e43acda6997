//! The GPIO line that selects a modem's SIM, on boards that have one.
//!
//! Modems know nothing of it: what they say of their SIM is of the one before until they have been
//! started anew, for few look for another while they run. So a modem is restarted by itself, then
//! by its reset line; and until it has been, no SIM that it tells of counts and no PIN goes out.

use super::SlotSide;
use crate::config::RecoveryStep;
use crate::driver::choice::{RadioAnswer, RadioRequest};
use crate::driver::{Event, Failure, FailureKind};
use crate::log;
use crate::manager::{Manager, Output};
use crate::modem::Command;
use crate::time::Instant;
use crate::types::{SimSlot, SimState, SimStatus, SlotLineOrder, SlotState};

/// How far it is with a modem that has to start anew to read its SIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It was told to.
    Told,
    /// It did not, so its reset line was pulled.
    Pulled,
    /// That did not help either.
    InVain,
}

impl SlotSide {
    /// Whether a line selects its SIM.
    pub(super) fn has_line(&self) -> bool {
        self.wanted.line.is_some()
    }

    /// The modem has started anew: what it says of its SIM is of the one in use.
    pub(in crate::manager) fn note_start(&mut self) {
        self.unread = None;
    }
}

/// The slots, of which a line says no more than which is in use.
pub(super) fn slots(active: Option<u8>) -> Vec<SimSlot> {
    let state = SlotState::Unknown;
    let mut list = Vec::new();
    for slot in [1, 2] {
        list.push(SimSlot { slot, active: active == Some(slot), state, iccid: None });
    }
    list
}

impl Manager {
    /// Has the line read or set, where one selects the SIM; whether it does.
    pub(in crate::manager) fn ask_line(
        &mut self,
        id: &str,
        number: u32,
        request: &RadioRequest,
    ) -> bool {
        let Some(wanted) = self.slots.get(id).map(|slot| &slot.slots.wanted) else { return false };
        let (line, high) = match (wanted.line.clone(), request) {
            (Some(line), RadioRequest::Slots) => (line, None),
            (Some(line), RadioRequest::SetSlot(to)) => {
                (line, Some((*to == 1) == wanted.is_first_high))
            }
            (..) => return false,
        };
        self.put(Output::SlotLine(SlotLineOrder { modem: id.to_owned(), number, line, high }));
        true
    }

    /// What came of it.
    pub(in crate::manager) fn line_told(
        &mut self,
        now: Instant,
        order: &SlotLineOrder,
        result: Result<bool, String>,
    ) {
        let Some(slot) = self.slots.get(&order.modem) else { return };
        let result = match result {
            Ok(high) => {
                let is_first = high == slot.slots.wanted.is_first_high;
                Ok(RadioAnswer::Slots(slots(Some(if is_first { 1 } else { 2 }))))
            }
            Err(why) => {
                Err(Failure::new(FailureKind::Refused, &format!("option slot_gpio: {why}")))
            }
        };
        self.choice_answered(now, &order.modem, order.number, &result);
    }

    /// What counts of an event of a modem that may not have read the SIM that it was given.
    pub(super) fn heed_unread(
        &mut self,
        now: Instant,
        id: &str,
        mut event: Event,
    ) -> Option<Event> {
        let Some(slot) = self.slots.get_mut(id) else { return Some(event) };
        let Some(unread) = slot.slots.unread else { return Some(event) };
        if matches!(event, Event::Restarted) {
            slot.slots.note_start();
        }
        if matches!(event, Event::Sim(_)) {
            return None;
        }
        let is_verdict = matches!(event, Event::Initialized(_) | Event::RequestFailed(_));
        if is_verdict && unread == Unread::Told && slot.reset_gpio.is_some() {
            slot.slots.unread = Some(Unread::Pulled);
            slot.machine.handle_command(now, Command::CyclePower(RecoveryStep::Gpio));
            return None;
        }
        if let Event::Initialized(report) = &mut event {
            log::error!("modem {id}: it does not restart, so it has not read its SIM");
            slot.slots.unread = Some(Unread::InVain);
            report.sim = SimStatus { state: SimState::Error, ..SimStatus::default() };
        }
        Some(event)
    }
}
