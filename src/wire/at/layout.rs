//! Lines about cells, read by a description of their parameters.
//!
//! Each vendor has its own commands and order; what the numbers mean is much the same. So a line is
//! described as data, a [`Field`] a parameter, and read here. A parameter that is missing, unknown
//! or out of range is left out, and the rest counts.

use super::Params;
use super::params::Param;
use crate::types::{Cell, Plmn, Rat};

/// What one parameter is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Nothing we want.
    Skip,
    /// Mobile country code.
    Mcc,
    /// Mobile network code.
    Mnc,
    /// Both, perhaps with a space or a hyphen between.
    Plmn,
    /// Tracking or location area code.
    Tac(Radix),
    /// The cell's number in the network.
    CellId(Radix),
    /// Physical cell id, or scrambling code.
    Pci(Radix),
    /// The downlink channel.
    Arfcn(Radix),
    /// The band: the number at the end of a word.
    Band,
    /// The band in Fibocom's numbers: LTE from 101 on; NR as `50` or `5` before the band.
    FibocomBand,
    /// The downlink bandwidth.
    Width(Width),
    /// RSRP, or RSCP.
    Rsrp(Scale),
    /// RSRQ.
    Rsrq(Scale),
    /// RSSI.
    Rssi(Scale),
    /// SINR.
    Sinr(Scale),
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Radix {
    /// Decimal.
    Dec,
    /// Hexadecimal.
    Hex,
    /// Hexadecimal behind `0x`, else decimal.
    Marked,
}

/// How a bandwidth is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 0 to 5: 1.4, 3, 5, 10, 15 and 20 MHz.
    Code,
    /// The codes of Quectel for NR, 0 to 14: 5 to 400 MHz.
    QuectelNr,
    /// In resource blocks of 180 kHz, TS 36.101 5.6: 6, 15, 25, 50, 75, 100.
    Blocks,
    /// In fifths of a MHz.
    Fifths,
}

/// How a level is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// dB or dBm.
    Db,
    /// Halves of a dB.
    Halves,
    /// dB, or tenths of one where a number cannot be dB.
    Either,
    /// RSRP of TS 27.007 8.69: 0 is below -140 dBm.
    Rsrp,
    /// RSRQ of TS 27.007 8.69: halves, 0 is below -19.5 dB.
    Rsrq,
    /// SS-RSRP of TS 27.007 8.69: 0 is below -156 dBm.
    SsRsrp,
    /// SS-RSRQ of TS 27.007 8.69: halves, 0 is below -43 dB.
    SsRsrq,
    /// RSSI of Huawei: 0 is below -120 dBm.
    HuaweiRssi,
    /// SINR of Huawei: fifths, 0 is below -20 dB.
    HuaweiSinr,
}

impl Scale {
    /// What a number is in tenths of a dB or dBm: so many tenths a unit, and an offset. Then the
    /// first number that is none; indices have one.
    const fn numbers(self) -> (i32, i32, i32) {
        match self {
            Self::Db => (10, 0, i32::MAX),
            Self::Halves => (5, 0, 255),
            Self::Either => (0, 0, i32::MAX),
            Self::Rsrp => (10, -1410, 98),
            Self::Rsrq => (5, -200, 35),
            Self::SsRsrp => (10, -1570, 127),
            Self::SsRsrq => (5, -435, 127),
            Self::HuaweiRssi => (10, -1210, 97),
            Self::HuaweiSinr => (2, -202, 252),
        }
    }

    /// In tenths. `largest_db` is what a number may be from and still be dB, where either may be.
    fn read(self, param: Param<'_>, smallest_db: i32) -> Option<i32> {
        let text = param.text;
        let (whole, tenth) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, fraction.get(..1)?.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let number: i32 = whole.parse().ok()?;
        let (tenths, offset, end) = self.numbers();
        if number >= end || number.abs() > 20_000 {
            return None;
        }
        let tenth = if whole.starts_with('-') { -tenth } else { tenth };
        let is_tenths = number < smallest_db || number > 50;
        Some(match tenths {
            0 if is_tenths => number,
            0 => number * 10 + tenth,
            tenths => number * tenths + tenth * tenths / 10 + offset,
        })
    }

    /// In whole units, rounded down, while that is between `from` and `to`.
    fn whole(self, param: Param<'_>, smallest_db: i32, from: i16, to: i16) -> Option<i16> {
        let value = i16::try_from(self.read(param, smallest_db)?.div_euclid(10)).ok()?;
        (from..=to).contains(&value).then_some(value)
    }
}

/// How a line is known, and what is in it.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// What the line is about.
    pub place: Place,
    /// The technology.
    pub rat: Rat,
    /// What stands before the colon; empty when there is none.
    pub name: &'static str,
    /// What parameters have to be; one that ends in `*` has to begin so.
    pub when: &'static [(usize, &'static str)],
    /// How many parameters there have to be, at least and at most.
    pub count: (u8, u8),
    /// What they are.
    pub fields: &'static [Field],
}

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The serving cell.
    Serving,
    /// The serving cell's carrier.
    Primary,
    /// A carrier that is added to it.
    Secondary,
    /// 5G beside LTE.
    Nr,
    /// A neighbour.
    Neighbour,
}

/// The most parameters that are looked at.
const PARAMS_MAX: usize = 32;

/// Reads a line by the first layout that fits.
pub fn read_layouts(layouts: &[Layout], line: &str) -> Option<(Place, Cell)> {
    let (name, rest) = match line.split_once(':') {
        // `SCC 1:` and `SCC1:` are `SCC`.
        Some((name, rest)) => {
            (name.trim_end_matches(|c: char| c.is_ascii_digit() || c == ' '), rest)
        }
        None => ("", line),
    };
    let params = Params::new(rest.trim()).list(PARAMS_MAX);
    let layout = layouts.iter().find(|layout| layout.name == name && layout.fits(&params))?;
    Some((layout.place, layout.read(&params)))
}

impl Layout {
    fn fits(&self, params: &[Param<'_>]) -> bool {
        let is = |(at, wanted): &(usize, &str)| {
            let Some(text) = params.get(*at).map(|param| param.text) else { return false };
            match wanted.strip_suffix('*') {
                Some(start) => {
                    text.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start))
                }
                None => text.eq_ignore_ascii_case(wanted),
            }
        };
        let (least, most) = self.count;
        let fits = (usize::from(least)..=usize::from(most)).contains(&params.len());
        fits && self.when.iter().all(is)
    }

    fn read(&self, params: &[Param<'_>]) -> Cell {
        let mut cell = Cell::of(self.rat);
        let mut mcc = "";
        for (field, param) in self.fields.iter().zip(params) {
            if *field == Field::Mcc {
                mcc = param.text;
            }
            field.read(&mut cell, *param, mcc);
        }
        // Some firmware has these two the other way round.
        if let (Some(power), Some(quality)) = (cell.rsrp_dbm, cell.rsrq_db)
            && power > quality
        {
            (cell.rsrp_dbm, cell.rsrq_db) = (Some(quality), Some(power));
        }
        cell
    }
}

impl Field {
    /// Takes it over into the cell.
    #[inline(never)]
    fn read(self, cell: &mut Cell, param: Param<'_>, mcc: &str) {
        match self {
            Self::Skip | Self::Mcc => {}
            // Some firmware writes them as numbers.
            Self::Mnc => cell.plmn = Plmn::parse(&format!("{mcc:0>3}{:0>2}", param.text)).ok(),
            Self::Plmn => {
                let digits: String = param.text.chars().filter(char::is_ascii_digit).collect();
                cell.plmn = Plmn::parse(&digits).ok();
            }
            Self::Tac(radix) => {
                let tac = radix.read(param).and_then(|tac| u32::try_from(tac).ok());
                cell.tac = tac.filter(|tac| ![0xFFFE, 0xFFFF].contains(tac) && *tac < 0xFF_FFFE);
            }
            Self::CellId(radix) => {
                cell.cell_id = radix.read(param).filter(|id| !is_unknown_cell(*id));
            }
            Self::Pci(radix) => {
                let pci = radix.read(param).and_then(|pci| u16::try_from(pci).ok());
                cell.pci = pci.filter(|pci| *pci <= 1007);
            }
            Self::Arfcn(radix) => {
                let arfcn = radix.read(param).and_then(|arfcn| u32::try_from(arfcn).ok());
                cell.arfcn = arfcn.filter(|arfcn| *arfcn <= 3_279_165);
            }
            Self::Band => cell.band = band(param.text),
            Self::FibocomBand => {
                if let Some((rat, band)) = fibocom_band(param.text) {
                    (cell.rat, cell.band) = (Some(rat), Some(band));
                }
            }
            Self::Width(width) => cell.bandwidth_khz = width.read(param),
            Self::Rsrp(scale) => cell.rsrp_dbm = scale.whole(param, -160, -156, -20),
            Self::Rsrq(scale) => cell.rsrq_db = scale.whole(param, -28, -43, 20),
            Self::Rssi(scale) => cell.rssi_dbm = scale.whole(param, -125, -125, -10),
            Self::Sinr(scale) => {
                let tenths = scale.read(param, -23).filter(|db| (-300..=500).contains(db));
                cell.sinr_tenth_db = tenths.and_then(|tenths| i16::try_from(tenths).ok());
            }
        }
    }
}

/// All ones, in 16, 28, 32 or 36 bits, or none.
fn is_unknown_cell(id: u64) -> bool {
    [0, 0xFFFF, 0xFFF_FFFF, 0xFFFF_FFFF, 0xF_FFFF_FFFF].contains(&id)
}

fn band(text: &str) -> Option<u16> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let start = digits.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    digits.get(start..)?.parse().ok().filter(|band| (1..=1900).contains(band))
}

fn fibocom_band(text: &str) -> Option<(Rat, u16)> {
    let number: u32 = text.parse().ok()?;
    let (rat, band) = match number {
        101..=256 => (Rat::Lte, number - 100),
        501..=509 => (Rat::Nr5g, number - 500),
        5010..=5099 => (Rat::Nr5g, number - 5000),
        50_100..=50_512 => (Rat::Nr5g, number - 50_000),
        _ => return None,
    };
    Some((rat, u16::try_from(band).ok()?))
}

impl Radix {
    fn read(self, param: Param<'_>) -> Option<u64> {
        let text = param.text;
        let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        match (self, digits) {
            (Self::Dec, _) | (Self::Marked, None) => text.parse().ok(),
            (Self::Hex | Self::Marked, Some(digits)) => u64::from_str_radix(digits, 16).ok(),
            (Self::Hex, None) => u64::from_str_radix(text, 16).ok(),
        }
    }
}

impl Width {
    fn read(self, param: Param<'_>) -> Option<u32> {
        const LTE_KHZ: [u32; 6] = [1400, 3000, 5000, 10_000, 15_000, 20_000];
        const QUECTEL_NR_MHZ: [u32; 15] =
            [5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 200, 400];
        let number = param.number()?;
        let at = usize::try_from(number).ok()?;
        match self {
            Self::Code => LTE_KHZ.get(at).copied(),
            Self::QuectelNr => QUECTEL_NR_MHZ.get(at).map(|mhz| mhz * 1000),
            Self::Blocks => match number {
                6 => Some(1400),
                15 => Some(3000),
                25 | 50 | 75 | 100 => Some(number * 200),
                _ => None,
            },
            Self::Fifths => match number {
                6 => Some(1400),
                7..=2000 => Some(number * 200),
                _ => None,
            },
        }
    }
}
