//! Short messages over WMS: the modem stores what it receives and tells where.

use super::session::{Session, failure};
use crate::driver::sms::{Messages, SEND_TIMEOUT, SmsEvent, SmsWork, read, read_message};
use crate::driver::task::Later;
use crate::driver::{Event, Failure, FailureKind};
use crate::port::qmi::RequestError;
use crate::types::{SmsPdu, SmsPlace};
use crate::wire::qmi::wms::{
    DeleteRequest, ListMessagesRequest, MessagePlace, RawReadRequest, RawSendRequest,
    SendAckRequest, SetEventReportRequest, SetRoutesRequest, Storage, Tag, Transferred,
};
use crate::wire::qmi::{QmiError, Service};
use core::cell::RefMut;

/// Why a network refuses a message for now, TS 24.011 E.2: out of order, temporary failure,
/// congestion, no resources.
const PASSING: [u16; 4] = [38, 41, 42, 47];

impl Messages for Session {
    fn work(&self) -> RefMut<'_, SmsWork> {
        RefMut::map(self.state_mut(), |state| &mut state.messages)
    }

    fn start_messages(&self) -> Later<'_, Result<(), Failure>> {
        Box::pin(async move { self.begin_messages().await.map_err(failure) })
    }

    fn send_message<'a>(&'a self, message: &'a SmsPdu) -> Later<'a, Result<u8, Failure>> {
        Box::pin(async move {
            // Without a service centre's address: the modem knows the SIM's.
            let message = [&[0], message.0.as_slice()].concat();
            let request = RawSendRequest { message };
            let sent = self.ask_shared_for(&request, SEND_TIMEOUT).await.map_err(failure)?;
            match (sent.result, sent.rp_cause) {
                // The reference has one octet over the air, TS 23.040 9.2.3.6.
                (Ok(()), _) => Ok(sent.reference.unwrap_or_default().to_le_bytes()[0]),
                (Err(_), Some(cause)) => {
                    let passes = PASSING.contains(&cause);
                    let kind = if passes { FailureKind::Network } else { FailureKind::Refused };
                    Err(Failure::new(kind, &format!("RP cause {cause}")))
                }
                (Err(error), None) => Err(failure(RequestError::Qmi(error))),
            }
        })
    }

    fn delete_message(&self, place: SmsPlace) -> Later<'_, Result<(), Failure>> {
        Box::pin(async move {
            if place.is_network() {
                return self.acknowledge(place.index).await.map_err(failure);
            }
            let request = DeleteRequest { place: place_of(place) };
            self.order(&request).await.map_err(failure)
        })
    }

    fn stored_message(&self, place: SmsPlace) -> Later<'_, Result<Option<Vec<u8>>, Failure>> {
        Box::pin(async move {
            let request = RawReadRequest { place: place_of(place) };
            match self.ask_shared(&request).await {
                // What is told is deleted then.
                Ok(message) => Ok(message.filter(|message| !message.is_empty())),
                Err(RequestError::Qmi(QmiError::NoEntry)) => Ok(None),
                Err(error) => Err(failure(error)),
            }
        })
    }
}

impl Session {
    /// Has messages stored and told of, and reads those there are.
    async fn begin_messages(&self) -> Result<(), RequestError> {
        self.open_client(Service::Wms).await?;
        // A modem that has routes of its own tells of what comes all the same.
        if let Err(error) = self.order(&SetRoutesRequest { storage: Storage::Nv }).await {
            failure(error).log("routes of messages");
        }
        self.order(&SetEventReportRequest { new_messages: true }).await?;
        for storage in [Storage::Uim, Storage::Nv] {
            for tag in [Tag::Unread, Tag::Read] {
                let list = self.ask_shared(&ListMessagesRequest { storage, tag }).await;
                // A memory that the modem lacks, or a SIM that is not ready for it.
                let Ok(list) = list else { continue };
                for index in list {
                    read_message(self, SmsPlace { memory: storage.code(), index }).await;
                }
            }
        }
        Ok(())
    }

    /// A message came that no memory holds; the network sends it again until it is answered, which
    /// it is when it is safe, or when it is none that anybody here could read.
    pub(super) async fn message_transferred(self, told: Transferred) {
        let acknowledge = told.acknowledge;
        if let Some(message) = &told.message {
            let place = acknowledge.map(|index| SmsPlace { memory: SmsPlace::NETWORK, index });
            let content = read(message, true);
            self.emit(Event::Sms(SmsEvent::Received { place, content }));
        } else if let Some(transaction) = acknowledge
            && let Err(error) = self.acknowledge(transaction).await
        {
            failure(error).log("acknowledging a message");
        }
    }

    async fn acknowledge(&self, transaction: u32) -> Result<(), RequestError> {
        self.order(&SendAckRequest { transaction }).await
    }
}

fn place_of(place: SmsPlace) -> MessagePlace {
    MessagePlace { storage: Storage::from_code(place.memory), index: place.index }
}
