//! Which device it is, and what it shows on USB: modems, and what else is plugged in for internet.

use core::net::Ipv4Addr;

use super::config::{Config, Dialect, Front};
use super::page::Page;
use super::world::network::V4;

/// The EC25's vendor and product, and what it calls them.
pub(crate) const VENDOR: u16 = 0x2c7c;
pub(crate) const PRODUCT: u16 = 0x0125;
pub(crate) const MANUFACTURER: &str = "Quectel";
pub(crate) const PRODUCT_NAME: &str = "EC25-E";

/// The net function on USB.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Function {
    Qmi,
    Mbim,
    Ecm,
    Ncm,
    Rndis,
    /// What `ipheth` drives.
    Iphone,
    /// None: serial ports alone, the disk with a driver on it, or a phone's files.
    None,
}

impl Function {
    const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Qmi, "qmi", "qmi_wwan"),
        (Self::Mbim, "mbim", "cdc_mbim"),
        (Self::Ecm, "ecm", "cdc_ether"),
        (Self::Ncm, "ncm", "cdc_ncm"),
        (Self::Rndis, "rndis", "rndis_host"),
        (Self::Iphone, "iphone", "ipheth"),
        (Self::None, "none", ""),
    ];

    /// Quectel's numbers for them: +QCFG="usbnet".
    const USBNET: [(Self, u8); 5] =
        [(Self::Qmi, 0), (Self::Ecm, 1), (Self::Mbim, 2), (Self::Rndis, 3), (Self::Ncm, 5)];

    /// By its word.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|(_, name, _)| *name == text);
        found.map(|(function, ..)| *function).ok_or_else(|| format!("no function '{text}'"))
    }

    /// The kernel's driver for it.
    pub(crate) fn driver(self) -> &'static str {
        Self::ALL.iter().find(|(function, ..)| *function == self).map_or("", |entry| entry.2)
    }

    /// By Quectel's number.
    pub(crate) fn of_usbnet(number: u8) -> Option<Self> {
        Self::USBNET.iter().find(|(_, known)| *known == number).map(|(function, _)| *function)
    }

    /// Quectel's number.
    pub(crate) fn usbnet(self) -> u8 {
        Self::USBNET.iter().find(|(function, _)| *function == self).map_or(0, |(_, number)| *number)
    }
}

/// Which device it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Product {
    /// Quectel's EC25, in any composition.
    Ec25,
    /// A modem of the vendor whose dialect it speaks.
    OfDialect,
    /// An Android phone.
    Phone,
    /// A stick that is a router of its own: Huawei's HiLink.
    Stick,
    Iphone,
    /// A stick that is still the disk with its driver on it.
    Disk,
}

impl Product {
    const NAMES: [(Self, &'static str); 5] = [
        (Self::Ec25, "ec25"),
        (Self::Phone, "phone"),
        (Self::Stick, "stick"),
        (Self::Iphone, "iphone"),
        (Self::Disk, "disk"),
    ];

    /// By its word.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let found = Self::NAMES.iter().find(|(_, name)| *name == text);
        found.map(|(product, _)| *product).ok_or_else(|| format!("no product '{text}'"))
    }

    /// Vendor, product, and what it calls them. The ids are those of usb.ids.
    fn names(self) -> (u16, u16, &'static str, &'static str) {
        match self {
            Self::Ec25 | Self::OfDialect => (VENDOR, PRODUCT, MANUFACTURER, PRODUCT_NAME),
            Self::Phone => (0x18d1, 0x4ee3, "Google", "Pixel"),
            Self::Stick => (0x12d1, 0x14dc, "HUAWEI", "HUAWEI Mobile"),
            Self::Iphone => (0x05ac, 0x12a8, "Apple Inc.", "iPhone"),
            Self::Disk => (0x12d1, 0x1f01, "HUAWEI", "HUAWEI Mobile"),
        }
    }

    /// What it shows when nothing else is said.
    fn function(self) -> Function {
        match self {
            Self::Ec25 => Function::Qmi,
            Self::Phone => Function::Rndis,
            Self::OfDialect | Self::Stick => Function::Ecm,
            Self::Iphone => Function::Iphone,
            Self::Disk => Function::None,
        }
    }

    /// What it hands out as a router of its own, to the host and for itself.
    fn own_network(self) -> Option<(Ipv4Addr, Ipv4Addr, Ipv4Addr)> {
        let slash_24 = Ipv4Addr::new(255, 255, 255, 0);
        match self {
            Self::Ec25 | Self::OfDialect | Self::Disk => None,
            Self::Phone => {
                Some((Ipv4Addr::new(192, 168, 42, 57), Ipv4Addr::new(192, 168, 42, 129), slash_24))
            }
            Self::Stick => {
                Some((Ipv4Addr::new(192, 168, 8, 100), Ipv4Addr::new(192, 168, 8, 1), slash_24))
            }
            Self::Iphone => Some((
                Ipv4Addr::new(172, 20, 10, 2),
                Ipv4Addr::new(172, 20, 10, 1),
                Ipv4Addr::new(255, 255, 255, 240),
            )),
        }
    }
}

impl Config {
    /// It is this device.
    pub(crate) fn set_product(&mut self, product: Product) {
        self.product = product;
        let own = product.own_network();
        self.network.own = own.map(|(address, gateway, mask)| V4 {
            address,
            gateway,
            mask,
            dns: [gateway, gateway],
        });
        self.network.page = if product == Product::Stick { Page::HiLink } else { Page::Plain };
        self.set_function(product.function());
    }

    /// It shows this on USB.
    pub(crate) fn set_function(&mut self, function: Function) {
        self.function = function;
        self.front = match (self.product, function) {
            (Product::Ec25, Function::Qmi) => Front::Qmi,
            (Product::Ec25, Function::Mbim) => Front::Mbim,
            (Product::Ec25, _) => {
                self.dialect = Dialect::Quectel;
                Front::At
            }
            (Product::OfDialect, _) => Front::At,
            (Product::Phone | Product::Stick | Product::Iphone | Product::Disk, _) => Front::None,
        };
    }

    /// Vendor and product.
    pub(crate) fn ids(&self) -> (u16, u16) {
        if self.product == Product::OfDialect {
            return (self.dialect.entry().2, self.dialect.entry().3);
        }
        let (vendor, product, ..) = self.product.names();
        (vendor, product)
    }

    /// What it calls its maker and itself on USB.
    pub(crate) fn usb_names(&self) -> (&'static str, &'static str) {
        let (.., maker, name) = self.product.names();
        (maker, name)
    }

    /// The kernel's driver of its net device; empty when it has none.
    pub(crate) fn driver(&self) -> &'static str {
        let is_other = self.product == Product::OfDialect;
        if is_other { self.dialect.entry().4 } else { self.function.driver() }
    }

    /// Class, subclass and protocol of its interface when it has no net function: a disk, or a
    /// phone's files.
    pub(crate) fn idle_class(&self) -> [u8; 3] {
        if self.product == Product::Disk { [8, 6, 0x50] } else { [6, 1, 1] }
    }

    /// It has serial ports.
    pub(crate) fn has_serial(&self) -> bool {
        self.front != Front::None
    }

    /// The host's own address on its net function.
    pub(crate) fn mac(&self) -> [u8; 6] {
        [0x02, 0x50, 0xf3, 0, 1, self.network.subnet]
    }
}
