//! USSD: codes of callers to networks, and what those say.
//!
//! A modem has one session at most. Who has asked gets what the network says next; what it says
//! unasked is told to whoever listens. Neither is ever logged.

use super::choice::args;
use super::{CallError, CallId, Manager};
use crate::driver::ussd::{ANSWER_MAX, UssdEvent, UssdRequest, is_sendable};
use crate::driver::{Failure, FailureKind, Request};
use crate::time::{Duration, Instant};
use crate::types::text::replace;
use crate::types::{Secret, Table, UssdText};

/// How long a session waits for a reply before it is ended.
const REPLY_MAX: Duration = Duration::from_secs(180);

/// How long a modem may take to end a session: one over AT may be at a code until that has failed.
const CANCEL_MAX: Duration = Duration::from_secs(75);

/// Codes that change or unblock a PIN, TS 22.030 6.6.2 and 6.6.3: nothing would keep count.
const PIN_CODES: [&str; 2] = ["**04", "**05"];

/// A modem's session.
#[derive(Debug, Default)]
pub(super) struct UssdSide {
    /// Whether it has USSD.
    pub(super) is_ready: bool,
    asked: Option<Asked>,
    /// Whether the network waits for a reply.
    is_open: bool,
    deadline: Option<Instant>,
}

/// What the modem has been asked.
#[derive(Debug)]
struct Asked {
    caller: Option<CallId>,
    is_cancel: bool,
}

impl UssdSide {
    pub(super) const fn poll_timeout(&self) -> Option<Instant> {
        self.deadline
    }

    fn ask(&mut self, now: Instant, caller: Option<CallId>, is_cancel: bool) {
        self.is_open = false;
        self.asked = Some(Asked { caller, is_cancel });
        self.deadline = Some(now + if is_cancel { CANCEL_MAX } else { ANSWER_MAX });
    }
}

impl Manager {
    /// The method `ussd`.
    pub(super) fn ussd(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let (code, reply) = (args.get_str("code"), args.get_str("reply"));
        let request = match (code, reply, args::flag(args, "cancel")?) {
            (Some(code), None, false) => UssdRequest::Begin(code_of(code)?),
            (None, Some(reply), false)
                if is_sendable(reply) && !reply.contains(char::is_control) =>
            {
                UssdRequest::Reply(Secret::new(reply))
            }
            (None, Some(_), false) => {
                return Err(CallError::invalid("reply", "text of at most 182 characters, or 80"));
            }
            (None, None, true) => UssdRequest::Cancel,
            _ => return Err(CallError::invalid("code", "one of code, reply and cancel")),
        };
        let id = self.modem_named(args)?;
        let slot = self.slot_mut(&id)?;
        let side = &mut slot.ussd;
        if !side.is_ready {
            return Err(CallError::unsupported("the modem has no USSD, or not yet"));
        }
        let is_cancel = request == UssdRequest::Cancel;
        let is_begun = matches!(request, UssdRequest::Begin(_));
        match &side.asked {
            Some(asked) if asked.is_cancel || !is_cancel => {
                return Err(CallError::failed("BUSY", "the modem waits for the network"));
            }
            None if side.is_open && is_begun => {
                let message = "the network waits for a reply: reply, or cancel";
                return Err(CallError::failed("BUSY", message));
            }
            None if !side.is_open && !is_cancel && !is_begun => {
                return Err(CallError::failed("NO_SESSION", "the network waits for no reply"));
            }
            Some(_) | None => {}
        }
        let before = side.asked.take().and_then(|asked| asked.caller);
        side.ask(now, Some(call), is_cancel);
        self.answer(before, Err(CallError::failed("CANCELLED", "the session was cancelled")));
        self.ask_ussd(now, &id, request);
        Ok(())
    }

    fn ask_ussd(&mut self, now: Instant, id: &str, request: UssdRequest) {
        if let Some(driver) = self.slots.get_mut(id).and_then(|slot| slot.driver.as_mut()) {
            driver.handle_request(now, Request::Ussd(request));
        }
    }

    /// Has a modem tell what the network says, if it can.
    pub(super) fn listen_to_ussd(&mut self, now: Instant, id: &str) {
        self.ask_ussd(now, id, UssdRequest::Listen);
    }

    /// A modem tells something.
    pub(super) fn ussd_event(&mut self, now: Instant, id: &str, event: UssdEvent) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let side = &mut slot.ussd;
        let result = match event {
            UssdEvent::Ready => {
                side.is_ready = true;
                return;
            }
            UssdEvent::Told(said) => {
                let data = document(id, &said);
                if side.asked.as_ref().is_some_and(|asked| asked.is_cancel) {
                    // It crossed the wish to hear no more.
                    return self.notify("ussd", data);
                }
                side.is_open = said.wants_reply;
                side.deadline = said.wants_reply.then(|| now + REPLY_MAX);
                let Some(Asked { caller, .. }) = side.asked.take() else {
                    return self.notify("ussd", data);
                };
                return self.answer(caller, Ok(data));
            }
            UssdEvent::Ended => Err(CallError::failed("ENDED", "the network ended the session")),
            UssdEvent::Failed(failure) => Err(refused(&failure)),
        };
        (side.is_open, side.deadline) = (false, None);
        let Some(asked) = side.asked.take() else { return };
        let done = || Table::new().with("modem", id).with("state", "done");
        self.answer(asked.caller, if asked.is_cancel { Ok(done()) } else { result });
    }

    /// Ends what has taken too long.
    pub(super) fn expire_ussd(&mut self, now: Instant) {
        for id in &self.slot_ids() {
            let Some(slot) = self.slots.get_mut(id) else { continue };
            let side = &mut slot.ussd;
            if !Instant::take_due(&mut side.deadline, now) {
                continue;
            }
            let asked = side.asked.take();
            if !asked.as_ref().is_some_and(|asked| asked.is_cancel) {
                side.ask(now, None, true);
                self.ask_ussd(now, id, UssdRequest::Cancel);
            }
            let error = CallError::timeout("the network did not answer in time");
            self.answer(asked.and_then(|asked| asked.caller), Err(error));
        }
    }

    /// The modem is gone or starts over.
    pub(super) fn ussd_lost(&mut self, id: &str) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let caller = std::mem::take(&mut slot.ussd).asked.and_then(|asked| asked.caller);
        self.answer(caller, Err(CallError::modem("the modem was lost or restarted meanwhile")));
    }
}

fn code_of(code: &str) -> Result<Secret, CallError> {
    let is_code = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#' | '+');
    if PIN_CODES.iter().any(|start| code.starts_with(start)) {
        return Err(CallError::invalid("code", "no code for a PIN: pin does that"));
    }
    if !code.chars().all(is_code) || !is_sendable(code) {
        return Err(CallError::invalid("code", "1 to 182 of 0-9, *, # and +"));
    }
    Ok(Secret::new(code))
}

fn refused(failure: &Failure) -> CallError {
    if failure.kind == FailureKind::Timeout {
        return CallError::timeout("the network did not answer in time");
    }
    CallError::failed("REFUSED", &format!("the session failed: {}", failure.detail))
}

/// What the network says, as callers and listeners get it.
fn document(id: &str, said: &UssdText) -> Table {
    let text = replace(&said.text, "\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().map(super::inbox::shown).collect();
    let state = if said.wants_reply { "reply_expected" } else { "done" };
    let mut table = Table::new();
    table.put("modem", id);
    table.put("text", text.trim_end());
    table.put("state", state);
    table
}
