//! USSD over AT, TS 27.007 7.15.

use super::session::{Session, failure};
use crate::driver::Event;
use crate::driver::ussd::{SEND_TIMEOUT, UssdEvent, UssdRequest, event_of};
use crate::port::at::RequestError;
use crate::types::Secret;
use crate::wire::at::{CUSD_CANCEL, CUSD_REPORT, cusd_send, parse_cusd};

/// The vendors whose modems want a code as septets in hexadecimal digits; ModemManager's plugin for
/// them says so.
const PACKED: [u16; 1] = [0x12D1];

impl Session {
    /// Does what is asked.
    pub(super) async fn ussd(self, request: UssdRequest) {
        let event = match request {
            UssdRequest::Listen => match self.ask_text(CUSD_REPORT).await {
                Ok(_) => UssdEvent::Ready,
                Err(_) => return,
            },
            UssdRequest::Cancel => {
                // One without a session may refuse.
                let _ = self.ask_text(CUSD_CANCEL).await;
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
        let mut is_packed = PACKED.contains(&self.state().vid);
        if !is_packed {
            // Somebody may have chosen one in which a code is written otherwise.
            let _ = self.ask_text("+CSCS=\"IRA\"").await;
        }
        loop {
            let answer = self.ask_for(cusd_send(text, is_packed), SEND_TIMEOUT).await;
            if !is_packed || !matches!(answer, Err(RequestError::At(_))) {
                return answer;
            }
            // Newer firmware is like everybody else's.
            is_packed = false;
        }
    }

    /// Takes a line about USSD; whether it is one.
    pub(super) fn ussd_told(&self, line: &str) -> bool {
        let Some((state, text)) = parse_cusd(line) else { return false };
        self.emit(Event::Ussd(event_of(state, text)));
        true
    }
}
