//! NAS: what the modem reports of network, cell and signal.

use super::tlv::{Tlvs, counted, word};
use super::{Reply, error};
use crate::sim::config::Config;
use crate::sim::world::World;
use crate::sim::world::air::{Air, OTHERS};
use crate::sim::world::radio::{Coverage, Registration};
use ltewan::types::{Band, Rat};

/// QMI's number for LTE as a radio interface.
const LTE: u8 = 8;
/// The one cell there is.
const TAC: u16 = 0x5a21;
const CELL_ID: u32 = 0x01c0_3e0b;
const EARFCN: u16 = 1300;
const PHYSICAL_CELL_ID: u16 = 246;

/// MCC, MNC and name.
fn plmn(config: &Config) -> Vec<u8> {
    let mut bytes = plmn_numbers(config);
    bytes.extend(counted(&config.network.name));
    bytes
}

fn plmn_numbers(config: &Config) -> Vec<u8> {
    [config.network.mcc.to_le_bytes(), config.network.mnc.to_le_bytes()].concat()
}

fn plmn_with_digits(config: &Config) -> Vec<u8> {
    let mut bytes = plmn_numbers(config);
    bytes.push(u8::from(config.network.mnc_digits == 3));
    bytes
}

/// Registration state, CS and PS attach, network type, radio interfaces.
fn serving(world: &World) -> Vec<u8> {
    let attach = if world.radio.is_registered() { 1 } else { 2 };
    match world.radio.registration {
        Registration::Idle => vec![0, 2, 2, 0, 1, 0],
        Registration::Searching => vec![2, 2, 2, 0, 1, 0],
        Registration::Home | Registration::Roaming => vec![1, attach, attach, 2, 1, LTE],
        Registration::Denied(_) => vec![3, 2, 2, 2, 1, LTE],
    }
}

/// On is 0, off is 1.
fn roaming_indicator(world: &World) -> u8 {
    u8::from(world.radio.registration != Registration::Roaming)
}

/// Service status, capability, HDR status, HDR hybrid, forbidden.
fn detailed_status(world: &World) -> [u8; 5] {
    if world.radio.is_registered() { [2, 3, 0, 0, 0] } else { [service_status(world), 0, 0, 0, 0] }
}

/// Get network time: the time of UTC, its day of the week, its zone and where it was heard.
pub(super) fn network_time(config: &Config, now: ltewan::time::Instant) -> Reply {
    let Some([year, rest @ ..]) = config.network.time(now) else { return Reply::ok() };
    let mut bytes = year.to_le_bytes().to_vec();
    bytes.extend(rest.map(|part| u8::try_from(part).unwrap_or(0)));
    bytes.extend([0, 4, 0, LTE]);
    Reply::ok().put(0x11, bytes)
}

pub(super) fn serving_system(world: &World, config: &Config) -> Reply {
    let mut reply = Reply::ok().put(1, serving(world));
    if world.radio.is_registered() {
        reply = reply
            .put(0x10, [roaming_indicator(world)])
            .put(0x11, [1, 0x0b])
            .put(0x12, plmn(config))
            .put(0x15, [1, LTE, roaming_indicator(world)])
            .put(0x1c, 0xfffeu16.to_le_bytes())
            .put(0x1d, CELL_ID.to_le_bytes())
            .put(0x24, TAC.to_le_bytes())
            .put(0x27, plmn_with_digits(config));
    }
    reply.put(0x21, detailed_status(world))
}

/// The indication has the same facts under other numbers.
pub(super) fn serving_system_indication(world: &World, config: &Config) -> Tlvs {
    let mut tlvs = Tlvs::default();
    tlvs.put(1, serving(world));
    if world.radio.is_registered() {
        tlvs.put(0x10, [roaming_indicator(world)])
            .put(0x11, [1, 0x0b])
            .put(0x12, plmn(config))
            .put(0x15, [1, LTE, roaming_indicator(world)])
            .put(0x1d, 0xfffeu16.to_le_bytes())
            .put(0x1e, CELL_ID.to_le_bytes())
            .put(0x25, TAC.to_le_bytes())
            .put(0x29, plmn_with_digits(config));
    }
    tlvs.put(0x22, detailed_status(world));
    tlvs
}

/// None, limited or available.
fn service_status(world: &World) -> u8 {
    match world.radio.registration {
        Registration::Idle => 0,
        Registration::Searching if world.radio.coverage == Coverage::None => 0,
        Registration::Searching | Registration::Denied(_) => 1,
        Registration::Home | Registration::Roaming => 2,
    }
}

/// System info; reply and indication differ in the number of SIM reject info.
fn system_info(world: &World, config: &Config, sim_reject_info: u8) -> Tlvs {
    let mut tlvs = Tlvs::default();
    let status = service_status(world);
    tlvs.put(0x12, [0, 0, 0]).put(0x13, [0, 0, 0]).put(0x14, [status, status, 0]);
    let rejected = match world.radio.registration {
        Registration::Denied(cause) => Some(cause),
        Registration::Idle
        | Registration::Searching
        | Registration::Home
        | Registration::Roaming => None,
    };
    if status == 2 || rejected.is_some() {
        tlvs.put(0x19, lte_system_info(world, config, rejected)).put(0x1e, [0xff, 0xff]);
    }
    let sim = if world.uicc.is_ready() { 1u32 } else { 0 };
    tlvs.put(0x21, [1]).put(sim_reject_info, sim.to_le_bytes());
    tlvs
}

fn lte_system_info(world: &World, config: &Config, rejected: Option<u8>) -> Vec<u8> {
    let in_service = u8::from(world.radio.is_registered());
    let roaming = u8::from(world.radio.registration == Registration::Roaming);
    let mut info = vec![1, 3 * in_service, 1, 3, in_service, roaming, 1, 0];
    info.extend([0, 0xff, 0xff, 1]);
    info.extend(CELL_ID.to_le_bytes());
    info.extend([u8::from(rejected.is_some()), 3, rejected.unwrap_or(0)]);
    let (mcc, mnc) = (config.network.mcc, config.network.mnc);
    info.push(1);
    info.extend(format!("{mcc:03}").bytes());
    match config.network.mnc_digits {
        3 => info.extend(format!("{mnc:03}").bytes()),
        _ => info.extend(format!("{mnc:02}").bytes().chain([0xff])),
    }
    info.push(1);
    info.extend(TAC.to_le_bytes());
    info
}

pub(super) fn system_info_reply(world: &World, config: &Config) -> Reply {
    Reply { tlvs: system_info(world, config, 0x27), ..Reply::ok() }
}

pub(super) fn system_info_indication(world: &World, config: &Config) -> Tlvs {
    system_info(world, config, 0x28)
}

/// RSSI, RSRQ, RSRP and SNR; nothing when nothing is heard.
pub(super) fn lte_signal(world: &World) -> Option<Vec<u8>> {
    if service_status(world) == 0 {
        return None;
    }
    let signal = world.radio.signal;
    let mut bytes = signal.rssi_dbm.to_le_bytes().to_vec();
    bytes.extend(signal.rsrq_db.to_le_bytes());
    bytes.extend(signal.rsrp_dbm.to_le_bytes());
    bytes.extend(signal.snr_tenth_db.to_le_bytes());
    Some(bytes)
}

pub(super) fn signal_info_reply(world: &World) -> Reply {
    match lte_signal(world) {
        Some(signal) => Reply::ok().put(0x14, signal),
        None => Reply::error(error::INFORMATION_UNAVAILABLE),
    }
}

pub(super) fn signal_strength(world: &World) -> Reply {
    let signal = world.radio.signal;
    let [rssi] = signal.rssi_dbm.to_le_bytes();
    let [rsrq] = signal.rsrq_db.to_le_bytes();
    if service_status(world) == 0 {
        return Reply::ok().put(1, [0x83, 0]);
    }
    Reply::ok()
        .put(1, [rssi, LTE])
        .put(0x11, [1, 0, rssi.wrapping_neg(), LTE])
        .put(0x16, [rsrq, LTE])
        .put(0x17, signal.snr_tenth_db.to_le_bytes())
        .put(0x18, signal.rsrp_dbm.to_le_bytes())
}

pub(super) fn home_network(world: &World, config: &Config) -> Reply {
    if !world.uicc.is_ready() {
        return Reply::error(error::NOT_PROVISIONED);
    }
    Reply::ok().put(1, plmn(config)).put(0x12, [1, u8::from(config.network.mnc_digits == 3)])
}

pub(super) fn rf_band(world: &World) -> Reply {
    if service_status(world) == 0 {
        return Reply::error(error::INFORMATION_UNAVAILABLE);
    }
    // 122: E-UTRA operating band 3.
    let [low, high] = EARFCN.to_le_bytes();
    Reply::ok().put(1, [1, LTE, 122, 0, low, high]).put(0x11, [1, LTE, 122, 0, low, high, 0, 0])
}

pub(super) fn preference(world: &World) -> Reply {
    let radio = &world.radio;
    let mut reply = Reply::ok()
        .put(0x10, [0])
        .put(0x11, radio.mode_preference.to_le_bytes())
        .put(0x12, old_mask(&radio.air.bands).to_le_bytes())
        .put(0x14, radio.roaming_preference.to_le_bytes())
        .put(0x15, Air::mask(&radio.air.bands, Rat::Lte).to_le_bytes())
        .put(0x16, [u8::from(radio.manual_plmn.is_some())])
        .put(0x18, 2u32.to_le_bytes())
        .put(0x1c, [3, LTE, 5, 4]);
    if let Some((mcc, mnc)) = radio.manual_plmn {
        let mut manual = [mcc.to_le_bytes(), mnc.to_le_bytes()].concat();
        manual.push(0);
        reply = reply.put(0x1b, manual);
    }
    reply
}

pub(super) fn operator_name(world: &World, config: &Config) -> Reply {
    if !world.radio.is_registered() {
        return Reply::error(error::INFORMATION_UNAVAILABLE);
    }
    Reply::ok().put(0x13, &config.network.name)
}

/// The EC25-E's bits for GSM and UMTS.
const OLD: [(u8, Rat, u16); 6] = [
    (7, Rat::Gsm, 1800),
    (8, Rat::Gsm, 900),
    (9, Rat::Gsm, 900),
    (22, Rat::Umts, 1),
    (26, Rat::Umts, 5),
    (49, Rat::Umts, 8),
];

fn old_mask(bands: &[Band]) -> u64 {
    let is_set =
        |(_, rat, number): &&(u8, Rat, u16)| bands.contains(&Band { rat: *rat, number: *number });
    OLD.iter().filter(is_set).fold(0, |mask, (bit, ..)| mask | 1 << bit)
}

pub(super) fn old_bands(mask: u64) -> Vec<Band> {
    let set = OLD.iter().filter(|(bit, ..)| mask & 1 << bit != 0);
    set.map(|(_, rat, number)| Band { rat: *rat, number: *number }).collect()
}

/// The scan finds the network of the subscription, and others.
pub(super) fn network_scan(world: &World, config: &Config) -> Reply {
    if world.radio.coverage == Coverage::None {
        return Reply::ok().put(0x10, [0, 0]);
    }
    // Status bits: current serving or available, home or roaming, not forbidden, preferred.
    let serving = if world.radio.is_registered() { 0b01 } else { 0b10 };
    let home = if world.radio.coverage == Coverage::Home { 0b0100 } else { 0b1000 };
    let count = 1 + u8::try_from(OTHERS.len()).unwrap_or(0);
    let mut network = vec![count, 0];
    network.extend(plmn_numbers(config));
    network.push(serving | home | 0b0110_0000);
    network.extend(counted(&config.network.name));
    let mut rat = vec![count, 0];
    rat.extend(plmn_numbers(config));
    rat.push(LTE);
    for other in &OTHERS {
        let numbers = [other.mcc.to_le_bytes(), other.mnc.to_le_bytes()].concat();
        network.extend(&numbers);
        // Available, roaming, forbidden or not, not preferred.
        network.push(if other.is_forbidden { 0b1001_1010 } else { 0b1010_1010 });
        network.extend(counted(other.name));
        rat.extend(&numbers);
        rat.push(LTE);
    }
    Reply::ok().put(0x10, network).put(0x11, rat)
}

pub(super) fn plmn_name(config: &Config, body: &[u8]) -> Reply {
    let (mcc, mnc) = (word(body, 1, 0), word(body, 1, 2));
    if (mcc, mnc) != (Some(config.network.mcc), Some(config.network.mnc)) {
        return Reply::error(error::INFORMATION_UNAVAILABLE);
    }
    // Service provider name, short name, long name, each in 8-bit coding.
    let name = counted(&config.network.name);
    let mut value = vec![0, 0, 0, 0, 0];
    value.extend(&name);
    value.extend([0, 0, 0]);
    value.extend(&name);
    Reply::ok().put(0x10, value)
}

/// Serving LTE cell only.
pub(super) fn cell_location(world: &World, config: &Config) -> Reply {
    if service_status(world) == 0 {
        return Reply::error(error::INFORMATION_UNAVAILABLE);
    }
    let signal = world.radio.signal;
    let mut info = vec![u8::from(world.network.bearers.is_empty())];
    info.extend(plmn_bcd(config));
    info.extend(TAC.to_le_bytes());
    info.extend(CELL_ID.to_le_bytes());
    info.extend(EARFCN.to_le_bytes());
    info.extend(PHYSICAL_CELL_ID.to_le_bytes());
    info.extend([7, 62, 8, 62, 1]);
    info.extend(PHYSICAL_CELL_ID.to_le_bytes());
    info.extend((i16::from(signal.rsrq_db) * 10).to_le_bytes());
    info.extend((signal.rsrp_dbm * 10).to_le_bytes());
    info.extend((i16::from(signal.rssi_dbm) * 10).to_le_bytes());
    info.extend(28i16.to_le_bytes());
    Reply::ok().put(0x13, info)
}

/// MCC and MNC as TS 24.008 10.5.1.3 packs them.
fn plmn_bcd(config: &Config) -> [u8; 3] {
    let digit = |number: u16, place: u16| u8::try_from(number / place % 10).unwrap_or(0);
    let (mcc, mnc) = (config.network.mcc, config.network.mnc);
    let (first, second, third) = match config.network.mnc_digits {
        3 => (digit(mnc, 100), digit(mnc, 10), digit(mnc, 1)),
        _ => (digit(mnc, 10), digit(mnc, 1), 0xf),
    };
    [digit(mcc, 10) << 4 | digit(mcc, 100), third << 4 | digit(mcc, 1), second << 4 | first]
}

/// Two receive chains, the second one weaker.
pub(super) fn chains(world: &World) -> Reply {
    if service_status(world) == 0 {
        return Reply::error(error::INFORMATION_UNAVAILABLE);
    }
    let signal = world.radio.signal;
    let chain = |weaker: i32| {
        let mut info = vec![1];
        info.extend((i32::from(signal.rssi_dbm) * 10 - weaker).to_le_bytes());
        info.extend([0; 8]);
        info.extend((i32::from(signal.rsrp_dbm) * 10 - weaker).to_le_bytes());
        info.extend([0; 4]);
        info
    };
    Reply::ok().put(0x10, chain(0)).put(0x11, chain(40))
}

/// The serving cell with 20 MHz in band 3, and an activated one in band 20 with 10 MHz.
pub(super) fn carriers(world: &World) -> Reply {
    if service_status(world) == 0 {
        return Reply::error(error::INFORMATION_UNAVAILABLE);
    }
    let carrier = |pci: u16, earfcn: u16, width: u8, band: u16| {
        let mut info = [pci.to_le_bytes(), earfcn.to_le_bytes()].concat();
        info.extend([width, 0, 0, 0]);
        info.extend(band.to_le_bytes());
        info
    };
    let mut secondary = vec![1];
    secondary.extend(carrier(101, 6300, 3, 145));
    secondary.extend([2, 0, 0, 0, 1]);
    Reply::ok().put(0x13, carrier(PHYSICAL_CELL_ID, EARFCN, 5, 122)).put(0x15, secondary)
}
