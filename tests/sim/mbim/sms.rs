//! The SMS service, in PDU mode. Places begin with 1.

use super::buffer::long;
use super::{Buffer, Command, Mbim, Reply, SMS, status};
use crate::sim::qmi::Context;
use crate::sim::world::World;
use crate::sim::world::messages::Stored;

/// Every command there is.
pub(super) const CIDS: [u32; 5] = [1, 2, 3, 4, 5];

const STORE_STATUS: u32 = 5;

/// A service centre's address, as modems put it before a message.
const CENTRE: [u8; 8] = [0x07, 0x91, 0x94, 0x71, 0x22, 0x72, 0x30, 0x33];

/// RP cause: congestion, TS 24.011 E.2.
const CONGESTION: u16 = 42;

/// MBIM_STATUS_BUSY, and that there is no such place.
const BUSY: u32 = 1;
const INVALID_MEMORY_INDEX: u32 = 30;

pub(super) fn handle(context: &mut Context<'_>, command: &Command<'_>) -> Reply {
    let is_ready = context.world.uicc.is_ready();
    let messages = &mut context.world.messages;
    let (first, second) = (long(command.info, 0), long(command.info, 4));
    let place = |index: u32| index.wrapping_sub(1);
    match (command.cid, command.set) {
        (1, false) => {
            let info = Buffer::default().longs(&[u32::from(is_ready), 0, 10, 0]);
            Reply::ok(info.text("+491722270333"))
        }
        (2, false) if first == Some(0) => {
            let index = long(command.info, 8).unwrap_or(0);
            let all: Vec<Stored> = match second {
                Some(1) => messages.read(0, place(index)).into_iter().collect(),
                _ => messages.stored.clone(),
            };
            if all.is_empty() && second == Some(1) {
                return Reply::failed(INVALID_MEMORY_INDEX);
            }
            let count = u32::try_from(all.len()).unwrap_or(0);
            Reply::ok(
                all.iter().fold(Buffer::default().longs(&[0, count]), |list, it| {
                    list.structure(record(it))
                }),
            )
        }
        (3, true) => {
            let length = long(command.info, 8).and_then(|length| usize::try_from(length).ok());
            let pdu = length.and_then(|length| command.info.get(12..)?.get(..length));
            let tpdu = pdu.and_then(|pdu| pdu.get(usize::from(*pdu.first()?) + 1..));
            match (second, tpdu) {
                (Some(8), Some(tpdu)) => match messages.send(context.now, tpdu.to_vec()) {
                    Ok(reference) => Reply::ok(Buffer::default().long(reference.into())),
                    Err(CONGESTION) => Reply::failed(BUSY),
                    Err(_) => Reply::failed(status::FAILURE),
                },
                _ => Reply::failed(status::INVALID_PARAMETERS),
            }
        }
        (4, true) => match (first, second) {
            (Some(1), Some(index)) if messages.delete(0, place(index)) => {
                Reply::ok(Buffer::default())
            }
            _ => Reply::failed(INVALID_MEMORY_INDEX),
        },
        (STORE_STATUS, false) => Reply::ok(Buffer::default().longs(&[0, 0])),
        _ => Reply::failed(status::NO_DEVICE_SUPPORT),
    }
}

fn record(stored: &Stored) -> Buffer {
    let head = Buffer::default().longs(&[stored.index + 1, u32::from(stored.is_read)]);
    if stored.tpdu == [0xFF] {
        // One that points beyond the end.
        return head.longs(&[0xFFFF_FFF0, 0x20]);
    }
    let pdu = [&CENTRE, stored.tpdu.as_slice()].concat();
    let length = u32::try_from(pdu.len()).unwrap_or(0);
    head.offset(pdu).long(length)
}

impl Mbim {
    /// Tells of a message that came; when the memory is full now, of that alone.
    pub(super) fn tell_message(&mut self, world: &World, index: u32) {
        let told = if world.messages.is_full() { [1, 0] } else { [2, index + 1] };
        self.indicate_of(SMS, STORE_STATUS, Buffer::default().longs(&told));
    }
}
