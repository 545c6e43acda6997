//! Bands as masks, in the TLVs of the system selection preference and of the modem's capabilities.

use super::super::{TlvWriter, Tlvs};
use crate::types::{Band, Rat};

/// The bits for GSM and UMTS (`QmiNasBandPreference`): which band each is for. That
/// for the railways' GSM is left as it is.
const OLD_BANDS: [(usize, Rat, u16); 19] = [
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

/// A form in which a modem has bands.
struct Form {
    /// The TLV of the mask in the reply to Get System Selection Preference.
    told: u8,
    /// The one in the request to set it.
    set: u8,
    /// How many bytes it has.
    len: usize,
    /// Of which technology bit n is band n + 1; `None` where it is one of [`OLD_BANDS`].
    rat: Option<Rat>,
}

/// All forms. Only the first also has bits of CDMA, which are kept as they are.
const FORMS: [Form; 5] = [
    Form { told: 0x12, set: 0x12, len: 8, rat: None },
    Form { told: 0x15, set: 0x15, len: 8, rat: Some(Rat::Lte) },
    Form { told: 0x23, set: 0x24, len: 32, rat: Some(Rat::Lte) },
    // NR standing alone, and beside LTE.
    Form { told: 0x2C, set: 0x2F, len: 64, rat: Some(Rat::Nr5g) },
    Form { told: 0x2D, set: 0x30, len: 64, rat: Some(Rat::Nr5g) },
];

/// Where among these LTE's bands 1 to 64 are, and where there is place for more.
const LTE: usize = 1;
const LTE_EXTENDED: usize = 2;

/// Which bands, in as many of the forms as a modem has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BandMasks([Option<Vec<u8>>; FORMS.len()]);

impl BandMasks {
    /// As in the reply to Get System Selection Preference.
    pub(super) fn read(tlvs: Tlvs<'_>) -> Self {
        let mut masks = Self::default();
        for (mask, form) in masks.0.iter_mut().zip(&FORMS) {
            *mask = tlvs.optional(form.told, |r| r.bytes(form.len)).map(<[u8]>::to_vec);
        }
        masks
    }

    pub(super) fn write(&self, tlvs: &mut TlvWriter) {
        self.each(&mut |form, mask| {
            tlvs.put(form.set, mask);
        });
    }

    /// The bands.
    pub fn bands(&self) -> Vec<Band> {
        let mut bands = Vec::new();
        self.each(&mut |form, mask| match form.rat {
            None => push_old_bands(&mut bands, mask),
            Some(rat) => push_bands(&mut bands, rat, mask),
        });
        bands.sort_unstable();
        bands.dedup();
        bands
    }

    /// Every mask there is; of LTE's two the longer.
    fn each(&self, take: &mut dyn FnMut(&Form, &[u8])) {
        for (at, form) in FORMS.iter().enumerate() {
            let is_short = at == LTE && self.0[LTE_EXTENDED].is_some();
            if let Some(mask) = &self.0[at]
                && !is_short
            {
                take(form, mask);
            }
        }
    }

    /// These bands, in the forms that the modem has. A mask of a technology without any is left
    /// out, for modems refuse one without a bit; so its bands stay as they are.
    pub fn with(&self, bands: &[Band]) -> Self {
        let mut masks = self.clone();
        for (place, form) in masks.0.iter_mut().zip(&FORMS) {
            let Some(mask) = place else { continue };
            match form.rat {
                None => set_old_bands(mask, bands),
                Some(rat) if has(bands, rat) => set_bands(mask, rat, bands),
                Some(_) => *place = None,
            }
        }
        masks
    }
}

fn has(bands: &[Band], rat: Rat) -> bool {
    bands.iter().any(|band| band.rat == rat)
}

fn is_set(mask: &[u8], bit: usize) -> bool {
    mask.get(bit / 8).is_some_and(|byte| byte & 1 << (bit % 8) != 0)
}

fn set(mask: &mut [u8], bit: usize, is_set: bool) {
    if let Some(byte) = mask.get_mut(bit / 8) {
        let bit = 1 << (bit % 8);
        *byte = if is_set { *byte | bit } else { *byte & !bit };
    }
}

fn set_old_bands(mask: &mut [u8], bands: &[Band]) {
    let before = mask.to_vec();
    for &(bit, rat, number) in &OLD_BANDS {
        if has(bands, rat) {
            // Of two bits for one band those that the modem had, if it had any.
            let is_had = |(other, r, n): &(usize, Rat, u16)| {
                (*r, *n) == (rat, number) && is_set(&before, *other)
            };
            let may = is_set(&before, bit) || !OLD_BANDS.iter().any(is_had);
            set(mask, bit, may && bands.contains(&Band { rat, number }));
        }
    }
}

fn set_bands(mask: &mut [u8], rat: Rat, bands: &[Band]) {
    mask.fill(0);
    for band in bands {
        if band.rat == rat {
            set(mask, usize::from(band.number.saturating_sub(1)), true);
        }
    }
}

/// Appends the bands of GSM and UMTS in a mask.
pub(in super::super) fn push_old_bands(bands: &mut Vec<Band>, mask: &[u8]) {
    for &(bit, rat, number) in &OLD_BANDS {
        if is_set(mask, bit) {
            bands.push(Band { rat, number });
        }
    }
}

/// Appends the bands in a mask whose bit n is band n + 1.
pub(in super::super) fn push_bands(bands: &mut Vec<Band>, rat: Rat, mask: &[u8]) {
    for (bit, number) in (0..mask.len() * 8).zip(1..) {
        if is_set(mask, bit) {
            bands.push(Band { rat, number });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(list: &[&str]) -> Vec<Band> {
        list.iter().map(|text| Band::parse(text).unwrap()).collect()
    }

    fn masks(list: &[(usize, &[u8])]) -> BandMasks {
        let mut masks = BandMasks::default();
        for (at, mask) in list {
            masks.0[*at] = Some(mask.to_vec());
        }
        masks
    }

    #[test]
    fn masks_are_bands_and_bands_are_masks() {
        // seen: EC25-E, tests/sim.
        let masks = masks(&[
            (0, &0x0002_0000_0440_0380_u64.to_le_bytes()),
            (LTE, &0x01a0_0008_00d5_u64.to_le_bytes()),
        ]);
        let all = bands(&[
            "gsm:900", "gsm:1800", "umts:1", "umts:5", "umts:8", "lte:1", "lte:3", "lte:5",
            "lte:7", "lte:8", "lte:20", "lte:38", "lte:40", "lte:41",
        ]);
        assert_eq!(masks.bands(), all);
        assert_eq!(masks.with(&all), masks);
        let lock = masks.with(&bands(&["lte:3"]));
        assert_eq!(lock.0[0], masks.0[0]);
        assert_eq!(lock.0[LTE].as_deref(), Some(&[4, 0, 0, 0, 0, 0, 0, 0][..]));
    }

    #[test]
    fn high_bands_are_in_the_words_they_belong_to() {
        let forms = masks(&[(LTE, &[0; 8]), (LTE_EXTENDED, &[0; 32]), (3, &[0; 64])]);
        let wanted = bands(&["lte:66", "nr5g:78", "nr5g:257"]);
        let masks = forms.with(&wanted);
        let bits = |at: usize| {
            let mask = masks.0[at].as_deref().unwrap_or_default();
            (0..mask.len() * 8).filter(|bit| is_set(mask, *bit)).collect::<Vec<_>>()
        };
        assert_eq!((bits(LTE_EXTENDED), bits(3)), (vec![65], vec![77, 256]));
        assert_eq!(masks.0[4], None);
        assert_eq!(masks.bands(), wanted);
    }
}
