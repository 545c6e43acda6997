//! Dialling for pppd: what is said on the port for data before PPP is spoken on it.
//!
//! pppd runs this as a program of its own, `ltewan dial`, with the port as its input and output. So
//! a session needs no daemon, and the port has one owner at a time.

use crate::port::at::{AtError, AtPort, RequestError, TransactionId};
use crate::time::{Duration, Instant};
use crate::wire::at::{dial_context, hang_up};

/// How long the modem may take to connect; networks answer within 30 s (T3482, TS 24.301 10.3).
const DIAL_TIMEOUT: Duration = Duration::from_secs(60);

/// How long it may take to hang up.
const HANG_UP_TIMEOUT: Duration = Duration::from_secs(5);

/// The silence before and after the escape sequence: one second unless S12 was changed, and some
/// more (Hayes; V.250 leaves it to the maker).
const GUARD: Duration = Duration::from_millis(1_200);

/// What leads from data to commands.
const ESCAPE: &[u8] = b"+++";

/// What came of dialling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The other side speaks PPP from now on.
    Connected,
    /// The modem refused with this result code, of which there are few.
    Refused(String),
    /// Nobody answers on the port.
    Silent,
}

/// One attempt to dial.
#[derive(Debug)]
pub struct Chat {
    cid: u8,
    port: AtPort,
    step: Step,
    outcome: Option<Outcome>,
    escape: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    /// Dialling; `has_escaped` when the modem was led back to commands before.
    Dialling { id: TransactionId, has_escaped: bool },
    /// Silent until the escape sequence is sent.
    Before(Instant),
    /// Silent after it.
    After(Instant),
}

impl Chat {
    /// Dials a context.
    pub fn new(now: Instant, cid: u8) -> Self {
        let mut port = AtPort::new();
        let id = port.request(now, dial_context(cid), DIAL_TIMEOUT);
        let step = Step::Dialling { id, has_escaped: false };
        Self { cid, port, step, outcome: None, escape: None }
    }

    /// Takes what the modem sent.
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        if let Step::Dialling { .. } = self.step {
            self.port.handle_input(now, bytes);
            self.advance(now);
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        match self.step {
            Step::Dialling { .. } => self.port.handle_timeout(now),
            Step::Before(until) if until <= now => {
                self.escape = Some(ESCAPE.to_vec());
                self.step = Step::After(now + GUARD);
            }
            Step::After(until) if until <= now => {
                self.port = AtPort::new();
                self.port.request(now, hang_up(), HANG_UP_TIMEOUT);
                let id = self.port.request(now, dial_context(self.cid), DIAL_TIMEOUT);
                self.step = Step::Dialling { id, has_escaped: true };
            }
            Step::Before(_) | Step::After(_) => {}
        }
        self.advance(now);
    }

    /// When [`Chat::handle_timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.step {
            Step::Dialling { .. } => self.port.poll_timeout().map(|(at, _)| at),
            Step::Before(until) | Step::After(until) => Some(until),
        }
    }

    /// The next bytes to send.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.escape.take().or_else(|| self.port.poll_transmit())
    }

    /// What came of it, once.
    pub fn take_outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    fn advance(&mut self, now: Instant) {
        let Step::Dialling { id, has_escaped } = self.step else { return };
        let Some(reply) = self.port.take_reply(id) else { return };
        match reply {
            Ok(reply) if reply.final_text.starts_with("CONNECT") => {
                self.outcome = Some(Outcome::Connected);
            }
            Err(RequestError::At(error)) => self.outcome = Some(Outcome::Refused(word(error))),
            Err(RequestError::Timeout) if !has_escaped => {
                // It may still take everything for data: DTR does not end a call everywhere.
                self.step = Step::Before(now + GUARD);
            }
            Err(RequestError::Timeout) => self.outcome = Some(Outcome::Silent),
            Ok(_) | Err(_) => self.outcome = Some(Outcome::Refused("ERROR".to_owned())),
        }
    }
}

/// The result code, without the modem's own text.
fn word(error: AtError) -> String {
    match error {
        AtError::Cme(error) => {
            error.code().map_or_else(|| "ERROR".to_owned(), |code| format!("+CME ERROR: {code}"))
        }
        AtError::Cms(_) => "ERROR".to_owned(),
        AtError::Error
        | AtError::NoCarrier
        | AtError::Busy
        | AtError::NoAnswer
        | AtError::NoDialtone => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Chat, Outcome};
    use crate::time::{Duration, Instant};

    /// Everything that is sent now, and the outcome.
    fn sent(chat: &mut Chat) -> String {
        let bytes: Vec<u8> = std::iter::from_fn(|| chat.poll_transmit()).flatten().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A chat that is in step with the modem and has dialled.
    fn dialled(now: Instant) -> Chat {
        let mut chat = Chat::new(now, 3);
        assert_eq!(sent(&mut chat), "ATE0V1+CMEE=1;+CMEE?\r");
        chat.handle_input(now, b"ATE0V1+CMEE=1;+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n");
        assert_eq!(sent(&mut chat), "ATD*99***3#\r");
        chat
    }

    #[test]
    fn the_context_is_dialled_and_the_answer_is_the_outcome() {
        for (answer, outcome) in [
            ("CONNECT", Outcome::Connected),
            ("CONNECT 150000000", Outcome::Connected),
            ("NO CARRIER", Outcome::Refused("NO CARRIER".into())),
            ("+CME ERROR: 148", Outcome::Refused("+CME ERROR: 148".into())),
            ("+CME ERROR: pwned", Outcome::Refused("ERROR".into())),
            ("OK", Outcome::Refused("ERROR".into())),
        ] {
            let mut chat = dialled(Instant::ZERO);
            assert_eq!(chat.take_outcome(), None);
            chat.handle_input(Instant::ZERO, format!("\r\n{answer}\r\n").as_bytes());
            assert_eq!(chat.take_outcome(), Some(outcome), "{answer}");
        }
    }

    #[test]
    fn a_modem_that_is_still_carrying_data_is_led_back_to_commands() {
        let mut now = Instant::ZERO;
        let mut chat = Chat::new(now, 1);
        let mut all = sent(&mut chat);
        while all.ends_with("+++") || !all.contains("+++") {
            now = chat.poll_timeout().unwrap();
            chat.handle_timeout(now);
            all += &sent(&mut chat);
            assert!(now < Instant::ZERO + Duration::from_secs(30), "{all}");
        }
        chat.handle_input(now, b"\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n");
        assert_eq!(sent(&mut chat), "ATH\r");
        chat.handle_input(now, b"\r\nOK\r\n");
        assert_eq!(sent(&mut chat), "ATD*99***1#\r");
        chat.handle_input(now, b"\r\nCONNECT\r\n~");
        assert_eq!(chat.take_outcome(), Some(Outcome::Connected));
    }

    #[test]
    fn a_port_that_says_nothing_is_given_up_within_half_a_minute() {
        let mut now = Instant::ZERO;
        let mut chat = Chat::new(now, 1);
        let outcome = loop {
            if let Some(outcome) = chat.take_outcome() {
                break outcome;
            }
            now = chat.poll_timeout().unwrap();
            chat.handle_timeout(now);
        };
        assert_eq!(outcome, Outcome::Silent);
        assert!(now < Instant::ZERO + Duration::from_secs(30), "{now:?}");
    }
}
