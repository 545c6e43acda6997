//! Telit's `#BND`: of GSM and of UMTS a number for several bands, which is left as it is, then
//! masks, decimal or hexadecimal. Which masks there are, their count says.

use super::masks::{bits, fields, hex};
use super::{Asker, Known, refused};
use crate::driver::Failure;
use crate::types::{Band, BandStatus, Rat};

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

/// What a modem has told.
struct Told {
    layout: Layout,
    now: Vec<String>,
    /// Of each parameter the highest value: that of all bands.
    all: Vec<String>,
    is_decimal: bool,
}

impl Told {
    /// The bits of one of its numbers.
    fn bits(&self, texts: &[String], at: usize) -> Vec<u16> {
        let text = texts.get(at).map_or("", String::as_str);
        if self.is_decimal {
            bits(&format!("{:X}", text.parse::<u64>().unwrap_or(0)))
        } else {
            bits(text)
        }
    }

    fn bands(&self, texts: &[String]) -> Vec<Band> {
        let of = |(at, rat, first): &(usize, Rat, u16)| {
            let (rat, first) = (*rat, *first);
            let bits = self.bits(texts, *at).into_iter().filter(|bit| *bit < 64);
            bits.map(move |bit| Band { rat, number: first + bit })
        };
        let mut bands: Vec<Band> = self.layout.iter().flat_map(of).collect();
        bands.sort_unstable();
        bands.dedup();
        bands
    }
}

impl Asker {
    async fn telit(&self) -> Result<Told, Failure> {
        let lines = self.ask("#BND?").await?;
        let now = fields(&lines, "#BND").ok_or_else(refused)?;
        let layout = layout(now.len()).ok_or_else(refused)?;
        let lines = self.ask("#BND=?").await?;
        let ranges = fields(&lines, "#BND").ok_or_else(refused)?;
        // The range is one of two numbers where they are decimal.
        let is_decimal = ranges.get(2).ok_or_else(refused)?.contains('-');
        let highest = |range: &String| {
            let range = range.trim_matches(['(', ')']);
            range.rsplit(['-', ',']).next().unwrap_or_default().to_owned()
        };
        let all = ranges.iter().map(highest).collect();
        Ok(Told { layout, now, all, is_decimal })
    }

    /// Asks which bands the modem has and uses.
    pub(super) async fn read_telit(&self) -> Result<Known, Failure> {
        let told = self.telit().await?;
        let (bands, supported) = (told.bands(&told.now), told.bands(&told.all));
        Ok(Known { bands, supported, ..Known::default() })
    }

    /// Has the modem use these.
    pub(super) async fn write_telit(&self, wanted: &[Band]) -> Result<(), Failure> {
        let told = self.telit().await?;
        let mut parameters = told.now.clone();
        for (at, rat, first) in told.layout {
            let all = told.bits(&told.all, *at);
            let wanted = BandStatus::of(wanted, *rat)
                .filter_map(|band| band.number.checked_sub(*first).filter(|bit| all.contains(bit)));
            let mask = hex(&wanted.collect::<Vec<_>>());
            if let Some(parameter) = parameters.get_mut(*at) {
                *parameter = if told.is_decimal {
                    u64::from_str_radix(&mask, 16).unwrap_or(0).to_string()
                } else {
                    mask
                };
            }
        }
        self.ask(&format!("#BND={}", parameters.join(","))).await.map(drop)
    }
}
