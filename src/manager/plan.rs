//! From configuration to what is asked: which modem serves an interface, what it dials with, and
//! what netifd is told.

use super::discovery::{Device, Found, Protocol};
use super::interfaces::Interface;
use super::netifd::{Link, SubInterface};
use crate::config::{Config, Control, DeviceSelector, InterfaceConfig, ModemConfig, ModemMatch};
use crate::driver::{Selection, quirk};
use crate::modem::{Modem, Want};
use crate::types::{IpConfig, IpFamily, SimStatus, Table};
use core::net::Ipv6Addr;

/// The protocol that translates IPv4, RFC 6877.
pub(super) const CLAT: &str = "464xlat";

/// What tells the address that IPv4 is translated to from the link's own, in the same prefix.
const CLAT_BITS: u128 = 0x0464;

/// Whether a modem is the one, or one of those, that `device` means.
pub(super) fn fits(
    config: &Config,
    device: &DeviceSelector,
    found: &Found,
    machine: &Modem,
) -> bool {
    match device.clone().resolve(config) {
        DeviceSelector::Auto => true,
        DeviceSelector::Section(name) => config
            .modem(&name)
            .and_then(|section| section.matches.clone())
            .is_some_and(|matches| fits(config, &matches.into(), found, machine)),
        DeviceSelector::Usb(path) => found.device.path.strip_prefix("usb:") == Some(path.as_str()),
        DeviceSelector::Imei(imei) => machine.facts().identity.imei.as_ref() == Some(&imei),
        DeviceSelector::VidPid(vid, pid) => (found.device.vid, found.device.pid) == (vid, pid),
        DeviceSelector::Node(path) => has_node(found, &path),
    }
}

/// Whether a node that another handler would be given belongs to the modem.
fn has_node(found: &Found, path: &str) -> bool {
    if let Some(sysfs) = path.strip_prefix("/sys/") {
        let device = found.device.path.split_once(':').map_or("", |(_, path)| path);
        return sysfs.split('/').any(|part| part == device);
    }
    let name = path.strip_prefix("/dev/").unwrap_or(path);
    name == found.control
        || [&found.net, &found.mux].into_iter().any(|net| net.as_deref() == Some(name))
        || found.serial.iter().any(|serial| serial.name == name)
}

/// The section of `/etc/config/ltewan` about a modem.
pub(super) fn section_of<'a>(
    config: &'a Config,
    found: &Found,
    machine: &Modem,
) -> Option<&'a ModemConfig> {
    config.modems.iter().find(|section| {
        let matches = section.matches.clone();
        matches.is_some_and(|matches| fits(config, &matches.into(), found, machine))
    })
}

/// Whether the owner wants a modem's data to go by PPP. It has not been asked for its IMEI yet.
pub(super) fn wants_ppp(config: &Config, device: &Device) -> bool {
    let is_it = |matches: &ModemMatch| match matches {
        ModemMatch::Usb(path) => device.path.strip_prefix("usb:") == Some(path.as_str()),
        ModemMatch::VidPid(vid, pid) => (device.vid, device.pid) == (*vid, *pid),
        ModemMatch::Imei(_) => false,
    };
    let sections = config.modems.iter().filter(|section| section.control == Control::Ppp);
    sections.filter_map(|section| section.matches.as_ref()).any(is_it)
}

/// What an interface wants of a modem that holds this SIM: its own options, then the SIM's profile.
pub(super) fn want(
    config: &Config,
    interface: &InterfaceConfig,
    modem: Option<&ModemConfig>,
    sim: &SimStatus,
) -> Want {
    let interface =
        interface.clone().with_sim(config.sim_profile(sim.iccid.as_ref(), sim.imsi.as_ref()));
    let modes = match modem {
        Some(modem) if interface.modes.is_empty() => modem.modes.clone(),
        Some(_) | None => interface.modes.clone(),
    };
    Want {
        bearer: interface.bearer_settings(),
        allow_roaming: interface.roaming_allowed(),
        selection: Selection { plmn: interface.plmn, modes },
        pin: interface.pincode,
    }
}

/// What netifd is told of an interface that is up.
pub(super) fn link(
    name: &str,
    interface: &Interface,
    found: &Found,
    ifname: &str,
    config: &IpConfig,
    zone: Option<String>,
    has_clat: bool,
) -> Link {
    let options = &interface.config;
    let mut data = Table::new();
    data.put("modem", found.device.path.as_str());
    data.put_some("zone", zone);
    Link {
        ifname: ifname.to_owned(),
        config: config.clone(),
        raw_ip: match found.protocol {
            Protocol::Qmi | Protocol::Mbim | Protocol::None => found.raw_ip != Some(false),
            Protocol::At => quirk::lacks_arp(found.device.vid, found.device.pid),
            Protocol::Ppp => true,
        },
        is_external: found.protocol == Protocol::Ppp,
        source_filter: options.sourcefilter,
        extend_prefix: options.extendprefix,
        sub_interfaces: sub_interfaces(name, interface, config, &data, has_clat),
        data,
    }
}

/// What netifd gets addresses for by itself: an interface for each family, with the options of the
/// one below that concern it.
fn sub_interfaces(
    name: &str,
    interface: &Interface,
    config: &IpConfig,
    data: &Table,
    has_clat: bool,
) -> Vec<SubInterface> {
    let copied = |proto: &str, names: &[&str]| {
        let mut table = Table::new();
        table.put("proto", proto);
        table.put_some("zone", data.get("zone").cloned());
        for name in ["defaultroute", "peerdns", "metric"].iter().chain(names) {
            table.put_some(name, interface.raw.get(name).cloned());
        }
        table
    };
    let mut list = Vec::new();
    let has_v4 = config.has(IpFamily::V4);
    let may_translate = interface.config.iface_464xlat;
    if let Some(v6) = config.v6.as_ref().filter(|_| has_clat && may_translate && !has_v4) {
        let mut options = copied(CLAT, &["ip4table"]);
        options.put("tunlink", name);
        // With another prefix this is another, by which netifd sees that it has to go.
        let address = Ipv6Addr::from(u128::from(v6.address) ^ CLAT_BITS);
        options.put("ip6addr", address.to_string());
        list.push(SubInterface { name: format!("{name}_4"), options });
    }
    if config.dhcp.v4 {
        let options = copied("dhcp", &["ip4table"]);
        list.push(SubInterface { name: format!("{name}_4"), options });
    }
    if config.dhcp.v6 {
        let mut options = copied("dhcpv6", &["ip6table", "delegate", "sourcefilter"]);
        if interface.config.extendprefix {
            options.put("extendprefix", "1");
        }
        // Without it netifd's handler does so by itself.
        if has_v4 || !may_translate {
            options.put("iface_464xlat", "0");
        }
        list.push(SubInterface { name: format!("{name}_6"), options });
    }
    list
}

/// The options of `/etc/config/ltewan` that are read but that nothing acts on, each as a sentence
/// for the owner.
pub(super) fn sections_without_effect(config: &Config) -> Vec<String> {
    let mut told = Vec::new();
    let mut tell = |name: &str, option: &str| {
        told.push(format!("ltewan.{name}.{option}: has no effect in this version"));
    };
    for modem in &config.modems {
        if ![Control::Auto, Control::Ppp].contains(&modem.control) {
            tell(modem.name.as_deref().unwrap_or("@modem"), "control");
        }
    }
    for sim in &config.sims {
        if sim.slot.is_some() {
            tell(sim.name.as_deref().unwrap_or("@sim"), "slot");
        }
    }
    told
}
