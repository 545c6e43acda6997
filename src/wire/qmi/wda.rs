//! WDA, service 0x1A: the format of packets between modem and host. `qmi-service-wda.json`.

use super::code::codes;
use super::{Request, Sequence, Service, TlvReader, TlvWriter, Tlvs};
use crate::wire::Error;

codes! {
    /// What one packet on the link is.
    pub struct LinkLayer: u32 {
        /// The modem does not know.
        Unknown = 0,
        /// An Ethernet frame.
        Ethernet = 1,
        /// An IP packet with nothing before it.
        RawIp = 2,
        /// An Ethernet frame for Ethernet PDUs of 5G.
        EthernetPdu = 3,
    }
}

codes! {
    /// How packets are put together in one transfer.
    pub struct Aggregation: u32 {
        /// One packet a transfer.
        Disabled = 0,
        /// TLP.
        Tlp = 1,
        /// NCM as Qualcomm does it.
        QcNcm = 2,
        /// MBIM.
        Mbim = 3,
        /// RNDIS.
        Rndis = 4,
        /// QMAP: several bearers on one link.
        Qmap = 5,
        /// QMAP version 2.
        QmapV2 = 6,
        /// QMAP version 3.
        QmapV3 = 7,
        /// QMAP version 4.
        QmapV4 = 8,
        /// QMAP version 5.
        QmapV5 = 9,
    }
}

codes! {
    /// What the modem is attached to the host with.
    pub struct EndpointType: u32 {
        /// HSIC.
        Hsic = 1,
        /// USB.
        Hsusb = 2,
        /// PCI Express.
        Pcie = 3,
        /// On the same chip.
        Embedded = 4,
        /// BAM-DMUX.
        BamDmux = 5,
    }
}

/// One data link to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What it runs over.
    pub kind: EndpointType,
    /// The USB interface's number, or the link's on other buses.
    pub interface: u32,
}

impl Endpoint {
    pub(super) fn write(self, kind: u8, tlvs: &mut TlvWriter) {
        let mut sequence = Sequence::new();
        sequence.u32(self.kind.code()).u32(self.interface);
        tlvs.put_sequence(kind, sequence);
    }
}

/// Get Data Format (0x0021).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GetDataFormatRequest {
    /// TLV 0x10: the link asked about, which newer modems insist on.
    pub endpoint: Option<Endpoint>,
}

/// The format in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataFormat {
    /// TLV 0x10: whether a QoS header precedes each packet.
    pub qos_header: Option<bool>,
    /// TLV 0x11.
    pub link_layer: Option<LinkLayer>,
    /// TLV 0x12.
    pub uplink_aggregation: Option<Aggregation>,
    /// TLV 0x13.
    pub downlink_aggregation: Option<Aggregation>,
    /// TLV 0x15: the most packets in one transfer to the host.
    pub downlink_max_datagrams: Option<u32>,
    /// TLV 0x16: the longest transfer to the host, in bytes.
    pub downlink_max_len: Option<u32>,
    /// TLV 0x17: the most packets in one transfer to the modem.
    pub uplink_max_datagrams: Option<u32>,
    /// TLV 0x18: the longest transfer to the modem, in bytes.
    pub uplink_max_len: Option<u32>,
}

impl DataFormat {
    fn read(tlvs: Tlvs<'_>) -> Self {
        let number = |kind| tlvs.optional(kind, TlvReader::u32);
        Self {
            qos_header: tlvs.optional(0x10, TlvReader::flag),
            link_layer: number(0x11).map(LinkLayer::from_code),
            uplink_aggregation: number(0x12).map(Aggregation::from_code),
            downlink_aggregation: number(0x13).map(Aggregation::from_code),
            downlink_max_datagrams: number(0x15),
            downlink_max_len: number(0x16),
            uplink_max_datagrams: number(0x17),
            uplink_max_len: number(0x18),
        }
    }
}

impl Request for GetDataFormatRequest {
    const SERVICE: Service = Service::Wda;
    const MESSAGE: u16 = 0x0021;
    type Response = DataFormat;

    fn write(&self, tlvs: &mut TlvWriter) {
        if let Some(endpoint) = self.endpoint {
            endpoint.write(0x10, tlvs);
        }
    }

    fn read(tlvs: Tlvs<'_>) -> Result<DataFormat, Error> {
        Ok(DataFormat::read(tlvs))
    }
}

/// Set Data Format (0x0020). The reply holds what the modem made of it, which may differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetDataFormatRequest {
    /// TLV 0x10: whether a QoS header precedes each packet.
    pub qos_header: Option<bool>,
    /// TLV 0x11.
    pub link_layer: Option<LinkLayer>,
    /// TLV 0x12.
    pub uplink_aggregation: Option<Aggregation>,
    /// TLV 0x13.
    pub downlink_aggregation: Option<Aggregation>,
    /// TLV 0x15: the most packets in one transfer to the host.
    pub downlink_max_datagrams: Option<u32>,
    /// TLV 0x16: the longest transfer to the host, in bytes.
    pub downlink_max_len: Option<u32>,
    /// TLV 0x17: the link it is for.
    pub endpoint: Option<Endpoint>,
}

impl SetDataFormatRequest {
    /// IP packets, one a transfer, with nothing around them.
    pub fn raw_ip() -> Self {
        Self {
            qos_header: Some(false),
            link_layer: Some(LinkLayer::RawIp),
            uplink_aggregation: Some(Aggregation::Disabled),
            downlink_aggregation: Some(Aggregation::Disabled),
            ..Self::default()
        }
    }
}

impl Request for SetDataFormatRequest {
    const SERVICE: Service = Service::Wda;
    const MESSAGE: u16 = 0x0020;
    type Response = DataFormat;

    fn write(&self, tlvs: &mut TlvWriter) {
        if let Some(qos_header) = self.qos_header {
            tlvs.put_flag(0x10, qos_header);
        }
        let numbers = [
            (0x11, self.link_layer.map(LinkLayer::code)),
            (0x12, self.uplink_aggregation.map(Aggregation::code)),
            (0x13, self.downlink_aggregation.map(Aggregation::code)),
            (0x15, self.downlink_max_datagrams),
            (0x16, self.downlink_max_len),
        ];
        for (kind, number) in numbers {
            if let Some(number) = number {
                tlvs.put_u32(kind, number);
            }
        }
        if let Some(endpoint) = self.endpoint {
            endpoint.write(0x17, tlvs);
        }
    }

    fn read(tlvs: Tlvs<'_>) -> Result<DataFormat, Error> {
        Ok(DataFormat::read(tlvs))
    }
}
