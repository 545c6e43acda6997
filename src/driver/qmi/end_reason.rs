//! Why a call failed or ended, as the classes that policy decides by.

use super::session::failure;
use crate::driver::cause::kind_of_cause;
use crate::driver::{Failure, FailureKind};
use crate::port::qmi::RequestError;
use crate::wire::qmi::QmiError;
use crate::wire::qmi::wds::{
    CallEndReason, PacketServiceStatusIndication, StartNetworkFailure, VerboseCallEndReason,
};

/// Why a call could not be started.
pub(super) fn failure_of(refused: &StartNetworkFailure) -> Failure {
    if refused.error == QmiError::CallFailed {
        return of_reasons(refused.verbose, refused.call_end_reason);
    }
    failure(RequestError::Qmi(refused.error))
}

/// Why a call ended by itself.
pub(super) fn failure_of_end(status: &PacketServiceStatusIndication) -> Failure {
    of_reasons(status.verbose, status.call_end_reason)
}

fn of_reasons(verbose: Option<VerboseCallEndReason>, legacy: Option<CallEndReason>) -> Failure {
    match (verbose, legacy) {
        (Some(reason), _) => Failure::new(kind_of(reason), &format!("call end reason {reason:?}")),
        (None, Some(reason)) => {
            Failure::new(FailureKind::Network, &format!("call end reason {reason:?}"))
        }
        (None, None) => Failure::new(FailureKind::Network, "no reason given"),
    }
}

fn kind_of(reason: VerboseCallEndReason) -> FailureKind {
    match reason {
        VerboseCallEndReason::ThreeGpp(cause) => kind_of_cause(cause),
        VerboseCallEndReason::Ppp(_) => FailureKind::Auth,
        VerboseCallEndReason::Ipv6(_) => FailureKind::PdpType,
        VerboseCallEndReason::Internal(_)
        | VerboseCallEndReason::CallManager(_)
        | VerboseCallEndReason::Other { .. } => FailureKind::Network,
    }
}
