//! One modem's state machine and its policy: states, timers, causes, back-off.
//!
//! Takes commands (asked of us), driver events (heard from the modem) and time; gives actions.
//! Knows nothing of QMI, MBIM or AT, of UCI, ubus or netifd, and touches nothing. The drawing is in
//! `ARCHITECTURE.md`.

pub mod backoff;
mod cause;
mod connection;
pub mod ladder;
mod machine;
mod offers;
mod owner;
pub mod pin;
mod recovery;
mod reject;
mod settle;
pub mod slots;
mod state;
#[cfg(test)]
mod tests;

pub use cause::{Cause, Policy, Remedy};
pub use offers::ApnOffer;
pub use owner::{PinCommand, PinRefusal};
pub use state::State;

use crate::config::RecoveryStep;
use crate::driver::{PageRequest, PppOrder, Request, Selection};
use crate::map::Queue;
use crate::time::{Duration, Instant};
use crate::types::{
    ApnCandidate, BearerSettings, DeviceIdentity, IpConfig, LinkMode, OperatingMode, Registration,
    Secret, SimStatus, Table,
};
use backoff::Jitter;
use ladder::{Ladder, Means};
use offers::Offers;
use owner::Operation;
use pin::Marks;

/// How often a quiet modem is asked whether it is alive. With the driver's patience for an answer
/// this names a silent modem within 15 s.
pub const PROBE_INTERVAL: Duration = Duration::from_secs(10);

/// How soon after its initialisation a modem is asked what it hears.
pub const FIRST_PROBE_AFTER: Duration = Duration::from_secs(1);

/// How often a modem that stopped answering is asked again.
pub const PROBE_INTERVAL_SILENT: Duration = Duration::from_secs(1);

/// How long to look for a network before saying that there is none.
pub const SEARCH_PATIENCE: Duration = Duration::from_secs(60);

/// How long a SIM may take to open after a PIN that it has not refused.
pub const VERDICT_PATIENCE: Duration = Duration::from_secs(60);

/// A connection that lasted this long is no reason to wait before the next attempt.
pub const STABLE_AFTER: Duration = Duration::from_secs(10);

/// How long after one of two bearers ended it is dialled again beside the other.
pub const REFILL_AFTER: Duration = Duration::from_secs(1);

/// How long a reset modem may take to come back before it is initialised as if it had.
pub const RESET_PATIENCE: Duration = Duration::from_secs(90);

/// How long the end of a bearer may take before it is given up on.
pub const DISCONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// Asked of the modem's machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// The control port is open.
    Start,
    /// The control port is closed.
    PortLost,
    /// An interface wants to be connected.
    Connect(Want),
    /// The access points of the SIM's operator are being looked up.
    AwaitApns,
    /// These are they, in the order in which they are tried.
    OfferApns(Vec<ApnOffer>),
    /// No interface wants to be connected any more.
    Disconnect,
    /// End the connection and dial again.
    Redial,
    /// Nothing answers through the connection: dial again, or do what helps more. Only while
    /// connected.
    CheckFailed,
    /// Switch the radio off and on.
    CycleRadio,
    /// Have the modem restart itself, for this cause.
    Restart(Cause),
    /// Cut the modem's power or pull its reset line.
    CyclePower(RecoveryStep),
    /// The watchdog has had an answer through the connection.
    CheckPassed,
    /// Whether [`Action::KeepMarks`] was done.
    MarksKept(bool),
    /// It is being told to use another SIM: no PIN is offered until it has been got to know anew.
    SwitchSim,
    /// It uses another SIM now, or may.
    SimSwitched,
    /// It stays with the SIM it has, as if it had never been told.
    SimKept,
    /// Whether the modem may be used at all.
    Enable(bool),
    /// Whether the SIM's quota is used up, so that it may not be connected.
    Bar(bool),
    /// Do what the owner wants done with the PIN; [`Action::PinDone`] follows.
    Pin(PinCommand),
}

/// What an interface wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Want {
    /// What to dial with.
    pub bearer: BearerSettings,
    /// The PIN to offer when the SIM asks.
    pub pin: Option<Secret>,
    /// Whether to connect abroad.
    pub allow_roaming: bool,
    /// Which networks to use.
    pub selection: Selection,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Ask the driver to initialise the modem, adopting what is saved when `adopt`.
    Initialize {
        /// Whether bearers of an earlier daemon may be used on.
        adopt: bool,
    },
    /// Ask the driver.
    Ask(Request),
    /// The interface should show this cause as an error.
    Trouble(Cause),
    /// The disconnection asked for is done.
    Disconnected,
    /// The state changed.
    StateChanged {
        /// What it was.
        from: State,
        /// What it is.
        to: State,
        /// Why.
        cause: Cause,
    },
    /// Keep the marks on flash; [`Command::MarksKept`] follows.
    KeepMarks(Table),
    /// Have the modem restart itself.
    Restart,
    /// Cut the modem's power or pull its reset line.
    CyclePower(RecoveryStep),
    /// Restart the router, should nothing stand against it.
    Reboot,
    /// A connection is up with this access point of several, after others were refused.
    ApnWorked(ApnCandidate),
    /// Keep where the ladder stands, until [`Action::Lasted`] or the router restarts.
    KeepLadder(Table),
    /// The connection has lasted so long that whatever was wrong before is over.
    Lasted,
    /// What a later daemon needs; empty when nothing is worth keeping.
    KeepBearers(Table),
    /// Put the kernel's link into this mode.
    SetLink(LinkMode),
    /// Begin, keep or end the PPP session.
    Ppp(PppOrder),
    /// Read this from the device's own page.
    ReadPage(PageRequest),
    /// What came of [`Command::Pin`].
    PinDone(Result<(), PinRefusal>),
}

/// What the machine waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Try again what failed.
    Retry,
    /// Ask whether the modem is alive.
    Probe,
    /// Tell the interface that no network was found.
    SearchPatience,
    /// Go on although the driver has not answered.
    Overdue,
    /// Choose networks and technologies again, which was refused.
    Selection,
    /// Take the next rung of the recovery ladder.
    Climb,
    /// Give up waiting for what the SIM makes of a PIN.
    Verdict,
}

const TIMERS: [Timer; 7] = [
    Timer::Retry,
    Timer::Probe,
    Timer::SearchPatience,
    Timer::Overdue,
    Timer::Selection,
    Timer::Climb,
    Timer::Verdict,
];

/// One modem.
#[derive(Debug)]
pub struct Modem {
    state: State,
    since: Instant,
    cause: Cause,
    detail: String,
    /// Whether the driver has reported on the modem since it was last found or restarted. Until
    /// then what is known of it is old, and nothing is decided.
    is_known: bool,
    enabled: bool,
    is_barred: bool,
    want: Option<Want>,
    offers: Offers,
    facts: Facts,
    refinement: DeviceIdentity,
    bearer: Option<IpConfig>,
    /// Whether the modem has ever been initialised.
    was_initialized: bool,
    marks: Marks,
    offered: Option<Secret>,
    /// A PIN in a request that goes out when its mark is on flash.
    unmarked: Option<Request>,
    /// How often marks were given to be kept without word of it yet.
    marks_unkept: u32,
    /// Whether an offer was never answered, so that none is made until the modem starts anew.
    is_pin_held: bool,
    /// Whether another SIM is being chosen: no PIN is offered before it is known which it is.
    is_between_sims: bool,
    /// What the owner is having done with the PIN.
    operation: Option<Operation>,
    selected: Selection,
    /// How often the selection was refused in a row.
    selection_refusals: u32,
    /// The modem's own word for it; `None` when it was not, or is being chosen again.
    selection_refused: Option<String>,
    trouble: Option<Cause>,
    attempt: u32,
    connected_since: Option<Instant>,
    /// Whether the connection has lasted.
    has_lasted: bool,
    /// How often a family that ended beside the other was dialled.
    refills: u32,
    refilled_at: Option<Instant>,
    radio_cycling: bool,
    ladder: Ladder,
    means: Means,
    /// Whether the modem is asked nothing that nobody wants to know.
    is_quiet: bool,
    jitter: Jitter,
    timers: [Option<Instant>; TIMERS.len()],
    actions: Queue<Action>,
}

/// What is known of the modem.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Who it is.
    pub identity: DeviceIdentity,
    /// Whether its radio is on.
    pub mode: Option<OperatingMode>,
    /// Its SIM.
    pub sim: SimStatus,
    /// Where it is registered.
    pub registration: Registration,
    /// Whether it is nothing but a link.
    pub is_tether: bool,
}

impl Modem {
    /// A modem that has just been found. `seed` spreads its retries.
    pub fn new(now: Instant, seed: u64) -> Self {
        Self {
            state: State::Absent,
            since: now,
            cause: Cause::Found,
            detail: String::new(),
            is_known: false,
            enabled: true,
            is_barred: false,
            want: None,
            offers: Offers::default(),
            facts: Facts::default(),
            refinement: DeviceIdentity::default(),
            bearer: None,
            was_initialized: false,
            marks: Marks::default(),
            offered: None,
            unmarked: None,
            marks_unkept: 0,
            is_pin_held: false,
            is_between_sims: false,
            operation: None,
            selected: Selection::default(),
            selection_refusals: 0,
            selection_refused: None,
            trouble: None,
            attempt: 0,
            connected_since: None,
            has_lasted: false,
            refills: 0,
            refilled_at: None,
            radio_cycling: false,
            ladder: Ladder::default(),
            means: Means::default(),
            is_quiet: false,
            jitter: Jitter::new(seed),
            timers: [None; TIMERS.len()],
            actions: Queue::new(),
        }
    }

    /// The state.
    pub const fn state(&self) -> State {
        self.state
    }

    /// When it was entered.
    pub const fn since(&self) -> Instant {
        self.since
    }

    /// Why it was entered.
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// The modem's own word for the cause; may be empty.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What is known of the modem.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Whether the driver has reported on the modem since it was last found or restarted.
    pub const fn is_known(&self) -> bool {
        self.is_known
    }

    /// Whether the modem is not to be asked again and again whether it is alive.
    pub fn set_quiet(&mut self, now: Instant, is_quiet: bool) {
        let was_quiet = std::mem::replace(&mut self.is_quiet, is_quiet);
        if was_quiet && self.is_known {
            self.arm_probe(now);
        }
    }

    /// The addresses of the live bearers. An interface is up exactly while there is a link: a
    /// bearer that may still be held by a modem that does not answer is none.
    pub fn link(&self) -> Option<&IpConfig> {
        self.bearer.as_ref().filter(|_| self.state == State::Connected)
    }

    /// Whether a family that is not up may still come, beside the other.
    pub fn awaits_family(&self) -> bool {
        let is_due = self.timers.get(Timer::Retry as usize).is_some_and(Option::is_some);
        !self.is_whole() && (self.refills > 0 || is_due)
    }

    /// What the interface should show as an error.
    pub const fn trouble(&self) -> Option<Cause> {
        self.trouble
    }

    /// How often connecting has failed since it last worked.
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// When the next attempt is due.
    pub fn next_retry(&self) -> Option<Instant> {
        self.timer(Timer::Retry)
    }

    /// Why the networks and technologies chosen were refused, and when they are chosen again.
    pub fn refused_selection(&self) -> Option<(&str, Option<Instant>)> {
        Some((self.selection_refused.as_deref()?, self.timer(Timer::Selection)))
    }

    /// Whether a PIN is on its way to the SIM.
    pub const fn is_offering_pin(&self) -> bool {
        self.offered.is_some() || self.operation.is_some()
    }

    /// Whether an interface wants it connected.
    pub const fn want(&self) -> Option<&Want> {
        self.want.as_ref()
    }

    /// Takes what another port says of the modem where the control port's word is missing or, as
    /// for the model, only generic.
    pub fn refine_identity(&mut self, identity: DeviceIdentity) {
        self.refinement = identity;
        self.refine();
    }

    fn refine(&mut self) {
        let (known, other) = (&mut self.facts.identity, self.refinement.clone());
        known.manufacturer = other.manufacturer.or(known.manufacturer.take());
        known.model = other.model.or(known.model.take());
        known.revision = known.revision.take().or(other.revision);
        known.imei = known.imei.take().or(other.imei);
    }

    /// Uses what was kept of earlier attempts at PINs.
    pub fn restore_marks(&mut self, marks: Marks) {
        self.marks = marks;
    }

    /// What is to be done next, in order.
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Modem::handle_timeout`] is wanted, and for what.
    pub fn poll_timeout(&self) -> Option<(Instant, Timer)> {
        let mut first: Option<(Instant, Timer)> = None;
        for timer in TIMERS {
            if let Some(at) = self.timer(timer)
                && first.is_none_or(|(first, _)| at < first)
            {
                first = Some((at, timer));
            }
        }
        first
    }

    fn timer(&self, timer: Timer) -> Option<Instant> {
        self.timers.get(timer as usize).copied().flatten()
    }

    fn arm(&mut self, timer: Timer, at: Instant) {
        if let Some(slot) = self.timers.get_mut(timer as usize) {
            *slot = Some(at);
        }
    }

    fn disarm(&mut self, timer: Timer) {
        if let Some(slot) = self.timers.get_mut(timer as usize) {
            *slot = None;
        }
    }

    /// Counts a failure, and waits ever longer before it is tried again.
    fn back_off(&mut self, now: Instant, cause: Cause) {
        self.attempt = self.attempt.saturating_add(1);
        let wait = backoff::delay(cause, self.attempt, &mut self.jitter);
        self.arm(Timer::Retry, now + wait);
    }

    fn act(&mut self, action: Action) {
        self.actions.push_back(action);
    }

    fn ask(&mut self, request: Request) {
        self.act(Action::Ask(request));
    }
}
