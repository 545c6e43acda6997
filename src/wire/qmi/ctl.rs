//! CTL, service 0x00: client ids, versions, synchronization. `qmi-service-ctl.json`.

use super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use crate::wire::Error;

/// Sync (0x0027): the modem forgets every client id. The first message to a modem.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncRequest;

impl Request for SyncRequest {
    const SERVICE: Service = Service::Ctl;
    const MESSAGE: u16 = 0x0027;
    type Response = ();

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Get Version Info (0x0021): which services the modem has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetVersionInfoRequest;

/// One service of the modem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceVersion {
    /// The service.
    pub service: Service,
    /// Its major version.
    pub major: u16,
    /// Its minor version.
    pub minor: u16,
}

impl Request for GetVersionInfoRequest {
    const SERVICE: Service = Service::Ctl;
    const MESSAGE: u16 = 0x0021;
    /// TLV 0x01.
    type Response = Vec<ServiceVersion>;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<Self::Response, Error> {
        tlvs.mandatory(0x01, &"service list", |r| {
            r.list8(|r| {
                Some(ServiceVersion {
                    service: Service::from_code(r.u8()?),
                    major: r.u16()?,
                    minor: r.u16()?,
                })
            })
        })
    }
}

/// A client of a service, as the modem allocates it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId {
    /// The service it is of.
    pub service: Service,
    /// Its number, 1 to 254.
    pub client: u8,
}

impl ClientId {
    fn read(r: &mut TlvReader<'_>) -> Option<Self> {
        Some(Self { service: Service::from_code(r.u8()?), client: r.u8()? })
    }
}

/// Get Client Id (0x0022), `Allocate CID` in libqmi. What it allocates stays allocated until it is
/// released, the modem is synchronized or restarts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GetClientIdRequest {
    /// TLV 0x01: the service to become a client of.
    pub service: Service,
}

impl Request for GetClientIdRequest {
    const SERVICE: Service = Service::Ctl;
    const MESSAGE: u16 = 0x0022;
    /// TLV 0x01.
    type Response = ClientId;

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_u8(0x01, self.service.code());
    }

    fn read(tlvs: Tlvs<'_>) -> Result<ClientId, Error> {
        tlvs.mandatory(0x01, &"allocation info", ClientId::read)
    }
}

/// Release Client Id (0x0023).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseClientIdRequest {
    /// TLV 0x01: the client that is no longer needed.
    pub client: ClientId,
}

impl Request for ReleaseClientIdRequest {
    const SERVICE: Service = Service::Ctl;
    const MESSAGE: u16 = 0x0023;
    type Response = ();

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put(0x01, &[self.client.service.code(), self.client.client]);
    }

    fn read(_tlvs: Tlvs<'_>) -> Result<(), Error> {
        Ok(())
    }
}

/// Set Data Format (0x0026): what old modems, those without WDA, have for the link layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetDataFormatRequest {
    /// TLV 0x01: whether a QoS header precedes each packet.
    pub qos_header: bool,
    /// TLV 0x10: raw IP when true, else Ethernet frames.
    pub raw_ip: bool,
}

impl Request for SetDataFormatRequest {
    const SERVICE: Service = Service::Ctl;
    const MESSAGE: u16 = 0x0026;
    /// TLV 0x10: whether the modem uses raw IP; `None` when it does not say.
    type Response = Option<bool>;

    fn write(&self, tlvs: &mut TlvWriter) {
        tlvs.put_flag(0x01, self.qos_header);
        tlvs.put_u16(0x10, if self.raw_ip { 2 } else { 1 });
    }

    fn read(tlvs: Tlvs<'_>) -> Result<Option<bool>, Error> {
        Ok(tlvs.optional(0x10, TlvReader::u16).map(|protocol| protocol == 2))
    }
}

/// Sync indication (0x0027): the modem restarted; every client id is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncIndication;

impl SyncIndication {
    /// The message.
    pub const MESSAGE: u16 = 0x0027;
}

/// Revoke Client Id indication (0x0024): the modem released a client by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevokeClientIdIndication {
    /// TLV 0x01: the client that no longer exists.
    pub client: ClientId,
}

impl RevokeClientIdIndication {
    /// The message.
    pub const MESSAGE: u16 = 0x0024;

    /// Reads the TLVs.
    ///
    /// # Errors
    /// When TLV 0x01 is missing or too short.
    pub fn read(tlvs: Tlvs<'_>) -> Result<Self, Error> {
        Ok(Self { client: tlvs.mandatory(0x01, &"client", ClientId::read)? })
    }
}
