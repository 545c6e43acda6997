//! USSD over VOICE.

use super::session::{Session, failure};
use crate::driver::ussd::{SEND_TIMEOUT, UssdEvent, UssdRequest};
use crate::driver::{Event, Failure, FailureKind};
use crate::port::qmi::RequestError;
use crate::types::{Secret, UssdText};
use crate::wire::qmi::voice::{
    ANSWER_USSD, CancelUssdRequest, IndicationRegisterRequest, ORIGINATE_USSD,
    ORIGINATE_USSD_NO_WAIT, UssdIndication, UssdRequest as Text, is_ussd_sendable,
};
use crate::wire::qmi::{QmiError, Service};

/// Longer texts go over the air in 7 bits a character, but not in QMI.
const TOO_LONG: &str = "over QMI a text that is not all ASCII has at most 127 characters";

impl Session {
    /// Does what is asked.
    pub(super) async fn ussd(self, request: UssdRequest) {
        if let UssdRequest::Begin(text) | UssdRequest::Reply(text) = &request
            && !is_ussd_sendable(text)
        {
            if matches!(request, UssdRequest::Reply(_)) {
                // One that failed has no session any more.
                let _ = self.order(&CancelUssdRequest).await;
            }
            let failure = Failure::new(FailureKind::Refused, TOO_LONG);
            return self.emit(Event::Ussd(UssdEvent::Failed(failure)));
        }
        let result = match request {
            UssdRequest::Listen => {
                if let Err(error) = self.listen_to_ussd().await {
                    failure(error).log("no USSD");
                    return;
                }
                Ok(Some(UssdEvent::Ready))
            }
            UssdRequest::Cancel => {
                // One without a session refuses.
                let _ = self.order(&CancelUssdRequest).await;
                Ok(Some(UssdEvent::Ended))
            }
            UssdRequest::Reply(text) => {
                self.order(&Text::<ANSWER_USSD> { text }).await.map(|()| None)
            }
            UssdRequest::Begin(text) => {
                self.begin_ussd(text).await.map(|it| it.map(UssdEvent::Told))
            }
        };
        let event = result.unwrap_or_else(|error| Some(UssdEvent::Failed(failure(error))));
        if let Some(event) = event {
            self.emit(Event::Ussd(event));
        }
    }

    async fn listen_to_ussd(&self) -> Result<(), RequestError> {
        self.open_client(Service::Voice).await?;
        self.order(&IndicationRegisterRequest { ussd: true }).await
    }

    /// Begins a session; what the network says, where that is in the answer.
    async fn begin_ussd(&self, text: Secret) -> Result<Option<UssdText>, RequestError> {
        let request = Text::<ORIGINATE_USSD_NO_WAIT> { text };
        match self.order(&request).await {
            Err(RequestError::Qmi(QmiError::InvalidQmiCommand)) => {
                let request = Text::<ORIGINATE_USSD> { text: request.text };
                self.ask_shared_for(&request, SEND_TIMEOUT).await
            }
            // The answer comes as an indication.
            result => result.map(|()| None),
        }
    }

    /// The modem tells something.
    pub(super) fn ussd_told(&self, told: UssdIndication) {
        self.emit(Event::Ussd(match told {
            UssdIndication::Told(text) => UssdEvent::Told(text),
            UssdIndication::Released => UssdEvent::Ended,
            UssdIndication::Failed(error, cause) => {
                let numbers = [error, cause].map(Option::unwrap_or_default);
                let detail = format!("error {}, cause {}", numbers[0], numbers[1]);
                UssdEvent::Failed(Failure::new(FailureKind::Network, &detail))
            }
        }));
    }
}
