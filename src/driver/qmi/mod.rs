//! A modem that speaks QMI.
//!
//! Each request is a procedure that reads as straight-line steps; see `driver::task` for how it
//! waits. What the procedures share, and what they hold in the modem, is in the session.

mod bearer;
mod choice;
mod data_format;
mod end_reason;
mod initialize;
mod measure;
mod pin;
mod radio;
mod session;
mod sim;
mod sms;
mod ussd;

use super::procedures::{Procedures, Steps, earliest, steps};
use super::sms::{SmsJob, work};
use super::task::Task;
use super::{Event, HostReply, Request};
use crate::log;
use crate::time::Instant;
use crate::types::SmsPlace;
use crate::wire::qmi::ctl::{self, GetClientIdRequest};
use crate::wire::qmi::uim::CardStatusIndication;
use crate::wire::qmi::wds::PacketServiceStatusIndication;
use crate::wire::qmi::wms::EventReportIndication;
use crate::wire::qmi::{CLIENT_BROADCAST, Indication, Request as _, Service};
use session::{Session, State};

/// What speaks QMI with one modem over one open port.
pub struct QmiDriver {
    session: Session,
    procedures: Procedures,
}

impl core::fmt::Debug for QmiDriver {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("QmiDriver").finish_non_exhaustive()
    }
}

impl Default for QmiDriver {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for QmiDriver {
    /// The port is gone, and a later daemon may go on with what is held: nothing is released.
    fn drop(&mut self) {
        self.procedures.clear();
        self.session.forget_all();
    }
}

impl QmiDriver {
    /// For a port that was just opened.
    pub fn new() -> Self {
        Self { session: Session::new(), procedures: Procedures::default() }
    }

    /// Does what is asked; [`QmiDriver::poll_event`] tells what came of it.
    pub fn handle_request(&mut self, now: Instant, request: Request) {
        self.session.state_mut().now = now;
        self.procedures.begin(&self.session, request);
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

    /// Takes the answer to [`Event::SetLink`].
    pub fn handle_host_reply(&mut self, now: Instant, reply: HostReply) {
        {
            let mut state = self.session.state_mut();
            state.now = now;
            state.host_reply = Some(reply);
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

    /// When [`QmiDriver::handle_timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let state = self.session.state();
        earliest(state.port.poll_timeout(), &state.wakes)
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

    /// Gives up what is under way, and gives back what it held in the modem.
    pub fn give_up(&mut self) {
        self.procedures.clear();
    }

    /// Takes note of what the modem sent by itself, then lets every procedure go on.
    fn run(&mut self) {
        while let Some(indication) = self.next_indication() {
            self.indicated(&indication);
        }
        self.release_late_clients();
        self.session.follow_releases();
        self.session.state_mut().wakes.clear();
        self.procedures.run();
    }

    fn next_indication(&self) -> Option<crate::port::qmi::Indication> {
        self.session.state_mut().port.poll_indication()
    }

    /// A client id whose allocation was given up on is not forgotten in the modem.
    fn release_late_clients(&self) {
        loop {
            let Some(reply) = self.session.state_mut().port.poll_late_reply() else { return };
            let is_client =
                reply.service == Service::Ctl && reply.message == GetClientIdRequest::MESSAGE;
            if is_client
                && let Ok(id) = GetClientIdRequest::read(reply.tlvs())
                && !self.session.holds(&id)
            {
                self.session.release(id);
            }
        }
    }

    fn indicated(&mut self, raw: &crate::port::qmi::Indication) {
        let session = self.session.clone();
        match Indication::read(raw.service, raw.message, raw.tlvs()) {
            Err(error) => log::debug!("indication {:?} {:#06x}: {error}", raw.service, raw.message),
            Ok(None) => {}
            Ok(Some(Indication::CtlSync(ctl::SyncIndication))) => {
                // Our own request to forget all clients brings one as well.
                if !self.procedures.is_initializing() {
                    self.restarted();
                }
            }
            Ok(Some(Indication::CtlRevokeClientId(_))) => {
                // The next probe tells what is left.
                self.procedures.begin(&self.session, Request::Probe);
            }
            Ok(Some(Indication::WdsPacketServiceStatus(status))) => {
                self.packet_service_status(raw.client, &status);
            }
            Ok(Some(Indication::UimCardStatus(CardStatusIndication { status }))) => {
                self.procedures.spawn(&self.session, Task::new(session.card_changed(status)));
            }
            Ok(Some(Indication::WmsEventReport(report))) => self.message_came(report),
            Ok(Some(Indication::VoiceUssd(told))) => session.ussd_told(told),
            Ok(Some(Indication::DmsEventReport(report))) => {
                if let Some(mode) = report.operating_mode {
                    session.emit(Event::Mode(mode));
                }
            }
            Ok(Some(Indication::NasServingSystem(system))) => {
                self.procedures.spawn(
                    &self.session,
                    Task::new(session.registration_changed(system.registration())),
                );
            }
            Ok(Some(Indication::NasNetworkTime(time))) => session.tell_time(time),
            Ok(Some(Indication::NasSignalInfo(info))) => {
                session.emit(Event::Signal(info.best().unwrap_or_default()));
            }
        }
    }

    fn message_came(&mut self, report: EventReportIndication) {
        let session = self.session.clone();
        if let Some(place) = report.stored {
            let place = SmsPlace { memory: place.storage.code(), index: place.index };
            self.procedures
                .message(Task::new(work(Box::new(session.clone()), SmsJob::Read(place))));
        }
        if let Some(told) = report.transferred {
            self.procedures.message(Task::new(session.message_transferred(told)));
        }
    }

    /// The firmware restarted: nothing we held in it is left.
    fn restarted(&mut self) {
        self.procedures.clear();
        self.session.forget_all();
        self.session.emit(Event::Restarted);
    }

    fn packet_service_status(&mut self, client: u8, status: &PacketServiceStatusIndication) {
        if client == CLIENT_BROADCAST {
            // For all and so for none by name: the probe asks each call for itself.
            self.procedures.begin(&self.session, Request::Probe);
            return;
        }
        if let Some(family) = self.session.packet_service_status(client, status) {
            let session = self.session.clone();
            self.procedures.spawn(&self.session, Task::new(session.reconfigure(family)));
        }
    }
}

steps!(Session, State);
