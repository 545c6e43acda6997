//! The manager's words to netifd as arguments of `network.interface notify_proto`.
//!
//! Field names and action numbers are those of netifd's `proto-ext.c` and `interface-ip.c`.

use crate::manager::netifd::{Link, ProtoUpdate, SubInterface};
use crate::types::{Ipv4Config, Ipv6Config, Table, Value};
use core::net::Ipv6Addr;

/// netifd's object.
pub const OBJECT: &str = "network.interface";

/// netifd's object for the whole network.
pub const NETWORK: &str = "network";

/// Arguments of `add_dynamic`, one for each interface that netifd gets addresses for.
pub fn sub_interfaces(interface: &str, update: &ProtoUpdate) -> Vec<Table> {
    let ProtoUpdate::Up(link) = update else { return Vec::new() };
    let mut all = Vec::new();
    for SubInterface { name, options, .. } in &link.sub_interfaces {
        let mut table = Table::new();
        table.put("name", name.as_str());
        // An alias: it is on whatever device the interface below is.
        table.put("ifname", format!("@{interface}"));
        table.0.extend_from_slice(&options.0);
        all.push(table);
    }
    all
}

/// Arguments of `notify_proto` for one update.
pub fn arguments(interface: &str, update: &ProtoUpdate) -> Table {
    let mut table = Table::new();
    table.put("interface", interface);
    let action = match update {
        ProtoUpdate::Up(_) | ProtoUpdate::LinkLost => 0,
        ProtoUpdate::Run(_) => 1,
        ProtoUpdate::Kill => 2,
        ProtoUpdate::Error(_) => 3,
        ProtoUpdate::Block => 4,
        ProtoUpdate::Available(_) => 5,
        ProtoUpdate::SetupFailed => 7,
    };
    table.put("action", action);
    match update {
        ProtoUpdate::Up(link) => up(&mut table, link),
        ProtoUpdate::LinkLost => table.put("link-up", false),
        ProtoUpdate::Error(token) => table.put("error", Value::Array(vec![(*token).into()])),
        ProtoUpdate::Available(available) => table.put("available", *available),
        ProtoUpdate::Block | ProtoUpdate::SetupFailed | ProtoUpdate::Run(_) | ProtoUpdate::Kill => {
        }
    }
    table
}

fn up(table: &mut Table, link: &Link) {
    table.put("link-up", true);
    table.put("ifname", link.ifname.as_str());
    table.put("keep", false);
    if link.is_external {
        table.put("address-external", true);
    }
    let mut dns: Vec<Value> = Vec::new();
    if let Some(v4) = &link.config.v4 {
        ipv4(table, v4, link);
        for server in &v4.dns {
            dns.push(server.to_string().into());
        }
    }
    if let Some(v6) = &link.config.v6 {
        ipv6(table, v6, link);
        for server in &v6.dns {
            dns.push(server.to_string().into());
        }
    }
    table.put("dns", Value::Array(dns));
    table.put("data", link.data.clone());
}

fn ipv4(table: &mut Table, v4: &Ipv4Config, link: &Link) {
    let mask = if link.raw_ip { 32 } else { v4.prefix_len };
    table.put("ipaddr", address(v4.address.to_string(), mask));
    let gateway = v4.gateway.map(|gateway| gateway.to_string());
    table.put("routes", default_route("0.0.0.0", gateway, link, None));
}

/// The bearer's /64 goes to the LAN (RFC 7278). The address is put up as a single one all the same:
/// a /64 here would win over the LAN's own route.
fn ipv6(table: &mut Table, v6: &Ipv6Config, link: &Link) {
    table.put("ip6addr", address(v6.address.to_string(), 128));
    let prefix = format!("{}/{}", network(v6.address, v6.prefix_len), v6.prefix_len);
    if link.extend_prefix {
        table.put("ip6prefix", Value::Array(vec![prefix.as_str().into()]));
    }
    let gateway = v6.gateway.map(|gateway| gateway.to_string());
    let source = link.source_filter.then_some(prefix);
    table.put("routes6", default_route("::", gateway, link, source));
}

/// A list of one table.
fn only(table: Table) -> Value {
    Value::Array(vec![table.into()])
}

fn address(address: String, mask: u8) -> Value {
    let mut table = Table::new();
    table.put("ipaddr", address);
    table.put("mask", mask.to_string());
    only(table)
}

/// A link without Ethernet has no neighbours, so a next hop means nothing there. On one that has,
/// the next hop need not be in our subnet: mobile networks give /32 addresses.
fn default_route(
    target: &str,
    gateway: Option<String>,
    link: &Link,
    source: Option<String>,
) -> Value {
    let mut route = Table::new();
    route.put("target", target);
    route.put("netmask", "0");
    if let Some(gateway) = gateway.filter(|_| !link.raw_ip) {
        route.put("gateway", gateway);
        route.put("onlink", true);
    }
    route.put_some("source", source);
    only(route)
}

fn network(address: Ipv6Addr, prefix_len: u8) -> Ipv6Addr {
    let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix_len.into())).unwrap_or(0);
    Ipv6Addr::from(u128::from(address) & mask)
}
