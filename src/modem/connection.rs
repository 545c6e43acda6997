//! Connecting, hanging up, and what becomes of a connection.

use super::{
    Action, Cause, DISCONNECT_PATIENCE, Modem, REFILL_AFTER, STABLE_AFTER, State, Timer, Want,
    backoff,
};
use crate::driver::{Failure, Request};
use crate::log;
use crate::time::Instant;
use crate::types::{IpConfig, IpFamily};

impl Modem {
    pub(super) fn connect(&mut self, now: Instant, want: Want) {
        let changed = self.want.as_ref().is_some_and(|old| *old != want);
        self.want = Some(want);
        self.trouble = None;
        self.forget_attempts();
        match self.state {
            State::Connected | State::Connecting => {
                if changed {
                    self.redial(now, Cause::Reconfigured);
                } else if self.refills > 0 && !self.is_whole() {
                    self.refill(now);
                }
            }
            State::Recovering => self.raise(self.cause),
            State::Absent | State::Disconnecting => {}
            State::Initializing
            | State::Locked
            | State::Disabled
            | State::Searching
            | State::Registered
            | State::Failed => self.settle(now),
        }
    }

    pub(super) fn redial(&mut self, now: Instant, cause: Cause) {
        self.forget_attempts();
        if matches!(self.state, State::Connected | State::Connecting) {
            self.drop_bearer();
            self.hang_up(now, cause);
        } else {
            self.settle(now);
        }
    }

    /// What failed before is no reason to wait any more. A modem that is to be initialized anew
    /// still has to be.
    pub(super) fn forget_attempts(&mut self) {
        self.attempt = 0;
        if self.state != State::Recovering {
            self.disarm(Timer::Retry);
        }
    }

    /// Ends what is up or being set up; `Disconnected` follows in any case.
    pub(super) fn hang_up(&mut self, now: Instant, cause: Cause) {
        match self.state {
            State::Connecting | State::Connected => {
                self.drop_bearer();
                self.enter(now, State::Disconnecting, cause, "");
                self.ask(Request::Disconnect);
                self.arm(Timer::Overdue, now + DISCONNECT_PATIENCE);
            }
            State::Disconnecting => {}
            State::Recovering => {
                // A silent modem may still hold a bearer; it is ended when the modem is back.
                self.bearer = None;
                self.ask(Request::Disconnect);
                self.act(Action::Disconnected);
            }
            State::Absent
            | State::Initializing
            | State::Locked
            | State::Disabled
            | State::Searching
            | State::Registered
            | State::Failed => {
                self.act(Action::Disconnected);
                self.settle(now);
            }
        }
    }

    /// The SIM's quota is used up, or is not any more.
    pub(super) fn bar(&mut self, now: Instant, barred: bool) {
        if std::mem::replace(&mut self.is_barred, barred) == barred {
            return;
        }
        if !barred {
            self.forget_attempts();
            self.settle(now);
        } else if matches!(self.state, State::Connecting | State::Connected) {
            self.hang_up(now, Cause::QuotaUsed);
        } else {
            self.settle(now);
        }
    }

    pub(super) fn disconnected(&mut self, now: Instant) {
        self.disarm(Timer::Overdue);
        if self.state == State::Disconnecting {
            self.act(Action::Disconnected);
            self.enter(now, State::Registered, self.cause, "");
            self.settle(now);
        }
    }

    pub(super) fn connected(&mut self, now: Instant, config: IpConfig) {
        match self.state {
            State::Connecting | State::Connected => {
                let had = self.bearer.clone().unwrap_or_default();
                let lost = |family: &IpFamily| had.has(*family) && !config.has(*family);
                if self.state == State::Connecting {
                    self.offer_worked();
                }
                let is_less = [IpFamily::V4, IpFamily::V6].iter().any(lost);
                self.enter_connected(now, config, Cause::Connected);
                if is_less {
                    self.family_lost(now);
                }
            }
            // What it holds is known, though not whether it still answers.
            State::Recovering => {
                if self.bearer.is_some() {
                    self.bearer = Some(config);
                }
            }
            // A late word of a call that is being ended.
            State::Absent
            | State::Initializing
            | State::Locked
            | State::Disabled
            | State::Searching
            | State::Registered
            | State::Disconnecting
            | State::Failed => {}
        }
    }

    pub(super) fn enter_connected(&mut self, now: Instant, config: IpConfig, cause: Cause) {
        self.disarm(Timer::Retry);
        self.trouble = None;
        self.connected_since = self.connected_since.or(Some(now));
        self.bearer = Some(config);
        self.enter(now, State::Connected, cause, "");
        self.arm_probe(now);
        if self.refills > 0 && !self.is_whole() {
            self.arm_refill(now);
        }
    }

    /// One of two bearers ended: it is dialled again beside the other. Not at once, for most often
    /// the other ends in the same moment.
    fn family_lost(&mut self, now: Instant) {
        if self.refilled_at.is_none_or(|at| now.saturating_since(at) >= backoff::CAP) {
            self.arm(Timer::Retry, now + REFILL_AFTER);
        } else {
            self.arm_refill(now);
        }
    }

    /// Dials the family that is missing.
    pub(super) fn refill(&mut self, now: Instant) {
        let Some((bearer, _)) = self.dialling() else { return };
        self.refills = self.refills.saturating_add(1);
        self.refilled_at = Some(now);
        self.ask(Request::Connect(bearer));
    }

    /// A family that stays away may have been refused for good, so it is dialled ever more rarely.
    fn arm_refill(&mut self, now: Instant) {
        let wait = backoff::delay(Cause::PdpTypeRejected, self.refills, &mut self.jitter);
        self.arm(Timer::Retry, now + wait);
    }

    /// Whether there is a bearer for every family that is wanted.
    pub(super) fn is_whole(&self) -> bool {
        let Some((want, bearer)) = self.want.as_ref().zip(self.bearer.as_ref()) else {
            return true;
        };
        want.bearer.pdptype.families().iter().all(|family| bearer.has(*family))
    }

    pub(super) fn bearer_lost(&mut self, now: Instant, failure: &Failure) {
        if self.state == State::Recovering {
            self.drop_bearer();
            return;
        }
        if self.state != State::Connected {
            return;
        }
        let stable =
            self.connected_since.is_some_and(|at| now.saturating_since(at) >= STABLE_AFTER);
        self.drop_bearer();
        self.disarm(Timer::Retry);
        self.enter(now, State::Registered, Cause::NetworkDisconnected, &failure.detail);
        if stable {
            self.attempt = 0;
        }
        // The first redial is free: networks end idle and long-lived calls all the time.
        if self.attempt > 0 {
            let wait = backoff::delay(Cause::NetworkDisconnected, self.attempt, &mut self.jitter);
            self.arm(Timer::Retry, now + wait);
        }
        self.attempt = self.attempt.saturating_add(1);
        self.settle(now);
    }

    pub(super) fn connect_failed(&mut self, now: Instant, failure: &Failure) {
        // Nobody has configured what was dialled from the table.
        let has_apn = self
            .want
            .as_ref()
            .is_none_or(|want| !want.bearer.apn.is_empty() || want.bearer.profile.is_some());
        let cause = Cause::of_call(failure.kind);
        let lacks_apn = cause == Cause::ApnRejected && !has_apn;
        let cause = if lacks_apn { Cause::ApnMissing } else { cause };
        if self.state == State::Connecting && self.next_offer(cause) {
            log::info!("the network refuses an access point of the table; the next one is tried");
            self.enter(now, State::Registered, cause, &failure.detail);
            self.settle(now);
        } else {
            self.fail_attempt(now, cause, &failure.detail);
        }
    }

    pub(super) fn fail_attempt(&mut self, now: Instant, cause: Cause, detail: &str) {
        if !matches!(self.state, State::Connecting | State::Registered) {
            return;
        }
        self.back_off(now, cause);
        self.enter(now, State::Registered, cause, detail);
        self.raise(cause);
    }

    pub(super) fn drop_bearer(&mut self) {
        self.bearer = None;
        self.connected_since = None;
        self.has_lasted = false;
        self.refills = 0;
    }
}
