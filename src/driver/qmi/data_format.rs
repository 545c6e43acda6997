//! How packets go between modem and kernel: as they are, with Ethernet headers, or by QMAP.

use super::session::{Session, failure, optional};
use crate::driver::{ANSWER_TIMEOUT, Endpoint, Failure, Initialize};
use crate::log;
use crate::port::qmi::RequestError;
use crate::types::LinkMode;
use crate::wire::qmi::wda::{
    self, Aggregation, DataFormat, EndpointType, GetDataFormatRequest, LinkLayer,
    SetDataFormatRequest,
};
use crate::wire::qmi::wds::BindMuxDataPortRequest;
use crate::wire::qmi::{QmiError, Service};

/// The longest transfer that the modem is asked for, in bytes: what libqmi asks for by default.
/// Longer ones cost memory for every transfer in flight, of which the kernel has sixty.
const TRANSFER_LEN: u32 = 16_384;

/// The longest that a modem may insist on.
const TRANSFER_LEN_MAX: u32 = 32_768;

/// The most packets in one transfer.
const TRANSFER_PACKETS_MAX: u32 = 32;

impl Session {
    /// Has modem and kernel agree on how packets go over the link: many at once where that is
    /// wanted, else as they are, when possible.
    pub(super) async fn set_data_format(&self, request: &Initialize) -> Result<(), Failure> {
        self.state_mut().qmap = None;
        let mut mode = LinkMode::Ethernet;
        if self.has_data_format().await? {
            // The kernel serves it on USB alone.
            if let Some(Endpoint::Usb(interface)) = request.endpoint.filter(|_| request.qmap) {
                if self.set_qmap(interface).await? {
                    return Ok(());
                }
                log::info!("no QMAP: packets go over the link one by one");
            }
            if self.set_raw_ip(request.endpoint).await? {
                mode = LinkMode::RawIp;
            }
        }
        self.follow_link(request, mode).await
    }

    async fn follow_link(&self, request: &Initialize, mode: LinkMode) -> Result<(), Failure> {
        let is_so = request.raw_ip == Some(mode == LinkMode::RawIp);
        let is_plain = !request.is_muxed && !request.qmap;
        match request.raw_ip {
            Some(_) if !is_so || !is_plain => self.set_link(mode).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Whether the modem has the service for it.
    async fn has_data_format(&self) -> Result<bool, Failure> {
        // The client is kept with the others: giving it back is one more request before the first
        // call.
        match self.share_client(Service::Wda).await {
            Ok(()) => Ok(true),
            Err(RequestError::Qmi(_)) => Ok(false),
            Err(error) => Err(failure(error)),
        }
    }

    /// Asks the modem for QMAP, then the kernel; whether both agreed.
    async fn set_qmap(&self, interface: u8) -> Result<bool, Failure> {
        let request = SetDataFormatRequest {
            uplink_aggregation: Some(Aggregation::Qmap),
            downlink_aggregation: Some(Aggregation::Qmap),
            downlink_max_datagrams: Some(TRANSFER_PACKETS_MAX),
            downlink_max_len: Some(TRANSFER_LEN),
            endpoint: Some(known(Endpoint::Usb(interface))),
            ..SetDataFormatRequest::raw_ip()
        };
        let format = optional(self.ask_shared(&request).await).map_err(failure)?;
        let Some(transfer_len) = format.and_then(transfer_len) else { return Ok(false) };
        if self.set_link(LinkMode::Qmap { transfer_len }).await.is_err() {
            return Ok(false);
        }
        self.state_mut().qmap = Some(interface);
        Ok(true)
    }

    /// Asks the modem for raw-ip; whether it agreed.
    async fn set_raw_ip(&self, endpoint: Option<Endpoint>) -> Result<bool, Failure> {
        let mut request = SetDataFormatRequest::raw_ip();
        let named = endpoint.map(known);
        loop {
            match self.ask_shared(&request).await {
                Ok(format) => {
                    return Ok(format.link_layer.is_none_or(|layer| layer == LinkLayer::RawIp));
                }
                Err(RequestError::Qmi(QmiError::NoEffect)) => return Ok(true),
                Err(RequestError::Qmi(_)) if request.endpoint == named => break,
                Err(RequestError::Qmi(_)) => {}
                Err(error) => return Err(failure(error)),
            }
            // Firmware with several links may want to be told which one is meant; others refuse
            // that.
            request.endpoint = named;
        }
        self.is_raw_ip().await
    }

    /// Asks a modem that would not be told which format it uses.
    async fn is_raw_ip(&self) -> Result<bool, Failure> {
        let format = optional(self.ask_shared(&GetDataFormatRequest::default()).await);
        Ok(format.map_err(failure)?.is_some_and(|it| it.link_layer == Some(LinkLayer::RawIp)))
    }

    /// Has a client's calls run over the channel that the kernel serves.
    pub(super) async fn bind_to_link(&self, client: u8) -> Result<(), Failure> {
        let Some(interface) = self.state().qmap else { return Ok(()) };
        let (endpoint, mux_id) = (known(Endpoint::Usb(interface)), LinkMode::QMAP_MUX_ID);
        let bind = BindMuxDataPortRequest { endpoint, mux_id };
        self.ask(client, &bind, ANSWER_TIMEOUT).await.map_err(failure)
    }
}

/// As the modem is told. The number is the same for all of Qualcomm's on PCI Express.
fn known(endpoint: Endpoint) -> wda::Endpoint {
    let (kind, interface) = match endpoint {
        Endpoint::Usb(interface) => (EndpointType::Hsusb, u32::from(interface)),
        Endpoint::Pcie => (EndpointType::Pcie, 4),
    };
    wda::Endpoint { kind, interface }
}

/// The longest transfer of a modem that agreed to QMAP.
fn transfer_len(format: DataFormat) -> Option<u32> {
    let is_qmap = |aggregation| aggregation == Some(Aggregation::Qmap);
    let len = format.downlink_max_len.filter(|len| *len > 0).unwrap_or(TRANSFER_LEN);
    let is_agreed = is_qmap(format.uplink_aggregation) && is_qmap(format.downlink_aggregation);
    (is_agreed && len <= TRANSFER_LEN_MAX).then_some(len)
}
