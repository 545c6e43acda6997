//! Why a network refuses a call, as the classes that policy decides by.

use super::{Failure, FailureKind};
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

/// A refusal to attach. LTE sets up a session with that, so it may be for the access point; for
/// anything else the modem is not registered.
pub(super) fn of_attach(failure: Failure) -> Failure {
    let is_its = matches!(failure.kind, FailureKind::Apn | FailureKind::Auth);
    if is_its { failure } else { failure.of_kind(FailureKind::NotRegistered) }
}

#[test]
fn only_what_may_be_for_the_access_point_stays_so_when_attaching_is_refused() {
    use FailureKind::{Apn, Auth, Network, NotRegistered, PdpType, Refused};
    for (kind, expected) in [
        (Apn, Apn),
        (Auth, Auth),
        (Network, NotRegistered),
        (PdpType, NotRegistered),
        (Refused, NotRegistered),
    ] {
        assert_eq!(of_attach(Failure::new(kind, "its word")), Failure::new(expected, "its word"));
    }
}
