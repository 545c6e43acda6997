//! What the owner has done with the PIN.

use super::session::{Session, failure};
use crate::driver::{Event, Failure, FailureKind, PinOperation, PinRequest, PinResult};
use crate::time::Duration;
use crate::types::{SimState, SimStatus};
use crate::wire::at::{clck_set, cpin_enter, cpin_unblock, cpwd_change};

/// How long the SIM may take. An attempt whose outcome is not seen is worse than a wait.
const PIN_TIMEOUT: Duration = Duration::from_secs(15);

impl Session {
    /// Does it once, if enough attempts are left.
    pub(super) async fn operate_pin(self, request: PinRequest) {
        let PinRequest { operation, retries_min } = request;
        // Other programs, and commands of the owner's, spend attempts too.
        let before = match self.read_sim().await {
            Ok(sim) => sim,
            Err(error) => {
                let sim = self.forget_retries();
                let result = PinResult::NotSent(failure(error));
                self.emit(Event::PinDone { result, sim });
                return;
            }
        };
        if operation.retries_left(&before).is_some_and(|left| left < retries_min) {
            self.emit(Event::PinDone { result: PinResult::TooFewRetries, sim: before });
            return;
        }
        let mut result = self.send_pin(&operation, &before).await;
        let after = match self.read_sim().await {
            Ok(sim) => sim,
            Err(_) => self.forget_retries(),
        };
        if let PinResult::Refused(why) = result {
            let is_unanswered = why.kind == FailureKind::Timeout;
            result = if is_unanswered && operation.is_evident(&before, &after) {
                PinResult::Accepted
            } else {
                PinResult::Refused(judged(why, &operation, &before, &after))
            };
        }
        self.emit(Event::PinDone { result, sim: after });
        self.follow_starting_sim().await;
    }

    /// The SIM as last known, without the attempts left: they may be fewer.
    fn forget_retries(&self) -> SimStatus {
        let mut state = self.state_mut();
        state.sim.pin1_retries_left = None;
        state.sim.puk1_retries_left = None;
        state.sim.clone()
    }

    /// Sends it, unless the SIM, as it was `before`, is so already.
    pub(super) async fn send_pin(&self, operation: &PinOperation, before: &SimStatus) -> PinResult {
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
        if is_so {
            return PinResult::NoEffect;
        }
        match self.ask_for(command, PIN_TIMEOUT).await {
            Ok(_) => PinResult::Accepted,
            Err(error) => PinResult::Refused(failure(error)),
        }
    }
}

/// Why an attempt failed. Some modems refuse a wrong PIN without saying why: that it cost an
/// attempt does.
pub(super) fn judged(
    why: Failure,
    operation: &PinOperation,
    before: &SimStatus,
    after: &SimStatus,
) -> Failure {
    let left = (operation.retries_left(before), operation.retries_left(after));
    let has_cost = matches!(left, (Some(before), Some(after)) if after < before);
    let needs_puk = after.state == SimState::PukRequired && before.state != SimState::PukRequired;
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
    Failure { kind, ..why }
}
