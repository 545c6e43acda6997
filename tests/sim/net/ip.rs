//! IPv4 and IPv6 headers, checksums, echo.

use super::super::world::network::Family;

pub(super) const ICMP: u8 = 1;
pub(super) const TCP: u8 = 6;
pub(super) const UDP: u8 = 17;
pub(super) const ICMPV6: u8 = 58;

/// A packet, taken apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) family: Family,
    pub(super) protocol: u8,
    pub(super) source: &'a [u8],
    pub(super) destination: &'a [u8],
    pub(super) payload: &'a [u8],
    /// With its header.
    pub(super) length: usize,
}

/// A big-endian 16-bit number.
pub(super) fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Takes a packet apart. Extension headers and fragments are not for us.
pub(super) fn parse(bytes: &[u8]) -> Option<Packet<'_>> {
    match bytes.first()? >> 4 {
        4 => {
            let header = usize::from(bytes.first()? & 0xf) * 4;
            let length = usize::from(word(bytes, 2)?);
            let fragment = word(bytes, 6)? & 0x3fff;
            (header >= 20 && fragment == 0).then_some(())?;
            Some(Packet {
                family: Family::V4,
                protocol: *bytes.get(9)?,
                source: bytes.get(12..16)?,
                destination: bytes.get(16..20)?,
                payload: bytes.get(header..length)?,
                length,
            })
        }
        6 => {
            let length = 40 + usize::from(word(bytes, 4)?);
            Some(Packet {
                family: Family::V6,
                protocol: *bytes.get(6)?,
                source: bytes.get(8..24)?,
                destination: bytes.get(24..40)?,
                payload: bytes.get(40..length)?,
                length,
            })
        }
        _ => None,
    }
}

/// The Internet checksum (RFC 1071) over several parts, each of even length but the last.
pub(super) fn checksum(parts: &[&[u8]]) -> [u8; 2] {
    let mut sum: u32 = 0;
    for part in parts {
        for pair in part.chunks(2) {
            let high = pair.first().copied().unwrap_or(0);
            let low = pair.get(1).copied().unwrap_or(0);
            sum += u32::from(u16::from_be_bytes([high, low]));
        }
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    u16::try_from(!sum & 0xffff).unwrap_or(0).to_be_bytes()
}

/// A length as IP headers have it.
fn length(bytes: usize) -> [u8; 2] {
    u16::try_from(bytes).unwrap_or(u16::MAX).to_be_bytes()
}

/// The packet that goes back to where `request` came from; the checksum at `checksum_at` is
/// filled in over the pseudo header (RFC 793, RFC 8200 8.1), or over the payload for ICMP.
pub(super) fn reply(request: &Packet<'_>, mut payload: Vec<u8>, checksum_at: usize) -> Vec<u8> {
    let (source, destination) = (request.destination, request.source);
    let pseudo = match request.protocol {
        ICMP => Vec::new(),
        _ => [source, destination, &[0, request.protocol], &length(payload.len())].concat(),
    };
    let sum = checksum(&[&pseudo, &payload]);
    // An all-zero UDP checksum would mean none (RFC 768).
    let sum = if request.protocol == UDP && sum == [0, 0] { [0xff, 0xff] } else { sum };
    if let Some(field) = payload.get_mut(checksum_at..checksum_at + 2) {
        field.copy_from_slice(&sum);
    }
    let mut packet = match request.family {
        Family::V4 => {
            let [high, low] = length(20 + payload.len());
            let mut header = vec![0x45, 0, high, low, 0, 0, 0x40, 0, 57, request.protocol, 0, 0];
            header.extend(source.iter().chain(destination));
            let sum = checksum(&[&header]);
            header.splice(10..12, sum);
            header
        }
        Family::V6 => {
            let [high, low] = length(payload.len());
            let mut header = vec![0x60, 0, 0, 0, high, low, request.protocol, 57];
            header.extend(source.iter().chain(destination));
            header
        }
    };
    packet.append(&mut payload);
    packet
}

/// The answer to a ping.
pub(super) fn echo_reply(packet: &Packet<'_>) -> Option<Vec<u8>> {
    let answer = match (packet.family, packet.protocol, packet.payload.first()?) {
        (Family::V4, ICMP, 8) => 0,
        (Family::V6, ICMPV6, 128) => 129,
        _ => return None,
    };
    let mut payload = packet.payload.to_vec();
    payload.get_mut(..4)?.copy_from_slice(&[answer, 0, 0, 0]);
    Some(reply(packet, payload, 2))
}
