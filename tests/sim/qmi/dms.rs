//! DMS: identity, operating mode, and the PIN messages that UIM has since replaced.

use super::tlv::{Request, Tlvs, byte, find, split_text};
use super::uim::pin_error;
use super::{Client, Context, DMS, DeviceAct, Qmi, Reply, error};
use crate::sim::world::World;
use crate::sim::world::radio::OperatingMode;
use crate::sim::world::uicc::{CardState, PinError, PinState};

const EVENT_REPORT: u16 = 0x01;

/// Event reports a client asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reports {
    pin: bool,
    mode: bool,
    uim: bool,
}

pub(super) fn handle(qmi: &mut Qmi, context: &mut Context<'_>, request: Request<'_>) -> Reply {
    let identity = &context.config.identity;
    let uicc = &context.world.uicc;
    match request.message {
        0x00 => {
            if let Some(client) = qmi.client_mut(DMS, request.client) {
                client.dms_reports = Reports::default();
            }
            Reply::ok()
        }
        EVENT_REPORT => set_event_report(qmi, request),
        // 50 and 150 Mbit/s, simultaneous CS and PS, SIM supported: GSM, UMTS, LTE.
        0x20 => Reply::ok().put(1, capabilities()),
        0x21 => Reply::ok().put(1, &identity.manufacturer),
        0x22 => Reply::ok().put(1, &identity.model),
        0x23 => Reply::ok().put(1, &identity.revision),
        0x24 if context.world.uicc.number.is_empty() => Reply::error(error::NOT_PROVISIONED),
        0x24 => Reply::ok().put(1, &context.world.uicc.number),
        0x25 => Reply::ok().put(0x10, "0").put(0x11, &identity.imei).put(0x13, "63"),
        // External power, no battery.
        0x26 => Reply::ok().put(1, [0x09, 100]),
        0x27..=0x2b => pin(context, request),
        0x2c => Reply::ok().put(1, &identity.hardware_revision),
        0x2d => Reply::ok().put(1, [context.world.radio.mode.number()]).put(0x11, [0]),
        0x2e => set_operating_mode(qmi, context, request.body),
        0x31 => Reply::ok().put(1, [0, 0]),
        0x3c if uicc.is_present() => Reply::ok().put(1, &uicc.iccid),
        0x43 if uicc.is_ready() => Reply::ok().put(1, &uicc.imsi),
        0x3c | 0x43 => Reply::error(error::UIM_UNINITIALIZED),
        0x44 => Reply::ok().put(1, [uim_state(context.world)]),
        // EC25-E: LTE B1 B3 B5 B7 B8 B20, WCDMA B1 B5 B8, GSM 900 and 1800.
        0x45 => Reply::ok()
            .put(1, 0x0002_0000_0440_0380u64.to_le_bytes())
            .put(0x10, 0x01a0_0008_00d5_u64.to_le_bytes()),
        0x51 => Reply::ok().put(1, &identity.revision),
        _ => Reply::error(error::INVALID_QMI_COMMAND),
    }
}

fn capabilities() -> Vec<u8> {
    let mut info = 50_000_000u32.to_le_bytes().to_vec();
    info.extend(150_000_000u32.to_le_bytes());
    info.extend([3, 2, 3, 4, 5, 8]);
    info
}

fn set_event_report(qmi: &mut Qmi, request: Request<'_>) -> Reply {
    let flag = |kind| byte(request.body, kind).map(|value| value != 0);
    if let Some(client) = qmi.client_mut(DMS, request.client) {
        let reports = &mut client.dms_reports;
        reports.pin = flag(0x12).unwrap_or(reports.pin);
        reports.mode = flag(0x14).unwrap_or(reports.mode);
        reports.uim = flag(0x15).unwrap_or(reports.uim);
    }
    Reply::ok()
}

fn set_operating_mode(qmi: &mut Qmi, context: &mut Context<'_>, body: &[u8]) -> Reply {
    match byte(body, 1) {
        None => Reply::error(error::MISSING_ARGUMENT),
        // Firmware resets from offline only by the book; an EC25 does it from any mode.
        Some(4) => {
            qmi.device_act = Some(DeviceAct::Reset);
            Reply::ok()
        }
        Some(5) => {
            qmi.device_act = Some(DeviceAct::PowerOff);
            Reply::ok()
        }
        Some(number) => match OperatingMode::from_number(number) {
            Some(mode) => {
                context.world.set_mode(context.now, mode);
                Reply::ok()
            }
            None => Reply::error(error::INVALID_ARGUMENT),
        },
    }
}

/// Set protection, verify, unblock, change, and status of PIN1.
fn pin(context: &mut Context<'_>, request: Request<'_>) -> Reply {
    let uicc = &mut context.world.uicc;
    if request.message == 0x2b {
        if !uicc.is_present() {
            return Reply::error(error::UIM_UNINITIALIZED);
        }
        return Reply::ok().put(0x11, pin1_status(context.world)).put(0x12, [1, 3, 10]);
    }
    let Some([id, info @ ..]) = find(request.body, 1) else {
        return Reply::error(error::MISSING_ARGUMENT);
    };
    if *id != 1 {
        return Reply::error(error::INVALID_PIN_ID);
    }
    let (protect, codes) = match (request.message, info) {
        (0x27, [enabled, codes @ ..]) => (Some(*enabled != 0), codes),
        _ => (None, info),
    };
    let Some((first, rest)) = split_text(codes) else {
        return Reply::error(error::MALFORMED_MESSAGE);
    };
    let second = split_text(rest).map(|(text, _)| text);
    let result = match (request.message, protect, second) {
        (0x27, Some(enabled), _) => uicc.protect(enabled, &first),
        (0x28, _, _) => uicc.verify(&first),
        (0x29, _, Some(new)) => uicc.unblock(&first, &new),
        (0x2a, _, Some(new)) => uicc.change(&first, &new),
        _ => Err(PinError::InvalidArgument),
    };
    context.world.uicc_changed(context.now);
    let uicc = &context.world.uicc;
    let reply = Reply::status(result.map_err(pin_error));
    if reply.error == error::NONE {
        return reply;
    }
    reply.put(0x10, [uicc.pin_retries, uicc.puk_retries])
}

fn pin1_status(world: &World) -> [u8; 3] {
    let uicc = &world.uicc;
    let status = match uicc.pin1 {
        _ if uicc.ready_at.is_some() => 0,
        PinState::EnabledNotVerified => 1,
        PinState::EnabledVerified => 2,
        PinState::Disabled => 3,
        PinState::Blocked => 4,
        PinState::PermanentlyBlocked => 5,
    };
    [status, uicc.pin_retries, uicc.puk_retries]
}

fn uim_state(world: &World) -> u8 {
    match world.uicc.card {
        CardState::Absent => 2,
        CardState::Error => 1,
        CardState::Present if world.uicc.is_ready() => 0,
        CardState::Present if world.uicc.ready_at.is_some() => 0xff,
        CardState::Present => 1,
    }
}

/// Tells of the card and its PIN.
pub(super) fn indicate_uicc(qmi: &mut Qmi, world: &World) {
    let mut pin = Tlvs::default();
    pin.put(0x11, pin1_status(world));
    let mut state = Tlvs::default();
    state.put(0x15, [uim_state(world)]);
    qmi.indicate_to(DMS, EVENT_REPORT, &pin, |client: &Client| client.dms_reports.pin);
    qmi.indicate_to(DMS, EVENT_REPORT, &state, |client: &Client| client.dms_reports.uim);
}

/// Tells of the operating mode.
pub(super) fn indicate_mode(qmi: &mut Qmi, world: &World) {
    let mut mode = Tlvs::default();
    mode.put(0x14, [world.radio.mode.number()]);
    qmi.indicate_to(DMS, EVENT_REPORT, &mode, |client: &Client| client.dms_reports.mode);
}
