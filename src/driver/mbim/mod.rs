//! A modem that speaks MBIM.
//!
//! Each request is a procedure that reads as straight-line steps; see `driver::task` for how it
//! waits. What the procedures share is in the session.

mod bearer;
mod guest;
mod initialize;
mod pin;
mod radio;
mod session;
mod sim;
mod sms;
mod ussd;

use super::choice::RadioRequest;
use super::procedures::{Procedures, Steps, earliest, steps};
use super::task::Task;
use super::{Event, Request};
use crate::log;
use crate::port::mbim;
use crate::time::Instant;
use crate::wire::mbim::{CID_QMI_MSG, Indication, ProtocolError, Service};
use guest::Guest;
use session::{Session, State};

/// What speaks MBIM with one modem over one open port.
///
/// When it is dropped, the port is gone, and a later daemon may go on with the session: the
/// function is not closed.
pub struct MbimDriver {
    session: Session,
    procedures: Procedures,
    guest: Guest,
}

impl core::fmt::Debug for MbimDriver {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("MbimDriver").finish_non_exhaustive()
    }
}

impl MbimDriver {
    /// For a port that was just opened, and takes messages of at most this many bytes at once.
    pub fn new(max_control_transfer: u16) -> Self {
        Self {
            session: Session::new(max_control_transfer),
            procedures: Procedures::default(),
            guest: Guest::new(),
        }
    }

    /// Does what is asked; [`MbimDriver::poll_event`] tells what came of it.
    pub fn handle_request(&mut self, now: Instant, request: Request) {
        self.session.state_mut().now = now;
        let is_bands =
            matches!(request, Request::Radio(_, RadioRequest::Bands | RadioRequest::SetBands(_)));
        if is_bands && self.has_bands() {
            self.guest.handle_request(&self.session, request);
            return;
        }
        if matches!(request, Request::Initialize(_)) {
            self.guest.give_up();
        }
        self.procedures.begin(&self.session, request);
        self.run();
    }

    /// Whether it can be asked for bands.
    pub fn has_bands(&self) -> bool {
        self.session.state().has_qmi
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
        self.guest.handle_timeout(now);
        self.run();
    }

    /// When [`MbimDriver::handle_timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let state = self.session.state();
        let own = earliest(state.port.poll_timeout(), &state.wakes);
        earliest(own, self.guest.poll_timeout().as_slice())
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
        self.procedures.run();
        self.guest.carry(&self.session);
    }

    fn next_event(&self) -> Option<mbim::Event> {
        self.session.state_mut().port.poll_event()
    }

    fn function_error(&mut self, error: ProtocolError) {
        log::debug!("the modem complains: {error:?}");
        // While it is being opened, it is about what was sent before.
        if error == ProtocolError::NotOpened && !self.procedures.is_initializing() {
            self.procedures.clear();
            self.session.restarted();
        }
    }

    fn indicated(&mut self, service: Service, cid: u32, info: &[u8]) {
        let session = self.session.clone();
        if (service, cid) == (Service::Qmi, CID_QMI_MSG) {
            let now = session.state().now;
            self.guest.handle_indication(now, info);
            return;
        }
        match Indication::read(service, cid, info) {
            Err(error) => log::debug!("indication {service:?}/{cid}: {error}"),
            Ok(None) => {}
            Ok(Some(Indication::SubscriberReady(ready))) => {
                self.procedures.spawn(&self.session, Task::new(session.card_changed(ready)));
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
                let rat = session.state().registration.rat;
                session.emit(Event::Signal(signal.signal(rat)));
            }
            Ok(Some(Indication::Connect(info))) => {
                // One whose answer was given up on.
                if session.connect_told(info) && self.procedures.is_main_idle() {
                    self.procedures
                        .spawn(&self.session, Task::new(async move { session.stop().await }));
                }
            }
            Ok(Some(Indication::IpConfiguration(configuration))) => {
                session.configuration_told(&configuration);
            }
            Ok(Some(Indication::SmsRead(records))) => session.received(records),
            Ok(Some(Indication::SmsStoreStatus(status))) => {
                self.procedures.message(Task::new(session.store_told(status)));
            }
            Ok(Some(Indication::Ussd(info))) => session.ussd_told(info),
        }
    }
}

steps!(Session, State);
