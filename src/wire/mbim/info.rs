//! Reads the fields of an information buffer (10.3).
//!
//! Fixed fields come first and in order; what has no fixed length lies behind them and is referred
//! to by where it starts, counted from the start of the buffer or of the structure, and its length.
//! Nothing keeps several fields from referring to the same bytes, so what is taken out of a buffer
//! has maxima of its own.

use crate::wire::Error;
use crate::wire::text::{trimmed, utf16};
use core::net::{Ipv4Addr, Ipv6Addr};

/// The longest text taken, in bytes of UTF-16. The longest that 1.0 allows is a password's, 510.
pub const MAX_TEXT_LEN: usize = 1024;

/// The most elements taken of one list. Longer lists are cut, not refused.
pub const MAX_ELEMENTS: usize = 128;

/// Reads the fields of one structure in order. Numbers are little-endian.
#[derive(Clone, Debug)]
pub struct Info<'a> {
    whole: &'a [u8],
    at: usize,
}

impl<'a> Info<'a> {
    /// A reader of a buffer or structure.
    pub const fn new(whole: &'a [u8]) -> Self {
        Self { whole, at: 0 }
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`] when there are fewer; so for all the methods below.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let rest = self.whole.get(self.at..).ok_or(Error::Truncated)?;
        let array = rest.first_chunk().ok_or(Error::Truncated)?;
        self.at = self.at.saturating_add(N);
        Ok(*array)
    }

    /// The next two bytes.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn u16(&mut self) -> Result<u16, Error> {
        self.array().map(u16::from_le_bytes)
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

    /// The next four bytes as an IPv4 address, in network order.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn ipv4(&mut self) -> Result<Ipv4Addr, Error> {
        self.array::<4>().map(Ipv4Addr::from)
    }

    /// The next sixteen bytes as an IPv6 address, in network order.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn ipv6(&mut self) -> Result<Ipv6Addr, Error> {
        self.array::<16>().map(Ipv6Addr::from)
    }

    /// The bytes that the next two fields refer to; none where both are 0.
    ///
    /// # Errors
    /// [`Error::Truncated`], and [`Error::BadLength`] when they lie outside of the buffer.
    pub fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let (start, end) = self.span()?;
        self.whole.get(start..end).ok_or(Error::BadLength)
    }

    /// Where the bytes begin and end that the next two fields refer to.
    fn span(&mut self) -> Result<(usize, usize), Error> {
        let (offset, len) = (self.u32()?, self.u32()?);
        if len == 0 {
            return Ok((0, 0));
        }
        let start = usize::try_from(offset).map_err(|_| Error::BadLength)?;
        let len = usize::try_from(len).map_err(|_| Error::BadLength)?;
        Ok((start, start.checked_add(len).ok_or(Error::BadLength)?))
    }

    /// The text that the next two fields refer to. It is UTF-16; what is not, is replaced, and what
    /// modems leave behind it, a NUL or a line end, is taken off.
    ///
    /// # Errors
    /// As [`Info::bytes`], and [`Error::TooLarge`] beyond [`MAX_TEXT_LEN`].
    pub fn text(&mut self) -> Result<String, Error> {
        let bytes = self.bytes()?;
        if bytes.len() > MAX_TEXT_LEN {
            return Err(Error::TooLarge);
        }
        Ok(trimmed(&utf16(bytes)))
    }

    /// The same, `None` where it is empty.
    ///
    /// # Errors
    /// As [`Info::text`].
    pub fn some_text(&mut self) -> Result<Option<String>, Error> {
        self.text().map(|text| Some(text).filter(|text| !text.is_empty()))
    }

    /// A reader of the structure that the next two fields refer to; of one that is cut short, of
    /// what is there: libmbim's tests have a list whose last element is said to be too long.
    ///
    /// # Errors
    /// [`Error::Truncated`], and [`Error::BadLength`] when it lies outside of the buffer.
    pub fn structure(&mut self) -> Result<Self, Error> {
        let (start, end) = self.span()?;
        let end = end.min(self.whole.len());
        self.whole.get(start..end).map(Self::new).ok_or(Error::BadLength)
    }

    /// A reader of what starts where the next field says; `None` where that is 0.
    ///
    /// # Errors
    /// [`Error::Truncated`].
    pub fn place(&mut self) -> Result<Option<Self>, Error> {
        let offset = self.u32()?;
        let at = usize::try_from(offset).map_err(|_| Error::BadLength)?;
        Ok((at != 0).then_some(Self { whole: self.whole, at }))
    }

    /// Has `count` things read one after the other, [`MAX_ELEMENTS`] at most. Not generic, for
    /// it would be compiled anew for each kind of thing.
    ///
    /// # Errors
    /// What `read` says.
    pub fn each(
        &mut self,
        count: u32,
        read: &mut dyn FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let count = usize::try_from(count).unwrap_or(MAX_ELEMENTS).min(MAX_ELEMENTS);
        for _ in 0..count {
            read(self)?;
        }
        Ok(())
    }
}
