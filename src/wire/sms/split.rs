//! A text as messages, and messages as a text again.

use super::alphabet::Alphabet;
use super::coding::Coding;
use super::header::{Concat, Header};
use super::user_data::{Body, OCTETS_MAX, UserData};

/// The most parts of a text: what the number of a part can count, 3GPP TS 23.040 9.2.3.24.1.
pub const PARTS_MAX: usize = 255;

/// The length of a header whose only element says which part a message is.
const CONCAT_OCTETS: usize = 6;

/// The user data of the fewest messages that say `text`: in the default alphabet, with the tables
/// of the national `language` where those help and it is not 0, or else in UTF-16. `reference`
/// tells parts of this text from those of others. `None` when there are too many parts.
pub fn split(text: &str, language: u8, reference: u8) -> Option<Vec<UserData>> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let tables = [(0, 0), (0, language), (language, 0), (language, language)];
    let used = if language == 0 { 1 } else { tables.len() };
    let mut fewest: Option<(u8, u8, Vec<usize>)> = None;
    for (locking, single) in tables.into_iter().take(used) {
        let Some(lengths) = unit_lengths(Alphabet::new(locking, single), &units) else { continue };
        let header = Header { locking, single, ..Header::default() };
        let ends = ends(&units, header_octets(&header), &lengths);
        // The first of equals: the default alphabet is what every phone reads.
        if fewest.as_ref().is_none_or(|(.., fewest)| ends.len() < fewest.len()) {
            fewest = Some((locking, single, ends));
        }
    }
    let coding = if fewest.is_some() { Coding::Gsm7 } else { Coding::Ucs2 };
    let wide = || (0, 0, ends(&units, 0, &vec![16; units.len()]));
    let (locking, single, ends) = fewest.unwrap_or_else(wide);
    let total = u8::try_from(ends.len()).ok()?;
    let mut parts = Vec::new();
    let mut start = 0;
    for (number, end) in (1..=total).zip(ends) {
        let concat = Concat { reference: reference.into(), is_wide: false, total, number };
        let concat = (total > 1).then_some(concat);
        let body = Body::Text(units.get(start..end).unwrap_or_default().to_vec());
        let header = Header { concat, locking, single, ..Header::default() };
        parts.push(UserData { header, coding, body });
        start = end;
    }
    Some(parts)
}

/// How many bits each character takes.
fn unit_lengths(alphabet: Alphabet, units: &[u16]) -> Option<Vec<usize>> {
    let mut lengths = Vec::new();
    for unit in units {
        let (escape, _) = alphabet.encode(*unit)?;
        lengths.push(if escape.is_some() { 14 } else { 7 });
    }
    Some(lengths)
}

fn header_octets(header: &Header) -> usize {
    header.write().map_or(0, |bytes| bytes.len())
}

/// Where each part ends. Neither an escape and its code nor the halves of a character beyond 16
/// bits are ever in two parts, 9.2.3.24.1.
fn ends(units: &[u16], header: usize, lengths: &[usize]) -> Vec<usize> {
    let space = |header: usize, lengths: &[usize]| {
        let bits = (OCTETS_MAX - header) * 8;
        // Septets begin where a septet of the header would.
        if lengths.first().is_some_and(|bits| *bits % 7 == 0) { bits / 7 * 7 } else { bits }
    };
    if lengths.iter().sum::<usize>() <= space(header, lengths) {
        return vec![units.len()];
    }
    // The header's own length is there once.
    let header = if header == 0 { CONCAT_OCTETS } else { header + CONCAT_OCTETS - 1 };
    let limit = space(header, lengths);
    let (mut ends, mut used, mut at) = (Vec::new(), 0, 0);
    while let Some(unit) = units.get(at) {
        let is_pair = (0xD800..0xDC00).contains(unit) && at + 1 < units.len();
        let next = at + 1 + usize::from(is_pair);
        let length: usize = lengths.get(at..next).unwrap_or_default().iter().sum();
        if used + length > limit {
            ends.push(at);
            used = 0;
        }
        (used, at) = (used + length, next);
    }
    ends.push(units.len());
    ends
}

/// The text of parts, which must be in order.
pub fn join<'a>(parts: impl IntoIterator<Item = &'a Body>) -> String {
    let mut units = Vec::new();
    for part in parts {
        match part {
            Body::Text(text) => units.extend(text),
            Body::Data(data) => units.extend(hex(data).encode_utf16()),
        }
    }
    String::from_utf16_lossy(&units)
}

/// Octets as people read them: two hexadecimal digits each.
pub fn hex(octets: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut text = String::new();
    for octet in octets {
        text.push(DIGITS[usize::from(octet >> 4)].into());
        text.push(DIGITS[usize::from(octet & 0x0F)].into());
    }
    text
}
