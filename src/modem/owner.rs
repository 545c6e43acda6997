//! The PIN and the PUK in the owner's hands.
//!
//! The owner may spend attempts, as the machine may not: only the last one needs to be asked for by
//! name (`force`). Attempts that the modem does not tell are no reason to refuse, for many modems
//! never tell them; the machine itself sends nothing then. What the SIM said about a PIN is marked,
//! so that the machine neither repeats a wrong one nor distrusts a right one.

use super::pin::RETRIES_MIN;
use super::{Action, Cause, Modem, State};
use crate::driver::{FailureKind, PinOperation, PinRequest, PinResult, Request};
use crate::time::Instant;
use crate::types::{SimState, SimStatus};

/// What the owner wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinCommand {
    /// What.
    pub operation: PinOperation,
    /// Whether the last attempt may be spent.
    pub force: bool,
}

/// Why it was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinRefusal {
    /// Another PIN is being offered to the SIM.
    Busy,
    /// That the PIN is offered could not be noted on flash, so it was not.
    Unmarked,
    /// The modem is not there to be asked.
    NoModem,
    /// There is no SIM.
    SimMissing,
    /// The SIM is still starting, or the modem has not said.
    SimNotReady,
    /// The SIM does not answer.
    SimError,
    /// The PUK was wrong too often: nothing helps.
    SimBlocked,
    /// The PIN is blocked: the PUK is needed.
    PukRequired,
    /// The SIM is as the operation would make it.
    NoEffect,
    /// A PIN that is not asked for cannot be changed (TS 102 221 11.1.10).
    PinDisabled,
    /// A wrong code would be the last.
    LastAttempt,
    /// The PIN is wrong.
    WrongPin,
    /// The PUK is wrong.
    WrongPuk,
    /// The modem cannot do it.
    Unsupported,
    /// The modem did not answer. Whether it was done is not known.
    Timeout,
    /// The modem was lost or restarted meanwhile. Whether it was done is not known.
    Lost,
    /// The modem refused, in its own word.
    Refused(String),
}

/// An operation under way.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    command: PinCommand,
    /// The SIM before it.
    sim: SimStatus,
    /// Whether its PIN had a mark before.
    was_marked: bool,
}

impl Modem {
    /// Has it done, unless it must not be.
    pub(super) fn operate_pin(&mut self, command: PinCommand) {
        if let Err(refusal) = self.check_operation(&command) {
            self.act(Action::PinDone(Err(refusal)));
            return;
        }
        let sim = self.facts.sim.clone();
        let retries_min = if command.force { 0 } else { RETRIES_MIN };
        let operation = command.operation.clone();
        let request = Request::Pin(PinRequest { operation: operation.clone(), retries_min });
        let was_marked = operation.pin().is_some_and(|pin| self.marks.holds(&sim, pin));
        self.operation = Some(Operation { command, sim: sim.clone(), was_marked });
        match operation.pin() {
            Some(pin) => {
                // Were it to end unseen, and what was left is unknown, it counts as refused.
                let retries = sim.pin1_retries_left.unwrap_or(u8::MAX);
                self.marks.offer(&sim, pin, retries);
                self.unmarked = Some(request);
                self.keep_marks();
            }
            None => self.ask(request),
        }
    }

    pub(super) fn keep_marks(&mut self) {
        self.marks_unkept = self.marks_unkept.saturating_add(1);
        self.act(Action::KeepMarks(self.marks.to_table()));
    }

    /// A PIN is sent only when that it is stands on flash.
    pub(super) fn marks_kept(&mut self, now: Instant, done: bool) {
        self.marks_unkept = self.marks_unkept.saturating_sub(1);
        if self.marks_unkept > 0 {
            return;
        }
        let Some(request) = self.unmarked.take() else { return };
        if done {
            self.ask(request);
        } else if let Some(Operation { command, sim, was_marked }) = self.operation.take() {
            if let Some(pin) = command.operation.pin().filter(|_| !was_marked) {
                self.marks.withdraw(&sim, pin);
            }
            self.act(Action::PinDone(Err(PinRefusal::Unmarked)));
        } else if let Some(pin) = self.offered.take() {
            self.marks.withdraw(&self.facts.sim, &pin);
            self.back_off(now, Cause::PinUnmarked);
            self.stop(now, State::Locked, Cause::PinUnmarked, "");
        }
    }

    fn check_operation(&self, command: &PinCommand) -> Result<(), PinRefusal> {
        if self.is_offering_pin() {
            return Err(PinRefusal::Busy);
        }
        if !self.is_known || matches!(self.state, State::Absent | State::Recovering) {
            return Err(PinRefusal::NoModem);
        }
        check(command, &self.facts.sim)
    }

    /// Takes what came of it.
    pub(super) fn pin_done(&mut self, now: Instant, result: &PinResult, sim: SimStatus) {
        if let Some(operation) = self.operation.take() {
            self.mark(&operation, result, &sim);
            let outcome = outcome(&operation.command, result, &sim);
            self.act(Action::PinDone(outcome));
        }
        self.sim_changed(now, sim);
    }

    /// The modem is lost, and with it the answer. The mark stays: should an attempt be missing
    /// later, this was it.
    pub(super) fn give_up_operation(&mut self) {
        if self.operation.take().is_some() {
            self.act(Action::PinDone(Err(PinRefusal::Lost)));
        }
    }

    fn mark(&mut self, operation: &Operation, result: &PinResult, after: &SimStatus) {
        let Operation { command: PinCommand { operation, .. }, sim: before, was_marked } =
            operation;
        let (pin, pin_after) = (operation.pin(), operation.pin_after());
        match result {
            PinResult::Accepted => {
                if let Some(pin) = pin {
                    self.marks.conclude(before, pin, true);
                    if pin != pin_after {
                        self.marks.retire(before, pin);
                    }
                }
                self.marks.conclude(before, pin_after, true);
                self.marks.conclude(after, pin_after, true);
            }
            PinResult::NoEffect | PinResult::TooFewRetries | PinResult::NotSent(_) => {
                if let Some(pin) = pin.filter(|_| !was_marked) {
                    self.marks.withdraw(before, pin);
                }
            }
            PinResult::Refused(failure) => {
                let Some(pin) = pin else { return };
                match failure.kind {
                    FailureKind::WrongPin | FailureKind::PukRequired => {
                        self.marks.conclude(before, pin, false);
                    }
                    // Its answer may still be under way.
                    FailureKind::Timeout | FailureKind::PortClosed => {}
                    FailureKind::Refused
                    | FailureKind::Network
                    | FailureKind::Apn
                    | FailureKind::Auth
                    | FailureKind::PdpType
                    | FailureKind::NotRegistered
                    | FailureKind::Forgotten
                    | FailureKind::Obstacle(_)
                    | FailureKind::NoPpp
                    | FailureKind::PppUnusable
                    | FailureKind::Unsupported
                    | FailureKind::Link => {
                        let left = (before.pin1_retries_left, after.pin1_retries_left);
                        let cost_nothing = matches!(left, (Some(old), Some(new)) if new >= old);
                        if cost_nothing && !was_marked {
                            self.marks.withdraw(before, pin);
                        }
                    }
                }
            }
        }
        self.keep_marks();
    }
}

/// Whether an operation makes sense on this SIM.
fn check(command: &PinCommand, sim: &SimStatus) -> Result<(), PinRefusal> {
    let operation = &command.operation;
    let is_unblock = matches!(operation, PinOperation::Unblock { .. });
    match sim.state {
        SimState::Absent => return Err(PinRefusal::SimMissing),
        SimState::Unknown | SimState::NotReady => return Err(PinRefusal::SimNotReady),
        SimState::Error => return Err(PinRefusal::SimError),
        SimState::Blocked => return Err(PinRefusal::SimBlocked),
        SimState::PukRequired if !is_unblock => return Err(PinRefusal::PukRequired),
        SimState::PukRequired | SimState::PinRequired | SimState::Ready => {}
    }
    match (operation, sim.pin1_enabled) {
        (PinOperation::Unlock { .. }, _) if sim.state == SimState::Ready => {
            return Err(PinRefusal::NoEffect);
        }
        (PinOperation::Enable { .. }, Some(true)) | (PinOperation::Disable { .. }, Some(false)) => {
            return Err(PinRefusal::NoEffect);
        }
        (PinOperation::Change { .. }, Some(false)) => return Err(PinRefusal::PinDisabled),
        (
            PinOperation::Unlock { .. }
            | PinOperation::Enable { .. }
            | PinOperation::Disable { .. }
            | PinOperation::Change { .. }
            | PinOperation::Unblock { .. },
            _,
        ) => {}
    }
    let left = operation.retries_left(sim);
    if !command.force && left.is_some_and(|left| left < RETRIES_MIN) {
        return Err(PinRefusal::LastAttempt);
    }
    Ok(())
}

fn outcome(command: &PinCommand, result: &PinResult, sim: &SimStatus) -> Result<(), PinRefusal> {
    let failure = match result {
        PinResult::Accepted => return Ok(()),
        PinResult::NoEffect => return Err(PinRefusal::NoEffect),
        // What the SIM says by now tells whether it is that, or that the PIN is blocked already.
        PinResult::TooFewRetries => {
            return check(command, sim).and(Err(PinRefusal::LastAttempt));
        }
        PinResult::NotSent(failure) if failure.kind == FailureKind::Timeout => {
            return Err(PinRefusal::NoModem);
        }
        PinResult::NotSent(failure) | PinResult::Refused(failure) => failure,
    };
    let is_unblock = matches!(command.operation, PinOperation::Unblock { .. });
    Err(match failure.kind {
        FailureKind::WrongPin | FailureKind::PukRequired if is_unblock => PinRefusal::WrongPuk,
        FailureKind::WrongPin | FailureKind::PukRequired => PinRefusal::WrongPin,
        FailureKind::Unsupported => PinRefusal::Unsupported,
        FailureKind::Timeout => PinRefusal::Timeout,
        FailureKind::PortClosed | FailureKind::Forgotten => PinRefusal::Lost,
        FailureKind::Refused
        | FailureKind::Network
        | FailureKind::Apn
        | FailureKind::Auth
        | FailureKind::PdpType
        | FailureKind::NotRegistered
        | FailureKind::Obstacle(_)
        | FailureKind::NoPpp
        | FailureKind::PppUnusable
        | FailureKind::Link => PinRefusal::Refused(failure.detail.clone()),
    })
}
