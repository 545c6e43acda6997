//! What the kernel shows of modems in sysfs, as the manager's snapshot.

use super::paths::Paths;
use crate::io::sysfs;
use crate::manager::discovery::{Class, Device, Node, Snapshot, max_control_transfer};
use std::path::Path;

/// Longest text kept of what a device says of itself, in characters.
const TEXT_MAX: usize = 64;

/// Looks at everything that could belong to a modem.
pub(super) fn snapshot(paths: &Paths) -> Snapshot {
    let classes = [
        (Class::Tty, "tty"),
        (Class::Usbmisc, "usbmisc"),
        (Class::Net, "net"),
        (Class::Wwan, "wwan"),
    ];
    let mut nodes = Vec::new();
    for (class, directory) in classes {
        let directory = paths.sys.join("class").join(directory);
        for name in sysfs::list(&directory) {
            nodes.extend(node(paths, class, &directory, name));
        }
    }
    Snapshot { nodes }
}

fn node(paths: &Paths, class: Class, directory: &Path, name: String) -> Option<Node> {
    // A router has a hundred ttys, none of them a modem's but these.
    let is_serial = ["ttyUSB", "ttyACM"].iter().any(|prefix| name.starts_with(prefix));
    if class == Class::Tty && !is_serial {
        return None;
    }
    let target = sysfs::link_target(&directory.join(&name))?;
    let ready = class == Class::Net || sysfs::exists(&paths.dev.join(&name));
    let raw_ip = sysfs::read(&directory.join(&name).join("qmi/raw_ip")).map(|text| text == "Y");
    let mut node = Node {
        class,
        name,
        driver: String::new(),
        interface: None,
        device: Device::default(),
        ready,
        raw_ip: raw_ip.filter(|_| class == Class::Net),
        max_control_transfer: None,
    };
    for directory in target.ancestors().skip(1).take_while(|dir| *dir != paths.sys) {
        let attribute = |name: &str| sysfs::read(&directory.join(name));
        if node.driver.is_empty()
            && let Some(driver) = sysfs::link_name(&directory.join("driver"))
        {
            node.driver = driver;
        }
        if let Some(number) = attribute("bInterfaceNumber") {
            node.interface = u8::from_str_radix(&number, 16).ok();
            // Of a serial port, the driver nearest by is the bus's; the interface's counts.
            node.driver = sysfs::link_name(&directory.join("driver")).unwrap_or(node.driver);
        }
        if let Some(vendor) = attribute("idVendor") {
            node.device = Device {
                path: format!("usb:{}", directory.file_name()?.to_str()?),
                vid: hex(&vendor)?,
                pid: hex(&attribute("idProduct")?)?,
                manufacturer: text(attribute("manufacturer")),
                product: text(attribute("product")),
                serial: text(attribute("serial")),
            };
            if class == Class::Usbmisc && node.driver == "cdc_mbim" {
                let descriptors = sysfs::read_bytes(&directory.join("descriptors"));
                node.max_control_transfer = descriptors.as_deref().and_then(max_control_transfer);
            }
            return Some(node);
        }
        if let (Some(vendor), Some(_)) = (attribute("vendor"), attribute("subsystem_vendor")) {
            node.device = Device {
                path: format!("pci:{}", directory.file_name()?.to_str()?),
                vid: hex(&vendor)?,
                pid: hex(&attribute("device")?)?,
                ..Device::default()
            };
            return Some(node);
        }
    }
    None
}

fn hex(text: &str) -> Option<u16> {
    u16::from_str_radix(text.trim_start_matches("0x"), 16).ok()
}

/// What a device says of itself, with nothing in it that could act on a terminal or a log.
fn text(raw: Option<String>) -> Option<String> {
    raw.map(|raw| raw.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect())
}
