//! Telit's `#BND`: of GSM and of UMTS a number for several bands, which is left as it is, then
//! masks, decimal or hexadecimal. Which masks there are, their count says.

use super::masks::{bits, fields, hex, text_at};
use super::{Known, Set};
use crate::types::{Band, Rat};

/// Which parameter is a mask, of what, and which band its lowest bit is.
type Layout = &'static [(usize, Rat, u16)];

/// The masks of an answer with this many parameters. Sources: ModemManager's telit plugin (to five;
/// with five the fourth is TD-SCDMA's); QModem and a published log of FN990 (six, eight): NR beside
/// LTE, then alone.
const fn layout(count: usize) -> Option<Layout> {
    match count {
        3 => Some(&[(2, Rat::Lte, 1)]),
        4 => Some(&[(2, Rat::Lte, 1), (3, Rat::Lte, 65)]),
        5 => Some(&[(2, Rat::Lte, 1), (4, Rat::Lte, 65)]),
        6 => Some(&[(2, Rat::Lte, 1), (3, Rat::Lte, 65), (4, Rat::Nr5g, 1), (5, Rat::Nr5g, 65)]),
        8 => Some(&[
            (2, Rat::Lte, 1),
            (3, Rat::Lte, 65),
            (4, Rat::Nr5g, 1),
            (5, Rat::Nr5g, 65),
            (6, Rat::Nr5g, 1),
            (7, Rat::Nr5g, 65),
        ]),
        _ => None,
    }
}

impl Known {
    /// The bits of one of the masks.
    fn bits(&self, texts: &[String], at: usize) -> Vec<u16> {
        let text = text_at(texts, at);
        if self.is_decimal {
            bits(&format!("{:X}", text.parse::<u64>().unwrap_or(0)))
        } else {
            bits(text)
        }
    }

    fn bands(&self, texts: &[String]) -> Vec<Band> {
        let mut bands = Vec::new();
        for (at, rat, first) in layout(self.now.len()).unwrap_or_default() {
            for bit in self.bits(texts, *at) {
                if bit < 64 {
                    bands.push(Band { rat: *rat, number: first + bit });
                }
            }
        }
        bands
    }

    /// Takes what is used, and the ranges of each parameter.
    pub(super) fn read_telit(&mut self, answers: &[Vec<String>]) -> Option<()> {
        self.now = fields(answers.first()?, "#BND");
        layout(self.now.len())?;
        let Some(ranges) = answers.get(1) else { return Some(()) };
        self.all = fields(ranges, "#BND");
        // The range is one of two numbers where they are decimal.
        self.is_decimal = self.all.get(2)?.contains('-');
        for range in &mut self.all {
            let highest = range.trim_matches(['(', ')']).rsplit(['-', ',']).next();
            *range = highest.unwrap_or_default().to_owned();
        }
        self.status.bands = self.bands(&self.now);
        self.status.bands_supported = self.bands(&self.all);
        Some(())
    }

    /// The command that has the modem use these.
    pub(super) fn set_telit(&self, wanted: &[Band]) -> Vec<Set> {
        let mut parameters = self.now.clone();
        for (at, rat, first) in layout(self.now.len()).unwrap_or_default() {
            let mut set = Vec::new();
            for bit in self.bits(&self.all, *at) {
                let number = first.saturating_add(bit);
                if wanted.contains(&Band { rat: *rat, number }) {
                    set.push(bit);
                }
            }
            let mask = hex(&set);
            if let Some(parameter) = parameters.get_mut(*at) {
                *parameter = if self.is_decimal {
                    u64::from_str_radix(&mask, 16).unwrap_or(0).to_string()
                } else {
                    mask
                };
            }
        }
        Set::alone(format!("#BND={}", parameters.join(",")))
    }
}
