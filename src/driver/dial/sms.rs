//! Short messages over AT in PDU mode, TS 27.005: the modem stores what comes and tells where.

use super::session::{Session, failure};
use crate::driver::sms::{
    Messages, SEND_TIMEOUT, SmsEvent, SmsJob, SmsWork, read, tell_message, work,
};
use crate::driver::task::Later;
use crate::driver::{Event, Failure, FailureKind};
use crate::port::at::{AtError, RequestError};
use crate::time::Duration;
use crate::types::{SmsPdu, SmsPlace};
use crate::wire::at::{
    Command, MessageNews, cpms_select, parse_cmgl, parse_cmgr, parse_cmgs, parse_cpms,
};
use crate::wire::sms::hex;
use core::cell::RefMut;

/// How long a list of messages may take: SIMs are slow.
const LIST_TIMEOUT: Duration = Duration::from_secs(20);

/// How to be told of messages, TS 27.005 3.4.1, best first: messages stored and told, reports
/// stored, or told whole, or not at all, for modems that know fewer ways.
const REPORTS: [&str; 4] =
    ["+CNMI=2,1,0,2,0", "+CNMI=2,1,0,1,0", "+CNMI=1,1,0,1,0", "+CNMI=2,1,0,0,0"];

/// Refusals that may pass, TS 27.005 3.2.5: of the network, of the service centre, no network.
const PASSING: [u16; 8] = [38, 41, 42, 47, 192, 194, 331, 332];

/// Lists every message, whatever its status, TS 27.005 3.4.2.
const LIST: &str = "+CMGL=4";

/// Has messages given as PDUs, TS 27.005 3.2.3.
const PDU_MODE: &str = "+CMGF=0";

/// The memories that are read when the modem can be used: the SIM's and the modem's.
const READ: [u8; 2] = [0, 1];

impl Messages for Session {
    fn work(&self) -> RefMut<'_, SmsWork> {
        RefMut::map(self.state_mut(), |state| &mut state.messages)
    }

    fn start_messages(&self) -> Later<'_, Result<(), Failure>> {
        Box::pin(async move { self.begin_messages().await.map_err(failure) })
    }

    fn send_message<'a>(&'a self, message: &'a SmsPdu) -> Later<'a, Result<u8, Failure>> {
        Box::pin(async move {
            // In text mode it would be sent as text.
            self.ask_text(PDU_MODE).await.map_err(failure)?;
            let length = i64::try_from(message.0.len()).unwrap_or(i64::MAX);
            // Without a service centre's address: the modem knows the SIM's.
            let digits = format!("00{}", hex(&message.0));
            let command = Command::set("+CMGS").number(length).build();
            let command = command.and_then(|command| command.with_pdu(&digits));
            match self.ask_for(command, SEND_TIMEOUT).await {
                Ok(lines) => Ok(parse_cmgs(&lines).unwrap_or_default()),
                Err(RequestError::At(AtError::Cms(error))) => {
                    let code = error.code().unwrap_or_default();
                    let passes = PASSING.contains(&code);
                    let kind = if passes { FailureKind::Network } else { FailureKind::Refused };
                    Err(Failure::new(kind, &format!("+CMS ERROR {code}")))
                }
                Err(error) => Err(failure(error)),
            }
        })
    }

    fn delete_message(&self, place: SmsPlace) -> Later<'_, Result<(), Failure>> {
        Box::pin(async move {
            self.select_memory(place.memory).await.map_err(failure)?;
            let delete = Command::set("+CMGD").number(place.index).build();
            self.ask(delete).await.map(drop).map_err(failure)
        })
    }

    fn stored_message(&self, place: SmsPlace) -> Later<'_, Result<Option<Vec<u8>>, Failure>> {
        Box::pin(async move {
            match self.stored(place).await {
                // TS 27.005 3.2.5: invalid memory index.
                Err(RequestError::At(AtError::Cms(error))) if error.code() == Some(321) => Ok(None),
                result => result.map_err(failure),
            }
        })
    }
}

impl Session {
    /// A code about a message came.
    pub(super) async fn message_told(self, news: MessageNews) {
        match news {
            MessageNews::Stored { memory, index } => {
                work(Box::new(self), SmsJob::Read(SmsPlace { memory, index })).await;
            }
            MessageNews::Told(message) => {
                let content = read(&message, true);
                self.emit(Event::Sms(SmsEvent::Received { place: None, content }));
            }
        }
    }

    async fn begin_messages(&self) -> Result<(), RequestError> {
        self.ask_text(PDU_MODE).await?;
        for report in REPORTS {
            match self.ask_text(report).await {
                Ok(_) => break,
                Err(RequestError::At(_)) => {}
                Err(error) => return Err(error),
            }
        }
        let used = match self.ask_text("+CPMS?").await {
            Ok(lines) => parse_cpms(&lines),
            Err(RequestError::At(_)) => None,
            Err(error) => return Err(error),
        };
        self.state_mut().memory = used;
        for memory in READ {
            // A memory that the modem lacks.
            if self.select_memory(memory).await.is_err() {
                continue;
            }
            match self.ask_for(Command::execute(LIST), LIST_TIMEOUT).await {
                Ok(lines) => {
                    for (index, message) in parse_cmgl(&lines) {
                        tell_message(self, SmsPlace { memory, index }, &message);
                    }
                }
                Err(RequestError::At(_) | RequestError::Malformed(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Has the modem read from and delete in this memory; where it stores stays as it is.
    async fn select_memory(&self, memory: u8) -> Result<(), RequestError> {
        if self.state().memory == Some(memory) {
            return Ok(());
        }
        self.ask(cpms_select(memory)).await?;
        self.state_mut().memory = Some(memory);
        Ok(())
    }

    async fn stored(&self, place: SmsPlace) -> Result<Option<Vec<u8>>, RequestError> {
        self.select_memory(place.memory).await?;
        let mut is_asked_again = false;
        loop {
            let command = Command::set("+CMGR").number(place.index).build();
            let lines = self.ask(command).await?;
            let message = parse_cmgr(&lines);
            if message.is_some() || lines.is_empty() || is_asked_again {
                return Ok(message);
            }
            // Somebody has put it into text mode.
            self.ask_text(PDU_MODE).await?;
            is_asked_again = true;
        }
    }
}
