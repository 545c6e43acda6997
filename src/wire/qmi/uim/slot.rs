//! The places for cards: which there are, and which is in use.

use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use super::iccid_from_ef;
use crate::types::{Iccid, SimSlot, SlotState};
use crate::wire::Error;

/// No modem has more slots.
const SLOTS_MAX: u8 = 8;

/// Get Slot Status (0x0047).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetSlotStatusRequest;

/// One physical slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotStatus {
    /// What of it concerns everybody.
    pub slot: SimSlot,
    /// The logical slot that it is, when it is active.
    pub logical: u8,
}

impl Request for GetSlotStatusRequest {
    const SERVICE: Service = Service::Uim;
    const MESSAGE: u16 = 0x0047;
    type Response = Vec<SlotStatus>;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<Vec<SlotStatus>, Error> {
        tlvs.mandatory(0x10, &"slots", |r| {
            let count = r.u8()?.min(SLOTS_MAX);
            let mut slots = Vec::new();
            for slot in 1..=count {
                slots.push(read_slot(r, slot)?);
            }
            Some(slots)
        })
    }
}

fn read_slot(r: &mut TlvReader<'_>, slot: u8) -> Option<SlotStatus> {
    let state = match r.u32()? {
        1 => SlotState::Absent,
        2 => SlotState::Present,
        _ => SlotState::Unknown,
    };
    let active = r.u32()? == 1;
    let logical = r.u8()?;
    let iccid = Iccid::new(&iccid_from_ef(r.bytes8()?)).ok();
    Some(SlotStatus { slot: SimSlot { slot, active, state, iccid }, logical })
}

/// Switch Slot (0x0046).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SwitchSlotRequest {
    /// TLV 0x01: the logical slot, from 1, ...
    pub logical: u8,
    /// TLV 0x02: ... and the physical one, from 1, that it becomes.
    pub physical: u8,
}

impl Request for SwitchSlotRequest {
    const SERVICE: Service = Service::Uim;
    const MESSAGE: u16 = 0x0046;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, self.logical);
        tlvs.put(0x02, &u32::from(self.physical).to_le_bytes());
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}
