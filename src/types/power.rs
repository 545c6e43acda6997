//! How a modem's power, or what stands for it, can be taken away and given back.

use super::text::plain;
use core::fmt;

/// A USB hub has no more ports than this (`USB_MAXCHILDREN` of the kernel).
pub const HUB_PORTS_MAX: u8 = 31;

/// Something that takes a modem out of use and brings it back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PowerMeans {
    /// The kernel's consent to use a USB device, withdrawn and given: the device is disconnected
    /// and configured anew, and keeps its power.
    Authorization {
        /// The device, as the kernel names it: `1-1.2`.
        device: String,
    },
    /// The supply of a hub's port; see [`PowerMeans::port_of`].
    Port {
        /// The hub, as the kernel names it: `1-1`. Never a root hub.
        hub: String,
        /// Its port, 1 to [`HUB_PORTS_MAX`].
        port: u8,
    },
    /// A line that resets the modem or switches its supply. Off is the inverse of what the line
    /// shows before, and on is that again: so nobody has to say which value is active.
    Gpio {
        /// A line that is exported under this name, the kernel's number of a line, or the name of a
        /// line.
        line: String,
    },
}

impl PowerMeans {
    /// The supply of the hub port that a USB device is plugged in to; `None` where that is a root
    /// hub's, which is never switched: whatever else is on that controller would go with it.
    ///
    /// `device` is the kernel's name, such as `1-1.2`, without `usb:`.
    pub fn port_of(device: &str) -> Option<Self> {
        if !is_usb_device(device) {
            return None;
        }
        let (hub, port) = device.rsplit_once('.')?;
        Some(Self::Port { hub: hub.to_owned(), port: port.parse().ok()? })
    }
}

impl fmt::Display for PowerMeans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorization { device } => write!(f, "USB device {device}"),
            Self::Port { hub, port } => write!(f, "port {port} of USB hub {hub}"),
            Self::Gpio { line } => write!(f, "GPIO line {}", plain(line)),
        }
    }
}

/// Whether this can be the kernel's name of a USB device or hub that is no root hub: the number of
/// the bus, a hyphen, and the ports on the way to it with points between.
pub fn is_usb_device(name: &str) -> bool {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_port = |text: &str| {
        let port: Option<u8> = text.parse().ok();
        is_number(text)
            && !text.starts_with('0')
            && port.is_some_and(|port| (1..=HUB_PORTS_MAX).contains(&port))
    };
    name.split_once('-').is_some_and(|(bus, ports)| {
        is_number(bus) && !bus.starts_with('0') && !bus.is_empty() && ports.split('.').all(is_port)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(hub: &str, port: u8) -> Option<PowerMeans> {
        Some(PowerMeans::Port { hub: hub.to_owned(), port })
    }

    #[test]
    fn the_port_of_a_device_is_that_of_the_hub_it_is_plugged_in_to() {
        assert_eq!(PowerMeans::port_of("1-1.2"), port("1-1", 2));
        assert_eq!(PowerMeans::port_of("2-1.4.3"), port("2-1.4", 3));
        assert_eq!(PowerMeans::port_of("10-2.31"), port("10-2", 31));
    }

    #[test]
    fn a_root_hubs_port_is_never_given() {
        for device in ["1-1", "2-14", "usb1", "usb1.2", "1-0", "1-0.1", "1-0:1.0"] {
            assert_eq!(PowerMeans::port_of(device), None, "{device}");
        }
    }

    #[test]
    fn what_is_no_device_has_no_port() {
        for device in
            ["", ".", "1-", "-1.2", "1-1.", "1-1.32", "1-1.256", "1-1.+2", "1-1.02", "0-1.2"]
        {
            assert_eq!(PowerMeans::port_of(device), None, "{device}");
        }
        for device in ["1-1.2:1.0", "../1-1.2", "1-../1.2", "1-1.2/x.1", "usb:1-1.2", "1-1..2"] {
            assert_eq!(PowerMeans::port_of(device), None, "{device}");
            assert!(!is_usb_device(device), "{device}");
        }
        assert!(is_usb_device("1-1") && is_usb_device("3-1.4.2"));
    }
}
