//! Which modems are there: from what the kernel shows, without touching any of it.
//!
//! Ports are told apart by the USB interface they belong to and the driver behind it, never by the
//! order of their names: `ttyUSB2` may be anything after a replug while its old file is held open.

use super::idle::{self, Idle};
use crate::driver::{Obstacle, quirk};
use crate::map::Map;

/// Everything the kernel shows that could belong to a modem, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The nodes, in any order.
    pub nodes: Vec<Node>,
    /// The USB devices without any, in any order.
    pub idle: Vec<Idle>,
    /// Whether there is a program that pairs with iPhones.
    pub has_usbmuxd: bool,
    /// Whether netifd can translate IPv4 to IPv6, RFC 6877.
    pub has_clat: bool,
}

/// One entry of `/sys/class`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Which class.
    pub class: Class,
    /// Its name there: `ttyUSB2`, `cdc-wdm0`, `wwan0`, `wwan0qmi0`.
    pub name: String,
    /// The kernel driver of the interface it belongs to: `option`, `qmi_wwan`.
    pub driver: String,
    /// The number of its USB interface (`bInterfaceNumber`).
    pub interface: Option<u8>,
    /// The device it belongs to.
    pub device: Device,
    /// Whether it can be opened: its node in `/dev` exists. Always true of net devices.
    pub ready: bool,
    /// Of a net device: whether it is in raw-ip mode; `None` when it has no such mode.
    pub raw_ip: Option<bool>,
    /// Of a net device: the one for QMAP on top of it.
    pub mux: Option<String>,
    /// Of an MBIM control port: the longest message it takes at once, in bytes; `None` when that is
    /// not known.
    pub max_control_transfer: Option<u16>,
}

/// The directories of `/sys/class` that modems show up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Serial ports.
    Tty,
    /// `cdc-wdm*` of `qmi_wwan`, `cdc_mbim`, `huawei_cdc_ncm`.
    Usbmisc,
    /// Net devices.
    Net,
    /// Ports of the WWAN subsystem.
    Wwan,
}

/// The hardware a node belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Device {
    /// Where it is plugged in: `usb:1-1.2`, `pci:0000:01:00.0`. The same socket has the same path.
    pub path: String,
    /// Vendor id.
    pub vid: u16,
    /// Product id.
    pub pid: u16,
    /// The maker's name as the device gives it. Hostile text.
    pub manufacturer: Option<String>,
    /// The product's name as the device gives it. Hostile text.
    pub product: Option<String>,
    /// The serial number as the device gives it. Hostile text.
    pub serial: Option<String>,
    /// How fast its bus is, in Mbit/s; 0 when that is not known.
    pub speed_mbps: u32,
}

/// How a modem is controlled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// QMI.
    Qmi,
    /// MBIM.
    Mbim,
    /// AT.
    At,
    /// AT, and data by PPP over another serial port.
    Ppp,
    /// Not at all: a phone, or a stick that is a router of its own.
    None,
}

impl Protocol {
    /// Whether the program has what speaks it.
    const fn is_built(self) -> bool {
        match self {
            Self::Qmi => cfg!(feature = "qmi"),
            Self::Mbim => cfg!(feature = "mbim"),
            Self::At | Self::Ppp => cfg!(feature = "at"),
            Self::None => true,
        }
    }

    /// As on ubus.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Qmi => "qmi",
            Self::Mbim => "mbim",
            Self::At => "at",
            Self::Ppp => "ppp",
            Self::None => "none",
        }
    }
}

/// A modem and its ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The hardware.
    pub device: Device,
    /// How it is controlled.
    pub protocol: Protocol,
    /// The control port's name in `/dev`; empty when it has none, and with AT, where any of the
    /// serial ports may be it, which asking them tells.
    pub control: String,
    /// Its net device, when the kernel has made it.
    pub net: Option<String>,
    /// The kernel driver of its control port, or of its net device: `qmi_wwan`, `rndis_host`.
    pub driver: String,
    /// Whether the net device is in raw-ip mode; `None` when it has no such mode.
    pub raw_ip: Option<bool>,
    /// The net device for QMAP on top of it.
    pub mux: Option<String>,
    /// The number of the control port's USB interface.
    pub interface: Option<u8>,
    /// With MBIM: the longest message the control port takes at once, in bytes, if known.
    pub max_control_transfer: Option<u16>,
    /// Its serial ports by USB interface number, or by order in the WWAN subsystem.
    pub serial: Vec<Serial>,
    /// Why it cannot be of use, as far as that is seen from outside.
    pub obstacle: Option<Obstacle>,
}

impl Found {
    fn new(port: &Node, protocol: Protocol, net: Option<&Node>, serial: Vec<Serial>) -> Self {
        Self {
            device: port.device.clone(),
            protocol,
            control: String::new(),
            net: net.map(|net| net.name.clone()),
            driver: port.driver.clone(),
            raw_ip: None,
            mux: None,
            interface: port.interface,
            max_control_transfer: None,
            serial,
            obstacle: None,
        }
    }

    /// The USB interfaces of its serial ports.
    pub(super) fn serial_interfaces(&self) -> Vec<Option<u8>> {
        let mut interfaces = Vec::new();
        for serial in &self.serial {
            interfaces.push(serial.interface);
        }
        interfaces
    }
}

/// A serial port that may speak AT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Serial {
    /// Its name in `/dev`.
    pub name: String,
    /// The number of its USB interface.
    pub interface: Option<u8>,
    /// Whether the kernel itself says that it speaks AT (WWAN subsystem).
    pub is_at: bool,
}

/// The drivers of net devices that a modem is dialled for over AT.
const DIALLED_NETS: [&str; 4] = ["cdc_ether", "cdc_ncm", "huawei_cdc_ncm", "rndis_host"];

/// The modems of a snapshot whose control port can be opened, by path. `wants_ppp` tells of which
/// the owner wants the data to go by PPP.
pub fn modems(snapshot: &Snapshot, wants_ppp: &dyn Fn(&Device) -> bool) -> Map<String, Found> {
    let mut by_device: Map<&str, Vec<&Node>> = Map::new();
    for node in &snapshot.nodes {
        by_device.or_insert(&node.device.path, Vec::new()).push(node);
    }
    let mut modems = Map::new();
    for found in snapshot.idle.iter().filter_map(idle::found) {
        modems.insert(found.device.path.clone(), found);
    }
    for (path, nodes) in by_device.iter() {
        let Some(node) = nodes.first() else { continue };
        let forced = if wants_ppp(&node.device) { serial_modem(nodes, true) } else { None };
        let Some(mut found) = forced.or_else(|| modem(nodes)) else { continue };
        let lacks_pairing = found.driver == "ipheth" && !snapshot.has_usbmuxd;
        found.obstacle = lacks_pairing.then_some(Obstacle::NotPaired);
        if !found.protocol.is_built() {
            found.obstacle = Some(Obstacle::LeftOut(found.protocol.name()));
            found.protocol = Protocol::None;
        }
        modems.insert((*path).to_owned(), found);
    }
    modems
}

/// The longest control message of the MBIM function among a device's USB descriptors, in bytes:
/// wMaxControlMessage of its functional descriptor (MBIM 1.0, 6.4).
pub fn max_control_transfer(descriptors: &[u8]) -> Option<u16> {
    /// CS_INTERFACE and the subtype for MBIM.
    const MBIM: [u8; 2] = [0x24, 0x1b];
    let mut rest = descriptors;
    while let Some(&len) = rest.first().filter(|len| **len >= 2) {
        let (descriptor, next) = rest.split_at_checked(usize::from(len))?;
        if let [_, kind, subtype, _, _, low, high, ..] = *descriptor
            && [kind, subtype] == MBIM
        {
            return Some(u16::from_le_bytes([low, high]));
        }
        rest = next;
    }
    None
}

/// The modem among the ports of one device, by the best way there is to it.
fn modem(nodes: &[&Node]) -> Option<Found> {
    let mut best: Option<(Protocol, &Node, Option<&Node>)> = None;
    for &control in nodes {
        let Some(protocol) = control_of(control).filter(|_| control.ready) else { continue };
        let net = first_net(nodes, by_name, &|net| {
            control.class == Class::Wwan || net.interface == control.interface
        });
        // A function with a net device beside it is worth more than one without.
        let is_better = best.is_none_or(|(_, other, its_net)| {
            (net.is_none(), control.interface, &control.name)
                < (its_net.is_none(), other.interface, &other.name)
        });
        if is_better {
            best = Some((protocol, control, net));
        }
    }
    let Some((protocol, control, net)) = best else {
        let by_net = dialled_modem(nodes).or_else(|| tether(nodes));
        return by_net.or_else(|| serial_modem(nodes, false));
    };
    let mut found = Found::new(control, protocol, net, serial_ports(nodes));
    found.control.clone_from(&control.name);
    found.raw_ip = net.and_then(|net| net.raw_ip);
    found.mux = net.and_then(|net| net.mux.clone());
    found.max_control_transfer = control.max_control_transfer;
    Some(found)
}

fn by_name(one: &Node, other: &Node) -> bool {
    one.name < other.name
}

fn by_interface(one: &Node, other: &Node) -> bool {
    (one.interface, &one.name) < (other.interface, &other.name)
}

/// The first net device in an order, of those that `is_it` is true for.
#[inline(never)]
fn first_net<'a>(
    nodes: &[&'a Node],
    is_before: fn(&Node, &Node) -> bool,
    is_it: &dyn Fn(&Node) -> bool,
) -> Option<&'a Node> {
    let mut first = None;
    for &net in nodes {
        if net.class == Class::Net && is_it(net) && first.is_none_or(|first| is_before(net, first))
        {
            first = Some(net);
        }
    }
    first
}

/// The kernel drivers of net devices behind which phones and router sticks are.
const TETHER_DRIVERS: [&str; 5] =
    ["rndis_host", "cdc_ether", "cdc_ncm", "huawei_cdc_ncm", "ipheth"];

/// Makers of Ethernet adapters, which come with the same drivers: Realtek, ASIX, Microchip,
/// Davicom, Linksys, Lenovo's docks, Aquantia, Corechip, TP-Link, Microsoft's, Dell's and HP's
/// docks, NVIDIA, Belkin; and Linux's own gadgets.
const ADAPTER_MAKERS: [u16; 16] = [
    0x0bda, 0x0b95, 0x0424, 0x0a46, 0x13b1, 0x17ef, 0x2eca, 0x0fe6, 0x2357, 0x045e, 0x413c, 0x03f0,
    0x0955, 0x050d, 0x0525, 0x1d6b,
];

/// A net device without anything to control it by. Serial ports make it a modem that is dialled.
fn tether(nodes: &[&Node]) -> Option<Found> {
    let is_one = |net: &Node| TETHER_DRIVERS.contains(&net.driver.as_str());
    let net = first_net(nodes, by_name, &is_one)?;
    let is_adapter = ADAPTER_MAKERS.contains(&net.device.vid);
    let has_control = nodes.iter().any(|node| node.class != Class::Net);
    if is_adapter || has_control || !net.ready {
        return None;
    }
    let mut found = Found::new(net, Protocol::None, Some(net), Vec::new());
    found.raw_ip = Some(false);
    Some(found)
}

/// A modem without a control port, whose net device is put to use over AT.
fn dialled_modem(nodes: &[&Node]) -> Option<Found> {
    // A control port that cannot be opened yet is worth waiting for.
    if nodes.iter().any(|node| control_of(node).is_some()) {
        return None;
    }
    let is_dialled = |net: &Node| DIALLED_NETS.contains(&net.driver.as_str());
    let net = first_net(nodes, by_interface, &is_dialled)?;
    let serial = serial_ports(nodes);
    (!serial.is_empty()).then(|| Found::new(net, Protocol::At, Some(net), serial))
}

/// A modem that has nothing but serial ports, or is to be used as if: its data goes by PPP. Other
/// devices with serial ports are left alone unless the owner says that they are modems.
fn serial_modem(nodes: &[&Node], is_wanted: bool) -> Option<Found> {
    let is_known = |node: &&&Node| {
        node.class == Class::Tty
            && (is_wanted || quirk::is_modem_port(&node.driver, node.device.vid, node.device.pid))
    };
    let port = nodes.iter().find(is_known)?;
    // A better way that is not there yet is worth waiting for.
    if !is_wanted && nodes.iter().any(|node| control_of(node).is_some()) {
        return None;
    }
    let mut serial = serial_ports(nodes);
    serial.retain(|serial| serial.name.starts_with("tty"));
    if serial.is_empty() {
        return None;
    }
    let mut found = Found::new(port, Protocol::Ppp, None, serial);
    found.interface = None;
    Some(found)
}

fn control_of(node: &Node) -> Option<Protocol> {
    match node.class {
        Class::Usbmisc => match node.driver.as_str() {
            "qmi_wwan" | "qmi_wwan_q" => Some(Protocol::Qmi),
            "cdc_mbim" => Some(Protocol::Mbim),
            _ => None,
        },
        Class::Wwan => match wwan_port_kind(&node.name)? {
            "qmi" => Some(Protocol::Qmi),
            "mbim" => Some(Protocol::Mbim),
            _ => None,
        },
        Class::Tty | Class::Net => None,
    }
}

fn serial_ports(nodes: &[&Node]) -> Vec<Serial> {
    let is_serial = |node: &&&Node| {
        node.ready
            && match node.class {
                Class::Tty => true,
                Class::Wwan => wwan_port_kind(&node.name) == Some("at"),
                // Beside this driver's net device is a port that speaks AT.
                Class::Usbmisc => node.driver == "huawei_cdc_ncm",
                Class::Net => false,
            }
    };
    let mut ports: Vec<Serial> = Vec::new();
    for node in nodes.iter().filter(is_serial) {
        let is_behind = |port: &Serial| (port.interface, &port.name) > (node.interface, &node.name);
        let at = ports.iter().position(is_behind).unwrap_or(ports.len());
        let is_at = node.class == Class::Wwan;
        ports.insert(at, Serial { name: node.name.clone(), interface: node.interface, is_at });
    }
    ports
}

/// What a port of the WWAN subsystem speaks, from its name: `wwan0qmi0` speaks `qmi`.
fn wwan_port_kind(name: &str) -> Option<&str> {
    let rest = name.strip_prefix("wwan")?.trim_start_matches(|c: char| c.is_ascii_digit());
    let kind = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    (!kind.is_empty()).then_some(kind)
}
