//! What the owner has done with the PIN.

use super::session::{Session, failure, status_failure};
use super::sim::note_pin;
use crate::driver::pin::{Amendment, Card};
use crate::driver::task::Later;
use crate::driver::{Failure, FailureKind, PinOperation, PinResult};
use crate::time::Duration;
use crate::types::{SimState, SimStatus};
use crate::wire::mbim::Status;
use crate::wire::mbim::basic_connect::{
    PinInfo, PinOperation as Operation, PinOutcome, PinSet, PinType,
};

/// How long the SIM may take. An attempt whose outcome is not seen is worse than a wait.
const PIN_TIMEOUT: Duration = Duration::from_secs(10);

impl Card for Session {
    /// The subscriber's ready state follows some time after.
    fn tells_state_at_once(&self) -> bool {
        false
    }

    fn read(&self) -> Later<'_, Result<SimStatus, Failure>> {
        Box::pin(async move { self.read_sim().await.map_err(failure) })
    }

    /// Sends it; with what the modem says of the PIN afterwards.
    fn attempt<'a>(
        &'a self,
        operation: &'a PinOperation,
        _before: &'a SimStatus,
    ) -> Later<'a, (PinResult, Option<Amendment>)> {
        Box::pin(async move {
            let (status, info) = match self.ask_for(&set_of(operation.clone()), PIN_TIMEOUT).await {
                Ok(PinOutcome { status, info }) => (status, info),
                Err(error) => return (PinResult::Refused(failure(error)), None),
            };
            let result = match status {
                Status::Success => PinResult::Accepted,
                Status::PinDisabled => PinResult::NoEffect,
                status => PinResult::Refused(refusal(status, info)),
            };
            (result, info.map(amendment))
        })
    }
}

/// The answer to a PIN is the newest word on what is left, where the SIM says nothing itself.
fn amendment(info: PinInfo) -> Amendment {
    Box::new(move |after, _| {
        if after.pin1_retries_left.is_none()
            && matches!(after.state, SimState::PinRequired | SimState::PukRequired)
        {
            note_pin(after, &info);
        }
    })
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
    let failure = status_failure(status);
    let is_wrong = matches!(status, Status::Failure | Status::PinRequired);
    if is_wrong || needs_puk && status == Status::BadSim {
        let kind = if needs_puk { FailureKind::PukRequired } else { FailureKind::WrongPin };
        return failure.of_kind(kind);
    }
    failure
}
