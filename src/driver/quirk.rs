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
    let known = AT_INTERFACES
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
