//! PINs: verify, unblock, change, switch on and off.
//!
//! A refusal says how many attempts are left, so it is a response: [`PinResponse`].

use super::super::code::codes;
use super::super::{QmiError, Request, Sequence, Service, TlvReader, TlvWriter, Tlvs};
use super::{CardResult, Session};
use crate::types::Secret;
use crate::wire::Error;

codes! {
    /// Which PIN.
    pub struct PinId: u8 {
        /// PIN1: what a phone asks for when it is switched on.
        Pin1 = 1,
        /// PIN2: for fixed dialling and the like.
        Pin2 = 2,
        /// The universal PIN, in place of PIN1 on some cards.
        Upin = 3,
        /// The phone book's hidden key.
        HiddenKey = 4,
    }
}

codes! {
    /// State of a PIN.
    pub struct PinState: u8 {
        /// The card is not read yet.
        NotInitialized = 0,
        /// Asked for and not given.
        EnabledNotVerified = 1,
        /// Asked for and given.
        EnabledVerified = 2,
        /// Not asked for.
        Disabled = 3,
        /// Blocked: the PUK is needed.
        Blocked = 4,
        /// Blocked for good.
        PermanentlyBlocked = 5,
        /// Just unblocked; DMS only.
        Unblocked = 6,
        /// Just changed; DMS only.
        Changed = 7,
    }
}

/// Attempts left before the PIN or the PUK is blocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// For the PIN, 3 when none is spent.
    pub pin_retries_left: u8,
    /// For the PUK, 10 when none is spent.
    pub puk_retries_left: u8,
}

impl Retries {
    pub(in super::super) fn read(r: &mut TlvReader<'_>) -> Option<Self> {
        Some(Self { pin_retries_left: r.u8()?, puk_retries_left: r.u8()? })
    }
}

/// How a PIN operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinResponse {
    /// Whether the card accepted it. [`QmiError::NoEffect`]: it was so already.
    pub result: Result<(), QmiError>,
    /// TLV 0x10, chiefly when it did not.
    pub retries: Option<Retries>,
    /// TLV 0x13 (UIM only): what the card said.
    pub card_result: Option<CardResult>,
}

impl PinResponse {
    pub(in super::super) fn read(result: Result<(), QmiError>, tlvs: Tlvs<'_>) -> Self {
        Self {
            result,
            retries: tlvs.optional(0x10, Retries::read),
            card_result: tlvs.optional(0x13, CardResult::read),
        }
    }
}

/// Makes a PIN request out of what its TLV 0x02 holds after the PIN's id.
macro_rules! pin_request {
    ($name:ident, $message:literal, |$self:ident, $sequence:ident| $fields:expr) => {
        impl Request for $name {
            const SERVICE: Service = Service::Uim;
            const MESSAGE: u16 = $message;
            type Response = PinResponse;

            fn write(&self, tlvs: &mut TlvWriter) {
                let $self = self;
                self.session.write(tlvs);
                let mut $sequence = Sequence::new();
                $sequence.u8(self.pin_id.code());
                $fields;
                tlvs.put_sequence(0x02, $sequence);
            }

            fn read(tlvs: Tlvs<'_>) -> Result<PinResponse, Error> {
                Ok(PinResponse::read(Ok(()), tlvs))
            }

            fn refused(error: QmiError, tlvs: Tlvs<'_>) -> Result<PinResponse, QmiError> {
                Ok(PinResponse::read(Err(error), tlvs))
            }
        }
    };
}

/// Verify PIN (0x0026). A wrong PIN costs an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyPinRequest {
    /// TLV 0x01.
    pub session: Session,
    /// TLV 0x02: which PIN.
    pub pin_id: PinId,
    /// TLV 0x02.
    pub pin: Secret,
}

pin_request!(VerifyPinRequest, 0x0026, |request, sequence| sequence.secret8(&request.pin));

/// Unblock PIN (0x0027). A wrong PUK costs one of ten attempts, then the card is dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnblockPinRequest {
    /// TLV 0x01.
    pub session: Session,
    /// TLV 0x02: which PIN.
    pub pin_id: PinId,
    /// TLV 0x02.
    pub puk: Secret,
    /// TLV 0x02: the PIN from then on.
    pub new_pin: Secret,
}

pin_request!(UnblockPinRequest, 0x0027, |request, sequence| {
    sequence.secret8(&request.puk).secret8(&request.new_pin)
});

/// Change PIN (0x0028).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangePinRequest {
    /// TLV 0x01.
    pub session: Session,
    /// TLV 0x02: which PIN.
    pub pin_id: PinId,
    /// TLV 0x02: the PIN so far.
    pub old_pin: Secret,
    /// TLV 0x02: the PIN from then on.
    pub new_pin: Secret,
}

pin_request!(ChangePinRequest, 0x0028, |request, sequence| {
    sequence.secret8(&request.old_pin).secret8(&request.new_pin)
});

/// Set PIN Protection (0x0025): whether the card asks for the PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetPinProtectionRequest {
    /// TLV 0x01.
    pub session: Session,
    /// TLV 0x02: which PIN.
    pub pin_id: PinId,
    /// TLV 0x02: whether to ask for it.
    pub enabled: bool,
    /// TLV 0x02: the PIN.
    pub pin: Secret,
}

pin_request!(SetPinProtectionRequest, 0x0025, |request, sequence| {
    sequence.u8(u8::from(request.enabled)).secret8(&request.pin)
});
