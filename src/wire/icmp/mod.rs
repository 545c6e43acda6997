//! Echo requests and replies: ICMP, RFC 792, and ICMPv6, RFC 4443 4.
//!
//! Messages as a raw socket takes and gives them: the kernel puts the IP header in front of what
//! is sent, takes an IPv6 header off what is received, and leaves an IPv4 header on.

use super::Error;
use crate::types::IpFamily;

/// An echo request or reply without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echo {
    /// Tells one pinging program from another.
    pub id: u16,
    /// Tells one request from another.
    pub sequence: u16,
}

/// The bytes before the data: type, code, checksum, identifier, sequence number.
const HEADER_BYTES: usize = 8;

const fn request_type(family: IpFamily) -> u8 {
    match family {
        IpFamily::V4 => 8,
        IpFamily::V6 => 128,
    }
}

const fn reply_type(family: IpFamily) -> u8 {
    match family {
        IpFamily::V4 => 0,
        IpFamily::V6 => 129,
    }
}

/// An echo request. Its checksum is left 0 for IPv6, where it covers addresses that only the kernel
/// knows and is filled in by it (RFC 3542 3.1).
pub fn encode_request(family: IpFamily, echo: Echo, data: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(HEADER_BYTES + data.len());
    message.extend([request_type(family), 0]);
    message.extend([0, 0]);
    message.extend(echo.id.to_be_bytes());
    message.extend(echo.sequence.to_be_bytes());
    message.extend(data);
    if family == IpFamily::V4 {
        let sum = checksum(&message).to_be_bytes();
        message.splice(2..4, sum);
    }
    message
}

/// Reads an echo reply; `None` when it is another ICMP message.
///
/// # Errors
/// When the packet is too short for what it says it is.
pub fn parse_reply(family: IpFamily, packet: &[u8]) -> Result<Option<Echo>, Error> {
    let message = match family {
        IpFamily::V4 => strip_ipv4(packet)?,
        IpFamily::V6 => packet,
    };
    let &[kind, code, _, _, id0, id1, n0, n1, ..] = message else {
        return Err(Error::Truncated);
    };
    let echo = Echo { id: u16::from_be_bytes([id0, id1]), sequence: u16::from_be_bytes([n0, n1]) };
    Ok((kind == reply_type(family) && code == 0).then_some(echo))
}

/// What follows an IPv4 header, RFC 791 3.1.
fn strip_ipv4(packet: &[u8]) -> Result<&[u8], Error> {
    let first = *packet.first().ok_or(Error::Truncated)?;
    let words = usize::from(first & 0xf);
    if first >> 4 != 4 || words < 5 {
        return Err(Error::bad_value(&"version and header length"));
    }
    packet.get(words.saturating_mul(4)..).ok_or(Error::Truncated)
}

/// The one's complement of the one's complement sum of all 16-bit words, RFC 1071.
fn checksum(message: &[u8]) -> u16 {
    let mut sum: u16 = 0;
    for pair in message.chunks(2) {
        let (high, low) = (pair.first().copied(), pair.get(1).copied());
        let word = u16::from_be_bytes([high.unwrap_or(0), low.unwrap_or(0)]);
        let (total, carried) = sum.overflowing_add(word);
        sum = total.saturating_add(u16::from(carried));
    }
    !sum
}

#[cfg(test)]
mod tests;
