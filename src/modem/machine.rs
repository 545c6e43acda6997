//! What each command, event and time-out does to the machine.

use super::{
    Action, Cause, Command, FIRST_PROBE_AFTER, Modem, PROBE_INTERVAL, PROBE_INTERVAL_SILENT, State,
    TIMERS, Timer, VERDICT_PATIENCE,
};
use crate::driver::{Event, Failure, FailureKind, Report, Request};
use crate::log;
use crate::time::Instant;
use crate::types::{OperatingMode, SimState};

impl Modem {
    /// Does what is asked.
    pub fn handle_command(&mut self, now: Instant, command: Command) {
        match command {
            Command::Start => self.initialize(now, Cause::Found, true),
            Command::PortLost => self.recover(now, Cause::PortClosed, ""),
            Command::Connect(want) => self.connect(now, want),
            Command::AwaitApns => self.await_offers(),
            Command::OfferApns(list) => self.take_offers(now, list),
            Command::Disconnect => {
                self.want = None;
                self.trouble = None;
                self.forget_attempts();
                self.hang_up(now, Cause::InterfaceTeardown);
            }
            Command::Redial => self.redial(now, Cause::Requested),
            Command::CheckFailed => self.check_failed(now),
            Command::CycleRadio => self.cycle_radio(now, Cause::Requested),
            Command::Restart(cause) => self.restart(now, cause, Action::Restart),
            Command::CyclePower(step) => {
                self.restart(now, Cause::Requested, Action::CyclePower(step));
            }
            Command::CheckPassed => {
                self.offer_carries();
                self.ladder.revive();
            }
            Command::SwitchSim => self.is_between_sims = true,
            Command::SimSwitched => self.begin_anew(now, Cause::SimSwitched),
            Command::SimKept => {
                self.is_between_sims = false;
                self.settle(now);
            }
            Command::Enable(enabled) => self.enable(now, enabled),
            Command::Bar(barred) => self.bar(now, barred),
            Command::Pin(command) => self.operate_pin(command),
            Command::MarksKept(done) => self.marks_kept(now, done),
        }
        self.follow_trouble(now);
    }

    /// Takes note of what the modem tells.
    pub fn handle_event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Initialized(report) => self.initialized(now, report),
            Event::InitializeFailed(failure) => self.initialize_failed(now, &failure),
            Event::Sim(sim) => self.sim_changed(now, sim),
            Event::UnlockFailed(failure) => self.unlock_failed(now, &failure),
            Event::UnlockDone if self.offered.is_none() => {}
            Event::UnlockDone => self.arm(Timer::Verdict, now + VERDICT_PATIENCE),
            Event::PinDone { result, sim } => self.pin_done(now, &result, sim),
            Event::Mode(mode) => self.mode_changed(now, mode),
            Event::Registration(registration) => {
                let is_back = registration.state.is_registered()
                    && !self.facts.registration.state.is_registered();
                if is_back && self.selection_refused.is_some() {
                    // What was refused without a network may be taken with one.
                    self.arm(Timer::Selection, now);
                }
                self.facts.registration = registration;
                // What a stick's own page says is its own affair.
                if !self.facts.is_tether {
                    self.registration_changed(now);
                }
            }
            Event::Signal(_) | Event::Measured(_) | Event::Time(_) => {}
            Event::Connected(config) => self.connected(now, config),
            Event::ConnectFailed(failure) => self.connect_failed(now, &failure),
            Event::BearerLost(failure) => self.bearer_lost(now, &failure),
            Event::Disconnected => self.disconnected(now),
            Event::FamilyRefused => self.refills = self.refills.max(1),
            Event::Alive => self.alive(now),
            Event::Unresponsive => self.unresponsive(now),
            Event::Restarted => self.begin_anew(now, Cause::FirmwareRestarted),
            Event::RequestFailed(failure) => self.request_failed(now, &failure),
            // Whoever asked is the manager.
            Event::Radio(..) => {}
            Event::Saved(table) => self.act(Action::KeepBearers(table)),
            Event::SetLink(mode) => self.act(Action::SetLink(mode)),
            Event::Ppp(order) => self.act(Action::Ppp(order)),
            Event::ReadPage(request) => self.act(Action::ReadPage(request)),
            // The daemon's own affair.
            Event::Sms(_) | Event::Ussd(_) => {}
        }
        self.follow_trouble(now);
    }

    /// Nothing that was known of it holds any more.
    fn begin_anew(&mut self, now: Instant, cause: Cause) {
        self.recover(now, cause, "");
        self.initialize(now, cause, false);
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        for timer in TIMERS {
            if self.timer(timer).is_some_and(|at| at <= now) {
                self.disarm(timer);
                self.expired(now, timer);
            }
        }
        self.follow_trouble(now);
    }

    fn expired(&mut self, now: Instant, timer: Timer) {
        match timer {
            Timer::Retry => match self.state {
                State::Recovering => self.initialize(now, self.cause, !self.was_initialized),
                State::Connected => self.refill(now),
                State::Absent
                | State::Initializing
                | State::Locked
                | State::Disabled
                | State::Searching
                | State::Registered
                | State::Connecting
                | State::Disconnecting
                | State::Failed => self.settle(now),
            },
            Timer::Probe => {
                self.ask(Request::Probe);
                self.arm_probe(now);
            }
            Timer::SearchPatience => self.search_in_vain(now),
            Timer::Selection => {
                if self.is_known && self.state != State::Recovering {
                    self.selection_refused = None;
                    self.ask(Request::Select(self.selected.clone()));
                }
            }
            Timer::Climb => self.climb_if_due(now),
            Timer::Verdict => {
                // A SIM that is reset before it was ever ready does not say what it made of a PIN.
                let why = Failure::new(FailureKind::Refused, "the SIM has not opened");
                self.unlock_failed(now, &why);
            }
            Timer::Overdue => {
                if std::mem::take(&mut self.radio_cycling) {
                    self.settle(now);
                } else if self.state == State::Disconnecting {
                    self.disconnected(now);
                }
            }
        }
    }

    fn initialize(&mut self, now: Instant, cause: Cause, adopt: bool) {
        self.is_known = false;
        self.radio_cycling = false;
        self.give_up_operation();
        self.disarm(Timer::Retry);
        self.enter(now, State::Initializing, cause, "");
        self.act(Action::Initialize { adopt });
    }

    fn initialized(&mut self, now: Instant, report: Report) {
        if self.state != State::Initializing {
            return;
        }
        self.is_known = true;
        (self.is_pin_held, self.is_between_sims) = (false, false);
        self.was_initialized = true;
        self.facts.identity = report.identity;
        self.refine();
        self.facts.is_tether = report.is_tether;
        self.facts.mode = report.mode;
        self.facts.sim = report.sim;
        self.facts.registration = report.registration;
        self.selected = crate::driver::Selection::default();
        self.selection_refusals = 0;
        self.selection_refused = None;
        self.disarm(Timer::Selection);
        if !self.is_quiet {
            self.arm(Timer::Probe, now + FIRST_PROBE_AFTER);
        }
        match report.connection {
            Some(config) => {
                self.enter_connected(now, config, Cause::Adopted);
                if !self.enabled {
                    self.hang_up(now, Cause::DisabledByConfig);
                } else if self.want.is_none() {
                    self.hang_up(now, Cause::InterfaceTeardown);
                } else if self.is_barred {
                    self.hang_up(now, Cause::QuotaUsed);
                } else if self.is_barred_abroad() {
                    self.hang_up(now, Cause::RoamingNotAllowed);
                } else if !self.is_whole() {
                    // It ended, or was not dialled yet, while there was no daemon.
                    self.refill(now);
                    self.refills = 0;
                }
            }
            None => self.settle(now),
        }
    }

    fn initialize_failed(&mut self, now: Instant, failure: &Failure) {
        let cause = match failure.kind {
            FailureKind::Timeout => Cause::Unresponsive,
            FailureKind::PortClosed => Cause::PortClosed,
            FailureKind::Link => Cause::LinkFormat,
            FailureKind::Refused
            | FailureKind::Network
            | FailureKind::Apn
            | FailureKind::Auth
            | FailureKind::PdpType
            | FailureKind::NotRegistered
            | FailureKind::WrongPin
            | FailureKind::PukRequired
            | FailureKind::Forgotten
            | FailureKind::Obstacle(_)
            | FailureKind::NoPpp
            | FailureKind::PppUnusable
            | FailureKind::Unsupported => Cause::InitializeFailed,
        };
        self.recover(now, cause, &failure.detail);
        self.raise(cause);
        if cause == Cause::Unresponsive {
            self.attempt = self.attempt.saturating_add(1);
            self.arm(Timer::Retry, now + PROBE_INTERVAL_SILENT);
        } else {
            self.back_off(now, cause);
        }
    }

    fn enable(&mut self, now: Instant, enabled: bool) {
        if self.enabled == enabled {
            return;
        }
        self.enabled = enabled;
        if !enabled {
            self.drop_bearer();
            if matches!(self.state, State::Connecting | State::Connected) {
                self.hang_up(now, Cause::DisabledByConfig);
            }
        }
        self.settle(now);
    }

    fn request_failed(&mut self, now: Instant, failure: &Failure) {
        if std::mem::take(&mut self.radio_cycling) {
            self.settle(now);
            return;
        }
        match self.state {
            State::Registered | State::Searching | State::Connecting | State::Connected => {
                self.selection_refused(now, failure);
            }
            // The radio stays off: it is switched again, for nothing else will.
            State::Disabled if self.enabled => {
                self.back_off(now, Cause::RadioFailed);
                self.enter(now, State::Disabled, Cause::RadioFailed, &failure.detail);
                self.raise(Cause::RadioFailed);
            }
            // It does not restart, so it is no use to wait for that.
            State::Recovering if self.timer(Timer::Retry).is_some() => {
                log::warn!("the modem does not restart: {}", failure.detail);
                self.arm(Timer::Retry, now + PROBE_INTERVAL_SILENT);
            }
            State::Absent
            | State::Initializing
            | State::Locked
            | State::Disabled
            | State::Disconnecting
            | State::Recovering
            | State::Failed => {
                log::warn!("the modem refused a request: {}", failure.detail);
            }
        }
    }

    fn registration_changed(&mut self, now: Instant) {
        match self.state {
            State::Searching | State::Registered => self.settle(now),
            State::Connecting | State::Connected if self.is_barred_abroad() => {
                self.hang_up(now, Cause::RoamingNotAllowed);
            }
            // The bearer's own end tells when it is gone: modems report short gaps in coverage
            // over which the bearer stays up.
            State::Absent
            | State::Initializing
            | State::Locked
            | State::Disabled
            | State::Connecting
            | State::Connected
            | State::Disconnecting
            | State::Recovering
            | State::Failed => {}
        }
    }

    fn mode_changed(&mut self, now: Instant, mode: OperatingMode) {
        self.facts.mode = Some(mode);
        if self.radio_cycling && mode == OperatingMode::LowPower {
            self.radio_cycling = false;
            self.disarm(Timer::Overdue);
        }
        match self.state {
            State::Disabled | State::Searching | State::Registered | State::Failed => {
                self.settle(now);
            }
            State::Initializing if self.cause == Cause::SimNotReady => self.settle(now),
            State::Absent
            | State::Initializing
            | State::Locked
            | State::Connecting
            | State::Connected
            | State::Disconnecting
            | State::Recovering => {}
        }
    }

    pub(super) fn sim_changed(&mut self, now: Instant, sim: crate::types::SimStatus) {
        let was = self.facts.sim.state;
        if sim.state == SimState::Ready
            && let Some(pin) = self.offered.take()
        {
            self.marks.conclude(&sim, &pin, true);
            self.keep_marks();
        }
        self.facts.sim = sim;
        let usable = self.facts.sim.state == SimState::Ready;
        match self.state {
            State::Initializing | State::Locked | State::Failed => self.settle(now),
            State::Disabled | State::Searching | State::Registered if was != SimState::Ready => {
                self.settle(now);
            }
            State::Disabled | State::Searching | State::Registered if !usable => self.settle(now),
            State::Connecting | State::Connected if self.facts.sim.state == SimState::Absent => {
                self.drop_bearer();
                self.hang_up(now, Cause::SimMissing);
            }
            State::Absent
            | State::Disabled
            | State::Searching
            | State::Registered
            | State::Connecting
            | State::Connected
            | State::Disconnecting
            | State::Recovering => {}
        }
    }

    fn unlock_failed(&mut self, now: Instant, failure: &Failure) {
        let Some(pin) = self.offered.take() else { return };
        if matches!(failure.kind, FailureKind::WrongPin | FailureKind::PukRequired) {
            self.marks.conclude(&self.facts.sim, &pin, false);
            self.keep_marks();
            self.stop(now, State::Locked, Cause::PinRejected, &failure.detail);
        } else {
            // Without any answer the SIM may still be at it, and what it says of the attempts left
            // may be old: not before the modem has been initialised anew.
            self.is_pin_held = failure.kind == FailureKind::Timeout;
            // No verdict on the PIN: it is offered again when that cost nothing, after a while.
            self.back_off(now, Cause::PinTriesUnknown);
            if self.state == State::Locked {
                self.enter(now, State::Locked, Cause::PinTriesUnknown, &failure.detail);
            }
        }
    }

    fn alive(&mut self, now: Instant) {
        if self.state != State::Recovering || !self.is_known {
            return;
        }
        self.disarm(Timer::Retry);
        self.arm_probe(now);
        match self.bearer.clone() {
            Some(config) => self.enter_connected(now, config, Cause::Adopted),
            // What it says of the attempts left is trusted after nothing less.
            None if self.is_pin_held || self.is_between_sims => {
                self.initialize(now, self.cause, false);
            }
            None => {
                self.enter(now, State::Initializing, self.cause, "");
                self.settle(now);
            }
        }
    }

    /// The modem is asked on until it answers; what it holds is left as it is.
    fn unresponsive(&mut self, now: Instant) {
        match self.state {
            State::Recovering | State::Absent => {}
            // Else initializing fails by itself.
            State::Initializing if !self.is_known => {}
            State::Initializing
            | State::Locked
            | State::Disabled
            | State::Searching
            | State::Registered
            | State::Connecting
            | State::Connected
            | State::Disconnecting
            | State::Failed => {
                self.recover_keeping(now, Cause::Unresponsive, "");
                self.raise(Cause::Unresponsive);
                self.arm(Timer::Probe, now + PROBE_INTERVAL_SILENT);
            }
        }
    }

    /// Stops everything and waits for the modem to come back.
    pub(super) fn recover(&mut self, now: Instant, cause: Cause, detail: &str) {
        self.is_known = false;
        self.give_up_operation();
        self.drop_bearer();
        self.recover_keeping(now, cause, detail);
        self.disarm(Timer::Probe);
    }

    fn recover_keeping(&mut self, now: Instant, cause: Cause, detail: &str) {
        if self.state == State::Disconnecting {
            self.act(Action::Disconnected);
        }
        self.offered = None;
        self.unmarked = None;
        self.radio_cycling = false;
        self.disarm(Timer::Overdue);
        self.disarm(Timer::Retry);
        self.enter(now, State::Recovering, cause, detail);
    }

    /// A modem that has stopped answering is asked in any case.
    pub(super) fn arm_probe(&mut self, now: Instant) {
        if self.is_quiet && self.state != State::Recovering {
            return;
        }
        let interval =
            if self.state == State::Recovering { PROBE_INTERVAL_SILENT } else { PROBE_INTERVAL };
        self.arm(Timer::Probe, now + interval);
    }
}
