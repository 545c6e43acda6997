//! A text as messages, and messages as a text again.

use super::alphabet::Alphabet;
use super::coding::Coding;
use super::header::{Concat, Header};
use super::user_data::{Body, OCTETS_MAX, UserData, codes};

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
    let fewest = tables.iter().take(used).filter_map(|(locking, single)| {
        let alphabet = Alphabet::new(*locking, *single);
        let lengths = unit_lengths(alphabet, &units)?;
        let header = Header { locking: *locking, single: *single, ..Header::default() };
        let ends = ends(&units, header_octets(&header), &lengths);
        Some((header, Coding::Gsm7, ends))
    });
    let wide = || (Header::default(), Coding::Ucs2, ends(&units, 0, &vec![16; units.len()]));
    // The first of equals: the default alphabet is what every phone reads.
    let (header, coding, ends) = fewest.min_by_key(|(.., ends)| ends.len()).unwrap_or_else(wide);
    let total = u8::try_from(ends.len()).ok()?;
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let parts = starts.zip(&ends).zip(1..=total).map(|((start, end), number)| UserData {
        header: Header {
            concat: (total > 1).then_some(Concat {
                reference: reference.into(),
                is_wide: false,
                total,
                number,
            }),
            ..header.clone()
        },
        coding,
        body: Body::Text(units.get(start..*end).unwrap_or_default().to_vec()),
    });
    Some(parts.collect())
}

/// How many bits each character takes.
fn unit_lengths(alphabet: Alphabet, units: &[u16]) -> Option<Vec<usize>> {
    units.iter().map(|unit| Some(codes(alphabet, &[*unit])?.len() * 7)).collect()
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
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}
