//! WDA: the format of the data plane.

use super::tlv::{Request, long};
use super::{Qmi, Reply, error};

const SET_DATA_FORMAT: u16 = 0x20;
const GET_DATA_FORMAT: u16 = 0x21;

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
    raw_ip_only: bool,
}

impl DataFormat {
    /// The format after power on.
    pub(crate) fn initial(raw_ip_only: bool) -> Self {
        let link_layer = if raw_ip_only { LinkLayer::RawIp } else { LinkLayer::Ethernet };
        Self { link_layer, raw_ip_only }
    }

    /// Its number in CTL set data format.
    pub(super) fn ctl_protocol(self) -> u8 {
        match self.link_layer {
            LinkLayer::Ethernet => 1,
            LinkLayer::RawIp => 2,
        }
    }
}

pub(super) fn handle(qmi: &mut Qmi, request: Request<'_>) -> Reply {
    match request.message {
        SET_DATA_FORMAT => {
            match long(request.body, 0x11) {
                Some(2) => qmi.format.link_layer = LinkLayer::RawIp,
                Some(1) if !qmi.format.raw_ip_only => qmi.format.link_layer = LinkLayer::Ethernet,
                // Firmware that knows raw-ip only says so instead of failing.
                Some(1) | None => {}
                Some(_) => return Reply::error(error::INVALID_ARGUMENT),
            }
            data_format(qmi.format)
        }
        GET_DATA_FORMAT => data_format(qmi.format),
        _ => Reply::error(error::INVALID_QMI_COMMAND),
    }
}

/// No aggregation is offered, whatever the host asks for.
fn data_format(format: DataFormat) -> Reply {
    Reply::ok()
        .put(0x10, [0])
        .put(0x11, [format.ctl_protocol(), 0, 0, 0])
        .put(0x12, [0; 4])
        .put(0x13, [0; 4])
        .put(0x15, [0; 4])
        .put(0x16, [0; 4])
}
