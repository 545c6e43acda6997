//! The DHCP server of a modem or phone on an Ethernet link (RFC 2131, RFC 2132): one lease, of the
//! address that the bearer has.

use core::net::Ipv4Addr;

use super::super::world::network::{Family, Network};
use super::ip::{self, Packet, word};

/// Where the options begin: a fixed part of 236 bytes and the magic cookie.
const OPTIONS: usize = 240;
const DISCOVER: u8 = 1;
const OFFER: u8 = 2;
const REQUEST: u8 = 3;
const ACK: u8 = 5;
const LEASE_SECONDS: [u8; 4] = 3600_u32.to_be_bytes();

/// Its answer to a packet to port 67; nothing while there is no address to give.
pub(super) fn answer(network: &Network, bytes: &[u8]) -> Option<Vec<u8>> {
    let packet = ip::parse(bytes)?;
    if packet.protocol != ip::UDP || word(packet.payload, 2)? != 67 {
        return None;
    }
    let request = packet.payload.get(8..)?;
    let kind = match option(request, 53)? {
        [DISCOVER] => OFFER,
        [REQUEST] => ACK,
        _ => return None,
    };
    if !network.carries(Family::V4) {
        return None;
    }
    let v4 = network.v4();
    let mut message = request.get(..OPTIONS)?.to_vec();
    // BOOTREPLY, yiaddr, siaddr.
    *message.first_mut()? = 2;
    message.get_mut(16..20)?.copy_from_slice(&v4.address.octets());
    message.get_mut(20..24)?.copy_from_slice(&v4.gateway.octets());
    message.extend([53, 1, kind, 51, 4]);
    message.extend(LEASE_SECONDS);
    for (code, address) in [(54, v4.gateway), (1, v4.mask), (3, v4.gateway)] {
        message.extend([code, 4]);
        message.extend(address.octets());
    }
    message.extend([6, 8]);
    message.extend(v4.dns.map(|server| server.octets()).as_flattened());
    message.push(255);
    let length = u16::try_from(8 + message.len()).ok()?.to_be_bytes();
    let mut datagram = vec![0, 67, 0, 68];
    datagram.extend(length);
    datagram.extend([0, 0]);
    datagram.extend(message);
    // From the server to everyone: the host has no address yet.
    let (gateway, all) = (v4.gateway.octets(), Ipv4Addr::BROADCAST.octets());
    let turned = Packet { source: &all, destination: &gateway, ..packet };
    Some(ip::reply(&turned, datagram, 6))
}

/// What an option holds.
fn option(message: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut at = OPTIONS;
    loop {
        match *message.get(at)? {
            0 => at += 1,
            255 => return None,
            code => {
                let length = usize::from(*message.get(at + 1)?);
                let value = message.get(at + 2..at + 2 + length)?;
                if code == wanted {
                    return Some(value);
                }
                at += 2 + length;
            }
        }
    }
}
