//! WDA: the format of the data plane.

use super::tlv::{Request, long};
use super::{Qmi, Reply, error};
use crate::sim::config::Config;

const SET_DATA_FORMAT: u16 = 0x20;
const GET_DATA_FORMAT: u16 = 0x21;
/// The aggregation protocol.
const QMAP: u32 = 5;
/// The longest transfer that the firmware makes.
const TRANSFER_LEN_MAX: u32 = 16_384;

/// Framing of packets on the data endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LinkLayer {
    /// Ethernet frames.
    Ethernet = 1,
    /// Bare IP packets.
    RawIp = 2,
}

/// The data plane's format.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct DataFormat {
    pub(crate) link_layer: LinkLayer,
    /// Packets have QMAP headers; the longest transfer, in bytes.
    pub(crate) qmap: Option<u32>,
    raw_ip_only: bool,
}

impl DataFormat {
    /// The format after power on.
    pub(crate) fn initial(raw_ip_only: bool) -> Self {
        let link_layer = if raw_ip_only { LinkLayer::RawIp } else { LinkLayer::Ethernet };
        Self { link_layer, qmap: None, raw_ip_only }
    }

    /// Its number in CTL set data format.
    pub(super) fn ctl_protocol(self) -> u8 {
        match self.link_layer {
            LinkLayer::Ethernet => 1,
            LinkLayer::RawIp => 2,
        }
    }
}

pub(super) fn handle(qmi: &mut Qmi, config: &Config, request: Request<'_>) -> Reply {
    match request.message {
        SET_DATA_FORMAT if config.wants_endpoint && long(request.body, 0x17).is_none() => {
            Reply::error(error::INVALID_ARGUMENT)
        }
        GET_DATA_FORMAT if config.wants_endpoint => Reply::error(error::INVALID_ARGUMENT),
        SET_DATA_FORMAT => {
            match long(request.body, 0x11) {
                Some(2) => qmi.format.link_layer = LinkLayer::RawIp,
                Some(1) if !qmi.format.raw_ip_only => qmi.format.link_layer = LinkLayer::Ethernet,
                // Firmware that knows raw-ip only says so instead of failing.
                Some(1) | None => {}
                Some(_) => return Reply::error(error::INVALID_ARGUMENT),
            }
            let wants_qmap = [0x12, 0x13].map(|kind| long(request.body, kind)) == [Some(QMAP); 2];
            let is_raw_ip = qmi.format.link_layer == LinkLayer::RawIp;
            let len = long(request.body, 0x16).unwrap_or(0).min(TRANSFER_LEN_MAX);
            qmi.format.qmap = (config.has_qmap && wants_qmap && is_raw_ip).then_some(len);
            qmi.mux_id = None;
            data_format(qmi.format)
        }
        GET_DATA_FORMAT => data_format(qmi.format),
        _ => Reply::error(error::INVALID_QMI_COMMAND),
    }
}

fn data_format(format: DataFormat) -> Reply {
    let (aggregation, packets) = if format.qmap.is_some() { (QMAP, 32) } else { (0, 0_u32) };
    Reply::ok()
        .put(0x10, [0])
        .put(0x11, [format.ctl_protocol(), 0, 0, 0])
        .put(0x12, aggregation.to_le_bytes())
        .put(0x13, aggregation.to_le_bytes())
        .put(0x15, packets.to_le_bytes())
        .put(0x16, format.qmap.unwrap_or(0).to_le_bytes())
}
