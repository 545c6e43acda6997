//! Bytes as they come, to lines.

use crate::wire::at::{LINE_BYTES_MAX, Split, split, text};

/// What has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// A line.
    Line(String),
    /// The modem waits for a payload.
    Prompt,
    /// A line that was too long to keep. It is gone.
    Overlong,
}

/// What has come of a line that is not complete.
#[derive(Debug, Default)]
pub(super) struct Lines {
    buf: Vec<u8>,
    /// How much at the front of `buf` has been taken.
    taken: usize,
    /// The rest of an overlong line is being thrown away.
    is_skipping: bool,
}

impl Lines {
    /// Adds bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buf.drain(..self.taken.min(self.buf.len()));
        self.taken = 0;
        self.buf.extend_from_slice(bytes);
    }

    /// The next complete item.
    pub(super) fn next(&mut self, expects_prompt: bool) -> Option<Item> {
        loop {
            let rest = self.buf.get(self.taken..)?;
            if self.is_skipping {
                let Some(end) = rest.iter().position(|c| matches!(c, b'\r' | b'\n')) else {
                    self.taken = self.buf.len();
                    return None;
                };
                self.taken += end;
                self.is_skipping = false;
                continue;
            }
            let (item, count) = split(rest, expects_prompt)?;
            let item = match item {
                Split::Line(line) if line.len() > LINE_BYTES_MAX => Item::Overlong,
                Split::Line(line) => Item::Line(text(line)),
                Split::Prompt => Item::Prompt,
                Split::Overlong => {
                    self.is_skipping = true;
                    Item::Overlong
                }
            };
            self.taken += count;
            return Some(item);
        }
    }

    /// Whether what is there so far looks like a prompt.
    pub(super) fn is_prompt(&self) -> bool {
        let rest = self.buf.get(self.taken..).unwrap_or_default();
        rest.trim_ascii() == b">"
    }
}
