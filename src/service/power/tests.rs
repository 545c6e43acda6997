//! Orders carried out in a directory that looks like sysfs, and on a file that blocks as it can.

use super::*;
use crate::io::poll::{self, Interest};
use crate::time::Duration;
use std::fs;

const MODEM: &str = "usb:1-1.2";
const LIMIT: Duration = Duration::from_secs(10);

/// A root directory of its own for one test, removed afterwards.
struct Root {
    path: PathBuf,
    paths: Paths,
}

impl Root {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("ltewan-power-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(path.join("sys")).unwrap();
        fs::create_dir_all(path.join("dev")).unwrap();
        Self { paths: Paths::below(&path), path }
    }

    /// Makes a file of sysfs.
    fn put(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path.join("sys").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// Waits for every order; what the manager is told of the last.
fn finish(power: &mut Power) -> Input {
    let mut last = None;
    let orders: Vec<_> = power.iter().map(|(id, _)| id).collect();
    for id in orders {
        let (_, fd) = power.iter().find(|(order, _)| *order == id).unwrap();
        let ready = poll::wait(&[(fd, Interest::Read)], Some(LIMIT)).unwrap();
        assert!(ready[0].any(), "nothing within {LIMIT:?}");
        last = power.done(id);
        assert!(last.is_some(), "it says that it is done");
    }
    last.unwrap()
}

fn switch(root: &Root, power: &mut Power, means: &PowerMeans, on: bool) -> Result<(), String> {
    let told = power.start(&root.paths, MODEM, means, on).unwrap_or_else(|| finish(power));
    let Input::PowerSwitched { modem, on: is_on, result } = told else {
        panic!("{told:?}");
    };
    assert_eq!((modem.as_str(), is_on), (MODEM, on));
    result
}

#[test]
fn consent_is_withdrawn_and_given() {
    let root = Root::new("authorized");
    let file = root.put("bus/usb/devices/1-1.2/authorized", "1");
    let means = PowerMeans::Authorization { device: "1-1.2".to_owned() };
    let mut power = Power::default();
    switch(&root, &mut power, &means, false).unwrap();
    assert_eq!(read(&file), "0");
    switch(&root, &mut power, &means, true).unwrap();
    assert_eq!(read(&file), "1");
    fs::remove_file(&file).unwrap();
    let error = switch(&root, &mut power, &means, true).unwrap_err();
    assert!(error.contains("1-1.2/authorized"), "{error}");
}

#[test]
fn a_driver_that_blocks_keeps_nobody_waiting() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let root = Root::new("blocks");
    let file = root.put("bus/usb/devices/1-1.2/authorized", "");
    fs::remove_file(&file).unwrap();
    mknodat(CWD, &file, FileType::Fifo, Mode::RWXU, 0).unwrap();
    let means = PowerMeans::Authorization { device: "1-1.2".to_owned() };
    let mut power = Power::default();
    assert!(power.start(&root.paths, MODEM, &means, false).is_none());
    let id = power.iter().next().unwrap().0;
    assert!(power.done(id).is_none(), "the pipe has no reader, so the write goes on");
    // A second order would overtake the first.
    let Some(Input::PowerSwitched { on: true, result: Err(error), .. }) =
        power.start(&root.paths, MODEM, &means, true)
    else {
        panic!("not refused");
    };
    assert!(error.contains("still"), "{error}");
    // Another modem is served meanwhile.
    let other = PowerMeans::Authorization { device: "1-3".to_owned() };
    assert!(power.start(&root.paths, "usb:1-3", &other, false).is_none());
    // Opened for both, so that this end does not wait either.
    let mut pipe = fs::File::options().read(true).write(true).open(&file).unwrap();
    let _ = finish(&mut power);
    let mut byte = [0];
    io::Read::read_exact(&mut pipe, &mut byte).unwrap();
    assert_eq!(byte, *b"0");
}

#[test]
fn a_port_of_a_hub_is_switched_and_with_it_the_other_half_of_its_socket() {
    let root = Root::new("port");
    let port = root.put("bus/usb/devices/1-1/1-1:1.0/1-1-port2/disable", "0");
    let means = PowerMeans::port_of("1-1.2").unwrap();
    let mut power = Power::default();
    switch(&root, &mut power, &means, false).unwrap();
    assert_eq!(read(&port), "1");
    let peer = root.put("bus/usb/devices/2-1/2-1:1.0/2-1-port2/disable", "0");
    let link = port.with_file_name("peer");
    std::os::unix::fs::symlink(peer.parent().unwrap(), link).unwrap();
    switch(&root, &mut power, &means, false).unwrap();
    assert_eq!((read(&port), read(&peer)), ("1".to_owned(), "1".to_owned()));
    switch(&root, &mut power, &means, true).unwrap();
    assert_eq!((read(&port), read(&peer)), ("0".to_owned(), "0".to_owned()));
}

#[test]
fn neither_a_root_hub_nor_what_is_no_device_is_touched() {
    let root = Root::new("root-hub");
    let port = root.put("bus/usb/devices/usb1/usb1:1.0/usb1-port1/disable", "0");
    let consent = root.put("bus/usb/devices/usb1/authorized", "1");
    let elsewhere = root.put("authorized", "1");
    let mut power = Power::default();
    for means in [
        PowerMeans::Port { hub: "usb1".to_owned(), port: 1 },
        PowerMeans::Authorization { device: "usb1".to_owned() },
        PowerMeans::Authorization { device: "../../..".to_owned() },
        PowerMeans::Authorization { device: String::new() },
    ] {
        let error = switch(&root, &mut power, &means, false).unwrap_err();
        assert!(error.contains("root hub"), "{error}");
    }
    assert_eq!(
        (read(&port), read(&consent), read(&elsewhere)),
        ("0".to_owned(), "1".to_owned(), "1".to_owned())
    );
}

#[test]
fn an_exported_line_is_inverted_and_then_what_it_was() {
    let root = Root::new("gpio");
    for (before, during) in [("0", "1"), ("1", "0")] {
        let file = root.put("class/gpio/usb_power/value", before);
        root.put("class/gpio/usb_power/direction", "out");
        let means = PowerMeans::Gpio { line: "usb_power".to_owned() };
        let mut power = Power::default();
        let error = switch(&root, &mut power, &means, true).unwrap_err();
        assert!(error.contains("was not switched off"), "{error}");
        assert_eq!(read(&file), before);
        // Twice is as good as once.
        for _ in 0..2 {
            switch(&root, &mut power, &means, false).unwrap();
            assert_eq!(read(&file), during);
        }
        switch(&root, &mut power, &means, true).unwrap();
        assert_eq!(read(&file), before);
    }
}

#[test]
fn a_line_is_switched_on_by_the_next_daemon_when_the_first_one_has_died() {
    let root = Root::new("gpio-died");
    let file = root.put("class/gpio/usb_power/value", "1");
    let means = PowerMeans::Gpio { line: "usb_power".to_owned() };
    switch(&root, &mut Power::default(), &means, false).unwrap();
    assert_eq!(read(&file), "0");
    let mut next = Power::default();
    switch(&root, &mut next, &means, true).unwrap();
    assert_eq!(read(&file), "1");
    let error = switch(&root, &mut next, &means, true).unwrap_err();
    assert!(error.contains("was not switched off"), "{error}");
}

#[test]
fn a_line_that_was_an_input_is_one_again() {
    let root = Root::new("gpio-input");
    root.put("class/gpio/gpio41/value", "1");
    let direction = root.put("class/gpio/gpio41/direction", "in");
    let means = PowerMeans::Gpio { line: "41".to_owned() };
    let mut power = Power::default();
    switch(&root, &mut power, &means, false).unwrap();
    // As a file it keeps what was longer before.
    assert_eq!(read(&direction), "low".to_owned());
    fs::write(&direction, "").unwrap();
    switch(&root, &mut power, &means, true).unwrap();
    assert_eq!(read(&direction), "in");
}

#[test]
fn a_line_that_cannot_be_given_back_is_tried_again() {
    let root = Root::new("gpio-fails");
    let file = root.put("class/gpio/modem/value", "1");
    let means = PowerMeans::Gpio { line: "modem".to_owned() };
    let mut power = Power::default();
    switch(&root, &mut power, &means, false).unwrap();
    fs::remove_file(&file).unwrap();
    switch(&root, &mut power, &means, true).unwrap_err();
    fs::write(&file, "0").unwrap();
    switch(&root, &mut power, &means, true).unwrap();
    assert_eq!(read(&file), "1");
}

#[test]
fn a_line_that_nobody_knows_is_refused() {
    let root = Root::new("gpio-unknown");
    root.put("value", "1");
    root.put("class/gpio/export", "");
    let mut power = Power::default();
    for (line, why) in [
        ("usb_power", "no such GPIO line"),
        ("export", "no such GPIO line"),
        ("7", "no such GPIO line"),
        ("", "not the name"),
        ("../..", "not the name"),
        ("a/b", "not the name"),
    ] {
        let means = PowerMeans::Gpio { line: line.to_owned() };
        let error = switch(&root, &mut power, &means, false).unwrap_err();
        assert!(error.contains(why), "{line}: {error}");
    }
}
