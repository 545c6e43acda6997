//! TP-DCS, the data coding scheme, 3GPP TS 23.038 4, and that of cell broadcast and USSD, 5.

/// How the user data is coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Septets of the default alphabet or a national one.
    Gsm7,
    /// Octets whose meaning this layer does not know; compressed text is that as well.
    Data,
    /// UTF-16, its high octet first.
    Ucs2,
}

impl Coding {
    /// What a short message's TP-DCS says. A reserved value is the default alphabet, 4.
    pub const fn of_message(dcs: u8) -> Self {
        match dcs >> 4 {
            0x0..=0x7 if dcs & 0x20 != 0 => Self::Data,
            0x0..=0x7 => Self::of_bits(dcs >> 2),
            // Message waiting, the text to be stored: 1101 in the default alphabet, 1110 in UCS2.
            0xE => Self::Ucs2,
            0xF if dcs & 0x04 != 0 => Self::Data,
            _ => Self::Gsm7,
        }
    }

    /// What a USSD text's coding scheme says, 5, and whether the language's two characters stand
    /// before the text: in the default alphabet with a line end behind them, or as septets in UCS2.
    pub const fn of_broadcast(dcs: u8) -> (Self, bool) {
        match dcs {
            0x10 => (Self::Gsm7, true),
            0x11 => (Self::Ucs2, true),
            0x40..=0x7F if dcs & 0x20 != 0 => (Self::Data, false),
            0x40..=0x7F | 0x90..=0x9F => (Self::of_bits(dcs >> 2), false),
            0xF0..=0xFF if dcs & 0x04 != 0 => (Self::Data, false),
            _ => (Self::Gsm7, false),
        }
    }

    const fn of_bits(bits: u8) -> Self {
        match bits & 0x03 {
            1 => Self::Data,
            2 => Self::Ucs2,
            _ => Self::Gsm7,
        }
    }

    /// The TP-DCS of a message so coded, without a class.
    pub const fn dcs(self) -> u8 {
        match self {
            Self::Gsm7 => 0x00,
            Self::Data => 0x04,
            Self::Ucs2 => 0x08,
        }
    }
}
