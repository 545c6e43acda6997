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

/// What a modem says of its bands, and what has to be said again to change them.
#[derive(Debug, Default)]
struct Known {
    /// The supported bands are none when it does not tell.
    status: BandStatus,
    /// Its masks as text, of those that have some, and other parameters of the command.
    now: Vec<String>,
    /// The masks of all that it has.
    all: Vec<String>,
    /// Whether the masks are decimal numbers.
    is_decimal: bool,
}

impl Known {
    /// What the answers to the first of the questions say, unless they say something else.
    fn of(lock: Lock, answers: &[Vec<String>]) -> Option<Box<Self>> {
        let mut known = Box::<Self>::default();
        match lock {
            Lock::QuectelMask | Lock::Sierra | Lock::Huawei | Lock::SimcomMask | Lock::None => {
                known.read_masks(lock, answers)?;
            }
            Lock::QuectelList | Lock::SimcomList => known.read_lists(lock, answers)?,
            Lock::Gtact | Lock::Xact => known.read_codes(lock, answers)?,
            Lock::Telit | Lock::Telit5g => known.read_telit(answers)?,
            Lock::Foxconn => known.read_foxconn(answers)?,
        }
        for list in [&mut known.status.bands, &mut known.status.bands_supported] {
            list.sort_unstable();
            list.dedup();
        }
        Some(known)
    }

    /// Takes the technologies that are used, without those that the modem has no bands of.
    fn take_modes(&mut self, lock: Lock, modes: Vec<Rat>) {
        let status = &mut self.status;
        status.modes = modes;
        status.modes_supported = modes::supported(lock).to_vec();
        // Telit does not tell those of GSM and UMTS.
        if status.bands_supported.is_empty() || matches!(lock, Lock::Telit | Lock::Telit5g) {
            return;
        }
        for list in [&mut status.modes, &mut status.modes_supported] {
            list.retain(|rat| status.bands_supported.iter().any(|band| band.rat == *rat));
        }
    }

    /// The commands that have the modem use these.
    fn commands(&self, lock: Lock, wanted: &[Band]) -> Vec<Set> {
        match lock {
            Lock::QuectelList | Lock::SimcomList => self.set_lists(lock, wanted),
            Lock::Gtact | Lock::Xact => lists::set_codes(lock, wanted),
            Lock::Telit | Lock::Telit5g => self.set_telit(wanted),
            Lock::Foxconn => self.set_foxconn(wanted),
            Lock::QuectelMask | Lock::Sierra | Lock::Huawei | Lock::SimcomMask | Lock::None => {
                self.set_masks(lock, wanted)
            }
        }
    }
}

/// A command that changes something.
struct Set {
    line: String,
    /// Whether the modem may refuse it.
    is_optional: bool,
}

impl Set {
    /// One that is all there is to do.
    #[inline(never)]
    fn alone(line: String) -> Vec<Self> {
        vec![line.into()]
    }
}

impl From<String> for Set {
    fn from(line: String) -> Self {
        Self { line, is_optional: false }
    }
}

/// What a family is asked about its bands.
fn questions(lock: Lock) -> Vec<String> {
    let questions: &[&str] = match lock {
        Lock::QuectelMask => &["+QCFG=\"band\""],
        // The others are refused without the first; who has set another password has to unlock it.
        Lock::Sierra => &["!ENTERCND=\"A710\"", "!BAND?", "!BAND=?"],
        Lock::Huawei => &["^SYSCFGEX?", "^SYSCFGEX=?"],
        Lock::SimcomMask | Lock::None => &["+CNBP?"],
        Lock::QuectelList | Lock::SimcomList => return lists::questions(lock),
        Lock::Gtact => &["+GTACT?", "+GTACT=?"],
        Lock::Xact => &["+XACT?", "+XACT=?"],
        Lock::Telit | Lock::Telit5g => &["#BND?", "#BND=?"],
        Lock::Foxconn => &["^BAND_PREF?"],
    };
    let mut owned = Vec::new();
    for question in questions {
        owned.push((*question).to_owned());
    }
    owned
}

/// Whether a family may refuse the question at this place: its modems without a technology do.
const fn is_optional(lock: Lock, at: usize) -> bool {
    matches!((lock, at), (Lock::QuectelList | Lock::SimcomList, _) | (Lock::Sierra, 0))
}

/// The numbers of the bands of a technology.
fn numbers(bands: &[Band], rat: Rat) -> Vec<u16> {
    let mut numbers = Vec::new();
    for band in BandStatus::of(bands, rat) {
        numbers.push(band.number);
    }
    numbers
}

/// A list of numbers as text.
fn joined(numbers: &[u16], separator: char) -> String {
    let mut text = String::new();
    for number in numbers {
        if !text.is_empty() {
            text.push(separator);
        }
        text.push_str(&number.to_string());
    }
    text
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
        let choice = match request {
            RadioRequest::Bands => None,
            RadioRequest::SetBands(choice) => Some(choice),
            RadioRequest::Slots | RadioRequest::SetSlot(_) => {
                let wanted =
                    if let RadioRequest::SetSlot(slot) = request { Some(slot) } else { None };
                return self.slots(slots, wanted).await;
            }
            RadioRequest::Scan => {
                let lines = self.ask_for("+COPS=?", SCAN_TIMEOUT).await?;
                return Ok(RadioAnswer::Networks(parse_networks(&lines)));
            }
            RadioRequest::StopScan => return Ok(RadioAnswer::Done),
            RadioRequest::Register(plmn) => return self.register(plmn).await,
            RadioRequest::Gnss(receiver, action) => return self.gnss(receiver, action).await,
        };
        self.bands(lock, choice).await
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

    /// Asks which bands the modem has and uses.
    async fn ask_bands(&self, lock: Lock) -> Result<Box<Known>, Failure> {
        let mut known = Box::default();
        let mut answers = Vec::new();
        for (at, question) in questions(lock).iter().enumerate() {
            answers.push(match self.ask(question).await {
                Ok(lines) => lines,
                Err(_) if is_optional(lock, at) => Vec::new(),
                Err(failure) => return Err(failure),
            });
            known = Known::of(lock, &answers).ok_or_else(refused)?;
        }
        Ok(known)
    }

    /// The same and which technologies it uses.
    async fn read_bands(&self, lock: Lock) -> Result<Box<Known>, Failure> {
        let mut known = self.ask_bands(lock).await?;
        let lines = self.ask(modes::query(lock)).await?;
        known.take_modes(lock, modes::read(lock, &lines).ok_or_else(refused)?);
        Ok(known)
    }

    async fn set_bands(
        &self,
        lock: Lock,
        known: Box<Known>,
        wanted: &BandStatus,
    ) -> Result<(), Failure> {
        let mut commands = Vec::new();
        if wanted.bands != known.status.bands {
            commands = if matches!(lock, Lock::Telit | Lock::Telit5g) {
                // Parameters of its command are not bands: they are to be as they are by now.
                self.ask_bands(lock).await?.commands(lock, &wanted.bands)
            } else {
                known.commands(lock, &wanted.bands)
            };
        }
        for Set { line, is_optional } in commands {
            let answer = self.ask(&line).await;
            if !is_optional {
                answer?;
            }
        }
        if wanted.modes != known.status.modes {
            let is_all = wanted.modes == known.status.modes_supported;
            self.ask(&modes::set(lock, &wanted.modes, is_all)?).await?;
        }
        Ok(())
    }

    /// The bands and technologies, after what is chosen was set.
    async fn bands(&self, lock: Lock, mut choice: Option<BandChoice>) -> RadioResult {
        if lock == Lock::None {
            return Err(Failure::new(FailureKind::Unsupported, "bands"));
        }
        loop {
            let known = self.read_bands(lock).await?;
            let Some(choice) = choice.take() else { return Ok(RadioAnswer::Bands(known.status)) };
            let wanted = choice.applied(&known.status);
            self.set_bands(lock, known, &wanted).await?;
        }
    }

    async fn register(&self, plmn: Option<Plmn>) -> RadioResult {
        let command = cops_select(plmn);
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
