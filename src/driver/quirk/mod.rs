//! Facts about particular modems that no protocol tells: one table, made from `modems.tsv`.
//!
//! A modem that is not in it works by its class and by standard commands. Of rows that fit, the
//! narrowest counts: a product before others of its maker.

mod table;
mod warning;

pub use warning::Warning;

use table::{NAMES, PORTS, RESETS, ROWS};

/// How a modem is dialled over AT; `driver/dial/dialect.rs` has what that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is described where its commands are")]
pub enum Dial {
    Generic,
    Huawei,
    Quectel,
    QuectelUnisoc,
    Sierra,
    Simcom,
    SimcomAsr,
    Fibocom,
    Xmm,
    Mediatek,
    Zte,
    ZteEcm,
    Ublox,
    Telit,
    Cinterion,
    Meig,
    Asr1802,
}

/// How a modem is made something else on USB; `driver/usb_mode.rs` has what that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is described where its commands are")]
pub enum Switching {
    None,
    Quectel,
    QuectelUnisoc,
    QuectelAsr,
    FibocomLte,
    Fibocom5g,
    Telit,
    Sierra1,
    Sierra3,
}

/// How a modem's bands are chosen over AT; `driver/at_radio` has what that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Not known.
    None,
    /// Quectel's LTE modems: `+QCFG="band"`.
    QuectelMask,
    /// Quectel's 5G modems: `+QNWPREFCFG`.
    QuectelList,
    /// Sierra's MC and EM 73xx and 74xx: `!BAND`.
    Sierra,
    /// Huawei's: `^SYSCFGEX`.
    Huawei,
    /// SIMCom's LTE modems: `+CNBP`.
    SimcomMask,
    /// SIMCom's 5G modems: `+CSYSSEL`.
    SimcomList,
    /// Fibocom's: `+GTACT`.
    Gtact,
    /// Intel's: `+XACT`.
    Xact,
    /// Telit's LTE modems: `#BND`.
    Telit,
    /// Telit's 5G modems: `#BND` with masks for NR.
    Telit5g,
    /// Foxconn's 5G modems: `^BAND_PREF`.
    Foxconn,
}

/// What is known of the modems with one id, or with any of a range.
#[derive(Debug)]
struct Row {
    /// Vendor id, first and last product id.
    ids: [u16; 3],
    /// By their places in the lists of the table: what the model's name begins with, the USB
    /// interfaces that speak AT, those for PPP, the command that restarts it, and the interface
    /// that its satellite receiver's sentences come from.
    places: [u8; 5],
    dial: Dial,
    switching: Switching,
    lock: Lock,
    /// A bit for each [`Warning`].
    warnings: u32,
}

/// As the table is written.
const fn row(
    ids: [u16; 3],
    places: [u8; 5],
    dial: Dial,
    switching: Switching,
    lock: Lock,
    warnings: u32,
) -> Row {
    Row { ids, places, dial, switching, lock, warnings }
}

impl Row {
    /// Of a list of the table, what this row has there.
    fn pick<T: Copy>(&self, list: &[T], at: usize) -> Option<T> {
        let place = self.places.get(at)?;
        list.get(usize::from(*place)).copied()
    }

    fn name(&self) -> &'static str {
        self.pick(NAMES, 0).unwrap_or_default()
    }

    fn is_one_product(&self) -> bool {
        let [_, first, last] = self.ids;
        first == last
    }

    fn warns(&self, warning: Warning) -> bool {
        self.warnings & warning.bit() != 0
    }
}

/// The rows for an id, narrowest first, whatever the model.
fn rows(vid: u16, pid: u16) -> Vec<&'static Row> {
    let mut rows = Vec::new();
    for row in ROWS {
        let [of, first, last] = row.ids;
        if of == vid && (first..=last).contains(&pid) {
            rows.push(row);
        }
    }
    rows
}

/// The row for a modem. `model` is what it calls itself, which products that share an id are told
/// apart by.
fn find(vid: u16, pid: u16, model: &str) -> Option<&'static Row> {
    // seen: `SIMCOM_A7602E-H`, with the maker's name before it.
    let name = model.rsplit(['_', ' ']).next().unwrap_or(model);
    rows(vid, pid).into_iter().find(|row| name.starts_with(row.name()))
}

/// How a modem is dialled.
pub fn dial(vid: u16, pid: u16, model: &str) -> Dial {
    find(vid, pid, model).map_or(Dial::Generic, |row| row.dial)
}

/// How a modem is made something else on USB.
pub fn switching(vid: u16, pid: u16, model: &str) -> Switching {
    find(vid, pid, model).map_or(Switching::None, |row| row.switching)
}

/// How a modem's bands are chosen.
pub fn lock(vid: u16, pid: u16, model: &str) -> Lock {
    find(vid, pid, model).map_or(Lock::None, |row| row.lock)
}

/// The USB interface that a modem's satellite receiver tells NMEA 0183 over, where it is known.
pub fn nmea(vid: u16, pid: u16, model: &str) -> Option<u8> {
    find(vid, pid, model)?.pick(PORTS, 4)?.first().copied()
}

/// What people should know of a modem.
pub fn warnings(vid: u16, pid: u16, model: &str) -> impl Iterator<Item = Warning> {
    let row = find(vid, pid, model);
    Warning::ALL.into_iter().filter(move |warning| row.is_some_and(|row| row.warns(*warning)))
}

/// The order in which to try a modem's serial ports for AT: known interfaces first, then the rest
/// as they are numbered. The model is not known yet: all of those that share the id count.
pub fn at_order(vid: u16, pid: u16, interfaces: &[Option<u8>]) -> Vec<usize> {
    order(1, vid, pid, interfaces)
}

/// The order in which to try a modem's serial ports for PPP. Of those that are not known it is
/// mostly the first.
pub fn ppp_order(vid: u16, pid: u16, interfaces: &[Option<u8>]) -> Vec<usize> {
    order(2, vid, pid, interfaces)
}

fn order(at: usize, vid: u16, pid: u16, interfaces: &[Option<u8>]) -> Vec<usize> {
    // What is known of the product itself leaves nothing to what its maker mostly does.
    let rows = rows(vid, pid);
    let mut order = Vec::new();
    for row in &rows {
        if rows.first().is_some_and(|first| first.ids != row.ids) {
            break;
        }
        for known in row.pick(PORTS, at).unwrap_or_default() {
            for (i, interface) in interfaces.iter().enumerate() {
                if *interface == Some(*known) && !order.contains(&i) {
                    order.push(i);
                }
            }
        }
    }
    for i in 0..interfaces.len() {
        if !order.contains(&i) {
            order.push(i);
        }
    }
    order
}

/// The kernel drivers whose serial ports are all modems'.
const MODEM_PORT_DRIVERS: [&str; 3] = ["option", "qcserial", "sierra"];

/// Whether a serial port behind this kernel driver can only be a modem's. Asking anything else
/// could do harm: opening the port restarts some devices, and takes it from their users.
pub fn is_modem_port(driver: &str, vid: u16, pid: u16) -> bool {
    let rows = rows(vid, pid);
    if rows.iter().any(|row| row.warns(Warning::Receiver)) {
        return false;
    }
    let is_known = |row: &&Row| row.is_one_product() || row.warns(Warning::ModemsAlone);
    MODEM_PORT_DRIVERS.contains(&driver) || driver == "cdc_acm" && rows.iter().any(is_known)
}

/// What restarts a modem over AT, best first; the last is 3GPP's own, TS 27.007 8.2.
pub fn reset_commands(vid: u16, pid: u16, model: &str) -> Vec<&'static str> {
    let own = find(vid, pid, model).and_then(|row| row.pick(RESETS, 3)).unwrap_or_default();
    if own.is_empty() { vec!["+CFUN=1,1"] } else { vec![own, "+CFUN=1,1"] }
}

/// Whether a modem that is dialled over AT has a link that looks like Ethernet and is none: no
/// address there is answered for, and every frame is taken as a packet.
///
/// Sources: the handlers `xmm` and `fm350` of OpenWrt's feeds, which switch ARP off.
pub fn lacks_arp(vid: u16, pid: u16) -> bool {
    matches!(dial(vid, pid, ""), Dial::Xmm | Dial::Mediatek)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_so_that_the_narrowest_is_found_first() {
        let key = |row: &Row| {
            let [vid, first, last] = row.ids;
            (vid, last - first)
        };
        assert!(ROWS.is_sorted_by_key(key));
        assert!(ROWS.iter().all(|row| row.ids[1] <= row.ids[2]));
    }

    #[test]
    fn places_are_in_their_lists() {
        for row in ROWS {
            assert!(row.pick(NAMES, 0).is_some() && row.pick(RESETS, 3).is_some(), "{row:?}");
            assert!((1..3).chain([4]).all(|at| row.pick(PORTS, at).is_some()), "{row:?}");
        }
    }

    #[test]
    fn products_that_share_an_id_are_told_apart_by_model() {
        assert_eq!(dial(0x1e0e, 0x9011, "A7602E-H"), Dial::SimcomAsr);
        assert_eq!(dial(0x1e0e, 0x9011, "SIMCOM_SIM8200EA-M2"), Dial::Simcom);
        assert_eq!(dial(0x05c6, 0x9215, "EC20"), Dial::Quectel);
        assert_eq!(dial(0x05c6, 0x9215, "Gobi 2000"), Dial::Generic);
        assert_eq!(dial(0x2c7c, 0x0900, "RM500U-CN"), Dial::QuectelUnisoc);
        assert_eq!(dial(0x2c7c, 0x0125, "EC25"), Dial::Quectel);
        assert_eq!(dial(0xffff, 0, ""), Dial::Generic);
        assert_eq!(switching(0x05c6, 0x9215, "EC20"), Switching::Quectel);
        assert_eq!(switching(0x05c6, 0x9215, ""), Switching::None);
        assert_eq!(switching(0x2cb7, 0x0104, "FM150-AE"), Switching::Fibocom5g);
        assert_eq!(switching(0x2cb7, 0x0104, "FM190W"), Switching::None);
    }

    #[test]
    fn a_product_counts_before_what_its_maker_mostly_does() {
        let interfaces = [Some(2), Some(3), Some(5)];
        assert_eq!(at_order(0x2c7c, 0x0128, &interfaces), [2, 0, 1]);
        assert_eq!(at_order(0x2c7c, 0x4444, &interfaces), [0, 1, 2]);
        assert_eq!(at_order(0xffff, 0x0001, &interfaces), [0, 1, 2]);
        assert_eq!(ppp_order(0x2c7c, 0x4444, &interfaces), [1, 0, 2]);
        // The A7600 and the SIM8200 share an id.
        assert_eq!(at_order(0x1e0e, 0x9011, &[Some(1), Some(2), Some(4)]), [1, 2, 0]);
        assert_eq!(reset_commands(0x1e0e, 0x9001, ""), ["+CRESET", "+CFUN=1,1"]);
        assert_eq!(reset_commands(0x2c7c, 0x0125, ""), ["+CFUN=1,1"]);
        assert_eq!(nmea(0x2c7c, 0x0125, "EC25"), Some(1));
        assert_eq!(nmea(0x1bc7, 0x1071, "FN990"), Some(4));
        assert_eq!(nmea(0x2c7c, 0x6026, "EC200T"), None);
    }

    #[test]
    fn a_serial_port_that_may_be_something_else_is_left_alone() {
        assert!(is_modem_port("option", 0x0000, 0x0001));
        assert!(!is_modem_port("cdc_acm", 0x2341, 0x0043));
        assert!(is_modem_port("cdc_acm", 0x1546, 0x1102));
        assert!(!is_modem_port("cdc_acm", 0x1546, 0x01a8));
        // Known by its own id, although its maker makes other things too.
        assert!(is_modem_port("cdc_acm", 0x8087, 0x095a));
        assert!(!is_modem_port("cdc_acm", 0x8087, 0x0001));
    }
}
