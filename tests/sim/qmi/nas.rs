//! NAS: registration, preferences and their indications. What it reports is in [`nas_status`].

use super::nas_status as status;
use super::tlv::{Request, Tlvs, byte, find, word};
use super::{Client, Context, NAS, Qmi, Reply, error};
use crate::sim::config::Config;
use crate::sim::world::World;
use crate::sim::world::air::Air;
use crate::sim::world::radio::OperatingMode;
use ltewan::types::Rat;

const EVENT_REPORT: u16 = 0x02;
const SERVING_SYSTEM: u16 = 0x24;
const SYSTEM_INFO: u16 = 0x4e;
const SIGNAL_INFO: u16 = 0x51;
const NETWORK_REJECT: u16 = 0x68;

/// Indications a client asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reports {
    serving_system: bool,
    system_info: bool,
    signal_info: bool,
    reject: bool,
    /// Set event report: registration reject reason.
    reject_event: bool,
}

pub(super) fn handle(qmi: &mut Qmi, context: &mut Context<'_>, request: Request<'_>) -> Reply {
    let (world, config) = (&*context.world, context.config);
    match request.message {
        0x00 => {
            if let Some(client) = qmi.client_mut(NAS, request.client) {
                client.nas_reports = Reports::default();
            }
            Reply::ok()
        }
        EVENT_REPORT => {
            if let Some(client) = qmi.client_mut(NAS, request.client) {
                let reports = &mut client.nas_reports;
                let reject = byte(request.body, 0x12).map(|value| value != 0);
                reports.reject_event = reject.unwrap_or(reports.reject_event);
            }
            Reply::ok()
        }
        0x01 => Reply::ok(),
        0x03 => register_indications(qmi, request),
        0x20 => status::signal_strength(world),
        0x21 => status::network_scan(world, config),
        0x22 => register(context, request.body),
        0x23 => attach(context, request.body),
        SERVING_SYSTEM => status::serving_system(world, config),
        0x25 => status::home_network(world, config),
        0x31 => status::rf_band(world),
        0x33 => set_preference(context, request.body),
        0x34 => status::preference(world),
        0x39 => status::operator_name(world, config),
        0x43 => status::cell_location(world, config),
        0x44 => status::plmn_name(config, request.body),
        0x4d => status::system_info_reply(world, config),
        0x4f => status::signal_info_reply(world),
        0x50 | 0x6c => Reply::ok(),
        0x7d => status::network_time(config, context.now),
        0x5a => status::chains(world),
        0xac => status::carriers(world),
        0x67 => {
            context.world.search_again(context.now);
            Reply::ok()
        }
        _ => Reply::error(error::INVALID_QMI_COMMAND),
    }
}

fn register_indications(qmi: &mut Qmi, request: Request<'_>) -> Reply {
    let flag = |kind| byte(request.body, kind).map(|value| value != 0);
    if let Some(client) = qmi.client_mut(NAS, request.client) {
        let reports = &mut client.nas_reports;
        reports.serving_system = flag(0x13).unwrap_or(reports.serving_system);
        reports.system_info = flag(0x18).unwrap_or(reports.system_info);
        reports.signal_info = flag(0x19).unwrap_or(reports.signal_info);
        reports.reject = flag(0x21).unwrap_or(reports.reject);
    }
    Reply::ok()
}

/// Initiate network register.
fn register(context: &mut Context<'_>, body: &[u8]) -> Reply {
    let radio = &mut context.world.radio;
    if radio.mode != OperatingMode::Online {
        return Reply::error(error::DEVICE_NOT_READY);
    }
    let wanted = match byte(body, 1) {
        Some(1) => None,
        Some(2) => match (word(body, 0x10, 0), word(body, 0x10, 2)) {
            (Some(mcc), Some(mnc)) => Some((mcc, mnc)),
            _ => return Reply::error(error::MISSING_ARGUMENT),
        },
        Some(_) => return Reply::error(error::INVALID_ARGUMENT),
        None => return Reply::error(error::MISSING_ARGUMENT),
    };
    if radio.manual_plmn == wanted && radio.is_registered() {
        return Reply::error(error::NO_EFFECT);
    }
    radio.manual_plmn = wanted;
    context.world.search_again(context.now);
    Reply::ok()
}

/// Attach to or detach from the packet domain; on LTE that is the whole network.
fn attach(context: &mut Context<'_>, body: &[u8]) -> Reply {
    let wanted = match byte(body, 0x10) {
        Some(1) => true,
        Some(2) => false,
        Some(_) => return Reply::error(error::INVALID_ARGUMENT),
        None => return Reply::error(error::MISSING_ARGUMENT),
    };
    let radio = &mut context.world.radio;
    if radio.attach_wanted == wanted {
        return Reply::error(error::NO_EFFECT);
    }
    radio.attach_wanted = wanted;
    context.world.settle(context.now);
    Reply::ok()
}

/// Set system selection preference.
fn set_preference(context: &mut Context<'_>, body: &[u8]) -> Reply {
    let radio = &mut context.world.radio;
    let before = (radio.mode_preference, radio.roaming_preference, radio.manual_plmn);
    if let Some(modes) = word(body, 0x11, 0) {
        radio.mode_preference = modes;
    }
    if let Some(roaming) = word(body, 0x14, 0) {
        radio.roaming_preference = roaming;
    }
    let mask = |kind| find(body, kind).and_then(|value| value.first_chunk::<8>());
    let mut is_new = false;
    if let Some(lte) = mask(0x15).or(mask(0x24)) {
        let bands = Air::of_mask(Rat::Lte, u64::from_le_bytes(*lte));
        is_new |= radio.air.choose(&[Rat::Lte], &bands);
    }
    if let Some(old) = mask(0x12) {
        let bands = status::old_bands(u64::from_le_bytes(*old));
        is_new |= radio.air.choose(&[Rat::Gsm, Rat::Umts], &bands);
    }
    match (byte(body, 0x16), word(body, 0x16, 1), word(body, 0x16, 3)) {
        (Some(0), ..) => radio.manual_plmn = None,
        (Some(1), Some(mcc), Some(mnc)) => radio.manual_plmn = Some((mcc, mnc)),
        _ => {}
    }
    if is_new || before != (radio.mode_preference, radio.roaming_preference, radio.manual_plmn) {
        context.world.search_again(context.now);
    }
    Reply::ok()
}

/// Tells of registration: serving system and system info, to those who asked.
pub(super) fn indicate_registration(qmi: &mut Qmi, world: &World, config: &Config) {
    let serving = status::serving_system_indication(world, config);
    qmi.indicate_to(NAS, SERVING_SYSTEM, &serving, |c: &Client| c.nas_reports.serving_system);
    let system = status::system_info_indication(world, config);
    qmi.indicate_to(NAS, SYSTEM_INFO, &system, |c: &Client| c.nas_reports.system_info);
}

/// Tells of new signal values.
pub(super) fn indicate_signal(qmi: &mut Qmi, world: &World) {
    if let Some(signal) = status::lte_signal(world) {
        let mut tlvs = Tlvs::default();
        tlvs.put(0x14, signal);
        qmi.indicate_to(NAS, SIGNAL_INFO, &tlvs, |c: &Client| c.nas_reports.signal_info);
    }
}

/// Tells that the network refused, with its cause.
pub(super) fn indicate_reject(qmi: &mut Qmi, config: &Config, cause: u8) {
    let mut tlvs = Tlvs::default();
    let network = &config.network;
    let mut plmn = network.mcc.to_le_bytes().to_vec();
    plmn.extend(network.mnc.to_le_bytes());
    plmn.push(u8::from(network.mnc_digits == 3));
    tlvs.put(1, [8]).put(2, [3]).put(3, [cause]).put(0x10, plmn);
    qmi.indicate_to(NAS, NETWORK_REJECT, &tlvs, |c: &Client| c.nas_reports.reject);
    let mut event = Tlvs::default();
    event.put(0x12, [3, cause, 0]);
    qmi.indicate_to(NAS, EVENT_REPORT, &event, |c: &Client| c.nas_reports.reject_event);
}
