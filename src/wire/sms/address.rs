//! Addresses: of a party, 3GPP TS 23.040 9.1.2.5, and of a service centre, TS 24.011 8.2.5.1.

use super::alphabet::{Alphabet, pack, unpack};
use super::pdu::take;
use crate::wire::Error;

/// The digits of half an octet, 23.040 9.1.2.3; 0xF fills up.
const DIGITS: &[u8; 15] = b"0123456789*#abc";

/// The most octets of an address's value: twenty digits, or eleven letters of seven bits.
const VALUE_MAX: usize = 10;

/// Who sent a message, or whom it is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The type-of-address octet, 9.1.2.5: type of number and numbering plan.
    pub kind: u8,
    /// Digits without `+`, or a name. Hostile text.
    pub text: String,
}

impl Address {
    /// An international number of the telephone numbering plan.
    pub const INTERNATIONAL: u8 = 0x91;
    /// Any other number of the telephone numbering plan.
    pub const UNKNOWN: u8 = 0x81;
    /// A name.
    pub const ALPHANUMERIC: u8 = 0xD0;

    /// A number as people write it: digits, `*` and `#`, a leading `+`, and spaces or dashes
    /// between them; `None` when it is no number, or longer than twenty digits.
    pub fn of_number(text: &str) -> Option<Self> {
        let (kind, digits) = match text.trim().strip_prefix('+') {
            Some(digits) => (Self::INTERNATIONAL, digits),
            None => (Self::UNKNOWN, text.trim()),
        };
        let text: String = digits.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
        let is_digit = |c: char| c.is_ascii_digit() || matches!(c, '*' | '#');
        let is_number =
            !text.is_empty() && text.len() <= VALUE_MAX * 2 && text.chars().all(is_digit);
        is_number.then_some(Self { kind, text })
    }

    /// The number as people write it, or the name.
    pub fn display(&self) -> String {
        let is_international = self.kind & 0x70 == Self::INTERNATIONAL & 0x70;
        let plus = if is_international && !self.text.is_empty() { "+" } else { "" };
        format!("{plus}{}", self.text)
    }

    fn is_name(&self) -> bool {
        self.kind & 0x70 == Self::ALPHANUMERIC & 0x70
    }

    /// Takes an address whose length counts digits off the front.
    pub(super) fn read(rest: &mut &[u8]) -> Result<Self, Error> {
        let [digits, kind] = take(rest)?;
        let length = usize::from(digits).div_ceil(2);
        if length > VALUE_MAX + 2 {
            return Err(Error::bad_value(&"address length"));
        }
        let (value, after) = rest.split_at_checked(length).ok_or(Error::Truncated)?;
        *rest = after;
        let mut address = Self { kind, text: String::new() };
        address.text = if address.is_name() {
            let codes = unpack(value, 0, usize::from(digits) * 4 / 7);
            String::from_utf16_lossy(&Alphabet::new(0, 0).decode(&codes))
        } else {
            let mut text = digits_of(value);
            text.truncate(usize::from(digits));
            text
        };
        Ok(address)
    }

    /// Appends the address with its length in digits.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let (count, value) = if self.is_name() {
            let codes = codes_of_name(&self.text)?;
            ((codes.len() * 7).div_ceil(4), pack(&codes, 0))
        } else {
            (self.text.len(), halves(&self.text)?)
        };
        if value.len() > VALUE_MAX {
            return Err(Error::TooLarge);
        }
        bytes.push(u8::try_from(count).map_err(|_| Error::TooLarge)?);
        bytes.push(self.kind | 0x80);
        bytes.extend(value);
        Ok(())
    }

    /// Reads a service centre's address, whose length counts octets, and returns what follows;
    /// `None` when it is left to the modem.
    pub(super) fn read_centre(bytes: &[u8]) -> Result<(Option<Self>, &[u8]), Error> {
        let (&length, rest) = bytes.split_first().ok_or(Error::Truncated)?;
        let (address, rest) = rest.split_at_checked(length.into()).ok_or(Error::Truncated)?;
        let read = |(&kind, value): (&u8, &[u8])| Self { kind, text: digits_of(value) };
        Ok((address.split_first().map(read), rest))
    }

    /// Appends a service centre's address, or that it is left to the modem.
    pub(super) fn write_centre(centre: Option<&Self>, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let Some(centre) = centre else {
            bytes.push(0);
            return Ok(());
        };
        let value = halves(&centre.text)?;
        bytes.push(u8::try_from(value.len() + 1).map_err(|_| Error::TooLarge)?);
        bytes.push(centre.kind | 0x80);
        bytes.extend(value);
        Ok(())
    }
}

fn digits_of(value: &[u8]) -> String {
    let mut digits = String::new();
    for octet in value {
        for half in [octet & 0x0F, octet >> 4] {
            let Some(digit) = DIGITS.get(usize::from(half)) else { return digits };
            digits.push(char::from(*digit));
        }
    }
    digits
}

/// Two digits an octet, the first in the low half.
fn halves(digits: &str) -> Result<Vec<u8>, Error> {
    let mut octets = Vec::new();
    for pair in digits.as_bytes().chunks(2) {
        let mut octet = 0xFF;
        for digit in pair.iter().rev() {
            let half = DIGITS.iter().position(|known| known == digit);
            let half = half.and_then(|half| u8::try_from(half).ok());
            octet = octet << 4 | half.ok_or(Error::bad_value(&"address"))?;
        }
        octets.push(octet);
    }
    Ok(octets)
}

fn codes_of_name(name: &str) -> Result<Vec<u8>, Error> {
    let mut codes = Vec::new();
    for unit in name.encode_utf16() {
        let (escape, code) =
            Alphabet::new(0, 0).encode(unit).ok_or(Error::bad_value(&"address"))?;
        codes.extend(escape);
        codes.push(code);
    }
    Ok(codes)
}
