//! A modem that is controlled and dialled over AT, and whose data goes over a net device, or over
//! another of its serial ports by PPP.
//!
//! Each request is a procedure that reads as straight-line steps; see `driver::task` for how it
//! waits. How each vendor's modems are dialled is a table, `dialect`. The port is shared with the
//! [`AtDriver`] that found it and that goes on to carry the owner's commands.

mod address;
mod bearer;
pub mod chat;
mod dialect;
mod initialize;
mod pin;
mod ppp;
mod radio;
mod session;
mod sim;
mod sms;
#[cfg(test)]
mod tests;
mod ussd;

pub use ppp::{point_to_point, refusal_of};

use super::at::AtDriver;
use super::procedures::{Procedures, Steps, steps};
use super::task::Task;
use super::{Event, Failure, FailureKind, PppReport, Request};
use crate::time::Instant;
use crate::wire::at::{PacketEvent, parse_cgev, parse_message_news, registration_urc};
use session::{Session, State};

/// How lines begin that tell of the SIM.
const SIM_CODES: &[&str] = &[
    "+CPIN:",
    "+QSIMSTAT:",
    "+QUSIM:",
    "+SIM READY",
    "+SIMCARD:",
    "+UUSIMSTAT:",
    "+ZUSIMR:",
    "^SIMST:",
    "#QSS:",
];

/// The lines that a modem sends when its firmware has started.
const START_CODES: &[&str] = &["RDY", "^SYSSTART", "APP RDY", "+PBREADY"];

/// What dials a modem over its AT port.
///
/// When it is dropped, the port is gone, and a later daemon may go on with the call: it is not
/// hung up.
pub struct DialDriver {
    session: Session,
    procedures: Procedures,
}

impl core::fmt::Debug for DialDriver {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("DialDriver").finish_non_exhaustive()
    }
}

impl DialDriver {
    /// For a modem of this vendor and product, over a port that speaks AT. Bytes and time go to
    /// `at` first, then to [`DialDriver::handle_turn`], and bytes come from `at`.
    pub fn new(at: &mut AtDriver, vid: u16, pid: u16) -> Self {
        let session = Session::new(at.share(), vid, pid);
        Self { session, procedures: Procedures::default() }
    }

    /// The same for a modem whose data goes by PPP.
    pub fn with_ppp(at: &mut AtDriver, vid: u16, pid: u16) -> Self {
        let driver = Self::new(at, vid, pid);
        driver.session.state_mut().is_ppp = true;
        driver
    }

    /// Takes word of the PPP session that was asked for.
    pub fn handle_ppp(&mut self, now: Instant, report: PppReport) {
        self.session.state_mut().now = now;
        self.session.ppp_told(report);
        self.run();
    }

    /// Does what is asked; [`DialDriver::poll_event`] tells what came of it.
    pub fn handle_request(&mut self, now: Instant, request: Request) {
        self.session.state_mut().now = now;
        self.procedures.begin(&self.session, request);
        self.run();
    }

    /// Goes on after the port has taken bytes, or time has come.
    pub fn handle_turn(&mut self, now: Instant) {
        self.session.state_mut().now = now;
        self.run();
    }

    /// When [`DialDriver::handle_turn`] is wanted, beside the port's own times.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.session.state().wakes.iter().copied().min()
    }

    /// What the modem told, in order.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.session.state_mut().events.pop_front()
    }

    /// How many commands were sent over the port.
    pub fn requests_sent(&self) -> u64 {
        self.session.state().sent
    }

    /// Takes note of what the modem sent by itself, then lets every procedure go on.
    fn run(&mut self) {
        while let Some(line) = self.next_urc() {
            self.told(&line);
        }
        self.session.state_mut().wakes.clear();
        self.procedures.run();
    }

    fn next_urc(&self) -> Option<String> {
        self.session.port().poll_urc()
    }

    fn told(&mut self, line: &str) {
        let session = &self.session;
        if !session.state().is_known {
            // Whatever it is, what is read later is newer.
            return;
        }
        if let Some((domain, status)) = registration_urc(line) {
            if session.registration_told(domain, status) {
                self.procedures.look(Task::new(session.clone().name_network()));
            }
        } else if let Some(news) = parse_message_news(line) {
            self.procedures.message(Task::new(session.clone().message_told(news)));
        } else if session.ussd_told(line) {
        } else if let Some(event) = parse_cgev(line) {
            self.packet_event(event);
        } else if START_CODES.contains(&line) {
            self.procedures.clear();
            session.restarted();
        } else if SIM_CODES.iter().any(|start| line.starts_with(start)) {
            self.procedures.look(Task::new(session.clone().card_changed()));
        } else {
            self.call_told(line);
        }
    }

    fn packet_event(&mut self, event: PacketEvent) {
        let Some(own) = self.session.state().dialled else { return };
        let is_own = match event {
            PacketEvent::Detached => true,
            PacketEvent::Deactivated(cid) => cid.is_none_or(|cid| cid == own),
            PacketEvent::Other => false,
        };
        if is_own {
            let detail = if event == PacketEvent::Detached { "detached" } else { "deactivated" };
            let is_sure = event != PacketEvent::Deactivated(None);
            self.call_ended(Failure::new(FailureKind::Network, detail), is_sure);
        }
    }

    /// A vendor's own code, perhaps about the call.
    fn call_told(&mut self, line: &str) {
        let (own, dialect, is_ppp) = {
            let state = self.session.state();
            (state.dialled, state.dialect, state.is_ppp)
        };
        let Some(own) = own else { return };
        if is_ppp {
            if ppp::ends(line) {
                self.call_ended(Failure::new(FailureKind::Network, "hung up"), true);
            }
            return;
        }
        for report in dialect.reports {
            match report.read(line, own) {
                None => {}
                Some(Ok(())) => self.session.state_mut().told = Some(Ok(())),
                Some(Err(failure)) => self.call_ended(failure, !report.is_partial(line)),
            }
        }
    }

    /// The modem says that the call has ended; one that may mean something else is asked about.
    fn call_ended(&mut self, failure: Failure, is_sure: bool) {
        let session = &self.session;
        if session.state().bearer.is_none() {
            session.state_mut().told = Some(Err(failure));
        } else if is_sure {
            session.lose(failure);
        } else {
            self.procedures.look(Task::new(session.clone().check_bearer_told(failure)));
        }
    }
}

steps!(Session, State);
