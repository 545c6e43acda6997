//! What speaks with a modem over its control port, whatever the language.

use super::at::AtDriver;
use super::built::{DialDriver, MbimDriver, QmiDriver, where_built};
use super::tether::TetherDriver;
use super::{Event, HostReply, PppReport, Request};
use crate::time::Instant;
use crate::wire::http::Response;
use core::net::Ipv4Addr;

/// A driver of one of the control protocols.
#[derive(Debug)]
pub enum Driver {
    /// QMI.
    Qmi(QmiDriver),
    /// MBIM.
    Mbim(MbimDriver),
    /// None.
    Tether(TetherDriver),
    /// AT, over a port that the modem's [`AtDriver`] holds.
    At(DialDriver),
}

/// Has whichever it is do the same; what has no port gives the last.
macro_rules! each {
    ($self:expr, $driver:ident => $call:expr, $none:expr) => {
        match $self {
            Self::Qmi($driver) => $call,
            Self::Mbim($driver) => $call,
            Self::At($driver) => $call,
            Self::Tether(_) => $none,
        }
    };
}

impl Driver {
    /// For a QMI port that was just opened; `None` in a program without QMI.
    pub fn qmi() -> Option<Self> {
        where_built!("qmi", Self::Qmi(QmiDriver::new()))
    }

    /// For an MBIM port that was just opened, and takes messages of at most this many bytes at
    /// once; `None` in a program without MBIM.
    pub fn mbim(max_control_transfer: u16) -> Option<Self> {
        let _ = max_control_transfer;
        where_built!("mbim", Self::Mbim(MbimDriver::new(max_control_transfer)))
    }

    /// For a modem of this vendor and product that has no port but AT ports, and whose data goes by
    /// PPP if `is_ppp`; `None` in a program that does not connect by AT.
    pub fn at(at: &mut AtDriver, vid: u16, pid: u16, is_ppp: bool) -> Option<Self> {
        let _ = (&at, vid, pid, is_ppp);
        where_built!("at", {
            let dial = if is_ppp { DialDriver::with_ppp } else { DialDriver::new };
            Self::At(dial(at, vid, pid))
        })
    }
    /// Does what is asked; [`Driver::poll_event`] tells what came of it.
    pub fn handle_request(&mut self, now: Instant, request: Request) {
        match self {
            Self::Qmi(driver) => driver.handle_request(now, request),
            Self::Mbim(driver) => driver.handle_request(now, request),
            Self::At(driver) => driver.handle_request(now, request),
            Self::Tether(driver) => driver.handle_request(request),
        }
    }

    /// Takes what one read of the port returned; with AT, after the port itself has.
    pub fn handle_input(&mut self, now: Instant, bytes: &[u8]) {
        match self {
            Self::Qmi(driver) => driver.handle_input(now, bytes),
            Self::Mbim(driver) => driver.handle_input(now, bytes),
            Self::At(driver) => driver.handle_turn(now),
            Self::Tether(_) => {}
        }
    }

    /// Takes the answer to [`Event::SetLink`], which only QMI asks.
    pub fn handle_host_reply(&mut self, now: Instant, reply: HostReply) {
        match self {
            Self::Qmi(driver) => driver.handle_host_reply(now, reply),
            Self::Mbim(_) | Self::At(_) | Self::Tether(_) => {}
        }
    }

    /// Takes word of the session that [`Event::Ppp`] asked for, which only AT asks.
    pub fn handle_ppp(&mut self, now: Instant, report: PppReport) {
        match self {
            Self::At(driver) => driver.handle_ppp(now, report),
            Self::Qmi(_) | Self::Mbim(_) | Self::Tether(_) => {}
        }
    }

    /// Says where the device's own page is, which only what has no port is asked for.
    pub fn set_page(&mut self, address: Option<Ipv4Addr>) {
        if let Self::Tether(driver) = self {
            driver.set_page(address);
        }
    }

    /// Takes the answer to [`Event::ReadPage`]; `None` when there was none.
    pub fn handle_page(&mut self, from: Ipv4Addr, response: Option<&Response>) {
        if let Self::Tether(driver) = self {
            driver.handle_page(from, response);
        }
    }

    /// Does what is due; with AT, after the port itself has.
    pub fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::Qmi(driver) => driver.handle_timeout(now),
            Self::Mbim(driver) => driver.handle_timeout(now),
            Self::At(driver) => driver.handle_turn(now),
            Self::Tether(_) => {}
        }
    }

    /// When [`Driver::handle_timeout`] is wanted.
    pub fn poll_timeout(&self) -> Option<Instant> {
        each!(self, driver => driver.poll_timeout(), None)
    }

    /// What the modem told, in order.
    pub fn poll_event(&mut self) -> Option<Event> {
        match self {
            Self::Qmi(driver) => driver.poll_event(),
            Self::Mbim(driver) => driver.poll_event(),
            Self::At(driver) => driver.poll_event(),
            Self::Tether(driver) => driver.poll_event(),
        }
    }

    /// The next message to the modem; with AT there is none here.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Qmi(driver) => driver.poll_transmit(),
            Self::Mbim(driver) => driver.poll_transmit(),
            Self::At(_) | Self::Tether(_) => None,
        }
    }

    /// Whether it can be asked for bands itself.
    pub fn has_bands(&self) -> bool {
        match self {
            Self::Qmi(_) => true,
            Self::Mbim(driver) => driver.has_bands(),
            Self::At(_) | Self::Tether(_) => false,
        }
    }

    /// How many requests were sent over the port.
    pub fn requests_sent(&self) -> u64 {
        each!(self, driver => driver.requests_sent(), 0)
    }
}
