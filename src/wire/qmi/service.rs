//! The services of a modem.

use super::code::codes;

codes! {
    /// A part of the modem that answers a family of messages.
    pub struct Service: u8 {
        /// Control: client ids, versions. Its one client is 0.
        Ctl = 0x00,
        /// Wireless data: calls, IP settings, profiles.
        Wds = 0x01,
        /// Device management: identity, operating mode.
        Dms = 0x02,
        /// Network access: registration, signal, selection of a network.
        Nas = 0x03,
        /// Quality of service.
        Qos = 0x04,
        /// Short messages.
        Wms = 0x05,
        /// Voice calls and USSD.
        Voice = 0x09,
        /// The SIM card.
        Uim = 0x0B,
        /// Positioning.
        Loc = 0x10,
        /// Administration of the data path: link layer, aggregation.
        Wda = 0x1A,
        /// Carrier configurations.
        Pdc = 0x24,
        /// Data system determination.
        Dsd = 0x2A,
        /// Data ports.
        Dpm = 0x2F,
    }
}
