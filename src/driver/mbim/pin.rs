//! What the owner has done with the PIN.

use super::session::{Session, failure, status_failure};
use crate::driver::{Event, Failure, FailureKind, PinOperation, PinRequest, PinResult};
use crate::time::Duration;
use crate::types::SimStatus;
use crate::wire::mbim::Status;
use crate::wire::mbim::basic_connect::{
    PinInfo, PinOperation as Operation, PinOutcome, PinSet, PinType,
};

/// How long the SIM may take. An attempt whose outcome is not seen is worse than a wait.
const PIN_TIMEOUT: Duration = Duration::from_secs(10);

impl Session {
    /// Does it once, if enough attempts are left.
    pub(super) async fn operate_pin(self, request: PinRequest) {
        let PinRequest { operation, retries_min } = request;
        // Other programs, and AT commands, spend attempts too.
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
        let (mut result, info) = self.send_pin(&operation).await;
        let after = match self.read_sim().await {
            Ok(mut sim) => {
                self.note_refusal(&mut sim, info);
                sim
            }
            Err(_) => self.forget_retries(),
        };
        let unanswered =
            matches!(&result, PinResult::Refused(why) if why.kind == FailureKind::Timeout);
        if unanswered && operation.is_evident(&before, &after) {
            result = PinResult::Accepted;
        }
        self.emit(Event::PinDone { result, sim: after });
    }

    /// The SIM as last known, without the attempts left: they may be fewer.
    fn forget_retries(&self) -> SimStatus {
        let mut state = self.state_mut();
        state.sim.pin1_retries_left = None;
        state.sim.puk1_retries_left = None;
        state.sim.clone()
    }

    /// Sends it; with what the modem says of the PIN afterwards.
    pub(super) async fn send_pin(&self, operation: &PinOperation) -> (PinResult, Option<PinInfo>) {
        match self.ask_for(&set_of(operation.clone()), PIN_TIMEOUT).await {
            Ok(PinOutcome { status: Status::Success, info }) => (PinResult::Accepted, info),
            Ok(PinOutcome { status: Status::PinDisabled, info }) => (PinResult::NoEffect, info),
            Ok(PinOutcome { status, info }) => (PinResult::Refused(refusal(status, info)), info),
            Err(error) => (PinResult::Refused(failure(error)), None),
        }
    }
}

fn set_of(operation: PinOperation) -> PinSet {
    let (kind, operation, pin, new_pin) = match operation {
        PinOperation::Unlock { pin } => (PinType::Pin1, Operation::Enter, pin, None),
        PinOperation::Enable { pin } => (PinType::Pin1, Operation::Enable, pin, None),
        PinOperation::Disable { pin } => (PinType::Pin1, Operation::Disable, pin, None),
        PinOperation::Change { pin, new_pin } => {
            (PinType::Pin1, Operation::Change, pin, Some(new_pin))
        }
        PinOperation::Unblock { puk, new_pin } => {
            (PinType::Puk1, Operation::Enter, puk, Some(new_pin))
        }
    };
    PinSet { kind, operation, pin, new_pin }
}

/// MBIM has no status of its own for a wrong PIN: it is a failure (10.5.4), and some modems say
/// that the PIN is still needed, or with the last PUK that the SIM is of no more use.
fn refusal(status: Status, info: Option<PinInfo>) -> Failure {
    let needs_puk = info.is_some_and(|info| info.kind == PinType::Puk1);
    let mut failure = status_failure(status);
    let is_wrong = matches!(status, Status::Failure | Status::PinRequired);
    if is_wrong || needs_puk && status == Status::BadSim {
        failure.kind = if needs_puk { FailureKind::PukRequired } else { FailureKind::WrongPin };
    }
    failure
}
