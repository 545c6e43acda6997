//! Calls: start, stop, status.

use super::super::code::codes;
use super::super::wda::Endpoint;
use super::super::{QmiError, Request, Service, TlvReader, TlvWriter, Tlvs};
use super::{CallEndReason, VerboseCallEndReason, auth_code, family_code, family_from_code};
use crate::types::{Apn, AuthMethod, IpFamily, Secret};
use crate::wire::Error;

/// Names a call of one client; what stops it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketDataHandle(pub u32);

impl PacketDataHandle {
    /// Every call of the client, started by it or not: what stops the modem's own dialling.
    pub const ALL: Self = Self(0xFFFF_FFFF);
}

codes! {
    /// Who uses the call.
    pub struct CallType: u8 {
        /// A host behind the modem.
        Laptop = 0,
        /// The modem's own processor.
        Embedded = 1,
    }
}

/// Start Network (0x0020). Replies when the call is up or has failed: minutes, on a bad network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StartNetworkRequest {
    /// TLV 0x14; `None` leaves it to the profile, empty to the network.
    pub apn: Option<Apn>,
    /// TLV 0x16; `None` leaves it to the profile.
    pub auth: Option<AuthMethod>,
    /// TLV 0x17.
    pub username: Option<String>,
    /// TLV 0x18.
    pub password: Option<Secret>,
    /// TLV 0x19.
    pub ip_family: Option<IpFamily>,
    /// TLV 0x31: the stored profile to dial with, from 1.
    pub profile_3gpp: Option<u8>,
    /// TLV 0x33: whether the modem dials by itself from then on.
    pub autoconnect: Option<bool>,
    /// TLV 0x35.
    pub call_type: Option<CallType>,
}

/// Why a call could not be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartNetworkFailure {
    /// The error. [`QmiError::NoEffect`]: this client has a call of this family already.
    pub error: QmiError,
    /// TLV 0x10.
    pub call_end_reason: Option<CallEndReason>,
    /// TLV 0x11: the same, in more detail.
    pub verbose: Option<VerboseCallEndReason>,
}

impl Request for StartNetworkRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0020;
    /// TLV 0x01, or what the refusal says.
    type Response = Result<PacketDataHandle, StartNetworkFailure>;

    fn write(&self, tlvs: &mut TlvWriter) {
        if let Some(apn) = &self.apn {
            tlvs.put(0x14, apn.as_str().as_bytes());
        }
        if let Some(auth) = self.auth {
            tlvs.put_u8(0x16, auth_code(auth));
        }
        if let Some(username) = &self.username {
            tlvs.put(0x17, username.as_bytes());
        }
        if let Some(password) = &self.password {
            tlvs.put(0x18, password.expose().as_bytes());
        }
        if let Some(family) = self.ip_family {
            tlvs.put_u8(0x19, family_code(family));
        }
        if let Some(profile) = self.profile_3gpp {
            tlvs.put_u8(0x31, profile);
        }
        if let Some(autoconnect) = self.autoconnect {
            tlvs.put_flag(0x33, autoconnect);
        }
        if let Some(call_type) = self.call_type {
            tlvs.put_u8(0x35, call_type.code());
        }
    }

    fn read(tlvs: Tlvs<'_>) -> Result<Self::Response, Error> {
        let handle = tlvs.mandatory(0x01, &"packet data handle", TlvReader::u32)?;
        Ok(Ok(PacketDataHandle(handle)))
    }

    fn refused(error: QmiError, tlvs: Tlvs<'_>) -> Result<Self::Response, QmiError> {
        Ok(Err(StartNetworkFailure {
            error,
            call_end_reason: tlvs.optional(0x10, TlvReader::u16).map(CallEndReason::from_code),
            verbose: tlvs.optional(0x11, VerboseCallEndReason::read),
        }))
    }
}

/// Stop Network (0x0021). [`QmiError::NoEffect`]: there is no such call any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopNetworkRequest {
    /// TLV 0x01.
    pub handle: PacketDataHandle,
    /// TLV 0x10: also keep the modem from dialling by itself.
    pub disable_autoconnect: bool,
}

impl Request for StopNetworkRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0021;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u32(0x01, self.handle.0);
        if self.disable_autoconnect {
            tlvs.put_flag(0x10, true);
        }
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

codes! {
    /// State of a client's call.
    pub struct ConnectionStatus: u8 {
        /// The modem does not know.
        Unknown = 0,
        /// No call.
        Disconnected = 1,
        /// Up.
        Connected = 2,
        /// Up, without traffic for now: during a voice call on 2G or 3G.
        Suspended = 3,
        /// Being set up.
        Authenticating = 4,
    }
}

/// Get Packet Service Status (0x0022).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetPacketServiceStatusRequest;

impl Request for GetPacketServiceStatusRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0022;
    /// TLV 0x01.
    type Response = ConnectionStatus;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<ConnectionStatus, Error> {
        tlvs.mandatory(0x01, &"connection status", TlvReader::u8).map(ConnectionStatus::from_code)
    }
}

/// Packet Service Status indication (0x0022): a call came up, changed or ended. Sent without being
/// asked for, and to every WDS client on many modems.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketServiceStatusIndication {
    /// TLV 0x01.
    pub status: ConnectionStatus,
    /// TLV 0x01: the addresses changed while the call stays up.
    pub reconfiguration_required: bool,
    /// TLV 0x10, when it ended.
    pub call_end_reason: Option<CallEndReason>,
    /// TLV 0x11, when it ended: the same, in more detail.
    pub verbose: Option<VerboseCallEndReason>,
    /// TLV 0x12: which of the two families.
    pub ip_family: Option<IpFamily>,
}

impl PacketServiceStatusIndication {
    /// The message.
    pub const MESSAGE: u16 = 0x0022;

    /// Reads the TLVs.
    ///
    /// # Errors
    /// When TLV 0x01 is missing or empty.
    pub fn read(tlvs: Tlvs<'_>) -> Result<Self, Error> {
        // The second byte is missing in some firmware; without it nothing needs reconfiguring.
        let (status, reconfiguration_required) =
            tlvs.mandatory(0x01, &"connection status", |r| {
                Some((r.u8()?, r.flag().unwrap_or(false)))
            })?;
        Ok(Self {
            status: ConnectionStatus::from_code(status),
            reconfiguration_required,
            call_end_reason: tlvs.optional(0x10, TlvReader::u16).map(CallEndReason::from_code),
            verbose: tlvs.optional(0x11, VerboseCallEndReason::read),
            ip_family: tlvs.optional(0x12, TlvReader::u8).and_then(family_from_code),
        })
    }
}

/// Set IP Family (0x004D): which family the client's calls and queries are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetIpFamilyRequest {
    /// TLV 0x01.
    pub family: IpFamily,
}

impl Request for SetIpFamilyRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x004D;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, family_code(self.family));
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Bind Mux Data Port (0x00A2): on which QMAP channel of which link the client's calls run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindMuxDataPortRequest {
    /// TLV 0x10.
    pub endpoint: Endpoint,
    /// TLV 0x11: the QMAP channel, from 1; 0 for none.
    pub mux_id: u8,
}

impl Request for BindMuxDataPortRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x00A2;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        self.endpoint.write(0x10, tlvs);
        tlvs.put_u8(0x11, self.mux_id);
        // TLV 0x13, client type: 1 is a host behind the modem.
        tlvs.put_u32(0x13, 1);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}
