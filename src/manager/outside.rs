//! What inputs and outputs name: ports, what is kept, and what is looked up; and what reads a port
//! for the command line.

pub use crate::driver::gnss::sentence as nmea_sentence;

use crate::types::{ApnCandidate, Plmn};

/// A port the manager asked to have opened; never used twice.
pub type PortId = u64;

/// A call on our ubus object, answered by [`super::Output::Reply`] at any later time.
pub type CallId = u64;

/// How many interfaces are kept in mind; netifd sets up no more by far.
pub const INTERFACES_MAX: usize = 64;

/// How many modems are served; the rest are left alone.
pub const MODEMS_MAX: usize = 16;

/// Where the report of `diagnose` is written.
pub const REPORT_PATH: &str = "/tmp/ltewan-report.json";

/// What is kept over the daemon's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// An interface that is connected, until the router restarts.
    Interface(String),
    /// Which PINs were refused, for good.
    Marks,
    /// Where the recovery ladder of the modem with this path stands, until the router restarts.
    Ladder(String),
    /// That the power of the modem with this path is off, until the router restarts.
    Power(String),
    /// The trial of bands and the network chosen by hand of the modem with this path, until the
    /// router restarts.
    Choice(String),
    /// How often the router was restarted in vain, for good.
    Reboots,
    /// The short messages, for good.
    Inbox,
    /// Which access points worked, for good.
    Apns,
    /// What the SIMs have carried, for good.
    Usage,
    /// The same and where the counters stand, until the router restarts.
    UsageNow,
    /// How fast connections were found to be, for good.
    SpeedTests,
}

/// Which network's access points are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApnQuestion {
    /// Who asks.
    pub asker: ApnAsker,
    /// What the network's code, or an IMSI, begins with: five or six digits.
    pub digits: String,
}

/// The network and its access points; `None` when the table does not have it.
pub type ApnsFound = Option<(Plmn, Vec<ApnCandidate>)>;

/// Who asked for access points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApnAsker {
    /// The modem that holds the SIM.
    Modem(String),
    /// A caller of `apn_lookup`.
    Call {
        /// Which.
        call: CallId,
        /// Whether the digits are those of the SIM in the modem, and not told to the caller.
        is_own: bool,
    },
}

/// What the kernel has counted of a net device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters {
    /// The device's index, which no later one gets before the router restarts.
    pub device: u32,
    /// Bytes received.
    pub rx_bytes: u64,
    /// Bytes sent.
    pub tx_bytes: u64,
}

/// How fast a modem's net device may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpeedLimit {
    /// The modem.
    pub modem: String,
    /// The net device.
    pub net: String,
    /// How many kbit/s each way; `None` for as many as there are.
    pub kbits: Option<u32>,
}

/// What a port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortKind {
    /// A control port that carries messages.
    Control,
    /// A serial port.
    Serial,
}
