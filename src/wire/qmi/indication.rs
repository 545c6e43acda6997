//! What modems send of their own accord and the daemon listens to.

use super::{Service, Tlvs, ctl, dms, nas, uim, voice, wds, wms};
use crate::types::NetworkTime;
use crate::wire::Error;

/// An indication.
#[derive(Clone, Debug, PartialEq)]
pub enum Indication {
    /// The firmware started: every client is forgotten.
    CtlSync(ctl::SyncIndication),
    /// One client is forgotten.
    CtlRevokeClientId(ctl::RevokeClientIdIndication),
    /// A call came up, changed or ended.
    WdsPacketServiceStatus(wds::PacketServiceStatusIndication),
    /// Operating mode or PIN changed.
    DmsEventReport(dms::EventReportIndication),
    /// The registration changed.
    NasServingSystem(nas::ServingSystem),
    /// The signal changed.
    NasSignalInfo(nas::SignalInfo),
    /// The network told the time.
    NasNetworkTime(NetworkTime),
    /// A card changed.
    UimCardStatus(uim::CardStatusIndication),
    /// A short message came.
    WmsEventReport(wms::EventReportIndication),
    /// Something about USSD.
    VoiceUssd(voice::UssdIndication),
}

impl Indication {
    /// Reads an indication; `None` when it is none of these.
    ///
    /// # Errors
    /// When it is one of these and malformed.
    #[inline(never)]
    pub fn read(service: Service, message: u16, tlvs: Tlvs<'_>) -> Result<Option<Self>, Error> {
        let indication = match (service, message) {
            (Service::Ctl, ctl::SyncIndication::MESSAGE) => Self::CtlSync(ctl::SyncIndication),
            (Service::Ctl, ctl::RevokeClientIdIndication::MESSAGE) => {
                Self::CtlRevokeClientId(ctl::RevokeClientIdIndication::read(tlvs)?)
            }
            (Service::Wds, wds::PacketServiceStatusIndication::MESSAGE) => {
                Self::WdsPacketServiceStatus(wds::PacketServiceStatusIndication::read(tlvs)?)
            }
            (Service::Dms, dms::EventReportIndication::MESSAGE) => {
                Self::DmsEventReport(dms::EventReportIndication::read(tlvs))
            }
            (Service::Nas, nas::ServingSystem::MESSAGE) => {
                Self::NasServingSystem(nas::ServingSystem::read(tlvs)?)
            }
            (Service::Nas, nas::SignalInfo::INDICATION_MESSAGE) => {
                Self::NasSignalInfo(nas::SignalInfo::read(tlvs))
            }
            (Service::Nas, nas::NetworkTimeIndication::MESSAGE) => {
                Self::NasNetworkTime(nas::NetworkTimeIndication::read(tlvs)?)
            }
            (Service::Uim, uim::CardStatusIndication::MESSAGE) => {
                Self::UimCardStatus(uim::CardStatusIndication::read(tlvs)?)
            }
            (Service::Wms, wms::EventReportIndication::MESSAGE) => {
                Self::WmsEventReport(wms::EventReportIndication::read(tlvs))
            }
            (Service::Voice, _) => {
                return Ok(voice::UssdIndication::read(message, tlvs).map(Self::VoiceUssd));
            }
            _ => return Ok(None),
        };
        Ok(Some(indication))
    }
}
