//! What is plugged in and shows no net function: the owner has to do something first, or another
//! program has. It is shown as a modem that says what.

use super::discovery::{Device, Found, Protocol};
use crate::driver::Obstacle;

/// A USB device that none of the kernel's drivers for modems has taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Idle {
    /// The hardware.
    pub device: Device,
    /// Class, subclass and protocol of each of its interfaces.
    pub interfaces: Vec<[u8; 3]>,
}

/// USB mass storage, as a class.
const STORAGE: u8 = 8;
/// Pictures and files of a phone: MTP and PTP (Still Image 1.0).
const FILES: [u8; 3] = [6, 1, 1];
/// Android's debugging bridge.
const ADB: [u8; 3] = [0xff, 0x42, 1];
/// Net functions, as classes: CDC, and RNDIS in each of its two.
const COMMUNICATIONS: u8 = 2;
const WIRELESS: u8 = 0xe0;
const MISCELLANEOUS_RNDIS: [u8; 3] = [0xef, 4, 1];
const APPLE: u16 = 0x05ac;

/// Makers of little but modems: what of theirs is nothing but a disk holds the drivers for another
/// system, and is a modem once it is switched. Their disks are in the rules of usb-modeswitch-data
/// 2019-11-28, those of Huawei as a whole.
const MODEM_MAKERS: [u16; 22] = [
    0x0af0, // Option
    0x106c, // Pantech
    0x1199, // Sierra Wireless
    0x12d1, // Huawei
    0x1410, // Novatel
    0x16d5, // AnyDATA
    0x16d8, // CMOTECH
    0x19d2, // ZTE
    0x1a8d, // BandRich
    0x1bbb, // Alcatel
    0x1c9e, // Longcheer
    0x1da5, // Quanta
    0x1e0e, // SIMCom
    0x1ee8, // Onda
    0x1fac, // Franklin
    0x201e, // Haier
    0x2020, // BroadMobi
    0x20a6, // Intex
    0x22de, // WeTelecom
    0x230d, // Linktop
    0x257a, // Celot
    0x3566, // Huawei's Brovi
];

/// The same disks of makers of other things too.
const MODEM_DISKS: &[(u16, &[u16])] = &[
    // Quanta.
    (0x0408, &[0x1000, 0xea17, 0xea25, 0xea43, 0xf000, 0xf001]),
    // Samsung.
    (0x04e8, &[0x680c, 0x689a, 0xf000]),
    // Qualcomm's own, for others.
    (0x05c6, &[0x0010, 0x1000, 0x2000, 0x2001, 0x6503, 0x9024, 0x98ff, 0xf000]),
    // D-Link.
    (0x07d1, &[0xa800, 0xa804, 0xf000]),
    (
        0x2001,
        &[
            0x00a6, 0x00a7, 0x7600, 0x98ff, 0xa401, 0xa403, 0xa405, 0xa406, 0xa407, 0xa40a, 0xa40d,
            0xa706, 0xa707, 0xa708, 0xa805, 0xa809, 0xa80b, 0xab00, 0xac01,
        ],
    ),
    // MediaTek.
    (0x0e8d, &[0x0002, 0x2870, 0x7109]),
    // TP-Link.
    (0x2357, &[0x0200, 0x0600, 0xf000]),
];

/// Why a device is of no use as it is; `None` for what has nothing to do with modems.
fn obstacle(idle: &Idle) -> Option<Obstacle> {
    let Device { vid, pid, .. } = &idle.device;
    let has = |wanted: [u8; 3]| idle.interfaces.contains(&wanted);
    // Until something pairs with it, it shows nothing but its pictures.
    if *vid == APPLE {
        return has(FILES).then_some(Obstacle::NotPaired);
    }
    let is_disk =
        !idle.interfaces.is_empty() && idle.interfaces.iter().all(|[class, ..]| *class == STORAGE);
    if is_disk {
        let known = MODEM_DISKS.iter().any(|(maker, disks)| maker == vid && disks.contains(pid));
        let is_modem = MODEM_MAKERS.contains(vid) || known;
        return is_modem.then_some(Obstacle::StorageMode);
    }
    let is_net = |[class, ..]: &[u8; 3]| [COMMUNICATIONS, WIRELESS].contains(class);
    let has_net = idle.interfaces.iter().any(is_net) || has(MISCELLANEOUS_RNDIS);
    let is_phone = has(FILES) || has(ADB);
    // Of a net function the kernel is about to make a net device.
    (is_phone && !has_net).then_some(Obstacle::TetheringOff)
}

impl Idle {
    /// Whether it has to do with modems.
    pub fn is_of_interest(&self) -> bool {
        obstacle(self).is_some()
    }
}

/// What to show of a device, if it has to do with modems.
pub(super) fn found(idle: &Idle) -> Option<Found> {
    Some(Found {
        device: idle.device.clone(),
        protocol: Protocol::None,
        control: String::new(),
        net: None,
        driver: String::new(),
        raw_ip: None,
        mux: None,
        interface: None,
        max_control_transfer: None,
        serial: Vec::new(),
        obstacle: Some(obstacle(idle)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn obstacle_of(vid: u16, pid: u16, interfaces: &[[u8; 3]]) -> Option<Obstacle> {
        let device = Device { vid, pid, ..Device::default() };
        obstacle(&Idle { device, interfaces: interfaces.to_vec() })
    }

    #[test]
    fn a_disk_is_a_modem_if_it_is_of_one_who_makes_modems() {
        let disk = [8, 6, 0x50];
        for (vid, pid) in [(0x12d1, 0x1f01), (0x19d2, 0x1225), (0x2001, 0xa80b)] {
            assert_eq!(obstacle_of(vid, pid, &[disk]), Some(Obstacle::StorageMode));
        }
        // A memory stick; an interface beside the disk; no interface yet.
        assert_eq!(obstacle_of(0x0781, 0x5581, &[disk]), None);
        assert_eq!(obstacle_of(0x2001, 0x1234, &[disk]), None);
        assert_eq!(obstacle_of(0x12d1, 0x1506, &[disk, [0xff, 2, 1]]), None);
        assert_eq!(obstacle_of(0x12d1, 0x1f01, &[]), None);
    }

    #[test]
    fn a_phone_is_known_by_what_it_shows_and_an_iphone_by_its_maker() {
        assert_eq!(obstacle_of(0x18d1, 0x4ee2, &[FILES, ADB]), Some(Obstacle::TetheringOff));
        assert_eq!(obstacle_of(0x04e8, 0x6860, &[FILES]), Some(Obstacle::TetheringOff));
        assert_eq!(obstacle_of(0x18d1, 0x4ee4, &[[0xe0, 1, 3], [10, 0, 0], ADB]), None);
        assert_eq!(obstacle_of(APPLE, 0x12a8, &[FILES]), Some(Obstacle::NotPaired));
        // A keyboard of the same maker.
        assert_eq!(obstacle_of(APPLE, 0x024f, &[[3, 1, 1]]), None);
    }
}
