//! Basic Connect without its sessions: device, SIM, radio, networks, signal.

use super::buffer::{long, long_of, text};
use super::{BASIC_CONNECT, Buffer, Command, EXTENSIONS, Mbim, QMI, Reply, SMS, USSD, sms, status};
use crate::sim::config::{Config, Tunnel, UssdKind};
use crate::sim::qmi::Context;
use crate::sim::world::World;
use crate::sim::world::radio::{OperatingMode, Registration};
use crate::sim::world::uicc::{AppState, CardState, PinError, PinState};

pub(super) const SUBSCRIBER_READY_STATUS: u32 = 2;
pub(super) const RADIO_STATE: u32 = 3;
pub(super) const REGISTER_STATE: u32 = 9;
pub(super) const PACKET_SERVICE: u32 = 10;
pub(super) const SIGNAL_STATE: u32 = 11;
const SUBSCRIBE_LIST: u32 = 19;

/// Every command there is.
const CIDS: [u32; 16] = [1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 15, 16, 19, 20];

/// MBIM_DATA_CLASS: GPRS to LTE.
const GSM: u32 = 0b11;
const UMTS: u32 = 0b1_1100;
const LTE: u32 = 0b10_0000;

pub(super) fn handle(
    mbim: &mut Mbim,
    context: &mut Context<'_>,
    command: &Command<'_>,
) -> Option<Reply> {
    let world = &*context.world;
    let config = context.config;
    let reply = match (command.cid, command.set) {
        (1, false) => Reply::ok(device_caps(config)),
        (SUBSCRIBER_READY_STATUS, false) => Reply::ok(subscriber_ready(world)),
        (RADIO_STATE, set) => {
            if set {
                let on = long(command.info, 0) == Some(1);
                let mode = if on { OperatingMode::Online } else { OperatingMode::LowPower };
                context.world.set_mode(context.now, mode);
            }
            Reply::ok(radio_state(context.world))
        }
        (4, false) => pin_query(world),
        (4, true) => pin_set(context, command.info),
        (5, false) => pin_list(world),
        (6, false) => Reply::ok(provider(world, config, 0)),
        (8, false) => Reply::ok(Buffer::default().long(1).structure(provider(world, config, 1))),
        (REGISTER_STATE, set) => {
            if set {
                choose(context, command.info);
            }
            Reply::ok(mbim.register_state(context.world, config))
        }
        (PACKET_SERVICE, set) => {
            mbim.attached |= set && long(command.info, 0) == Some(0);
            let world = &*context.world;
            if set && !world.radio.is_registered() {
                return Some(Reply::failed(status::NOT_REGISTERED));
            }
            Reply::ok(mbim.packet_service(world, config))
        }
        (SIGNAL_STATE, _) => Reply::ok(mbim.signal_state(world)),
        (12, false) => mbim.connect_query(command),
        (12, true) => return mbim.connect_set(context, command),
        (13, false) => Reply::ok(contexts(config)),
        (15, false) => mbim.ip_configuration_query(world, config, command),
        (16, false) => Reply::ok(services(config)),
        (SUBSCRIBE_LIST, true) => subscribe(mbim, world, command.info),
        (20, false) => Reply::ok(statistics(world)),
        _ => Reply::failed(status::NO_DEVICE_SUPPORT),
    };
    Some(reply)
}

pub(super) fn device_caps(config: &Config) -> Buffer {
    let identity = &config.identity;
    // Embedded, GSM, no voice, removable SIM; SMS as PDU; networks by hand; eight sessions.
    Buffer::default()
        .longs(&[1, 1, 1, 2, GSM | UMTS | LTE, 3, 1, 8])
        .text("")
        .text(&identity.imei)
        .text(&identity.revision)
        .text(&identity.model)
}

pub(super) fn subscriber_ready(world: &World) -> Buffer {
    let uicc = &world.uicc;
    let state = match (uicc.card, uicc.app_state()) {
        (CardState::Absent, _) => 2,
        (CardState::Error, _) | (CardState::Present, AppState::Blocked) => 3,
        (CardState::Present, AppState::Detected) => 0,
        (CardState::Present, AppState::PinRequired | AppState::PukRequired) => 6,
        (CardState::Present, AppState::Ready) => 1,
    };
    let imsi = if uicc.is_ready() { uicc.imsi.as_str() } else { "" };
    let iccid = if uicc.is_present() { uicc.iccid.as_str() } else { "" };
    let head = Buffer::default().long(state).text(imsi).text(iccid);
    match uicc.number.as_str() {
        number if uicc.is_ready() && !number.is_empty() => head.longs(&[0, 1]).text(number),
        _ => head.longs(&[0, 0]),
    }
}

pub(super) fn radio_state(world: &World) -> Buffer {
    let on = u32::from(world.radio.mode == OperatingMode::Online);
    Buffer::default().longs(&[1, on])
}

/// Type, state and attempts left, of the PIN that is needed or else of PIN1.
fn pin_info(world: &World) -> Buffer {
    let uicc = &world.uicc;
    let (pin, puk) = (u32::from(uicc.pin_retries), u32::from(uicc.puk_retries));
    Buffer::default().longs(&match uicc.pin1 {
        PinState::EnabledNotVerified => [2, 1, pin],
        PinState::Blocked => [11, 1, puk],
        PinState::PermanentlyBlocked => [11, 1, 0],
        PinState::Disabled | PinState::EnabledVerified => [2, 0, pin],
    })
}

fn pin_query(world: &World) -> Reply {
    match world.uicc.card {
        CardState::Absent => Reply::failed(status::SIM_NOT_INSERTED),
        CardState::Error => Reply::failed(status::BAD_SIM),
        CardState::Present if world.uicc.ready_at.is_some() => {
            Reply::failed(status::NOT_INITIALIZED)
        }
        CardState::Present => Reply::ok(pin_info(world)),
    }
}

fn pin_set(context: &mut Context<'_>, info: &[u8]) -> Reply {
    let (kind, operation) = (long(info, 0), long(info, 4));
    let (Some(pin), Some(new)) = (text(info, 8), text(info, 16)) else {
        return Reply::failed(status::INVALID_PARAMETERS);
    };
    let uicc = &mut context.world.uicc;
    let result = match (kind, operation) {
        (Some(2), Some(0)) => uicc.verify(&pin),
        (Some(2), Some(1)) => uicc.protect(true, &pin),
        (Some(2), Some(2)) => uicc.protect(false, &pin),
        (Some(2), Some(3)) => uicc.change(&pin, &new),
        (Some(11), Some(0)) => uicc.unblock(&pin, &new),
        _ => Err(PinError::InvalidArgument),
    };
    context.world.uicc_changed(context.now);
    let status = match result {
        Ok(()) => status::SUCCESS,
        Err(PinError::IncorrectPin | PinError::Blocked) => status::FAILURE,
        Err(PinError::PermanentlyBlocked) => status::BAD_SIM,
        Err(PinError::NotReady) => status::NOT_INITIALIZED,
        Err(PinError::NoEffect) => status::PIN_DISABLED,
        Err(PinError::InvalidArgument) => status::INVALID_PARAMETERS,
    };
    Reply { status, info: pin_info(context.world).bytes() }
}

fn pin_list(world: &World) -> Reply {
    if !world.uicc.is_present() {
        return Reply::failed(status::SIM_NOT_INSERTED);
    }
    let mode = if world.uicc.pin1 == PinState::Disabled { 2 } else { 1 };
    // Four to eight digits; the other nine PINs are not there.
    let others = [0; 4 * 9];
    Reply::ok(Buffer::default().longs(&[mode, 1, 4, 8]).longs(&others))
}

fn plmn(config: &Config) -> String {
    let network = &config.network;
    let digits = usize::from(network.mnc_digits);
    format!("{:03}{:0digits$}", network.mcc, network.mnc)
}

/// The one network: MBIM_PROVIDER. `visible` is 1 in a list of those received.
fn provider(world: &World, config: &Config, visible: u32) -> Buffer {
    let registered = u32::from(world.radio.is_registered());
    let state = 1 | visible << 3 | registered << 4;
    Buffer::default().text(&plmn(config)).long(state).text(&config.network.name).longs(&[
        1,
        level(world),
        99,
    ])
}

/// Chooses a network and technologies, and looks for them.
fn choose(context: &mut Context<'_>, info: &[u8]) {
    let wanted = text(info, 0).unwrap_or_default();
    let manual = long(info, 8) == Some(1);
    let classes = long(info, 12).filter(|classes| *classes != 0).unwrap_or(u32::MAX);
    let radio = &mut context.world.radio;
    let number = |range| wanted.get(range).and_then(|digits: &str| digits.parse().ok());
    radio.manual_plmn = match (manual, number(0..3), number(3..wanted.len().max(3))) {
        (true, Some(mcc), Some(mnc)) => Some((mcc, mnc)),
        _ => None,
    };
    radio.mode_preference = [(GSM, 1 << 2), (UMTS, 1 << 3), (LTE, 1 << 4)]
        .iter()
        .filter(|(class, _)| classes & class != 0)
        .fold(0, |all, (_, bit)| all | bit);
    context.world.search_again(context.now);
}

impl Mbim {
    /// The packet domain is attached.
    pub(super) fn is_attached(&self, world: &World, config: &Config) -> bool {
        world.radio.is_registered() && (!config.attach_by_host || self.attached)
    }

    /// Packet service: reason, state, technology, speeds.
    pub(super) fn packet_service(&self, world: &World, config: &Config) -> Buffer {
        let attached = self.is_attached(world, config);
        let (state, class) = if attached { (2, LTE) } else { (4, 0) };
        let speeds = [50_000_000u64, 150_000_000].map(u64::to_le_bytes);
        let service = Buffer::default().longs(&[0, state, class]).raw(speeds.as_flattened());
        // MBIMEx 2.0: the range of frequencies, which is not known.
        if self.is_extended { service.long(0) } else { service }
    }

    /// Register state: reason, state, mode, technologies, GSM, and the network's names; with MBIMEx
    /// 2.0 the technologies preferred too.
    pub(super) fn register_state(&self, world: &World, config: &Config) -> Buffer {
        let (state, error) = match world.radio.registration {
            Registration::Idle => (1, 0),
            Registration::Searching => (2, 0),
            Registration::Home => (3, 0),
            Registration::Roaming => (4, 0),
            Registration::Denied(cause) => (6, u32::from(cause)),
        };
        let mode = if world.radio.manual_plmn.is_some() { 2 } else { 1 };
        let buffer = Buffer::default().long(error).longs(&[state, mode]);
        let buffer = if world.radio.is_registered() {
            let network = &config.network;
            buffer.longs(&[LTE, 1]).text(&plmn(config)).text(&network.name).text("").long(2)
        } else {
            buffer.longs(&[0, 1]).text("").text("").text("").long(2)
        };
        if self.is_extended { buffer.long(GSM | UMTS | LTE) } else { buffer }
    }

    /// Signal state: level, error rate, interval and thresholds; with MBIMEx 2.0 a list with power
    /// and noise of LTE, in steps from -157 dBm and from -23.5 dB.
    pub(super) fn signal_state(&self, world: &World) -> Buffer {
        let state = Buffer::default().longs(&[level(world), 99, 0, 0, 0]);
        if !self.is_extended {
            return state;
        }
        if !world.radio.is_registered() {
            return state.longs(&[0, 0]);
        }
        let signal = &world.radio.signal;
        let power = i32::from(signal.rsrp_dbm) + 157;
        let noise = i32::from(signal.snr_tenth_db) / 5 + 47;
        let steps = [power, noise].map(|step| u32::try_from(step).unwrap_or(0));
        state.structure(Buffer::default().long(1).longs(&steps).longs(&[0, 0, LTE]))
    }
}

/// The level of TS 27.007 8.5.
fn level(world: &World) -> u32 {
    if !world.radio.is_registered() {
        return 99;
    }
    let dbm = i32::from(world.radio.signal.rssi_dbm);
    u32::try_from((dbm + 113) / 2).unwrap_or(0).min(31)
}

fn contexts(config: &Config) -> Buffer {
    let apn = config.network.apns.first().map_or("internet", String::as_str);
    let element = Buffer::default().long(1).raw(&super::session::INTERNET);
    let element = element.text(apn).text("").text("").longs(&[0, 0]);
    Buffer::default().long(1).structure(element)
}

fn services(config: &Config) -> Buffer {
    let element = |service: &[u8; 16], cids: &[u32]| {
        let head = Buffer::default().raw(service).longs(&[0, 0, long_of(cids.len())]);
        head.longs(cids)
    };
    let mut elements = vec![element(&BASIC_CONNECT, &CIDS)];
    if config.extensions {
        elements.push(element(&EXTENSIONS, &[4, 5, 6, 7, 8, 10, 11, 15]));
    }
    if config.ussd != UssdKind::None {
        elements.push(element(&USSD, &[1]));
    }
    if config.messages {
        elements.push(element(&SMS, &sms::CIDS));
    }
    if config.tunnel != Tunnel::None {
        elements.push(element(&QMI, &[1]));
    }
    let list = Buffer::default().longs(&[long_of(elements.len()), 0]);
    elements.into_iter().fold(list, Buffer::structure)
}

/// Notes what may be told from now on, and says it back.
fn subscribe(mbim: &mut Mbim, world: &World, info: &[u8]) -> Reply {
    let mut list = Vec::new();
    for entry in 0..long(info, 0).unwrap_or(0).min(64) {
        let at = 4 + 8 * usize::try_from(entry).unwrap_or(0);
        let start = long(info, at).and_then(|start| usize::try_from(start).ok());
        let Some(element) = start.and_then(|start| info.get(start..)) else {
            return Reply::failed(status::INVALID_PARAMETERS);
        };
        let Some(service) = element.first_chunk::<16>() else {
            return Reply::failed(status::INVALID_PARAMETERS);
        };
        let count = long(element, 16).unwrap_or(0).min(64);
        let cids = (0..count).filter_map(|cid| long(element, 20 + 4 * usize::try_from(cid).ok()?));
        list.extend(cids.map(|cid| (*service, cid)));
        if count == 0 {
            list.push((*service, u32::MAX));
        }
    }
    if world.ussd.is_untold && list.iter().any(|(service, _)| *service == USSD) {
        return Reply::failed(status::FAILURE);
    }
    mbim.subscribed = Some(list);
    Reply { status: status::SUCCESS, info: info.to_vec() }
}

fn statistics(world: &World) -> Buffer {
    let counters = &world.network.counters;
    let wide = [
        counters.rx_bytes,
        u64::from(counters.rx_packets),
        counters.tx_bytes,
        u64::from(counters.tx_packets),
    ];
    let wide = wide.map(u64::to_le_bytes);
    Buffer::default().longs(&[0, 0]).raw(wide.as_flattened()).longs(&[0, counters.dropped])
}
