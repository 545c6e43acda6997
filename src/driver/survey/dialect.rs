//! What each vendor's modems are asked, and what their answers look like, as data: one file a
//! vendor or a few.
//!
//! Captured answers, with where each is from, are in `tests/capture/at/radio.tsv`.

use super::{fibocom, quectel, vendors};
use crate::types::Rat;
use crate::types::text::contains;
use crate::wire::at::{Field, Layout, Place, Scale};

/// dB or dBm.
pub(super) const DB: Scale = Scale::Db;

/// A vendor's commands.
#[derive(Debug)]
pub(super) struct Dialect {
    /// For the log.
    pub(super) name: &'static str,
    /// Words in the manufacturer's or the model's name, in capitals; any of them will do.
    pub(super) words: &'static [&'static str],
    /// The vendor ids of USB that are nobody else's.
    pub(super) vids: &'static [u16],
    /// What is asked.
    pub(super) questions: &'static [Question],
}

/// A command and how its answer is read.
#[derive(Debug)]
pub(super) struct Question {
    /// The command, without `AT`.
    pub(super) command: &'static str,
    /// How the answer is read.
    pub(super) reading: Reading,
    /// Whether it is asked each time, or only when all is measured.
    pub(super) is_quick: bool,
}

/// How an answer is read.
#[derive(Debug)]
pub(super) enum Reading {
    /// It is not: the command prepares another.
    Nothing,
    /// Line by line.
    Lines(&'static [Layout]),
    /// The same, by the first layouts if any line has the mark in it, else by the others.
    Marked(&'static str, &'static [Layout], &'static [Layout]),
    /// Labels and values.
    Gstatus,
    /// A number an antenna, of these.
    Antennas(Level),
    /// The hottest of all numbers, so many of which are a degree.
    Temperature(i32),
    /// Telit's, whose parameters move.
    Rfsts,
}

/// What a number an antenna is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// RSRP.
    Rsrp,
    /// RSRQ.
    Rsrq,
    /// SINR.
    Sinr,
}

pub(super) const fn quick(command: &'static str, reading: Reading) -> Question {
    Question { command, reading, is_quick: true }
}

pub(super) const fn slow(command: &'static str, reading: Reading) -> Question {
    Question { command, reading, is_quick: false }
}

pub(super) const fn line(
    place: Place,
    rat: Rat,
    name: &'static str,
    when: &'static [(usize, &'static str)],
    count: (u8, u8),
    fields: &'static [Field],
) -> Layout {
    Layout { place, rat, name, when, count, fields }
}

/// As many parameters as there are.
pub(super) const ANY: u8 = 32;

/// All, those that are known by their model first.
const DIALECTS: [&Dialect; 9] = [
    &fibocom::XMM,
    &quectel::QUECTEL,
    &vendors::HUAWEI,
    &vendors::SIERRA,
    &vendors::SIMCOM,
    &fibocom::FIBOCOM,
    &vendors::TELIT,
    &vendors::UBLOX,
    &vendors::ZTE,
];

/// The commands of a modem: by what it says of itself, else by its vendor id.
pub(super) fn dialect_of(vid: u16, manufacturer: &str, model: &str) -> Option<&'static Dialect> {
    let said = format!("{manufacturer} {model}").to_ascii_uppercase();
    let by_name = |dialect: &&&Dialect| dialect.words.iter().any(|word| contains(&said, word));
    let by_vid = |dialect: &&&Dialect| dialect.vids.contains(&vid);
    let found = DIALECTS.iter().find(by_name).or_else(|| DIALECTS.iter().find(by_vid));
    found.copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modems_are_known_by_their_own_word_before_their_vendor_id() {
        let name = |vid, maker, model| dialect_of(vid, maker, model).map(|d| d.name);
        assert_eq!(name(0x05C6, "Quectel", "EC20"), Some("Quectel"));
        assert_eq!(name(0x0E8D, "Fibocom Wireless Inc.", "FM350-GL"), Some("Fibocom"));
        assert_eq!(name(0x2CB7, "Fibocom", "L850-GL"), Some("XMM"));
        assert_eq!(name(0x413C, "Sierra Wireless, Incorporated", "DW5811e"), Some("Sierra"));
        assert_eq!(name(0x1BC7, "", ""), Some("Telit"));
        assert_eq!(name(0x1234, "Unheard Of", "X1"), None);
    }
}
