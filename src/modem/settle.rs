//! What comes next, decided from what is known: SIM, radio, registration, call.

use super::reject;
use super::{Action, Cause, Modem, Policy, SEARCH_PATIENCE, State, Timer, backoff};
use crate::driver::{Failure, Request};
use crate::log;
use crate::time::Instant;
use crate::types::{OperatingMode, RegistrationState, SimState};

impl Modem {
    /// Tells the interface of a cause, once until it changes.
    pub(super) fn raise(&mut self, cause: Cause) {
        if self.want.is_some() && cause.token().is_some() && self.trouble != Some(cause) {
            self.trouble = Some(cause);
            self.act(Action::Trouble(cause));
        }
    }

    pub(super) fn stop(&mut self, now: Instant, state: State, cause: Cause, detail: &str) {
        self.enter(now, state, cause, detail);
        self.raise(cause);
    }

    pub(super) fn enter(&mut self, now: Instant, to: State, cause: Cause, detail: &str) {
        let from = self.state;
        if from == to && self.cause == cause {
            return;
        }
        assert!(from == to || from.may_become(to), "illegal transition {from:?} -> {to:?}");
        if from != to {
            self.since = now;
        }
        self.state = to;
        self.cause = cause;
        detail.clone_into(&mut self.detail);
        match to {
            State::Searching if from != to || cause == Cause::Searching => {
                self.arm(Timer::SearchPatience, now + SEARCH_PATIENCE);
            }
            State::Initializing if cause == Cause::SimNotReady => {
                self.arm(Timer::SearchPatience, now + SEARCH_PATIENCE);
            }
            State::Searching => {}
            State::Absent
            | State::Initializing
            | State::Locked
            | State::Disabled
            | State::Registered
            | State::Connecting
            | State::Connected
            | State::Disconnecting
            | State::Recovering
            | State::Failed => self.disarm(Timer::SearchPatience),
        }
        self.act(Action::StateChanged { from, to, cause });
    }

    /// Decides what comes next from what is known, outside a call and its end.
    pub(super) fn settle(&mut self, now: Instant) {
        if !self.is_known {
            return;
        }
        if matches!(
            self.state,
            State::Absent
                | State::Connecting
                | State::Connected
                | State::Disconnecting
                | State::Recovering
        ) {
            return;
        }
        if !self.enabled {
            self.switch_radio(OperatingMode::LowPower);
            self.stop(now, State::Disabled, Cause::DisabledByConfig, "");
            return;
        }
        if self.facts.is_tether {
            self.settle_call(now);
            return;
        }
        let radio_off = self.facts.mode.is_some_and(|mode| mode != OperatingMode::Online);
        match self.facts.sim.state {
            // Some modems power the SIM only while the radio is on.
            SimState::Unknown | SimState::NotReady | SimState::Absent if radio_off => {
                self.settle_radio(now);
            }
            SimState::Unknown | SimState::NotReady => {
                if self.state != State::Initializing || self.cause != Cause::SimUnknown {
                    self.enter(now, State::Initializing, Cause::SimNotReady, "");
                }
            }
            SimState::Absent => self.stop(now, State::Failed, Cause::SimMissing, ""),
            SimState::Error => self.stop(now, State::Failed, Cause::SimError, ""),
            SimState::Blocked => self.stop(now, State::Failed, Cause::SimBlocked, ""),
            SimState::PukRequired => self.stop(now, State::Locked, Cause::PukRequired, ""),
            SimState::PinRequired => self.unlock(now),
            SimState::Ready => self.settle_radio(now),
        }
    }

    pub(super) fn unlock(&mut self, now: Instant) {
        // What is known of the attempts left is old until both have their answer.
        if self.is_offering_pin() {
            return;
        }
        let Some(pin) = self.want.as_ref().and_then(|want| want.pin.clone()) else {
            // That a PIN was refused stays worth knowing when its interface has been taken down.
            let is_told = self.want.is_none() && self.cause.policy() == Policy::Block;
            if self.state != State::Locked || !is_told {
                self.stop(now, State::Locked, Cause::PinRequired, "");
            }
            return;
        };
        if self.is_pin_held || self.is_between_sims || self.is_backing_off(now) {
            self.enter(now, State::Locked, self.cause, "");
            return;
        }
        match self.marks.may_offer(&self.facts.sim, &pin) {
            Ok(retries) => {
                self.enter(now, State::Locked, Cause::PinRequired, "");
                self.marks.offer(&self.facts.sim, &pin, retries);
                self.offered = Some(pin.clone());
                self.unmarked = Some(Request::Unlock(pin));
                self.keep_marks();
            }
            Err(cause) => self.stop(now, State::Locked, cause, ""),
        }
    }

    /// It has looked for long enough to say that there is nothing to be found.
    pub(super) fn search_in_vain(&mut self, now: Instant) {
        let is_denied = self.facts.registration.state == RegistrationState::Denied;
        match self.state {
            State::Searching if !is_denied => {
                self.stop(now, State::Searching, Cause::NotRegistered, "");
            }
            State::Initializing if self.cause == Cause::SimNotReady => {
                self.stop(now, State::Initializing, Cause::SimUnknown, "");
            }
            State::Absent
            | State::Initializing
            | State::Locked
            | State::Disabled
            | State::Searching
            | State::Registered
            | State::Connecting
            | State::Connected
            | State::Disconnecting
            | State::Recovering
            | State::Failed => {}
        }
    }

    /// The networks and technologies chosen were refused: they are chosen again after a while, and
    /// what the modem uses instead is used meanwhile.
    pub(super) fn selection_refused(&mut self, now: Instant, failure: &Failure) {
        log::warn!("{} {}", Cause::SelectionFailed.sentence(), failure.detail);
        self.selection_refusals = self.selection_refusals.saturating_add(1);
        let cause = Cause::SelectionFailed;
        let wait = backoff::delay(cause, self.selection_refusals, &mut self.jitter);
        self.arm(Timer::Selection, now + wait);
        self.selection_refused = Some(failure.detail.clone());
        if self.state != State::Connected {
            self.raise(cause);
        }
    }

    /// Whether the next attempt at what failed is not due yet.
    fn is_backing_off(&self, now: Instant) -> bool {
        self.timer(Timer::Retry).is_some_and(|at| at > now)
    }

    /// Whether the modem is abroad and the interface that uses it may not be.
    pub(super) fn is_barred_abroad(&self) -> bool {
        let roaming = self.facts.registration.state == RegistrationState::Roaming;
        roaming && self.want.as_ref().is_some_and(|want| !want.allow_roaming)
    }

    pub(super) fn switch_radio(&mut self, mode: OperatingMode) {
        if self.facts.mode.is_some_and(|is| is != mode) {
            self.ask(Request::SetOperatingMode(mode));
        }
    }

    pub(super) fn settle_radio(&mut self, now: Instant) {
        if self.radio_cycling {
            return;
        }
        if self.facts.mode.is_some_and(|mode| mode != OperatingMode::Online) {
            if self.is_backing_off(now) {
                return;
            }
            if self.state != State::Disabled || self.cause != Cause::RadioOff {
                self.switch_radio(OperatingMode::Online);
            }
            self.enter(now, State::Disabled, Cause::RadioOff, "");
            return;
        }
        if let Some(want) = &self.want
            && want.selection != self.selected
        {
            self.selected = want.selection.clone();
            self.selection_refusals = 0;
            self.selection_refused = None;
            self.disarm(Timer::Selection);
            self.ask(Request::Select(self.selected.clone()));
        }
        match self.facts.registration.state {
            RegistrationState::Home | RegistrationState::Roaming => self.settle_call(now),
            RegistrationState::Denied => {
                let number = self.facts.registration.reject_cause;
                let detail = number.map_or_else(String::new, |n| format!("reject cause {n}"));
                self.stop(now, State::Searching, reject::cause_of(number), &detail);
            }
            RegistrationState::Idle | RegistrationState::Searching | RegistrationState::Unknown => {
                if self.state != State::Searching || self.cause != Cause::NotRegistered {
                    self.enter(now, State::Searching, Cause::Searching, "");
                }
            }
        }
    }

    pub(super) fn settle_call(&mut self, now: Instant) {
        let idle_cause = if self.cause.token().is_some() && self.state == State::Registered {
            self.cause
        } else {
            Cause::Ready
        };
        let Some((bearer, _)) = self.dialling() else {
            self.enter(now, State::Registered, Cause::Ready, "");
            return;
        };
        let bar = self.is_barred.then_some(Cause::QuotaUsed);
        let bar = bar.or(self.is_barred_abroad().then_some(Cause::RoamingNotAllowed));
        if let Some(cause) = bar {
            self.stop(now, State::Registered, cause, "");
            return;
        }
        if self.is_backing_off(now) || self.awaits_offers() || self.is_between_sims {
            if self.state != State::Registered {
                self.enter(now, State::Registered, idle_cause, "");
            }
            return;
        }
        let cause = if self.attempt == 0 { Cause::InterfaceSetup } else { self.cause };
        self.enter(now, State::Connecting, cause, "");
        self.ask(Request::Connect(bearer));
    }
}
