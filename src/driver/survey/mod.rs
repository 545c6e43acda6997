//! What a modem measures, asked over its AT port with its vendor's commands.
//!
//! One command at a time, so that the owner's are never far behind. A command that the modem
//! refuses is not asked again until the port is opened anew.

mod dialect;
mod fibocom;
mod quectel;
mod reading;
mod vendors;

use crate::driver::{ANSWER_TIMEOUT, Measure};
use crate::log;
use crate::port::at::{AtPort, RequestError, TransactionId};
use crate::time::Instant;
use crate::types::{DeviceIdentity, Measurement};
use crate::wire::at::Command;
use dialect::{Dialect, Question, dialect_of};
use reading::Told;
use std::cell::RefCell;
use std::rc::Rc;

/// Asks one modem what it measures.
pub struct Survey {
    port: Rc<RefCell<AtPort>>,
    dialect: Option<&'static Dialect>,
    /// The questions that the modem refuses, by their place, a bit each.
    refused: u32,
    /// What is asked now.
    round: Option<Round>,
}

impl core::fmt::Debug for Survey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Survey").finish_non_exhaustive()
    }
}

/// A round of questions.
struct Round {
    what: Measure,
    /// The place of the question under way.
    at: usize,
    id: Option<TransactionId>,
    told: Told,
}

impl Survey {
    /// For a port that speaks AT.
    pub(super) fn new(port: Rc<RefCell<AtPort>>) -> Self {
        Self { port, dialect: None, refused: 0, round: None }
    }

    /// Whether there is anything to ask such a modem.
    pub fn knows(vid: u16, identity: &DeviceIdentity) -> bool {
        dialect_for(vid, identity).is_some()
    }

    /// Begins a round of questions, unless one is under way; [`Survey::poll`] tells what came of
    /// it. Whether there is anything to ask.
    pub fn begin(
        &mut self,
        now: Instant,
        vid: u16,
        identity: &DeviceIdentity,
        what: Measure,
    ) -> bool {
        if self.round.is_some() {
            return true;
        }
        if self.dialect.is_none() {
            self.dialect = dialect_for(vid, identity);
            if let Some(dialect) = self.dialect {
                log::debug!("measured like {}", dialect.name);
            }
        }
        let round = Round { what, at: 0, id: None, told: Told::default() };
        self.round = Some(round);
        let is_asked = self.ask(now);
        if !is_asked {
            self.round = None;
        }
        is_asked
    }

    /// Goes on after the port has taken bytes, or time has come; what was measured when a round
    /// has ended.
    pub fn poll(&mut self, now: Instant) -> Option<Measurement> {
        loop {
            let round = self.round.as_mut()?;
            let id = round.id?;
            let reply = self.port.borrow_mut().take_reply(id)?;
            round.id = None;
            let at = round.at;
            round.at = at.saturating_add(1);
            match reply {
                Ok(reply) => {
                    if let Some(question) = self.dialect.and_then(|it| it.questions.get(at)) {
                        round.told.read(question, &reply.lines);
                    }
                }
                Err(RequestError::At(_)) => self.refused |= bit(at),
                // The port is told of elsewhere; the next round asks again.
                Err(_) => round.at = usize::MAX,
            }
            if !self.ask(now) {
                return self.round.take().map(|round| round.told.finish());
            }
        }
    }

    /// Asks the next question; whether there is one.
    fn ask(&mut self, now: Instant) -> bool {
        let Some((round, dialect)) = self.round.as_mut().zip(self.dialect) else { return false };
        let is_due = |(at, question): &(usize, &Question)| {
            let is_refused = self.refused & bit(*at) != 0;
            !is_refused && (question.is_quick || round.what == Measure::All)
        };
        let next = dialect.questions.iter().enumerate().skip(round.at).find(is_due);
        let Some((at, question)) = next else { return false };
        let Ok(command) = Command::typed(&format!("AT{}", question.command)) else { return false };
        round.at = at;
        round.id = Some(self.port.borrow_mut().request(now, command, ANSWER_TIMEOUT));
        true
    }
}

fn dialect_for(vid: u16, identity: &DeviceIdentity) -> Option<&'static Dialect> {
    let maker = identity.manufacturer.as_deref().unwrap_or_default();
    dialect_of(vid, maker, identity.model.as_deref().unwrap_or_default())
}

fn bit(at: usize) -> u32 {
    u32::try_from(at).ok().and_then(|at| 1_u32.checked_shl(at)).unwrap_or(0)
}

impl Drop for Survey {
    fn drop(&mut self) {
        if let Some(id) = self.round.as_ref().and_then(|round| round.id) {
            self.port.borrow_mut().cancel(id);
        }
    }
}
