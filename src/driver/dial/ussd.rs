//! USSD over AT, TS 27.007 7.15.

use super::session::{Session, failure};
use crate::driver::Event;
use crate::driver::ussd::{SEND_TIMEOUT, UssdEvent, UssdRequest, event_of};
use crate::port::at::RequestError;
use crate::types::Secret;
use crate::wire::at::{Command, cusd_cancel, cusd_report, cusd_send, parse_cusd};

/// The vendors whose modems want a code as septets in hexadecimal digits; ModemManager's plugin for
/// them says so.
const PACKED: [u16; 1] = [0x12D1];

impl Session {
    /// Does what is asked.
    pub(super) async fn ussd(self, request: UssdRequest) {
        let event = match request {
            UssdRequest::Listen => match self.ask(cusd_report()).await {
                Ok(_) => UssdEvent::Ready,
                Err(_) => return,
            },
            UssdRequest::Cancel => {
                // One without a session may refuse.
                let _ = self.ask(cusd_cancel()).await;
                UssdEvent::Ended
            }
            UssdRequest::Begin(text) | UssdRequest::Reply(text) => {
                match self.send_ussd(&text).await {
                    Ok(lines) => {
                        for line in lines {
                            self.ussd_told(&line);
                        }
                        return;
                    }
                    Err(error) => UssdEvent::Failed(failure(error)),
                }
            }
        };
        self.emit(Event::Ussd(event));
    }

    async fn send_ussd(&self, text: &Secret) -> Result<Vec<String>, RequestError> {
        if PACKED.contains(&self.state().vid) {
            let answer = self.ask_for(cusd_send(text, true), SEND_TIMEOUT).await;
            if !matches!(answer, Err(RequestError::At(_))) {
                return answer;
            }
            // Newer firmware is like everybody else's.
        } else {
            // Somebody may have chosen one in which a code is written otherwise.
            let _ = self.ask(Command::set("+CSCS").text("IRA").and_then(|it| it.build())).await;
        }
        self.ask_for(cusd_send(text, false), SEND_TIMEOUT).await
    }

    /// Takes a line about USSD; whether it is one.
    pub(super) fn ussd_told(&self, line: &str) -> bool {
        let told = parse_cusd(line).map(|(state, text)| event_of(state, text));
        let is_it = told.is_some();
        told.into_iter().for_each(|event| self.emit(Event::Ussd(event)));
        is_it
    }
}
