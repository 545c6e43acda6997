//! The fields of a QMI message: type (one byte), length (two, little-endian), value.
//!
//! A TLV that is missing or malformed is `None` when it is optional: modems exist that send one too
//! short (`detailed service status` with 4 bytes of 5) in a reply that is otherwise sound.

use crate::types::Secret;
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
    /// [`Error::bad_value`] when it is missing, and what `read` says when it is malformed.
    pub fn mandatory<T>(
        self,
        kind: u8,
        field: Field,
        read: impl FnOnce(&mut TlvReader<'a>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        read(&mut self.get(kind).ok_or(Error::bad_value(field))?)
    }

    /// Reads a TLV that may be missing; `None` as well when it is malformed.
    pub fn optional<T>(
        self,
        kind: u8,
        read: impl FnOnce(&mut TlvReader<'a>) -> Result<T, Error>,
    ) -> Option<T> {
        read(&mut self.get(kind)?).ok()
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

/// Reads the fields of one TLV in order. Numbers are little-endian.
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
    ///
    /// # Errors
    /// [`Error::Truncated`] when there are fewer; so for all the methods below.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(*array)
    }

    /// The next `len` bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn bytes(&mut self, len: usize) -> Result<&'a [u8], Error> {
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or(Error::Truncated)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// As many things as the next byte says, one after the other.
    ///
    /// # Errors
    /// [`Error::Truncated`], and what `read` says.
    pub fn list8<T>(
        &mut self,
        mut read: impl FnMut(&mut Self) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut list = Vec::new();
        for _ in 0..self.u8()? {
            list.push(read(self)?);
        }
        Ok(list)
    }

    /// The next byte.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn u8(&mut self) -> Result<u8, Error> {
        self.array().map(u8::from_le_bytes)
    }

    /// The next byte, signed.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn i8(&mut self) -> Result<i8, Error> {
        self.array().map(i8::from_le_bytes)
    }

    /// The next byte as a flag: anything but 0 is true.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn flag(&mut self) -> Result<bool, Error> {
        self.u8().map(|byte| byte != 0)
    }

    /// The next two bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_le_bytes)
    }

    /// The next two bytes, signed.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn i16(&mut self) -> Result<i16, Error> {
        self.array().map(i16::from_le_bytes)
    }

    /// The next four bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn u32(&mut self) -> Result<u32, Error> {
        self.array().map(u32::from_le_bytes)
    }

    /// The next eight bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn u64(&mut self) -> Result<u64, Error> {
        self.array().map(u64::from_le_bytes)
    }

    /// An IPv4 address: a number, its last octet first.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn ipv4(&mut self) -> Result<Ipv4Addr, Error> {
        self.u32().map(Ipv4Addr::from_bits)
    }

    /// An IPv6 address, in network order.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn ipv6(&mut self) -> Result<Ipv6Addr, Error> {
        self.array::<16>().map(Ipv6Addr::from)
    }

    /// Bytes behind their number, which is one byte.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn bytes8(&mut self) -> Result<&'a [u8], Error> {
        let len = self.u8()?;
        self.bytes(usize::from(len))
    }

    /// Bytes behind their number, which is two bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn bytes16(&mut self) -> Result<&'a [u8], Error> {
        let len = self.u16()?;
        self.bytes(usize::from(len))
    }

    /// Everything that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        core::mem::take(&mut self.rest)
    }

    /// Everything that is left, as [text].
    ///
    /// # Errors
    /// None; a result so that it can be passed to [`Tlvs::optional`].
    pub fn text(&mut self) -> Result<String, Error> {
        Ok(text(self.rest()))
    }

    /// [Text](text()) behind its length, which is one byte.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn text8(&mut self) -> Result<String, Error> {
        self.bytes8().map(text)
    }

    /// [Text](text()) behind its length, which is two bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn text16(&mut self) -> Result<String, Error> {
        self.bytes16().map(text)
    }
}

/// Text as modems send it: not always UTF-8, often with a NUL, a tab or a line end behind it.
pub fn text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_end_matches(|c: char| c == '\0' || c.is_whitespace()).to_owned()
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
