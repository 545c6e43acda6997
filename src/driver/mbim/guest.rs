//! QMI carried in MBIM, where Qualcomm's firmware has a service for that: for the bands, which MBIM
//! does not know. Source: libmbim's `data/mbim-service-qmi.json`, libqmi's `qmi-endpoint-mbim.c`.

use super::session::Session;
use crate::driver::built::{QmiDriver, where_built};
use crate::driver::{Event, FailureKind, Request};
use crate::port::mbim::TransactionId;
use crate::time::{Duration, Instant};
use crate::wire::mbim::{Body, CID_QMI_MSG, CommandKind, Service, Status};

/// How long a reply is waited for. Whoever asks gives up sooner, and still has to hear of a client
/// id that comes late.
const CARRY_TIMEOUT: Duration = Duration::from_secs(15);

/// What speaks QMI, and the messages of its that are under way.
pub(super) struct Guest {
    /// `None` in a program without QMI.
    driver: Option<QmiDriver>,
    carried: Vec<TransactionId>,
}

impl Guest {
    pub(super) fn new() -> Self {
        Self { driver: where_built!("qmi", QmiDriver::new()), carried: Vec::new() }
    }

    /// Does what is asked.
    pub(super) fn handle_request(&mut self, session: &Session, request: Request) {
        let now = session.state().now;
        if let Some(driver) = &mut self.driver {
            driver.handle_request(now, request);
        }
        self.carry(session);
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        if let Some(driver) = &mut self.driver {
            driver.handle_timeout(now);
        }
    }

    /// When that is wanted.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.driver.as_ref()?.poll_timeout()
    }

    /// Takes what the modem said by itself.
    pub(super) fn handle_indication(&mut self, now: Instant, frame: &[u8]) {
        if let Some(driver) = &mut self.driver {
            driver.handle_input(now, frame);
        }
    }

    /// Gives up what was asked, and gives back what is held for that.
    pub(super) fn give_up(&mut self) {
        if let Some(driver) = &mut self.driver {
            driver.give_up();
        }
    }

    /// Carries what either has to say to the other.
    pub(super) fn carry(&mut self, session: &Session) {
        let Self { driver: Some(driver), carried } = self else { return };
        let (now, is_open) = (session.state().now, session.state().is_open);
        carried.retain(|id| {
            let reply = session.state_mut().port.take_reply(*id);
            // One that is refused is as good as none.
            if let Some(Ok(reply)) = &reply
                && reply.status == Status::Success
            {
                driver.handle_input(now, &reply.info);
            }
            reply.is_none()
        });
        while is_open && let Some(info) = driver.poll_transmit() {
            let kind = CommandKind::Set;
            let body = Body::Command { service: Service::Qmi, cid: CID_QMI_MSG, kind, info };
            carried.push(session.state_mut().port.request(now, body, CARRY_TIMEOUT));
        }
        while let Some(event) = driver.poll_event() {
            let Event::Radio(_, result) = &event else { continue };
            if result.as_ref().is_err_and(|failure| failure.kind == FailureKind::Unsupported) {
                session.state_mut().has_qmi = false;
            }
            session.emit(event);
        }
    }
}
