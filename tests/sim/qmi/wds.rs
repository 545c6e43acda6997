//! WDS: start and stop of bearers, their state and settings.

use core::net::{Ipv4Addr, Ipv6Addr};

use ltewan::time::Instant;

use super::tlv::{Request, Tlvs, byte, long, text};
use super::wds_profile as profile;
use super::{Client, Context, Qmi, Reply, WDS, error};
use crate::sim::config::Config;
use crate::sim::world::World;
use crate::sim::world::network::{Bearer, EndReason, Family, Pending, StartResult};

const START_NETWORK: u16 = 0x20;
const PACKET_SERVICE_STATUS: u16 = 0x22;
const EXTENDED_IP_CONFIG: u16 = 0x8c;

pub(super) fn handle(
    qmi: &mut Qmi,
    context: &mut Context<'_>,
    request: Request<'_>,
) -> Option<Reply> {
    let family = qmi.client_mut(WDS, request.client).map_or(Family::V4, |client| client.family);
    let reply = match request.message {
        START_NETWORK => return start(qmi, context, request),
        0x00 | 0x01 | 0x89 => Reply::ok(),
        0xa2 => {
            qmi.mux_id = byte(request.body, 0x11);
            Reply::ok()
        }
        0x03 => {
            if let Some(client) = qmi.client_mut(WDS, request.client) {
                client.wants_ip_config = byte(request.body, 0x12).is_some_and(|on| on != 0);
            }
            Reply::ok()
        }
        0x21 => stop(qmi, context, request),
        PACKET_SERVICE_STATUS => {
            let up = context.world.network.bearer(family).is_some();
            Reply::ok().put(1, [if up { 2 } else { 1 }])
        }
        0x23 => channel_rates(context.world),
        0x24 => packet_statistics(context.world, request.body),
        0x27 => profile::create(qmi, request.body),
        0x28 => profile::modify(qmi, request.body),
        0x29 => profile::delete(qmi, request.body),
        0x2a => profile::list(qmi),
        0x2b => profile::settings(qmi, request.body),
        0x2c => profile::defaults(),
        0x2d => current_settings(qmi, context.world, family, request.body),
        0x34 => Reply::ok().put(1, [0]),
        // The network type is 3GPP, the radio LTE, while a call is up.
        0x37 => bearer_technology(context.world, vec![0x0b]),
        0x44 => bearer_technology(context.world, vec![2, 1 << 5, 0, 0, 0, 0, 0, 0, 0]),
        0x49 => Reply::ok().put(1, [1]),
        0x4d => set_ip_family(qmi, request),
        0x85 => lte_attach(context.world, context.config),
        _ => Reply::error(error::INVALID_QMI_COMMAND),
    };
    Some(reply)
}

fn set_ip_family(qmi: &mut Qmi, request: Request<'_>) -> Reply {
    let family = match byte(request.body, 1) {
        // Unspecified: the firmware's default, IPv4.
        Some(4 | 8) => Family::V4,
        Some(6) => Family::V6,
        Some(_) => return Reply::error(error::INVALID_IP_FAMILY),
        None => return Reply::error(error::MISSING_ARGUMENT),
    };
    if let Some(client) = qmi.client_mut(WDS, request.client) {
        client.family = family;
    }
    Reply::ok()
}

/// Start network: answered when the network has decided.
fn start(qmi: &mut Qmi, context: &mut Context<'_>, request: Request<'_>) -> Option<Reply> {
    let body = request.body;
    let family = match byte(body, 0x19) {
        Some(4) => Family::V4,
        Some(6) => Family::V6,
        Some(8) | None => qmi.client_mut(WDS, request.client)?.family,
        Some(_) => return Some(Reply::error(error::INVALID_IP_FAMILY)),
    };
    // What the message leaves out comes from the profile, number 1 unless it names one.
    let index = byte(body, 0x31).unwrap_or(1);
    let Some(profile_apn) = profile::apn(qmi, index) else {
        return Some(Reply::error(error::INVALID_PROFILE));
    };
    let apn = text(body, 0x14).unwrap_or(profile_apn);
    let network = &context.world.network;
    let starting = network.pending.iter().any(|pending| pending.client == request.client);
    let up = network.bearers.iter().any(|b| b.owners.iter().any(|o| o.client == request.client));
    if starting || up {
        return Some(Reply::error(error::NO_EFFECT));
    }
    if let Some(client) = qmi.client_mut(WDS, request.client) {
        client.family = family;
    }
    let &Request { client, transaction, .. } = &request;
    let pending = Pending { due: Instant::ZERO, client, transaction, family, apn };
    context.world.start_bearer(context.now, pending);
    None
}

fn stop(qmi: &mut Qmi, context: &mut Context<'_>, request: Request<'_>) -> Reply {
    let Some(handle) = long(request.body, 1) else {
        return Reply::error(error::MISSING_ARGUMENT);
    };
    let network = &mut context.world.network;
    // The global handle stands for whatever the client has.
    let handle = (handle != u32::MAX).then_some(handle);
    if handle.is_some_and(|handle| network.owned(request.client, handle).is_none()) {
        return Reply::error(error::INVALID_HANDLE);
    }
    let before = network.bearers.iter().flat_map(|b| &b.owners).count();
    let ended = network.release(request.client, handle);
    let after = network.bearers.iter().flat_map(|b| &b.owners).count();
    if before == after {
        return Reply::error(error::NO_EFFECT);
    }
    ended_by_client(qmi, context.config, Some(request.client), &ended);
    Reply::ok()
}

/// Tells of bearers that their last client gave up: to that client, if it is still there.
pub(super) fn ended_by_client(
    qmi: &mut Qmi,
    config: &Config,
    client: Option<u8>,
    ended: &[Family],
) {
    for family in ended {
        let tlvs = disconnected(*family, EndReason::CLIENT_END);
        let all = config.indicate_bearer_to_all;
        qmi.indicate_to(WDS, PACKET_SERVICE_STATUS, &tlvs, |c: &Client| {
            Some(c.id) == client || all && c.family == *family
        });
    }
}

fn disconnected(family: Family, reason: EndReason) -> Tlvs {
    let mut tlvs = Tlvs::default();
    tlvs.put(1, [1, 0])
        .put(0x10, reason.call_end.to_le_bytes())
        .put(0x11, verbose(reason))
        .put(0x12, [family.number()]);
    tlvs
}

fn verbose(reason: EndReason) -> Vec<u8> {
    [reason.kind.to_le_bytes(), reason.reason.to_le_bytes()].concat()
}

/// Answers a start network, and tells its client that the bearer is up.
pub(super) fn started(qmi: &mut Qmi, world: &World, config: &Config, result: &StartResult) {
    let reply = match result.result {
        Ok(handle) => Reply::ok().put(1, handle.to_le_bytes()),
        Err(reason) => Reply::error(error::CALL_FAILED)
            .put(0x10, reason.call_end.to_le_bytes())
            .put(0x11, verbose(reason)),
    };
    qmi.respond(WDS, result.client, result.transaction, START_NETWORK, &reply);
    if result.result.is_ok() {
        let mut tlvs = Tlvs::default();
        tlvs.put(1, [2, 0]).put(0x12, [result.family.number()]);
        let first = world.network.bearer(result.family).is_some_and(|b| b.owners.len() == 1);
        let all = config.indicate_bearer_to_all && first;
        qmi.indicate_to(WDS, PACKET_SERVICE_STATUS, &tlvs, |c: &Client| {
            c.id == result.client || all && c.family == result.family
        });
    }
}

/// Tells those who had the bearer that the network ended it.
pub(super) fn indicate_down(qmi: &mut Qmi, config: &Config, bearer: &Bearer, reason: EndReason) {
    let tlvs = disconnected(bearer.family, reason);
    let all = config.indicate_bearer_to_all;
    qmi.indicate_to(WDS, PACKET_SERVICE_STATUS, &tlvs, |c: &Client| {
        bearer.owners.iter().any(|o| o.client == c.id) || all && c.family == bearer.family
    });
}

/// Tells those who have the bearer that it must be configured anew.
pub(super) fn indicate_changed(qmi: &mut Qmi, world: &World, config: &Config, family: Family) {
    let owners = world.network.bearer(family).map(|b| b.owners.clone()).unwrap_or_default();
    let all = config.indicate_bearer_to_all;
    let concerned =
        |c: &Client| owners.iter().any(|owner| owner.client == c.id) || all && c.family == family;
    let mut status = Tlvs::default();
    status.put(1, [2, 1]).put(0x12, [family.number()]);
    qmi.indicate_to(WDS, PACKET_SERVICE_STATUS, &status, concerned);
    // What changed: DNS, address, gateway.
    let mut changed = Tlvs::default();
    changed.put(0x10, 0x310u32.to_le_bytes());
    qmi.indicate_to(WDS, EXTENDED_IP_CONFIG, &changed, |c: &Client| {
        c.wants_ip_config && concerned(c)
    });
}

/// Addresses are sent as numbers, hence backwards.
fn v4(address: Ipv4Addr) -> [u8; 4] {
    let mut octets = address.octets();
    octets.reverse();
    octets
}

/// An IPv6 address with its prefix length.
fn v6_prefix(address: Ipv6Addr) -> Vec<u8> {
    let mut bytes = address.octets().to_vec();
    bytes.push(64);
    bytes
}

/// Get current settings: what was asked for, or a modem's usual choice.
fn current_settings(qmi: &Qmi, world: &World, family: Family, body: &[u8]) -> Reply {
    let Some(bearer) = world.network.bearer(family) else {
        return Reply::error(error::OUT_OF_CALL);
    };
    let wanted = long(body, 0x10).unwrap_or(0x0000_a31d);
    let asked = |bit: u32| wanted & 1 << bit != 0;
    let mut reply = Reply::ok();
    if asked(1) {
        reply = reply.put(0x10, profile::name(qmi, 1));
    }
    if asked(2) {
        reply = reply.put(0x11, [if family == Family::V4 { 0 } else { 2 }]);
    }
    if asked(3) {
        reply = reply.put(0x14, &bearer.apn);
    }
    match family {
        Family::V4 => {
            let v = world.network.v4();
            if asked(4) {
                reply = reply.put(0x15, v4(v.dns[0])).put(0x16, v4(v.dns[1]));
            }
            if asked(8) {
                reply = reply.put(0x1e, v4(v.address));
            }
            if asked(9) {
                reply = reply.put(0x20, v4(v.gateway)).put(0x21, v4(v.mask));
            }
        }
        Family::V6 => {
            let v = world.network.v6();
            if asked(8) {
                reply = reply.put(0x25, v6_prefix(v.address));
            }
            if asked(9) {
                reply = reply.put(0x26, v6_prefix(v.gateway));
            }
            if asked(4) {
                reply = reply.put(0x27, v.dns[0].octets()).put(0x28, v.dns[1].octets());
            }
        }
    }
    if asked(0) {
        reply = reply.put(0x1f, [0, 1]);
    }
    if asked(13) {
        reply = reply.put(0x29, u32::from(world.network.mtu).to_le_bytes());
    }
    if asked(15) {
        reply = reply.put(0x2b, [family.number()]);
    }
    reply
}

fn bearer_technology(world: &World, value: Vec<u8>) -> Reply {
    if world.network.bearers.is_empty() {
        return Reply::error(error::OUT_OF_CALL);
    }
    Reply::ok().put(1, value)
}

fn channel_rates(world: &World) -> Reply {
    if world.network.bearers.is_empty() {
        return Reply::error(error::OUT_OF_CALL);
    }
    let rates = [50_000_000u32, 150_000_000, 50_000_000, 150_000_000];
    Reply::ok().put(1, rates.map(u32::to_le_bytes).concat())
}

/// Packets and bytes since the last boot, as far as the mask asks for them.
fn packet_statistics(world: &World, body: &[u8]) -> Reply {
    let Some(mask) = long(body, 1) else { return Reply::error(error::MISSING_ARGUMENT) };
    if world.network.bearers.is_empty() {
        return Reply::error(error::OUT_OF_CALL);
    }
    let counters = &world.network.counters;
    let longs = [counters.tx_packets, counters.rx_packets, 0, 0, 0, 0];
    let mut reply = Reply::ok();
    for (bit, (kind, value)) in (0x10..).zip(longs).enumerate() {
        if mask & 1 << bit != 0 {
            reply = reply.put(kind, value.to_le_bytes());
        }
    }
    if mask & 1 << 6 != 0 {
        reply = reply.put(0x19, counters.tx_bytes.to_le_bytes());
    }
    if mask & 1 << 7 != 0 {
        reply = reply.put(0x1a, counters.rx_bytes.to_le_bytes());
    }
    reply
}

/// The APN and family of the default bearer that LTE attach brought.
fn lte_attach(world: &World, config: &Config) -> Reply {
    if !world.radio.is_registered() {
        return Reply::error(error::INFORMATION_UNAVAILABLE);
    }
    let apn = config.network.apns.first().map_or("internet", String::as_str);
    Reply::ok().put(0x10, apn).put(0x11, [2]).put(0x12, [1])
}
