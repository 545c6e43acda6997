//! The 802.3 face of the data plane: frames, ARP (RFC 826), and the gateway as IPv6 neighbour.

use core::net::{Ipv4Addr, Ipv6Addr};

use super::ip;

/// The gateway's own address on the link.
const GATEWAY: [u8; 6] = [0x02, 0x50, 0xf3, 0, 0, 1];

/// What a frame carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Arp,
    Ip,
}

/// Where a frame came from, to send an answer back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    host: [u8; 6],
    pub(super) kind: Kind,
}

/// Takes a frame apart.
pub(super) fn parse(frame: &[u8]) -> Option<(Header, &[u8])> {
    let host = frame.get(6..12)?.try_into().ok()?;
    let payload = frame.get(14..)?;
    let kind = match (ip::word(frame, 12)?, payload.first()? >> 4) {
        (0x0806, _) => Kind::Arp,
        (0x0800, 4) | (0x86dd, 6) => Kind::Ip,
        _ => return None,
    };
    Some((Header { host, kind }, payload))
}

/// The frame that carries `packet` to the host.
pub(super) fn frame(header: Header, packet: &[u8]) -> Vec<u8> {
    let kind = if packet.first().is_some_and(|first| first >> 4 == 6) { 0x86dd } else { 0x0800 };
    build(header, kind, packet)
}

fn build(header: Header, kind: u16, payload: &[u8]) -> Vec<u8> {
    [&header.host[..], &GATEWAY, &kind.to_be_bytes(), payload].concat()
}

/// The gateway answers for every address but the host's own.
pub(super) fn arp_reply(header: Header, request: &[u8], own: Ipv4Addr) -> Option<Vec<u8>> {
    let [0, 1, 8, 0, 6, 4, 0, 1, sender @ ..] = request else { return None };
    let (host, wanted) = (sender.get(..10)?, sender.get(16..20)?);
    if wanted == own.octets() || host.get(6..10)? == [0; 4] {
        return None;
    }
    let answer = [&[0, 1, 8, 0, 6, 4, 0, 2][..], &GATEWAY, wanted, host].concat();
    Some(build(header, 0x0806, &answer))
}

/// The gateway's advertisement when the host solicits for it (RFC 4861 4.3, 4.4).
pub(super) fn neighbour_reply(packet: &[u8], gateway: Ipv6Addr) -> Option<Vec<u8>> {
    let request = ip::parse(packet)?;
    let [135, _, _, _, _, _, _, _, target @ ..] = request.payload else { return None };
    let target = target.get(..16)?;
    if request.protocol != ip::ICMPV6 || target != gateway.octets() {
        return None;
    }
    let mut advertisement = vec![136, 0, 0, 0, 0xe0, 0, 0, 0];
    advertisement.extend(target);
    advertisement.extend([2, 1]);
    advertisement.extend(GATEWAY);
    let mut answer = request;
    answer.destination = target;
    let mut reply = ip::reply(&answer, advertisement, 2);
    // The hop limit proves that it comes from the link (RFC 4861 7.1.2).
    *reply.get_mut(7)? = 255;
    Some(reply)
}
