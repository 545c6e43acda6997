//! The vocabulary every layer speaks. Knows no protocol and asks no clock.
//!
//! Names are those of 3GPP, ModemManager and netifd; units come last in a name.

mod band;
mod bearer;
pub mod calendar;
mod choice;
mod identity;
mod link;
mod measurement;
mod network;
mod position;
mod power;
mod secret;
mod sim;
mod sms;
mod speed;
pub mod text;
pub mod uci;
mod usb_mode;
mod value;

pub use band::{band_name, band_of};
pub use bearer::{
    Apn, ApnCandidate, AuthMethod, BearerSettings, Dhcp, IpConfig, IpFamily, Ipv4Config,
    Ipv6Config, PdpType, PppCall, Source,
};
pub use choice::{Band, BandChoice, BandStatus, FoundNetwork, NetworkState};
pub use identity::{DeviceIdentity, Iccid, Imei, Imsi, Msisdn, digest, redact};
pub use link::LinkMode;
pub use measurement::{Antenna, Cell, Cells, Measurement, Role};
pub use network::{NetworkTime, OperatingMode, Plmn, Rat, Registration, RegistrationState, Signal};
pub use position::Position;
pub use power::{HUB_PORTS_MAX, PowerMeans, is_usb_device};
pub use secret::Secret;
pub use sim::{SimSlot, SimState, SimStatus, SlotLineOrder, SlotState};
pub use sms::{SmsContent, SmsDelivery, SmsPart, SmsPartOf, SmsPdu, SmsPlace, SmsReport, UssdText};
pub use speed::SpeedReport;
pub use usb_mode::UsbMode;
pub use value::{Table, Value, decimal};

/// A text that does not fit the type it was read for. The text itself is not kept: it may be a
/// secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What would have been allowed, as a phrase for people: `"15 digits"`.
    pub expected: &'static str,
}

impl core::fmt::Display for Invalid {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "expected {}", self.expected)
    }
}
