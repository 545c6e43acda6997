//! Bands, technologies and networks over an AT port: what the owner asks of the radio of a modem
//! that has no better way.
//!
//! A request is a procedure that reads as straight-line steps. It sends nothing itself: whoever
//! holds the port sends [`AtRadio::poll_command`] and hands the answer back.

mod gnss;
mod lists;
mod masks;
mod modes;
mod telit;
#[cfg(test)]
mod tests;

use super::at::AtResult;
use super::choice::{RadioAnswer, RadioRequest, RadioResult, SCAN_TIMEOUT};
use super::quirk::Lock;
use super::slots::SlotCommands;
use super::task::Task;
use super::{Failure, FailureKind};
use crate::time::Duration;
use crate::types::{Band, BandChoice, BandStatus, Plmn, Rat};
use crate::wire::at::{cops_select, parse_networks};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::cell::RefCell;
use std::rc::Rc;

/// How long an ordinary command may take; modems write such settings to flash.
const ANSWER_PATIENCE: Duration = Duration::from_secs(15);

/// How long choosing a network may take: modems answer when they have registered with it.
const REGISTER_PATIENCE: Duration = Duration::from_secs(100);

/// How long using another SIM may take.
const SLOT_PATIENCE: Duration = Duration::from_secs(30);

/// How the modem's slots for SIMs are asked for.
type Slots = Option<&'static SlotCommands>;

/// What the procedure and its owner share.
#[derive(Debug, Default)]
struct Line {
    command: Option<(String, Duration)>,
    answer: Option<Result<Vec<String>, Failure>>,
    result: Option<RadioResult>,
}

/// What a modem says of its bands.
#[derive(Clone, Debug, Default)]
struct Known {
    bands: Vec<Band>,
    /// Empty when it does not tell.
    supported: Vec<Band>,
    /// Of modems that have masks.
    masks: masks::Masks,
}

/// A hold on the line for the procedure.
#[derive(Clone, Debug, Default)]
struct Asker(Rc<RefCell<Line>>);

/// A command under way. Written by hand, for an `async` function would be compiled into every
/// procedure that gives a command.
struct Asked<'a>(&'a RefCell<Line>);

impl Future for Asked<'_> {
    type Output = Result<Vec<String>, Failure>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        match self.0.borrow_mut().answer.take() {
            Some(answer) => Poll::Ready(answer),
            None => Poll::Pending,
        }
    }
}

impl Asker {
    fn ask(&self, command: &str) -> Asked<'_> {
        self.ask_for(command, ANSWER_PATIENCE)
    }

    /// Sends a command, `AT` left out. The lines of its answer come when that is awaited.
    fn ask_for(&self, command: &str, patience: Duration) -> Asked<'_> {
        self.0.borrow_mut().command = Some((command.to_owned(), patience));
        Asked(&self.0)
    }

    async fn procedure(self, lock: Lock, slots: Slots, request: RadioRequest) {
        let result = self.result_of(lock, slots, request).await;
        self.0.borrow_mut().result = Some(result);
    }

    async fn result_of(&self, lock: Lock, slots: Slots, request: RadioRequest) -> RadioResult {
        match request {
            RadioRequest::Bands => {
                self.read_bands(lock).await.map(|(now, _)| RadioAnswer::Bands(now))
            }
            RadioRequest::SetBands(choice) => {
                self.set_bands(lock, &choice).await.map(RadioAnswer::Bands)
            }
            RadioRequest::Scan => {
                let lines = self.ask_for("+COPS=?", SCAN_TIMEOUT).await?;
                Ok(RadioAnswer::Networks(parse_networks(&lines)))
            }
            RadioRequest::StopScan => Ok(RadioAnswer::Done),
            RadioRequest::Slots => self.slots(slots, None).await,
            RadioRequest::SetSlot(slot) => self.slots(slots, Some(slot)).await,
            RadioRequest::Register(plmn) => self.register(plmn).await,
            RadioRequest::Gnss(receiver, action) => self.gnss(receiver, action).await,
        }
    }

    /// The places for SIMs, after one of them was made the modem's.
    async fn slots(&self, commands: Slots, wanted: Option<u8>) -> RadioResult {
        let commands =
            commands.ok_or_else(|| Failure::new(FailureKind::Unsupported, "SIM slots"))?;
        let query = format!("{}?", commands.name);
        // As long as it was not told to change, it has not.
        let unchanged = |failure| if wanted.is_some() { refused() } else { failure };
        let mut lines = self.ask(&query).await.map_err(unchanged)?;
        let known = commands.read(&lines);
        let before = known.iter().find(|it| it.active).map(|it| it.slot);
        if let Some(slot) = wanted {
            if before == wanted {
                return Ok(RadioAnswer::SlotKept(known));
            }
            let set = commands.set(&lines, slot).ok_or_else(refused)?;
            if !commands.unlock.is_empty() {
                self.ask(commands.unlock).await.map_err(unchanged)?;
            }
            self.ask_for(&set, SLOT_PATIENCE).await?;
            lines = self.ask(&query).await.unwrap_or_default();
        }
        let slots = commands.read(&lines);
        match wanted {
            None if !slots.is_empty() => Ok(RadioAnswer::Slots(slots)),
            Some(_) if !slots.is_empty() => Ok(RadioAnswer::of_slots(slots, before)),
            None => Err(refused()),
            // It was told to, and does not say which it has now: that is no refusal.
            Some(_) => Err(Failure::new(FailureKind::Timeout, "no word of the slot in use")),
        }
    }

    async fn read_bands(&self, lock: Lock) -> Result<(BandStatus, Known), Failure> {
        let known = match lock {
            Lock::None => return Err(Failure::new(FailureKind::Unsupported, "bands")),
            Lock::QuectelMask | Lock::Sierra | Lock::Huawei | Lock::SimcomMask => {
                self.read_masks(lock).await?
            }
            Lock::QuectelList | Lock::SimcomList | Lock::Gtact | Lock::Xact => {
                self.read_lists(lock).await?
            }
            Lock::Telit | Lock::Telit5g => self.read_telit().await?,
            Lock::Foxconn => self.read_foxconn().await?,
        };
        let has = |rat: &Rat| {
            known.supported.is_empty()
                || known.supported.iter().any(|band| band.rat == *rat)
                // Telit does not tell those of GSM and UMTS.
                || matches!(lock, Lock::Telit | Lock::Telit5g)
        };
        let modes = self.read_modes(lock).await?;
        let status = BandStatus {
            modes_supported: modes::supported(lock).iter().copied().filter(has).collect(),
            modes: modes.into_iter().filter(has).collect(),
            bands_supported: known.supported.clone(),
            bands: known.bands.clone(),
        };
        Ok((status, known))
    }

    async fn set_bands(&self, lock: Lock, choice: &BandChoice) -> Result<BandStatus, Failure> {
        let (now, known) = self.read_bands(lock).await?;
        let wanted = choice.applied(&now);
        if wanted.bands != now.bands {
            match lock {
                Lock::QuectelList | Lock::SimcomList | Lock::Gtact | Lock::Xact => {
                    self.write_lists(lock, &wanted.bands, &now.bands).await?;
                }
                Lock::Telit | Lock::Telit5g => self.write_telit(&wanted.bands).await?,
                Lock::Foxconn => self.write_foxconn(&wanted.bands, &now.bands).await?,
                Lock::QuectelMask | Lock::Sierra | Lock::Huawei | Lock::SimcomMask | Lock::None => {
                    self.write_masks(lock, &wanted.bands, &known.masks).await?
                }
            }
        }
        if wanted.modes != now.modes {
            let is_all = wanted.modes == now.modes_supported;
            self.write_modes(lock, &wanted.modes, is_all).await?;
        }
        self.read_bands(lock).await.map(|(now, _)| now)
    }

    async fn register(&self, plmn: Option<Plmn>) -> RadioResult {
        let command = cops_select(plmn)
            .map_err(|_| Failure::new(FailureKind::Refused, "the network has no number"))?;
        let line = command.line();
        self.ask_for(line.strip_prefix("AT").unwrap_or(line), REGISTER_PATIENCE).await?;
        Ok(RadioAnswer::Done)
    }
}

/// A request under way.
#[derive(Debug)]
pub struct AtRadio {
    line: Asker,
    task: Task,
}

impl AtRadio {
    /// Begins it, for a modem whose bands and slots are chosen so.
    pub fn new(lock: Lock, slots: Slots, request: RadioRequest) -> Self {
        let line = Asker::default();
        let mut task = Task::new(line.clone().procedure(lock, slots, request));
        task.poll();
        Self { line, task }
    }

    /// The next command to send, `AT` left out, and how long its answer may take.
    pub fn poll_command(&mut self) -> Option<(String, Duration)> {
        self.line.0.borrow_mut().command.take()
    }

    /// Takes the answer to the last command.
    pub fn handle_answer(&mut self, answer: &AtResult) {
        let answer = match answer {
            AtResult::Reply { lines, result } if result == "OK" => Ok(lines.clone()),
            AtResult::Reply { result, .. } => Err(Failure::new(FailureKind::Refused, result)),
            AtResult::Timeout => Err(Failure::new(FailureKind::Timeout, "no answer")),
            AtResult::Failed(why) => Err(Failure::new(FailureKind::PortClosed, why)),
        };
        self.line.0.borrow_mut().answer = Some(answer);
        self.task.poll();
    }

    /// What came of it, once.
    pub fn poll_result(&mut self) -> Option<RadioResult> {
        self.line.0.borrow_mut().result.take()
    }
}

/// For an answer that says nothing of what was asked.
fn refused() -> Failure {
    Failure::new(FailureKind::Refused, "it answered something else")
}
