//! Domain requests to the modem's own language and back to domain events.
//!
//! One driver a control protocol. A driver takes requests, bytes and time, and gives bytes and
//! events; it decides no policy and knows nothing of UCI, ubus or netifd. At most one *procedure*
//! runs at a time: a request that starts one drops the one before it, and dropping a procedure
//! releases whatever it held in the modem.

pub mod at;
pub mod at_radio;
mod built;
mod cause;
pub mod choice;
mod control;
pub mod dial;
pub mod gnss;
#[cfg(not(all(feature = "at", feature = "mbim", feature = "qmi")))]
mod left_out;
pub mod mbim;
pub mod network_time;
mod page;
mod pin;
mod procedures;
pub mod qmi;
pub mod quirk;
pub mod slots;
pub mod sms;
pub mod survey;
mod task;
pub mod tether;
pub mod usb_mode;
pub mod ussd;

use crate::log;
use choice::{RadioRequest, RadioResult};
pub use control::Driver;
pub use page::{PageRequest, PageResponse};
pub use pin::{PinOperation, PinRequest, PinResult};
pub use tether::Obstacle;

use crate::time::Duration;
use crate::types::{
    BearerSettings, DeviceIdentity, IpConfig, Ipv4Config, LinkMode, Measurement, NetworkTime,
    OperatingMode, Plmn, PppCall, Rat, Registration, Secret, Signal, SimStatus, Table,
};
use core::ops::Deref;

/// What can be asked of a modem.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Get to know the modem and make it report what happens to it.
    Initialize(Initialize),
    /// Offer PIN1 to the SIM, once.
    Unlock(Secret),
    /// Do what the owner wants done with the PIN, once; [`Event::PinDone`] follows.
    Pin(PinRequest),
    /// Switch the radio.
    SetOperatingMode(OperatingMode),
    /// Choose the networks and technologies to register with.
    Select(Selection),
    /// Dial the families that are not up yet.
    Connect(BearerSettings),
    /// End every bearer, or the attempt to get one.
    Disconnect,
    /// Ask whether the modem is alive, what it hears, and whether its bearers still are.
    Probe,
    /// Do what the owner asks of the radio; [`Event::Radio`] follows with this number.
    Radio(u32, RadioRequest),
    /// Restart the modem's firmware.
    Reset,
    /// Do something about short messages.
    Sms(sms::SmsRequest),
    /// Do something about USSD.
    Ussd(ussd::UssdRequest),
    /// Measure; [`Event::Measured`] follows, and [`Event::Signal`] as soon as that is known.
    Measure(Measure),
}

/// How much is to be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// What every antenna hears.
    Signal,
    /// Cells, bands and carriers too.
    All,
}

/// What [`Request::Initialize`] starts from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Initialize {
    /// What an earlier daemon left with [`Event::Saved`], to go on with its bearers.
    pub saved: Option<Table>,
    /// Whether the kernel's link is in raw-ip mode; `None` when it has no such mode.
    pub raw_ip: Option<bool>,
    /// Whether it has a net device for QMAP on top.
    pub is_muxed: bool,
    /// With QMI, the link as the modem knows it, where that is known.
    pub endpoint: Option<Endpoint>,
    /// With QMI, whether QMAP is to be tried; it takes an endpoint.
    pub qmap: bool,
}

/// A link to the host, as the modem knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// This interface of its on USB.
    Usb(u8),
    /// Its one on PCI Express.
    Pcie,
}

/// Which networks and technologies the modem may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// The one network to register with; any when `None`.
    pub plmn: Option<Plmn>,
    /// The technologies to use; all when empty.
    pub modes: Vec<Rat>,
}

impl Selection {
    /// Whether nothing is restricted.
    pub fn is_automatic(&self) -> bool {
        self.plmn.is_none() && self.modes.is_empty()
    }
}

/// What a modem tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// [`Request::Initialize`] is done.
    Initialized(Report),
    /// [`Request::Initialize`] failed; the modem is not usable.
    InitializeFailed(Failure),
    /// The SIM changed, or was read anew.
    Sim(SimStatus),
    /// [`Request::Unlock`] was refused.
    UnlockFailed(Failure),
    /// Nothing more comes of [`Request::Unlock`]; unless it was refused, the SIM shows what came of
    /// it, now or soon.
    UnlockDone,
    /// [`Request::Pin`] is done.
    PinDone {
        /// What came of it.
        result: PinResult,
        /// The SIM after it; without attempts left where it could not be asked.
        sim: SimStatus,
    },
    /// What came of [`Request::Radio`], by its number.
    Radio(u32, RadioResult),
    /// The radio was switched.
    Mode(OperatingMode),
    /// The registration changed.
    Registration(Registration),
    /// The signal was measured.
    Signal(Signal),
    /// [`Request::Measure`] is done; what was not asked for or is not known is empty.
    Measured(Box<Measurement>),
    /// The time, as the network tells it.
    Time(NetworkTime),
    /// A bearer is up, or what it gives has changed, or one of several ended.
    Connected(IpConfig),
    /// [`Request::Connect`] brought one family up and not the other, for a reason that may pass.
    /// Told before [`Event::Connected`].
    FamilyRefused,
    /// [`Request::Connect`] failed and no bearer is up.
    ConnectFailed(Failure),
    /// The last bearer ended without being asked to.
    BearerLost(Failure),
    /// [`Request::Disconnect`] is done.
    Disconnected,
    /// The modem answered [`Request::Probe`].
    Alive,
    /// The modem did not answer in time.
    Unresponsive,
    /// The modem's firmware restarted: everything set in it is gone.
    Restarted,
    /// [`Request::SetOperatingMode`], [`Request::Select`] or [`Request::Reset`] failed.
    RequestFailed(Failure),
    /// What a later daemon needs to go on with these bearers; empty when there are none.
    Saved(Table),
    /// The kernel's link must be put into this mode, while it is down, and [`HostReply`] given.
    SetLink(LinkMode),
    /// What is to become of the PPP session over the modem's data port.
    Ppp(PppOrder),
    /// This must be read from the device's own page, and its answer be given.
    ReadPage(PageRequest),
    /// Something about short messages.
    Sms(sms::SmsEvent),
    /// Something about USSD.
    Ussd(ussd::UssdEvent),
}

/// What is to become of a PPP session; [`PppReport`]s tell what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PppOrder {
    /// A new one is to begin, in the place of any other.
    Start(PppCall),
    /// The one that an earlier daemon began is to go on.
    Keep,
    /// There is to be none.
    Stop,
}

/// What became of a PPP session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PppReport {
    /// IPv4 is up.
    V4(Ipv4Config),
    /// IPv6 is up; its addresses come with router advertisements.
    V6,
    /// It has ended, or could not begin.
    Ended(Failure),
}

/// The answer to [`Event::SetLink`]: whether the link is in the mode asked for.
pub type HostReply = bool;

/// What initialisation found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Who the modem is.
    pub identity: DeviceIdentity,
    /// Whether its radio is on.
    pub mode: Option<OperatingMode>,
    /// The SIM.
    pub sim: SimStatus,
    /// Where it is registered.
    pub registration: Registration,
    /// The bearers that an earlier daemon left up.
    pub connection: Option<IpConfig>,
    /// Whether there is nothing but a link: no SIM and no radio that could be asked.
    pub is_tether: bool,
}

/// Why something could not be done. One word long, for most results in the drivers may be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure(Box<FailureReason>);

/// What a [`Failure`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureReason {
    /// The class that policy decides by.
    pub kind: FailureKind,
    /// The modem's own word for it: names and codes, never text from outside.
    pub detail: String,
}

impl Failure {
    /// A failure with the modem's own word for it.
    #[inline(never)]
    pub fn new(kind: FailureKind, detail: &str) -> Self {
        Self(Box::new(FailureReason { kind, detail: detail.to_owned() }))
    }

    /// Tells the log what failed, where nothing else comes of it.
    #[inline(never)]
    fn log(&self, what: &str) {
        log::debug!("{what}: {}", self.detail);
    }

    /// The same of another class.
    #[must_use]
    pub fn of_kind(mut self, kind: FailureKind) -> Self {
        self.0.kind = kind;
        self
    }
}

impl Deref for Failure {
    type Target = FailureReason;

    fn deref(&self) -> &FailureReason {
        &self.0
    }
}

/// The classes of failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// No answer in time.
    Timeout,
    /// The port is closed.
    PortClosed,
    /// The modem refused, for a reason that fits no other class.
    Refused,
    /// The network refused or ended the call, for a reason that may pass.
    Network,
    /// The network does not know the access point or does not sell it.
    Apn,
    /// User name or password is wrong.
    Auth,
    /// The network does not serve this protocol family.
    PdpType,
    /// The modem is not registered or not attached.
    NotRegistered,
    /// The PIN was wrong.
    WrongPin,
    /// Too many wrong PINs: the PUK is needed.
    PukRequired,
    /// The modem has forgotten what we held in it: its firmware restarted.
    Forgotten,
    /// Something has to be done to the device first.
    Obstacle(Obstacle),
    /// The modem lacks the function.
    Unsupported,
    /// The kernel's link cannot be put into the mode the modem uses.
    Link,
    /// The router lacks what speaks PPP.
    NoPpp,
    /// The router cannot speak PPP with this modem as things are.
    PppUnusable,
}

/// How long a modem may take for an ordinary answer. Real ones answer within milliseconds, and
/// within two seconds while they start (seen on EC25 and MC7455).
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);

/// How long setting up a call may take, network included; ModemManager allows as much as 180 s,
/// networks answer within 30 s (T3482, TS 24.301 10.3, four times 8 s).
pub const CALL_TIMEOUT: Duration = Duration::from_secs(45);
