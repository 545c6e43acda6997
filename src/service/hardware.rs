//! What the kernel shows of modems in sysfs, as the manager's snapshot.
//!
//! Some hundred files are looked at, aside of the loop. A device's texts are behind the lock that
//! the kernel holds while it binds or takes away the device's drivers, which of a hung modem takes
//! it many seconds. So these are read once for each device, by themselves, and until it was looked
//! at once more after that the device is not ready to be used.

use super::knobs;
use super::paths::Paths;
use crate::io::aside::Aside;
use crate::io::path::{name, parent};
use crate::io::sysfs;
use crate::log;
use crate::manager::discovery::{Class, Device, Node, Snapshot, max_control_transfer};
use crate::manager::idle::Idle;
use crate::map::{Map, Set};
use crate::time::{Duration, Instant};
use crate::types::is_usb_device;

use std::ffi::OsString;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// Longest text kept of what a device says of itself, in characters.
const TEXT_MAX: usize = 64;

/// How long the first snapshot waits for texts: what is plugged in then may have a connection that
/// is up, which must not be taken for one whose modem is gone.
const FIRST_WAIT: Duration = Duration::from_secs(2);

/// A device as it was plugged in: its name in sysfs and the number that the bus gave it.
type Key = (String, String);

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Everything but the texts.
    Look,
    /// The texts of a device, by a number that is never used twice.
    Texts(u64),
}

/// What a device says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Texts {
    manufacturer: Option<String>,
    product: Option<String>,
    serial: Option<String>,
    /// Of MBIM: see [`Node::max_control_transfer`].
    max_control_transfer: Option<u16>,
}

impl Texts {
    fn tell(&self, device: &mut Device) {
        device.manufacturer = self.manufacturer.clone();
        device.product = self.product.clone();
        device.serial = self.serial.clone();
    }
}

/// Looks at sysfs.
#[derive(Debug)]
pub(super) struct Hardware {
    /// Reads a device's texts.
    read: fn(&Path) -> Texts,
    looking: Option<Aside<Seen>>,
    /// The devices whose texts were known when that began.
    known: Set<Key>,
    /// Something has changed since that began.
    again: bool,
    seen: Option<Box<Seen>>,
    texts: Map<Key, Texts>,
    questions: Map<u64, (Key, Aside<Texts>)>,
    next: u64,
    has_told: bool,
    /// Until when the first snapshot waits.
    wait_end: Option<Instant>,
}

/// Where a node is, and the device it belongs to.
#[derive(Clone, Debug)]
struct Place {
    node: PathBuf,
    device: PathBuf,
}

/// What a look has seen: the nodes, and which of their devices are USB devices.
#[derive(Clone, Debug)]
struct Seen {
    nodes: Vec<(Node, Place)>,
    idle: Vec<(Idle, PathBuf)>,
    has_usbmuxd: bool,
    has_clat: bool,
    keys: Map<OsString, Key>,
    /// Those whose texts were known before the look began, which is to say that the kernel had let
    /// go of their locks: all their drivers were bound, and no port was still to come.
    complete: Set<Key>,
}

impl Seen {
    fn has(&self, key: &Key) -> bool {
        self.keys.values().any(|known| known == key)
    }
}

impl Default for Hardware {
    fn default() -> Self {
        Self {
            read: read_texts,
            looking: None,
            known: Set::new(),
            again: false,
            seen: None,
            texts: Map::new(),
            questions: Map::new(),
            next: 0,
            has_told: false,
            wait_end: None,
        }
    }
}

impl Hardware {
    /// Starts to look at everything that could belong to a modem, or has it looked at again after
    /// the look that is under way. A snapshot where there is no thread to be had for it.
    pub(super) fn look(&mut self, now: Instant, paths: &Paths) -> Option<Snapshot> {
        self.again = self.looking.is_some();
        if self.again {
            return None;
        }
        let look = || Look { paths: paths.clone(), levels: Map::new() };
        let aside = look();
        self.known.clear();
        for key in self.texts.keys() {
            self.known.insert(key.clone());
        }
        match Aside::start(c"look", move || Ok(aside.see())) {
            Ok(looking) => {
                self.looking = Some(looking);
                None
            }
            Err(error) => {
                log::warn!("{error}");
                self.saw(now, Box::new(look().see()))
            }
        }
    }

    fn saw(&mut self, now: Instant, mut seen: Box<Seen>) -> Option<Snapshot> {
        seen.complete = std::mem::take(&mut self.known);
        self.seen = Some(seen);
        self.ask_for_texts();
        self.snapshot(now)
    }

    /// What to wait for until it is readable.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Reading, BorrowedFd<'_>)> {
        let looking = self.looking.iter().map(|looking| (Reading::Look, looking.as_fd()));
        let texts = self.questions.iter();
        looking.chain(texts.map(|(id, (_, question))| (Reading::Texts(*id), question.as_fd())))
    }

    /// Takes what was read; a snapshot when that changes it.
    pub(super) fn done(
        &mut self,
        now: Instant,
        paths: &Paths,
        reading: Reading,
    ) -> Option<Snapshot> {
        match reading {
            Reading::Look => {
                let seen = self.looking.as_mut()?.take()?;
                self.looking = None;
                let snapshot = self.saw(now, seen.ok()?);
                if !std::mem::take(&mut self.again) {
                    return snapshot;
                }
                self.look(now, paths).or(snapshot)
            }
            Reading::Texts(id) => {
                let texts = self.questions.get_mut(&id)?.1.take()?;
                let (key, _) = self.questions.take(&id)?;
                self.texts.insert(key, *texts.unwrap_or_default());
                self.look(now, paths)
            }
        }
    }

    /// When [`Hardware::handle_timeout`] is wanted.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.wait_end.filter(|_| !self.has_told)
    }

    /// The first snapshot, when it has waited for long enough.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Option<Snapshot> {
        self.poll_timeout().filter(|end| *end <= now)?;
        self.snapshot(now)
    }

    /// What is known; `None` while the first one waits for texts.
    fn snapshot(&mut self, now: Instant) -> Option<Snapshot> {
        let end = *self.wait_end.get_or_insert(now + FIRST_WAIT);
        let seen = self.seen.as_ref()?;
        self.has_told |= seen.keys.values().all(|key| seen.complete.contains(key)) || now >= end;
        if !self.has_told {
            return None;
        }
        // Before it is complete, some of a device's interfaces may be missing.
        let texts = |key| self.texts.get(key).filter(|_| seen.complete.contains(key));
        let mut nodes = Vec::new();
        for (node, place) in &seen.nodes {
            let mut node = node.clone();
            if node.class == Class::Net {
                // Read now: it is changed by ourselves, and by no event that leads to a look.
                let raw_ip = sysfs::read_in(&place.node, "qmi/raw_ip");
                node.raw_ip = raw_ip.map(|text| text == "Y");
                node.mux = knobs::mux_of(&place.node);
            }
            if let Some(key) = seen.keys.get(place.device.as_os_str()) {
                if let Some(texts) = texts(key) {
                    texts.tell(&mut node.device);
                    let is_mbim = node.class == Class::Usbmisc && node.driver == "cdc_mbim";
                    node.max_control_transfer = texts.max_control_transfer.filter(|_| is_mbim);
                } else {
                    node.ready = false;
                }
            }
            nodes.push(node);
        }
        let mut idle = Vec::new();
        for (device, directory) in &seen.idle {
            if let Some(texts) = seen.keys.get(directory.as_os_str()).and_then(texts) {
                let mut device = device.clone();
                texts.tell(&mut device.device);
                idle.push(device);
            }
        }
        Some(Snapshot { nodes, idle, has_usbmuxd: seen.has_usbmuxd, has_clat: seen.has_clat })
    }

    /// Asks for texts that are not known, and forgets those of devices that are gone.
    fn ask_for_texts(&mut self) {
        let Some(seen) = &self.seen else { return };
        self.texts.retain(|key, _| seen.has(key));
        self.questions.retain(|_, (key, _)| seen.has(key));
        for (directory, key) in seen.keys.clone() {
            if !self.texts.contains_key(&key) && !self.questions.values().any(|(k, _)| *k == key) {
                self.ask(&key, directory.into());
            }
        }
    }

    fn ask(&mut self, key: &Key, directory: PathBuf) {
        let read = self.read;
        let question = Aside::start(c"texts", move || Ok(read(&directory)));
        match question {
            Ok(question) => self.questions.insert(self.next, (key.clone(), question)),
            Err(error) => {
                log::warn!("{}: {error}", key.0);
                self.texts.insert(key.clone(), Texts::default());
            }
        }
        self.next = self.next.saturating_add(1);
    }
}

/// One look at everything. Each directory is read once, however many nodes are below it.
struct Look {
    paths: Paths,
    levels: Map<OsString, Level>,
}

/// A directory above a node.
#[derive(Clone, Debug, Default)]
struct Level {
    driver: Option<String>,
    /// It is a USB interface of this number.
    interface: Option<u8>,
    /// It is a device that modems come as; with the number that the bus gave it.
    device: Option<(Device, String)>,
}

impl Look {
    fn see(mut self) -> Seen {
        let nodes = self.nodes();
        let idle = self.idle(&nodes);
        let has_usbmuxd = sysfs::exists(&self.paths.usbmuxd);
        let has_clat = sysfs::exists(&self.paths.clat);
        let keys = self.keys();
        Seen { nodes, idle, has_usbmuxd, has_clat, keys, complete: Set::new() }
    }

    /// The USB devices of interest that no node belongs to, and their directories.
    fn idle(&mut self, nodes: &[(Node, Place)]) -> Vec<(Idle, PathBuf)> {
        let all = self.paths.sys.join("bus/usb/devices");
        let names = sysfs::list(&all);
        let mut found = Vec::new();
        for name in &names {
            if !is_usb_device(name) {
                continue;
            }
            let directory = all.join(name);
            let Some(level) = level(&directory) else { continue };
            let Some((device, _)) = &level.device else { continue };
            if nodes.iter().any(|(node, _)| node.device.path == device.path) {
                continue;
            }
            let mut interfaces = Vec::new();
            for interface in &names {
                if interface.split_once(':').is_some_and(|(device, _)| device == name)
                    && let Some(class) = class(&all.join(interface))
                {
                    interfaces.push(class);
                }
            }
            let idle = Idle { device: device.clone(), interfaces };
            if idle.is_of_interest() {
                self.levels.insert(directory.clone().into(), level);
                found.push((idle, directory));
            }
        }
        found
    }

    fn nodes(&mut self) -> Vec<(Node, Place)> {
        let classes = [
            (Class::Tty, "tty"),
            (Class::Usbmisc, "usbmisc"),
            (Class::Net, "net"),
            (Class::Wwan, "wwan"),
        ];
        let mut nodes = Vec::new();
        for (class, directory) in &classes {
            let directory = self.paths.sys.join("class").join(directory);
            for name in sysfs::list(&directory) {
                nodes.extend(self.node(*class, &directory, name));
            }
        }
        nodes
    }

    /// The USB devices among those that nodes belong to.
    fn keys(&self) -> Map<OsString, Key> {
        let mut keys = Map::new();
        for (directory, level) in &self.levels {
            if let Some((device, number)) = &level.device
                && let Some(name) = device.path.strip_prefix("usb:")
            {
                keys.insert(directory.clone(), (name.to_owned(), number.clone()));
            }
        }
        keys
    }

    fn node(&mut self, class: Class, directory: &Path, name: String) -> Option<(Node, Place)> {
        // A router has a hundred ttys, none of them a modem's but these.
        let is_serial = ["ttyUSB", "ttyACM"].iter().any(|prefix| name.starts_with(prefix));
        if class == Class::Tty && !is_serial {
            return None;
        }
        let target = sysfs::link_target(&directory.join(&name))?;
        let (mut driver, mut interface) = (None, None);
        // The one above is called as the class and holds nothing else.
        let mut above = parent(&target).and_then(parent);
        while let Some(directory) = above {
            if directory.as_os_str() == self.paths.sys.as_os_str() {
                break;
            }
            above = parent(directory);
            let level = known(&mut self.levels, directory)?;
            if level.interface.is_some() {
                interface = level.interface;
                // Of a serial port, the driver nearest by is the bus's; the interface's counts.
                driver = level.driver.clone().or(driver);
            } else if driver.is_none() {
                driver = level.driver.clone();
            }
            let Some((device, _)) = &level.device else { continue };
            let device = device.clone();
            let ready = class == Class::Net || sysfs::exists(&self.paths.dev.join(&name));
            let driver = driver.unwrap_or_default();
            let node = Node {
                class,
                name,
                driver,
                interface,
                device,
                ready,
                raw_ip: None,
                mux: None,
                max_control_transfer: None,
            };
            return Some((node, Place { node: target.clone(), device: directory.to_owned() }));
        }
        None
    }
}

/// A directory that may have been read before.
fn known<'a>(levels: &'a mut Map<OsString, Level>, directory: &Path) -> Option<&'a Level> {
    if !levels.contains_key(directory.as_os_str()) {
        levels.insert(directory.into(), level(directory).unwrap_or_default());
    }
    levels.get(directory.as_os_str())
}

/// What a directory is, by the kernel's name for such: what is not there is not asked for, which of
/// many ports would take long.
fn level(directory: &Path) -> Option<Level> {
    let attribute = |name: &str| sysfs::read_in(directory, name);
    let id = |name: &str| hex(&attribute(name)?);
    let name = name(directory).to_str()?;
    if is_usb_device(name) {
        let (vid, pid) = id("idVendor").zip(id("idProduct"))?;
        let path = format!("usb:{name}");
        let number = attribute("devnum").unwrap_or_default();
        // USB 1 has half a megabit too.
        let speed = attribute("speed").and_then(|speed| speed.parse().ok()).unwrap_or(0);
        let device = Device { path, vid, pid, speed_mbps: speed, ..Device::default() };
        return Some(Level { device: Some((device, number)), ..Level::default() });
    }
    let driver = sysfs::link_name(&directory.join("driver"));
    let is_interface = name.split_once(':').is_some_and(|(device, _)| is_usb_device(device));
    if is_interface && let Some(number) = attribute("bInterfaceNumber") {
        let interface = u8::from_str_radix(&number, 16).ok();
        return Some(Level { driver, interface, device: None });
    }
    // PCI addresses: 0000:01:00.0.
    let is_pci = name.split(':').count() == 3 && attribute("subsystem_vendor").is_some();
    let ids = if is_pci { id("vendor").zip(id("device")) } else { None };
    let device = ids.map(|(vid, pid)| {
        let device = Device { path: format!("pci:{name}"), vid, pid, ..Device::default() };
        (device, String::new())
    });
    Some(Level { driver, interface: None, device })
}

/// Class, subclass and protocol of a USB interface.
fn class(directory: &Path) -> Option<[u8; 3]> {
    let number = |name: &str| {
        let text = sysfs::read_in(directory, name)?;
        u8::from_str_radix(&text, 16).ok()
    };
    Some([number("bInterfaceClass")?, number("bInterfaceSubClass")?, number("bInterfaceProtocol")?])
}

fn read_texts(directory: &Path) -> Texts {
    let attribute = |name: &str| text(sysfs::read_in(directory, name));
    Texts {
        manufacturer: attribute("manufacturer"),
        product: attribute("product"),
        serial: attribute("serial"),
        max_control_transfer: sysfs::read_bytes(&directory.join("descriptors"))
            .as_deref()
            .and_then(max_control_transfer),
    }
}

fn hex(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok()
}

/// What a device says of itself, with nothing in it that could act on a terminal or a log.
fn text(raw: Option<String>) -> Option<String> {
    raw.map(|raw| raw.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect())
}
