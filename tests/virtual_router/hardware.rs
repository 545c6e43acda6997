//! The USB side of the simulated router: sockets with modems in them, and what the kernel shows.

use std::collections::BTreeMap;

use ltewan::manager::discovery::{Class, Device, Node, Snapshot};
use ltewan::manager::idle::Idle;
use ltewan::time::Instant;

use super::Router;
use crate::sim::config::{Dialect, Front};
use crate::sim::product::{Function, Product};
use crate::sim::{Config, Port, SimModem};

/// A socket and the modem in it.
#[derive(Debug)]
pub(crate) struct Socket {
    pub(crate) modem: SimModem,
    /// The number in its nodes' names: the lowest free one at the time it was plugged in.
    pub(crate) number: Option<usize>,
    /// The kernel's link.
    pub(crate) link: KernelLink,
    /// The net device that pppd has made.
    pub(crate) ppp_net: Option<String>,
    /// Of the serial ports' nodes only so many are made yet.
    pub(crate) serial_at: Option<(Instant, usize)>,
    /// The kernel refuses to change the link's mode.
    pub(crate) stubborn_link: bool,
    /// The kernel has no QMAP.
    pub(crate) lacks_mux: bool,
}

/// A net device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KernelLink {
    pub(crate) up: bool,
    pub(crate) raw_ip: bool,
    pub(crate) mtu: Option<u32>,
    /// There is a net device for QMAP on top.
    pub(crate) muxed: bool,
    /// Neighbours are asked for.
    pub(crate) arp: bool,
    /// Bytes received and bytes sent.
    pub(crate) traffic: (u64, u64),
    /// Its index, which no other device has had.
    pub(crate) index: u32,
    /// What it is slowed down to, in kbit/s.
    pub(crate) kbits: Option<u32>,
}

impl Socket {
    pub(crate) fn new(now: Instant, config: Config) -> Self {
        Self {
            modem: SimModem::new(now, config),
            number: None,
            link: KernelLink::default(),
            ppp_net: None,
            serial_at: None,
            stubborn_link: false,
            lacks_mux: false,
        }
    }

    pub(crate) fn net(&self) -> Option<String> {
        Some(format!("wwan{}", self.number?))
    }

    /// The net device on top of it.
    pub(crate) fn mux(&self) -> Option<String> {
        Some(format!("qmimux{}", self.number.filter(|_| self.link.muxed)?))
    }

    /// Whether its link has a raw-ip mode to be put into.
    pub(super) fn has_raw_ip(&self) -> bool {
        self.modem.config().front == Front::Qmi
    }

    /// The port behind a name in `/dev`.
    pub(crate) fn port(&self, name: &str) -> Option<Port> {
        let number = self.number?;
        let has_control = matches!(self.modem.config().front, Front::Qmi | Front::Mbim);
        if has_control && name == format!("cdc-wdm{number}") {
            return Some(self.modem.control_port());
        }
        let tty: usize = name.strip_prefix("ttyUSB")?.parse().ok()?;
        let interface = tty.checked_sub(4 * number).filter(|interface| *interface < 4)?;
        Some(Port::At(u8::try_from(interface).ok()?))
    }
}

/// All sockets, by path: `usb:1-1`.
#[derive(Debug, Default)]
pub(crate) struct Sockets(pub(crate) BTreeMap<String, Socket>);

impl Sockets {
    /// Gives a modem that has come its names. Other devices have the first `taken` numbers.
    pub(crate) fn name(&mut self, path: &str, taken: usize) {
        let index = self.0.values().map(|socket| socket.link.index).max().unwrap_or(0) + 1;
        let used: Vec<usize> = self.0.values().filter_map(|socket| socket.number).collect();
        let free = (taken..).find(|number| !used.contains(number));
        if let Some(socket) = self.0.get_mut(path) {
            socket.number = free;
            socket.link = KernelLink { arp: true, index, ..KernelLink::default() };
        }
    }

    /// The socket whose modem has this net device.
    pub(crate) fn of_net(&mut self, net: &str) -> Option<&mut Socket> {
        self.0.values_mut().find(|socket| {
            let names = [socket.net(), socket.mux(), socket.ppp_net.clone()];
            names.iter().any(|name| name.as_deref() == Some(net))
        })
    }

    /// What the kernel shows.
    pub(crate) fn snapshot(&self, now: Instant) -> Snapshot {
        let (mut nodes, mut idle) = (Vec::new(), Vec::new());
        for (path, socket) in &self.0 {
            let Some(number) = socket.number else { continue };
            let config = socket.modem.config();
            let (vid, pid) = config.ids();
            let (maker, product) = config.usb_names();
            let device = Device {
                path: path.clone(),
                vid,
                pid,
                manufacturer: Some(maker.into()),
                product: Some(product.into()),
                serial: Some(config.identity.serial.clone()),
                speed_mbps: config.speed_mbps,
            };
            let node = |class, name: String, driver: &str, interface| Node {
                class,
                name,
                driver: driver.into(),
                interface: Some(interface),
                device: device.clone(),
                ready: true,
                raw_ip: (class == Class::Net && socket.has_raw_ip()).then_some(socket.link.raw_ip),
                mux: socket.mux().filter(|_| class == Class::Net),
                max_control_transfer: (class == Class::Usbmisc)
                    .then_some(config.max_control_transfer),
            };
            if config.function == Function::None {
                let interfaces = vec![config.idle_class()];
                idle.push(Idle { device: device.clone(), interfaces });
            }
            let driver = config.driver();
            let has_serial = config.has_serial();
            // Not in the order of their numbers, on purpose.
            if config.function != Function::None {
                let interface = if has_serial { 4 } else { 0 };
                nodes.push(node(Class::Net, format!("wwan{number}"), driver, interface));
            }
            if has_serial {
                // Which of the others speak AT is only known of some vendors.
                let is_plain =
                    config.product == Product::OfDialect && config.dialect != Dialect::Quectel;
                let interfaces: &[u8] = if is_plain { &[3, 2] } else { &[3, 1, 0, 2] };
                let early = socket.serial_at.filter(|(at, _)| *at > now).map(|(_, early)| early);
                for &interface in interfaces.iter().take(early.unwrap_or(interfaces.len())) {
                    let name = format!("ttyUSB{}", 4 * number + usize::from(interface));
                    nodes.push(node(Class::Tty, name, "option", interface));
                }
            }
            if matches!(config.front, Front::Qmi | Front::Mbim) {
                nodes.push(node(Class::Usbmisc, format!("cdc-wdm{number}"), driver, 4));
            }
        }
        Snapshot { nodes, idle, ..Snapshot::default() }
    }
}

impl Router {
    /// What the kernel shows, and which programs there are.
    pub(super) fn snapshot(&self) -> Snapshot {
        let (has_usbmuxd, has_clat) = (self.has_usbmuxd, self.has_clat);
        Snapshot { has_usbmuxd, has_clat, ..self.sockets.snapshot(self.now) }
    }
}
