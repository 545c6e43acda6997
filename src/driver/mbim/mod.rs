//! A modem that speaks MBIM.
//!
//! Each request is a procedure that reads as straight-line steps; see `driver::task` for how it
//! waits. What the procedures share is in the session.

mod bearer;
mod initialize;
mod pin;
mod radio;
mod session;
mod sim;

use super::task::Task;
use super::{Event, Failure, FailureKind, Request};
use crate::port::mbim;
use crate::time::Instant;
use crate::wire::mbim::{Indication, ProtocolError, Service};
use session::Session;

/// How many procedures may be under way beside the main one; more are refused.
const TASKS_MAX: usize = 8;

/// What speaks MBIM with one modem over one open port.
///
/// When it is dropped, the port is gone, and a later daemon may go on with the session: the
/// function is not closed.
pub struct MbimDriver {
    session: Session,
    /// Initialising, dialling or hanging up: one at a time, the latest asked for.
    main: Option<Task>,
    /// Whether the main one is initialising.
    initializing: bool,
    /// The rest.
    tasks: Vec<Task>,
    probe: Option<Task>,
}

impl core::fmt::Debug for MbimDriver {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MbimDriver").field("main", &self.main).finish_non_exhaustive()
    }
}

impl MbimDriver {
    /// For a port that was just opened, and takes messages of at most this many bytes at once.
    pub fn new(max_control_transfer: u16) -> Self {
        Self {
            session: Session::new(max_control_transfer),
            main: None,
            initializing: false,
            tasks: Vec::new(),
            probe: None,
        }
    }

    /// Does what is asked; [`MbimDriver::poll_event`] tells what came of it.
    pub fn handle_request(&mut self, now: Instant, request: Request) {
        self.session.state_mut().now = now;
        let session = self.session.clone();
        match request {
            Request::Initialize(request) => {
                self.tasks.clear();
                self.probe = None;
                self.start(Task::new(session.initialize(request)));
                self.initializing = true;
            }
            Request::Connect(settings) => self.start(Task::new(session.connect(settings))),
            Request::Disconnect => self.start(Task::new(session.disconnect())),
            Request::Unlock(pin) => self.spawn(Task::new(session.unlock(pin))),
            Request::Pin(request) => {
                // It always has an answer, for somebody waits for one.
                if self.tasks.len() < TASKS_MAX {
                    self.spawn(Task::new(session.operate_pin(request)));
                } else {
                    session.pin_not_sent("too many requests");
                }
            }
            Request::SetOperatingMode(mode) => {
                self.spawn(Task::new(session.set_operating_mode(mode)));
            }
            Request::Select(selection) => self.spawn(Task::new(session.select(selection))),
            Request::Reset => self.spawn(Task::new(session.reset())),
            Request::Probe => self.handle_probe(),
        }
        self.run();
    }

    /// Takes what one read of the port returned.
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        {
            let mut state = self.session.state_mut();
            state.now = now;
            state.port.handle_input(now, bytes);
        }
        self.run();
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        {
            let mut state = self.session.state_mut();
            state.now = now;
            state.port.handle_timeout(now);
        }
        self.run();
    }

    /// When [`MbimDriver::handle_timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let state = self.session.state();
        state.port.poll_timeout().into_iter().chain(state.wakes.iter().copied()).min()
    }

    /// What the modem told, in order.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.session.state_mut().events.pop_front()
    }

    /// The next message to the modem.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.session.state_mut().port.poll_transmit()
    }

    /// How many requests were sent over the port.
    pub fn requests_sent(&self) -> u64 {
        self.session.state().port.requests_sent()
    }

    fn start(&mut self, task: Task) {
        // Drops the procedure before first. What it had begun in the modem is ended by the next:
        // the session knows that it was dialled for.
        self.main = None;
        self.initializing = false;
        self.main = Some(task);
    }

    fn handle_probe(&mut self) {
        if self.probe.is_none() {
            self.probe = Some(Task::new(self.session.clone().probe()));
        }
    }

    fn spawn(&mut self, task: Task) {
        if self.tasks.len() < TASKS_MAX {
            self.tasks.push(task);
        } else {
            let failure = Failure::new(FailureKind::Refused, "too many procedures at once");
            self.session.emit(Event::RequestFailed(failure));
        }
    }

    /// Takes note of what the modem sent by itself, then lets every procedure go on.
    fn run(&mut self) {
        while let Some(event) = self.next_event() {
            match event {
                mbim::Event::Indication { service, cid, info } => {
                    self.indicated(service, cid, &info);
                }
                mbim::Event::FunctionError(error) => self.function_error(error),
            }
        }
        self.session.state_mut().wakes.clear();
        if self.main.as_mut().is_some_and(Task::poll) {
            self.main = None;
            self.initializing = false;
        }
        if self.probe.as_mut().is_some_and(Task::poll) {
            self.probe = None;
        }
        self.tasks.retain_mut(|task| !task.poll());
    }

    fn next_event(&self) -> Option<mbim::Event> {
        self.session.state_mut().port.poll_event()
    }

    fn function_error(&mut self, error: ProtocolError) {
        log::debug!("the modem complains: {error:?}");
        // While it is being opened, it is about what was sent before.
        if error == ProtocolError::NotOpened && !self.initializing {
            self.main = None;
            self.tasks.clear();
            self.probe = None;
            self.session.restarted();
        }
    }

    fn indicated(&mut self, service: Service, cid: u32, info: &[u8]) {
        let session = self.session.clone();
        match Indication::read(service, cid, info) {
            Err(error) => log::debug!("indication {service:?}/{cid}: {error}"),
            Ok(None) => {}
            Ok(Some(Indication::SubscriberReady(ready))) => {
                self.spawn(Task::new(session.card_changed(ready)));
            }
            Ok(Some(Indication::RadioState(radio))) => session.emit(Event::Mode(radio.mode())),
            Ok(Some(Indication::RegisterState(info))) => {
                session.note_registration(info);
                session.tell_registration();
            }
            Ok(Some(Indication::PacketService(service))) => {
                session.note_packet_service(service);
                session.tell_registration();
            }
            Ok(Some(Indication::SignalState(signal))) => {
                session.emit(Event::Signal(signal.signal()));
            }
            Ok(Some(Indication::Connect(info))) => {
                // One whose answer was given up on.
                if session.connect_told(info) && self.main.is_none() {
                    self.spawn(Task::new(async move { session.stop().await }));
                }
            }
            Ok(Some(Indication::IpConfiguration(configuration))) => {
                session.configuration_told(&configuration);
            }
        }
    }
}
