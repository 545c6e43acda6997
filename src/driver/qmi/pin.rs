//! What the owner has done with the PIN. Over UIM, or over DMS where the modem's UIM has no PINs.

use super::session::{Session, failure};
use crate::driver::{Event, FailureKind, PinOperation, PinRequest, PinResult};
use crate::port::qmi::RequestError;
use crate::time::Duration;
use crate::types::SimStatus;
use crate::wire::qmi::uim::{
    ChangePinRequest, PinId, PinResponse, Retries, Session as Uim, SetPinProtectionRequest,
    UnblockPinRequest, VerifyPinRequest,
};
use crate::wire::qmi::{QmiError, Request, dms};

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
        let (mut result, retries) = self.send_pin(&operation).await;
        let mut after = match self.read_sim().await {
            Ok(sim) => sim,
            Err(_) => self.forget_retries(),
        };
        if let (PinResult::Refused(_), Some(retries)) = (&result, retries) {
            // The refusal itself is the newest word on what is left.
            after.pin1_retries_left = Some(retries.pin_retries_left);
            after.puk1_retries_left = Some(retries.puk_retries_left);
            self.state_mut().sim = after.clone();
        }
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

    /// Sends it, over DMS where UIM has no such message.
    pub(super) async fn send_pin(&self, operation: &PinOperation) -> (PinResult, Option<Retries>) {
        let mut response = self.pin_over_uim(operation.clone()).await;
        if is_unsupported(&response) {
            response = self.pin_over_dms(operation.clone()).await;
        }
        match response {
            Ok(PinResponse { result: Ok(()), retries, .. }) => (PinResult::Accepted, retries),
            Ok(PinResponse { result: Err(QmiError::NoEffect), retries, .. }) => {
                (PinResult::NoEffect, retries)
            }
            Ok(PinResponse { result: Err(error), retries, .. }) => {
                (PinResult::Refused(failure(RequestError::Qmi(error))), retries)
            }
            Err(error) => (PinResult::Refused(failure(error)), None),
        }
    }

    async fn pin_over_uim(&self, operation: PinOperation) -> Result<PinResponse, RequestError> {
        let (session, pin_id) = (Uim::CARD_SLOT_1, PinId::Pin1);
        match operation {
            PinOperation::Unlock { pin } => {
                self.ask_pin(&VerifyPinRequest { session, pin_id, pin }).await
            }
            PinOperation::Enable { pin } => {
                let request = SetPinProtectionRequest { session, pin_id, enabled: true, pin };
                self.ask_pin(&request).await
            }
            PinOperation::Disable { pin } => {
                let request = SetPinProtectionRequest { session, pin_id, enabled: false, pin };
                self.ask_pin(&request).await
            }
            PinOperation::Change { pin: old_pin, new_pin } => {
                self.ask_pin(&ChangePinRequest { session, pin_id, old_pin, new_pin }).await
            }
            PinOperation::Unblock { puk, new_pin } => {
                self.ask_pin(&UnblockPinRequest { session, pin_id, puk, new_pin }).await
            }
        }
    }

    async fn pin_over_dms(&self, operation: PinOperation) -> Result<PinResponse, RequestError> {
        let pin_id = PinId::Pin1;
        match operation {
            PinOperation::Unlock { pin } => {
                self.ask_pin(&dms::UimVerifyPinRequest { pin_id, pin }).await
            }
            PinOperation::Enable { pin } => {
                let request = dms::UimSetPinProtectionRequest { pin_id, enabled: true, pin };
                self.ask_pin(&request).await
            }
            PinOperation::Disable { pin } => {
                let request = dms::UimSetPinProtectionRequest { pin_id, enabled: false, pin };
                self.ask_pin(&request).await
            }
            PinOperation::Change { pin: old_pin, new_pin } => {
                self.ask_pin(&dms::UimChangePinRequest { pin_id, old_pin, new_pin }).await
            }
            PinOperation::Unblock { puk, new_pin } => {
                self.ask_pin(&dms::UimUnblockPinRequest { pin_id, puk, new_pin }).await
            }
        }
    }

    async fn ask_pin<R>(&self, request: &R) -> Result<PinResponse, RequestError>
    where
        R: Request<Response = PinResponse>,
    {
        self.ask_shared_for(request, PIN_TIMEOUT).await
    }
}

/// Whether the service has no such message, so that no attempt was spent.
fn is_unsupported(response: &Result<PinResponse, RequestError>) -> bool {
    let error = match response {
        Ok(PinResponse { result: Err(error), .. }) | Err(RequestError::Qmi(error)) => *error,
        Ok(_) | Err(_) => return false,
    };
    matches!(
        error,
        QmiError::InvalidQmiCommand
            | QmiError::InvalidServiceType
            | QmiError::NotSupported
            | QmiError::DeviceUnsupported
    )
}
