//! Which modem is meant: `option device` of an interface and `option match` of a modem section.

use super::Config;
use crate::types::{Imei, Invalid};
use core::fmt;

/// `option device`: the modem an interface wants.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeviceSelector {
    /// The first modem that no other interface has.
    #[default]
    Auto,
    /// The modem of a section of `/etc/config/ltewan`. Until [`DeviceSelector::resolve`] it may
    /// as well be a net device, whose names look the same.
    Section(String),
    /// The modem at a USB path, as in sysfs: `1-1.2`.
    Usb(String),
    /// The modem with this IMEI.
    Imei(Imei),
    /// The first modem with this vendor and product.
    VidPid(u16, u16),
    /// The modem that one of these belongs to: a device node (`/dev/cdc-wdm0`, `/dev/ttyUSB2`), a
    /// path in sysfs, or the name of a net device.
    Node(String),
}

impl DeviceSelector {
    /// Reads `auto`, a section's name, `usb:1-1.2`, `imei:...`, `2c7c:0125`, `/dev/cdc-wdm0`,
    /// `/sys/...` or a net device's name.
    ///
    /// # Errors
    /// When the text is none of them.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() || text == "auto" {
            return Ok(Self::Auto);
        }
        if text.starts_with('/') {
            return if is_path(text) { Ok(Self::Node(text.to_owned())) } else { Err(SELECTOR) };
        }
        if text.contains(':') {
            return ModemMatch::parse(text).map(Self::from).map_err(|_| SELECTOR);
        }
        if !text.is_empty() && text.len() <= 64 && text.bytes().all(is_name) {
            return Ok(Self::Section(text.to_owned()));
        }
        if is_net_device(text) { Ok(Self::Node(text.to_owned())) } else { Err(SELECTOR) }
    }

    /// The same with a name settled: a section of `config` when it has one of that name, a net
    /// device otherwise.
    #[must_use]
    pub fn resolve(self, config: &Config) -> Self {
        match self {
            Self::Section(name) if config.modem(&name).is_none() => Self::Node(name),
            Self::Auto
            | Self::Section(_)
            | Self::Usb(_)
            | Self::Imei(_)
            | Self::VidPid(..)
            | Self::Node(_) => self,
        }
    }
}

impl From<ModemMatch> for DeviceSelector {
    fn from(found: ModemMatch) -> Self {
        match found {
            ModemMatch::Usb(path) => Self::Usb(path),
            ModemMatch::Imei(imei) => Self::Imei(imei),
            ModemMatch::VidPid(vendor, product) => Self::VidPid(vendor, product),
        }
    }
}

/// As in the option. An IMEI is shown redacted.
impl fmt::Display for DeviceSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Section(name) | Self::Node(name) => f.write_str(name),
            Self::Usb(path) => write!(f, "usb:{path}"),
            Self::Imei(imei) => write!(f, "imei:{imei}"),
            Self::VidPid(vendor, product) => write!(f, "{vendor:04x}:{product:04x}"),
        }
    }
}

/// `option match`: the modem that a section is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModemMatch {
    /// At a USB path, as in sysfs: `1-1.2`.
    Usb(String),
    /// With this IMEI.
    Imei(Imei),
    /// With this vendor and product: `2c7c:0125`.
    VidPid(u16, u16),
}

impl ModemMatch {
    /// Reads `usb:1-1.2`, `imei:` and 14 to 16 digits, or vendor and product as four hexadecimal
    /// digits each.
    ///
    /// # Errors
    /// When the text is none of them.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let invalid =
            Invalid { expected: "usb:1-1.2, imei: and 14 to 16 digits, or vid:pid as 2c7c:0125" };
        let (kind, value) = text.split_once(':').ok_or(invalid)?;
        match kind {
            "usb" if is_usb_path(value) => Ok(Self::Usb(value.to_owned())),
            "imei" => Imei::new(value).map(Self::Imei).map_err(|_| invalid),
            _ => match (hex_id(kind), hex_id(value)) {
                (Some(vendor), Some(product)) => Ok(Self::VidPid(vendor, product)),
                (None, _) | (_, None) => Err(invalid),
            },
        }
    }
}

const SELECTOR: Invalid = Invalid {
    expected: "auto, a modem section, usb:1-1.2, imei: and 14 to 16 digits, vid:pid as 2c7c:0125, \
               a path in /dev or /sys, or a net device",
};

/// `BUS-PORT[.PORT...]`, as the kernel names USB devices; USB 2.0 4.1.1 allows five hubs in a row.
fn is_usb_path(text: &str) -> bool {
    let number = |s: &str| (1..=3).contains(&s.len()) && s.bytes().all(|c| c.is_ascii_digit());
    let Some((bus, ports)) = text.split_once('-') else { return false };
    number(bus) && ports.split('.').count() <= 7 && ports.split('.').all(number)
}

fn hex_id(text: &str) -> Option<u16> {
    let digits = text.len() == 4 && text.bytes().all(|c| c.is_ascii_hexdigit());
    if digits { u16::from_str_radix(text, 16).ok() } else { None }
}

/// A path below `/dev` or `/sys` that cannot climb out again.
fn is_path(text: &str) -> bool {
    let below = text.starts_with("/dev/") || text.starts_with("/sys/");
    below
        && text.len() <= 255
        && text.bytes().all(|c| c.is_ascii_graphic())
        && text.split('/').all(|part| part != "..")
}

/// What the kernel takes for one, less what would look odd in a path.
fn is_net_device(text: &str) -> bool {
    (1..=15).contains(&text.len())
        && text.bytes().all(|c| is_name(c) || matches!(c, b'-' | b'.' | b'@'))
        && text != "."
        && text != ".."
}

const fn is_name(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_'
}
