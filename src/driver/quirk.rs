//! Facts about particular modems that no protocol tells.

/// The USB interfaces that speak AT, best first, for a product; `0` as product stands for every
/// product of the vendor. Sources: ModemManager's port type rules (`77-mm-*-port-types.rules`).
const AT_INTERFACES: &[(u16, u16, &[u8])] = &[
    // Quectel on Qualcomm: primary 2, secondary 3.
    (0x2c7c, 0, &[2, 3]),
    // Quectel's EC20 with Qualcomm's vendor id.
    (0x05c6, 0x9215, &[2, 3]),
    // Sierra Wireless MC/EM 73xx to 75xx.
    (0x1199, 0, &[3]),
    // Telit LE910 and FN980 families.
    (0x1bc7, 0, &[2, 3, 4, 5]),
    // SIMCom SIM7600 and SIM8200.
    (0x1e0e, 0x9001, &[2, 3]),
    // Fibocom on Qualcomm.
    (0x2cb7, 0, &[2, 1]),
];

/// The order in which to try a modem's serial ports for AT: known interfaces first, then the rest
/// as they are numbered.
pub fn at_order(vid: u16, pid: u16, interfaces: &[Option<u8>]) -> Vec<usize> {
    order(AT_INTERFACES, vid, pid, interfaces)
}

fn order(table: &[(u16, u16, &[u8])], vid: u16, pid: u16, interfaces: &[Option<u8>]) -> Vec<usize> {
    let known = table
        .iter()
        .find(|(v, p, _)| *v == vid && (*p == pid || *p == 0))
        .map_or(&[][..], |(_, _, known)| known);
    let rank = |interface: Option<u8>| {
        known.iter().position(|k| Some(*k) == interface).unwrap_or(known.len())
    };
    let mut order: Vec<_> = (0..interfaces.len()).collect();
    order.sort_by_key(|i| rank(interfaces.get(*i).copied().flatten()));
    order
}

/// The kernel drivers whose serial ports are all modems'.
const MODEM_PORT_DRIVERS: [&str; 3] = ["option", "qcserial", "sierra"];

/// Makers whose devices of the class CDC ACM are modems, from this product id on: below are
/// u-blox's receivers for satellite navigation. Sources: ModemManager's plugins (cinterion, ublox,
/// telit), the kernel's `cdc-acm.c`.
const ACM_MODEM_MAKERS: &[(u16, u16)] =
    &[(0x0681, 0), (0x12d1, 0), (0x1546, 0x1000), (0x1bc7, 0), (0x1e2d, 0)];

/// Whether a serial port behind this kernel driver can only be a modem's. Asking anything else
/// could do harm: opening the port restarts some devices, and takes it from their users.
pub fn is_modem_port(driver: &str, vid: u16, pid: u16) -> bool {
    let is_made_so = ACM_MODEM_MAKERS.iter().any(|(v, first)| *v == vid && pid >= *first);
    MODEM_PORT_DRIVERS.contains(&driver) || driver == "cdc_acm" && is_made_so
}

/// The USB interfaces over which PPP goes, best first, for a product; `0` as product stands for
/// every product of the vendor. Of others it is mostly the first. Sources: ModemManager's port type
/// rules (`ID_MM_PORT_TYPE_AT_PPP` in `77-mm-*-port-types.rules`).
const PPP_INTERFACES: &[(u16, u16, &[u8])] = &[
    (0x2c7c, 0, &[3, 2]),
    (0x05c6, 0x9215, &[3, 2]),
    (0x1199, 0, &[3]),
    (0x1e0e, 0x9001, &[3, 2]),
    (0x19d2, 0, &[3, 2, 1, 0]),
];

/// The order in which to try a modem's serial ports for PPP.
pub fn ppp_order(vid: u16, pid: u16, interfaces: &[Option<u8>]) -> Vec<usize> {
    order(PPP_INTERFACES, vid, pid, interfaces)
}

/// The commands that restart a modem, for a vendor: names of AT commands without parameters.
/// Sources: ModemManager's plugins (`modem_reset` of simtech, sierra, telit, huawei, fibocom, xmm,
/// ublox).
const RESET_COMMANDS: &[(u16, &str)] = &[
    // MediaTek's FM350.
    (0x0e8d, "+CFUN=15"),
    (0x1199, "!RESET"),
    (0x12d1, "^RESET"),
    // Fibocom's old id.
    (0x1508, "+CFUN=15"),
    (0x1546, "+CFUN=16"),
    (0x1bc7, "#REBOOT"),
    (0x1e0e, "+CRESET"),
    (0x2cb7, "+CFUN=15"),
    // Rolling Wireless.
    (0x33f8, "+CFUN=15"),
    // TD Tech.
    (0x3466, "^RESET"),
    // Intel, as Fibocom's L850 and L860.
    (0x8087, "+CFUN=15"),
];

/// What restarts a modem of a vendor over AT, best first; the last is 3GPP's own, TS 27.007 8.2.
pub fn reset_commands(vid: u16) -> Vec<&'static str> {
    let own = RESET_COMMANDS.iter().find(|(vendor, _)| *vendor == vid).map(|(_, name)| *name);
    own.into_iter().chain(["+CFUN=1,1"]).collect()
}

/// Vendors whose modems, dialled over AT, have a link that looks like Ethernet and is none: no
/// address there is answered for, and every frame is taken as a packet.
///
/// Sources: the handlers `xmm` and `fm350` of OpenWrt's feeds, which switch ARP off.
const WITHOUT_ARP: &[(u16, &str)] = &[(0x0e8d, "MediaTek"), (0x8087, "Intel")];

/// Whether nobody answers for addresses on the link of a vendor's modem that is dialled over AT.
pub fn lacks_arp(vid: u16) -> bool {
    WITHOUT_ARP.iter().any(|(known, _)| *known == vid)
}
