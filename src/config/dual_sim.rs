//! Which of a modem's SIMs to use: options of `config modem`.

use super::modem::gpio_line;
use super::options::{Options, one_of};
use crate::types::Invalid;
use core::time::Duration;

/// The options of a modem about its SIMs. The default is what holds for one without them: the SIM
/// in use stays so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DualSim {
    /// `option slot`: the slot to use, from 1; the one in use when `None`.
    pub primary: Option<u8>,
    /// `option slot_gpio`: the line that selects the SIM, by name or number; the modem does it by
    /// itself when `None`.
    pub line: Option<String>,
    /// `option slot_gpio_first`: whether slot 1 is in use while that line is high; so unless set,
    /// as on Teltonika's RUT9xx and ZBT's boards.
    pub is_first_high: bool,
    /// `list switch_on`: what leads to another SIM; nothing when empty.
    pub on: Vec<SwitchOn>,
    /// `option switch_after`: how long that has to last.
    pub after: Duration,
    /// `option switch_back`: after how long `slot` is gone back to; never when zero.
    pub back: Duration,
    /// `option switch_attempts`: how often another SIM is tried until a connection lasts.
    pub attempts: u32,
    /// `option switch_rsrp`: a signal below this is weak.
    pub weak_dbm: i16,
}

/// What leads to another SIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwitchOn {
    /// There is no SIM, or none that can be used.
    NoSim,
    /// No network is found.
    NoRegistration,
    /// The network refuses the SIM.
    Denied,
    /// The signal is weak.
    WeakSignal,
    /// No connection can be had, or none that carries anything.
    Data,
    /// The SIM has used up its quota.
    Quota,
}

impl SwitchOn {
    const NAMES: [(&str, Self); 6] = [
        ("no_sim", Self::NoSim),
        ("no_registration", Self::NoRegistration),
        ("denied", Self::Denied),
        ("weak_signal", Self::WeakSignal),
        ("data", Self::Data),
        ("quota", Self::Quota),
    ];

    /// As in the option.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, it)| *it == self).map_or("", |(name, _)| name)
    }
}

impl Default for DualSim {
    fn default() -> Self {
        Self {
            primary: None,
            line: None,
            is_first_high: true,
            on: Vec::new(),
            after: Duration::from_secs(180),
            back: Duration::from_secs(3600),
            attempts: 3,
            weak_dbm: -118,
        }
    }
}

impl DualSim {
    pub(super) fn read(options: &mut Options) -> Self {
        const REASONS: &str = "no_sim, no_registration, denied, weak_signal, data, quota";
        let unset = Self::default();
        let secs = |secs: u32| Duration::from_secs(secs.into());
        let primary = options.number("slot", 1..=8, "the number of a slot, 1 to 8");
        let line = options.read("slot_gpio", gpio_line);
        let is_first_high = options.flag("slot_gpio_first");
        let on = options.list("switch_on", |text| one_of(text, &SwitchOn::NAMES, REASONS));
        let after = options.number("switch_after", 10..=86_400, "10 to 86400 seconds");
        let back = options.read("switch_back", |text| {
            let number = text.parse().ok().filter(|n| *n == 0 || (60..=604_800).contains(n));
            number.ok_or(Invalid { expected: "0 (never) or 60 to 604800 seconds" })
        });
        let attempts = options.number("switch_attempts", 1..=20, "1 to 20");
        let weak_dbm = options.read("switch_rsrp", |text| {
            let number = text.parse().ok().filter(|n| (-140..=-44).contains(n));
            number.ok_or(Invalid { expected: "-140 to -44 dBm" })
        });
        Self {
            primary: primary.and_then(|slot| u8::try_from(slot).ok()),
            line,
            is_first_high: is_first_high.unwrap_or(unset.is_first_high),
            on: on.unwrap_or_default(),
            after: after.map_or(unset.after, secs),
            back: back.map_or(unset.back, secs),
            attempts: attempts.unwrap_or(unset.attempts),
            weak_dbm: weak_dbm.unwrap_or(unset.weak_dbm),
        }
    }
}
