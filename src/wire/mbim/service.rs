//! The services of a modem and the types of a session, each a UUID.

use core::fmt;

/// A part of the modem that answers a family of commands (8, 10).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Everything it takes to get connected.
    BasicConnect,
    /// Short messages.
    Sms,
    /// USSD.
    Ussd,
    /// The phone book.
    Phonebook,
    /// The SIM toolkit.
    Stk,
    /// Authentication with the SIM.
    Auth,
    /// Device service streams.
    Dss,
    /// Microsoft's extensions of Basic Connect.
    MsBasicConnectExtensions,
    /// Microsoft's low level access to the SIM.
    MsUiccLowLevelAccess,
    /// Microsoft's extensions for voice, of which the time is one.
    MsVoiceExtensions,
    /// Microsoft's identity of the firmware.
    MsFirmwareId,
    /// QMI messages inside MBIM.
    Qmi,
    /// What `mbim-proxy` answers itself.
    ProxyControl,
    /// Any other.
    Other([u8; 16]),
}

/// The UUIDs and names, in the order of their bytes on the wire, which is that of their digits
/// (9.1).
const SERVICES: [(Service, u128, &str); 13] = [
    (Service::BasicConnect, 0xa289cc33_bcbb_8b4f_b6b0_133ec2aae6df, "BasicConnect"),
    (Service::Sms, 0x533fbeeb_14fe_4467_9f90_33a223e56c3f, "Sms"),
    (Service::Ussd, 0xe550a0c8_5e82_479e_82f7_10abf4c3351f, "Ussd"),
    (Service::Phonebook, 0x4bf38476_1e6a_41db_b1d8_bed289c25bdb, "Phonebook"),
    (Service::Stk, 0xd8f20131_fcb5_4e17_8602_d6ed3816164c, "Stk"),
    (Service::Auth, 0x1d2b5ff7_0aa1_48b2_aa52_50f15767174e, "Auth"),
    (Service::Dss, 0xc08a26dd_7718_4382_8482_6e0d583c4d0e, "Dss"),
    (
        Service::MsBasicConnectExtensions,
        0x3d01dcc5_fef5_4d05_0d3a_bef7058e9aaf,
        "MsBasicConnectExtensions",
    ),
    (Service::MsUiccLowLevelAccess, 0xc2f6588e_f037_4bc9_8665_f4d44bd09367, "MsUiccLowLevelAccess"),
    (Service::MsVoiceExtensions, 0x8d8b9eba_37be_449b_8f1e_61cb034a702e, "MsVoiceExtensions"),
    (Service::MsFirmwareId, 0xe9f7dea2_feaf_4009_93ce_90a3694103b6, "MsFirmwareId"),
    (Service::Qmi, 0xd1a30bc2_f97a_6e43_bf65_c7e24fb0f0d3, "Qmi"),
    (Service::ProxyControl, 0x838cf7fb_8d0d_4d7f_871e_d71dbefbb39b, "ProxyControl"),
];

impl Service {
    /// The service with a UUID.
    pub fn from_uuid(uuid: [u8; 16]) -> Self {
        let number = u128::from_be_bytes(uuid);
        let known = SERVICES.iter().find(|(_, known, _)| *known == number);
        known.map_or(Self::Other(uuid), |(service, ..)| *service)
    }

    /// Its UUID.
    pub fn uuid(self) -> [u8; 16] {
        if let Self::Other(uuid) = self {
            return uuid;
        }
        let known = SERVICES.iter().find(|(service, ..)| *service == self);
        known.map_or([0; 16], |(_, uuid, _)| uuid.to_be_bytes())
    }
}

/// Its name, or how its UUID begins.
impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match SERVICES.iter().find(|(service, ..)| service == self) {
            Some((.., name)) => f.write_str(name),
            None => {
                let [a, b, c, d, ..] = self.uuid();
                write!(f, "{:08x}", u32::from_be_bytes([a, b, c, d]))
            }
        }
    }
}

/// What a session is for (10.5.12.1, table 10-71).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContextType {
    /// Nothing: an empty place.
    None,
    /// The Internet.
    Internet,
    /// Any other: VPN, voice, messages, purchase, management.
    Other([u8; 16]),
}

const CONTEXT_NONE: u128 = 0xb43f758c_a560_4b46_b35e_c5869641fb54;
const CONTEXT_INTERNET: u128 = 0x7e5e2a7e_4e6f_7272_736b_656e7e5e2a7e;

impl ContextType {
    /// The type with a UUID.
    #[inline(never)]
    pub fn from_uuid(uuid: [u8; 16]) -> Self {
        for known in [Self::None, Self::Internet] {
            if known.uuid() == uuid {
                return known;
            }
        }
        Self::Other(uuid)
    }

    /// Its UUID.
    pub const fn uuid(self) -> [u8; 16] {
        match self {
            Self::None => CONTEXT_NONE.to_be_bytes(),
            Self::Internet => CONTEXT_INTERNET.to_be_bytes(),
            Self::Other(uuid) => uuid,
        }
    }
}
