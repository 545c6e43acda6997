//! What the owner has done with the PIN.

use super::session::{Session, failure};
use crate::driver::pin::{Amendment, Card};
use crate::driver::task::Later;
use crate::driver::{Failure, FailureKind, PinOperation, PinResult};
use crate::time::Duration;
use crate::types::{SimState, SimStatus};
use crate::wire::at::{clck_set, cpin_enter, cpin_unblock, cpwd_change};

/// How long the SIM may take. An attempt whose outcome is not seen is worse than a wait.
const PIN_TIMEOUT: Duration = Duration::from_secs(15);

impl Card for Session {
    fn read(&self) -> Later<'_, Result<SimStatus, Failure>> {
        Box::pin(self.read_sim())
    }

    /// Sends it, unless the SIM, as it was `before`, is so already.
    fn attempt<'a>(
        &'a self,
        operation: &'a PinOperation,
        before: &'a SimStatus,
    ) -> Later<'a, (PinResult, Option<Amendment>)> {
        let is_ready = before.state == SimState::Ready;
        let (is_so, command) = match operation {
            PinOperation::Unlock { pin } => (is_ready, cpin_enter(pin)),
            PinOperation::Enable { pin } => {
                (before.pin1_enabled == Some(true) && is_ready, clck_set(true, pin))
            }
            PinOperation::Disable { pin } => {
                (before.pin1_enabled == Some(false), clck_set(false, pin))
            }
            PinOperation::Change { pin, new_pin } => (false, cpwd_change(pin, new_pin)),
            PinOperation::Unblock { puk, new_pin } => (false, cpin_unblock(puk, new_pin)),
        };
        Box::pin(async move {
            if is_so {
                return (PinResult::NoEffect, None);
            }
            match self.ask_for(command, PIN_TIMEOUT).await {
                Ok(_) => (PinResult::Accepted, None),
                Err(error) => (PinResult::Refused(failure(error)), None),
            }
        })
    }

    fn follow(&self) -> Later<'_, ()> {
        Box::pin(self.follow_starting_sim())
    }

    /// Some modems refuse a wrong PIN without saying why: that it cost an attempt does.
    fn judge(
        &self,
        why: Failure,
        operation: &PinOperation,
        before: &SimStatus,
        after: &SimStatus,
    ) -> Failure {
        let left = (operation.retries_left(before), operation.retries_left(after));
        let has_cost = matches!(left, (Some(before), Some(after)) if after < before);
        let needs_puk =
            after.state == SimState::PukRequired && before.state != SimState::PukRequired;
        let is_unanswered = matches!(why.kind, FailureKind::Timeout | FailureKind::PortClosed);
        let kind = if is_unanswered {
            why.kind
        } else if needs_puk {
            FailureKind::PukRequired
        } else if has_cost {
            FailureKind::WrongPin
        } else {
            why.kind
        };
        why.of_kind(kind)
    }
}
