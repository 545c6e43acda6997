//! What an owner can have done with the SIM's PIN, whatever language the modem speaks.

use super::Failure;
use crate::types::{Secret, SimState, SimStatus};

/// One thing to do with PIN1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinOperation {
    /// Give the PIN the SIM asks for.
    Unlock {
        /// The PIN.
        pin: Secret,
    },
    /// Have the SIM ask for the PIN from now on.
    Enable {
        /// The PIN.
        pin: Secret,
    },
    /// Have the SIM ask for no PIN any more.
    Disable {
        /// The PIN.
        pin: Secret,
    },
    /// Change the PIN.
    Change {
        /// The PIN so far.
        pin: Secret,
        /// The PIN from then on.
        new_pin: Secret,
    },
    /// Set a new PIN with the PUK.
    Unblock {
        /// The PUK.
        puk: Secret,
        /// The PIN from then on.
        new_pin: Secret,
    },
}

impl PinOperation {
    /// The PIN that the SIM compares with its own; `None` where it compares the PUK.
    pub const fn pin(&self) -> Option<&Secret> {
        match self {
            Self::Unlock { pin }
            | Self::Enable { pin }
            | Self::Disable { pin }
            | Self::Change { pin, .. } => Some(pin),
            Self::Unblock { .. } => None,
        }
    }

    /// The PIN that the SIM has when all went well.
    pub const fn pin_after(&self) -> &Secret {
        match self {
            Self::Unlock { pin } | Self::Enable { pin } | Self::Disable { pin } => pin,
            Self::Change { new_pin, .. } | Self::Unblock { new_pin, .. } => new_pin,
        }
    }

    /// The attempts left of those that a wrong code costs one of; `None` when the modem does not
    /// say.
    pub const fn retries_left(&self, sim: &SimStatus) -> Option<u8> {
        match self {
            Self::Unlock { .. }
            | Self::Enable { .. }
            | Self::Disable { .. }
            | Self::Change { .. } => sim.pin1_retries_left,
            Self::Unblock { .. } => sim.puk1_retries_left,
        }
    }

    /// Whether the SIM's state shows that an operation without an answer was done.
    pub(super) fn is_evident(&self, before: &SimStatus, after: &SimStatus) -> bool {
        let enabled = (before.pin1_enabled, after.pin1_enabled);
        match self {
            Self::Unlock { .. } | Self::Unblock { .. } => {
                before.state != SimState::Ready && after.state == SimState::Ready
            }
            Self::Enable { .. } => enabled == (Some(false), Some(true)),
            Self::Disable { .. } => enabled == (Some(true), Some(false)),
            Self::Change { .. } => false,
        }
    }
}

/// An operation and when it must not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinRequest {
    /// What to do.
    pub operation: PinOperation,
    /// It is not sent when the SIM, asked at that moment, says that fewer attempts are left.
    pub retries_min: u8,
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinResult {
    /// The SIM did it; the code was right.
    Accepted,
    /// It was so already. Whether the code is right is not known.
    NoEffect,
    /// Fewer attempts than [`PinRequest::retries_min`] are left: nothing was sent.
    TooFewRetries,
    /// The SIM could not be asked for the attempts left: nothing was sent.
    NotSent(Failure),
    /// It was sent and not done.
    Refused(Failure),
}
