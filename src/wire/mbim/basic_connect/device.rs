//! MBIM_CID_DEVICE_CAPS (10.5.1): what the device is and can do.

use super::{Command, CommandKind, DataClass, Info, Service, cid};
use crate::types::Imei;
use crate::wire::Error;

/// Asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceCapsQuery;

/// MBIM_DEVICE_CAPS_INFO
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCaps {
    /// The technologies it has.
    pub data_class: DataClass,
    /// MBIM_CTRL_CAPS: bit 0 networks can be chosen by hand, bit 1 there is a switch for the radio.
    pub control_caps: u32,
    /// How many sessions there can be at a time.
    pub sessions_max: u32,
    /// Its IMEI.
    pub imei: Option<Imei>,
    /// The firmware, in the maker's words.
    pub firmware: Option<String>,
    /// The hardware, in the maker's words.
    pub hardware: Option<String>,
}

impl DeviceCaps {
    /// Reads the structure, which [`crate::wire::mbim::ms_extensions`] has with a field more.
    ///
    /// # Errors
    /// When it is malformed.
    pub(in crate::wire::mbim) fn read(info: &mut Info<'_>) -> Result<Self, Error> {
        // Device type, cellular class, voice class, SIM class.
        info.array::<16>()?;
        let data_class = DataClass(info.u32()?);
        let _sms_caps = info.u32()?;
        let (control_caps, sessions_max) = (info.u32()?, info.u32()?);
        let _custom_data_class = info.bytes()?;
        Ok(Self {
            data_class,
            control_caps,
            sessions_max,
            imei: Imei::new(&info.text()?).ok(),
            firmware: info.some_text()?,
            hardware: info.some_text()?,
        })
    }
}

impl Command for DeviceCapsQuery {
    const SERVICE: Service = Service::BasicConnect;
    const CID: u32 = cid::DEVICE_CAPS;
    const KIND: CommandKind = CommandKind::Query;
    type Response = DeviceCaps;

    fn read(mut info: Info<'_>) -> Result<DeviceCaps, Error> {
        DeviceCaps::read(&mut info)
    }
}
