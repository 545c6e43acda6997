//! Builds an information buffer (10.3).

use super::MAX_MESSAGE_LEN;
use crate::types::Secret;
use crate::wire::Error;

/// What goes into one buffer or structure: fixed fields, and behind them what they refer to, each
/// piece starting at a multiple of four.
#[derive(Default)]
pub struct InfoWriter {
    fixed: Vec<u8>,
    data: Vec<u8>,
    /// Where in `fixed` there is an offset that counts from the start of `data` so far.
    offsets: Vec<usize>,
    too_large: bool,
}

impl InfoWriter {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.fixed.extend(bytes);
        self
    }

    /// Appends two bytes.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Appends four bytes.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.bytes(&value.to_le_bytes())
    }

    /// Appends a number of things.
    pub fn count(&mut self, count: usize) -> &mut Self {
        self.u32(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// Appends a text, as a reference to it.
    pub fn text(&mut self, text: &str) -> &mut Self {
        let mut bytes = Vec::new();
        for unit in text.encode_utf16() {
            bytes.extend(unit.to_le_bytes());
        }
        self.reference(&bytes)
    }

    /// Appends a PIN, PUK or password, as a reference to it.
    pub fn secret(&mut self, secret: &Secret) -> &mut Self {
        self.text(secret.expose())
    }

    /// Appends a structure, as a reference to it.
    pub fn structure(&mut self, structure: Self) -> &mut Self {
        match structure.finish() {
            Ok(bytes) => self.reference(&bytes),
            Err(_) => {
                self.too_large = true;
                self
            }
        }
    }

    /// The buffer.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when it would be longer than any message.
    pub fn finish(mut self) -> Result<Vec<u8>, Error> {
        if self.too_large || self.fixed.len() + self.data.len() > MAX_MESSAGE_LEN {
            return Err(Error::TooLarge);
        }
        let fixed_len = u32::try_from(self.fixed.len()).map_err(|_| Error::TooLarge)?;
        for at in self.offsets {
            if let Some(field) = self.fixed.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
                *field = u32::from_le_bytes(*field).saturating_add(fixed_len).to_le_bytes();
            }
        }
        self.fixed.extend(self.data);
        Ok(self.fixed)
    }

    /// Appends bytes, as a reference to them.
    pub fn reference(&mut self, bytes: &[u8]) -> &mut Self {
        if bytes.is_empty() {
            return self.u32(0).u32(0);
        }
        self.offsets.push(self.fixed.len());
        let at = self.data.len();
        self.data.extend(bytes);
        self.data.resize(self.data.len().next_multiple_of(4), 0);
        self.count(at).count(bytes.len())
    }
}
