//! Finds frames in what a port delivers.
//!
//! A message device (`/dev/cdc-wdm*`, `/dev/wwan*qmi*`) delivers one frame a read; a byte stream (a
//! pty, a serial port) any piece of any number of frames. Both are fed alike. Bytes that start no
//! frame are skipped one by one until some do; the skipped are counted.

use super::{FROM_MODEM, Header, MARKER, MAX_FRAME_LEN, RawMessage};
use crate::map::Queue;

/// Turns bytes into messages, however they arrive. Never holds more than one frame's bytes, at
/// most [`MAX_FRAME_LEN`], beyond the messages not yet polled.
#[derive(Default)]
pub struct Decoder {
    pending: Vec<u8>,
    messages: Queue<RawMessage>,
    skipped: u64,
}

impl Decoder {
    /// A decoder that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what one read returned and hands over the messages completed by it, in order.
    pub fn handle_input(&mut self, bytes: &[u8]) {
        // Chunks keep `pending` bounded however much one call brings.
        for chunk in bytes.chunks(MAX_FRAME_LEN) {
            self.pending.extend_from_slice(chunk);
            self.take_frames();
        }
    }

    /// The next message.
    pub fn poll_message(&mut self) -> Option<RawMessage> {
        self.messages.pop_front()
    }

    /// How many bytes that belong to no frame have been skipped.
    pub fn skipped_len(&self) -> u64 {
        self.skipped
    }

    /// Forgets an incomplete frame: the port was reopened.
    pub fn reset(&mut self) {
        self.pending.clear();
    }

    fn take_frames(&mut self) {
        let mut at = 0;
        while let Some(rest) = self.pending.get(at..).filter(|rest| !rest.is_empty()) {
            match Header::parse(rest) {
                Err(_) => {
                    self.skipped = self.skipped.saturating_add(1);
                    at += 1;
                }
                Ok(Some(header)) if header.frame_len <= rest.len() => {
                    let frame = rest.get(..header.frame_len).unwrap_or_default();
                    match header.message(frame) {
                        Ok(message) if message.tlvs().check().is_err() => {
                            if let Some(inner) = swallowed_frame(rest, header.frame_len) {
                                let skipped = u64::try_from(inner).unwrap_or(u64::MAX);
                                self.skipped = self.skipped.saturating_add(skipped);
                                at += inner;
                                continue;
                            }
                            self.messages.push_back(message);
                        }
                        Ok(message) => self.messages.push_back(message),
                        Err(_) => {}
                    }
                    at += header.frame_len;
                }
                Ok(Some(_) | None) => break,
            }
        }
        self.pending.drain(..at.min(self.pending.len()));
    }
}

/// Where a frame starts that the frame at the start of `bytes` has swallowed.
///
/// When bytes get lost inside a frame, it appears to go on into the frames behind it. Its TLVs then
/// contradict themselves, and a frame of the modem's starts among them.
fn swallowed_frame(bytes: &[u8], frame_len: usize) -> Option<usize> {
    (1..frame_len).find(|&at| {
        let candidate = bytes.get(at..).unwrap_or_default();
        candidate.first() == Some(&MARKER)
            && candidate.get(3) == Some(&FROM_MODEM)
            && Header::parse(candidate).is_ok()
    })
}
