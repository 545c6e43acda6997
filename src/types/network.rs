//! What the radio side reports.

use super::Invalid;
use core::fmt;

/// The time as a network tells it (NITZ, TS 22.042).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkTime {
    /// Seconds since 1970, UTC.
    pub unix_secs: i64,
    /// Minutes that its zone is ahead of UTC, summer time included.
    pub offset_min: Option<i16>,
}

/// A mobile network: mobile country code and mobile network code, TS 23.003 2.2. `262-01` and
/// `262-001` are different networks, so the code keeps how many digits it was written with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Plmn {
    mcc: u16,
    mnc: u16,
    mnc_digits: u8,
}

impl Plmn {
    /// Puts a PLMN together; `None` when a code is out of range or `mnc_digits` is not 2 or 3.
    pub fn new(mcc: u16, mnc: u16, mnc_digits: u8) -> Option<Self> {
        let limit = match mnc_digits {
            2 => 100,
            3 => 1000,
            _ => return None,
        };
        (mcc < 1000 && mnc < limit).then_some(Self { mcc, mnc, mnc_digits })
    }

    /// Reads `26201` or `310410`.
    ///
    /// # Errors
    /// When the text is not 5 or 6 digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = Invalid { expected: "5 or 6 digits, MCC and MNC" };
        if !text.bytes().all(|c| c.is_ascii_digit()) {
            return Err(invalid);
        }
        let digits = match text.len() {
            5 => 2,
            6 => 3,
            _ => return Err(invalid),
        };
        let (mcc, mnc) = text.split_at(3);
        match (mcc.parse(), mnc.parse()) {
            (Ok(mcc), Ok(mnc)) => Self::new(mcc, mnc, digits).ok_or(invalid),
            (Err(_), _) | (_, Err(_)) => Err(invalid),
        }
    }

    /// The mobile country code, 0 to 999.
    pub const fn mcc(self) -> u16 {
        self.mcc
    }

    /// The mobile network code, 0 to 999.
    pub const fn mnc(self) -> u16 {
        self.mnc
    }

    /// How many digits the mobile network code has: 2 or 3.
    pub const fn mnc_digits(self) -> u8 {
        self.mnc_digits
    }
}

impl fmt::Display for Plmn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}{:0width$}", self.mcc, self.mnc, width = usize::from(self.mnc_digits))
    }
}

impl fmt::Debug for Plmn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plmn({self})")
    }
}

/// Radio access technology.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rat {
    /// 2G: GSM, GPRS, EDGE.
    Gsm,
    /// 3G: UMTS, HSPA, TD-SCDMA.
    Umts,
    /// 4G: LTE.
    Lte,
    /// 5G: New Radio, standalone or beside LTE.
    Nr5g,
}

impl Rat {
    /// Each, oldest first.
    pub const ALL: [Self; 4] = [Self::Gsm, Self::Umts, Self::Lte, Self::Nr5g];

    /// As in `option modes` and on ubus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gsm => "gsm",
            Self::Umts => "umts",
            Self::Lte => "lte",
            Self::Nr5g => "nr5g",
        }
    }

    /// The reverse of [`Rat::name`].
    ///
    /// # Errors
    /// When `text` names no technology.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        Self::ALL
            .into_iter()
            .find(|rat| rat.name() == text)
            .ok_or(Invalid { expected: "gsm, umts, lte or nr5g" })
    }
}

/// Registration with a network, TS 27.007 7.2 `<stat>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RegistrationState {
    /// Not registered and not searching.
    Idle,
    /// Registered with the home network.
    Home,
    /// Searching.
    Searching,
    /// The network refused.
    Denied,
    /// The modem does not say.
    #[default]
    Unknown,
    /// Registered with another network than the SIM's own.
    Roaming,
}

impl RegistrationState {
    /// As on ubus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Home => "home",
            Self::Searching => "searching",
            Self::Denied => "denied",
            Self::Unknown => "unknown",
            Self::Roaming => "roaming",
        }
    }

    /// Whether the modem is registered, at home or abroad.
    pub const fn is_registered(self) -> bool {
        matches!(self, Self::Home | Self::Roaming)
    }
}

/// Where the modem is registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registration {
    /// The state.
    pub state: RegistrationState,
    /// Whether packet data is attached (PS domain); `None` when the modem does not say.
    pub attached: Option<bool>,
    /// The network.
    pub plmn: Option<Plmn>,
    /// The network's name as it sends it. Hostile text: escape it wherever it is shown.
    pub operator: Option<String>,
    /// The access technology in use.
    pub rat: Option<Rat>,
    /// Why the network refused: an EMM cause, TS 24.301 9.9.3.9.
    pub reject_cause: Option<u8>,
}

/// Whether the radio is on. QMI DMS operating mode, +CFUN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatingMode {
    /// Radio on.
    Online,
    /// Radio off, SIM and ports usable.
    LowPower,
    /// Off; only a reset brings it back.
    Offline,
    /// Anything else: factory test, shutting down, resetting.
    Other(u8),
}

/// Signal strength and quality; what the current technology does not have is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signal {
    /// The technology measured.
    pub rat: Option<Rat>,
    /// Received power over the whole band.
    pub rssi_dbm: Option<i16>,
    /// Reference signal received power, LTE and NR.
    pub rsrp_dbm: Option<i16>,
    /// Reference signal received quality, LTE and NR.
    pub rsrq_db: Option<i16>,
    /// Signal to interference and noise, in tenths of a dB.
    pub sinr_tenth_db: Option<i16>,
    /// Ec/Io, UMTS.
    pub ecio_db: Option<i16>,
}

impl Signal {
    /// What it says, and what `other` says beside that of the same technology.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.rat.is_some() && other.rat.is_some() && self.rat != other.rat {
            return self;
        }
        Self {
            rat: self.rat.or(other.rat),
            rssi_dbm: self.rssi_dbm.or(other.rssi_dbm),
            rsrp_dbm: self.rsrp_dbm.or(other.rsrp_dbm),
            rsrq_db: self.rsrq_db.or(other.rsrq_db),
            sinr_tenth_db: self.sinr_tenth_db.or(other.sinr_tenth_db),
            ecio_db: self.ecio_db.or(other.ecio_db),
        }
    }

    /// How good it is, 0 to 100; `None` when nothing is heard.
    ///
    /// The mean of strength and cleanness, each from 0 to 100 on a straight line between two ends
    /// and no further; strength alone where the other is not measured. Strength is RSRP, from -120
    /// to -80 dBm, or RSSI, from -110 to -60 dBm. Cleanness is SINR, from -5 to 20 dB, or RSRQ,
    /// from -20 to -8 dB, or Ec/Io, from -20 to -5 dB.
    pub fn quality(&self) -> Option<u8> {
        let tenths = |value: Option<i16>| value.map(|value| i32::from(value) * 10);
        let on = |low: i32, high: i32| {
            move |tenths: i32| (tenths - low * 10).clamp(0, (high - low) * 10) * 10 / (high - low)
        };
        let strength = tenths(self.rsrp_dbm)
            .map(on(-120, -80))
            .or_else(|| tenths(self.rssi_dbm).map(on(-110, -60)))?;
        let cleanness = self
            .sinr_tenth_db
            .map(i32::from)
            .map(on(-5, 20))
            .or_else(|| tenths(self.rsrq_db).map(on(-20, -8)))
            .or_else(|| tenths(self.ecio_db).map(on(-20, -5)));
        let mean = cleanness.map_or(strength, |cleanness| i32::midpoint(strength, cleanness));
        u8::try_from(mean).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_is_the_mean_of_strength_and_cleanness() {
        let signal = |rsrp_dbm, sinr_tenth_db| {
            Signal { rsrp_dbm, sinr_tenth_db, ..Signal::default() }.quality()
        };
        assert_eq!(signal(Some(-80), Some(200)), Some(100));
        assert_eq!(signal(Some(-140), Some(-200)), Some(0));
        assert_eq!(signal(Some(-100), Some(75)), Some(50));
        assert_eq!(signal(Some(-100), None), Some(50));
        assert_eq!(signal(None, Some(100)), None);
        let gsm = Signal { rssi_dbm: Some(-85), ..Signal::default() };
        assert_eq!(gsm.quality(), Some(50));
        let worst = Signal { rsrp_dbm: Some(i16::MIN), rsrq_db: Some(i16::MAX), ..gsm };
        assert_eq!(worst.quality(), Some(50));
    }
}
