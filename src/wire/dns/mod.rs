//! Questions to a name server and what is needed of its answers, RFC 1035 4.
//!
//! One question for one address record, over UDP. Of an answer only its code and its addresses are
//! read; an answer belongs to a question when id and question are the same.

use super::Error;
use crate::types::IpFamily;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where name servers listen.
pub const PORT: u16 = 53;

/// The longest answer over UDP, RFC 1035 2.3.4.
pub const MESSAGE_BYTES_MAX: usize = 512;

/// The longest name in bytes as text, RFC 1035 2.3.4: 255 with its lengths.
pub const NAME_BYTES_MAX: usize = 253;

const HEADER_BYTES: usize = 12;
/// A query that wants recursion, RFC 1035 4.1.1.
const RECURSION_DESIRED: u16 = 0x0100;
const IS_RESPONSE: u16 = 0x8000;
const OPCODE: u16 = 0x7800;
const RCODE: u16 = 0x000f;
const CLASS_IN: u16 = 1;

/// The record that holds an address of the family: A, or AAAA as of RFC 3596.
const fn record_type(family: IpFamily) -> u16 {
    match family {
        IpFamily::V4 => 1,
        IpFamily::V6 => 28,
    }
}

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// There was no error; there may still be no address.
    NoError,
    /// The name does not exist.
    NoName,
    /// The server could not, or would not, say.
    Other(u8),
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// What became of the question.
    pub code: Code,
    /// The addresses of the family asked for.
    pub addresses: Vec<IpAddr>,
}

/// A question for an address of `name`, which may end with a dot.
///
/// # Errors
/// When `name` is no name: empty, too long, or with an empty or too long label.
pub fn encode_query(id: u16, name: &str, family: IpFamily) -> Result<Vec<u8>, Error> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.len() > NAME_BYTES_MAX {
        return Err(Error::TooLarge);
    }
    let mut message = Vec::with_capacity(HEADER_BYTES + name.len() + 6);
    for word in [id, RECURSION_DESIRED, 1, 0, 0, 0] {
        message.extend(word.to_be_bytes());
    }
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length));
        message.push(length.ok_or(Error::bad_value(&"label"))?);
        message.extend(label.bytes());
    }
    message.push(0);
    message.extend(record_type(family).to_be_bytes());
    message.extend(CLASS_IN.to_be_bytes());
    Ok(message)
}

/// Reads the answer to `query`; `None` when the message is another's.
///
/// # Errors
/// When the message ends early or a name in it is malformed.
pub fn parse_response(
    query: &[u8],
    family: IpFamily,
    message: &[u8],
) -> Result<Option<Response>, Error> {
    let flags = word(message, 2)?;
    let is_ours = word(message, 0)? == word(query, 0)?
        && flags & (IS_RESPONSE | OPCODE) == IS_RESPONSE
        && word(message, 4)? == 1;
    let question = query.get(HEADER_BYTES..).ok_or(Error::Truncated)?;
    let end = HEADER_BYTES.saturating_add(question.len());
    // Servers may answer in other letters' case than they were asked in.
    let same =
        message.get(HEADER_BYTES..end).is_some_and(|other| other.eq_ignore_ascii_case(question));
    if !is_ours || !same {
        return Ok(None);
    }
    let code = match u8::try_from(flags & RCODE).unwrap_or(u8::MAX) {
        0 => Code::NoError,
        3 => Code::NoName,
        other => Code::Other(other),
    };
    let mut addresses = Vec::new();
    let mut at = end;
    for _ in 0..word(message, 6)? {
        at = skip_name(message, at)?;
        // Type, class, time to live, length.
        let kind = (word(message, at)?, word(message, at.saturating_add(2))?);
        let length = usize::from(word(message, at.saturating_add(8))?);
        let start = at.saturating_add(10);
        at = start.saturating_add(length);
        let data = message.get(start..at).ok_or(Error::Truncated)?;
        if kind == (record_type(family), CLASS_IN) {
            addresses.push(address(family, data)?);
        }
    }
    Ok(Some(Response { code, addresses }))
}

fn address(family: IpFamily, data: &[u8]) -> Result<IpAddr, Error> {
    let address = match family {
        IpFamily::V4 => <[u8; 4]>::try_from(data).ok().map(Ipv4Addr::from).map(IpAddr::from),
        IpFamily::V6 => <[u8; 16]>::try_from(data).ok().map(Ipv6Addr::from).map(IpAddr::from),
    };
    address.ok_or(Error::BadLength)
}

/// Where a name ends: after its last label, or after a pointer to the rest, RFC 1035 4.1.4.
fn skip_name(message: &[u8], mut at: usize) -> Result<usize, Error> {
    loop {
        match *message.get(at).ok_or(Error::Truncated)? {
            0 => return Ok(at.saturating_add(1)),
            length @ 1..=63 => at = at.saturating_add(usize::from(length) + 1),
            0xc0..=0xff => return Ok(at.saturating_add(2)),
            64..=0xbf => return Err(Error::bad_value(&"label")),
        }
    }
}

fn word(message: &[u8], at: usize) -> Result<u16, Error> {
    match message.get(at..).unwrap_or_default() {
        &[high, low, ..] => Ok(u16::from_be_bytes([high, low])),
        _ => Err(Error::Truncated),
    }
}

#[cfg(test)]
mod tests;
