//! Takes the rungs of the recovery ladder.

use super::ladder::{HEALED_AFTER, Means};
use super::{Action, Cause, DISCONNECT_PATIENCE, Modem, RESET_PATIENCE, Remedy, State, Timer};
use crate::config::RecoveryStep;
use crate::driver::Request;
use crate::log;
use crate::time::Instant;
use crate::types::{OperatingMode, Table};

impl Modem {
    /// Takes these rungs, in this order, when it does not come back by itself.
    pub fn allow_recovery(&mut self, steps: &[RecoveryStep]) {
        self.ladder.allow(steps);
    }

    /// What there is to take rungs with; the control port is the machine's to know.
    pub fn set_means(&mut self, now: Instant, means: Means) {
        if self.means != means {
            self.means = means;
            self.follow_trouble(now);
        }
    }

    /// Goes on from what [`Action::KeepLadder`] kept.
    pub fn restore_ladder(&mut self, now: Instant, table: &Table) {
        self.ladder.restore(now, table);
    }

    /// The rung taken last and when.
    pub const fn last_recovery(&self) -> Option<(RecoveryStep, Instant)> {
        self.ladder.last()
    }

    /// The rung that comes next, and when, should nothing else help.
    pub fn next_recovery(&self) -> Option<(Instant, RecoveryStep)> {
        self.ladder.due(self.means())
    }

    fn means(&self) -> Means {
        let answers = self.is_known && self.state != State::Recovering;
        let control = answers && !self.facts.is_tether;
        if self.remedy() == Remedy::Restart {
            return Means { control, at: self.means.at, ..Means::default() };
        }
        Means { control, reboot: true, ..self.means }
    }

    /// What may help against what is wrong now.
    fn remedy(&self) -> Remedy {
        let is_down = self.state == State::Recovering;
        let own = if is_down { self.cause.remedy() } else { Remedy::Stay };
        match self.trouble.map_or(Remedy::Stay, Cause::remedy) {
            Remedy::Stay => own,
            told @ (Remedy::Climb | Remedy::Restart) => told,
        }
    }

    /// Sees after everything that happens whether there is trouble that lasts.
    pub(super) fn follow_trouble(&mut self, now: Instant) {
        let is_wanted = self.enabled && self.want.is_some();
        if is_wanted && self.remedy() != Remedy::Stay && self.state != State::Connected {
            self.ladder.begin(now);
        } else {
            self.ladder.end();
        }
        let lasts = |since: Instant| now.saturating_since(since) >= HEALED_AFTER;
        let is_up = self.state == State::Connected && !self.has_lasted;
        if is_up && self.connected_since.is_some_and(lasts) && self.ladder.heal() {
            self.has_lasted = true;
            self.act(Action::Lasted);
        }
        match self.next_recovery() {
            Some((at, _)) => self.arm(Timer::Climb, at),
            None => self.disarm(Timer::Climb),
        }
    }

    pub(super) fn climb_if_due(&mut self, now: Instant) {
        if let Some(step) = self.ladder.take(now, self.means()) {
            self.climb(now, step);
        }
    }

    /// The watchdog waits between its verdicts by itself.
    pub(super) fn check_failed(&mut self, now: Instant) {
        if self.state != State::Connected || self.want.is_none() {
            return;
        }
        self.raise(Cause::CheckFailed);
        let step = self.ladder.answer_dead(now, self.means());
        if step.is_some() {
            self.offer_is_dead();
        }
        match step {
            Some(RecoveryStep::Redial) => self.redial(now, Cause::CheckFailed),
            Some(step) => self.climb(now, step),
            None => {}
        }
    }

    fn climb(&mut self, now: Instant, step: RecoveryStep) {
        log::warn!("it does not come back by itself; recovery step: {}", step.name());
        self.act(Action::KeepLadder(self.ladder.to_table()));
        match step {
            RecoveryStep::Redial => self.redial(now, Cause::CheckFailed),
            RecoveryStep::Radio => self.cycle_radio(now, Cause::RadioCycled),
            RecoveryStep::Reset => self.restart(now, Cause::ModemReset, Action::Restart),
            RecoveryStep::Gpio | RecoveryStep::Usb => {
                self.restart(now, Cause::PowerCycled, Action::CyclePower(step));
            }
            RecoveryStep::Reboot => self.act(Action::Reboot),
        }
    }

    /// Has the modem started anew, by whatever means, and waits for it.
    pub(super) fn restart(&mut self, now: Instant, cause: Cause, means: Action) {
        self.act(means);
        self.recover(now, cause, "");
        self.arm(Timer::Retry, now + RESET_PATIENCE);
    }

    pub(super) fn cycle_radio(&mut self, now: Instant, cause: Cause) {
        if !self.is_known || self.state == State::Recovering {
            return;
        }
        match self.state {
            State::Connecting | State::Connected => self.ask(Request::Disconnect),
            State::Disconnecting => self.act(Action::Disconnected),
            State::Absent
            | State::Initializing
            | State::Locked
            | State::Disabled
            | State::Searching
            | State::Registered
            | State::Recovering
            | State::Failed => {}
        }
        self.arm(Timer::Overdue, now + DISCONNECT_PATIENCE);
        self.radio_cycling = true;
        self.drop_bearer();
        self.enter(now, State::Disabled, cause, "");
        self.ask(Request::SetOperatingMode(OperatingMode::LowPower));
    }
}
