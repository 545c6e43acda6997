//! MBIM_CID_RADIO_STATE (10.5.3): the radio and its two switches.

use super::{Command, CommandKind, Info, InfoWriter, Service, cid};
use crate::types::OperatingMode;
use crate::wire::Error;

/// Asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RadioStateQuery;

/// Turns the switch in software.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RadioStateSet {
    /// Which way.
    pub on: bool,
}

/// MBIM_RADIO_STATE_INFO
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RadioState {
    /// The switch on the device; on where there is none.
    pub hardware_on: bool,
    /// The switch in software.
    pub software_on: bool,
}

impl RadioState {
    /// Reads the structure.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        Ok(Self { hardware_on: info.u32()? != 0, software_on: info.u32()? != 0 })
    }

    /// The radio is on when both switches are.
    pub const fn mode(self) -> OperatingMode {
        if self.hardware_on && self.software_on {
            OperatingMode::Online
        } else {
            OperatingMode::LowPower
        }
    }
}

impl Command for RadioStateQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::RADIO_STATE;
    const KIND: CommandKind = CommandKind::Query;
    type Response = RadioState;

    fn read(mut info: Info<'_>) -> Result<RadioState, Error> {
        RadioState::read(&mut info)
    }
}

impl Command for RadioStateSet {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::RADIO_STATE;
    const KIND: CommandKind = CommandKind::Set;
    type Response = RadioState;

    fn write(&self, info: &mut InfoWriter) {
        info.u32(u32::from(self.on));
    }

    fn read(mut info: Info<'_>) -> Result<RadioState, Error> {
        RadioState::read(&mut info)
    }
}
