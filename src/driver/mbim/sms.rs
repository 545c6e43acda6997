//! Short messages over MBIM: the modem stores what it receives and tells where.

use super::session::{Session, failure};
use crate::driver::sms::{
    Messages, SEND_TIMEOUT, SmsEvent, SmsJob, SmsWork, read, tell_message, work,
};
use crate::driver::task::Later;
use crate::driver::{Event, Failure, FailureKind};
use crate::port::mbim::RequestError;
use crate::types::{SmsPdu, SmsPlace};
use crate::wire::mbim::{
    CID_SMS_READ, CID_SMS_STORE_STATUS, Service, SmsConfigurationQuery, SmsDeleteSet, SmsReadQuery,
    SmsRecord, SmsSendSet, SmsStoreStatus, Status,
};
use core::cell::RefMut;

/// The one memory that MBIM knows.
const MEMORY: u8 = 0;

/// The index of what is not stored.
const NOWHERE: u32 = 0;

impl Messages for Session {
    fn work(&self) -> RefMut<'_, SmsWork> {
        RefMut::map(self.state_mut(), |state| &mut state.messages)
    }

    fn start_messages(&self) -> Later<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.listen_to(Service::Sms, &[CID_SMS_READ, CID_SMS_STORE_STATUS]).await?;
            let configuration = self.ask(&SmsConfigurationQuery).await.map_err(failure)?;
            if !configuration.is_pdu {
                return Err(Failure::new(
                    FailureKind::Unsupported,
                    "messages are not those of 3GPP",
                ));
            }
            if !configuration.is_initialized {
                return Err(Failure::new(FailureKind::Refused, "the memory is not ready"));
            }
            self.read_every_message().await
        })
    }

    fn read_every_message(&self) -> Later<'_, Result<(), Failure>> {
        Box::pin(async move {
            let records = self.ask(&SmsReadQuery { index: None }).await.map_err(failure)?;
            self.received(records);
            Ok(())
        })
    }

    fn send_message<'a>(&'a self, message: &'a SmsPdu) -> Later<'a, Result<u8, Failure>> {
        Box::pin(async move {
            // Without a service centre's address: the modem knows the SIM's.
            let pdu = [&[0], message.0.as_slice()].concat();
            match self.ask_for(&SmsSendSet { pdu }, SEND_TIMEOUT).await {
                // The reference has one octet over the air, TS 23.040 9.2.3.6.
                Ok(reference) => Ok(reference.to_le_bytes()[0]),
                Err(error) => {
                    let passes = error == RequestError::Mbim(Status::Busy);
                    let failure = failure(error);
                    Err(if passes { failure.of_kind(FailureKind::Network) } else { failure })
                }
            }
        })
    }

    fn delete_message(&self, place: SmsPlace) -> Later<'_, Result<(), Failure>> {
        Box::pin(
            async move { self.ask(&SmsDeleteSet { index: place.index }).await.map_err(failure) },
        )
    }

    fn stored_message(&self, place: SmsPlace) -> Later<'_, Result<Option<Vec<u8>>, Failure>> {
        Box::pin(async move {
            match self.ask(&SmsReadQuery { index: Some(place.index) }).await {
                Ok(records) => {
                    let received = records.into_iter().find(|record| record.is_received);
                    Ok(received.map(|record| record.pdu).filter(|pdu| !pdu.is_empty()))
                }
                Err(RequestError::Mbim(Status::InvalidMemoryIndex)) => Ok(None),
                Err(error) => Err(failure(error)),
            }
        })
    }
}

impl Session {
    /// There are these messages.
    pub(super) fn received(&self, records: Vec<SmsRecord>) {
        for record in records.into_iter().filter(|record| record.is_received) {
            let SmsRecord { index, pdu, .. } = record;
            if index != NOWHERE {
                tell_message(self, SmsPlace { memory: MEMORY, index }, &pdu);
            } else {
                let content = read(&pdu, true);
                self.emit(Event::Sms(SmsEvent::Received { place: None, content }));
            }
        }
    }

    /// The modem tells of its memory.
    pub(super) async fn store_told(self, status: SmsStoreStatus) {
        if status.is_full {
            // Of what made it full it may not have told.
            work(Box::new(self), SmsJob::ReadAll).await;
        } else if let Some(index) = status.new {
            work(Box::new(self), SmsJob::Read(SmsPlace { memory: MEMORY, index })).await;
        }
    }
}
