//! MBIM_CID_SIGNAL_STATE (10.5.11).

use super::{Command, CommandKind, Info, Service, cid};
use crate::types::Signal;
use crate::wire::Error;

/// Asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalStateQuery;

/// MBIM_SIGNAL_STATE_INFO
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalState {
    /// Received power.
    pub rssi_dbm: Option<i16>,
    /// Error rate, 0 best to 7 worst, as in TS 27.007 8.5; `None` when not known.
    pub error_rate: Option<u8>,
}

/// The power of a level as TS 27.007 8.5 has it: 0 is -113 dBm or less, 31 is -51 dBm or more.
pub(super) fn rssi_dbm(level: u32) -> Option<i16> {
    let level = i16::try_from(level).ok().filter(|level| (0..=31).contains(level))?;
    Some(2 * level - 113)
}

impl SignalState {
    /// Reads the structure.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let rssi_dbm = rssi_dbm(info.u32()?);
        let error_rate = u8::try_from(info.u32()?).ok().filter(|rate| *rate <= 7);
        Ok(Self { rssi_dbm, error_rate })
    }

    /// What it says of the signal.
    pub fn signal(self) -> Signal {
        Signal { rssi_dbm: self.rssi_dbm, ..Signal::default() }
    }
}

impl Command for SignalStateQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::SIGNAL_STATE;
    const KIND: CommandKind = CommandKind::Query;
    type Response = SignalState;

    fn read(mut info: Info<'_>) -> Result<SignalState, Error> {
        SignalState::read(&mut info)
    }
}
