//! The fields of a QMI message: type (one byte), length (two, little-endian), value.
//!
//! A TLV that is missing or malformed is `None` when it is optional: modems exist that send one too
//! short (`detailed service status` with 4 bytes of 5) in a reply that is otherwise sound.

use crate::types::Secret;
use crate::wire::text::trimmed;
use crate::wire::{Error, Field};
use core::net::{Ipv4Addr, Ipv6Addr};

/// One TLV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// What it means depends on the message, and on whether it is a request or a reply.
    pub kind: u8,
    /// Its bytes.
    pub value: &'a [u8],
}

/// The TLVs of one message, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tlvs<'a> {
    bytes: &'a [u8],
}

impl<'a> Tlvs<'a> {
    /// The TLVs in `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Whether the TLVs fill the bytes exactly.
    ///
    /// # Errors
    /// [`Error::BadLength`] when one runs over the end.
    pub fn check(self) -> Result<(), Error> {
        let used: usize = self.iter().map(|tlv| 3 + tlv.value.len()).sum();
        if used == self.bytes.len() { Ok(()) } else { Err(Error::BadLength) }
    }

    /// Each TLV, up to the first that runs over the end.
    pub fn iter(self) -> TlvIter<'a> {
        TlvIter { rest: self.bytes }
    }

    /// A reader of the first TLV of type `kind`.
    pub fn get(self, kind: u8) -> Option<TlvReader<'a>> {
        self.iter().find(|tlv| tlv.kind == kind).map(|tlv| TlvReader::new(tlv.value))
    }

    /// Reads a TLV that the message must have; `field` names it in the error.
    ///
    /// # Errors
    /// [`Error::bad_value`] when it is missing, and [`Error::Truncated`] when it is too short.
    pub fn mandatory<T>(
        self,
        kind: u8,
        field: Field,
        read: impl FnOnce(&mut TlvReader<'a>) -> Option<T>,
    ) -> Result<T, Error> {
        read(&mut self.get(kind).ok_or(Error::bad_value(field))?).ok_or(Error::Truncated)
    }

    /// Reads a TLV that may be missing; `None` as well when it is malformed.
    pub fn optional<T>(
        self,
        kind: u8,
        read: impl FnOnce(&mut TlvReader<'a>) -> Option<T>,
    ) -> Option<T> {
        read(&mut self.get(kind)?)
    }
}

/// Goes through the TLVs of a message.
#[derive(Clone, Debug)]
pub struct TlvIter<'a> {
    rest: &'a [u8],
}

impl<'a> Iterator for TlvIter<'a> {
    type Item = Tlv<'a>;

    fn next(&mut self) -> Option<Tlv<'a>> {
        let (&[kind, low, high], rest) = self.rest.split_first_chunk()?;
        let (value, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes([low, high])))?;
        self.rest = rest;
        Some(Tlv { kind, value })
    }
}

/// Reads the fields of one TLV in order. Numbers are little-endian. A field is `None` when there
/// are fewer bytes than it takes.
#[derive(Clone, Debug)]
pub struct TlvReader<'a> {
    rest: &'a [u8],
}

impl<'a> TlvReader<'a> {
    /// A reader of `value`.
    pub const fn new(value: &'a [u8]) -> Self {
        Self { rest: value }
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*array)
    }

    /// The next `len` bytes.
    pub fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(bytes)
    }

    /// The next `len` bytes, four at most, as a number.
    #[inline(never)]
    pub fn number(&mut self, len: usize) -> Option<u32> {
        let mut number = 0;
        for byte in self.bytes(len)?.iter().rev() {
            number = number << 8 | u32::from(*byte);
        }
        Some(number)
    }

    /// As many things as the next byte says, one after the other.
    pub fn list8<T>(&mut self, mut read: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut list = Vec::new();
        for _ in 0..self.u8()? {
            list.push(read(self)?);
        }
        Some(list)
    }

    /// The next byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.number(1).map(|number| number.to_le_bytes()[0])
    }

    /// The next byte, signed.
    pub fn i8(&mut self) -> Option<i8> {
        self.u8().map(u8::cast_signed)
    }

    /// The next byte as a flag: anything but 0 is true.
    pub fn flag(&mut self) -> Option<bool> {
        self.number(1).map(|byte| byte != 0)
    }

    /// The next two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.number(2).map(|number| {
            let [low, high, ..] = number.to_le_bytes();
            u16::from_le_bytes([low, high])
        })
    }

    /// The next two bytes, signed.
    pub fn i16(&mut self) -> Option<i16> {
        self.u16().map(u16::cast_signed)
    }

    /// The next four bytes.
    pub fn u32(&mut self) -> Option<u32> {
        self.number(4)
    }

    /// The next eight bytes.
    pub fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// An IPv4 address: a number, its last octet first.
    pub fn ipv4(&mut self) -> Option<Ipv4Addr> {
        self.u32().map(Ipv4Addr::from_bits)
    }

    /// An IPv6 address, in network order.
    pub fn ipv6(&mut self) -> Option<Ipv6Addr> {
        self.array::<16>().map(Ipv6Addr::from)
    }

    /// Bytes behind their number, which is one byte.
    pub fn bytes8(&mut self) -> Option<&'a [u8]> {
        let len = self.u8()?;
        self.bytes(usize::from(len))
    }

    /// Bytes behind their number, which is two bytes.
    pub fn bytes16(&mut self) -> Option<&'a [u8]> {
        let len = self.u16()?;
        self.bytes(usize::from(len))
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Everything that is left, as [text]. Never `None`: so it can be passed to [`Tlvs::optional`].
    pub fn text(&mut self) -> Option<String> {
        Some(text(self.rest()))
    }

    /// [Text](text()) behind its length, which is one byte.
    pub fn text8(&mut self) -> Option<String> {
        self.bytes8().map(text)
    }

    /// [Text](text()) behind its length, which is two bytes.
    pub fn text16(&mut self) -> Option<String> {
        self.bytes16().map(text)
    }
}

/// Text as modems send it: not always UTF-8, often with a NUL, a tab or a line end behind it.
pub fn text(bytes: &[u8]) -> String {
    trimmed(&String::from_utf8_lossy(bytes))
}

/// Builds the TLVs of a message.
#[derive(Default)]
pub struct TlvWriter {
    bytes: Vec<u8>,
    too_large: bool,
}

impl TlvWriter {
    /// No TLVs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends a TLV.
    pub fn put(&mut self, kind: u8, value: &[u8]) -> &mut Self {
        if let Ok(len) = u16::try_from(value.len()) {
            self.bytes.push(kind);
            self.bytes.extend(len.to_le_bytes());
            self.bytes.extend(value);
        } else {
            self.too_large = true;
        }
        self
    }

    /// Appends a TLV of one byte.
    pub fn put_u8(&mut self, kind: u8, value: u8) -> &mut Self {
        self.put(kind, &[value])
    }

    /// Appends a TLV of one byte, 1 or 0.
    pub fn put_flag(&mut self, kind: u8, value: bool) -> &mut Self {
        self.put_u8(kind, u8::from(value))
    }

    /// Appends a TLV of two bytes.
    pub fn put_u16(&mut self, kind: u8, value: u16) -> &mut Self {
        self.put(kind, &value.to_le_bytes())
    }

    /// Appends a TLV of four bytes.
    pub fn put_u32(&mut self, kind: u8, value: u32) -> &mut Self {
        self.put(kind, &value.to_le_bytes())
    }

    /// Appends a TLV of bytes behind their number, which is one byte.
    pub fn put_bytes8(&mut self, kind: u8, value: &[u8]) -> &mut Self {
        let mut sequence = Sequence::new();
        sequence.bytes8(value);
        self.put_sequence(kind, sequence)
    }

    /// Appends a TLV of several fields.
    pub fn put_sequence(&mut self, kind: u8, sequence: Sequence) -> &mut Self {
        self.too_large |= sequence.too_large;
        self.put(kind, &sequence.bytes)
    }

    /// The bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when a value did not fit its length field.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        if self.too_large { Err(Error::TooLarge) } else { Ok(self.bytes) }
    }
}

/// The fields of one TLV, in order.
#[derive(Default)]
pub struct Sequence {
    bytes: Vec<u8>,
    too_large: bool,
}

impl Sequence {
    /// No fields yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends bytes.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend(bytes);
        self
    }

    /// Appends one byte.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes(&[value])
    }

    /// Appends two bytes.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Appends four bytes.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Appends how many elements follow, which is one byte.
    pub fn count8(&mut self, count: usize) -> &mut Self {
        match u8::try_from(count) {
            Ok(count) => self.u8(count),
            Err(_) => {
                self.too_large = true;
                self
            }
        }
    }

    /// Appends bytes behind their number, which is one byte.
    pub fn bytes8(&mut self, bytes: &[u8]) -> &mut Self {
        self.count8(bytes.len()).bytes(bytes)
    }

    /// Appends a PIN or PUK behind its length.
    pub fn secret8(&mut self, secret: &Secret) -> &mut Self {
        self.bytes8(secret.expose().as_bytes())
    }
}
