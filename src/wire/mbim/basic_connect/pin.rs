//! MBIM_CID_PIN (10.5.4) and MBIM_CID_PIN_LIST (10.5.5).

use super::code::codes;
use super::{Command, CommandKind, Info, InfoWriter, Service, Status, cid};
use crate::types::Secret;
use crate::wire::Error;

codes! {
    /// MBIM_PIN_TYPE (table 10-25).
    pub struct PinType: u32 {
        /// A maker's own.
        Custom = 1,
        /// PIN1 of the SIM.
        Pin1 = 2,
        /// PIN2 of the SIM.
        Pin2 = 3,
        /// Ties the device to a SIM.
        DeviceSimPin = 4,
        /// Ties the device to the first SIM.
        DeviceFirstSimPin = 5,
        /// Ties the device to a network.
        NetworkPin = 6,
        /// Ties the device to part of a network.
        NetworkSubsetPin = 7,
        /// Ties the device to a provider.
        ServiceProviderPin = 8,
        /// Ties the device to a company.
        CorporatePin = 9,
        /// Ties the device until it is paid for.
        SubsidyPin = 10,
        /// Unblocks PIN1.
        Puk1 = 11,
        /// Unblocks PIN2.
        Puk2 = 12,
    }
}

codes! {
    /// MBIM_PIN_STATE (table 10-26).
    pub struct PinState: u32 {
        /// The PIN is not needed now.
        Unlocked = 0,
        /// The PIN is needed.
        Locked = 1,
    }
}

codes! {
    /// MBIM_PIN_OPERATION (table 10-28).
    pub struct PinOperation: u32 {
        /// Gives the PIN that is needed, or a PUK and a new PIN.
        Enter = 0,
        /// Has it asked for from now on.
        Enable = 1,
        /// Has it asked for no more.
        Disable = 2,
        /// Changes it.
        Change = 3,
    }
}

codes! {
    /// MBIM_PIN_MODE (table 10-32).
    pub struct PinMode: u32 {
        /// The device has no such PIN.
        NotSupported = 0,
        /// It is asked for.
        Enabled = 1,
        /// It is not asked for.
        Disabled = 2,
    }
}

/// Stands for a number of attempts that the device does not know.
const ATTEMPTS_UNKNOWN: u32 = 0xFFFF_FFFF;

/// Asks which PIN is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinQuery;

/// MBIM_PIN_INFO
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinInfo {
    /// The PIN that this is about: the one needed, or the one just used.
    pub kind: PinType,
    /// Whether it is needed.
    pub state: PinState,
    /// How often it may be tried; `None` when the device does not say.
    pub attempts_left: Option<u8>,
}

impl PinInfo {
    fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let kind = PinType::from_code(info.u32()?);
        let state = PinState::from_code(info.u32()?);
        let attempts = info.u32()?;
        let known = (attempts != ATTEMPTS_UNKNOWN).then_some(attempts);
        let attempts_left = known.and_then(|attempts| u8::try_from(attempts).ok());
        Ok(Self { kind, state, attempts_left })
    }
}

impl Command for PinQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::PIN;
    const KIND: CommandKind = CommandKind::Query;
    type Response = PinInfo;

    fn read(mut info: Info<'_>) -> Result<PinInfo, Error> {
        PinInfo::read(&mut info)
    }
}

/// Does something with a PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinSet {
    /// Which PIN; for a PUK, that.
    pub kind: PinType,
    /// What to do.
    pub operation: PinOperation,
    /// The PIN, or the PUK.
    pub pin: Secret,
    /// The PIN from then on, for a change and with a PUK.
    pub new_pin: Option<Secret>,
}

/// What came of it. A refusal says how many attempts are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinOutcome {
    /// Whether it was done.
    pub status: Status,
    /// What is known of the PIN then; `None` where a refusal does not say.
    pub info: Option<PinInfo>,
}

impl Command for PinSet {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::PIN;
    const KIND: CommandKind = CommandKind::Set;
    type Response = PinOutcome;

    fn write(&self, info: &mut InfoWriter) {
        info.u32(self.kind.code()).u32(self.operation.code()).secret(&self.pin);
        match &self.new_pin {
            Some(new_pin) => info.secret(new_pin),
            None => info.text(""),
        };
    }

    fn read(mut info: Info<'_>) -> Result<PinOutcome, Error> {
        // Done is done, whatever is said about it.
        Ok(PinOutcome { status: Status::Success, info: PinInfo::read(&mut info).ok() })
    }

    fn failed(status: Status, mut info: Info<'_>) -> Result<PinOutcome, Status> {
        Ok(PinOutcome { status, info: PinInfo::read(&mut info).ok() })
    }
}

/// Asks which PINs there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinListQuery;

/// MBIM_PIN_DESC
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PinDescription {
    /// Whether it is asked for.
    pub mode: PinMode,
    /// The fewest characters; 0 where the device does not say.
    pub len_min: u32,
    /// The most characters.
    pub len_max: u32,
}

impl Command for PinListQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::PIN_LIST;
    const KIND: CommandKind = CommandKind::Query;
    /// PIN1. The other nine follow it and are not read.
    type Response = PinDescription;

    fn read(mut info: Info<'_>) -> Result<PinDescription, Error> {
        let mode = PinMode::from_code(info.u32()?);
        let _format = info.u32()?;
        Ok(PinDescription { mode, len_min: info.u32()?, len_max: info.u32()? })
    }
}
