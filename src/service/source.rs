//! What can wake the loop.

use super::hardware::Reading;
use super::limits::LimitId;
use super::pages::PageId;
use super::power::OrderId;
use super::speed_tests::TestId;
use crate::manager::PortId;
use crate::manager::watchdog::ProbeId;

/// Who has become ready.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// A signal came.
    Signals,
    /// The bus has something to say, or takes something.
    Bus,
    /// There may be a bus to connect to.
    BusWatch,
    /// The kernel has told of devices.
    Uevents,
    /// Device nodes came or went.
    Devices,
    /// Something of sysfs was read.
    Hardware(Reading),
    /// A port has something to say, or takes something.
    Port(PortId),
    /// A probe goes on.
    Probe(ProbeId),
    /// A document of a stick's own page goes on.
    Page(PageId),
    /// A port is open, or cannot be opened.
    Opening(PortId),
    /// A modem's power was switched.
    Power(OrderId),
    /// A speed test has printed something, or has ended.
    SpeedTest(TestId),
    /// A modem was slowed down, or no longer.
    Limit(LimitId),
}

impl Source {
    /// The step of a turn that taking what it has is.
    pub(super) const fn step(self) -> &'static str {
        match self {
            Self::Signals => "signal",
            Self::Bus | Self::BusWatch => "bus",
            Self::Uevents | Self::Devices => "device events",
            Self::Hardware(_) => "snapshot",
            Self::Port(_) => "port",
            Self::Probe(_) => "probe",
            Self::Page(_) => "page",
            Self::Opening(_) => "opened port",
            Self::Power(_) => "power",
            Self::SpeedTest(_) => "speed test",
            Self::Limit(_) => "limit",
        }
    }
}
