//! Registering with a network, and attaching to its packet service.

use super::super::code::codes;
use super::super::{Request, Sequence, Service, TlvWriter, Tlvs};
use super::ChangeDuration;
use super::serving_system::code_of_rat;
use crate::types::{Plmn, Rat};
use crate::wire::Error;

/// Initiate Network Register (0x0022). Replies at once; the registration follows as an indication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InitiateNetworkRegisterRequest {
    /// TLVs 0x01, 0x10 and 0x12: the one network to register with; `None` leaves it to the modem.
    pub network: Option<Plmn>,
    /// TLV 0x10: the technology to use there; `None` leaves it to the modem.
    pub rat: Option<Rat>,
    /// TLV 0x11.
    pub duration: Option<ChangeDuration>,
}

impl Request for InitiateNetworkRegisterRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0022;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        // 1 automatic, 2 manual.
        tlvs.put_u8(0x01, if self.network.is_some() { 2 } else { 1 });
        if let Some(plmn) = self.network {
            let mut sequence = Sequence::new();
            // -1 is any technology.
            let rat = self.rat.map_or(0xFF, code_of_rat);
            sequence.u16(plmn.mcc()).u16(plmn.mnc()).u8(rat);
            tlvs.put_sequence(0x10, sequence);
        }
        if let Some(duration) = self.duration {
            tlvs.put_u8(0x11, duration.code());
        }
        if let Some(plmn) = self.network {
            tlvs.put_flag(0x12, plmn.mnc_digits() == 3);
        }
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

codes! {
    /// What to do about the packet service.
    pub struct PsAttachAction: u8 {
        /// Attach.
        Attach = 1,
        /// Detach: every call ends.
        Detach = 2,
    }
}

/// Attach Detach (0x0023).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttachDetachRequest {
    /// TLV 0x10.
    pub action: PsAttachAction,
}

impl Request for AttachDetachRequest {
    const SERVICE: Service = Service::Nas;
    const MESSAGE: u16 = 0x0023;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x10, self.action.code());
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}
