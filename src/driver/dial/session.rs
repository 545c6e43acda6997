//! What the procedures of one modem share: its port, the time, and what is known of the modem.

use super::bearer::Bearer;
use super::dialect::{Dialect, dialect_of};
use crate::driver::procedures::{Hold, Shared};
use crate::driver::sms::SmsWork;
use crate::driver::{ANSWER_TIMEOUT, Event, Failure, FailureKind};
use crate::map::{Map, Queue};
use crate::port::at::{AtError, AtPort, RequestError, TransactionId};
use crate::time::{Duration, Instant};
use crate::types::{IpConfig, OperatingMode, Registration, SimStatus};
use crate::wire;
use crate::wire::at::{CmeError, Command, Domain, DomainStatus, Fields, Operator};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::cell::{Ref, RefCell, RefMut};
use std::rc::Rc;

/// The lines of an answer, or why there are none.
pub(super) type Answer = Result<Vec<String>, RequestError>;

/// What the procedures share.
pub(super) struct State {
    pub(super) now: Instant,
    pub(super) events: Queue<Event>,
    /// When a procedure wants to be polled although nothing has come.
    pub(super) wakes: Vec<Instant>,
    pub(super) vid: u16,
    pub(super) pid: u16,
    pub(super) dialect: &'static Dialect,
    /// Whether the modem has been got to know.
    pub(super) is_known: bool,
    pub(super) sim: SimStatus,
    /// Whether it was asked for the SIM's phone number.
    pub(super) is_named: bool,
    /// How often the SIM has told its state.
    pub(super) words_of_sim: u32,
    pub(super) mode: Option<OperatingMode>,
    /// What each domain that the modem has says of registration.
    pub(super) domains: Map<Domain, DomainStatus>,
    /// The network, while registered.
    pub(super) operator: Option<Operator>,
    /// What was told of it last.
    pub(super) registration: Registration,
    pub(super) messages: SmsWork,
    /// The memory for messages in use, once that is known.
    pub(super) memory: Option<u8>,
    /// Whether the technologies to use were ever restricted.
    pub(super) is_restricted: bool,
    pub(super) lacks_cesq: bool,
    /// The call, while it is up.
    pub(super) bearer: Option<Bearer>,
    /// The context of a call that the modem may have: it was dialled and has not ended.
    pub(super) dialled: Option<u8>,
    /// Whether that call was to be ended and the modem did not answer.
    pub(super) is_unwanted: bool,
    /// What the modem last told of the call by itself: nothing while it is up.
    pub(super) told: Option<Result<(), Failure>>,
    /// Whether data goes by PPP.
    pub(super) is_ppp: bool,
    /// What the PPP session was given.
    pub(super) ppp: IpConfig,
    /// The commands sent.
    pub(super) sent: u64,
}

/// The port and what else is shared.
#[derive(Clone)]
struct Shares {
    port: Rc<RefCell<AtPort>>,
    state: Rc<RefCell<State>>,
}

impl Shared for Shares {
    fn cancel(&self, id: TransactionId) {
        self.port.borrow_mut().cancel(id);
    }
}

/// A hold on the shared state.
#[derive(Clone)]
pub(super) struct Session(Hold<Shares>);

impl Session {
    pub(super) fn new(port: Rc<RefCell<AtPort>>, vid: u16, pid: u16) -> Self {
        let state = State {
            messages: SmsWork::default(),
            memory: None,
            now: Instant::ZERO,
            events: Queue::new(),
            wakes: Vec::new(),
            vid,
            pid,
            dialect: dialect_of(vid, pid, ""),
            is_known: false,
            sim: SimStatus::default(),
            is_named: false,
            words_of_sim: 0,
            mode: None,
            domains: Map::new(),
            operator: None,
            registration: Registration::default(),
            is_restricted: false,
            lacks_cesq: false,
            bearer: None,
            dialled: None,
            is_unwanted: false,
            told: None,
            is_ppp: false,
            ppp: IpConfig::default(),
            sent: 0,
        };
        Self(Hold::new(Shares { port, state: Rc::new(RefCell::new(state)) }))
    }

    /// The shared state. Never held over an `await`.
    pub(super) fn state(&self) -> Ref<'_, State> {
        self.0.state.borrow()
    }

    /// The shared state, to change. Never held over an `await`.
    pub(super) fn state_mut(&self) -> RefMut<'_, State> {
        self.0.state.borrow_mut()
    }

    /// The port. Never held over an `await`.
    pub(super) fn port(&self) -> RefMut<'_, AtPort> {
        self.0.port.borrow_mut()
    }

    pub(super) fn emit(&self, event: Event) {
        let mut state = self.state_mut();
        if let Event::Mode(mode) = &event {
            state.mode = Some(*mode);
        }
        // Another SIM has another number.
        state.is_named &= !matches!(event, Event::Sim(_));
        state.events.push_back(event);
    }

    /// Gives a command. Its answer comes when that is awaited.
    pub(super) fn ask_for(&self, command: impl Into<Asked>, timeout: Duration) -> Pending<'_> {
        self.send(command.into().0, timeout)
    }

    fn send(&self, command: Result<Command, wire::Error>, timeout: Duration) -> Pending<'_> {
        let id = match command {
            Ok(command) => {
                let now = {
                    let mut state = self.state_mut();
                    state.sent = state.sent.saturating_add(1);
                    state.now
                };
                self.port().request(now, command, timeout)
            }
            Err(error) => self.port().refuse(RequestError::Malformed(error)),
        };
        self.0.asked(id);
        Pending { session: self, id }
    }

    /// The same with the usual patience.
    pub(super) fn ask(&self, command: impl Into<Asked>) -> Pending<'_> {
        self.ask_for(command, ANSWER_TIMEOUT)
    }

    /// Gives a command by its text, `AT` left out.
    pub(super) fn ask_text(&self, command: &'static str) -> Pending<'_> {
        self.ask_template(command, 0)
    }

    /// Gives a command of the table's that needs to know no more than the context.
    pub(super) fn ask_template(&self, template: &'static str, cid: u8) -> Pending<'_> {
        self.ask(Command::from_template(template, &Fields { cid, ..Fields::default() }))
    }

    /// As [`Session::ask_text`]. A refusal is an answer without lines.
    pub(super) fn lines(&self, command: &'static str) -> Lines<'_> {
        self.lines_of(command, 0)
    }

    /// The same with a command of the table's.
    #[inline(never)]
    pub(super) fn lines_of(&self, template: &'static str, cid: u8) -> Lines<'_> {
        self.ask_template(template, cid).lines()
    }
}

/// A command, or why there can be none.
pub(super) struct Asked(Result<Command, wire::Error>);

impl From<Command> for Asked {
    fn from(command: Command) -> Self {
        Self(Ok(command))
    }
}

impl From<Result<Command, wire::Error>> for Asked {
    fn from(command: Result<Command, wire::Error>) -> Self {
        Self(command)
    }
}

/// A command under way, given up when the session it was given through is dropped. Written by
/// hand, for an `async` function would be compiled into every procedure that gives a command.
pub(super) struct Pending<'a> {
    session: &'a Session,
    id: TransactionId,
}

impl<'a> Pending<'a> {
    /// A refusal is an answer without lines.
    pub(super) fn lines(self) -> Lines<'a> {
        Lines(self)
    }
}

impl Future for Pending<'_> {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Answer> {
        let Some(reply) = self.session.port().take_reply(self.id) else { return Poll::Pending };
        self.session.0.answered(self.id);
        Poll::Ready(reply.map(|reply| reply.lines))
    }
}

/// A command under way, whose refusal is an answer without lines.
pub(super) struct Lines<'a>(Pending<'a>);

impl Future for Lines<'_> {
    type Output = Result<Vec<String>, Failure>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(context);
        answer.map(|answer| unless_lost(answer).map(Option::unwrap_or_default))
    }
}

/// A refusal is an answer that is missing; a modem that does not answer is a failure.
#[inline(never)]
pub(super) fn unless_lost(answer: Answer) -> Result<Option<Vec<String>>, Failure> {
    match answer {
        Ok(lines) => Ok(Some(lines)),
        Err(RequestError::At(_) | RequestError::Malformed(_)) => Ok(None),
        Err(error) => Err(failure(error)),
    }
}

/// The failure that a command's error means.
pub(super) fn failure(error: RequestError) -> Failure {
    let kind = match &error {
        RequestError::Timeout => FailureKind::Timeout,
        RequestError::PortClosed => FailureKind::PortClosed,
        RequestError::QueueFull | RequestError::Malformed(_) => FailureKind::Refused,
        RequestError::At(AtError::Cme(error)) => kind_of(error),
        RequestError::At(
            AtError::NoCarrier | AtError::Busy | AtError::NoAnswer | AtError::NoDialtone,
        ) => FailureKind::Network,
        RequestError::At(AtError::Error | AtError::Cms(_)) => FailureKind::Refused,
    };
    let detail = match &error {
        // A text for a number is the modem's own.
        RequestError::At(AtError::Cme(CmeError::OtherText)) => "+CME ERROR".to_owned(),
        RequestError::At(AtError::Cme(error)) => {
            format!("+CME ERROR {}: {error}", error.code().unwrap_or_default())
        }
        RequestError::At(AtError::Cms(_)) => "+CMS ERROR".to_owned(),
        RequestError::Timeout
        | RequestError::PortClosed
        | RequestError::QueueFull
        | RequestError::At(_)
        | RequestError::Malformed(_) => error.to_string(),
    };
    Failure::new(kind, &detail)
}

/// The errors that say more than that the modem refused. TS 27.007 9.2, by number.
const KINDS: &[(u16, FailureKind)] = &[
    (4, FailureKind::Unsupported),
    (12, FailureKind::PukRequired),
    (16, FailureKind::WrongPin),
    (30, FailureKind::NotRegistered),
    (31, FailureKind::Network),
    (32, FailureKind::NotRegistered),
    (100, FailureKind::Refused),
    (103, FailureKind::NotRegistered),
    (106, FailureKind::NotRegistered),
    (107, FailureKind::NotRegistered),
    (108, FailureKind::NotRegistered),
    (110, FailureKind::NotRegistered),
    (111, FailureKind::NotRegistered),
    (112, FailureKind::NotRegistered),
    (113, FailureKind::NotRegistered),
    (114, FailureKind::NotRegistered),
    (115, FailureKind::NotRegistered),
    (127, FailureKind::Apn),
    (128, FailureKind::PdpType),
    (129, FailureKind::Auth),
    (133, FailureKind::Apn),
    (149, FailureKind::Auth),
    (179, FailureKind::Apn),
    (192, FailureKind::PdpType),
    (193, FailureKind::PdpType),
    (194, FailureKind::PdpType),
    (196, FailureKind::PdpType),
    (213, FailureKind::Apn),
    (218, FailureKind::Apn),
];

fn kind_of(error: &CmeError) -> FailureKind {
    let Some(code) = error.code() else { return FailureKind::Refused };
    let known = KINDS.iter().find(|(known, _)| *known == code).map(|(_, kind)| *kind);
    // From 101 on they are the network's.
    let other = if code > 100 { FailureKind::Network } else { FailureKind::Refused };
    known.unwrap_or(other)
}
