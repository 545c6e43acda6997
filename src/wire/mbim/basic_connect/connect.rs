//! MBIM_CID_CONNECT (10.5.12): sessions.

use super::code::codes;
use super::{Command, CommandKind, Info, InfoWriter, Service, Status, cid};
use crate::types::{Apn, IpFamily, PdpType, Secret};
use crate::wire::Error;
use crate::wire::mbim::ContextType;

codes! {
    /// MBIM_ACTIVATION_STATE (table 10-67).
    pub struct ActivationState: u32 {
        /// Not known.
        Unknown = 0,
        /// Up.
        Activated = 1,
        /// Coming up.
        Activating = 2,
        /// Down.
        Deactivated = 3,
        /// Going down.
        Deactivating = 4,
    }
}

codes! {
    /// MBIM_AUTH_PROTOCOL (table 10-63).
    pub struct AuthProtocol: u32 {
        /// None.
        None = 0,
        /// PAP.
        Pap = 1,
        /// CHAP.
        Chap = 2,
        /// MS-CHAP v2.
        MsChapV2 = 3,
    }
}

codes! {
    /// MBIM_CONTEXT_IP_TYPE (table 10-64).
    pub struct IpType: u32 {
        /// The modem chooses.
        Default = 0,
        /// IPv4.
        Ipv4 = 1,
        /// IPv6.
        Ipv6 = 2,
        /// Both in one bearer.
        Ipv4v6 = 3,
        /// Both, each in its own bearer.
        Ipv4AndIpv6 = 4,
    }
}

impl IpType {
    /// The type for what an interface asks for.
    pub const fn of(pdptype: PdpType) -> Self {
        match pdptype {
            PdpType::Ipv4 => Self::Ipv4,
            PdpType::Ipv6 => Self::Ipv6,
            PdpType::Ipv4v6 => Self::Ipv4v6,
        }
    }

    /// Whether a session of this type may have a family.
    pub const fn has(self, family: IpFamily) -> bool {
        match self {
            Self::Ipv4 => matches!(family, IpFamily::V4),
            Self::Ipv6 => matches!(family, IpFamily::V6),
            _ => true,
        }
    }
}

/// MBIM_CONNECT_INFO
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectInfo {
    /// Which session.
    pub session: u32,
    /// Its state.
    pub state: ActivationState,
    /// What it carries.
    pub ip_type: IpType,
    /// What it is for.
    pub context_type: ContextType,
    /// Why the network ended or refused it, TS 24.008 10.5.6.6; 0 is no reason.
    pub nw_error: u32,
}

impl ConnectInfo {
    /// Reads the structure.
    ///
    /// # Errors
    /// When it is malformed.
    pub fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        let session = info.u32()?;
        let state = ActivationState::from_code(info.u32()?);
        let _voice_call_state = info.u32()?;
        Ok(Self {
            session,
            state,
            ip_type: IpType::from_code(info.u32()?),
            context_type: ContextType::from_uuid(info.array()?),
            nw_error: info.u32()?,
        })
    }
}

/// Asks for a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectQuery {
    /// Which.
    pub session: u32,
}

impl Command for ConnectQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::CONNECT;
    const KIND: CommandKind = CommandKind::Query;
    type Response = ConnectInfo;

    fn write(&self, info: &mut InfoWriter) {
        // The rest of the structure only has to be there.
        info.u32(self.session).u32(0).u32(0).u32(0);
        info.bytes(&ContextType::Internet.uuid()).u32(0);
    }

    fn read(mut info: Info<'_>) -> Result<ConnectInfo, Error> {
        ConnectInfo::read(&mut info)
    }
}

/// What to activate a session with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The access point; empty leaves it to the network.
    pub apn: Apn,
    /// For authentication.
    pub username: Option<String>,
    /// For authentication.
    pub password: Option<Secret>,
    /// How to authenticate.
    pub auth: Option<AuthProtocol>,
    /// The families.
    pub ip_type: Option<IpType>,
}

/// Activates or deactivates a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectSet {
    /// Which.
    pub session: u32,
    /// With what; `None` deactivates it.
    pub activate: Option<Session>,
}

/// Why a session was not activated or not deactivated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectFailure {
    /// What the modem says.
    pub status: Status,
    /// What the network says, TS 24.008 10.5.6.6; 0 is nothing.
    pub nw_error: u32,
}

impl Command for ConnectSet {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::CONNECT;
    const KIND: CommandKind = CommandKind::Set;
    type Response = Result<ConnectInfo, ConnectFailure>;

    fn write(&self, info: &mut InfoWriter) {
        let none = Session::default();
        let session = self.activate.as_ref().unwrap_or(&none);
        info.u32(self.session).u32(u32::from(self.activate.is_some()));
        info.text(session.apn.as_str()).text(session.username.as_deref().unwrap_or_default());
        match &session.password {
            Some(password) => info.secret(password),
            None => info.text(""),
        };
        let auth = session.auth.unwrap_or(AuthProtocol::None);
        let ip_type = session.ip_type.unwrap_or(IpType::Default);
        let compression = 0;
        info.u32(compression).u32(auth.code()).u32(ip_type.code());
        info.bytes(&ContextType::Internet.uuid());
    }

    fn read(mut info: Info<'_>) -> Result<Self::Response, Error> {
        ConnectInfo::read(&mut info).map(Ok)
    }

    fn failed(status: Status, mut info: Info<'_>) -> Result<Self::Response, Status> {
        let nw_error = ConnectInfo::read(&mut info).map_or(0, |info| info.nw_error);
        Ok(Err(ConnectFailure { status, nw_error }))
    }
}
