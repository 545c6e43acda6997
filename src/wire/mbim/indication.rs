//! What modems send of their own accord and the daemon listens to.

use super::basic_connect::{
    ConnectInfo, IpConfiguration, PacketService, RadioState, RegisterStateInfo, SignalState,
    SubscriberReady, cid,
};
use super::{
    CID_SMS_READ, CID_SMS_STORE_STATUS, CID_USSD, Info, Service, SmsRecord, SmsStoreStatus,
    UssdInfo,
};
use crate::wire::Error;

/// An indication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Indication {
    /// The SIM changed.
    SubscriberReady(SubscriberReady),
    /// The radio was switched.
    RadioState(RadioState),
    /// The registration changed.
    RegisterState(RegisterStateInfo),
    /// The attachment changed.
    PacketService(PacketService),
    /// The signal changed.
    SignalState(SignalState),
    /// A session came up or ended.
    Connect(ConnectInfo),
    /// What a session was given changed.
    IpConfiguration(IpConfiguration),
    /// Messages that are not stored.
    SmsRead(Vec<SmsRecord>),
    /// The memory for messages changed.
    SmsStoreStatus(SmsStoreStatus),
    /// The network says something over USSD.
    Ussd(UssdInfo),
}

impl Indication {
    /// Reads an indication; `None` when it is none of these.
    ///
    /// # Errors
    /// When it is one of these and malformed.
    #[inline(never)]
    pub fn read(service: Service, cid: u32, info: &[u8]) -> Result<Option<Self>, Error> {
        let info = &mut Info::new(info);
        match (service, cid) {
            (Service::BasicConnect, _) => {}
            (Service::Ussd, CID_USSD) => return Ok(Some(Self::Ussd(UssdInfo::read(info)?))),
            (Service::Sms, CID_SMS_READ) => {
                return Ok(Some(Self::SmsRead(SmsRecord::read_all(info)?)));
            }
            (Service::Sms, CID_SMS_STORE_STATUS) => {
                return Ok(Some(Self::SmsStoreStatus(SmsStoreStatus::read(info)?)));
            }
            _ => return Ok(None),
        }
        Ok(Some(match cid {
            cid::SUBSCRIBER_READY_STATUS => Self::SubscriberReady(SubscriberReady::read(info)?),
            cid::RADIO_STATE => Self::RadioState(RadioState::read(info)?),
            cid::REGISTER_STATE => Self::RegisterState(RegisterStateInfo::read(info)?),
            cid::PACKET_SERVICE => Self::PacketService(PacketService::read(info)?),
            cid::SIGNAL_STATE => Self::SignalState(SignalState::read(info)?),
            cid::CONNECT => Self::Connect(ConnectInfo::read(info)?),
            cid::IP_CONFIGURATION => Self::IpConfiguration(IpConfiguration::read(info)?),
            _ => return Ok(None),
        }))
    }
}
