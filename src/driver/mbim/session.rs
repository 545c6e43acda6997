//! What the procedures of one modem share: its port, the time, and what is known of the modem.

use crate::driver::procedures::{Hold, Shared};
use crate::driver::{ANSWER_TIMEOUT, Event, Failure, FailureKind};
use crate::map::Queue;
use crate::port::mbim::{MbimPort, Reply, RequestError, TransactionId};
use crate::time::{Duration, Instant};
use crate::types::{IpConfig, Msisdn, OperatingMode, Registration, SimStatus};
use crate::wire::mbim::basic_connect::{ConnectInfo, DataClass, DeviceService, EventEntry};
use crate::wire::mbim::{AnyCommand, Body, Command, ProtocolError, Service, Status};
use core::marker::PhantomData;
use core::mem::{forget, replace};
use core::pin::Pin;
use core::task::{Context, Poll};
use std::cell::{Ref, RefCell, RefMut};
use std::rc::Rc;

/// What the procedures share.
pub(super) struct State {
    pub(super) messages: crate::driver::sms::SmsWork,
    pub(super) port: MbimPort,
    pub(super) now: Instant,
    pub(super) events: Queue<Event>,
    /// When a procedure wants to be polled although nothing has come.
    pub(super) wakes: Vec<Instant>,
    /// Whether the function was opened over this port.
    pub(super) is_open: bool,
    /// The services that it lists; none when it did not answer.
    pub(super) services: Vec<DeviceService>,
    /// Whether it takes QMI inside of MBIM.
    pub(super) has_qmi: bool,
    /// The technologies that the modem has.
    pub(super) data_class: DataClass,
    pub(super) sim: SimStatus,
    /// The SIM's phone number.
    pub(super) number: Option<Msisdn>,
    pub(super) mode: Option<OperatingMode>,
    pub(super) registration: Registration,
    /// Whether it cannot tell of cells.
    pub(super) lacks_base_stations: bool,
    /// When the time was asked for and answered.
    pub(super) timed_at: Option<Instant>,
    /// What the session was given, while it is up.
    pub(super) bearer: Option<IpConfig>,
    /// Whether the modem may have a session of ours: it was asked for one and has not said that it
    /// has none.
    pub(super) is_dialled: bool,
    /// Whether the session was to be ended and the modem did not answer.
    pub(super) is_unwanted: bool,
    /// What the modem last told of the session by itself.
    pub(super) told: Option<ConnectInfo>,
    /// How often it told of the session's addresses.
    pub(super) configs_told: u32,
    /// What it is to tell of beside Basic Connect.
    pub(super) told_services: Vec<EventEntry>,
}

impl State {
    /// Whether the modem lists a command; `None` without a list.
    pub(super) fn has(&self, service: Service, cid: u32) -> Option<bool> {
        let is_it = |it: &DeviceService| it.service == service && it.cids.contains(&cid);
        (!self.services.is_empty()).then(|| self.services.iter().any(is_it))
    }
}

impl Shared for Rc<RefCell<State>> {
    fn cancel(&self, id: TransactionId) {
        self.borrow_mut().port.cancel(id);
    }
}

/// A hold on the shared state.
#[derive(Clone)]
pub(super) struct Session(Hold<Rc<RefCell<State>>>);

impl Session {
    pub(super) fn new(max_control_transfer: u16) -> Self {
        let state = State {
            messages: crate::driver::sms::SmsWork::default(),
            port: MbimPort::new(max_control_transfer),
            now: Instant::ZERO,
            events: Queue::new(),
            wakes: Vec::new(),
            is_open: false,
            services: Vec::new(),
            has_qmi: false,
            data_class: DataClass::default(),
            sim: SimStatus::default(),
            number: None,
            mode: None,
            registration: Registration::default(),
            lacks_base_stations: false,
            timed_at: None,
            bearer: None,
            is_dialled: false,
            is_unwanted: false,
            told: None,
            configs_told: 0,
            told_services: Vec::new(),
        };
        Self(Hold::new(Rc::new(RefCell::new(state))))
    }

    /// The shared state. Never held over an `await`.
    pub(super) fn state(&self) -> Ref<'_, State> {
        self.0.borrow()
    }

    /// The shared state, to change. Never held over an `await`.
    pub(super) fn state_mut(&self) -> RefMut<'_, State> {
        self.0.borrow_mut()
    }

    pub(super) fn emit(&self, event: Event) {
        let mut state = self.state_mut();
        if let Event::Mode(mode) = &event {
            state.mode = Some(*mode);
        }
        state.events.push_back(event);
    }

    /// Sends a message. The reply comes when that is awaited.
    #[inline(never)]
    pub(super) fn request(&self, body: Body, timeout: Duration) -> Pending<'_> {
        let id = {
            let mut state = self.state_mut();
            let now = state.now;
            state.port.request(now, body, timeout)
        };
        self.0.asked(id);
        Pending { session: self, id }
    }

    /// Gives a command. Its response comes when that is awaited.
    pub(super) fn ask_for<C: Command>(&self, command: &C, timeout: Duration) -> Asked<'_, C> {
        Asked { pending: self.begin(command, timeout), reads: PhantomData }
    }

    /// Apart from what knows the kind of command, so that it is compiled once.
    #[inline(never)]
    fn begin(&self, command: &dyn AnyCommand, timeout: Duration) -> Pending<'_> {
        let id = {
            let mut state = self.state_mut();
            let now = state.now;
            state.port.send(now, command, timeout)
        };
        self.0.asked(id);
        Pending { session: self, id }
    }

    /// The same with the usual patience.
    pub(super) fn ask<C: Command>(&self, command: &C) -> Asked<'_, C> {
        self.ask_for(command, ANSWER_TIMEOUT)
    }
}

/// A message under way, given up when the session it was sent through is dropped. Written by hand,
/// for an `async` function would be compiled into every procedure that sends something.
pub(super) struct Pending<'a> {
    session: &'a Session,
    id: TransactionId,
}

impl Future for Pending<'_> {
    type Output = Result<Reply, RequestError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.take().map_or(Poll::Pending, Poll::Ready)
    }
}

impl Pending<'_> {
    #[inline(never)]
    fn take(&self) -> Option<Result<Reply, RequestError>> {
        let reply = self.session.state_mut().port.take_reply(self.id)?;
        self.session.0.answered(self.id);
        Some(reply)
    }

    /// Has the reply read, if there is one, by what knows the kind of command.
    #[inline(never)]
    fn read(&self, read: &mut dyn FnMut(Result<&Reply, RequestError>)) {
        if let Some(reply) = self.take() {
            read(reply.as_ref().map_err(|error| *error));
        }
    }
}

/// A command under way.
pub(super) struct Asked<'a, C> {
    pending: Pending<'a>,
    reads: PhantomData<fn() -> C>,
}

impl<C: Command> Future for Asked<'_, C> {
    type Output = Result<C::Response, RequestError>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = Poll::Pending;
        self.pending.read(&mut |reply| {
            // What it was before needs no dropping.
            forget(replace(&mut response, Poll::Ready(reply.and_then(Reply::read::<C>))));
        });
        response
    }
}

/// A refusal, or a reply that makes no sense, is an answer that is missing; a modem that does not
/// answer or has forgotten us is an error.
pub(super) fn unless_lost<T>(result: Result<T, RequestError>) -> Result<Option<T>, RequestError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(RequestError::Mbim(_) | RequestError::Malformed(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The failure that a request's error means.
pub(super) fn failure(error: RequestError) -> Failure {
    match error {
        RequestError::Timeout => Failure::new(FailureKind::Timeout, "no answer"),
        RequestError::PortClosed => Failure::new(FailureKind::PortClosed, "port closed"),
        RequestError::TooManyRequests => Failure::new(FailureKind::Refused, "too many requests"),
        RequestError::Malformed(error) => {
            Failure::new(FailureKind::Refused, &format!("malformed reply: {error}"))
        }
        RequestError::Protocol(error) => {
            let is_forgotten = error == ProtocolError::NotOpened;
            let kind = if is_forgotten { FailureKind::Forgotten } else { FailureKind::Refused };
            Failure::new(kind, &format!("MBIM error {error:?}"))
        }
        RequestError::Mbim(status) => status_failure(status),
    }
}

/// The failure that a status means.
pub(super) fn status_failure(status: Status) -> Failure {
    let known = KINDS.iter().find(|(known, _)| *known == status);
    let kind = known.map_or(FailureKind::Refused, |(_, kind)| *kind);
    Failure::new(kind, &format!("MBIM status {status:?}"))
}

/// The statuses that say more than that the modem refused.
const KINDS: [(Status, FailureKind); 9] = [
    (Status::NotRegistered, FailureKind::NotRegistered),
    (Status::ProvidersNotFound, FailureKind::NotRegistered),
    (Status::ProviderNotVisible, FailureKind::NotRegistered),
    (Status::PacketServiceDetached, FailureKind::NotRegistered),
    (Status::InvalidAccessString, FailureKind::Apn),
    (Status::InvalidUserNamePwd, FailureKind::Auth),
    (Status::ContextNotSupported, FailureKind::PdpType),
    (Status::NoDeviceSupport, FailureKind::Unsupported),
    (Status::InvalidDeviceServiceOperation, FailureKind::Unsupported),
];
