//! The services of a modem.

/// A part of the modem that answers a family of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// Control: client ids, versions. Its one client is 0.
    Ctl,
    /// Wireless data: calls, IP settings, profiles.
    Wds,
    /// Device management: identity, operating mode.
    Dms,
    /// Network access: registration, signal, selection of a network.
    Nas,
    /// Quality of service.
    Qos,
    /// Short messages.
    Wms,
    /// Voice calls and USSD.
    Voice,
    /// The SIM card.
    Uim,
    /// Positioning.
    Loc,
    /// Administration of the data path: link layer, aggregation.
    Wda,
    /// Carrier configurations.
    Pdc,
    /// Data system determination.
    Dsd,
    /// Data ports.
    Dpm,
    /// Any other.
    Other(u8),
}

impl Service {
    /// The service with a number.
    pub const fn from_id(id: u8) -> Self {
        match id {
            0x00 => Self::Ctl,
            0x01 => Self::Wds,
            0x02 => Self::Dms,
            0x03 => Self::Nas,
            0x04 => Self::Qos,
            0x05 => Self::Wms,
            0x09 => Self::Voice,
            0x0B => Self::Uim,
            0x10 => Self::Loc,
            0x1A => Self::Wda,
            0x24 => Self::Pdc,
            0x2A => Self::Dsd,
            0x2F => Self::Dpm,
            other => Self::Other(other),
        }
    }

    /// Its number in a frame.
    pub const fn id(self) -> u8 {
        match self {
            Self::Ctl => 0x00,
            Self::Wds => 0x01,
            Self::Dms => 0x02,
            Self::Nas => 0x03,
            Self::Qos => 0x04,
            Self::Wms => 0x05,
            Self::Voice => 0x09,
            Self::Uim => 0x0B,
            Self::Loc => 0x10,
            Self::Wda => 0x1A,
            Self::Pdc => 0x24,
            Self::Dsd => 0x2A,
            Self::Dpm => 0x2F,
            Self::Other(id) => id,
        }
    }
}
