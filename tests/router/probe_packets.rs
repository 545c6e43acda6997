//! The few packets that a probe sends and understands.

use std::net::IpAddr;

/// Tells our echo requests from those of others.
const ECHO_ID: [u8; 2] = *b"lt";

/// An echo request (RFC 792, RFC 4443 4.1). The kernel fills the checksum of ICMPv6 in.
pub(super) fn echo_request(to: IpAddr, number: u16) -> Vec<u8> {
    let kind = if to.is_ipv6() { 128 } else { 8 };
    let mut packet = vec![kind, 0, 0, 0];
    packet.extend(ECHO_ID);
    packet.extend(number.to_be_bytes());
    packet.extend(b"ltewan: is anyone there?");
    let words = packet.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let mut sum: u32 = words.map(u32::from).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    let sum = u16::try_from(!sum & 0xffff).unwrap_or(0);
    packet[2..4].copy_from_slice(&sum.to_be_bytes());
    packet
}

/// The number in an echo reply to us. IPv4 sockets are given the packet with its IP header.
pub(super) fn echo_reply_number(from: IpAddr, packet: &[u8]) -> Option<u16> {
    let header = if from.is_ipv6() { 0 } else { usize::from(packet.first()? & 0xf) * 4 };
    let kind = if from.is_ipv6() { 129 } else { 0 };
    let &[found, _, _, _, id0, id1, n0, n1, ..] = packet.get(header..)? else { return None };
    (found == kind && [id0, id1] == ECHO_ID).then(|| u16::from_be_bytes([n0, n1]))
}

/// A question for an address of a name (RFC 1035 4.1).
pub(super) fn dns_question(name: &str, v6: bool) -> Vec<u8> {
    let mut message = vec![0x4c, 0x54, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        message.push(u8::try_from(label.len()).unwrap_or(0));
        message.extend(label.bytes());
    }
    message.extend([0, 0, if v6 { 28 } else { 1 }, 0, 1]);
    message
}

/// The first address in an answer to [`dns_question`]: its record ends the message.
pub(super) fn dns_answer(message: &[u8]) -> Option<IpAddr> {
    let &[0x4c, 0x54, flags, rcode, _, _, _, 1..=255, ..] = message else { return None };
    if flags & 0x80 == 0 || rcode & 0xf != 0 {
        return None;
    }
    // Type, class, time to live and length come before the address.
    let record = |len: usize| {
        let start = message.len().checked_sub(len + 10)?;
        let data = message.get(start + 10..)?;
        let stated = message.get(start + 8..start + 10)?;
        let kind = message.get(start..start + 2)?;
        (usize::from(u16::from_be_bytes([stated[0], stated[1]])) == len).then_some((kind[1], data))
    };
    match (record(4), record(16)) {
        (Some((1, data)), _) => <[u8; 4]>::try_from(data).ok().map(IpAddr::from),
        (_, Some((28, data))) => <[u8; 16]>::try_from(data).ok().map(IpAddr::from),
        _ => None,
    }
}
