//! MBIM_CID_REGISTER_STATE (10.5.9) and MBIM_CID_PACKET_SERVICE (10.5.10).

use super::code::codes;
use super::{Command, CommandKind, DataClass, Info, InfoWriter, Service, Status, cid};
use crate::types::{Plmn, RegistrationState};
use crate::wire::Error;

codes! {
    /// MBIM_REGISTER_STATE (table 10-44).
    pub struct RegisterState: u32 {
        /// Not known.
        Unknown = 0,
        /// Not registered and not searching.
        Deregistered = 1,
        /// Searching.
        Searching = 2,
        /// Registered at home.
        Home = 3,
        /// Registered abroad.
        Roaming = 4,
        /// Registered with a partner of the home network.
        Partner = 5,
        /// Refused.
        Denied = 6,
    }
}

impl RegisterState {
    /// The state in the daemon's words.
    pub const fn registration_state(self) -> RegistrationState {
        match self {
            Self::Deregistered => RegistrationState::Idle,
            Self::Searching => RegistrationState::Searching,
            Self::Home => RegistrationState::Home,
            Self::Roaming | Self::Partner => RegistrationState::Roaming,
            Self::Denied => RegistrationState::Denied,
            _ => RegistrationState::Unknown,
        }
    }
}

/// MBIM_REGISTRATION_STATE_INFO
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterStateInfo {
    /// Why the network refused, TS 24.008 10.5.3.6 and 10.5.5.14; 0 is no reason.
    pub nw_error: u32,
    /// The state.
    pub state: RegisterState,
    /// The technologies that the network offers here.
    pub data_class: DataClass,
    /// The network.
    pub plmn: Option<Plmn>,
    /// Its name. Hostile text.
    pub operator: Option<String>,
}

impl RegisterStateInfo {
    /// Reads the structure.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let nw_error = info.u32()?;
        let state = RegisterState::from_code(info.u32()?);
        let _mode = info.u32()?;
        let data_class = DataClass(info.u32()?);
        let _cellular_class = info.u32()?;
        let plmn = Plmn::parse(&info.text()?).ok();
        Ok(Self { nw_error, state, data_class, plmn, operator: info.some_text()? })
    }
}

/// Asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterStateQuery;

impl Command for RegisterStateQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::REGISTER_STATE;
    const KIND: CommandKind = CommandKind::Query;
    type Response = RegisterStateInfo;

    fn read(mut info: Info<'_>) -> Result<RegisterStateInfo, Error> {
        RegisterStateInfo::read(&mut info)
    }
}

/// Chooses a network, and with it the technologies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterStateSet {
    /// The one network; any when `None`.
    pub plmn: Option<Plmn>,
    /// The technologies.
    pub data_class: DataClass,
}

/// Why the modem is not registered after a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterFailure {
    /// What the modem says.
    pub status: Status,
    /// What the network says; 0 is nothing.
    pub nw_error: u32,
}

impl Command for RegisterStateSet {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::REGISTER_STATE;
    const KIND: CommandKind = CommandKind::Set;
    type Response = Result<RegisterStateInfo, RegisterFailure>;

    fn write(&self, info: &mut InfoWriter) {
        match self.plmn {
            Some(plmn) => info.text(&plmn.to_string()),
            None => info.text(""),
        };
        // Register action: 0 automatic, 1 manual.
        info.u32(u32::from(self.plmn.is_some())).u32(self.data_class.0);
    }

    fn read(mut info: Info<'_>) -> Result<Self::Response, Error> {
        RegisterStateInfo::read(&mut info).map(Ok)
    }

    fn failed(status: Status, mut info: Info<'_>) -> Result<Self::Response, Status> {
        Ok(Err(RegisterFailure { status, nw_error: info.u32().unwrap_or(0) }))
    }
}

codes! {
    /// MBIM_PACKET_SERVICE_STATE (table 10-53).
    pub struct PacketServiceState: u32 {
        /// Not known.
        Unknown = 0,
        /// Attaching.
        Attaching = 1,
        /// Attached.
        Attached = 2,
        /// Detaching.
        Detaching = 3,
        /// Detached.
        Detached = 4,
    }
}

/// MBIM_PACKET_SERVICE_INFO
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketService {
    /// Why the network refused; 0 is no reason.
    pub nw_error: u32,
    /// The state.
    pub state: PacketServiceState,
    /// The technology in use.
    pub data_class: DataClass,
}

impl PacketService {
    /// Reads the structure.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let nw_error = info.u32()?;
        let state = PacketServiceState::from_code(info.u32()?);
        Ok(Self { nw_error, state, data_class: DataClass(info.u32()?) })
    }
}

/// Asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketServiceQuery;

impl Command for PacketServiceQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::PACKET_SERVICE;
    const KIND: CommandKind = CommandKind::Query;
    type Response = PacketService;

    fn read(mut info: Info<'_>) -> Result<PacketService, Error> {
        PacketService::read(&mut info)
    }
}

/// Attaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketServiceAttach;

impl Command for PacketServiceAttach {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::PACKET_SERVICE;
    const KIND: CommandKind = CommandKind::Set;
    type Response = Result<PacketService, RegisterFailure>;

    fn write(&self, info: &mut InfoWriter) {
        // MBIM_PACKET_SERVICE_ACTION: 0 attach, 1 detach.
        info.u32(0);
    }

    fn read(mut info: Info<'_>) -> Result<Self::Response, Error> {
        PacketService::read(&mut info).map(Ok)
    }

    fn failed(status: Status, mut info: Info<'_>) -> Result<Self::Response, Status> {
        Ok(Err(RegisterFailure { status, nw_error: info.u32().unwrap_or(0) }))
    }
}
