//! What a round asks: from the check's options and what the network gave.

use super::{FamilyRound, NameServer};
use crate::config::{Check, CheckKind, CheckTarget, Host};
use crate::types::{IpConfig, IpFamily};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A round's parts, one for each family that has an address and something to ask.
pub(super) fn round(check: &Check, config: &IpConfig) -> Vec<FamilyRound> {
    let configured = check.targets();
    let mut parts = Vec::new();
    for family in [IpFamily::V4, IpFamily::V6] {
        let Some(source) = address_of(config, family) else { continue };
        let targets = if configured.is_empty() {
            default_targets(check.kind, config, family)
        } else {
            configured.iter().filter(|target| suits(target, config, family)).cloned().collect()
        };
        if !targets.is_empty() {
            parts.push(FamilyRound {
                family,
                source,
                targets: targets.into(),
                outstanding: None,
                answered: None,
                failed: None,
                not_made: None,
            });
        }
    }
    parts
}

/// Whom to ask for names over a connection: the servers of the family first.
pub(super) fn name_servers(config: &IpConfig, family: IpFamily) -> Vec<NameServer> {
    let other = match family {
        IpFamily::V4 => IpFamily::V6,
        IpFamily::V6 => IpFamily::V4,
    };
    let of = |family| {
        let source = address_of(config, family);
        let servers = servers_of(config, family).into_iter();
        servers.filter_map(move |address| Some(NameServer { address, source: source? }))
    };
    of(family).chain(of(other)).collect()
}

/// With no host configured the network's own name servers are asked.
fn default_targets(kind: CheckKind, config: &IpConfig, family: IpFamily) -> Vec<CheckTarget> {
    let servers = servers_of(config, family).into_iter();
    match kind {
        CheckKind::Ping => servers.map(|at| CheckTarget::Ping(Host::Address(at))).collect(),
        CheckKind::Dns => servers.map(CheckTarget::NameServer).collect(),
        CheckKind::None | CheckKind::Http => Vec::new(),
    }
}

/// Whether a target can be asked over a family.
fn suits(target: &CheckTarget, config: &IpConfig, family: IpFamily) -> bool {
    match target {
        CheckTarget::NameServer(address)
        | CheckTarget::Ping(Host::Address(address))
        | CheckTarget::Page { host: Host::Address(address), .. } => {
            address.is_ipv6() == (family == IpFamily::V6)
        }
        // Asked of servers over the family that is being checked.
        CheckTarget::Name(_) => !servers_of(config, family).is_empty(),
        CheckTarget::Ping(Host::Name(_)) | CheckTarget::Page { host: Host::Name(_), .. } => {
            !name_servers(config, family).is_empty()
        }
    }
}

/// The address to ask from; unspecified where only netifd's DHCP client knows it.
fn address_of(config: &IpConfig, family: IpFamily) -> Option<IpAddr> {
    let v4 = || config.v4.as_ref().map_or(Ipv4Addr::UNSPECIFIED, |v4| v4.address);
    let v6 = || config.v6.as_ref().map_or(Ipv6Addr::UNSPECIFIED, |v6| v6.address);
    config.has(family).then(|| match family {
        IpFamily::V4 => v4().into(),
        IpFamily::V6 => v6().into(),
    })
}

fn servers_of(config: &IpConfig, family: IpFamily) -> Vec<IpAddr> {
    let v4 = || config.v4.iter().flat_map(|v4| v4.dns.iter().copied().map(IpAddr::from));
    let v6 = || config.v6.iter().flat_map(|v6| v6.dns.iter().copied().map(IpAddr::from));
    let servers: Vec<IpAddr> = match family {
        IpFamily::V4 => v4().collect(),
        IpFamily::V6 => v6().collect(),
    };
    // Some networks give 0.0.0.0 for a server they do not have.
    servers.into_iter().filter(|at| !at.is_unspecified() && !at.is_loopback()).collect()
}
