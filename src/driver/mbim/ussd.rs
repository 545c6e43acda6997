//! USSD over MBIM.

use super::session::{Session, failure};
use crate::driver::Event;
use crate::driver::ussd::{SEND_TIMEOUT, UssdEvent, UssdRequest, event_of};
use crate::port::mbim::RequestError;
use crate::types::Secret;
use crate::wire::Error;
use crate::wire::mbim::{CID_USSD, Service, UssdAction, UssdInfo, UssdSet};
use crate::wire::sms::encode_ussd;

impl Session {
    /// Does what is asked.
    pub(super) async fn ussd(self, request: UssdRequest) {
        let event = match request {
            UssdRequest::Listen => match self.listen_to(Service::Ussd, &[CID_USSD]).await {
                Ok(()) => Some(UssdEvent::Ready),
                Err(error) => {
                    error.log("no USSD");
                    None
                }
            },
            UssdRequest::Cancel => {
                // One without a session may refuse.
                let cancel = UssdSet { action: UssdAction::Cancel, dcs: 0, payload: Vec::new() };
                let _ = self.ask(&cancel).await;
                Some(UssdEvent::Ended)
            }
            UssdRequest::Begin(text) => self.send_ussd(UssdAction::Initiate, &text).await,
            UssdRequest::Reply(text) => self.send_ussd(UssdAction::Continue, &text).await,
        };
        if let Some(event) = event {
            self.emit(Event::Ussd(event));
        }
    }

    /// Takes a text to the network; what became of it, as far as the answer says.
    async fn send_ussd(&self, action: UssdAction, text: &Secret) -> Option<UssdEvent> {
        let Some((dcs, payload)) = encode_ussd(text.expose()) else {
            return Some(UssdEvent::Failed(failure(RequestError::Malformed(Error::TooLarge))));
        };
        let set = UssdSet { action, dcs, payload };
        match self.ask_for(&set, SEND_TIMEOUT).await {
            // Only that it is on its way; the network's answer is told.
            Ok(UssdInfo { response: 0, text }) if text.is_empty() => None,
            Ok(info) => Some(event_of(info.response, info.text)),
            Err(error) => Some(UssdEvent::Failed(failure(error))),
        }
    }

    /// The modem tells something.
    pub(super) fn ussd_told(&self, info: UssdInfo) {
        self.emit(Event::Ussd(event_of(info.response, info.text)));
    }
}
