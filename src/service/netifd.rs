//! The manager's words to netifd as arguments of `network.interface notify_proto`.
//!
//! Field names and action numbers are those of netifd's `proto-ext.c` and `interface-ip.c`.

use crate::manager::netifd::{Link, ProtoUpdate, SubInterface};
use crate::types::{Ipv4Config, Ipv6Config, Table};
use core::net::Ipv6Addr;

/// netifd's object.
pub const OBJECT: &str = "network.interface";

/// netifd's object for the whole network.
pub const NETWORK: &str = "network";

/// Arguments of `add_dynamic`, one for each interface that netifd gets addresses for.
pub fn sub_interfaces(interface: &str, update: &ProtoUpdate) -> Vec<Table> {
    let ProtoUpdate::Up(link) = update else { return Vec::new() };
    let arguments = |sub: &SubInterface| {
        let mut table = Table::new().with("name", sub.name.as_str());
        // An alias: it is on whatever device the interface below is.
        table.put("ifname", format!("@{interface}"));
        table.0.extend(sub.options.0.iter().cloned());
        table
    };
    link.sub_interfaces.iter().map(arguments).collect()
}

/// Arguments of `notify_proto` for one update.
pub fn arguments(interface: &str, update: &ProtoUpdate) -> Table {
    let table = Table::new().with("interface", interface);
    match update {
        ProtoUpdate::Up(link) => up(table.with("action", 0), link),
        ProtoUpdate::LinkLost => table.with("action", 0).with("link-up", false),
        ProtoUpdate::Error(token) => table.with("action", 3).with("error", vec![*token]),
        ProtoUpdate::Block => table.with("action", 4),
        ProtoUpdate::Available(available) => table.with("action", 5).with("available", *available),
        ProtoUpdate::SetupFailed => table.with("action", 7),
        ProtoUpdate::Run(_) => table.with("action", 1),
        ProtoUpdate::Kill => table.with("action", 2),
    }
}

fn up(table: Table, link: &Link) -> Table {
    let mut table =
        table.with("link-up", true).with("ifname", link.ifname.as_str()).with("keep", false);
    if link.is_external {
        table.put("address-external", true);
    }
    let mut dns = Vec::new();
    if let Some(v4) = &link.config.v4 {
        ipv4(&mut table, v4, link);
        dns.extend(v4.dns.iter().map(ToString::to_string));
    }
    if let Some(v6) = &link.config.v6 {
        ipv6(&mut table, v6, link);
        dns.extend(v6.dns.iter().map(ToString::to_string));
    }
    table.with("dns", dns).with("data", link.data.clone())
}

fn ipv4(table: &mut Table, v4: &Ipv4Config, link: &Link) {
    let mask = if link.raw_ip { 32 } else { v4.prefix_len };
    table.put("ipaddr", vec![address(v4.address.to_string(), mask)]);
    let gateway = v4.gateway.map(|gateway| gateway.to_string());
    table.put("routes", vec![default_route("0.0.0.0", gateway, link, None)]);
}

/// The bearer's /64 goes to the LAN (RFC 7278). The address is put up as a single one all the same:
/// a /64 here would win over the LAN's own route.
fn ipv6(table: &mut Table, v6: &Ipv6Config, link: &Link) {
    table.put("ip6addr", vec![address(v6.address.to_string(), 128)]);
    let prefix = format!("{}/{}", network(v6.address, v6.prefix_len), v6.prefix_len);
    if link.extend_prefix {
        table.put("ip6prefix", vec![prefix.clone()]);
    }
    let gateway = v6.gateway.map(|gateway| gateway.to_string());
    let source = link.source_filter.then_some(prefix);
    table.put("routes6", vec![default_route("::", gateway, link, source)]);
}

fn address(address: String, mask: u8) -> Table {
    Table::new().with("ipaddr", address).with("mask", mask.to_string())
}

/// A link without Ethernet has no neighbours, so a next hop means nothing there. On one that has,
/// the next hop need not be in our subnet: mobile networks give /32 addresses.
fn default_route(
    target: &str,
    gateway: Option<String>,
    link: &Link,
    source: Option<String>,
) -> Table {
    let mut route = Table::new().with("target", target).with("netmask", "0");
    if let Some(gateway) = gateway.filter(|_| !link.raw_ip) {
        route.put("gateway", gateway);
        route.put("onlink", true);
    }
    route.put_some("source", source);
    route
}

fn network(address: Ipv6Addr, prefix_len: u8) -> Ipv6Addr {
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix_len.into())).unwrap_or(0);
    Ipv6Addr::from(u128::from(address) & mask)
}
