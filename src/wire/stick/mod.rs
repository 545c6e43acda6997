//! What sticks that are routers of their own say over HTTP of the network they are in: Huawei's
//! HiLink documents and ZTE's goform. Neither is specified by its maker; the names and their
//! meaning are as the sticks' own pages use them.

pub mod goform;
pub mod hilink;
#[cfg(test)]
mod tests;

use crate::types::{Registration, Signal};

/// What a stick says. What it does not say is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// Where it is registered.
    pub registration: Registration,
    /// What it hears.
    pub signal: Signal,
}

/// The longest name of a network that is taken over.
const OPERATOR_CHARS_MAX: usize = 64;

/// A level in tenths of its unit, from a text such as `-95dBm`, `>=-51dBm` or `-7.0dB`; `None` when
/// there is none in it, or none between `from` and `to`, which are whole units: some firmware puts
/// 255 or -32768 for "not known".
fn level(text: &str, from: i16, to: i16) -> Option<i16> {
    let start = text.find(|c: char| c == '-' || c.is_ascii_digit())?;
    let text = text.get(start..)?;
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let whole_len = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    let whole: i16 = unsigned.get(..whole_len)?.parse().ok()?;
    let fraction =
        unsigned.get(whole_len..)?.strip_prefix('.').and_then(|rest| rest.chars().next());
    let tenth = fraction.and_then(|digit| digit.to_digit(10)).unwrap_or(0);
    let tenths = whole.checked_mul(10)?.checked_add(i16::try_from(tenth).ok()?)?;
    let tenths = if unsigned.len() < text.len() { -tenths } else { tenths };
    (from * 10..=to * 10).contains(&tenths).then_some(tenths)
}

/// The fields that levels are in: RSSI, RSRP, RSRQ, SINR and Ec/Io. Of several for one the first
/// that has it counts.
type Levels = [&'static [&'static str]; 5];

/// Where levels can be, in whole units. RSSI: TS 27.007 8.5 goes from -113 to -51; sticks say more
/// of both ends. RSRP: TS 36.133 9.1.4 with the extension and 38.133 10.1.6. RSRQ: TS 36.133 9.1.7
/// with its extension, and 38.133 10.1.11. SINR: TS 38.133 10.1.16.
const RANGES: [(i16, i16); 5] = [(-130, -10), (-156, -31), (-43, 20), (-23, 40), (-32, 0)];

/// Takes the levels out of these fields; those of whole units are rounded towards zero.
fn read_levels(signal: &mut Signal, fields: &Levels, get: &dyn Fn(&str) -> String) {
    let mut tenths = [None; 5];
    for (at, (from, to)) in RANGES.into_iter().enumerate() {
        for field in fields[at] {
            if tenths[at].is_none() {
                tenths[at] = level(&get(field), from, to);
            }
        }
    }
    let [rssi, rsrp, rsrq, sinr, ecio] = tenths;
    let whole = |tenths: Option<i16>| tenths.map(|tenths| tenths / 10);
    signal.rssi_dbm = whole(rssi);
    signal.rsrp_dbm = whole(rsrp);
    signal.rsrq_db = whole(rsrq);
    signal.sinr_tenth_db = sinr;
    signal.ecio_db = whole(ecio);
}

/// The name of a network.
fn operator(text: &str) -> Option<String> {
    let name: String = text.trim().chars().take(OPERATOR_CHARS_MAX).collect();
    (!name.is_empty()).then_some(name)
}
