//! TP-UD, the user data, 3GPP TS 23.040 9.2.3.24: header and text.

use super::alphabet::{Alphabet, pack, unpack};
use super::coding::Coding;
use super::header::Header;
use crate::wire::Error;

/// The most octets of user data, header included, 9.2.3.24.
pub const OCTETS_MAX: usize = 140;

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Text in UTF-16. A sender may split a character between two messages, so it is whole only
    /// when all parts are joined. Hostile text.
    Text(Vec<u16>),
    /// Octets for an application.
    Data(Vec<u8>),
}

/// The user data of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserData {
    /// What stands before the text.
    pub header: Header,
    /// How the text is coded.
    pub coding: Coding,
    /// The text.
    pub body: Body,
}

impl UserData {
    /// Reads user data that begins with its length. What is cut short is read as far as it goes:
    /// half a text is worth more than none.
    pub(super) fn read(bytes: &[u8], coding: Coding, has_header: bool) -> Result<Self, Error> {
        let (&length, rest) = bytes.split_first().ok_or(Error::Truncated)?;
        let length = usize::from(length);
        let octets = if coding == Coding::Gsm7 { (length * 7).div_ceil(8) } else { length };
        let data = rest.get(..octets.min(OCTETS_MAX)).unwrap_or(rest);
        let (header, used) = match data.split_first() {
            Some((&length, rest)) if has_header => {
                let elements = rest.get(..length.into()).ok_or(Error::BadLength)?;
                (Header::read(elements), elements.len() + 1)
            }
            _ => (Header::default(), 0),
        };
        let text = data.get(used..).unwrap_or_default();
        let body = match coding {
            Coding::Data => Body::Data(text.to_vec()),
            Coding::Ucs2 => Body::Text(units_of(text)),
            Coding::Gsm7 => {
                // The text begins at the first whole septet behind the header.
                let before = (used * 8).div_ceil(7);
                let codes = unpack(text, before * 7 - used * 8, length.saturating_sub(before));
                Body::Text(Alphabet::new(header.locking, header.single).decode(&codes))
            }
        };
        Ok(Self { header, coding, body })
    }

    /// Appends the user data with its length, and says whether there is a header.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) -> Result<bool, Error> {
        let header = self.header.write()?;
        let (length, text) = match (&self.body, self.coding) {
            (Body::Data(data), Coding::Data) => (header.len() + data.len(), data.clone()),
            (Body::Text(units), Coding::Ucs2) => (header.len() + units.len() * 2, wide(units)),
            (Body::Text(units), Coding::Gsm7) => {
                let alphabet = Alphabet::new(self.header.locking, self.header.single);
                let codes = codes(alphabet, units).ok_or(Error::bad_value(&"text"))?;
                let before = (header.len() * 8).div_ceil(7);
                (before + codes.len(), pack(&codes, before * 7 - header.len() * 8))
            }
            _ => return Err(Error::bad_value(&"coding")),
        };
        if header.len() + text.len() > OCTETS_MAX {
            return Err(Error::TooLarge);
        }
        bytes.push(u8::try_from(length).map_err(|_| Error::TooLarge)?);
        bytes.extend(&header);
        bytes.extend(text);
        Ok(!header.is_empty())
    }
}

/// UTF-16, its high octet first.
pub(super) fn wide(units: &[u16]) -> Vec<u8> {
    let mut octets = Vec::new();
    for unit in units {
        octets.extend(unit.to_be_bytes());
    }
    octets
}

/// The reverse.
pub(super) fn units_of(octets: &[u8]) -> Vec<u16> {
    let mut units = Vec::new();
    for octets in octets.as_chunks().0 {
        units.push(u16::from_be_bytes(*octets));
    }
    units
}

/// The codes of a text; `None` when the alphabet lacks a character of it.
pub(super) fn codes(alphabet: Alphabet, units: &[u16]) -> Option<Vec<u8>> {
    let mut codes = Vec::new();
    for unit in units {
        let (escape, code) = alphabet.encode(*unit)?;
        codes.extend(escape);
        codes.push(code);
    }
    Some(codes)
}
