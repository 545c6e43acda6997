//! A made-up `/sys` for one modem, laid out as Linux 6.1 lays out the device behind `vhci_hcd`.
//!
//! Links are relative as in the kernel's own tree, so a root directory may be anywhere. Attributes
//! of the net device that change by themselves point to the real `/sys` where there is one.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::descriptors;
use crate::sim::Config;
use crate::sim::config::Front;
use crate::sim::product::{MANUFACTURER, PRODUCT, PRODUCT_NAME, VENDOR};

/// Names that one modem has.
#[derive(Clone, Debug)]
pub(super) struct Names {
    /// Port of the root hub, from 1.
    pub(super) hub_port: u8,
    /// N of `cdc-wdmN`.
    pub(super) wdm: u8,
    /// N of the first of its four `ttyUSBN`.
    pub(super) first_tty: u8,
    pub(super) interface: String,
    pub(super) interface_index: u32,
}

/// The tree of one modem.
#[derive(Debug)]
pub(super) struct Tree {
    sys: PathBuf,
    /// The USB device under `/sys`.
    device: String,
    /// Links that point into it.
    links: Vec<String>,
    /// Kernel events to tell of, as subsystem and path under `/sys`, outermost first.
    pub(super) events: Vec<(&'static str, String)>,
}

/// Attributes of a net device that follow its state.
const LIVE: [&str; 8] =
    ["address", "carrier", "flags", "mtu", "operstate", "speed", "statistics", "tx_queue_len"];

impl Tree {
    /// Builds the tree under `root`.
    pub(super) fn build(root: &Path, names: &Names, config: &Config) -> io::Result<Self> {
        let device = format!("devices/platform/vhci_hcd.0/usb1/1-{}", names.hub_port);
        let mut tree =
            Self { sys: root.join("sys"), device, links: Vec::new(), events: Vec::new() };
        tree.remove();
        tree.device(names, config)?;
        for number in 0..4 {
            tree.serial(names, number)?;
        }
        tree.function(names, config)?;
        Ok(tree)
    }

    /// Takes it all away, what points to it first.
    pub(super) fn remove(&mut self) {
        for link in self.links.drain(..) {
            let _ = fs::remove_file(self.sys.join(link));
        }
        let _ = fs::remove_dir_all(self.sys.join(&self.device));
    }

    /// The file that says which framing the host uses.
    pub(super) fn raw_ip(&self, interface: &str, config: &Config) -> Option<PathBuf> {
        let port = self.device.rsplit('/').next().unwrap_or_default();
        let path = format!("{}/{port}:1.4/net/{interface}/qmi/raw_ip", self.device);
        (config.front == Front::Qmi).then(|| self.sys.join(path))
    }

    fn device(&mut self, names: &Names, config: &Config) -> io::Result<()> {
        let device = self.device.clone();
        let devnum = names.hub_port + 1;
        let id = product_id();
        let attributes = [
            ("authorized", "1".to_owned()),
            ("bConfigurationValue", "1".into()),
            ("bDeviceClass", "ef".into()),
            ("bDeviceSubClass", "02".into()),
            ("bDeviceProtocol", "01".into()),
            ("bNumInterfaces", if config.front == Front::Qmi { " 5" } else { " 6" }.into()),
            ("bcdDevice", "0318".into()),
            ("busnum", "1".into()),
            ("devnum", devnum.to_string()),
            ("devpath", names.hub_port.to_string()),
            ("idVendor", format!("{VENDOR:04x}")),
            ("idProduct", format!("{PRODUCT:04x}")),
            ("manufacturer", MANUFACTURER.into()),
            ("product", PRODUCT_NAME.into()),
            ("serial", config.identity.serial.clone()),
            ("speed", "480".into()),
            ("version", " 2.00".into()),
        ];
        for (name, value) in attributes {
            self.file(&format!("{device}/{name}"), &value)?;
        }
        let all = [descriptors::device(config), descriptors::configuration(config)].concat();
        fs::write(self.sys.join(&device).join("descriptors"), all)?;
        let uevent = format!(
            "MAJOR=189\nMINOR={}\nDEVNAME=bus/usb/001/{devnum:03}\nDEVTYPE=usb_device\n\
             DRIVER=usb\nPRODUCT={id}\nTYPE=239/2/1\nBUSNUM=001\nDEVNUM={devnum:03}",
            names.hub_port
        );
        self.file(&format!("{device}/uevent"), &uevent)?;
        self.link(&format!("{device}/driver"), "bus/usb/drivers/usb")?;
        self.link(&format!("{device}/subsystem"), "bus/usb")?;
        self.outer_link(&format!("bus/usb/devices/1-{}", names.hub_port), &device)?;
        self.events.push(("usb", device));
        Ok(())
    }

    /// A USB interface with its attributes; returns its path.
    fn interface(
        &mut self,
        names: &Names,
        number: u8,
        driver: &str,
        class: [u8; 3],
    ) -> io::Result<String> {
        let name = format!("1-{}:1.{number}", names.hub_port);
        let path = format!("{}/{name}", self.device);
        let [main, sub, protocol] = class;
        let endpoints = if number == 0 { 2 } else { 3 };
        let modalias = format!(
            "usb:v{VENDOR:04X}p{PRODUCT:04X}d0318dcEFdsc02dp01ic{main:02X}isc{sub:02X}\
             ip{protocol:02X}in{number:02X}"
        );
        let attributes = [
            ("bAlternateSetting", " 0".to_owned()),
            ("bInterfaceClass", format!("{main:02x}")),
            ("bInterfaceNumber", format!("{number:02x}")),
            ("bInterfaceProtocol", format!("{protocol:02x}")),
            ("bInterfaceSubClass", format!("{sub:02x}")),
            ("bNumEndpoints", format!("{endpoints:02x}")),
            ("modalias", modalias.clone()),
            (
                "uevent",
                format!(
                    "DEVTYPE=usb_interface\nDRIVER={driver}\nPRODUCT={}\nTYPE=239/2/1\n\
                     INTERFACE={main}/{sub}/{protocol}\nMODALIAS={modalias}",
                    product_id()
                ),
            ),
        ];
        for (attribute, value) in attributes {
            self.file(&format!("{path}/{attribute}"), &value)?;
        }
        let driver_path = format!("bus/usb/drivers/{driver}");
        fs::create_dir_all(self.sys.join(&driver_path))?;
        self.link(&format!("{path}/driver"), &driver_path)?;
        self.link(&format!("{path}/subsystem"), "bus/usb")?;
        self.outer_link(&format!("bus/usb/devices/{name}"), &path)?;
        self.events.push(("usb", path.clone()));
        Ok(path)
    }

    fn serial(&mut self, names: &Names, number: u8) -> io::Result<()> {
        let class = if number == 0 { [0xff, 0xff, 0xff] } else { [0xff, 0, 0] };
        let interface = self.interface(names, number, "option", class)?;
        let minor = names.first_tty + number;
        let tty = format!("ttyUSB{minor}");
        let port = format!("{interface}/{tty}");
        self.file(&format!("{port}/port_number"), "0")?;
        self.file(&format!("{port}/uevent"), "DRIVER=option1")?;
        fs::create_dir_all(self.sys.join("bus/usb-serial/drivers/option1"))?;
        self.link(&format!("{port}/driver"), "bus/usb-serial/drivers/option1")?;
        self.link(&format!("{port}/subsystem"), "bus/usb-serial")?;
        let node = format!("{port}/tty/{tty}");
        self.file(&format!("{node}/dev"), &format!("188:{minor}"))?;
        let uevent = format!("MAJOR=188\nMINOR={minor}\nDEVNAME={tty}");
        self.file(&format!("{node}/uevent"), &uevent)?;
        self.link(&format!("{node}/device"), &port)?;
        self.outer_link(&format!("class/tty/{tty}"), &node)?;
        self.link(&format!("{node}/subsystem"), "class/tty")?;
        self.events.push(("tty", node));
        Ok(())
    }

    fn function(&mut self, names: &Names, config: &Config) -> io::Result<()> {
        let is_qmi = config.front == Front::Qmi;
        let interface = if is_qmi {
            self.interface(names, 4, "qmi_wwan", [0xff, 0xff, 0xff])?
        } else {
            self.interface(names, 5, "cdc_mbim", [10, 0, 2])?;
            self.interface(names, 4, "cdc_mbim", [2, 14, 0])?
        };
        let wdm = format!("cdc-wdm{}", names.wdm);
        let node = format!("{interface}/usbmisc/{wdm}");
        self.file(&format!("{node}/dev"), &format!("180:{}", names.wdm))?;
        let uevent = format!("MAJOR=180\nMINOR={}\nDEVNAME={wdm}", names.wdm);
        self.file(&format!("{node}/uevent"), &uevent)?;
        self.link(&format!("{node}/device"), &interface)?;
        self.outer_link(&format!("class/usbmisc/{wdm}"), &node)?;
        self.link(&format!("{node}/subsystem"), "class/usbmisc")?;
        self.events.push(("usbmisc", node));

        let Names { interface: name, interface_index: index, .. } = names;
        let net = format!("{interface}/net/{name}");
        let uevent = format!("DEVTYPE=wwan\nINTERFACE={name}\nIFINDEX={index}");
        self.file(&format!("{net}/uevent"), &uevent)?;
        self.file(&format!("{net}/ifindex"), &index.to_string())?;
        if is_qmi {
            self.file(&format!("{net}/type"), "65534")?;
            self.file(&format!("{net}/qmi/raw_ip"), "N")?;
            self.file(&format!("{net}/qmi/pass_through"), "N")?;
        } else {
            self.file(&format!("{net}/type"), "1")?;
        }
        for attribute in LIVE {
            let real = Path::new("/sys/class/net").join(name).join(attribute);
            let path = self.sys.join(format!("{net}/{attribute}"));
            match attribute {
                _ if real.exists() => symlink(real, path)?,
                "statistics" => fs::create_dir_all(path)?,
                "operstate" => fs::write(path, "down\n")?,
                "flags" => fs::write(path, "0x1090\n")?,
                "mtu" => fs::write(path, "1500\n")?,
                _ => fs::write(path, "\n")?,
            }
        }
        self.link(&format!("{net}/device"), &interface)?;
        self.outer_link(&format!("class/net/{name}"), &net)?;
        self.link(&format!("{net}/subsystem"), "class/net")?;
        self.events.push(("net", net));
        Ok(())
    }

    fn file(&self, path: &str, content: &str) -> io::Result<()> {
        let path = self.sys.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, format!("{content}\n"))
    }

    /// A link to something under `/sys`, relative to where it stands.
    fn link(&self, at: &str, target: &str) -> io::Result<()> {
        let up = "../".repeat(at.matches('/').count());
        let path = self.sys.join(at);
        fs::create_dir_all(self.sys.join(target))?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let _ = fs::remove_file(&path);
        symlink(format!("{up}{target}"), path)
    }

    /// A link from outside the device's own directory.
    fn outer_link(&mut self, at: &str, target: &str) -> io::Result<()> {
        self.links.push(at.to_owned());
        self.link(at, target)
    }
}

/// Vendor, product and release, as uevents have them.
fn product_id() -> String {
    format!("{VENDOR:x}/{PRODUCT:x}/318")
}
