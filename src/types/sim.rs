//! The SIM card, as far as policy needs to know it.

use super::{Iccid, Imsi};

/// What the SIM allows right now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SimState {
    /// The modem has not said. Never treated as bad.
    #[default]
    Unknown,
    /// No card in the slot.
    Absent,
    /// A card is there and still starting.
    NotReady,
    /// PIN1 is needed.
    PinRequired,
    /// PIN1 is blocked; PUK1 is needed.
    PukRequired,
    /// PUK1 is blocked: the card is dead for good.
    Blocked,
    /// Usable.
    Ready,
    /// The card does not answer or is refused by the modem.
    Error,
}

impl SimState {
    /// As on ubus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Absent => "absent",
            Self::NotReady => "not_ready",
            Self::PinRequired => "pin_required",
            Self::PukRequired => "puk_required",
            Self::Blocked => "blocked",
            Self::Ready => "ready",
            Self::Error => "error",
        }
    }
}

/// What is in a place for a SIM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SlotState {
    /// The modem does not say.
    #[default]
    Unknown,
    /// Nothing.
    Absent,
    /// A card.
    Present,
    /// A card that does not answer.
    Error,
}

impl SlotState {
    /// As on ubus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Absent => "absent",
            Self::Present => "present",
            Self::Error => "error",
        }
    }
}

/// A place for a SIM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SimSlot {
    /// Its number, from 1.
    pub slot: u8,
    /// Whether the modem uses it.
    pub active: bool,
    /// What is in it.
    pub state: SlotState,
    /// The number of that card.
    pub iccid: Option<Iccid>,
}

/// An order about the GPIO line that selects a modem's SIM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotLineOrder {
    /// The modem.
    pub modem: String,
    /// Which of the things asked of it this is.
    pub number: u32,
    /// The line, as for [`PowerMeans::Gpio`](super::PowerMeans::Gpio).
    pub line: String,
    /// What to make it; as it is when `None`.
    pub high: Option<bool>,
}

/// The SIM's state and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SimStatus {
    /// What it allows right now.
    pub state: SimState,
    /// Attempts left for PIN1; `None` when the modem does not say.
    pub pin1_retries_left: Option<u8>,
    /// Attempts left for PUK1.
    pub puk1_retries_left: Option<u8>,
    /// Whether the card asks for PIN1 at all.
    pub pin1_enabled: Option<bool>,
    /// The card's number.
    pub iccid: Option<Iccid>,
    /// The subscription's number; readable only once the card is unlocked.
    pub imsi: Option<Imsi>,
}
