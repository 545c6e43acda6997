//! The method `pin`: the SIM's PIN and PUK in the owner's hands.

use super::{CallError, CallId, CallStatus, Manager};
use crate::driver::PinOperation;
use crate::modem::{Command, PinCommand, PinRefusal};
use crate::time::Instant;
use crate::types::{Secret, SimStatus, Table};
use std::ops::RangeInclusive;

/// The digits of a PIN, TS 102 221 9.5.1.
const PIN_DIGITS: RangeInclusive<usize> = 4..=8;

/// The digits of a PUK, TS 102 221 9.5.2.
const PUK_DIGITS: RangeInclusive<usize> = 8..=8;

/// Who waits for an operation on a modem's SIM.
#[derive(Debug)]
pub(super) struct PinCall {
    call: CallId,
    operation: PinOperation,
}

impl Manager {
    /// Begins an operation; [`Manager::pin_done`] answers the call.
    pub(super) fn pin(
        &mut self,
        now: Instant,
        call: CallId,
        args: &Table,
    ) -> Result<(), CallError> {
        let operation = operation(args)?;
        let force = match args.get("force") {
            None => false,
            Some(value) => {
                value.as_bool().ok_or_else(|| CallError::invalid("force", "true or false"))?
            }
        };
        let id = self.modem_named(args)?;
        if self.is_between_sims(&id) {
            return Err(CallError::failed("BUSY", "another SIM is being chosen"));
        }
        let slot = self.slot_mut(&id)?;
        if slot.pin_call.is_some() {
            return Err(refused(&PinRefusal::Busy, &operation, &SimStatus::default()));
        }
        slot.pin_call = Some(PinCall { call, operation: operation.clone() });
        slot.machine.handle_command(now, Command::Pin(PinCommand { operation, force }));
        Ok(())
    }

    /// The operation is over.
    pub(super) fn pin_done(&mut self, id: &str, result: Result<(), PinRefusal>) {
        let Some(slot) = self.slots.get_mut(id) else { return };
        let Some(PinCall { call, operation }) = slot.pin_call.take() else { return };
        let sim = slot.machine.facts().sim.clone();
        let result = match result {
            Ok(()) => {
                let mut table = retries(&sim);
                table.put("state", sim.state.name());
                table.put_some("pin_enabled", sim.pin1_enabled);
                table.put_some("pincode", self.configured(id, &operation, &sim));
                Ok(table)
            }
            Err(refusal) => Err(refused(&refusal, &operation, &sim)),
        };
        self.reply(call, result);
    }

    /// The modem is gone: its caller has no more to wait for.
    pub(super) fn pin_lost(&mut self, pin_call: Option<PinCall>) {
        if let Some(PinCall { call, operation }) = pin_call {
            let result = Err(refused(&PinRefusal::Lost, &operation, &SimStatus::default()));
            self.reply(call, result);
        }
    }

    /// Whether the interface that uses the modem has the PIN that the SIM has now: one that is left
    /// as it was costs an attempt at the next start.
    fn configured(
        &self,
        id: &str,
        operation: &PinOperation,
        sim: &SimStatus,
    ) -> Option<&'static str> {
        if matches!(operation, PinOperation::Disable { .. }) {
            return None;
        }
        let uses =
            |interface: &&super::interfaces::Interface| interface.modem.as_deref() == Some(id);
        let interface = self.interfaces.values().find(uses)?;
        let want = self.slots.get(id)?.want(&self.config, &interface.config, sim);
        Some(match want.pin {
            None => "none",
            Some(pin) if pin == *operation.pin_after() => "same",
            Some(_) => "other",
        })
    }
}

fn operation(args: &Table) -> Result<PinOperation, CallError> {
    const ACTIONS: &str = "unlock, enable, disable, change or unblock";
    let action = args.get_str("action").ok_or_else(|| CallError::invalid("action", ACTIONS))?;
    let takes: &[&str] = match action {
        "unlock" | "enable" | "disable" => &["pin"],
        "change" => &["pin", "new_pin"],
        "unblock" => &["puk", "new_pin"],
        _ => return Err(CallError::invalid("action", ACTIONS)),
    };
    if let Some(name) = ["pin", "new_pin", "puk"]
        .into_iter()
        .find(|&n| args.get(n).is_some() && !takes.contains(&n))
    {
        return Err(CallError::invalid(name, &format!("none with action '{action}'")));
    }
    let first = match action {
        "unblock" => code(args, "puk", PUK_DIGITS, "8 digits")?,
        _ => code(args, "pin", PIN_DIGITS, "4 to 8 digits")?,
    };
    let new_pin = || code(args, "new_pin", PIN_DIGITS, "4 to 8 digits");
    Ok(match action {
        "unlock" => PinOperation::Unlock { pin: first },
        "enable" => PinOperation::Enable { pin: first },
        "disable" => PinOperation::Disable { pin: first },
        "change" => PinOperation::Change { pin: first, new_pin: new_pin()? },
        _ => PinOperation::Unblock { puk: first, new_pin: new_pin()? },
    })
}

fn code(
    args: &Table,
    name: &str,
    digits: RangeInclusive<usize>,
    expected: &str,
) -> Result<Secret, CallError> {
    let is_code = |text: &&str| {
        digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let text = args.get_str(name).filter(is_code);
    text.map(Secret::new).ok_or_else(|| CallError::invalid(name, expected))
}

fn retries(sim: &SimStatus) -> Table {
    let mut table = Table::new();
    table.put_some("pin_retries_left", sim.pin1_retries_left);
    table.put_some("puk_retries_left", sim.puk1_retries_left);
    table
}

/// The answer to the caller: a word for programs and a sentence with the attempts left.
fn refused(refusal: &PinRefusal, operation: &PinOperation, sim: &SimStatus) -> CallError {
    let failed = CallStatus::Failed;
    let is_unblock = matches!(operation, PinOperation::Unblock { .. });
    let secret = if is_unblock { "PUK" } else { "PIN" };
    let (status, code, message) = match refusal {
        PinRefusal::Busy => (failed, "BUSY", "another PIN is being offered to the SIM".into()),
        PinRefusal::Unmarked => {
            (failed, "FLASH", "nothing was sent, because /etc/ltewan cannot be written".into())
        }
        PinRefusal::NoModem => (failed, "MODEM", "the modem does not answer".into()),
        PinRefusal::SimMissing => (failed, "SIM_MISSING", "there is no SIM in the modem".into()),
        PinRefusal::SimNotReady => (failed, "SIM_NOT_READY", "the SIM is still starting".into()),
        PinRefusal::SimError => (failed, "SIM_ERROR", "the SIM does not answer".into()),
        PinRefusal::SimBlocked => (failed, "SIM_BLOCKED", "the SIM is blocked for good".into()),
        PinRefusal::PukRequired => {
            (failed, "PUK_NEEDED", "the PIN is blocked: the SIM wants its PUK".into())
        }
        PinRefusal::NoEffect => {
            (failed, "NO_EFFECT", "the SIM is so already; no attempt was spent".into())
        }
        PinRefusal::PinDisabled => {
            (failed, "PIN_DISABLED", "the SIM asks for no PIN; enable it first".into())
        }
        PinRefusal::LastAttempt => {
            let last =
                format!("a wrong {secret} would be the last; nothing was sent without force");
            (failed, "LAST_ATTEMPT", last)
        }
        PinRefusal::WrongPin => (failed, "PIN_FAILED", "the SIM refused the PIN".into()),
        PinRefusal::WrongPuk => (failed, "PUK_FAILED", "the SIM refused the PUK".into()),
        PinRefusal::Unsupported => {
            (CallStatus::NotSupported, "NOT_SUPPORTED", "the modem cannot do it".into())
        }
        PinRefusal::Timeout => {
            let unknown = "the modem did not answer in time; it may have been done".into();
            (CallStatus::Timeout, "TIMEOUT", unknown)
        }
        PinRefusal::Lost => {
            (failed, "MODEM", "the modem was lost meanwhile; it may have been done".into())
        }
        PinRefusal::Refused(detail) => (failed, "MODEM", format!("the modem refused: {detail}")),
    };
    let left = operation.retries_left(sim);
    let left = left.map_or(String::new(), |left| format!("; {secret} attempts left: {left}"));
    CallError::new(status, code, format!("{message}{left}")).with_details(retries(sim))
}
