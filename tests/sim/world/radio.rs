//! The radio: operating mode, signal, and registration with the one network that is on the air.

use ltewan::time::Instant;

use super::super::config::NetworkConfig;
use super::air::{Air, OTHERS};

/// Operating modes, numbered as QMI DMS has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OperatingMode {
    Online = 0,
    LowPower = 1,
    FactoryTest = 2,
    Offline = 3,
    PersistentLowPower = 6,
}

impl OperatingMode {
    /// The mode of a QMI DMS number; reset and shutdown are acts, not modes.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Online),
            1 => Some(Self::LowPower),
            2 => Some(Self::FactoryTest),
            3 => Some(Self::Offline),
            6 => Some(Self::PersistentLowPower),
            _ => None,
        }
    }

    /// Its number in QMI DMS.
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Online => 0,
            Self::LowPower => 1,
            Self::FactoryTest => 2,
            Self::Offline => 3,
            Self::PersistentLowPower => 6,
        }
    }
}

/// What the network makes of the modem.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Coverage {
    /// Lets it in as a subscriber of its own.
    Home,
    /// Lets it in as a guest.
    Roaming,
    /// Refuses with this EMM cause (TS 24.301 9.9.3.9).
    Denied(u8),
    /// There is no network.
    None,
}

impl Coverage {
    /// `home`, `roaming`, `none`, or the EMM cause as a number.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "home" => Ok(Self::Home),
            "roaming" => Ok(Self::Roaming),
            "none" => Ok(Self::None),
            _ => text
                .parse()
                .map(Self::Denied)
                .map_err(|_| format!("'{text}' is not home, roaming, none or a cause")),
        }
    }
}

/// The state of registration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Registration {
    /// The radio is off, there is no usable SIM, or the host asked to detach.
    Idle,
    Searching,
    Home,
    Roaming,
    /// Refused with this EMM cause.
    Denied(u8),
}

/// What a receiver measures on LTE.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Signal {
    pub(crate) rssi_dbm: i8,
    pub(crate) rsrq_db: i8,
    pub(crate) rsrp_dbm: i16,
    pub(crate) snr_tenth_db: i16,
}

/// The radio and the preferences that the host can set.
#[derive(Clone, Debug)]
pub(crate) struct Radio {
    pub(crate) mode: OperatingMode,
    pub(crate) coverage: Coverage,
    pub(crate) registration: Registration,
    pub(crate) signal: Signal,
    /// When the search under way ends.
    pub(crate) due: Option<Instant>,
    /// The host asked to be attached to the packet domain; it is so from power on.
    pub(crate) attach_wanted: bool,
    pub(crate) mode_preference: u16,
    pub(crate) roaming_preference: u16,
    pub(crate) air: Air,
    /// The one network that may be used, MCC and MNC; `None` chooses automatically.
    pub(crate) manual_plmn: Option<(u16, u16)>,
    pub(crate) home_plmn: (u16, u16),
}

/// GSM, UMTS and LTE, as an EC25-E comes from the factory.
const MODE_PREFERENCE: u16 = 1 << 2 | 1 << 3 | 1 << 4;

impl Radio {
    /// The radio just after power on.
    pub(crate) fn new(mode: OperatingMode, network: &NetworkConfig) -> Self {
        Self {
            mode,
            coverage: network.coverage,
            registration: Registration::Idle,
            signal: network.signal,
            due: None,
            attach_wanted: true,
            mode_preference: MODE_PREFERENCE,
            roaming_preference: 0xff,
            air: Air::new(),
            manual_plmn: None,
            home_plmn: (network.mcc, network.mnc),
        }
    }

    /// In service, at home or roaming.
    pub(crate) fn is_registered(&self) -> bool {
        matches!(self.registration, Registration::Home | Registration::Roaming)
    }

    /// Has what it takes to look for a network.
    pub(crate) fn may_register(&self, sim_ready: bool) -> bool {
        self.mode == OperatingMode::Online && sim_ready && self.attach_wanted
    }

    /// How the search ends: what the network does, unless the host's preferences rule it out.
    pub(crate) fn search_result(&self) -> Registration {
        let lte_allowed = self.mode_preference & 1 << 4 != 0;
        let plmn_allowed = self.manual_plmn.is_none_or(|plmn| plmn == self.home_plmn);
        // QMI NAS: roaming preference "off" keeps to the home network.
        let roaming_allowed = self.roaming_preference != 1;
        let is_barred = OTHERS
            .iter()
            .any(|other| other.is_forbidden && self.manual_plmn == Some((other.mcc, other.mnc)));
        match self.coverage {
            Coverage::None => Registration::Searching,
            // TS 24.301 9.9.3.9: PLMN not allowed.
            _ if is_barred => Registration::Denied(11),
            _ if !self.air.is_heard() => Registration::Searching,
            _ if !lte_allowed || !plmn_allowed => Registration::Searching,
            Coverage::Roaming if !roaming_allowed => Registration::Searching,
            Coverage::Home => Registration::Home,
            Coverage::Roaming => Registration::Roaming,
            Coverage::Denied(cause) => Registration::Denied(cause),
        }
    }
}
