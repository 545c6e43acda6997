//! The serial port of a modem that speaks AT.

use super::PortId;
use super::discovery::{Found, Protocol};
use crate::driver::at::AtDriver;
use crate::driver::quirk;
use crate::driver::survey::Survey;

/// The serial port that speaks AT, found by asking one after the other.
#[derive(Debug, Default)]
pub(super) struct AtSide {
    /// The ports not asked yet, best last.
    pub(super) candidates: Vec<String>,
    /// The one being asked, or in use.
    pub(super) port: Option<(PortId, String)>,
    /// What speaks AT on it, once it is open.
    pub(super) driver: Option<AtDriver>,
    /// What asks over it for measurements, once it has proved that it speaks AT.
    pub(super) survey: Option<Survey>,
}

impl AtSide {
    pub(super) fn new(found: &Found) -> Self {
        let interfaces: Vec<_> = found.serial.iter().map(|serial| serial.interface).collect();
        let (vid, pid) = (found.device.vid, found.device.pid);
        let mut order = quirk::at_order(vid, pid, &interfaces);
        if found.protocol == Protocol::Ppp {
            // The port that data goes over is left for it.
            let data = quirk::ppp_order(vid, pid, &interfaces).first().copied();
            order.sort_by_key(|i| Some(*i) == data);
        }
        order.reverse();
        let name = |i: usize| found.serial.get(i).map(|serial| serial.name.clone());
        Self { candidates: order.into_iter().filter_map(name).collect(), ..Self::default() }
    }

    /// The name of the port in use.
    pub(super) fn name(&self) -> Option<&str> {
        let usable = self.driver.as_ref().is_some_and(AtDriver::is_ready);
        self.port.as_ref().filter(|_| usable).map(|(_, name)| name.as_str())
    }
}
