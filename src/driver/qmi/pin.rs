//! What the owner has done with the PIN. Over UIM, or over DMS where the modem's UIM has no PINs.

use super::session::{Asked, Session, failure};
use crate::driver::pin::{Amendment, Card};
use crate::driver::task::Later;
use crate::driver::{Failure, PinOperation, PinResult};
use crate::port::qmi::RequestError;
use crate::time::Duration;
use crate::types::SimStatus;
use crate::wire::qmi::uim::{
    ChangePinRequest, PinId, PinResponse, Retries, Session as Uim, SetPinProtectionRequest,
    UnblockPinRequest, VerifyPinRequest,
};
use crate::wire::qmi::{AnyRequest, QmiError, dms};

/// How long the SIM may take. An attempt whose outcome is not seen is worse than a wait.
const PIN_TIMEOUT: Duration = Duration::from_secs(10);

impl Card for Session {
    fn read(&self) -> Later<'_, Result<SimStatus, Failure>> {
        Box::pin(async move { self.read_sim().await.map_err(failure) })
    }

    /// Sends it, over DMS where UIM has no such message.
    fn attempt<'a>(
        &'a self,
        operation: &'a PinOperation,
        _before: &'a SimStatus,
    ) -> Later<'a, (PinResult, Option<Amendment>)> {
        Box::pin(async move {
            let mut response = self.ask_pin(&*over_uim(operation)).await;
            if is_unsupported(&response) {
                response = self.ask_pin(&*over_dms(operation)).await;
            }
            let (error, retries) = match response {
                Ok(PinResponse { result, retries, .. }) => {
                    (result.err().map(RequestError::Qmi), retries)
                }
                Err(error) => (Some(error), None),
            };
            let result = match error {
                None => PinResult::Accepted,
                Some(RequestError::Qmi(QmiError::NoEffect)) => PinResult::NoEffect,
                Some(error) => PinResult::Refused(failure(error)),
            };
            (result, retries.map(amendment))
        })
    }
}

/// The refusal itself is the newest word on what is left.
fn amendment(retries: Retries) -> Amendment {
    Box::new(move |after, result| {
        if matches!(result, PinResult::Refused(_)) {
            after.pin1_retries_left = Some(retries.pin_retries_left);
            after.puk1_retries_left = Some(retries.puk_retries_left);
        }
    })
}

impl Session {
    /// The replies to all of these are read alike.
    fn ask_pin(&self, request: &dyn AnyRequest) -> Asked<'_, VerifyPinRequest> {
        self.ask_as(None, request, PIN_TIMEOUT)
    }
}

fn over_uim(operation: &PinOperation) -> Box<dyn AnyRequest> {
    let (session, pin_id) = (Uim::CARD_SLOT_1, PinId::Pin1);
    match operation {
        PinOperation::Unlock { pin } => {
            Box::new(VerifyPinRequest { session, pin_id, pin: pin.clone() })
        }
        PinOperation::Enable { pin } | PinOperation::Disable { pin } => {
            let enabled = matches!(operation, PinOperation::Enable { .. });
            Box::new(SetPinProtectionRequest { session, pin_id, enabled, pin: pin.clone() })
        }
        PinOperation::Change { pin, new_pin } => {
            let (old_pin, new_pin) = (pin.clone(), new_pin.clone());
            Box::new(ChangePinRequest { session, pin_id, old_pin, new_pin })
        }
        PinOperation::Unblock { puk, new_pin } => {
            let (puk, new_pin) = (puk.clone(), new_pin.clone());
            Box::new(UnblockPinRequest { session, pin_id, puk, new_pin })
        }
    }
}

fn over_dms(operation: &PinOperation) -> Box<dyn AnyRequest> {
    let pin_id = PinId::Pin1;
    match operation {
        PinOperation::Unlock { pin } => {
            Box::new(dms::UimVerifyPinRequest { pin_id, pin: pin.clone() })
        }
        PinOperation::Enable { pin } | PinOperation::Disable { pin } => {
            let enabled = matches!(operation, PinOperation::Enable { .. });
            Box::new(dms::UimSetPinProtectionRequest { pin_id, enabled, pin: pin.clone() })
        }
        PinOperation::Change { pin, new_pin } => {
            let (old_pin, new_pin) = (pin.clone(), new_pin.clone());
            Box::new(dms::UimChangePinRequest { pin_id, old_pin, new_pin })
        }
        PinOperation::Unblock { puk, new_pin } => {
            let (puk, new_pin) = (puk.clone(), new_pin.clone());
            Box::new(dms::UimUnblockPinRequest { pin_id, puk, new_pin })
        }
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
