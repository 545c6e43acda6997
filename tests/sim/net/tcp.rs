//! A web server on port 80 of every address, on just enough TCP (RFC 9293) for one page.
//!
//! The link behind it loses nothing, so nothing is sent twice unless the host does so.

use std::collections::BTreeMap;

use super::super::world::network::Network;
use super::ip::{Packet, reply, word};
use core::net::Ipv4Addr;

const FIN: u8 = 1;
const SYN: u8 = 2;
const RST: u8 = 4;
const PSH: u8 = 8;
const ACK: u8 = 16;

/// Our first sequence number; nobody here guesses them.
const FIRST: u32 = 0x5349_4d00;

/// A connection: the request so far, and what we expect next.
#[derive(Clone, Debug, Default)]
struct Connection {
    request: Vec<u8>,
    expected: u32,
    sent: u32,
}

/// Connections by source, destination and source port.
#[derive(Debug, Default)]
pub(super) struct Server {
    connections: BTreeMap<(Vec<u8>, Vec<u8>, u16), Connection>,
}

/// A segment of the host.
struct Segment<'a> {
    ports: [u8; 4],
    sequence: u32,
    flags: u8,
    data: &'a [u8],
}

fn parse<'a>(bytes: &'a [u8]) -> Option<Segment<'a>> {
    let &[s0, s1, d0, d1, q0, q1, q2, q3, _, _, _, _, offset, flags, ..] = bytes else {
        return None;
    };
    Some(Segment {
        ports: [d0, d1, s0, s1],
        sequence: u32::from_be_bytes([q0, q1, q2, q3]),
        flags,
        data: bytes.get(usize::from(offset >> 4) * 4..)?,
    })
}

impl Server {
    /// The segments that answer this one.
    pub(super) fn handle_segment(
        &mut self,
        network: &Network,
        packet: &Packet<'_>,
    ) -> Vec<Vec<u8>> {
        let Some(segment) = parse(packet.payload) else { return Vec::new() };
        let port = word(packet.payload, 0).unwrap_or(0);
        let key = (packet.source.to_vec(), packet.destination.to_vec(), port);
        let send = |flags, sequence, acknowledged, data: &[u8]| {
            reply(packet, build(segment.ports, sequence, acknowledged, flags, data), 16)
        };
        if segment.flags & RST != 0 {
            self.connections.remove(&key);
            return Vec::new();
        }
        let length = u32::try_from(segment.data.len()).unwrap_or(0);
        if segment.flags & SYN != 0 {
            let expected = segment.sequence.wrapping_add(1);
            if word(packet.payload, 2) != Some(80) {
                return vec![send(RST | ACK, 0, expected, &[])];
            }
            let connection = Connection { expected, sent: FIRST.wrapping_add(1), request: vec![] };
            self.connections.insert(key, connection);
            return vec![send(SYN | ACK, FIRST, expected, &[])];
        }
        let Some(connection) = self.connections.get_mut(&key) else {
            let acknowledged = segment.sequence.wrapping_add(length);
            return vec![send(RST | ACK, 0, acknowledged, &[])];
        };
        if segment.sequence != connection.expected {
            // Old or early: say where we are.
            return vec![send(ACK, connection.sent, connection.expected, &[])];
        }
        let fin = segment.flags & FIN != 0;
        connection.request.extend(segment.data);
        connection.expected = connection.expected.wrapping_add(length + u32::from(fin));
        let complete = connection.request.windows(4).any(|end| end == b"\r\n\r\n");
        let (sent, expected) = (connection.sent, connection.expected);
        if complete && !segment.data.is_empty() {
            let v4 = <[u8; 4]>::try_from(packet.destination).map(Ipv4Addr::from);
            let page = network.page(v4.unwrap_or(Ipv4Addr::UNSPECIFIED), &connection.request);
            let advance = u32::try_from(page.len()).unwrap_or(0) + 1;
            connection.sent = sent.wrapping_add(advance);
            connection.request.clear();
            return vec![send(PSH | ACK | FIN, sent, expected, page.as_bytes())];
        }
        if fin {
            let done = connection.sent != FIRST.wrapping_add(1);
            self.connections.remove(&key);
            let flags = if done { ACK } else { ACK | FIN };
            return vec![send(flags, sent, expected, &[])];
        }
        if segment.data.is_empty() { Vec::new() } else { vec![send(ACK, sent, expected, &[])] }
    }
}

/// A segment of 20 bytes of header; on SYN, with a maximum segment size.
fn build(ports: [u8; 4], sequence: u32, acknowledged: u32, flags: u8, data: &[u8]) -> Vec<u8> {
    let options: &[u8] = if flags & SYN != 0 { &[2, 4, 0x04, 0xc4] } else { &[] };
    let mut segment = ports.to_vec();
    segment.extend(sequence.to_be_bytes());
    segment.extend(acknowledged.to_be_bytes());
    segment.extend([if options.is_empty() { 5 << 4 } else { 6 << 4 }, flags, 0xff, 0xff]);
    segment.extend([0; 4]);
    segment.extend(options);
    segment.extend(data);
    segment
}
