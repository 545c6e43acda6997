//! The air: on which bands there are cells, which of them the modem may use, and the networks
//! beside the one that lets it in.

use ltewan::types::{Band, Rat};

/// What an EC25-E has.
const SUPPORTED: [&str; 14] = [
    "gsm:900", "gsm:1800", "umts:1", "umts:5", "umts:8", "lte:1", "lte:3", "lte:5", "lte:7",
    "lte:8", "lte:20", "lte:38", "lte:40", "lte:41",
];

/// A network that is received beside the one of the subscription.
pub(crate) struct Other {
    pub(crate) mcc: u16,
    pub(crate) mnc: u16,
    pub(crate) name: &'static str,
    /// It refuses the modem.
    pub(crate) is_forbidden: bool,
}

/// The other networks.
pub(crate) const OTHERS: [Other; 2] = [
    Other { mcc: 262, mnc: 3, name: "Other DE", is_forbidden: false },
    Other { mcc: 262, mnc: 7, name: "Barred (DE)", is_forbidden: true },
];

/// The bands.
#[derive(Clone, Debug)]
pub(crate) struct Air {
    /// What the modem has.
    pub(crate) supported: Vec<Band>,
    /// What it may use.
    pub(crate) bands: Vec<Band>,
    /// Where there is a cell.
    pub(crate) cells: Vec<Band>,
    /// The firmware says yes to other bands and keeps its own.
    pub(crate) is_stubborn: bool,
}

impl Air {
    pub(crate) fn new() -> Self {
        let supported = list(&SUPPORTED.join(",")).unwrap_or_default();
        let cells = vec![Band { rat: Rat::Lte, number: 3 }];
        Self { bands: supported.clone(), supported, cells, is_stubborn: false }
    }

    /// A cell is on a band that the modem may use.
    pub(crate) fn is_heard(&self) -> bool {
        self.cells.iter().any(|cell| self.bands.contains(cell))
    }

    /// The host chooses bands of some technologies, of those that the modem has; whether that
    /// changed anything.
    pub(crate) fn choose(&mut self, rats: &[Rat], chosen: &[Band]) -> bool {
        if self.is_stubborn {
            return false;
        }
        let before = self.bands.clone();
        self.bands.retain(|band| !rats.contains(&band.rat));
        let is_had = |band: &&Band| rats.contains(&band.rat) && self.supported.contains(band);
        self.bands.extend(chosen.iter().filter(is_had));
        self.bands.sort_unstable();
        self.bands.dedup();
        self.bands != before
    }

    /// The numbers of one technology's bands, of those in use or of all.
    pub(crate) fn numbers(bands: &[Band], rat: Rat) -> impl Iterator<Item = u16> {
        bands.iter().filter(move |band| band.rat == rat).map(|band| band.number)
    }

    /// A mask with bit n for band n + 1.
    pub(crate) fn mask(bands: &[Band], rat: Rat) -> u64 {
        Self::numbers(bands, rat).filter(|n| *n <= 64).fold(0, |mask, n| mask | 1 << (n - 1))
    }

    /// The reverse.
    pub(crate) fn of_mask(rat: Rat, mask: u64) -> Vec<Band> {
        let numbers = (1..=64_u16).filter(|number| mask & 1 << (number - 1) != 0);
        numbers.map(|number| Band { rat, number }).collect()
    }
}

/// `lte:3,lte:20`
pub(crate) fn list(text: &str) -> Result<Vec<Band>, String> {
    let band = |text| Band::parse(text).map_err(|error| error.to_string());
    text.split(',').map(band).collect()
}
