//! TP-UDH, the user data header, 3GPP TS 23.040 9.2.3.24.

use crate::wire::Error;

/// Which part of a longer message a message is, 9.2.3.24.1 and .8.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Concat {
    /// The same in all parts.
    pub reference: u16,
    /// Whether the reference has two octets.
    pub is_wide: bool,
    /// How many parts there are; at least 1.
    pub total: u8,
    /// Which this is, from 1 to `total`.
    pub number: u8,
}

/// What stands before the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Where the message belongs in a longer one.
    pub concat: Option<Concat>,
    /// The national language whose table replaces the default alphabet, 9.2.3.24.16; 0 for none.
    pub locking: u8,
    /// The national language whose table stands behind an escape, 9.2.3.24.15; 0 for none.
    pub single: u8,
    /// The ports of an application, 9.2.3.24.3 and .4: destination and origin.
    pub ports: Option<(u16, u16)>,
    /// What else there is: identifier and value.
    pub other: Vec<(u8, Vec<u8>)>,
}

impl Header {
    /// Reads the elements behind the header's length. An element that is malformed, or given a
    /// second time, is kept among the others or overrides, as 9.2.3.24 says: the last one counts.
    pub(super) fn read(mut bytes: &[u8]) -> Self {
        let mut header = Self::default();
        while let Some((&[id, length], rest)) = bytes.split_first_chunk() {
            let Some((value, rest)) = rest.split_at_checked(length.into()) else { break };
            bytes = rest;
            header.element(id, value);
        }
        header
    }

    fn element(&mut self, id: u8, value: &[u8]) {
        let concat = |reference, is_wide, total, number| {
            // A number that cannot be makes the element void, 9.2.3.24.1.
            let is_valid = total > 0 && (1..=total).contains(&number);
            is_valid.then_some(Concat { reference, is_wide, total, number })
        };
        let pair = |high, low| u16::from_be_bytes([high, low]);
        match (id, value) {
            (0x00, &[reference, total, number]) => {
                self.concat = concat(reference.into(), false, total, number).or(self.concat);
            }
            (0x08, &[high, low, total, number]) => {
                self.concat = concat(pair(high, low), true, total, number).or(self.concat);
            }
            (0x04, &[to, from]) => self.ports = Some((to.into(), from.into())),
            (0x05, &[a, b, c, d]) => self.ports = Some((pair(a, b), pair(c, d))),
            (0x24, &[language]) => self.single = language,
            (0x25, &[language]) => self.locking = language,
            _ => self.other.push((id, value.to_vec())),
        }
    }

    /// The elements and their length; empty when there are none.
    pub(super) fn write(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0];
        if let Some(concat) = self.concat {
            let [high, low] = concat.reference.to_be_bytes();
            let place = [concat.total, concat.number];
            if concat.is_wide {
                bytes.extend([0x08, 4, high, low]);
            } else {
                bytes.extend([0x00, 3, low]);
            }
            bytes.extend(place);
        }
        if let Some((to, from)) = self.ports {
            bytes.extend([0x05, 4]);
            bytes.extend(to.to_be_bytes());
            bytes.extend(from.to_be_bytes());
        }
        for (id, language) in [(0x24, self.single), (0x25, self.locking)] {
            if language != 0 {
                bytes.extend([id, 1, language]);
            }
        }
        for (id, value) in &self.other {
            bytes.extend([*id, u8::try_from(value.len()).map_err(|_| Error::TooLarge)?]);
            bytes.extend(value);
        }
        let length = u8::try_from(bytes.len() - 1).map_err(|_| Error::TooLarge)?;
        if length == 0 {
            return Ok(Vec::new());
        }
        if let Some(first) = bytes.first_mut() {
            *first = length;
        }
        Ok(bytes)
    }
}
