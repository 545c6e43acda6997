//! The methods `signal`, `history` and `cells`.

use super::super::slot::Slot;
use super::history::Span;
use super::{CELLS_FRESH, CELLS_PATIENCE, Manager, document};
use crate::driver::Measure;
use crate::manager::{CallError, CallId};
use crate::time::{Duration, Instant};
use crate::types::Table;

/// How many callers of `cells` are kept waiting for one modem.
const WAITING_MAX: usize = 16;

impl Manager {
    /// What a modem hears; with `interval_s` it is asked that often from now on, for a while.
    pub(in super::super) fn call_signal(
        &mut self,
        now: Instant,
        args: &Table,
    ) -> Result<Table, CallError> {
        let every = match args.get_i64("interval_s") {
            None => None,
            Some(secs @ 1..=60) => Some(Duration::from_secs(secs.unsigned_abs())),
            Some(_) => return Err(CallError::invalid("interval_s", "1 to 60")),
        };
        let id = self.modem_that_hears(args)?;
        if let Some(every) = every
            && let Some(slot) = self.slots.get_mut(&id)
        {
            slot.radio.watch(now, every);
            self.radio_due(now, &id);
        }
        Ok(self.signal_document(now, &id))
    }

    /// What a modem measured before.
    pub(in super::super) fn call_history(
        &self,
        now: Instant,
        args: &Table,
    ) -> Result<Table, CallError> {
        let span = Span::parse(args.get_str("span").unwrap_or("hour"))
            .ok_or_else(|| CallError::invalid("span", "hour or day"))?;
        let id = self.modem_named(args)?;
        let mut table = Table::new();
        table.put("modem", id.as_str());
        if let Some(slot) = self.slots.get(&id) {
            table.0.extend(document::history(now, slot, span).0);
        }
        Ok(table)
    }

    /// The cells around a modem, answered when it has told of them.
    pub(in super::super) fn call_cells(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let id = self.modem_that_hears(args)?;
        let Some(slot) = self.slots.get_mut(&id) else { return Ok(()) };
        if slot.radio.waiting.len() >= WAITING_MAX {
            return Err(CallError::limit("callers of cells", WAITING_MAX));
        }
        slot.radio.waiting.push(call);
        let is_fresh = slot.radio.measured_at.is_some_and(|at| {
            now.saturating_since(at) < CELLS_FRESH && slot.radio.measured.cells.serving.is_some()
        });
        if is_fresh || !slot.machine.is_known() {
            self.answer_cells(now, &id);
        } else if slot.radio.wait_until.is_none() {
            slot.radio.wait_until = Some(now + CELLS_PATIENCE);
            let asked = [slot.measure(now, Measure::All), slot.survey(now, Measure::All)];
            slot.radio.unanswered = asked.into_iter().map(u8::from).sum();
            if slot.radio.unanswered == 0 {
                self.answer_cells(now, &id);
            }
        }
        Ok(())
    }

    /// Answers those who wait for cells.
    pub(super) fn answer_cells(&mut self, now: Instant, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        slot.radio.wait_until = None;
        let calls = std::mem::take(&mut slot.radio.waiting);
        for call in calls {
            let Some(slot) = self.slots.get(id) else { return };
            let mut table = Table::new();
            table.put("modem", id);
            table.0.extend(document::cells(now, slot).0);
            self.reply(call, Ok(table));
        }
    }

    /// The modem is gone: those who wait for it learn that.
    pub(in super::super) fn radio_lost(&mut self, id: &str, waiting: Vec<CallId>) {
        for call in waiting {
            self.reply(call, Err(CallError::not_found("modem", id)));
        }
    }

    fn modem_that_hears(&self, args: &Table) -> Result<String, CallError> {
        let id = self.modem_named(args)?;
        // A stick may say on its own page what it hears.
        let is_silent = |slot: &Slot| slot.machine.facts().is_tether && slot.radio.signal.is_none();
        if self.slots.get(&id).is_some_and(is_silent) {
            return Err(CallError::unsupported("nothing but a link is known of this modem"));
        }
        Ok(id)
    }
}
