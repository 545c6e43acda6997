//! Messages and the frames they cross the control port in (9.1 to 9.5).
//!
//! A frame is a type, the length of the whole, a transaction id and, for commands, their replies
//! and indications, how many fragments the message has and which this is. All numbers are 32 bits,
//! little-endian. [`Frame`] is one fragment, [`RawMessage`] a whole message; both encode to the
//! bytes they were decoded from.

use super::code::codes;
use super::{ProtocolError, Service, Status};
use crate::wire::Error;
use core::fmt;

/// The longest message taken or made, in bytes, put together from its fragments. Lists of networks
/// and of services are the longest there are, some kilobytes.
pub const MAX_MESSAGE_LEN: usize = 32 * 1024;

/// The least that a function takes in one frame, in bytes: wMaxControlMessage is 64 at least (6.4).
pub const MIN_CONTROL_TRANSFER: usize = 64;

/// Type, length and transaction id.
const HEADER_LEN: usize = 12;

/// The header of a frame that can be a fragment.
const FRAGMENT_HEADER_LEN: usize = 20;

/// The bit in the type of what the modem sends.
const FROM_MODEM: u32 = 0x8000_0000;

/// The type of a message (9.3, 9.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The host opens the function.
    Open,
    /// The host closes the function.
    Close,
    /// The host asks a service.
    Command,
    /// The host complains.
    HostError,
    /// The function is open, or not.
    OpenDone,
    /// The function is closed.
    CloseDone,
    /// A service answers.
    CommandDone,
    /// The function complains.
    FunctionError,
    /// A service tells something of its own accord.
    IndicateStatus,
}

const KINDS: [(Kind, u32); 9] = [
    (Kind::Open, 1),
    (Kind::Close, 2),
    (Kind::Command, 3),
    (Kind::HostError, 4),
    (Kind::OpenDone, FROM_MODEM | 1),
    (Kind::CloseDone, FROM_MODEM | 2),
    (Kind::CommandDone, FROM_MODEM | 3),
    (Kind::FunctionError, FROM_MODEM | 4),
    (Kind::IndicateStatus, FROM_MODEM | 7),
];

impl Kind {
    /// The type with a number.
    pub fn from_code(code: u32) -> Option<Self> {
        KINDS.iter().find(|(_, known)| *known == code).map(|(kind, _)| *kind)
    }

    /// Its number.
    pub fn code(self) -> u32 {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or(0, |(_, code)| *code)
    }

    /// Whether the modem sends it.
    pub fn is_from_modem(self) -> bool {
        self.code() & FROM_MODEM != 0
    }

    const fn header_len(self) -> usize {
        match self {
            Self::Command | Self::CommandDone | Self::IndicateStatus => FRAGMENT_HEADER_LEN,
            Self::Open
            | Self::Close
            | Self::HostError
            | Self::OpenDone
            | Self::CloseDone
            | Self::FunctionError => HEADER_LEN,
        }
    }
}

codes! {
    /// What a command does (9.3.3).
    pub struct CommandKind: u32 {
        /// Asks.
        Query = 0,
        /// Changes.
        Set = 1,
    }
}

/// Which part of a message a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// How many there are, 1 at least.
    pub total: u32,
    /// Which this is, from 0.
    pub current: u32,
}

impl Fragment {
    /// The only one.
    pub const WHOLE: Self = Self { total: 1, current: 0 };
}

/// One frame: a message, or a fragment of one.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// The type of the message.
    pub kind: Kind,
    /// Ties a reply to its command; 0 in indications.
    pub transaction: u32,
    /// Which part it is; [`Fragment::WHOLE`] for what cannot be in parts.
    pub fragment: Fragment,
    /// What follows the header.
    pub payload: Vec<u8>,
}

impl Frame {
    /// The bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when they would be more than [`MAX_MESSAGE_LEN`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let len = self.kind.header_len() + self.payload.len();
        if len > MAX_MESSAGE_LEN {
            return Err(Error::TooLarge);
        }
        let mut bytes = Vec::with_capacity(len);
        let len = u32::try_from(len).map_err(|_| Error::TooLarge)?;
        for field in [self.kind.code(), len, self.transaction] {
            bytes.extend(field.to_le_bytes());
        }
        if self.kind.header_len() == FRAGMENT_HEADER_LEN {
            bytes.extend(self.fragment.total.to_le_bytes());
            bytes.extend(self.fragment.current.to_le_bytes());
        }
        bytes.extend(&self.payload);
        Ok(bytes)
    }

    /// Decodes exactly one frame.
    ///
    /// # Errors
    /// When the bytes are not one whole frame.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        match Self::split_off(bytes)? {
            Some((frame, len)) if len == bytes.len() => Ok(frame),
            Some(_) => Err(Error::BadLength),
            None => Err(Error::Truncated),
        }
    }

    /// Decodes the frame at the start of `bytes` and says how long it is; `None` when it is not all
    /// there yet.
    pub(super) fn split_off(bytes: &[u8]) -> Result<Option<(Self, usize)>, Error> {
        let Some(code) = u32_at(bytes, 0) else { return Ok(None) };
        let kind = Kind::from_code(code).ok_or(Error::bad_value(&"message type"))?;
        let Some(len) = u32_at(bytes, 4) else { return Ok(None) };
        let len = usize::try_from(len).map_err(|_| Error::TooLarge)?;
        if len > MAX_MESSAGE_LEN {
            return Err(Error::TooLarge);
        }
        let header_len = kind.header_len();
        if len < header_len {
            return Err(Error::BadLength);
        }
        let fragment = if header_len == HEADER_LEN {
            Fragment::WHOLE
        } else {
            let (Some(total), Some(current)) = (u32_at(bytes, 12), u32_at(bytes, 16)) else {
                return Ok(None);
            };
            if current >= total {
                return Err(Error::bad_value(&"fragment"));
            }
            Fragment { total, current }
        };
        let Some(payload) = bytes.get(header_len..len) else { return Ok(None) };
        let transaction = u32_at(bytes, 8).ok_or(Error::Truncated)?;
        Ok(Some((Self { kind, transaction, fragment, payload: payload.to_vec() }, len)))
    }
}

/// Shows no payload: it may hold a PIN or a password.
impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fragment { total, current } = self.fragment;
        let len = self.payload.len();
        write!(f, "{:?} #{} {current}/{total}:{len}", self.kind, self.transaction)
    }
}

/// What a message is.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// Opens the function (9.3.1).
    Open {
        /// The longest frame that either side sends from then on, in bytes.
        max_control_transfer: u32,
    },
    /// Closes the function, and with it every session (9.3.2).
    Close,
    /// Asks a service (9.3.3).
    Command {
        /// Which service.
        service: Service,
        /// Which of its commands.
        cid: u32,
        /// Whether it asks or changes something.
        kind: CommandKind,
        /// The information buffer.
        info: Vec<u8>,
    },
    /// The host complains (9.3.4).
    HostError(ProtocolError),
    /// Answers [`Body::Open`] (9.4.1).
    OpenDone(Status),
    /// Answers [`Body::Close`] (9.4.2).
    CloseDone(Status),
    /// Answers [`Body::Command`] (9.4.3).
    CommandDone {
        /// Which service.
        service: Service,
        /// Which of its commands.
        cid: u32,
        /// Whether it was carried out.
        status: Status,
        /// The information buffer.
        info: Vec<u8>,
    },
    /// The function complains (9.4.4).
    FunctionError(ProtocolError),
    /// Tells something that nobody asked (9.4.6).
    IndicateStatus {
        /// Which service.
        service: Service,
        /// Which of its commands.
        cid: u32,
        /// The information buffer.
        info: Vec<u8>,
    },
}

impl Body {
    /// The type.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Open { .. } => Kind::Open,
            Self::Close => Kind::Close,
            Self::Command { .. } => Kind::Command,
            Self::HostError(_) => Kind::HostError,
            Self::OpenDone(_) => Kind::OpenDone,
            Self::CloseDone(_) => Kind::CloseDone,
            Self::CommandDone { .. } => Kind::CommandDone,
            Self::FunctionError(_) => Kind::FunctionError,
            Self::IndicateStatus { .. } => Kind::IndicateStatus,
        }
    }

    fn payload(&self) -> Vec<u8> {
        let number = |number: u32| number.to_le_bytes().to_vec();
        let buffer = |service: &Service, fields: &[u32], info: &[u8]| {
            let mut payload = service.uuid().to_vec();
            let len = u32::try_from(info.len()).unwrap_or(u32::MAX);
            payload.extend(fields.iter().chain([&len]).flat_map(|field| field.to_le_bytes()));
            payload.extend(info);
            payload
        };
        match self {
            Self::Open { max_control_transfer } => number(*max_control_transfer),
            Self::Close => Vec::new(),
            Self::HostError(error) | Self::FunctionError(error) => number(error.code()),
            Self::OpenDone(status) | Self::CloseDone(status) => number(status.code()),
            Self::Command { service, cid, kind, info } => {
                buffer(service, &[*cid, kind.code()], info)
            }
            Self::CommandDone { service, cid, status, info } => {
                buffer(service, &[*cid, status.code()], info)
            }
            Self::IndicateStatus { service, cid, info } => buffer(service, &[*cid], info),
        }
    }

    fn read(kind: Kind, payload: &[u8]) -> Result<Self, Error> {
        let field = |at| u32_at(payload, at).ok_or(Error::Truncated);
        let service = || {
            let uuid = payload.first_chunk().ok_or(Error::Truncated)?;
            Ok::<Service, Error>(Service::from_uuid(*uuid))
        };
        // The buffer fills the rest; up to three bytes may pad it.
        let info = |at: usize| {
            let len = usize::try_from(field(at)?).map_err(|_| Error::TooLarge)?;
            let rest = payload.get(at + 4..).ok_or(Error::Truncated)?;
            let info = rest.get(..len).ok_or(Error::BadLength)?;
            if rest.len() - len > 3 { Err(Error::BadLength) } else { Ok(info.to_vec()) }
        };
        Ok(match kind {
            Kind::Open => Self::Open { max_control_transfer: field(0)? },
            Kind::Close => Self::Close,
            Kind::HostError => Self::HostError(ProtocolError::from_code(field(0)?)),
            Kind::FunctionError => Self::FunctionError(ProtocolError::from_code(field(0)?)),
            Kind::OpenDone => Self::OpenDone(Status::from_code(field(0)?)),
            Kind::CloseDone => Self::CloseDone(Status::from_code(field(0)?)),
            Kind::Command => {
                let (cid, kind) = (field(16)?, CommandKind::from_code(field(20)?));
                Self::Command { service: service()?, cid, kind, info: info(24)? }
            }
            Kind::CommandDone => {
                let (cid, status) = (field(16)?, Status::from_code(field(20)?));
                Self::CommandDone { service: service()?, cid, status, info: info(24)? }
            }
            Kind::IndicateStatus => {
                Self::IndicateStatus { service: service()?, cid: field(16)?, info: info(20)? }
            }
        })
    }
}

/// Shows the length of an information buffer only: it may hold a PIN or a password.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.kind())?;
        match self {
            Self::Open { max_control_transfer } => write!(f, " {max_control_transfer}"),
            Self::Close => Ok(()),
            Self::HostError(error) | Self::FunctionError(error) => write!(f, " {error:?}"),
            Self::OpenDone(status) | Self::CloseDone(status) => write!(f, " {status:?}"),
            Self::Command { service, cid, kind, info } => {
                write!(f, " {service:?}/{cid} {kind:?} :{}", info.len())
            }
            Self::CommandDone { service, cid, status, info } => {
                write!(f, " {service:?}/{cid} {status:?} :{}", info.len())
            }
            Self::IndicateStatus { service, cid, info } => {
                write!(f, " {service:?}/{cid} :{}", info.len())
            }
        }
    }
}

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawMessage {
    /// Ties a reply to its command; 0 in indications.
    pub transaction: u32,
    /// What it is.
    pub body: Body,
}

impl RawMessage {
    /// The message in one frame.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when it is longer than [`MAX_MESSAGE_LEN`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        self.frame(Fragment::WHOLE, self.body.payload()).encode()
    }

    /// The message in frames of at most `max_control_transfer` bytes (9.5), one at least.
    ///
    /// # Errors
    /// [`Error::TooLarge`] when it is longer than [`MAX_MESSAGE_LEN`].
    pub fn encode_frames(&self, max_control_transfer: usize) -> Result<Vec<Vec<u8>>, Error> {
        let payload = self.body.payload();
        let header_len = self.body.kind().header_len();
        let max = max_control_transfer.max(MIN_CONTROL_TRANSFER);
        if header_len + payload.len() <= max || header_len == HEADER_LEN {
            return Ok(vec![self.encode()?]);
        }
        if payload.len() > MAX_MESSAGE_LEN {
            return Err(Error::TooLarge);
        }
        let parts = payload.chunks(max - header_len);
        let total = u32::try_from(parts.len()).map_err(|_| Error::TooLarge)?;
        let mut frames = Vec::new();
        for (current, part) in (0..total).zip(parts) {
            frames.push(self.frame(Fragment { total, current }, part.to_vec()).encode()?);
        }
        Ok(frames)
    }

    /// Decodes exactly one message that is one frame.
    ///
    /// # Errors
    /// When the bytes are not one whole message.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        Self::from_frame(&Frame::decode(bytes)?)
    }

    /// Reads the message in a frame that is all of it, or that was put together from fragments.
    ///
    /// # Errors
    /// When the payload is no such message.
    pub fn from_frame(frame: &Frame) -> Result<Self, Error> {
        if frame.fragment != Fragment::WHOLE {
            return Err(Error::bad_value(&"fragment"));
        }
        let body = Body::read(frame.kind, &frame.payload)?;
        Ok(Self { transaction: frame.transaction, body })
    }

    fn frame(&self, fragment: Fragment, payload: Vec<u8>) -> Frame {
        Frame { kind: self.body.kind(), transaction: self.transaction, fragment, payload }
    }
}

/// The little-endian number at `at`.
fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(*bytes.first_chunk()?))
}
