//! What the owner may ask of a modem: which bands and technologies it uses, which networks there
//! are, with which of them it registers, and which of its SIMs it uses.

use super::Failure;
use super::gnss::{GnssAction, GnssStatus, Receiver};
use crate::time::Duration;
use crate::types::{BandChoice, BandStatus, FoundNetwork, Plmn, SimSlot};

/// How long a modem may look for networks; some take three minutes.
pub const SCAN_TIMEOUT: Duration = Duration::from_secs(200);

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RadioRequest {
    /// Which bands and technologies it has and uses.
    Bands,
    /// Use these, and say what it uses then.
    SetBands(BandChoice),
    /// Which networks there are. Takes minutes.
    Scan,
    /// Stop looking for them.
    StopScan,
    /// Register with this network, or with whichever it likes.
    Register(Option<Plmn>),
    /// Which places for SIMs there are.
    Slots,
    /// Use the SIM in this one, and say which it uses then.
    SetSlot(u8),
    /// Do this about its satellite receiver.
    Gnss(&'static Receiver, GnssAction),
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RadioAnswer {
    /// The bands and technologies.
    Bands(BandStatus),
    /// The networks.
    Networks(Vec<FoundNetwork>),
    /// The places for SIMs.
    Slots(Vec<SimSlot>),
    /// The same, where one was to be used: the one in use is the one that was.
    SlotKept(Vec<SimSlot>),
    /// How its satellite receiver is.
    Gnss(GnssStatus),
    /// It was taken note of.
    Done,
}

impl RadioAnswer {
    /// The places after one was to be used, where `before` was in use.
    pub(super) fn of_slots(slots: Vec<SimSlot>, before: Option<u8>) -> Self {
        let active = slots.iter().find(|it| it.active).map(|it| it.slot);
        if active.is_some() && active == before {
            Self::SlotKept(slots)
        } else {
            Self::Slots(slots)
        }
    }
}

/// What came of it, or why nothing did.
pub type RadioResult = Result<RadioAnswer, Failure>;
