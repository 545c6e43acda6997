//! What a modem may use of the air, and what it finds there.

use super::{Invalid, Plmn, Rat};

/// A band of one technology: `lte:3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Band {
    /// The technology.
    pub rat: Rat,
    /// The band as 3GPP numbers it, TS 36.101 5.5, TS 38.101-1 5.2; for GSM its frequency in MHz.
    pub number: u16,
}

impl Band {
    /// Reads `lte:3` or `nr5g:78`.
    ///
    /// # Errors
    /// When the technology is unknown or the number cannot be a band.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid = Invalid { expected: "a band as gsm:900, umts:8, lte:3 or nr5g:78" };
        let (rat, digits) = text.split_once(':').ok_or(invalid)?;
        let rat = Rat::parse(rat).map_err(|_| invalid)?;
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| is_number).ok_or(invalid)?;
        let highest = match rat {
            Rat::Gsm => 1900,
            Rat::Umts => 32,
            Rat::Lte => 256,
            Rat::Nr5g => 512,
        };
        if (1..=highest).contains(&number) { Ok(Self { rat, number }) } else { Err(invalid) }
    }
}

impl core::fmt::Display for Band {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}:{}", self.rat.name(), self.number)
    }
}

/// Which technologies and bands a modem has, and which of them it may use. Each list is sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BandStatus {
    /// The technologies it has.
    pub modes_supported: Vec<Rat>,
    /// Those it may use.
    pub modes: Vec<Rat>,
    /// The bands it has; empty when it does not tell.
    pub bands_supported: Vec<Band>,
    /// Those it may use.
    pub bands: Vec<Band>,
}

impl BandStatus {
    /// The bands of a technology, of a list.
    pub fn of(bands: &[Band], rat: Rat) -> impl Iterator<Item = Band> {
        bands.iter().copied().filter(move |band| band.rat == rat)
    }
}

/// What of that is to be changed; `None` is left as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BandChoice {
    /// The technologies to use; all when empty.
    pub modes: Option<Vec<Rat>>,
    /// The bands to use. Of a technology that none is named of, all are used.
    pub bands: Option<Vec<Band>>,
}

impl BandChoice {
    /// What a modem may use when this has been done, by its own account of what it may use now.
    pub fn applied(&self, now: &BandStatus) -> BandStatus {
        let mut after = now.clone();
        if let Some(modes) = &self.modes {
            after.modes =
                if modes.is_empty() { now.modes_supported.clone() } else { modes.clone() };
            after.modes.sort_unstable();
            after.modes.dedup();
        }
        if let Some(bands) = &self.bands {
            after.bands.clear();
            for rat in Rat::ALL {
                for bands in [bands, &now.bands_supported, &now.bands] {
                    let before = after.bands.len();
                    for band in BandStatus::of(bands, rat) {
                        after.bands.push(band);
                    }
                    if after.bands.len() > before {
                        break;
                    }
                }
            }
            after.bands.sort_unstable();
            after.bands.dedup();
        }
        after
    }

    /// What brings a modem back to what it may use now.
    pub fn of(now: &BandStatus) -> Self {
        Self { modes: Some(now.modes.clone()), bands: Some(now.bands.clone()) }
    }
}

/// What a modem may do with a network it has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkState {
    /// It does not say.
    Unknown,
    /// It may use it.
    Available,
    /// It is registered with it.
    Current,
    /// The SIM or the network has it barred.
    Forbidden,
}

impl NetworkState {
    /// As on ubus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Available => "available",
            Self::Current => "current",
            Self::Forbidden => "forbidden",
        }
    }
}

/// A network that a modem has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundNetwork {
    /// Which.
    pub plmn: Plmn,
    /// Its name. Hostile text.
    pub operator: Option<String>,
    /// The technology it was found with.
    pub rat: Option<Rat>,
    /// What may be done with it.
    pub state: NetworkState,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(list: &[&str]) -> Vec<Band> {
        list.iter().map(|text| Band::parse(text).unwrap()).collect()
    }

    #[test]
    fn a_technology_of_which_no_band_is_named_uses_all() {
        let now = BandStatus {
            modes_supported: vec![Rat::Umts, Rat::Lte],
            modes: vec![Rat::Lte],
            bands_supported: bands(&["umts:1", "umts:8", "lte:3", "lte:20"]),
            bands: bands(&["umts:1", "lte:20"]),
        };
        let lock = BandChoice { bands: Some(bands(&["lte:3", "lte:3"])), modes: None };
        let after = lock.applied(&now);
        assert_eq!(after.bands, bands(&["umts:1", "umts:8", "lte:3"]));
        assert_eq!(after.modes, now.modes);
        let all = BandChoice { bands: Some(Vec::new()), modes: Some(Vec::new()) };
        assert_eq!(all.applied(&now).bands, now.bands_supported);
        assert_eq!(all.applied(&now).modes, now.modes_supported);
        assert_eq!(BandChoice::of(&now).applied(&after), now);
        assert_eq!(BandChoice::default().applied(&now), now);
    }

    #[test]
    fn what_cannot_be_a_band_is_refused() {
        for text in ["lte:0", "lte:257", "lte:", "lte:+3", "3", "lte", "wimax:1", "lte:3 "] {
            assert!(Band::parse(text).is_err(), "{text}");
        }
        assert_eq!(bands(&["nr5g:78"])[0].to_string(), "nr5g:78");
    }
}
