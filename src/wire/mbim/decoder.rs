//! Finds frames in what a port delivers.
//!
//! A message device (`/dev/cdc-wdm*`, `/dev/wwan*mbim*`) delivers one frame a read; a byte stream
//! (a pty) any piece of any number of frames. Both are fed alike. Bytes that start no frame are
//! skipped one by one until some do; the skipped are counted.

use super::{Fragment, Frame, MAX_MESSAGE_LEN, RawMessage};
use crate::map::Queue;

/// Turns bytes into frames, however they arrive. Never holds more than one frame's bytes, at most
/// [`MAX_MESSAGE_LEN`], beyond the frames not yet polled.
#[derive(Default)]
pub struct Decoder {
    pending: Vec<u8>,
    frames: Queue<Frame>,
    skipped: u64,
}

impl Decoder {
    /// A decoder that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes what one read returned and hands over the frames completed by it, in order.
    pub fn handle_input(&mut self, bytes: &[u8]) {
        // Chunks keep `pending` bounded however much one call brings.
        for chunk in bytes.chunks(MAX_MESSAGE_LEN) {
            self.pending.extend_from_slice(chunk);
            self.take_frames();
        }
    }

    /// The next frame.
    pub fn poll_frame(&mut self) -> Option<Frame> {
        self.frames.pop_front()
    }

    /// How many bytes that belong to no frame have been skipped.
    pub fn skipped_len(&self) -> u64 {
        self.skipped
    }

    /// Forgets an incomplete frame: the port was reopened, or the rest of it never came.
    pub fn reset(&mut self) {
        self.pending.clear();
    }

    fn take_frames(&mut self) {
        let mut at = 0;
        while let Some(rest) = self.pending.get(at..).filter(|rest| !rest.is_empty()) {
            match Frame::split_off(rest) {
                Ok(Some((frame, len))) if is_sound(&frame) => {
                    self.frames.push_back(frame);
                    at += len;
                }
                Ok(Some(_)) | Err(_) => {
                    self.skipped = self.skipped.saturating_add(1);
                    at += 1;
                }
                Ok(None) => break,
            }
        }
        self.pending.drain(..at.min(self.pending.len()));
    }
}

/// Whether the lengths inside a whole message agree with its own; of fragments that shows only when
/// they are put together.
fn is_sound(frame: &Frame) -> bool {
    frame.fragment != Fragment::WHOLE || RawMessage::from_frame(frame).is_ok()
}
