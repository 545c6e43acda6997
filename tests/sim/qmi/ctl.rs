//! CTL: version information, client ids, sync.

use super::tlv::{Request, byte, find};
use super::{
    CTL, Client, Context, DMS, NAS, Qmi, Reply, UIM, VOICE, WDA, WDS, WMS, dms, error, nas, wds,
};
use crate::sim::config::{Config, Uim, UssdKind};
use crate::sim::world::network::Family;

const SET_INSTANCE_ID: u16 = 0x20;
const GET_VERSION_INFO: u16 = 0x21;
const ALLOCATE_CID: u16 = 0x22;
const RELEASE_CID: u16 = 0x23;
const SET_DATA_FORMAT: u16 = 0x26;
pub(super) const SYNC: u16 = 0x27;

/// Services with their versions; the order and the numbers are an EC25's.
const SERVICES: [(u8, u16, u16); 8] = [
    (CTL, 1, 5),
    (WDS, 1, 67),
    (DMS, 1, 14),
    (NAS, 1, 25),
    (WMS, 1, 10),
    (VOICE, 2, 1),
    (UIM, 1, 46),
    (WDA, 1, 16),
];

pub(super) fn handle(qmi: &mut Qmi, context: &mut Context<'_>, request: Request<'_>) -> Reply {
    match request.message {
        SET_INSTANCE_ID => Reply::ok().put(1, [0, 0]),
        GET_VERSION_INFO => version_info(context.config),
        ALLOCATE_CID => allocate(qmi, context, request.body),
        RELEASE_CID => release(qmi, context, request.body),
        SET_DATA_FORMAT => Reply::ok().put(0x10, [qmi.format.ctl_protocol(), 0]),
        SYNC => {
            for client in core::mem::take(&mut qmi.clients) {
                end_calls(qmi, context, &client);
            }
            Reply::ok()
        }
        _ => Reply::error(error::INVALID_QMI_COMMAND),
    }
}

fn version_info(config: &Config) -> Reply {
    let there: Vec<_> = SERVICES.iter().filter(|(service, ..)| has(config, *service)).collect();
    let mut list = vec![u8::try_from(there.len()).unwrap_or(0)];
    for (service, major, minor) in there {
        list.push(*service);
        list.extend(major.to_le_bytes());
        list.extend(minor.to_le_bytes());
    }
    Reply::ok().put(1, list)
}

/// What only some modems have.
fn has(config: &Config, service: u8) -> bool {
    match service {
        WMS => config.messages,
        VOICE => config.ussd != UssdKind::None,
        _ => true,
    }
}

fn allocate(qmi: &mut Qmi, context: &Context<'_>, body: &[u8]) -> Reply {
    let Some(service) = byte(body, 1) else { return Reply::error(error::MISSING_ARGUMENT) };
    let is_missing = match service {
        UIM => context.config.uim == Uim::Missing,
        _ => !has(context.config, service),
    };
    if service == CTL || is_missing || !SERVICES.iter().any(|known| known.0 == service) {
        return Reply::error(error::INVALID_SERVICE_TYPE);
    }
    let held = |id: u8| qmi.clients.iter().any(|c| (c.service, c.id) == (service, id));
    let count = qmi.clients.iter().filter(|client| client.service == service).count();
    if count >= context.config.client_ids_per_service {
        return Reply::error(error::CLIENT_IDS_EXHAUSTED);
    }
    // Ids are not given out again at once, so that a late message finds nobody.
    let last = qmi.last_id.get(&service).copied().unwrap_or(0);
    let candidates = (1..=254u8).map(|step| 1 + (u16::from(last) + u16::from(step) - 1) % 254);
    let Some(id) = candidates.filter_map(|id| u8::try_from(id).ok()).find(|id| !held(*id)) else {
        return Reply::error(error::CLIENT_IDS_EXHAUSTED);
    };
    qmi.last_id.insert(service, id);
    qmi.clients.push(Client {
        service,
        id,
        family: Family::V4,
        wants_ip_config: false,
        dms_reports: dms::Reports::default(),
        nas_reports: nas::Reports::default(),
        uim_events: 0,
        wants_messages: false,
        wants_ussd: false,
    });
    Reply::ok().put(1, [service, id])
}

fn release(qmi: &mut Qmi, context: &mut Context<'_>, body: &[u8]) -> Reply {
    let Some(&[service, id]) = find(body, 1) else { return Reply::error(error::MISSING_ARGUMENT) };
    let position = qmi.clients.iter().position(|c| (c.service, c.id) == (service, id));
    let Some(position) = position else { return Reply::error(error::INVALID_CLIENT_ID) };
    let client = qmi.clients.remove(position);
    end_calls(qmi, context, &client);
    Reply::ok().put(1, [service, id])
}

/// A WDS client that goes takes its calls with it.
fn end_calls(qmi: &mut Qmi, context: &mut Context<'_>, client: &Client) {
    if client.service == WDS {
        let ended = context.world.network.release(client.id, None);
        wds::ended_by_client(qmi, context.config, None, &ended);
    }
}
