//! What the owner has done with the PIN. Over UIM, or over DMS where the modem's UIM has no PINs.

use super::session::{Session, failure};
use crate::driver::pin::Card;
use crate::driver::{Failure, PinOperation, PinResult};
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

impl Card for Session {
    type Word = Retries;

    async fn read(&self) -> Result<SimStatus, Failure> {
        self.read_sim().await.map_err(failure)
    }

    /// Sends it, over DMS where UIM has no such message.
    async fn attempt(
        &self,
        operation: &PinOperation,
        _before: &SimStatus,
    ) -> (PinResult, Option<Retries>) {
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

    /// The refusal itself is the newest word on what is left.
    fn amend(after: &mut SimStatus, result: &PinResult, retries: Retries) {
        if matches!(result, PinResult::Refused(_)) {
            after.pin1_retries_left = Some(retries.pin_retries_left);
            after.puk1_retries_left = Some(retries.puk_retries_left);
        }
    }
}

impl Session {
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
