//! WDS, service 0x01: calls, their IP settings and their profiles. `qmi-service-wds.json`.
//!
//! One client has at most one call of one IP family: IPv4 and IPv6 need a client each.

mod call;
mod cm_end_reason;
mod end_reason;
mod internal_end_reason;
mod profile;
mod settings;
mod statistics;

pub use crate::wire::EsmCause;
pub use call::{
    BindMuxDataPortRequest, CallType, ConnectionStatus, GetPacketServiceStatusRequest,
    PacketDataHandle, PacketServiceStatusIndication, SetIpFamilyRequest, StartNetworkFailure,
    StartNetworkRequest, StopNetworkRequest,
};
pub use cm_end_reason::CmEndReason;
pub use end_reason::{CallEndReason, Ipv6EndReason, PppEndReason, VerboseCallEndReason};
pub use internal_end_reason::InternalEndReason;
pub use profile::{
    CreateProfileRequest, DeleteProfileRequest, GetDefaultProfileNumberRequest,
    GetProfileListRequest, GetProfileSettingsRequest, ModifyProfileRequest, Profile, ProfileFields,
    ProfileId, ProfileListEntry, ProfileType,
};
pub use settings::{CurrentSettings, GetCurrentSettingsRequest, RequestedSettings};
pub use statistics::{ChannelRates, GetChannelRatesRequest};
pub use statistics::{GetPacketStatisticsRequest, PacketStatistics};

use super::code::codes;
use super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use crate::types::{AuthMethod, IpFamily};
use crate::wire::Error;

codes! {
    /// The PDP type of a profile. Unlike the IP family of a call, IPv4 is 0.
    pub struct PdpType: u8 {
        /// IPv4.
        Ipv4 = 0,
        /// PPP.
        Ppp = 1,
        /// IPv6.
        Ipv6 = 2,
        /// Both.
        Ipv4v6 = 3,
        /// Neither.
        NonIp = 4,
    }
}

/// The number of an IP family in calls: 4 or 6.
const fn family_code(family: IpFamily) -> u8 {
    match family {
        IpFamily::V4 => 4,
        IpFamily::V6 => 6,
    }
}

/// The IP family with a number; `None` for unspecified (8) and others.
const fn family_from_code(code: u8) -> Option<IpFamily> {
    match code {
        4 => Some(IpFamily::V4),
        6 => Some(IpFamily::V6),
        _ => None,
    }
}

/// Bit 0 PAP, bit 1 CHAP.
const fn auth_code(auth: AuthMethod) -> u8 {
    match auth {
        AuthMethod::None => 0,
        AuthMethod::Pap => 1,
        AuthMethod::Chap => 2,
        AuthMethod::Both => 3,
    }
}

/// The reverse of [`auth_code`]; bits that mean nothing here are ignored.
const fn auth_from_code(code: u8) -> AuthMethod {
    match code & 3 {
        1 => AuthMethod::Pap,
        2 => AuthMethod::Chap,
        3 => AuthMethod::Both,
        _ => AuthMethod::None,
    }
}

codes! {
    /// Whether the modem dials by itself.
    pub struct Autoconnect: u8 {
        /// No.
        Disabled = 0,
        /// Yes, with its default profile.
        Enabled = 1,
        /// Not until the next restart.
        Paused = 2,
    }
}

/// Get Autoconnect Settings (0x0034).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetAutoconnectRequest;

/// The modem's own dialling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoconnectSettings {
    /// TLV 0x01.
    pub status: Autoconnect,
    /// TLV 0x10: whether only at home.
    pub home_only: Option<bool>,
}

impl Request for GetAutoconnectRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0034;
    type Response = AutoconnectSettings;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<AutoconnectSettings, Error> {
        let status = tlvs.mandatory(0x01, &"autoconnect", TlvReader::u8)?;
        Ok(AutoconnectSettings {
            status: Autoconnect::from_code(status),
            home_only: tlvs.optional(0x10, TlvReader::flag),
        })
    }
}

/// Set Autoconnect Settings (0x0051).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetAutoconnectRequest {
    /// TLV 0x01.
    pub status: Autoconnect,
    /// TLV 0x10: whether only at home.
    pub home_only: Option<bool>,
}

impl Request for SetAutoconnectRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0051;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, self.status.code());
        if let Some(home_only) = self.home_only {
            tlvs.put_flag(0x10, home_only);
        }
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}
