//! Looks at a directory that looks like sysfs.

use super::*;
use crate::io::poll::{self, Interest};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs;

const LIMIT: Duration = Duration::from_secs(10);
const START: Instant = Instant::from_micros(1_000_000);
const INTERFACE: &str = "devices/usb1/1-1/1-1:1.4";

/// A root directory of its own for one test, removed afterwards.
struct Root {
    path: PathBuf,
    paths: Paths,
}

impl Root {
    /// With one modem, plugged in for the seventh time.
    fn new(name: &str) -> Self {
        let path = format!("ltewan-hardware-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(path);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("sys")).unwrap();
        let root = Self { paths: Paths::below(&path), path };
        for (name, content) in [
            ("sys/devices/usb1/1-1/idVendor", "2c7c\n"),
            ("sys/devices/usb1/1-1/idProduct", "0125\n"),
            ("sys/devices/usb1/1-1/devnum", "7\n"),
            ("sys/devices/usb1/1-1/manufacturer", "Quectel\n"),
            ("sys/devices/usb1/1-1/product", "EC25\u{7}-E\n"),
            ("sys/devices/usb1/1-1/1-1:1.4/bInterfaceNumber", "04\n"),
            ("sys/devices/usb1/1-1/1-1:1.4/usbmisc/cdc-wdm0/dev", "180:0\n"),
            ("sys/devices/usb1/1-1/speed", "480\n"),
            ("sys/devices/usb1/1-1/1-1:1.4/net/wwan0/qmi/raw_ip", "Y\n"),
            ("sys/drivers/qmi_wwan/bind", ""),
            ("dev/cdc-wdm0", ""),
        ] {
            root.put(name, content);
        }
        root.link("class/usbmisc/cdc-wdm0", &format!("{INTERFACE}/usbmisc/cdc-wdm0"));
        root.link("class/net/wwan0", &format!("{INTERFACE}/net/wwan0"));
        root.link(&format!("{INTERFACE}/driver"), "drivers/qmi_wwan");
        root
    }

    fn put(&self, name: &str, content: &str) {
        let path = self.path.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn link(&self, at: &str, target: &str) {
        let path = self.path.join("sys").join(at);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let up = "../".repeat(at.matches('/').count());
        std::os::unix::fs::symlink(format!("{up}{target}"), path).unwrap();
    }

    /// Makes the texts wait, as for a lock, until the pipe is written to.
    fn lock_texts(&self, hardware: &mut Hardware) -> PathBuf {
        let path = self.path.join("sys/devices/usb1/1-1/lock");
        mknodat(CWD, &path, FileType::Fifo, Mode::RWXU, 0).unwrap();
        hardware.read = |directory| {
            fs::read(directory.join("lock")).unwrap();
            read_texts(directory)
        };
        path
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Looks, and takes what was seen but no texts.
fn look(hardware: &mut Hardware, root: &Root, now: Instant) -> Option<Snapshot> {
    assert_eq!(hardware.look(now, &root.paths), None);
    take(hardware, root, now, Reading::Look)
}

fn take(hardware: &mut Hardware, root: &Root, now: Instant, what: Reading) -> Option<Snapshot> {
    let (_, fd) = hardware.iter().find(|(reading, _)| *reading == what).unwrap();
    assert!(poll::wait(&[(fd, Interest::Read)], Some(LIMIT)).unwrap()[0].any());
    hardware.done(now, &root.paths, what)
}

/// Waits for the texts of the one device that is asked for them, and for the look after that.
fn answer(hardware: &mut Hardware, root: &Root) -> Option<Snapshot> {
    take_texts(hardware, root);
    take(hardware, root, START, Reading::Look)
}

fn take_texts(hardware: &mut Hardware, root: &Root) {
    let questions: Vec<_> = hardware.iter().map(|(reading, _)| reading).collect();
    let is_text = |reading: &&Reading| matches!(reading, Reading::Texts(_));
    let texts = *questions.iter().find(is_text).unwrap();
    assert_eq!(take(hardware, root, START, texts), None);
}

#[test]
fn a_modem_is_seen_with_its_texts_and_asked_for_them_once() {
    let root = Root::new("seen");
    let mut hardware = Hardware::default();
    assert_eq!(look(&mut hardware, &root, START), None, "its texts are not known");
    let snapshot = answer(&mut hardware, &root).unwrap();
    let device = Device {
        path: "usb:1-1".into(),
        vid: 0x2c7c,
        pid: 0x0125,
        manufacturer: Some("Quectel".into()),
        product: Some("EC25-E".into()),
        serial: None,
        speed_mbps: 480,
    };
    let node = |class, name: &str, raw_ip| Node {
        class,
        name: name.into(),
        driver: "qmi_wwan".into(),
        interface: Some(4),
        device: device.clone(),
        ready: true,
        raw_ip,
        mux: None,
        max_control_transfer: None,
    };
    let nodes = vec![node(Class::Usbmisc, "cdc-wdm0", None), node(Class::Net, "wwan0", Some(true))];
    assert_eq!(snapshot, Snapshot { nodes, ..Snapshot::default() });
    assert_eq!(hardware.poll_timeout(), None);
    root.put("sys/devices/usb1/1-1/product", "another");
    assert_eq!(look(&mut hardware, &root, START), Some(snapshot));
    assert!(hardware.iter().next().is_none(), "nothing is asked again");
    // In the same socket, but plugged in anew.
    root.put("sys/devices/usb1/1-1/devnum", "8");
    assert!(!look(&mut hardware, &root, START).unwrap().nodes[0].ready);
    let device = &answer(&mut hardware, &root).unwrap().nodes[0].device;
    assert_eq!(device.product.as_deref(), Some("another"));
}

#[test]
fn a_device_that_the_kernel_has_locked_holds_nobody_up() {
    let root = Root::new("locked");
    let mut hardware = Hardware::default();
    fs::rename(root.path.join("sys/class"), root.path.join("sys/away")).unwrap();
    assert_eq!(look(&mut hardware, &root, START), Some(Snapshot::default()));
    fs::rename(root.path.join("sys/away"), root.path.join("sys/class")).unwrap();
    let pipe = root.lock_texts(&mut hardware);
    let snapshot = look(&mut hardware, &root, START).unwrap();
    assert_eq!(snapshot.nodes[0].name, "cdc-wdm0");
    assert!(!snapshot.nodes[0].ready);
    assert_eq!(hardware.done(START, &root.paths, Reading::Texts(0)), None, "it is still locked");
    fs::write(pipe, "").unwrap();
    let node = answer(&mut hardware, &root).unwrap().nodes.remove(0);
    assert!(node.ready);
    assert_eq!(node.device.manufacturer.as_deref(), Some("Quectel"));
}

#[test]
fn the_first_snapshot_waits_for_texts_but_not_for_ever() {
    let root = Root::new("first");
    let mut hardware = Hardware::default();
    let pipe = root.lock_texts(&mut hardware);
    assert_eq!(look(&mut hardware, &root, START), None);
    let end = hardware.poll_timeout().unwrap();
    assert_eq!(end, START + FIRST_WAIT);
    assert_eq!(look(&mut hardware, &root, START + Duration::from_secs(1)), None);
    assert_eq!(hardware.handle_timeout(START + Duration::from_secs(1)), None);
    assert!(!hardware.handle_timeout(end).unwrap().nodes[0].ready);
    assert_eq!(hardware.poll_timeout(), None);
    fs::write(pipe, "").unwrap();
    assert!(answer(&mut hardware, &root).unwrap().nodes[0].ready);
}

#[test]
fn what_changes_during_a_look_is_looked_at_after_it() {
    let root = Root::new("again");
    let mut hardware = Hardware::default();
    hardware.look(START, &root.paths);
    hardware.look(START, &root.paths);
    hardware.look(START, &root.paths);
    take(&mut hardware, &root, START, Reading::Look);
    take(&mut hardware, &root, START, Reading::Look);
    let snapshot = answer(&mut hardware, &root).unwrap();
    assert_eq!(snapshot.nodes.len(), 2);
    assert!(hardware.iter().next().is_none(), "two looks are enough");
}

#[test]
fn a_device_is_ready_when_it_was_looked_at_after_its_drivers_were_bound() {
    let root = Root::new("bound");
    let mut hardware = Hardware::default();
    fs::remove_file(root.path.join("sys/class/net/wwan0")).unwrap();
    assert_eq!(look(&mut hardware, &root, START), None);
    // This one may have begun before the last driver was bound.
    hardware.look(START, &root.paths);
    take_texts(&mut hardware, &root);
    assert_eq!(take(&mut hardware, &root, START, Reading::Look), None);
    root.link("class/net/wwan0", &format!("{INTERFACE}/net/wwan0"));
    let _ = take(&mut hardware, &root, START, Reading::Look);
    let nodes = look(&mut hardware, &root, START).unwrap().nodes;
    assert_eq!(nodes.len(), 2);
    assert!(nodes[0].ready);
}

#[test]
fn the_mode_of_a_link_is_the_one_of_this_moment() {
    let root = Root::new("mode");
    let mut hardware = Hardware::default();
    assert_eq!(look(&mut hardware, &root, START), None);
    // By ourselves, while the texts are read.
    root.put(&format!("sys/{INTERFACE}/net/wwan0/qmi/raw_ip"), "N\n");
    let snapshot = answer(&mut hardware, &root).unwrap();
    let modes: Vec<_> = snapshot.nodes.iter().map(|node| node.raw_ip).collect();
    assert_eq!(modes, [None, Some(false)]);
}

#[test]
fn what_was_unplugged_is_forgotten() {
    let root = Root::new("unplugged");
    let mut hardware = Hardware::default();
    assert_eq!(look(&mut hardware, &root, START), None);
    fs::remove_dir_all(root.path.join("sys/class")).unwrap();
    assert_eq!(look(&mut hardware, &root, START), Some(Snapshot::default()));
    assert!(hardware.iter().next().is_none() && hardware.texts.is_empty());
}

#[test]
fn a_stick_that_is_still_a_disk_is_seen_once_it_is_whole_and_a_memory_stick_is_not() {
    let root = Root::new("disk");
    fs::remove_dir_all(root.path.join("sys/class")).unwrap();
    for (name, vid) in [("1-2", "19d2"), ("1-3", "0781")] {
        let directory = format!("sys/devices/usb1/{name}");
        root.put(&format!("{directory}/idVendor"), vid);
        root.put(&format!("{directory}/idProduct"), "1225");
        root.put(&format!("{directory}/devnum"), "3");
        root.put(&format!("{directory}/product"), "ZTE Mass Storage");
        for (attribute, value) in
            [("bInterfaceClass", "08"), ("bInterfaceSubClass", "06"), ("bInterfaceProtocol", "50")]
        {
            root.put(&format!("{directory}/{name}:1.0/{attribute}"), value);
        }
        root.link(&format!("bus/usb/devices/{name}"), &format!("devices/usb1/{name}"));
        root.link(
            &format!("bus/usb/devices/{name}:1.0"),
            &format!("devices/usb1/{name}/{name}:1.0"),
        );
    }
    let mut hardware = Hardware::default();
    assert_eq!(look(&mut hardware, &root, START), None);
    let idle = answer(&mut hardware, &root).unwrap().idle;
    assert_eq!(idle.len(), 1);
    assert_eq!((idle[0].device.path.as_str(), idle[0].device.vid), ("usb:1-2", 0x19d2));
    assert_eq!(idle[0].device.product.as_deref(), Some("ZTE Mass Storage"));
    assert_eq!(idle[0].interfaces, [[8, 6, 0x50]]);
}
