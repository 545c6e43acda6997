//! How packets go over the kernel's link of a modem.

/// The framing of packets on a net device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkMode {
    /// An Ethernet frame each.
    Ethernet,
    /// IP packets as they are, one a transfer.
    RawIp,
    /// IP packets with QMAP headers, many a transfer. They go over a net device of their own, on
    /// top of the modem's.
    Qmap {
        /// The longest transfer from the modem, in bytes.
        transfer_len: u32,
    },
}

impl LinkMode {
    /// The channel of QMAP that is used: one, as there is one connection.
    pub const QMAP_MUX_ID: u8 = 1;

    /// For logs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ethernet => "802.3",
            Self::RawIp => "raw-ip",
            Self::Qmap { .. } => "qmap",
        }
    }
}
