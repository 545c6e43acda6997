//! How much a call carried and how fast it may.

use super::super::{Request, Service, TlvReader, TlvWriter, Tlvs};
use crate::wire::Error;

/// Get Packet Statistics (0x0024).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetPacketStatisticsRequest;

/// What the call has carried. A counter that a modem does not keep is missing or all ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PacketStatistics {
    /// TLV 0x10.
    pub tx_packets: Option<u32>,
    /// TLV 0x11.
    pub rx_packets: Option<u32>,
    /// TLV 0x12.
    pub tx_errors: Option<u32>,
    /// TLV 0x13.
    pub rx_errors: Option<u32>,
    /// TLV 0x19.
    pub tx_bytes: Option<u64>,
    /// TLV 0x1A.
    pub rx_bytes: Option<u64>,
    /// TLV 0x1D.
    pub tx_dropped: Option<u32>,
    /// TLV 0x1E.
    pub rx_dropped: Option<u32>,
}

impl Request for GetPacketStatisticsRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0024;
    type Response = PacketStatistics;

    fn write(&self, tlvs: &mut TlvWriter) {
        // TLV 0x01: packets (bits 0, 1), errors (2, 3), bytes (6, 7) and drops (8, 9).
        tlvs.put_u32(0x01, 0x03CF);
    }

    fn read(tlvs: Tlvs<'_>) -> Result<PacketStatistics, Error> {
        let u32 = |kind| tlvs.optional(kind, TlvReader::u32).filter(|n| *n != u32::MAX);
        let u64 = |kind| tlvs.optional(kind, TlvReader::u64).filter(|n| *n != u64::MAX);
        Ok(PacketStatistics {
            tx_packets: u32(0x10),
            rx_packets: u32(0x11),
            tx_errors: u32(0x12),
            rx_errors: u32(0x13),
            tx_bytes: u64(0x19),
            rx_bytes: u64(0x1A),
            tx_dropped: u32(0x1D),
            rx_dropped: u32(0x1E),
        })
    }
}

/// Get Channel Rates (0x0023).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetChannelRatesRequest;

/// Rates in bits a second; all ones where the modem does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelRates {
    /// From the host, now.
    pub tx_bps: u32,
    /// To the host, now.
    pub rx_bps: u32,
    /// From the host, at most.
    pub max_tx_bps: u32,
    /// To the host, at most.
    pub max_rx_bps: u32,
}

impl Request for GetChannelRatesRequest {
    const SERVICE: Service = Service::Wds;
    const MESSAGE: u16 = 0x0023;
    /// TLV 0x01.
    type Response = ChannelRates;

    fn write(&self, _tlvs: &mut TlvWriter) {}

    fn read(tlvs: Tlvs<'_>) -> Result<ChannelRates, Error> {
        tlvs.mandatory(0x01, &"channel rates", |r| {
            Some(ChannelRates {
                tx_bps: r.u32()?,
                rx_bps: r.u32()?,
                max_tx_bps: r.u32()?,
                max_rx_bps: r.u32()?,
            })
        })
    }
}
