//! The owner's choice of bands, technologies and networks: asked for, set, read back, and taken
//! back when no registration follows.
//!
//! QMI modems are asked over their control port, MBIM ones for networks as well, and for bands
//! where they carry QMI; everything else goes over the AT port. One thing at a time is asked of a
//! modem.

use super::calls::CallError;
use super::discovery::Protocol;
use super::slot::Slot;
use super::{CallId, Manager};
use crate::driver::at::AtResult;
use crate::driver::at_radio::AtRadio;
use crate::driver::choice::{RadioAnswer, RadioRequest, RadioResult, SCAN_TIMEOUT};
use crate::driver::gnss::GnssAction;
use crate::driver::{Event, Failure, FailureKind, Request, slots};
use crate::log;
use crate::modem::Command;
use crate::time::{Duration, Instant};
use crate::types::{Band, BandChoice, BandStatus, Plmn, Table};

pub(super) mod args;
mod gnss;
mod kept;
mod methods;
mod register;
mod restore;
mod slot;

use register::ByHand;
pub(super) use restore::Watch;

/// How long reading or setting bands may take, on an AT port that others use too.
const BANDS_PATIENCE: Duration = Duration::from_secs(120);

/// How long a modem may take to register with a network that was chosen.
const REGISTER_PATIENCE: Duration = Duration::from_secs(120);

/// How long a modem that was told to use another SIM may still tell of the one before.
const SLOT_PAUSE: Duration = Duration::from_secs(1);

/// How many may wait for one search for networks.
const WAITING_MAX: usize = 8;

/// What is known of one modem's choice, also while it is gone.
#[derive(Debug, Default)]
pub(super) struct Choice {
    asked: Option<Asked>,
    watch: Option<Watch>,
    by_hand: Option<ByHand>,
    /// Whose trial and network they are: one day another modem may be in its place.
    imei: Option<String>,
    /// What is kept of it.
    kept: Option<Table>,
    /// The bands of its section that it has been given since it was got to know.
    followed: Option<Vec<Band>>,
    /// What became of the last choice that nobody waited for.
    message: Option<String>,
    /// Who else waits for the search for networks that is under way.
    joined: Vec<CallId>,
    /// Whether its receiver has been switched on for its section.
    has_gnss_on: bool,
    /// Whether it has said that there is no receiver.
    lacks_gnss: bool,
}

/// What a modem is being asked.
#[derive(Debug)]
struct Asked {
    number: u32,
    caller: Option<CallId>,
    purpose: Purpose,
    /// Over AT: what asks.
    script: Option<AtRadio>,
    /// Over AT: the command whose answer is awaited.
    command: CallId,
    /// When another SIM was chosen: what came of it, which is heeded at the deadline.
    outcome: Option<RadioResult>,
    deadline: Instant,
}

/// What for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To show it.
    Show,
    /// To know what it uses before that is changed.
    Prepare(Change),
    /// To change it from what it was.
    Set(Change, BandStatus),
    /// To look for networks.
    Scan,
    /// To register; `true` when the modem has taken note of it.
    Register(Option<Plmn>, bool),
    /// To know its slots for SIMs.
    Slots,
    /// To use another; `true` when the owner says so.
    SetSlot(u8, bool),
    /// To do this about its satellite receiver.
    Gnss(GnssAction),
}

/// A change of bands or technologies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    choice: BandChoice,
    /// After how long without registration it is taken back; never when zero.
    restore: Duration,
    origin: Origin,
}

/// Who wants a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// A caller.
    Caller,
    /// The modem's section.
    Section,
    /// What was before had registration.
    Restore,
}

impl Choice {
    /// Whether the modem is being asked something.
    pub(super) fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// Whether another SIM is being chosen.
    pub(super) fn sets_slot(&self) -> bool {
        self.asked.as_ref().is_some_and(|asked| matches!(asked.purpose, Purpose::SetSlot(..)))
    }

    fn is_scanning_over_at(&self) -> bool {
        let is_it = |asked: &Asked| asked.script.is_some() && asked.purpose == Purpose::Scan;
        self.asked.as_ref().is_some_and(is_it)
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let asked = self.asked.as_ref().map(|asked| asked.deadline);
        let watch = self.watch.as_ref().and_then(Watch::poll_timeout);
        let by_hand = self.by_hand.as_ref().and_then(ByHand::poll_timeout);
        Instant::first_of(&[asked, watch, by_hand])
    }
}

impl Manager {
    /// Whether the modem cannot be asked whether it is alive, for its only port is taken by a scan.
    pub(super) fn is_deafened(&self, id: &str) -> bool {
        let is_dialled = self.slots.get(id).is_some_and(Slot::is_dialled);
        is_dialled && self.choices.get(id).is_some_and(Choice::is_scanning_over_at)
    }

    fn tell_scan(&mut self, id: &str, state: &'static str, networks: Option<usize>) {
        let mut data = Table::new();
        data.put("modem", id);
        data.put("state", state);
        data.put_some("networks", networks.and_then(|count| u32::try_from(count).ok()));
        self.notify("scan", data);
    }

    #[inline(never)]
    fn choice_of(&mut self, id: &str) -> &mut Choice {
        self.choices.or_insert(id.to_owned(), Choice::default())
    }

    fn next_choice(&mut self) -> u32 {
        self.last_choice = self.last_choice.wrapping_add(1);
        self.last_choice
    }

    /// Asks a modem something, unless it cannot be asked now.
    pub(super) fn ask_choice(
        &mut self,
        now: Instant,
        id: &str,
        caller: Option<CallId>,
        purpose: Purpose,
    ) -> Result<(), CallError> {
        let slot = self.slot(id)?;
        let (request, is_known, patience) = match &purpose {
            Purpose::Show | Purpose::Prepare(_) => {
                (RadioRequest::Bands, slot.has_bands(), BANDS_PATIENCE)
            }
            Purpose::Set(change, _) => {
                let choice = change.choice.clone();
                (RadioRequest::SetBands(choice), slot.has_bands(), BANDS_PATIENCE)
            }
            Purpose::Scan => (RadioRequest::Scan, slot.has_scan(), SCAN_TIMEOUT + BANDS_PATIENCE),
            Purpose::Register(plmn, _) => {
                (RadioRequest::Register(*plmn), slot.has_scan(), REGISTER_PATIENCE)
            }
            Purpose::Slots => (RadioRequest::Slots, slot.may_have_slots(), BANDS_PATIENCE),
            Purpose::SetSlot(to, _) => {
                (RadioRequest::SetSlot(*to), slot.has_slots(), BANDS_PATIENCE)
            }
            Purpose::Gnss(action) => match slot.receiver() {
                Some(receiver) => (RadioRequest::Gnss(receiver, *action), true, BANDS_PATIENCE),
                None => (RadioRequest::StopScan, false, BANDS_PATIENCE),
            },
        };
        if !is_known {
            let message = "how to ask this modem is not known, or it has no port for it now";
            return Err(CallError::unsupported(message));
        }
        if !slot.is_settled() {
            return Err(CallError::modem("the modem does not answer, or is being got to know"));
        }
        let sets_slot = matches!(purpose, Purpose::SetSlot(..));
        if sets_slot && slot.machine.is_offering_pin() {
            return Err(CallError::failed("BUSY", "a PIN is being offered to the SIM"));
        }
        let is_own = match &purpose {
            Purpose::Gnss(_) => false,
            Purpose::Slots | Purpose::SetSlot(..) => slot.tells_slots(),
            Purpose::Scan | Purpose::Register(..) => !slot.is_dialled(),
            Purpose::Show | Purpose::Prepare(_) | Purpose::Set(..) => {
                slot.found.protocol == Protocol::Qmi || slot.has_own_bands()
            }
        };
        let (lock, slots) = (slot.lock(), slots::commands(slot.found.device.vid));
        let radio = self.choice_of(id);
        // What the daemon asks by itself can be asked again.
        let is_idle = |asked: &Asked| asked.caller.is_none() && asked.purpose == Purpose::Slots;
        if !radio.asked.as_ref().is_none_or(is_idle) {
            return Err(CallError::failed("BUSY", "the modem is being asked something already"));
        }
        let number = self.next_choice();
        let script = (!is_own).then(|| AtRadio::new(lock, slots, request.clone()));
        let deadline = now + patience;
        let asked = Asked { number, caller, purpose, script, command: 0, outcome: None, deadline };
        if let Some(radio) = self.choices.get_mut(id) {
            radio.asked = Some(asked);
        }
        if let Some(slot) = self.slots.get_mut(id).filter(|_| sets_slot) {
            slot.machine.handle_command(now, Command::SwitchSim);
        }
        if self.ask_line(id, number, &request) {
            return Ok(());
        }
        if is_own {
            if let Some(driver) = self.slots.get_mut(id).and_then(|slot| slot.driver.as_mut()) {
                driver.handle_request(now, Request::Radio(number, request));
            }
        } else {
            self.follow_script(now, id, None);
        }
        Ok(())
    }

    /// Goes on with what is asked over AT.
    fn follow_script(&mut self, now: Instant, id: &str, answer: Option<&AtResult>) {
        let asked = self.choices.get_mut(id).and_then(|radio| radio.asked.as_mut());
        let Some(asked) = asked else { return };
        let (number, Some(script)) = (asked.number, asked.script.as_mut()) else { return };
        // What was not told to change has not.
        let is_unchanged = asked.command == 0 && matches!(asked.purpose, Purpose::SetSlot(..));
        if let Some(answer) = answer {
            script.handle_answer(answer);
        }
        if let Some(result) = script.poll_result() {
            self.choice_answered(now, id, number, &result);
            return;
        }
        let Some((command, patience)) = script.poll_command() else { return };
        match self.send_own(now, id, &command, patience) {
            Some(call) => {
                let asked = self.choices.get_mut(id).and_then(|radio| radio.asked.as_mut());
                if let Some(asked) = asked {
                    asked.command = call;
                }
            }
            None => {
                let kind =
                    if is_unchanged { FailureKind::Refused } else { FailureKind::PortClosed };
                let failure = Failure::new(kind, "the AT port is not ready");
                self.choice_answered(now, id, number, &Err(failure));
            }
        }
    }

    /// Takes the answer to an AT command, if it was one of these.
    pub(super) fn take_choice(&mut self, now: Instant, call: CallId, result: &AtResult) -> bool {
        let is_its = |radio: &Choice| radio.asked.as_ref().is_some_and(|it| it.command == call);
        let id = self.choices.iter().find(|(_, radio)| is_its(radio)).map(|(id, _)| id.clone());
        let Some(id) = id else { return false };
        self.follow_script(now, &id, Some(result));
        true
    }

    /// What came of what a modem was asked.
    pub(super) fn choice_answered(
        &mut self,
        now: Instant,
        id: &str,
        number: u32,
        result: &RadioResult,
    ) {
        let Some(radio) = self.choices.get_mut(id) else { return };
        // A modem that a line gives another SIM has told nothing of it.
        let is_line = self.slots.get(id).is_some_and(Slot::has_slot_line);
        if radio.sets_slot()
            && !is_line
            && let Some(asked) = &mut radio.asked
            && asked.number == number
            && asked.outcome.is_none()
        {
            (asked.outcome, asked.deadline) = (Some(result.clone()), now + SLOT_PAUSE);
            return;
        }
        let Some(asked) = radio.asked.take_if(|asked| asked.number == number) else { return };
        let Asked { caller, purpose, .. } = asked;
        match (&purpose, result) {
            (Purpose::Show, Ok(RadioAnswer::Bands(now))) => {
                self.answer(caller, Ok(args::document(id, now)));
            }
            (Purpose::Prepare(change), Ok(RadioAnswer::Bands(before))) => {
                self.change_bands(now, id, caller, change, before);
            }
            (Purpose::Set(change, before), Ok(RadioAnswer::Bands(after))) => {
                self.bands_set(now, id, caller, change, before, after);
            }
            (Purpose::Scan, Ok(RadioAnswer::Networks(found))) => {
                if caller.is_some() {
                    self.tell_scan(id, "done", Some(found.len()));
                }
                self.answer_all(id, caller, Ok(args::networks(id, found)));
            }
            (Purpose::Gnss(_), Ok(RadioAnswer::Gnss(status))) => {
                let document = self.gnss_document(id, status);
                self.answer(caller, Ok(document));
            }
            (Purpose::Register(..), Ok(RadioAnswer::Done)) if caller.is_none() => {
                self.network_left(id)
            }
            (Purpose::Slots | Purpose::SetSlot(..), Ok(RadioAnswer::Slots(list))) => {
                let result = self.slots_told(now, id, &purpose, list.clone());
                self.answer(caller, result);
            }
            (Purpose::SetSlot(slot, is_owners), Ok(RadioAnswer::SlotKept(list))) => {
                self.sim_kept(now, id);
                let _ = self.slots_told(now, id, &Purpose::Slots, list.clone());
                let result = self.slot_kept(now, id, *slot, *is_owners);
                self.answer(caller, result);
            }
            (Purpose::Register(plmn, _), Ok(RadioAnswer::Done)) => {
                let purpose = Purpose::Register(*plmn, true);
                let deadline = now + REGISTER_PATIENCE;
                if let Some(radio) = self.choices.get_mut(id) {
                    let (script, outcome) = (None, None);
                    radio.asked = Some(Asked {
                        number,
                        caller,
                        purpose,
                        script,
                        command: 0,
                        outcome,
                        deadline,
                    });
                }
                self.follow_registering(now, id, false);
                return;
            }
            (_, Err(failure)) => self.choice_failed(now, id, caller, &purpose, failure),
            // No other answer is given to these.
            (_, Ok(_)) => self.answer(caller, Err(CallError::modem("it answered something else"))),
        }
        self.follow_network(now, id);
        self.follow_choice(now, id);
    }

    fn choice_failed(
        &mut self,
        now: Instant,
        id: &str,
        caller: Option<CallId>,
        purpose: &Purpose,
        failure: &Failure,
    ) {
        let is_asking = matches!(purpose, Purpose::Show | Purpose::Prepare(_));
        let is_again = |slot: &Slot| slot.found.protocol == Protocol::Mbim && !slot.has_own_bands();
        // It has turned out that it carries no QMI: over AT, then.
        if is_asking
            && failure.kind == FailureKind::Unsupported
            && self.slots.get(id).is_some_and(is_again)
            && self.ask_choice(now, id, caller, purpose.clone()).is_ok()
        {
            return;
        }
        let error = if failure.kind == FailureKind::Timeout {
            CallError::timeout("the modem did not answer in time")
        } else if failure.kind == FailureKind::Unsupported {
            CallError::unsupported(&failure.detail)
        } else {
            CallError::failed("REFUSED", &format!("the modem refused: {}", failure.detail))
        };
        match purpose {
            Purpose::Scan if caller.is_some() => self.tell_scan(id, "failed", None),
            Purpose::Register(..) if caller.is_some() => self.leave_network(now, id),
            Purpose::Prepare(change) | Purpose::Set(change, _) => {
                self.note_change(id, change, &error.message);
            }
            Purpose::Slots | Purpose::SetSlot(..) => {
                if self.slots_failed(now, id, purpose, caller, failure) {
                    return;
                }
                let is_asked = *purpose == Purpose::Slots;
                let level = if is_asked { log::Level::Debug } else { log::Level::Warn };
                log::log!(level, "modem {id}: SIM slots: {}", failure.detail);
            }
            Purpose::Gnss(_) => self.gnss_failed(id, caller, failure),
            Purpose::Show | Purpose::Scan | Purpose::Register(..) => {}
        }
        self.answer_all(id, caller, Err(error));
    }

    /// Answers the caller and who has joined him.
    fn answer_all(&mut self, id: &str, caller: Option<CallId>, result: Result<Table, CallError>) {
        let radio = self.choices.get_mut(id);
        let joined = radio.map(|radio| std::mem::take(&mut radio.joined)).unwrap_or_default();
        for call in joined {
            self.answer(Some(call), result.clone());
        }
        self.answer(caller, result);
    }

    pub(super) fn answer(&mut self, caller: Option<CallId>, result: Result<Table, CallError>) {
        if let Some(call) = caller {
            self.reply(call, result);
        }
    }

    /// Gives up what has taken too long.
    pub(super) fn expire_choices(&mut self, now: Instant) {
        let mut due = Vec::new();
        for (id, radio) in self.choices.iter() {
            if radio.asked.as_ref().is_some_and(|it| it.deadline <= now) {
                due.push(id.clone());
            }
        }
        for id in &due {
            let asked = self.choices.get(id).and_then(|radio| radio.asked.as_ref());
            if let Some((number, outcome)) =
                asked.and_then(|it| Some((it.number, it.outcome.clone()?)))
            {
                self.choice_answered(now, id, number, &outcome);
                continue;
            }
            let asked = self.choices.get_mut(id).and_then(|radio| radio.asked.take());
            let Some(Asked { caller, purpose, .. }) = asked else { continue };
            if let Purpose::Register(_, true) = purpose {
                self.leave_network(now, id);
                let error = CallError::failed("NOT_REGISTERED", "no registration followed");
                self.answer(caller, Err(error));
            } else {
                let failure = Failure::new(FailureKind::Timeout, "no answer");
                self.choice_failed(now, id, caller, &purpose, &failure);
            }
        }
        self.expire_watches(now);
        self.expire_networks(now);
    }

    /// The modem is gone, or is being got to know anew: what it was asked it has forgotten.
    pub(super) fn choice_lost(&mut self, id: &str) {
        let Some(radio) = self.choices.get_mut(id) else { return };
        radio.followed = None;
        (radio.has_gnss_on, radio.lacks_gnss) = (false, false);
        if let Some(asked) = radio.asked.take() {
            let error = CallError::modem("the modem was lost or restarted meanwhile");
            self.answer_all(id, asked.caller, Err(error));
        }
    }

    /// Takes note of what a modem tells, where it concerns what it was asked.
    pub(super) fn choice_event(&mut self, now: Instant, id: &str, event: &Event) {
        if let Event::Radio(number, result) = event {
            self.choice_answered(now, id, *number, result);
        } else if matches!(event, Event::Registration(_)) {
            self.follow_registering(now, id, true);
        } else if let Event::Initialized(report) = event {
            self.choice_lost(id);
            self.find_choice(id);
            self.watch_returned(now, id);
            if report.connection.is_none() {
                self.leave_network(now, id);
            }
        }
    }
}
