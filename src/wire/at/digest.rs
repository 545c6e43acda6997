//! Cutting a byte stream into lines and telling final results from the rest. V.250 5.7.

use super::{CmeError, CmsError};

/// The longest line kept. The longest known, a `+CRSM` or `+CMGL` reply, is under 1 KB.
pub const LINE_BYTES_MAX: usize = 4096;

/// What is at the front of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split<'a> {
    /// A line, without what ended it; never empty.
    Line(&'a [u8]),
    /// `> `: the modem waits for a payload.
    Prompt,
    /// More than [`LINE_BYTES_MAX`] bytes without an end. What follows up to the next CR or LF is
    /// the rest of it.
    Overlong,
}

/// Cuts the first item off `buf`: what it is, and how many bytes it took with what ended it.
/// `None` when more bytes are needed.
///
/// Either of CR and LF ends a line, and empty lines are skipped, so it makes no difference where
/// reads cut the stream. A prompt has no end, so it is only seen when `expects_prompt`.
pub fn split(buf: &[u8], expects_prompt: bool) -> Option<(Split<'_>, usize)> {
    let start = buf.iter().position(|&c| !is_blank(c))?;
    let rest = buf.get(start..)?;
    if let Some(length) = rest.iter().position(|&c| is_end(c)) {
        let line = rest.get(..length)?;
        return Some((Split::Line(line.trim_ascii_end()), start + length + 1));
    }
    if expects_prompt && matches!(rest, b">" | b"> ") {
        return Some((Split::Prompt, buf.len()));
    }
    (rest.len() > LINE_BYTES_MAX).then_some((Split::Overlong, buf.len()))
}

/// Line ends, and the blanks and NULs that some modems send around lines or when they start.
fn is_blank(c: u8) -> bool {
    matches!(c, b'\r' | b'\n' | b' ' | b'\t' | 0)
}

/// Whether `c` ends a line.
fn is_end(c: u8) -> bool {
    matches!(c, b'\r' | b'\n')
}

/// A line as text: UTF-8 when it is, else one character a byte (ISO 8859-1), so nothing is lost.
pub fn text(line: &[u8]) -> String {
    core::str::from_utf8(line)
        .map_or_else(|_| line.iter().copied().map(char::from).collect(), str::to_owned)
}

/// A result that ends a command. V.250 5.7.1, TS 27.007 9.2, TS 27.005 3.2.5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Final {
    /// `OK`
    Ok,
    /// `ERROR`, and vendors' words for it.
    Error,
    /// `+CME ERROR: ...`
    Cme(CmeError),
    /// `+CMS ERROR: ...`
    Cms(CmsError),
    /// `NO CARRIER`. Also unsolicited, when a call ends.
    NoCarrier,
    /// `BUSY`
    Busy,
    /// `NO ANSWER`
    NoAnswer,
    /// `NO DIALTONE`
    NoDialtone,
    /// `CONNECT`, with what follows, mostly a rate.
    Connect(String),
}

impl Final {
    /// Whether it can only answer a dial command; to any other it is unsolicited.
    pub fn is_of_call(&self) -> bool {
        match self {
            Self::Ok | Self::Error | Self::Cme(_) | Self::Cms(_) => false,
            Self::NoCarrier | Self::Busy | Self::NoAnswer | Self::NoDialtone | Self::Connect(_) => {
                true
            }
        }
    }
}

/// The final result that a line is.
pub fn final_result(line: &str) -> Option<Final> {
    if let Some(error) = line.strip_prefix("+CME ERROR:") {
        return Some(Final::Cme(CmeError::parse(error.trim())));
    }
    if let Some(error) = line.strip_prefix("+CMS ERROR:") {
        return Some(Final::Cms(CmsError::parse(error.trim())));
    }
    if let Some((_, result)) = WORDS.iter().find(|(word, _)| *word == line) {
        return Some(result.clone());
    }
    let rate = line.strip_prefix("CONNECT")?;
    if rate.is_empty() {
        return Some(Final::Connect(String::new()));
    }
    rate.strip_prefix(' ').map(|rate| Final::Connect(rate.to_owned()))
}

/// The results that are a line without anything else in it.
///
/// seen: Huawei E1752 COMMAND NOT SUPPORT, tests/capture/at/huawei-e1752.txt
static WORDS: [(&str, Final); 11] = [
    ("OK", Final::Ok),
    ("ERROR", Final::Error),
    ("COMMAND NOT SUPPORT", Final::Error),
    ("TOO MANY PARAMETERS", Final::Error),
    ("+CME ERROR", Final::Error),
    ("+CMS ERROR", Final::Error),
    ("NO CARRIER", Final::NoCarrier),
    ("BUSY", Final::Busy),
    ("NO ANSWER", Final::NoAnswer),
    ("NO DIALTONE", Final::NoDialtone),
    ("NO DIAL TONE", Final::NoDialtone),
];
