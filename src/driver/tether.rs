//! A phone, or a stick that is a router of its own: a net device that hands out addresses, and
//! nothing that could be told what to do.
//!
//! It is connected while it is plugged in and wanted. What it is connected to is its own affair;
//! what a stick says of that on its own page is told.

use super::page::{Page, Progress};
use super::{Event, Failure, FailureKind, PinResult, Report, Request};
use crate::map::Queue;
use crate::types::{Dhcp, IpConfig, IpFamily, Registration, Signal, SimStatus, Table, Value};
use crate::wire::http::Response;
use core::net::Ipv4Addr;

/// Why such a device is of no use as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The iPhone has not been told to trust the router.
    NotPaired,
    /// The phone does not share its connection.
    TetheringOff,
    /// The stick shows itself as a disk, and has to be switched.
    StorageMode,
    /// The program is built without the modem's protocol, which has this name.
    LeftOut(&'static str),
}

/// Such a device.
#[derive(Debug, Default)]
pub struct TetherDriver {
    /// Why it is of no use as it is.
    obstacle: Option<Obstacle>,
    link: Option<IpConfig>,
    page: Option<Box<Page>>,
    events: Queue<Event>,
}

impl TetherDriver {
    /// For a device that was just found. `obstacle`: why it is of no use as it is.
    pub fn new(obstacle: Option<Obstacle>) -> Self {
        Self { obstacle, ..Self::default() }
    }

    /// What was in the way has gone, or has come.
    pub const fn set_obstacle(&mut self, obstacle: Option<Obstacle>) {
        self.obstacle = obstacle;
    }

    /// Where the stick's own page is; `None` when it has none, or is not to be asked.
    pub fn set_page(&mut self, address: Option<Ipv4Addr>) {
        if self.page.as_deref().map(Page::address) == address {
            return;
        }
        if self.page.take().is_some() {
            // What it said is as old as the connection.
            self.events.push_back(Event::Registration(Registration::default()));
            self.events.push_back(Event::Signal(Signal::default()));
        }
        self.page = address.map(|address| Box::new(Page::new(address)));
        self.read_page();
    }

    /// Takes the answer to [`Event::ReadPage`]; `None` when there was none.
    pub fn handle_page(&mut self, from: Ipv4Addr, response: Option<&Response>) {
        // An answer may be late.
        let Some(page) = self.page.as_mut().filter(|page| page.address() == from) else { return };
        match page.handle_response(response) {
            Progress::Nothing => {}
            Progress::Read(request) => self.events.push_back(Event::ReadPage(request)),
            Progress::Done(reading) => {
                self.events.push_back(Event::Registration(reading.registration));
                self.events.push_back(Event::Signal(reading.signal));
            }
        }
    }

    fn read_page(&mut self) {
        let request = self.page.as_deref_mut().and_then(Page::begin);
        self.events.extend(request.map(Event::ReadPage));
    }

    /// Does what is asked; [`TetherDriver::poll_event`] tells what came of it.
    pub fn handle_request(&mut self, request: Request) {
        let unsupported = || Failure::new(FailureKind::Unsupported, "there is nothing to ask");
        let event = match request {
            Request::Initialize(request) => {
                self.link = request.saved.as_ref().and_then(saved);
                let connection = self.link.clone();
                Event::Initialized(Report { is_tether: true, connection, ..Report::default() })
            }
            Request::Connect(settings) => {
                if let Some(obstacle) = self.obstacle {
                    let detail =
                        if let Obstacle::LeftOut(protocol) = obstacle { protocol } else { "" };
                    let failure = Failure::new(FailureKind::Obstacle(obstacle), detail);
                    self.events.push_back(Event::ConnectFailed(failure));
                    return;
                }
                let families = settings.pdptype.families();
                let dhcp = Dhcp {
                    v4: families.contains(&IpFamily::V4),
                    v6: families.contains(&IpFamily::V6),
                };
                let config = IpConfig { dhcp, ..IpConfig::default() };
                self.link = Some(config.clone());
                self.save();
                Event::Connected(config)
            }
            Request::Disconnect => {
                self.link = None;
                self.save();
                Event::Disconnected
            }
            Request::Probe => Event::Alive,
            Request::Measure(_) => {
                self.read_page();
                Event::Measured(Box::default())
            }
            Request::Sms(request) => match super::sms::refuse(&request) {
                Some(event) => event,
                None => return,
            },
            Request::Unlock(_) => Event::UnlockFailed(unsupported()),
            Request::Pin(_) => {
                let result = PinResult::NotSent(unsupported());
                Event::PinDone { result, sim: SimStatus::default() }
            }
            // It chooses by itself.
            Request::Radio(number, _) => Event::Radio(number, Err(unsupported())),
            Request::Select(_) | Request::Ussd(_) => return,
            Request::SetOperatingMode(_) | Request::Reset => Event::RequestFailed(unsupported()),
        };
        self.events.push_back(event);
    }

    /// What came of it, in order.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn save(&mut self) {
        let table = self.link.as_ref().map_or_else(Table::new, |link| {
            Table::new().with("dhcp_v4", link.dhcp.v4).with("dhcp_v6", link.dhcp.v6)
        });
        self.events.push_back(Event::Saved(table));
    }
}

/// What an earlier daemon had up.
fn saved(table: &Table) -> Option<IpConfig> {
    let flag = |name| table.get(name).and_then(Value::as_bool);
    let dhcp = Dhcp { v4: flag("dhcp_v4")?, v6: flag("dhcp_v6")? };
    Some(IpConfig { dhcp, ..IpConfig::default() })
}
