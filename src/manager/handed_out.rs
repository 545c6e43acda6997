//! Watches over the addresses that netifd gets by itself from a phone, a router stick or a modem:
//! that there are any, and that their network is not one that the router has already, most often
//! its LAN. In both cases nothing gets through, and nobody else says why. And over what translates
//! IPv4 on top of a link: netifd takes it away when its options change, instead of setting it up
//! anew, and leaves what an earlier daemon has had added and this one has no use for.

use super::interfaces::Told;
use super::netifd::{Link, ProtoUpdate};
use super::plan::CLAT;
use super::{Manager, Output};
use crate::log;
use crate::modem::Cause;
use crate::time::{Duration, Instant};
use crate::types::{Table, Value};
use core::net::Ipv4Addr;

/// How long an address may take: a DHCP client asks every three seconds, and the link of an iPhone
/// needs as long to be seen.
const ADDRESS_PATIENCE: Duration = Duration::from_secs(20);

/// How long netifd and the handler of the protocol may take to translate IPv4.
const CLAT_PATIENCE: Duration = Duration::from_secs(2);

/// How often it is mended for one link.
const CLAT_LOOKS_MAX: u8 = 5;

/// What is known of the addresses of an interface.
#[derive(Debug, Default)]
pub(super) struct HandedOut {
    /// When there has to be one.
    due: Option<Instant>,
    /// It is over.
    is_late: bool,
    /// There was none when it was late.
    is_missing: bool,
    /// The interface whose network its own addresses are in too.
    pub(super) clashes_with: Option<String>,
    /// The gateway that was handed out: a router stick has its own page there.
    pub(super) gateway: Option<Ipv4Addr>,
    /// When what translates IPv4 is looked at.
    clat_due: Option<Instant>,
    /// It is over.
    is_clat_due: bool,
    clat_looks_left: u8,
}

/// What is wrong with what translates IPv4.
enum ClatFault {
    /// It is gone.
    Missing,
    /// It is there for nothing, or for another address.
    Wrong,
}

impl HandedOut {
    /// Its link is up, on a router that can translate IPv4 or not.
    pub(super) fn begin(&mut self, now: Instant, link: &Link, has_clat: bool) {
        *self = Self { clat_looks_left: CLAT_LOOKS_MAX, ..Self::default() };
        self.due = link.config.dhcp.v4.then(|| now + ADDRESS_PATIENCE);
        self.clat_due = has_clat.then(|| now + CLAT_PATIENCE);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        Instant::first_of(&[self.due, self.clat_due])
    }

    /// What is to be mended of what translates IPv4, by netifd's interfaces. `name` is what it is
    /// called on top of the link.
    fn judge_clat(
        &mut self,
        now: Instant,
        name: &str,
        link: &Link,
        dump: &Table,
    ) -> Option<ClatFault> {
        if !core::mem::take(&mut self.is_clat_due) {
            return None;
        }
        let wanted = link.sub_interfaces.iter().find(|sub| sub.proto() == Some(CLAT));
        let found = entries(dump).find(|entry| {
            entry.get_str("interface") == Some(name)
                && entry.get_str("proto") == Some(CLAT)
                && entry.get_bool("dynamic") == Some(true)
        });
        let Some(wanted) = wanted else { return found.map(|_| ClatFault::Wrong) };
        let address = wanted.options.get_str("ip6addr");
        let has_route = |entry: &Table| {
            let mut routes = entry.get_array("route").unwrap_or_default().iter();
            routes.any(|route| route.as_table().and_then(|it| it.get_str("target")) == address)
        };
        if found.is_some_and(has_route) {
            return None;
        }
        self.clat_looks_left = self.clat_looks_left.checked_sub(1)?;
        self.clat_due = Some(now + CLAT_PATIENCE);
        let Some(found) = found else { return Some(ClatFault::Missing) };
        (found.get_bool("up") == Some(true)).then_some(ClatFault::Wrong)
    }

    /// What is wrong with them.
    pub(super) fn trouble(&self) -> Option<Cause> {
        let clash = self.clashes_with.as_ref().map(|_| Cause::SubnetClash);
        clash.or(self.is_missing.then_some(Cause::AddressMissing))
    }
}

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

    /// Addresses that should be there by now are looked for.
    pub(super) fn expect_addresses(&mut self, now: Instant) {
        let mut is_late = false;
        for interface in self.interfaces.values_mut() {
            let handed_out = &mut interface.handed_out;
            if Instant::take_due(&mut handed_out.clat_due, now) {
                handed_out.is_clat_due = true;
                is_late = true;
            }
            if Instant::take_due(&mut handed_out.due, now) {
                handed_out.is_late = true;
                is_late = true;
            }
        }
        if is_late {
            self.put(Output::ReadAddresses);
        }
    }

    /// Compares the addresses of ours with all others.
    pub(super) fn judge_addresses(&mut self, now: Instant, dump: &Table) {
        let addresses = addresses(dump);
        let mut troubles = Vec::new();
        let mut clats = Vec::new();
        for (name, interface) in &mut self.interfaces {
            let handed_out = &mut interface.handed_out;
            let Told::Up(link) = &interface.told else {
                *handed_out = HandedOut::default();
                continue;
            };
            let clat = format!("{name}_4");
            match handed_out.judge_clat(now, &clat, link, dump) {
                Some(ClatFault::Missing) => clats.push((name.clone(), Some(link.clone()))),
                Some(ClatFault::Wrong) => clats.push((clat, None)),
                None => {}
            }
            let before = handed_out.trouble();
            let is_own = |interface: &str| {
                interface == name || link.sub_interfaces.iter().any(|sub| sub.name == interface)
            };
            let overlaps = |other: &&Address| {
                addresses.iter().any(|own| {
                    let mask = own.mask & other.mask;
                    is_own(&own.interface) && own.network & mask == other.network & mask
                })
            };
            let mut others = addresses.iter().filter(|address| !is_own(&address.interface));
            handed_out.clashes_with = others.find(overlaps).map(|other| other.interface.clone());
            handed_out.is_missing = handed_out.is_late && !has_any(dump, is_own);
            handed_out.gateway = gateway(dump, is_own);
            let trouble = handed_out.trouble();
            if let Some(cause) = trouble.filter(|_| trouble != before) {
                troubles.push((name.clone(), cause));
            }
        }
        for (interface, link) in clats {
            match link {
                Some(link) => self.update(&interface, ProtoUpdate::Up(link)),
                // netifd forgets one that it has not from the configuration.
                None => self.put(Output::SwitchInterface { interface, up: false }),
            }
        }
        for (name, cause) in troubles {
            log::warn!("{name}: {}", cause.sentence());
            if let Some(token) = cause.token() {
                self.update(&name, ProtoUpdate::Error(token));
            }
        }
    }
}

/// The interfaces in a reply to `network.interface dump`.
fn entries(dump: &Table) -> impl Iterator<Item = &Table> {
    dump.get_array("interface").unwrap_or_default().iter().filter_map(Value::as_table)
}

/// Whether any of these interfaces has an address of any family.
fn has_any(dump: &Table, is_own: impl Fn(&str) -> bool) -> bool {
    entries(dump).any(|entry| {
        let has = |family| entry.get_array(family).is_some_and(|list| !list.is_empty());
        entry.get_str("interface").is_some_and(&is_own)
            && (has("ipv4-address") || has("ipv6-address"))
    })
}

/// Where the default route of these interfaces leads.
fn gateway(dump: &Table, is_own: impl Fn(&str) -> bool) -> Option<Ipv4Addr> {
    let own = entries(dump).filter(|entry| entry.get_str("interface").is_some_and(&is_own));
    let mut routes = own.flat_map(|entry| entry.get_array("route").unwrap_or_default());
    routes.find_map(|route| {
        let route = route.as_table().filter(|route| route.get_str("target") == Some("0.0.0.0"))?;
        let gateway: Ipv4Addr = route.get_str("nexthop")?.parse().ok()?;
        (!gateway.is_unspecified()).then_some(gateway)
    })
}

/// All IPv4 addresses in a reply to `network.interface dump`, those of loopback left out.
fn addresses(dump: &Table) -> Vec<Address> {
    let mut addresses = Vec::new();
    for entry in entries(dump) {
        for value in entry.get_array("ipv4-address").unwrap_or_default() {
            if let Some(address) = address(entry, value) {
                addresses.push(address);
            }
        }
    }
    addresses
}

fn address(entry: &Table, value: &Value) -> Option<Address> {
    let interface = entry.get_str("interface")?;
    let table = value.as_table()?;
    let address: Ipv4Addr = table.get_str("address")?.parse().ok()?;
    let len = u32::try_from(table.get("mask")?.as_i64()?).ok().filter(|len| *len <= 32)?;
    let mask = u32::MAX.checked_shl(32 - len).unwrap_or(0);
    // A host's own address, or a default, is no network that could be shared.
    let is_network = (1..32).contains(&len) && !address.is_loopback();
    let network = u32::from(address) & mask;
    is_network.then(|| Address { interface: interface.to_owned(), network, mask })
}
