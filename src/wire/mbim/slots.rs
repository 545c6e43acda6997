//! The places for cards, in Microsoft's extensions of Basic Connect. Source: "MB Multi-SIM
//! Operations" in Microsoft's driver documentation. Slots and modems are counted from 0.

use super::{Command, CommandKind, Info, InfoWriter, Service};
use crate::types::SlotState;
use crate::wire::Error;

/// MBIM_CID_MS_SYS_CAPS: how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SysCapsQuery;

impl Command for SysCapsQuery {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = 5;
    const KIND: CommandKind = CommandKind::Query;
    type Response = u32;

    fn read(mut info: Info<'_>) -> Result<u32, Error> {
        let _modems = info.u32()?;
        info.u32()
    }
}

/// MBIM_CID_MS_DEVICE_SLOT_MAPPINGS: the slot of the first modem, to ask for or to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotMappingQuery;

/// The same, to set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotMappingSet(pub u32);

/// A list of structures of one number, of which the first modem's is taken.
fn first_mapping(mut info: Info<'_>) -> Result<u32, Error> {
    if info.u32()? == 0 {
        return Err(Error::bad_value(&"mappings"));
    }
    info.structure()?.u32()
}

impl Command for SlotMappingQuery {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = 7;
    const KIND: CommandKind = CommandKind::Query;
    type Response = u32;

    fn read(info: Info<'_>) -> Result<u32, Error> {
        first_mapping(info)
    }
}

impl Command for SlotMappingSet {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = 7;
    const KIND: CommandKind = CommandKind::Set;
    type Response = u32;

    fn write(&self, info: &mut InfoWriter) {
        let mut mapping = InfoWriter::new();
        mapping.u32(self.0);
        info.u32(1).structure(mapping);
    }

    fn read(info: Info<'_>) -> Result<u32, Error> {
        first_mapping(info)
    }
}

/// MBIM_CID_MS_SLOT_INFO_STATUS: what is in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotInfoQuery(pub u32);

impl Command for SlotInfoQuery {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = 8;
    const KIND: CommandKind = CommandKind::Query;
    type Response = SlotState;

    fn write(&self, info: &mut InfoWriter) {
        info.u32(self.0);
    }

    fn read(mut info: Info<'_>) -> Result<SlotState, Error> {
        let _slot = info.u32()?;
        Ok(match info.u32()? {
            // Off and empty, and empty.
            1 | 3 => SlotState::Absent,
            4 | 5 | 7 | 8 => SlotState::Present,
            6 => SlotState::Error,
            _ => SlotState::Unknown,
        })
    }
}
