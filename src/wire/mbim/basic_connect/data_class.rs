//! Access technologies as a set.

use crate::types::Rat;

/// MBIM_DATA_CLASS (table 10-16): access technologies as bits. The two of 5G are Microsoft's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DataClass(pub u32);

/// The bits of each technology, the newest first: GPRS and EDGE are 2G; UMTS, HSDPA and HSUPA 3G.
const BITS: [(Rat, u32); 4] =
    [(Rat::Nr5g, 0b1100_0000), (Rat::Lte, 0b10_0000), (Rat::Umts, 0b1_1100), (Rat::Gsm, 0b11)];

impl DataClass {
    /// The set of these technologies.
    pub fn of(rats: &[Rat]) -> Self {
        let chosen = BITS.iter().filter(|(rat, _)| rats.contains(rat));
        Self(chosen.fold(0, |all, (_, bits)| all | bits))
    }

    /// The newest technology in the set.
    pub fn newest(self) -> Option<Rat> {
        BITS.iter().find(|(_, bits)| self.0 & bits != 0).map(|(rat, _)| *rat)
    }
}
