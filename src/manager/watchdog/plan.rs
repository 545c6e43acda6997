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
            let mut suitable = Vec::new();
            for target in &configured {
                if suits(target, config, family) {
                    suitable.push(target.clone());
                }
            }
            suitable
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
    let mut servers = Vec::new();
    for family in [family, other] {
        let Some(source) = address_of(config, family) else { continue };
        for address in servers_of(config, family) {
            servers.push(NameServer { address, source });
        }
    }
    servers
}

/// With no host configured the network's own name servers are asked.
fn default_targets(kind: CheckKind, config: &IpConfig, family: IpFamily) -> Vec<CheckTarget> {
    let mut targets = Vec::new();
    for address in servers_of(config, family) {
        targets.push(match kind {
            CheckKind::Ping => CheckTarget::Ping(Host::Address(address)),
            CheckKind::Dns => CheckTarget::NameServer(address),
            CheckKind::None | CheckKind::Http => break,
        });
    }
    targets
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
    let mut servers = Vec::new();
    let mut add = |at: IpAddr| {
        // Some networks give 0.0.0.0 for a server they do not have.
        if !at.is_unspecified() && !at.is_loopback() {
            servers.push(at);
        }
    };
    match (family, &config.v4, &config.v6) {
        (IpFamily::V4, Some(v4), _) => v4.dns.iter().for_each(|at| add((*at).into())),
        (IpFamily::V6, _, Some(v6)) => v6.dns.iter().for_each(|at| add((*at).into())),
        (IpFamily::V4 | IpFamily::V6, _, _) => {}
    }
    servers
}
