//! The internet behind the bearers: answers ping, DNS and HTTP, on IPv4 and IPv6.
//!
//! A packet is answered only while the bearer of its family is up and its source is the address
//! that bearer has; anything else disappears, as it would in a real network.

mod dhcp;
mod dns;
mod ethernet;
mod ip;
pub(super) mod qmap;
mod tcp;

use super::world::network::{Family, Network};
use ip::Packet;
use tcp::Server;

/// Every host there is, and the gateway as an Ethernet neighbour.
#[derive(Debug, Default)]
pub(crate) struct Internet {
    web: Server,
}

impl Internet {
    /// Takes what the host sent; returns what comes back, in the same framing.
    pub(crate) fn handle_packet(
        &mut self,
        network: &mut Network,
        raw_ip: bool,
        packet: &[u8],
    ) -> Vec<Vec<u8>> {
        if raw_ip {
            return self.route(network, packet);
        }
        let Some((header, payload)) = ethernet::parse(packet) else {
            network.counters.dropped += 1;
            return Vec::new();
        };
        match header.kind {
            ethernet::Kind::Arp => {
                let up = network.carries(Family::V4);
                let own = network.v4().address;
                ethernet::arp_reply(header, payload, own).filter(|_| up).into_iter().collect()
            }
            ethernet::Kind::Ip => {
                if let Some(answer) = dhcp::answer(network, payload) {
                    return vec![ethernet::frame(header, &answer)];
                }
                let packets = match ethernet::neighbour_reply(payload, network.v6().gateway) {
                    Some(reply) if network.carries(Family::V6) => vec![reply],
                    _ => self.route(network, payload),
                };
                packets.into_iter().map(|packet| ethernet::frame(header, &packet)).collect()
            }
        }
    }

    fn route(&mut self, network: &mut Network, bytes: &[u8]) -> Vec<Vec<u8>> {
        let Some(packet) = ip::parse(bytes).filter(|packet| is_routable(network, packet)) else {
            network.counters.dropped = network.counters.dropped.saturating_add(1);
            return Vec::new();
        };
        let answers = match packet.protocol {
            ip::ICMP | ip::ICMPV6 => ip::echo_reply(&packet).into_iter().collect(),
            ip::UDP => dns::answer(&packet).into_iter().collect(),
            ip::TCP => self.web.handle_segment(network, &packet),
            _ => Vec::new(),
        };
        let counters = &mut network.counters;
        counters.tx_packets = counters.tx_packets.saturating_add(1);
        counters.tx_bytes = counters.tx_bytes.saturating_add(length(bytes));
        for answer in &answers {
            counters.rx_packets = counters.rx_packets.saturating_add(1);
            counters.rx_bytes = counters.rx_bytes.saturating_add(length(answer));
        }
        answers
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(0)
}

/// The bearer is up, the source is its address, and the packet fits.
fn is_routable(network: &Network, packet: &Packet<'_>) -> bool {
    let (family, own) = match packet.family {
        Family::V4 => (Family::V4, network.v4().address.octets().to_vec()),
        Family::V6 => (Family::V6, network.v6().address.octets().to_vec()),
    };
    // A host may choose any interface identifier in its /64 (TS 23.401 5.3.1.2.2).
    let significant = if family == Family::V6 { 8 } else { 4 };
    network.carries(family)
        && packet.source.get(..significant) == own.get(..significant)
        && packet.length <= usize::from(network.mtu)
}
