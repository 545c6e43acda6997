//! The methods of the bus about bands and networks.

use super::super::{CallError, CallId, Manager};
use super::{Change, Origin, Purpose, WAITING_MAX, args};
use crate::driver::Request;
use crate::driver::choice::RadioRequest;
use crate::time::Instant;
use crate::types::Table;

impl Manager {
    /// The method `bands`.
    pub(in crate::manager) fn bands(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let id = self.modem_named(args)?;
        self.ask_choice(now, &id, Some(call), Purpose::Show)
    }

    /// The methods `set_bands` and `set_modes`.
    pub(in crate::manager) fn set_bands(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
        is_modes: bool,
    ) -> Result<(), CallError> {
        let choice = if is_modes { args::modes(args)? } else { args::bands(args)? };
        let restore = args::restore(args)?;
        let id = self.modem_named(args)?;
        let change = Change { choice, restore, origin: Origin::Caller };
        self.ask_choice(now, &id, Some(call), Purpose::Prepare(change))
    }

    /// The method `register`.
    pub(in crate::manager) fn register(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let plmn = args::plmn(args)?;
        let id = self.modem_named(args)?;
        self.ask_choice(now, &id, Some(call), Purpose::Register(plmn, false))?;
        self.note_by_hand(&id, plmn);
        Ok(())
    }

    /// The method `scan`: begins one, or stops it.
    pub(in crate::manager) fn scan(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let id = self.modem_named(args)?;
        if !args::flag(args, "cancel")? {
            if self.join_scan(call, &id)? {
                return Ok(());
            }
            self.ask_choice(now, &id, Some(call), Purpose::Scan)?;
            self.tell_scan(&id, "started", None);
            return Ok(());
        }
        let radio = self.choices.get_mut(&id).and_then(|radio| radio.asked.as_mut());
        let scan = radio.filter(|asked| asked.purpose == Purpose::Scan);
        let caller = scan.and_then(|asked| asked.caller.take());
        let caller = caller.ok_or_else(|| CallError::failed("NO_SCAN", "no scan is under way"))?;
        let result = Err(CallError::failed("CANCELLED", "the scan was cancelled"));
        self.answer_all(&id, Some(caller), result);
        self.reply(call, Ok(Table::new()));
        self.tell_scan(&id, "cancelled", None);
        // Over AT nothing stops it; its answer is then nobody's.
        let number = self.next_choice();
        if let Some(slot) = self.slots.get_mut(&id)
            && !slot.is_dialled()
            && let Some(driver) = &mut slot.driver
        {
            driver.handle_request(now, Request::Radio(number, RadioRequest::StopScan));
        }
        Ok(())
    }

    /// Has a caller wait for the search that is under way; whether there is one. It may take longer
    /// than whoever began it could wait.
    fn join_scan(&mut self, call: CallId, id: &str) -> Result<bool, CallError> {
        let Some(radio) = self.choices.get_mut(id) else { return Ok(false) };
        let scan = radio.asked.as_mut().filter(|asked| asked.purpose == Purpose::Scan);
        let Some(asked) = scan else { return Ok(false) };
        if asked.caller.is_none() {
            asked.caller = Some(call);
        } else if radio.joined.len() < WAITING_MAX {
            radio.joined.push(call);
        } else {
            return Err(CallError::limit("callers of scan", WAITING_MAX));
        }
        Ok(true)
    }
}
