//! Cuts the byte stream of a ubus socket into messages.
//!
//! Bytes may come in pieces of any size. It holds at most one unfinished message and what its last
//! input held; room is taken as bytes come, never because a header promises them.

use super::{Error, MESSAGE_HEADER_LEN, Message, frame_len};

/// What is kept of the buffer's room once it is empty: a large answer shall not hold memory for
/// ever.
pub(super) const KEPT_CAPACITY: usize = 16 * 1024;

/// Bytes in, messages out.
#[derive(Debug, Default)]
pub struct Decoder {
    pub(super) buffer: Vec<u8>,
    start: usize,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub const fn new() -> Self {
        Self { buffer: Vec::new(), start: 0 }
    }

    /// Takes the next bytes of the stream. Call [`Self::next_message`] until it gives `None` before
    /// the next push.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole message, or what was wrong with it; `None` when more bytes are needed. After
    /// a message that could not be read the stream goes on with the one behind it.
    ///
    /// # Errors
    /// When the header cannot be one (version, length): the boundaries of messages are lost then,
    /// and the connection is of no more use.
    pub fn next_message(&mut self) -> Result<Option<Result<Message, Error>>, Error> {
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        if rest.first().is_some_and(|&version| version != 0) {
            return Err(Error::bad_value(&"ubus version"));
        }
        let Some(len) = frame_len(rest)? else {
            self.compact();
            return Ok(None);
        };
        let Some(frame) = rest.get(..len) else {
            self.compact();
            return Ok(None);
        };
        let message = Message::decode(frame);
        self.start = self.start.saturating_add(len);
        Ok(Some(message))
    }

    /// Forgets everything: the stream begins anew.
    pub fn reset(&mut self) {
        *self = Self::new();
    }

    /// How many bytes wait for the rest of their message.
    pub fn pending_len(&self) -> usize {
        self.buffer.len().saturating_sub(self.start)
    }

    fn compact(&mut self) {
        self.buffer.drain(..self.start.min(self.buffer.len()));
        self.start = 0;
        if self.buffer.len() <= MESSAGE_HEADER_LEN && self.buffer.capacity() > KEPT_CAPACITY {
            self.buffer.shrink_to(KEPT_CAPACITY);
        }
    }
}
