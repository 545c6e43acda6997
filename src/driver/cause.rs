//! Why a network refuses a call, as the classes that policy decides by.

use super::FailureKind;
use crate::wire::EsmCause;

/// TS 24.008 10.5.6.6 and TS 24.301 9.9.4.4.
pub(super) fn kind_of_cause(cause: EsmCause) -> FailureKind {
    const APN: [EsmCause; 3] =
        [EsmCause::UnknownApn, EsmCause::OptionUnsubscribed, EsmCause::ApnTypeConflict];
    const PDP_TYPE: [EsmCause; 4] = [
        EsmCause::UnknownPdpType,
        EsmCause::Ipv4OnlyAllowed,
        EsmCause::Ipv6OnlyAllowed,
        EsmCause::SingleAddressBearerOnly,
    ];
    if APN.contains(&cause) {
        FailureKind::Apn
    } else if PDP_TYPE.contains(&cause) {
        FailureKind::PdpType
    } else if cause == EsmCause::AuthenticationFailed {
        FailureKind::Auth
    } else {
        FailureKind::Network
    }
}
