//! UIM, service 0x0B: the SIM card, its PINs and files. `qmi-service-uim.json`.

mod card;
mod file;
mod pin;
mod slot;

pub use card::{
    Application, ApplicationState, ApplicationType, Card, CardError, CardState, CardStatus,
    CardStatusIndication, GetCardStatusRequest, PersonalizationState,
};
pub use file::{
    CardResult, EF_ICCID, EF_IMSI, File, ReadTransparentRequest, ReadTransparentResponse,
};
pub use file::{iccid_from_ef, imsi_from_ef};
pub use pin::{
    ChangePinRequest, PinId, PinResponse, PinState, Retries, SetPinProtectionRequest,
    UnblockPinRequest, VerifyPinRequest,
};
pub use slot::{GetSlotStatusRequest, SlotStatus, SwitchSlotRequest};

use super::code::codes;
use super::{Request, Sequence, Service, TlvReader, TlvWriter, Tlvs};
use crate::wire::Error;

codes! {
    /// What a request is about: the application that a role is given to, or a slot.
    pub struct SessionType: u8 {
        /// The application used for GSM, UMTS, LTE and NR.
        PrimaryGwProvisioning = 0,
        /// The application used for CDMA.
        Primary1xProvisioning = 1,
        /// The second SIM's.
        SecondaryGwProvisioning = 2,
        /// An application of slot 1 without a role, named by its identifier.
        NonprovisioningSlot1 = 4,
        /// An application of slot 2 without a role, named by its identifier.
        NonprovisioningSlot2 = 5,
        /// The card in slot 1 itself: what is readable without an application.
        CardSlot1 = 6,
        /// The card in slot 2 itself.
        CardSlot2 = 7,
    }
}

/// The application or card that a request is about: TLV 0x01 of most requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which role or slot.
    pub kind: SessionType,
    /// The application's identifier (AID) where the kind does not settle it, else empty.
    pub aid: Vec<u8>,
}

impl Session {
    /// The application in use: what PINs and files are asked of.
    pub const PRIMARY: Self = Self { kind: SessionType::PrimaryGwProvisioning, aid: Vec::new() };
    /// The card in slot 1: what the ICCID is asked of.
    pub const CARD_SLOT_1: Self = Self { kind: SessionType::CardSlot1, aid: Vec::new() };

    fn write(&self, tlvs: &mut TlvWriter) {
        let mut sequence = Sequence::new();
        sequence.u8(self.kind.code()).bytes8(&self.aid);
        tlvs.put_sequence(0x01, sequence);
    }
}

/// Register Events (0x002E): which indications to get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterEventsRequest {
    /// TLV 0x01, bit 0: [`CardStatusIndication`].
    pub card_status: bool,
    /// TLV 0x01, bit 4: changes of the physical slots.
    pub slot_status: bool,
}

impl Request for RegisterEventsRequest {
    const SERVICE: Service = Service::Uim;
    const MESSAGE: u16 = 0x002E;
    /// TLV 0x10: the mask in force.
    type Response = Option<u32>;

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u32(0x01, u32::from(self.card_status) | u32::from(self.slot_status) << 4);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<Option<u32>, Error> {
        Ok(tlvs.optional(0x10, TlvReader::u32))
    }
}

/// Change Provisioning Session (0x0038): gives an application the role of a session, or takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeProvisioningSessionRequest {
    /// TLV 0x01, the role.
    pub session: SessionType,
    /// TLV 0x01: given or taken.
    pub activate: bool,
    /// TLV 0x10: the slot, from 1, and the application's identifier.
    pub application: Option<(u8, Vec<u8>)>,
}

impl Request for ChangeProvisioningSessionRequest {
    const SERVICE: Service = Service::Uim;
    const MESSAGE: u16 = 0x0038;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put(0x01, &[self.session.code(), u8::from(self.activate)]);
        if let Some((slot, aid)) = &self.application {
            let mut sequence = Sequence::new();
            sequence.u8(*slot).bytes8(aid);
            tlvs.put_sequence(0x10, sequence);
        }
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Power Off SIM (0x0030).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerOffSimRequest {
    /// TLV 0x01: the slot, from 1.
    pub slot: u8,
}

impl Request for PowerOffSimRequest {
    const SERVICE: Service = Service::Uim;
    const MESSAGE: u16 = 0x0030;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, self.slot);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Power On SIM (0x0031).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerOnSimRequest {
    /// TLV 0x01: the slot, from 1.
    pub slot: u8,
}

impl Request for PowerOnSimRequest {
    const SERVICE: Service = Service::Uim;
    const MESSAGE: u16 = 0x0031;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, self.slot);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}
