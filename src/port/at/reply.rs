//! What comes of a request.

use super::{REPLIES_MAX, TransactionId};
use crate::map::Map;
use crate::wire;
use crate::wire::at::{CmeError, CmsError, Final};
use core::fmt;

/// A command's answer, when it ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtReply {
    /// The lines between the command and its final result, without echo and empty lines. They are
    /// the modem's own text: escape them before showing them.
    pub lines: Vec<String>,
    /// The final result: `OK` or `CONNECT ...`; what refuses only for who [asks for
    /// it](super::AtPort::take_result).
    pub final_text: String,
    /// The refusal that the final result is.
    pub refusal: Option<AtError>,
}

/// A final result that is a refusal, in the modem's own code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtError {
    /// `ERROR`: the modem does not say why; mostly it does not know the command.
    Error,
    /// `+CME ERROR`
    Cme(CmeError),
    /// `+CMS ERROR`
    Cms(CmsError),
    /// `NO CARRIER`, to a dial command.
    NoCarrier,
    /// `BUSY`, to a dial command.
    Busy,
    /// `NO ANSWER`, to a dial command.
    NoAnswer,
    /// `NO DIALTONE`, to a dial command.
    NoDialtone,
}

impl AtError {
    /// The refusal a final result is, unless it is success.
    pub fn from_final(result: Final) -> Option<Self> {
        match result {
            Final::Ok | Final::Connect(_) => None,
            Final::Error => Some(Self::Error),
            Final::Cme(error) => Some(Self::Cme(error)),
            Final::Cms(error) => Some(Self::Cms(error)),
            Final::NoCarrier => Some(Self::NoCarrier),
            Final::Busy => Some(Self::Busy),
            Final::NoAnswer => Some(Self::NoAnswer),
            Final::NoDialtone => Some(Self::NoDialtone),
        }
    }
}

impl fmt::Display for AtError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error => f.write_str("ERROR"),
            Self::Cme(CmeError::OtherText) => f.write_str("+CME ERROR"),
            Self::Cms(CmsError::OtherText) => f.write_str("+CMS ERROR"),
            Self::Cme(error) => write!(f, "+CME ERROR: {error}"),
            Self::Cms(error) => write!(f, "+CMS ERROR: {error}"),
            Self::NoCarrier => f.write_str("NO CARRIER"),
            Self::Busy => f.write_str("BUSY"),
            Self::NoAnswer => f.write_str("NO ANSWER"),
            Self::NoDialtone => f.write_str("NO DIALTONE"),
        }
    }
}

/// The outcomes of commands that wait to be taken.
#[derive(Debug, Default)]
pub(super) struct Replies(Map<TransactionId, Result<AtReply, RequestError>>);

impl Replies {
    pub(super) fn put(&mut self, id: TransactionId, outcome: Result<AtReply, RequestError>) {
        while self.0.len() >= REPLIES_MAX {
            self.0.pop_first();
        }
        self.0.insert(id, outcome);
    }

    pub(super) fn take(&mut self, id: TransactionId) -> Option<Result<AtReply, RequestError>> {
        self.0.take(&id)
    }
}

/// Why a command has no answer that ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    /// No final result in time, or no turn.
    Timeout,
    /// The device is gone.
    PortClosed,
    /// Too many commands wait already.
    QueueFull,
    /// The modem refused.
    At(AtError),
    /// The answer cannot be read, or is longer than any sensible one.
    Malformed(wire::Error),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("no answer in time"),
            Self::PortClosed => f.write_str("the port is gone"),
            Self::QueueFull => f.write_str("too many commands wait"),
            Self::At(error) => error.fmt(f),
            Self::Malformed(error) => write!(f, "unreadable answer: {error}"),
        }
    }
}

impl core::error::Error for RequestError {}
