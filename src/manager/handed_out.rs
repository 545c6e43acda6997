//! Finds out when what a phone or a router stick hands out is a network that the router has
//! already, most often its LAN: then nothing gets through, and nobody says why.

use super::interfaces::Told;
use super::netifd::ProtoUpdate;
use super::{Manager, Output};
use crate::modem::Cause;
use crate::types::{Table, Value};
use core::net::Ipv4Addr;

/// An address of an interface of netifd's.
struct Address {
    interface: String,
    network: u32,
    mask: u32,
}

impl Manager {
    /// Something about netifd's interfaces has changed: worth a look while one of ours gets its
    /// addresses from netifd.
    pub(super) fn netifd_changed(&mut self) {
        let is_dhcp = |told: &Told| matches!(told, Told::Up(link) if link.config.dhcp.v4);
        if self.interfaces.values().any(|interface| is_dhcp(&interface.told)) {
            self.put(Output::ReadAddresses);
        }
    }

    /// Compares the addresses of ours with all others.
    pub(super) fn find_clashes(&mut self, dump: &Table) {
        let addresses = addresses(dump);
        let mut clashing = Vec::new();
        for (name, interface) in &mut self.interfaces {
            let Told::Up(link) = &interface.told else {
                interface.clashes_with = None;
                continue;
            };
            let is_own = |address: &&Address| {
                address.interface == *name
                    || link.sub_interfaces.iter().any(|sub| sub.name == address.interface)
            };
            let own: Vec<&Address> = addresses.iter().filter(is_own).collect();
            let overlaps = |other: &&Address| {
                own.iter().any(|own| {
                    let mask = own.mask & other.mask;
                    own.network & mask == other.network & mask
                })
            };
            let other = addresses.iter().filter(|address| !is_own(address)).find(overlaps);
            let other = other.map(|address| address.interface.clone());
            if other.is_some() && interface.clashes_with != other {
                clashing.push(name.clone());
            }
            interface.clashes_with = other;
        }
        for name in clashing {
            log::warn!("{name}: {}", Cause::SubnetClash.sentence());
            if let Some(token) = Cause::SubnetClash.token() {
                self.update(&name, ProtoUpdate::Error(token));
            }
        }
    }
}

/// All IPv4 addresses in a reply to `network.interface dump`, those of loopback left out.
fn addresses(dump: &Table) -> Vec<Address> {
    let interfaces = dump.get_array("interface").unwrap_or_default().iter();
    interfaces.filter_map(Value::as_table).flat_map(of_interface).collect()
}

fn of_interface(entry: &Table) -> Vec<Address> {
    let Some(interface) = entry.get_str("interface") else { return Vec::new() };
    let address = |value: &Value| {
        let table = value.as_table()?;
        let address: Ipv4Addr = table.get_str("address")?.parse().ok()?;
        let len = u32::try_from(table.get("mask")?.as_i64()?).ok().filter(|len| *len <= 32)?;
        let mask = u32::MAX.checked_shl(32 - len).unwrap_or(0);
        // A host's own address, or a default, is no network that could be shared.
        let is_network = (1..32).contains(&len) && !address.is_loopback();
        let network = u32::from(address) & mask;
        is_network.then(|| Address { interface: interface.to_owned(), network, mask })
    };
    entry.get_array("ipv4-address").unwrap_or_default().iter().filter_map(address).collect()
}
