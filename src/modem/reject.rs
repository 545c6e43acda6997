//! What it means that a network refused to have the modem.

use super::Cause;

/// The cause that a reject cause number stands for: TS 24.008 10.5.5.14 (GMM) and 10.5.3.6 (MM),
/// TS 24.301 9.9.3.9 (EMM), TS 24.501 9.11.3.2 (5GMM), which share their numbers. What the modem
/// does about each by itself is in TS 24.301 5.5.1.2.5.
pub(super) const fn cause_of(reject_cause: Option<u8>) -> Cause {
    match reject_cause {
        // IMSI unknown in HLR, illegal UE, EPS services not allowed, no services allowed at all.
        Some(2 | 3 | 7 | 8) => Cause::SimRejected,
        // IMEI not accepted, illegal ME.
        Some(5 | 6) => Cause::ModemRejected,
        // PLMN, tracking area, roaming, EPS in this PLMN, no suitable cells, closed group, N1 mode,
        // redirection, no slice.
        Some(11..=15 | 25 | 27 | 31 | 35 | 62 | 72 | 74..=78) => Cause::NetworkNotAllowed,
        // ESM failure.
        Some(19) => Cause::AttachRejected,
        // Identity lost, detached, MSC unreachable, network failure, MAC and synch failure,
        // congestion, no bearer, severe failure, protocol errors.
        Some(9 | 10 | 16..=18 | 20..=22 | 38..=40 | 42 | 95..=101 | 111) => Cause::NetworkFailure,
        _ => Cause::RegistrationDenied,
    }
}
