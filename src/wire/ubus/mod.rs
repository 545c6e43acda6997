//! Messages of the ubus protocol, between ubusd and its clients.
//!
//! A message is eight bytes (version, type, 16-bit sequence number, 32-bit peer) and one blob
//! attribute whose payload is a run of attributes; `ubusmsg.h` of ubus numbers both. An attribute
//! that is unknown, or not of its type, is kept as it is: libubus too passes over it.
//!
//! [`Decoder`] cuts a byte stream into messages. File descriptors, which ubus can pass along with
//! a message, are the socket's affair and not seen here.

mod decoder;
mod status;
#[cfg(test)]
mod tests;

pub use decoder::Decoder;
pub use status::Status;

use super::Error;
use super::blobmsg::{self, HEADER_LEN};
use crate::types::Table;

/// The longest message, without its first eight bytes: libubus's `UBUS_MAX_MSGLEN`.
pub const MAX_MESSAGE_LEN: usize = blobmsg::MAX_LEN;

/// The bytes before the attributes' own header.
const MESSAGE_HEADER_LEN: usize = 8;

/// Where ubusd listens on a router.
pub const SOCKET_PATH: &str = "/var/run/ubus/ubus.sock";

/// The object id of ubusd's own event object, with the methods `register` and `send`
/// (`UBUS_SYSTEM_OBJECT_EVENT`).
pub const EVENT_OBJECT: u32 = 1;

/// What a message asks or tells (`enum ubus_msg_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageType {
    /// ubusd greets a client; peer is the client's id.
    Hello,
    /// A request or call has ended, with [`Attribute::Status`].
    Status,
    /// Part of an answer: an object looked up, or a method's data.
    Data,
    /// Are you there? Answered with the same bytes as data.
    Ping,
    /// Which objects are there? With a path, or a path that ends in `*`, or all.
    Lookup,
    /// Call a method; also how notifications and events arrive.
    Invoke,
    /// Publish an object.
    AddObject,
    /// Take an object back.
    RemoveObject,
    /// Let one of my objects hear what another object notifies.
    Subscribe,
    /// End that; from ubusd: the other object has gone.
    Unsubscribe,
    /// Tell all subscribers; from ubusd: whether there are any.
    Notify,
    /// A copy of other clients' traffic.
    Monitor,
    /// A type this list does not know.
    Other(u8),
}

impl MessageType {
    /// The number on the wire.
    pub const fn code(self) -> u8 {
        match self {
            Self::Hello => 0,
            Self::Status => 1,
            Self::Data => 2,
            Self::Ping => 3,
            Self::Lookup => 4,
            Self::Invoke => 5,
            Self::AddObject => 6,
            Self::RemoveObject => 7,
            Self::Subscribe => 8,
            Self::Unsubscribe => 9,
            Self::Notify => 10,
            Self::Monitor => 11,
            Self::Other(code) => code,
        }
    }

    /// The type that `code` means.
    pub const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Hello,
            1 => Self::Status,
            2 => Self::Data,
            3 => Self::Ping,
            4 => Self::Lookup,
            5 => Self::Invoke,
            6 => Self::AddObject,
            7 => Self::RemoveObject,
            8 => Self::Subscribe,
            9 => Self::Unsubscribe,
            10 => Self::Notify,
            11 => Self::Monitor,
            _ => Self::Other(code),
        }
    }
}

/// One attribute of a message (`enum ubus_msg_attr`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attribute {
    /// A status code; [`Status::from_code`] names it.
    Status(u32),
    /// The path of an object: `network.interface.lan`.
    ObjectPath(String),
    /// The id of an object, given by ubusd.
    ObjectId(u32),
    /// The name of a method, a notification or an event.
    Method(String),
    /// The id of an object type, given by ubusd.
    ObjectType(u32),
    /// The methods of an object as a blobmsg table: name to table of argument to type.
    Signature(Vec<u8>),
    /// A blobmsg table: arguments, an answer, an event.
    Data(Vec<u8>),
    /// The object that a subscription is about.
    Target(u32),
    /// Whether there are subscribers.
    Active(bool),
    /// Whether a call or notification wants no status back.
    NoReply(bool),
    /// The subscribers that a notification goes to.
    Subscribers(Vec<u8>),
    /// The name of the user whose process calls.
    User(String),
    /// The name of that user's group.
    Group(String),
    /// An attribute that is unknown or not of its type.
    Other {
        /// Its number.
        id: u8,
        /// Its bytes, without padding.
        payload: Vec<u8>,
    },
}

impl Attribute {
    const fn id(&self) -> u8 {
        match self {
            Self::Status(_) => 1,
            Self::ObjectPath(_) => 2,
            Self::ObjectId(_) => 3,
            Self::Method(_) => 4,
            Self::ObjectType(_) => 5,
            Self::Signature(_) => 6,
            Self::Data(_) => 7,
            Self::Target(_) => 8,
            Self::Active(_) => 9,
            Self::NoReply(_) => 10,
            Self::Subscribers(_) => 11,
            Self::User(_) => 12,
            Self::Group(_) => 13,
            Self::Other { id, .. } => *id,
        }
    }

    fn decode(id: u8, payload: &[u8]) -> Self {
        let known = match id {
            1 => word(payload).map(Self::Status),
            2 => text(payload).map(Self::ObjectPath),
            3 => word(payload).map(Self::ObjectId),
            4 => text(payload).map(Self::Method),
            5 => word(payload).map(Self::ObjectType),
            6 => Some(Self::Signature(payload.to_vec())),
            7 => Some(Self::Data(payload.to_vec())),
            8 => word(payload).map(Self::Target),
            9 => flag(payload).map(Self::Active),
            10 => flag(payload).map(Self::NoReply),
            11 => Some(Self::Subscribers(payload.to_vec())),
            12 => text(payload).map(Self::User),
            13 => text(payload).map(Self::Group),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Other { id, payload: payload.to_vec() })
    }

    fn put(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let start = out.len();
        out.extend_from_slice(&[0; HEADER_LEN]);
        match self {
            Self::Status(n) | Self::ObjectId(n) | Self::ObjectType(n) | Self::Target(n) => {
                out.extend_from_slice(&n.to_be_bytes());
            }
            Self::ObjectPath(text) | Self::Method(text) | Self::User(text) | Self::Group(text) => {
                out.extend(text.bytes().take_while(|&byte| byte != 0));
                out.push(0);
            }
            Self::Active(flag) | Self::NoReply(flag) => out.push(u8::from(*flag)),
            Self::Signature(bytes) | Self::Data(bytes) | Self::Subscribers(bytes) => {
                out.extend_from_slice(bytes);
            }
            Self::Other { payload, .. } => out.extend_from_slice(payload),
        }
        let id = u32::from(self.id() & 0x7f);
        blobmsg::close(out, start, id << 24)
    }
}

/// One message of the bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it asks or tells.
    pub kind: MessageType,
    /// Pairs an answer with its request. The requester counts.
    pub seq: u16,
    /// In a request: the object meant, or 0 for ubusd itself. In an answer: who answers. In a call
    /// that arrives: who called, 0 for ubusd.
    pub peer: u32,
    /// The attributes in the order of the wire.
    pub attributes: Vec<Attribute>,
}

impl Message {
    /// The bytes of the message.
    ///
    /// # Errors
    /// [`Error::TooLarge`] beyond [`MAX_MESSAGE_LEN`].
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        out.extend_from_slice(&[0, self.kind.code()]);
        out.extend_from_slice(&self.seq.to_be_bytes());
        out.extend_from_slice(&self.peer.to_be_bytes());
        out.extend_from_slice(&[0; HEADER_LEN]);
        for attribute in &self.attributes {
            attribute.put(&mut out)?;
        }
        blobmsg::close(&mut out, MESSAGE_HEADER_LEN, 0)?;
        Ok(out)
    }

    /// The message that `bytes` are, exactly.
    ///
    /// # Errors
    /// [`Error::Truncated`], [`Error::BadLength`], [`Error::TooLarge`], or [`Error::bad_value`] for
    /// a version other than 0.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let header = bytes.first_chunk::<MESSAGE_HEADER_LEN>().ok_or(Error::Truncated)?;
        let [version, kind, seq_high, seq_low, peer @ ..] = *header;
        if version != 0 {
            return Err(Error::bad_value(&"ubus version"));
        }
        let frame_len = frame_len(bytes)?.ok_or(Error::Truncated)?;
        if frame_len != bytes.len() {
            return Err(Error::BadLength);
        }
        let body_start = MESSAGE_HEADER_LEN.saturating_add(HEADER_LEN);
        let mut rest = bytes.get(body_start..).ok_or(Error::Truncated)?;
        let mut attributes = Vec::new();
        while let Some((attribute, remaining)) = blobmsg::split(rest)? {
            attributes.push(Attribute::decode(attribute.id, attribute.payload));
            rest = remaining;
        }
        Ok(Self {
            kind: MessageType::from_code(kind),
            seq: u16::from_be_bytes([seq_high, seq_low]),
            peer: u32::from_be_bytes(peer),
            attributes,
        })
    }

    /// The status it carries.
    pub fn status(&self) -> Option<Status> {
        self.find(|a| if let Attribute::Status(n) = a { Some(Status::from_code(*n)) } else { None })
    }

    /// The object id it carries.
    pub fn object_id(&self) -> Option<u32> {
        self.find(|a| if let Attribute::ObjectId(id) = a { Some(*id) } else { None })
    }

    /// The object path it carries.
    pub fn object_path(&self) -> Option<&str> {
        self.find(|a| if let Attribute::ObjectPath(path) = a { Some(path.as_str()) } else { None })
    }

    /// The name of the method, notification or event it carries.
    pub fn method(&self) -> Option<&str> {
        self.find(|a| if let Attribute::Method(name) = a { Some(name.as_str()) } else { None })
    }

    /// The target of a subscription it carries.
    pub fn target(&self) -> Option<u32> {
        self.find(|a| if let Attribute::Target(id) = a { Some(*id) } else { None })
    }

    /// Whether it says that there are subscribers.
    pub fn active(&self) -> Option<bool> {
        self.find(|a| if let Attribute::Active(flag) = a { Some(*flag) } else { None })
    }

    /// Whether its sender wants no status back.
    pub fn no_reply(&self) -> bool {
        self.find(|a| if let Attribute::NoReply(flag) = a { Some(*flag) } else { None })
            .unwrap_or(false)
    }

    /// The user whose process sent it.
    pub fn user(&self) -> Option<&str> {
        self.find(|a| if let Attribute::User(name) = a { Some(name.as_str()) } else { None })
    }

    /// That user's group.
    pub fn group(&self) -> Option<&str> {
        self.find(|a| if let Attribute::Group(name) = a { Some(name.as_str()) } else { None })
    }

    /// The table it carries as data; `None` when it carries none.
    ///
    /// # Errors
    /// As [`blobmsg::decode`].
    pub fn data(&self) -> Result<Option<Table>, Error> {
        self.find(|a| if let Attribute::Data(bytes) = a { Some(bytes.as_slice()) } else { None })
            .map(blobmsg::decode)
            .transpose()
    }

    /// The last attribute that `pick` takes: of repeated attributes libubus uses the last.
    fn find<'a, T>(&'a self, pick: impl FnMut(&'a Attribute) -> Option<T>) -> Option<T> {
        self.attributes.iter().rev().find_map(pick)
    }
}

/// The length of the message that begins `bytes`, header included, once that can be told.
///
/// # Errors
/// [`Error::BadLength`] or [`Error::TooLarge`].
fn frame_len(bytes: &[u8]) -> Result<Option<usize>, Error> {
    let Some(header) = bytes.get(MESSAGE_HEADER_LEN..) else { return Ok(None) };
    let Some(word) = header.first_chunk::<HEADER_LEN>() else { return Ok(None) };
    let len = usize::try_from(u32::from_be_bytes(*word) & 0x00ff_ffff).unwrap_or(usize::MAX);
    if len < HEADER_LEN {
        return Err(Error::BadLength);
    }
    if len > MAX_MESSAGE_LEN {
        return Err(Error::TooLarge);
    }
    Ok(Some(len.saturating_add(MESSAGE_HEADER_LEN)))
}

fn word(payload: &[u8]) -> Option<u32> {
    payload.try_into().ok().map(u32::from_be_bytes)
}

fn flag(payload: &[u8]) -> Option<bool> {
    if let [byte] = payload { Some(*byte != 0) } else { None }
}

fn text(payload: &[u8]) -> Option<String> {
    let text = payload.strip_suffix(&[0])?;
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    Some(String::from_utf8_lossy(text.get(..end)?).into_owned())
}
