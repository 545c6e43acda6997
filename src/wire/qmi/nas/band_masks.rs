//! Bands as masks, in the TLVs of the system selection preference and of the modem's capabilities.

use super::super::{Sequence, TlvReader, TlvWriter, Tlvs};
use crate::types::{Band, Rat};
use crate::wire::Error;

/// The bits for GSM and UMTS (`QmiNasBandPreference`): which band each is for. That
/// for the railways' GSM is left as it is.
const OLD_BANDS: [(u8, Rat, u16); 19] = [
    (7, Rat::Gsm, 1800),
    (8, Rat::Gsm, 900),
    (9, Rat::Gsm, 900),
    (16, Rat::Gsm, 450),
    (17, Rat::Gsm, 480),
    (18, Rat::Gsm, 750),
    (19, Rat::Gsm, 850),
    (21, Rat::Gsm, 1900),
    (22, Rat::Umts, 1),
    (23, Rat::Umts, 2),
    (24, Rat::Umts, 3),
    (25, Rat::Umts, 4),
    (26, Rat::Umts, 5),
    (27, Rat::Umts, 6),
    (48, Rat::Umts, 7),
    (49, Rat::Umts, 8),
    (50, Rat::Umts, 9),
    (60, Rat::Umts, 19),
    (61, Rat::Umts, 11),
];

/// Which bands, in as many of the forms as a modem has. Bit n of a mask for LTE or NR is band
/// n + 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BandMasks {
    /// GSM and UMTS, and CDMA, whose bits are kept as they are.
    pub old: Option<u64>,
    /// LTE, bands 1 to 64.
    pub lte: Option<u64>,
    /// LTE, bands 1 to 256.
    pub lte_extended: Option<[u64; 4]>,
    /// NR standing alone, bands 1 to 512.
    pub nr_sa: Option<[u64; 8]>,
    /// NR beside LTE, bands 1 to 512.
    pub nr_nsa: Option<[u64; 8]>,
}

impl BandMasks {
    /// As in the reply to Get System Selection Preference.
    pub(super) fn read(tlvs: Tlvs<'_>) -> Self {
        Self {
            old: tlvs.optional(0x12, TlvReader::u64),
            lte: tlvs.optional(0x15, TlvReader::u64),
            lte_extended: tlvs.optional(0x23, words),
            nr_sa: tlvs.optional(0x2C, words),
            nr_nsa: tlvs.optional(0x2D, words),
        }
    }

    /// As in Set System Selection Preference. Of both forms for LTE the longer one counts.
    pub(super) fn write(&self, tlvs: &mut TlvWriter) {
        let mut put = |kind, mask: &[u64]| {
            let mut sequence = Sequence::new();
            for word in mask {
                sequence.bytes(&word.to_le_bytes());
            }
            tlvs.put_sequence(kind, sequence);
        };
        if let Some(old) = self.old {
            put(0x12, &[old]);
        }
        match (self.lte_extended, self.lte) {
            (Some(extended), _) => put(0x24, &extended),
            (None, Some(lte)) => put(0x15, &[lte]),
            (None, None) => {}
        }
        if let Some(mask) = self.nr_sa {
            put(0x2F, &mask);
        }
        if let Some(mask) = self.nr_nsa {
            put(0x30, &mask);
        }
    }

    /// The bands, sorted.
    pub fn bands(&self) -> Vec<Band> {
        let mut bands = old_bands(self.old.unwrap_or(0));
        let lte = self.lte_extended.map(Vec::from).or(self.lte.map(|lte| vec![lte]));
        bands.extend(of_mask(Rat::Lte, &lte.unwrap_or_default()));
        for mask in [self.nr_sa, self.nr_nsa].into_iter().flatten() {
            bands.extend(of_mask(Rat::Nr5g, &mask));
        }
        bands.sort_unstable();
        bands.dedup();
        bands
    }

    /// These bands, in the forms of this one. A technology without any is left out of it: modems
    /// refuse a mask without a bit.
    pub fn with(&self, bands: &[Band]) -> Self {
        let has = |rat: Rat| bands.iter().any(|band| band.rat == rat);
        let old = self.old.map(|now| {
            let own = OLD_BANDS.iter().filter(|(_, rat, _)| has(*rat));
            own.fold(now, |mask, (bit, rat, number)| {
                // Of two bits for one band those that the modem had, if it had any.
                let others = OLD_BANDS.iter().filter(|(_, r, n)| (r, n) == (rat, number));
                let had = others.fold(0, |all, (bit, ..)| all | 1_u64 << bit) & now;
                let may = had == 0 || had & 1 << bit != 0;
                let is_wanted = may && bands.contains(&Band { rat: *rat, number: *number });
                if is_wanted { mask | 1 << bit } else { mask & !(1 << bit) }
            })
        });
        Self {
            old,
            lte: self.lte.filter(|_| has(Rat::Lte)).map(|_| mask::<1>(Rat::Lte, bands)[0]),
            lte_extended: self
                .lte_extended
                .filter(|_| has(Rat::Lte))
                .map(|_| mask(Rat::Lte, bands)),
            nr_sa: self.nr_sa.filter(|_| has(Rat::Nr5g)).map(|_| mask(Rat::Nr5g, bands)),
            nr_nsa: self.nr_nsa.filter(|_| has(Rat::Nr5g)).map(|_| mask(Rat::Nr5g, bands)),
        }
    }
}

/// The bands of GSM and UMTS.
pub(in super::super) fn old_bands(mask: u64) -> Vec<Band> {
    let set = OLD_BANDS.iter().filter(|(bit, ..)| mask & 1 << bit != 0);
    set.map(|(_, rat, number)| Band { rat: *rat, number: *number }).collect()
}

/// The bands of a mask.
pub(in super::super) fn of_mask(rat: Rat, mask: &[u64]) -> impl Iterator<Item = Band> {
    let bits = mask.iter().flat_map(|word| (0..64).map(move |bit| word & 1 << bit != 0));
    let numbered = (1_u16..).zip(bits);
    numbered.filter(|(_, is_set)| *is_set).map(move |(number, _)| Band { rat, number })
}

fn mask<const N: usize>(rat: Rat, bands: &[Band]) -> [u64; N] {
    let mut mask = [0; N];
    for band in bands.iter().filter(|band| band.rat == rat) {
        let bit = usize::from(band.number.saturating_sub(1));
        if let Some(word) = mask.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }
    mask
}

fn words<const N: usize>(reader: &mut TlvReader<'_>) -> Result<[u64; N], Error> {
    let mut words = [0; N];
    for word in &mut words {
        *word = reader.u64()?;
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(list: &[&str]) -> Vec<Band> {
        list.iter().map(|text| Band::parse(text).unwrap()).collect()
    }

    #[test]
    fn masks_are_bands_and_bands_are_masks() {
        // seen: EC25-E, tests/sim.
        let masks = BandMasks {
            old: Some(0x0002_0000_0440_0380),
            lte: Some(0x01a0_0008_00d5),
            ..BandMasks::default()
        };
        let all = bands(&[
            "gsm:900", "gsm:1800", "umts:1", "umts:5", "umts:8", "lte:1", "lte:3", "lte:5",
            "lte:7", "lte:8", "lte:20", "lte:38", "lte:40", "lte:41",
        ]);
        assert_eq!(masks.bands(), all);
        assert_eq!(masks.with(&all), masks);
        let lock = masks.with(&bands(&["lte:3"]));
        assert_eq!((lock.old, lock.lte), (masks.old, Some(4)));
    }

    #[test]
    fn high_bands_are_in_the_words_they_belong_to() {
        let forms = BandMasks {
            lte: Some(0),
            lte_extended: Some([0; 4]),
            nr_sa: Some([0; 8]),
            ..BandMasks::default()
        };
        let wanted = bands(&["lte:66", "nr5g:78", "nr5g:257"]);
        let masks = forms.with(&wanted);
        assert_eq!(masks.lte_extended, Some([0, 2, 0, 0]));
        assert_eq!(masks.nr_sa, Some([0, 1 << 13, 0, 0, 1, 0, 0, 0]));
        assert_eq!(masks.nr_nsa, None);
        assert_eq!(masks.bands(), wanted);
    }
}
