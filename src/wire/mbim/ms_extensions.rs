//! Microsoft's extensions of Basic Connect, as far as they are the same whatever version is spoken.
//! Source: "Mobile Broadband MBIM extensions" in Microsoft's driver documentation, libmbim's
//! `data/mbim-service-ms-basic-connect-extensions*.json`.

use super::basic_connect::{AuthProtocol, DeviceCaps, IpType};
use super::{Command, CommandKind, Info, InfoWriter, Service};
use crate::types::Apn;
use crate::wire::Error;

/// The numbers of the commands.
pub mod cid {
    /// MBIM_CID_MS_LTE_ATTACH_CONFIG
    pub const LTE_ATTACH_CONFIG: u32 = 3;
    /// MBIM_CID_MS_LTE_ATTACH_INFO
    pub const LTE_ATTACH_INFO: u32 = 4;
    /// MBIM_CID_MS_DEVICE_CAPS_V2
    pub const DEVICE_CAPS_V2: u32 = 6;
    /// MBIM_CID_MS_DEVICE_RESET
    pub const DEVICE_RESET: u32 = 10;
    /// MBIM_CID_VERSION
    pub const VERSION: u32 = 15;
}

/// Says which versions the host speaks, and asks which the function does.
///
/// Whoever says more than MBIM 1.0, extensions 1.0 gets messages of another form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionQuery {
    /// The versions of the host.
    pub host: Version,
}

/// Two versions, each in BCD: 0x0100 is 1.0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Of MBIM.
    pub mbim: u16,
    /// Of the extensions.
    pub extensions: u16,
}

impl Command for VersionQuery {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = cid::VERSION;
    const KIND: CommandKind = CommandKind::Query;
    type Response = Version;

    fn write(&self, info: &mut InfoWriter) {
        info.u16(self.host.mbim).u16(self.host.extensions);
    }

    fn read(mut info: Info<'_>) -> Result<Version, Error> {
        Ok(Version { mbim: info.u16()?, extensions: info.u16()? })
    }
}

/// Asks for the capabilities of one of several modems in a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceCapsV2Query;

/// The capabilities and whose they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCapsV2 {
    /// As in Basic Connect.
    pub caps: DeviceCaps,
    /// The number of the modem in the device.
    pub executor: u32,
}

impl Command for DeviceCapsV2Query {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = cid::DEVICE_CAPS_V2;
    const KIND: CommandKind = CommandKind::Query;
    type Response = DeviceCapsV2;

    fn read(mut info: Info<'_>) -> Result<DeviceCapsV2, Error> {
        Ok(DeviceCapsV2 { caps: DeviceCaps::read(&mut info)?, executor: info.u32()? })
    }
}

/// An access point as the modem attaches to LTE with, without its user name and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachContext {
    /// The families.
    pub ip_type: IpType,
    /// The access point; `None` when it is no such name.
    pub apn: Option<Apn>,
    /// How to authenticate.
    pub auth: AuthProtocol,
}

impl AttachContext {
    /// Reads what follows the IP type in both structures: texts, compression, authentication.
    fn read(ip_type: IpType, info: &mut Info<'_>) -> Result<Self, Error> {
        let apn = Apn::new(&info.text()?).ok();
        let (_username, _password) = (info.bytes()?, info.bytes()?);
        let _compression = info.u32()?;
        Ok(Self { ip_type, apn, auth: AuthProtocol::from_code(info.u32()?) })
    }
}

/// Asks whether the modem is attached to LTE, and with what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LteAttachInfoQuery;

/// MBIM_MS_LTE_ATTACH_INFO
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LteAttachInfo {
    /// Whether it is.
    pub attached: bool,
    /// With what.
    pub context: AttachContext,
}

impl Command for LteAttachInfoQuery {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = cid::LTE_ATTACH_INFO;
    const KIND: CommandKind = CommandKind::Query;
    type Response = LteAttachInfo;

    fn read(mut info: Info<'_>) -> Result<LteAttachInfo, Error> {
        let attached = info.u32()? != 0;
        let ip_type = IpType::from_code(info.u32()?);
        Ok(LteAttachInfo { attached, context: AttachContext::read(ip_type, &mut info)? })
    }
}

/// Asks with what the modem is to attach to LTE: at home, with a partner, abroad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LteAttachConfigQuery;

impl Command for LteAttachConfigQuery {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = cid::LTE_ATTACH_CONFIG;
    const KIND: CommandKind = CommandKind::Query;
    type Response = Vec<AttachContext>;

    fn read(mut info: Info<'_>) -> Result<Vec<AttachContext>, Error> {
        let count = info.u32()?;
        let mut contexts = Vec::new();
        info.each(count, &mut |info| {
            let mut element = info.structure()?;
            let ip_type = IpType::from_code(element.u32()?);
            // For which kind of network, and who made it.
            element.u64()?;
            contexts.push(AttachContext::read(ip_type, &mut element)?);
            Ok(())
        })?;
        Ok(contexts)
    }
}

/// Restarts the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceResetSet;

impl Command for DeviceResetSet {
    const SERVICE: Service = Service::MsBasicConnectExtensions;
    const CID: u32 = cid::DEVICE_RESET;
    const KIND: CommandKind = CommandKind::Set;
    type Response = ();

    fn read(_info: Info<'_>) -> Result<(), Error> {
        Ok(())
    }
}
