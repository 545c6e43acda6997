//! WMS: short messages that the modem stores and tells of.

use super::super::world::World;
use super::super::world::messages::Messages;
use super::tlv::{Request, Tlvs, byte, find, long};
use super::{Context, Qmi, Reply, WMS, error};
use ltewan::time::Instant;

const EVENT_REPORT: u16 = 0x01;

/// The message format of 3GPP.
const FORMAT: u8 = 6;

/// That of 3GPP2, which what has no TPDU is in.
const FORMAT_CDMA: u8 = 0;

/// A service centre's address, as modems put it before a message.
const CENTRE: [u8; 8] = [0x07, 0x91, 0x94, 0x71, 0x22, 0x72, 0x30, 0x33];

pub(super) fn handle(qmi: &mut Qmi, context: &mut Context<'_>, request: Request<'_>) -> Reply {
    if !context.world.uicc.is_ready() && request.message != EVENT_REPORT {
        return Reply::error(error::DEVICE_NOT_READY);
    }
    let messages = &mut context.world.messages;
    let place = || match find(request.body, 1) {
        Some(&[memory, a, b, c, d]) => Some((memory, u32::from_le_bytes([a, b, c, d]))),
        _ => None,
    };
    match request.message {
        EVENT_REPORT => {
            if let Some(client) = qmi.client_mut(WMS, request.client) {
                client.wants_messages = byte(request.body, 0x10) == Some(1);
            }
            Reply::ok()
        }
        0x20 => send(messages, context.now, find(request.body, 1)),
        0x22 => match place().and_then(|(memory, index)| messages.read(memory, index)) {
            Some(stored) => {
                let length = u16::try_from(CENTRE.len() + stored.tpdu.len()).unwrap_or(0);
                let format = if stored.tpdu.is_empty() { FORMAT_CDMA } else { FORMAT };
                let head = [u8::from(!stored.is_read), format];
                let message = [&head[..], &length.to_le_bytes(), &CENTRE, &stored.tpdu].concat();
                Reply::ok().put(1, message)
            }
            None => Reply::error(error::NO_ENTRY),
        },
        0x24 => match (byte(request.body, 1), long(request.body, 0x10)) {
            (Some(memory), Some(index)) if messages.delete(memory, index) => Reply::ok(),
            _ => Reply::error(error::NO_ENTRY),
        },
        0x31 => {
            let memory = byte(request.body, 1);
            let is_new = byte(request.body, 0x11) == Some(1);
            let listed = messages.stored.iter();
            let listed: Vec<_> =
                listed.filter(|it| Some(it.memory) == memory && it.is_read != is_new).collect();
            let mut list = u32::try_from(listed.len()).unwrap_or(0).to_le_bytes().to_vec();
            for stored in listed {
                list.extend(stored.index.to_le_bytes());
                list.push(u8::from(!stored.is_read));
            }
            Reply::ok().put(1, list)
        }
        0x32 => {
            // The memory for messages without a class.
            if let Some(memory) = find(request.body, 1).and_then(|routes| routes.last_chunk()) {
                let [_, _, memory, _] = *memory;
                messages.memory = memory;
            }
            Reply::ok()
        }
        0x37 => acknowledge(messages, find(request.body, 1)),
        _ => Reply::error(error::INVALID_QMI_COMMAND),
    }
}

fn send(messages: &mut Messages, now: Instant, raw: Option<&[u8]>) -> Reply {
    let Some([FORMAT, low, high, message @ ..]) = raw else {
        return Reply::error(error::MALFORMED_MESSAGE);
    };
    if usize::from(u16::from_le_bytes([*low, *high])) != message.len() {
        return Reply::error(error::MALFORMED_MESSAGE);
    }
    let centre = usize::from(*message.first().unwrap_or(&0)) + 1;
    match messages.send(now, message.get(centre..).unwrap_or_default().to_vec()) {
        Ok(reference) => Reply::ok().put(1, u16::from(reference).to_le_bytes()),
        Err(cause) => {
            let [low, high] = cause.to_le_bytes();
            Reply::error(error::WMS_CAUSE_CODE).put(0x12, [low, high, 0])
        }
    }
}

fn acknowledge(messages: &mut Messages, value: Option<&[u8]>) -> Reply {
    match value {
        Some(&[a, b, c, d, 1, 1]) if messages.acknowledge(u32::from_le_bytes([a, b, c, d])) => {
            Reply::ok()
        }
        _ => Reply::error(error::NO_ENTRY),
    }
}

/// Hands over a message that no memory holds, and wants it acknowledged.
pub(super) fn transfer(qmi: &mut Qmi, world: &World, transaction: u32) {
    let mut waiting = world.messages.direct.iter();
    let Some((_, tpdu, _)) = waiting.find(|(known, ..)| *known == transaction) else { return };
    let length = u16::try_from(CENTRE.len() + tpdu.len()).unwrap_or(0);
    let head = [&[0][..], &transaction.to_le_bytes(), &[FORMAT], &length.to_le_bytes()].concat();
    let mut tlvs = Tlvs::default();
    tlvs.put(0x11, [&head[..], &CENTRE, tpdu].concat());
    qmi.indicate_to(WMS, EVENT_REPORT, &tlvs, |client| client.wants_messages);
}

/// Tells of a message that came.
pub(super) fn indicate(qmi: &mut Qmi, memory: u8, index: u32) {
    let mut tlvs = Tlvs::default();
    let mut place = vec![memory];
    place.extend(index.to_le_bytes());
    tlvs.put(0x10, place);
    qmi.indicate_to(WMS, EVENT_REPORT, &tlvs, |client| client.wants_messages);
}
